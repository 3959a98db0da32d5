//! Duplicate records (contract rule 7). Within a shard the store finds them itself; a record of which another shard holds the original
//! is retracted here. Only records of reporting points that several shards hold can be such, so only their hashes travel.

use crate::Store;
use crate::key::PointKey;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use underlay_model::order::Order;

/// The copy of a record that sorts first in one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordCopy {
    /// See [`underlay_scan::RecordHead::hash`].
    pub hash: u128,
    /// Rank of its input.
    pub rank: u32,
    /// Its input: decides between inputs that have no rank.
    pub input: u32,
    /// Where it begins in the decoded text.
    pub byte: u64,
}

/// Reporting points that more than one shard holds; sorted. `points` is the answer of every shard's [`Store::points`].
pub fn shared_points(points: &[Vec<PointKey>]) -> Vec<PointKey> {
    let mut shards: BTreeMap<&PointKey, usize> = BTreeMap::new();
    for list in points {
        for point in list.iter().collect::<BTreeSet<_>>() {
            *shards.entry(point).or_default() += 1;
        }
    }
    shards.into_iter().filter(|&(_, count)| count > 1).map(|(point, _)| point.clone()).collect()
}

/// What each shard must retract, because another holds the copy that sorts first. `copies` is the answer of every shard's [`Store::copies`].
pub fn copies_to_retract(copies: &[Vec<RecordCopy>]) -> Vec<Vec<u128>> {
    let mut first: FxHashMap<u128, (RecordCopy, usize)> = FxHashMap::default();
    for (shard, list) in copies.iter().enumerate() {
        for &copy in list {
            let entry = first.entry(copy.hash).or_insert((copy, shard));
            *entry = (*entry).min((copy, shard));
        }
    }
    let lost = |(shard, list): (usize, &Vec<RecordCopy>)| {
        let beaten = |copy: &&RecordCopy| first.get(&copy.hash).is_some_and(|&(_, winner)| winner != shard);
        list.iter().filter(beaten).map(|copy| copy.hash).collect()
    };
    copies.iter().enumerate().map(lost).collect()
}

impl Store {
    /// The reporting points of this shard, sorted.
    #[inline(never)]
    pub fn points(&self) -> Vec<PointKey> {
        let used: BTreeSet<u32> = self.bodies.iter().map(|body| body.point).collect();
        let mut points: Vec<PointKey> =
            used.into_iter().filter_map(|point| self.points.get(point as usize).cloned()).collect();
        points.order();
        points
    }

    /// The first copy of every record of these points, sorted. Ranks must have been set.
    #[inline(never)]
    pub fn copies(&mut self, points: &[PointKey]) -> Vec<RecordCopy> {
        let wanted: Vec<bool> = self.points.iter().map(|point| points.contains(point)).collect();
        let mut first: BTreeMap<u128, RecordCopy> = BTreeMap::new();
        for record in &self.records {
            let point = self.bodies.get(record.body as usize).map_or(u32::MAX, |body| body.point);
            if wanted.get(point as usize) != Some(&true) {
                continue;
            }
            let (rank, input) = self.rank(record.input);
            let copy = RecordCopy { hash: record.hash, rank, input, byte: record.byte };
            let entry = first.entry(record.hash).or_insert(copy);
            *entry = copy.min(*entry);
        }
        first.into_values().collect()
    }

    /// Counts all copies of these records as duplicates; replaces what was retracted before. Settle afterwards.
    #[inline(never)]
    pub fn retract(&mut self, hashes: &[u128]) {
        self.set_retracted(hashes);
    }
}
