//! Listeners that no route is attached to.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;

pub(crate) const RULE: Rule = Rule {
    id: "listener-without-routes",
    question: "Has every listener a route?",
    why: "The gateway answers status 404 on a listener without routes.",
    needs: &[Need::Gateways],
    refutes: &["Routes that were attached after this copy of the Gateway was saved."],
    next: &[
        "Check the route's parentRefs and the listener's allowedRoutes. https://gateway-api.sigs.k8s.io/api-types/httproute/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for gateway in &facts.inventory.gateways {
        let name = gateway.meta.qualified();
        for listener in gateway.listeners.iter().filter(|listener| listener.attached_routes == Some(0)) {
            let subject = [&name, "/", &listener.name].concat();
            found
                .add(
                    Severity::Warning,
                    "degraded",
                    "measured",
                    &subject,
                    &["Listener ", &listener.name, " of Gateway ", &name, " has no route."],
                )
                .evidence(
                    'K',
                    &[
                        "Its status counts 0 attached routes; it listens on port ",
                        &listener.port.to_string(),
                        " and takes routes from ",
                        &listener.routes_from,
                        ".",
                    ],
                )
                .about("frontend", &name);
        }
    }
}
