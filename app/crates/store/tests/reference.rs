//! The store against a slow and obvious reading of the contract's counting rules 1 to 7, on captures with several reporting points, moved
//! addresses, copies of records in any order, and any number of shards.

mod settling;

use proptest::prelude::*;
use settling::settle_together;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use underlay_model::summary::Side;
use underlay_model::tuple::{Direction, FlowState, Verdict};
use underlay_model::view::{MinuteRange, Traffic};
use underlay_scan::{Scanner, parse_tuple};
use underlay_store::Store;
use underlay_store::grouped::{GroupKey, GroupSums, Grouping};
use underlay_store::key::PairKey;
use underlay_store::query::{
    AddressSet, AddressSpan, MinuteSums, PairDetails, PairQuery, PairSums, SeenAddresses, Selector,
};
use underlay_store::sums::Counters;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rec {
    flow_log: &'static str,
    mac: &'static str,
    time: u8,
    groups: Vec<(&'static str, Vec<String>)>,
}

impl Rec {
    fn json(&self) -> String {
        let group = |(rule, tuples): &(&str, Vec<String>)| {
            let tuples: Vec<String> = tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect();
            format!("{{\"rule\":\"{rule}\",\"flowTuples\":[{}]}}", tuples.join(","))
        };
        let groups: Vec<String> = self.groups.iter().map(group).collect();
        format!(
            "{{\"time\":\"t{}\",\"flowLogGUID\":\"{}\",\"macAddress\":\"{}\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\"flowGroups\":[{}]}}]}}}}",
            self.time,
            self.flow_log,
            self.mac,
            groups.join(",")
        )
    }

    fn tuples(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.groups.iter().flat_map(|(rule, tuples)| tuples.iter().map(move |tuple| (*rule, tuple.as_str())))
    }
}

type Inputs = Vec<Vec<Rec>>;

/// Side, first and last time, rules, encryption.
type KnownDetail = (Side, i64, i64, Vec<String>, Vec<String>);
/// Pair, whether it is the source's side, minute, reporting point.
type ReportKey<'a> = (PairKey, bool, i64, (&'a str, &'a str));

#[derive(Debug, Default, PartialEq)]
struct Known {
    sums: BTreeMap<(PairKey, i64), Counters>,
    details: BTreeMap<PairKey, KnownDetail>,
    covered: BTreeSet<i64>,
    tallies: Vec<(u64, u64, u64)>,
}

fn add(sum: &mut Counters, tuple: &underlay_model::tuple::FlowTuple<'_>) {
    match tuple.state {
        FlowState::Begin => sum.begun += 1,
        FlowState::Denied => sum.denied += 1,
        FlowState::Continue => sum.continued += 1,
        FlowState::End => sum.ended += 1,
    }
    if matches!(tuple.state, FlowState::Continue | FlowState::End) {
        sum.packets[0] += u128::from(tuple.counters.packets_sent);
        sum.packets[1] += u128::from(tuple.counters.packets_returned);
        sum.bytes[0] += u128::from(tuple.counters.bytes_sent);
        sum.bytes[1] += u128::from(tuple.counters.bytes_returned);
    }
}

/// `inputs` in the order in which they sort; those in `without` were taken out.
fn reference(inputs: &Inputs, without: &BTreeSet<usize>) -> Known {
    let mut known = Known::default();
    let mut read = BTreeSet::new();
    let mut reports: BTreeMap<ReportKey<'_>, Counters> = BTreeMap::new();
    let mut names: BTreeMap<PairKey, (i64, i64, BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (number, records) in inputs.iter().enumerate() {
        let mut tally = (0, 0, 0);
        for record in records.iter().filter(|_| !without.contains(&number)) {
            let strings: Vec<&str> = record.tuples().map(|(_, tuple)| tuple).collect();
            if !read.insert((record.flow_log, record.mac, record.time, strings)) {
                tally.1 += record.tuples().count() as u64;
                continue;
            }
            for (rule, text) in record.tuples() {
                let Ok(tuple) = parse_tuple(text.as_bytes()) else {
                    tally.2 += 1;
                    continue;
                };
                tally.0 += 1;
                let minute = tuple.time_ms.div_euclid(60_000);
                let pair = PairKey {
                    src: tuple.source,
                    dst: tuple.destination,
                    port: tuple.destination_port,
                    protocol: tuple.protocol,
                    verdict: if tuple.state == FlowState::Denied { Verdict::Denied } else { Verdict::Allowed },
                };
                let source_side = tuple.direction == Direction::Outbound;
                add(reports.entry((pair, source_side, minute, (record.flow_log, record.mac))).or_default(), &tuple);
                let entry = names.entry(pair).or_insert((i64::MAX, i64::MIN, BTreeSet::new(), BTreeSet::new()));
                entry.0 = entry.0.min(tuple.time_ms);
                entry.1 = entry.1.max(tuple.time_ms);
                entry.2.insert(rule.to_owned());
                entry.3.insert(String::from_utf8(tuple.encryption.to_vec()).unwrap());
                known.covered.insert(minute);
            }
        }
        known.tallies.push(tally);
    }
    for (pair, (first, last, rules, encryption)) in names {
        let mut best: Option<(u128, u64, bool, BTreeMap<i64, Counters>)> = None;
        for source_side in [true, false] {
            let minutes: BTreeSet<i64> =
                reports.keys().filter(|key| key.0 == pair && key.1 == source_side).map(|key| key.2).collect();
            if minutes.is_empty() {
                continue;
            }
            let mut side: BTreeMap<i64, Counters> = BTreeMap::new();
            for minute in minutes {
                let mut candidates: Vec<_> = reports
                    .iter()
                    .filter(|(key, _)| key.0 == pair && key.1 == source_side && key.2 == minute)
                    .collect();
                candidates.sort_by_key(|(key, sum)| {
                    (std::cmp::Reverse(sum.total_bytes()), std::cmp::Reverse(sum.tuples()), key.3)
                });
                side.insert(minute, *candidates[0].1);
            }
            let bytes = side.values().map(Counters::total_bytes).sum();
            let tuples = side.values().map(Counters::tuples).sum();
            // The destination's side comes last and wins when equal.
            if best.as_ref().is_none_or(|best| (bytes, tuples) >= (best.0, best.1)) {
                best = Some((bytes, tuples, source_side, side));
            }
        }
        let (_, _, source_side, minutes) = best.unwrap();
        let side = if source_side { Side::Source } else { Side::Destination };
        let sorted = |set: BTreeSet<String>| set.into_iter().collect();
        known.details.insert(pair, (side, first, last, sorted(rules), sorted(encryption)));
        for (minute, sum) in minutes {
            known.sums.insert((pair, minute), sum);
        }
    }
    known
}

/// Reads the inputs into shards, in an order of arrival that is not the order in which they sort.
fn build(inputs: &Inputs, shards: usize, arrival: &[usize], interleave: bool) -> Vec<Store> {
    let mut stores: Vec<Store> = (0..shards).map(|_| Store::new()).collect();
    for &number in arrival {
        let store = &mut stores[number % shards];
        let mut scanner = Scanner::new();
        for record in &inputs[number] {
            scanner.push(record.json().as_bytes(), &mut store.sink(number as u32));
        }
        scanner.finish(&mut store.sink(number as u32));
        if interleave {
            settle(&mut stores, inputs.len());
        }
    }
    stores
}

fn settle(stores: &mut [Store], inputs: usize) {
    let ranks: Vec<u32> = (0..inputs as u32).collect();
    stores.iter_mut().for_each(|store| store.set_input_ranks(&ranks));
    if let [store] = stores {
        return store.settle_alone();
    }
    settle_together(stores);
}

fn pairs(stores: &[Store], query: &PairQuery) -> PairSums {
    PairSums::merge(stores.iter().map(|store| store.pairs(query)))
}

/// Everything that can be asked is what the reference says.
fn check(stores: &mut [Store], inputs: &Inputs, without: &BTreeSet<usize>) -> Result<(), TestCaseError> {
    settle(stores, inputs.len());
    let known = reference(inputs, without);
    let mut whole: BTreeMap<PairKey, Counters> = BTreeMap::new();
    for ((pair, _), sum) in &known.sums {
        *whole.entry(*pair).or_default() += *sum;
    }
    let asked = pairs(stores, &PairQuery::default());
    let listed: Vec<_> = asked.iter().map(|sum| (sum.pair, sum.counters)).collect();
    prop_assert_eq!(&listed, &whole.iter().map(|(pair, sum)| (*pair, *sum)).collect::<Vec<_>>());

    let details = PairDetails::merge(stores.iter().map(|store| store.pair_details(&Selector::default())));
    let listed: BTreeMap<_, _> = details
        .iter()
        .map(|detail| {
            let texts = (detail.rules.to_vec(), detail.encryption.to_vec());
            (detail.pair, (detail.side, detail.first_ms, detail.last_ms, texts.0, texts.1))
        })
        .collect();
    prop_assert_eq!(&listed, &known.details);

    // Split by minute, everything is laid open; the parts are those of the whole.
    let split: Vec<IpAddr> = whole.keys().map(|pair| pair.src).collect();
    let by_minute = pairs(stores, &PairQuery { split, ..PairQuery::default() });
    let listed: BTreeMap<_, _> = by_minute.iter().map(|sum| ((sum.pair, sum.minute.unwrap()), sum.counters)).collect();
    prop_assert_eq!(&listed, &known.sums);
    for &minute in &known.covered {
        let range = Some(MinuteRange { first: minute, last: minute });
        let part = pairs(stores, &PairQuery { range, ..PairQuery::default() });
        let expected: Vec<_> =
            known.sums.iter().filter(|((_, at), _)| *at == minute).map(|((pair, _), sum)| (*pair, *sum)).collect();
        prop_assert_eq!(part.iter().map(|sum| (sum.pair, sum.counters)).collect::<Vec<_>>(), expected);
    }

    // A selection by an address that belonged to the thing only in the first minute, and by ends.
    if let (Some(first), Some((pair, _))) = (known.covered.first(), whole.first_key_value()) {
        let minutes = vec![MinuteRange { first: *first, last: *first }];
        let either = Some(AddressSet(vec![AddressSpan { address: pair.src, minutes }]));
        let destination = Some(AddressSet::from_iter([pair.dst]));
        for (selector, takes) in [
            (
                Selector { either, ..Selector::default() },
                Box::new(|key: &(PairKey, i64)| (key.0.src == pair.src || key.0.dst == pair.src) && key.1 == *first)
                    as Box<dyn Fn(&(PairKey, i64)) -> bool>,
            ),
            (
                Selector { destination, verdict: Some(Verdict::Denied), ..Selector::default() },
                Box::new(|key: &(PairKey, i64)| key.0.dst == pair.dst && key.0.verdict == Verdict::Denied),
            ),
        ] {
            let mut expected: BTreeMap<i64, (Counters, Counters)> =
                known.covered.iter().map(|&minute| (minute, Default::default())).collect();
            for (key, sum) in &known.sums {
                let entry = expected.get_mut(&key.1).unwrap();
                entry.0 += *sum;
                if takes(key) {
                    entry.1 += *sum;
                }
            }
            let timeline = MinuteSums::merge(stores.iter().map(|store| store.timeline(&selector)));
            let listed: BTreeMap<_, _> = timeline.0.iter().map(|sum| (sum.minute, (sum.all, sum.selected))).collect();
            prop_assert_eq!(listed, expected);

            let mut expected: BTreeMap<PairKey, Counters> = BTreeMap::new();
            for (key, sum) in known.sums.iter().filter(|(key, _)| takes(key)) {
                *expected.entry(key.0).or_default() += *sum;
            }
            let taken = pairs(stores, &PairQuery { selector, ..PairQuery::default() });
            let listed: Vec<_> = taken.iter().map(|sum| (sum.pair, sum.counters)).collect();
            prop_assert_eq!(listed, expected.into_iter().collect::<Vec<_>>());
        }
    }

    check_groups(stores, &known)?;

    let mut tallies = vec![(0, 0, 0); inputs.len()];
    for tally in stores.iter_mut().flat_map(Store::input_tallies) {
        let tuples = tally.tuples;
        tallies[tally.input as usize] = (tuples.accepted, tuples.duplicate, tuples.rejected);
        prop_assert_eq!(tally.rejected.iter().map(|&(_, count, _)| count).sum::<u64>(), tuples.rejected);
    }
    prop_assert_eq!(tallies, known.tallies);

    let seen = SeenAddresses::merge(stores.iter().map(|store| store.seen_addresses(&[])));
    let ends: BTreeSet<IpAddr> = known.details.keys().flat_map(|pair| [pair.src, pair.dst]).collect();
    prop_assert_eq!(seen.iter().map(|seen| seen.address).collect::<BTreeSet<_>>(), ends);
    Ok(())
}

/// Where an address stands in a minute: two stand in one place, one moves.
fn place(address: IpAddr, minute: i64) -> u32 {
    match address.to_string().as_str() {
        "10.0.0.1" if minute <= 29_000_000 => 1,
        "10.0.0.1" | "10.0.0.2" => 2,
        "10.0.0.3" => 3,
        _ => 4,
    }
}

fn group(pair: &PairKey, minute: i64) -> GroupKey {
    let (source, target) = (place(pair.src, minute), place(pair.dst, minute));
    let denied = pair.verdict == Verdict::Denied;
    let single = (source == 1 && !denied).then_some((pair.src, pair.dst));
    GroupKey { source, target, denied, port: pair.port, protocol: pair.protocol, single }
}

/// Sums by the things between which traffic goes are the sums of their pairs, in any range, whatever was asked before.
fn check_groups(stores: &mut [Store], known: &Known) -> Result<(), TestCaseError> {
    let keys: BTreeSet<GroupKey> = known.sums.keys().map(|(pair, minute)| group(pair, *minute)).collect();
    let keys: Vec<GroupKey> = keys.into_iter().collect();
    let mut grouping = Grouping::new(stores.len() as u32);
    keys.iter().for_each(|key| grouping.group(key));
    for address in known.sums.keys().flat_map(|(pair, _)| [pair.src, pair.dst]).collect::<BTreeSet<_>>() {
        let range = |first: i64, last: i64| Some(MinuteRange { first, last });
        match place(address, 0) {
            1 => grouping.place(address, &[(range(0, 29_000_000), 1), (range(29_000_001, 200_000_000), 2)]),
            place => grouping.place(address, &[(None, place)]),
        }
    }
    stores.iter_mut().for_each(|store| store.group_pairs(&grouping));
    let near = |first: i64, last: i64| Some(MinuteRange { first: 29_000_000 + first, last: 29_000_000 + last });
    let ranges = [near(0, 0), near(0, 1), near(1, 2), None, near(0, 2), near(1, 100_000_000), near(5, 9), near(2, 2)];
    for range in ranges {
        let mut parts: BTreeMap<(PairKey, GroupKey), Counters> = BTreeMap::new();
        for ((pair, minute), sum) in known.sums.iter().filter(|sum| range.is_none_or(|range| range.contains(sum.0.1))) {
            *parts.entry((*pair, group(pair, *minute))).or_default() += *sum;
        }
        let mut expected: BTreeMap<u32, Traffic> = BTreeMap::new();
        for ((_, key), sum) in parts {
            let number = keys.binary_search(&key).unwrap() as u32;
            let fit = |values: [u128; 2]| values.map(|value| u64::try_from(value).unwrap_or(u64::MAX));
            let (packets, bytes) = (fit(sum.packets), fit(sum.bytes));
            *expected.entry(number).or_default() += Traffic { flows: sum.flows(), denied: sum.denied, packets, bytes };
        }
        let sums: Vec<GroupSums> = stores.iter_mut().map(|store| store.group_sums(range)).collect();
        prop_assert_eq!(GroupSums::merge(&sums), expected.into_iter().collect::<Vec<_>>(), "{:?}", range);
    }
    Ok(())
}

fn tuple() -> impl Strategy<Value = String> {
    let pick = |list: &'static [&'static str]| proptest::sample::select(list);
    (
        (0i64..4, 0i64..60_000),
        pick(&["10.0.0.1", "10.0.0.2", "fd00::1", "255.255.255.255", "bad"]),
        pick(&["10.0.0.2", "::ffff:10.0.0.3"]),
        pick(&["80", "443"]),
        pick(&["I", "O"]),
        pick(&["B", "C", "E", "D"]),
        pick(&["NX", "X"]),
        proptest::sample::select(vec![0u64, 1, 2, 70_000, 5_000_000_000, i64::MAX as u64]),
    )
        .prop_map(|((minute, ms), src, dst, port, direction, state, encryption, bytes)| {
            // Mostly near minutes, one far away.
            let minute = if minute == 3 { 100_000_000 } else { 29_000_000 + minute };
            let time = minute * 60_000 + ms;
            format!(
                "{time},{src},{dst},1,{port},6,{direction},{state},{encryption},{},{bytes},1,{}",
                bytes / 2,
                bytes / 3
            )
        })
}

fn record() -> impl Strategy<Value = Rec> {
    let groups = proptest::collection::vec(
        (proptest::sample::select(&["r1", "r2", ""][..]), proptest::collection::vec(tuple(), 0..5)),
        0..3,
    );
    (proptest::sample::select(&["f1", "f2"][..]), proptest::sample::select(&["M1", "M2"][..]), 0u8..3, groups)
        .prop_map(|(flow_log, mac, time, groups)| Rec { flow_log, mac, time, groups })
}

/// Inputs whose records partly come from a common pool, so that there are copies within and across inputs.
fn inputs() -> impl Strategy<Value = Inputs> {
    (proptest::collection::vec(record(), 1..5), 1usize..5).prop_flat_map(|(pool, count)| {
        let record = prop_oneof![
            2 => proptest::sample::select(pool.clone()),
            1 => record(),
            // The same strings under another rule.
            1 => proptest::sample::select(pool).prop_map(|mut record| {
                record.groups.iter_mut().for_each(|group| group.0 = "r9");
                record
            }),
        ];
        proptest::collection::vec(proptest::collection::vec(record, 0..4), count..=count)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn counts_as_the_contract_says(
        inputs in inputs(),
        shards in 1usize..=4,
        seed in any::<u64>(),
        interleave in any::<bool>(),
        remove in proptest::option::of(0usize..4),
    ) {
        let mut arrival: Vec<usize> = (0..inputs.len()).collect();
        let len = arrival.len();
        for at in 0..len {
            arrival.swap(at, (seed >> (at * 3)) as usize % len);
        }
        let mut stores = build(&inputs, shards, &arrival, interleave);
        check(&mut stores, &inputs, &BTreeSet::new())?;
        if let Some(remove) = remove.filter(|&remove| remove < inputs.len()) {
            stores.iter_mut().for_each(|store| store.remove_input(remove as u32));
            check(&mut stores, &inputs, &BTreeSet::from([remove]))?;
        }
    }
}
