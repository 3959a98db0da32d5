//! A ready target gets traffic of the gateway, or none, and no probe.

use super::reporting::Reporting;
use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::connection::Separation;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::MINUTE_MS;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "pod-not-probed",
    question: "Is every ready target probed?",
    why: "The gateway does not know this target or cannot reach it, so the other targets carry its load.",
    needs: Need::OF_SILENT_TARGETS,
    reads: Reads::Flows,
    refutes: &["Probes over connections that are kept open: they leave no beats of their own."],
    next: &[
        "Look for the pod in /backendHealth?detailed=true, then in the log of the ALB controller. https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe",
    ],
    check,
};

/// A pod that began so shortly before the end may not have been taken up yet.
pub(super) const SETTLING_MS: i64 = 3 * MINUTE_MS;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let Some((first, last)) = facts.known.span else { return };
    let clear = |pod: u32| facts.probes_of(pod).any(|seen| seen.separation == Separation::Clear);
    if last - first < MINUTE_MS {
        return;
    }
    let (spoken_to, reporting) = (spoken_to(facts), Reporting::new(facts));
    for routed in facts.routed.iter().filter(|routed| routed.has_share) {
        // Somebody must be probed and logged, else nothing can be told from what is missing.
        let probed = routed.ready.iter().chain(&routed.not_ready).filter(|&&pod| clear(pod)).count();
        if super::expected_absent::is_silent(&spoken_to, routed) {
            continue;
        }
        for &pod in &routed.ready {
            let Some(object) = facts.inventory.pods.get(pod as usize) else { continue };
            let mut any = facts.probes_of(pod).peekable();
            let traffic = any.peek().is_some();
            let unsure = any.any(|seen| seen.separation != Separation::NoProbes || seen.user < 6);
            let denied = !traffic && spoken_to.binary_search(&pod).is_ok();
            if is_late(facts, pod) || unsure || object.addresses.is_empty() || denied || !reporting.covers(facts, pod) {
                continue;
            }
            if probed == 0 && (traffic || facts.instances.is_empty()) {
                continue;
            }
            let name = object.meta.qualified();
            let what = if traffic {
                "is sent requests and gets no probe."
            } else {
                "gets neither probe nor request from the gateway."
            };
            found
                .add(
                    Severity::Warning,
                    "degraded",
                    "inferred",
                    &name,
                    &["Pod ", &name, " is a ready target of ", routed.service, " and ", what],
                )
                .evidence(
                    'K',
                    &[
                        "It is a ready endpoint of ",
                        &routed.name(),
                        ", to which ",
                        &routed.routes.join(", "),
                        " sends.",
                    ],
                )
                .object_at(super::route_place(facts, routed))
                .evidence(
                    'F',
                    &[
                        &crate::engine::count(probed, "other target"),
                        " of this service ",
                        if probed == 1 { "is" } else { "are" },
                        " probed.",
                    ],
                )
                .about("pod", &name);
        }
    }
}

/// Whether a pod began shortly before the end of the logs, or after it.
pub(super) fn is_late(facts: &Facts<'_>, pod: u32) -> bool {
    let began = facts.inventory.pods.get(pod as usize).and_then(|pod| pod.started_ms.or(pod.ready_since_ms));
    began.zip(facts.known.span).is_some_and(|(began, (_, last))| began > last - SETTLING_MS)
}

/// Pods that the gateway began anything with, or was denied to, which says more; sorted.
pub(super) fn spoken_to(facts: &Facts<'_>) -> Vec<u32> {
    let of = |verdict| {
        facts
            .begun_by_gateway(verdict)
            .filter(|(_, owner)| owner.kind == EndpointKind::Pod)
            .map(|(_, owner)| owner.subject)
    };
    let mut pods: Vec<u32> = of(Verdict::Allowed).chain(of(Verdict::Denied)).collect();
    pods.order();
    pods.dedup();
    pods
}
