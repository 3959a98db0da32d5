//! Probes are told from user traffic by time and size, or said to be inseparable. The captures here are made up with known
//! truth; the rates that the documents state are measured by `error_rates` (`-- --nocapture` prints them).

use std::net::{IpAddr, Ipv4Addr};
use underlay_findings::probes::{Kind, observe, observe_each};
use underlay_model::connection::{Connection, ProbeObservation, Separation};

const INSTANCE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 13, 100, 6));
const POD: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 244, 0, 147));

/// SplitMix64, so that captures repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) >> 1).unwrap() % limit.max(1)
    }
}

/// What to make up: an hour of one instance and one pod.
#[derive(Clone, Copy, Debug)]
struct Case {
    seed: u64,
    interval: i64,
    jitter: i64,
    /// The timer starts when the answer has come, so beats drift.
    drift: bool,
    requests_a_minute: i64,
    /// Users ask with the probe's own size.
    same_sent: bool,
    /// And get the probe's own answer.
    same_answer: bool,
    /// One of so many probes has a packet more; 0 for none.
    odd_packets: i64,
    /// One of so many gets no answer; 0 for none.
    unanswered: i64,
    /// One of so many is not there; 0 for none.
    missing: i64,
    minutes: i64,
    /// How the log blurs what was.
    blur: Blur,
}

/// What flow logs do to connections.
#[derive(Clone, Copy, Debug)]
struct Blur {
    /// So many requests of users share a connection that is kept open; 0 for none.
    reused: i64,
    /// One of so many connections is folded with the next one of its kind; 0 for none.
    merged: i64,
    /// The clock jumps by up to so many milliseconds once in a while, as clocks that are set do, and records of one minute are off together.
    skew: i64,
    /// Times are whole seconds, as those of NSG flow logs are.
    seconds: bool,
}

const SHARP: Blur = Blur { reused: 0, merged: 0, skew: 0, seconds: false };

const PLAIN: Case = Case {
    seed: 1,
    interval: 5_000,
    jitter: 8,
    drift: false,
    requests_a_minute: 20,
    same_sent: false,
    same_answer: false,
    odd_packets: 0,
    unanswered: 0,
    missing: 0,
    minutes: 60,
    blur: SHARP,
};

fn connection(start_ms: i64, packets: [u32; 2], bytes: [u32; 2]) -> Connection {
    Connection { start_ms, duration_ms: 3, source_port: 1, begun: true, ended: true, continued: false, packets, bytes }
}

/// Connections with the truth: whether each is a probe.
fn make(case: Case) -> Vec<(Connection, bool)> {
    let mut random = Random(case.seed);
    let base = 1_795_165_200_000;
    let end = base + case.minutes * 60_000;
    let mut list = Vec::new();
    let mut time = base + random.below(case.interval);
    let mut beat = 0;
    let phase = time;
    let one_of = |random: &mut Random, many: i64| many > 0 && random.below(many) == 0;
    while time < end {
        if !one_of(&mut random, case.missing) {
            let odd = u32::from(one_of(&mut random, case.odd_packets));
            let (packets, bytes) = if one_of(&mut random, case.unanswered) {
                ([4, 0], [240, 0])
            } else {
                ([6 + odd, 5], [702 + 52 * odd, 1893])
            };
            list.push((connection(time, packets, bytes), true));
        }
        beat += 1;
        time = if case.drift { time + case.interval + 3 } else { phase + beat * case.interval };
        time += random.below(case.jitter + 1);
    }
    for minute in 0..case.minutes {
        for _ in 0..case.requests_a_minute {
            let start = base + minute * 60_000 + random.below(60_000);
            let sent = if case.same_sent { 702 } else { 400 + u32::try_from(random.below(1200)).unwrap() };
            let packets = if case.same_sent { 6 } else { 5 + u32::try_from(random.below(20)).unwrap() };
            let returned = if case.same_answer { 1893 } else { 1500 + u32::try_from(random.below(60_000)).unwrap() };
            list.push((connection(start, [packets, 4], [sent, returned]), false));
        }
    }
    list.sort_by_key(|(one, _)| one.start_ms);
    blurred(list, case.blur, &mut random)
}

/// The connections as a flow log tells of them.
fn blurred(list: Vec<(Connection, bool)>, blur: Blur, random: &mut Random) -> Vec<(Connection, bool)> {
    let mut told: Vec<(Connection, bool)> = Vec::new();
    let (mut shared, mut folding) = (0, false);
    for (one, probe) in list {
        if !probe && blur.reused > 0 {
            // Most requests travel on a connection that is told of already.
            shared += 1;
            if shared % blur.reused != 1 {
                continue;
            }
            let requests = u32::try_from(blur.reused).unwrap();
            let kept = Connection {
                duration_ms: 90_000,
                continued: true,
                packets: one.packets.map(|count| count * requests),
                bytes: one.bytes.map(|count| count * requests),
                ..one
            };
            told.push((kept, probe));
            continue;
        }
        let last = told.last_mut().filter(|(_, known)| folding && *known == probe);
        folding = false;
        if let Some((last, _)) = last {
            last.duration_ms = u32::try_from(one.start_ms - last.start_ms).unwrap() + one.duration_ms;
            for way in 0..2 {
                last.packets[way] += one.packets[way];
                last.bytes[way] += one.bytes[way];
            }
        } else {
            told.push((one, probe));
            folding = blur.merged > 0 && random.below(blur.merged) == 0;
        }
    }
    let (mut minute, mut off) = (0, 0);
    for (one, _) in &mut told {
        if one.start_ms / 60_000 != minute {
            minute = one.start_ms / 60_000;
            off = if random.below(6) == 0 { random.below(2 * blur.skew + 1) - blur.skew } else { 0 };
        }
        one.start_ms += off;
        if blur.seconds {
            one.start_ms = one.start_ms / 1000 * 1000;
        }
    }
    told.sort_by_key(|(one, _)| one.start_ms);
    told
}

