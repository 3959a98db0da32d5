//! Flows by peer: the other end, the port, who began, what kind of traffic.

use super::super::World;
use super::super::members::places_of;
use super::super::placed::{Placed, RuleLists, visit};
use super::super::places::{NONE, addresses};
use super::super::probed;
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::summary::Side;
use underlay_model::view::{Detail, EdgeKind, Peer, Traffic};
use underlay_store::query::{PairDetails, PairSums};

/// Peers listed at most.
const LISTED: usize = 200;

/// What one row stands for.
type Key = (u32, u16, u8, bool, EdgeKind);

struct Sum {
    key: Key,
    traffic: Traffic,
    first: IpAddr,
    addresses: usize,
    /// Of the pair with the most flows.
    side: (u64, Side),
    rules: RuleLists,
}

/// Fills in the peers and the total. Traffic between two things inside a container is in the total only.
pub(super) fn add(world: World<'_>, at: u32, pairs: &PairSums, details: &PairDetails, detail: &mut Detail) {
    let mut index: FxHashMap<Key, usize> = FxHashMap::default();
    let mut sums: Vec<Sum> = Vec::new();
    let mut known: FxHashSet<(usize, IpAddr)> = FxHashSet::default();
    let mut total = Traffic::default();
    let ours = places_of(world, at);
    let is_ours = |at: u32| {
        let next = ours.partition_point(|place| place.start <= at);
        ours.get(..next).and_then(<[_]>::last).is_some_and(|place| place.contains(&at))
    };
    let is_many = ours.len() > 1 || world.places.end(at) > at + 1;
    visit(world, pairs, details, |placed: Placed| {
        let (from_us, to_us) = (is_ours(placed.source), is_ours(placed.target));
        if !(from_us || to_us) {
            return;
        }
        total += placed.traffic;
        // What a container's members send each other is nobody else's; a lone thing may well talk to itself.
        if from_us && to_us && is_many {
            return;
        }
        let (peer, address) = if from_us { (placed.target, placed.pair.dst) } else { (placed.source, placed.pair.src) };
        // Probes and user traffic of one pair are rows of their own, where they are told apart.
        let (user, probes) = probed::split(world, &placed);
        let others = (probes.is_none() || !user.is_empty()).then_some((placed.kind, user));
        let probes = probes.map(|probes| (EdgeKind::Probe, probes));
        for (kind, traffic) in [others, probes].into_iter().flatten() {
            let key = (peer, placed.pair.port, placed.pair.protocol, to_us, kind);
            let row = *index.entry(key).or_insert_with(|| {
                sums.push(Sum {
                    key,
                    traffic: Traffic::default(),
                    first: address,
                    addresses: 0,
                    side: (0, Side::Destination),
                    rules: RuleLists::default(),
                });
                sums.len() - 1
            });
            let new = known.insert((row, address));
            if let Some(sum) = sums.get_mut(row) {
                sum.traffic += traffic;
                sum.addresses += usize::from(new);
                if let Some(pair) = &placed.detail {
                    if sum.rules.is_empty() || traffic.flows > sum.side.0 {
                        sum.side = (traffic.flows, pair.side);
                    }
                    sum.rules.add(&pair.rules);
                }
            }
        }
    });
    detail.total = total;
    sums.order_by_key(|sum| (std::cmp::Reverse((sum.traffic.flows, sum.traffic.total_bytes())), sum.key));
    detail.more_peers = u64::try_from(sums.len().saturating_sub(LISTED)).unwrap_or(u64::MAX);
    detail.peers = sums.into_iter().take(LISTED).map(|sum| peer(world, sum)).collect();
}

fn peer(world: World<'_>, sum: Sum) -> Peer {
    let (at, port, protocol, initiated, kind) = sum.key;
    let address = if sum.addresses > 1 { addresses(sum.addresses) } else { sum.first.to_string() };
    let name = match world.places.entity(at) {
        Some(entity) if at != NONE => entity.name.clone(),
        _ => address.clone(),
    };
    Peer {
        key: world.places.key(at),
        name,
        address,
        initiated,
        port: (port, protocol),
        kind,
        traffic: sum.traffic,
        side: sum.side.1,
        rules: sum.rules.texts(),
    }
}
