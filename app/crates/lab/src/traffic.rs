//! Who talks to whom, when, and how much. Each relation of two addresses (a link) makes up its connections minute by minute
//! from its own stream of random numbers, so the NICs at both ends tell of the same connections without talking to each other.

use crate::cluster::{Cluster, PLATFORM};
use crate::flow_log::{Rule, Tuple};
use crate::plan::{NetworkMode, Plan, ReportingSides};
use crate::random::Random;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::tuple::{FlowState, TupleCounters};

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

/// Which end of the connection reports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Source,
    Destination,
}

/// What all connections of a link have in common.
#[derive(Clone, Copy)]
struct Ends {
    source: IpAddr,
    destination: IpAddr,
    port: u16,
    protocol: u8,
    encryption: &'static str,
    /// Rule at the source's NIC, rule at the destination's.
    rules: [Rule; 2],
}

/// One connection.
#[derive(Clone, Copy)]
struct Connection {
    start_ms: Millis,
    duration_ms: Millis,
    source_port: u16,
    counters: TupleCounters,
    /// The destination sees it so much later.
    skew_ms: Millis,
    /// A packet of the source got lost behind its NIC.
    lost: bool,
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

    /// Users who come to a node port, where there is no gateway.
    fn web(&self, node: usize, minute: i64, out: &mut Vec<Tuple>) {
        let mut random = self.stream(Kind::Web, [node as u64, minute as u64, 0]);
        for _ in 0..random.count(self.plan.requests * 1_000_000 / self.cluster.nodes.len() as u64) {
            let service = random.below(self.cluster.services.len() as u64) as usize;
            let ends = Ends {
                source: Ipv4Addr::new(198, 51, 100, 100 + random.below(100) as u8).into(),
                destination: self.cluster.nodes[node].address.into(),
                port: self.cluster.services[service].node_port,
                protocol: 6,
                encryption: "NX",
                rules: [Rule::AllowWeb, Rule::AllowWeb],
            };
            emit(&ends, &request(&mut random, self.minute_start(minute)), End::Destination, out);
        }
    }

