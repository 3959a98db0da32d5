//! What follows from several objects together: which workload is behind a pod, which rows of a table share their node's address,
//! and whether two clusters have pods of one address.

use crate::clusters::Clusters;
use crate::inventory::{Inventory, Sourced, Warning};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_model::inventory::{Pod, Workload};
use underlay_model::order::Order;

/// Owners of owners that are followed: a pod's ReplicaSet or Job, its Deployment or CronJob, and what an operator put above.
const OWNERS: usize = 4;

pub(crate) fn derive(inventory: &mut Inventory) {
    let workloads = std::mem::take(&mut inventory.workloads);
    for pod in inventory.pods.iter_mut().filter(|pod| pod.value.owner.is_some()) {
        pod.value.top_owner = top_owner(&workloads, &pod.value);
    }
    inventory.workloads = workloads;
    share_node_addresses(inventory);
}

/// The last owner of a chain of which the first link is known.
fn top_owner(workloads: &[Sourced<Workload>], pod: &Pod) -> Option<(String, String)> {
    let mut top = None;
    let mut next = pod.owner.as_ref()?;
    for _ in 0..OWNERS {
        // Sorted by namespace, name and kind.
        let order = |known: &Sourced<Workload>| {
            (known.meta.namespace.as_str(), known.meta.name.as_str(), known.kind.as_str()).cmp(&(
                pod.meta.namespace.as_str(),
                next.1.as_str(),
                next.0.as_str(),
            ))
        };
        let Ok(at) = workloads.binary_search_by(order) else { break };
        let Some(owner) = workloads.get(at).and_then(|workload| workload.owner.as_ref()) else { break };
        top = Some(owner.clone());
        next = owner;
    }
    top
}

/// A table does not say that a pod shares its node's address: that it has it, or that another pod on its node has the same, does.
fn share_node_addresses(inventory: &mut Inventory) {
    if !inventory.pods.iter().any(|pod| pod.from_table) {
        return;
    }
    let mut held: Vec<(IpAddr, String)> = Vec::new();
    for node in &inventory.nodes {
        held.extend(node.internal_addresses.iter().map(|&address| (address, String::new())));
    }
    for pod in &inventory.pods {
        held.extend(pod.host_addresses.iter().map(|&address| (address, String::new())));
    }
    let mut rows: Vec<(IpAddr, String)> = Vec::new();
    for pod in inventory.pods.iter().filter(|pod| pod.from_table && !crate::is_finished(pod)) {
        rows.extend(pod.addresses.iter().map(|&address| (address, pod.node_name.clone())));
    }
    rows.order();
    held.extend(rows.windows(2).filter(|pair| pair.first() == pair.last()).filter_map(|pair| pair.first().cloned()));
    held.order();
    for pod in inventory.pods.iter_mut().filter(|pod| pod.from_table) {
        let Pod { addresses, node_name, host_network, .. } = &mut pod.value;
        let shares = |address: &IpAddr| {
            held.binary_search(&(*address, String::new())).is_ok()
                || held.binary_search(&(*address, node_name.clone())).is_ok()
        };
        *host_network |= addresses.iter().any(shares);
    }
}

/// Pods of two clusters that run at one address: each flow of it may be of either.
pub(crate) fn clusters_sharing_addresses(inventory: &Inventory) -> Option<Warning> {
    let clusters = Clusters::of(inventory);
    let cluster_of = |pod: &Pod| clusters.cluster(&pod.node_name).map(str::to_owned);
    let mut holders: FxHashMap<(IpAddr, u32), usize> = FxHashMap::default();
    let mut shared: Vec<(IpAddr, usize, usize)> = Vec::new();
    for (at, pod) in inventory.pods.iter().enumerate() {
        let Some(cluster) = cluster_of(pod).filter(|_| pod.is_live()) else { continue };
        for &address in &pod.addresses {
            // One key a kind of map: the number is not needed here.
            let &mut first = holders.entry((address, 0)).or_insert(at);
            let other = inventory.pods.get(first).and_then(|pod| cluster_of(pod));
            if other.as_ref() != Some(&cluster) {
                shared.push((address, first, at));
            }
        }
    }
    shared.order();
    let &(address, first, second) = shared.first()?;
    let (first, second) = (inventory.pods.get(first)?, inventory.pods.get(second)?);
    let more = crate::merge::shared_besides(shared.len() - 1);
    let mut inputs = vec![inventory.path(first.input).to_owned(), inventory.path(second.input).to_owned()];
    inputs.order();
    inputs.dedup();
    Some(Warning {
        code: "clusters-share-addresses",
        message: format!(
            "{address} belongs to {} in the cluster of node {} and to {} in the cluster of node {}; where no reporter tells them apart, the one that started last is shown.{more}",
            first.meta.qualified(),
            first.node_name,
            second.meta.qualified(),
            second.node_name
        ),
        inputs,
    })
}
