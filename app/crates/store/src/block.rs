//! Blocks of rows: 65,536 of them, 24 bytes a row. What questions look at first (the number of the pair, flags) stands in columns of its own;
//! what is summed up lies side by side. A row whose values do not fit has them in the block's side table: large counters are of many tuples
//! or of many packets, so what the table costs is little beside their text.

use crate::cell::{Cell, CellCounters, CellKey, LASTING, WIDE};
use crate::kinds::{Kind, Kinds};
use crate::pairs::PairCode;
use crate::sums::Counters;
use rustc_hash::FxHashMap;
use underlay_model::time::{MINUTE_MS, Millis};

/// Rows of a block.
pub(crate) const ROWS: usize = 1 << 16;
/// The first block's columns grow by at most so many rows, because most captures are small.
const STEP: usize = ROWS / 2;
/// What a row takes, and a little more for what blocks of memory take of their own.
const ROW_BYTES: usize = 25;
/// So many rows share the minute from which theirs are counted.
const STRETCH: usize = 256;
/// Rows of a [`Part`] at most.
pub(crate) const MOST_ROWS: usize = STRETCH;
/// Their first row's minute stands in the middle of the minutes that fit.
const BEFORE: u32 = 64;

/// Values that do not fit.
#[derive(Clone, Copy, Debug)]
struct Wide {
    minute: u32,
    counters: CellCounters,
    /// Of a row of Traffic Analytics, whose flows may go beyond its minute.
    span: Option<(Millis, Millis)>,
}

/// Values of a row, 18 bytes. What does not fit is cut off here and stands in the side table. What is summed up stands so that the processor
/// adds four values at once.
#[derive(Clone, Copy, Debug, Default)]
struct Narrow {
    /// Packets, and the lower 16 of 24 bits of the bytes, both ways.
    words: [u16; 4],
    /// The bytes' higher bits, both ways; begun, continued.
    small: [u8; 4],
    ended: u8,
    /// Since the base of the stretch.
    minute: u8,
    /// Milliseconds within the minute.
    first: u16,
    last: u16,
}

impl Narrow {
    #[inline(always)]
    fn of(cell: &Cell, base: u32) -> Self {
        let Cell { key, counters, first, last } = cell;
        let ([sent, returned], [up, down]) = (counters.packets, counters.bytes);
        Self {
            words: [sent as u16, returned as u16, up as u16, down as u16],
            small: [(up >> 16) as u8, (down >> 16) as u8, counters.begun as u8, counters.continued as u8],
            ended: counters.ended as u8,
            minute: key.minute.wrapping_sub(base) as u8,
            first: *first,
            last: *last,
        }
    }

    /// [`WIDE`] when something does not fit.
    #[inline(always)]
    fn wide(key: &CellKey, counters: &CellCounters, base: u32) -> u8 {
        let minute = key.minute.wrapping_sub(base);
        let [packets, bytes] = [counters.packets, counters.bytes].map(|[sent, returned]| sent | returned);
        let counts = counters.begun | u64::from(counters.continued) | counters.ended;
        let beyond = u64::from(minute >> 8) | counts >> 8 | packets >> 16 | bytes >> 24;
        if beyond == 0 { 0 } else { WIDE }
    }

    #[inline(always)]
    fn counters(&self) -> CellCounters {
        let [sent, returned, up, down] = self.words.map(u64::from);
        let [up_high, down_high, begun, continued] = self.small.map(u64::from);
        CellCounters {
            begun,
            continued: continued as u32,
            ended: self.ended.into(),
            packets: [sent, returned],
            bytes: [up_high << 16 | up, down_high << 16 | down],
        }
    }
}

/// A sum of values of [`MOST_ROWS`] rows at most: so few cannot overflow it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PartSum {
    words: [u32; 4],
    small: [u32; 4],
    ended: u32,
}

impl PartSum {
    #[inline(always)]
    fn add(&mut self, values: &Narrow) {
        self.words.iter_mut().zip(values.words).for_each(|(sum, value)| *sum += u32::from(value));
        self.small.iter_mut().zip(values.small).for_each(|(sum, value)| *sum += u32::from(value));
        self.ended += u32::from(values.ended);
    }

    /// The same as a sum of any rows.
    #[inline]
    pub(crate) fn total(&self) -> ValueSum {
        let [sent, returned, up, down] = self.words.map(u64::from);
        let [up_high, down_high, begun, continued] = self.small.map(u64::from);
        ValueSum {
            packets: [sent, returned],
            bytes: [up + (up_high << 16), down + (down_high << 16)],
            counts: [begun, continued, self.ended.into()],
        }
    }
}

/// A sum of values of as many rows as there can be. As long as what a processor fetches at once.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(crate) struct ValueSum {
    packets: [u64; 2],
    bytes: [u64; 2],
    /// Begun, continued, ended.
    counts: [u64; 3],
}

