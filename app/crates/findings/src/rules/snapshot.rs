//! Objects and flow logs of different times.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "snapshot-apart",
    question: "Do snapshot and flow logs overlap in time?",
    why: "Pods come and go: names of addresses may be those of another time, and events are kept for an hour only.",
    needs: &[Need::FlowLogs, Need::Pods],
    reads: Reads::Capture,
    refutes: &["A cluster in which nothing changed between."],
    next: &[
        "Save the objects again, or download the hour of the snapshot. https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/",
    ],
    check,
};

/// So far apart nothing is said.
const NEAR_MS: i64 = 60 * MINUTE_MS;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let (Some((first, last)), Some(time)) = (facts.known.span, facts.inventory.snapshot_ms) else { return };
    let (confidence, words) = if time > last + NEAR_MS {
        ("measured", "later than the flow logs.")
    } else if time < first - NEAR_MS {
        // "Not before": it may have been taken later than its newest time stamp.
        ("lead", "perhaps earlier than the flow logs.")
    } else {
        return;
    };
    let at = format_rfc3339(time);
    found
        .add(Severity::Warning, "notice", confidence, "snapshot", &["The snapshot is ", words])
        .evidence('K', &["Its newest time stamp is ", &at, "."])
        .evidence('F', &["The flow logs go from ", &format_rfc3339(first), " to ", &format_rfc3339(last), "."]);
}
