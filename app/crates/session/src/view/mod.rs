//! Pure builders of what the page sees: identities, health and counted sums go in, `underlay_model::view` comes out.
//! Nothing here reads, counts or merges; every function is linear in its input.

mod headline;
mod placed;
mod places;
mod topology;

pub use places::Places;
pub use topology::topology;

use underlay_findings::HealthReport;
use underlay_identity::Resolver;
use underlay_model::view::{Detail, EdgeDetail, EdgeKind, EntityKey, MinuteRange, Timeline};
use underlay_store::query::{MinuteSums, PairDetails, PairSums, Selector};

/// What one capture is known to be, for the builders: lives as long as the inventory and the set of pairs do.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Who is who.
    pub resolver: &'a Resolver,
    /// How well.
    pub health: &'a HealthReport,
    /// Where everything stands; built once from the pairs of the whole capture, so that no brush moves anything.
    pub places: &'a Places,
}

/// What to ask the store for traffic of a thing and all that it contains; `None` when the capture has no such thing.
pub fn selector(world: World<'_>, key: &EntityKey) -> Option<Selector> {
    let _ = (world, key);
    todo!()
}

/// The inspector's answer for one thing; `None` when the capture has no such thing. `pairs` are the counted pairs of the
/// asked range that [`selector`] takes, split as for [`topology`]; `details` of the same; `minutes` its timeline over the whole capture.
pub fn detail(
    world: World<'_>,
    key: &EntityKey,
    pairs: &PairSums,
    details: &PairDetails,
    minutes: &MinuteSums,
) -> Option<Detail> {
    let _ = (world, key, pairs, details, minutes);
    todo!()
}

/// What to ask the store for an edge's traffic; `None` when the capture has no such ends.
pub fn edge_selector(world: World<'_>, source: &EntityKey, target: &EntityKey, kind: EdgeKind) -> Option<Selector> {
    let _ = (world, source, target, kind);
    todo!()
}

/// One edge's answer; `None` when the capture has no such ends. `pairs`, `details` and `minutes` are what
/// [`edge_selector`] takes, as for [`detail`].
pub fn edge_detail(
    world: World<'_>,
    source: &EntityKey,
    target: &EntityKey,
    kind: EdgeKind,
    pairs: &PairSums,
    details: &PairDetails,
    minutes: &MinuteSums,
) -> Option<EdgeDetail> {
    let _ = (world, source, target, kind, pairs, details, minutes);
    todo!()
}

/// The whole capture minute by minute; `minutes` is the store's timeline of the selection, or of everything with
/// `has_selection` false.
pub fn timeline(minutes: &MinuteSums, has_selection: bool) -> Timeline {
    let _ = (minutes, has_selection);
    todo!()
}

/// The minutes from the first to the last that some record covers; `None` when there are none.
pub fn span_of(minutes: &MinuteSums) -> Option<MinuteRange> {
    let first = minutes.0.first()?.minute;
    let last = minutes.0.last()?.minute;
    Some(MinuteRange { first, last })
}
