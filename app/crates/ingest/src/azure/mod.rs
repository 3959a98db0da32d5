//! Answers of `az … show` and `az … list`, and of the REST API and Resource Graph behind them: fields either flat or under
//! `properties`, keys and types in any case. One kind of resource, one file; kinds that Underlay does not use are recognised
//! all the same.

mod addressed;
mod association;
mod cluster;
mod effective;
mod flow_log_setting;
mod gateway;
mod known;
mod network_interface;
mod route_table;
mod security_group;
mod virtual_network;
pub(crate) mod yaml;

use crate::distinct::distinct;
use crate::json::Json;
use ipnet::IpNet;
pub(crate) use known::is_mention;
use std::net::IpAddr;
use underlay_model::inventory::Fragment;

/// What kind of resource an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `Microsoft.ContainerService/managedClusters`.
    Cluster,
    /// `Microsoft.ContainerService/managedClusters/agentPools`.
    NodePool,
    /// `Microsoft.Network/virtualNetworks`.
    VirtualNetwork,
    /// `Microsoft.Network/virtualNetworks/subnets`.
    Subnet,
    /// `Microsoft.Network/virtualNetworks/virtualNetworkPeerings`.
    Peering,
    /// `Microsoft.Network/networkInterfaces`, of machines and of scale sets.
    NetworkInterface,
    /// `Microsoft.Network/networkSecurityGroups`.
    SecurityGroup,
    /// A rule of one.
    SecurityRule,
    /// `Microsoft.Network/routeTables`.
    RouteTable,
    /// A route of one.
    Route,
    /// `Microsoft.Network/publicIPAddresses`.
    PublicAddress,
    /// `Microsoft.Network/networkWatchers/flowLogs`.
    FlowLogSetting,
    /// `Microsoft.ServiceNetworking/trafficControllers`.
    TrafficController,
    /// `Microsoft.ServiceNetworking/trafficControllers/frontends`.
    FrontEnd,
    /// `Microsoft.ServiceNetworking/trafficControllers/associations`.
    Association,
    /// A security group as one interface has it.
    EffectiveGroup,
    /// A route as one interface has it.
    EffectiveRoute,
    /// Another resource, by a name to show.
    Other(String),
}

impl Kind {
    /// Its name in a sentence, in singular.
    pub(crate) fn noun(&self) -> &str {
        match self {
            Self::Cluster => "AKS cluster",
            Self::NodePool => "node pool",
            Self::VirtualNetwork => "virtual network",
            Self::Subnet => "subnet",
            Self::Peering => "peering",
            Self::NetworkInterface => "network interface",
            Self::SecurityGroup => "network security group",
            Self::SecurityRule => "security rule",
            Self::RouteTable => "route table",
            Self::Route => "route of a route table",
            Self::PublicAddress => "public IP address",
            Self::FlowLogSetting => "flow log setting",
            Self::TrafficController => "gateway",
            Self::FrontEnd => "gateway front end",
            Self::Association => "gateway association",
            Self::EffectiveGroup => "effective network security group",
            Self::EffectiveRoute => "effective route",
            Self::Other(name) => name,
        }
    }

    /// Whether it stands inside of others, too, as a part of theirs.
    pub(crate) fn is_part(&self) -> bool {
        matches!(
            self,
            Self::Subnet | Self::Peering | Self::SecurityRule | Self::Route | Self::NodePool | Self::FrontEnd
        )
    }
}

