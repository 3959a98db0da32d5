//! Rows of Traffic Analytics beside flow logs (contract rules 5, 6 and 10): flow logs beat them for the whole pair, in any number of
//! shards, while times and rules are over all.

mod settling;

use proptest::prelude::*;
use settling::settle_together;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use underlay_model::tuple::{ABSENT, AnalyticsTuple, Direction, FlowState, FlowTuple, TupleCounters, Verdict};
use underlay_scan::{RecordHead, Sink};
use underlay_store::Store;
use underlay_store::key::PairKey;
use underlay_store::query::{PairDetails, PairQuery, PairSums, Selector};
use underlay_store::sums::Counters;

/// One tuple, of a flow log or of Traffic Analytics.
#[derive(Clone, Debug)]
struct Line {
    analytics: bool,
    point: &'static str,
    port: u16,
    outbound: bool,
    denied: bool,
    minute: i64,
    begun: u64,
    crossed: u64,
    bytes: u64,
}

fn line() -> impl Strategy<Value = Line> {
    let pick = |list: &'static [u64]| proptest::sample::select(list);
    (
        any::<bool>(),
        proptest::sample::select(&["000000000001", "000000000002"][..]),
        0u16..3,
        any::<bool>(),
        any::<bool>(),
        0i64..3,
        pick(&[1, 2, 5_000_000_000]),
        pick(&[0, 0, 3]),
        pick(&[0, 1, 7, 6_000_000_000]),
    )
        .prop_map(|(analytics, point, port, outbound, denied, minute, begun, crossed, bytes)| Line {
            analytics,
            point,
            port,
            outbound,
            denied,
            minute: 29_000_000 + minute,
            begun,
            crossed,
            bytes,
        })
}

const SOURCE: &str = "10.0.0.1";
const DESTINATION: &str = "10.0.0.2";

fn read(store: &mut Store, line: &Line, number: usize) {
    let mut sink = store.sink(0);
    let (source, destination): (IpAddr, IpAddr) = (SOURCE.parse().unwrap(), DESTINATION.parse().unwrap());
    let direction = if line.outbound { Direction::Outbound } else { Direction::Inbound };
    let counters =
        TupleCounters { packets_sent: 1, bytes_sent: line.bytes, packets_returned: 2, bytes_returned: line.bytes / 2 };
    let time_ms = line.minute * 60_000;
    sink.group(b"", if line.analytics { b"analytics" } else { b"raw" });
    if line.analytics {
        let (begun, denied) = if line.denied { (line.crossed, line.begun) } else { (line.begun, line.crossed) };
        sink.analytics(&AnalyticsTuple {
            time_ms,
            span: (time_ms - 5, time_ms + 600_000),
            source,
            destination,
            destination_port: line.port,
            protocol: 6,
            direction,
            verdict: if line.denied { Verdict::Denied } else { Verdict::Allowed },
            encryption: b"Unencrypted",
            begun,
            ended: 1,
            denied,
            counters,
        });
    } else {
        sink.tuple(&FlowTuple {
            time_ms,
            source,
            destination,
            source_port: 1,
            destination_port: line.port,
            protocol: 6,
            direction,
            state: if line.denied { FlowState::Denied } else { FlowState::End },
            encryption: ABSENT,
            counters,
        });
    }
    sink.commit(&RecordHead {
        flow_log: if line.analytics { "traffic-analytics" } else { "log" },
        mac: line.point,
        time: "",
        hash: number as u128,
        bytes: number as u64..number as u64 + 1,
        accepted: 1,
        rejected: 0,
    });
}

fn counters(line: &Line) -> Counters {
    let mut sum = Counters::default();
    if line.analytics {
        (sum.begun, sum.denied) = if line.denied { (line.crossed, line.begun) } else { (line.begun, line.crossed) };
        sum.ended = 1;
    } else if line.denied {
        sum.denied = 1;
        return sum;
    } else {
        sum.ended = 1;
    }
    sum.packets = [1, 2];
    sum.bytes = [line.bytes.into(), (line.bytes / 2).into()];
    sum
}

