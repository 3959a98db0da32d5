//! Who an address was at a minute: exact addresses by one hash look-up, ranges by longest prefix, first match wins in the
//! contract's order. Answers are small values; their words are made only when asked for.

mod tables;
mod words;

use crate::clusters::Clusters;
use crate::gateway::{expected_instances, gateway_subnets, subnets_by_id};
use crate::inventory::{Inventory, Sourced};
use crate::lifetime::Lifetime;
use crate::pod_ranges::{node_blocks, pod_ranges};
use crate::prefix::PrefixTable;
use crate::special::{is_platform, is_private};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use tables::{fixed_owners, node_names, pod_holders};
use underlay_model::IpNet;
use underlay_model::inventory::Pod;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{Millis, Minute, minute_of};
use underlay_model::view::MinuteRange;

/// Stands for no node, no input.
const NONE: u32 = u32::MAX;

/// Who an address is, as a small value: compare and copy it freely, ask the [`Resolver`] for its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// What it is.
    pub kind: EndpointKind,
    /// Index into the list of its kind: pods, services, NICs, subnets, virtual networks of the [`Inventory`];
    /// [`Resolver::node_names`], [`Resolver::gateway_subnets`], [`Resolver::pod_ranges`], service ranges;
    /// 0 for platform, private and public.
    pub subject: u32,
    /// Index into [`Resolver::node_names`]; `u32::MAX` when there is no node.
    pub node: u32,
    source: Source,
    input: u32,
}

impl Owner {
    /// The node, when it has one.
    pub fn node(self) -> Option<u32> {
        (self.node != NONE).then_some(self.node)
    }
}

/// Which statement of an input made an address somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Source {
    PodStatus,
    PodTable,
    NodeInternal,
    NodeExternal,
    NodeNetworkConfig,
    PodHost,
    ClusterAddress,
    LoadBalancerAddress,
    IpConfiguration,
    Range,
    Definition,
}

/// A subnet of gateway instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySubnet {
    /// Its prefix; a single address (/32, /128) when only a who-am-I answer names an instance.
    pub prefix: IpNet,
    /// Why.
    pub evidence: String,
    /// Index into [`Inventory::subnets`] when it is one of them.
    pub subnet: Option<u32>,
}

/// A range that pods have their addresses from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodRange {
    /// The pod CIDR, a node's block of it, or the pod subnet's prefix.
    pub prefix: IpNet,
    /// Why.
    pub evidence: String,
    /// Index into [`Inventory::subnets`] when it is a pod subnet of a virtual network.
    pub subnet: Option<u32>,
}

/// A gateway instance that some input names, seen or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedInstance {
    /// Its address, inside a gateway subnet.
    pub address: IpAddr,
    /// Which input names it.
    pub evidence: String,
}

/// A prefix of a service range, subnet or virtual network and what it belongs to.
struct NamedPrefix {
    prefix: IpNet,
    subject: u32,
    input: u32,
}

/// A pod that held an address for some time.
#[derive(Clone, Copy)]
struct Holder {
    pod: u32,
    life: Lifetime,
}

/// What is known of one exact address.
#[derive(Clone, Copy, Default)]
struct Exact {
    /// Range in [`Resolver::holders`], the one that started last first.
    holders: (u32, u32),
    /// Node, service or NIC: the first in the contract's order.
    fixed: Option<Owner>,
}

/// Answers who an address was at a minute (`summary-contract.md`, Who an address is). Built once per inventory.
pub struct Resolver {
    inventory: Inventory,
    node_names: Vec<String>,
    pod_nodes: Vec<u32>,
    clusters: Clusters,
    exact: FxHashMap<IpAddr, Exact>,
    holders: Vec<Holder>,
    gateways: Vec<GatewaySubnet>,
    gateway_table: PrefixTable,
    expected: Vec<ExpectedInstance>,
    pod_ranges: Vec<PodRange>,
    pod_range_table: PrefixTable,
    node_blocks: PrefixTable,
    service_ranges: Vec<NamedPrefix>,
    service_range_table: PrefixTable,
    subnet_prefixes: Vec<NamedPrefix>,
    subnet_table: PrefixTable,
    network_prefixes: Vec<NamedPrefix>,
    network_table: PrefixTable,
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}

