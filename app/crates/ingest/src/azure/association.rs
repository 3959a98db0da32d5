//! `az network alb association show/list`: the subnet that a gateway is associated with.

use super::id_of;
use crate::json::Json;
use underlay_model::inventory::Association;

pub(super) fn read(value: &Json<'_>) -> Association {
    Association { id: value.get("id").text(), subnet_id: id_of(value, "subnet") }
}