impl ValueSum {
    #[inline(always)]
    fn add(&mut self, values: &Narrow) {
        let [sent, returned, up, down] = values.words.map(u64::from);
        let [up_high, down_high, begun, continued] = values.small.map(u64::from);
        self.packets[0] += sent;
        self.packets[1] += returned;
        self.bytes[0] += up_high << 16 | up;
        self.bytes[1] += down_high << 16 | down;
        self.counts[0] += begun;
        self.counts[1] += continued;
        self.counts[2] += u64::from(values.ended);
    }

    /// Whether no row was added: every row but those of Traffic Analytics counts some tuple.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.counts.iter().fold(0, |all, count| all | count) == 0
    }

    /// Of rows that begin what their verdict says.
    #[inline]
    pub(crate) fn counters(&self, is_denied: bool) -> Counters {
        let [begun, continued, ended] = self.counts;
        let (begun, denied) = if is_denied { (0, begun) } else { (begun, 0) };
        let [packets, bytes] = [self.packets, self.bytes].map(|both| both.map(u128::from));
        Counters { begun, continued, ended, denied, packets, bytes }
    }

    /// Something of it, so that the processor fetches it.
    pub(crate) fn peek(&self) -> u64 {
        self.packets[0]
    }
}

/// Up to [`ROWS`] rows.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Numbers of pairs.
    pub(crate) pairs: Vec<u32>,
    pub(crate) flags: Vec<u8>,
    values: Vec<Narrow>,
    /// First minute of each stretch.
    bases: Vec<u32>,
    /// Rule and encryption.
    kinds: Kinds,
    wide: FxHashMap<u32, Wide>,
    /// First and last minute of its rows.
    pub(crate) span: (u32, u32),
}

impl Block {
    /// An empty block.
    pub(crate) fn new() -> Self {
        Self { span: (u32::MAX, 0), ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.flags.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() >= ROWS
    }

    /// An empty block with room for all its rows: copying columns that grow takes as long as filling them.
    pub(crate) fn with_room() -> Self {
        // The memory grows once, not with every column.
        drop(std::hint::black_box(Vec::<u8>::with_capacity(ROWS * ROW_BYTES)));
        let mut block = Self::new();
        block.reserve(ROWS);
        block
    }

    /// Appends rows, as many as there is room for; says how many. A field at a time, because all of them at once keep the processor waiting.
    pub(crate) fn extend(&mut self, cells: &[Cell]) -> usize {
        let cells = cells.get(..cells.len().min(ROWS - self.len().min(ROWS))).unwrap_or_default();
        self.make_room(cells.len());
        let mut rest = cells;
        while let Some(cell) = rest.first() {
            let first = self.len();
            if first.is_multiple_of(STRETCH) {
                self.bases.push(cell.key.minute.saturating_sub(BEFORE));
            }
            let base = self.bases.last().copied().unwrap_or(0);
            let (now, later) = rest.split_at(rest.len().min(STRETCH - first % STRETCH));
            let (mut span, mut any) = (self.span, 0);
            self.flags.extend(now.iter().map(|Cell { key, counters, .. }| {
                span = (span.0.min(key.minute), span.1.max(key.minute));
                let wide = Narrow::wide(key, counters, base);
                any |= wide;
                key.flags & LASTING | wide
            }));
            self.span = span;
            if any != 0 {
                self.keep_wide(now, first);
            }
            self.kinds.extend(now.iter().map(|Cell { key, .. }| Kind { rule: key.rule, encryption: key.encryption }));
            self.values.extend(now.iter().map(|cell| Narrow::of(cell, base)));
            rest = later;
        }
        cells.len()
    }

    /// What of these rows, of which this is the first, does not fit.
    #[cold]
    fn keep_wide(&mut self, cells: &[Cell], first: usize) {
        for (row, cell) in (first..).zip(cells).filter(|(row, _)| self.is_wide(*row)).collect::<Vec<_>>() {
            let wide = Wide { minute: cell.key.minute, counters: cell.counters, span: None };
            self.wide.insert(row as u32, wide);
        }
    }

    /// Says of the row that was appended last that its times do not lie in its minute.
    pub(crate) fn set_own_span(&mut self, cell: &Cell, span: (Millis, Millis)) {
        if let Some(flags) = self.flags.last_mut() {
            *flags |= WIDE;
        }
        let row = self.len().saturating_sub(1);
        self.wide.insert(row as u32, Wide { minute: cell.key.minute, counters: cell.counters, span: Some(span) });
    }

    fn make_room(&mut self, more: usize) {
        let len = self.len();
        if self.flags.capacity() - len >= more {
            return;
        }
        self.reserve(len.clamp(STRETCH, STEP).max(more).min(ROWS - len.min(ROWS)));
    }

    fn reserve(&mut self, step: usize) {
        self.pairs.reserve_exact(step);
        self.flags.reserve_exact(step);
        self.values.reserve_exact(step);
        self.kinds.reserve(step);
    }

    #[inline]
    pub(crate) fn minute(&self, row: usize) -> u32 {
        if self.is_wide(row) {
            return self.wide(row).map_or(0, |wide| wide.minute);
        }
        at(&self.bases, row / STRETCH) + u32::from(at(&self.values, row).minute)
    }

    #[inline]
    pub(crate) fn counters(&self, row: usize) -> CellCounters {
        if self.is_wide(row) {
            return self.wide(row).map_or_else(CellCounters::default, |wide| wide.counters);
        }
        at(&self.values, row).counters()
    }

    /// Numbers of rule and encryption.
    #[inline]
    pub(crate) fn names(&self, row: usize) -> (u32, u32) {
        let Kind { rule, encryption } = self.kinds.at(row);
        (rule, encryption)
    }

    /// Times of the first and last tuple.
    #[inline]
    pub(crate) fn times(&self, row: usize) -> (Millis, Millis) {
        if let Some(span) = self.own_span(row) {
            return span;
        }
        let start = Millis::from(self.minute(row)) * MINUTE_MS;
        let Narrow { first, last, .. } = at(&self.values, row);
        (start + Millis::from(first), start + Millis::from(last))
    }

    /// What was given to [`Block::set_own_span`].
    #[inline]
    pub(crate) fn own_span(&self, row: usize) -> Option<(Millis, Millis)> {
        if self.is_wide(row) { self.wide(row).and_then(|wide| wide.span) } else { None }
    }

    /// Rows of this stretch, as far as they share the minute from which theirs are counted: at most [`STRETCH`].
    #[inline]
    pub(crate) fn part(&self, rows: std::ops::Range<usize>) -> Part<'_> {
        let first = rows.start;
        let rows = first..rows.end.min((first / STRETCH + 1) * STRETCH);
        Part {
            block: self,
            first,
            flags: self.flags.get(rows.clone()).unwrap_or_default(),
            pairs: self.pairs.get(rows.clone()).unwrap_or_default(),
            values: self.values.get(rows).unwrap_or_default(),
            base: at(&self.bases, first / STRETCH),
        }
    }

