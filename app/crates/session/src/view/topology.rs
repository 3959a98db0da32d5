//! The picture for a time range: every entity with its traffic, and the edges between them.

use super::World;
use super::groups::{Group, Groups};
use super::headline;
use super::placed::RuleLists;
use super::places::{NONE, Places, Subject};
use super::probed;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::view::{Edge, EdgeKind, EntityKind, Topology, Traffic};
use underlay_store::grouped::GroupKey;

/// Ports and rules that an edge lists.
const LISTED: usize = 8;
/// Endpoints beyond which services' edges to single pods are left out: they are drawn on demand only.
const SERVICE_EDGES: usize = 20_000;

/// The picture for a time range: `sums` are the counted traffic of `groups` in it, in order. Probes are an edge of their own where they
/// are told from user traffic.
pub fn topology(world: World<'_>, groups: &Groups, sums: &[(u32, Traffic)]) -> Topology {
    let places = world.places;
    let mut topology = Topology { entities: places.entities().to_vec(), ..Topology::default() };
    for &(number, traffic) in sums {
        topology.total += traffic;
        if let Some(group) = groups.get(number) {
            add_traffic(&mut topology, places, (group.key.source, group.key.target), traffic);
        }
    }
    topology.edges = edges(world, groups, sums);
    add_requests(world, &mut topology);
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

/// Adds what goes between two things to both and to all that hold them, to each once.
fn add_traffic(topology: &mut Topology, places: &Places, (source, target): (u32, u32), traffic: Traffic) {
    let mut climb = |from: u32, but_not_around: u32| {
        let mut at = Some(from);
        while let Some(entity) = at.and_then(|at| topology.entities.get_mut(at as usize)) {
            let around = at.is_some_and(|at| but_not_around != NONE && places.holds(at, but_not_around));
            if around {
                break;
            }
            entity.traffic += traffic;
            at = entity.parent;
        }
    };
    climb(source, NONE);
    climb(target, source);
}

/// An edge for all groups between the same things, and one for the probes among them.
fn edges(world: World<'_>, groups: &Groups, sums: &[(u32, Traffic)]) -> Vec<Edge> {
    let known = |sum: &(u32, Traffic)| Some((groups.get(sum.0)?, sum.1));
    // Pairs of which several things have a part in this range.
    let mut moved: Vec<GroupKey> =
        sums.iter().filter_map(known).filter(|(group, _)| group.split).map(|(group, _)| of_pair(group)).collect();
    moved.order();
    let mut edges = Vec::new();
    let same = |a: &(u32, Traffic), b: &(u32, Traffic)| {
        groups.get(a.0).zip(groups.get(b.0)).is_some_and(|(a, b)| a.has_ends_of(b))
    };
    for run in sums.chunk_by(same) {
        let mut lines = [Line::default(), Line::default()];
        for (group, traffic) in run.iter().filter_map(known).filter(|(group, _)| group.is_edge()) {
            let parts = || {
                let key = of_pair(group);
                moved.partition_point(|other| *other <= key) - moved.partition_point(|other| *other < key)
            };
            let whole = !group.split || parts() < 2;
            let (user, probes) = match group.single(traffic, whole) {
                Some(placed) => probed::split(world, &placed),
                None => (traffic, None),
            };
            let [own, of_probes] = &mut lines;
            if let Some(probes) = probes {
                of_probes.add(group, probes);
            }
            if probes.is_none() || !user.is_empty() {
                own.add(group, user);
            }
        }
        if let Some((group, _)) = run.first().and_then(known) {
            let [own, probes] = lines;
            edges.extend(own.finish(group, group.kind));
            edges.extend(probes.finish(group, EdgeKind::Probe));
        }
    }
    edges
}

/// A pair, wherever its ends stand.
fn of_pair(group: &Group) -> GroupKey {
    GroupKey { source: NONE, target: NONE, ..group.key }
}

/// What an edge is made of.
#[derive(Default)]
struct Line {
    traffic: Traffic,
    pairs: u64,
    encryption: [u32; 2],
    ports: Vec<(u16, u8, u64)>,
    rules: RuleLists,
}

impl Line {
    fn add(&mut self, group: &Group, traffic: Traffic) {
        self.traffic += traffic;
        self.pairs += group.pairs;
        for (sum, more) in self.encryption.iter_mut().zip(group.encryption) {
            *sum = sum.saturating_add(more);
        }
        self.rules.add_all(&group.rules);
        // Groups come by port.
        let GroupKey { port, protocol, .. } = group.key;
        match self.ports.last_mut() {
            Some(last) if (last.0, last.1) == (port, protocol) => last.2 = last.2.saturating_add(traffic.flows),
            _ => self.ports.push((port, protocol, traffic.flows)),
        }
    }

    /// `None` when nothing was added.
    fn finish(mut self, group: &Group, kind: EdgeKind) -> Option<Edge> {
        if self.ports.is_empty() {
            return None;
        }
        if self.ports.len() > 1 {
            self.ports.order_by_key(|&(port, protocol, flows)| (std::cmp::Reverse(flows), port, protocol));
            self.ports.truncate(LISTED);
        }
        let rules = self.rules.texts().into_iter().take(LISTED).collect();
        let Self { traffic, pairs, encryption, ports, .. } = self;
        Some(Edge { traffic, pairs, encryption, ports, rules, ..bare(group.key.source, group.key.target, kind) })
    }
}

fn bare(source: u32, target: u32, kind: EdgeKind) -> Edge {
    let (ports, rules) = (Vec::new(), Vec::new());
    Edge { source, target, kind, traffic: Traffic::default(), ports, rules, pairs: 0, encryption: [0; 2] }
}

/// What clients asked front ends, as the gateway's access log tells. No pair of addresses is behind it, and it is in no sum of flows.
fn add_requests(world: World<'_>, topology: &mut Topology) {
    for (client, front_end, traffic) in world.places.requests(world.resolver.inventory(), world.range) {
        for end in [client, front_end] {
            if let Some(entity) = topology.entities.get_mut(end as usize) {
                entity.traffic += traffic;
            }
        }
        topology.edges.push(Edge { traffic, ..bare(client, front_end, EdgeKind::User) });
    }
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
            .filter_map(|parent| by_name.get(&(parent.namespace.as_str(), parent.name.as_str())))
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
