//! The Azure network around the cluster: VNets, subnets, NICs, and the gateway's association with a subnet.
//!
//! Sources: Azure REST reference, in the shapes of `az network` and of ARM.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// `az network vnet show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualNetwork {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Address space.
    pub prefixes: Vec<IpNet>,
}

/// `az network vnet subnet show`, or inside a virtual network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// ARM id.
    pub id: String,
    /// Its virtual network's name.
    pub virtual_network: String,
    /// Its name.
    pub name: String,
    /// Address prefixes.
    pub prefixes: Vec<IpNet>,
    /// `serviceName` of its delegations.
    pub delegations: Vec<String>,
    /// ARM ids of its IP configurations.
    pub ip_configuration_ids: Vec<String>,
    /// Addresses named by its IP configurations, where the answer holds them.
    pub ip_configuration_addresses: Vec<IpAddr>,
    /// ARM id, may be empty.
    pub network_security_group_id: String,
    /// ARM id, may be empty.
    pub route_table_id: String,
}

/// `az network nic show`, `az vmss nic list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// 12 upper-case hex digits, may be empty.
    pub mac: String,
    /// Addresses of its IP configurations.
    pub addresses: Vec<IpAddr>,
    /// ARM id of the first configuration's subnet, may be empty.
    pub subnet_id: String,
    /// ARM id of the machine that it is of, may be empty.
    pub machine: String,
}

/// `az network alb association`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// ARM id.
    pub id: String,
    /// ARM id of the subnet.
    pub subnet_id: String,
}