/// (probes, probes taken for something else, others, others taken for probes, unknown)
fn judge(list: &[(Connection, bool)]) -> (ProbeObservation, [u64; 5]) {
    let connections: Vec<Connection> = list.iter().map(|(one, _)| *one).collect();
    let mut kinds = Vec::new();
    let seen = observe_each(INSTANCE, POD, 8080, &connections, &mut kinds);
    let mut counts = [0; 5];
    for ((_, probe), kind) in list.iter().zip(&kinds) {
        counts[if *probe { 0 } else { 2 }] += 1;
        match kind {
            Kind::Unknown => counts[4] += 1,
            Kind::Probe if !probe => counts[3] += 1,
            Kind::User if *probe => counts[1] += 1,
            _ => {}
        }
    }
    (seen, counts)
}

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

#[test]
fn counts_answers_gaps_and_runs() {
    let mut list = make(Case { requests_a_minute: 6, jitter: 3, ..PLAIN });
    let probes: Vec<usize> = (0..list.len()).filter(|&at| list[at].1).collect();
    for &at in &probes[200..205] {
        (list[at].0.packets, list[at].0.bytes) = ([3, 0], [180, 0]);
    }
    for &at in &probes[500..] {
        list[at].0.bytes[1] = 412;
    }
    let gone: Vec<usize> = probes[300..312].to_vec();
    let list: Vec<_> = list.into_iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, one)| one).collect();
    let (seen, _) = judge(&list);
    assert_eq!(seen.separation, Separation::Clear);
    assert_eq!(
        (seen.answered, seen.unanswered, seen.unanswered_run, seen.missed),
        (720 - 12 - 5, 5, 5, 12),
        "{seen:?}"
    );
    let (from, to) = seen.longest_gap.unwrap();
    assert!((60_000..70_000).contains(&(to - from)));
    let (_, before, after) = seen.answer_changed.unwrap();
    assert_eq!((before, after), (1893, 412));
}

#[test]
fn user_traffic_alone_is_no_probe() {
    for seed in 0..60 {
        for requests_a_minute in [1, 5, 30, 300] {
            for same_sent in [false, true] {
                let case = Case { seed, requests_a_minute, same_sent, same_answer: same_sent, minutes: 15, ..PLAIN };
                let list: Vec<_> = make(case).into_iter().filter(|(_, probe)| !probe).collect();
                let (seen, counts) = judge(&list);
                assert_ne!(seen.separation, Separation::Clear, "{case:?} {seen:?}");
                assert_eq!(counts[3], 0);
            }
        }
    }
}

#[test]
fn what_cannot_be_told_apart_is_unknown() {
    let (seen, counts) =
        judge(&make(Case { requests_a_minute: 120, same_sent: true, same_answer: true, jitter: 200, ..PLAIN }));
    assert_ne!(seen.separation, Separation::Clear, "{seen:?}");
    assert_eq!(counts[1] + counts[3], 0);
}

#[test]
fn connections_kept_open_leave_no_beats() {
    let long = |minute: i64| Connection {
        duration_ms: 290_000,
        continued: true,
        ..connection(1_795_165_200_000 + minute * 300_000, [400, 300], [42_000, 110_000])
    };
    let list: Vec<Connection> = (0..12).map(long).collect();
    let seen = observe(INSTANCE, POD, 8080, &list);
    assert_eq!((seen.separation, seen.unknown), (Separation::Reused, 12));
}

#[test]
fn probes_that_the_log_folded_into_one_count_each() {
    let mut list = make(Case { requests_a_minute: 0, jitter: 2, ..PLAIN });
    // Every tenth tells of itself and the two after it.
    let mut merged = Vec::new();
    let mut at = 0;
    while at < list.len() {
        let mut one = list[at];
        if at % 10 == 5 && at + 2 < list.len() {
            let last = list[at + 2].0;
            one.0.duration_ms = u32::try_from(last.start_ms - one.0.start_ms).unwrap() + last.duration_ms;
            one.0.packets = [18, 15];
            one.0.bytes = [702 * 3, 1893 * 3];
            at += 2;
        }
        merged.push(one);
        at += 1;
    }
    let probes = list.len() as u64;
    list = merged;
    let (seen, counts) = judge(&list);
    assert_eq!((seen.separation, counts[1]), (Separation::Clear, 0));
    assert_eq!(seen.answered + seen.unanswered, probes, "{seen:?}");
    assert_eq!(seen.missed, 0, "{seen:?}");
}
