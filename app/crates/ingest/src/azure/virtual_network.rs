//! `az network vnet show/list` with the subnets and peerings inside, and both by themselves.

use super::{configured_addresses, id_of, id_part, prefixes};
use crate::json::Json;
use underlay_model::azure::Peering;
use underlay_model::inventory::{Fragment, Subnet, VirtualNetwork};

pub(super) fn read(value: &Json<'_>, fragment: &mut Fragment) {
    let id = value.get("id").text();
    let own_name = value.get("name").text();
    let name = if own_name.is_empty() { id_part(&id, "virtualNetworks") } else { own_name };
    let space = value.arm("addressSpace");
    for nested in value.arm_list("subnets").filter(|nested| nested.is_object()) {
        fragment.subnets.push(subnet(nested, &name));
    }
    for nested in value.arm_list("virtualNetworkPeerings").filter(|nested| nested.is_object()) {
        fragment.azure.peerings.push(peering(nested, &name));
    }
    fragment.virtual_networks.push(VirtualNetwork {
        id,
        name,
        prefixes: prefixes(space, "addressPrefix", "addressPrefixes"),
    });
}

/// A subnet; `network` is the name of the virtual network that it stands in, else its id tells.
pub(super) fn subnet(value: &Json<'_>, network: &str) -> Subnet {
    let id = value.get("id").text();
    let named = id_part(&id, "virtualNetworks");
    let own_name = value.get("name").text();
    Subnet {
        virtual_network: if named.is_empty() { network.to_owned() } else { named },
        name: if own_name.is_empty() { id_part(&id, "subnets") } else { own_name },
        prefixes: prefixes(value, "addressPrefix", "addressPrefixes"),
        delegations: value
            .arm_list("delegations")
            .map(|delegation| delegation.arm("serviceName").text())
            .filter(|service| !service.is_empty())
            .collect(),
        ip_configuration_ids: value
            .arm_list("ipConfigurations")
            .map(|configuration| configuration.get("id").text())
            .filter(|id| !id.is_empty())
            .collect(),
        ip_configuration_addresses: configured_addresses(value),
        network_security_group_id: id_of(value, "networkSecurityGroup"),
        route_table_id: id_of(value, "routeTable"),
        id,
    }
}

/// A peering; `network` is the name of the virtual network that it stands in, else its id tells.
pub(super) fn peering(value: &Json<'_>, network: &str) -> Peering {
    let id = value.get("id").text();
    let named = id_part(&id, "virtualNetworks");
    Peering {
        virtual_network: if named.is_empty() { network.to_owned() } else { named },
        name: value.get("name").text(),
        state: value.arm("peeringState").text(),
        remote_id: id_of(value, "remoteVirtualNetwork"),
        remote_prefixes: prefixes(value.arm("remoteAddressSpace"), "addressPrefix", "addressPrefixes"),
        id,
    }
}
