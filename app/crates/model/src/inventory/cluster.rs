//! The AKS cluster as a whole: its network settings, its agent pools, and what its nodes hand out to pods.
//!
//! Sources: `az aks show` (Azure REST reference), `acn.azure.com/v1alpha`.

use super::Meta;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A NodeNetworkConfig (`acn.azure.com/v1alpha`); its name is the node's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeNetworkConfig {
    /// Identity.
    pub meta: Meta,
    /// Its network containers.
    pub containers: Vec<NetworkContainer>,
    /// `status.status`: `Updating`, `Updated`, `Error`; may be empty.
    pub state: String,
    /// `status.assignedIPCount`.
    pub assigned: Option<u64>,
}

/// A network container of a NodeNetworkConfig.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkContainer {
    /// `vnet`, `vnetblock`, `overlay`.
    pub kind: String,
    /// Address of the node.
    pub node_address: Option<IpAddr>,
    /// Overlay: the node's block (`primaryIP`, `primaryIPV6`); vnetblock: its blocks.
    pub blocks: Vec<IpNet>,
    /// Overlay: the whole pod CIDR (`subnetAddressSpace`, `…V6`).
    pub address_spaces: Vec<IpNet>,
    /// Dynamic: single pod addresses.
    pub addresses: Vec<IpAddr>,
    /// `subnetName`.
    pub subnet_name: String,
    /// `subnetID`.
    pub subnet_id: String,
    /// `vnetID`.
    pub network_id: String,
    /// `macAddress`, 12 upper-case hex digits; may be empty.
    pub mac: String,
    /// `status`: `NCUpdateSucceeded`, …
    pub state: String,
}

/// `az aks show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AksCluster {
    /// ARM id, may be empty.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `azure`, `kubenet`, `none`; lower case.
    pub network_plugin: String,
    /// `overlay` or empty; lower case.
    pub network_plugin_mode: String,
    /// `podCidr(s)`.
    pub pod_cidrs: Vec<IpNet>,
    /// `serviceCidr(s)`.
    pub service_cidrs: Vec<IpNet>,
    /// Agent pools.
    pub pools: Vec<AgentPool>,
    /// `kubernetesVersion`.
    pub version: String,
}

/// An agent pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentPool {
    /// Its name.
    pub name: String,
    /// ARM id of the node subnet, may be empty.
    pub node_subnet_id: String,
    /// ARM id of the pod subnet, may be empty.
    pub pod_subnet_id: String,
    /// Number of nodes.
    pub count: u64,
}
