//! Gateways, their classes, and grants of the Gateway API.

use super::{conditions, meta, reference, texts};
use crate::json::Json;
use underlay_model::inventory::{Gateway, GatewayClass, Listener, ReferenceGrant};

pub(super) fn read(value: &Json<'_>) -> Gateway {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let meta = meta(value);
    let null = Json::Null;
    let mut listeners = Vec::new();
    for listener in spec.list("listeners").filter(|listener| listener.is_object()) {
        let name = listener.get("name").text();
        let told = status.list("listeners").find(|told| told.get("name").as_str() == Some(name.as_str()));
        let told = told.unwrap_or(&null);
        let tls = listener.get("tls");
        listeners.push(Listener {
            port: listener.get("port").port().unwrap_or(0),
            protocol: listener.get("protocol").text(),
            hostname: listener.get("hostname").text(),
            attached_routes: told.get("attachedRoutes").number(),
            tls_mode: if tls.is_object() {
                tls.get("mode").as_str().unwrap_or("Terminate").to_owned()
            } else {
                String::new()
            },
            certificates: tls
                .list("certificateRefs")
                .filter(|secret| secret.is_object())
                .map(|secret| reference(secret, "Secret", &meta.namespace))
                .collect(),
            routes_from: listener.at(&["allowedRoutes", "namespaces", "from"]).as_str().unwrap_or("Same").to_owned(),
            conditions: conditions(told.get("conditions")),
            name,
        });
    }
    Gateway {
        class: spec.get("gatewayClassName").text(),
        listeners,
        addresses: texts(status.list("addresses").map(|address| address.get("value"))),
        conditions: conditions(status.get("conditions")),
        wanted_addresses: spec
            .list("addresses")
            .map(|address| (address.get("type").text(), address.get("value").text()))
            .collect(),
        meta,
    }
}

pub(super) fn class(value: &Json<'_>) -> GatewayClass {
    GatewayClass {
        meta: meta(value),
        controller: value.at(&["spec", "controllerName"]).text(),
        conditions: conditions(value.at(&["status", "conditions"])),
    }
}

pub(super) fn grant(value: &Json<'_>) -> ReferenceGrant {
    let meta = meta(value);
    let side = |key: &str, namespace: &str| {
        value
            .get("spec")
            .list(key)
            .filter(|entry| entry.is_object())
            .map(|entry| reference(entry, "", namespace))
            .collect()
    };
    ReferenceGrant { from: side("from", ""), to: side("to", &meta.namespace), meta }
}
