//! The summary contract on generated captures: what the engine counts is what the generator knows, for every networking
//! mode, with one and with both sides reporting, with overlapping files, several flow logs, IPv6, malformed and cut-off parts.

use serde_json::{Value, json};
use underlay_lab::Plan;
use underlay_lab::plan::{NetworkMode, ReportingSides};
use underlay_lab::truth::Truth;
use underlay_tests::{Engine, Files, capture, small};

/// Everything that the truth says, against the summary.
fn hold(plan: &Plan, engine: Engine) -> (Files, Value) {
    let (files, truth) = capture(plan);
    let summary = engine.value(&files);
    assert_eq!(summary["schema"], "underlay.summary/1");
    assert_eq!(summary["complete"], true);
    assert_eq!(summary["tuples"], json!(truth.tuples), "tuples of {plan:?}");
    assert_eq!(summary["span"], json!(truth.span), "span of {plan:?}");
    hold_inputs(&summary, &truth);
    let pairs = summary["pairs"].as_array().expect("pairs is a list");
    for (found, expected) in pairs.iter().zip(&truth.pairs) {
        assert_eq!(*found, json!(expected), "pair of {plan:?}");
    }
    assert_eq!(pairs.len(), truth.pairs.len(), "number of pairs of {plan:?}");
    if plan.objects {
        hold_objects(&summary, &truth, plan);
    }
    (files, summary)
}

fn hold_inputs(summary: &Value, truth: &Truth) {
    let logs: Vec<&Value> = summary["inputs"]
        .as_array()
        .expect("inputs is a list")
        .iter()
        .filter(|input| input["format"] == "vnet-flow-log")
        .collect();
    assert_eq!(logs.len(), truth.inputs.len());
    for (found, expected) in logs.iter().zip(&truth.inputs) {
        let found = json!([found["path"], found["bytes"], found["records"], found["tuples"], found["lost_bytes"]]);
        let path = format!("capture/{}", expected.path);
        assert_eq!(found, json!([path, expected.bytes, expected.records, expected.tuples, expected.lost_bytes]));
    }
    // Rejections by code, over all inputs: what is in a duplicate record is not counted again.
    let mut rejected = std::collections::BTreeMap::<String, u64>::new();
    for note in logs.iter().flat_map(|input| input["notes"].as_array().expect("notes is a list")) {
        let code = note["code"].as_str().expect("a code is text");
        if code.starts_with("tuple-") {
            *rejected.entry(code.to_owned()).or_default() += note["count"].as_u64().expect("a count is a number");
        }
    }
    let total: u64 = rejected.values().sum();
    let expected: u64 = truth.rejected.iter().map(|(_, count)| count).sum();
    if truth.tuples.duplicate == 0 {
        assert_eq!(rejected.into_iter().collect::<Vec<_>>(), truth.rejected);
        assert_eq!(total, expected);
    }
}

fn hold_objects(summary: &Value, truth: &Truth, plan: &Plan) {
    assert_eq!(summary["inventory"], json!(truth.inventory), "inventory of {plan:?}");
    let endpoints: Vec<Value> = summary["endpoints"]
        .as_array()
        .expect("endpoints is a list")
        .iter()
        .map(|one| json!([one["ip"], one["kind"], one["name"], one["node"]]))
        .collect();
    let expected: Vec<Value> =
        truth.endpoints.iter().map(|one| json!([one.ip, one.kind.code(), one.name, one.node])).collect();
    for (found, expected) in endpoints.iter().zip(&expected) {
        assert_eq!(found, expected, "endpoint of {plan:?}");
    }
    assert_eq!(endpoints.len(), expected.len());
    let health: Vec<Value> = summary["health"]
        .as_array()
        .expect("health is a list")
        .iter()
        .map(|one| json!([one["pod"], one["state"]]))
        .collect();
    let expected: Vec<Value> = truth.health.iter().map(|(pod, state)| json!([pod, state])).collect();
    assert_eq!(health, expected, "health of {plan:?}");
}

#[test]
fn every_networking_mode_is_counted_and_named_as_it_is() {
    for mode in NetworkMode::ALL {
        for sides in [ReportingSides::Both, ReportingSides::Destination] {
            hold(&Plan { mode, sides, ..small(11) }, Engine::default());
        }
    }
}

