//! What virtual network encryption did to flows, where it is not what one wants.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "encryption-dropped",
    question: "Does encryption of the virtual network drop or weaken flows?",
    why: "These flows never arrive, so connections between these addresses fail.",
    needs: &[Need::FlowLogs],
    reads: Reads::Flows,
    refutes: &["The same pair with state X, encrypted, later in time."],
    next: &[
        "Check which VM sizes support encryption and whether the virtual network enforces it. https://learn.microsoft.com/azure/virtual-network/virtual-network-encryption-overview",
    ],
    check,
};

/// States and what they mean (Azure, VNet flow logs: encryption status).
const STATES: [(&str, &str, Severity); 4] = [
    ("NX_NOT_ACCEPTED", "dropped by the encryption policy", Severity::Critical),
    ("NX_SW_NOT_READY", "dropped because software was not ready", Severity::Critical),
    ("NX_NOT_SUPPORTED", "dropped because discovery is not supported", Severity::Critical),
    ("NX_FALLBACK", "sent unencrypted as a fallback", Severity::Warning),
];

fn check(facts: &Facts<'_>, found: &mut Found) {
    for (state, meaning, severity) in STATES {
        let mut lines = Vec::new();
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for (pair, source, target) in
            facts.pairs().filter(|(pair, _, _)| pair.encryption.iter().any(|one| one == state))
        {
            (first, last) = (first.min(pair.first_ms), last.max(pair.last_ms));
            let verdict = if pair.verdict == Verdict::Denied { ", denied." } else { ", allowed." };
            lines.push(([&super::way(facts, pair, source, target), verdict].concat(), pair));
        }
        if lines.is_empty() {
            continue;
        }
        let kind = if severity == Severity::Critical { "denied" } else { "notice" };
        let finding = found.add(
            severity,
            kind,
            "measured",
            state,
            &[
                &crate::engine::count(lines.len(), "pair"),
                " of addresses ",
                if lines.len() == 1 { "has" } else { "have" },
                " flows that are ",
                meaning,
                " (",
                state,
                ").",
            ],
        );
        finding.when(first, last);
        if severity == Severity::Warning {
            finding.consequence(&["Their traffic crosses the network unencrypted."]);
        }
        for (line, pair) in &lines {
            finding.evidence('F', &[line]).rows(pair);
        }
    }
}
