//! From the scanner into the store: gathers a record's tuples and commits them when the record is whole.

use crate::cell::{CellKey, DENIED, OUTBOUND};
use crate::gather::Gather;
use crate::store::Store;
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::{Direction, FlowState, FlowTuple, RejectCode};
use underlay_scan::{RecordHead, Sink};

/// What was gathered of the record that is being read.
#[derive(Debug)]
pub(crate) struct Uncommitted {
    pub(crate) gather: Gather,
    rule: u32,
    /// Tuples since the last change of rule.
    in_group: u64,
    pub(crate) content: u64,
    pub(crate) rejected: Vec<(RejectCode, u64, u64)>,
    pub(crate) span: (Millis, Millis),
}

impl Default for Uncommitted {
    fn default() -> Self {
        Self {
            gather: Gather::default(),
            rule: 0,
            in_group: 0,
            content: 0,
            rejected: Vec::new(),
            span: (Millis::MAX, Millis::MIN),
        }
    }
}

impl Uncommitted {
    fn end_group(&mut self) {
        if self.in_group > 0 {
            for part in [u64::from(self.rule), self.in_group] {
                self.content = (self.content.rotate_left(5) ^ part).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            }
            self.in_group = 0;
        }
    }

    fn clear(&mut self) {
        self.gather.clear();
        self.rule = 0;
        self.in_group = 0;
        self.content = 0;
        self.rejected.clear();
        self.span = (Millis::MAX, Millis::MIN);
    }
}

/// Takes the records of one input into the store.
#[derive(Debug)]
pub struct RecordSink<'a> {
    store: &'a mut Store,
    input: u32,
}

impl Store {
    /// Where the scanner of this input (numbered by the session, the same in all shards) puts its records. May be made anew for every chunk.
    pub fn sink(&mut self, input: u32) -> RecordSink<'_> {
        self.uncommitted.clear();
        RecordSink { store: self, input }
    }
}

impl Sink for RecordSink<'_> {
    fn group(&mut self, _acl: &[u8], rule: &[u8]) {
        let number = self.store.rules.number(rule);
        if number != self.store.uncommitted.rule {
            self.store.uncommitted.end_group();
            self.store.uncommitted.rule = number;
        }
    }

    #[inline]
    fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        let store = &mut *self.store;
        let open = &mut store.uncommitted;
        open.in_group += 1;
        open.span = (open.span.0.min(tuple.time_ms), open.span.1.max(tuple.time_ms));
        let mut flags = 0;
        if tuple.direction == Direction::Outbound {
            flags |= OUTBOUND;
        }
        if tuple.state == FlowState::Denied {
            flags |= DENIED;
        }
        // Times are at most those of the year 9999, so minutes fit 32 bits and the rest 16.
        let key = CellKey {
            minute: (tuple.time_ms / MINUTE_MS) as u32,
            src: store.addresses.code(tuple.source),
            dst: store.addresses.code(tuple.destination),
            port: tuple.destination_port,
            protocol: tuple.protocol,
            flags,
            rule: open.rule,
            encryption: store.encryption.number(tuple.encryption),
        };
        open.gather.add(key, (tuple.time_ms % MINUTE_MS) as u16, tuple);
    }

    fn reject(&mut self, code: RejectCode, byte: u64) {
        let list = &mut self.store.uncommitted.rejected;
        match list.binary_search_by_key(&code, |&(code, _, _)| code) {
            Ok(at) => {
                if let Some((_, count, first)) = list.get_mut(at) {
                    *count += 1;
                    *first = byte.min(*first);
                }
            }
            Err(at) => list.insert(at, (code, 1, byte)),
        }
    }

    fn commit(&mut self, head: &RecordHead<'_>) {
        self.store.uncommitted.end_group();
        self.store.commit(self.input, head);
        self.store.uncommitted.clear();
    }

    fn rollback(&mut self) {
        self.store.uncommitted.clear();
    }
}
