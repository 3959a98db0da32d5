//! The imagined cluster: addresses, names and NICs of nodes, pods, services and gateway instances, by networking mode.

use crate::plan::{NetworkMode, Plan};
use crate::random::Random;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use underlay_model::time::{MINUTE_MS, Millis};

/// Subscription of everything imagined.
pub const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";
/// Resource group of the VNet and the cluster.
pub const RESOURCE_GROUP: &str = "demo";
/// Region.
pub const REGION: &str = "eastus";
/// Azure's own address.
pub const PLATFORM: IpAddr = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));

/// A node with one NIC.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Node {
    pub name: String,
    pub address: Ipv4Addr,
    /// In dual-stack clusters.
    pub address6: Option<Ipv6Addr>,
    pub mac: String,
    /// The pods' block, in modes that have one.
    pub block: Option<Ipv4Addr>,
}

/// A pod with an address of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Pod {
    pub namespace: String,
    pub name: String,
    /// Index of its node.
    pub node: u32,
    /// Index of its service.
    pub service: u32,
    pub address: Ipv4Addr,
    /// In dual-stack clusters.
    pub address6: Option<Ipv6Addr>,
    pub started_ms: Millis,
    /// Answers badly from the middle of the capture on.
    pub failing: bool,
    /// Node that it moves to in the middle of the capture.
    pub moves_to: Option<u32>,
    /// The finished job that had its address before.
    pub before: Option<Job>,
    /// Share of the requests, relative to other pods.
    pub weight: u64,
}

impl Pod {
    /// Its node at the end of the capture, as a snapshot then says.
    pub fn last_node(&self) -> u32 {
        self.moves_to.unwrap_or(self.node)
    }
}

/// A pod that ran to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Job {
    pub name: String,
    pub started_ms: Millis,
    pub finished_ms: Millis,
}

/// A service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Service {
    pub namespace: String,
    pub name: String,
    pub address: Ipv4Addr,
    pub port: u16,
    pub target_port: u16,
    pub node_port: u16,
}

/// A gateway instance.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Instance {
    pub address: Ipv4Addr,
    pub mac: String,
}

/// Everything that has an address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Cluster {
    pub mode: NetworkMode,
    pub nodes: Vec<Node>,
    /// Those of node 0 first.
    pub pods: Vec<Pod>,
    pub services: Vec<Service>,
    pub instances: Vec<Instance>,
    pub silent: Vec<Instance>,
    pub vnet_prefixes: Vec<&'static str>,
    pub node_subnet: &'static str,
    pub pod_subnet: Option<&'static str>,
    pub pod_cidr: Option<&'static str>,
    pub pod_cidr6: Option<&'static str>,
    pub pods_per_node: usize,
}

/// The gateway's subnet; no other address of the cluster lies in it.
pub const GATEWAY_SUBNET: &str = "10.13.100.0/24";
/// Services' addresses.
pub const SERVICE_CIDR: &str = "10.0.0.0/16";
/// Pods' IPv6 addresses in dual-stack clusters.
pub const POD_CIDR6: &str = "fd12:3456:789a::/64";

