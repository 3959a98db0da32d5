//! What the inspector shows of one thing.

mod facts;
mod peers;
mod probes;
mod witnesses;

use super::World;
use super::members::{is_sent_to_pods, places_of};
use super::places::Subject;
use super::timeline::series;
use std::collections::BTreeSet;
use std::net::IpAddr;
use underlay_identity::Inventory;
use underlay_model::sources::ObjectPlace;
use underlay_model::view::{Detail, EntityKey, EntityKind};
use underlay_store::query::{MinuteSums, PairDetails, PairSums};

/// Addresses and evidence listed at most, of things that stand for many.
const LISTED: usize = 24;

/// The inspector's answer for one thing; `None` when the capture has no such thing. `pairs` are the counted pairs of the
/// asked range that [`super::selector`] takes, split as for [`super::topology()`]; `details` of the same; `minutes` its timeline over the
/// whole capture.
pub fn detail(
    world: World<'_>,
    key: &EntityKey,
    pairs: &PairSums,
    details: &PairDetails,
    minutes: &MinuteSums,
) -> Option<Detail> {
    let at = world.places.find(key)?;
    let entity = world.places.entity(at)?;
    let subject = world.places.subject(at);
    let mut detail = Detail {
        key: entity.key.clone(),
        kind: kind_of(entity.kind, &entity.note, subject.is_some()),
        title: facts::title(world, entity, subject),
        addresses: addresses(world, at, subject),
        facts: facts::facts(world, at, entity, subject),
        place: subject.and_then(|subject| place(world, subject)),
        ..Detail::default()
    };
    match subject {
        Some(Subject::Pod(pod)) => {
            detail.health = world.health.state(pod);
            if let Some(object) = world.resolver.inventory().pods.get(pod as usize) {
                detail.containers.clone_from(&object.containers);
                detail.readiness = object.containers.iter().find_map(|container| container.readiness.clone());
            }
        }
        Some(Subject::Node(_) | Subject::Gateway(_)) => detail.health = Some(entity.health),
        _ => {}
    }
    if matches!(entity.kind, EntityKind::Clients | EntityKind::FrontEnd) {
        requests(world, at, &mut detail);
    }
    witnesses::add(world, at, subject, &mut detail);
    probes::add(world, at, subject, &mut detail);
    detail.evidence = evidence(world, at, subject, &detail.addresses);
    peers::add(world, at, pairs, details, &mut detail);
    witnesses::add_denied(subject, &mut detail);
    let places = places_of(world, at);
    if places.len() > 1 && is_sent_to_pods(world, at) {
        detail.evidence.push("Its traffic is that of its pods: flow logs know no services and no routes.".to_owned());
    }
    if places.iter().any(|place| !world.places.seen_addresses(place.start).is_empty()) {
        (detail.series_first, detail.series) = series(minutes);
    }
    Some(detail)
}

/// Where the object stands that a thing is.
fn place(world: World<'_>, subject: Subject) -> Option<ObjectPlace> {
    let inventory = world.resolver.inventory();
    match subject {
        Subject::Pod(at) => inventory.pods.get(at as usize).and_then(|one| inventory.place(one, &one.meta.name, "")),
        Subject::Node(at) => {
            let name = world.resolver.node_names().get(at as usize)?;
            let node = inventory.nodes.iter().find(|node| node.meta.name == *name)?;
            inventory.place(node, name, "")
        }
        Subject::Service(at) => {
            inventory.services.get(at as usize).and_then(|one| inventory.place(one, &one.meta.name, ""))
        }
        Subject::Route(at) => {
            inventory.routes.get(at as usize).and_then(|one| inventory.place(one, &one.meta.name, ""))
        }
        Subject::Gateway(at) => {
            inventory.gateways.get(at as usize).and_then(|one| inventory.place(one, &one.meta.name, ""))
        }
        Subject::Subnet(at) => subnet(inventory, at),
        Subject::GatewaySubnet(at) => subnet(inventory, world.resolver.gateway_subnets().get(at as usize)?.subnet?),
        Subject::VirtualNetwork(at) => {
            inventory.virtual_networks.get(at as usize).and_then(|one| inventory.place(one, &one.name, ""))
        }
        Subject::Instance(_) | Subject::PodRange(_) => None,
    }
}

/// A subnet, mostly inside of its virtual network.
fn subnet(inventory: &Inventory, at: u32) -> Option<ObjectPlace> {
    let subnet = inventory.subnets.get(at as usize)?;
    inventory.place(subnet, &subnet.name, &["subnets/", &subnet.name].concat())
}

