//! Whatever was read, taken out, settled and asked before: several shards answer as one does that has read what is left.

mod settling;

use proptest::prelude::*;
use settling::settle_together;
use std::fmt::Debug;
use std::net::IpAddr;
use underlay_model::view::MinuteRange;
use underlay_scan::Scanner;
use underlay_store::Store;
use underlay_store::query::{
    AddressMinutes, AddressSet, AddressSpan, MinuteSums, PairDetails, PairQuery, PairSums, SeenAddresses, Selector,
};

const START: i64 = 29_000_000;
const ADDRESSES: [&str; 5] = ["10.0.0.1", "10.0.0.2", "250.0.0.1", "fd00::1", "fd00::2"];

/// What happens to a capture.
#[derive(Clone, Debug)]
enum Step {
    /// An input of these records of the pool comes to this shard.
    Read(Vec<usize>, usize),
    TakeOut(usize),
    Settle,
    /// Of minutes and an address.
    Ask(MinuteRange, IpAddr),
}

fn a_tuple() -> impl Strategy<Value = String> {
    let address = || proptest::sample::select(&ADDRESSES[..]);
    let pick = |list: &'static [&'static str]| proptest::sample::select(list);
    let bytes = proptest::sample::select(&[0u64, 1, 70_000, 4_000_000_000][..]);
    (0i64..4, address(), address(), pick(&["I", "O"]), pick(&["B", "C", "E", "D"]), bytes).prop_map(
        |(minute, src, dst, direction, state, bytes)| {
            let ms = (START + minute) * 60_000;
            format!("\"{ms},{src},{dst},1,80,6,{direction},{state},NX,1,{bytes},2,{}\"", bytes / 2)
        },
    )
}

/// Of few reporting points and times, so that there are copies and several reports of one pair.
fn a_record() -> impl Strategy<Value = String> {
    (0u8..2, 0u8..3, 0u8..2, proptest::collection::vec(a_tuple(), 1..5)).prop_map(|(log, mac, time, tuples)| {
        format!(
            "{{\"time\":\"t{time}\",\"flowLogGUID\":\"g{log}\",\"macAddress\":\"{mac:012}\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\
             \"flowGroups\":[{{\"rule\":\"r{log}\",\"flowTuples\":[{}]}}]}}]}}}}",
            tuples.join(",")
        )
    })
}

fn a_step() -> impl Strategy<Value = Step> {
    let records = proptest::collection::vec(0usize..6, 1..4);
    let address = proptest::sample::select(&ADDRESSES[..]).prop_map(|text| text.parse().expect("an address"));
    let range = (0i64..4, 0i64..4).prop_map(|(at, more)| MinuteRange { first: START + at, last: START + at + more });
    prop_oneof![
        4 => (records, 0usize..3).prop_map(|(records, shard)| Step::Read(records, shard)),
        2 => (0usize..8).prop_map(Step::TakeOut),
        3 => Just(Step::Settle),
        4 => (range, address).prop_map(|(range, address)| Step::Ask(range, address)),
    ]
}

fn read(store: &mut Store, input: usize, pool: &[String], records: &[usize]) {
    let mut scanner = Scanner::new();
    for record in records {
        scanner.push(pool[record % pool.len()].as_bytes(), &mut store.sink(input as u32));
    }
    scanner.finish(&mut store.sink(input as u32));
}

fn settle(stores: &mut [Store], inputs: usize) {
    // Not the order in which they come.
    let ranks: Vec<u32> = (0..inputs as u32).map(|input| input * 7 % 17).collect();
    stores.iter_mut().for_each(|store| store.set_input_ranks(&ranks));
    match stores {
        [store] => store.settle_alone(),
        stores => settle_together(stores),
    }
}

