//! Records and the store that holds them.

use underlay_model::tuple::{FlowTuple, RejectCode};
use underlay_scan::{RecordHead, Sink};

/// One shard of a capture.
#[derive(Debug, Default)]
pub struct Store {}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the scanner of this input (numbered by the session, the same in all shards) puts its records. May be made anew for every chunk.
    pub fn sink(&mut self, input: u32) -> RecordSink<'_> {
        RecordSink { store: self, input }
    }

    /// Says which of two inputs sorts first: `ranks[input]`; inputs beyond the list come last, by number.
    pub fn set_input_ranks(&mut self, ranks: &[u32]) {
        let _ = ranks;
        todo!()
    }

    /// Forgets an input as if it had never been read. Settle afterwards.
    pub fn remove_input(&mut self, input: u32) {
        let _ = input;
        todo!()
    }

    /// Memory held, in bytes, as allocated.
    pub fn memory_bytes(&self) -> u64 {
        todo!()
    }

    /// Cells held, copies' included.
    pub fn cells(&self) -> u64 {
        todo!()
    }

    /// Accepted tuples of all records so far, copies' included: for progress.
    pub fn tuples_read(&self) -> u64 {
        todo!()
    }
}

/// Takes the records of one input into the store.
#[derive(Debug)]
pub struct RecordSink<'a> {
    store: &'a mut Store,
    input: u32,
}

impl Sink for RecordSink<'_> {
    fn group(&mut self, _acl: &[u8], _rule: &[u8]) {
        todo!()
    }
    fn tuple(&mut self, _tuple: &FlowTuple<'_>) {
        todo!()
    }
    fn reject(&mut self, _code: RejectCode, _byte: u64) {
        todo!()
    }
    fn commit(&mut self, _head: &RecordHead<'_>) {
        let _ = (&self.store, self.input);
        todo!()
    }
    fn rollback(&mut self) {
        todo!()
    }
}
