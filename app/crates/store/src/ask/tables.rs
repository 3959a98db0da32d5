//! What answers are summed in: by pair, by minute, and lists of names that many of them share.

use crate::cell::{ANALYTICS, CROSSED, CellCounters, CountedRow, DENIED, WIDE};
use crate::names::Names;
use crate::query::MinuteSum;
use crate::sums::Counters;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use underlay_model::order::Order;
use underlay_model::texts::Texts;

/// So many minutes (45 days) are summed in a plain list; a longer capture by look-up.
const DENSE_MINUTES: u64 = 1 << 16;

/// Sums by pair. Rows with large values are summed apart: the others cannot overflow a sum, as many as a shard holds.
pub(super) struct PairTable {
    /// By number of the pair, the place of its sum, from 1: of most questions few pairs have one.
    places: Vec<u32>,
    sums: Vec<NarrowSum>,
    /// The pairs of the sums.
    pub(super) pairs: Vec<u32>,
    large: FxHashMap<u32, Counters>,
    /// Places of the rows that are being added.
    found: Vec<u32>,
}

/// As long as what a processor fetches at once.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct NarrowSum {
    /// Begun, continued, ended, denied.
    counts: [u64; 4],
    packets: [u64; 2],
    bytes: [u64; 2],
}

impl NarrowSum {
    #[inline(always)]
    fn add(&mut self, flags: u8, cell: &CellCounters) {
        let [begun, continued, ended, denied] = &mut self.counts;
        if (flags & DENIED == 0) == (flags & CROSSED == 0) {
            *begun += cell.begun;
        } else {
            *denied += cell.begun;
        }
        *continued += if flags & ANALYTICS == 0 { u64::from(cell.continued) } else { 0 };
        *ended += cell.ended;
        for way in 0..2 {
            self.packets[way] += cell.packets[way];
            self.bytes[way] += cell.bytes[way];
        }
    }
}

impl PairTable {
    /// Of so many pairs in all, of which about so many will have a sum.
    pub(super) fn new(pairs: usize, expected: usize) -> Self {
        Self {
            places: vec![0; pairs],
            sums: Vec::with_capacity(expected),
            pairs: Vec::with_capacity(expected),
            large: FxHashMap::default(),
            found: Vec::new(),
        }
    }

    /// Sums lie anywhere in memory: what a row needs is looked up for all rows before it is used for any, so that the processor waits for
    /// many at once.
    pub(super) fn add_all(&mut self, rows: &mut Vec<CountedRow>) {
        self.found.clear();
        for row in &*rows {
            let mut found = self.place(row.pair);
            if found == 0
                && let Some(place) = self.places.get_mut(row.pair as usize)
            {
                self.sums.push(NarrowSum::default());
                self.pairs.push(row.pair);
                found = self.sums.len() as u32;
                *place = found;
            }
            self.found.push(found);
        }
        let first = |&place: &u32| self.sum(place).map_or(0, |sum| sum.counts[0]);
        std::hint::black_box(self.found.iter().map(first).fold(0, |all, count| all ^ count));
        for (row, &place) in rows.iter().zip(&self.found) {
            if row.flags & WIDE != 0 && row.cell.is_large() {
                self.large.entry(row.pair).or_default().add_cell(row.flags, &row.cell);
            } else if let Some(sum) = self.sums.get_mut((place as usize).wrapping_sub(1)) {
                sum.add(row.flags, &row.cell);
            }
        }
        rows.clear();
    }

    /// 0 when nothing was added.
    pub(super) fn place(&self, pair: u32) -> u32 {
        self.places.get(pair as usize).copied().unwrap_or(0)
    }

    pub(super) fn sum(&self, place: u32) -> Option<&NarrowSum> {
        self.sums.get(place.checked_sub(1)? as usize)
    }

    /// All that was added for a pair, of which this is the part that fits.
    pub(super) fn counters(&self, pair: u32, sum: &NarrowSum) -> Counters {
        let [begun, continued, ended, denied] = sum.counts;
        let [packets, bytes] = [sum.packets, sum.bytes].map(|both| both.map(u128::from));
        let mut counters = Counters { begun, continued, ended, denied, packets, bytes };
        if !self.large.is_empty()
            && let Some(large) = self.large.get(&pair)
        {
            counters += *large;
        }
        counters
    }
}

/// Lists of names by their numbers, each made once.
pub(super) struct SharedTexts<'a> {
    names: &'a Names,
    single: Vec<Option<Texts>>,
    several: BTreeMap<BTreeSet<u32>, Texts>,
}

impl<'a> SharedTexts<'a> {
    pub(super) fn new(names: &'a Names) -> Self {
        Self { names, single: Vec::new(), several: BTreeMap::new() }
    }

    pub(super) fn of(&mut self, first: u32, more: impl Iterator<Item = u32> + Clone) -> Texts {
        let names = self.names;
        if more.clone().all(|name| name == first) {
            // The number for no name is far beyond the numbers.
            let place = first.wrapping_add(1) as usize;
            if self.single.len() <= place {
                self.single.resize(place + 1, None);
            }
            let one = || Texts::from(names.text(first).map(str::to_owned).into_iter().collect::<Vec<_>>());
            return self.single.get_mut(place).map(|known| known.get_or_insert_with(one).clone()).unwrap_or_default();
        }
        let all: BTreeSet<u32> = std::iter::once(first).chain(more).collect();
        if let Some(known) = self.several.get(&all) {
            return known.clone();
        }
        let mut texts: Vec<String> = all.iter().filter_map(|&name| names.text(name).map(str::to_owned)).collect();
        texts.order();
        texts.dedup();
        let texts = Texts::from(texts);
        self.several.insert(all, texts.clone());
        texts
    }
}

/// Sums by minute: a plain list over the span of the capture, or a look-up when that is long.
pub(super) struct MinuteTable {
    first: u32,
    dense: Vec<Option<Box<MinuteSum>>>,
    sparse: BTreeMap<u32, MinuteSum>,
}

impl MinuteTable {
    pub(super) fn new((first, last): (u32, u32)) -> Self {
        let len = u64::from(last).checked_sub(u64::from(first)).map_or(0, |span| span + 1);
        let dense = if len <= DENSE_MINUTES { len as usize } else { 0 };
        Self { first, dense: std::iter::repeat_with(|| None).take(dense).collect(), sparse: BTreeMap::new() }
    }

    #[inline]
    pub(super) fn minute(&mut self, minute: u32) -> &mut MinuteSum {
        let fresh = || MinuteSum { minute: minute.into(), ..MinuteSum::default() };
        match self.dense.get_mut(minute.wrapping_sub(self.first) as usize) {
            Some(place) => place.get_or_insert_with(|| Box::new(fresh())),
            None => self.sparse.entry(minute).or_insert_with(fresh),
        }
    }

    pub(super) fn into_sums(self) -> Vec<MinuteSum> {
        self.dense.into_iter().flatten().map(|sum| *sum).chain(self.sparse.into_values()).collect()
    }
}
