//! One large flow log for measuring (`architecture.md`, section 4.1): many NICs in one file, stable and skewed peers, and
//! denied scans with random sources, the worst case for dictionaries.

use crate::cluster::{PLATFORM, REGION, RESOURCE_GROUP, SUBSCRIPTION};
use crate::flow_log::{CLOSER, FlowLog, OPENER, Record, Rule, Tuple};
use crate::random::Random;
use crate::sink::{Sink, Stats};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::{FlowState, TupleCounters};

/// NICs in the file.
const NICS: u64 = 104;
/// Records of each NIC.
const MINUTES: u64 = 60;
/// 2026-11-20T09:00:00Z.
const START_MS: Millis = 1_795_165_200_000;

/// Writes one file `PT1H.json` of at least `bytes` bytes, and hardly more: 104 NICs, a record for each of 60 minutes, five rule
/// groups, begins and ends in pairs, one tuple in twenty a continued flow and one in twenty a denied scan. About 75 bytes a tuple.
///
/// # Errors
/// What the sink says.
pub fn bench_log(bytes: u64, seed: u64, sink: &mut dyn Sink) -> io::Result<Stats> {
    let log = FlowLog {
        guid: "5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f50".to_owned(),
        subscription: SUBSCRIPTION.to_owned(),
        region: REGION.to_owned(),
        name: "bench-demo-flowlog".to_owned(),
        target: format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}/providers/Microsoft.Network/virtualNetworks/aksVnet"
        ),
    };
    let mut stats = Stats { files: 1, ..Stats::default() };
    let mut buffer = OPENER.to_vec();
    let mut record = Record::default();
    let mut written = 0;
    sink.file("PT1H.json")?;
    for nic in 0..NICS {
        let mac = format!("6045BD{:06X}", 0x12_AB34 + nic);
        for minute in 0..MINUTES {
            let left = NICS * MINUTES - (nic * MINUTES + minute);
            // Envelope and groups are about 1000 bytes, a tuple 75; each record corrects what those before it missed.
            let tuples = (bytes.saturating_sub(written) / left).saturating_sub(1000) / 75;
            record.clear();
            fill(seed, nic, minute, tuples.max(5), &mut record);
            if stats.records > 0 {
                buffer.push(b',');
            }
            let written_ms = START_MS + (minute as i64 + 1) * MINUTE_MS + 400;
            record.write(&log, &mac, written_ms, &mut buffer);
            stats.records += 1;
            stats.tuples += record.tuples().count() as u64;
            written += buffer.len() as u64;
            sink.write(&buffer)?;
            buffer.clear();
        }
    }
    // What is still missing is a last record, as long as needed.
    let missing = bytes.saturating_sub(written + 1);
    if missing > 0 {
        record.clear();
        fill(seed, NICS, 0, missing / 60 + 1, &mut record);
        buffer.push(b',');
        record.write(&log, "6045BD12AB34", START_MS + (MINUTES as i64 + 1) * MINUTE_MS, &mut buffer);
        stats.records += 1;
        stats.tuples += record.tuples().count() as u64;
    }
    buffer.extend_from_slice(CLOSER);
    written += buffer.len() as u64;
    sink.write(&buffer)?;
    sink.finish()?;
    stats.bytes = written;
    stats.log_bytes = written;
    Ok(stats)
}

/// Adds about `count` tuples of one NIC and minute.
fn fill(seed: u64, nic: u64, minute: u64, count: u64, record: &mut Record) {
    let mut random = Random::of(seed, &[0x4245_4E43, nic, minute]);
    let start = START_MS + minute as i64 * MINUTE_MS;
    let pod = |node: u64, slot: u64| IpAddr::V4(Ipv4Addr::new(10, 244, node as u8, 4 + slot as u8));
    let node = IpAddr::V4(Ipv4Addr::new(10, 13, 76, 4 + nic as u8));
    let mut made = 0;
    while made < count {
        let time_ms = start + random.below(59_000) as i64;
        let choice = random.below(100);
        let slot = random.below(30);
        // The peers of a pod never change, and a few of them have most of the traffic.
        let rank = (random.below(40) * random.below(40) / 40).min(random.below(40));
        let mut peer = Random::of(seed, &[nic, slot, rank]);
        let (other, other_slot) = (peer.below(NICS), peer.below(30));
        let base = Tuple {
            time_ms,
            source: pod(other, other_slot),
            destination: pod(nic, slot),
            source_port: 1024 + random.below(64_000) as u16,
            destination_port: [8080, 8443, 9090, 5432][(peer.below(4)) as usize],
            protocol: 6,
            inbound: true,
            state: FlowState::Begin,
            encryption: "NX",
            rule: Rule::AllowVnetInBound,
            counters: TupleCounters::default(),
        };
        let returned = random.skewed(900);
        let counters = TupleCounters {
            packets_sent: 4 + returned / 2900,
            bytes_sent: 500 + random.below(900),
            packets_returned: 3 + returned / 1448,
            bytes_returned: returned,
        };
        let tuple = match choice {
            0..45 => base,
            45..75 => Tuple {
                source: base.destination,
                destination: base.source,
                inbound: false,
                rule: Rule::AllowVnetOutBound,
                ..base
            },
            75..85 => Tuple {
                source: node,
                destination: Ipv4Addr::new(198, 51, 100, peer.below(120) as u8).into(),
                destination_port: 443,
                inbound: false,
                rule: Rule::AllowInternetOutBound,
                ..base
            },
            85..91 => Tuple {
                source: node,
                destination: PLATFORM,
                destination_port: 53,
                protocol: 17,
                inbound: false,
                rule: Rule::Platform,
                ..base
            },
            _ => Tuple {
                source: Ipv4Addr::from(0x2000_0000 + random.below(0x9000_0000) as u32).into(),
                destination: node,
                destination_port: [22, 23, 445, 3389][random.below(4) as usize],
                state: FlowState::Denied,
                rule: Rule::DenyAllInBound,
                ..base
            },
        };
        if tuple.state == FlowState::Denied {
            record.push(tuple);
            made += 1;
        } else if random.chance(1, 10) {
            record.push(Tuple { state: FlowState::Continue, counters, ..tuple });
            made += 1;
        } else {
            record.push(tuple);
            let duration = random.below(900) as i64;
            record.push(Tuple { state: FlowState::End, time_ms: time_ms + duration, counters, ..tuple });
            made += 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::Memory;

    #[test]
    fn it_has_the_wished_size_and_is_json() {
        let mut memory = Memory::new();
        let stats = bench_log(20_000_000, 3, &mut memory).unwrap();
        let text = &memory.files["PT1H.json"];
        assert_eq!(text.len() as u64, stats.bytes);
        assert!((20_000_000..20_200_000).contains(&text.len()), "{}", text.len());
        let value: serde_json::Value = serde_json::from_slice(text).unwrap();
        let records = value["records"].as_array().unwrap();
        assert_eq!(records.len() as u64, stats.records);
        let (mut tuples, mut denied) = (0, 0);
        for record in records {
            for flow in record["flowRecords"]["flows"].as_array().unwrap() {
                for group in flow["flowGroups"].as_array().unwrap() {
                    let count = group["flowTuples"].as_array().unwrap().len() as u64;
                    tuples += count;
                    denied += if group["rule"] == "DefaultRule_DenyAllInBound" { count } else { 0 };
                }
            }
        }
        assert_eq!(tuples, stats.tuples);
        assert!((3..8).contains(&(denied * 100 / tuples)), "{denied} of {tuples}");
    }
}
