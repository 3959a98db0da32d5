//! Pod ranges as containers: the overlay wells inside nodes, and one at the bottom for pods whose node nobody names.

use super::draft::{Draft, Drafts};
use super::{NONE, Subject};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_identity::Resolver;
use underlay_model::IpNet;
use underlay_model::view::EntityKind;

/// Pod ranges as they are needed: one for each node with pods, one for pods whose node nobody names.
pub(super) struct Wells<'a> {
    resolver: &'a Resolver,
    /// Pod ranges that no other holds, as a cluster's CIDR holds its nodes' blocks.
    outer: Vec<(IpNet, Option<u32>)>,
    drafted: FxHashMap<Option<u32>, u32>,
}

impl<'a> Wells<'a> {
    pub(super) fn new(resolver: &'a Resolver) -> Self {
        let mut outer: Vec<(IpNet, Option<u32>)> = Vec::new();
        // Sorted by network and length, so what holds a range comes before it.
        for range in resolver.pod_ranges() {
            if !outer.last().is_some_and(|(last, _)| last.contains(&range.prefix)) {
                outer.push((range.prefix, range.subnet));
            }
        }
        Self { resolver, outer, drafted: FxHashMap::default() }
    }

    pub(super) fn of(&mut self, drafts: &mut Drafts, nodes: &[u32], node: Option<u32>, address: Option<IpAddr>) -> u32 {
        let parent = node.and_then(|node| nodes.get(node as usize)).copied().filter(|&at| at != NONE);
        let node = node.filter(|_| parent.is_some());
        if let Some(&known) = self.drafted.get(&node) {
            // A pod without an address may have come first.
            if let (Some(address), Some(draft)) = (address, drafts.list.get_mut(known as usize))
                && draft.detail.is_empty()
            {
                let (name, detail) = self.words(node, Some(address));
                (draft.name, draft.detail) = (name, detail);
            }
            return known;
        }
        let key =
            node.and_then(|node| self.resolver.node_names().get(node as usize)).map_or("unplaced", String::as_str);
        let (name, detail) = self.words(node, address);
        let mut draft = Draft::new(EntityKind::PodRange, "pods", key, &name);
        draft.detail = detail;
        draft.parent = parent;
        draft.subject = Some(Subject::PodRange(node));
        let draft = drafts.add(draft);
        self.drafted.insert(node, draft);
        draft
    }

    /// Title and prefix: an overlay well when the pods' addresses are not the network's.
    fn words(&self, node: Option<u32>, address: Option<IpAddr>) -> (String, String) {
        let Some(address) = address else {
            return (if node.is_some() { "Pods" } else { "Unplaced pods" }.to_owned(), String::new());
        };
        let range = self.outer.partition_point(|(prefix, _)| prefix.network() <= address);
        let range =
            range.checked_sub(1).and_then(|at| self.outer.get(at)).filter(|(prefix, _)| prefix.contains(&address));
        let subnets = &self.resolver.inventory().subnets;
        let at = range.and_then(|(_, subnet)| *subnet).or_else(|| self.resolver.subnet_at(address));
        let subnet = at.and_then(|at| subnets.get(at as usize));
        let detail = match (range, subnet) {
            (Some((prefix, _)), _) => prefix.to_string(),
            (None, Some(subnet)) => super::containers::prefixes(&subnet.prefixes),
            (None, None) => String::new(),
        };
        let flat = subnet.is_some() || self.resolver.network_at(address).is_some();
        let name = match (node, flat, subnet) {
            (None, _, _) => "Unplaced pods".to_owned(),
            (_, true, Some(subnet)) => format!("Pods in {}", subnet.name),
            (_, true, None) => "Pods".to_owned(),
            (_, false, _) if range.is_some() || !self.resolver.inventory().virtual_networks.is_empty() => {
                "Overlay pods".to_owned()
            }
            (_, false, _) => "Pods".to_owned(),
        };
        (name, detail)
    }
}
