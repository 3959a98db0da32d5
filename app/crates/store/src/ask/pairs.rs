//! Counted traffic by pair. What a pair has over the whole capture is kept; rows are summed up of those pairs only of which a question cuts
//! something off: by its minutes, by the minutes in which an end belongs to a set, or because a pair is told minute by minute.

use super::kept::{FAR, Kept};
use super::tables::PairTable;
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
    /// Its rows minute by minute.
    Minutes,
}

/// Sums of rows.
struct RowSums {
    table: PairTable,
    /// Of split pairs: place, minute, counters; sorted.
    minutes: Vec<(u32, u32, Counters)>,
}

impl Asked {
    fn splits(&self, pair: u32) -> bool {
        self.splits.get(pair as usize) == Some(&true)
    }

    fn told(&self, pair: u32, kept: &Kept, length: u8, span: (u16, u16)) -> Told {
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
            false if cuts || taken.is_some_and(|taken| taken.is_by_minute()) => Told::Sum,
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
        let known = self.order().iter().zip(kept.lengths.iter().zip(&kept.spans));
        let told: Vec<Told> = known.map(|(&pair, (&length, &span))| asked.told(pair, kept, length, span)).collect();
        let is_summed = |(_, told): &(&u32, &Told)| matches!(told, Told::Sum | Told::Minutes);
        let summed = self.order().iter().zip(&told).filter(is_summed).map(|(&pair, _)| pair);
        let sums = self.sum_rows(asked, PairTable::new(self.pairs.codes.len(), summed));
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
            let all: Option<fn(&Row<'_>, u32) -> bool> = None;
            self.for_each_part(asked.range, selection, |part, range| table.add(part, range, all));
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
        RowSums { table, minutes }
    }
}

/// What is kept, and of those pairs for which it does not serve what was summed up.
fn list_told(kept: &Kept, told: &[Told], sums: &RowSums) -> PairSums {
    let kept_bytes = told.iter().zip(&kept.lengths).filter(|(told, _)| **told != Told::Nothing);
    let mut list = PairSums::with_room_for_bytes(kept_bytes.map(|(_, length)| usize::from(*length)).sum());
    // What stands side by side is copied at once.
    let (mut from, mut to, mut place) = (0, 0, 0);
    for (&told, &length) in told.iter().zip(&kept.lengths) {
        let end = to + usize::from(length);
        if told == Told::Kept {
            to = end;
            continue;
        }
        list.push_part(&kept.list, from..to);
        if let (Told::Sum | Told::Minutes, Some(key)) = (told, kept.list.pair_at(to)) {
            match told {
                Told::Minutes => list_minutes(&mut list, sums, place, key),
                _ => sums.table.counters(place).iter().for_each(|counters| list.push_whole(&key, counters)),
            }
            place += 1;
        }
        (from, to) = (end, end);
    }
    list.push_part(&kept.list, from..to);
    list
}

/// The minutes of a split pair.
fn list_minutes(list: &mut PairSums, sums: &RowSums, place: u32, pair: PairKey) {
    let from = sums.minutes.partition_point(|sum| sum.0 < place);
    for &(_, minute, counters) in sums.minutes.iter().skip(from).take_while(|sum| sum.0 == place) {
        list.push(&PairSum { pair, minute: Some(minute.into()), counters });
    }
}