#[test]
fn seeds_do_not_matter() {
    for seed in 100..112 {
        hold(&small(seed), Engine::default());
    }
}

#[test]
fn overlapping_and_cut_files_count_once() {
    for seed in 1..5 {
        let plan = Plan { earlier_copies: 2, cut_copies: 4, rejected: 12, ..small(seed) };
        let (_, summary) = hold(&plan, Engine::default());
        assert!(summary["tuples"]["duplicate"].as_u64() > Some(0));
    }
}

#[test]
fn several_flow_logs_do_not_double_a_number() {
    for seed in 1..5 {
        hold(&Plan { flow_logs: 3, ..small(seed) }, Engine { shards: 3, ..Engine::default() });
    }
}

#[test]
fn malformed_tuples_are_told_by_code_and_the_rest_counts() {
    let (_, summary) = hold(&Plan { rejected: 27, ..small(5) }, Engine::default());
    assert_eq!(summary["tuples"]["rejected"], 27);
}

#[test]
fn ipv6_is_counted_like_ipv4() {
    let (_, summary) = hold(&Plan { ipv6_percent: 60, ..small(6) }, Engine::default());
    let six = summary["pairs"].as_array().unwrap().iter().filter(|pair| pair["src"].as_str().unwrap().contains(':'));
    assert!(six.count() > 0);
}

#[test]
fn failing_pods_are_failing_and_no_others() {
    let (_, summary) = hold(&Plan { failing_pods: 2, silent_instances: 1, ..small(7) }, Engine::default());
    let failing = summary["health"].as_array().unwrap().iter().filter(|one| one["state"] == "failing");
    assert_eq!(failing.count(), 2);
}

#[test]
fn captures_across_hours_and_without_objects() {
    let start_ms = Plan::default().start_ms + 50 * 60_000;
    let plan = Plan { start_ms, minutes: 25, objects: false, ..small(8) };
    let (files, summary) = hold(&plan, Engine::default());
    assert!(files.len() > 5, "two hours are two files a NIC");
    assert_eq!(summary["inventory"]["pods"], 0);
}

#[test]
fn a_larger_cluster() {
    let plan = Plan { nodes: 20, pods_per_node: 12, services: 15, gateway_instances: 3, minutes: 8, ..small(9) };
    hold(&Plan { requests: 400, east_west: 300, egress: 60, ..plan }, Engine { shards: 4, ..Engine::default() });
}

#[test]
fn neither_order_nor_workers_nor_chunks_change_a_byte() {
    let plan = Plan { earlier_copies: 2, cut_copies: 2, rejected: 9, flow_logs: 2, minutes: 6, ..small(10) };
    let (files, _) = capture(&plan);
    let first = Engine::default().summary(&files);
    for engine in [
        Engine { shards: 1, chunk_bytes: 1 << 22, reversed: false },
        Engine { shards: 1, chunk_bytes: 4_099, reversed: true },
        Engine { shards: 5, chunk_bytes: 61_111, reversed: true },
        Engine { shards: 2, chunk_bytes: 997, reversed: false },
    ] {
        assert!(engine.summary(&files) == first, "{engine:?} gives another summary");
    }
}

#[test]
fn compressed_files_tell_the_same() {
    use std::io::Write;
    let (files, _) = capture(&Plan { minutes: 5, ..small(12) });
    let plain = Engine::default().value(&files);
    let packed: Files = files
        .iter()
        .map(|(path, content)| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(content).unwrap();
            (format!("{path}.gz"), encoder.finish().unwrap())
        })
        .collect();
    let packed = Engine::default().value(&packed);
    for part in ["tuples", "span", "pairs", "inventory", "health"] {
        assert_eq!(plain[part], packed[part], "{part}");
    }
}

#[test]
fn a_pod_that_moves_counts_by_the_larger_report_of_each_minute() {
    for mode in [NetworkMode::Overlay, NetworkMode::PodSubnet] {
        hold(&Plan { mode, moved_pods: 3, requests: 200, ..small(13) }, Engine { shards: 3, ..Engine::default() });
    }
}

