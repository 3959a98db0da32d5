//! `az aks show/list`, also with `--query networkProfile`, `az aks nodepool show/list`: how the cluster's network is made.

use super::{id_part, prefixes};
use crate::json::Json;
use underlay_model::azure::NodePool;
use underlay_model::inventory::{AgentPool, AksCluster};

pub(super) fn read(value: &Json<'_>) -> AksCluster {
    let profile = value.arm("networkProfile");
    let network = if profile.is_object() { profile } else { value };
    let word = |key: &str| network.get(key).text().to_ascii_lowercase();
    let version = value.arm("currentKubernetesVersion").text();
    AksCluster {
        id: value.get("id").text(),
        name: value.get("name").text(),
        network_plugin: word("networkPlugin"),
        network_plugin_mode: word("networkPluginMode"),
        pod_cidrs: prefixes(network, "podCidr", "podCidrs"),
        service_cidrs: prefixes(network, "serviceCidr", "serviceCidrs"),
        pools: value.arm_list("agentPoolProfiles").filter(|pool| pool.is_object()).map(pool).collect(),
        version: if version.is_empty() { value.arm("kubernetesVersion").text() } else { version },
    }
}

fn pool(value: &Json<'_>) -> AgentPool {
    AgentPool {
        name: value.get("name").text(),
        node_subnet_id: value.arm("vnetSubnetId").text(),
        pod_subnet_id: value.arm("podSubnetId").text(),
        count: value.arm("count").number().unwrap_or(0),
    }
}

/// A node pool that stands by itself: the cluster is named by its id.
pub(super) fn pool_alone(value: &Json<'_>) -> NodePool {
    let id = value.get("id").text();
    NodePool { cluster: id_part(&id, "managedClusters"), pool: pool(value), id }
}
