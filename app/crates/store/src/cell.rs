//! The cell: what the store keeps of all tuples of a record that agree in minute, direction, pair, rule and encryption. Here the wide form of
//! it, as it is gathered and as it is read back from the columns.

/// Which cell a tuple belongs to. Numbers and codes are the store's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CellKey {
    /// Minutes since 1970; the year 9999 still fits.
    pub(crate) minute: u32,
    pub(crate) src: u32,
    pub(crate) dst: u32,
    pub(crate) port: u16,
    pub(crate) protocol: u8,
    /// Of [`LASTING`].
    pub(crate) flags: u8,
    pub(crate) rule: u32,
    pub(crate) encryption: u32,
}

/// The source's report.
pub(crate) const OUTBOUND: u8 = 1;
/// The verdict.
pub(crate) const DENIED: u8 = 2;
/// The row counts (contract rules 5 and 6).
pub(crate) const COUNTED: u8 = 4;
/// The row belongs to a record that is no copy.
pub(crate) const ACTIVE: u8 = 8;
/// The row's values are in the side table.
pub(crate) const WIDE: u8 = 16;
/// The row is of Traffic Analytics: it stands for many tuples, and `continued` says of how many lines of the export it is.
pub(crate) const ANALYTICS: u8 = 32;
/// `begun` counts what its pair's verdict does not say: denied flows of an allowed pair, or the other way.
pub(crate) const CROSSED: u8 = 64;
/// A row with one of these flags is more than its values.
pub(crate) const UNUSUAL: u8 = WIDE | ANALYTICS | CROSSED;
/// The flags that say what a row is, not what has become of it.
pub(crate) const LASTING: u8 = OUTBOUND | DENIED | ANALYTICS | CROSSED;

/// Counters of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CellCounters {
    /// Begun, or denied when the cell's verdict is.
    pub(crate) begun: u64,
    pub(crate) continued: u32,
    pub(crate) ended: u64,
    pub(crate) packets: [u64; 2],
    pub(crate) bytes: [u64; 2],
}

/// A cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) key: CellKey,
    pub(crate) counters: CellCounters,
    /// Milliseconds of the first and last tuple within the minute.
    pub(crate) first: u16,
    pub(crate) last: u16,
}

impl crate::sums::Counters {
    /// Adds a cell's counters; `flags` say whether they are of denied tuples.
    #[inline]
    pub(crate) fn add_cell(&mut self, flags: u8, cell: &CellCounters) {
        if (flags & DENIED == 0) == (flags & CROSSED == 0) {
            self.begun = self.begun.saturating_add(cell.begun);
        } else {
            self.denied = self.denied.saturating_add(cell.begun);
        }
        if flags & ANALYTICS == 0 {
            self.continued += u64::from(cell.continued);
        }
        self.ended = self.ended.saturating_add(cell.ended);
        for way in 0..2 {
            self.packets[way] += u128::from(cell.packets[way]);
            self.bytes[way] += u128::from(cell.bytes[way]);
        }
    }
}

/// Fewer than 2^32 values below this fit a sum of 64 bits.
const LARGE: u64 = 1 << 31;

impl CellCounters {
    /// Whether a sum of many such cells might overflow.
    pub(crate) fn is_large(&self) -> bool {
        let [packets, bytes] = [self.packets, self.bytes].map(|[sent, returned]| sent | returned);
        self.begun | self.ended | packets | bytes >= LARGE
    }

    #[inline]
    pub(crate) fn tuples(&self, flags: u8) -> u64 {
        let lines = u64::from(self.continued);
        if flags & ANALYTICS == 0 { self.begun + lines + self.ended } else { lines }
    }

    #[inline]
    pub(crate) fn total_bytes(&self) -> u128 {
        u128::from(self.bytes[0]) + u128::from(self.bytes[1])
    }
}