impl Cluster {
    /// The cluster of a plan.
    pub fn of(plan: &Plan) -> Self {
        let many = plan.nodes > 250 || plan.mode == NetworkMode::NodeSubnet;
        let wide = plan.nodes > 256;
        let dual = plan.ipv6_percent > 0;
        let blocks = matches!(plan.mode, NetworkMode::Overlay | NetworkMode::Kubenet);
        let per_node = plan.pods_per_node;
        let nodes: Vec<Node> = (0..plan.nodes)
            .map(|index| {
                let address = match (plan.mode, many) {
                    (NetworkMode::NodeSubnet, _) => add([10, 13, 128, 0], 4 + index * (per_node + 1)),
                    (_, true) => add([10, 13, 128, 0], 4 + index),
                    (_, false) => add([10, 13, 76, 0], 4 + index),
                };
                Node {
                    name: format!("aks-nodepool1-30661543-vmss{}", base36(index)),
                    address,
                    address6: dual.then(|| Ipv6Addr::new(0xfd00, 0x10, 0x13, 0, 0, 0, 0, 4 + index as u16)),
                    mac: format!("6045BD{:06X}", 0x12_AB34 + index),
                    block: blocks.then(|| add(if wide { [10, 128, 0, 0] } else { [10, 244, 0, 0] }, index * 256)),
                }
            })
            .collect();
        let services: Vec<Service> = (0..plan.services)
            .map(|index| Service {
                namespace: format!("team-{}", index % 7),
                name: format!("app{index:02}"),
                address: add([10, 0, 16, 0], 10 + index),
                port: 80,
                target_port: if index % 3 == 2 { 8443 } else { 8080 },
                node_port: 30_000 + index as u16,
            })
            .collect();
        let mut pods = Vec::with_capacity(plan.nodes as usize * per_node as usize);
        for (node_index, node) in (0u32..).zip(&nodes) {
            for slot in 0..per_node {
                let index = node_index * per_node + slot;
                let mut random = Random::of(plan.seed, &[0x0050_0D00, index.into()]);
                let service = index % plan.services;
                let address = match (plan.mode, node.block) {
                    (_, Some(block)) => Ipv4Addr::from(u32::from(block) + 4 + slot),
                    (NetworkMode::NodeSubnet, None) => Ipv4Addr::from(u32::from(node.address) + 1 + slot),
                    // Dynamic allocation: batches of sixteen, so that the addresses of a node are scattered.
                    _ => add([10, 14, 0, 0], 16 + (slot / 16 * plan.nodes + node_index) * 16 + slot % 16),
                };
                let owner = &services[service as usize];
                let mut started_ms = plan.start_ms - MINUTE_MS * random.between(20, 600) as i64 - 1_000;
                let length_ms = i64::from(plan.minutes) * MINUTE_MS;
                let first_reused = plan.failing_pods;
                let before = (first_reused..first_reused + plan.reused_addresses).contains(&index).then(|| Job {
                    name: format!("job-{}-{}", hash_text(plan.seed ^ 99, index.into(), 5), unique(index)),
                    started_ms: plan.start_ms - 31 * MINUTE_MS,
                    finished_ms: plan.start_ms + length_ms / 3 + 3_000,
                });
                if before.is_some() {
                    started_ms = plan.start_ms + length_ms * 2 / 3 + 7_000;
                }
                let moves = plan.nodes > 1 && index >= plan.nodes * per_node - plan.moved_pods;
                pods.push(Pod {
                    namespace: owner.namespace.clone(),
                    name: format!("{}-{}-{}", owner.name, hash_text(plan.seed, service.into(), 10), {
                        // The slot's own letters make it unique, the random ones make it look like the real thing.
                        let tail = hash_text(plan.seed ^ 77, index.into(), 5);
                        format!("{}{}", &tail[..1], unique(index))
                    }),
                    node: node_index,
                    service,
                    address,
                    address6: dual
                        .then(|| Ipv6Addr::new(0xfd12, 0x3456, 0x789a, 0, node_index as u16, 0, 0, 4 + slot as u16)),
                    started_ms,
                    moves_to: moves.then_some((node_index + 1) % plan.nodes),
                    before,
                    failing: index < plan.failing_pods,
                    weight: [1, 1, 1, 2, 4][random.below(5) as usize],
                });
            }
        }
        let instance = |index: u32| Instance {
            address: add([10, 13, 100, 0], 6 + index),
            mac: format!("002248{:06X}", 0x5A_0010 + index),
        };
        let active = if plan.mode == NetworkMode::Kubenet { 0 } else { plan.gateway_instances };
        let silent = if plan.mode == NetworkMode::Kubenet { 0 } else { plan.silent_instances };
        Self {
            mode: plan.mode,
            pods,
            services,
            instances: (0..active).map(instance).collect(),
            silent: (active..active + silent).map(instance).collect(),
            vnet_prefixes: if plan.mode == NetworkMode::PodSubnet {
                vec!["10.13.0.0/16", "10.14.0.0/15"]
            } else {
                vec!["10.13.0.0/16"]
            },
            node_subnet: if many { "10.13.128.0/17" } else { "10.13.76.0/24" },
            pod_subnet: (plan.mode == NetworkMode::PodSubnet).then_some("10.14.0.0/15"),
            pod_cidr: blocks.then_some(if wide { "10.128.0.0/11" } else { "10.244.0.0/16" }),
            pod_cidr6: dual.then_some(POD_CIDR6),
            pods_per_node: per_node as usize,
            nodes,
        }
    }

    /// The pods of a node, with their indices.
    pub fn pods_of(&self, node: usize) -> impl Iterator<Item = (usize, &Pod)> {
        let first = node * self.pods_per_node;
        (first..).zip(&self.pods[first..first + self.pods_per_node])
    }
}

fn add(base: [u8; 4], offset: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(Ipv4Addr::from(base)) + offset)
}

/// Six digits in base 36, as scale set instances are numbered.
fn base36(mut number: u32) -> String {
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
        number /= 36;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

/// Letters that Kubernetes uses in generated names: no vowels, nothing that looks like another.
const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";

/// A piece of a generated name, from a key.
pub(crate) fn hash_text(seed: u64, key: u64, length: usize) -> String {
    let mut random = Random::of(seed, &[0x4E41_4D45, key]);
    (0..length).map(|_| char::from(LETTERS[random.below(27) as usize])).collect()
}

/// Four letters, different for each index up to 27⁴.
fn unique(mut index: u32) -> String {
    (0..4)
        .map(|_| {
            let letter = LETTERS[(index % 27) as usize];
            index /= 27;
            char::from(letter)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn addresses_and_names_are_distinct_in_every_mode() {
        for mode in NetworkMode::ALL {
            let plan = Plan { mode, nodes: 40, pods_per_node: 60, silent_instances: 3, ..Plan::default() };
            let cluster = Cluster::of(&plan);
            let mut addresses: BTreeSet<Ipv4Addr> = cluster.pods.iter().map(|pod| pod.address).collect();
            addresses.extend(cluster.nodes.iter().map(|node| node.address));
            addresses.extend(cluster.instances.iter().chain(&cluster.silent).map(|instance| instance.address));
            let expected = 40 * 61 + cluster.instances.len() + cluster.silent.len();
            assert_eq!(addresses.len(), expected, "{mode:?}");
            let names: BTreeSet<&str> = cluster.pods.iter().map(|pod| pod.name.as_str()).collect();
            assert_eq!(names.len(), 2400);
            let pod_range: ipnet::Ipv4Net =
                cluster.pod_subnet.or(cluster.pod_cidr).unwrap_or(cluster.node_subnet).parse().unwrap();
            assert!(cluster.pods.iter().all(|pod| pod_range.contains(&pod.address)), "{mode:?}");
        }
    }
}
