//! Pure builders of what the page sees: identities, health and counted rows go in, `underlay_model::view` comes out.
//! Nothing here reads, counts or merges; every function is linear in its input.

mod places;
mod rows;

pub use places::Places;
pub use rows::{CountedPair, CountedPairs, MinuteRow, PairMinute};

use underlay_findings::HealthReport;
use underlay_identity::Resolver;
use underlay_model::time::Minute;
use underlay_model::view::{Detail, EdgeDetail, EdgeKind, EntityKey, MinuteRange, SeriesPoint, Timeline, Topology};

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

/// The picture for a time range: `pairs` are the counted rows of that range.
pub fn topology(world: World<'_>, pairs: &CountedPairs) -> Topology {
    let _ = (world, pairs);
    todo!()
}

/// The inspector's answer for one thing; `None` when the capture has no such thing. `pairs` are the counted rows of the
/// asked range, `minutes` the counted rows of the whole capture that touch it, one per pair and minute
/// ([`Places::touches`]), `covered` the minutes that some record covers, sorted, `span` the whole capture's.
pub fn detail(
    world: World<'_>,
    key: &EntityKey,
    pairs: &CountedPairs,
    minutes: &[PairMinute],
    covered: &[Minute],
    span: Option<MinuteRange>,
) -> Option<Detail> {
    let _ = (world, key, pairs, minutes, covered, span);
    todo!()
}

/// One edge's answer; `None` when there is none. Arguments as for [`detail`]; `minutes` may hold more than the edge's rows.
#[allow(clippy::too_many_arguments, reason = "an edge is three things")]
pub fn edge_detail(
    world: World<'_>,
    source: &EntityKey,
    target: &EntityKey,
    kind: EdgeKind,
    pairs: &CountedPairs,
    minutes: &[PairMinute],
    covered: &[Minute],
    span: Option<MinuteRange>,
) -> Option<EdgeDetail> {
    let _ = (world, source, target, kind, pairs, minutes, covered, span);
    todo!()
}

/// The whole capture minute by minute. `all` is one row a minute over everything counted (any order), `selected` the same
/// over the selection's rows; `covered` as in [`detail`].
pub fn timeline(all: &[MinuteRow], selected: &[MinuteRow], covered: &[Minute], span: Option<MinuteRange>) -> Timeline {
    let _ = (all, selected, covered, span);
    todo!()
}

/// Bytes from and to a thing, minute by minute.
pub type Series = Vec<SeriesPoint>;
