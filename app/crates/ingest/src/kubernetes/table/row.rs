//! A row of a pasted table as the object that it is: what it shows, and nothing that it does not.

use super::cells::Row;
use super::columns::Header;
use ipnet::IpNet;
use std::net::IpAddr;
use underlay_model::inventory::{
    Condition, Container, Endpoint, EndpointSlice, Event, Fragment, Gateway, Ingress, Lease, Meta, NetworkContainer,
    Node, NodeNetworkConfig, OverlayExtensionConfig, Pod, Route, Service, ServicePort, Workload,
};
use underlay_model::order::Order;

/// Puts the object of a row into the fragment and says what it is in the singular.
pub(super) fn read(header: &Header<'_>, row: &Row<'_>, asked_namespace: &str, fragment: &mut Fragment) -> &'static str {
    let shown = row.get("NAMESPACE");
    let column = if header.has("NAME") { "NAME" } else { "NODE" };
    let (prefix, name) = row.get(column).rsplit_once('/').unwrap_or(("", row.get(column)));
    let meta = Meta {
        namespace: if shown.is_empty() { asked_namespace } else { shown }.to_owned(),
        name: name.to_owned(),
        from_table: true,
        ..Meta::default()
    };
    // `kubectl get all` writes the kind before the name.
    object(header, row, prefix.split('.').next().unwrap_or_default(), meta, fragment)
}

/// The same of a row whose name is known; `kind` as `kubectl` writes it before a name, or empty.
pub(super) fn object(
    header: &Header<'_>,
    row: &Row<'_>,
    kind: &str,
    meta: Meta,
    fragment: &mut Fragment,
) -> &'static str {
    let has = |column: &str| header.has(column);
    let workloads = ["UP-TO-DATE", "DESIRED", "COMPLETIONS", "READY"];
    if has("OBJECT") && has("REASON") {
        fragment.events.push(event(row, meta));
        return "event";
    }
    if meta.name.is_empty() {
        return "other row";
    }
    // Columns that people choose themselves may be a name and an address, or a node, alone.
    let addressed = has("IP") && (has("NODE") || !is_node_name(&meta.name));
    if (has("READY") && has("RESTARTS")) || addressed || (has("NODE") && has("NAME") && !has("AGE")) {
        fragment.pods.push(pod(row, kind, meta));
        return "pod";
    }
    if has("ROLES") || has("INTERNAL-IP") || has("PODCIDR") || has("IP") {
        fragment.nodes.push(node(row, meta));
        return "node";
    }
    if has("CLUSTER-IP") {
        fragment.services.push(service(row, meta));
        return "service";
    }
    if has("ADDRESSTYPE") {
        fragment.endpoint_slices.push(slice(row, meta));
        return "endpoint slice";
    }
    if has("HOSTNAMES") {
        let grpc = kind == "grpcroute";
        let kind = if grpc { "GRPCRoute" } else { "HTTPRoute" }.to_owned();
        fragment.routes.push(Route { kind, hostnames: names(row.get("HOSTNAMES")), meta, ..Route::default() });
        return if grpc { "gRPC route" } else { "HTTP route" };
    }
    if has("CLASS") && has("ADDRESS") && !has("HOSTS") {
        fragment.gateways.push(gateway(row, meta));
        return "gateway";
    }
    if has("OVERLAYEXTENSIONCONFIG IP RANGE") {
        let range = row.all.iter().find_map(|cell| cell.parse::<IpNet>().ok()).map(|range| range.trunc());
        fragment.overlay_extension_configs.push(OverlayExtensionConfig { range, meta, ..Default::default() });
        return "OverlayExtensionConfig";
    }
    if has("NC TYPE") && has("SUBNET CIDR") {
        fragment.node_network_configs.push(node_network_config(row, meta));
        return "NodeNetworkConfig";
    }
    if has("ENDPOINTS") {
        fragment.endpoints.push(endpoints(row, meta));
    } else if has("HOLDER") {
        fragment.leases.push(Lease { holder: row.get("HOLDER").to_owned(), meta, ..Lease::default() });
        return "lease";
    } else if has("HOSTS") {
        fragment.ingresses.push(ingress(row, meta));
        return "Ingress";
    } else if workloads.iter().any(|column| has(column))
        && let Some(workload) = workload(header, row, kind, meta)
    {
        fragment.workloads.push(workload);
        return "workload";
    }
    "other row"
}

