//! From the scanner into the store: gathers a record's tuples and commits them when the record is whole.

use crate::address::AddressCodes;
use crate::cell::{ANALYTICS, CROSSED, Cell, CellCounters, CellKey, DENIED, OUTBOUND};
use crate::gather::Gather;
use crate::names::{NO_NAME, Names};
use crate::store::Store;
use std::net::IpAddr;
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::{AnalyticsTuple, Direction, FlowState, FlowTuple, RejectCode, Verdict};
use underlay_scan::{RecordHead, Sink};

/// What was gathered of the record that is being read.
#[derive(Debug)]
pub(crate) struct Uncommitted {
    pub(crate) gather: Gather,
    /// Rows of Traffic Analytics, with their times.
    pub(crate) analytics: Vec<(Cell, (Millis, Millis))>,
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
            analytics: Vec::new(),
            rule: NO_NAME,
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
        self.analytics.clear();
        self.rule = NO_NAME;
        self.in_group = 0;
        self.content = 0;
        self.rejected.clear();
        self.span = (Millis::MAX, Millis::MIN);
    }
}

/// Gives numbers to what tuples name.
struct Naming<'a> {
    addresses: &'a mut AddressCodes,
    encryption: &'a mut Names,
}

impl Naming<'_> {
    /// What a key says of both ends (source, destination, its port, protocol) and of encryption.
    #[inline(always)]
    fn name(&mut self, ends: (IpAddr, IpAddr, u16, u8), encryption: &[u8]) -> CellKey {
        let (source, destination, port, protocol) = ends;
        let (src, dst) = (self.addresses.code(source), self.addresses.code(destination));
        CellKey { src, dst, port, protocol, encryption: self.encryption.number(encryption), ..CellKey::default() }
    }
}

fn of_direction(direction: Direction) -> u8 {
    if direction == Direction::Outbound { OUTBOUND } else { 0 }
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
        self.connections.forget_open();
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

    fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        self.tuples(std::slice::from_ref(tuple));
    }

    fn tuples(&mut self, tuples: &[FlowTuple<'_>]) {
        let Store { uncommitted: open, addresses, encryption, connections, .. } = &mut *self.store;
        let mut names = Naming { addresses, encryption };
        open.in_group += tuples.len() as u64;
        // A record's tuples mostly are of one minute, and dividing takes long.
        let (mut minute, mut start) = (0u32, 0);
        for tuple in tuples {
            let mut ms = tuple.time_ms - start;
            if !(0..MINUTE_MS).contains(&ms) {
                // Times are at most those of the year 9999, so minutes fit 32 bits and the rest 16.
                (minute, ms) = ((tuple.time_ms / MINUTE_MS) as u32, tuple.time_ms % MINUTE_MS);
                start = tuple.time_ms - ms;
            }
            open.span = (open.span.0.min(tuple.time_ms), open.span.1.max(tuple.time_ms));
            let denied = if tuple.state == FlowState::Denied { DENIED } else { 0 };
            let ends = (tuple.source, tuple.destination, tuple.destination_port, tuple.protocol);
            let name = names.name(ends, tuple.encryption);
            let key = CellKey { minute, flags: of_direction(tuple.direction) | denied, rule: open.rule, ..name };
            if connections.takes(key.src, tuple.source) {
                connections.add(&key, tuple);
            }
            open.gather.add(key, ms as u16, tuple);
        }
    }

    fn analytics(&mut self, tuple: &AnalyticsTuple<'_>) {
        let Store { uncommitted: open, addresses, encryption, .. } = &mut *self.store;
        open.in_group += 1;
        open.span = (open.span.0.min(tuple.span.0), open.span.1.max(tuple.span.1));
        let denied = tuple.verdict == Verdict::Denied;
        let flags = ANALYTICS | of_direction(tuple.direction) | if denied { DENIED } else { 0 };
        let ends = (tuple.source, tuple.destination, tuple.destination_port, tuple.protocol);
        let name = Naming { addresses, encryption }.name(ends, tuple.encryption);
        let key = CellKey { minute: (tuple.time_ms / MINUTE_MS) as u32, flags, rule: open.rule, ..name };
        let (begun, crossed) = if denied { (tuple.denied, tuple.begun) } else { (tuple.begun, tuple.denied) };
        let sums = &tuple.counters;
        let counters = CellCounters {
            begun,
            continued: 1,
            ended: tuple.ended,
            packets: [sums.packets_sent, sums.packets_returned],
            bytes: [sums.bytes_sent, sums.bytes_returned],
        };
        open.analytics.push((Cell { key, counters, first: 0, last: 0 }, tuple.span));
        if crossed > 0 {
            let key = CellKey { flags: flags | CROSSED, ..key };
            let counters = CellCounters { begun: crossed, ..CellCounters::default() };
            open.analytics.push((Cell { key, counters, first: 0, last: 0 }, tuple.span));
        }
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
        self.store.connections.forget_open();
        self.store.uncommitted.clear();
    }

    fn rollback(&mut self) {
        self.store.connections.forget_open();
        self.store.uncommitted.clear();
    }
}
