//! Azure resources around the cluster that the checks ask about: rules, routes, addresses, parts of the gateway, settings of
//! flow logs. Ids are ARM ids as written: compare them without case.
//!
//! Source: Azure REST reference (`Microsoft.Network`, `Microsoft.ServiceNetworking`).

use crate::access::{AccessSums, FirewallCell};
use crate::inventory::AgentPool;
use crate::metrics::{ControllerSample, MetricSeries};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// `az network nsg show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `resourceGuid`, lower case: what a flow log may have as `aclID`.
    pub guid: String,
    /// Own and default rules, sorted by direction, priority, name.
    pub rules: Vec<SecurityRule>,
    /// ARM ids of the subnets that it is on.
    pub subnet_ids: Vec<String>,
    /// ARM ids of the network interfaces that it is on.
    pub network_interface_ids: Vec<String>,
}

/// A rule of a network security group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityRule {
    /// Its name, as flow logs show it but for a prefix like `UserRule_`.
    pub name: String,
    /// The smallest that fits decides; 0 when absent.
    pub priority: u32,
    /// Towards the resource; otherwise from it.
    pub inbound: bool,
    /// Lets pass; otherwise denies.
    pub allow: bool,
    /// `Tcp`, `Udp`, `Icmp`, `*`, as written.
    pub protocol: String,
    /// Prefixes, addresses, service tags (`VirtualNetwork`) or `*`, as written.
    pub sources: Vec<String>,
    /// See `sources`.
    pub destinations: Vec<String>,
    /// `*`, `80`, `8000-8999`, as written.
    pub source_ports: Vec<String>,
    /// See `source_ports`.
    pub destination_ports: Vec<String>,
    /// Names application security groups instead of prefixes.
    pub application_groups: bool,
    /// One of Azure's own, which every group has.
    pub default: bool,
}

/// `az network route-table show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its entries, sorted by name.
    pub entries: Vec<RouteEntry>,
    /// ARM ids of the subnets that it is on.
    pub subnet_ids: Vec<String>,
}

/// A route of a route table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteEntry {
    /// Its name.
    pub name: String,
    /// Where to; a service tag is `None`.
    pub prefix: Option<IpNet>,
    /// As written: a prefix or a service tag.
    pub destination: String,
    /// `VirtualAppliance`, `VnetLocal`, `Internet`, `VirtualNetworkGateway`, `None`, as written.
    pub next_hop_kind: String,
    /// Of a virtual appliance.
    pub next_hop: Option<IpAddr>,
}

/// `az network public-ip show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAddress {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The address, when one is assigned.
    pub address: Option<IpAddr>,
    /// `dnsSettings.fqdn`, may be empty.
    pub host: String,
    /// ARM id of what uses it, may be empty.
    pub user_id: String,
}

/// `az network alb show`: an Application Gateway for Containers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficController {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `Succeeded`, `Failed`, …
    pub state: String,
    /// `<32hex>.alb.azure.com`.
    pub configuration_endpoints: Vec<String>,
    /// ARM ids of its front ends.
    pub front_end_ids: Vec<String>,
    /// ARM ids of its associations.
    pub association_ids: Vec<String>,
}

/// `az network alb frontend show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrontEnd {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The name that clients ask for.
    pub host: String,
    /// `Succeeded`, `Failed`, …
    pub state: String,
}

/// `az network watcher flow-log show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogSetting {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// ARM id of the virtual network, subnet, interface or group that is logged.
    pub target_id: String,
    /// ARM id of the storage account.
    pub storage_id: String,
    /// `None` when absent.
    pub enabled: Option<bool>,
    /// `format.version`; 0 when absent.
    pub version: u64,
    /// Days, 0 for ever; `None` when there is no policy.
    pub retention_days: Option<u64>,
    /// `enabledFilteringCriteria`: only flows that meet it are logged; may be empty.
    pub filter: String,
    /// `recordTypes`: only these states (`B,C,E,D`) are logged; empty for all.
    pub record_kinds: String,
    /// Traffic analytics is on.
    pub analytics: Option<bool>,
    /// `trafficAnalyticsInterval`, minutes; 0 when absent.
    pub analytics_interval_min: u64,
}

/// A peering of a virtual network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peering {
    /// ARM id.
    pub id: String,
    /// Name of the virtual network that it belongs to.
    pub virtual_network: String,
    /// Its name.
    pub name: String,
    /// `Connected`, `Initiated`, `Disconnected`.
    pub state: String,
    /// ARM id of the other network.
    pub remote_id: String,
    /// Prefixes of the other network.
    pub remote_prefixes: Vec<IpNet>,
}

/// `az aks nodepool show`: a pool that stands by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePool {
    /// ARM id.
    pub id: String,
    /// Name of its cluster.
    pub cluster: String,
    /// As in the cluster.
    pub pool: AgentPool,
}

/// What one input says of Azure beside what names addresses: resources, numbers, requests. Part of a
/// [`Fragment`](crate::inventory::Fragment).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "one list a kind")]
pub struct AzureFragment {
    pub security_groups: Vec<SecurityGroup>,
    /// As single interfaces have them: `az network nic list-effective-nsg`.
    pub effective_groups: Vec<SecurityGroup>,
    pub route_tables: Vec<RouteTable>,
    pub public_addresses: Vec<PublicAddress>,
    pub traffic_controllers: Vec<TrafficController>,
    pub front_ends: Vec<FrontEnd>,
    pub flow_log_settings: Vec<FlowLogSetting>,
    pub peerings: Vec<Peering>,
    pub node_pools: Vec<NodePool>,
    pub metrics: Vec<MetricSeries>,
    pub controller_samples: Vec<ControllerSample>,
    pub access: AccessSums,
    pub firewall: Vec<FirewallCell>,
}
