//! What answers are summed in: by pair, by minute, and lists of names that many of them share.

use crate::block::{MOST_ROWS, Part, PartSum, Row};
use crate::cell::{ANALYTICS, COUNTED, CROSSED, CellCounters, DENIED, WIDE};
use crate::names::Names;
use crate::sums::Counters;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use underlay_model::order::Order;
use underlay_model::texts::Texts;
use underlay_model::view::MinuteRange;

/// So many minutes (45 days) are summed in a plain list; a longer capture by look-up.
const DENSE_MINUTES: u64 = 1 << 16;
/// Something was added to a sum, were it nothing but zeros.
const TOUCHED: u64 = 1 << 63;

/// A sum of rows whose values are not large: they cannot overflow it, as many as a shard holds. As long as what a processor fetches at once.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub(super) struct NarrowSum {
    /// Begun, continued, ended, denied (and [`TOUCHED`]).
    counts: [u64; 4],
    packets: [u64; 2],
    bytes: [u64; 2],
}

impl NarrowSum {
    #[inline(always)]
    pub(super) fn add(&mut self, flags: u8, cell: &CellCounters) {
        let [begun, continued, ended, denied] = &mut self.counts;
        if (flags & DENIED == 0) == (flags & CROSSED == 0) {
            *begun += cell.begun;
            *denied |= TOUCHED;
        } else {
            *denied = (*denied + cell.begun) | TOUCHED;
        }
        *continued += if flags & ANALYTICS == 0 { u64::from(cell.continued) } else { 0 };
        *ended += cell.ended;
        for way in 0..2 {
            self.packets[way] += cell.packets[way];
            self.bytes[way] += cell.bytes[way];
        }
    }

    fn touch(&mut self) {
        self.counts[3] |= TOUCHED;
    }

    fn is_touched(&self) -> bool {
        self.counts[3] & TOUCHED != 0
    }

    fn counters(&self) -> Counters {
        let [begun, continued, ended, denied] = self.counts;
        let [packets, bytes] = [self.packets, self.bytes].map(|both| both.map(u128::from));
        Counters { begun, continued, ended, denied: denied & !TOUCHED, packets, bytes }
    }
}

/// A row whose values may be too large for a narrow sum.
#[inline(always)]
fn is_large(flags: u8, cell: &CellCounters) -> bool {
    flags & WIDE != 0 && cell.is_large()
}

/// Sums by number.
#[derive(Default)]
pub(super) struct SumList {
    sums: Vec<NarrowSum>,
    large: FxHashMap<u32, Counters>,
}

impl SumList {
    /// So many sums of nothing.
    pub(super) fn new(len: usize) -> Self {
        Self { sums: vec![NarrowSum::default(); len], large: FxHashMap::default() }
    }

    /// One more, of nothing.
    pub(super) fn push(&mut self) {
        self.sums.push(NarrowSum::default());
    }

    pub(super) fn len(&self) -> usize {
        self.sums.len()
    }

    #[inline(always)]
    pub(super) fn add(&mut self, number: u32, row: &Row<'_>) {
        let Some(sum) = self.sums.get_mut(number as usize) else { return };
        let cell = row.counters();
        if is_large(row.flags, &cell) {
            sum.touch();
            self.large.entry(number).or_default().add_cell(row.flags, &cell);
        } else {
            sum.add(row.flags, &cell);
        }
    }

    /// Something of a sum, so that the processor fetches it.
    pub(super) fn peek(&self, number: u32) -> u64 {
        self.sums.get(number as usize).map_or(0, |sum| sum.counts[0])
    }

    /// What was added to a sum, if anything was.
    #[inline]
    pub(super) fn counters(&self, number: u32) -> Option<Counters> {
        let sum = self.sums.get(number as usize).filter(|sum| sum.is_touched())?;
        let mut counters = sum.counters();
        if !self.large.is_empty()
            && let Some(large) = self.large.get(&number)
        {
            counters += *large;
        }
        Some(counters)
    }
}

/// Adds up rows of pairs.
pub(super) struct PairTable<'a> {
    /// By number of the pair, the number of its sum, from 1; 0 when it needs none.
    pub(super) slots: &'a [u32],
    pub(super) sums: SumList,
}

