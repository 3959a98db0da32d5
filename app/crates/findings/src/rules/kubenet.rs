//! A gateway in front of kubenet, which it does not support.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use crate::routed::is_gateway_class;

pub(crate) const RULE: Rule = Rule {
    id: "kubenet",
    question: "Does the cluster use kubenet with a gateway?",
    why: "The gateway cannot reach the pods of this cluster, so requests to them fail.",
    needs: &[Need::Cluster],
    reads: Reads::Capture,
    refutes: &["A newer answer of az aks show."],
    next: &[
        "Update the cluster to Azure CNI Overlay: az aks update --network-plugin azure --network-plugin-mode overlay. https://learn.microsoft.com/azure/aks/upgrade-aks-ipam-and-dataplane",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let Some((kind, name)) = gateway(facts) else { return };
    for cluster in facts.inventory.clusters.iter().filter(|cluster| cluster.network_plugin == "kubenet") {
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
            .object(facts.inventory, cluster, &cluster.name, "networkProfile/networkPlugin")
            .evidence('K', &[kind, " ", &name, " is there for Application Gateway for Containers."]);
    }
}

/// An object of the gateway: its kind and name.
fn gateway(facts: &Facts<'_>) -> Option<(&'static str, String)> {
    let inventory = facts.inventory;
    let gateway = inventory.gateways.iter().find(|one| is_gateway_class(inventory, &one.class));
    let ingress = inventory.ingresses.iter().find(|one| is_gateway_class(inventory, &one.class));
    gateway
        .map(|one| ("Gateway", one.meta.qualified()))
        .or_else(|| ingress.map(|one| ("Ingress", one.meta.qualified())))
        .or_else(|| {
            inventory.application_load_balancers.first().map(|one| ("ApplicationLoadBalancer", one.meta.qualified()))
        })
}
