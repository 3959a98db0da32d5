//! Charts of what flow logs, metrics, access logs and objects say over time, grouped and named for the page. What the inputs do
//! not say is left out: a gap is not a zero. With a selection the charts of flows, probes and requests are of the selected thing.

mod events;
mod flows;
mod grid;
mod metrics;
mod requests;
mod targets;
mod ways;

pub(super) use events::restarts;
use grid::Grid;
pub(super) use targets::{expected_targets, is_healthy_targets};

use super::{World, members};
use std::net::IpAddr;
use underlay_model::charts::Charts;
use underlay_model::view::EntityKey;
use underlay_store::query::MinuteSums;

/// So many series are told apart in one chart; the rest is summed or left out, and said.
const MOST_SERIES: usize = 8;

/// Whose numbers are asked for.
#[derive(Default)]
struct Subject {
    /// The selected thing; `None` for the whole capture.
    at: Option<u32>,
    name: String,
    /// Addresses of the pods that it stands for, sorted.
    addresses: Vec<IpAddr>,
}

/// All charts. `minutes` is the store's timeline of the selected thing, or of everything.
pub fn charts(world: World<'_>, selection: Option<&EntityKey>, minutes: &MinuteSums) -> Charts {
    let inventory = world.resolver.inventory();
    let mut subject = Subject::default();
    if let Some(at) = selection.and_then(|key| world.places.find(key))
        && let Some(entity) = world.places.entity(at)
    {
        let addresses = members::addresses_of(world, &members::pods_of(world, at));
        subject = Subject { at: Some(at), name: entity.name.clone(), addresses };
    }
    let mut charts = Charts { subject: subject.name.clone(), ..Charts::default() };
    flows::flows(world, &subject, minutes, &mut charts);
    targets::healthy_targets(inventory, &mut charts);
    requests::requests(inventory, &subject, &mut charts);
    events::events(inventory, &mut charts);
    metrics::metrics(inventory, &mut charts);
    metrics::firewall(inventory, &mut charts);
    ways::open(world, &subject, &mut charts.charts);
    charts
}

fn key(kind: &str, name: &str) -> String {
    if name.is_empty() { kind.to_owned() } else { format!("{kind}:{name}") }
}
