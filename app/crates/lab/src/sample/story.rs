//! What happened between 09:00 and 10:00: every connection of the hour, from which all the witnesses are made.

use crate::random::Random;
use std::net::Ipv4Addr;
use underlay_model::time::{MINUTE_MS, Millis};

/// 2026-11-20T09:00:00Z.
pub(super) const START_MS: Millis = 1_795_165_200_000;
/// The application on `bg76s` breaks: 09:31:12.
pub(super) const BREAKS_MS: Millis = START_MS + 31 * MINUTE_MS + 12_000;
/// The gateway has seen three bad answers and sends no more requests: 09:31:29.
pub(super) const LEAVES_MS: Millis = START_MS + 31 * MINUTE_MS + 29_000;
/// Minutes without metrics: 09:41, 09:42, 09:43.
pub(super) const GAP: std::ops::Range<i64> = 41..44;

/// The only node.
pub(super) const NODE: &str = "aks-nodepool1-30661543-vmss000000";
/// Its address.
pub(super) const NODE_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 13, 76, 4);
/// Its NIC.
pub(super) const MAC: &str = "6045BD12AB34";
/// The instance of the gateway that works.
pub(super) const INSTANCE: Ipv4Addr = Ipv4Addr::new(10, 13, 100, 6);
/// The gateway's name in the world.
pub(super) const FQDN: &str = "gudch2dqgbdwfzak.fz32.alb.azure.com";
/// Somebody in front of a screen, and three more.
pub(super) const CLIENTS: [&str; 4] = ["1.2.3.4", "198.51.100.23", "203.0.113.41", "198.51.100.77"];

/// A pod of the field notes.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) namespace: &'static str,
    pub(super) workload: &'static str,
    pub(super) hash: &'static str,
    pub(super) suffix: &'static str,
    pub(super) address: Ipv4Addr,
    pub(super) port: u16,
    /// `status.startTime`, minutes and seconds before 09:00 in milliseconds.
    pub(super) started_ms: Millis,
    /// When in the five seconds its probe comes.
    phase_ms: Millis,
    /// Requests in ten minutes while all is well.
    requests: u64,
    /// Bytes of a usual answer.
    answer: u64,
}

/// The four pods, in the order of the field notes.
pub(super) const TARGETS: [Target; 4] = [
    Target {
        namespace: "yada",
        workload: "yadaapi",
        hash: "5f9f964f75",
        suffix: "2tnc8",
        address: Ipv4Addr::new(10, 244, 0, 147),
        port: 8080,
        started_ms: START_MS - 107 * MINUTE_MS - 10_000,
        phase_ms: 1_404,
        requests: 52,
        answer: 134_000,
    },
    Target {
        namespace: "yada",
        workload: "yadaapi",
        hash: "5f9f964f75",
        suffix: "bg76s",
        address: Ipv4Addr::new(10, 244, 0, 131),
        port: 8080,
        started_ms: START_MS - 122 * MINUTE_MS - 10_000,
        phase_ms: 196,
        requests: 52,
        answer: 134_000,
    },
    Target {
        namespace: "yadatls",
        workload: "yadatls",
        hash: "6b655b7bdd",
        suffix: "v2frs",
        address: Ipv4Addr::new(10, 244, 0, 203),
        port: 8443,
        started_ms: START_MS - 43 * MINUTE_MS - 10_000,
        phase_ms: 2_731,
        requests: 41,
        answer: 124_000,
    },
    Target {
        namespace: "yadatls",
        workload: "yadatls",
        hash: "6b655b7bdd",
        suffix: "z9vkh",
        address: Ipv4Addr::new(10, 244, 0, 52),
        port: 8443,
        started_ms: START_MS - 51 * MINUTE_MS - 10_000,
        phase_ms: 3_918,
        requests: 40,
        answer: 124_000,
    },
];

impl Target {
    /// Its full name.
    pub(super) fn name(&self) -> String {
        format!("{}-{}-{}", self.workload, self.hash, self.suffix)
    }
}

/// A request of a user.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Request {
    pub(super) start_ms: Millis,
    /// Index in [`TARGETS`].
    pub(super) target: usize,
    /// How long the connection to the pod lasted.
    pub(super) duration_ms: i64,
    pub(super) source_port: u16,
    /// Index in [`CLIENTS`].
    pub(super) client: usize,
    pub(super) client_port: u16,
    /// Body of the answer.
    pub(super) body: u64,
    pub(super) status: u16,
}

/// A probe of the gateway.
#[derive(Clone, Copy)]
pub(super) struct Probe {
    pub(super) start_ms: Millis,
    pub(super) target: usize,
    pub(super) duration_ms: i64,
    pub(super) source_port: u16,
    pub(super) returned: u64,
}

/// A connection of the node to the outside.
#[derive(Clone, Copy)]
pub(super) struct Outward {
    pub(super) start_ms: Millis,
    pub(super) duration_ms: i64,
    pub(super) source_port: u16,
    pub(super) sent: u64,
    pub(super) returned: u64,
}

