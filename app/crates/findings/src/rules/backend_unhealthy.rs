//! The gateway calls targets UNHEALTHY: what the other witnesses say of them, and where configuration and pod disagree.

use crate::engine::{Fill, Found, Need, Rule, Severity, count};
use crate::facts::{Facts, Routed};
use underlay_model::connection::Separation;
use underlay_model::finding::ShownFinding;
use underlay_model::health::BackendHealthStatus;
use underlay_model::inventory::Pod;

pub(crate) const RULE: Rule = Rule {
    id: "backend-unhealthy",
    question: "Does the gateway call every target healthy?",
    why: "The gateway sends no requests to a target that it calls UNHEALTHY.",
    needs: &[Need::BackendHealth, Need::Pods],
    refutes: &[
        "A newer answer of /backendHealth: it holds no time.",
        "A network policy inside the node: it drops after the flow log.",
    ],
    next: &["https://learn.microsoft.com/azure/application-gateway/for-containers/troubleshooting-guide"],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for (at, pod) in (0u32..).zip(&facts.inventory.pods) {
        if facts.known.health.backend_health(at) != Some(BackendHealthStatus::Unhealthy) {
            continue;
        }
        let name = pod.meta.qualified();
        let answered = facts
            .probes_of(at)
            .filter(|seen| {
                seen.separation == Separation::Clear && seen.answered > 0 && seen.unanswered * 10 <= seen.answered
            })
            .count();
        let (title, confidence) = match (answered > 0, pod.ready) {
            (true, Some(true)) => ("answers its probes and is Ready, yet the gateway calls it UNHEALTHY.", "inferred"),
            (true, _) => ("answers its probes, yet the gateway calls it UNHEALTHY.", "inferred"),
            (false, Some(true)) => ("is Ready, yet the gateway calls it UNHEALTHY.", "measured"),
            (false, _) => ("is called UNHEALTHY by the gateway.", "measured"),
        };
        let finding = found.add(Severity::Critical, "failing", confidence, &name, &["Pod ", &name, " ", title]);
        finding.about("pod", &name);
        finding.evidence('H', &["backendHealth says UNHEALTHY."]);
        for seen in facts.probes_of(at).filter(|seen| seen.separation == Separation::Clear) {
            let instance = seen.instance.map(|one| one.to_string()).unwrap_or_default();
            finding.evidence(
                'F',
                &[
                    "Probes from ",
                    &instance,
                    " to port ",
                    &seen.port.to_string(),
                    " every ",
                    &super::seconds(seen.interval_ms),
                    ": ",
                    &seen.answered.to_string(),
                    " with bytes back, ",
                    &seen.unanswered.to_string(),
                    " without.",
                ],
            );
            if let Some((time, before, after)) = seen.answer_changed {
                let end = seen.span.map_or(time, |(_, last)| last);
                finding.when(time, end.max(time));
                finding.evidence(
                    'F',
                    &[
                        "The answer's size changed from ",
                        &before.to_string(),
                        " to ",
                        &after.to_string(),
                        " bytes at ",
                        &underlay_model::time::format_rfc3339(time),
                        ".",
                    ],
                );
            }
        }
        for witness in facts.known.health.witnesses(facts.inventory, at).iter().filter(|one| one.source == 'K') {
            finding.evidence(
                'K',
                &[&witness.text, if witness.detail.is_empty() { "" } else { ", " }, &witness.detail, "."],
            );
        }
        for routed in facts.routed.iter().filter(|one| one.ready.contains(&at) || one.not_ready.contains(&at)) {
            compare(facts, routed, pod, finding);
        }
        finding.next(&["kubectl logs -n ", &pod.meta.namespace, " ", &pod.meta.name]);
    }
    spare(facts, found);
}

/// Where what is probed and what the pod serves do not fit.
fn compare(facts: &Facts<'_>, routed: &Routed<'_>, pod: &Pod, finding: &mut ShownFinding) {
    let target_ports = super::target_ports(facts, routed);
    let declared: Vec<u16> = pod.containers.iter().flat_map(|one| one.ports.iter().map(|port| port.1)).collect();
    let readiness = pod.containers.iter().find_map(|one| one.readiness.as_ref());
    let policy = super::policy_of(facts, routed);
    let probe_port = policy.and_then(|policy| policy.health_check.as_ref()?.port);
    if let Some(port) = probe_port {
        if !target_ports.is_empty() && !target_ports.contains(&port) {
            let targets: Vec<String> = target_ports.iter().map(ToString::to_string).collect();
            finding.evidence(
                'K',
                &[
                    "The HealthCheckPolicy probes port ",
                    &port.to_string(),
                    ", the service's target port is ",
                    &targets.join(", "),
                    ".",
                ],
            );
        }
        if !declared.is_empty() && !declared.contains(&port) {
            finding.evidence(
                'K',
                &["The HealthCheckPolicy probes port ", &port.to_string(), ", which no container declares."],
            );
        }
    } else if let Some(port) = target_ports.iter().find(|port| !declared.is_empty() && !declared.contains(port)) {
        finding.evidence('K', &["The service's target port ", &port.to_string(), " is declared by no container."]);
    }
    if let (Some(check), Some(readiness)) = (policy.and_then(|policy| policy.health_check.as_ref()), readiness)
        && !check.path.is_empty()
        && !readiness.path.is_empty()
        && check.path != readiness.path
    {
        let words = ["The gateway asks for ", &check.path, ", the readiness probe for ", &readiness.path, "."];
        finding.evidence('K', &words);
    }
    if policy.is_none() && readiness.is_none() {
        finding.evidence('K', &["Neither a HealthCheckPolicy nor a readiness probe is configured: the gateway asks for / and expects a status of 200 to 399."]);
    }
    let tls = facts.inventory.policies.iter().any(|one| one.kind == "BackendTLSPolicy" && super::targets(one, routed));
    if let Some(readiness) = readiness {
        if tls && readiness.scheme == "HTTP" {
            finding
                .evidence('K', &["A BackendTLSPolicy makes the gateway speak TLS, the readiness probe speaks HTTP."]);
        }
        if !tls && readiness.scheme == "HTTPS" {
            finding
                .evidence('K', &["The readiness probe speaks HTTPS and no BackendTLSPolicy makes the gateway do so."]);
        }
    }
}

/// Services with a single target that the gateway may use, of several.
fn spare(facts: &Facts<'_>, found: &mut Found) {
    for routed in &facts.routed {
        let all: Vec<u32> = routed.ready.iter().chain(&routed.not_ready).copied().collect();
        let well = all
            .iter()
            .filter(|&&pod| facts.known.health.state(pod) != Some(underlay_model::health::HealthState::Failing))
            .count();
        if all.len() < 2 || well > 1 {
            continue;
        }
        let subject = [routed.namespace, "/", routed.service].concat();
        let (severity, words) = if well == 0 {
            (Severity::Critical, "has no target left that is well.")
        } else {
            (Severity::Warning, "has no spare target.")
        };
        found
            .add(
                severity,
                if well == 0 { "failing" } else { "degraded" },
                "measured",
                &subject,
                &["Service ", &subject, " ", words],
            )
            .evidence('K', &[&well.to_string(), " of ", &count(all.len(), "target"), " is well."])
            .evidence('K', &["Routes that send there: ", &routed.routes.join(", "), "."])
            .about("service", &subject);
    }
}
