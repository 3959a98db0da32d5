//! What to ask the store for the traffic of a thing or an edge.

use super::World;
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKey};
use underlay_store::query::Selector;

/// What to ask the store for traffic of a thing and all that it contains; `None` when the capture has no such thing.
pub fn selector(world: World<'_>, key: &EntityKey) -> Option<Selector> {
    let at = world.places.find(key)?;
    Some(Selector { either: Some(world.places.address_set(world.resolver, at)), ..Selector::default() })
}

/// What to ask the store for an edge's traffic; `None` when the capture has no such ends.
pub fn edge_selector(world: World<'_>, source: &EntityKey, target: &EntityKey, kind: EdgeKind) -> Option<Selector> {
    let (source, target) = (world.places.find(source)?, world.places.find(target)?);
    Some(Selector {
        source: Some(world.places.own_address_set(world.resolver, source)),
        destination: Some(world.places.own_address_set(world.resolver, target)),
        verdict: Some(if kind == EdgeKind::Denied { Verdict::Denied } else { Verdict::Allowed }),
        ..Selector::default()
    })
}
