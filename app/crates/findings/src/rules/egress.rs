//! Traffic outward leaves with the node's address. Flow events of Cilium, where given, name pods that sent outward meanwhile.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use std::collections::BTreeSet;
use std::net::IpAddr;
use underlay_model::inventory::PodSighting;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{Millis, format_rfc3339};
use underlay_model::tuple::Verdict;
use underlay_model::view::EdgeKind;

pub(crate) const RULE: Rule = Rule {
    id: "egress-behind-node",
    question: "Does traffic outward leave behind the nodes' addresses?",
    why: "Which pod called a public address cannot be told from flow logs alone.",
    needs: &[Need::FlowLogs, Need::Nodes],
    reads: Reads::Flows,
    refutes: &["Pods that share the node's network: their flows are the node's own."],
    next: &[
        "Collect Hubble flows, which name the pods behind a node's address. https://learn.microsoft.com/azure/aks/container-network-observability-logs",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut nodes = BTreeSet::new();
    let mut flows = 0u64;
    for (pair, source, target) in facts.pairs() {
        if pair.verdict == Verdict::Allowed && source.kind == EndpointKind::Node && target.kind == EndpointKind::Public
        {
            nodes.insert(pair.src);
            flows = flows.saturating_add(pair.begun.max(pair.ended));
        }
    }
    let Some(first) = nodes.first() else { return };
    let many = crate::engine::count(nodes.len(), "node address");
    let facts_line = [&crate::engine::times(flows, "flow"), " to public addresses began at a node's address."].concat();
    let senders = senders(facts, &nodes);
    if senders.is_empty() {
        found
            .add(
                Severity::Info,
                "notice",
                "measured",
                &first.to_string(),
                &["Traffic to public addresses leaves with ", &many, " in place of the pods'."],
            )
            .evidence('F', &[&facts_line])
            .layer_rows(EdgeKind::Egress);
        return;
    }
    let pods = crate::engine::count(senders.len(), "pod");
    let finding = found.add(
        Severity::Info,
        "notice",
        "inferred",
        &first.to_string(),
        &["Traffic to public addresses leaves with ", &many, "; Hubble saw ", &pods, " behind it send some."],
    );
    finding.evidence('F', &[&facts_line]).layer_rows(EdgeKind::Egress);
    for (sighting, (from, to), node) in senders {
        let name = [sighting.namespace.as_str(), "/", &sighting.name].concat();
        let place = if node.is_empty() { String::new() } else { [" on ", node].concat() };
        let (from, to) = (format_rfc3339(from), format_rfc3339(to));
        let address = sighting.address.to_string();
        finding.evidence(
            'F',
            &["Inferred: ", &name, " (", &address, ")", &place, ", seen from ", &from, " to ", &to, "."],
        );
        // Only pods that some file has stand in the picture.
        if !node.is_empty() {
            finding.about("pod", &name);
        }
    }
}

/// Pods that Hubble saw send to public addresses while the logs ran, unless they are known to be on another node; with the time and
/// the name of the node, which is empty when no file has the pod.
fn senders<'a>(facts: &Facts<'a>, nodes: &BTreeSet<IpAddr>) -> Vec<(&'a PodSighting, (Millis, Millis), &'a str)> {
    let inventory = facts.inventory;
    let Some((begin, end)) = facts.known.span else { return Vec::new() };
    let node_of = |sighting: &PodSighting| {
        // Sorted by namespace and name; of several of one name any tells the node.
        let name = (&sighting.namespace, &sighting.name);
        let beyond = inventory.pods.partition_point(|pod| (&pod.meta.namespace, &pod.meta.name) <= name);
        let pod = inventory.pods.get(beyond.checked_sub(1)?)?;
        let same = (&pod.meta.namespace, &pod.meta.name) == name;
        same.then_some(pod.node_name.as_str()).filter(|name| !name.is_empty())
    };
    let sends = |name: &str| {
        let at = inventory.nodes.partition_point(|node| node.meta.name.as_str() < name);
        let node = inventory.nodes.get(at).filter(|node| node.meta.name == name);
        node.is_none_or(|node| node.internal_addresses.iter().any(|address| nodes.contains(address)))
    };
    let mut all = Vec::new();
    for sighting in &inventory.pod_sightings {
        let Some((from, to)) = sighting.outward.filter(|&(from, to)| from <= end && to >= begin) else { continue };
        let node = node_of(sighting).unwrap_or_default();
        // A pod with the node's own address is the node: nothing hides it.
        if !nodes.contains(&sighting.address) && (node.is_empty() || sends(node)) {
            all.push((sighting, (from, to), node));
        }
    }
    all.order_by(|a, b| (&a.0.namespace, &a.0.name, a.0.address).cmp(&(&b.0.namespace, &b.0.name, b.0.address)));
    all
}
