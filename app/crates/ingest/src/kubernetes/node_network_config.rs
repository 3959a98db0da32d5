//! NodeNetworkConfig (`acn.azure.com/v1alpha`): which pod addresses a node holds.

use super::{address, distinct, meta, prefix};
use crate::json::Json;
use ipnet::IpNet;
use underlay_model::inventory::{NetworkContainer, NodeNetworkConfig};

pub(super) fn read(value: &Json<'_>) -> NodeNetworkConfig {
    NodeNetworkConfig {
        meta: meta(value),
        containers: value
            .get("status")
            .list("networkContainers")
            .filter(|container| container.is_object())
            .map(network_container)
            .collect(),
        state: value.at(&["status", "status"]).text(),
        assigned: value.at(&["status", "assignedIPCount"]).number(),
    }
}

fn network_container(value: &Json<'_>) -> NetworkContainer {
    let kind = value.get("type").text().to_ascii_lowercase();
    let primary = [value.get("primaryIP"), value.get("primaryIPV6")];
    let assigned = || value.list("ipAssignments").map(|assignment| assignment.get("ip"));
    let spaces = [value.get("subnetAddressSpace"), value.get("subnetAddressSpaceV6")];
    let single = |net: &IpNet| net.prefix_len() == net.max_prefix_len();
    let blocks: Vec<IpNet> = match kind.as_str() {
        "overlay" => primary.into_iter().filter_map(prefix).collect(),
        // What a block-wise node holds is listed; its primary address may be one of the blocks.
        "vnetblock" => primary.into_iter().chain(assigned()).filter_map(prefix).filter(|net| !single(net)).collect(),
        _ => Vec::new(),
    };
    let addresses = if kind == "overlay" || kind == "vnetblock" {
        Vec::new()
    } else {
        distinct(assigned().filter_map(|ip| address(ip).or_else(|| prefix(ip).filter(single).map(|net| net.addr()))))
    };
    NetworkContainer {
        kind,
        node_address: address(value.get("nodeIP")),
        blocks: distinct(blocks.into_iter()),
        address_spaces: distinct(spaces.into_iter().filter_map(prefix)),
        addresses,
        subnet_name: value.get("subnetName").text(),
        subnet_id: value.get("subnetID").text(),
        network_id: value.get("vnetID").text(),
        mac: value
            .get("macAddress")
            .as_str()
            .map(|text| text.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_uppercase()).collect())
            .unwrap_or_default(),
        state: value.get("status").text(),
    }
}