/// The kind of an object; `None` when it is no Azure resource.
pub(crate) fn kind_of(value: &Json<'_>) -> Option<Kind> {
    if let Some(noun) = known::answer(value) {
        return Some(Kind::Other(noun.to_owned()));
    }
    if effective::is_group(value) {
        return Some(Kind::EffectiveGroup);
    }
    if effective::is_route(value) {
        return Some(Kind::EffectiveRoute);
    }
    let id = value.get("id").as_str().unwrap_or_default().to_ascii_lowercase();
    let own_type = value.get("type").as_str().unwrap_or_default().to_ascii_lowercase();
    let resource_type = if own_type.contains('/') { own_type } else { type_of_id(&id) };
    let list = |key: &str| value.arm(key).is_list();
    let object = |key: &str| value.arm(key).is_object();
    let text = |key: &str| value.arm(key).as_str().is_some();
    Some(match resource_type.as_str() {
        "microsoft.containerservice/managedclusters" => Kind::Cluster,
        "microsoft.containerservice/managedclusters/agentpools" => Kind::NodePool,
        "microsoft.network/virtualnetworks" => Kind::VirtualNetwork,
        "microsoft.network/virtualnetworks/subnets" => Kind::Subnet,
        "microsoft.network/virtualnetworks/virtualnetworkpeerings" => Kind::Peering,
        "microsoft.network/networksecuritygroups" => Kind::SecurityGroup,
        "microsoft.network/networksecuritygroups/securityrules"
        | "microsoft.network/networksecuritygroups/defaultsecurityrules" => Kind::SecurityRule,
        "microsoft.network/routetables" => Kind::RouteTable,
        "microsoft.network/routetables/routes" => Kind::Route,
        "microsoft.network/publicipaddresses" => Kind::PublicAddress,
        "microsoft.network/networkwatchers/flowlogs" => Kind::FlowLogSetting,
        "microsoft.servicenetworking/trafficcontrollers" => Kind::TrafficController,
        "microsoft.servicenetworking/trafficcontrollers/frontends" => Kind::FrontEnd,
        "microsoft.servicenetworking/trafficcontrollers/associations" => Kind::Association,
        other if other.ends_with("/networkinterfaces") => Kind::NetworkInterface,
        other if !other.is_empty() => Kind::Other(known::noun(other)),
        _ if object("networkProfile") && list("agentPoolProfiles") => Kind::Cluster,
        _ if text("networkPlugin") && (text("podCidr") || text("serviceCidr")) => Kind::Cluster,
        _ if value.get("name").is_null() && prefix(value.arm("podCidr")).is_some() => Kind::Cluster,
        _ if object("addressSpace") && (list("subnets") || text("name")) => Kind::VirtualNetwork,
        _ if list("ipConfigurations") && text("macAddress") => Kind::NetworkInterface,
        _ if (text("addressPrefix") || list("addressPrefixes"))
            && (list("delegations") || list("ipConfigurations") || text("privateEndpointNetworkPolicies")) =>
        {
            Kind::Subnet
        }
        _ if list("securityRules") && (list("defaultSecurityRules") || text("resourceGuid")) => Kind::SecurityGroup,
        _ if list("routes") && !value.arm("disableBgpRoutePropagation").is_null() => Kind::RouteTable,
        _ if list("configurationEndpoints") && list("frontends") => Kind::TrafficController,
        _ if flow_log_setting::is_setting(value) => Kind::FlowLogSetting,
        _ if security_group::is_rule(value) => Kind::SecurityRule,
        _ if route_table::is_route(value) => Kind::Route,
        _ if addressed::is_machine(value) => Kind::Other("virtual machine".to_owned()),
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
    // What only says that it exists must not take the place of what is known of it.
    if is_mention(value) {
        return false;
    }
    let azure = &mut fragment.azure;
    match kind {
        Kind::Cluster => {
            let cluster = cluster::read(value);
            // A network profile alone says which range, not whose.
            if cluster.id.is_empty() && cluster.name.is_empty() {
                fragment.cidrs.extend(cluster.pod_cidrs);
            } else {
                fragment.clusters.push(cluster);
            }
        }
        Kind::NodePool => azure.node_pools.push(cluster::pool_alone(value)),
        Kind::VirtualNetwork => virtual_network::read(value, fragment),
        Kind::Subnet => fragment.subnets.push(virtual_network::subnet(value, "")),
        Kind::Peering => azure.peerings.push(virtual_network::peering(value, "")),
        Kind::NetworkInterface => fragment.network_interfaces.push(network_interface::read(value)),
        Kind::SecurityGroup => azure.security_groups.push(security_group::read(value)),
        Kind::SecurityRule => {
            let group = security_group::alone(value);
            match azure.security_groups.iter_mut().find(|known| known.id == group.id) {
                Some(known) => {
                    known.rules.extend(group.rules);
                    security_group::sort(&mut known.rules);
                }
                None => azure.security_groups.push(group),
            }
        }
        Kind::RouteTable => azure.route_tables.push(route_table::read(value)),
        Kind::Route => {
            let table = route_table::alone(value);
            match azure.route_tables.iter_mut().find(|known| known.id == table.id) {
                Some(known) => known.entries.extend(table.entries),
                None => azure.route_tables.push(table),
            }
        }
        Kind::PublicAddress => azure.public_addresses.push(gateway::public_address(value)),
        Kind::FlowLogSetting => azure.flow_log_settings.push(flow_log_setting::read(value)),
        Kind::TrafficController => azure.traffic_controllers.push(gateway::controller(value)),
        Kind::FrontEnd => azure.front_ends.push(gateway::front_end(value)),
        Kind::Association => fragment.associations.push(association::read(value)),
        Kind::EffectiveGroup => azure.effective_groups.push(effective::group(value)),
        Kind::EffectiveRoute => effective::add(effective::entries(value), &mut azure.route_tables),
        Kind::Other(_) => {
            let Some(interface) = addressed::read(value) else { return false };
            fragment.network_interfaces.push(interface);
        }
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

/// ARM ids of a list like `"subnets": [{"id": …}]`.
fn ids(value: &Json<'_>, key: &str) -> Vec<String> {
    value.arm_list(key).map(|entry| entry.get("id").text()).filter(|id| !id.is_empty()).collect()
}

/// Texts under a singular and a plural name, each once.
fn texts(value: &Json<'_>, one: &str, many: &str) -> Vec<String> {
    let all = value.arm_list(many).chain([value.arm(one)]).map(Json::text);
    distinct(all.filter(|text| !text.is_empty()))
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
