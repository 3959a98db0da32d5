//! Backends that the gateway could not connect to in time.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::finding::Opens;

pub(crate) const RULE: Rule = Rule {
    id: "backend-timeouts",
    question: "Do connections to backends time out?",
    why: "These requests wait for a backend that does not answer in time, and clients see them slow or failed.",
    needs: &[Need::Metrics],
    reads: Reads::Capture,
    refutes: &["Timeouts of targets that were just taken out."],
    next: &[
        "Check the rules and network policies on the way to the pods, the port that they listen on, and how long they take to answer. https://learn.microsoft.com/azure/application-gateway/for-containers/application-gateway-for-containers-metrics",
    ],
    check,
};

/// So many are more than a target that was just taken out leaves behind.
const MANY: f64 = 10.0;

fn check(facts: &Facts<'_>, found: &mut Found) {
    for series in facts.inventory.azure.metrics.iter().filter(|series| series.metric == "BackendConnectionTimeouts") {
        let bad: Vec<_> = series.points.iter().filter(|(_, value)| value.get() >= 1.0).collect();
        let (Some((first, _)), Some((last, _))) = (bad.first(), bad.last()) else { continue };
        let service = series.dimension("backendservice").unwrap_or("all services");
        let sum: f64 = bad.iter().map(|(_, value)| value.get()).sum();
        let count = crate::engine::times(super::whole(sum), "connection timeout");
        let (severity, kind) =
            if sum >= MANY { (Severity::Critical, "failing") } else { (Severity::Warning, "degraded") };
        found
            .add(severity, kind, "measured", service, &["The gateway counted ", &count, " to ", service, "."])
            .evidence(
                'M',
                &["BackendConnectionTimeouts is above zero in ", &crate::engine::count(bad.len(), "interval"), "."],
            )
            .opens(Opens::Metric(series.point(*first)))
            .when(*first, *last);
    }
}