/// What the gateway's access log counts of a client or a front end in the asked range.
fn requests(world: World<'_>, at: u32, detail: &mut Detail) {
    let all = world.places.requests(world.resolver.inventory(), world.range);
    let mut sum = underlay_model::view::Traffic::default();
    all.iter().filter(|(client, front_end, _)| [*client, *front_end].contains(&at)).for_each(|(.., one)| sum += *one);
    if sum.flows > 0 {
        detail.facts.push(("Requests".to_owned(), thousands(sum.flows), 'A'));
        let bytes = [thousands(sum.bytes[0]), " bytes in, ".to_owned(), thousands(sum.bytes[1]), " out".to_owned()];
        detail.facts.push(("Bodies".to_owned(), bytes.concat(), 'A'));
    }
}

/// `12,300`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `Pod in yada`, `Node`, `Gateway instance`.
fn kind_of(kind: EntityKind, namespace: &str, has_subject: bool) -> String {
    let word = match kind {
        EntityKind::Internet => "Public addresses",
        EntityKind::Clients => "Clients",
        EntityKind::FrontEnd => "Front end",
        EntityKind::VirtualNetwork => "Virtual network",
        EntityKind::GatewaySubnet => "Gateway subnet",
        EntityKind::GatewayInstance => "Gateway instance",
        EntityKind::NodeSubnet => "Node subnet",
        EntityKind::Subnet => "Subnet",
        EntityKind::Node => "Node",
        EntityKind::PodRange => "Pod addresses",
        EntityKind::Pod if !has_subject => "Pod address without a pod",
        EntityKind::Pod => "Pod",
        EntityKind::Service => "Service",
        EntityKind::Route => "Route",
        EntityKind::Platform => "Azure platform",
        EntityKind::Address => "Address",
        EntityKind::Group => "Group",
    };
    let namespaced = matches!(kind, EntityKind::Pod | EntityKind::Service | EntityKind::FrontEnd | EntityKind::Route);
    if namespaced && !namespace.is_empty() { format!("{word} in {namespace}") } else { word.to_owned() }
}

/// The thing's own addresses, as objects say them, else those that were seen; not those of what it contains.
fn addresses(world: World<'_>, at: u32, subject: Option<Subject>) -> Vec<IpAddr> {
    let inventory = world.resolver.inventory();
    let listed = match subject {
        Some(Subject::Pod(pod)) => {
            inventory.pods.get(pod as usize).map(|pod| pod.addresses.clone()).unwrap_or_default()
        }
        Some(Subject::Node(node)) => {
            let name = world.resolver.node_names().get(node as usize);
            let objects = inventory.nodes.iter().filter(|node| name == Some(&node.meta.name));
            let mut listed: Vec<IpAddr> = objects
                .flat_map(|node| node.internal_addresses.iter().chain(&node.external_addresses))
                .copied()
                .collect();
            if listed.is_empty() {
                listed.extend(world.places.entity(at).and_then(|entity| entity.detail.parse::<IpAddr>().ok()));
            }
            listed
        }
        Some(Subject::Service(service)) => inventory
            .services
            .get(service as usize)
            .map(|service| service.cluster_addresses.iter().chain(&service.load_balancer_addresses).copied().collect())
            .unwrap_or_default(),
        Some(Subject::Instance(address)) => vec![address],
        Some(_) => Vec::new(),
        None => world.places.seen_addresses(at).into_iter().take(LISTED).collect(),
    };
    let mut once = BTreeSet::new();
    listed.into_iter().filter(|address| once.insert(*address)).collect()
}

/// Why each address is this thing's.
fn evidence(world: World<'_>, at: u32, subject: Option<Subject>, addresses: &[IpAddr]) -> Vec<String> {
    let mut sentences = Vec::new();
    for &address in addresses.iter().take(LISTED) {
        let reference = world.places.reference_minute();
        let span =
            world.places.span().unwrap_or(underlay_model::view::MinuteRange { first: reference, last: reference });
        let ours = world
            .resolver
            .tenures(address, span)
            .into_iter()
            .map(|(_, owner)| owner)
            .find(|owner| world.places.place_owner(address, *owner) == Some(at));
        if let Some(owner) = ours {
            sentences.push(format!("{address}: {}", world.resolver.evidence(owner)));
        }
    }
    if let Some(Subject::Instance(address)) = subject
        && let Ok(found) = world.resolver.expected_instances().binary_search_by(|known| known.address.cmp(&address))
        && let Some(expected) = world.resolver.expected_instances().get(found)
    {
        sentences.push(format!("{address}: {}", expected.evidence));
    }
    if let Some(Subject::GatewaySubnet(gateway)) = subject
        && let Some(gateway) = world.resolver.gateway_subnets().get(gateway as usize)
    {
        sentences.push(format!("{}: {}", gateway.prefix, gateway.evidence));
    }
    if let Some(Subject::PodRange(_)) = subject
        && let Some(entity) = world.places.entity(at)
    {
        let ranges = world.resolver.pod_ranges().iter().filter(|range| range.prefix.to_string() == entity.detail);
        sentences.extend(ranges.map(|range| format!("{}: {}", range.prefix, range.evidence)));
    }
    sentences
}
