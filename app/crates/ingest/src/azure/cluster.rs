//! `az aks show`, `az aks list`: how the cluster's network is made.

use super::prefixes;
use crate::json::Json;
use underlay_model::inventory::{AgentPool, AksCluster};

pub(super) fn read(value: &Json<'_>) -> AksCluster {
    let network = value.arm("networkProfile");
    let word = |key: &str| network.get(key).text().to_ascii_lowercase();
    let version = value.arm("currentKubernetesVersion").text();
    AksCluster {
        id: value.get("id").text(),
        name: value.get("name").text(),
        network_plugin: word("networkPlugin"),
        network_plugin_mode: word("networkPluginMode"),
        pod_cidrs: prefixes(network, "podCidr", "podCidrs"),
        service_cidrs: prefixes(network, "serviceCidr", "serviceCidrs"),
        pools: value
            .arm_list("agentPoolProfiles")
            .filter(|pool| pool.is_object())
            .map(|pool| AgentPool {
                name: pool.get("name").text(),
                node_subnet_id: pool.arm("vnetSubnetId").text(),
                pod_subnet_id: pool.arm("podSubnetId").text(),
                count: pool.arm("count").number().unwrap_or(0),
            })
            .collect(),
        version: if version.is_empty() { value.arm("kubernetesVersion").text() } else { version },
    }
}