fn table<'a>(prefixes: impl Iterator<Item = &'a IpNet>) -> PrefixTable {
    let mut table = PrefixTable::default();
    for (at, prefix) in (0u32..).zip(prefixes) {
        table.insert(*prefix, at);
    }
    table
}

impl Resolver {
    /// Builds the tables. Linear in the number of objects, but for sorting.
    pub fn new(inventory: Inventory) -> Self {
        let subnet_ids = subnets_by_id(&inventory);
        let node_names = node_names(&inventory);
        let node_of = |name: &str| node_names.binary_search_by(|known| known.as_str().cmp(name)).map_or(NONE, index);
        let pod_nodes: Vec<u32> = inventory.pods.iter().map(|pod| node_of(&pod.node_name)).collect();
        let mut exact = fixed_owners(&inventory, &node_of);
        let holders = pod_holders(&inventory, &mut exact);
        let gateways = gateway_subnets(&inventory, &subnet_ids);
        let expected = expected_instances(&inventory, &gateways);
        let pod_ranges = pod_ranges(&inventory, &subnet_ids);
        let node_blocks = node_blocks(&inventory, &node_of);
        let named = |list: Vec<(IpNet, u32, u32)>| -> Vec<NamedPrefix> {
            list.into_iter()
                .map(|(prefix, subject, input)| NamedPrefix { prefix: prefix.trunc(), subject, input })
                .collect()
        };
        let service_ranges = named(
            (0u32..)
                .zip(&inventory.clusters)
                .flat_map(|(at, cluster)| cluster.service_cidrs.iter().map(move |cidr| (*cidr, at, cluster.input)))
                .collect(),
        );
        let subnet_prefixes = named(
            (0u32..)
                .zip(&inventory.subnets)
                .flat_map(|(at, subnet)| subnet.prefixes.iter().map(move |prefix| (*prefix, at, subnet.input)))
                .collect(),
        );
        let network_prefixes = named(
            (0u32..)
                .zip(&inventory.virtual_networks)
                .flat_map(|(at, network)| network.prefixes.iter().map(move |prefix| (*prefix, at, network.input)))
                .collect(),
        );
        Self {
            gateway_table: table(gateways.iter().map(|gateway| &gateway.prefix)),
            pod_range_table: table(pod_ranges.iter().map(|range| &range.prefix)),
            service_range_table: table(service_ranges.iter().map(|named| &named.prefix)),
            subnet_table: table(subnet_prefixes.iter().map(|named| &named.prefix)),
            network_table: table(network_prefixes.iter().map(|named| &named.prefix)),
            clusters: Clusters::of(&inventory),
            inventory,
            node_names,
            pod_nodes,
            exact,
            holders,
            gateways,
            expected,
            pod_ranges,
            node_blocks,
            service_ranges,
            subnet_prefixes,
            network_prefixes,
        }
    }

    /// What it was built from.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Who the address was at some moment of the minute. No allocation.
    pub fn resolve(&self, address: IpAddr, minute: Minute) -> Owner {
        let range = |kind, subject, node, input| Owner { kind, subject, node, source: Source::Range, input };
        if let Some(gateway) = self.gateway_table.find(address) {
            return range(EndpointKind::GatewayInstance, gateway, NONE, NONE);
        }
        if let Some(exact) = self.exact.get(&address) {
            let holders = self.holders.get(exact.holders.0 as usize..exact.holders.1 as usize).unwrap_or_default();
            if let Some(holder) = holders.iter().find(|holder| holder.life.meets(minute)) {
                return self.pod_owner(holder.pod);
            }
            if let Some(owner) = exact.fixed {
                return owner;
            }
        }
        let definition = |kind| Owner { kind, subject: 0, node: NONE, source: Source::Definition, input: NONE };
        if is_platform(address) {
            return definition(EndpointKind::Platform);
        }
        if let Some(found) = self.pod_range_table.find(address) {
            let node = self.node_blocks.find(address).unwrap_or(NONE);
            return range(EndpointKind::PodRange, found, node, NONE);
        }
        if let Some(found) = self.service_range_table.find(address) {
            return range(EndpointKind::ServiceRange, found, NONE, NONE);
        }
        if let Some(found) = self.subnet_table.find(address) {
            let named = self.subnet_prefixes.get(found as usize);
            return range(EndpointKind::Subnet, named.map_or(NONE, |named| named.subject), NONE, found);
        }
        if let Some(found) = self.network_table.find(address) {
            let named = self.network_prefixes.get(found as usize);
            return range(EndpointKind::Vnet, named.map_or(NONE, |named| named.subject), NONE, found);
        }
        definition(if is_private(address) { EndpointKind::Private } else { EndpointKind::Public })
    }

