//! Counted traffic by pair. The first who asks for all of it makes the store keep every pair's sum, packed, in the order of the answer: another
//! question about many pairs of all minutes is then a walk along the pairs. Rows are summed up for a range, for few pairs (whose records are
//! soon found), and for pairs that are split by minute or taken in some minutes only.

use super::PORTION;
use super::tables::PairTable;
use crate::Store;
use crate::cell::{COUNTED, CountedRow, TOGETHER};
use crate::lists::Totals;
use crate::pairs::PairCode;
use crate::query::{PairQuery, PairSum, PairSums, Selector};
use crate::select::Selection;
use crate::sums::Counters;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use underlay_model::view::MinuteRange;

/// Whose rows are summed up, and how.
struct Wanted<'a> {
    range: Option<MinuteRange>,
    selection: Option<Selection<'a>>,
    /// By number of the pair; empty when none is split.
    splits: Vec<bool>,
    /// The sums that are kept serve for the other pairs.
    totals: Option<&'a Totals>,
}

impl Wanted<'_> {
    fn splits(&self, pair: u32) -> bool {
        self.splits.get(pair as usize) == Some(&true)
    }
}

/// Sums of rows.
struct RowSums {
    table: PairTable,
    /// Of split pairs: pair, minute.
    by_minute: BTreeMap<(u32, u32), Counters>,
}

impl Store {
    /// Counted traffic by pair. A pair without a counted row in the range is absent.
    #[inline(never)]
    pub fn pairs(&self, query: &PairQuery) -> PairSums {
        let selection = (query.selector != Selector::default()).then(|| Selection::new(self, &query.selector));
        let split: FxHashSet<u32> = query.split.iter().filter_map(|&address| self.addresses.find(address)).collect();
        let is_split = |code: &PairCode| split.contains(&code.src) || split.contains(&code.dst);
        let splits = if split.is_empty() { Vec::new() } else { self.pairs.codes.iter().map(is_split).collect() };
        let many = || selection.as_ref().is_none_or(|selection| !self.are_few(selection.len()));
        let totals = self.standings.totals.get().filter(|_| query.range.is_none() && many());
        let wanted = Wanted { range: query.range, selection, splits, totals };
        let sums = self.sum_rows(&wanted);
        match totals {
            Some(totals) => self.list_totals(&wanted, totals, &sums),
            None => self.list_sums(&wanted, &sums),
        }
    }

    fn sum_rows(&self, wanted: &Wanted<'_>) -> RowSums {
        let selection = wanted.selection.as_ref();
        let whole = wanted.range.is_none() && selection.is_none() && wanted.totals.is_none();
        let pairs = self.pairs.codes.len();
        let mut sums =
            RowSums { table: PairTable::new(pairs, if whole { pairs } else { 0 }), by_minute: BTreeMap::new() };
        let depends = || selection.is_some_and(Selection::depends_on_minutes);
        if wanted.totals.is_some() && wanted.splits.is_empty() && !depends() {
            return sums;
        }
        let needed = |pair: u32| {
            let depends = || selection.is_some_and(|selection| selection.pair(pair).by_minute);
            wanted.totals.is_none() || wanted.splits(pair) || depends()
        };
        let mut rows = Vec::with_capacity(TOGETHER);
        self.for_each_row(COUNTED, wanted.range, selection, |block, row, pair| {
            let taken = |selection: &Selection<'_>| selection.row(self, pair, || block.minute(row)).taken;
            if !needed(pair) || !selection.is_none_or(taken) {
                return;
            }
            let flags = block.flags.get(row).copied().unwrap_or(0);
            let cell = block.counters(row);
            if wanted.splits(pair) {
                sums.by_minute.entry((pair, block.minute(row))).or_default().add_cell(flags, &cell);
                return;
            }
            rows.push(CountedRow { pair, minute: 0, flags, cell });
            if rows.len() == TOGETHER {
                sums.table.add_all(&mut rows);
            }
        });
        sums.table.add_all(&mut rows);
        sums
    }

