//! The same inputs give the same summary, whatever the order, the number of shards, the size of chunks, or the packing.

mod fixture;

use fixture::{File, capture, gzip, summary, zip};
use serde_json::Value;

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
