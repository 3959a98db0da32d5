//! Objects of the Kubernetes API as `kubectl` prints them, whatever the envelope. One kind, one file; kinds that Underlay does
//! not use are objects all the same. Keys are read in any case, numbers also from strings, and null is absence.

mod application_load_balancer;
mod endpoint_slice;
mod endpoints;
mod event;
mod gateway;
mod ingress;
pub(crate) mod kinds;
mod lease;
mod network_policy;
mod node;
mod node_network_config;
mod overlay_extension_config;
mod pod;
mod policy;
mod route;
mod service;
pub(crate) mod table;
mod workload;

use crate::distinct::distinct;
use crate::json::Json;
use ipnet::IpNet;
use std::net::IpAddr;
use underlay_model::inventory::{Condition, Fragment, Meta, ParentStatus, Reference};
use underlay_model::order::Order;
use underlay_model::time::Millis;

/// Events that are kept of one input.
pub(crate) const MOST_EVENTS: u64 = event::LIMIT as u64;

/// The kind of an object: its own, or by the list it stands in, or by its shape. `None` when it is no Kubernetes object.
pub(crate) fn kind_of(value: &Json<'_>, list_kind: &str) -> Option<String> {
    // An audit log calls each request an Event: of objects it tells nothing that lasts.
    if group_of(value) == "audit.k8s.io" {
        return None;
    }
    let own = value.get("kind").as_str().unwrap_or_default();
    let metadata = value.get("metadata");
    if !own.is_empty() {
        let known = value.get("apiVersion").as_str().is_some_and(|version| !version.is_empty());
        return (known || metadata.is_object()).then(|| own.to_owned());
    }
    if let Some(kind) = list_kind.strip_suffix("List").filter(|kind| !kind.is_empty())
        && (metadata.is_object() || value.get("metadata").is_null())
    {
        return Some(kind.to_owned());
    }
    metadata.get("name").as_str()?;
    let spec = value.get("spec");
    let has = |path: &[&str]| !value.at(path).is_null();
    let kind = if spec.get("containers").is_list() {
        "Pod"
    } else if has(&["status", "nodeInfo"]) || !spec.get("podCIDR").is_null() || !spec.get("providerID").is_null() {
        "Node"
    } else if spec.get("clusterIP").as_str().is_some() || (spec.get("ports").is_list() && !spec.get("type").is_null()) {
        "Service"
    } else if has(&["addressType"]) && has(&["endpoints"]) {
        "EndpointSlice"
    } else if has(&["involvedObject"]) || has(&["regarding"]) {
        "Event"
    } else if !spec.get("gatewayClassName").is_null() {
        "Gateway"
    } else if spec.get("parentRefs").is_list() {
        "HTTPRoute"
    } else if !spec.get("extensionIPRange").is_null() {
        "OverlayExtensionConfig"
    } else if has(&["status", "networkContainers"]) {
        "NodeNetworkConfig"
    } else if list_kind == "List" {
        "Object"
    } else {
        return None;
    };
    Some(kind.to_owned())
}

/// Whether the members of an envelope, or of an object that breaks off, are Kubernetes'.
pub(crate) fn is_envelope(members: &Json<'_>) -> bool {
    let text = |key: &str| members.get(key).as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text("apiVersion"), text("kind"));
    // ARM writes `apiVersion` as a date.
    let versioned = !version.is_empty() && !version.starts_with(|first: char| first.is_ascii_digit());
    versioned || (!kind.is_empty() && members.get("metadata").is_object()) || kind_of(members, "").is_some()
}

/// Puts what Underlay uses of an object into the fragment; false when it uses nothing of it: of its kind, or for want of a name.
pub(crate) fn read(value: &Json<'_>, kind: &str, fragment: &mut Fragment) -> bool {
    if value.at(&["metadata", "name"]).as_str().is_none_or(str::is_empty) || !is_of_its_group(value, kind) {
        return false;
    }
    match kind {
        "Node" => fragment.nodes.push(node::read(value)),
        "Pod" => fragment.pods.push(pod::read(value)),
        "Service" => fragment.services.push(service::read(value)),
        "EndpointSlice" => fragment.endpoint_slices.push(endpoint_slice::read(value)),
        "Gateway" => fragment.gateways.push(gateway::read(value)),
        "HTTPRoute" | "GRPCRoute" => fragment.routes.push(route::read(value, kind)),
        "Event" => event::read(value, fragment),
        "OverlayExtensionConfig" => fragment.overlay_extension_configs.push(overlay_extension_config::read(value)),
        "NodeNetworkConfig" => fragment.node_network_configs.push(node_network_config::read(value)),
        "ApplicationLoadBalancer" => {
            fragment.application_load_balancers.push(application_load_balancer::read(value));
        }
        "Endpoints" => fragment.endpoints.push(endpoints::read(value)),
        "Ingress" => fragment.ingresses.push(ingress::read(value)),
        "GatewayClass" => fragment.gateway_classes.push(gateway::class(value)),
        "ReferenceGrant" => fragment.reference_grants.push(gateway::grant(value)),
        "HealthCheckPolicy"
        | "BackendTLSPolicy"
        | "FrontendTLSPolicy"
        | "RoutePolicy"
        | "BackendLoadBalancingPolicy"
        | "WebApplicationFirewallPolicy"
        | "IngressExtension" => fragment.policies.push(policy::read(value, kind)),
        "NetworkPolicy" | "CiliumNetworkPolicy" | "CiliumClusterwideNetworkPolicy" => {
            fragment.network_policies.push(network_policy::read(value, kind));
        }
        "ReplicaSet" | "Deployment" | "StatefulSet" | "DaemonSet" | "Job" | "CronJob" | "ReplicationController" => {
            fragment.workloads.push(workload::read(value, kind));
        }
        "Lease" => fragment.leases.push(lease::read(value)),
        _ => return false,
    }
    true
}

