//! Resources of which only the private addresses are used, each under the resource's own name: private endpoints, firewalls, load balancers,
//! `az vm list -d`, `az vm list-ip-addresses`.

use super::{distinct, id_of};
use crate::json::Json;
use std::net::IpAddr;
use underlay_model::address::parse_address;
use underlay_model::inventory::NetworkInterface;

/// Lists of IP configurations, under the names that kinds of resources have for them.
const CONFIGURATIONS: [&str; 2] = ["ipConfigurations", "frontendIPConfigurations"];

/// Whether an object is an element of `az vm list-ip-addresses`.
pub(super) fn is_machine(value: &Json<'_>) -> bool {
    value.at(&["virtualMachine", "network"]).is_object()
}

/// The resource's addresses as those of an interface of its name; `None` when it tells none.
pub(super) fn read(value: &Json<'_>) -> Option<NetworkInterface> {
    let machine = value.get("virtualMachine");
    let owner = if machine.get("name").is_null() { value } else { machine };
    let texts = CONFIGURATIONS
        .iter()
        .flat_map(|key| value.arm_list(key))
        .map(|entry| entry.arm("privateIPAddress"))
        .chain(value.arm_list("customDnsConfigs").flat_map(|entry| entry.list("ipAddresses")))
        .chain(machine.get("network").list("privateIpAddresses"))
        .chain([value.get("privateIps")]);
    let addresses: Vec<IpAddr> = distinct(
        texts
            .filter_map(Json::as_str)
            .flat_map(|text| text.split(','))
            .filter_map(|text| parse_address(text.trim().as_bytes())),
    );
    let subnets = CONFIGURATIONS.iter().flat_map(|key| value.arm_list(key)).map(|entry| id_of(entry, "subnet"));
    let subnet_id = subnets.chain([id_of(value, "subnet")]).find(|id| !id.is_empty()).unwrap_or_default();
    (!addresses.is_empty()).then(|| NetworkInterface {
        id: owner.get("id").text(),
        name: owner.get("name").text(),
        mac: super::network_interface::mac(&value.get("macAddresses").text()),
        addresses,
        subnet_id,
        machine: if owner.get("privateIps").is_null() { machine.get("id").text() } else { owner.get("id").text() },
    })
}
