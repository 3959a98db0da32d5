//! Who talks to whom, when, and how much. Each relation of two addresses (a link) makes up its connections minute by minute
//! from its own stream of random numbers, so the NICs at both ends tell of the same connections without talking to each other.

use crate::cluster::Cluster;
use crate::flow_log::{Rule, Tuple};
use crate::plan::{NetworkMode, Plan, ReportingSides};
use crate::random::Random;
use connection::{Connection, End, Ends, emit, pick, request};
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::TupleCounters;

mod connection;
mod long;
mod outside;

/// Kinds of links, as keys of their random streams.
#[derive(Clone, Copy)]
enum Kind {
    Request = 1,
    Probe,
    Web,
    EastWest,
    Egress,
    DeniedIn,
    DeniedOut,
    PlatformOut,
    PlatformIn,
    Long,
}

/// A NIC that reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nic {
    /// Of a node, by index.
    Node(usize),
    /// Of a gateway instance, by index.
    Instance(usize),
}

const WITHIN: [Rule; 2] = [Rule::AllowVnetOutBound, Rule::AllowVnetInBound];
const PEERS: usize = 2;
const OUTSIDE: usize = 4;

/// All traffic of a plan.
pub struct Traffic<'a> {
    plan: &'a Plan,
    cluster: &'a Cluster,
    weights: u64,
    /// Per node: (pod elsewhere, which of its peers) whose peer lives here.
    incoming: Vec<Vec<(u32, u8)>>,
    /// Per node: pods that move there in the middle.
    arriving: Vec<Vec<usize>>,
    middle_ms: Millis,
}

impl<'a> Traffic<'a> {
    /// The traffic of a plan in its cluster.
    pub fn new(plan: &'a Plan, cluster: &'a Cluster) -> Self {
        let mut traffic = Self {
            plan,
            cluster,
            weights: cluster.pods.iter().map(|pod| pod.weight).sum(),
            incoming: vec![Vec::new(); cluster.nodes.len()],
            arriving: vec![Vec::new(); cluster.nodes.len()],
            middle_ms: plan.start_ms + i64::from(plan.minutes) * MINUTE_MS / 2,
        };
        for (index, pod) in cluster.pods.iter().enumerate() {
            if let Some(node) = pod.moves_to {
                traffic.arriving[node as usize].push(index);
            }
        }
        if plan.east_west > 0 {
            for pod in 0..cluster.pods.len() {
                for peer in 0..PEERS {
                    if let Some(target) = traffic.peer(pod, peer) {
                        traffic.incoming[cluster.pods[target].node as usize].push((pod as u32, peer as u8));
                    }
                }
            }
        }
        traffic
    }

    /// The NICs that report, in a fixed order.
    pub fn nics(&self) -> Vec<Nic> {
        let mut nics: Vec<Nic> = (0..self.cluster.nodes.len()).map(Nic::Node).collect();
        if self.plan.sides == ReportingSides::Both {
            nics.extend((0..self.cluster.instances.len()).map(Nic::Instance));
        }
        nics
    }

