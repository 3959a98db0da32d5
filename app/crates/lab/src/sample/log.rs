//! The hour as the node's NIC reports it. The gateway's own NICs are not logged, as in the field notes.

use super::story::{BREAKS_MS, Hour, INSTANCE, MAC, NODE_ADDRESS, Outward, START_MS, TARGETS};
use crate::cluster::{PLATFORM, REGION, RESOURCE_GROUP, SUBSCRIPTION};
use crate::flow_log::{CLOSER, FlowLog, OPENER, Record, Rule, Tuple};
use crate::sink::{Counted, Sink};
use std::io;
use std::net::Ipv4Addr;
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::{FlowState, TupleCounters};

/// Minutes in which a line of the log came out short.
const SHORT_LINES: [i64; 3] = [12, 30, 47];

pub(super) fn write(hour: &Hour, sink: &mut Counted<'_>) -> io::Result<()> {
    let log = FlowLog {
        guid: "5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f50".to_owned(),
        subscription: SUBSCRIPTION.to_owned(),
        region: REGION.to_owned(),
        name: "aksVnet-demo-flowlog".to_owned(),
        target: format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.Network/virtualNetworks/aksVnet"
        ),
    };
    let mut tuples = tuples(hour);
    tuples.sort_by_key(|tuple| tuple.time_ms);
    let mut tuples = tuples.into_iter().peekable();
    sink.file(&format!("flows/{}", log.path(START_MS, MAC)))?;
    let mut buffer = OPENER.to_vec();
    let mut record = Record::default();
    for minute in 0..60 {
        let until = START_MS + (minute + 1) * MINUTE_MS;
        record.clear();
        let mut short = SHORT_LINES.contains(&minute);
        while let Some(tuple) = tuples.next_if(|tuple| tuple.time_ms < until) {
            if short && tuple.rule == Rule::Platform && tuple.state == FlowState::End {
                short = false;
                record.malformed.push(format!(
                    "\"{},{},{},{},53,17,O\"",
                    tuple.time_ms, tuple.source, tuple.destination, tuple.source_port
                ));
            } else {
                record.push(tuple);
            }
        }
        if minute > 0 {
            buffer.push(b',');
        }
        record.write(&log, MAC, until - 100 + minute * 7 % 90, &mut buffer);
        sink.stats.records += 1;
        sink.stats.tuples += (record.tuples().count() + record.malformed.len()) as u64;
    }
    buffer.extend_from_slice(CLOSER);
    sink.stats.log_bytes += buffer.len() as u64;
    sink.write(&buffer)
}

fn tuples(hour: &Hour) -> Vec<Tuple> {
    let base = Tuple {
        time_ms: START_MS,
        source: INSTANCE.into(),
        destination: NODE_ADDRESS.into(),
        source_port: 0,
        destination_port: 0,
        protocol: 6,
        inbound: true,
        state: FlowState::Begin,
        encryption: "NX",
        rule: Rule::AllowVnetInBound,
        counters: TupleCounters::default(),
    };
    let mut out = Vec::new();
    let mut pair = |begin: Tuple, duration_ms: i64, counters: [u64; 4]| {
        out.push(begin);
        let [packets_sent, bytes_sent, packets_returned, bytes_returned] = counters;
        let counters = TupleCounters { packets_sent, bytes_sent, packets_returned, bytes_returned };
        out.push(Tuple { time_ms: begin.time_ms + duration_ms, state: FlowState::End, counters, ..begin });
    };
    for probe in &hour.probes {
        let target = &TARGETS[probe.target];
        pair(
            Tuple {
                time_ms: probe.start_ms,
                destination: target.address.into(),
                source_port: probe.source_port,
                destination_port: target.port,
                ..base
            },
            probe.duration_ms,
            [6, 702, 5, probe.returned],
        );
    }
    for request in &hour.requests {
        let target = &TARGETS[request.target];
        // Segments of 1400 bytes with 54 bytes of headers, an acknowledgement for every second one; TLS shakes hands first.
        let tls = if target.port == 8443 { 3_200 } else { 0 };
        let segments = (request.body + 190 + tls).div_ceil(1400);
        let returned = request.body + 190 + tls + 54 * (segments + 3);
        let sent_packets = 5 + segments / 2;
        let sent = 230 + tls / 4 + 54 * sent_packets;
        debug_assert!(request.target != 1 || request.start_ms < BREAKS_MS || request.status == 503);
        pair(
            Tuple {
                time_ms: request.start_ms,
                destination: target.address.into(),
                source_port: request.source_port,
                destination_port: target.port,
                ..base
            },
            request.duration_ms,
            [sent_packets, sent, segments + 3, returned],
        );
    }
    let outside: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 9);
    let outward = |one: &Outward, begin: Tuple| Tuple {
        time_ms: one.start_ms,
        source: NODE_ADDRESS.into(),
        source_port: one.source_port,
        inbound: false,
        ..begin
    };
    let egress =
        Tuple { destination: outside.into(), destination_port: 443, rule: Rule::AllowInternetOutBound, ..base };
    for one in &hour.egress {
        pair(
            outward(one, egress),
            one.duration_ms,
            [one.sent / 300 + 4, one.sent, one.returned / 900 + 4, one.returned],
        );
    }
    for one in &hour.names {
        let names = Tuple { destination: PLATFORM, destination_port: 53, protocol: 17, rule: Rule::Platform, ..base };
        pair(outward(one, names), one.duration_ms, [1, one.sent, 1, one.returned]);
    }
    // A connection that was there before the hour and outlives it: a row every five minutes.
    out.extend((0..12).map(|step: i64| {
        let time_ms: Millis = START_MS + 2 * MINUTE_MS + 11_420 + step * 5 * MINUTE_MS;
        let bytes = (5_200 + 31 * step.unsigned_abs(), 7_900 + 57 * step.unsigned_abs());
        let counters =
            TupleCounters { packets_sent: 61, bytes_sent: bytes.0, packets_returned: 58, bytes_returned: bytes.1 };
        let one = Outward { start_ms: time_ms, duration_ms: 0, source_port: 38_812, sent: 0, returned: 0 };
        Tuple { state: FlowState::Continue, counters, ..outward(&one, egress) }
    }));
    out.extend(hour.denied.iter().map(|&(time_ms, source_port)| Tuple {
        time_ms,
        source: Ipv4Addr::new(203, 0, 113, 77).into(),
        source_port,
        destination_port: 22,
        state: FlowState::Denied,
        rule: Rule::DenyAllInBound,
        ..base
    }));
    out
}
