//! What to ask the store for the traffic of a thing or an edge.

use super::World;
use super::members::places_of;
use std::net::IpAddr;
use std::ops::Range;
use underlay_model::access::AccessFilter;
use underlay_model::connection::ProbeObservation;
use underlay_model::order::Order;
use underlay_model::sources::{SourceOf, SourceQuery};
use underlay_model::time::MINUTE_MS;
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKey, EntityKind};
use underlay_store::key::PointKey;
use underlay_store::query::{AddressSet, Selector};
use underlay_store::sources::RowQuery;

/// What to ask the store for traffic of a thing with all that it contains, of a service or a route with its pods; `None` when the capture has no such thing.
pub fn selector(world: World<'_>, key: &EntityKey) -> Option<Selector> {
    let at = world.places.find(key)?;
    Some(Selector { either: Some(set_of(world, at)), ..Selector::default() })
}

fn set_of(world: World<'_>, at: u32) -> AddressSet {
    world.places.address_set(world.resolver, &places_of(world, at))
}

/// The thing alone, as an edge means its ends.
fn own_set_of(world: World<'_>, at: u32) -> AddressSet {
    world.places.address_set(world.resolver, std::slice::from_ref(&(at..at.saturating_add(1))))
}

/// What to ask the store for an edge's traffic; `None` when the capture has no such ends.
pub fn edge_selector(world: World<'_>, source: &EntityKey, target: &EntityKey, kind: EdgeKind) -> Option<Selector> {
    let (source, target) = (world.places.find(source)?, world.places.find(target)?);
    Some(Selector {
        source: Some(own_set_of(world, source)),
        destination: Some(own_set_of(world, target)),
        verdict: Some(if kind == EdgeKind::Denied { Verdict::Denied } else { Verdict::Allowed }),
        ..Selector::default()
    })
}

/// What to ask the store for the rows behind a number; `None` when the capture has no such thing.
pub fn row_query(world: World<'_>, query: &SourceQuery) -> Option<RowQuery> {
    let range = query.range;
    match &query.of {
        SourceOf::Whole(verdict) => {
            let selector = Selector { verdict: *verdict, ..Selector::default() };
            Some(RowQuery { range, selector, ..RowQuery::default() })
        }
        SourceOf::Entity(key) => Some(RowQuery { range, selector: selector(world, key)?, ..RowQuery::default() }),
        SourceOf::Things(keys) => {
            let mut places: Vec<Range<u32>> =
                keys.iter().filter_map(|key| world.places.find(key)).flat_map(|at| places_of(world, at)).collect();
            places.order_by_key(|place| place.start);
            let either = Some(world.places.address_set(world.resolver, &places));
            Some(RowQuery { range, selector: Selector { either, ..Selector::default() }, ..RowQuery::default() })
        }
        SourceOf::Denied(key) => {
            let selector = Selector { verdict: Some(Verdict::Denied), ..selector(world, key)? };
            Some(RowQuery { range, selector, ..RowQuery::default() })
        }
        SourceOf::Edge { source, target, kind, pair } => Some(RowQuery {
            range,
            selector: edge_selector(world, source, target, *kind)?,
            service: pair.map(|pair| (pair.port, pair.protocol)),
            ends: pair.map(|pair| (pair.src, pair.dst)),
            ..RowQuery::default()
        }),
        SourceOf::Pair(pair, verdict) => Some(RowQuery {
            range,
            selector: Selector { verdict: Some(*verdict), ..Selector::default() },
            service: Some((pair.port, pair.protocol)),
            ends: Some((pair.src, pair.dst)),
            ..RowQuery::default()
        }),
        SourceOf::Peer { key, peer, initiated, kind, port } => {
            let (at, peer) = (world.places.find(key)?, world.places.find(peer)?);
            let thing = Some(set_of(world, at));
            let peer = Some(own_set_of(world, peer));
            let (source, destination) = if *initiated { (peer, thing) } else { (thing, peer) };
            let verdict = Some(if *kind == EdgeKind::Denied { Verdict::Denied } else { Verdict::Allowed });
            let selector = Selector { source, destination, verdict, ..Selector::default() };
            Some(RowQuery { range, selector, service: Some(*port), ..RowQuery::default() })
        }
        SourceOf::Probes { key, instance } => {
            let at = world.places.find(key)?;
            let instance = match instance {
                Some(instance) => Some(world.places.find(instance)?),
                None => None,
            };
            Some(RowQuery { range, ..probe_rows(world, Some(at), instance) })
        }
        SourceOf::Layer(EdgeKind::Denied) => row_query(world, &SourceQuery { of: DENIED, ..query.clone() }),
        SourceOf::Layer(EdgeKind::Probe) => Some(RowQuery { range, ..probe_rows(world, None, None) }),
        SourceOf::Layer(kind) => {
            Some(RowQuery { range, selector: layer_selector(world, *kind)?, ..RowQuery::default() })
        }
        // Which input it is the coordinator knows.
        SourceOf::Input(_) => Some(RowQuery { range, ..RowQuery::default() }),
        SourceOf::Duplicates => Some(RowQuery { range, copies: true, ..RowQuery::default() }),
        SourceOf::Nic { mac, flow_log } => {
            let point = PointKey { mac: mac.clone(), flow_log: flow_log.clone() };
            Some(RowQuery { range, point: Some(point), ..RowQuery::default() })
        }
        SourceOf::Requests(_) => None,
    }
}