impl PairTable<'_> {
    /// Adds the counted rows of a part that are of these minutes, of pairs that have a sum and that are wanted, and that this says to be taken.
    /// Which rows these are is found out without a branch, which the processor would guess wrongly.
    #[inline(always)]
    pub(super) fn add<'a>(
        &mut self,
        part: &Part<'a>,
        range: Option<MinuteRange>,
        is_wanted: impl Fn(u32) -> bool,
        takes: Option<impl FnMut(&Row<'a>) -> bool>,
    ) {
        let mut found = [(0u32, 0u32); MOST_ROWS];
        let mut len = 0;
        for (at, (pair, flags)) in (0..).zip(part.pairs()) {
            let slot = self.slots.get(pair as usize).copied().unwrap_or(0);
            if let Some(place) = found.get_mut(len) {
                *place = (slot.wrapping_sub(1), at);
            }
            len += usize::from(flags & COUNTED != 0) & usize::from(slot != 0) & usize::from(is_wanted(pair));
        }
        if let Some(range) = range {
            len = keep(&mut found, len, part, |row| range.contains(row.minute().into()));
        }
        if let Some(takes) = takes {
            len = keep(&mut found, len, part, takes);
        }
        for &(number, at) in found.get(..len).unwrap_or_default() {
            part.row(at as usize).iter().for_each(|row| self.sums.add(number, row));
        }
    }
}

/// Keeps of the first so many sums and rows those of which this says so; gives how many these are.
#[inline(always)]
fn keep<'a>(
    found: &mut [(u32, u32); MOST_ROWS],
    len: usize,
    part: &Part<'a>,
    mut takes: impl FnMut(&Row<'a>) -> bool,
) -> usize {
    let mut kept = 0;
    for from in 0..len.min(MOST_ROWS) {
        let one = found[from];
        let takes = part.row(one.1 as usize).is_some_and(|row| takes(&row));
        found[kept] = one;
        kept += usize::from(takes);
    }
    kept
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

/// Kinds of rows that are summed apart.
pub(super) const KINDS: usize = 4;

/// Sums by minute and kind of row: a plain list over the span of the capture, or a look-up when that is long.
pub(super) struct MinuteTable {
    first: u32,
    dense: Vec<[NarrowSum; KINDS]>,
    sparse: BTreeMap<u32, [NarrowSum; KINDS]>,
    large: BTreeMap<(u32, usize), Counters>,
}

impl MinuteTable {
    /// Over these minutes, first and last.
    pub(super) fn new((first, last): (u32, u32)) -> Self {
        let len = u64::from(last).checked_sub(u64::from(first)).map_or(0, |span| span + 1);
        let dense = if len <= DENSE_MINUTES { len as usize } else { 0 };
        let dense = vec![<[NarrowSum; KINDS]>::default(); dense];
        Self { first, dense, sparse: BTreeMap::new(), large: BTreeMap::new() }
    }

    #[inline(always)]
    fn minute(&mut self, minute: u32) -> &mut [NarrowSum; KINDS] {
        match self.dense.get_mut(minute.wrapping_sub(self.first) as usize) {
            Some(sums) => sums,
            None => self.sparse.entry(minute).or_default(),
        }
    }

    /// There is a row of this kind in this minute.
    pub(super) fn touch(&mut self, minute: u32, kind: usize) {
        self.minute(minute)[kind % KINDS].touch();
    }

    /// Adds a row of this kind.
    #[inline(always)]
    pub(super) fn add(&mut self, kind: usize, row: &Row<'_>) {
        let (minute, cell) = (row.minute(), row.counters());
        if is_large(row.flags, &cell) {
            self.touch(minute, kind);
            self.large.entry((minute, kind % KINDS)).or_default().add_cell(row.flags, &cell);
        } else {
            self.minute(minute)[kind % KINDS].add(row.flags, &cell);
        }
    }

    /// Adds what was summed up of plain rows of this kind and verdict.
    pub(super) fn add_part(&mut self, minute: u32, kind: usize, denied: bool, sum: &PartSum) {
        if !sum.is_empty() {
            let flags = if denied { DENIED } else { 0 };
            self.minute(minute)[kind % KINDS].add(flags, &sum.counters());
        }
    }

    /// Minutes to which something was added, in order, with their sums.
    pub(super) fn into_sums(self) -> Vec<(u32, [Counters; KINDS])> {
        let Self { first, dense, sparse, large } = self;
        let dense = dense.into_iter().enumerate().map(|(at, sums)| (first.saturating_add(at as u32), sums));
        let touched = dense.chain(sparse).filter(|(_, sums)| sums.iter().any(NarrowSum::is_touched));
        let mut sums: Vec<(u32, [Counters; KINDS])> =
            touched.map(|(minute, sums)| (minute, sums.map(|sum| sum.counters()))).collect();
        for ((minute, kind), large) in large {
            if let Ok(at) = sums.binary_search_by_key(&minute, |sum| sum.0)
                && let Some((_, sums)) = sums.get_mut(at)
            {
                sums[kind] += large;
            }
        }
        sums
    }
}
