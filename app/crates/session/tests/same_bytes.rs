//! The same inputs give the same summary, whatever the order, the number of shards, the size of chunks, or the packing.

mod fixture;

use fixture::{File, capture, gzip, summary, zip};
use proptest::prelude::*;
use serde_json::Value;

/// A flow of a record: minute, ends, side, state, bytes.
fn tuple() -> impl Strategy<Value = String> {
    let pick = |list: &'static [&'static str]| proptest::sample::select(list);
    let ends = &["10.244.0.4", "10.244.1.4", "fd00::4", "fd00::5", "250.1.1.1", "198.51.100.7"];
    (0..3i64, pick(ends), pick(ends), pick(&["I", "O"]), pick(&["B", "C", "E", "D"]), 0..3u64).prop_map(
        |(minute, source, target, side, state, bytes)| {
            let time = 1_795_165_200_000 + minute * 60_000;
            format!("{time},{source},{target},40000,8080,6,{side},{state},NX,1,{bytes},1,{bytes}")
        },
    )
}

/// Files of few NICs and flow logs, so that several know the same pairs, some minutes twice, and some records are copies.
fn files() -> impl Strategy<Value = Vec<File>> {
    let pick = |list: &'static [&'static str]| proptest::sample::select(list);
    let record =
        (pick(&["vnet", "subnet"]), pick(&["6045BD000004", "6045BD000006"]), pick(&["09:00", "09:01"]), tuple())
            .prop_map(|(flow_log, mac, time, tuple)| fixture::record(flow_log, mac, time, &[&tuple]));
    let file = proptest::collection::vec(record, 1..12).prop_map(|records| fixture::flow_log(&records));
    proptest::collection::vec(file, 1..7)
        .prop_map(|files| files.into_iter().enumerate().map(|(at, bytes)| (format!("{at}.json"), bytes)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_order_and_any_number_of_shards_give_the_same_bytes(
        (files, shuffled) in files().prop_flat_map(|files| (Just(files.clone()), Just(files).prop_shuffle())),
    ) {
        let expected = summary(&files, 1, 1 << 20);
        for shards in 2..=4 {
            prop_assert_eq!(&summary(&shuffled, shards, 1 << 20), &expected, "{} shards", shards);
        }
    }
}

#[test]
fn order_shards_and_chunks_do_not_matter() {
    let files = capture();
    let expected = summary(&files, 1, 1 << 20);
    assert!(expected.ends_with("}\n"));
    let mut order = files.clone();
    for turn in 0..files.len() {
        order.rotate_left(1);
        if turn % 2 == 1 {
            order.swap(0, 3);
        }
        for shards in 1..=4 {
            assert_eq!(summary(&order, shards, 1 << 20), expected, "{shards} shards, turn {turn}");
        }
    }
    for chunk_bytes in [1, 2, 3, 7, 64, 333] {
        assert_eq!(summary(&files, 2, chunk_bytes), expected, "chunks of {chunk_bytes}");
    }
}

#[test]
fn several_goes_give_what_one_gives() {
    let files = capture();
    let mut host = fixture::read(&files[3..], 3, 100);
    host.add(fixture::offered(&files[..3]));
    host.run_until_idle();
    assert_eq!(host.summary(false), summary(&files, 1, 1 << 20));
}

#[test]
fn packing_changes_path_and_bytes_only() {
    // What a file of no known format looks like is said with its size.
    let files: Vec<File> = capture().into_iter().filter(|(path, _)| path != "readme.txt").collect();
    let plain = without_path_and_bytes(&summary(&files, 2, 1000), "");
    let gzipped: Vec<File> = files.iter().map(|(path, bytes)| (path.clone(), gzip(bytes))).collect();
    assert_eq!(without_path_and_bytes(&summary(&gzipped, 2, 17), ""), plain);
    let zipped = vec![("all.zip".to_owned(), zip(&files))];
    assert_eq!(without_path_and_bytes(&summary(&zipped, 2, 17), "all.zip!"), plain);
}

/// The evidence of an endpoint may name its input.
fn without_path_and_bytes(json: &str, prefix: &str) -> Value {
    let mut summary: Value = serde_json::from_str(&json.replace(prefix, "")).unwrap();
    for input in summary["inputs"].as_array_mut().unwrap() {
        input.as_object_mut().unwrap().remove("bytes");
    }
    summary
}

#[test]
fn inputs_of_one_path_and_size_are_told_apart_by_content() {
    let time = "2026-11-20T09:00:30Z";
    let tuple = |port: &str| format!("1795165201000,10.0.0.1,10.0.0.2,40000,{port},6,I,B,NX,0,0,0,0");
    let log = |port: &str, more: &str| {
        let (own, shared) = (tuple(port), tuple("80"));
        let records =
            [fixture::record("g", more, time, &[&own]), fixture::record("g", "AAAAAAAAAAAA", time, &[&shared])];
        ("PT1H.json".to_owned(), fixture::flow_log(&records))
    };
    let (one, two) = (log("81", "BBBBBBBBBBBB"), log("82", "CCCCCCCCCCCC"));
    assert_eq!(one.1.len(), two.1.len());
    let expected = summary(&[one.clone(), two.clone()], 1, 1 << 20);
    assert!(expected.contains(r#""duplicate":1"#), "{expected}");
    for shards in 1..=3 {
        assert_eq!(summary(&[two.clone(), one.clone()], shards, 50), expected, "{shards} shards");
    }
}

#[test]
fn pretty_is_the_same_content() {
    let mut host = fixture::read(&capture(), 1, 1 << 20);
    let (compact, pretty) = (host.summary(false), host.summary(true));
    assert_eq!(serde_json::from_str::<Value>(&compact).unwrap(), serde_json::from_str::<Value>(&pretty).unwrap());
    assert!(pretty.starts_with("{\n  \"schema\": \"underlay.summary/1\",\n  \"complete\": true,\n"), "{pretty}");
    assert!(pretty.ends_with("\n}\n"));
}
