//! A route sends to a service behind which no pod is ready.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::{Facts, Routed};
use crate::routed::Membership;
use underlay_identity::Sourced;
use underlay_model::inventory::{EndpointSlice, Pod};

pub(crate) const RULE: Rule = Rule {
    id: "service-without-endpoints",
    question: "Does every routed service have a ready endpoint?",
    why: "The gateway answers the requests for this service itself: with status 500 without endpoints, with 503 while none is healthy.",
    needs: &[Need::Routes, Need::Services, Need::EndpointSlices],
    reads: Reads::Capture,
    refutes: &["Endpoint slices of this service that were not saved with the others."],
    next: &[
        "Compare the service's selector and target port with the pods, and see whether these are Ready: kubectl describe service. https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for routed in facts.routed.iter().filter(|one| one.has_share && one.membership != Membership::Unknown) {
        let Some(service) = super::service(facts, routed.namespace, routed.service) else { continue };
        let (ready, all) = endpoints(facts, routed);
        if ready > 0 || !service.external_name.is_empty() {
            continue;
        }
        let subject = routed.name();
        let selector: Vec<String> =
            service.selector.iter().map(|(key, value)| [key.as_str(), "=", value].concat()).collect();
        let selects = |pod: &Pod| {
            pod.meta.namespace == routed.namespace
                && !service.selector.is_empty()
                && service.selector.iter().all(|(key, value)| pod.meta.label(key) == Some(value))
        };
        let matching = facts.inventory.pods.iter().filter(|pod| selects(pod)).count();
        let by_slices = routed.membership == Membership::Slices;
        let told = if by_slices { "Its slices hold " } else { "No slice of it is here; its selector fits " };
        let finding = found.add(
            Severity::Critical,
            "failing",
            if by_slices { "measured" } else { "inferred" },
            &subject,
            &["Service ", &subject, " has no ready endpoint, although routes send to it."],
        );
        let inventory = facts.inventory;
        let is_of_it = |one: &&Sourced<EndpointSlice>| {
            one.meta.namespace == routed.namespace && one.service == routed.service && by_slices
        };
        let slice = inventory.endpoint_slices.iter().find(is_of_it);
        finding
            .evidence('K', &[told, &count(all, if by_slices { "endpoint" } else { "pod" }), ", none of them ready."])
            .object_at(slice.and_then(|slice| inventory.place(slice, &slice.meta.name, "endpoints")));
        if selector.is_empty() {
            finding.evidence('K', &["It has no selector: its endpoints are made by hand or by another controller."]);
        } else {
            finding.evidence('K', &["Its selector ", &selector.join(", "), " fits ", &count(matching, "pod"), "."]);
        }
        finding
            .object(inventory, service, &service.meta.name, "spec/selector")
            .evidence('K', &["Routes that send there: ", &routed.routes.join(", "), "."])
            .object_at(super::route_place(facts, routed));
        finding.about("service", &subject);
        for &pod in &routed.not_ready {
            finding.about("pod", &facts.pod_name(pod));
        }
    }
}

/// Ready endpoints of a service, and all.
fn endpoints(facts: &Facts<'_>, routed: &Routed<'_>) -> (usize, usize) {
    if routed.membership == Membership::Selector {
        return (routed.ready.len(), routed.ready.len() + routed.not_ready.len());
    }
    let inventory = facts.inventory;
    let own = inventory
        .endpoint_slices
        .iter()
        .chain(&inventory.endpoints)
        .filter(|slice| slice.meta.namespace == routed.namespace && slice.service == routed.service);
    own.flat_map(|slice| &slice.endpoints).fold((0, 0), |(ready, all), one| (ready + usize::from(one.ready), all + 1))
}
