//! Rules 5 and 6 over all shards: from their outlines to who is in question, from the minutes of these to what counts. Pure.

use super::{BOTH_SIDES, Contested, Minutes, Outline, PairOutline, Settlement, side_index};
use crate::key::{PairKey, PointKey, Side};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};
use underlay_model::order::Order;
use underlay_model::time::Minute;

/// The points of one side of one pair over all shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SidePoints {
    None,
    One(u32),
    Several,
}

/// Pairs and points of several shards under common numbers. Points are numbered in the order of their names.
struct Joint {
    /// By shard: common numbers of its pairs, of its points.
    pairs: Vec<Vec<u32>>,
    points: Vec<Vec<u32>>,
    /// How many pairs there are in all.
    count: usize,
    /// By common number of a pair: some shard has tuples of a flow log.
    raw: Vec<bool>,
}

impl Joint {
    fn new(outlines: &[Outline]) -> Self {
        let mut names: Vec<&PointKey> = outlines.iter().flat_map(|outline| &outline.points).collect();
        names.order();
        names.dedup();
        let place = |point: &PointKey| names.binary_search(&point).map_or(u32::MAX, |at| at as u32);
        let points = outlines.iter().map(|outline| outline.points.iter().map(place).collect()).collect();
        if let [outline] = outlines {
            let count = outline.pairs.len();
            let raw = outline.pairs.iter().map(|pair| !pair.analytics).collect();
            return Self { pairs: vec![(0..count as u32).collect()], points, count, raw };
        }
        // The quick hasher of other maps has 32 bits as a module: millions of pairs of like addresses met in few places.
        let mut numbers: HashMap<PairKey, u32, BuildHasherDefault<DefaultHasher>> = HashMap::default();
        let mut number = |pair: &PairOutline| {
            let next = numbers.len() as u32;
            *numbers.entry(pair.pair).or_insert(next)
        };
        let pairs: Vec<Vec<u32>> =
            outlines.iter().map(|outline| outline.pairs.iter().map(&mut number).collect()).collect();
        let mut raw = vec![false; numbers.len()];
        for (&number, pair) in pairs.iter().flatten().zip(outlines.iter().flat_map(|outline| &outline.pairs)) {
            if let Some(raw) = raw.get_mut(number as usize) {
                *raw |= !pair.analytics && pair.sides.iter().any(Option::is_some);
            }
        }
        Self { pairs, points, count: numbers.len(), raw }
    }

    /// The common number of a pair of a shard, when what the shard knows of it may count.
    fn counting(&self, shard: usize, number: usize, outline: &PairOutline) -> Option<usize> {
        let pair = self.pair(shard, number as u32)?;
        (!outline.analytics || self.raw.get(pair) == Some(&false)).then_some(pair)
    }

    fn pair(&self, shard: usize, pair: u32) -> Option<usize> {
        self.pairs.get(shard)?.get(pair as usize).map(|&pair| pair as usize)
    }

    fn point(&self, shard: usize, point: u32) -> Option<u32> {
        self.points.get(shard)?.get(point as usize).copied()
    }

    /// Who reports each side: destination's first.
    fn side_points(&self, outlines: &[Outline]) -> Vec<[SidePoints; 2]> {
        let mut all = vec![[SidePoints::None; 2]; self.count];
        for (shard, outline) in outlines.iter().enumerate() {
            for (number, pair) in outline.pairs.iter().enumerate() {
                let Some(sides) = self.counting(shard, number, pair).and_then(|pair| all.get_mut(pair)) else {
                    continue;
                };
                for (known, side) in sides.iter_mut().zip(pair.sides) {
                    let Some(side) = side else { continue };
                    let point = side.point.and_then(|point| self.point(shard, point));
                    *known = match (*known, point) {
                        (SidePoints::None, Some(point)) => SidePoints::One(point),
                        (SidePoints::One(one), Some(point)) if one == point => SidePoints::One(one),
                        _ => SidePoints::Several,
                    };
                }
            }
        }
        all
    }
}

/// Which sides are reported by more than one point when all shards are taken together; one list a shard.
pub fn contested(outlines: &[Outline]) -> Vec<Contested> {
    let joint = Joint::new(outlines);
    let points = joint.side_points(outlines);
    let list = |(shard, outline): (usize, &Outline)| {
        let mut list = Vec::new();
        for (number, pair) in outline.pairs.iter().enumerate() {
            let Some(sides) = joint.counting(shard, number, pair).and_then(|pair| points.get(pair)) else { continue };
            for (side, (points, here)) in BOTH_SIDES.into_iter().zip(sides.iter().zip(pair.sides)) {
                if *points == SidePoints::Several && here.is_some() {
                    list.push((number as u32, side));
                }
            }
        }
        Contested(list)
    };
    outlines.iter().enumerate().map(list).collect()
}

