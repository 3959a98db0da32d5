//! Objects and flow logs of different times.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "snapshot-apart",
    question: "Do snapshot and flow logs overlap in time?",
    why: "Addresses may be given the names of pods of another time, and events of the logs' time may be gone.",
    needs: &[Need::FlowLogs, Need::Pods],
    reads: Reads::Capture,
    refutes: &["A cluster in which nothing changed between."],
    next: &[
        "Save the objects and download the flow logs of one and the same hour. https://kubernetes.io/docs/reference/kubectl/generated/kubectl_get/",
    ],
    check,
};

/// So far apart nothing is said.
const NEAR_MS: i64 = 60 * MINUTE_MS;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let (Some((first, last)), Some(time)) = (facts.known.span, facts.inventory.snapshot_ms) else { return };
    let (confidence, words, edge) = if time > last + NEAR_MS {
        ("measured", "after the flow logs, which end at ", last)
    } else if time < first - NEAR_MS {
        // "Not before": it may have been taken later than its newest time stamp.
        ("lead", "perhaps before the flow logs, which begin at ", first)
    } else {
        return;
    };
    let at = format_rfc3339(time);
    found
        .add(
            Severity::Warning,
            "notice",
            confidence,
            "snapshot",
            &["The Kubernetes objects are from ", &super::second_of(time), ", ", words, &super::second_of(edge), "."],
        )
        .evidence('K', &["The newest time stamp in the objects is ", &at, "."])
        .evidence('F', &["The flow logs go from ", &format_rfc3339(first), " to ", &format_rfc3339(last), "."]);
}
