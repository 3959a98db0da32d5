//! Settling: which reporting point and which side of each pair counts (contract rules 5 and 6). Nearly every pair is reported by one point on one
//! side, to one shard, and that is that. Of the others the shards that know one tell each other what they have, and come to the same result:
//! every shard's [`Store::sieve`] → [`Store::outlines`] → [`Store::minutes`] → [`Store::settle`], each given what the others said before.
//! A shard that is alone does the same and hears nothing.

mod draft;
mod parcel;
mod places;
mod reports;

pub use parcel::{Parcel, handed_round, told_to_all};

pub(crate) use draft::Draft;

use self::draft::SideSums;
use self::parcel::PairOutline;
use self::reports::{Report, put_together};
use crate::Store;
use crate::ask::{Kept, WholeMinute};
use crate::cell::{ACTIVE, ANALYTICS, COUNTED, OUTBOUND};
use crate::key::{PairKey, PointKey, Side};
use crate::pairs::{NOBODY, PairCode, SEVERAL, note, reporter};
use crate::query::Selector;
use crate::select::Selection;
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;
use underlay_model::time::Minute;
use underlay_model::tuple::{TRAFFIC_ANALYTICS, Verdict};

/// The destination's rows of a pair count (a bit), the source's (the next one).
const OF_SIDE: u8 = 1;
/// Several points report the side that counts: of each minute one of them does.
const CONTESTED: u8 = 4;
/// Only Traffic Analytics knows of the pair; of others its rows do not count.
const BY_ANALYTICS: u8 = 8;

/// What counts in a settled store.
#[derive(Debug, Default)]
pub(crate) struct Standings {
    /// By number of the pair: [`OF_SIDE`] of the side that counts, and what else decides which of its rows do.
    ways: Vec<u8>,
    /// The points of this shard that win a minute of a contested side: pair, minute, point. Sorted.
    pub(crate) winners: Vec<(u32, Minute, u32)>,
    /// Numbers of pairs in the order of their names, once somebody has asked.
    pub(crate) order: OnceCell<Vec<u32>>,
    /// Everything counted by minute, once somebody has asked.
    pub(crate) minutes: OnceCell<Vec<WholeMinute>>,
    /// Everything counted by pair, once somebody has asked.
    pub(crate) kept: OnceCell<Kept>,
    /// The selection that was asked for last: a question seldom comes alone.
    pub(crate) selection: RefCell<Option<(Selector, Arc<Selection>)>>,
}

impl Standings {
    pub(crate) fn memory_bytes(&self) -> usize {
        self.ways.capacity()
            + self.order.get().map_or(0, Vec::capacity) * 4
            + self.kept.get().map_or(0, Kept::memory_bytes)
            + self.minutes.get().map_or(0, Vec::capacity) * size_of::<WholeMinute>()
            + self.selection.borrow().as_ref().map_or(0, |(_, selection)| selection.memory_bytes())
            + self.winners.capacity() * size_of::<(u32, Minute, u32)>()
    }

    /// The side of a pair that counts; `None` of one that came later.
    pub(crate) fn side(&self, pair: u32) -> Option<Side> {
        let way = self.ways.get(pair as usize)?;
        Some(if way & OF_SIDE == 0 { Side::Source } else { Side::Destination })
    }

    /// Whether only those of its rows count that are of [`Standings::winners`].
    pub(crate) fn is_contested(&self, pair: u32) -> bool {
        self.ways.get(pair as usize).is_some_and(|way| way & CONTESTED != 0)
    }
}

impl Store {
    /// Settles a shard that is the only one. Call after inputs, ranks or retractions changed and before asking.
    #[inline(never)]
    pub fn settle_alone(&mut self) {
        self.retract(&[]);
        self.outlines(Vec::new());
        self.minutes(&[]);
        self.settle(&[]);
    }

    /// Which pairs this shard may have. Nothing may be read or removed between this and [`Store::settle`].
    #[inline(never)]
    pub fn sieve(&mut self) -> Parcel {
        self.number_pairs();
        Parcel::sieve(self.pairs.codes.iter().map(|code| self.common_hash(code)))
    }

