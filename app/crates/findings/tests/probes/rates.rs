//! Error rates, as the documents state them: `cargo test -p underlay-findings --test probes -- --nocapture error_rates`.

use crate::made::{Blur, Case, PLAIN, Random, SHARP, connection, judge, make};
use underlay_model::connection::{Connection, Separation};

#[test]
fn error_rates() {
    let mut total = [0; 5];
    let mut separable = 0;
    for seed in 0..12 {
        for interval in [1_000, 5_000, 10_000, 30_000] {
            for requests_a_minute in [0, 4, 60, 600] {
                for (jitter, drift, odd_packets, unanswered, missing) in
                    [(0, false, 0, 0, 0), (8, true, 9, 50, 0), (80, true, 4, 0, 40)]
                {
                    let case = Case {
                        seed: seed * 1000 + 7,
                        interval,
                        jitter,
                        drift,
                        requests_a_minute,
                        odd_packets,
                        unanswered,
                        missing,
                        minutes: 20,
                        ..PLAIN
                    };
                    let (seen, counts) = judge(&make(case));
                    let off = seen.interval_ms.abs_diff(u64::try_from(interval).unwrap());
                    if seen.separation == Separation::Clear {
                        separable += 1;
                        assert!(off <= 3 + u64::try_from(jitter).unwrap(), "{case:?} {seen:?}");
                    } else {
                        eprintln!("not separated: {case:?} {:?}", seen.separation);
                    }
                    for (sum, more) in total.iter_mut().zip(counts) {
                        *sum += more;
                    }
                }
            }
        }
    }
    let [probes, lost, others, taken, unknown] = total;
    eprintln!(
        "{separable} of 576 captures separated; {lost} of {probes} probes taken for user traffic, {taken} of {others} others for probes, {unknown} unknown"
    );
    assert!(lost * 100 <= probes && taken * 100 <= others, "{total:?}");
    assert!(separable >= 560, "{separable}");
}

