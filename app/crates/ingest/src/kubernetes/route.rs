//! HTTPRoutes and GRPCRoutes of the Gateway API.

use super::{conditions, meta};
use crate::json::Json;
use underlay_model::inventory::{Route, RouteBackend};

pub(super) fn read(value: &Json<'_>, kind: &str) -> Route {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let meta = meta(value);
    let namespace = |reference: &Json<'_>| reference.get("namespace").as_str().unwrap_or(&meta.namespace).to_owned();
    let is_kind = |reference: &Json<'_>, kind: &str| reference.get("kind").as_str().is_none_or(|text| text == kind);
    let parents = spec
        .list("parentRefs")
        .filter(|parent| parent.is_object() && is_kind(parent, "Gateway"))
        .map(|parent| (namespace(parent), parent.get("name").text(), parent.get("sectionName").text()))
        .collect();
    let backends = spec
        .list("rules")
        .flat_map(|rule| rule.list("backendRefs"))
        .filter(|backend| backend.is_object() && is_kind(backend, "Service"))
        .map(|backend| RouteBackend {
            namespace: namespace(backend),
            service: backend.get("name").text(),
            port: backend.get("port").port(),
            weight: backend.get("weight").number().unwrap_or(1),
        })
        .collect();
    Route {
        kind: kind.to_owned(),
        hostnames: spec.list("hostnames").filter_map(Json::as_str).map(str::to_owned).collect(),
        parents,
        backends,
        conditions: status.list("parents").flat_map(|parent| conditions(parent.get("conditions"))).collect(),
        meta,
    }
}
