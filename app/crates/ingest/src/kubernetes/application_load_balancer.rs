//! ApplicationLoadBalancer (`alb.networking.azure.io/v1`): which subnets a managed gateway is associated with.

use super::{conditions, meta};
use crate::json::Json;
use underlay_model::inventory::ApplicationLoadBalancer;

pub(super) fn read(value: &Json<'_>) -> ApplicationLoadBalancer {
    ApplicationLoadBalancer {
        meta: meta(value),
        associations: value
            .get("spec")
            .list("associations")
            .filter_map(Json::as_str)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
        conditions: conditions(value.at(&["status", "conditions"])),
    }
}
