//! The tables of a resolver: which nodes there are, who holds an address without regard to time, and which pods did when.

use super::{Exact, Holder, NONE, Owner, Source, index};
use crate::inventory::Inventory;
use crate::lifetime::Lifetime;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;

/// Names of nodes, sorted, each once: of objects, of pods and of NodeNetworkConfigs.
pub(super) fn node_names(inventory: &Inventory) -> Vec<String> {
    let mut names: Vec<&str> = (inventory.nodes.iter().map(|node| node.meta.name.as_str()))
        .chain(inventory.pods.iter().map(|pod| pod.node_name.as_str()))
        .chain(inventory.node_network_configs.iter().map(|config| config.meta.name.as_str()))
        .filter(|name| !name.is_empty())
        .collect();
    names.order();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// Addresses of nodes, services and NICs; the first in this order stays.
pub(super) fn fixed_owners(inventory: &Inventory, node_of: &impl Fn(&str) -> u32) -> FxHashMap<IpAddr, Exact> {
    let mut exact: FxHashMap<IpAddr, Exact> = FxHashMap::default();
    let mut add = |address: IpAddr, owner: Owner| {
        exact.entry(address).or_default().fixed.get_or_insert(owner);
    };
    let node_owner = |name: &str, source, input| {
        let node = node_of(name);
        Owner { kind: EndpointKind::Node, subject: node, node, source, input }
    };
    for (pick, source) in [(true, Source::NodeInternal), (false, Source::NodeExternal)] {
        for node in &inventory.nodes {
            let addresses = if pick { &node.internal_addresses } else { &node.external_addresses };
            addresses.iter().for_each(|&address| add(address, node_owner(&node.meta.name, source, node.input)));
        }
    }
    for config in &inventory.node_network_configs {
        for address in config.containers.iter().filter_map(|container| container.node_address) {
            add(address, node_owner(&config.meta.name, Source::NodeNetworkConfig, config.input));
        }
    }
    for pod in inventory.pods.iter().filter(|pod| !pod.node_name.is_empty()) {
        let own = if pod.host_network { pod.addresses.as_slice() } else { &[] };
        for &address in pod.host_addresses.iter().chain(own) {
            add(address, node_owner(&pod.node_name, Source::PodHost, pod.input));
        }
    }
    for (at, service) in (0u32..).zip(&inventory.services) {
        let owner =
            |source| Owner { kind: EndpointKind::Service, subject: at, node: NONE, source, input: service.input };
        service.cluster_addresses.iter().for_each(|&address| add(address, owner(Source::ClusterAddress)));
        service.load_balancer_addresses.iter().for_each(|&address| add(address, owner(Source::LoadBalancerAddress)));
    }
    for (at, interface) in (0u32..).zip(&inventory.network_interfaces) {
        let owner = Owner {
            kind: EndpointKind::Nic,
            subject: at,
            node: NONE,
            source: Source::IpConfiguration,
            input: interface.input,
        };
        interface.addresses.iter().for_each(|&address| add(address, owner));
    }
    exact
}

/// Puts into each address the pods that held it, the one that started last first.
pub(super) fn pod_holders(inventory: &Inventory, exact: &mut FxHashMap<IpAddr, Exact>) -> Vec<Holder> {
    let mut held: Vec<(IpAddr, Holder)> = Vec::new();
    for (at, pod) in (0u32..).zip(&inventory.pods) {
        let Some(life) = Lifetime::of(pod).filter(|_| !pod.host_network) else { continue };
        held.extend(pod.addresses.iter().map(|&address| (address, Holder { pod: at, life })));
    }
    held.order_by_key(|(address, holder)| (*address, std::cmp::Reverse(holder.life.from), holder.pod));
    let mut at = 0;
    for same in held.chunk_by(|a, b| a.0 == b.0) {
        if let Some((address, _)) = same.first() {
            exact.entry(*address).or_default().holders = (index(at), index(at + same.len()));
        }
        at += same.len();
    }
    held.into_iter().map(|(_, holder)| holder).collect()
}
