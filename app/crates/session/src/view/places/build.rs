//! Drafts every entity in the order of the picture: members of one container and kind by namespace and name, or by address.

use super::containers::Containers;
use super::draft::{Draft, Drafts, number};
use super::order::natural;
use super::pod_containers;
use super::seen::{Sighting, sightings};
use super::wells::Wells;
use super::{NONE, Places, Subject, anonymous};
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::IpAddr;
use underlay_findings::HealthReport;
use underlay_identity::Resolver;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::view::{EntityKey, EntityKind, MinuteRange};
use underlay_store::query::PairSums;

pub(super) fn build(resolver: &Resolver, health: &HealthReport, pairs: &PairSums, span: Option<MinuteRange>) -> Places {
    let sightings = sightings(resolver, pairs, span.map_or(0, |span| span.first));
    let mut builder =
        Builder { resolver, drafts: Drafts::default(), places: Places { more_clients: NONE, ..Places::default() } };
    builder.places.others.reserve(sightings.len());
    let node_addresses = node_addresses(resolver);
    let members: Vec<IpAddr> = sightings.iter().filter(|sighting| is_anonymous(sighting)).map(|s| s.address).collect();
    let inventory = resolver.inventory();
    let alone = resolver.node_names().is_empty() && pairs.is_empty();
    let mut containers = Containers::new(&mut builder.drafts, resolver, &node_addresses, &members, alone);
    builder.front_ends();
    super::clients::draft(&mut builder.drafts, &mut builder.places, inventory);
    builder.routes_and_services();
    builder.instances(&containers, &sightings);
    builder.nodes(&mut containers, &node_addresses);
    builder.pods(health, &sightings);
    builder.anonymous(&mut containers, &sightings);
    builder.internet_and_platform(&sightings);
    builder.places.pods.resize(inventory.pods.len(), NONE);
    let mut places = number(builder.drafts, builder.places);
    let entity = |sighting: &Sighting| Some((places.place_owner(sighting.address, sighting.owner)?, sighting.address));
    let mut seen: Vec<(u32, IpAddr)> = sightings.iter().filter_map(entity).collect();
    seen.order();
    seen.dedup();
    places.seen = seen;
    places
}

/// Addresses that get an entity of their own or a group's, in a network if one holds them.
fn is_anonymous(sighting: &Sighting) -> bool {
    matches!(sighting.owner.kind, EndpointKind::Nic | EndpointKind::Subnet | EndpointKind::Vnet | EndpointKind::Private)
}

/// The first address of each node, by index.
fn node_addresses(resolver: &Resolver) -> Vec<Option<IpAddr>> {
    let inventory = resolver.inventory();
    let mut addresses = vec![None; resolver.node_names().len()];
    let mut set = |name: &str, address: Option<&IpAddr>| {
        if let Ok(at) = resolver.node_names().binary_search_by(|known| known.as_str().cmp(name))
            && let Some(slot) = addresses.get_mut(at)
            && slot.is_none()
        {
            *slot = address.copied();
        }
    };
    for node in &inventory.nodes {
        set(&node.meta.name, node.internal_addresses.first());
    }
    for config in &inventory.node_network_configs {
        set(&config.meta.name, config.containers.iter().find_map(|container| container.node_address.as_ref()));
    }
    for pod in &inventory.pods {
        if !pod.node_name.is_empty() {
            set(&pod.node_name, pod.host_addresses.first());
        }
    }
    addresses
}

/// An address of nobody's, in no network that an input names.
const PRIVATE: &str = "private address";

struct Builder<'a> {
    resolver: &'a Resolver,
    drafts: Drafts,
    /// While drafting, its indices are those of drafts.
    places: Places,
}

