//! The sums of all pairs over the whole capture, as they are told, kept from the first question on: of most answers most is a part of them.

use super::tables::SumList;
use crate::Store;
use crate::block::{Part, ROWS, Row};
use crate::cell::COUNTED;
use crate::lists::PairSums;
use crate::sums::Counters;

/// A minute that is too far from the first one to be told.
pub(super) const FAR: u16 = u16::MAX;
/// So many pairs, in the order of their names, are looked at together.
pub(super) const CHUNK: usize = 64;

/// See the module. Lists of numbers are in the order of the pairs' names where nothing else is said.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(super) list: PairSums,
    /// Bytes of each pair in the list; of a pair without a counted row, 0.
    pub(super) lengths: Vec<u8>,
    /// Where each [`CHUNK`] of pairs begins in the list.
    pub(super) marks: Vec<usize>,
    /// Minutes of its first and last counted row, counted from the first minute of all; [`FAR`] for all that are farther.
    pub(super) spans: Vec<(u16, u16)>,
    /// That minute.
    pub(super) first: u32,
    /// By number of the pair: in which sum its rows are added up, from 1; 0 when all that count lie in one minute, or there are none.
    pub(super) slots: Vec<u32>,
    /// How many sums there are.
    pub(super) sums: usize,
}

impl Kept {
    pub(crate) fn memory_bytes(&self) -> usize {
        self.list.memory_bytes()
            + self.lengths.capacity()
            + self.marks.capacity() * size_of::<usize>()
            + self.spans.capacity() * size_of::<(u16, u16)>()
            + self.slots.capacity() * 4
    }
}

/// Rows of pairs as they are found. Most pairs of many have one counted row, and that one is not added up but looked up again.
struct Gathered {
    /// By number of the pair: 0, the number of its sum from 1, or [`ONE_ROW`] and which row.
    slots: Vec<u32>,
    sums: SumList,
    /// By number of the sum.
    spans: Vec<(u16, u16)>,
    first: u32,
}

const ONE_ROW: u32 = 1 << 31;

impl Gathered {
    fn minute(&self, row: &Row<'_>) -> u16 {
        u16::try_from(row.minute().saturating_sub(self.first)).unwrap_or(FAR)
    }

    /// The rows of a part of the block whose first row has this number. A browser compiles well what is called often, not what takes long.
    #[inline(never)]
    fn add_part(&mut self, store: &Store, part: &Part<'_>, first: usize) {
        for (number, row) in (first + part.first()..).zip(part.rows()) {
            if row.flags & COUNTED != 0 {
                self.add(store, &row, number);
            }
        }
    }

    #[inline(always)]
    fn add(&mut self, store: &Store, row: &Row<'_>, number: usize) {
        let Some(slot) = self.slots.get_mut(row.pair as usize) else { return };
        if *slot == 0 && number < ONE_ROW as usize && row.minute().saturating_sub(self.first) < FAR.into() {
            *slot = ONE_ROW | number as u32;
        } else if *slot == 0 || *slot >= ONE_ROW {
            let before = *slot;
            self.sums.push();
            self.spans.push((FAR, 0));
            *slot = self.sums.len() as u32;
            let slot = *slot;
            if let Some(row) = store.one_row(before) {
                self.add_to(slot, &row);
            }
            self.add_to(slot, row);
        } else {
            let slot = *slot;
            self.add_to(slot, row);
        }
    }

    #[inline(always)]
    fn add_to(&mut self, slot: u32, row: &Row<'_>) {
        let minute = self.minute(row);
        if let Some(span) = self.spans.get_mut(slot as usize - 1) {
            *span = (span.0.min(minute), span.1.max(minute));
        }
        self.sums.add(slot - 1, row);
    }

    /// What there is of a pair, with its first and last minute.
    #[inline]
    fn told(&self, store: &Store, slot: u32, is_denied: bool) -> Option<(Counters, (u16, u16))> {
        if slot >= ONE_ROW {
            let row = store.one_row(slot)?;
            let mut counters = Counters::default();
            counters.add_cell(row.flags, &row.counters());
            let minute = self.minute(&row);
            return Some((counters, (minute, minute)));
        }
        let sum = slot.checked_sub(1)?;
        Some((self.sums.counters(sum, is_denied)?, *self.spans.get(sum as usize)?))
    }

    /// Only pairs with rows in several minutes keep their sums' places.
    fn into_slots(mut self) -> Vec<u32> {
        for slot in &mut self.slots {
            let several = |span: &(u16, u16)| span.0 != span.1 || span.1 == FAR;
            let sum = slot.checked_sub(1).and_then(|sum| self.spans.get(sum as usize));
            *slot = if sum.is_some_and(several) { *slot } else { 0 };
        }
        self.slots
    }
}

impl Store {
    pub(super) fn kept(&self) -> &Kept {
        self.standings.kept.get_or_init(|| self.keep())
    }

    #[inline(never)]
    fn keep(&self) -> Kept {
        let order = self.order();
        let gathered = self.gather_pairs();
        let mut kept = Kept { list: PairSums::with_room_for(order.len()), first: gathered.first, ..Kept::default() };
        kept.lengths.reserve_exact(order.len());
        kept.spans.reserve_exact(order.len());
        kept.marks.reserve_exact(order.len() / CHUNK + 1);
        order.chunks(CHUNK).for_each(|pairs| self.keep_chunk(&gathered, pairs, &mut kept));
        kept.list.shrink();
        kept.sums = gathered.sums.len();
        kept.slots = gathered.into_slots();
        kept
    }

    #[inline(never)]
    fn keep_chunk(&self, gathered: &Gathered, pairs: &[u32], kept: &mut Kept) {
        // What lies far apart in memory is fetched for many pairs side by side, and then written.
        let mut told = [None; CHUNK];
        for (told, &pair) in told.iter_mut().zip(pairs) {
            let slot = gathered.slots.get(pair as usize).copied().unwrap_or(0);
            let code = self.pairs.codes.get(pair as usize).copied();
            *told = code.and_then(|code| Some((code, gathered.told(self, slot, code.denied)?)));
        }
        kept.marks.push(kept.list.len());
        for told in told.iter().take(pairs.len()) {
            let before = kept.list.len();
            if let Some((code, (counters, _))) = told {
                kept.list.push_whole(&self.pair_key(code), counters);
            }
            // Two addresses and eight numbers are far less long than a byte can say.
            kept.lengths.push((kept.list.len() - before) as u8);
            kept.spans.push(told.map_or((FAR, 0), |(_, (_, span))| span));
        }
    }

    fn gather_pairs(&self) -> Gathered {
        let (first, _) = self.minute_span();
        let slots = vec![0; self.pairs.codes.len()];
        let mut gathered = Gathered { slots, sums: SumList::default(), spans: Vec::new(), first };
        self.for_each_stretch(|_, _, at, rows| {
            let Some(block) = self.blocks.get(at) else { return };
            block.parts(rows).for_each(|part| gathered.add_part(self, &part, at * ROWS));
        });
        gathered
    }

    /// The row of a slot with [`ONE_ROW`].
    #[inline]
    fn one_row(&self, slot: u32) -> Option<Row<'_>> {
        let number = slot.checked_sub(ONE_ROW)? as usize;
        self.blocks.get(number / ROWS)?.row(number % ROWS)
    }
}
