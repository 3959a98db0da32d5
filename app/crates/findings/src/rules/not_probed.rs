//! A ready target gets traffic of the gateway, or none, and no probe.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_model::connection::Separation;
use underlay_model::order::Order;
use underlay_model::summary::{EndpointKind, Side};
use underlay_model::time::MINUTE_MS;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "pod-not-probed",
    question: "Is every ready target probed?",
    why: "A target that is not probed is not known to the gateway, or cut off from it.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::Pods, Need::Routes, Need::EndpointSlices],
    refutes: &["Probes over connections that are kept open: they leave no beats of their own."],
    next: &[
        "Compare the endpoints with /backendHealth, and look into the ALB controller's log. https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe",
    ],
    check,
};

/// A pod that began so shortly before the end may not have been taken up yet.
const SETTLING_MS: i64 = 3 * MINUTE_MS;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let Some((first, last)) = facts.known.span else { return };
    let clear = |pod: u32| facts.probes_of(pod).any(|seen| seen.separation == Separation::Clear);
    if last - first < MINUTE_MS {
        return;
    }
    let (denied, logged) = (denied(facts), logged(facts));
    let is_logged = |pod: u32| {
        let node = facts.known.resolver.node_of_pod(pod);
        logged.as_ref().is_none_or(|nodes| node.is_some_and(|node| nodes.binary_search(&node).is_ok()))
    };
    for routed in &facts.routed {
        // Somebody must be probed and logged, else nothing can be told from what is missing.
        let probed = routed.ready.iter().chain(&routed.not_ready).filter(|&&pod| clear(pod)).count();
        for &pod in &routed.ready {
            let Some(object) = facts.inventory.pods.get(pod as usize) else { continue };
            let late = object.started_ms.or(object.ready_since_ms).is_some_and(|time| time > last - SETTLING_MS);
            let mut any = facts.probes_of(pod).peekable();
            let traffic = any.peek().is_some();
            let unsure = any.any(|seen| seen.separation != Separation::NoProbes || seen.user < 6);
            if late || unsure || object.addresses.is_empty() || denied.binary_search(&pod).is_ok() || !is_logged(pod) {
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
                        routed.namespace,
                        "/",
                        routed.service,
                        ", to which ",
                        &routed.routes.join(", "),
                        " sends.",
                    ],
                )
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

/// Pods that the gateway was denied, which says more; sorted.
fn denied(facts: &Facts<'_>) -> Vec<u32> {
    let pods = facts.begun_by_gateway(Verdict::Denied).filter(|(_, owner)| owner.kind == EndpointKind::Pod);
    let mut pods: Vec<u32> = pods.map(|(_, owner)| owner.subject).collect();
    pods.order();
    pods.dedup();
    pods
}

/// Nodes that tell of what comes in, so that silence means something, sorted; `None` when the gateway itself tells of what goes out.
fn logged(facts: &Facts<'_>) -> Option<Vec<u32>> {
    let mut nodes: Vec<u32> = Vec::new();
    for (pair, source, target) in facts.pairs() {
        if source.kind == EndpointKind::GatewayInstance && pair.side == Side::Source {
            return None;
        }
        if pair.side == Side::Destination && target.kind == EndpointKind::Pod {
            nodes.extend(target.node());
        }
    }
    nodes.order();
    nodes.dedup();
    Some(nodes)
}
