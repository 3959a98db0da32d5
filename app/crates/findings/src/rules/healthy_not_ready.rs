//! The gateway calls a pod HEALTHY that Kubernetes calls not Ready.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::health::BackendHealthStatus;

pub(crate) const RULE: Rule = Rule {
    id: "healthy-not-ready",
    question: "Do gateway and Kubernetes agree on who is ready?",
    why: "The gateway probes another thing than the kubelet, or has not noticed yet; requests may reach a pod that cannot serve.",
    needs: &[Need::BackendHealth, Need::Pods],
    reads: Reads::Capture,
    refutes: &["Two snapshots of different times: /backendHealth holds no time."],
    next: &[
        "Let the HealthCheckPolicy ask what the readiness probe asks. https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe",
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
            found
                .add(
                    Severity::Warning,
                    "degraded",
                    "measured",
                    &name,
                    &["The gateway calls pod ", &name, " HEALTHY, Kubernetes calls it not Ready."],
                )
                .evidence('H', &["backendHealth says HEALTHY."])
                .evidence('K', &["Condition Ready is False."])
                .about("pod", &name);
        }
    }
}
