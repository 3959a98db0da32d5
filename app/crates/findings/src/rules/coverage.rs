//! Times that no flow log covers.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use crate::probes::holes;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "logs-missing",
    question: "Do the flow logs cover the time without holes?",
    why: "Nothing is known of this time: neither traffic nor its absence.",
    needs: &[Need::FlowLogs, Need::WholeFlowLogs],
    reads: Reads::Capture,
    refutes: &["A time without any traffic at all on these interfaces."],
    next: &[
        "Download the blobs (PT1H.json) of these hours for every node. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview",
    ],
    check,
};

/// So many minutes on end, on average, are a log; fewer are single sums.
const DENSE: usize = 2;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let covered = &facts.known.probes.covered;
    // Where few minutes follow on each other the logs are sparse by themselves, as sums of ten minutes are.
    let minutes: i64 = covered.iter().map(|(from, to)| to - from + 1).sum();
    if usize::try_from(minutes).is_ok_and(|minutes| minutes < DENSE * (holes(covered).count() + 1)) {
        return;
    }
    for (from, to) in holes(covered) {
        let (a, b) = (format_rfc3339(from), format_rfc3339(to));
        found
            .add(
                Severity::Warning,
                "notice",
                "measured",
                &a,
                &["No flow log covers the time from ", &a, " to ", &b, "."],
            )
            .evidence(
                'F',
                &[
                    "No record of any interface has a tuple in these ",
                    &((to - from) / MINUTE_MS).to_string(),
                    " minutes.",
                ],
            )
            .absent()
            .when(from, to);
    }
}
