//! The gateway calls a pod HEALTHY that Kubernetes calls not Ready.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::health::BackendHealthStatus;

pub(crate) const RULE: Rule = Rule {
    id: "healthy-not-ready",
    question: "Do gateway and Kubernetes agree on who is ready?",
    why: "Requests may reach a pod that cannot serve them: the gateway probes something else than the readiness probe, or has not noticed yet.",
    needs: &[Need::BackendHealth, Need::Pods],
    reads: Reads::Capture,
    refutes: &["Answers of different times: /backendHealth carries no time."],
    next: &[
        "Let a HealthCheckPolicy probe the same path and port as the readiness probe. https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for (at, pod) in (0u32..).zip(&facts.inventory.pods) {
        // One on its way out is not Ready, and its health is an answer of before.
        let leaves = pod.meta.deleted_ms.is_some();
        if !leaves
            && pod.ready == Some(false)
            && facts.known.health.backend_health(at) == Some(BackendHealthStatus::Healthy)
        {
            let name = pod.meta.qualified();
            let answer = facts.known.health.witnesses(facts.inventory, at).into_iter().find(|one| one.source == 'H');
            found
                .add(
                    Severity::Warning,
                    "degraded",
                    "measured",
                    &name,
                    &["The gateway calls pod ", &name, " HEALTHY, but Kubernetes calls it not Ready."],
                )
                .evidence('H', &["backendHealth says HEALTHY."])
                .opens(answer.map(|answer| answer.opens).unwrap_or_default())
                .evidence('K', &["Condition Ready is False."])
                .object(facts.inventory, pod, &pod.meta.name, "status/conditions/Ready")
                .about("pod", &name);
        }
    }
}
