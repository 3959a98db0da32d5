//! Listeners that no route is attached to.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use crate::routed::is_gateway_class;
use underlay_model::inventory::{Gateway, Listener};

pub(crate) const RULE: Rule = Rule {
    id: "listener-without-routes",
    question: "Does every listener have a route?",
    why: "The gateway answers every request on this listener with status 404.",
    needs: &[Need::Gateways],
    reads: Reads::Capture,
    refutes: &["Routes that were attached after this copy of the Gateway was saved."],
    next: &[
        "Name this Gateway and listener in the parentRefs of a route, and let the listener's allowedRoutes admit the route's namespace and kind. https://gateway-api.sigs.k8s.io/api-types/httproute/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    for gateway in inventory.gateways.iter().filter(|one| is_gateway_class(inventory, &one.class)) {
        let name = gateway.meta.qualified();
        for listener in &gateway.listeners {
            let field = if listener.attached_routes.is_some() { "status/listeners/" } else { "spec/listeners/" };
            let (confidence, told) = match listener.attached_routes {
                Some(0) => ("measured", "Its status counts 0 attached routes"),
                None if !facts.inventory.routes.is_empty() && !is_named(facts, gateway, listener) => {
                    ("inferred", "Its status does not count routes, and no route of the capture names it")
                }
                _ => continue,
            };
            let subject = [&name, "/", &listener.name].concat();
            found
                .add(
                    Severity::Warning,
                    "degraded",
                    confidence,
                    &subject,
                    &["Listener ", &listener.name, " of Gateway ", &name, " has no route attached."],
                )
                .evidence(
                    'K',
                    &[
                        told,
                        "; it listens on port ",
                        &listener.port.to_string(),
                        " and admits routes from namespaces: ",
                        &listener.routes_from,
                        ".",
                    ],
                )
                .object(inventory, gateway, &gateway.meta.name, &[field, &listener.name].concat())
                .about("frontend", &name);
        }
    }
}

/// Whether a route names the listener, or its whole gateway, as its parent.
fn is_named(facts: &Facts<'_>, gateway: &Gateway, listener: &Listener) -> bool {
    let mut parents = facts.inventory.routes.iter().flat_map(|route| &route.parents);
    parents.any(|parent| parent.is_of(&gateway.meta) && parent.means(listener))
}