/// The hour.
pub(super) struct Hour {
    /// In the order of time.
    pub(super) requests: Vec<Request>,
    /// By target, then time.
    pub(super) probes: Vec<Probe>,
    /// Of 203.0.113.77 to port 22: time and source port.
    pub(super) denied: Vec<(Millis, u16)>,
    /// To 198.51.100.9:443.
    pub(super) egress: Vec<Outward>,
    /// Name look-ups at 168.63.129.16.
    pub(super) names: Vec<Outward>,
}

const SEED: u64 = 0x5EED_0001;

impl Hour {
    pub(super) fn tell() -> Self {
        let mut requests = requests();
        requests.sort_unstable();
        let mut random = Random::of(SEED, &[3]);
        // Seven bursts of a scanner, 37 attempts in all.
        let mut denied = Vec::new();
        for (minute, attempts) in [(10, 2), (11, 2), (24, 8), (25, 14), (26, 5), (44, 4), (45, 2)] {
            for attempt in 0..attempts {
                let time =
                    START_MS + minute * MINUTE_MS + 1_000 + attempt * 39_000 / attempts + random.below(900) as i64;
                denied.push((time, 55_188 + denied.len() as u16));
            }
        }
        let outward = |stream: u64, count: u64| -> Vec<Outward> {
            let mut random = Random::of(SEED, &[stream]);
            let mut list: Vec<Outward> = (0..count)
                .map(|_| {
                    let start_ms = START_MS + random.below(3_590_000) as i64;
                    let source_port = 1024 + random.below(60_000) as u16;
                    if stream == 4 {
                        let (sent, returned) = (1_400 + random.below(2_000), 2_000 + random.below(3_000));
                        Outward { start_ms, duration_ms: 40 + random.below(900) as i64, source_port, sent, returned }
                    } else {
                        let (sent, returned) = (64 + random.below(16), 110 + random.below(60));
                        Outward { start_ms, duration_ms: random.below(9) as i64, source_port, sent, returned }
                    }
                })
                .collect();
            list.sort_unstable_by_key(|one| one.start_ms);
            list
        };
        Self { requests, probes: probes(), denied, egress: outward(4, 176), names: outward(5, 252) }
    }
}

fn requests() -> Vec<Request> {
    let mut requests = Vec::new();
    for (index, target) in TARGETS.iter().enumerate() {
        let mut random = Random::of(SEED, &[1, index as u64]);
        for minute in 0..60 {
            let from = START_MS + minute * MINUTE_MS;
            // After 09:31 the whole of yadaapi is with 2tnc8.
            let share = if index == 0 && minute >= 31 { 2 } else { 1 };
            for _ in 0..random.count(target.requests * share * 100_000) {
                let start_ms = from + random.below(59_000) as i64;
                if index == 1 && start_ms >= BREAKS_MS {
                    continue;
                }
                requests.push(request(&mut random, index, start_ms, 200));
            }
        }
    }
    // Clients try again at once when they get 503: 27 times in seventeen seconds.
    let mut random = Random::of(SEED, &[2]);
    for attempt in 0..27 {
        let start_ms = BREAKS_MS + attempt * 615 + random.below(300) as i64;
        requests.push(request(&mut random, 1, start_ms.min(LEAVES_MS - 100), 503));
    }
    requests
}

fn request(random: &mut Random, target: usize, start_ms: Millis, status: u16) -> Request {
    let answer = TARGETS[target].answer;
    Request {
        start_ms,
        target,
        duration_ms: 3 + (random.below(6) * random.below(8)) as i64 + if random.chance(1, 24) { 25 } else { 0 },
        source_port: 44_000 + random.below(16_000) as u16,
        client: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3][random.below(14) as usize],
        client_port: 49_152 + random.below(16_000) as u16,
        // Round numbers of digits, as people ask for them; that keeps the sample small, too.
        body: if status == 503 { 60 } else { (answer / 2 + random.below(answer)) / 1000 * 1000 + 40 },
        status,
    }
}

fn probes() -> Vec<Probe> {
    let mut probes = Vec::new();
    for (index, target) in TARGETS.iter().enumerate() {
        let mut random = Random::of(SEED, &[6, index as u64]);
        for beat in 0..720 {
            let start_ms = START_MS + target.phase_ms + beat * 5_000 + random.below(17) as i64;
            let duration_ms = 2 + random.below(4) as i64;
            // One beat of z9vkh never happened.
            if index == 3 && beat == 500 {
                continue;
            }
            probes.push(Probe {
                start_ms,
                target: index,
                duration_ms,
                source_port: 40_375 + index as u16 + 4 * beat as u16,
                returned: if index == 1 && start_ms >= BREAKS_MS { 412 } else { 1893 },
            });
        }
    }
    probes
}
