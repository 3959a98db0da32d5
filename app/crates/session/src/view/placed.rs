//! Counted pairs with their ends placed: what every builder sums over. Rows of a pair that was split by minute are put
//! together again where its ends are the same things, since flows are counted over the whole range (contract rule 11).

use super::World;
use super::places::NONE;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use underlay_model::texts::Texts;
use underlay_model::time::Minute;
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKind, Traffic};
use underlay_store::key::PairKey;
use underlay_store::query::{PairDetail, PairDetails, PairSum, PairSums};
use underlay_store::sums::Counters;

/// One pair's traffic between two things.
pub(super) struct Placed {
    pub(super) pair: PairKey,
    /// Entities; [`NONE`] when the pair is not of the capture that was placed.
    pub(super) source: u32,
    pub(super) target: u32,
    pub(super) kind: EdgeKind,
    pub(super) traffic: Traffic,
    /// It is all of the pair's traffic: no other two things have a part of it.
    pub(super) whole: bool,
    /// What else is known of the pair, when the details hold it.
    pub(super) detail: Option<PairDetail>,
}

/// Lists of rules that come together.
#[derive(Debug, Default)]
pub(super) struct RuleLists(Vec<Texts>);

impl RuleLists {
    pub(super) fn add(&mut self, rules: &Texts) {
        // Nearly always one of few lists, over and over.
        if !self.0.iter().rev().take(8).any(|known| known.is_same(rules)) {
            self.0.push(rules.clone());
        }
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        other.0.iter().for_each(|rules| self.add(rules));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every rule once, sorted.
    pub(super) fn texts(&self) -> Vec<String> {
        let all: BTreeSet<&String> = self.0.iter().flat_map(|list| list.iter()).collect();
        all.into_iter().cloned().collect()
    }
}

/// Counters as the page sees them.
pub(super) fn traffic_of(counters: &Counters) -> Traffic {
    let fit = |values: [u128; 2]| values.map(|value| u64::try_from(value).unwrap_or(u64::MAX));
    Traffic {
        flows: counters.flows(),
        denied: counters.denied,
        packets: fit(counters.packets),
        bytes: fit(counters.bytes),
    }
}

/// Visits every pair with its ends; of a split pair every distinct two ends, in the order of their first minute.
pub(super) fn visit(world: World<'_>, pairs: &PairSums, details: &PairDetails, mut visitor: impl FnMut(Placed)) {
    let reference = world.places.reference_minute();
    let mut details = details.iter().peekable();
    let mut sums = pairs.iter().peekable();
    let mut rows: Vec<PairSum> = Vec::new();
    // No row has this minute, so the first asks. Pairs are sorted by source, and few things are the targets of many.
    let nobody = ((IpAddr::V4(Ipv4Addr::UNSPECIFIED), Minute::MIN), NONE);
    let mut last = nobody;
    let mut targets = vec![nobody; TARGETS];
    while let Some(first) = sums.next() {
        let pair = first.pair;
        rows.clear();
        rows.push(first);
        while let Some(row) = sums.next_if(|row| row.pair == pair) {
            rows.push(row);
        }
        while details.next_if(|detail| detail.pair < pair).is_some() {}
        let detail = details.next_if(|detail| detail.pair == pair);
        let mut ends = |row: &PairSum| {
            let minute = row.minute.unwrap_or(reference);
            let place = |address| world.places.place(world.resolver, address, minute).unwrap_or(NONE);
            if last.0 != (pair.src, minute) {
                last = ((pair.src, minute), place(pair.src));
            }
            let Some(target) = targets.get_mut(slot(pair.dst)) else { return (last.1, place(pair.dst)) };
            if target.0 != (pair.dst, minute) {
                *target = ((pair.dst, minute), place(pair.dst));
            }
            (last.1, target.1)
        };
        let mut visit = |(source, target): (u32, u32), counters: &Counters, whole: bool| {
            let kind = edge_kind(world.places.kind(source), world.places.kind(target), pair.verdict == Verdict::Denied);
            let traffic = traffic_of(counters);
            visitor(Placed { pair, source, target, kind, traffic, whole, detail: detail.clone() });
        };
        if rows.len() == 1 {
            visit(ends(&first), &first.counters, true);
            continue;
        }
        let mut parts: Vec<((u32, u32), Counters)> = Vec::new();
        for row in &rows {
            let ends = ends(row);
            match parts.iter_mut().find(|(known, _)| *known == ends) {
                Some((_, sum)) => *sum += row.counters,
                None => parts.push((ends, row.counters)),
            }
        }
        for (ends, counters) in &parts {
            visit(*ends, counters, parts.len() == 1);
        }
    }
}

/// Targets whose places are at hand; a power of two.
const TARGETS: usize = 1024;

/// Of the targets at hand, the only one that an address may be.
fn slot(address: IpAddr) -> usize {
    let bits = match address {
        IpAddr::V4(v4) => u32::from(v4),
        IpAddr::V6(v6) => u128::from(v6) as u32,
    };
    (bits.wrapping_mul(0x9E37_79B9) >> 16) as usize & (TARGETS - 1)
}

/// What traffic between two kinds of things is.
pub(super) fn edge_kind(source: Option<EntityKind>, target: Option<EntityKind>, denied: bool) -> EdgeKind {
    use EntityKind::{Clients, GatewayInstance, Internet, Platform};
    match (source, target) {
        _ if denied => EdgeKind::Denied,
        (Some(Platform), _) | (_, Some(Platform)) => EdgeKind::Platform,
        (_, Some(Internet)) => EdgeKind::Egress,
        (Some(GatewayInstance | Internet | Clients), _) => EdgeKind::User,
        _ => EdgeKind::Internal,
    }
}