    /// Parts of these rows, one after another.
    #[inline]
    pub(crate) fn parts(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = Part<'_>> {
        let mut from = rows.start;
        std::iter::from_fn(move || {
            let part = (from < rows.end).then(|| self.part(from..rows.end)).filter(|part| part.len() > 0)?;
            from += part.len();
            Some(part)
        })
    }

    /// One of its rows.
    #[inline]
    pub(crate) fn row(&self, row: usize) -> Option<Row<'_>> {
        self.part(row..row + 1).row(0)
    }

    /// The row as it was pushed; `code` is its pair's key.
    pub(crate) fn cell(&self, row: usize, code: PairCode) -> Cell {
        let (rule, encryption) = self.names(row);
        let Narrow { first, last, .. } = at(&self.values, row);
        let flags = at(&self.flags, row) & LASTING;
        let PairCode { src, dst, port, protocol, .. } = code;
        let key = CellKey { minute: self.minute(row), src, dst, port, protocol, flags, rule, encryption };
        Cell { key, counters: self.counters(row), first, last }
    }

    #[inline]
    fn is_wide(&self, row: usize) -> bool {
        at(&self.flags, row) & WIDE != 0
    }

    #[cold]
    fn wide(&self, row: usize) -> Option<&Wide> {
        self.wide.get(&u32::try_from(row).ok()?)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        4 * (self.pairs.capacity() + self.bases.capacity())
            + self.flags.capacity()
            + self.values.capacity() * size_of::<Narrow>()
            + self.kinds.memory_bytes()
            + self.wide.capacity() * (size_of::<(u32, Wide)>() + 1)
    }
}

/// Rows that stand side by side: as many as questions take at once.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    block: &'a Block,
    first: usize,
    flags: &'a [u8],
    pairs: &'a [u32],
    values: &'a [Narrow],
    base: u32,
}

/// A row of a block.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Number of its pair.
    pub(crate) pair: u32,
    pub(crate) flags: u8,
    values: &'a Narrow,
    base: u32,
    block: &'a Block,
    /// Its place in the block.
    row: usize,
}

impl<'a> Part<'a> {
    pub(crate) fn len(&self) -> usize {
        self.flags.len()
    }

    #[inline(always)]
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'a>> + use<'a> {
        let Self { block, base, .. } = *self;
        let columns = self.flags.iter().zip(self.pairs).zip(self.values);
        (self.first..).zip(columns).map(move |(row, ((&flags, &pair), values))| Row {
            pair,
            flags,
            values,
            base,
            block,
            row,
        })
    }

