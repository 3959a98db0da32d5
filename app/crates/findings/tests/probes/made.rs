//! Captures of one instance and one pod with known truth, and how what was told of them compares with it.

use std::net::{IpAddr, Ipv4Addr};
use underlay_findings::probes::{Kind, observe_each};
use underlay_model::connection::{Connection, ProbeObservation};

pub const INSTANCE: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 13, 100, 6));
pub const POD: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 244, 0, 147));

/// SplitMix64, so that captures repeat.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: i64) -> i64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        i64::try_from((z ^ (z >> 31)) >> 1).unwrap() % limit.max(1)
    }
}

/// What to make up: an hour of one instance and one pod.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub seed: u64,
    pub interval: i64,
    pub jitter: i64,
    /// The timer starts when the answer has come, so beats drift.
    pub drift: bool,
    pub requests_a_minute: i64,
    /// Users ask with the probe's own size.
    pub same_sent: bool,
    /// And get the probe's own answer.
    pub same_answer: bool,
    /// One of so many probes has a packet more; 0 for none.
    pub odd_packets: i64,
    /// One of so many gets no answer; 0 for none.
    pub unanswered: i64,
    /// One of so many is not there; 0 for none.
    pub missing: i64,
    pub minutes: i64,
    /// How the log blurs what was.
    pub blur: Blur,
}

/// What flow logs do to connections.
#[derive(Clone, Copy, Debug)]
pub struct Blur {
    /// So many requests of users share a connection that is kept open; 0 for none.
    pub reused: i64,
    /// One of so many connections is folded with the next one of its kind; 0 for none.
    pub merged: i64,
    /// The clock jumps by up to so many milliseconds once in a while, as clocks that are set do, and records of one minute are off together.
    pub skew: i64,
    /// Times are whole seconds, as those of NSG flow logs are.
    pub seconds: bool,
}

pub const SHARP: Blur = Blur { reused: 0, merged: 0, skew: 0, seconds: false };

pub const PLAIN: Case = Case {
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

pub fn connection(start_ms: i64, packets: [u32; 2], bytes: [u32; 2]) -> Connection {
    Connection { start_ms, duration_ms: 3, source_port: 1, begun: true, ended: true, continued: false, packets, bytes }
}

/// Connections with the truth: whether each is a probe.
pub fn make(case: Case) -> Vec<(Connection, bool)> {
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
pub fn judge(list: &[(Connection, bool)]) -> (ProbeObservation, [u64; 5]) {
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