    /// Given the sieve of each other shard: for each of them what is known here of pairs that it may have.
    #[inline(never)]
    pub fn outlines(&mut self, sieves: Vec<Parcel>) -> Vec<Parcel> {
        self.know_standings();
        self.number_pairs();
        let mut draft = self.draft(&sieves);
        self.sum_sides(&mut draft);
        let mut told = vec![Parcel::default(); sieves.len()];
        told.iter_mut().for_each(|parcel| parcel.points(&self.points));
        for (number, sides, analytics) in draft.disputed() {
            self.tell(number, &sieves, &mut told, &|parcel, pair| {
                parcel.outline(&PairOutline { pair, sides: *sides, analytics });
            });
        }
        draft.sieves = sieves;
        self.draft = Some(Box::new(draft));
        told
    }

    /// Given what each other shard knows of pairs that are here, too: for each of them the minutes of those pairs' contested sides.
    #[inline(never)]
    pub fn minutes(&mut self, outlines: &[Parcel]) -> Vec<Parcel> {
        let Some(mut draft) = self.draft.take() else { return Vec::new() };
        self.hear_outlines(&mut draft, outlines);
        draft.reports = self.contested_minutes(&draft);
        let mut told = vec![Parcel::default(); draft.sieves.len()];
        for reports in draft.reports.chunk_by(|a, b| a.pair == b.pair) {
            let number = reports.first().map_or(u32::MAX, |report| report.pair);
            self.tell(number, &draft.sieves, &mut told, &|parcel, pair| parcel.reports(&pair, reports));
        }
        self.draft = Some(draft);
        told
    }

    /// Given the minutes that each other shard has of contested sides: decides, and marks what counts.
    #[inline(never)]
    pub fn settle(&mut self, minutes: &[Parcel]) {
        let Some(mut draft) = self.draft.take() else { return };
        for (parcel, numbers) in minutes.iter().zip(&draft.numbers) {
            let mut reader = parcel.reader();
            while let Some((pair, count)) = reader.pair() {
                let pair = self.find_pair(&pair);
                for _ in 0..count {
                    let Some(report) = reader.report(pair.unwrap_or(0)) else { break };
                    let point = numbers.get(report.point as usize).filter(|_| pair.is_some());
                    draft.reports.extend(point.map(|&point| Report { point, ..report }));
                }
            }
        }
        put_together(&mut draft.reports);
        let (ways, winners) = draft.decided(self.points.len());
        self.mark(&ways, &winners);
        self.shrink();
        self.grouped = None;
        let known = std::mem::take(&mut self.standings.order);
        let order = if known.get().is_some_and(|order| order.len() == ways.len()) { known } else { OnceCell::new() };
        self.standings = Standings { ways, winners, order, ..Standings::default() };
    }

    /// Writes about a pair to those other shards that may have it.
    fn tell(&self, pair: u32, sieves: &[Parcel], told: &mut [Parcel], write: &dyn Fn(&mut Parcel, PairKey)) {
        let Some(code) = self.pairs.codes.get(pair as usize).filter(|_| !sieves.is_empty()) else { return };
        let hash = self.common_hash(code);
        for (_, parcel) in sieves.iter().zip(told).filter(|(sieve, _)| sieve.may_hold(hash)) {
            write(parcel, self.pair_key(code));
        }
    }

    /// A pair's hash, the same in every shard.
    #[inline]
    fn common_hash(&self, code: &PairCode) -> u64 {
        let [src, dst] = [code.src, code.dst].map(|code| self.addresses.common(code));
        PairCode { src, dst, ..*code }.hash()
    }

    fn find_pair(&self, pair: &PairKey) -> Option<u32> {
        self.pairs.find(&PairCode {
            src: self.addresses.find(pair.src)?,
            dst: self.addresses.find(pair.dst)?,
            port: pair.port,
            protocol: pair.protocol,
            denied: pair.verdict == Verdict::Denied,
        })
    }

