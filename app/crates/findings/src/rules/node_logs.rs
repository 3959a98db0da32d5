//! Nodes whose network interface tells nothing.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;

pub(crate) const RULE: Rule = Rule {
    id: "node-without-logs",
    question: "Is there a flow log of every node?",
    why: "Of such a node nothing is known: neither traffic nor its absence.",
    needs: &[Need::FlowLogs, Need::Nodes, Need::Interfaces],
    refutes: &["A node that had no traffic at all."],
    next: &[
        "Download the blobs of this interface. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let told = |mac: &str| facts.known.inputs.iter().any(|input| input.macs.iter().any(|one| one == mac));
    let node_of = |interface: &underlay_model::inventory::NetworkInterface| {
        facts
            .inventory
            .nodes
            .iter()
            .find(|node| node.internal_addresses.iter().any(|address| interface.addresses.contains(address)))
    };
    let some = facts.inventory.network_interfaces.iter().any(|interface| told(&interface.mac));
    for interface in
        facts.inventory.network_interfaces.iter().filter(|one| some && !one.mac.is_empty() && !told(&one.mac))
    {
        if let Some(node) = node_of(interface) {
            let name = &node.meta.name;
            found
                .add(Severity::Warning, "notice", "measured", name, &["No flow log of node ", name, " is here."])
                .evidence('Z', &["Its network interface ", &interface.mac, " is in no record."])
                .about("node", name);
        }
    }
}