/// All answers that the sums need, as text.
fn answers(stores: &mut [Store], range: MinuteRange, address: IpAddr) -> Vec<String> {
    let span = |minutes| Some(AddressSet(vec![AddressSpan { address, minutes }]));
    let selectors = [
        Selector::default(),
        Selector { either: span(Vec::new()), ..Selector::default() },
        Selector { source: span(vec![range]), ..Selector::default() },
    ];
    let mut told: Vec<Box<dyn Debug>> = Vec::new();
    for selector in selectors {
        for (range, split) in
            [(None, vec![]), (Some(range), vec![]), (None, vec![address]), (Some(range), vec![address])]
        {
            let query = PairQuery { range, split, selector: selector.clone() };
            told.push(Box::new(PairSums::merge(stores.iter().map(|store| store.pairs(&query)))));
        }
        told.push(Box::new(PairDetails::merge(stores.iter().map(|store| store.pair_details(&selector)))));
        told.push(Box::new(MinuteSums::merge(stores.iter().map(|store| store.timeline(&selector)))));
    }
    told.push(Box::new(SeenAddresses::merge(stores.iter().map(|store| store.seen_addresses(&[address])))));
    told.push(Box::new(AddressMinutes::merge(stores.iter().map(|store| store.address_minutes(&[address])))));
    let mut tallies: Vec<_> = stores.iter_mut().flat_map(Store::input_tallies).collect();
    tallies.sort_by_key(|tally| tally.input);
    told.push(Box::new(tallies));
    told.iter().map(|answer| format!("{answer:?}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn several_shards_answer_as_one_that_reads_what_is_left(
        pool in proptest::collection::vec(a_record(), 2..6),
        steps in proptest::collection::vec(a_step(), 2..14),
        shards in 1usize..4,
    ) {
        let mut stores: Vec<Store> = (0..shards).map(|_| Store::new()).collect();
        let mut inputs: Vec<Option<Vec<usize>>> = Vec::new();
        let mut is_settled = true;
        for step in steps {
            match step {
                Step::Read(records, shard) => {
                    read(&mut stores[shard % shards], inputs.len(), &pool, &records);
                    inputs.push(Some(records));
                    is_settled = false;
                }
                Step::TakeOut(input) => {
                    stores.iter_mut().for_each(|store| store.remove_input(input as u32));
                    inputs.iter_mut().skip(input).take(1).for_each(|records| *records = None);
                    is_settled = false;
                }
                Step::Settle => {
                    settle(&mut stores, inputs.len());
                    is_settled = true;
                }
                Step::Ask(range, address) => {
                    let told = answers(&mut stores, range, address);
                    if !is_settled {
                        // What was kept then must be gone later.
                        continue;
                    }
                    let mut one = [Store::new()];
                    for (input, records) in inputs.iter().enumerate() {
                        read(&mut one[0], input, &pool, records.as_deref().unwrap_or_default());
                    }
                    settle(&mut one, inputs.len());
                    prop_assert_eq!(told, answers(&mut one, range, address));
                }
            }
        }
    }
}

#[test]
fn what_is_known_of_a_pair_is_whole_where_a_filter_takes_rows_of_one_shard() {
    let record = |minute: i64| {
        let ms = (START + minute) * 60_000;
        format!(
            "{{\"time\":\"t{minute}\",\"flowLogGUID\":\"g\",\"macAddress\":\"000000000001\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\
             \"flowGroups\":[{{\"rule\":\"r{minute}\",\"flowTuples\":[\"{ms},10.0.0.1,10.0.0.2,1,80,6,I,B,NX,,,,\"]}}]}}]}}}}"
        )
    };
    let mut stores = [Store::new(), Store::new()];
    for (minute, store) in (0..).zip(&mut stores) {
        read(store, minute as usize, &[record(minute)], &[0]);
    }
    settle(&mut stores, 2);
    let minutes = vec![MinuteRange { first: START + 1, last: START + 1 }];
    let address = "10.0.0.1".parse().expect("an address");
    let source = Some(AddressSet(vec![AddressSpan { address, minutes }]));
    let selector = Selector { source, ..Selector::default() };
    let details = PairDetails::merge(stores.iter().map(|store| store.pair_details(&selector)));
    let known: Vec<_> = details.iter().map(|detail| (detail.first_ms / 60_000, detail.rules.to_vec())).collect();
    assert_eq!(known, [(START, vec!["r0".to_owned(), "r1".to_owned()])]);
}