/// Whether an object of a kind that is told of lacks its name. One that is still to be made has the beginning of it.
pub(crate) fn is_nameless(value: &Json<'_>, kind: &str) -> bool {
    let has = |key: &str| value.at(&["metadata", key]).as_str().is_some_and(|text| !text.is_empty());
    kinds::noun(kind) != "other object" && !has("name") && !has("generateName")
}

/// The first text of an object that stands where an address should, and is none, in words.
pub(crate) fn misaddressed(value: &Json<'_>, kind: &str) -> Option<String> {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let listed = |list: &'static str, key: &'static str| status.list(list).map(move |entry| entry.get(key));
    let mut texts: Vec<&Json<'_>> = match kind {
        "Pod" => [status.get("podIP"), status.get("hostIP")].into_iter().chain(listed("podIPs", "ip")).collect(),
        "Node" => status
            .list("addresses")
            .filter(|entry| entry.get("type").as_str().is_some_and(|kind| kind.ends_with("IP")))
            .map(|entry| entry.get("address"))
            .collect(),
        "Service" => vec![spec.get("clusterIP")],
        _ => Vec::new(),
    };
    texts.retain(|text| text.as_str().is_some_and(|text| !text.is_empty() && !text.eq_ignore_ascii_case("None")));
    let odd = texts.into_iter().find(|text| address(text).is_none())?.text();
    let odd: String = odd.chars().take(60).collect();
    Some([kind, " ", &meta(value).qualified(), ": ", &odd].concat())
}

/// Whether an object is of a group that its kind is meant in: Knative has a Service, Longhorn a Node, Istio a Gateway, Calico a NetworkPolicy.
fn is_of_its_group(value: &Json<'_>, kind: &str) -> bool {
    let groups: &[&str] = match kind {
        "Node" | "Pod" | "Service" | "Endpoints" => &[""],
        "Event" => &["", "events.k8s.io"],
        "Gateway" | "GatewayClass" | "HTTPRoute" | "GRPCRoute" | "ReferenceGrant" => &["gateway.networking.k8s.io"],
        "Ingress" | "NetworkPolicy" => &["networking.k8s.io", "extensions"],
        "BackendTLSPolicy" => &["alb.networking.azure.io", "gateway.networking.k8s.io"],
        "HealthCheckPolicy" | "RoutePolicy" => &["alb.networking.azure.io"],
        "NodeNetworkConfig" => &["acn.azure.com"],
        _ => return true,
    };
    groups.iter().any(|group| in_group(value, group))
}

/// Whether the object is of this API group (the core group is empty), as far as it says.
fn in_group(value: &Json<'_>, group: &str) -> bool {
    let version = value.get("apiVersion").as_str().filter(|version| !version.is_empty());
    version.is_none_or(|version| match version.split_once('/') {
        Some((named, _)) => named == group,
        None => group.is_empty(),
    })
}

