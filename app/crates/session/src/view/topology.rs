//! The picture for a time range: every entity with its traffic, and the edges between them.

use super::World;
use super::headline;
use super::placed::{Placed, RuleLists, visit};
use super::places::{NONE, Places, Subject};
use super::probed;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::texts::Texts;
use underlay_model::view::{Edge, EdgeKind, EntityKind, Topology, Traffic};
use underlay_store::query::{PairDetails, PairSums};

/// Ports and rules that an edge lists.
const LISTED: usize = 8;
/// Endpoints beyond which services' edges to single pods are left out: they are drawn on demand only.
const SERVICE_EDGES: usize = 20_000;

/// The picture for a time range: `pairs` are the counted pairs of that range, those of [`underlay_identity::Resolver::contested`]
/// addresses split by minute; probes are an edge of their own where they are told from user traffic; `details` those of the whole capture (only their rules are used; may be empty).
pub fn topology(world: World<'_>, pairs: &PairSums, details: &PairDetails) -> Topology {
    let places = world.places;
    let mut topology = Topology { entities: places.entities().to_vec(), ..Topology::default() };
    let mut edges = Edges::default();
    visit(world, pairs, details, |placed| {
        topology.total += placed.traffic;
        add_traffic(&mut topology, places, &placed);
        let (user, probes) = probed::split(world, &placed);
        if let Some(probes) = probes {
            edges.add(&placed, EdgeKind::Probe, probes);
        }
        if probes.is_none() || !user.is_empty() {
            edges.add(&placed, placed.kind, user);
        }
    });
    topology.edges = edges.finish();
    mark_silent(world, &mut topology);
    add_inferred(world, &mut topology);
    topology.edges.order_by_key(|edge| (edge.source, edge.target, edge.kind));
    describe_denied(&mut topology);
    for entity in topology.entities.iter().zip(0u32..) {
        if let (EntityKind::Pod, Some(Subject::Pod(_))) = (entity.0.kind, places.subject(entity.1)) {
            let place = match entity.0.health {
                HealthState::Healthy => 0,
                HealthState::Degraded => 1,
                HealthState::Failing => 2,
                HealthState::Unknown => 3,
            };
            if let Some(count) = topology.pods_by_state.get_mut(place) {
                *count += 1;
            }
        }
    }
    let (headline, sublines) = headline::headline(world, &topology);
    topology.headline = headline;
    topology.sublines = sublines;
    topology
}

/// Adds a pair to its ends and to all that hold them, to each once.
fn add_traffic(topology: &mut Topology, places: &Places, placed: &Placed) {
    let mut climb = |from: u32, but_not_around: u32| {
        let mut at = Some(from);
        while let Some(entity) = at.and_then(|at| topology.entities.get_mut(at as usize)) {
            let around = at.is_some_and(|at| but_not_around != NONE && places.holds(at, but_not_around));
            if around {
                break;
            }
            entity.traffic += placed.traffic;
            at = entity.parent;
        }
    };
    climb(placed.source, NONE);
    climb(placed.target, placed.source);
}

#[derive(Default)]
struct Edges {
    index: FxHashMap<(u32, u32, EdgeKind), usize>,
    list: Vec<Sum>,
    ports: FxHashMap<(usize, u16, u8), u64>,
}

struct Sum {
    edge: Edge,
    rules: RuleLists,
}

impl Edges {
    fn add(&mut self, placed: &Placed, kind: EdgeKind, traffic: Traffic) {
        // Traffic inside one group is its own; an edge needs two ends.
        if placed.source == NONE || placed.target == NONE || placed.source == placed.target {
            return;
        }
        let key = (placed.source, placed.target, kind);
        let at = *self.index.entry(key).or_insert_with(|| {
            self.list.push(Sum { edge: bare(key.0, key.1, key.2), rules: RuleLists::default() });
            self.list.len() - 1
        });
        *self.ports.entry((at, placed.pair.port, placed.pair.protocol)).or_insert(0) += traffic.flows;
        if let Some(sum) = self.list.get_mut(at) {
            sum.edge.traffic += traffic;
            sum.edge.pairs += 1;
            if let Some(detail) = &placed.detail {
                sum.rules.add(&detail.rules);
                for (pairs, was) in sum.edge.encryption.iter_mut().zip(encryption(&detail.encryption)) {
                    *pairs += u32::from(was);
                }
            }
        }
    }

    fn finish(self) -> Vec<Edge> {
        let mut edges: Vec<Edge> = self
            .list
            .into_iter()
            .map(|sum| Edge { rules: sum.rules.texts().into_iter().take(LISTED).collect(), ..sum.edge })
            .collect();
        let mut ports: Vec<_> = self.ports.into_iter().collect();
        ports.order_by_key(|&((at, port, protocol), flows)| (at, std::cmp::Reverse(flows), port, protocol));
        for ((at, port, protocol), flows) in ports {
            if let Some(edge) = edges.get_mut(at).filter(|edge| edge.ports.len() < LISTED) {
                edge.ports.push((port, protocol, flows));
            }
        }
        edges
    }
}

/// Whether a pair was ever encrypted, and whether it ever was not, by the words of flow logs (`X`, `NX…`) and of Traffic Analytics
/// (`Encrypted`, anything else). Nothing, or a dash, says neither.
fn encryption(words: &Texts) -> [bool; 2] {
    let mut was = [false; 2];
    for word in words.iter().filter(|word| !matches!(word.as_str(), "" | "-")) {
        let encrypted = word == "X" || word.eq_ignore_ascii_case("encrypted");
        was[usize::from(!encrypted)] = true;
    }
    was
}

