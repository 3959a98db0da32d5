//! Duplicate records (contract rule 7). Within a shard the store finds them itself; a record of which another shard holds the original
//! is retracted here. Only records of reporting points that several shards hold can be such, so only their hashes travel.

use crate::Store;
use crate::key::PointKey;
use serde::{Deserialize, Serialize};

/// The copy of a record that sorts first in one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordCopy {
    /// See [`underlay_scan::RecordHead::hash`].
    pub hash: u128,
    /// Rank of its input.
    pub rank: u32,
    /// Where it begins in the decoded text.
    pub byte: u64,
}

/// Reporting points that more than one shard holds; sorted. `points` is the answer of every shard's [`Store::points`].
pub fn shared_points(points: &[Vec<PointKey>]) -> Vec<PointKey> {
    let _ = points;
    todo!()
}

/// What each shard must retract, because another holds the copy that sorts first. `copies` is the answer of every shard's [`Store::copies`].
pub fn copies_to_retract(copies: &[Vec<RecordCopy>]) -> Vec<Vec<u128>> {
    let _ = copies;
    todo!()
}

impl Store {
    /// The reporting points of this shard, sorted.
    pub fn points(&self) -> Vec<PointKey> {
        todo!()
    }

    /// The first copy of every record of these points, sorted. Ranks must have been set.
    pub fn copies(&mut self, points: &[PointKey]) -> Vec<RecordCopy> {
        let _ = points;
        todo!()
    }

    /// Counts all copies of these records as duplicates; replaces what was retracted before. Settle afterwards.
    pub fn retract(&mut self, hashes: &[u128]) {
        let _ = hashes;
        todo!()
    }
}