    /// What was summed up of rows; of everything it is kept.
    fn list_sums(&self, wanted: &Wanted<'_>, sums: &RowSums) -> PairSums {
        let table = &sums.table;
        let mut list = PairSums::with_room_for(table.pairs.len());
        if sums.by_minute.is_empty() && self.are_few(table.pairs.len()) {
            for pair in self.ordered(&table.pairs) {
                if let (Some(code), Some(sum)) = (self.pairs.codes.get(pair as usize), table.sum(table.place(pair))) {
                    let counters = table.counters(pair, sum);
                    list.push(&PairSum { pair: self.pair_key(code), minute: None, counters });
                }
            }
            return list;
        }
        let everything = wanted.range.is_none() && wanted.selection.is_none();
        let mut totals = everything.then(|| Totals::with_room_for(self.pairs.codes.len()));
        let mut places = Vec::with_capacity(PORTION);
        let mut found = Vec::with_capacity(PORTION);
        for pairs in self.order().chunks(PORTION) {
            places.clear();
            places.extend(pairs.iter().map(|&pair| table.place(pair)));
            found.clear();
            let fetch = |(&pair, &place): (&u32, &u32)| {
                let code = *self.pairs.codes.get(pair as usize)?;
                let told = place != 0 || totals.is_some() || !sums.by_minute.is_empty();
                told.then(|| (pair, code, table.sum(place).copied()))
            };
            found.extend(pairs.iter().zip(&places).filter_map(fetch));
            for (pair, code, sum) in &found {
                let mut total = None;
                if let Some(sum) = sum {
                    let counters = table.counters(*pair, sum);
                    list.push(&PairSum { pair: self.pair_key(code), minute: None, counters });
                    total = Some(counters);
                } else if !sums.by_minute.is_empty() {
                    total = self.list_minutes(&mut list, sums, *pair, code);
                }
                if let Some(totals) = &mut totals {
                    totals.push(total.as_ref());
                }
            }
        }
        if let Some(totals) = totals {
            _ = self.standings.totals.set(totals.finished());
        }
        list
    }

    /// The minutes of a split pair; gives their sum.
    fn list_minutes(&self, list: &mut PairSums, sums: &RowSums, pair: u32, code: &PairCode) -> Option<Counters> {
        let mut total: Option<Counters> = None;
        for (&(_, minute), &counters) in sums.by_minute.range((pair, 0)..=(pair, u32::MAX)) {
            list.push(&PairSum { pair: self.pair_key(code), minute: Some(minute.into()), counters });
            *total.get_or_insert_default() += counters;
        }
        total
    }

    /// What is kept of pairs, and of those for which it does not serve what was summed up.
    fn list_totals(&self, wanted: &Wanted<'_>, totals: &Totals, sums: &RowSums) -> PairSums {
        let taken = wanted.selection.as_ref().map_or(self.pairs.codes.len(), Selection::len);
        let mut list = PairSums::with_room_for(taken);
        let mut totals = totals.iter();
        let mut codes = Vec::with_capacity(PORTION);
        for pairs in self.order().chunks(PORTION) {
            codes.clear();
            codes.extend(pairs.iter().map(|&pair| self.pairs.codes.get(pair as usize).copied().unwrap_or_default()));
            for ((&pair, code), packed) in pairs.iter().zip(&codes).zip(&mut totals) {
                // By its code, which is at hand, not by its number.
                let how = wanted.selection.as_ref().map(|selection| selection.classify(code));
                if wanted.splits(pair) {
                    self.list_minutes(&mut list, sums, pair, code);
                } else if how.is_some_and(|how| how.by_minute) {
                    if let Some(sum) = sums.table.sum(sums.table.place(pair)) {
                        let counters = sums.table.counters(pair, sum);
                        list.push(&PairSum { pair: self.pair_key(code), minute: None, counters });
                    }
                } else if how.is_none_or(|how| how.taken) && !packed.is_empty() {
                    list.push_packed(&self.pair_key(code), packed);
                }
            }
        }
        list
    }
}