/// Whether a name is as AKS names nodes: `aks-pool-30661543-vmss000000`, and with Windows `akswin000000`. A pod of a deployment that is called so ends with
/// the hash of its template and five letters more.
fn is_node_name(name: &str) -> bool {
    // Kubernetes leaves out of such names what could make a word.
    let random = |part: &str| part.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte));
    let mut parts = name.rsplit('-');
    let (last, before) = (parts.next().unwrap_or_default(), parts.next());
    match before {
        Some(hash) => {
            let of_deployment = last.len() == 5 && random(last) && (8..=10).contains(&hash.len()) && random(hash);
            name.starts_with("aks-") && !of_deployment
        }
        None => {
            name.starts_with("aks")
                && name.len() > 9
                && name.get(name.len() - 6..).is_some_and(|end| end.starts_with("000"))
        }
    }
}

/// The addresses of a cell, with commas between.
fn addresses(text: &str) -> Vec<IpAddr> {
    // Of many the first are shown, and how many more there are.
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    parts.filter_map(|part| underlay_model::address::parse_address(part.as_bytes())).collect()
}

/// Texts of a cell, with commas between, also as a list in JSON.
fn names(text: &str) -> Vec<String> {
    text.split([',', '[', ']', '"', ' ']).filter(|part| !part.is_empty() && *part != "*").map(str::to_owned).collect()
}

fn number(text: &str) -> Option<u64> {
    text.split(' ').next()?.parse().ok()
}

/// `1/2`.
fn fraction(text: &str) -> Option<(u64, u64)> {
    let (part, whole) = text.split_once('/')?;
    Some((part.parse().ok()?, whole.parse().ok()?))
}

fn pod(row: &Row<'_>, kind: &str, mut meta: Meta) -> Pod {
    // Before a name that somebody put together stands its namespace.
    if meta.namespace.is_empty() && kind != "pod" {
        kind.clone_into(&mut meta.namespace);
    }
    let status = row.get("STATUS");
    // Where cells have slipped, an address is still an address.
    let mut held = addresses(row.get("IP"));
    if held.is_empty() {
        held = row.all.iter().skip(1).map(|cell| addresses(cell)).find(|found| !found.is_empty()).unwrap_or_default();
    }
    let shown = row.get("NODE");
    let slipped = || row.all.iter().skip(1).find(|cell| cell.starts_with("aks-")).copied().unwrap_or(shown);
    let node =
        if shown.starts_with("aks-") || addresses(shown).is_empty() && !shown.is_empty() { shown } else { slipped() };
    let ready = fraction(row.get("READY"));
    let over = matches!(status, "Completed" | "Error" | "Failed" | "Evicted" | "Succeeded");
    let waits = ["Init:", "ContainerCreating", "PodInitializing", "ErrImagePull", "ImagePullBackOff", "Pending"]
        .iter()
        .any(|word| status.starts_with(word));
    let plain = over || matches!(status, "Running" | "Unknown");
    let all_ready = ready.is_some_and(|(part, whole)| part == whole && whole > 0);
    Pod {
        node_name: node.to_owned(),
        addresses: held,
        phase: if plain {
            status
        } else if waits {
            "Pending"
        } else {
            "Running"
        }
        .to_owned(),
        reason: if plain || status == "Pending" { "" } else { status }.to_owned(),
        ready: ready.filter(|_| !over).map(|_| all_ready && status == "Running"),
        containers: vec![Container {
            restarts: number(row.get("RESTARTS")).unwrap_or(0),
            ready: ready.map(|_| all_ready),
            ..Container::default()
        }],
        from_table: true,
        meta,
        ..Pod::default()
    }
}

