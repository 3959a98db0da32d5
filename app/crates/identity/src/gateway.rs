//! Which subnets hold gateway instances, and which instances an input names. Sources in the contract's order: declared,
//! OverlayExtensionConfig, delegation, an association's subnet; lacking all of them the caller that a who-am-I answer
//! names, that address only. Nothing is inferred beyond that.

use crate::inventory::Inventory;
use crate::merge::qualified_subnet;
use crate::resolver::{ExpectedInstance, GatewaySubnet};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_model::IpNet;
use underlay_model::inventory::Subnet;
use underlay_model::order::Order;

/// The service that a subnet of Application Gateway for Containers is delegated to.
const DELEGATION: &str = "Microsoft.ServiceNetworking/trafficControllers";

/// Subnets by ARM id in lower case.
pub(crate) fn subnets_by_id(inventory: &Inventory) -> FxHashMap<String, u32> {
    (0u32..).zip(&inventory.subnets).map(|(at, subnet)| (subnet.id.to_lowercase(), at)).collect()
}

/// `vnet/subnet` as the contract names it, whether the answer says the network's name or only its id does.
pub(crate) fn subnet_name(subnet: &Subnet) -> String {
    if subnet.virtual_network.is_empty()
        && let Some(network) = network_of(&subnet.id)
    {
        return format!("{network}/{}", subnet.name);
    }
    qualified_subnet(subnet)
}

/// The virtual network's name inside a subnet's ARM id.
fn network_of(id: &str) -> Option<&str> {
    let mut parts = id.split('/');
    parts.find(|part| part.eq_ignore_ascii_case("virtualNetworks"))?;
    parts.next().filter(|name| !name.is_empty())
}

pub(crate) fn gateway_subnets(inventory: &Inventory, by_id: &FxHashMap<String, u32>) -> Vec<GatewaySubnet> {
    let mut found: Vec<GatewaySubnet> = Vec::new();
    let mut add = |prefix: IpNet, evidence: String, subnet: Option<u32>| {
        let prefix = prefix.trunc();
        match found.iter_mut().find(|known| known.prefix == prefix) {
            Some(known) => known.subnet = known.subnet.or(subnet),
            None => found.push(GatewaySubnet { prefix, evidence, subnet }),
        }
    };
    for &prefix in &inventory.options.gateway_subnets {
        add(prefix, "declared by --gateway-subnet".to_owned(), None);
    }
    for config in &inventory.overlay_extension_configs {
        if let Some(range) = config.range {
            let from = inventory.path(config.input);
            add(range, format!("OverlayExtensionConfig {} in {from}", config.meta.qualified()), None);
        }
    }
    for (at, subnet) in (0u32..).zip(&inventory.subnets) {
        if subnet.delegations.iter().any(|service| service.eq_ignore_ascii_case(DELEGATION)) {
            let evidence = format!(
                "subnet {} in {} is delegated to {DELEGATION}",
                subnet_name(subnet),
                inventory.path(subnet.input)
            );
            subnet.prefixes.iter().for_each(|&prefix| add(prefix, evidence.clone(), Some(at)));
        }
    }
    let named =
        |id: &str| by_id.get(&id.to_lowercase()).and_then(|&at| Some((at, inventory.subnets.get(at as usize)?)));
    for association in &inventory.associations {
        if let Some((at, subnet)) = named(&association.subnet_id) {
            let from = inventory.path(association.input);
            let evidence = format!("an association in {from} names subnet {}", subnet_name(subnet));
            subnet.prefixes.iter().for_each(|&prefix| add(prefix, evidence.clone(), Some(at)));
        }
    }
    for balancer in &inventory.application_load_balancers {
        for (at, subnet) in balancer.associations.iter().filter_map(|id| named(id)) {
            let evidence = format!(
                "ApplicationLoadBalancer {} in {} names subnet {}",
                balancer.meta.qualified(),
                inventory.path(balancer.input),
                subnet_name(subnet)
            );
            subnet.prefixes.iter().for_each(|&prefix| add(prefix, evidence.clone(), Some(at)));
        }
    }
    if found.is_empty() {
        for answer in &inventory.whoami {
            let host = answer.host.trim().to_ascii_lowercase();
            let host = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
            if host.ends_with(".alb.azure.com")
                && let Some(caller) = answer.caller_address
                && !found.iter().any(|known| known.prefix.contains(&caller))
            {
                let evidence =
                    format!("who-am-I answer in {}: it called the pod for {host}", inventory.path(answer.input));
                found.push(GatewaySubnet { prefix: IpNet::from(caller), evidence, subnet: None });
            }
        }
    }
    // A declared or stated prefix may be a subnet of the files.
    for gateway in &mut found {
        if gateway.subnet.is_none() {
            let same = |(_, subnet): &(u32, &crate::Sourced<Subnet>)| {
                subnet.prefixes.iter().any(|prefix| prefix.trunc() == gateway.prefix)
            };
            gateway.subnet = (0u32..).zip(&inventory.subnets).find(same).map(|(at, _)| at);
        }
    }
    found.order_by_key(|gateway| gateway.prefix);
    found
}

/// Instances that inputs name, inside the gateway subnets; sorted by address, the first source's evidence.
pub(crate) fn expected_instances(inventory: &Inventory, gateways: &[GatewaySubnet]) -> Vec<ExpectedInstance> {
    let mut found: Vec<ExpectedInstance> = Vec::new();
    let mut add = |address: IpAddr, evidence: String| {
        if gateways.iter().any(|gateway| gateway.prefix.contains(&address)) {
            found.push(ExpectedInstance { address, evidence });
        }
    };
    for subnet in &inventory.subnets {
        for &address in &subnet.ip_configuration_addresses {
            let from = inventory.path(subnet.input);
            add(address, format!("named by the IP configurations of subnet {} in {from}", subnet_name(subnet)));
        }
    }
    for interface in &inventory.network_interfaces {
        for &address in &interface.addresses {
            add(
                address,
                format!("named by network interface {} in {}", interface.name, inventory.path(interface.input)),
            );
        }
    }
    for answer in &inventory.whoami {
        if let Some(caller) = answer.caller_address {
            add(caller, format!("named by the who-am-I answer in {}", inventory.path(answer.input)));
        }
    }
    // Stable: of equal addresses the first source stays.
    found.order_by_key(|instance| instance.address);
    found.dedup_by_key(|instance| instance.address);
    found
}
