//! The gateway sends to addresses that no pod holds.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{MINUTE_MS, format_rfc3339};
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "traffic-to-gone-pod",
    question: "Does the gateway send to pods that no longer exist?",
    why: "Requests to an address that nobody holds are lost. Earlier in the capture it is what a roll-out looks like.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::Pods],
    refutes: &[
        "A pod that was deleted, or began, between the flow and the snapshot; pods of a namespace that was not saved.",
    ],
    next: &[
        "Compare the endpoints with /backendHealth at the same time. https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let Some((_, end)) = facts.known.span else { return };
    let mut reported = std::collections::BTreeSet::new();
    for (pair, owner) in facts.begun_by_gateway(Verdict::Allowed) {
        if owner.kind != EndpointKind::PodRange || !reported.insert(pair.dst) {
            continue;
        }
        // Until the end of the capture, and without an answer: nobody is there.
        let lasts = pair.last_ms > end - 3 * MINUTE_MS;
        let answered = pair.bytes[1] > 0;
        let address = pair.dst.to_string();
        let (severity, kind) =
            if lasts && !answered { (Severity::Warning, "failing") } else { (Severity::Info, "notice") };
        let words = if answered {
            ", which no pod of the snapshot holds."
        } else {
            ", which no pod holds, and gets no answer."
        };
        found
            .add(severity, kind, "inferred", &address, &["The gateway sends to ", &address, words])
            .evidence(
                'F',
                &[
                    "Flows to port ",
                    &pair.port.to_string(),
                    " from ",
                    &format_rfc3339(pair.first_ms),
                    " to ",
                    &format_rfc3339(pair.last_ms),
                    ".",
                ],
            )
            .about("address", &address)
            .when(pair.first_ms, pair.last_ms);
    }
}