/// Rules 5 and 6, slowly.
fn reference(lines: &[Line]) -> BTreeMap<PairKey, Counters> {
    let mut pairs = BTreeMap::new();
    let keys: BTreeSet<(u16, bool)> = lines.iter().map(|line| (line.port, line.denied)).collect();
    for (port, denied) in keys {
        let of_pair: Vec<&Line> = lines.iter().filter(|line| (line.port, line.denied) == (port, denied)).collect();
        let raw = of_pair.iter().any(|line| !line.analytics);
        let mut best: Option<((u128, usize, bool), Counters)> = None;
        for outbound in [true, false] {
            let side: Vec<&&Line> =
                of_pair.iter().filter(|line| line.analytics != raw && line.outbound == outbound).collect();
            let minutes: BTreeSet<i64> = side.iter().map(|line| line.minute).collect();
            let (mut sum, mut tuples) = (Counters::default(), 0);
            for minute in minutes {
                let report = |point: &str| {
                    let mut report = (Counters::default(), 0);
                    for line in side.iter().filter(|line| line.minute == minute && line.point == point) {
                        report.0 += counters(line);
                        report.1 += 1;
                    }
                    report
                };
                let (first, second) = (report("000000000001"), report("000000000002"));
                let rank = |report: &(Counters, usize)| (report.0.total_bytes(), report.1);
                let winner = if rank(&second) > rank(&first) { second } else { first };
                sum += winner.0;
                tuples += winner.1;
            }
            let rank = (sum.total_bytes(), tuples, !outbound);
            if tuples > 0 && best.as_ref().is_none_or(|best| rank > best.0) {
                best = Some((rank, sum));
            }
        }
        let pair = PairKey {
            src: SOURCE.parse().unwrap(),
            dst: DESTINATION.parse().unwrap(),
            port,
            protocol: 6,
            verdict: if denied { Verdict::Denied } else { Verdict::Allowed },
        };
        pairs.insert(pair, best.unwrap().1);
    }
    pairs
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn flow_logs_beat_traffic_analytics_for_the_whole_pair(
        lines in proptest::collection::vec(line(), 1..14),
        shards in 1usize..=4,
    ) {
        let mut stores: Vec<Store> = (0..shards).map(|_| Store::new()).collect();
        for (number, line) in lines.iter().enumerate() {
            read(&mut stores[number * 7 % shards], line, number);
        }
        if let [store] = stores.as_mut_slice() {
            store.settle_alone();
        } else {
            settle_together(&mut stores);
        }
        let sums = PairSums::merge(stores.iter().map(|store| store.pairs(&PairQuery::default())));
        let found: BTreeMap<_, _> = sums.iter().map(|sum| (sum.pair, sum.counters)).collect();
        prop_assert_eq!(found, reference(&lines));

        // Times, rules and encryption are over all.
        let details = PairDetails::merge(stores.iter().map(|store| store.pair_details(&Selector::default())));
        for detail in details.iter() {
            let of_pair: Vec<&Line> = lines
                .iter()
                .filter(|line| line.port == detail.pair.port && line.denied == (detail.pair.verdict == Verdict::Denied))
                .collect();
            let reach = |line: &Line| if line.analytics { (5, 600_000) } else { (0, 0) };
            let first = of_pair.iter().map(|line| line.minute * 60_000 - reach(line).0).min();
            let last = of_pair.iter().map(|line| line.minute * 60_000 + reach(line).1).max();
            prop_assert_eq!((Some(detail.first_ms), Some(detail.last_ms)), (first, last));
            let analytics = of_pair.iter().any(|line| line.analytics);
            prop_assert_eq!(detail.encryption.to_vec(), if analytics { vec!["Unencrypted"] } else { vec![] });
            prop_assert_eq!(detail.rules.len(), usize::from(analytics) + usize::from(of_pair.iter().any(|line| !line.analytics)));
        }
    }
}
