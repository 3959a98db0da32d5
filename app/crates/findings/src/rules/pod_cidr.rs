//! A pod CIDR that overlaps the virtual network or the service CIDR.

use super::gateway_subnet::overlaps;
use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;

pub(crate) const RULE: Rule = Rule {
    id: "pod-cidr-overlap",
    question: "Are pod CIDR, service CIDR and virtual network apart?",
    why: "Addresses that exist twice cannot be told apart, and their traffic goes astray.",
    needs: &[Need::PodRange],
    refutes: &["A newer answer of az aks show or az network vnet show."],
    next: &[
        "Plan ranges that do not overlap. https://learn.microsoft.com/azure/aks/concepts-network-ip-address-planning",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let overlay = |cluster: &&underlay_identity::Sourced<underlay_model::inventory::AksCluster>| {
        cluster.network_plugin_mode == "overlay" || cluster.network_plugin == "kubenet"
    };
    for cluster in &facts.inventory.clusters {
        for cidr in &cluster.pod_cidrs {
            let subject = cidr.to_string();
            if let Some(service) = cluster.service_cidrs.iter().find(|service| overlaps(cidr, service)) {
                found
                    .add(
                        Severity::Critical,
                        "failing",
                        "measured",
                        &subject,
                        &["Pod CIDR ", &subject, " overlaps the service CIDR ", &service.to_string(), "."],
                    )
                    .evidence('Z', &["Both are of cluster ", &cluster.name, "."]);
            }
            for network in facts.inventory.virtual_networks.iter().filter(|_| overlay(&cluster)) {
                if let Some(prefix) = network.prefixes.iter().find(|prefix| overlaps(cidr, prefix)) {
                    found
                        .add(
                            Severity::Critical,
                            "failing",
                            "measured",
                            &subject,
                            &[
                                "Pod CIDR ",
                                &subject,
                                " overlaps ",
                                &prefix.to_string(),
                                " of virtual network ",
                                &network.name,
                                ".",
                            ],
                        )
                        .evidence('Z', &["Cluster ", &cluster.name, " has its pods outside the virtual network."]);
                }
            }
        }
    }
}
