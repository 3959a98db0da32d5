//! `az network vnet show/list` with the subnets inside, and `az network vnet subnet show/list`.

use super::{configured_addresses, id_of, id_part, prefixes};
use crate::json::Json;
use underlay_model::inventory::{Fragment, Subnet, VirtualNetwork};

pub(super) fn read(value: &Json<'_>, fragment: &mut Fragment) {
    let id = value.get("id").text();
    let own_name = value.get("name").text();
    let name = if own_name.is_empty() { id_part(&id, "virtualNetworks") } else { own_name };
    let space = value.arm("addressSpace");
    for nested in value.arm_list("subnets").filter(|nested| nested.is_object()) {
        fragment.subnets.push(subnet(nested, &name));
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
