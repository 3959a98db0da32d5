//! Duplicate records (contract rule 7). Within a shard the store finds them itself; a record of which another shard holds the original
//! is retracted here. Only records of reporting points that several shards hold can be such, so only of those the shards tell one another.

use crate::Store;
use crate::key::PointKey;
use crate::record::Record;
use crate::settle::Parcel;
use std::collections::{BTreeMap, BTreeSet};
use underlay_model::order::Order;

/// The copy of a record that sorts first in one shard. Ordered as copies of one record are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RecordCopy {
    /// See [`underlay_scan::RecordHead::hash`].
    pub(crate) hash: u128,
    /// Rank of its input.
    pub(crate) rank: u32,
    /// Its input: decides between inputs that have no rank.
    pub(crate) input: u32,
    /// Where it begins in the decoded text.
    pub(crate) byte: u64,
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

    /// For all other shards: the first copy of every record of these points. Ranks must have been set.
    #[inline(never)]
    pub fn copies(&self, points: &[PointKey]) -> Parcel {
        let wanted: Vec<bool> = self.points.iter().map(|point| points.binary_search(point).is_ok()).collect();
        let mut told = Parcel::default();
        for (number, record) in (0..).zip(&self.records) {
            let point = self.bodies.get(record.body as usize).map_or(u32::MAX, |body| body.point);
            if wanted.get(point as usize) == Some(&true) && self.is_first_copy(number, record) {
                told.copy(&self.copy_of(record));
            }
        }
        told
    }

    /// Given the copies that each other shard has: counts as duplicates all records here of which another has the copy that sorts first;
    /// replaces what was retracted before. Settle afterwards.
    #[inline(never)]
    pub fn retract(&mut self, copies: &[Parcel]) {
        let mut lost = Vec::new();
        for parcel in copies {
            let mut reader = parcel.reader();
            while let Some(copy) = reader.copy() {
                let own = self.first_copy(copy.hash).and_then(|number| self.records.get(number as usize));
                if own.is_some_and(|own| copy < self.copy_of(own)) {
                    lost.push(copy.hash);
                }
            }
        }
        lost.order();
        lost.dedup();
        self.set_retracted(&lost);
    }

    fn copy_of(&self, record: &Record) -> RecordCopy {
        let (rank, input) = self.rank(record.input);
        RecordCopy { hash: record.hash, rank, input, byte: record.byte }
    }
}
