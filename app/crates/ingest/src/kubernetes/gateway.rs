//! Gateways of the Gateway API.

use super::{conditions, meta};
use crate::json::Json;
use underlay_model::inventory::{Gateway, Listener};

pub(super) fn read(value: &Json<'_>) -> Gateway {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let attached = |name: &str| {
        let told = status.list("listeners").find(|listener| listener.get("name").as_str() == Some(name));
        told.and_then(|listener| listener.get("attachedRoutes").number())
    };
    Gateway {
        meta: meta(value),
        class: spec.get("gatewayClassName").text(),
        listeners: spec
            .list("listeners")
            .filter(|listener| listener.is_object())
            .map(|listener| {
                let name = listener.get("name").text();
                Listener {
                    port: listener.get("port").port().unwrap_or(0),
                    protocol: listener.get("protocol").text(),
                    hostname: listener.get("hostname").text(),
                    attached_routes: attached(&name),
                    name,
                }
            })
            .collect(),
        addresses: status
            .list("addresses")
            .map(|address| address.get("value").text())
            .filter(|value| !value.is_empty())
            .collect(),
        conditions: conditions(status.get("conditions")),
    }
}
