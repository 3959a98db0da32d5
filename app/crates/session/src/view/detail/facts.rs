//! Facts of a thing as label, value and source letter (F flow logs, K Kubernetes, H backend health, A application, Z Azure).

use super::super::World;
use super::super::places::{Subject, addresses, full_name, prefixes};
use std::collections::BTreeSet;
use underlay_model::health::BackendHealthStatus;
use underlay_model::inventory::{Condition, Pod, Probe, Service};
use underlay_model::time::{Millis, format_rfc3339, minute_of};
use underlay_model::view::{Entity, EntityKind};

type Fact = (String, String, char);

/// Values listed in one fact at most.
const LISTED: usize = 6;

/// The full name.
pub(super) fn title(world: World<'_>, entity: &Entity, subject: Option<Subject>) -> String {
    let inventory = world.resolver.inventory();
    match subject {
        Some(Subject::Subnet(at)) => {
            inventory.subnets.get(at as usize).map_or_else(|| entity.name.clone(), |subnet| full_name(subnet))
        }
        Some(Subject::GatewaySubnet(at)) => world
            .resolver
            .gateway_subnets()
            .get(at as usize)
            .and_then(|gateway| inventory.subnets.get(gateway.subnet? as usize))
            .map_or_else(|| entity.name.clone(), |subnet| full_name(subnet)),
        _ => entity.name.clone(),
    }
}

/// Facts in the order shown.
pub(super) fn facts(world: World<'_>, at: u32, entity: &Entity, subject: Option<Subject>) -> Vec<Fact> {
    let mut list = List::default();
    match subject {
        Some(Subject::Pod(pod)) => of_pod(world, pod, &mut list),
        Some(Subject::Node(node)) => of_node(world, at, node, &mut list),
        Some(Subject::Service(service)) => of_service(world, service, &mut list),
        Some(Subject::Route(route)) => of_route(world, route, &mut list),
        Some(Subject::Gateway(gateway)) => of_gateway(world, gateway, &mut list),
        Some(Subject::GatewaySubnet(gateway)) => of_gateway_subnet(world, at, gateway, &mut list),
        Some(Subject::Subnet(subnet)) => of_subnet(world, subnet, &mut list),
        Some(Subject::VirtualNetwork(network)) => {
            if let Some(network) = world.resolver.inventory().virtual_networks.get(network as usize) {
                list.add("Address space", prefixes(&network.prefixes), 'Z');
            }
        }
        Some(Subject::Instance(_)) => of_instance(world, entity, &mut list),
        Some(Subject::PodRange(_)) => {
            list.add("Prefix", entity.detail.clone(), 'Z');
            list.add("Pods", members(world, at, EntityKind::Pod).to_string(), 'K');
        }
        None => of_addresses(entity, &mut list),
    }
    list.0
}

#[derive(Default)]
struct List(Vec<Fact>);

impl List {
    fn add(&mut self, label: &str, value: impl Into<String>, source: char) {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((label.to_owned(), value, source));
        }
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            let reason = if condition.status == "True" || condition.reason.is_empty() {
                String::new()
            } else {
                format!(", {}", condition.reason)
            };
            self.add(&condition.kind, format!("{}{reason}", condition.status), 'K');
        }
    }
}

