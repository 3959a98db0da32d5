//! What goes into the network and out of it: users of node ports, the internet, scans, and the platform.

use super::connection::{End, Ends, emit, pick, request};
use super::{Kind, OUTSIDE, Traffic};
use crate::cluster::PLATFORM;
use crate::flow_log::{Rule, Tuple};
use crate::plan::NetworkMode;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use underlay_model::tuple::{FlowState, TupleCounters};

impl Traffic<'_> {
    /// Users who come to a node port, where there is no gateway.
    pub(super) fn web(&self, node: usize, minute: i64, out: &mut Vec<Tuple>) {
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

    pub(super) fn egress(&self, node: usize, outside: usize, minute: i64, out: &mut Vec<Tuple>) {
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

    pub(super) fn denied(&self, node: usize, minute: i64, out: &mut Vec<Tuple>) {
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

    pub(super) fn platform(&self, node: usize, minute: i64, out: &mut Vec<Tuple>) {
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
}
