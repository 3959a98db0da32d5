//! Ranges that overlap and should not: pods outside the virtual network, services, the network itself, its peers.

use super::gateway_subnet::overlaps;
use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::IpNet;
use underlay_model::order::Order;

pub(crate) const RULE: Rule = Rule {
    id: "pod-cidr-overlap",
    question: "Are pod CIDR, service CIDR and virtual network apart?",
    why: "An address that exists on both sides is ambiguous, and connections to it may end in the wrong place.",
    needs: &[Need::Ranges],
    reads: Reads::Capture,
    refutes: &["A newer answer of az aks show or az network vnet show."],
    next: &[
        "Plan ranges that do not overlap: a cluster's service CIDR cannot be changed, and its pod CIDR only be expanded. https://learn.microsoft.com/azure/aks/concepts-network-ip-address-planning",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let services: Vec<IpNet> =
        facts.inventory.clusters.iter().flat_map(|cluster| cluster.service_cidrs.iter().copied()).collect();
    for (range, evidence) in pods_outside(facts) {
        for service in services.iter().filter(|service| overlaps(&range, service)) {
            say(found, Severity::Critical, "Pod CIDR", &range, service, "the service CIDR")
                .evidence('Z', &["The pod CIDR is known by: ", &evidence, "."]);
        }
        networks(facts, "Pod CIDR", &range, found);
    }
    for service in &services {
        networks(facts, "Service CIDR", service, found);
    }
}

/// Ranges of pods that are in no subnet, the widest of those inside each other.
fn pods_outside(facts: &Facts<'_>) -> Vec<(IpNet, String)> {
    // Of a cluster whose pods have addresses of a subnet the pod CIDR is not used.
    let mut ranges: Vec<(IpNet, String)> = facts
        .known
        .resolver
        .pod_ranges()
        .iter()
        .filter(|range| range.subnet.is_none())
        .map(|range| (range.prefix, range.evidence.clone()))
        .collect();
    ranges.order_by_key(|(prefix, _)| (prefix.prefix_len(), *prefix));
    let mut widest: Vec<(IpNet, String)> = Vec::new();
    for (prefix, evidence) in ranges {
        if !widest.iter().any(|(known, _)| known.contains(&prefix)) {
            widest.push((prefix, evidence));
        }
    }
    widest
}

/// Overlaps with virtual networks and with networks that are peered with them.
fn networks(facts: &Facts<'_>, what: &str, range: &IpNet, found: &mut Found) {
    // The service CIDR is translated on the node, so that such an overlap hides addresses rather than breaks.
    let severity = if what == "Pod CIDR" { Severity::Critical } else { Severity::Warning };
    for network in &facts.inventory.virtual_networks {
        if let Some(prefix) = network.prefixes.iter().find(|prefix| overlaps(range, prefix)) {
            let of = ["virtual network ", &network.name].concat();
            say(found, severity, what, range, prefix, &of)
                .evidence('Z', &["The network's address space has ", &prefix.to_string(), "."])
                .object(facts.inventory, network, &network.name, "addressSpace");
        }
    }
    for peering in &facts.inventory.azure.peerings {
        if let Some(prefix) = peering.remote_prefixes.iter().find(|prefix| overlaps(range, prefix)) {
            let of = ["the network behind peering ", &peering.name].concat();
            say(found, Severity::Warning, what, range, prefix, &of)
                .evidence('Z', &["The other network has ", &prefix.to_string(), "."])
                .object(facts.inventory, peering, &peering.name, "remoteAddressSpace");
        }
    }
}

fn say<'a>(
    found: &'a mut Found,
    severity: Severity,
    what: &str,
    range: &IpNet,
    other: &IpNet,
    of: &str,
) -> &'a mut underlay_model::finding::ShownFinding {
    let (subject, other) = (range.to_string(), other.to_string());
    found.add(severity, "failing", "measured", &subject, &[what, " ", &subject, " overlaps ", &other, " of ", of, "."])
}
