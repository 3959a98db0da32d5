//! HTTPRoutes and GRPCRoutes of the Gateway API.

use super::{conditions, meta, parent_statuses, reference, texts};
use crate::json::Json;
use underlay_model::inventory::{Reference, Route, RouteBackend, RouteMatch, RouteParent};
use underlay_model::order::Order;

pub(super) fn read(value: &Json<'_>, kind: &str) -> Route {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let meta = meta(value);
    let mut route = Route { kind: kind.to_owned(), hostnames: texts(spec.list("hostnames")), ..Route::default() };
    for parent in spec.list("parentRefs").filter(|parent| parent.is_object()) {
        let port = parent.get("port").port();
        let Reference { kind, namespace, name, section, .. } = reference(parent, "Gateway", &meta.namespace);
        if kind == "Gateway" {
            route.parents.push(RouteParent { namespace, name, section, port });
        }
    }
    for (rule, entry) in (0u64..).zip(spec.list("rules")) {
        let mut any = false;
        for backend in entry.list("backendRefs").filter(|backend| backend.is_object()) {
            any = true;
            let named = reference(backend, "Service", &meta.namespace);
            if named.kind != "Service" || !named.group.is_empty() {
                route.other_backends.push(named);
                continue;
            }
            route.backends.push(RouteBackend {
                namespace: named.namespace,
                service: named.name,
                port: backend.get("port").port(),
                weight: backend.get("weight").number().unwrap_or(1),
                rule,
                port_name: String::new(),
            });
        }
        if !any {
            route.rules_without_backend.push(rule);
        }
        route.rules = rule + 1;
        if kind == "HTTPRoute" {
            let before = route.matches.len();
            route.matches.extend(entry.list("matches").map(|one| route_match(one, rule)));
            if route.matches.len() == before {
                route.matches.push(route_match(&Json::Null, rule));
            }
        }
    }
    route.conditions = status.list("parents").flat_map(|parent| conditions(parent.get("conditions"))).collect();
    route.parent_statuses = parent_statuses(status, &meta.namespace);
    route.meta = meta;
    route
}

/// A match with the API's defaults where the object leaves them out.
fn route_match(value: &Json<'_>, rule: u64) -> RouteMatch {
    let path = value.get("path");
    RouteMatch {
        rule,
        kind: path.get("type").as_str().unwrap_or("PathPrefix").to_owned(),
        path: path.get("value").as_str().unwrap_or("/").to_owned(),
        conditional: ["headers", "queryParams", "method"].iter().any(|key| !value.get(key).is_null()),
        conditions: route_conditions(value),
    }
}

/// What must fit besides the path, in one order. Names of headers are alike in any case (Gateway API, HTTPHeaderName).
fn route_conditions(value: &Json<'_>) -> String {
    let mut all: Vec<String> = Vec::new();
    for (key, word) in [("headers", "header "), ("queryParams", "query ")] {
        for one in value.list(key) {
            let text = |key: &str| one.get(key).as_str().unwrap_or_default();
            let compares = if text("type") == "RegularExpression" { "~" } else { "=" };
            let name = if key == "headers" { text("name").to_ascii_lowercase() } else { text("name").to_owned() };
            all.push([word, &name, compares, text("value")].concat());
        }
    }
    all.order();
    all.dedup();
    let method = value.get("method").as_str().map(|method| ["method ", method].concat());
    method.into_iter().chain(all).collect::<Vec<_>>().join(", ")
}
