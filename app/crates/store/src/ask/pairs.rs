//! Counted traffic by pair. What a pair has over the whole capture is kept; rows are summed up of those pairs only of which a question cuts
//! something off: by its minutes, by the minutes in which an end belongs to a set, or because a pair is told minute by minute.

use super::kept::{FAR, Kept};
use super::marks::{Steps, Walk};
use super::tables::{ALL, PairTable};
use crate::Store;
use crate::block::Row;
use crate::cell::CellCounters;
use crate::key::PairKey;
use crate::lists::PairSums;
use crate::pairs::PairCode;
use crate::query::{PairQuery, PairSum, Selector};
use crate::select::{Selection, among};
use crate::sums::Counters;
use std::net::IpAddr;
use std::sync::Arc;
use underlay_model::view::MinuteRange;

/// What is asked, in the store's numbers.
struct Asked {
    range: Option<MinuteRange>,
    selection: Option<Arc<Selection>>,
    /// By number of the pair; empty when none is split.
    splits: Vec<bool>,
}

/// What is told of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    /// What is kept of it.
    Kept,
    /// The sum of some of its rows.
    Sum,
    /// The difference of what it has before two minutes, and the rows beside these.
    Steps,
    /// Its rows minute by minute.
    Minutes,
}

/// Sums of rows.
struct RowSums {
    table: PairTable,
    /// Of pairs whose sums are put together in steps: what is added, what is taken away.
    steps: Option<(Steps, [PairTable; 2])>,
    /// Of split pairs: place, minute, counters; sorted.
    minutes: Vec<(u32, u32, Counters)>,
}

impl Asked {
    fn splits(&self, pair: u32) -> bool {
        self.splits.get(pair as usize) == Some(&true)
    }

    fn told(&self, pair: u32, kept: &Kept, length: u8, span: (u16, u16), in_steps: bool) -> Told {
        let taken = self.selection.as_ref().map(|selection| selection.pair(pair));
        if length == 0 || taken.is_some_and(|taken| !taken.is_taken()) {
            return Told::Nothing;
        }
        let [first, last] = [span.0, span.1].map(|minute| i64::from(kept.first) + i64::from(minute));
        let cuts = match self.range {
            None => false,
            Some(range) if range.last < first || (span.1 != FAR && range.first > last) => return Told::Nothing,
            Some(range) => range.first > first || range.last < last || span.1 == FAR,
        };
        match self.splits(pair) {
            true => Told::Minutes,
            false if taken.is_some_and(|taken| taken.is_by_minute()) => Told::Sum,
            false if cuts => {
                if in_steps {
                    Told::Steps
                } else {
                    Told::Sum
                }
            }
            false => Told::Kept,
        }
    }
}

impl Store {
    /// Counted traffic by pair. A pair without a counted row in the range is absent.
    #[inline(never)]
    pub fn pairs(&self, query: &PairQuery) -> PairSums {
        let selection = (query.selector != Selector::default()).then(|| self.selection(&query.selector));
        let asked = Asked { range: query.range, selection, splits: self.splits(&query.split) };
        let kept = asked.range.is_none() && self.standings.kept.get().is_some();
        match &asked.selection {
            Some(selection) if self.are_few(selection.len) && !kept => self.few_pairs(&asked, selection),
            _ => self.many_pairs(&asked),
        }
    }

    fn splits(&self, split: &[IpAddr]) -> Vec<bool> {
        if split.is_empty() {
            return Vec::new();
        }
        let splits = among(self, split);
        let is_split = |code: &PairCode| splits(code.src) || splits(code.dst);
        self.pairs.codes.iter().map(is_split).collect()
    }

    fn few_pairs(&self, asked: &Asked, selection: &Selection) -> PairSums {
        let (_, taken) = selection.places();
        let taken = self.ordered(&taken);
        let sums = self.sum_rows(asked, PairTable::new(self.pairs.codes.len(), taken.iter().copied()));
        let mut list = PairSums::with_room_for(taken.len());
        for (place, pair) in (0..).zip(taken) {
            let Some(key) = self.pairs.codes.get(pair as usize).map(|code| self.pair_key(code)) else { continue };
            if asked.splits(pair) {
                list_minutes(&mut list, &sums, place, key);
            } else if let Some(counters) = sums.table.counters(place) {
                list.push_whole(&key, &counters);
            }
        }
        list
    }

