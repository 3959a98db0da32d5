//! Routes and ingresses that send to what is not there or not permitted.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use crate::routed::{is_gateway_class, is_ours, own_conditions};
use underlay_identity::Sourced;
use underlay_model::inventory::{Condition, Meta, Reference, Route, RouteBackend};
use underlay_model::sources::ObjectPlace;

pub(crate) const RULE: Rule = Rule {
    id: "route-backend",
    question: "Does every route send to a service and port that exist and that it may use?",
    why: "The gateway answers the requests that this backend would get with status 500.",
    needs: &[Need::Routes, Need::Services],
    reads: Reads::Capture,
    refutes: &["Services of that namespace that were not saved with the others."],
    next: &[
        "Correct the backend in the route or ingress, or create what it names. https://gateway-api.sigs.k8s.io/api-types/httproute/",
    ],
    check,
};

/// Who sends: a route or an ingress.
struct Sender<'a> {
    kind: &'a str,
    meta: &'a Meta,
    conditions: Vec<&'a Condition>,
    /// Where it stands.
    place: Option<ObjectPlace>,
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    for route in inventory.routes.iter().filter(|route| is_ours(inventory, route)) {
        let sender = sender_of(facts, route);
        for backend in &route.backends {
            judge(facts, &sender, backend, found);
        }
    }
    for ingress in inventory.ingresses.iter().filter(|one| is_gateway_class(inventory, &one.class)) {
        let place = inventory.place(ingress, &ingress.meta.name, "spec/rules");
        let sender = Sender { kind: "Ingress", meta: &ingress.meta, conditions: Vec::new(), place };
        for backend in &ingress.backends {
            judge(facts, &sender, backend, found);
        }
    }
}

fn sender_of<'a>(facts: &Facts<'a>, route: &'a Sourced<Route>) -> Sender<'a> {
    let conditions = own_conditions(facts.inventory, route);
    let place = facts.inventory.place(route, &route.meta.name, "spec/rules");
    Sender { kind: &route.kind, meta: &route.meta, conditions, place }
}

/// Whether this check says why references of a route are not resolved.
pub(super) fn explains(facts: &Facts<'_>, route: &Sourced<Route>) -> bool {
    let sender = sender_of(facts, route);
    route.backends.iter().any(|backend| problem(facts, &sender, backend).is_some())
}

fn judge(facts: &Facts<'_>, sender: &Sender<'_>, backend: &RouteBackend, found: &mut Found) {
    let Some((severity, confidence, problem)) = problem(facts, sender, backend) else { return };
    // Without a share no request fails.
    let severity = if backend.weight == 0 { Severity::Warning } else { severity };
    let name = sender.meta.qualified();
    let target = [backend.namespace.as_str(), "/", &backend.service].concat();
    let ingress = sender.kind == "Ingress";
    let kind = if ingress { "Ingress " } else { "Route " };
    let finding =
        found.add(severity, "failing", confidence, &name, &[kind, &name, " sends to service ", &target, &problem]);
    if ingress {
        finding.evidence('K', &["It is a backend of the ingress's rules."]);
    } else {
        let (rule, weight) = ((backend.rule + 1).to_string(), backend.weight.to_string());
        finding.evidence('K', &["Rule ", &rule, " of the route, weight ", &weight, "."]);
    }
    let field = if ingress { "spec/rules".to_owned() } else { ["spec/rules/", &backend.rule.to_string()].concat() };
    let place = sender.place.clone().map(|place| ObjectPlace { field, ..place });
    finding.object_at(place).about("route", &name);
    if super::service(facts, &backend.namespace, &backend.service).is_some() {
        finding.about("service", &target);
    }
    if problem.contains("ReferenceGrant") {
        finding.next(&[
            "Create a ReferenceGrant in namespace ",
            &backend.namespace,
            " that lets objects of kind ",
            sender.kind,
            " in namespace ",
            &sender.meta.namespace,
            " refer to services. https://gateway-api.sigs.k8s.io/api-types/referencegrant/",
        ]);
    }
}

/// What is wrong with a backend: how bad, how sure, and the words.
fn problem(facts: &Facts<'_>, sender: &Sender<'_>, backend: &RouteBackend) -> Option<(Severity, &'static str, String)> {
    let says = |reason: &str| sender.conditions.iter().any(|one| one.reason == reason && one.status == "False");
    let Some(service) = super::service(facts, &backend.namespace, &backend.service) else {
        let missing = ", which does not exist.".to_owned();
        if says("BackendNotFound") || namespace_was_saved(facts, &backend.namespace) {
            return Some((Severity::Critical, "measured", missing));
        }
        // Services of all namespaces were saved, and this one has none.
        let all = facts.inventory.services.iter().any(|one| one.meta.namespace == "default")
            && facts.inventory.services.iter().any(|one| one.meta.namespace == "kube-system");
        return all.then_some((Severity::Critical, "inferred", missing));
    };
    if let Some(port) = backend.port
        && !service.ports.is_empty()
        && !service.ports.iter().any(|one| one.port == port)
    {
        let ports: Vec<String> = service.ports.iter().map(|one| one.port.to_string()).collect();
        let words =
            [" on port ", &port.to_string(), ", but that service has only port ", &ports.join(", "), "."].concat();
        return Some((Severity::Critical, "measured", words));
    }
    if !backend.port_name.is_empty() && !service.ports.iter().any(|one| one.name == backend.port_name) {
        let words = [" on port ", &backend.port_name, ", a name that none of its ports has."].concat();
        return Some((Severity::Critical, "measured", words));
    }
    if backend.namespace == sender.meta.namespace || sender.kind == "Ingress" {
        return None;
    }
    let words = " in another namespace, where no ReferenceGrant permits it.".to_owned();
    if permitted(facts, sender, backend) {
        return None;
    }
    if says("RefNotPermitted") {
        return Some((Severity::Critical, "measured", words));
    }
    // No grant in the capture proves nothing: they may not have been saved. What speaks is the status, and grants that are here.
    let resolved = sender.conditions.iter().any(|one| one.kind == "ResolvedRefs" && one.status == "True");
    match (facts.inventory.reference_grants.is_empty(), resolved) {
        (false, false) => Some((Severity::Critical, "inferred", words)),
        (false, true) => Some((Severity::Warning, "lead", words)),
        (true, false) => Some((
            Severity::Warning,
            "lead",
            " in another namespace, and the capture has no ReferenceGrant.".to_owned(),
        )),
        (true, true) => None,
    }
}

/// Whether a grant lets the sender refer to the service.
fn permitted(facts: &Facts<'_>, sender: &Sender<'_>, backend: &RouteBackend) -> bool {
    let to = Reference {
        kind: "Service".to_owned(),
        namespace: backend.namespace.clone(),
        name: backend.service.clone(),
        ..Reference::default()
    };
    facts.inventory.reference_grants.iter().any(|grant| grant.permits(sender.kind, &sender.meta.namespace, &to))
}

/// Services of the namespace are in the capture, so that one that is not there does not exist.
fn namespace_was_saved(facts: &Facts<'_>, namespace: &str) -> bool {
    facts.inventory.services.iter().any(|service| service.meta.namespace == namespace)
}
