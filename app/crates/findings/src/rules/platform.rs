//! Rules that deny Azure's own traffic.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::summary::EndpointKind;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "platform-denied",
    question: "Is traffic of the Azure platform let through?",
    why: "Nodes need it for load balancer probes, name resolution and the VM agent, and fail in ways that are hard to explain.",
    needs: &[Need::FlowLogs],
    reads: Reads::Flows,
    refutes: &["A denial of something that the nodes do not use."],
    next: &[
        "Allow 168.63.129.16 and the service tag AzureLoadBalancer in the network security groups of these nodes. https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let (mut lines, mut first, mut last, mut count) = (Vec::new(), i64::MAX, i64::MIN, 0u64);
    for (pair, source, target) in facts.pairs().filter(|(pair, ..)| pair.verdict == Verdict::Denied) {
        if source.kind == EndpointKind::Platform || target.kind == EndpointKind::Platform {
            count = count.saturating_add(pair.denied);
            (first, last) = (first.min(pair.first_ms), last.max(pair.last_ms));
            lines
                .push(([&super::way(facts, pair, source, target), " by ", &pair.rules.join(", "), "."].concat(), pair));
        }
    }
    if !lines.is_empty() {
        let finding = found.add(
            Severity::Critical,
            "denied",
            "measured",
            "168.63.129.16",
            &["Traffic of the Azure platform (168.63.129.16) was denied ", &crate::engine::times(count, "time"), "."],
        );
        finding.when(first, last);
        for (line, pair) in &lines {
            finding.evidence('F', &[line]).rows(pair);
        }
    }
}
