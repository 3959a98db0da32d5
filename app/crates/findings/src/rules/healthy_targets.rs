//! The gateway's own metric counts fewer healthy targets than there are ready endpoints.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, times};
use crate::facts::Facts;
use underlay_model::finding::Opens;

pub(crate) const RULE: Rule = Rule {
    id: "healthy-targets",
    question: "Does the gateway count as many healthy targets as there are ready endpoints?",
    why: "The targets that are missing get no requests, and the rest carry their load.",
    needs: &[Need::Metrics, Need::Routes, Need::EndpointSlices, Need::FlowLogs],
    reads: Reads::Capture,
    refutes: &[
        "Endpoints that came or went between the metric and the snapshot; an average over instances that disagree.",
    ],
    next: &[
        "Ask the ALB controller which ones they are: /backendHealth?detailed=true. https://learn.microsoft.com/azure/application-gateway/for-containers/alb-controller-backend-health-metrics",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for series in facts.inventory.azure.metrics.iter().filter(|series| series.metric == "BackendHealthyTargets") {
        let Some(named) = series.dimension("backendservice") else { continue };
        let mut services = facts.routed.iter().filter(|one| super::names_service(named, one));
        let (Some(routed), None) = (services.next(), services.next()) else { continue };
        // The last quarter: a snapshot is rather of the end.
        let Some(late) = series.points.get(series.points.len() * 3 / 4..).filter(|late| !late.is_empty()) else {
            continue;
        };
        let (Some((first, _)), Some((last, _))) = (late.first(), late.last()) else { continue };
        let mut most = 0.0f64;
        for (_, value) in late {
            most = most.max(value.get());
        }
        let ready = u32::try_from(routed.ready.len()).unwrap_or(u32::MAX);
        if most > f64::from(ready) - 0.5 {
            continue;
        }
        // As a whole number; averages over instances may be fractions.
        let whole = (0..=ready).rev().find(|&number| f64::from(number) <= most + 0.25).unwrap_or(0);
        let subject = [routed.namespace, "/", routed.service].concat();
        found
            .add(
                Severity::Warning,
                "degraded",
                "measured",
                &subject,
                &[
                    "The gateway counts at most ",
                    &times(whole.into(), "healthy target"),
                    " of ",
                    &subject,
                    ", which has ",
                    &times(ready.into(), "ready endpoint"),
                    ".",
                ],
            )
            .evidence('M', &["BackendHealthyTargets of ", named, "."])
            .opens(Opens::Metric(series.point(*last)))
            .evidence('K', &["Ready endpoints in its slices: ", &ready.to_string(), "."])
            .about("service", &subject)
            .when(*first, *last);
    }
}
