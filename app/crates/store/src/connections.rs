//! Connections of gateway instances, one by one: the only tuples that are not summed up when they are read, because probes are told from user
//! traffic by the time and size of each. Begin and end of a connection are folded together where a record holds both; what
//! records tell of one connection between them is put together when somebody asks. Rows belong to bodies of records, so copies and
//! reporting points count here as they do everywhere.

use crate::address::FIRST_SIDE;
use crate::cell::CellKey;
use crate::key::{PairKey, Side};
use crate::pairs::PairCode;
use crate::store::Store;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_model::IpNet;
use underlay_model::connection::Connection;
use underlay_model::order::Order;
use underlay_model::time::{Millis, minute_of};
use underlay_model::tuple::{Direction, FlowState, FlowTuple};

/// Rows held at most: 36 bytes each. Beyond it whole minutes of pairs are left out, by a hash, half of what is left each time.
const MOST_ROWS: usize = 2 << 20;
/// Places of the table in which the end of a connection finds its begin; a power of two.
const SLOTS: usize = 1 << 14;

const OUTBOUND: u8 = 1;
const BEGUN: u8 = 2;
const ENDED: u8 = 4;
const CONTINUED: u8 = 8;

/// What one record tells of one connection.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    src: u32,
    dst: u32,
    source_port: u16,
    port: u16,
    /// Milliseconds since the stretch's base.
    start: u32,
    duration: u32,
    packets: [u16; 2],
    bytes: [u32; 2],
    protocol: u8,
    flags: u8,
}

/// The rows of a body.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    body: u32,
    len: u32,
    first: usize,
    base: Millis,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Connections {
    /// Addresses of gateway subnets as codes, both ends included.
    ranges: Vec<(u32, u32)>,
    /// All of them lie in `low..=low + width`.
    low: u32,
    width: u32,
    /// IPv6 subnets, and the codes of their addresses that were met, sorted: codes of IPv6 addresses say nothing of where they lie.
    six: Vec<IpNet>,
    six_codes: Vec<u32>,
    /// Codes from here on are looked up; beyond all codes when there is no IPv6 subnet.
    six_from: u32,
    /// Of the record that is being read.
    open: Vec<Row>,
    open_base: Millis,
    /// Place in `open` by hash of the connection; may point anywhere, so what is found there is compared.
    slots: Vec<u32>,
    rows: Vec<Row>,
    stretches: Vec<Stretch>,
    most_rows: usize,
    thinned: u32,
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            ranges: Vec::new(),
            low: u32::MAX,
            width: 0,
            six: Vec::new(),
            six_codes: Vec::new(),
            six_from: u32::MAX,
            open: Vec::new(),
            open_base: 0,
            slots: Vec::new(),
            rows: Vec::new(),
            stretches: Vec::new(),
            most_rows: MOST_ROWS,
            thinned: 0,
        }
    }
}

impl Row {
    fn same(&self, key: &CellKey, source_port: u16) -> bool {
        self.src == key.src
            && self.dst == key.dst
            && self.source_port == source_port
            && self.port == key.port
            && self.protocol == key.protocol
            && self.flags & OUTBOUND == key.flags & crate::cell::OUTBOUND
    }

    /// What it tells of a connection.
    fn told(&self, start_ms: Millis) -> Connection {
        let has = |flag: u8| self.flags & flag != 0;
        Connection {
            start_ms,
            duration_ms: self.duration,
            source_port: self.source_port,
            begun: has(BEGUN),
            ended: has(ENDED),
            continued: has(CONTINUED),
            packets: self.packets.map(u32::from),
            bytes: self.bytes,
        }
    }

    fn add(&mut self, tuple: &FlowTuple<'_>) {
        let counters = &tuple.counters;
        for (packets, more) in self.packets.iter_mut().zip([counters.packets_sent, counters.packets_returned]) {
            *packets = packets.saturating_add(u16::try_from(more).unwrap_or(u16::MAX));
        }
        for (bytes, more) in self.bytes.iter_mut().zip([counters.bytes_sent, counters.bytes_returned]) {
            *bytes = bytes.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        }
    }
}

