//! Traffic outward leaves with the node's address.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_model::summary::EndpointKind;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "egress-behind-node",
    question: "Does traffic outward leave behind the nodes' addresses?",
    why: "Information: such flows cannot be tied to one pod by flow logs.",
    needs: &[Need::FlowLogs, Need::Nodes],
    refutes: &["Pods that share the node's network: their flows are the node's own."],
    next: &[
        "Hubble names the pods behind the translation. https://learn.microsoft.com/azure/aks/container-network-observability-logs",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut nodes = std::collections::BTreeSet::new();
    let mut flows = 0;
    for (pair, source, target) in facts.pairs() {
        if pair.verdict == Verdict::Allowed && source.kind == EndpointKind::Node && target.kind == EndpointKind::Public
        {
            nodes.insert(pair.src);
            flows += pair.begun.max(pair.ended);
        }
    }
    if let Some(first) = nodes.first() {
        found
            .add(
                Severity::Info,
                "notice",
                "measured",
                &first.to_string(),
                &[
                    "Egress leaves as ",
                    &crate::engine::count(nodes.len(), "node address"),
                    " and cannot be tied to one pod.",
                ],
            )
            .evidence('F', &[&flows.to_string(), " flows to public addresses have a node's address."]);
    }
}
