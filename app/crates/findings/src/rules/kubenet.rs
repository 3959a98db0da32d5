//! A gateway in front of kubenet, which it does not support.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;

pub(crate) const RULE: Rule = Rule {
    id: "kubenet",
    question: "Does the cluster use kubenet with a gateway?",
    why: "Application Gateway for Containers does not reach pods of kubenet.",
    needs: &[Need::PodRange],
    refutes: &["A newer answer of az aks show."],
    next: &["Move the cluster to Azure CNI Overlay. https://learn.microsoft.com/azure/aks/configure-kubenet"],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    for cluster in inventory.clusters.iter().filter(|cluster| cluster.network_plugin == "kubenet") {
        let gateway = inventory.gateways.iter().find(|gateway| gateway.class.contains("alb"));
        if let Some(gateway) = gateway {
            found
                .add(
                    Severity::Critical,
                    "failing",
                    "measured",
                    &cluster.name,
                    &[
                        "Cluster ",
                        &cluster.name,
                        " uses kubenet, which Application Gateway for Containers does not support.",
                    ],
                )
                .evidence('Z', &["Its network plugin is kubenet."])
                .evidence('K', &["Gateway ", &gateway.meta.qualified(), " has class ", &gateway.class, "."]);
        }
    }
}
