//! Probes reach a pod and get no answer: no bytes back, or a reset.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use crate::health::UNANSWERED_RUN;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::health::BackendHealthStatus;
use underlay_model::time::format_rfc3339;

pub(crate) const RULE: Rule = Rule {
    id: "probes-unanswered",
    question: "Are the gateway's probes answered?",
    why: "After three failed probes in a row, unless a HealthCheckPolicy says otherwise, the gateway sends the pod no more requests.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::Pods],
    reads: Reads::Flows,
    refutes: &[
        "A network policy inside the node: it drops after the flow log, so the pod itself may be well.",
        "Lost counters: a row of the log that has no bytes although there were some.",
        "An unusual size: only packets and bytes tell a refusal from an answer, and a very short answer looks like a refusal.",
    ],
    next: &[
        "Send the probe's request to the pod from its own node, then check network policies and the port that the container listens on. https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/",
    ],
    check,
};

/// What was seen of probes of a pod that go unanswered so many times in a row that the gateway takes it out.
pub(super) fn unanswered<'a>(facts: &Facts<'a>, pod: u32) -> Vec<&'a ProbeObservation> {
    let bad = |seen: &&ProbeObservation| seen.separation == Separation::Clear && seen.unanswered_run >= UNANSWERED_RUN;
    facts.probes_of(pod).filter(bad).collect()
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
        let (unanswered, all) =
            list.iter().fold((0, 0), |sum, one| (sum.0 + one.unanswered, sum.1 + one.unanswered + one.answered));
        let severity = if unanswered * 2 >= all { Severity::Critical } else { Severity::Warning };
        let finding = found.add(
            severity,
            "failing",
            "inferred",
            &name,
            &[&unanswered.to_string(), " of ", &all.to_string(), " probes of pod ", &name, " got no answer."],
        );
        finding.about("pod", &name);
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
    }
    mention(facts, &called, found);
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