/// Logs as they are: connections shared by several requests, short ones folded, clocks that are set, times of whole seconds.
#[test]
fn error_rates_of_blurred_logs() {
    let blurs = [
        ("connections reused", Blur { reused: 8, ..SHARP }),
        ("short ones merged", Blur { merged: 12, ..SHARP }),
        ("clocks set", Blur { skew: 150, ..SHARP }),
        ("whole seconds", Blur { seconds: true, ..SHARP }),
        ("reused, merged and set", Blur { reused: 8, merged: 20, skew: 80, seconds: false }),
    ];
    let mut wrong = Vec::new();
    for (name, blur) in blurs {
        let (mut total, mut separable, mut all) = ([0; 5], 0, 0);
        for seed in 0..8 {
            for interval in [5_000, 10_000, 30_000] {
                for requests_a_minute in [0, 6, 60, 240] {
                    let case = Case { seed: seed * 77 + 3, interval, requests_a_minute, minutes: 20, blur, ..PLAIN };
                    let (seen, counts) = judge(&make(case));
                    all += 1;
                    separable += u32::from(seen.separation == Separation::Clear);
                    for (sum, more) in total.iter_mut().zip(counts) {
                        *sum += more;
                    }
                }
            }
        }
        let [probes, lost, others, taken, unknown] = total;
        eprintln!(
            "{name}: {separable} of {all} captures separated; {lost} of {probes} probes taken for user traffic, {taken} of {others} others for probes, {unknown} unknown"
        );
        if lost * 100 > probes || taken * 100 > others {
            wrong.push((name, total));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A probe every interval with its own ways, and users.
struct Awkward {
    name: &'static str,
    /// Where it cannot be told, nothing may be told wrongly.
    separable: bool,
    make: fn(u64) -> Vec<(Connection, bool)>,
}

const BASE: i64 = 1_795_165_200_000;
const LENGTH: i64 = 20 * 60_000;

/// Packets and bytes, both ways.
type Size = ([u32; 2], [u32; 2]);

/// Packets and bytes, both ways each.
type Sizes = ([u32; 2], [u32; 2]);

/// Connections every `interval` with so much jitter, of the sizes that `sizes` gives at a time.
fn beats(
    random: &mut Random,
    interval: i64,
    jitter: i64,
    sizes: &dyn Fn(&mut Random, i64) -> Size,
) -> Vec<(Connection, bool)> {
    let phase = BASE + random.below(interval);
    (0..LENGTH / interval)
        .map(|beat| {
            let time = phase + beat * interval + random.below(2 * jitter + 1) - jitter;
            let (packets, bytes) = sizes(random, time - BASE);
            (connection(time, packets, bytes), true)
        })
        .collect()
}

/// Requests of people: any time, any size.
fn people(random: &mut Random, a_minute: i64) -> Vec<(Connection, bool)> {
    (0..a_minute * LENGTH / 60_000)
        .map(|_| {
            let (start, sent) = (BASE + random.below(LENGTH), 700 + u32::try_from(random.below(1500)).unwrap());
            let returned = 900 + u32::try_from(random.below(60_000)).unwrap();
            (connection(start, [6 + sent / 700, 5 + returned / 1400], [sent, returned]), false)
        })
        .collect()
}

/// Requests that keep time, as those of a monitor from outside do, which come through the gateway.
fn monitor(random: &mut Random, interval: i64, jitter: i64, sent: u32) -> Vec<(Connection, bool)> {
    let sizes = move |_: &mut Random, _| ([7, 6], [sent, 1530]);
    beats(random, interval, jitter, &sizes).into_iter().map(|(one, _)| (one, false)).collect()
}

fn together(parts: Vec<Vec<(Connection, bool)>>) -> Vec<(Connection, bool)> {
    let mut all = parts.concat();
    all.sort_by_key(|(one, _)| one.start_ms);
    all
}

fn plain(_: &mut Random, _: i64) -> Sizes {
    ([6, 5], [668, 747])
}

/// Unanswered or refused between two shares of the time.
fn fails(from: i64, to: i64, refused: bool) -> impl Fn(&mut Random, i64) -> Sizes {
    move |_, time| match ((LENGTH * from..LENGTH * to).contains(&(time * 100)), refused) {
        (true, true) => ([1, 1], [60, 40]),
        (true, false) => ([3, 0], [180, 0]),
        _ => ([6, 5], [668, 747]),
    }
}

/// Sizes over TLS: tickets and late acknowledgements make them differ by a little.
fn over_tls(random: &mut Random, _: i64) -> Sizes {
    let late = u32::from(random.below(6) == 0);
    let ticket = u32::try_from(random.below(3)).unwrap();
    ([11 + late, 10], [1480 + 52 * late + ticket, 4630 + u32::try_from(random.below(40)).unwrap()])
}

const AWKWARD: [Awkward; 16] = [
    Awkward { name: "the last 70 % unanswered", separable: true, make: |seed| failing(seed, 30, 100, false) },
    Awkward { name: "the first 60 % unanswered", separable: true, make: |seed| failing(seed, 0, 60, false) },
    Awkward { name: "from 40 to 60 % refused", separable: true, make: |seed| failing(seed, 40, 60, true) },
    Awkward { name: "the last 90 % refused", separable: true, make: |seed| failing(seed, 10, 100, true) },
    Awkward { name: "the first 90 % refused", separable: true, make: |seed| failing(seed, 0, 90, true) },
    Awkward { name: "jitter of 10 %", separable: true, make: |seed| jittering(seed, 10, 30) },
    Awkward { name: "jitter of 20 %", separable: true, make: |seed| jittering(seed, 20, 30) },
    Awkward { name: "jitter of 20 %, busy", separable: true, make: |seed| jittering(seed, 20, 300) },
    Awkward { name: "over TLS", separable: true, make: |seed| tls(seed, 40) },
    Awkward { name: "over TLS, busy", separable: true, make: |seed| tls(seed, 400) },
    Awkward { name: "a monitor every 60 s", separable: true, make: |seed| monitored(seed, 5_000, 60_000, 911) },
    Awkward { name: "a monitor every 10 s", separable: true, make: |seed| monitored(seed, 5_000, 10_000, 911) },
    Awkward { name: "a monitor every 1 s", separable: true, make: |seed| monitored(seed, 5_000, 1_000, 911) },
    Awkward {
        name: "a slow probe, a quick monitor",
        separable: true,
        make: |seed| monitored(seed, 30_000, 5_000, 911),
    },
    Awkward { name: "a monitor like the probe", separable: false, make: |seed| monitored(seed, 10_000, 5_000, 690) },
    Awkward {
        name: "a monitor equal to the probe",
        separable: false,
        make: |seed| monitored(seed, 10_000, 10_000, 668),
    },
];

fn failing(seed: u64, from: i64, to: i64, refused: bool) -> Vec<(Connection, bool)> {
    let mut random = Random(seed);
    let probes = beats(&mut random, 5_000, 20, &fails(from, to, refused));
    // A pod that does not answer probes does not answer people either; these get none.
    let down = |one: &Connection| (LENGTH * from..LENGTH * to).contains(&((one.start_ms - BASE) * 100));
    let people = people(&mut random, 20).into_iter().filter(|(one, _)| !down(one)).collect();
    together(vec![probes, people])
}

fn jittering(seed: u64, percent: i64, a_minute: i64) -> Vec<(Connection, bool)> {
    let mut random = Random(seed);
    let interval = [5_000, 10_000, 30_000][usize::try_from(seed % 3).unwrap()];
    let probes = beats(&mut random, interval, interval * percent / 100, &plain);
    let people = people(&mut random, a_minute);
    together(vec![probes, people])
}

fn tls(seed: u64, a_minute: i64) -> Vec<(Connection, bool)> {
    let mut random = Random(seed);
    let interval = [5_000, 10_000, 30_000][usize::try_from(seed % 3).unwrap()];
    let probes = beats(&mut random, interval, 15, &over_tls);
    let people = people(&mut random, a_minute);
    together(vec![probes, people])
}

fn monitored(seed: u64, interval: i64, other: i64, sent: u32) -> Vec<(Connection, bool)> {
    let mut random = Random(seed);
    let probes = beats(&mut random, interval, 15, &plain);
    let monitor = monitor(&mut random, other, 60, sent);
    let people = people(&mut random, 20);
    together(vec![probes, monitor, people])
}

#[test]
fn error_rates_of_awkward_traffic() {
    let mut wrong = Vec::new();
    for case in AWKWARD {
        let (mut total, mut separable) = ([0; 5], 0);
        for seed in 0..12 {
            let (seen, counts) = judge(&(case.make)(seed * 31 + 5));
            separable += u32::from(seen.separation == Separation::Clear);
            for (sum, more) in total.iter_mut().zip(counts) {
                *sum += more;
            }
        }
        let [probes, lost, others, taken, unknown] = total;
        eprintln!(
            "{}: {separable} of 12 captures separated; {lost} of {probes} probes taken for user traffic, {taken} of {others} others for probes, {unknown} unknown",
            case.name
        );
        if lost * 100 > probes || taken * 100 > others || (case.separable && separable < 11) {
            wrong.push((case.name, separable, total));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
