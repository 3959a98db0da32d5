//! Flow logs that are set to tell only a part, or nothing.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::azure::FlowLogSetting;

pub(crate) const RULE: Rule = Rule {
    id: "flow-log-partial",
    question: "Do the flow logs record everything?",
    why: "Traffic that it does not record looks as if it had not been there.",
    needs: &[Need::FlowLogSettings],
    reads: Reads::Capture,
    refutes: &["A setting that was changed after the capture."],
    next: &[
        "Enable it without filter for all flow states, and collect the capture again. https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-manage",
    ],
    check,
};

/// Whether a flow log that is on tells of some states only.
fn has_some_states(setting: &FlowLogSetting) -> bool {
    !setting.record_kinds.is_empty() && !["B", "C", "E", "D"].iter().all(|kind| setting.record_kinds.contains(kind))
}

/// Whether a flow log that is on leaves out flows or states.
pub(crate) fn leaves_out(setting: &FlowLogSetting) -> bool {
    setting.enabled != Some(false) && (!setting.filter.is_empty() || has_some_states(setting))
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    for setting in &facts.inventory.azure.flow_log_settings {
        let fact = if setting.enabled == Some(false) {
            "is disabled."
        } else if !setting.filter.is_empty() {
            "has a filter, so that it records only some of the traffic."
        } else if has_some_states(setting) {
            "records only some of the flow states (begin, continue, end, denied)."
        } else {
            continue;
        };
        found
            .add(Severity::Warning, "notice", "measured", &setting.name, &["Flow log ", &setting.name, " ", fact])
            .evidence(
                'Z',
                &[
                    "Its filter: ",
                    if setting.filter.is_empty() { "none" } else { &setting.filter },
                    "; states: ",
                    if setting.record_kinds.is_empty() { "all" } else { &setting.record_kinds },
                    ".",
                ],
            )
            .object(facts.inventory, setting, &setting.name, "");
    }
}
