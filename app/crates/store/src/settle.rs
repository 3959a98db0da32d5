//! Settling: which reporting point and which side of each pair counts (contract rules 5 and 6). A shard that is alone settles itself
//! by [`Store::settle_alone`]. Several shards: every shard's [`Store::outline`] → [`contested`] → every shard's [`Store::minutes`] → [`decide`] →
//! every shard's [`Store::apply`]. The functions here are pure; lists that go to shards are in the order of the outlines.

use crate::Store;
use crate::key::{PairKey, PointKey, Side};
use serde::{Deserialize, Serialize};
use underlay_model::time::Minute;

/// What one shard knows of its pairs, before anything is settled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// The shard's reporting points, by the shard's own numbers.
    pub points: Vec<PointKey>,
    /// The shard's pairs, by the shard's own numbers.
    pub pairs: Vec<PairOutline>,
}

/// A pair in one shard: what each side reports, destination's first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairOutline {
    /// Its name.
    pub pair: PairKey,
    /// By side: destination, source. `None` when the side reports nothing here.
    pub sides: [Option<SideOutline>; 2],
}

/// One side of a pair in one shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideOutline {
    /// The only reporting point (index of [`Outline::points`]); `None` when there are several.
    pub point: Option<u32>,
    /// Bytes both ways, of all points.
    pub bytes: u128,
    /// Tuples, of all points.
    pub tuples: u64,
}

/// The sides of a shard's pairs that more than one reporting point reports, over all shards: (pair's number in the shard, side), sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contested(pub Vec<(u32, Side)>);

/// The minutes of contested sides in one shard, sorted by their fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minutes(pub Vec<PointMinute>);

/// What one point reports for one minute of a contested side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PointMinute {
    /// The pair's number in the shard.
    pub pair: u32,
    /// Side.
    pub side: Side,
    /// Minute.
    pub minute: Minute,
    /// The point's number in the shard.
    pub point: u32,
    /// Bytes both ways.
    pub bytes: u128,
    /// Tuples.
    pub tuples: u64,
}

/// What counts in one shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Of each pair of the shard, by its number, the side that counts in the whole capture.
    pub sides: Vec<Side>,
    /// Points of this shard that win a minute of a contested side that counts: (pair, minute, point), sorted.
    pub winners: Vec<(u32, Minute, u32)>,
    /// Pairs (by number) whose counted side is contested, sorted; of the others every row of the side counts.
    pub contested: Vec<u32>,
}

/// Which sides are reported by more than one point when all shards are taken together; one list a shard.
pub fn contested(outlines: &[Outline]) -> Vec<Contested> {
    let _ = outlines;
    todo!()
}

/// Rules 5 and 6 over all shards; `minutes` in the order of the outlines. One settlement a shard.
pub fn decide(outlines: &[Outline], minutes: &[Minutes]) -> Vec<Settlement> {
    let _ = (outlines, minutes);
    todo!()
}

impl Store {
    /// Settles a shard that is the only one. Call after inputs, ranks or retractions changed and before asking.
    pub fn settle_alone(&mut self) {
        todo!()
    }

    /// What this shard knows of its pairs.
    pub fn outline(&mut self) -> Outline {
        todo!()
    }

    /// The minutes of the sides that are contested.
    pub fn minutes(&mut self, contested: &Contested) -> Minutes {
        let _ = contested;
        todo!()
    }

    /// Marks what counts. Nothing may be read or removed between [`Store::outline`] and this.
    pub fn apply(&mut self, settlement: &Settlement) {
        let _ = settlement;
        todo!()
    }
}
