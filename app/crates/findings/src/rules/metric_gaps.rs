//! Metrics with a gap, which is not a zero.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_model::time::{format_minute, minute_of};

pub(crate) const RULE: Rule = Rule {
    id: "metrics-gap",
    question: "Have the gateway's health metrics gaps?",
    why: "Information: a gap is not a zero; in it the metric says nothing.",
    needs: &[Need::Metrics],
    refutes: &["Another answer of az monitor metrics list that fills it."],
    next: &[
        "Ask for the metric again a few minutes later. https://learn.microsoft.com/azure/application-gateway/for-containers/metrics",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for series in facts.inventory.azure.metrics.iter().filter(|series| series.metric == "BackendHealthyTargets") {
        let runs: Vec<_> = series.runs().filter_map(|run| Some((run.first()?.0, run.last()?.0))).collect();
        for (before, after) in runs.iter().zip(runs.iter().skip(1)) {
            let (from, to) = (before.1, after.0);
            let service = series.dimension("backendservice").unwrap_or("");
            let (a, b) = (format_minute(minute_of(from)), format_minute(minute_of(to)));
            found
                .add(
                    Severity::Info,
                    "notice",
                    "measured",
                    &["BackendHealthyTargets ", service, " ", &a].concat(),
                    &["Metrics have a gap, ", &a, " to ", &b, ". A gap is not a zero."],
                )
                .evidence('M', &["BackendHealthyTargets has no value between."])
                .when(from, to);
        }
    }
}
