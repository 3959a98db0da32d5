//! Questions that the reference test does not ask, and captures of more rows than a block holds.

use std::net::IpAddr;
use underlay_model::view::MinuteRange;
use underlay_scan::Scanner;
use underlay_store::Store;
use underlay_store::query::{AddressSet, PairQuery, Selector};
use underlay_store::sources::{PlaceQuery, RowQuery};

fn record(time: &str, mac: &str, tuples: &[String]) -> String {
    let tuples: Vec<String> = tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect();
    format!(
        "{{\"time\":\"{time}\",\"flowLogGUID\":\"g\",\"macAddress\":\"{mac}\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\"flowGroups\":[{{\"rule\":\"r\",\"flowTuples\":[{}]}}]}}]}}}}",
        tuples.join(",")
    )
}

fn read(store: &mut Store, input: u32, text: &str) {
    let mut scanner = Scanner::new();
    scanner.push(text.as_bytes(), &mut store.sink(input));
    scanner.finish(&mut store.sink(input));
}

fn tuple(minute: i64, src: &str, dst: &str, sent: u64, returned: u64) -> String {
    format!("{},{src},{dst},1,80,6,I,E,NX,1,{sent},1,{returned}", (29_000_000 + minute) * 60_000)
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_thing_has_its_traffic_as_source_and_as_destination() {
    let mut store = Store::new();
    let tuples = [
        tuple(0, "10.0.0.1", "10.0.0.2", 100, 10),
        tuple(0, "10.0.0.3", "10.0.0.1", 7, 5),
        tuple(2, "10.0.0.1", "10.0.0.1", 3, 2),
        tuple(2, "fd00::1", "10.0.0.2", 1, 1),
    ];
    read(&mut store, 0, &record("t", "M", &tuples));
    store.settle_alone();

    let selector = Selector { either: Some(AddressSet::from_iter([ip("10.0.0.1")])), ..Selector::default() };
    let timeline = store.timeline(&selector).0;
    // A minute without a record is a gap, not a zero.
    assert_eq!(timeline.iter().map(|sum| sum.minute - 29_000_000).collect::<Vec<_>>(), [0, 2]);
    let bytes = |minute: usize| {
        let sum = &timeline[minute];
        [sum.all, sum.selected, sum.selected_as_source, sum.selected_as_destination].map(|sum| sum.total_bytes())
    };
    assert_eq!(bytes(0), [122, 122, 110, 12]);
    assert_eq!(bytes(1), [7, 5, 5, 5]);

    let series = store.address_minutes(&[ip("10.0.0.1"), ip("fd00::1"), ip("9.9.9.9")]).0;
    let listed: Vec<_> = series.iter().map(|series| (series.address, series.minutes.clone())).collect();
    assert_eq!(
        listed,
        [(ip("10.0.0.1"), vec![(29_000_000, 122), (29_000_002, 5)]), (ip("fd00::1"), vec![(29_000_002, 2)])]
    );

    let seen: Vec<_> = store.seen_addresses(&[ip("10.0.0.2")]).iter().collect();
    let second = seen.iter().find(|seen| seen.address == ip("10.0.0.2")).unwrap();
    assert_eq!(
        (second.first, second.last, second.minutes.as_slice()),
        (29_000_000, 29_000_002, &[29_000_000, 29_000_002][..])
    );
    assert!(seen.iter().find(|seen| seen.address == ip("fd00::1")).unwrap().minutes.is_empty());
}

#[test]
fn bytes_by_minute_are_summed_however_far_apart_the_minutes_are() {
    let mut store = Store::new();
    let far = -20_000_000;
    let tuples = [
        tuple(0, "10.0.0.1", "10.0.0.2", 100, 10),
        tuple(far, "10.0.0.1", "10.0.0.2", 7, 5),
        tuple(1, "10.0.0.2", "10.0.0.1", 1, 0),
        tuple(0, "10.0.0.2", "10.0.0.3", 3, 0),
    ];
    read(&mut store, 0, &record("t", "M", &tuples));
    store.settle_alone();
    // Out of order, and one twice.
    let series = store.address_minutes(&[ip("10.0.0.2"), ip("10.0.0.1"), ip("10.0.0.2")]).0;
    let listed: Vec<_> = series.into_iter().map(|series| (series.address, series.minutes)).collect();
    let at = |minute| 29_000_000 + minute;
    assert_eq!(
        listed,
        [
            (ip("10.0.0.1"), vec![(at(far), 12), (at(0), 110), (at(1), 1)]),
            (ip("10.0.0.2"), vec![(at(far), 12), (at(0), 113), (at(1), 1)]),
        ]
    );
}

#[test]
fn few_of_many_pairs_are_told_as_the_whole_list_tells_them() {
    let mut store = Store::new();
    let target = |number: u32| {
        if number.is_multiple_of(7) { format!("fd00::{number:x}") } else { format!("10.1.0.{}", number % 250) }
    };
    let tuples: Vec<String> = (0..1000u32)
        .map(|number| {
            let source = if number % 100 == 3 { "10.0.0.9".to_owned() } else { format!("10.0.{}.1", number % 199) };
            tuple(i64::from(number % 5), &source, &target(number.wrapping_mul(37) % 1000), u64::from(number), 1)
        })
        .collect();
    for (at, tuples) in tuples.chunks(90).enumerate() {
        read(&mut store, 0, &record(&format!("t{at}"), &format!("M{}", at % 3), tuples));
    }
    store.settle_alone();
    let own = ip("10.0.0.9");
    let selector = Selector { either: Some(AddressSet::from_iter([own])), ..Selector::default() };
    for range in [None, Some(MinuteRange { first: 29_000_001, last: 29_000_003 })] {
        let asked = |selector: Selector| store.pairs(&PairQuery { range, split: Vec::new(), selector });
        let few: Vec<_> = asked(selector.clone()).iter().collect();
        let all: Vec<_> = asked(Selector::default()).iter().filter(|sum| sum.pair.src == own).collect();
        assert!(!few.is_empty() && few == all, "{few:?}\n{all:?}");
    }
    let few: Vec<_> = store.pair_details(&selector).iter().collect();
    let all: Vec<_> = store.pair_details(&Selector::default()).iter().filter(|one| one.pair.src == own).collect();
    assert!(few.len() == 6 && few == all, "{few:?}\n{all:?}");
}

#[test]
fn pairs_that_come_later_stand_between_those_that_were_settled_before() {
    let input = |number: i64| {
        // Two points report some of the pairs, so that winners are kept for these.
        let records = (0..2).map(|point| {
            let tuples: Vec<String> = (0..40)
                .filter(|at| point == 0 || at % 5 == 0)
                .map(|at| {
                    tuple(at % 3, &format!("10.0.{}.{number}", at % 7), &format!("fd00::{at}"), 100, 7 + at as u64)
                })
                .collect();
            record(&format!("t{number}"), &format!("M{point}"), &tuples)
        });
        records.collect::<String>()
    };
    let mut grown = Store::new();
    for number in 0..3 {
        read(&mut grown, number as u32, &input(number));
        grown.settle_alone();
        assert!(!grown.pairs(&PairQuery::default()).is_empty());
    }
    let mut at_once = Store::new();
    (0..3).rev().for_each(|number| read(&mut at_once, number as u32, &input(number)));
    at_once.settle_alone();
    let split = vec![ip("10.0.3.1")];
    let by_minute = at_once.pairs(&PairQuery { split: split.clone(), ..PairQuery::default() });
    assert_eq!(grown.pairs(&PairQuery { split, ..PairQuery::default() }), by_minute);
    let listed = grown.pairs(&PairQuery::default());
    assert!(listed.iter().map(|sum| sum.pair).is_sorted());
    assert_eq!(listed, at_once.pairs(&PairQuery::default()));
    assert_eq!(grown.pair_details(&Selector::default()), at_once.pair_details(&Selector::default()));
    let own = Selector { source: Some(AddressSet::from_iter([ip("10.0.3.1")])), ..Selector::default() };
    assert_eq!(grown.timeline(&own), at_once.timeline(&own));
}

#[test]
fn a_number_leads_to_its_records() {
    let (first, second) = (
        record("a", "M", &[tuple(0, "10.0.0.1", "10.0.0.2", 100, 10)]),
        record("b", "M", &[tuple(5, "10.0.0.1", "10.0.0.3", 100, 10)]),
    );
    let mut store = Store::new();
    read(&mut store, 7, &format!("{{\"records\":[{first},{second}]}}"));
    store.settle_alone();
    let places = |rows: RowQuery, skip: u64, most: u64| {
        let query = PlaceQuery { rows, inputs: vec![7], skip, most };
        store.source_places(&query).iter().map(|place| (place.byte, place.len)).collect::<Vec<_>>()
    };
    let (one, two) = ((12, first.len() as u64), (13 + first.len() as u64, second.len() as u64));
    assert_eq!(places(RowQuery::default(), 0, 10), [one, two]);
    assert_eq!(places(RowQuery::default(), 0, 1), [one]);
    assert_eq!(places(RowQuery::default(), 1, 10), [two]);
    let destination = Some(AddressSet::from_iter([ip("10.0.0.3")]));
    let selector = Selector { destination, ..Selector::default() };
    assert_eq!(places(RowQuery { selector, ..RowQuery::default() }, 0, 10), [two]);
    let range = Some(MinuteRange { first: 28_000_000, last: 29_000_001 });
    assert_eq!(places(RowQuery { range, ..RowQuery::default() }, 0, 10), [one]);
    let ends = Some((ip("10.0.0.1"), ip("10.0.0.3")));
    assert_eq!(places(RowQuery { ends, service: Some((80, 6)), ..RowQuery::default() }, 0, 10), [two]);
    assert!(places(RowQuery { ends, service: Some((81, 6)), ..RowQuery::default() }, 0, 10).is_empty());
}

#[test]
fn rows_are_told_apart_by_what_became_of_them() {
    // The destination's report is larger; a second flow log sees the same NIC; one record is there twice.
    let row = |direction: &str, bytes: u64| {
        format!("{},10.0.0.1,10.0.0.2,1,80,6,{direction},E,NX,1,{bytes},1,0", 29_000_000u64 * 60_000)
    };
    let counted = record("a", "M", &[row("I", 100)]);
    let copy = counted.clone();
    let outdone = record("b", "M", &[row("I", 90)]).replace("\"g\"", "\"h\"");
    let other_side = record("c", "N", &[row("O", 50)]);
    let mut store = Store::new();
    read(&mut store, 0, &format!("[{counted},{outdone}]"));
    read(&mut store, 1, &format!("[{copy},{other_side}]"));
    store.settle_alone();
    let totals = store.source_totals(&RowQuery::default());
    let of = |input: usize| (totals[input].total.counted, totals[input].total.other, totals[input].total.duplicate);
    assert_eq!((of(0), of(1)), ((1, 1, 0), (0, 1, 1)));
    let places = store.source_places(&PlaceQuery { inputs: vec![1, 0], most: 9, ..PlaceQuery::default() });
    let told: Vec<_> = places.iter().map(|place| (place.input, place.copy, place.uncounted.len())).collect();
    assert_eq!(told, [(1, true, 0), (1, false, 1), (0, false, 0), (0, false, 1)]);
}

#[test]
fn each_nic_has_the_minutes_it_reports() {
    let mut store = Store::new();
    let minutes = |list: &[i64]| list.iter().map(|&m| tuple(m, "10.0.0.1", "10.0.0.2", 1, 1)).collect::<Vec<_>>();
    read(&mut store, 0, &format!("[{},{}]", record("a", "M", &minutes(&[0, 1])), record("b", "N", &minutes(&[4]))));
    read(&mut store, 1, &record("c", "M", &minutes(&[2, 7])));
    store.settle_alone();
    let told: Vec<_> = store
        .coverage()
        .into_iter()
        .map(|part| {
            let covered: Vec<_> =
                part.covered.iter().map(|range| (range.first - 29_000_000, range.last - 29_000_000)).collect();
            (part.point.mac, covered, part.addresses[0].0)
        })
        .collect();
    let own = ip("10.0.0.2");
    assert_eq!(told, [("M".to_owned(), vec![(0, 2), (7, 7)], own), ("N".to_owned(), vec![(4, 4)], own)]);
}

#[test]
fn more_rows_than_a_block_holds_are_counted_and_an_input_can_be_taken_out() {
    // 90,000 cells an input, in two records each, every cell its own pair.
    let input = |number: usize| {
        let tuples: Vec<String> = (0..90_000)
            .map(|at| {
                tuple(
                    (at % 3) as i64,
                    &format!("10.{number}.{}.{}", at / 250 % 250, at % 250),
                    &format!("10.9.0.{}", at / 62_500),
                    70_000 + at as u64,
                    1,
                )
            })
            .collect();
        let (first, second) = tuples.split_at(50_000);
        format!("{}{}", record("1", &format!("M{number}"), first), record("2", &format!("M{number}"), second))
    };
    let mut both = Store::new();
    read(&mut both, 0, &input(0));
    both.settle_alone();
    read(&mut both, 1, &input(1));
    both.settle_alone();
    assert_eq!(both.cells(), 180_000);
    let sum = |store: &Store| store.pairs(&PairQuery::default()).iter().map(|sum| sum.counters.bytes[0]).sum::<u128>();
    let one_input: u128 = (0..90_000).map(|at| 70_000 + at).sum();
    assert_eq!(sum(&both), 2 * one_input);

    let mut alone = Store::new();
    read(&mut alone, 1, &input(1));
    alone.settle_alone();
    both.remove_input(0);
    assert!(both.pairs(&PairQuery::default()).is_empty(), "nothing counts before it is settled");
    both.settle_alone();
    assert_eq!(sum(&alone), one_input);
    assert_eq!(both.pairs(&PairQuery::default()), alone.pairs(&PairQuery::default()));
    assert_eq!(both.pair_details(&Selector::default()), alone.pair_details(&Selector::default()));
    assert_eq!(both.cells(), 90_000);
}

/// Sums over pairs: how many, tuples, and bytes.
fn totals(store: &Store) -> (usize, u64, u128) {
    let pairs = store.pairs(&PairQuery::default());
    let mut totals = (0, 0, 0);
    for sum in pairs.iter() {
        totals = (totals.0 + 1, totals.1 + sum.counters.tuples(), totals.2 + sum.counters.total_bytes());
    }
    totals
}

#[test]
fn a_shard_of_many_rows_counts_each_pair_once_and_gives_back_an_input_that_is_removed() {
    let mut store = Store::new();
    // Two NICs in turns, a minute each time: what one of them reports is new in half of its pairs.
    for (number, minute) in (0u32..300).zip(0i64..) {
        let nic = number % 2;
        let tuples: Vec<String> = (0..1000)
            .map(|at| {
                let peer = if at % 2 == 0 { at } else { 1000 * number + at };
                tuple(
                    minute,
                    &format!("10.{nic}.0.1"),
                    &format!("11.{}.{}.{}", peer >> 16, peer >> 8 & 255, peer & 255),
                    2,
                    1,
                )
            })
            .collect();
        read(&mut store, nic, &record(&minute.to_string(), &nic.to_string(), &tuples));
    }
    store.settle_alone();
    assert_eq!(totals(&store), (300 * 500 + 2 * 500, 300_000, 900_000));
    store.remove_input(1);
    store.settle_alone();
    assert_eq!(totals(&store), (150 * 500 + 500, 150_000, 450_000));
}
