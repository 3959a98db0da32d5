//! Blocks of columns: 65,536 rows, one narrow column a field, 30 bytes a row. A row whose values do not fit the columns has them in the
//! block's side table: large counters are of many tuples or of many packets, so what the table costs is little beside their text. When
//! pairs are numbered, the columns of the pair's key give way to one of its number: 24 bytes.

use crate::address::AddressCodes;
use crate::cell::{Cell, CellCounters, CellKey, DENIED, LASTING, WIDE};
use crate::kinds::{Kind, Kinds};
use rustc_hash::FxHashMap;
use underlay_model::time::{MINUTE_MS, Millis};

/// Rows of a block.
pub(crate) const ROWS: usize = 1 << 16;
/// The first block's columns grow by at most so many rows, because most captures are small.
const STEP: usize = ROWS / 2;
/// What a row takes before pairs are numbered, and a little more for what blocks of memory take of their own.
const ROW_BYTES: usize = 31;
/// So many rows share the minute from which theirs are counted.
const STRETCH: usize = 256;
/// Their first row's minute stands in the middle of the minutes that fit.
const BEFORE: u32 = 64;

/// Values that do not fit the columns.
#[derive(Clone, Copy, Debug)]
struct Wide {
    minute: u32,
    counters: CellCounters,
    /// Of a row of Traffic Analytics, whose flows may go beyond its minute.
    span: Option<(Millis, Millis)>,
}

/// A pair's key in codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PairCode {
    pub(crate) src: u32,
    pub(crate) dst: u32,
    pub(crate) port: u16,
    pub(crate) protocol: u8,
    pub(crate) denied: bool,
}

impl PairCode {
    /// Sorts as the pair's key does; `ranks` are those of the addresses.
    pub(crate) fn sort_key(&self, ranks: &[u64]) -> u128 {
        let [src, dst] = [self.src, self.dst].map(|code| u128::from(AddressCodes::rank(ranks, code)));
        let rest = u128::from(self.port) << 9 | u128::from(self.protocol) << 1 | u128::from(self.denied);
        src << 58 | dst << 25 | rest
    }

    /// Of two multiplications; both ends of it are well mixed.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        const K: u64 = 0x9E37_79B9_7F4A_7C15;
        let ends = u64::from(self.src) << 32 | u64::from(self.dst);
        let what = u64::from(self.port) << 16 | u64::from(self.protocol) << 8 | u64::from(self.denied);
        let mixed = (ends ^ what.rotate_left(23)).wrapping_mul(K);
        let mixed = (mixed ^ mixed >> 32 ^ what).wrapping_mul(K);
        mixed ^ mixed >> 32
    }
}

/// Up to [`ROWS`] rows.
#[derive(Debug, Default)]
pub(crate) struct Block {
    src: Vec<u32>,
    dst: Vec<u32>,
    port: Vec<u16>,
    /// Numbers of pairs, for the rows that have them; then `src` to `port` may be empty.
    pub(crate) pairs: Vec<u32>,
    pub(crate) flags: Vec<u8>,
    /// Minutes since the base of the stretch.
    minutes: Vec<u8>,
    bases: Vec<u32>,
    /// Rule, encryption and protocol.
    kinds: Kinds,
    begun: Vec<u8>,
    continued: Vec<u8>,
    ended: Vec<u8>,
    packets: [Vec<u16>; 2],
    /// 24 bits each.
    bytes_low: [Vec<u16>; 2],
    bytes_high: [Vec<u8>; 2],
    first: Vec<u16>,
    last: Vec<u16>,
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

    /// Appends rows, as many as there is room for; says how many. A column at a time, because eighteen of them at once keep the processor waiting.
    pub(crate) fn extend(&mut self, cells: &[Cell]) -> usize {
        let cells = cells.get(..cells.len().min(ROWS - self.len().min(ROWS))).unwrap_or_default();
        self.make_room(cells.len());
        for cell in cells {
            self.push_minute_and_flags(cell);
            let CellKey { rule, encryption, protocol, .. } = cell.key;
            self.kinds.push(Kind { rule, encryption, protocol });
        }
        self.src.extend(cells.iter().map(|cell| cell.key.src));
        self.dst.extend(cells.iter().map(|cell| cell.key.dst));
        self.port.extend(cells.iter().map(|cell| cell.key.port));
        // What does not fit is cut off here and stands in the side table.
        self.begun.extend(cells.iter().map(|cell| cell.counters.begun as u8));
        self.continued.extend(cells.iter().map(|cell| cell.counters.continued as u8));
        self.ended.extend(cells.iter().map(|cell| cell.counters.ended as u8));
        for way in 0..2 {
            self.packets[way].extend(cells.iter().map(|cell| cell.counters.packets[way] as u16));
            self.bytes_low[way].extend(cells.iter().map(|cell| cell.counters.bytes[way] as u16));
            self.bytes_high[way].extend(cells.iter().map(|cell| (cell.counters.bytes[way] >> 16) as u8));
        }
        self.first.extend(cells.iter().map(|cell| cell.first));
        self.last.extend(cells.iter().map(|cell| cell.last));
        cells.len()
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
        for column in [&mut self.src, &mut self.dst] {
            column.reserve_exact(step);
        }
        let [packets_sent, packets_returned] = &mut self.packets;
        let [bytes_sent, bytes_returned] = &mut self.bytes_low;
        let wide = [packets_sent, packets_returned, bytes_sent, bytes_returned];
        for column in wide.into_iter().chain([&mut self.port, &mut self.first, &mut self.last]) {
            column.reserve_exact(step);
        }
        let [bytes_sent, bytes_returned] = &mut self.bytes_high;
        let counts = [&mut self.begun, &mut self.continued, &mut self.ended, bytes_sent, bytes_returned];
        for column in counts.into_iter().chain([&mut self.flags, &mut self.minutes]) {
            column.reserve_exact(step);
        }
        self.kinds.reserve(step);
    }

