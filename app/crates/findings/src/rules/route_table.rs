//! Routes of a kubenet route table that lead to no node, or to the wrong one.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use std::net::IpAddr;

pub(crate) const RULE: Rule = Rule {
    id: "route-table",
    question: "Do the route table's entries lead to the nodes that hold the pods?",
    why: "A stale route loses the packets to all pods of a node.",
    needs: &[Need::Nodes, Need::RouteTables],
    refutes: &["A newer answer of az network route-table show."],
    next: &[
        "Let the cluster mend its route table, or move to Azure CNI Overlay. https://learn.microsoft.com/azure/aks/configure-kubenet",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    let nodes: Vec<IpAddr> = inventory.nodes.iter().flat_map(|node| node.internal_addresses.iter().copied()).collect();
    let blocks = || inventory.nodes.iter().flat_map(|node| node.pod_cidrs.iter().map(move |cidr| (node, *cidr)));
    for table in &inventory.azure.route_tables {
        for entry in &table.entries {
            let (Some(prefix), Some(hop)) = (entry.prefix, entry.next_hop) else { continue };
            let of_pods = blocks().any(|(_, cidr)| cidr == prefix)
                || inventory.clusters.iter().any(|cluster| cluster.pod_cidrs.iter().any(|cidr| cidr.contains(&prefix)));
            let owner = blocks().find(|(_, cidr)| *cidr == prefix).map(|(node, _)| node);
            let wrong = owner.is_some_and(|node| !node.internal_addresses.contains(&hop));
            if of_pods && (!nodes.contains(&hop) || wrong) {
                let subject = [table.name.as_str(), "/", &entry.name].concat();
                let words = if wrong && nodes.contains(&hop) {
                    "leads to another node."
                } else {
                    "leads to an address that no node has."
                };
                found
                    .add(
                        Severity::Critical,
                        "failing",
                        "measured",
                        &subject,
                        &["Route ", &entry.name, " of route table ", &table.name, " ", words],
                    )
                    .evidence('Z', &[&prefix.to_string(), " goes to ", &hop.to_string(), "."]);
            }
        }
        for (node, cidr) in blocks().filter(|(_, cidr)| {
            !table
                .entries
                .iter()
                .any(|entry| entry.prefix.is_some_and(|prefix| prefix == *cidr || prefix.contains(cidr)))
        }) {
            let used = inventory.clusters.iter().any(|cluster| cluster.network_plugin == "kubenet");
            if used {
                found
                    .add(
                        Severity::Critical,
                        "failing",
                        "measured",
                        &cidr.to_string(),
                        &["No route of table ", &table.name, " leads to the pods of node ", &node.meta.name, "."],
                    )
                    .evidence('K', &["The node's pods are in ", &cidr.to_string(), "."])
                    .about("node", &node.meta.name);
            }
        }
    }
}