const DENIED: SourceOf = SourceOf::Whole(Some(Verdict::Denied));

/// What to ask the store for allowed traffic that edges of this kind draw; `None` of kinds that no flow is behind. As
/// [`edge_kind`](super::placed::edge_kind) tells them, by what stands at the ends.
fn layer_selector(world: World<'_>, kind: EdgeKind) -> Option<Selector> {
    use EntityKind::{Clients, GatewayInstance, Internet, Platform};
    let of = |is: &dyn Fn(EntityKind) -> bool| {
        let mut places: Vec<Range<u32>> = Vec::new();
        for at in (0u32..).zip(world.places.entities()).filter(|(_, entity)| is(entity.kind)).map(|(at, _)| at) {
            match places.last_mut() {
                Some(last) if last.end == at => last.end = at.saturating_add(1),
                _ => places.push(at..at.saturating_add(1)),
            }
        }
        Some(world.places.address_set(world.resolver, &places))
    };
    let within = |kind: EntityKind| !matches!(kind, Platform | Internet);
    let outside = |kind: EntityKind| matches!(kind, GatewayInstance | Internet | Clients);
    let (source, destination) = match kind {
        EdgeKind::Platform => {
            let either = of(&|kind| kind == Platform);
            return Some(Selector { either, verdict: Some(Verdict::Allowed), ..Selector::default() });
        }
        EdgeKind::Egress => (of(&|kind| kind != Platform), of(&|kind| kind == Internet)),
        EdgeKind::User => (of(&outside), of(&within)),
        EdgeKind::Internal => (of(&|kind| within(kind) && !outside(kind)), of(&within)),
        EdgeKind::Denied | EdgeKind::Probe | EdgeKind::Absent | EdgeKind::Inferred => return None,
    };
    Some(Selector { source, destination, verdict: Some(Verdict::Allowed), ..Selector::default() })
}

