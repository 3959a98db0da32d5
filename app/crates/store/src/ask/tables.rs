//! What answers are summed in: by pair, by minute, and lists of names that many of them share.

use crate::block::{MOST_ROWS, Part, Row, ValueSum};
use crate::cell::{ANALYTICS, COUNTED, CROSSED, CellCounters, DENIED, UNUSUAL, WIDE};
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

    /// Adds a sum of a few rows.
    fn add_sum(&mut self, sum: &Counters) {
        let counts = [sum.begun, sum.continued, sum.ended, sum.denied | TOUCHED];
        let ([sent, returned], [up, down]) = (sum.packets, sum.bytes);
        let touched = self.counts[3] & TOUCHED;
        self.counts[3] -= touched;
        self.counts.iter_mut().zip(counts).for_each(|(sum, more)| *sum += more);
        self.packets.iter_mut().zip([sent, returned]).for_each(|(sum, more)| *sum += more as u64);
        self.bytes.iter_mut().zip([up, down]).for_each(|(sum, more)| *sum += more as u64);
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
    sums: Vec<ValueSum>,
    /// What more there is of rows that are more than their values.
    unusual: FxHashMap<u32, Counters>,
}

impl SumList {
    /// So many sums of nothing.
    pub(super) fn new(len: usize) -> Self {
        Self { sums: vec![ValueSum::default(); len], unusual: FxHashMap::default() }
    }

    /// One more, of nothing.
    pub(super) fn push(&mut self) {
        self.sums.push(ValueSum::default());
    }

    pub(super) fn len(&self) -> usize {
        self.sums.len()
    }

    #[inline(always)]
    pub(super) fn add(&mut self, number: u32, row: &Row<'_>) {
        if row.flags & UNUSUAL != 0 {
            self.unusual.entry(number).or_default().add_cell(row.flags, &row.counters());
        } else if let Some(sum) = self.sums.get_mut(number as usize) {
            row.add_values(sum);
        }
    }

    /// Something of a sum, so that the processor fetches it.
    pub(super) fn peek(&self, number: u32) -> u64 {
        self.sums.get(number as usize).map_or(0, ValueSum::peek)
    }

    /// What was added to the sum of a pair, if anything was.
    #[inline]
    pub(super) fn counters(&self, number: u32, is_denied: bool) -> Option<Counters> {
        let sum = self.sums.get(number as usize)?;
        let unusual = if self.unusual.is_empty() { None } else { self.unusual.get(&number) };
        if sum.is_empty() && unusual.is_none() {
            return None;
        }
        let mut counters = sum.counters(is_denied);
        unusual.iter().for_each(|more| counters += **more);
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
    /// A browser compiles well what is called often, not what takes long: hence a function for each part.
    #[inline(never)]
    pub(super) fn add<'a>(
        &mut self,
        part: &Part<'a>,
        range: Option<MinuteRange>,
        is_wanted: impl Fn(u32) -> bool,
        takes: Option<impl FnMut(&Row<'a>) -> bool>,
    ) {
        let is_summed = |pair: u32| self.slots.get(pair as usize).is_some_and(|slot| *slot != 0);
        let mut found = Found::new(part, |pair, flags| (flags & COUNTED != 0) & is_summed(pair) & is_wanted(pair));
        if let Some(range) = range {
            found.keep(|row| range.contains(row.minute().into()));
        }
        if let Some(takes) = takes {
            found.keep(takes);
        }
        for row in found.rows() {
            let slot = self.slots.get(row.pair as usize).copied().unwrap_or(0);
            self.sums.add(slot.wrapping_sub(1), &row);
        }
    }
}

/// Rows of a part that are wanted. Which these are is found out without a branch, which the processor would guess wrongly.
struct Found<'a, 'b> {
    part: &'b Part<'a>,
    /// Places of the rows.
    places: [u8; MOST_ROWS],
    len: usize,
}

// A place fits.
const _: () = assert!(MOST_ROWS <= 1 << u8::BITS);

impl<'a, 'b> Found<'a, 'b> {
    /// Those of which this says so, given the number of the pair and the flags.
    #[inline(always)]
    fn new(part: &'b Part<'a>, is_wanted: impl Fn(u32, u8) -> bool) -> Self {
        let (mut places, mut len) = ([0; MOST_ROWS], 0);
        for (at, (pair, flags)) in part.pairs().enumerate() {
            places[len % MOST_ROWS] = at as u8;
            len += usize::from(is_wanted(pair, flags));
        }
        Self { part, places, len }
    }

    /// Keeps those of which this says so, too.
    #[inline(always)]
    fn keep(&mut self, mut takes: impl FnMut(&Row<'a>) -> bool) {
        let mut kept = 0;
        for from in 0..self.len.min(MOST_ROWS) {
            let at = self.places[from];
            let takes = self.part.row(at.into()).is_some_and(|row| takes(&row));
            self.places[kept % MOST_ROWS] = at;
            kept += usize::from(takes);
        }
        self.len = kept;
    }

    #[inline(always)]
    fn rows(&self) -> impl Iterator<Item = Row<'a>> {
        self.places.iter().take(self.len).filter_map(|at| self.part.row(usize::from(*at)))
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

    /// Adds what was summed up of rows of this kind.
    pub(super) fn add_sum(&mut self, minute: u32, kind: usize, sum: &Counters) {
        self.minute(minute)[kind % KINDS].add_sum(sum);
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