/// The API group that the object says it is of; empty for the core group, or when it does not say.
fn group_of<'v>(value: &'v Json<'_>) -> &'v str {
    value.get("apiVersion").as_str().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

fn meta(value: &Json<'_>) -> Meta {
    let metadata = value.get("metadata");
    let annotations = named_texts(metadata.get("annotations"), "alb.networking.azure.io/");
    Meta {
        namespace: metadata.get("namespace").text(),
        name: metadata.get("name").text(),
        uid: metadata.get("uid").text(),
        resource_version: metadata.get("resourceVersion").number(),
        created_ms: metadata.get("creationTimestamp").time(),
        deleted_ms: metadata.get("deletionTimestamp").time(),
        labels: labels(metadata.get("labels")),
        annotations,
        from_table: false,
    }
}

/// The controlling owner of an object, or the first: (kind, name).
fn owner(value: &Json<'_>) -> Option<(String, String)> {
    let owners = || value.get("metadata").list("ownerReferences");
    let owner = owners().find(|owner| owner.get("controller").boolean() == Some(true)).or_else(|| owners().next())?;
    Some((owner.get("kind").text(), owner.get("name").text()))
}

/// Names and values of a map of strings, sorted by name, each once; of a repeated name the last.
fn labels(map: &Json<'_>) -> Vec<(String, String)> {
    named_texts(map, "")
}

/// Those of the names that begin so.
fn named_texts(map: &Json<'_>, beginning: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (key, value) in map.members_of().filter(|(key, _)| key.starts_with(beginning)) {
        match found.iter_mut().find(|(known, _)| known == key) {
            Some((_, known)) => *known = value.text(),
            None => found.push((key.to_owned(), value.text())),
        }
    }
    found.order_by(|a, b| a.0.cmp(&b.0));
    found
}

/// A reference, with the kind and namespace that hold where it names none.
fn reference(value: &Json<'_>, kind: &str, namespace: &str) -> Reference {
    let section = value.get("sectionName").text();
    let sections = texts(value.list("sectionNames"));
    Reference {
        group: value.get("group").text(),
        kind: value.get("kind").as_str().unwrap_or(kind).to_owned(),
        namespace: value.get("namespace").as_str().filter(|text| !text.is_empty()).unwrap_or(namespace).to_owned(),
        name: value.get("name").text(),
        section: if sections.is_empty() { section } else { sections.join(",") },
    }
}

/// `status.parents[]`.
fn parent_statuses(status: &Json<'_>, namespace: &str) -> Vec<ParentStatus> {
    let one = |entry: &Json<'_>| ParentStatus {
        parent: reference(entry.get("parentRef"), "Gateway", namespace),
        controller: entry.get("controllerName").text(),
        conditions: conditions(entry.get("conditions")),
    };
    status.list("parents").filter(|entry| entry.is_object()).map(one).collect()
}

/// The pod that an endpoint is, as (namespace, name).
fn pod_of(target: &Json<'_>, namespace: &str) -> Option<(String, String)> {
    (target.get("kind").as_str() == Some("Pod"))
        .then(|| (target.get("namespace").as_str().unwrap_or(namespace).to_owned(), target.get("name").text()))
}

/// Ports of a slice or subset: name, number, protocol.
fn slice_ports(value: &Json<'_>) -> Vec<(String, Option<u16>, String)> {
    let one = |port: &Json<'_>| {
        let protocol = port.get("protocol").as_str().unwrap_or("TCP").to_owned();
        (port.get("name").text(), port.get("port").port(), protocol)
    };
    value.list("ports").filter(|port| port.is_object()).map(one).collect()
}

/// All texts that are not empty.
fn texts<'v, 't: 'v>(values: impl Iterator<Item = &'v Json<'t>>) -> Vec<String> {
    values.filter_map(Json::as_str).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

fn conditions(list: &Json<'_>) -> Vec<Condition> {
    list.elements()
        .filter(|condition| condition.is_object())
        .map(|condition| Condition {
            kind: condition.get("type").text(),
            status: status_word(condition.get("status")),
            reason: condition.get("reason").text(),
            message: condition.get("message").text(),
            since_ms: since(condition),
        })
        .collect()
}

/// When a condition last changed. The ALB controller writes 1970 for "never".
fn since(condition: &Json<'_>) -> Option<Millis> {
    condition.get("lastTransitionTime").time().filter(|&time| time > 0)
}

/// `True`, `False` or `Unknown`, also when somebody's tool made a truth value of it.
fn status_word(status: &Json<'_>) -> String {
    match status {
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        other => other.text(),
    }
}

/// The condition Ready: its status and since when.
fn ready(status: &Json<'_>) -> (Option<bool>, Option<Millis>) {
    let condition = status.list("conditions").find(|condition| condition.get("type").as_str() == Some("Ready"));
    condition.map_or((None, None), |condition| {
        let word = status_word(condition.get("status"));
        // Unknown is how Kubernetes says that a node does not answer any more: not ready.
        (if word.is_empty() { None } else { Some(word.eq_ignore_ascii_case("true")) }, since(condition))
    })
}

/// An address as Kubernetes writes it.
fn address(value: &Json<'_>) -> Option<IpAddr> {
    underlay_model::address::parse_address(value.as_str()?.as_bytes())
}

/// A prefix; an address alone is the prefix of that address.
fn prefix(value: &Json<'_>) -> Option<IpNet> {
    let text = value.as_str()?.trim();
    let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(net.trunc())
}
