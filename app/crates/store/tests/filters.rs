//! Any filter over any minutes: what is told is the sum of what every pair has in every minute, whatever was asked before.

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use underlay_model::tuple::Verdict;
use underlay_model::view::MinuteRange;
use underlay_scan::Scanner;
use underlay_store::Store;
use underlay_store::key::PairKey;
use underlay_store::query::{AddressSet, AddressSpan, PairQuery, PairSum, Selector};
use underlay_store::sums::Counters;

const START: i64 = 29_000_000;
const ADDRESSES: [&str; 6] = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "fd00::1", "250.0.0.1"];

/// Source, destination, minute, state, bytes.
type Tuple = (usize, usize, i64, char, u64);

fn address(number: usize) -> IpAddr {
    ADDRESSES[number % ADDRESSES.len()].parse().unwrap()
}

/// A store of records, each of one NIC and direction; beside them enough pairs for some to be few.
fn store(records: &[(u8, bool, Vec<Tuple>)], crowd: u32) -> Store {
    let mut store = Store::new();
    let mut scanner = Scanner::new();
    let mut push = |at: usize, mac: u8, tuples: Vec<String>| {
        let text = format!(
            "{{\"time\":\"t{at}\",\"flowLogGUID\":\"g\",\"macAddress\":\"00000000000{mac}\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\
             \"flowGroups\":[{{\"rule\":\"r\",\"flowTuples\":[{}]}}]}}]}}}}",
            tuples.join(",")
        );
        scanner.push(text.as_bytes(), &mut store.sink(0));
    };
    for (at, (mac, inbound, tuples)) in records.iter().enumerate() {
        let direction = if *inbound { 'I' } else { 'O' };
        let line = |&(src, dst, minute, state, bytes): &Tuple| {
            let ms = (START + minute) * 60_000;
            let counters =
                if "BD".contains(state) { "0,0,0,0".to_owned() } else { format!("2,{bytes},3,{}", bytes / 3) };
            format!("\"{ms},{},{},1,80,6,{direction},{state},NX,{counters}\"", address(src), address(dst))
        };
        push(at, *mac, tuples.iter().map(line).collect());
    }
    let scan = |number: u32| {
        let ms = (START + i64::from(number % 7)) * 60_000;
        format!("\"{ms},11.0.{}.{},10.0.0.1,1,22,6,I,D,NX,0,0,0,0\"", number / 250, number % 250)
    };
    push(records.len(), 9, (0..crowd).map(scan).collect());
    scanner.finish(&mut store.sink(0));
    store.settle_alone();
    store
}

/// Every pair's counted traffic in every minute.
fn everything(store: &Store) -> BTreeMap<(PairKey, i64), Counters> {
    let all: BTreeSet<IpAddr> = store.pairs(&PairQuery::default()).iter().map(|sum| sum.pair.dst).collect();
    let query = PairQuery { split: all.into_iter().collect(), ..PairQuery::default() };
    store.pairs(&query).iter().map(|sum| ((sum.pair, sum.minute.unwrap()), sum.counters)).collect()
}

fn holds(set: &Option<AddressSet>, address: IpAddr, minute: i64) -> bool {
    let at = |span: &AddressSpan| {
        span.address == address && (span.minutes.is_empty() || span.minutes.iter().any(|range| range.contains(minute)))
    };
    set.as_ref().is_none_or(|set| set.0.iter().any(at))
}

/// Whether it is taken, as source and as destination of `either`.
fn taken(selector: &Selector, pair: &PairKey, minute: i64) -> (bool, bool, bool) {
    let both = holds(&selector.source, pair.src, minute) && holds(&selector.destination, pair.dst, minute);
    let fits = both && selector.verdict.is_none_or(|verdict| verdict == pair.verdict);
    let end = |address| fits && selector.either.is_some() && holds(&selector.either, address, minute);
    let (source, destination) = (end(pair.src), end(pair.dst));
    (fits && (selector.either.is_none() || source || destination), source, destination)
}

fn check(store: &Store, truth: &BTreeMap<(PairKey, i64), Counters>, query: &PairQuery) -> Result<(), TestCaseError> {
    let mut expected: BTreeMap<(PairKey, Option<i64>), Counters> = BTreeMap::new();
    let mut minutes: BTreeMap<i64, [Counters; 3]> = BTreeMap::new();
    for (&(pair, minute), &counters) in truth {
        let (is_taken, source, destination) = taken(&query.selector, &pair, minute);
        if !is_taken {
            continue;
        }
        for (sum, adds) in minutes.entry(minute).or_default().iter_mut().zip([true, source, destination]) {
            if adds {
                *sum += counters;
            }
        }
        if query.range.is_none_or(|range| range.contains(minute)) {
            let split = query.split.contains(&pair.src) || query.split.contains(&pair.dst);
            *expected.entry((pair, split.then_some(minute))).or_default() += counters;
        }
    }
    let told: Vec<PairSum> = store.pairs(query).iter().collect();
    let expected: Vec<PairSum> =
        expected.into_iter().map(|((pair, minute), counters)| PairSum { pair, minute, counters }).collect();
    prop_assert_eq!(told, expected);
    for sum in store.timeline(&query.selector).0 {
        let expected = minutes.remove(&sum.minute).unwrap_or_default();
        prop_assert_eq!([sum.selected, sum.selected_as_source, sum.selected_as_destination], expected);
    }
    prop_assert!(minutes.is_empty());
    Ok(())
}