    /// The minute of a row, by its place among them, that is not [`WIDE`].
    #[inline(always)]
    pub(crate) fn minute(&self, at: usize) -> u32 {
        self.base + self.values.get(at).map_or(0, |values| u32::from(values.minute))
    }

    /// Numbers of the rows' pairs and their flags.
    #[inline(always)]
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (u32, u8)> + use<'a> {
        self.pairs.iter().copied().zip(self.flags.iter().copied())
    }

    /// The number in the block of the first row.
    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// Adds the values of a row, by its place among them, that is not [`WIDE`].
    #[inline(always)]
    pub(crate) fn add_values(&self, at: usize, sum: &mut PartSum) {
        if let Some(values) = self.values.get(at) {
            sum.add(values);
        }
    }

    /// One of its rows, by its place among them.
    #[inline(always)]
    pub(crate) fn row(&self, at: usize) -> Option<Row<'a>> {
        let (&flags, &pair, values) = (self.flags.get(at)?, self.pairs.get(at)?, self.values.get(at)?);
        Some(Row { pair, flags, values, base: self.base, block: self.block, row: self.first + at })
    }
}

impl Row<'_> {
    /// Adds its values, when it is not [`WIDE`].
    #[inline(always)]
    pub(crate) fn add_values(&self, sum: &mut ValueSum) {
        sum.add(self.values);
    }

    #[inline(always)]
    pub(crate) fn minute(&self) -> u32 {
        if self.flags & WIDE != 0 {
            return self.block.minute(self.row);
        }
        self.base + u32::from(self.values.minute)
    }

    #[inline(always)]
    pub(crate) fn counters(&self) -> CellCounters {
        if self.flags & WIDE != 0 {
            return self.block.counters(self.row);
        }
        self.values.counters()
    }

    /// Times of the first and last tuple.
    #[inline]
    pub(crate) fn times(&self) -> (Millis, Millis) {
        self.block.times(self.row)
    }

    /// Numbers of rule and encryption.
    #[inline]
    pub(crate) fn names(&self) -> (u32, u32) {
        self.block.names(self.row)
    }
}

#[inline]
fn at<T: Copy + Default>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::OUTBOUND;

    fn code_of(cell: &Cell) -> PairCode {
        let CellKey { src, dst, port, protocol, .. } = cell.key;
        PairCode { src, dst, port, protocol, denied: false }
    }

    #[test]
    fn values_of_any_size_come_back() {
        let mut block = Block::new();
        let small = Cell {
            key: CellKey {
                minute: 29_000_001,
                src: 1,
                dst: 2,
                port: 3,
                protocol: 6,
                flags: OUTBOUND,
                rule: 4,
                encryption: 5,
            },
            counters: CellCounters { begun: 1, continued: 2, ended: 3, packets: [4, 5], bytes: [6, 7] },
            first: 8,
            last: 59_999,
        };
        let mut cells = vec![small; 1000];
        cells[1].key.minute = 0;
        cells[2].key.minute = u32::MAX;
        cells[3].key.rule = 70_000;
        cells[4].key.encryption = 300;
        cells[5].counters.begun = 256;
        cells[6].counters.continued = 256;
        cells[7].counters.packets[1] = u64::MAX;
        cells[8].counters.bytes[0] = 1 << 24;
        cells[9].counters.ended = 1 << 40;
        // A new stretch has a base of its own.
        cells[256..].iter_mut().for_each(|cell| cell.key.minute = 5);
        for (number, cell) in (0..).zip(&mut cells[300..900]) {
            (cell.key.rule, cell.key.protocol) = (number, number as u8);
        }
        let (now, later) = cells.split_at(400);
        assert_eq!((block.extend(now), block.extend(later)), (400, 600));
        for (row, cell) in cells.iter().enumerate() {
            assert_eq!(block.cell(row, code_of(cell)), *cell);
        }
        assert_eq!(block.span, (0, u32::MAX));
        assert_eq!(block.wide.len(), 7);
    }

    #[test]
    fn a_block_takes_what_there_is_room_for() {
        let mut block = Block::new();
        let cells = vec![Cell::default(); ROWS - 1];
        assert_eq!(block.extend(&cells), ROWS - 1);
        assert_eq!(block.extend(&cells), 1);
        assert_eq!(block.extend(&cells), 0);
        assert!(block.is_full() && block.wide.is_empty());
        assert_eq!(block.memory_bytes() / ROWS, 24);
    }

    #[test]
    fn a_row_may_have_times_of_its_own() {
        let mut block = Block::new();
        let cell = Cell::default();
        block.extend(&[cell]);
        block.set_own_span(&cell, (1, 90_000));
        block.extend(&[cell]);
        assert_eq!((block.times(0), block.own_span(1)), ((1, 90_000), None));
        assert_eq!(block.cell(0, code_of(&cell)), cell);
    }
}
