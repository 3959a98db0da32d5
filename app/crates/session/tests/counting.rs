//! The counting rules where several files, flow logs and shards meet.

mod fixture;

use fixture::{File, capture, summary};
use serde_json::{Value, json};

fn parsed(files: &[File], shards: u32) -> Value {
    serde_json::from_str(&summary(files, shards, 100)).unwrap()
}

#[test]
fn both_sides_and_two_flow_logs_count_once() {
    for shards in 1..=4 {
        let summary = parsed(&capture(), shards);
        let pairs = summary["pairs"].as_array().unwrap();
        assert_eq!(pairs.len(), 2, "{summary}");
        let through_gateway = &pairs[0];
        assert_eq!(through_gateway["src"], "10.13.100.6");
        assert_eq!(through_gateway["side"], "destination");
        assert_eq!((&through_gateway["begun"], &through_gateway["ended"]), (&json!(1), &json!(1)));
        assert_eq!(through_gateway["bytes"], json!([400, 5000]));
        assert_eq!(through_gateway["first_ms"], 1_795_165_201_000_i64);
        assert_eq!(through_gateway["last_ms"], 1_795_165_260_505_i64);
        let refused = &pairs[1];
        assert_eq!((&refused["verdict"], &refused["denied"]), (&json!("denied"), &json!(1)));
    }
}

#[test]
fn copies_are_duplicates_in_the_input_that_sorts_last() {
    for shards in 1..=4 {
        let summary = parsed(&capture(), shards);
        let tuples: Vec<&Value> = summary["inputs"].as_array().unwrap().iter().map(|input| &input["tuples"]).collect();
        assert_eq!(tuples[0], &json!({"accepted": 2, "duplicate": 0, "rejected": 0}));
        assert_eq!(tuples[1], &json!({"accepted": 3, "duplicate": 0, "rejected": 1}));
        assert_eq!(tuples[3], &json!({"accepted": 0, "duplicate": 4, "rejected": 0}));
        assert_eq!(tuples[4], &json!({"accepted": 0, "duplicate": 3, "rejected": 0}));
        // A malformed tuple of a copy is a duplicate, not a second note.
        assert_eq!(summary["inputs"][1]["notes"][0]["code"], "tuple-direction");
        assert_eq!(summary["inputs"][4]["notes"], json!([]), "{summary}");
        assert_eq!(summary["tuples"], json!({"accepted": 6, "duplicate": 7, "rejected": 1}));
    }
}

#[test]
fn an_original_that_is_taken_out_hands_on_to_its_copy() {
    use underlay_model::wire::PageRequest;
    for shards in 1..=3 {
        let mut host = fixture::read(&capture(), shards, 100);
        host.request(PageRequest::Remove("logs/b.json".to_owned()));
        host.run_until_idle();
        let without: Vec<File> = capture().into_iter().filter(|(path, _)| path != "logs/b.json").collect();
        assert_eq!(host.summary(false), summary(&without, 1, 1 << 20), "{shards} shards");
    }
}

#[test]
fn who_is_who_and_how_well() {
    let summary = parsed(&capture(), 2);
    let pod = summary["endpoints"].as_array().unwrap().iter().find(|e| e["ip"] == "10.244.0.147").unwrap();
    assert_eq!((&pod["kind"], &pod["name"], &pod["node"]), (&json!("pod"), &json!("yada/api-1"), &json!("aks-1")));
    assert_eq!(summary["inventory"]["pods"], 1);
    assert_eq!(summary["health"][0]["state"], "healthy");
    assert_eq!(summary["inputs"][6]["format"], "unknown");
    assert_ne!(summary["inputs"][6]["notes"], json!([]));
}

#[test]
fn rows_that_claim_more_flows_than_there_are_numbers_count_as_the_largest() {
    let most = i64::MAX;
    let row = |minute: u32, destination: &str, status: &str| {
        format!(
            r#"{{"SubType":"FlowLog","FlowIntervalStartTime":"2026-11-20T09:0{minute}:00Z","SrcIp":"10.0.0.4","DestIp":"{destination}","DestPort":"443","L4Protocol":"T","FlowDirection":"Inbound","FlowStatus":"{status}","AllowedInFlows":"{most}","AllowedOutFlows":"{most}","DeniedInFlows":"{most}","CompletedFlows":"{most}"}}"#
        )
    };
    // Several pairs, so that sums over pairs are beyond all numbers, too.
    let ends = [("8.8.8.8", "Allowed"), ("10.0.0.5", "Denied"), ("10.0.0.6", "Denied"), ("168.63.129.16", "Denied")];
    let rows = |minute: u32| ends.map(|(destination, status)| row(minute, destination, status)).join(",");
    let files: Vec<File> = (0..3).map(|n| (format!("{n}.json"), format!("[{}]", rows(n)).into_bytes())).collect();
    for shards in 1..=3 {
        let summary = parsed(&files, shards);
        for pair in summary["pairs"].as_array().expect("pairs are a list") {
            for count in ["begun", "ended", "denied"] {
                assert_eq!(pair[count], json!(u64::MAX), "{pair}");
            }
        }
    }
}
