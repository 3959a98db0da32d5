//! The same traffic told by several logs counts once: NSG flow logs and Traffic Analytics beside VNet flow logs change no number, and alone
//! they tell what they can.

use serde_json::Value;
use underlay_lab::Plan;
use underlay_lab::other_logs::{OtherLog, other_log};
use underlay_lab::plan::ReportingSides;
use underlay_tests::{Engine, Files, capture, small};

fn plan(seed: u64, sides: ReportingSides) -> Plan {
    Plan { sides, ..small(seed) }
}

/// The flow logs of a capture, and the same traffic in other logs.
fn logs(plan: &Plan, others: &[OtherLog]) -> (Files, Files) {
    let (files, _) = capture(plan);
    let vnet: Files = files.into_iter().filter(|(_, content)| content.starts_with(b"{\"records\":[")).collect();
    assert!(!vnet.is_empty());
    let mut other = Files::new();
    for (path, content) in &vnet {
        for log in others {
            let written = other_log(content, *log).expect("a whole log without malformed tuples");
            other.insert(format!("{path}.{log:?}"), written);
        }
    }
    (vnet, other)
}

/// The pairs as far as all logs tell them: NSG flow logs know seconds only, and nothing of encryption.
fn pairs(summary: &Value, keys: &[&str]) -> Vec<Vec<Value>> {
    let pairs = summary["pairs"].as_array().expect("pairs is a list");
    pairs.iter().map(|pair| keys.iter().map(|key| pair[key].clone()).collect()).collect()
}

fn same(found: &[Vec<Value>], expected: &[Vec<Value>]) {
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

const ALL: [&str; 13] = [
    "src",
    "dst",
    "port",
    "protocol",
    "verdict",
    "begun",
    "continued",
    "ended",
    "denied",
    "packets",
    "bytes",
    "side",
    "rules",
];

fn understood(summary: &Value) {
    for input in summary["inputs"].as_array().expect("inputs is a list") {
        assert_eq!(input["lost_bytes"], 0, "{input}");
        assert_eq!(input["tuples"]["rejected"], 0, "{input}");
        assert_eq!(input["notes"].as_array().map(Vec::len), Some(0), "{input}");
    }
}

#[test]
fn several_logs_of_the_same_traffic_count_once() {
    for (seed, sides) in [(21, ReportingSides::Both), (22, ReportingSides::Destination), (23, ReportingSides::Both)] {
        let others = [OtherLog::NsgOne, OtherLog::NsgTwo, OtherLog::AnalyticsCsv, OtherLog::AnalyticsJson];
        let (vnet, other) = logs(&plan(seed, sides), &others);
        let alone = Engine::default().value(&vnet);
        for shards in [1, 3] {
            let mut together = vnet.clone();
            together.extend(other.clone());
            let summary = Engine { shards, ..Engine::default() }.value(&together);
            understood(&summary);
            same(&pairs(&summary, &ALL), &pairs(&alone, &ALL));
            assert_eq!(pairs(&summary, &["encryption"]), pairs(&alone, &["encryption"]), "seed {seed}");
        }
    }
}

#[test]
fn an_nsg_flow_log_alone_tells_the_same_but_for_encryption() {
    let (vnet, other) = logs(&plan(24, ReportingSides::Both), &[OtherLog::NsgTwo]);
    let (expected, found) = (Engine::default().value(&vnet), Engine::default().value(&other));
    understood(&found);
    same(&pairs(&found, &ALL), &pairs(&expected, &ALL));
    let formats: Vec<&Value> = found["inputs"].as_array().unwrap().iter().map(|input| &input["format"]).collect();
    assert!(formats.iter().all(|format| **format == "nsg-flow-log-v2"));
    assert!(pairs(&found, &["encryption"]).iter().all(|pair| pair[0] == serde_json::json!([])));
}

#[test]
fn version_one_tells_beginnings_and_denials() {
    let (vnet, other) = logs(&plan(25, ReportingSides::Destination), &[OtherLog::NsgOne]);
    let (expected, found) = (Engine::default().value(&vnet), Engine::default().value(&other));
    understood(&found);
    let keys = ["src", "dst", "port", "protocol", "verdict", "begun", "denied"];
    // A flow that began before the log has no line in it.
    let begun: Vec<Vec<Value>> =
        pairs(&expected, &keys).into_iter().filter(|pair| pair[5] != 0 || pair[6] != 0).collect();
    same(&pairs(&found, &keys), &begun);
    assert!(pairs(&found, &["ended", "bytes"]).iter().all(|pair| pair[0] == 0 && pair[1] == serde_json::json!([0, 0])));
}

#[test]
fn traffic_analytics_alone_tells_the_sums_in_either_shape_and_the_same_rows_once() {
    let sums = [
        "src", "dst", "port", "protocol", "verdict", "begun", "ended", "denied", "packets", "bytes", "rules",
        "first_ms", "last_ms",
    ];
    let (vnet, csv) = logs(&plan(26, ReportingSides::Destination), &[OtherLog::AnalyticsCsv]);
    let expected = Engine::default().value(&vnet);
    let found = Engine::default().value(&csv);
    understood(&found);
    same(&pairs(&found, &sums), &pairs(&expected, &sums));
    assert_eq!(found["span"], expected["span"]);
    let (_, json) = logs(&plan(26, ReportingSides::Destination), &[OtherLog::AnalyticsJson]);
    let from_json = Engine::default().value(&json);
    assert_eq!(from_json["pairs"], found["pairs"]);
    // Both together: every row of one is a duplicate.
    let mut both = csv.clone();
    both.extend(json);
    let together = Engine::default().value(&both);
    assert_eq!(together["pairs"], found["pairs"]);
    assert_eq!(together["tuples"]["accepted"], found["tuples"]["accepted"]);
    assert_eq!(together["tuples"]["duplicate"], found["tuples"]["accepted"]);
}
