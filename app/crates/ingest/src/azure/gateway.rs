//! `az network alb show/list` and its front ends, `az network public-ip show/list`.

use super::{id_of, ids};
use crate::json::Json;
use underlay_model::address::parse_address;
use underlay_model::azure::{FrontEnd, PublicAddress, TrafficController};

pub(super) fn controller(value: &Json<'_>) -> TrafficController {
    TrafficController {
        id: value.get("id").text(),
        name: value.get("name").text(),
        state: value.arm("provisioningState").text(),
        configuration_endpoints: value.arm_list("configurationEndpoints").map(Json::text).collect(),
        front_end_ids: ids(value, "frontends"),
        association_ids: ids(value, "associations"),
    }
}

pub(super) fn front_end(value: &Json<'_>) -> FrontEnd {
    FrontEnd {
        id: value.get("id").text(),
        name: value.get("name").text(),
        host: value.arm("fqdn").text(),
        state: value.arm("provisioningState").text(),
    }
}

pub(super) fn public_address(value: &Json<'_>) -> PublicAddress {
    PublicAddress {
        id: value.get("id").text(),
        name: value.get("name").text(),
        address: value.arm("ipAddress").as_str().and_then(|text| parse_address(text.trim().as_bytes())),
        host: value.arm("dnsSettings").get("fqdn").text(),
        user_id: id_of(value, "ipConfiguration"),
    }
}