impl Builder<'_> {
    fn front_ends(&mut self) {
        let inventory = self.resolver.inventory();
        let mut hosts: FxHashSet<String> = FxHashSet::default();
        for (at, gateway) in (0u32..).zip(&inventory.gateways) {
            let of_azure = gateway.class.is_empty()
                || gateway.class.starts_with("azure-alb")
                || gateway.addresses.iter().any(|address| address.ends_with(".alb.azure.com"));
            if !of_azure {
                self.places.gateways.push(NONE);
                continue;
            }
            let mut draft = Draft::new(EntityKind::FrontEnd, "frontend", &gateway.meta.qualified(), &gateway.meta.name);
            draft.detail = gateway.addresses.first().cloned().unwrap_or_default();
            draft.note.clone_from(&gateway.meta.namespace);
            let mut ports: Vec<u16> = gateway.listeners.iter().map(|listener| listener.port).collect();
            ports.order();
            ports.dedup();
            draft.ports = ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            let programmed = gateway.conditions.iter().find(|condition| condition.kind == "Programmed");
            draft.health = match programmed.map(|condition| condition.status.as_str()) {
                Some("True") => HealthState::Healthy,
                Some("False") => HealthState::Failing,
                _ => HealthState::Unknown,
            };
            draft.subject = Some(Subject::Gateway(at));
            hosts.extend(gateway.addresses.iter().map(|address| address.to_ascii_lowercase()));
            let draft = self.drafts.add(draft);
            self.places.gateways.push(draft);
        }
        // A front end that only a who-am-I answer names.
        for answer in &inventory.whoami {
            let host = answer.host.trim().to_ascii_lowercase();
            let host = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
            if host.ends_with(".alb.azure.com") && hosts.insert(host.to_owned()) {
                let mut draft = Draft::new(EntityKind::FrontEnd, "frontend", host, "Front end");
                draft.detail = host.to_owned();
                self.drafts.add(draft);
            }
        }
    }

    fn routes_and_services(&mut self) {
        let inventory = self.resolver.inventory();
        for (at, route) in (0u32..).zip(&inventory.routes) {
            let mut draft = Draft::new(EntityKind::Route, "route", &route.meta.qualified(), &route.meta.name);
            draft.detail = route.hostnames.first().cloned().unwrap_or_default();
            draft.note.clone_from(&route.meta.namespace);
            draft.subject = Some(Subject::Route(at));
            let draft = self.drafts.add(draft);
            self.places.routes.push(draft);
        }
        for (at, service) in (0u32..).zip(&inventory.services) {
            let mut draft = Draft::new(EntityKind::Service, "service", &service.meta.qualified(), &service.meta.name);
            let addresses = service.load_balancer_addresses.iter().chain(&service.cluster_addresses);
            draft.detail = addresses.map(IpAddr::to_string).next().unwrap_or_default();
            draft.note.clone_from(&service.meta.namespace);
            draft.ports = service.ports.iter().map(|port| port.port.to_string()).collect::<Vec<_>>().join(", ");
            draft.subject = Some(Subject::Service(at));
            let draft = self.drafts.add(draft);
            self.places.services.push(draft);
        }
    }

    /// Seen and expected instances, by address.
    fn instances(&mut self, containers: &Containers, sightings: &[Sighting]) {
        let mut addresses: Vec<(IpAddr, bool)> = sightings
            .iter()
            .filter(|sighting| sighting.is(EndpointKind::GatewayInstance))
            .map(|sighting| (sighting.address, sighting.admitted))
            .chain(self.resolver.expected_instances().iter().map(|expected| (expected.address, false)))
            .collect();
        // Of one address the admitted sighting first.
        addresses.order_by_key(|&(address, admitted)| (address, !admitted));
        addresses.dedup_by_key(|(address, _)| *address);
        for (address, admitted) in addresses {
            let owner = self.resolver.resolve(address, 0);
            let text = address.to_string();
            let mut draft = Draft::new(EntityKind::GatewayInstance, "instance", &text, &text);
            draft.parent = containers.gateway(owner.subject);
            draft.health = if admitted { HealthState::Healthy } else { HealthState::Unknown };
            draft.subject = Some(Subject::Instance(address));
            let draft = self.drafts.add(draft);
            self.places.instances.insert(address, draft);
        }
    }

    fn nodes(&mut self, containers: &mut Containers, addresses: &[Option<IpAddr>]) {
        let names = self.resolver.node_names();
        let inventory = self.resolver.inventory();
        let objects: FxHashMap<&str, _> = inventory.nodes.iter().map(|node| (node.meta.name.as_str(), node)).collect();
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.order_by(|&a, &b| match (names.get(a), names.get(b)) {
            (Some(a), Some(b)) => natural(a, b),
            _ => a.cmp(&b),
        });
        self.places.nodes = vec![NONE; names.len()];
        for at in order {
            let Some(name) = names.get(at) else { continue };
            let address = addresses.get(at).copied().flatten();
            let mut draft = Draft::new(EntityKind::Node, "node", name, name);
            draft.parent = Some(containers.for_node(&mut self.drafts, self.resolver, address));
            draft.detail = address.map(|address| address.to_string()).unwrap_or_default();
            if let Some(node) = objects.get(name.as_str()) {
                draft.note.clone_from(&node.version);
                draft.zone = node.zone.clone().unwrap_or_default();
                draft.group = node.pool.clone().unwrap_or_default();
                draft.health = match node.ready {
                    Some(true) => HealthState::Healthy,
                    Some(false) => HealthState::Failing,
                    None => HealthState::Unknown,
                };
            }
            if draft.group.is_empty() {
                draft.group = pool_in(name).to_owned();
            }
            draft.subject = Some(Subject::Node(u32::try_from(at).unwrap_or(NONE)));
            let draft = self.drafts.add(draft);
            if let Some(slot) = self.places.nodes.get_mut(at) {
                *slot = draft;
            }
        }
    }

    /// Pods by namespace, workload and name, each in its node's range; addresses of pods that nobody names after them.
    fn pods(&mut self, health: &HealthReport, sightings: &[Sighting]) {
        let inventory = self.resolver.inventory();
        let workloads: Vec<String> = inventory
            .pods
            .iter()
            .map(|pod| pod.workload().map_or_else(|| base_of(&pod.meta.name), |(_, name)| name))
            .collect();
        let mut order: Vec<usize> =
            (0..inventory.pods.len()).filter(|&at| inventory.pods.get(at).is_some_and(|p| p.is_live())).collect();
        order.order_by(|&a, &b| match (inventory.pods.get(a), inventory.pods.get(b)) {
            (Some(pod_a), Some(pod_b)) => (&pod_a.meta.namespace, workloads.get(a))
                .cmp(&(&pod_b.meta.namespace, workloads.get(b)))
                .then_with(|| natural(&pod_a.meta.name, &pod_b.meta.name))
                // Of two pods of one name the younger has the plain key.
                .then_with(|| pod_b.started_ms.cmp(&pod_a.started_ms)),
            _ => a.cmp(&b),
        });
        let mut wells = Wells::new(self.resolver);
        self.places.pods = vec![NONE; inventory.pods.len()];
        for at in order {
            let Some(pod) = inventory.pods.get(at) else { continue };
            let index = u32::try_from(at).unwrap_or(NONE);
            let node = self.resolver.node_of_pod(index);
            let address = pod.addresses.first().copied();
            let mut draft = Draft::new(EntityKind::Pod, "pod", &pod.meta.qualified(), &pod.meta.name);
            draft.parent = Some(wells.of(&mut self.drafts, &self.places.nodes, node, address));
            draft.detail = address.map(|address| address.to_string()).unwrap_or_default();
            draft.note.clone_from(&pod.meta.namespace);
            draft.group = workloads.get(at).cloned().unwrap_or_default();
            draft.health = health.state(index).unwrap_or_default();
            if !pod.containers.is_empty() {
                let ready = pod.containers.iter().filter(|container| container.ready == Some(true)).count();
                draft.ports = format!("{ready}/{}", pod.containers.len());
                draft.containers = pod_containers::lines(&pod.containers);
            }
            draft.subject = Some(Subject::Pod(index));
            let draft = self.drafts.add(draft);
            if let Some(slot) = self.places.pods.get_mut(at) {
                *slot = draft;
            }
        }
        for sighting in sightings {
            match sighting.owner.kind {
                // A finished pod is not drawn; its traffic goes to where it was.
                EndpointKind::Pod => {
                    let slot = self.places.pods.get(sighting.owner.subject as usize).copied();
                    if slot == Some(NONE) {
                        let node = sighting.owner.node();
                        let well = wells.of(&mut self.drafts, &self.places.nodes, node, Some(sighting.address));
                        if let Some(slot) = self.places.pods.get_mut(sighting.owner.subject as usize) {
                            *slot = well;
                        }
                    }
                }
                EndpointKind::PodRange => {
                    let node = sighting.owner.node();
                    let text = sighting.address.to_string();
                    let mut draft = Draft::new(EntityKind::Pod, "address", &text, &text);
                    draft.parent = Some(wells.of(&mut self.drafts, &self.places.nodes, node, Some(sighting.address)));
                    draft.detail = "no such pod in the files".to_owned();
                    let draft = self.drafts.add(draft);
                    self.places.others.insert(sighting.address, draft);
                }
                _ => {}
            }
        }
    }

    /// Addresses that are nobody's by name, grouped within their container.
    fn anonymous(&mut self, containers: &mut Containers, sightings: &[Sighting]) {
        // By the container's first sighting, which is by address: a stable order.
        let mut order: Vec<Option<u32>> = Vec::new();
        let mut by_container: FxHashMap<Option<u32>, Vec<IpAddr>> = FxHashMap::default();
        let mut ranges: Vec<IpAddr> = Vec::new();
        let mut interfaces: FxHashMap<IpAddr, u32> = FxHashMap::default();
        for sighting in sightings {
            if sighting.is(EndpointKind::ServiceRange) {
                ranges.push(sighting.address);
            }
            if !is_anonymous(sighting) {
                continue;
            }
            if sighting.is(EndpointKind::Nic) {
                interfaces.insert(sighting.address, sighting.owner.subject);
            }
            let container = containers.for_address(&mut self.drafts, self.resolver, sighting.address);
            by_container
                .entry(container)
                .or_insert_with(|| {
                    order.push(container);
                    Vec::new()
                })
                .push(sighting.address);
        }
        for container in order {
            for group in anonymous::group(by_container.remove(&container).unwrap_or_default()) {
                self.address_group(container, &group, &interfaces);
            }
        }
        for group in anonymous::group(ranges) {
            self.address_group(None, &group, &interfaces);
        }
    }

    fn address_group(&mut self, parent: Option<u32>, group: &anonymous::Group, interfaces: &FxHashMap<IpAddr, u32>) {
        let Some(&first) = group.addresses.first() else { return };
        let mut draft = match group.prefix {
            Some(prefix) => {
                let text = prefix.to_string();
                let mut draft = Draft::new(EntityKind::Address, "group", &text, &text);
                draft.detail = addresses(group.addresses.len());
                if parent.is_none() && self.what(first) == PRIVATE {
                    draft.detail = [&group.addresses.len().to_string(), " private addresses"].concat();
                }
                draft
            }
            None => {
                let text = first.to_string();
                let inventory = self.resolver.inventory();
                let interface = interfaces.get(&first).and_then(|at| inventory.network_interfaces.get(*at as usize));
                let name = interface.map_or(text.as_str(), |interface| interface.name.as_str());
                let mut draft = Draft::new(EntityKind::Address, "address", &text, name);
                draft.detail = if interface.is_some() { text.clone() } else { self.what(first) };
                draft
            }
        };
        draft.parent = parent;
        draft.members = u64::try_from(group.addresses.len()).unwrap_or(u64::MAX);
        let draft = self.drafts.add(draft);
        for &address in &group.addresses {
            self.places.others.insert(address, draft);
        }
    }

    /// What a lone address is, when more can be said than its digits.
    fn what(&self, address: IpAddr) -> String {
        match self.resolver.resolve(address, 0).kind {
            EndpointKind::ServiceRange => "service range".to_owned(),
            EndpointKind::Private => PRIVATE.to_owned(),
            _ => String::new(),
        }
    }

    /// Public addresses by what they do here: those who call, those who are called, those who were turned away.
    fn internet_and_platform(&mut self, sightings: &[Sighting]) {
        let role = |sighting: &Sighting| match (sighting.admitted, sighting.calls) {
            (false, _) => "denied-internet",
            (true, true) => "callers",
            (true, false) => "internet",
        };
        for (key, name) in [("callers", "Callers"), ("internet", "Destinations"), ("denied-internet", "")] {
            let members: Vec<&Sighting> = sightings
                .iter()
                .filter(|sighting| sighting.is(EndpointKind::Public) && role(sighting) == key)
                .collect();
            let Some(first) = members.first() else { continue };
            let many = addresses(members.len());
            let only = (members.len() == 1).then(|| first.address.to_string());
            let mut draft = Draft::new(EntityKind::Internet, "group", key, name);
            if name.is_empty() {
                // Who was turned away is what matters; how often is said for the asked range.
                draft.name = only.unwrap_or(many);
            } else {
                draft.detail = only.unwrap_or(many);
            }
            draft.members = u64::try_from(members.len()).unwrap_or(u64::MAX);
            let draft = self.drafts.add(draft);
            for sighting in members {
                self.places.others.insert(sighting.address, draft);
            }
        }
        self.platform(sightings);
    }

    /// Azure's own addresses, each by what it is for while there are few.
    fn platform(&mut self, sightings: &[Sighting]) {
        let mut all: Vec<IpAddr> = Vec::new();
        for sighting in sightings.iter().filter(|sighting| sighting.is(EndpointKind::Platform)) {
            all.push(sighting.address);
        }
        all.dedup();
        let named = all.len() <= 4;
        for &address in &all {
            let text = address.to_string();
            let (key, name) = match text.as_str() {
                _ if !named => ("platform", "Azure platform"),
                "168.63.129.16" => ("platform", "Azure platform"),
                "169.254.169.254" => ("metadata", "Instance metadata"),
                _ => ("link-local", "Link-local"),
            };
            let key = EntityKey::new("group", key);
            let known = (0u32..).zip(&self.drafts.list).find(|(_, draft)| draft.key == key).map(|(at, _)| at);
            let at = known.unwrap_or_else(|| {
                let mut draft = Draft::new(EntityKind::Platform, "group", "", name);
                (draft.key, draft.members) = (key, 0);
                self.drafts.add(draft)
            });
            if let Some(draft) = self.drafts.list.get_mut(at as usize) {
                draft.members += 1;
                draft.detail = if draft.members == 1 { text } else { addresses(draft.members as usize) };
            }
            self.places.others.insert(address, at);
        }
    }
}

