//! One edge's pairs and series.

use super::World;
use super::placed::{Placed, visit};
use super::places::NONE;
use super::probed;
use super::timeline::edge_series;
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::summary::Side;
use underlay_model::view::{EdgeDetail, EdgeKind, EntityKey, EntityKind, PairRow};
use underlay_store::query::{MinuteSums, PairDetails, PairSums};

/// Pairs listed at most.
const LISTED: usize = 200;

/// One edge's answer; `None` when the capture has no such ends. `pairs`, `details` and `minutes` are what
/// [`super::edge_selector`] takes, as for [`super::detail()`].
pub fn edge_detail(
    world: World<'_>,
    source: &EntityKey,
    target: &EntityKey,
    kind: EdgeKind,
    pairs: &PairSums,
    details: &PairDetails,
    minutes: &MinuteSums,
) -> Option<EdgeDetail> {
    let (from, to) = (world.places.find(source)?, world.places.find(target)?);
    let mut answer = EdgeDetail::default();
    if world.places.kind(from) == Some(EntityKind::Clients) {
        let requests = world.places.requests(world.resolver.inventory(), world.range);
        let own = requests.into_iter().filter(|request| (request.0, request.1) == (from, to));
        own.for_each(|request| answer.total += request.2);
        answer
            .probes
            .push("Requests, as the gateway's access log counts them: no flow log observes this hop.".to_owned());
        return Some(answer);
    }
    let mut found: Vec<Placed> = Vec::new();
    visit(world, pairs, details, |placed| {
        // Probes are a part of what the instance sends.
        let own = if kind == EdgeKind::Probe { EdgeKind::User } else { kind };
        if (placed.source, placed.target, placed.kind) != (from, to, own) {
            return;
        }
        let (user, probes) = probed::split(world, &placed);
        let part = match probes {
            Some(probes) if kind == EdgeKind::Probe => probes,
            None if kind == EdgeKind::Probe => return,
            Some(_) if user.is_empty() => return,
            _ => user,
        };
        answer.total += part;
        found.push(Placed { traffic: part, kind, ..placed });
    });
    if matches!(kind, EdgeKind::User | EdgeKind::Probe) {
        answer.probes = probed::words(world, kind, &found.iter().collect::<Vec<_>>());
    }
    found.order_by_key(|placed| (std::cmp::Reverse((placed.traffic.flows, placed.traffic.total_bytes())), placed.pair));
    answer.more_pairs = u64::try_from(found.len().saturating_sub(LISTED)).unwrap_or(u64::MAX);
    answer.pairs = found.iter().take(LISTED).map(|placed| row(world, placed)).collect();
    (answer.series_first, answer.series) = edge_series(minutes);
    Some(answer)
}

fn row(world: World<'_>, placed: &Placed) -> PairRow {
    let detail = placed.detail.as_ref();
    PairRow {
        src: placed.pair.src,
        dst: placed.pair.dst,
        src_name: name(world, placed.source, placed.pair.src),
        dst_name: name(world, placed.target, placed.pair.dst),
        src_key: world.places.key(placed.source),
        dst_key: world.places.key(placed.target),
        port: placed.pair.port,
        protocol: placed.pair.protocol,
        denied: placed.kind == EdgeKind::Denied,
        kind: placed.kind,
        traffic: placed.traffic,
        first_ms: detail.map_or(0, |detail| detail.first_ms),
        last_ms: detail.map_or(0, |detail| detail.last_ms),
        side: detail.map_or(Side::Destination, |detail| detail.side),
        rules: detail.map(|detail| detail.rules.to_vec()).unwrap_or_default(),
        encryption: detail.map(|detail| detail.encryption.to_vec()).unwrap_or_default(),
    }
}

/// The thing's name, or the address where a thing stands for many.
fn name(world: World<'_>, at: u32, address: IpAddr) -> String {
    match world.places.entity(at) {
        Some(entity) if at != NONE && entity.members == 1 => entity.name.clone(),
        _ => address.to_string(),
    }
}
