//! Probes reach a target and get no answer: no bytes back, or a reset.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use crate::health::UNANSWERED_RUN;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::finding::ShownFinding;
use underlay_model::health::BackendHealthStatus;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{format_rfc3339, minute_of};

pub(crate) const RULE: Rule = Rule {
    id: "probes-unanswered",
    question: "Are the gateway's probes answered?",
    why: "After three failed probes in a row, unless a HealthCheckPolicy says otherwise, the gateway sends the target no more requests.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet],
    reads: Reads::Flows,
    refutes: &[
        "A network policy inside the node: it drops after the flow log, so the pod itself may be well.",
        "Lost counters: a row of the log that has no bytes although there were some.",
        "An unusual size: only packets and bytes tell a refusal from an answer, and a very short answer looks like a refusal.",
    ],
    next: &[
        "Send the probe's request to the target from its own node, then check network policies and the port that the container listens on. https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/",
    ],
    check,
};

/// Whether so many probes in a row go unanswered that the gateway takes the target out.
fn is_lost(seen: &ProbeObservation) -> bool {
    seen.separation == Separation::Clear && seen.unanswered_run >= UNANSWERED_RUN
}

/// What was seen of such probes of a pod.
pub(super) fn unanswered<'a>(facts: &Facts<'a>, pod: u32) -> Vec<&'a ProbeObservation> {
    facts.probes_of(pod).filter(|seen| is_lost(seen)).collect()
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut called: Vec<(u32, Vec<&ProbeObservation>)> = Vec::new();
    for pod in 0..u32::try_from(facts.inventory.pods.len()).unwrap_or(u32::MAX) {
        let list = unanswered(facts, pod);
        if list.is_empty() {
            continue;
        }
        if facts.known.health.backend_health(pod) == Some(BackendHealthStatus::Unhealthy) {
            called.push((pod, list));
            continue;
        }
        let name = facts.pod_name(pod);
        tell(facts, &list, ["pod ", &name], found).about("pod", &name);
    }
    without_pod(facts, found);
    mention(facts, &called, found);
}

/// Targets that no pod is known of: those on their node's network, and all of them where the capture has no pods.
fn without_pod(facts: &Facts<'_>, found: &mut Found) {
    let mut lost: Vec<&ProbeObservation> =
        facts.known.probes.observations.iter().filter(|seen| is_lost(seen) && is_unnamed(facts, seen)).collect();
    lost.order_by_key(|seen| seen.target);
    for same in lost.chunk_by(|a, b| a.target == b.target) {
        let Some(address) = same.first().and_then(|seen| seen.target).map(|target| target.to_string()) else {
            continue;
        };
        tell(facts, same, ["target ", &address], found).about("address", &address);
    }
}

fn is_unnamed(facts: &Facts<'_>, seen: &ProbeObservation) -> bool {
    let Some((target, (_, last))) = seen.target.zip(seen.span) else { return false };
    let kind = facts.known.resolver.resolve(target, minute_of(last)).kind;
    // Of any other address without a pod another check tells.
    kind == EndpointKind::Node || facts.inventory.pods.is_empty()
}

/// What goes unanswered at one target, by instance; `whom` is its kind and name.
fn tell<'a>(
    facts: &Facts<'_>,
    list: &[&ProbeObservation],
    whom: [&str; 2],
    found: &'a mut Found,
) -> &'a mut ShownFinding {
    let (unanswered, all) =
        list.iter().fold((0, 0), |sum, one| (sum.0 + one.unanswered, sum.1 + one.unanswered + one.answered));
    let severity = if unanswered * 2 >= all { Severity::Critical } else { Severity::Warning };
    let title = [&unanswered.to_string(), " of ", &all.to_string(), " probes of ", whom[0], whom[1], " got no answer."];
    let finding = found.add(severity, "failing", "inferred", whom[1], &title);
    for one in list {
        let instance = one.instance.map(|instance| instance.to_string()).unwrap_or_default();
        finding.evidence(
            'F',
            &[
                "From ",
                &instance,
                " to port ",
                &one.port.to_string(),
                ": ",
                &one.unanswered.to_string(),
                " without an answer, ",
                &one.unanswered_run.to_string(),
                " in a row, every ",
                &super::seconds(one.interval_ms),
                ".",
            ],
        );
        finding.probe_rows(one);
        if one.refused > 0 {
            finding.evidence('F', &[&one.refused.to_string(), super::LIKELY_REFUSED]);
        }
        if let Some((from, to)) = one.unanswered_span {
            finding.when(from, to);
            if facts.known.span.is_some_and(|(begin, _)| from < begin) {
                let since = format_rfc3339(from);
                finding.evidence('F', &["The row begins before the chosen range, at ", &since, "."]);
            }
        }
        finding.about("instance", &instance);
    }
    finding
}

/// Of pods that the gateway calls UNHEALTHY the finding that says so tells the cause, too: here they are only mentioned.
fn mention(facts: &Facts<'_>, called: &[(u32, Vec<&ProbeObservation>)], found: &mut Found) {
    let Some((first, _)) = called.first() else { return };
    let finding = found.add(
        Severity::Info,
        "notice",
        "inferred",
        &facts.pod_name(*first),
        &["Probes of ", &count(called.len(), "pod"), " that the gateway calls UNHEALTHY get no answer."],
    );
    for (pod, list) in called {
        let name = facts.pod_name(*pod);
        let lost: u64 = list.iter().map(|one| one.unanswered).sum();
        finding
            .evidence('F', &[&name, ": ", &lost.to_string(), " without an answer; see the finding about its health."])
            .about("pod", &name);
        if let Some(one) = list.first() {
            finding.probe_rows(one);
        }
    }
}