    /// The MAC of a NIC.
    pub fn mac(&self, nic: Nic) -> &'a str {
        match nic {
            Nic::Node(index) => &self.cluster.nodes[index].mac,
            Nic::Instance(index) => &self.cluster.instances[index].mac,
        }
    }

    /// Appends all tuples, also later ones, of the connections that begin in a minute (counted from the start) and pass a NIC.
    pub fn minute(&self, nic: Nic, minute: i64, out: &mut Vec<Tuple>) {
        match nic {
            Nic::Instance(instance) => {
                for pod in 0..self.cluster.pods.len() {
                    self.gateway(instance, pod, minute, End::Source, out);
                }
            }
            Nic::Node(node) => {
                for pod in self.residents(node, minute) {
                    for instance in 0..self.cluster.instances.len() {
                        self.gateway(instance, pod, minute, End::Destination, out);
                    }
                    if self.plan.east_west > 0 && self.plan.sides == ReportingSides::Both {
                        for peer in 0..PEERS {
                            self.east_west(pod, peer, minute, End::Source, out);
                        }
                    }
                }
                for &(pod, peer) in &self.incoming[node] {
                    self.east_west(pod as usize, peer.into(), minute, End::Destination, out);
                }
                if self.cluster.mode == NetworkMode::Kubenet {
                    self.web(node, minute, out);
                }
                for outside in 0..OUTSIDE {
                    self.egress(node, outside, minute, out);
                }
                self.denied(node, minute, out);
                self.platform(node, minute, out);
            }
        }
    }

    /// Appends the tuples of all connections of many minutes that pass a NIC; they may lie before the capture and after it.
    pub fn long_flows(&self, nic: Nic, out: &mut Vec<Tuple>) {
        for index in 0..self.plan.long_flows {
            self.long_flow(nic, index, out);
        }
    }

    /// The pods whose traffic passes a node's NIC in a minute.
    fn residents(&self, node: usize, minute: i64) -> impl Iterator<Item = usize> {
        let later = self.minute_start(minute) >= self.middle_ms;
        let arrived = if later { self.arriving[node].as_slice() } else { &[] };
        self.cluster
            .pods_of(node)
            .filter(move |(_, pod)| !(later && pod.moves_to.is_some()))
            .map(|(index, _)| index)
            .chain(arrived.iter().copied())
    }

    fn stream(&self, kind: Kind, keys: [u64; 3]) -> Random {
        Random::of(self.plan.seed, &[kind as u64, keys[0], keys[1], keys[2]])
    }

    fn minute_start(&self, minute: i64) -> Millis {
        self.plan.start_ms + minute * MINUTE_MS
    }

    /// Requests and probes from a gateway instance to a pod.
    fn gateway(&self, instance: usize, pod: usize, minute: i64, end: End, out: &mut Vec<Tuple>) {
        let target = &self.cluster.pods[pod];
        let ends = Ends {
            source: self.cluster.instances[instance].address.into(),
            destination: target.address.into(),
            port: self.cluster.services[target.service as usize].target_port,
            protocol: 6,
            encryption: "NX",
            rules: WITHIN,
        };
        let key = (instance as u64) << 32 | pod as u64;
        let start = self.minute_start(minute);
        let requests = self.cluster.instances.len() as u64 * self.weights;
        let rate = (self.plan.requests * target.weight * 1_000_000).checked_div(requests).unwrap_or(0);
        if !(target.failing && start >= self.middle_ms) {
            let mut random = self.stream(Kind::Request, [key, minute as u64, 0]);
            for _ in 0..random.count(rate) {
                emit(&ends, &request(&mut random, start), end, out);
            }
        }
        let Some(interval) = i64::try_from(self.plan.probe_interval_ms).ok().filter(|&interval| interval > 0) else {
            return;
        };
        let phase = self.stream(Kind::Probe, [key, 0, 1]).below(interval.unsigned_abs()) as i64;
        let mut beat = (minute * MINUTE_MS - phase + interval - 1).div_euclid(interval).max(0);
        loop {
            let nominal = phase + beat * interval;
            if nominal >= (minute + 1) * MINUTE_MS {
                return;
            }
            let mut random = self.stream(Kind::Probe, [key, beat as u64, 2]);
            let start_ms = self.plan.start_ms + nominal + random.below(8) as i64;
            let failing = target.failing && start_ms >= self.middle_ms;
            let connection = Connection {
                start_ms,
                duration_ms: 2 + random.below(6) as i64,
                source_port: 32_768 + ((key.wrapping_mul(613) + beat.unsigned_abs() * 4) % 28_000) as u16,
                counters: TupleCounters {
                    packets_sent: 6,
                    bytes_sent: 702,
                    packets_returned: 5,
                    bytes_returned: if failing { 412 } else { 1893 },
                },
                skew_ms: random.below(3) as i64,
                lost: false,
            };
            emit(&ends, &connection, end, out);
            beat += 1;
        }
    }

    /// The pod that a pod's peer is; none when it lives on the same node, where no NIC sees it.
    fn peer(&self, pod: usize, peer: usize) -> Option<usize> {
        let mut random = self.stream(Kind::EastWest, [pod as u64, peer as u64, u64::MAX]);
        let target = random.below(self.cluster.pods.len() as u64) as usize;
        (self.cluster.pods[target].node != self.cluster.pods[pod].node).then_some(target)
    }

    fn east_west(&self, pod: usize, peer: usize, minute: i64, end: End, out: &mut Vec<Tuple>) {
        let Some(target) = self.peer(pod, peer) else { return };
        let key = (pod * PEERS + peer) as u64;
        let mut choice = self.stream(Kind::EastWest, [key, u64::MAX, 1]);
        let six = choice.chance(self.plan.ipv6_percent.into(), 100);
        let (source, destination) = (&self.cluster.pods[pod], &self.cluster.pods[target]);
        let ends = Ends {
            source: pick(six, source.address, source.address6),
            destination: pick(six, destination.address, destination.address6),
            port: [8080, 5432, 6379, 9090][choice.below(4) as usize],
            protocol: 6,
            encryption: match choice.below(8) {
                0 => "X",
                1 => "NX_LOCAL_DST",
                _ => "NX",
            },
            rules: WITHIN,
        };
        let rate = self.plan.east_west * 1_000_000 / (self.cluster.pods.len() * PEERS) as u64;
        let mut random = self.stream(Kind::EastWest, [key, minute as u64, 0]);
        for _ in 0..random.count(rate) {
            emit(&ends, &request(&mut random, self.minute_start(minute)), end, out);
        }
    }
}
