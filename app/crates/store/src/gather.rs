//! Folds the tuples of one record into cells, in a hash table small enough for the processor's nearest cache: a record is one NIC and about one
//! minute, so it has few cells, and a table over the whole capture would miss the cache with every tuple.

use crate::cell::{Cell, CellCounters, CellKey};
use underlay_model::tuple::{FlowState, FlowTuple};

const SMALLEST_TABLE: usize = 1024;
/// Above this a counter is not added to, so that no sum of cells passes `u64`: a tuple's counter is at most 2^63−1.
const FULL: u64 = 1 << 63;

/// The cells of one record.
#[derive(Debug)]
pub(crate) struct Gather {
    cells: Vec<Cell>,
    /// Index of a cell plus 1; 0 is free. Length is a power of two, at most half full.
    table: Vec<u32>,
}

impl Default for Gather {
    fn default() -> Self {
        Self { cells: Vec::new(), table: vec![0; SMALLEST_TABLE] }
    }
}

#[inline(always)]
fn hash(key: &CellKey) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let ends = u64::from(key.src) << 32 | u64::from(key.dst);
    let what =
        u64::from(key.minute) << 32 | u64::from(key.port) << 16 | u64::from(key.protocol) << 8 | u64::from(key.flags);
    let names = u64::from(key.rule) << 32 | u64::from(key.encryption);
    let mixed = (ends ^ what.rotate_left(23) ^ names.rotate_left(47)).wrapping_mul(K);
    (mixed ^ mixed >> 32 ^ what).wrapping_mul(K) >> 20
}

impl Gather {
    /// Adds a tuple to its cell; `ms` is its place in the minute.
    #[inline]
    pub(crate) fn add(&mut self, key: CellKey, ms: u16, tuple: &FlowTuple<'_>) {
        // A short flow's end follows its begin.
        if let Some(cell) = self.cells.last_mut()
            && cell.key == key
            && !cell.is_full()
        {
            return add_to(cell, ms, tuple);
        }
        let mask = self.table.len() - 1;
        let mut at = hash(&key) as usize & mask;
        loop {
            let slot = self.table.get(at).copied().unwrap_or(0);
            if slot == 0 {
                return self.insert(at, key, ms, tuple);
            }
            if let Some(cell) = self.cells.get_mut(slot as usize - 1)
                && cell.key == key
            {
                if cell.is_full() {
                    // A new cell of the same key takes its place.
                    return self.insert(at, key, ms, tuple);
                }
                return add_to(cell, ms, tuple);
            }
            at = (at + 1) & mask;
        }
    }

    fn insert(&mut self, at: usize, key: CellKey, ms: u16, tuple: &FlowTuple<'_>) {
        let mut cell = Cell { key, first: ms, last: ms, ..Cell::default() };
        add_to(&mut cell, ms, tuple);
        self.cells.push(cell);
        if let Some(slot) = self.table.get_mut(at) {
            *slot = u32::try_from(self.cells.len()).unwrap_or(0);
        }
        if self.cells.len() * 2 > self.table.len() {
            self.grow();
        }
    }

    #[cold]
    fn grow(&mut self) {
        let len = self.table.len() * 2;
        self.table.clear();
        self.table.resize(len, 0);
        let mask = len - 1;
        for (index, cell) in self.cells.iter().enumerate() {
            let mut at = hash(&cell.key) as usize & mask;
            while let Some(slot) = self.table.get_mut(at) {
                // Of two cells of one key the later is the one that is added to.
                let same = self.cells.get((*slot as usize).wrapping_sub(1)).is_some_and(|other| other.key == cell.key);
                if *slot == 0 || same {
                    *slot = u32::try_from(index + 1).unwrap_or(0);
                    break;
                }
                at = (at + 1) & mask;
            }
        }
    }

    /// The cells in the order of their first tuples.
    pub(crate) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Begins the next record.
    pub(crate) fn clear(&mut self) {
        if self.table.len() > SMALLEST_TABLE && self.cells.len() * 16 < self.table.len() {
            self.table = vec![0; SMALLEST_TABLE];
        } else if !self.cells.is_empty() {
            self.table.fill(0);
        }
        self.cells.clear();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.cells.capacity() * size_of::<Cell>() + self.table.capacity() * 4
    }
}

impl Cell {
    #[inline(always)]
    fn is_full(&self) -> bool {
        let CellCounters { packets, bytes, .. } = self.counters;
        (packets[0] | packets[1] | bytes[0] | bytes[1]) >= FULL
    }
}

#[inline(always)]
fn add_to(cell: &mut Cell, ms: u16, tuple: &FlowTuple<'_>) {
    cell.first = cell.first.min(ms);
    cell.last = cell.last.max(ms);
    let counters = &mut cell.counters;
    match tuple.state {
        FlowState::Begin | FlowState::Denied => {
            counters.begun += 1;
            return;
        }
        FlowState::Continue => counters.continued += 1,
        FlowState::End => counters.ended += 1,
    }
    counters.packets[0] += tuple.counters.packets_sent;
    counters.packets[1] += tuple.counters.packets_returned;
    counters.bytes[0] += tuple.counters.bytes_sent;
    counters.bytes[1] += tuple.counters.bytes_returned;
}