/// The first few of a list, and how many more there are.
fn few(mut values: Vec<String>) -> String {
    let more = values.len().saturating_sub(LISTED);
    values.truncate(LISTED);
    let shown = values.join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

fn members(world: World<'_>, at: u32, kind: EntityKind) -> usize {
    (at..world.places.end(at)).filter(|&member| world.places.kind(member) == Some(kind)).count()
}

/// A time, and how long before the snapshot it was.
fn moment(world: World<'_>, time: Millis) -> String {
    let minute = minute_of(time);
    let snapshot = world.resolver.inventory().snapshot_ms;
    let before = match snapshot.map(|snapshot| minute_of(snapshot) - minute) {
        Some(minutes @ 1..=599) => format!(", {minutes} min before snapshot"),
        Some(minutes @ 600..=2_879) => format!(", {} h before snapshot", minutes / 60),
        Some(minutes @ 2_880..) => format!(", {} days before snapshot", minutes / 1440),
        _ => String::new(),
    };
    [format_rfc3339(time), before].concat()
}

/// `GET /api/healthcheck :8080`, `TCP :8080`, `exec`.
fn probe_words(probe: &Probe) -> String {
    let port = if probe.port.is_empty() { String::new() } else { format!(" :{}", probe.port) };
    match probe.scheme.as_str() {
        "HTTP" => format!("GET {}{port}", probe.path),
        "HTTPS" => format!("GET https {}{port}", probe.path),
        other => format!("{other}{port}"),
    }
}

fn of_pod(world: World<'_>, index: u32, list: &mut List) {
    let inventory = world.resolver.inventory();
    let Some(pod) = inventory.pods.get(index as usize) else { return };
    list.add("Node", pod.node_name.clone(), 'K');
    if let Some(node) = inventory.nodes.iter().find(|node| node.meta.name == pod.node_name) {
        list.add("Zone", node.zone.clone().unwrap_or_default(), 'K');
    }
    if let Some((kind, name)) = pod.workload() {
        list.add("Workload", format!("{kind} {name}"), 'K');
    }
    list.add("Service", few(services_of(world, index, pod)), 'K');
    let readiness = pod.containers.iter().find_map(|container| container.readiness.as_ref());
    list.add("Readiness", readiness.map(probe_words).unwrap_or_default(), 'K');
    if let Some(probe) = readiness.filter(|probe| probe.period_s > 0) {
        let failures = if probe.failure_threshold > 1 {
            format!(", not Ready after {} failures", probe.failure_threshold)
        } else {
            String::new()
        };
        list.add("Probe", format!("every {} s{failures}", probe.period_s), 'K');
    }
    list.add("Started", pod.started_ms.map(|time| moment(world, time)).unwrap_or_default(), 'K');
    if pod.phase != "Running" {
        let reason = if pod.reason.is_empty() { String::new() } else { format!(", {}", pod.reason) };
        list.add("Phase", format!("{}{reason}", pod.phase), 'K');
    }
    if pod.restarts() > 0 {
        list.add("Restarts", pod.restarts().to_string(), 'K');
    }
}

/// `yada/yadaapi:8080`: services whose slices hold the pod, lacking slices those whose selector picks it.
fn services_of(world: World<'_>, index: u32, pod: &Pod) -> Vec<String> {
    let inventory = world.resolver.inventory();
    let slices: BTreeSet<(&str, &str)> = world
        .health
        .endpoint_slices(index)
        .into_iter()
        .filter_map(|slice| inventory.endpoint_slices.get(slice as usize))
        .map(|slice| (slice.meta.namespace.as_str(), slice.service.as_str()))
        .collect();
    let picks = |service: &Service| {
        !service.selector.is_empty()
            && service.meta.namespace == pod.meta.namespace
            && service.selector.iter().all(|(key, value)| pod.meta.label(key) == Some(value))
    };
    inventory
        .services
        .iter()
        .filter(|service| {
            let name = (service.meta.namespace.as_str(), service.meta.name.as_str());
            if slices.is_empty() { picks(service) } else { slices.contains(&name) }
        })
        .map(|service| {
            let ports: Vec<String> = service.ports.iter().map(|port| port.port.to_string()).collect();
            let ports = if ports.is_empty() { String::new() } else { format!(":{}", ports.join(",")) };
            format!("{}{ports}", service.meta.qualified())
        })
        .collect()
}

fn of_node(world: World<'_>, at: u32, index: u32, list: &mut List) {
    let inventory = world.resolver.inventory();
    let Some(name) = world.resolver.node_names().get(index as usize) else { return };
    let node = inventory.nodes.iter().find(|node| &node.meta.name == name);
    if let Some(node) = node {
        list.add("Ready", node.ready.map(|ready| if ready { "yes" } else { "no" }).unwrap_or_default(), 'K');
        list.add("Pool", node.pool.clone().unwrap_or_default(), 'K');
        list.add("Zone", node.zone.clone().unwrap_or_default(), 'K');
        list.add("Version", node.version.clone(), 'K');
        list.add("Created", node.meta.created_ms.map(|time| moment(world, time)).unwrap_or_default(), 'K');
        list.add("Pod CIDR", prefixes(&node.pod_cidrs), 'K');
    }
    let config = inventory.node_network_configs.iter().find(|config| &config.meta.name == name);
    let blocks: Vec<String> =
        config.iter().flat_map(|config| &config.containers).flat_map(|c| &c.blocks).map(ToString::to_string).collect();
    list.add("Pod block", few(blocks), 'K');
    let drawn = members(world, at, EntityKind::Pod);
    let all = inventory.pods.iter().filter(|pod| &pod.node_name == name);
    let hidden = all.filter(|pod| !pod.is_live()).count();
    let note =
        if hidden > 0 { format!(", {hidden} more finished or on the node's own address") } else { String::new() };
    list.add("Pods", format!("{drawn}{note}"), 'K');
}

fn of_service(world: World<'_>, index: u32, list: &mut List) {
    let inventory = world.resolver.inventory();
    let Some(service) = inventory.services.get(index as usize) else { return };
    list.add("Type", service.kind.clone(), 'K');
    let join = |addresses: &[std::net::IpAddr]| few(addresses.iter().map(ToString::to_string).collect());
    list.add("Cluster IP", join(&service.cluster_addresses), 'K');
    list.add("Load balancer IP", join(&service.load_balancer_addresses), 'K');
    let ports = service.ports.iter().map(|port| {
        let target = if port.target_port.is_empty() { String::new() } else { format!(" to {}", port.target_port) };
        let node = if port.node_port > 0 { format!(", node port {}", port.node_port) } else { String::new() };
        format!("{}/{}{target}{node}", port.port, if port.protocol.is_empty() { "TCP" } else { &port.protocol })
    });
    list.add("Ports", few(ports.collect()), 'K');
    let slices = inventory
        .endpoint_slices
        .iter()
        .filter(|slice| slice.service == service.meta.name && slice.meta.namespace == service.meta.namespace);
    let (mut ready, mut all) = (0, 0);
    for endpoint in slices.flat_map(|slice| &slice.endpoints) {
        all += 1;
        ready += usize::from(endpoint.ready);
    }
    if all > 0 {
        list.add("Endpoints", format!("{ready} of {all} ready"), 'K');
    }
    let qualified = format!("{}/", service.meta.qualified());
    for answer in inventory.backend_health.iter().filter(|answer| answer.service.starts_with(&qualified)) {
        let port = answer.service.strip_prefix(&qualified).unwrap_or_default();
        let (healthy, total) = if answer.total == 0 && !answer.endpoints.is_empty() {
            let healthy = answer.endpoints.iter().filter(|(_, status)| *status == Some(BackendHealthStatus::Healthy));
            (healthy.count().to_string(), answer.endpoints.len().to_string())
        } else {
            (answer.healthy.to_string(), answer.total.to_string())
        };
        list.add("Backend health", format!("{healthy} of {total} HEALTHY at port {port}"), 'H');
    }
}

fn of_route(world: World<'_>, index: u32, list: &mut List) {
    let Some(route) = world.resolver.inventory().routes.get(index as usize) else { return };
    list.add("Kind", route.kind.clone(), 'K');
    list.add("Host names", few(route.hostnames.clone()), 'K');
    let parents: BTreeSet<String> = route
        .parents
        .iter()
        .map(|parent| {
            let section = if parent.section.is_empty() { "" } else { ", listener " };
            let port = parent.port.map(|port| format!(", port {port}")).unwrap_or_default();
            [&parent.namespace, "/", &parent.name, section, &parent.section, &port].concat()
        })
        .collect();
    list.add("Gateways", few(parents.into_iter().collect()), 'K');
    let backends: BTreeSet<String> = route
        .backends
        .iter()
        .map(|backend| {
            let port = backend.port.map(|port| format!(":{port}")).unwrap_or_default();
            let weight = if backend.weight == 1 { String::new() } else { format!(" (weight {})", backend.weight) };
            format!("{}/{}{port}{weight}", backend.namespace, backend.service)
        })
        .collect();
    list.add("Backends", few(backends.into_iter().collect()), 'K');
    list.conditions(&route.conditions);
}

fn of_gateway(world: World<'_>, index: u32, list: &mut List) {
    let inventory = world.resolver.inventory();
    let Some(gateway) = inventory.gateways.get(index as usize) else { return };
    list.add("FQDN", few(gateway.addresses.clone()), 'K');
    list.add("Class", gateway.class.clone(), 'K');
    for listener in &gateway.listeners {
        let host = if listener.hostname.is_empty() { String::new() } else { format!(" {}", listener.hostname) };
        let routes = match listener.attached_routes {
            Some(1) => ", 1 route".to_owned(),
            Some(many) => format!(", {many} routes"),
            None => String::new(),
        };
        list.add("Listener", format!("{} {} {}{host}{routes}", listener.name, listener.protocol, listener.port), 'K');
    }
    let routes = inventory.routes.iter().filter(|route| route.parents.iter().any(|parent| parent.is_of(&gateway.meta)));
    list.add("Routes", few(routes.map(|route| route.meta.qualified()).collect()), 'K');
    list.conditions(&gateway.conditions);
}

fn of_gateway_subnet(world: World<'_>, at: u32, index: u32, list: &mut List) {
    let inventory = world.resolver.inventory();
    let Some(gateway) = world.resolver.gateway_subnets().get(index as usize) else { return };
    if gateway.subnet.is_none() {
        list.add("Prefix", gateway.prefix.to_string(), 'Z');
    }
    list.add("Instances", members(world, at, EntityKind::GatewayInstance).to_string(), 'F');
    for config in inventory.overlay_extension_configs.iter().filter(|config| config.range == Some(gateway.prefix)) {
        list.add("Overlay extension", config.state.clone(), 'K');
        list.add("Overlay message", config.message.clone(), 'K');
    }
    if let Some(subnet) = gateway.subnet {
        of_subnet(world, subnet, list);
    }
}

fn of_subnet(world: World<'_>, index: u32, list: &mut List) {
    let Some(subnet) = world.resolver.inventory().subnets.get(index as usize) else { return };
    let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    list.add("Prefix", prefixes(&subnet.prefixes), 'Z');
    list.add("Delegated to", few(subnet.delegations.clone()), 'Z');
    list.add("Security group", last(&subnet.network_security_group_id), 'Z');
    list.add("Route table", last(&subnet.route_table_id), 'Z');
    if !subnet.ip_configuration_ids.is_empty() {
        list.add("IP configurations", subnet.ip_configuration_ids.len().to_string(), 'Z');
    }
}

fn of_instance(world: World<'_>, entity: &Entity, list: &mut List) {
    let subnet = entity.parent.and_then(|parent| world.places.entity(parent));
    list.add("Subnet", subnet.map(|subnet| subnet.detail.clone()).unwrap_or_default(), 'Z');
    let seen = entity.key.0.split_once(':').and_then(|(_, address)| address.parse().ok()).is_some_and(|address| {
        world.places.find(&entity.key).is_some_and(|at| world.places.seen_addresses(at).contains(&address))
    });
    match (world.places.has_flows(), seen) {
        (true, true) => list.add("In the flow logs", "yes", 'F'),
        (true, false) => list.add("In the flow logs", "no, an input names it", 'F'),
        (false, _) => list.add("In the flow logs", "there are none", 'F'),
    }
}

fn of_addresses(entity: &Entity, list: &mut List) {
    match entity.kind {
        EntityKind::Platform => {
            list.add("What it is", "Azure's own: DNS, health probes, agents, instance metadata", 'F');
        }
        EntityKind::Pod => list.add("What it is", "An address of the pod range; no pod in the files held it then", 'F'),
        EntityKind::NodeSubnet => list.add("What it is", "Nodes whose subnet no file names", 'K'),
        EntityKind::FrontEnd => list.add("FQDN", entity.detail.clone(), 'A'),
        _ => {}
    }
    if entity.members > 1 {
        list.add("Stands for", addresses(usize::try_from(entity.members).unwrap_or(usize::MAX)), 'F');
    }
}
