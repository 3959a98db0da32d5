//! Flow logs that hold only a part of the states, by what they tell: then what is missing in them proves nothing.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::{Facts, Known};
use underlay_model::input::Format;

pub(crate) const RULE: Rule = Rule {
    id: "flow-log-states",
    question: "Do the flow logs hold flows in every state: begun, ended and denied?",
    why: "Traffic that they leave out looks as if it had not been there, so checks of missing traffic are not run.",
    needs: &[Need::FlowLogs],
    reads: Reads::Capture,
    refutes: &["A network in which there was nothing else."],
    next: &[
        "Look at the filter and record types of the flow log: az network watcher flow-log show. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-manage",
    ],
    check,
};

/// So many tuples say something about what is not among them: there is hardly a network without any flow that is allowed.
const ENOUGH: u64 = 100;
const ENOUGH_DENIALS: u64 = 10;

/// The part that the logs tell, when it is only one.
pub(crate) fn part(known: &Known<'_>) -> Option<&'static str> {
    let (mut begun, mut counted, mut denied) = (0u64, 0u64, 0u64);
    for pair in known.pairs {
        begun = begun.saturating_add(pair.begun);
        counted = counted.saturating_add(pair.ended).saturating_add(pair.continued);
        denied = denied.saturating_add(pair.denied);
    }
    // Version 1 of the logs of network security groups has no ends by its form, and tables have the columns that somebody chose.
    let by_form = |format| matches!(format, Format::NsgFlowLogV1 | Format::TrafficAnalytics);
    let without_states = known.inputs.iter().any(|input| by_form(input.format));
    match (begun, counted) {
        (0, 0) if denied >= ENOUGH_DENIALS => Some("only denials"),
        (ENOUGH.., 0) if !without_states => Some("beginnings of flows and no ends, so that no bytes are counted"),
        (0, ENOUGH..) if !without_states => Some("ends of flows and no beginnings"),
        _ => None,
    }
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    // The setting itself is another check's matter.
    if facts.inventory.azure.flow_log_settings.iter().any(|one| !one.record_kinds.is_empty()) {
        return;
    }
    if let Some(part) = facts.only {
        found
            .add(Severity::Warning, "notice", "inferred", "flow logs", &["The flow logs hold ", part, "."])
            .evidence('F', &["No row of another state is in any of them."])
            .absent();
    }
}
