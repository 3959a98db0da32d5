//! Objects of the Kubernetes API as `kubectl` prints them, whatever the envelope. One kind, one file; kinds that Underlay does
//! not use are objects all the same. Keys are read in any case, numbers also from strings, and null is absence.

mod application_load_balancer;
mod endpoint_slice;
mod event;
mod gateway;
mod node;
mod node_network_config;
mod overlay_extension_config;
mod pod;
mod route;
mod service;

use crate::json::Json;
use ipnet::IpNet;
use std::net::IpAddr;
use underlay_model::inventory::{Condition, Fragment, Meta};
use underlay_model::time::Millis;

/// The kind of an object: its own, or by the list it stands in, or by its shape. `None` when it is no Kubernetes object.
pub(crate) fn kind_of(value: &Json<'_>, list_kind: &str) -> Option<String> {
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
    if value.at(&["metadata", "name"]).as_str().is_none_or(str::is_empty) {
        return false;
    }
    match kind {
        "Node" => fragment.nodes.push(node::read(value)),
        "Pod" => fragment.pods.push(pod::read(value)),
        // Knative, for one, has a Service, too.
        "Service" if in_group(value, "") => fragment.services.push(service::read(value)),
        "EndpointSlice" => fragment.endpoint_slices.push(endpoint_slice::read(value)),
        "Gateway" if in_group(value, "gateway.networking.k8s.io") => fragment.gateways.push(gateway::read(value)),
        "HTTPRoute" | "GRPCRoute" => fragment.routes.push(route::read(value, kind)),
        "Event" => fragment.events.push(event::read(value)),
        "OverlayExtensionConfig" => fragment.overlay_extension_configs.push(overlay_extension_config::read(value)),
        "NodeNetworkConfig" => fragment.node_network_configs.push(node_network_config::read(value)),
        "ApplicationLoadBalancer" => {
            fragment.application_load_balancers.push(application_load_balancer::read(value));
        }
        _ => return false,
    }
    true
}

/// Whether the object is of this API group (the core group is empty), as far as it says.
fn in_group(value: &Json<'_>, group: &str) -> bool {
    value.get("apiVersion").as_str().is_none_or(|version| match version.split_once('/') {
        Some((named, _)) => named == group,
        None => group.is_empty(),
    })
}

fn meta(value: &Json<'_>) -> Meta {
    let metadata = value.get("metadata");
    Meta {
        namespace: metadata.get("namespace").text(),
        name: metadata.get("name").text(),
        uid: metadata.get("uid").text(),
        resource_version: metadata.get("resourceVersion").number(),
        created_ms: metadata.get("creationTimestamp").time(),
        deleted_ms: metadata.get("deletionTimestamp").time(),
        labels: labels(metadata.get("labels")),
    }
}

/// Names and values of a map of strings, sorted by name, each once.
fn labels(map: &Json<'_>) -> Vec<(String, String)> {
    let sorted: std::collections::BTreeMap<&str, String> =
        map.members_of().map(|(key, value)| (key, value.text())).collect();
    sorted.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
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

/// Addresses, each once, in their order.
fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}

/// A prefix; an address alone is the prefix of that address.
fn prefix(value: &Json<'_>) -> Option<IpNet> {
    let text = value.as_str()?.trim();
    let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))?;
    Some(net.trunc())
}