#[test]
fn an_address_that_had_two_owners_has_both() {
    // In 14 minutes the owners overlap, in 40 there is a gap between them that belongs to nobody.
    for (mode, minutes) in [
        (NetworkMode::Overlay, 14),
        (NetworkMode::Overlay, 40),
        (NetworkMode::PodSubnet, 40),
        (NetworkMode::NodeSubnet, 40),
        (NetworkMode::Kubenet, 40),
    ] {
        let plan = Plan { mode, minutes, reused_addresses: 3, requests: 120, east_west: 200, ..small(14) };
        let (_, summary) = hold(&plan, Engine::default());
        let jobs = summary["endpoints"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["name"].as_str().is_some_and(|name| name.contains("/job-")));
        assert!(jobs.count() > 0, "{mode:?}");
    }
}

/// Writes a flow log in another shape.
type Change = fn(&[u8]) -> Vec<u8>;

#[test]
fn the_shape_of_a_file_does_not_matter() {
    let plan = Plan { rejected: 9, minutes: 5, nodes: 2, ..small(15) };
    let (files, _) = capture(&plan);
    let plain = Engine::default().value(&files);
    let shapes: [(&str, Change); 8] = [
        ("pretty-printed", |log| {
            let value: Value = serde_json::from_slice(log).unwrap();
            serde_json::to_vec_pretty(&value).unwrap()
        }),
        ("keys in the order of the alphabet", |log| {
            let value: Value = serde_json::from_slice(log).unwrap();
            serde_json::to_vec(&value).unwrap()
        }),
        ("a bare array", |log| log[b"{\"records\":".len()..log.len() - 1].to_vec()),
        ("a slice that begins with a comma", |log| [b",", &log[b"{\"records\":[".len()..log.len() - 2]].concat()),
        ("without its end", |log| log[..log.len() - 2].to_vec()),
        ("JSON lines", |log| {
            let value: Value = serde_json::from_slice(log).unwrap();
            let lines: Vec<String> = value["records"].as_array().unwrap().iter().map(Value::to_string).collect();
            lines.join("\r\n").into_bytes()
        }),
        ("with a byte order mark", |log| [b"\xEF\xBB\xBF", log].concat()),
        ("UTF-16, as PowerShell writes it", |log| {
            let text = std::str::from_utf8(log).unwrap();
            [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        }),
    ];
    for (shape, change) in shapes {
        let changed: Files = files
            .iter()
            .map(|(path, content)| {
                let content = if path.ends_with("PT1H.json") { change(content) } else { content.clone() };
                (path.clone(), content)
            })
            .collect();
        let summary = Engine::default().value(&changed);
        for part in ["tuples", "span", "pairs", "endpoints", "health"] {
            assert_eq!(plain[part], summary[part], "{part} of files {shape}");
        }
        for input in summary["inputs"].as_array().unwrap() {
            assert_eq!(input["lost_bytes"], 0, "{shape}: {input}");
        }
    }
}

#[test]
fn the_same_capture_twice_counts_once() {
    let (files, _) = capture(&Plan { minutes: 5, rejected: 5, ..small(16) });
    let once = Engine::default().value(&files);
    let mut twice = files.clone();
    twice.extend(files.iter().map(|(path, content)| (path.replace("capture/", "copy/"), content.clone())));
    let summary = Engine { shards: 3, ..Engine::default() }.value(&twice);
    for part in ["span", "pairs", "inventory", "health"] {
        assert_eq!(once[part], summary[part], "{part}");
    }
    let all = |value: &Value| value["accepted"].as_u64().unwrap() + value["rejected"].as_u64().unwrap();
    assert_eq!(summary["tuples"]["accepted"], once["tuples"]["accepted"]);
    assert_eq!(summary["tuples"]["duplicate"].as_u64().unwrap(), all(&once["tuples"]));
    // The copy that sorts first is the original.
    for input in summary["inputs"].as_array().unwrap() {
        if input["format"] == "vnet-flow-log" {
            let copy = input["path"].as_str().unwrap().starts_with("copy/");
            assert_eq!(input["tuples"]["duplicate"].as_u64() > Some(0), copy, "{input}");
        }
    }
}
