//! Encryption of the virtual network is on, and some traffic inside goes without it.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use underlay_model::summary::EndpointKind;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "encryption-mixed",
    question: "Is all traffic inside the network encrypted where some is?",
    why: "This traffic crosses the network unencrypted, and would be dropped if the virtual network enforced encryption.",
    needs: &[Need::FlowLogs],
    reads: Reads::Flows,
    refutes: &[
        "VMs on the same host, whose traffic is unencrypted by design; most of it is told by NX_LOCAL_DST and not counted here.",
    ],
    next: &[
        "Check which of these VMs have a size that supports encryption. https://learn.microsoft.com/azure/virtual-network/virtual-network-encryption-overview",
    ],
    check,
};

/// States that say why a flow is not encrypted, and mean a fault where encryption is on (Azure, VNet flow logs: encryption status).
const FAULTS: [&str; 1] = ["NX_HW_NOT_SUPPORTED"];
/// States of flows that are not encrypted and could be.
const CLEAR: [&str; 2] = ["NX", "NX_HW_NOT_SUPPORTED"];

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inside =
        |kind: EndpointKind| !matches!(kind, EndpointKind::Public | EndpointKind::Platform | EndpointKind::Private);
    let within = || {
        facts.pairs().filter(|(pair, source, target)| {
            pair.verdict == Verdict::Allowed && inside(source.kind) && inside(target.kind)
        })
    };
    let encrypted = within().filter(|(pair, ..)| pair.encryption.iter().any(|one| one == "X")).count();
    if encrypted == 0 {
        return;
    }
    for state in CLEAR {
        let (mut pairs, mut lines, mut span) = (0, Vec::new(), (i64::MAX, i64::MIN));
        for (pair, source, target) in within().filter(|(pair, ..)| pair.encryption.iter().any(|one| one == state)) {
            pairs += 1;
            span = (span.0.min(pair.first_ms), span.1.max(pair.last_ms));
            if lines.len() < 12 {
                lines.push(([&super::way(facts, pair, source, target), "."].concat(), pair));
            }
        }
        if pairs == 0 {
            continue;
        }
        let severity = if FAULTS.contains(&state) { Severity::Warning } else { Severity::Info };
        let finding = found.add(
            severity,
            "notice",
            "measured",
            state,
            &[
                "Flows between ",
                &count(pairs, "pair"),
                " of addresses inside the network are not encrypted (",
                state,
                "), while others are.",
            ],
        );
        finding.when(span.0, span.1);
        finding.evidence('F', &[&count(encrypted, "pair"), " with state X, encrypted."]);
        for (line, pair) in &lines {
            finding.evidence('F', &[line]).rows(pair);
        }
    }
}