fn bare(source: u32, target: u32, kind: EdgeKind) -> Edge {
    let (ports, rules) = (Vec::new(), Vec::new());
    Edge { source, target, kind, traffic: Traffic::default(), ports, rules, pairs: 0, encryption: [0; 2] }
}

/// Instances without traffic in the range are drawn as absent, if there are flow logs to be absent from.
fn mark_silent(world: World<'_>, topology: &mut Topology) {
    if !world.places.has_flows() {
        return;
    }
    let target = workload_container(topology);
    for at in 0..topology.entities.len() {
        let Some(entity) = topology.entities.get_mut(at) else { continue };
        if entity.kind == EntityKind::GatewayInstance && entity.traffic.is_empty() {
            entity.absent = true;
            entity.health = HealthState::Unknown;
            if let (Ok(source), Some(target)) = (u32::try_from(at), target) {
                topology.edges.push(bare(source, target, EdgeKind::Absent));
            }
        }
    }
}

/// Where an instance would send: the pods' range, or what holds all of them.
fn workload_container(topology: &Topology) -> Option<u32> {
    let of_kind = |kind: EntityKind| {
        let mut found = (0u32..).zip(&topology.entities).filter(|(_, entity)| entity.kind == kind).map(|(at, _)| at);
        (found.next(), found.next())
    };
    match of_kind(EntityKind::PodRange) {
        (Some(only), None) => Some(only),
        (Some(_), Some(_)) => of_kind(EntityKind::NodeSubnet).0.or(of_kind(EntityKind::VirtualNetwork).0),
        (None, _) => of_kind(EntityKind::Node).0,
    }
}

/// Edges that objects tell of and no log observes: front end to instances, and along routes and services to pods.
fn add_inferred(world: World<'_>, topology: &mut Topology) {
    let places = world.places;
    let inventory = world.resolver.inventory();
    let present: Vec<u32> = (0u32..)
        .zip(&topology.entities)
        .filter(|(_, entity)| entity.kind == EntityKind::GatewayInstance && !entity.absent)
        .map(|(at, _)| at)
        .collect();
    let gateways = |kind: EntityKind| (0u32..).zip(&topology.entities).filter(move |(_, entity)| entity.kind == kind);
    let targets =
        if present.is_empty() { gateways(EntityKind::GatewaySubnet).map(|(at, _)| at).collect() } else { present };
    let mut edges: Vec<Edge> = Vec::new();
    for (front_end, _) in gateways(EntityKind::FrontEnd) {
        edges.extend(targets.iter().map(|&target| bare(front_end, target, EdgeKind::Inferred)));
    }

    let by_name: FxHashMap<(&str, &str), u32> = (0u32..)
        .zip(&inventory.gateways)
        .map(|(at, gateway)| ((gateway.meta.namespace.as_str(), gateway.meta.name.as_str()), at))
        .collect();
    let services: FxHashMap<(&str, &str), u32> = (0u32..)
        .zip(&inventory.services)
        .map(|(at, service)| ((service.meta.namespace.as_str(), service.meta.name.as_str()), at))
        .collect();
    for (at, route) in (0u32..).zip(&inventory.routes) {
        let Some(own) = places.of_route(at) else { continue };
        let parents: BTreeSet<u32> = route
            .parents
            .iter()
            .filter_map(|(namespace, name, _)| by_name.get(&(namespace.as_str(), name.as_str())))
            .filter_map(|gateway| places.of_gateway(*gateway))
            .collect();
        edges.extend(parents.into_iter().map(|gateway| bare(gateway, own, EdgeKind::Inferred)));
        let backends: BTreeSet<u32> = route
            .backends
            .iter()
            .filter_map(|backend| services.get(&(backend.namespace.as_str(), backend.service.as_str())))
            .filter_map(|service| places.of_service(*service))
            .collect();
        edges.extend(backends.into_iter().map(|service| bare(own, service, EdgeKind::Inferred)));
    }
    edges.extend(service_edges(world, &services));
    // Flows that were seen say more than objects.
    let seen: FxHashSet<(u32, u32)> = topology.edges.iter().map(|edge| (edge.source, edge.target)).collect();
    topology.edges.extend(edges.into_iter().filter(|edge| !seen.contains(&(edge.source, edge.target))));
}

fn service_edges(world: World<'_>, services: &FxHashMap<(&str, &str), u32>) -> Vec<Edge> {
    let inventory = world.resolver.inventory();
    if inventory.endpoint_slices.iter().map(|slice| slice.endpoints.len()).sum::<usize>() > SERVICE_EDGES {
        return Vec::new();
    }
    let mut pairs: BTreeSet<(u32, u32)> = BTreeSet::new();
    for pod in (0u32..).take(inventory.pods.len()) {
        let Some(target) = world.places.of_pod(pod) else { continue };
        for slice in world.health.endpoint_slices(pod) {
            let Some(slice) = inventory.endpoint_slices.get(slice as usize) else { continue };
            let service = services.get(&(slice.meta.namespace.as_str(), slice.service.as_str()));
            if let Some(service) = service.and_then(|service| world.places.of_service(*service)) {
                pairs.insert((service, target));
            }
        }
    }
    pairs.into_iter().map(|(service, pod)| bare(service, pod, EdgeKind::Inferred)).collect()
}

/// Those who were turned away wear the number of their attempts.
fn describe_denied(topology: &mut Topology) {
    for entity in &mut topology.entities {
        if entity.kind == EntityKind::Internet && entity.key.0 == "group:denied-internet" {
            entity.detail = match entity.traffic.denied {
                0 => "no attempts".to_owned(),
                1 => "1 attempt".to_owned(),
                many => format!("{many} attempts"),
            };
        }
    }
}