    fn push_minute_and_flags(&mut self, cell: &Cell) {
        let Cell { key, counters, .. } = cell;
        let row = self.len();
        if row.is_multiple_of(STRETCH) {
            self.bases.push(key.minute.saturating_sub(BEFORE));
        }
        let minute = key.minute.wrapping_sub(self.bases.last().copied().unwrap_or(0));
        let [packets, bytes] = [counters.packets, counters.bytes].map(|[sent, returned]| sent | returned);
        let counts = counters.begun | u64::from(counters.continued) | counters.ended;
        let beyond = minute >> 8 != 0 || counts >> 8 != 0 || packets >> 16 != 0 || bytes >> 24 != 0;
        if beyond {
            let wide = Wide { minute: key.minute, counters: *counters, span: None };
            self.wide.insert(row as u32, wide);
        }
        self.span = (self.span.0.min(key.minute), self.span.1.max(key.minute));
        self.minutes.push(minute as u8);
        self.flags.push(key.flags & LASTING | if beyond { WIDE } else { 0 });
    }

    /// The pair's key of a row, as long as the columns are there.
    pub(crate) fn pair_code(&self, row: usize) -> Option<PairCode> {
        Some(PairCode {
            src: *self.src.get(row)?,
            dst: *self.dst.get(row)?,
            port: *self.port.get(row)?,
            protocol: self.kinds.at(row).protocol,
            denied: *self.flags.get(row)? & DENIED != 0,
        })
    }

    /// All rows have numbers of pairs: gives up the columns of the key when the block is full.
    pub(crate) fn drop_keys(&mut self) {
        if self.is_full() && self.pairs.len() == self.len() {
            self.src = Vec::new();
            self.dst = Vec::new();
            self.port = Vec::new();
            self.pairs.shrink_to_fit();
        }
    }

    #[inline]
    pub(crate) fn minute(&self, row: usize) -> u32 {
        if self.is_wide(row) {
            return self.wide(row).map_or(0, |wide| wide.minute);
        }
        at(&self.bases, row / STRETCH) + u32::from(at(&self.minutes, row))
    }

    #[inline]
    pub(crate) fn counters(&self, row: usize) -> CellCounters {
        if self.is_wide(row) {
            return self.wide(row).map_or_else(CellCounters::default, |wide| wide.counters);
        }
        CellCounters {
            begun: at(&self.begun, row).into(),
            continued: at(&self.continued, row).into(),
            ended: at(&self.ended, row).into(),
            packets: [at(&self.packets[0], row).into(), at(&self.packets[1], row).into()],
            bytes: [0, 1]
                .map(|way| u64::from(at(&self.bytes_high[way], row)) << 16 | u64::from(at(&self.bytes_low[way], row))),
        }
    }

    /// Numbers of rule and encryption.
    #[inline]
    pub(crate) fn names(&self, row: usize) -> (u32, u32) {
        let Kind { rule, encryption, .. } = self.kinds.at(row);
        (rule, encryption)
    }

    /// Times of the first and last tuple.
    #[inline]
    pub(crate) fn times(&self, row: usize) -> (Millis, Millis) {
        if let Some(span) = self.own_span(row) {
            return span;
        }
        let start = Millis::from(self.minute(row)) * MINUTE_MS;
        (start + Millis::from(at(&self.first, row)), start + Millis::from(at(&self.last, row)))
    }

    /// What was given to [`Block::set_own_span`].
    #[inline]
    pub(crate) fn own_span(&self, row: usize) -> Option<(Millis, Millis)> {
        if self.is_wide(row) { self.wide(row).and_then(|wide| wide.span) } else { None }
    }

    /// The row as it was pushed; `code` is its pair's key.
    pub(crate) fn cell(&self, row: usize, code: PairCode) -> Cell {
        let (rule, encryption) = self.names(row);
        let (first, last) = (at(&self.first, row), at(&self.last, row));
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
        let [packets, low, high] = [
            self.packets.each_ref().map(Vec::capacity),
            self.bytes_low.each_ref().map(Vec::capacity),
            self.bytes_high.each_ref().map(Vec::capacity),
        ]
        .map(|[sent, returned]| sent + returned);
        4 * (self.src.capacity() + self.dst.capacity() + self.pairs.capacity() + self.bases.capacity())
            + 2 * (self.port.capacity() + self.first.capacity() + self.last.capacity() + packets + low)
            + (self.flags.capacity() + self.minutes.capacity() + high)
            + (self.begun.capacity() + self.continued.capacity() + self.ended.capacity())
            + self.kinds.memory_bytes()
            + self.wide.capacity() * (size_of::<(u32, Wide)>() + 1)
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
            assert_eq!(block.cell(row, block.pair_code(row).unwrap()), *cell);
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
        assert_eq!(block.memory_bytes() / ROWS, 30);
    }

    #[test]
    fn a_row_may_have_times_of_its_own() {
        let mut block = Block::new();
        let cell = Cell::default();
        block.extend(&[cell]);
        block.set_own_span(&cell, (1, 90_000));
        block.extend(&[cell]);
        assert_eq!((block.times(0), block.own_span(1)), ((1, 90_000), None));
        assert_eq!(block.cell(0, block.pair_code(0).unwrap()), cell);
    }
}
