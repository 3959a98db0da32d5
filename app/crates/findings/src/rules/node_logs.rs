//! Nodes whose network interface tells nothing, in the whole capture or in one of its hours.

use super::reporting::Reporting;
use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use std::collections::BTreeMap;
use underlay_model::order::Order;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "node-without-logs",
    question: "Is there a flow log of every node, for every hour?",
    why: "Nothing is known of this node for that time: neither traffic nor its absence.",
    needs: &[Need::FlowLogs, Need::WholeFlowLogs, Need::Nodes],
    reads: Reads::Capture,
    refutes: &["A node that had no traffic at all."],
    next: &[
        "Download the blobs (PT1H.json) of its network interface from the storage account of the flow log. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview",
    ],
    check,
};

/// Blobs hold an hour each.
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// So much of an hour must be in the capture before a blob of it is missed.
const ENOUGH_MS: i64 = 10 * MINUTE_MS;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let told = |mac: &str| facts.known.inputs.iter().any(|input| input.macs.iter().any(|one| one == mac));
    let interfaces = &facts.inventory.network_interfaces;
    let node_of = |interface: &underlay_model::inventory::NetworkInterface| {
        let nodes = facts.inventory.nodes.iter();
        let mut own =
            nodes.filter(|node| node.internal_addresses.iter().any(|address| interface.addresses.contains(address)));
        own.next()
    };
    let listed = interfaces.iter().any(|one| !one.mac.is_empty() && node_of(one).is_some());
    let some = interfaces.iter().any(|interface| told(&interface.mac));
    for interface in interfaces.iter().filter(|one| some && !one.mac.is_empty() && !told(&one.mac)) {
        if let Some(node) = node_of(interface) {
            let name = &node.meta.name;
            found
                .add(
                    Severity::Warning,
                    "notice",
                    "measured",
                    name,
                    &["No flow log of node ", name, " is in the capture."],
                )
                .evidence('Z', &["No record of the flow logs is from its network interface ", &interface.mac, "."])
                .object(facts.inventory, interface, &interface.name, "macAddress")
                .about("node", name);
        }
    }
    if !listed {
        unlisted(facts, found);
    }
    hours(facts, found);
}

/// Without a list of interfaces: nodes of which nothing is told by themselves, while others tell.
fn unlisted(facts: &Facts<'_>, found: &mut Found) {
    let reporting = Reporting::new(facts);
    if !reporting.any() || facts.known.span.is_none_or(|(first, last)| last - first < 3 * MINUTE_MS) {
        return;
    }
    for (at, name) in (0u32..).zip(facts.known.resolver.node_names()) {
        let known = facts.inventory.nodes.iter().any(|node| node.meta.name == *name);
        if known && !reporting.has(at) {
            found
                .add(Severity::Warning, "notice", "inferred", name, &["No flow log of node ", name, " is in the capture."])
                .evidence(
                    'F',
                    &["No flow is reported by the node's own interface, not even to the platform; other nodes report some."],
                )
                .absent()
                .next(&["Add the answer of az vmss nic list, which says whose blob is whose."])
                .about("node", name);
        }
    }
}

/// Hours that the capture covers and the blobs of one interface do not.
fn hours(facts: &Facts<'_>, found: &mut Found) {
    let Some((first, last)) = facts.known.span else { return };
    // The times that inputs cover, by interface.
    let mut spans: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for input in facts.known.inputs {
        for mac in &input.macs {
            spans.entry(mac.as_str()).or_default().extend(input.span);
        }
    }
    // An interface that tells of nothing at all has no hours of which one could be missing.
    spans.retain(|_, list| !list.is_empty());
    let hour = |number: i64| (number * HOUR_MS, (number + 1) * HOUR_MS);
    let within = |span: (i64, i64), (from, to): (i64, i64)| span.1.min(to) - span.0.max(from);
    let (begin, end) = (first.div_euclid(HOUR_MS), last.div_euclid(HOUR_MS));
    // Longer than a month of hours is looked at from its beginning only.
    for number in begin..=end.min(begin + 1_000) {
        let covered = facts
            .known
            .probes
            .covered
            .iter()
            .any(|(from, to)| within((from * MINUTE_MS, (to + 1) * MINUTE_MS), hour(number)) >= ENOUGH_MS);
        if !covered || spans.len() < 2 {
            continue;
        }
        let mut missing: Vec<&str> = spans
            .iter()
            .filter(|(_, list)| !list.iter().any(|span| within(*span, hour(number)) >= 0))
            .map(|(mac, _)| *mac)
            .collect();
        missing.order();
        for mac in missing {
            let (from, to) = (format_rfc3339(number * HOUR_MS), format_rfc3339((number + 1) * HOUR_MS));
            let node = facts.known.resolver.node_of_mac(mac);
            let name = node.and_then(|node| facts.known.resolver.node_names().get(node as usize));
            let whose = name.map_or_else(|| ["interface ", mac].concat(), |name| ["node ", name].concat());
            let finding = found.add(
                Severity::Warning,
                "notice",
                "measured",
                &[mac, " ", &from].concat(),
                &["No flow log of ", &whose, " covers the hour from ", &from, "."],
            );
            finding
                .evidence(
                    'F',
                    &["Its blobs cover other hours, and those of other interfaces this one, until ", &to, "."],
                )
                .absent()
                .when(number * HOUR_MS, (number + 1) * HOUR_MS - 1);
            if let Some(name) = name {
                finding.about("node", name);
            }
        }
    }
}