fn node(row: &Row<'_>, meta: Meta) -> Node {
    let status = row.get("STATUS");
    let mut internal = addresses(row.get("INTERNAL-IP"));
    if internal.is_empty() {
        internal =
            row.all.iter().skip(1).map(|cell| addresses(cell)).find(|found| !found.is_empty()).unwrap_or_default();
    }
    let mut external = addresses(row.get("EXTERNAL-IP"));
    external.retain(|address| !internal.contains(address));
    let words = || status.split(',');
    Node {
        internal_addresses: internal,
        external_addresses: external,
        ready: words().find_map(|word| match word {
            "Ready" => Some(true),
            "NotReady" | "Unknown" => Some(false),
            _ => None,
        }),
        version: row.get("VERSION").to_owned(),
        pod_cidrs: row.get("PODCIDR").split(',').filter_map(|range| range.parse().ok()).collect(),
        unschedulable: words().any(|word| word == "SchedulingDisabled"),
        system: ["OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"].map(|column| row.get(column).to_owned()),
        meta,
        ..Node::default()
    }
}

/// `80:31234/TCP,443/TCP`.
fn service_port(text: &str) -> Option<ServicePort> {
    let (ports, protocol) = text.trim().split_once('/').unwrap_or((text.trim(), "TCP"));
    let (port, node_port) = ports.split_once(':').unwrap_or((ports, "0"));
    Some(ServicePort {
        port: port.parse().ok()?,
        node_port: node_port.parse().unwrap_or(0),
        protocol: protocol.to_owned(),
        ..ServicePort::default()
    })
}

fn service(row: &Row<'_>, meta: Meta) -> Service {
    let (kind, external) = (row.get("TYPE"), row.get("EXTERNAL-IP"));
    let balanced = addresses(external);
    let mut selector: Vec<(String, String)> = row
        .get("SELECTOR")
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    selector.order();
    Service {
        kind: kind.to_owned(),
        cluster_addresses: addresses(row.get("CLUSTER-IP")),
        external_name: if kind == "ExternalName" { external } else { "" }.to_owned(),
        load_balancer_addresses: if kind == "LoadBalancer" { balanced } else { Vec::new() },
        ports: row.get("PORT(S)").split(',').filter_map(service_port).collect(),
        headless: row.get("CLUSTER-IP") == "None",
        selector,
        meta,
        ..Service::default()
    }
}

/// A slice's row tells neither readiness nor pods; its service is its name without the five letters at the end.
fn slice(row: &Row<'_>, meta: Meta) -> EndpointSlice {
    let service = meta.name.rsplit_once('-').map_or(meta.name.as_str(), |(service, _)| service).to_owned();
    EndpointSlice {
        service,
        endpoints: addresses(row.get("ENDPOINTS"))
            .into_iter()
            .map(|address| Endpoint { addresses: vec![address], ready: true, ..Endpoint::default() })
            .collect(),
        ports: names(row.get("PORTS"))
            .iter()
            .filter_map(|port| Some((String::new(), Some(port.parse().ok()?), "TCP".to_owned())))
            .collect(),
        address_type: row.get("ADDRESSTYPE").to_owned(),
        meta,
    }
}

/// `10.244.0.147:8080,[fd00::1]:8080 + 3 more...`: only ready ones are shown.
fn endpoints(row: &Row<'_>, meta: Meta) -> EndpointSlice {
    let mut slice = EndpointSlice { service: meta.name.clone(), meta, ..EndpointSlice::default() };
    for pair in row.get("ENDPOINTS").split([',', ' ']) {
        let Some((address, port)) = pair.rsplit_once(':') else { continue };
        for address in addresses(address.trim_matches(['[', ']'])) {
            slice.endpoints.push(Endpoint { addresses: vec![address], ready: true, ..Endpoint::default() });
        }
        let port = (String::new(), port.parse().ok(), "TCP".to_owned());
        if port.1.is_some() && !slice.ports.contains(&port) {
            slice.ports.push(port);
        }
    }
    slice
}

