//! A route sends to a service behind which no pod is ready.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;

pub(crate) const RULE: Rule = Rule {
    id: "service-without-endpoints",
    question: "Has every routed service a ready endpoint?",
    why: "Without an endpoint the gateway answers status 500 to that share of the requests.",
    needs: &[Need::Routes, Need::Services, Need::EndpointSlices],
    refutes: &["Endpoint slices of this service that were not saved with the others."],
    next: &[
        "Compare the service's selector with the pods' labels. https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for routed in &facts.routed {
        let Some(service) = super::service(facts, routed.namespace, routed.service) else { continue };
        let own = |slice: &&underlay_identity::Sourced<underlay_model::inventory::EndpointSlice>| {
            slice.meta.namespace == routed.namespace && slice.service == routed.service
        };
        let (mut ready, mut all) = (0, 0);
        for endpoint in facts
            .inventory
            .endpoint_slices
            .iter()
            .chain(&facts.inventory.endpoints)
            .filter(own)
            .flat_map(|slice| &slice.endpoints)
        {
            all += 1;
            ready += usize::from(endpoint.ready);
        }
        if ready > 0 || !service.external_name.is_empty() {
            continue;
        }
        let subject = [routed.namespace, "/", routed.service].concat();
        let selector: Vec<String> =
            service.selector.iter().map(|(key, value)| [key.as_str(), "=", value].concat()).collect();
        let matching = facts
            .inventory
            .pods
            .iter()
            .filter(|pod| {
                pod.meta.namespace == routed.namespace
                    && !service.selector.is_empty()
                    && service.selector.iter().all(|(key, value)| pod.meta.label(key) == Some(value))
            })
            .count();
        let confidence = if routed.has_slices { "measured" } else { "inferred" };
        found
            .add(
                Severity::Critical,
                "failing",
                confidence,
                &subject,
                &["Service ", &subject, " has no ready endpoint, and routes send to it."],
            )
            .evidence('K', &["Its slices hold ", &crate::engine::count(all, "endpoint"), ", none of them ready."])
            .evidence(
                'K',
                &["Its selector ", &selector.join(", "), " fits ", &crate::engine::count(matching, "pod"), "."],
            )
            .evidence('K', &["Routes that send there: ", &routed.routes.join(", "), "."])
            .about("service", &subject);
    }
}
