//! Pure builders of what the page sees: identities, health and counted sums go in, `underlay_model::view` comes out.
//! Nothing here reads, counts or merges; every function is linear in its input.

mod charts;
mod coverage;
mod detail;
mod edge;
mod groups;
mod headline;
mod journey;
mod matrix;
mod members;
mod placed;
mod places;
mod probed;
mod select;
mod timeline;
mod topology;
mod tracks;

pub use charts::charts;
pub use coverage::coverage;
pub use detail::detail;
pub use edge::edge_detail;
pub use groups::Groups;
pub use journey::{carrying_pairs, journey};
pub use matrix::{gateway_selector, matrix};
pub use places::Places;
pub use select::{edge_selector, request_filter, row_query, selector};
pub use timeline::{span_of, timeline};
pub use topology::topology;

use underlay_findings::HealthReport;
use underlay_identity::Resolver;
use underlay_model::connection::ProbeReport;
use underlay_model::view::MinuteRange;

/// What one capture is known to be, for the builders: lives as long as the inventory and the set of pairs do.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// Who is who.
    pub resolver: &'a Resolver,
    /// How well.
    pub health: &'a HealthReport,
    /// Where everything stands; built once from the pairs of the whole capture, so that no brush moves anything.
    pub places: &'a Places,
    /// What was seen of the gateway's probes in the whole capture.
    pub probes: &'a ProbeReport,
    /// The asked time range; `None` is the whole capture.
    pub range: Option<MinuteRange>,
}

#[cfg(test)]
mod tests;
