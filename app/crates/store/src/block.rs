//! Blocks of columns: 65,536 rows, one narrow column a field, 38 bytes a row. A row whose values do not fit the columns has them in the
//! block's side table. When pairs are numbered, the four columns of the pair's key give way to one of its number: 31 bytes.

use crate::address::AddressCodes;
use crate::cell::{Cell, CellCounters, CellKey, DENIED, LASTING, WIDE};
use rustc_hash::FxHashMap;
use underlay_model::time::{MINUTE_MS, Millis};

/// Rows of a block.
pub(crate) const ROWS: usize = 1 << 16;

/// Values that do not fit the columns.
#[derive(Clone, Copy, Debug)]
struct Wide {
    minute: u32,
    rule: u32,
    encryption: u32,
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
    protocol: Vec<u8>,
    /// Numbers of pairs, for the rows that have them; then `src` to `protocol` may be empty.
    pub(crate) pairs: Vec<u32>,
    pub(crate) flags: Vec<u8>,
    /// Minutes since `base`.
    minutes: Vec<u16>,
    rules: Vec<u16>,
    encryption: Vec<u8>,
    begun: Vec<u16>,
    continued: Vec<u8>,
    ended: Vec<u16>,
    packets: [Vec<u16>; 2],
    bytes: [Vec<u32>; 2],
    first: Vec<u16>,
    last: Vec<u16>,
    wide: FxHashMap<u32, Wide>,
    base: u32,
    /// First and last minute of its rows.
    pub(crate) span: (u32, u32),
}

impl Block {
    /// An empty block for rows around a minute.
    pub(crate) fn new(minute: u32) -> Self {
        Self { base: minute.saturating_sub(1 << 15), span: (u32::MAX, 0), ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.flags.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() >= ROWS
    }

    /// Appends a row; `span` when its times do not lie in its minute.
    pub(crate) fn push(&mut self, cell: &Cell, span: Option<(Millis, Millis)>) {
        let Cell { key, counters, first, last } = cell;
        let minute = key.minute.checked_sub(self.base).and_then(|minutes| u16::try_from(minutes).ok());
        let rule = u16::try_from(key.rule).ok();
        let encryption = u8::try_from(key.encryption).ok();
        let counts = (
            u16::try_from(counters.begun).ok(),
            u8::try_from(counters.continued).ok(),
            u16::try_from(counters.ended).ok(),
        );
        let packets = counters.packets.map(|packets| u16::try_from(packets).ok());
        let bytes = counters.bytes.map(|bytes| u32::try_from(bytes).ok());
        let mut flags = key.flags & LASTING;
        if let (Some(_), Some(_), Some(_), (Some(_), Some(_), Some(_)), [Some(_), Some(_)], [Some(_), Some(_)], None) =
            (minute, rule, encryption, counts, packets, bytes, span)
        {
        } else {
            flags |= WIDE;
            let row = u32::try_from(self.len()).unwrap_or(0);
            let CellKey { minute, rule, encryption, .. } = *key;
            let wide = Wide { minute, rule, encryption, counters: *counters, span };
            self.wide.insert(row, wide);
        }
        self.span = (self.span.0.min(key.minute), self.span.1.max(key.minute));
        self.src.push(key.src);
        self.dst.push(key.dst);
        self.port.push(key.port);
        self.protocol.push(key.protocol);
        self.flags.push(flags);
        self.minutes.push(minute.unwrap_or(0));
        self.rules.push(rule.unwrap_or(0));
        self.encryption.push(encryption.unwrap_or(0));
        self.begun.push(counts.0.unwrap_or(0));
        self.continued.push(counts.1.unwrap_or(0));
        self.ended.push(counts.2.unwrap_or(0));
        for way in 0..2 {
            self.packets[way].push(packets[way].unwrap_or(0));
            self.bytes[way].push(bytes[way].unwrap_or(0));
        }
        self.first.push(*first);
        self.last.push(*last);
    }

    /// The pair's key of a row, as long as the columns are there.
    pub(crate) fn pair_code(&self, row: usize) -> Option<PairCode> {
        Some(PairCode {
            src: *self.src.get(row)?,
            dst: *self.dst.get(row)?,
            port: *self.port.get(row)?,
            protocol: *self.protocol.get(row)?,
            denied: *self.flags.get(row)? & DENIED != 0,
        })
    }

    /// All rows have numbers of pairs: gives up the columns of the key when the block is full.
    pub(crate) fn drop_keys(&mut self) {
        if self.is_full() && self.pairs.len() == self.len() {
            self.src = Vec::new();
            self.dst = Vec::new();
            self.port = Vec::new();
            self.protocol = Vec::new();
            self.pairs.shrink_to_fit();
        }
    }

    #[inline]
    pub(crate) fn minute(&self, row: usize) -> u32 {
        if self.is_wide(row) {
            return self.wide(row).map_or(0, |wide| wide.minute);
        }
        self.base + u32::from(at(&self.minutes, row))
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
            bytes: [at(&self.bytes[0], row).into(), at(&self.bytes[1], row).into()],
        }
    }

    /// Numbers of rule and encryption.
    #[inline]
    pub(crate) fn names(&self, row: usize) -> (u32, u32) {
        if self.is_wide(row) {
            return self.wide(row).map_or((0, 0), |wide| (wide.rule, wide.encryption));
        }
        (at(&self.rules, row).into(), at(&self.encryption, row).into())
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

    /// What was given to [`Block::push`] as span.
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
        4 * (self.src.capacity() + self.dst.capacity() + self.pairs.capacity())
            + 2 * (self.port.capacity() + self.minutes.capacity() + self.rules.capacity())
            + 2 * (self.begun.capacity() + self.ended.capacity() + self.first.capacity() + self.last.capacity())
            + (self.protocol.capacity()
                + self.flags.capacity()
                + self.encryption.capacity()
                + self.continued.capacity())
            + 2 * (self.packets[0].capacity() + self.packets[1].capacity())
            + 4 * (self.bytes[0].capacity() + self.bytes[1].capacity())
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
        let mut block = Block::new(29_000_000);
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
        let mut cells = vec![small; 10];
        cells[1].key.minute = 0;
        cells[2].key.minute = u32::MAX;
        cells[3].key.rule = 70_000;
        cells[4].key.encryption = 300;
        cells[5].counters.begun = 70_000;
        cells[6].counters.continued = 256;
        cells[7].counters.packets[1] = u64::MAX;
        cells[8].counters.bytes[0] = 1 << 32;
        cells.iter().for_each(|cell| block.push(cell, None));
        for (row, cell) in cells.iter().enumerate() {
            assert_eq!(block.cell(row, block.pair_code(row).unwrap()), *cell);
        }
        assert_eq!(block.span, (0, u32::MAX));
        assert_eq!(block.wide.len(), 8);
    }
}