/// The columns of a NodeNetworkConfig say the range that its node's block is of, and not the block.
fn node_network_config(row: &Row<'_>, meta: Meta) -> NodeNetworkConfig {
    let kinds = ["overlay", "vnetblock", "vnet"];
    let kind = kinds.iter().find(|kind| row.all.contains(kind)).copied().unwrap_or_default();
    let space = row.all.iter().find_map(|cell| cell.parse::<IpNet>().ok());
    let container = NetworkContainer {
        kind: kind.to_owned(),
        address_spaces: space.map(|space| space.trunc()).into_iter().collect(),
        subnet_name: row.get("SUBNET").to_owned(),
        ..NetworkContainer::default()
    };
    NodeNetworkConfig { meta, containers: vec![container], ..NodeNetworkConfig::default() }
}

fn gateway(row: &Row<'_>, meta: Meta) -> Gateway {
    let programmed = row.get("PROGRAMMED");
    let told = Condition { kind: "Programmed".to_owned(), status: programmed.to_owned(), ..Condition::default() };
    Gateway {
        class: row.get("CLASS").to_owned(),
        addresses: names(row.get("ADDRESS")),
        conditions: if programmed.is_empty() { Vec::new() } else { vec![told] },
        meta,
        ..Gateway::default()
    }
}

fn ingress(row: &Row<'_>, meta: Meta) -> Ingress {
    Ingress {
        class: row.get("CLASS").to_owned(),
        hosts: names(row.get("HOSTS")),
        addresses: names(row.get("ADDRESS")),
        meta,
        ..Ingress::default()
    }
}

fn workload(header: &Header<'_>, row: &Row<'_>, kind: &str, meta: Meta) -> Option<Workload> {
    let has = |column: &str| header.has(column);
    let kind = match kind {
        "replicationcontroller" => "ReplicationController",
        _ if has("UP-TO-DATE") && has("DESIRED") => "DaemonSet",
        _ if has("UP-TO-DATE") => "Deployment",
        _ if has("COMPLETIONS") => "Job",
        _ if has("DESIRED") => "ReplicaSet",
        "statefulset" => "StatefulSet",
        _ if has("READY") && fraction(row.get("READY")).is_some() => "StatefulSet",
        _ => return None,
    };
    let both = fraction(row.get(if kind == "Job" { "COMPLETIONS" } else { "READY" }));
    let (ready, desired) = match both {
        Some((ready, desired)) => (Some(ready), Some(desired)),
        None => (number(row.get("READY")), number(row.get("DESIRED"))),
    };
    Some(Workload { kind: kind.to_owned(), desired, ready, meta, ..Workload::default() })
}

/// An event of a table has an age and no time.
fn event(row: &Row<'_>, meta: Meta) -> Event {
    let (kind, name) = row.get("OBJECT").split_once('/').unwrap_or(("", row.get("OBJECT")));
    let kind = match kind {
        "pod" => "Pod",
        "node" => "Node",
        "service" => "Service",
        "deployment" => "Deployment",
        "replicaset" => "ReplicaSet",
        "gateway" => "Gateway",
        "httproute" => "HTTPRoute",
        other => other,
    };
    // `5m (x12 over 2h)`, in a column of its own, or once.
    let repeated = row.get("LAST SEEN").split_once("(x").and_then(|(_, rest)| number(rest));
    let source = row.get("SOURCE").split(',').next().unwrap_or_default().trim();
    // Without its name a row is told from others by what it says.
    let named = if meta.name.is_empty() {
        [row.get("OBJECT"), row.get("REASON"), row.get("MESSAGE")].join(" ")
    } else {
        meta.name
    };
    Event {
        object_kind: kind.to_owned(),
        object_namespace: meta.namespace.clone(),
        object_name: name.to_owned(),
        object_field: row.get("SUBOBJECT").to_owned(),
        reason: row.get("REASON").to_owned(),
        message: row.get("MESSAGE").to_owned(),
        kind: row.get("TYPE").to_owned(),
        count: repeated.or(number(row.get("COUNT"))).unwrap_or(1).max(1),
        source: source.to_owned(),
        meta: Meta { name: named, ..meta },
        ..Event::default()
    }
}
