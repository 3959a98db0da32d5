//! Counting rules 5 and 6 where reports are equal, which generated traffic seldom is: hand-made records of one pair.

use serde_json::{Value, json};
use underlay_lab::flow_log::{CLOSER, FlowLog, OPENER, Record, Rule, Tuple};
use underlay_model::tuple::{FlowState, TupleCounters};
use underlay_tests::{Engine, Files};

const START_MS: i64 = 1_795_165_200_000;

/// A file of one record: reporting point, direction, and packets and bytes sent of each `E` tuple.
fn report(files: &mut Files, log: &str, mac: &str, inbound: bool, ends: &[(u64, u64)]) {
    let log = FlowLog {
        guid: log.to_owned(),
        subscription: "11111111-2222-3333-4444-555555555555".to_owned(),
        region: "eastus".to_owned(),
        name: format!("log-{log}"),
        target: "/subscriptions/x".to_owned(),
    };
    let mut record = Record::default();
    for &(packets_sent, bytes_sent) in ends {
        record.push(Tuple {
            time_ms: START_MS + 5_000,
            source: "10.13.100.6".parse().unwrap(),
            destination: "10.244.0.147".parse().unwrap(),
            source_port: 40_000,
            destination_port: 8080,
            protocol: 6,
            inbound,
            state: FlowState::End,
            encryption: "NX",
            rule: Rule::AllowVnetInBound,
            counters: TupleCounters { packets_sent, bytes_sent, packets_returned: 1, bytes_returned: 50 },
        });
    }
    let mut text = OPENER.to_vec();
    record.write(&log, mac, START_MS + 60_100, &mut text);
    text.extend_from_slice(CLOSER);
    files.insert(format!("{}/{mac}/{inbound}/PT1H.json", log.name), text);
}

/// The only pair of a capture: packets sent, bytes sent, ended, side.
fn pair(files: &Files) -> Value {
    let first = Engine::default().value(files);
    let again = Engine { shards: 3, reversed: true, ..Engine::default() }.value(files);
    assert_eq!(first, again);
    let pair = &first["pairs"][0];
    assert_eq!(first["pairs"].as_array().map(Vec::len), Some(1));
    json!([pair["packets"][0], pair["bytes"][0], pair["ended"], pair["side"]])
}

const LOGS: [&str; 2] = ["5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f50", "5a0f7a3e-7d0c-4c8b-9f55-0b1c2d3e4f51"];
const MACS: [&str; 2] = ["6045BD12AB34", "6045BD12AB35"];

#[test]
fn of_equal_reports_the_smallest_flow_log_counts() {
    let mut files = Files::new();
    report(&mut files, LOGS[1], MACS[0], true, &[(7, 700)]);
    report(&mut files, LOGS[0], MACS[1], true, &[(6, 700)]);
    assert_eq!(pair(&files), json!([6, 700, 1, "destination"]));
}

#[test]
fn of_equal_reports_of_one_flow_log_the_smallest_mac_counts() {
    let mut files = Files::new();
    report(&mut files, LOGS[0], MACS[1], true, &[(7, 700)]);
    report(&mut files, LOGS[0], MACS[0], true, &[(6, 700)]);
    assert_eq!(pair(&files), json!([6, 700, 1, "destination"]));
}

#[test]
fn of_equal_bytes_the_report_with_more_tuples_counts() {
    let mut files = Files::new();
    report(&mut files, LOGS[0], MACS[0], true, &[(6, 750)]);
    report(&mut files, LOGS[1], MACS[0], true, &[(3, 350), (4, 350)]);
    assert_eq!(pair(&files), json!([7, 700, 2, "destination"]));
}

#[test]
fn of_equal_sides_the_destination_counts_and_of_unequal_the_larger() {
    let mut files = Files::new();
    report(&mut files, LOGS[0], MACS[0], true, &[(6, 700)]);
    report(&mut files, LOGS[0], MACS[1], false, &[(7, 700)]);
    assert_eq!(pair(&files), json!([6, 700, 1, "destination"]));
    report(&mut files, LOGS[0], MACS[1], false, &[(8, 701)]);
    assert_eq!(pair(&files), json!([8, 701, 1, "source"]));
}

#[test]
fn a_side_with_fewer_bytes_but_more_reports_is_not_summed() {
    // Two hops report the destination's side, each less than the source's one report.
    let mut files = Files::new();
    report(&mut files, LOGS[0], MACS[0], true, &[(6, 500)]);
    report(&mut files, LOGS[0], MACS[1], true, &[(6, 600)]);
    report(&mut files, LOGS[0], "6045BD12AB36", false, &[(7, 700)]);
    assert_eq!(pair(&files), json!([7, 700, 1, "source"]));
}