/// Connections between instances and what they probe, at the port where they do: of one thing, or all.
fn probe_rows(world: World<'_>, at: Option<u32>, instance: Option<u32>) -> RowQuery {
    let own = at.map(|at| set_of(world, at));
    let holds = |set: &AddressSet, address: Option<IpAddr>| {
        address.is_some_and(|address| set.0.binary_search_by_key(&address, |span| span.address).is_ok())
    };
    let is_instance = at.is_some_and(|at| world.places.kind(at) == Some(EntityKind::GatewayInstance));
    let (probers, probed) = match (is_instance, instance) {
        (true, _) => (own, None),
        (false, Some(instance)) => (Some(own_set_of(world, instance)), own),
        (false, None) => (None, own),
    };
    let all = world.probes.observations.iter();
    let seen: Vec<&ProbeObservation> = all
        .filter(|seen| {
            probers.as_ref().is_none_or(|set| holds(set, seen.instance))
                && probed.as_ref().is_none_or(|set| holds(set, seen.target))
        })
        .collect();
    let addresses = |pick: fn(&ProbeObservation) -> Option<IpAddr>| {
        let mut addresses: Vec<IpAddr> = seen.iter().filter_map(|seen| pick(seen)).collect();
        addresses.order();
        addresses.dedup();
        addresses.into_iter().collect::<AddressSet>()
    };
    let source = Some(probers.unwrap_or_else(|| addresses(|seen| seen.instance)));
    let destination = Some(probed.unwrap_or_else(|| addresses(|seen| seen.target)));
    // Probes are HTTP.
    let port = seen.first().map(|seen| seen.port).filter(|&port| seen.iter().all(|seen| seen.port == port));
    let selector = Selector { source, destination, verdict: Some(Verdict::Allowed), ..Selector::default() };
    RowQuery { selector, service: port.map(|port| (port, 6)), ..RowQuery::default() }
}

/// Which rows of access logs are behind a number; `None` where it is one of flow logs.
pub fn request_filter(world: World<'_>, query: &SourceQuery) -> Option<AccessFilter> {
    let mut filter = match &query.of {
        SourceOf::Requests(filter) => filter.clone(),
        SourceOf::Entity(key) => of_ends(world, &[key])?,
        SourceOf::Edge { source, target, .. } => of_ends(world, &[source, target])?,
        SourceOf::Whole(_)
        | SourceOf::Denied(_)
        | SourceOf::Things(_)
        | SourceOf::Pair(..)
        | SourceOf::Peer { .. }
        | SourceOf::Probes { .. }
        | SourceOf::Layer(_)
        | SourceOf::Input(_)
        | SourceOf::Duplicates
        | SourceOf::Nic { .. } => return None,
    };
    if let Some(range) = query.range {
        let (from, to) = (range.first * MINUTE_MS, (range.last + 1) * MINUTE_MS - 1);
        filter.span = Some(filter.span.map_or((from, to), |(first, last)| (from.max(first), to.min(last))));
    }
    Some(filter)
}

/// Requests of clients, to front ends, or of the one to the other: all ends must be such.
fn of_ends(world: World<'_>, ends: &[&EntityKey]) -> Option<AccessFilter> {
    let inventory = world.resolver.inventory();
    let mut filter = AccessFilter::default();
    for key in ends {
        let at = world.places.find(key)?;
        match world.places.kind(at)? {
            EntityKind::Clients => {
                let drawn = |address: &IpAddr| world.places.client(*address) == Some(at);
                let mut clients: Vec<IpAddr> =
                    inventory.azure.access.clients.iter().filter_map(|cell| cell.client).collect();
                clients.order();
                clients.dedup();
                let others: Vec<IpAddr> = clients.iter().copied().filter(|address| !drawn(address)).collect();
                match key.0.strip_prefix("client:").and_then(|address| address.parse().ok()) {
                    Some(address) => filter.client = Some(address),
                    // A group: all but those that stand for themselves, which are few.
                    None => filter.other_clients_than = others,
                }
            }
            EntityKind::FrontEnd => {
                let names = inventory.azure.access.front_ends.iter();
                let own = names.filter(|name| world.places.front_end(inventory, name) == Some(at));
                filter.front_ends = own.cloned().collect();
                if filter.front_ends.is_empty() {
                    return None;
                }
            }
            _ => return None,
        }
    }
    Some(filter)
}