    fn many_pairs(&self, asked: &Asked) -> PairSums {
        let kept = self.kept();
        if asked.range.is_none() && asked.selection.is_none() && asked.splits.is_empty() {
            return kept.list.clone();
        }
        let steps = asked.range.and_then(|range| Steps::new(kept, self.minute_span(), range));
        let known = self.order().iter().zip(kept.lengths.iter().zip(&kept.spans));
        let tell = |(&pair, (&length, &span)): (&u32, (&u8, &(u16, u16)))| {
            asked.told(pair, kept, length, span, steps.is_some())
        };
        let told: Vec<Told> = known.map(tell).collect();
        let all = self.pairs.codes.len();
        let these = |wanted: &'static [Told]| {
            let pairs = self.order().iter().zip(&told).filter(|(_, told)| wanted.contains(told));
            PairTable::new(all, pairs.map(|(&pair, _)| pair))
        };
        let mut sums = self.sum_rows(asked, these(&[Told::Sum, Told::Minutes]));
        sums.steps = steps.map(|steps| {
            let mut tables = [these(&[Told::Steps]), these(&[Told::Steps])];
            for (table, minutes) in tables.iter_mut().zip([&steps.more, &steps.less]) {
                minutes.iter().for_each(|&minutes| self.add_minutes(table, minutes));
            }
            (steps, tables)
        });
        list_told(kept, &told, &sums)
    }

    fn sum_rows(&self, asked: &Asked, mut table: PairTable) -> RowSums {
        // Of split pairs: place and minute, number of the row; and what the row has.
        let mut keys: Vec<(u64, u32)> = Vec::new();
        let mut cells: Vec<(u8, CellCounters)> = Vec::new();
        let selection = asked.selection.as_deref();
        let mut takes = |row: &Row<'_>, place: u32| {
            if selection.is_some_and(|selection| !selection.row(row.pair, || row.minute()).is_taken()) {
                return false;
            }
            let splits = asked.splits(row.pair);
            if splits {
                keys.push((u64::from(place) << 32 | u64::from(row.minute()), cells.len() as u32));
                cells.push((row.flags, row.counters()));
            }
            !splits
        };
        let looks = !asked.splits.is_empty() || selection.is_some_and(Selection::has_moving);
        if !table.is_empty() && looks {
            self.for_each_part(asked.range, selection, |part, range| table.add(part, range, Some(&mut takes)));
        } else if !table.is_empty() {
            self.for_each_part(asked.range, selection, |part, range| table.add(part, range, ALL));
        }
        keys.sort_unstable();
        let minutes = keys.chunk_by(|a, b| a.0 == b.0).map(|same| {
            let key = same.first().map_or(0, |first| first.0);
            let mut sum = Counters::default();
            let cells = same.iter().filter_map(|&(_, number)| cells.get(number as usize));
            cells.for_each(|(flags, cell)| sum.add_cell(*flags, cell));
            ((key >> 32) as u32, key as u32, sum)
        });
        let minutes = minutes.collect();
        RowSums { table, steps: None, minutes }
    }
}

/// What is kept, and of those pairs for which it does not serve what was summed up.
fn list_told(kept: &Kept, told: &[Told], sums: &RowSums) -> PairSums {
    let kept_bytes = told.iter().zip(&kept.lengths).filter(|(told, _)| **told != Told::Nothing);
    let mut list = PairSums::with_room_for_bytes(kept_bytes.map(|(_, length)| usize::from(*length)).sum());
    let mut walk = sums.steps.as_ref().map(|(steps, tables)| (Walk::new(kept, steps), tables));
    // What stands side by side is copied at once.
    let (mut from, mut to, mut summed, mut stepped) = (0, 0, 0, 0);
    for ((&told, &length), &span) in told.iter().zip(&kept.lengths).zip(&kept.spans) {
        let (at, end) = (to, to + usize::from(length));
        let total =
            |wanted: bool| if wanted { kept.list.counters_at(at).unwrap_or_default() } else { Counters::default() };
        let ends = walk.as_mut().map(|(walk, _)| walk.next(span, || total(told == Told::Steps)));
        to = end;
        if told == Told::Kept {
            continue;
        }
        list.push_part(&kept.list, from..at);
        from = end;
        if told == Told::Nothing {
            continue;
        }
        let Some(key) = kept.list.pair_at(at) else { continue };
        let sum = match (told, &walk, ends) {
            (Told::Steps, Some((_, tables)), Some([before, until])) => {
                stepped += 1;
                step_sum(tables, stepped - 1, before, until)
            }
            _ => {
                summed += 1;
                sums.table.counters(summed - 1)
            }
        };
        match (told, sum) {
            (Told::Minutes, _) => list_minutes(&mut list, sums, summed - 1, key),
            (_, Some(counters)) => list.push_whole(&key, &counters),
            _ => {}
        }
    }
    list.push_part(&kept.list, from..to);
    list
}

/// What a pair has before the end of a range less what it has before its begin; `None` when that is nothing.
fn step_sum([more, less]: &[PairTable; 2], place: u32, before: Counters, until: Counters) -> Option<Counters> {
    let mut sum = until;
    sum += more.counters(place).unwrap_or_default();
    sum -= less.counters(place).unwrap_or_default();
    sum -= before;
    (!sum.is_empty()).then_some(sum)
}

/// The minutes of a split pair.
fn list_minutes(list: &mut PairSums, sums: &RowSums, place: u32, pair: PairKey) {
    let from = sums.minutes.partition_point(|sum| sum.0 < place);
    for &(_, minute, counters) in sums.minutes.iter().skip(from).take_while(|sum| sum.0 == place) {
        list.push(&PairSum { pair, minute: Some(minute.into()), counters });
    }
}
