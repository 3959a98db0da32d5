//! `az network route-table show/list`, `az network route-table route list`: where packets are sent.

use super::id_part;
use crate::json::Json;
use underlay_model::address::parse_address;
use underlay_model::azure::{RouteEntry, RouteTable};
use underlay_model::order::Order;

pub(super) fn read(value: &Json<'_>) -> RouteTable {
    let mut table = RouteTable {
        id: value.get("id").text(),
        name: value.get("name").text(),
        entries: value.arm_list("routes").filter(|route| route.is_object()).map(entry).collect(),
        subnet_ids: super::ids(value, "subnets"),
    };
    table.entries.order_by(|a, b| a.name.cmp(&b.name));
    table
}

/// A route that stands by itself: the table is named by its id.
pub(super) fn alone(value: &Json<'_>) -> RouteTable {
    let id = value.get("id").text();
    let end = id.to_ascii_lowercase().find("/routes/").unwrap_or(id.len());
    RouteTable {
        name: id_part(&id, "routeTables"),
        entries: vec![entry(value)],
        id: id.get(..end).unwrap_or_default().to_owned(),
        ..RouteTable::default()
    }
}

/// Whether an object is a route.
pub(super) fn is_route(value: &Json<'_>) -> bool {
    value.arm("nextHopType").as_str().is_some() && value.arm("addressPrefix").as_str().is_some()
}

fn entry(value: &Json<'_>) -> RouteEntry {
    let hop = value.arm("nextHopIpAddress");
    RouteEntry {
        name: value.get("name").text(),
        prefix: super::prefix(value.arm("addressPrefix")),
        destination: value.arm("addressPrefix").text(),
        next_hop_kind: value.arm("nextHopType").text(),
        next_hop: hop.as_str().and_then(|text| parse_address(text.trim().as_bytes())),
    }
}
