//! Entries of route tables that lead nowhere: of kubenet to no node or the wrong one, of any table into nothing.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use std::net::IpAddr;
use underlay_identity::Sourced;
use underlay_model::IpNet;
use underlay_model::azure::{RouteEntry, RouteTable};

pub(crate) const RULE: Rule = Rule {
    id: "route-table",
    question: "Do the route tables' entries lead to where the packets should go?",
    why: "Packets that should go to these addresses are lost.",
    needs: &[Need::Nodes, Need::RouteTables],
    reads: Reads::Capture,
    refutes: &["A newer answer of az network route-table show."],
    next: &[
        "Correct or remove the route; a cluster that still uses kubenet is better updated to Azure CNI Overlay. https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    let kubenet = inventory.clusters.iter().any(|cluster| cluster.network_plugin == "kubenet");
    for table in &inventory.azure.route_tables {
        for entry in &table.entries {
            match (entry.prefix, entry.next_hop) {
                (Some(prefix), Some(hop)) => to_node(facts, table, entry, prefix, hop, found),
                (Some(prefix), None) if entry.next_hop_kind.eq_ignore_ascii_case("None") => {
                    to_nothing(facts, table, entry, prefix, found);
                }
                _ => {}
            }
        }
        // A table without any route to pods is not the cluster's.
        let mut blocks = inventory.nodes.iter().flat_map(|node| node.pod_cidrs.iter().map(move |cidr| (node, *cidr)));
        let leads = |cidr: &IpNet| {
            table
                .entries
                .iter()
                .any(|entry| entry.prefix.is_some_and(|prefix| prefix.prefix_len() > 0 && prefix.contains(cidr)))
        };
        if !kubenet || !blocks.clone().any(|(_, cidr)| leads(&cidr)) {
            continue;
        }
        for (node, cidr) in blocks.by_ref().filter(|(_, cidr)| matches!(cidr, IpNet::V4(_)) && !leads(cidr)) {
            found
                .add(
                    Severity::Critical,
                    "failing",
                    "measured",
                    &cidr.to_string(),
                    &[
                        "No route of table ",
                        &table.name,
                        " leads to the pods of node ",
                        &node.meta.name,
                        " in ",
                        &cidr.to_string(),
                        ".",
                    ],
                )
                .evidence('K', &["The node's pods are in ", &cidr.to_string(), "."])
                .object(facts.inventory, node, &node.meta.name, "spec/podCIDR")
                .about("node", &node.meta.name);
        }
    }
}

/// A route of pods to an address that is not their node's.
fn to_node(
    facts: &Facts<'_>,
    table: &Sourced<RouteTable>,
    entry: &RouteEntry,
    prefix: IpNet,
    hop: IpAddr,
    found: &mut Found,
) {
    let inventory = facts.inventory;
    let blocks = || inventory.nodes.iter().flat_map(|node| node.pod_cidrs.iter().map(move |cidr| (node, *cidr)));
    let of_pods = prefix.prefix_len() > 0
        && (blocks().any(|(_, cidr)| cidr == prefix)
            || inventory.clusters.iter().any(|cluster| cluster.pod_cidrs.iter().any(|cidr| cidr.contains(&prefix))));
    let owner = blocks().find(|(_, cidr)| *cidr == prefix).map(|(node, _)| node);
    let is_node = inventory.nodes.iter().any(|node| node.internal_addresses.contains(&hop));
    let wrong = owner.is_some_and(|node| !node.internal_addresses.contains(&hop));
    if !of_pods || (is_node && !wrong) {
        return;
    }
    let words = if is_node {
        "leads to a node that does not have these pods."
    } else {
        "leads to an address that no node has."
    };
    let finding = say(table, entry, "measured", words, found);
    finding.evidence('Z', &[&prefix.to_string(), " goes to ", &hop.to_string(), "."]).object(
        inventory,
        table,
        &table.name,
        &entry_field(entry),
    );
    if let Some(node) = owner {
        finding
            .evidence('K', &["The prefix is that of node ", &node.meta.name, "."])
            .object(inventory, node, &node.meta.name, "spec/podCIDR")
            .about("node", &node.meta.name);
    }
}

/// A route that drops what goes to pods, nodes or the gateway.
fn to_nothing(facts: &Facts<'_>, table: &Sourced<RouteTable>, entry: &RouteEntry, prefix: IpNet, found: &mut Found) {
    let resolver = facts.known.resolver;
    let within = |own: &IpNet| prefix.prefix_len() > 0 && (prefix.contains(own) || own.contains(&prefix));
    let pods = resolver.pod_ranges().iter().map(|range| ("pods", range.prefix));
    let gateways = resolver.gateway_subnets().iter().map(|gateway| ("the gateway", gateway.prefix));
    let nodes =
        facts.inventory.nodes.iter().flat_map(|node| &node.internal_addresses).map(|&one| ("nodes", IpNet::from(one)));
    let Some((what, own)) = pods.chain(gateways).chain(nodes).find(|(_, own)| within(own)) else { return };
    let on: Vec<&str> = table.subnet_ids.iter().filter_map(|id| id.rsplit('/').next()).collect();
    let on = if on.is_empty() { "no subnet that the answer names".to_owned() } else { on.join(", ") };
    let confidence = if table.subnet_ids.is_empty() { "lead" } else { "measured" };
    let words = ["drops what goes to ", what, "."].concat();
    say(table, entry, confidence, &words, found)
        .evidence(
            'Z',
            &[
                &prefix.to_string(),
                " goes to next hop None and touches ",
                &own.to_string(),
                " (",
                what,
                "); the table is on ",
                &on,
                ".",
            ],
        )
        .object(facts.inventory, table, &table.name, &entry_field(entry));
}

/// The entry in its table.
fn entry_field(entry: &RouteEntry) -> String {
    ["routes/", &entry.name].concat()
}

fn say<'a>(
    table: &RouteTable,
    entry: &RouteEntry,
    confidence: &'static str,
    words: &str,
    found: &'a mut Found,
) -> &'a mut underlay_model::finding::ShownFinding {
    let subject = [table.name.as_str(), "/", &entry.name].concat();
    let prefix = entry.prefix.map(|prefix| [" (", &prefix.to_string(), ")"].concat()).unwrap_or_default();
    let severity = if confidence == "lead" { Severity::Warning } else { Severity::Critical };
    let title = ["Route ", &entry.name, &prefix, " of route table ", &table.name, " ", words];
    found.add(severity, "failing", confidence, &subject, &title)
}
