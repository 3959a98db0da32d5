//! One connection, and what the NICs at its ends tell of it.

use crate::flow_log::{Rule, Tuple};
use crate::random::Random;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use underlay_model::time::Millis;
use underlay_model::tuple::{FlowState, TupleCounters};

/// Which end of the connection reports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Destination,
}

/// What all connections of a link have in common.
#[derive(Clone, Copy)]
pub(super) struct Ends {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) port: u16,
    pub(super) protocol: u8,
    pub(super) encryption: &'static str,
    /// Rule at the source's NIC, rule at the destination's.
    pub(super) rules: [Rule; 2],
}

/// One connection.
#[derive(Clone, Copy)]
pub(super) struct Connection {
    pub(super) start_ms: Millis,
    pub(super) duration_ms: Millis,
    pub(super) source_port: u16,
    pub(super) counters: TupleCounters,
    /// The destination sees it so much later.
    pub(super) skew_ms: Millis,
    /// A packet of the source got lost behind its NIC.
    pub(super) lost: bool,
}

pub(super) fn pick(six: bool, v4: Ipv4Addr, v6: Option<Ipv6Addr>) -> IpAddr {
    match v6 {
        Some(v6) if six => v6.into(),
        _ => v4.into(),
    }
}

/// A connection like those of users: small question, larger answer, mostly short.
pub(super) fn request(random: &mut Random, minute_start: Millis) -> Connection {
    let sent = 400 + random.below(1200);
    let returned = random.skewed(1500);
    Connection {
        start_ms: minute_start + random.below(60_000) as i64,
        duration_ms: if random.chance(1, 16) { random.below(55_000) } else { random.below(1_500) } as i64,
        source_port: 1024 + random.below(64_000) as u16,
        counters: TupleCounters {
            packets_sent: 4 + returned / 2900,
            bytes_sent: sent + returned / 70,
            packets_returned: 3 + returned / 1448,
            bytes_returned: returned,
        },
        skew_ms: random.below(4) as i64,
        lost: random.chance(1, 8),
    }
}

pub(super) fn emit(ends: &Ends, connection: &Connection, end: End, out: &mut Vec<Tuple>) {
    let inbound = end == End::Destination;
    let mut counters = connection.counters;
    if inbound && connection.lost {
        counters.packets_sent -= 1;
        counters.bytes_sent -= 52;
    }
    let begin = Tuple {
        time_ms: connection.start_ms + if inbound { connection.skew_ms } else { 0 },
        source: ends.source,
        destination: ends.destination,
        source_port: connection.source_port,
        destination_port: ends.port,
        protocol: ends.protocol,
        inbound,
        state: FlowState::Begin,
        encryption: ends.encryption,
        rule: ends.rules[usize::from(inbound)],
        counters: TupleCounters::default(),
    };
    out.push(begin);
    out.push(Tuple { time_ms: begin.time_ms + connection.duration_ms, state: FlowState::End, counters, ..begin });
}
