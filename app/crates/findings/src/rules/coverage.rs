//! Times that no flow log covers.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "logs-missing",
    question: "Do the flow logs cover the time without holes?",
    why: "In a hole nothing is known: neither traffic nor its absence.",
    needs: &[Need::FlowLogs],
    refutes: &["A time without any traffic at all on these interfaces."],
    next: &["Download the missing hours. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview"],
    check,
};

/// A shorter hole is what updates once a minute leave.
const HOLE_MS: i64 = 5 * MINUTE_MS;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut spans: Vec<(i64, i64)> = facts.known.inputs.iter().filter_map(|input| input.span).collect();
    spans.sort_unstable();
    let mut reached = spans.first().map_or(0, |span| span.1);
    for (from, to) in spans {
        if from - reached > HOLE_MS {
            let (a, b) = (format_rfc3339(reached), format_rfc3339(from));
            found
                .add(Severity::Warning, "notice", "measured", &a, &["No flow log covers ", &a, " to ", &b, "."])
                .evidence(
                    'F',
                    &[
                        "The last tuple before and the first after are ",
                        &((from - reached) / MINUTE_MS).to_string(),
                        " minutes apart.",
                    ],
                )
                .when(reached, from);
        }
        reached = reached.max(to);
    }
}