    fn pod_owner(&self, pod: u32) -> Owner {
        let object = self.inventory.pods.get(pod as usize);
        let table = object.is_some_and(|pod| pod.from_table);
        Owner {
            kind: EndpointKind::Pod,
            subject: pod,
            node: self.pod_nodes.get(pod as usize).copied().unwrap_or(NONE),
            source: if table { Source::PodTable } else { Source::PodStatus },
            input: object.map_or(NONE, |pod| pod.input),
        }
    }

    /// Addresses that had more than one owner within the minutes, sorted: rows of these must be split by minute.
    pub fn contested(&self, span: MinuteRange) -> Vec<IpAddr> {
        let mut contested: Vec<IpAddr> = self
            .exact
            .iter()
            .filter(|&(&address, exact)| self.is_contested(address, *exact, span))
            .map(|(&address, _)| address)
            .collect();
        contested.order();
        contested
    }

    fn is_contested(&self, address: IpAddr, exact: Exact, span: MinuteRange) -> bool {
        let holders = self.holders.get(exact.holders.0 as usize..exact.holders.1 as usize).unwrap_or_default();
        // The one that started last hides the others if it lives throughout.
        if holders.first().is_none_or(|last| last.life.meets(span.first) && last.life.to == Millis::MAX) {
            return false;
        }
        let at_first = self.resolve(address, span.first);
        holders
            .iter()
            .flat_map(|holder| [minute_of(holder.life.from), minute_of(holder.life.to).saturating_add(1)])
            .any(|minute| span.contains(minute) && self.resolve(address, minute) != at_first)
    }

    /// Who the address was through the minutes, in order and without holes; runs of one owner are one entry.
    pub fn tenures(&self, address: IpAddr, span: MinuteRange) -> Vec<(MinuteRange, Owner)> {
        let exact = self.exact.get(&address).copied().unwrap_or_default();
        let holders = self.holders.get(exact.holders.0 as usize..exact.holders.1 as usize).unwrap_or_default();
        let mut changes: Vec<Minute> = holders
            .iter()
            .flat_map(|holder| [minute_of(holder.life.from), minute_of(holder.life.to).saturating_add(1)])
            .filter(|&minute| span.contains(minute))
            .chain([span.first])
            .collect();
        changes.order();
        changes.dedup();
        let mut tenures: Vec<(MinuteRange, Owner)> = Vec::new();
        for minute in changes {
            let owner = self.resolve(address, minute);
            match tenures.last_mut() {
                Some((_, last)) if *last == owner => {}
                last => {
                    if let Some((range, _)) = last {
                        range.last = minute - 1;
                    }
                    tenures.push((MinuteRange { first: minute, last: span.last }, owner));
                }
            }
        }
        tenures
    }

    /// Addresses that pods of two clusters held at one time within the minutes, sorted: clusters may share a pod CIDR. Who
    /// reported a flow tells them apart ([`Resolver::resolve_reported`]).
    pub fn shared(&self, span: MinuteRange) -> Vec<IpAddr> {
        let lived =
            |holder: &&Holder| minute_of(holder.life.to) >= span.first && minute_of(holder.life.from) <= span.last;
        let is_shared = |exact: &Exact| {
            let mut holders = self.holders_of(*exact).iter().filter(lived);
            let first = holders.next();
            first.is_some_and(|first| {
                let own = self.cluster_of_pod(first.pod);
                holders.any(|other| {
                    let overlaps = other.life.to >= first.life.from && first.life.to >= other.life.from;
                    let cluster = self.cluster_of_pod(other.pod);
                    overlaps && own.is_some() && cluster.is_some() && own != cluster
                })
            })
        };
        let mut shared: Vec<IpAddr> =
            self.exact.iter().filter(|(_, exact)| is_shared(exact)).map(|(&address, _)| address).collect();
        shared.order();
        shared
    }