/// Spread of a pair and a minute: what is thinned out is not what comes late or from one file.
fn spread(row: &Row, base: Millis) -> u64 {
    let minute = minute_of(base + i64::from(row.start)).unsigned_abs();
    let ends = u64::from(row.src) << 32 | u64::from(row.dst);
    let mixed = (ends ^ (minute << 16 | u64::from(row.port)).rotate_left(21)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33
}

fn survives(row: &Row, base: Millis, thinned: u32) -> bool {
    spread(row, base) & ((1 << thinned.min(30)) - 1) == 0
}

impl Connections {
    /// Whether tuples from this source are kept.
    #[inline(always)]
    pub(crate) fn takes(&mut self, src: u32, address: IpAddr) -> bool {
        (src.wrapping_sub(self.low) <= self.width && self.in_ranges(src))
            || (src >= self.six_from && self.takes_six(src, address))
    }

    fn in_ranges(&self, src: u32) -> bool {
        self.ranges.iter().any(|&(first, last)| (first..=last).contains(&src))
            || (src >= self.six_from && self.six_codes.binary_search(&src).is_ok())
    }

    /// As [`Self::takes`] of an IPv6 address, whose code is noted.
    fn takes_six(&mut self, src: u32, address: IpAddr) -> bool {
        match self.six_codes.binary_search(&src) {
            Ok(_) => true,
            Err(place) => {
                let inside = self.six.iter().any(|subnet| subnet.contains(&address));
                if inside {
                    self.six_codes.insert(place, src);
                }
                inside
            }
        }
    }

    /// Keeps an accepted tuple of the record that is being read. Denied ones tell of no connection.
    pub(crate) fn add(&mut self, key: &CellKey, tuple: &FlowTuple<'_>) {
        if self.slots.is_empty() {
            self.slots = vec![0; SLOTS];
        }
        let hash = (u64::from(key.src) << 32 | u64::from(key.dst))
            .wrapping_add(
                (u64::from(tuple.source_port) << 16 | u64::from(key.port)).wrapping_mul(0xD6E8_FEB8_6659_FD93),
            )
            .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let Some(slot) = self.slots.get_mut((hash >> 50) as usize & (SLOTS - 1)) else { return };
        if self.open.is_empty() {
            // A record holds about a minute; what is older by less than half an hour still fits below.
            self.open_base = tuple.time_ms - 1_800_000;
        }
        let Ok(start) = u32::try_from(tuple.time_ms - self.open_base) else { return };
        let known = self.open.get_mut(*slot as usize).filter(|row| row.same(key, tuple.source_port));
        if let Some(row) = known {
            let after = start >= row.start;
            match tuple.state {
                FlowState::Begin if row.flags & BEGUN == 0 && start == row.start => {
                    row.flags |= BEGUN;
                    return;
                }
                FlowState::Continue if row.flags & ENDED == 0 && after => {
                    row.duration = start - row.start;
                    row.flags |= CONTINUED;
                    return row.add(tuple);
                }
                FlowState::End if row.flags & ENDED == 0 && after => {
                    row.duration = start - row.start;
                    row.flags |= ENDED;
                    return row.add(tuple);
                }
                _ => {}
            }
        }
        let flags = match tuple.state {
            FlowState::Begin => BEGUN,
            FlowState::Continue => CONTINUED,
            FlowState::End => ENDED,
            FlowState::Denied => return,
        };
        *slot = u32::try_from(self.open.len()).unwrap_or(u32::MAX);
        let mut row = Row {
            src: key.src,
            dst: key.dst,
            source_port: tuple.source_port,
            port: key.port,
            start,
            protocol: key.protocol,
            flags: flags | if tuple.direction == Direction::Outbound { OUTBOUND } else { 0 },
            ..Row::default()
        };
        if tuple.state != FlowState::Begin {
            row.add(tuple);
        }
        self.open.push(row);
    }

    /// Forgets what was kept of the record that is being read.
    #[inline]
    pub(crate) fn forget_open(&mut self) {
        self.open.clear();
    }

    /// What was kept belongs to this body.
    pub(crate) fn commit(&mut self, body: u32) {
        if self.open.is_empty() {
            return;
        }
        let first = self.rows.len();
        let (base, thinned) = (self.open_base, self.thinned);
        if self.rows.capacity() - first < self.open.len() {
            // An eighth more, not twice as much: these rows are a good part of all memory.
            self.rows.reserve_exact(self.open.len().max(first / 8));
        }
        self.rows.extend(self.open.drain(..).filter(|row| survives(row, base, thinned)));
        let len = u32::try_from(self.rows.len() - first).unwrap_or(0);
        if len > 0 {
            self.stretches.push(Stretch { body, len, first, base });
        }
        while self.rows.len() > self.most_rows && self.thinned < 30 {
            self.thinned += 1;
            let thinned = self.thinned;
            self.rebuild(&mut |stretch, row| survives(row, stretch.base, thinned).then_some(stretch.body));
        }
    }

    /// Bodies have new numbers, or are gone.
    pub(crate) fn renumber(&mut self, moved: &[Option<u32>]) {
        self.forget_open();
        self.rebuild(&mut |stretch, _| moved.get(stretch.body as usize).copied().flatten());
        if self.rows.is_empty() {
            self.thinned = 0;
        }
    }

    fn rebuild(&mut self, body_of: &mut dyn FnMut(&Stretch, &Row) -> Option<u32>) {
        let stretches = std::mem::take(&mut self.stretches);
        let mut kept = 0;
        for stretch in stretches {
            let (first, mut body) = (kept, None);
            for at in stretch.first..stretch.first + stretch.len as usize {
                let Some(row) = self.rows.get(at).copied() else { continue };
                if let Some(number) = body_of(&stretch, &row)
                    && let Some(place) = self.rows.get_mut(kept)
                {
                    *place = row;
                    body = Some(number);
                    kept += 1;
                }
            }
            if let Some(body) = body {
                let len = u32::try_from(kept - first).unwrap_or(0);
                self.stretches.push(Stretch { body, len, first, base: stretch.base });
            }
        }
        self.rows.truncate(kept);
    }

    /// Gives back what only more rows would need.
    pub(crate) fn shrink(&mut self) {
        self.rows.shrink_to_fit();
        self.stretches.shrink_to_fit();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        (self.rows.capacity() + self.open.capacity()) * size_of::<Row>()
            + self.stretches.capacity() * size_of::<Stretch>()
            + self.slots.capacity() * 4
    }
}

/// The side of a pair that counts, whether several points contest it, and the pair's number.
type PairStanding = (Side, bool, u32);

/// One row that counts, before it is put in order.
#[derive(Clone, Copy)]
struct Counted {
    group: u32,
    row: u32,
    start: Millis,
}

impl Store {
    /// The subnets whose connections are kept from now on; what was read before has to be read again for new ones.
    #[inline(never)]
    pub fn keep_connections_of(&mut self, subnets: &[IpNet]) {
        let range = |subnet: &IpNet| match subnet {
            IpNet::V4(v4) => Some((u32::from(v4.network()), u32::from(v4.broadcast()).min(FIRST_SIDE - 1))),
            IpNet::V6(_) => None,
        };
        let mut ranges: Vec<(u32, u32)> = subnets.iter().filter_map(range).collect();
        ranges.order();
        let low = ranges.first().map_or(u32::MAX, |range| range.0);
        let high = ranges.iter().map(|range| range.1).max().unwrap_or(u32::MAX);
        self.connections.low = low;
        self.connections.width = high.wrapping_sub(low);
        self.connections.ranges = ranges;
        let six: Vec<IpNet> = subnets.iter().filter(|subnet| matches!(subnet, IpNet::V6(_))).copied().collect();
        self.connections.six_codes = self.addresses.codes_in(&six);
        self.connections.six_from = if six.is_empty() { u32::MAX } else { FIRST_SIDE };
        self.connections.six = six;
    }

    /// Keeps at most so many rows of connections; for tests.
    pub fn limit_connections(&mut self, rows: usize) {
        self.connections.most_rows = rows.max(1);
    }

    /// Only one of 2^n (pair, minute) is kept of the gateway's connections; 0 when all are.
    pub fn connections_thinned(&self) -> u32 {
        self.connections.thinned
    }

    /// Calls for every pair whose source is in a gateway subnet with what single records tell of its counted connections (contract
    /// rules 5 to 7), for [`fold`]; both pairs and these in no order. The store must be settled. `thinned` is at least this store's own.
    #[inline(never)]
    pub fn each_connection_list(&self, thinned: u32, each: &mut dyn FnMut(PairKey, &mut Vec<Connection>)) {
        let table = &self.connections;
        let mut groups: FxHashMap<PairCode, u32> = FxHashMap::default();
        let mut codes: Vec<(PairCode, Option<PairStanding>)> = Vec::new();
        let mut counted: Vec<Counted> = Vec::new();
        for stretch in &table.stretches {
            let Some(body) = self.bodies.get(stretch.body as usize).filter(|body| body.active) else { continue };
            for at in stretch.first..stretch.first + stretch.len as usize {
                let Some(row) = table.rows.get(at) else { continue };
                if !table.in_ranges(row.src) || !survives(row, stretch.base, thinned) {
                    continue;
                }
                let code =
                    PairCode { src: row.src, dst: row.dst, port: row.port, protocol: row.protocol, denied: false };
                let group = *groups.entry(code).or_insert_with(|| {
                    codes.push((code, self.standing_of(&code)));
                    u32::try_from(codes.len() - 1).unwrap_or(u32::MAX)
                });
                let Some((_, Some((side, contested, pair)))) = codes.get(group as usize) else { continue };
                let start = stretch.base + i64::from(row.start);
                let own = if row.flags & OUTBOUND == 0 { Side::Destination } else { Side::Source };
                let wins = || self.standings.winners.binary_search(&(*pair, minute_of(start), body.point)).is_ok();
                if own == *side && (!contested || wins()) {
                    counted.push(Counted { group, row: u32::try_from(at).unwrap_or(u32::MAX), start });
                }
            }
        }
        // By pair, and within each by time: first dealt out by pair, which is linear, then each short list is sorted.
        let mut ends: Vec<usize> = vec![0; codes.len() + 1];
        for row in &counted {
            if let Some(count) = ends.get_mut(row.group as usize + 1) {
                *count += 1;
            }
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut places = ends.clone();
        let mut dealt: Vec<(Millis, u32)> = vec![(0, 0); counted.len()];
        for row in &counted {
            if let Some(place) = places.get_mut(row.group as usize)
                && let Some(slot) = dealt.get_mut(*place)
            {
                *slot = (row.start, row.row);
                *place += 1;
            }
        }
        drop(counted);
        // In the order in which pairs were met: rows of those that stand side by side are fetched together.
        let mut list: Vec<Connection> = Vec::new();
        for (group, (code, _)) in codes.iter().enumerate() {
            let (Some(&from), Some(&to)) = (ends.get(group), ends.get(group + 1)) else { continue };
            let Some(rows) = dealt.get(from..to).filter(|rows| !rows.is_empty()) else { continue };
            list.clear();
            list.extend(rows.iter().filter_map(|&(start, row)| Some(table.rows.get(row as usize)?.told(start))));
            each(self.pair_key(code), &mut list);
        }
    }

    /// Side that counts, whether points contest it, and number of a pair.
    fn standing_of(&self, code: &PairCode) -> Option<PairStanding> {
        let pair = self.pairs.find(code)?;
        Some((self.standings.side(pair)?, self.standings.is_contested(pair), pair))
    }

    /// An address of a gateway subnet, to say what was kept.
    pub fn is_gateway_source(&self, address: IpAddr) -> bool {
        self.addresses.find(address).is_some_and(|code| self.connections.in_ranges(code))
    }
}

/// Puts what several records, or several shards, tell of single connections together; gives them in the order of their begin.
pub fn fold(list: &mut Vec<Connection>) {
    // Times nearly always differ, and what is not looked at is not fetched.
    let rest = |one: &Connection| (one.source_port, !one.begun, one.duration_ms, one.bytes, one.packets, one.ended);
    list.sort_unstable_by(|a, b| a.start_ms.cmp(&b.start_ms).then_with(|| rest(a).cmp(&rest(b))));
    let mut unfinished: FxHashMap<u16, usize> = FxHashMap::default();
    let mut kept = 0;
    for at in 0..list.len() {
        let Some(one) = list.get(at).copied() else { break };
        let known = if one.begun || unfinished.is_empty() { None } else { unfinished.get(&one.source_port).copied() };
        if let Some(known) = known.and_then(|at| list.get_mut(at)) {
            let end = one.start_ms + i64::from(one.duration_ms);
            known.duration_ms = u32::try_from(end - known.start_ms).unwrap_or(u32::MAX);
            known.continued |= one.continued;
            known.ended |= one.ended;
            for way in 0..2 {
                known.packets[way] = known.packets[way].saturating_add(one.packets[way]);
                known.bytes[way] = known.bytes[way].saturating_add(one.bytes[way]);
            }
        } else {
            if let Some(place) = list.get_mut(kept) {
                *place = one;
            }
            if !one.ended {
                unfinished.insert(one.source_port, kept);
            }
            kept += 1;
        }
        // Most lists hold nothing but whole connections.
        if one.ended && !unfinished.is_empty() {
            unfinished.remove(&one.source_port);
        }
    }
    list.truncate(kept);
}
