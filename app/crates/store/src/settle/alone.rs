//! Settling a shard that is the only one. Nearly every pair is reported by one point on one side, which counts; only the others' rows are
//! summed up, and only where several points report a side it is decided minute by minute.

use super::{NO_PAIR, Outline, PairOutline, Settlement, SideSums, contested, decide, outline_side};
use crate::Store;
use crate::key::Side;
use crate::pairs::{NOBODY, SEVERAL, note, reporter};
use std::borrow::Cow;
use underlay_model::tuple::TRAFFIC_ANALYTICS;

const NOWHERE: u32 = u32::MAX;

/// Pairs that are not settled by who reports them.
struct Disputed {
    /// Their numbers.
    pairs: Vec<u32>,
    /// By number of a pair, its place among these.
    places: Vec<u32>,
    sums: Vec<[SideSums; 2]>,
}

impl Store {
    /// Settles a shard that is the only one. Call after inputs, ranks or retractions changed and before asking.
    #[inline(never)]
    pub fn settle_alone(&mut self) {
        self.retract(&[]);
        self.know_standings();
        if self.points.iter().any(|point| point.flow_log == TRAFFIC_ANALYTICS) {
            return self.settle_by_outline();
        }
        let (mut sides, mut disputed) = self.reported_sides();
        self.sum_disputed(&mut disputed);
        for (&pair, sums) in disputed.pairs.iter().zip(&disputed.sums) {
            if let Some(side) = sides.get_mut(pair as usize) {
                *side = larger_side(sums);
            }
        }
        let (difficult, mut settlement) = self.settle_by_minute(&disputed);
        for (pair, side) in difficult.into_iter().zip(std::mem::take(&mut settlement.sides)) {
            if let Some(place) = sides.get_mut(pair as usize) {
                *place = side;
            }
        }
        settlement.sides = sides;
        self.apply(&settlement);
    }

    fn settle_by_outline(&mut self) {
        let outline = [self.outline()];
        let minutes = contested(&outline).first().map(|list| self.minutes(list)).unwrap_or_default();
        if let Some(settlement) = decide(&outline, &[minutes]).first() {
            self.apply(settlement);
        }
    }

    /// The side that reports each pair, and the pairs of which that does not say which side counts, or who.
    fn reported_sides(&self) -> (Vec<Side>, Disputed) {
        let reporters = self.active_reporters();
        let mut disputed = Disputed { pairs: Vec::new(), places: vec![NOWHERE; reporters.len()], sums: Vec::new() };
        let mut sides = Vec::with_capacity(reporters.len());
        for ((pair, place), &[destination, source]) in (0..).zip(&mut disputed.places).zip(reporters.iter()) {
            let by_source = destination == NOBODY && source != NOBODY;
            sides.push(if by_source { Side::Source } else { Side::Destination });
            if destination == SEVERAL || source == SEVERAL || (destination != NOBODY && source != NOBODY) {
                *place = disputed.pairs.len() as u32;
                disputed.pairs.push(pair);
            }
        }
        (sides, disputed)
    }

    /// Who reports each side of each pair, by records that are no copies.
    fn active_reporters(&self) -> Cow<'_, [[u16; 2]]> {
        if self.bodies.iter().all(|body| body.active) {
            return Cow::Borrowed(&self.pairs.reporters);
        }
        let mut reporters = vec![[NOBODY; 2]; self.pairs.codes.len()];
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| body.active) else { return };
            let point = reporter(body.point);
            let (Some(pairs), Some(flags)) = (block.pairs.get(rows.clone()), block.flags.get(rows)) else { return };
            for (&pair, &flags) in pairs.iter().zip(flags) {
                if let Some(reporters) = reporters.get_mut(pair as usize) {
                    note(reporters, flags, point);
                }
            }
        });
        Cow::Owned(reporters)
    }

    fn sum_disputed(&self, disputed: &mut Disputed) {
        let Disputed { pairs, places, sums } = disputed;
        sums.resize(pairs.len(), [SideSums::default(); 2]);
        if pairs.is_empty() {
            return;
        }
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| body.active) else { return };
            for row in rows {
                let (Some(&pair), Some(&flags)) = (block.pairs.get(row), block.flags.get(row)) else { continue };
                let Some(&place) = places.get(pair as usize) else { continue };
                if let Some(sides) = sums.get_mut(place as usize) {
                    SideSums::add(sides, body.point, flags, &block.counters(row));
                }
            }
        });
    }

    /// The pairs of which several points report a side, and what is decided of them: sides are in the order of these.
    fn settle_by_minute(&mut self, disputed: &Disputed) -> (Vec<u32>, Settlement) {
        let several = |sides: &[SideSums; 2]| sides.iter().any(SideSums::is_of_several);
        let all = disputed.pairs.iter().zip(&disputed.sums).filter(|(_, sums)| several(sums));
        let difficult: Vec<u32> = all.clone().map(|(&pair, _)| pair).collect();
        let outline_pair = |(&pair, sums): (&u32, &[SideSums; 2])| PairOutline {
            pair: self.pairs.codes.get(pair as usize).map_or(NO_PAIR, |code| self.pair_key(code)),
            sides: sums.map(outline_side),
            analytics: false,
        };
        let outline = [Outline { points: self.points.clone(), pairs: all.map(outline_pair).collect() }];
        let mut contested = contested(&outline).pop().unwrap_or_default();
        for (pair, _) in &mut contested.0 {
            *pair = difficult.get(*pair as usize).copied().unwrap_or(u32::MAX);
        }
        let mut minutes = self.minutes(&contested);
        for minute in &mut minutes.0 {
            minute.pair = difficult.binary_search(&minute.pair).map_or(u32::MAX, |at| at as u32);
        }
        let mut settlement = decide(&outline, &[minutes]).pop().unwrap_or_default();
        let number = |at: u32| difficult.get(at as usize).copied().unwrap_or(u32::MAX);
        settlement.winners.iter_mut().for_each(|winner| winner.0 = number(winner.0));
        settlement.contested.iter_mut().for_each(|pair| *pair = number(*pair));
        (difficult, settlement)
    }
}

/// The side that reports more bytes, then more tuples; the destination's when they agree.
fn larger_side([destination, source]: &[SideSums; 2]) -> Side {
    let reported = |side: &SideSums| outline_side(*side).map(|side| (side.bytes, side.tuples));
    if reported(source) > reported(destination) { Side::Source } else { Side::Destination }
}
