//! Settling: which reporting point and which side of each pair counts (contract rules 5 and 6). A shard that is alone settles itself
//! by [`Store::settle_alone`]. Several shards: every shard's [`Store::outline`] → [`contested`] → every shard's [`Store::minutes`] → [`decide`] →
//! every shard's [`Store::apply`]. The functions here are pure; lists that go to shards are in the order of the outlines.

mod alone;
mod decide;

pub use decide::{contested, decide};

use crate::Store;
use crate::ask::{Kept, WholeMinute};
use crate::cell::{ACTIVE, ANALYTICS, COUNTED, CellCounters, OUTBOUND};
use crate::key::{PairKey, PointKey, Side};
use crate::pairs::PairCode;
use crate::query::Selector;
use crate::select::Selection;
use serde::{Deserialize, Serialize};
use std::cell::{OnceCell, RefCell};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use underlay_model::time::Minute;
use underlay_model::tuple::TRAFFIC_ANALYTICS;
use underlay_model::tuple::Verdict;

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
    /// Only Traffic Analytics knows of it here; else its rows are left out of `sides` (contract rule 6).
    pub analytics: bool,
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
    /// Pairs (by number) that only Traffic Analytics knows of, sorted; of the others its rows do not count.
    pub analytics: Vec<u32>,
}

const BOTH_SIDES: [Side; 2] = [Side::Destination, Side::Source];

fn side_index(side: Side) -> usize {
    match side {
        Side::Destination => 0,
        Side::Source => 1,
    }
}

/// What counts in a settled store.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    /// By number of the pair.
    pub(crate) sides: Vec<Side>,
    /// Numbers of pairs in the order of their names, once somebody has asked.
    pub(crate) order: OnceCell<Vec<u32>>,
    /// Of the pairs whose counted side several points report: the points that win a minute, and the pairs. Sorted.
    pub(crate) winners: Vec<(u32, Minute, u32)>,
    pub(crate) contested: Vec<u32>,
    /// By number of the pair: has tuples of flow logs here. Empty when there are no rows of Traffic Analytics.
    raw: Vec<bool>,
    /// Everything counted by minute, once somebody has asked.
    pub(crate) minutes: OnceCell<Vec<WholeMinute>>,
    /// Everything counted by pair, once somebody has asked.
    pub(crate) kept: OnceCell<Kept>,
    /// The selection that was asked for last: a question seldom comes alone.
    pub(crate) selection: RefCell<Option<(Selector, Arc<Selection>)>>,
}

impl Standings {
    pub(crate) fn memory_bytes(&self) -> usize {
        self.sides.capacity()
            + self.raw.capacity()
            + (self.order.get().map_or(0, Vec::capacity) + self.contested.capacity()) * 4
            + self.kept.get().map_or(0, Kept::memory_bytes)
            + self.selection.borrow().as_ref().map_or(0, |(_, selection)| selection.memory_bytes())
            + self.winners.capacity() * size_of::<(u32, Minute, u32)>()
    }
}

/// Sums of one side of a pair while a shard is outlined.
#[derive(Clone, Copy)]
struct SideSums {
    /// [`NO_POINT`], a point, or [`SEVERAL_POINTS`].
    point: u32,
    bytes: u128,
    tuples: u64,
}

impl Default for SideSums {
    fn default() -> Self {
        Self { point: NO_POINT, bytes: 0, tuples: 0 }
    }
}

impl SideSums {
    /// Adds a row of a pair to the side that it reports for.
    #[inline]
    fn add(sides: &mut [Self; 2], point: u32, flags: u8, counters: &CellCounters) {
        let side = &mut sides[usize::from(flags & OUTBOUND)];
        side.bytes += counters.total_bytes();
        side.tuples += counters.tuples(flags);
        if side.point != point {
            side.point = if side.point == NO_POINT { point } else { SEVERAL_POINTS };
        }
    }

    fn is_of_several(&self) -> bool {
        self.point == SEVERAL_POINTS
    }
}

