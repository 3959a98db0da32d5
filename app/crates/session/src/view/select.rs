//! What to ask the store for the traffic of a thing or an edge.

use super::World;
use super::members::places_of;
use underlay_model::sources::{SourceOf, SourceQuery};
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKey};
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
        SourceOf::Entity(key) => Some(RowQuery { range, selector: selector(world, key)?, ..RowQuery::default() }),
        SourceOf::Edge { source, target, kind, pair } => Some(RowQuery {
            range,
            selector: edge_selector(world, source, target, *kind)?,
            service: pair.map(|pair| (pair.port, pair.protocol)),
            ends: pair.map(|pair| (pair.src, pair.dst)),
        }),
        SourceOf::Pair(pair, verdict) => Some(RowQuery {
            range,
            selector: Selector { verdict: Some(*verdict), ..Selector::default() },
            service: Some((pair.port, pair.protocol)),
            ends: Some((pair.src, pair.dst)),
        }),
        SourceOf::Peer { key, peer, initiated, kind, port } => {
            let (at, peer) = (world.places.find(key)?, world.places.find(peer)?);
            let thing = Some(set_of(world, at));
            let peer = Some(own_set_of(world, peer));
            let (source, destination) = if *initiated { (peer, thing) } else { (thing, peer) };
            let verdict = Some(if *kind == EdgeKind::Denied { Verdict::Denied } else { Verdict::Allowed });
            let selector = Selector { source, destination, verdict, ..Selector::default() };
            Some(RowQuery { range, selector, service: Some(*port), ends: None })
        }
    }
}