/// Minutes from the first one on, now and then farther than 16 bits say.
fn a_minute() -> impl Strategy<Value = i64> {
    prop_oneof![25 => 0i64..8, 1 => proptest::sample::select(&[65_534, 65_535, 65_536, 1_000_000][..])]
}

fn a_range() -> impl Strategy<Value = MinuteRange> {
    (a_minute(), a_minute(), -1i64..=1)
        .prop_map(|(a, b, more)| MinuteRange { first: START + a.min(b), last: START + a.max(b) + more })
}

fn a_set() -> impl Strategy<Value = AddressSet> {
    let minutes = proptest::collection::vec(a_range(), 0..3);
    let span = (0..ADDRESSES.len(), minutes).prop_map(|(at, minutes)| AddressSpan { address: address(at), minutes });
    proptest::collection::vec(span, 0..4).prop_map(AddressSet)
}

fn a_query() -> impl Strategy<Value = PairQuery> {
    let verdict = proptest::option::of(prop_oneof![Just(Verdict::Allowed), Just(Verdict::Denied)]);
    let sets = [(); 3].map(|()| proptest::option::weighted(0.4, a_set()));
    let split = proptest::collection::vec((0..ADDRESSES.len()).prop_map(address), 0..2);
    (proptest::option::of(a_range()), split, sets, verdict).prop_map(
        |(range, split, [either, source, destination], verdict)| PairQuery {
            range,
            split,
            selector: Selector { either, source, destination, verdict },
        },
    )
}

fn a_record() -> impl Strategy<Value = (u8, bool, Vec<Tuple>)> {
    let state = proptest::sample::select(&['B', 'C', 'E', 'D'][..]);
    let bytes = proptest::sample::select(&[0u64, 1, 900, 70_000, 1 << 25, 1 << 40][..]);
    let tuple = (0..ADDRESSES.len(), 0..ADDRESSES.len(), a_minute(), state, bytes);
    (0u8..3, any::<bool>(), proptest::collection::vec(tuple, 1..12))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    #[test]
    fn what_is_told_is_what_pairs_have_in_minutes(
        records in proptest::collection::vec(a_record(), 1..8),
        crowd in prop_oneof![Just(0u32), Just(600)],
        before in proptest::collection::vec(a_query(), 1..3),
        after in proptest::collection::vec(a_query(), 1..4),
    ) {
        let known = store(&records, crowd);
        let truth = everything(&known);
        // Another store of the same, of which nothing is kept yet.
        let fresh = store(&records, crowd);
        for query in &before {
            check(&fresh, &truth, query)?;
        }
        for query in &after {
            check(&known, &truth, query)?;
        }
    }
}

#[test]
fn a_filter_finds_the_rows_of_the_last_of_very_many_reporting_points() {
    const POINTS: u32 = (1 << 16) + 4;
    let mut store = Store::new();
    let mut scanner = Scanner::new();
    for point in 0..POINTS {
        // The first and the last two report the same pair, the others each one of their own.
        let shared = point == 0 || point + 2 >= POINTS;
        let other = format!("11.{}.{}.{}", point >> 16, point >> 8 & 255, point & 255);
        let source = if shared { ADDRESSES[0] } else { &other };
        let ms = (START + i64::from(point % 7)) * 60_000;
        let text = format!(
            "{{\"time\":\"t\",\"flowLogGUID\":\"g\",\"macAddress\":\"{point:012X}\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\
             \"flowGroups\":[{{\"rule\":\"r\",\"flowTuples\":[\"{ms},{source},10.0.0.2,1,80,6,I,E,NX,1,{},1,1\"]}}]}}]}}}}",
            1 + point,
        );
        scanner.push(text.as_bytes(), &mut store.sink(0));
    }
    scanner.finish(&mut store.sink(0));
    store.settle_alone();
    let truth = everything(&store);
    let source = Some(AddressSet::from_iter([address(0)]));
    let selector = Selector { source, ..Selector::default() };
    check(&store, &truth, &PairQuery { selector, ..PairQuery::default() }).expect("as every pair has it");
}
