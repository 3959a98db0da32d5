//! Routes that send to what is not there or not permitted.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_model::inventory::Reference;

pub(crate) const RULE: Rule = Rule {
    id: "route-backend",
    question: "Does every route send to a service and port that exist and that it may use?",
    why: "The gateway answers status 500 to the share of the requests that such a backend would get.",
    needs: &[Need::Routes, Need::Services],
    refutes: &["Services of that namespace that were not saved with the others."],
    next: &[
        "Mend the route's backendRefs, or permit the reference. https://gateway-api.sigs.k8s.io/api-types/referencegrant/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let known = |namespace: &str| facts.inventory.services.iter().any(|service| service.meta.namespace == namespace);
    for route in &facts.inventory.routes {
        let name = route.meta.qualified();
        for backend in &route.backends {
            let target = [backend.namespace.as_str(), "/", &backend.service].concat();
            let service = super::service(facts, &backend.namespace, &backend.service);
            let problem = match (service, backend.port) {
                // A whole namespace that is missing was rather not saved.
                (None, _) if !known(&backend.namespace) => continue,
                (None, _) => "which does not exist.".to_owned(),
                (Some(service), Some(port))
                    if !service.ports.is_empty() && !service.ports.iter().any(|one| one.port == port) =>
                {
                    let ports: Vec<String> = service.ports.iter().map(|one| one.port.to_string()).collect();
                    ["port ", &port.to_string(), ", which has only ", &ports.join(", "), "."].concat()
                }
                _ if backend.namespace != route.meta.namespace => {
                    let to = Reference {
                        kind: "Service".to_owned(),
                        namespace: backend.namespace.clone(),
                        name: backend.service.clone(),
                        ..Reference::default()
                    };
                    if facts
                        .inventory
                        .reference_grants
                        .iter()
                        .any(|grant| grant.permits(&route.kind, &route.meta.namespace, &to))
                        || !refused(route)
                    {
                        continue;
                    }
                    "in another namespace, which permits no such reference.".to_owned()
                }
                _ => continue,
            };
            found
                .add(
                    Severity::Critical,
                    "failing",
                    "measured",
                    &name,
                    &["Route ", &name, " sends to service ", &target, ", ", &problem],
                )
                .evidence(
                    'K',
                    &[
                        "Rule ",
                        &(backend.rule + 1).to_string(),
                        " of the route, weight ",
                        &backend.weight.to_string(),
                        ".",
                    ],
                )
                .about("route", &name);
        }
    }
}

/// The status says so; that no grant was saved proves nothing.
fn refused(route: &underlay_model::inventory::Route) -> bool {
    route.conditions.iter().any(|one| one.reason == "RefNotPermitted" && one.status == "False")
}