    fn holders_of(&self, exact: Exact) -> &[Holder] {
        self.holders.get(exact.holders.0 as usize..exact.holders.1 as usize).unwrap_or_default()
    }

    /// Addresses of nodes, sorted: who reports one as its own is that node's NIC.
    pub fn node_addresses(&self) -> Vec<IpAddr> {
        let is_node = |exact: &Exact| exact.fixed.is_some_and(|owner| owner.kind == EndpointKind::Node);
        let mut found: Vec<IpAddr> =
            self.exact.iter().filter(|(_, exact)| is_node(exact)).map(|(&address, _)| address).collect();
        found.order();
        found
    }

    /// The node whose NIC has this MAC (12 hex digits in upper case), by a list of NICs.
    pub fn node_of_mac(&self, mac: &str) -> Option<u32> {
        let listed =
            self.inventory.network_interfaces.iter().find(|interface| !mac.is_empty() && interface.mac == mac)?;
        let fixed = |address| self.exact.get(address).and_then(|exact| exact.fixed).and_then(Owner::node);
        listed.addresses.iter().find_map(fixed)
    }

    /// Who the address was, told by the node whose NIC reported it as its own: of the pods of several clusters at one address
    /// the one of that node's cluster; else as [`Resolver::resolve`] has it.
    pub fn resolve_reported(&self, address: IpAddr, minute: Minute, node: u32) -> Owner {
        let owner = self.resolve(address, minute);
        let cluster = self.cluster_of_node(node);
        if owner.kind != EndpointKind::Pod || cluster.is_none() {
            return owner;
        }
        let holders = self.exact.get(&address).map(|exact| self.holders_of(*exact)).unwrap_or_default();
        let told = |holder: &&Holder| holder.life.meets(minute) && self.cluster_of_pod(holder.pod) == cluster;
        holders.iter().find(told).map_or(owner, |holder| self.pod_owner(holder.pod))
    }

    fn cluster_of_node(&self, node: u32) -> Option<&str> {
        self.node_names.get(node as usize).and_then(|name| self.clusters.cluster(name))
    }

    fn cluster_of_pod(&self, pod: u32) -> Option<&str> {
        self.cluster_of_node(self.pod_nodes.get(pod as usize).copied()?)
    }

    /// Names of nodes, sorted: of node objects, of pods' `nodeName`, of NodeNetworkConfigs.
    pub fn node_names(&self) -> &[String] {
        &self.node_names
    }

    /// Index into [`Self::node_names`] of a pod's node, by the pod's index; `None` when it has none.
    pub fn node_of_pod(&self, pod: u32) -> Option<u32> {
        self.pod_nodes.get(pod as usize).copied().filter(|&node| node != NONE)
    }

    /// Subnets of gateway instances, sorted by prefix.
    pub fn gateway_subnets(&self) -> &[GatewaySubnet] {
        &self.gateways
    }

    /// Ranges of pod addresses, sorted by prefix.
    pub fn pod_ranges(&self) -> &[PodRange] {
        &self.pod_ranges
    }

    /// Gateway instances that inputs name, sorted by address.
    pub fn expected_instances(&self) -> &[ExpectedInstance] {
        &self.expected
    }

    /// Index into [`Inventory::subnets`] of the subnet that holds the address, whoever owns it.
    pub fn subnet_at(&self, address: IpAddr) -> Option<u32> {
        let found = self.subnet_table.find(address)?;
        self.subnet_prefixes.get(found as usize).map(|named| named.subject)
    }

    /// Index into [`Inventory::virtual_networks`] of the network that holds the address, whoever owns it.
    pub fn network_at(&self, address: IpAddr) -> Option<u32> {
        let found = self.network_table.find(address)?;
        self.network_prefixes.get(found as usize).map(|named| named.subject)
    }
}

/// The index of a pod of the inventory by its place in the list; for callers that walk the list themselves.
impl Sourced<Pod> {
    /// Whether it is drawn and judged: not over, and not sharing the node's address.
    pub fn is_live(&self) -> bool {
        !self.host_network && !crate::is_finished(self)
    }
}