/// `1 address`, `61 addresses`.
pub(in crate::view) fn addresses(count: usize) -> String {
    if count == 1 { "1 address".to_owned() } else { format!("{count} addresses") }
}

/// The pool inside an AKS node's name, `aks-<pool>-<digits>-vmss<instance>`; empty for other names.
fn pool_in(name: &str) -> &str {
    let mut parts = name.split('-');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("aks"), Some(pool), Some(digits), Some(set))
            if set.starts_with("vmss") && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            pool
        }
        _ => "",
    }
}

/// The workload's name as a pod's name shows it, for pods whose owner no input names: `yadaapi` of
/// `yadaapi-5f9f964f75-2tnc8`. Kubernetes makes both endings of the letters and digits that spell nothing.
fn base_of(name: &str) -> String {
    let random = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| b"bcdfghjklmnpqrstvwxz2456789".contains(&byte))
    };
    let Some((rest, last)) = name.rsplit_once('-') else { return name.to_owned() };
    if random(last, 5..=5) {
        return match rest.rsplit_once('-') {
            Some((base, hash)) if random(hash, 6..=10) => base.to_owned(),
            _ => rest.to_owned(),
        };
    }
    if last.bytes().all(|byte| byte.is_ascii_digit()) { rest.to_owned() } else { name.to_owned() }
}