fn outline_side(side: SideSums) -> Option<SideOutline> {
    let SideSums { point, bytes, tuples } = side;
    (point != NO_POINT).then(|| SideOutline { point: (point != SEVERAL_POINTS).then_some(point), bytes, tuples })
}

const NO_PAIR: PairKey = PairKey {
    src: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    dst: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    port: 0,
    protocol: 0,
    verdict: Verdict::Allowed,
};
const NO_POINT: u32 = u32::MAX;
const SEVERAL_POINTS: u32 = u32::MAX - 1;

impl Store {
    /// What this shard knows of its pairs.
    #[inline(never)]
    pub fn outline(&mut self) -> Outline {
        self.know_standings();
        let (sums, of_analytics) = self.side_sums();
        self.outline_of(sums, of_analytics)
    }

    /// What each side of each pair reports: tuples of flow logs, and of Traffic Analytics when there are any.
    fn side_sums(&self) -> (Vec<[SideSums; 2]>, Vec<[SideSums; 2]>) {
        let mut sums = vec![[SideSums::default(); 2]; self.pairs.codes.len()];
        let any_analytics = self.points.iter().any(|point| point.flow_log == TRAFFIC_ANALYTICS);
        let mut analytics_sums = if any_analytics { sums.clone() } else { Vec::new() };
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| body.active) else { return };
            for row in rows {
                let (Some(&pair), Some(&flags)) = (block.pairs.get(row), block.flags.get(row)) else { continue };
                let sums = if flags & ANALYTICS == 0 { &mut sums } else { &mut analytics_sums };
                if let Some(sides) = sums.get_mut(pair as usize) {
                    SideSums::add(sides, body.point, flags, &block.counters(row));
                }
            }
        });
        (sums, analytics_sums)
    }

    fn outline_of(&mut self, sums: Vec<[SideSums; 2]>, analytics_sums: Vec<[SideSums; 2]>) -> Outline {
        let any = |sides: &[SideSums; 2]| sides.iter().any(|side| side.point != NO_POINT);
        let raw: Vec<bool> = sums.iter().take(analytics_sums.len()).map(any).collect();
        let outline_pair = |(number, code): (usize, &PairCode)| {
            let of_analytics = || analytics_sums.get(number).filter(|sides| any(sides));
            let (analytics, sides) = match sums.get(number) {
                Some(sides) if any(sides) => (false, Some(sides)),
                sides => of_analytics().map_or((false, sides), |sides| (true, Some(sides))),
            };
            let sides = sides.map_or([None; 2], |sides| sides.map(outline_side));
            PairOutline { pair: self.pair_key(code), sides, analytics }
        };
        let pairs = self.pairs.codes.iter().enumerate().map(outline_pair).collect();
        self.standings.raw = raw;
        Outline { points: self.points.clone(), pairs }
    }

    /// The minutes of the sides that are contested.
    #[inline(never)]
    pub fn minutes(&mut self, contested: &Contested) -> Minutes {
        if contested.0.is_empty() {
            return Minutes::default();
        }
        let mut wanted = vec![[false; 2]; self.pairs.codes.len()];
        for &(pair, side) in &contested.0 {
            if let Some(sides) = wanted.get_mut(pair as usize) {
                sides[side_index(side)] = true;
            }
        }
        let mut list: Vec<PointMinute> = Vec::new();
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| body.active) else { return };
            for row in rows {
                let (Some(&pair), Some(&flags)) = (block.pairs.get(row), block.flags.get(row)) else { continue };
                let side = usize::from(flags & OUTBOUND);
                if flags & ANALYTICS != 0 && self.standings.raw.get(pair as usize) == Some(&true) {
                    continue;
                }
                if wanted.get(pair as usize).is_some_and(|sides| sides[side]) {
                    let counters = block.counters(row);
                    list.push(PointMinute {
                        pair,
                        side: BOTH_SIDES[side],
                        minute: block.minute(row).into(),
                        point: body.point,
                        bytes: counters.total_bytes(),
                        tuples: counters.tuples(flags),
                    });
                }
            }
        });
        list.sort_unstable();
        list.dedup_by(|next, first| {
            let key = |minute: &PointMinute| (minute.pair, minute.side, minute.minute, minute.point);
            let same = key(next) == key(first);
            if same {
                first.bytes += next.bytes;
                first.tuples += next.tuples;
            }
            same
        });
        Minutes(list)
    }

    /// Marks what counts. Nothing may be read or removed between [`Store::outline`] and this.
    #[inline(never)]
    pub fn apply(&mut self, settlement: &Settlement) {
        let ways = ways_of_counting(settlement);
        let mut stretches = Vec::new();
        self.for_each_stretch(|_, body, block, rows| stretches.push((*body, block, rows)));
        for (body, block, rows) in stretches {
            let Some(block) = self.blocks.get_mut(block) else { continue };
            if !body.active {
                let flags = block.flags.get_mut(rows).unwrap_or_default();
                flags.iter_mut().for_each(|flags| *flags &= !(COUNTED | ACTIVE));
                continue;
            }
            for row in rows {
                let pair = block.pairs.get(row).copied().unwrap_or(u32::MAX);
                let how = ways.get(pair as usize).copied().unwrap_or(0);
                let minute = if how & CONTESTED == 0 { 0 } else { block.minute(row).into() };
                let Some(flags) = block.flags.get_mut(row) else { continue };
                let of_its_kind = (*flags & ANALYTICS != 0) == (how & BY_ANALYTICS != 0);
                let its_side = how >> (*flags & OUTBOUND) & 1 != 0;
                let wins = || settlement.winners.binary_search(&(pair, minute, body.point)).is_ok();
                let counts = of_its_kind && its_side && (how & CONTESTED == 0 || wins());
                *flags = *flags & !COUNTED | ACTIVE | if counts { COUNTED } else { 0 };
            }
        }
        self.grouped = None;
        self.standings.minutes = OnceCell::new();
        self.standings.kept = OnceCell::new();
        self.standings.selection = RefCell::default();
        self.standings.sides.clone_from(&settlement.sides);
        self.standings.winners.clone_from(&settlement.winners);
        self.standings.contested.clone_from(&settlement.contested);
        if self.standings.order.get().is_some_and(|order| order.len() != self.pairs.codes.len()) {
            self.standings.order = OnceCell::new();
        }
    }

    /// Numbers of pairs in the order of their names.
    pub(crate) fn order(&self) -> &[u32] {
        self.standings.order.get_or_init(|| {
            let ranks = self.addresses.ranks();
            // The keys have 91 bits: the number below them makes half the bytes to sort of what it makes beside them.
            let keyed = |(code, number): (&PairCode, u32)| code.sort_key(&ranks) << 32 | u128::from(number);
            let mut keyed: Vec<u128> = self.pairs.codes.iter().zip(0..).map(keyed).collect();
            keyed.sort_unstable();
            keyed.into_iter().map(|key| key as u32).collect()
        })
    }
}

/// The destination's rows of a pair count (a bit), the source's (the next one).
const OF_SIDE: u8 = 1;
/// Several points report the side that counts.
const CONTESTED: u8 = 4;
/// Only Traffic Analytics knows of the pair.
const BY_ANALYTICS: u8 = 8;

/// By number of the pair, which of its rows count.
fn ways_of_counting(settlement: &Settlement) -> Vec<u8> {
    let mut ways: Vec<u8> = settlement.sides.iter().map(|&side| OF_SIDE << side_index(side)).collect();
    for (pairs, how) in [(&settlement.contested, CONTESTED), (&settlement.analytics, BY_ANALYTICS)] {
        for &pair in pairs {
            if let Some(way) = ways.get_mut(pair as usize) {
                *way |= how;
            }
        }
    }
    ways
}