    /// What follows from who reports which pair, and the pairs of which it does not follow.
    fn draft(&self, sieves: &[Parcel]) -> Draft {
        let analytics = self.points.iter().any(|point| point.flow_log == TRAFFIC_ANALYTICS);
        let reporters = self.active_reporters();
        let mut draft = Draft::new(self.points.clone(), analytics);
        for (code, &[destination, source]) in self.pairs.codes.iter().zip(reporters.iter()) {
            let by_both = destination != NOBODY && source != NOBODY;
            let disputed = || {
                let hash = self.common_hash(code);
                analytics
                    || by_both
                    || [destination, source].contains(&SEVERAL)
                    || sieves.iter().any(|sieve| sieve.may_hold(hash))
            };
            let reported = destination != NOBODY || source != NOBODY;
            draft.add_pair(destination == NOBODY && reported, reported && disputed());
        }
        draft
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
                    note(reporters, usize::from(flags & OUTBOUND), point);
                }
            }
        });
        Cow::Owned(reporters)
    }

    /// What is here of the disputed pairs.
    fn sum_sides(&self, draft: &mut Draft) {
        if draft.disputed().len() == 0 {
            return;
        }
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| body.active) else { return };
            for row in rows {
                let (Some(&pair), Some(&flags)) = (block.pairs.get(row), block.flags.get(row)) else { continue };
                if let Some(sides) = draft.sides_of_rows(pair, flags & ANALYTICS != 0) {
                    let counters = block.counters(row);
                    let side = &mut sides[usize::from(flags & OUTBOUND)];
                    side.add(body.point, counters.tuples(flags), counters.total_bytes());
                }
            }
        });
        draft.let_flow_logs_win();
    }

    fn hear_outlines(&self, draft: &mut Draft, outlines: &[Parcel]) {
        let mut known: FxHashMap<PointKey, u32> = FxHashMap::default();
        for parcel in outlines {
            if known.is_empty() {
                known = draft.points.iter().cloned().zip(0..).collect();
            }
            let mut reader = parcel.reader();
            let mut number = |point: PointKey| {
                *known.entry(point).or_insert_with_key(|point| {
                    draft.points.push(point.clone());
                    u32::try_from(draft.points.len() - 1).unwrap_or(u32::MAX)
                })
            };
            let numbers: Vec<u32> = reader.points().into_iter().map(&mut number).collect();
            while let Some(outline) = reader.outline() {
                if let Some(pair) = self.find_pair(&outline.pair) {
                    draft.hear(pair, &outline, &numbers);
                }
            }
            draft.numbers.push(numbers);
        }
    }

    /// What the rows here report for contested sides, minute by minute.
    fn contested_minutes(&self, draft: &Draft) -> Vec<Report> {
        let mut reports = Vec::new();
        if !draft.disputed().any(|(_, sides, _)| sides.iter().any(SideSums::is_contested)) {
            return reports;
        }
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| body.active) else { return };
            for row in rows {
                let (Some(&pair), Some(&flags)) = (block.pairs.get(row), block.flags.get(row)) else { continue };
                let side = flags & OUTBOUND != 0;
                if draft.is_contested(pair, side, flags & ANALYTICS != 0) {
                    let (counters, minute) = (block.counters(row), block.minute(row));
                    let (tuples, bytes) = (counters.tuples(flags), counters.total_bytes());
                    reports.push(Report { pair, side, minute, point: body.point, tuples, bytes });
                }
            }
        });
        put_together(&mut reports);
        reports
    }

    /// Marks the rows that count.
    fn mark(&mut self, ways: &[u8], winners: &[(u32, Minute, u32)]) {
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
                let way = ways.get(pair as usize).copied().unwrap_or(0);
                let minute = if way & CONTESTED == 0 { 0 } else { block.minute(row).into() };
                let Some(flags) = block.flags.get_mut(row) else { continue };
                let of_its_kind = (*flags & ANALYTICS != 0) == (way & BY_ANALYTICS != 0);
                let its_side = way >> (*flags & OUTBOUND) & OF_SIDE != 0;
                let wins = || winners.binary_search(&(pair, minute, body.point)).is_ok();
                let counts = of_its_kind && its_side && (way & CONTESTED == 0 || wins());
                *flags = *flags & !COUNTED | ACTIVE | if counts { COUNTED } else { 0 };
            }
        }
    }
}
