//! HTTPRoutes and GRPCRoutes of the Gateway API.

use super::{conditions, meta, parent_statuses, reference, texts};
use crate::json::Json;
use underlay_model::inventory::{Route, RouteBackend};

pub(super) fn read(value: &Json<'_>, kind: &str) -> Route {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let meta = meta(value);
    let mut route = Route { kind: kind.to_owned(), hostnames: texts(spec.list("hostnames")), ..Route::default() };
    for parent in spec.list("parentRefs").filter(|parent| parent.is_object()) {
        let parent = reference(parent, "Gateway", &meta.namespace);
        if parent.kind == "Gateway" {
            route.parents.push((parent.namespace, parent.name, parent.section));
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
    }
    route.conditions = status.list("parents").flat_map(|parent| conditions(parent.get("conditions"))).collect();
    route.parent_statuses = parent_statuses(status, &meta.namespace);
    route.meta = meta;
    route
}
