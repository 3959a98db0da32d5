//! Connections of gateway subnets are kept one by one, and count where the sums count: copies once, one side, one reporting point.

use underlay_model::connection::Connection;
use underlay_scan::Scanner;
use underlay_store::Store;
use underlay_store::key::PairKey;

const BASE: i64 = 1_795_165_200_000;

fn record(time: &str, mac: &str, tuples: &[String]) -> String {
    let tuples: Vec<String> = tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect();
    format!(
        "{{\"time\":\"{time}\",\"flowLogGUID\":\"g\",\"macAddress\":\"{mac}\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\"flowGroups\":[{{\"rule\":\"r\",\"flowTuples\":[{}]}}]}}]}}}}",
        tuples.join(",")
    )
}

fn tuple(ms: i64, src: &str, port: u16, direction: char, state: char, bytes: u64) -> String {
    format!(
        "{},{src},10.244.0.9,{port},8080,6,{direction},{state},NX,{p},{bytes},{p},{bytes}",
        BASE + ms,
        p = bytes / 100
    )
}

/// Reads texts as inputs 0, 1, … in pieces.
fn store(texts: &[String], piece: usize) -> Store {
    let mut store = Store::new();
    store.keep_connections_of(&["10.13.100.0/24".parse().unwrap()]);
    for (input, text) in (0..).zip(texts) {
        let mut scanner = Scanner::new();
        for chunk in text.as_bytes().chunks(piece) {
            scanner.push(chunk, &mut store.sink(input));
        }
        scanner.finish(&mut store.sink(input));
    }
    store
}

fn connections(store: &mut Store) -> Vec<(PairKey, Vec<Connection>)> {
    store.settle_alone();
    let mut all = Vec::new();
    store.each_connection_list(store.connections_thinned(), &mut |pair, list| {
        underlay_store::connections::fold(list);
        all.push((pair, list.clone()));
    });
    all.sort_by_key(|(pair, _)| *pair);
    all
}

#[test]
fn begin_and_end_become_one_wherever_records_and_chunks_are_cut() {
    let gateway = "10.13.100.6";
    let records = [
        record(
            "1",
            "M",
            &[
                tuple(1_000, gateway, 40_001, 'I', 'B', 0),
                tuple(1_004, gateway, 40_001, 'I', 'E', 700),
                // The end is written first.
                tuple(2_000, gateway, 40_002, 'I', 'E', 800),
                tuple(2_000, gateway, 40_002, 'I', 'B', 0),
                tuple(3_000, gateway, 40_003, 'I', 'B', 0),
                tuple(3_000, "10.13.76.4", 40_009, 'I', 'B', 0),
            ],
        ),
        record(
            "2",
            "M",
            &[tuple(63_000, gateway, 40_003, 'I', 'C', 100), tuple(64_000, gateway, 40_003, 'I', 'E', 300)],
        ),
    ];
    let text = format!("{{\"records\":[{}]}}", records.join(","));
    for piece in [7, 400, 1 << 20] {
        let all = connections(&mut store(std::slice::from_ref(&text), piece));
        assert_eq!(all.len(), 1, "only the gateway's");
        let list: Vec<_> = all[0]
            .1
            .iter()
            .map(|one| (one.start_ms - BASE, one.duration_ms, one.bytes[0], one.begun && one.ended))
            .collect();
        assert_eq!(
            list,
            [(1_000, 4, 700, true), (2_000, 0, 800, true), (3_000, 61_000, 400, true)],
            "pieces of {piece}"
        );
    }
}

#[test]
fn copies_count_once_and_one_side_counts() {
    let seen = |direction: char, port: u16, bytes: u64| {
        [tuple(1_000, "10.13.100.6", port, direction, 'B', 0), tuple(1_005, "10.13.100.6", port, direction, 'E', bytes)]
    };
    let node = format!("{{\"records\":[{}]}}", record("1", "NODE", &seen('I', 40_001, 700)));
    let instance = format!("{{\"records\":[{}]}}", record("1", "GATEWAY", &seen('O', 40_001, 900)));
    let mut all = store(&[node.clone(), instance, node], 1 << 20);
    let list = connections(&mut all);
    assert_eq!((list.len(), list[0].1.len(), list[0].1[0].bytes[0]), (1, 1, 900), "the side with more bytes");
    all.remove_input(1);
    let list = connections(&mut all);
    assert_eq!((list[0].1.len(), list[0].1[0].bytes[0]), (1, 700));
    all.remove_input(0);
    assert_eq!(connections(&mut all)[0].1.len(), 1, "the copy is the original now");
    all.remove_input(2);
    assert!(connections(&mut all).is_empty());
}

#[test]
fn short_memory_leaves_out_whole_minutes() {
    let mut store = Store::new();
    store.keep_connections_of(&["10.13.100.0/24".parse().unwrap()]);
    store.limit_connections(600);
    for minute in 0..200 {
        let tuples: Vec<String> = (0..12)
            .flat_map(|beat| {
                let at = minute * 60_000 + beat * 5_000;
                [tuple(at, "10.13.100.6", 40_000, 'I', 'B', 0), tuple(at + 3, "10.13.100.6", 40_000, 'I', 'E', 700)]
            })
            .collect();
        let mut scanner = Scanner::new();
        let text = format!("{{\"records\":[{}]}}", record(&minute.to_string(), "M", &tuples));
        scanner.push(text.as_bytes(), &mut store.sink(0));
        scanner.finish(&mut store.sink(0));
    }
    let list = connections(&mut store);
    assert!(store.connections_thinned() > 0);
    let mut minutes: Vec<i64> = list[0].1.iter().map(|one| one.start_ms / 60_000).collect();
    assert!(minutes.len() <= 600 && minutes.len() > 100, "{}", minutes.len());
    let whole = minutes.len();
    minutes.dedup();
    assert_eq!(minutes.len() * 12, whole);
}

#[test]
fn connections_of_ipv6_gateways_are_kept_whatever_address_comes_first() {
    let (inside, outside) = ("fd00:db8:e1::5", "fd00:db8:e2::5");
    let tuples = [
        tuple(1_000, outside, 40_001, 'I', 'B', 0),
        tuple(2_000, inside, 40_002, 'I', 'B', 0),
        tuple(2_004, inside, 40_002, 'I', 'E', 700),
        tuple(3_000, outside, 40_003, 'I', 'E', 300),
    ];
    let text = format!("{{\"records\":[{}]}}", record("1", "M", &tuples));
    let mut store = Store::new();
    store.keep_connections_of(&["10.13.100.0/24".parse().unwrap(), "fd00:db8:e1::/64".parse().unwrap()]);
    let mut scanner = Scanner::new();
    scanner.push(text.as_bytes(), &mut store.sink(0));
    scanner.finish(&mut store.sink(0));
    // A subnet that becomes known later does not lose what was kept.
    store.keep_connections_of(&["fd00:db8:e1::/64".parse().unwrap(), "fd00:db8:e3::/64".parse().unwrap()]);
    let all = connections(&mut store);
    let sources: Vec<String> = all.iter().map(|(pair, list)| format!("{} {}", pair.src, list.len())).collect();
    assert_eq!(sources, ["fd00:db8:e1::5 1"]);
    assert!(store.is_gateway_source(inside.parse().unwrap()));
    assert!(!store.is_gateway_source(outside.parse().unwrap()));
}
