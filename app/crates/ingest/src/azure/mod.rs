//! Answers of `az … show` and `az … list`, and of the REST API behind them: fields either flat or under `properties`, keys and
//! types in any case. One kind of resource, one file; kinds that Underlay does not use are recognised all the same.

mod association;
mod cluster;
mod network_interface;
mod virtual_network;

use crate::json::Json;
use ipnet::IpNet;
use std::net::IpAddr;
use underlay_model::inventory::Fragment;

/// What kind of resource an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `Microsoft.ContainerService/managedClusters`.
    Cluster,
    /// `Microsoft.Network/virtualNetworks`.
    VirtualNetwork,
    /// `Microsoft.Network/virtualNetworks/subnets`.
    Subnet,
    /// `Microsoft.Network/networkInterfaces`, of machines and of scale sets.
    NetworkInterface,
    /// `Microsoft.ServiceNetworking/trafficControllers/associations`.
    Association,
    /// Another resource, by a name to show.
    Other(String),
}

impl Kind {
    /// Its name in a sentence, in singular.
    pub(crate) fn noun(&self) -> &str {
        match self {
            Self::Cluster => "AKS cluster",
            Self::VirtualNetwork => "virtual network",
            Self::Subnet => "subnet",
            Self::NetworkInterface => "network interface",
            Self::Association => "gateway association",
            Self::Other(name) => name,
        }
    }
}

/// Resource types that are recognised by name and not read, with the words for them.
const KNOWN_TYPES: [(&str, &str); 10] = [
    ("microsoft.network/networksecuritygroups", "network security group"),
    ("microsoft.network/routetables", "route table"),
    ("microsoft.servicenetworking/trafficcontrollers", "gateway"),
    ("microsoft.servicenetworking/trafficcontrollers/frontends", "gateway front end"),
    ("microsoft.servicenetworking/trafficcontrollers/securitypolicies", "gateway security policy"),
    ("microsoft.network/publicipaddresses", "public IP address"),
    ("microsoft.network/loadbalancers", "load balancer"),
    ("microsoft.compute/virtualmachinescalesets", "scale set"),
    ("microsoft.compute/virtualmachines", "virtual machine"),
    ("microsoft.network/networkwatchers/flowlogs", "flow log setting"),
];

/// The kind of an object; `None` when it is no Azure resource.
pub(crate) fn kind_of(value: &Json<'_>) -> Option<Kind> {
    let id = value.get("id").as_str().unwrap_or_default().to_ascii_lowercase();
    let own_type = value.get("type").as_str().unwrap_or_default().to_ascii_lowercase();
    let resource_type = if own_type.contains('/') { own_type } else { type_of_id(&id) };
    let list = |key: &str| value.arm(key).is_list();
    let object = |key: &str| value.arm(key).is_object();
    let text = |key: &str| value.arm(key).as_str().is_some();
    Some(match resource_type.as_str() {
        "microsoft.containerservice/managedclusters" => Kind::Cluster,
        "microsoft.network/virtualnetworks" => Kind::VirtualNetwork,
        "microsoft.network/virtualnetworks/subnets" => Kind::Subnet,
        "microsoft.servicenetworking/trafficcontrollers/associations" => Kind::Association,
        other if other.ends_with("/networkinterfaces") => Kind::NetworkInterface,
        other if !other.is_empty() => {
            let known = KNOWN_TYPES.iter().find(|(name, _)| *name == other);
            let last = || other.rsplit('/').next().unwrap_or(other).to_owned();
            Kind::Other(known.map_or_else(last, |(_, words)| (*words).to_owned()))
        }
        _ if object("networkProfile") && list("agentPoolProfiles") => Kind::Cluster,
        _ if object("addressSpace") && (list("subnets") || text("name")) => Kind::VirtualNetwork,
        _ if list("ipConfigurations") && text("macAddress") => Kind::NetworkInterface,
        _ if (text("addressPrefix") || list("addressPrefixes"))
            && (list("delegations") || list("ipConfigurations") || text("privateEndpointNetworkPolicies")) =>
        {
            Kind::Subnet
        }
        _ if list("securityRules") && list("defaultSecurityRules") => Kind::Other("network security group".to_owned()),
        _ if list("routes") && !value.arm("disableBgpRoutePropagation").is_null() => {
            Kind::Other("route table".to_owned())
        }
        _ if list("configurationEndpoints") && list("frontends") => Kind::Other("gateway".to_owned()),
        _ if id.starts_with("/subscriptions/") => Kind::Other("resource".to_owned()),
        _ => return None,
    })
}

/// Whether the members of an object that breaks off are a resource's.
pub(crate) fn is_envelope(members: &Json<'_>) -> bool {
    kind_of(members).is_some()
        || members.get("networkProfile").is_object()
        || members.get("addressSpace").is_object()
        || members.get("agentPoolProfiles").is_list()
}

/// Puts what Underlay uses of a resource into the fragment; false when it uses nothing of this kind.
pub(crate) fn read(value: &Json<'_>, kind: &Kind, fragment: &mut Fragment) -> bool {
    match kind {
        Kind::Cluster => fragment.clusters.push(cluster::read(value)),
        Kind::VirtualNetwork => virtual_network::read(value, fragment),
        Kind::Subnet => fragment.subnets.push(virtual_network::subnet(value, "")),
        Kind::NetworkInterface => fragment.network_interfaces.push(network_interface::read(value)),
        Kind::Association => fragment.associations.push(association::read(value)),
        Kind::Other(_) => return false,
    }
    true
}

/// The resource type in an ARM id in lower case: `…/providers/a.b/c/name/d/name2` is of type `a.b/c/d`.
fn type_of_id(id: &str) -> String {
    let Some((_, path)) = id.rsplit_once("/providers/") else { return String::new() };
    let mut parts = path.split('/');
    let Some(provider) = parts.next() else { return String::new() };
    let kinds: Vec<&str> = parts.step_by(2).collect();
    if kinds.is_empty() { String::new() } else { format!("{provider}/{}", kinds.join("/")) }
}

/// The part of an ARM id behind `/name/`, in the id's own case: the virtual network's name in a subnet's id.
fn id_part(id: &str, name: &str) -> String {
    let mut parts = id.split('/');
    while let Some(part) = parts.next() {
        if part.eq_ignore_ascii_case(name) {
            return parts.next().unwrap_or_default().to_owned();
        }
    }
    String::new()
}

/// ARM id of a member like `"subnet": {"id": …}`.
fn id_of(value: &Json<'_>, key: &str) -> String {
    value.arm(key).get("id").text()
}

fn prefix(value: &Json<'_>) -> Option<IpNet> {
    value.as_str()?.trim().parse::<IpNet>().ok().map(|net| net.trunc())
}

/// Prefixes under a singular and a plural name, each once.
fn prefixes(value: &Json<'_>, one: &str, many: &str) -> Vec<IpNet> {
    distinct(value.arm_list(many).chain([value.arm(one)]).filter_map(prefix))
}

/// Addresses named by IP configurations.
fn configured_addresses(value: &Json<'_>) -> Vec<IpAddr> {
    let text = |entry: &Json<'_>| entry.arm("privateIPAddress").text();
    distinct(
        value
            .arm_list("ipConfigurations")
            .filter_map(|entry| underlay_model::address::parse_address(text(entry).trim().as_bytes())),
    )
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = Vec::new();
    for item in items {
        if !seen.contains(&item) {
            seen.push(item);
        }
    }
    seen
}