/// Rules 5 and 6 over all shards; `minutes` in the order of the outlines. One settlement a shard.
pub fn decide(outlines: &[Outline], minutes: &[Minutes]) -> Vec<Settlement> {
    let joint = Joint::new(outlines);
    let points = joint.side_points(outlines);
    let is_contested = |pair: usize, side: usize| points.get(pair).is_some_and(|p| p[side] == SidePoints::Several);

    // Rule 5: of each minute of a contested side, the point that counts.
    let mut reports: Vec<Report> = Vec::new();
    for (shard, list) in minutes.iter().enumerate() {
        for minute in &list.0 {
            if let (Some(pair), Some(point)) = (joint.pair(shard, minute.pair), joint.point(shard, minute.point)) {
                let (bytes, tuples) = (minute.bytes, minute.tuples);
                reports.push(Report {
                    pair,
                    side: side_index(minute.side),
                    minute: minute.minute,
                    point,
                    bytes,
                    tuples,
                });
            }
        }
    }
    reports.sort_unstable_by_key(|report| (report.pair, report.side, report.minute, report.point));
    reports.dedup_by(|next, first| {
        let same =
            (next.pair, next.side, next.minute, next.point) == (first.pair, first.side, first.minute, first.point);
        if same {
            first.bytes += next.bytes;
            first.tuples += next.tuples;
        }
        same
    });
    let same_minute = |a: &Report, b: &Report| (a.pair, a.side, a.minute) == (b.pair, b.side, b.minute);
    let best = |reports: &[Report]| {
        reports.iter().copied().max_by_key(|report| (report.bytes, report.tuples, std::cmp::Reverse(report.point)))
    };
    let winners: Vec<Report> = reports.chunk_by(same_minute).filter_map(best).collect();

    // Rule 6: bytes and tuples of each side as counted.
    let mut totals: Vec<[Option<(u128, u64)>; 2]> = vec![[None; 2]; joint.count];
    let mut add = |pair: usize, side: usize, bytes: u128, tuples: u64| {
        if let Some(total) = totals.get_mut(pair) {
            let (sum_bytes, sum_tuples) = total[side].unwrap_or_default();
            total[side] = Some((sum_bytes + bytes, sum_tuples + tuples));
        }
    };
    for (shard, outline) in outlines.iter().enumerate() {
        for (number, pair) in outline.pairs.iter().enumerate() {
            let Some(joint_pair) = joint.counting(shard, number, pair) else { continue };
            for (side, outline) in pair.sides.iter().enumerate() {
                if let Some(outline) = outline
                    && !is_contested(joint_pair, side)
                {
                    add(joint_pair, side, outline.bytes, outline.tuples);
                }
            }
        }
    }
    for winner in &winners {
        add(winner.pair, winner.side, winner.bytes, winner.tuples);
    }
    // `None` is less than any report; the destination's wins when both are equal.
    let counted: Vec<usize> = totals.iter().map(|[destination, source]| usize::from(source > destination)).collect();
    let mut of_pair: FxHashMap<usize, Vec<(Minute, u32)>> = FxHashMap::default();
    for winner in winners {
        if counted.get(winner.pair) == Some(&winner.side) {
            of_pair.entry(winner.pair).or_default().push((winner.minute, winner.point));
        }
    }

    let settle = |(shard, outline): (usize, &Outline)| {
        let mut settlement = Settlement::default();
        let here: FxHashMap<u32, u32> =
            joint.points.get(shard).into_iter().flatten().zip(0..).map(|(&point, number)| (point, number)).collect();
        for number in 0..outline.pairs.len() as u32 {
            let pair = joint.pair(shard, number).unwrap_or(usize::MAX);
            let side = counted.get(pair).copied().unwrap_or(0);
            settlement.sides.push(if side == 0 { Side::Destination } else { Side::Source });
            if joint.raw.get(pair) == Some(&false) {
                settlement.analytics.push(number);
            }
            if is_contested(pair, side) {
                settlement.contested.push(number);
                for (minute, point) in of_pair.get(&pair).into_iter().flatten() {
                    if let Some(&point) = here.get(point) {
                        settlement.winners.push((number, *minute, point));
                    }
                }
            }
        }
        settlement
    };
    outlines.iter().enumerate().map(settle).collect()
}

/// What one point reports for one minute of a side, under common numbers.
#[derive(Clone, Copy)]
struct Report {
    pair: usize,
    side: usize,
    minute: Minute,
    point: u32,
    bytes: u128,
    tuples: u64,
}