    fn egress(&self, node: usize, outside: usize, minute: i64, out: &mut Vec<Tuple>) {
        let key = (node * OUTSIDE + outside) as u64;
        let mut choice = self.stream(Kind::Egress, [key, u64::MAX, 1]);
        let six = choice.chance(self.plan.ipv6_percent.into(), 100);
        // Where pods have addresses of the VNet, a pod of the node is seen; else the node stands for all of its pods.
        let (source, source6) = if self.cluster.mode == NetworkMode::PodSubnet {
            let pod = &self.cluster.pods[node * self.cluster.pods_per_node + outside % self.cluster.pods_per_node];
            (pod.address, pod.address6)
        } else {
            (self.cluster.nodes[node].address, self.cluster.nodes[node].address6)
        };
        let last = 9 + choice.below(40) as u8;
        let ends = Ends {
            source: pick(six, source, source6),
            destination: pick(
                six,
                Ipv4Addr::new(198, 51, 100, last),
                Some(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last.into())),
            ),
            port: 443,
            protocol: 6,
            encryption: "NX",
            rules: [Rule::AllowInternetOutBound; 2],
        };
        let mut random = self.stream(Kind::Egress, [key, minute as u64, 0]);
        for _ in 0..random.count(self.plan.egress * 1_000_000 / (self.cluster.nodes.len() * OUTSIDE) as u64) {
            emit(&ends, &request(&mut random, self.minute_start(minute)), End::Source, out);
        }
    }

    fn denied(&self, node: usize, minute: i64, out: &mut Vec<Tuple>) {
        let own: IpAddr = self.cluster.nodes[node].address.into();
        let nodes = self.cluster.nodes.len() as u64;
        for (kind, share) in [(Kind::DeniedIn, 7), (Kind::DeniedOut, 1)] {
            let inbound = share == 7;
            let mut random = self.stream(kind, [node as u64, minute as u64, 0]);
            for _ in 0..random.count(self.plan.denied * share * 1_000_000 / 8 / nodes) {
                let other = Ipv4Addr::new(203, 0, 113, 1 + random.below(250) as u8).into();
                out.push(Tuple {
                    time_ms: self.minute_start(minute) + random.below(60_000) as i64,
                    source: if inbound { other } else { own },
                    destination: if inbound { own } else { other },
                    source_port: 1024 + random.below(60_000) as u16,
                    destination_port: if inbound { [22, 3389, 23, 445][random.below(4) as usize] } else { 25 },
                    protocol: 6,
                    inbound,
                    state: FlowState::Denied,
                    encryption: "NX",
                    rule: if inbound { Rule::DenyAllInBound } else { Rule::DenyMail },
                    counters: TupleCounters::default(),
                });
            }
        }
    }

    fn platform(&self, node: usize, minute: i64, out: &mut Vec<Tuple>) {
        let own: IpAddr = self.cluster.nodes[node].address.into();
        let rate = self.plan.platform * 500_000 / self.cluster.nodes.len() as u64;
        let start = self.minute_start(minute);
        let names = Ends {
            source: own,
            destination: PLATFORM,
            port: 53,
            protocol: 17,
            encryption: "NX",
            rules: [Rule::Platform; 2],
        };
        let mut random = self.stream(Kind::PlatformOut, [node as u64, minute as u64, 0]);
        for _ in 0..random.count(rate) {
            let mut connection = request(&mut random, start);
            connection.duration_ms = random.below(40) as i64;
            connection.counters = TupleCounters {
                packets_sent: 1,
                bytes_sent: 60 + random.below(30),
                packets_returned: 1,
                bytes_returned: 100 + random.below(90),
            };
            emit(&names, &connection, End::Source, out);
        }
        let probes = Ends {
            source: PLATFORM,
            destination: own,
            port: 31_999,
            protocol: 6,
            rules: [Rule::AllowAzureLoadBalancerInBound; 2],
            ..names
        };
        let mut random = self.stream(Kind::PlatformIn, [node as u64, minute as u64, 0]);
        for _ in 0..random.count(rate) {
            let mut connection = request(&mut random, start);
            connection.counters =
                TupleCounters { packets_sent: 5, bytes_sent: 398, packets_returned: 4, bytes_returned: 380 };
            emit(&probes, &connection, End::Destination, out);
        }
    }

    fn long_flow(&self, nic: Nic, index: u64, out: &mut Vec<Tuple>) {
        let mut random = self.stream(Kind::Long, [index, 0, 0]);
        let pods = self.cluster.pods.len() as u64;
        let target = random.below(pods) as usize;
        let origin = random.below(pods) as usize;
        let from_gateway = index.is_multiple_of(3) && !self.cluster.instances.is_empty();
        let instance = random.below(self.cluster.instances.len() as u64) as usize;
        let (source, source_nic) = if from_gateway {
            (self.cluster.instances[instance].address, Nic::Instance(instance))
        } else {
            (self.cluster.pods[origin].address, Nic::Node(self.cluster.pods[origin].node as usize))
        };
        let pod = &self.cluster.pods[target];
        let destination_nic = Nic::Node(pod.node as usize);
        if source_nic == destination_nic {
            return;
        }
        let end = match nic {
            nic if nic == destination_nic => End::Destination,
            nic if nic == source_nic && self.plan.sides == ReportingSides::Both => End::Source,
            _ => return,
        };
        let start_ms =
            self.plan.start_ms + random.below((u64::from(self.plan.minutes) + 30) * 60_000) as i64 - 30 * MINUTE_MS;
        let duration_ms = random.between(3, 90) as i64 * MINUTE_MS + random.below(60_000) as i64;
        // Bytes a second, the same all the time, so that both ends count the same in the end, cut at different moments.
        let rates = [200 + random.below(4_000), 500 + random.below(40_000)];
        let source_port = 40_000 + random.below(20_000) as u16;
        let inbound = end == End::Destination;
        let cut_ms = Random::of(random.bits(), &[inbound.into()]).below(20_000) as i64;
        let tuple = |time_ms: Millis, state: FlowState, elapsed_ms: i64| {
            let bytes = rates.map(|rate| rate * elapsed_ms.unsigned_abs() / 1000 + 40);
            Tuple {
                time_ms,
                source: source.into(),
                destination: pod.address.into(),
                source_port,
                destination_port: if from_gateway { 8080 } else { 5432 },
                protocol: 6,
                inbound,
                state,
                encryption: "NX",
                rule: WITHIN[usize::from(inbound)],
                counters: TupleCounters {
                    packets_sent: bytes[0] / 700 + 1,
                    bytes_sent: bytes[0],
                    packets_returned: bytes[1] / 1200 + 1,
                    bytes_returned: bytes[1],
                },
            }
        };
        out.push(tuple(start_ms, FlowState::Begin, 0));
        let (mut last, stop) = (start_ms, start_ms + duration_ms);
        let mut next = start_ms + 5 * MINUTE_MS - cut_ms;
        while next < stop {
            out.push(tuple(next, FlowState::Continue, next - last));
            last = next;
            next += 5 * MINUTE_MS;
        }
        out.push(tuple(stop, FlowState::End, stop - last));
    }
}

fn pick(six: bool, v4: Ipv4Addr, v6: Option<Ipv6Addr>) -> IpAddr {
    match v6 {
        Some(v6) if six => v6.into(),
        _ => v4.into(),
    }
}

/// A connection like those of users: small question, larger answer, mostly short.
fn request(random: &mut Random, minute_start: Millis) -> Connection {
    let sent = 400 + random.below(1200);
    let returned = random.skewed(1500);
    Connection {
        start_ms: minute_start + random.below(60_000) as i64,
        duration_ms: if random.chance(1, 16) { random.below(55_000) } else { random.below(1_500) } as i64,
        source_port: 1024 + random.below(64_000) as u16,
        counters: TupleCounters {
            packets_sent: 4 + returned / 2900,
            bytes_sent: sent + returned / 70,
            packets_returned: 3 + returned / 1448,
            bytes_returned: returned,
        },
        skew_ms: random.below(4) as i64,
        lost: random.chance(1, 8),
    }
}

fn emit(ends: &Ends, connection: &Connection, end: End, out: &mut Vec<Tuple>) {
    let inbound = end == End::Destination;
    let mut counters = connection.counters;
    if inbound && connection.lost {
        counters.packets_sent -= 1;
        counters.bytes_sent -= 52;
    }
    let begin = Tuple {
        time_ms: connection.start_ms + if inbound { connection.skew_ms } else { 0 },
        source: ends.source,
        destination: ends.destination,
        source_port: connection.source_port,
        destination_port: ends.port,
        protocol: ends.protocol,
        inbound,
        state: FlowState::Begin,
        encryption: ends.encryption,
        rule: ends.rules[usize::from(inbound)],
        counters: TupleCounters::default(),
    };
    out.push(begin);
    out.push(Tuple { time_ms: begin.time_ms + connection.duration_ms, state: FlowState::End, counters, ..begin });
}
