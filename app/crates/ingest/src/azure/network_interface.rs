//! `az network nic show/list`, `az vmss nic list`: which address and MAC a machine has.

use super::{configured_addresses, id_of};
use crate::json::Json;
use underlay_model::inventory::NetworkInterface;

pub(super) fn read(value: &Json<'_>) -> NetworkInterface {
    let mut subnets = value.arm_list("ipConfigurations").map(|entry| id_of(entry, "subnet"));
    NetworkInterface {
        id: value.get("id").text(),
        name: value.get("name").text(),
        mac: mac(&value.arm("macAddress").text()),
        addresses: configured_addresses(value),
        subnet_id: subnets.find(|id| !id.is_empty()).unwrap_or_default(),
        machine: id_of(value, "virtualMachine"),
    }
}

/// `00-0D-3A-23-9A-49` in any notation as 12 upper-case hex digits; empty when it is none.
pub(super) fn mac(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_uppercase()).collect();
    if digits.len() == 12 { digits } else { String::new() }
}
