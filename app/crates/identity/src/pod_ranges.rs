//! Ranges that pods have their addresses from, and which node holds which part of them.

use crate::gateway::subnet_name;
use crate::inventory::Inventory;
use crate::prefix::PrefixTable;
use crate::resolver::PodRange;
use rustc_hash::FxHashMap;
use underlay_model::IpNet;
use underlay_model::order::Order;

/// Which node a pod range's address is on.
pub(crate) fn node_blocks(inventory: &Inventory, node_of: &impl Fn(&str) -> u32) -> PrefixTable {
    let mut blocks = PrefixTable::default();
    for node in &inventory.nodes {
        node.pod_cidrs.iter().for_each(|cidr| blocks.insert(*cidr, node_of(&node.meta.name)));
    }
    for config in &inventory.node_network_configs {
        let node = node_of(&config.meta.name);
        for container in &config.containers {
            container.blocks.iter().for_each(|block| blocks.insert(*block, node));
            container.addresses.iter().for_each(|&address| blocks.insert(IpNet::from(address), node));
        }
    }
    blocks
}

/// Pod CIDRs in the contract's order of sources; the first evidence of a prefix stays. Sorted by prefix.
pub(crate) fn pod_ranges(inventory: &Inventory, subnet_ids: &FxHashMap<String, u32>) -> Vec<PodRange> {
    let mut ranges: Vec<PodRange> = Vec::new();
    let mut add = |prefix: IpNet, evidence: &dyn Fn() -> String, subnet: Option<u32>| {
        ranges.push(PodRange { prefix: prefix.trunc(), evidence: evidence(), subnet });
    };
    for &cidr in &inventory.options.pod_cidrs {
        add(cidr, &|| "declared by --pod-cidr".to_owned(), None);
    }
    for cluster in &inventory.clusters {
        for &cidr in &cluster.pod_cidrs {
            add(cidr, &|| format!("pod CIDR of the AKS cluster in {}", inventory.path(cluster.input)), None);
        }
    }
    for node in &inventory.nodes {
        for &cidr in &node.pod_cidrs {
            add(cidr, &|| format!("podCIDR of the node in {}", inventory.path(node.input)), None);
        }
    }
    for config in &inventory.node_network_configs {
        for container in config.containers.iter().filter(|container| container.kind == "overlay") {
            for &prefix in container.blocks.iter().chain(&container.address_spaces) {
                add(prefix, &|| format!("NodeNetworkConfig in {}", inventory.path(config.input)), None);
            }
        }
    }
    for cidr in &inventory.cidrs {
        add(cidr.value, &|| format!("prefix in {}", inventory.path(cidr.input)), None);
    }
    for (at, why, input) in pod_subnets(inventory, subnet_ids) {
        if let Some(subnet) = inventory.subnets.get(at as usize) {
            for &prefix in &subnet.prefixes {
                let from = inventory.path(input);
                add(prefix, &|| format!("pod subnet {} {why} in {from}", subnet_name(subnet)), Some(at));
            }
        }
    }
    ranges.order_by_key(|range| range.prefix);
    ranges.dedup_by(|later, first| {
        let same = later.prefix == first.prefix;
        if same {
            first.subnet = first.subnet.or(later.subnet);
        }
        same
    });
    ranges
}

/// Subnets that pools or node labels name as the pods': (subnet, clause, input).
fn pod_subnets(inventory: &Inventory, subnet_ids: &FxHashMap<String, u32>) -> Vec<(u32, String, u32)> {
    let mut found: Vec<(u32, String, u32)> = Vec::new();
    for cluster in &inventory.clusters {
        for pool in cluster.pools.iter().filter(|pool| !pool.pod_subnet_id.is_empty()) {
            if let Some(&at) = subnet_ids.get(&pool.pod_subnet_id.to_lowercase()) {
                found.push((at, format!("of pool {}", pool.name), cluster.input));
            }
        }
    }
    let by_name: FxHashMap<&str, u32> =
        (0u32..).zip(&inventory.subnets).map(|(at, subnet)| (subnet.name.as_str(), at)).collect();
    for node in &inventory.nodes {
        let label = node.meta.label("kubernetes.azure.com/podnetwork-subnet");
        if let Some(&at) = label.and_then(|name| by_name.get(name))
            && !found.iter().any(|(known, _, _)| *known == at)
        {
            found.push((at, "of a node's label".to_owned(), node.input));
        }
    }
    found
}
