//! Metrics with a gap, which is not a zero.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use underlay_model::finding::Opens;
use underlay_model::order::Order;
use underlay_model::time::{Millis, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "metrics-gap",
    question: "Do the gateway's health metrics have gaps?",
    why: "A gap is not a zero: for this time the metric says nothing about health.",
    needs: &[Need::Metrics],
    reads: Reads::Capture,
    refutes: &["Another answer of az monitor metrics list that fills it."],
    next: &[
        "Query the metric again a few minutes later: az monitor metrics list. https://learn.microsoft.com/azure/application-gateway/for-containers/application-gateway-for-containers-metrics",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut gaps: Vec<(Millis, Millis, &str)> = Vec::new();
    let all = || facts.inventory.azure.metrics.iter().filter(|series| series.metric == "BackendHealthyTargets");
    for series in all() {
        let runs: Vec<_> = series.runs().filter_map(|run| Some((run.first()?.0, run.last()?.0))).collect();
        let service = series.dimension("backendservice").unwrap_or("all services");
        gaps.extend(runs.iter().zip(runs.iter().skip(1)).map(|(before, after)| (before.1, after.0, service)));
    }
    gaps.order();
    // A gap of one time is one finding, of however many services.
    for same in gaps.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some(&(from, to, _)) = same.first() else { continue };
        let (a, b) = (format_rfc3339(from), format_rfc3339(to));
        // The value before the gap leads to it.
        let before = all().find(|series| series.at(from).is_some());
        let services: Vec<&str> = same.iter().map(|(.., service)| *service).collect();
        found
            .add(
                Severity::Info,
                "notice",
                "measured",
                &["BackendHealthyTargets ", &a].concat(),
                &["Metric BackendHealthyTargets has a gap from ", &a, " to ", &b, "."],
            )
            .evidence(
                'M',
                &[
                    "It has no value between these times for ",
                    &count(services.len(), "service"),
                    ": ",
                    &services.join(", "),
                    ".",
                ],
            )
            .opens(before.map_or(Opens::Nothing, |series| Opens::Metric(series.point(from))))
            .when(from, to);
    }
}
