//! An overlay that hides pod addresses inside packets between nodes.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::summary::EndpointKind;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "encapsulated-overlay",
    question: "Do nodes hide pod traffic in an encapsulating overlay?",
    why: "Flow logs show only the nodes' addresses for it, and Application Gateway for Containers cannot reach pods inside such an overlay.",
    needs: &[Need::FlowLogs],
    reads: Reads::Flows,
    refutes: &["Another use of these UDP ports between nodes."],
    next: &[
        "Use the overlay's own flow records to see the pods, and Azure CNI for pods that the gateway should reach. https://learn.microsoft.com/azure/aks/concepts-network-cni-overview",
    ],
    check,
};

/// UDP ports of overlays (IANA, and the documentation of Flannel and Weave).
const PORTS: [(u16, &str); 5] =
    [(4789, "VXLAN"), (8472, "VXLAN of Flannel or Cilium"), (6081, "Geneve"), (6783, "Weave"), (6784, "Weave")];

fn check(facts: &Facts<'_>, found: &mut Found) {
    let unnamed = facts.inventory.nodes.is_empty();
    // Without a list of nodes any two machines inside may be nodes, and it stays a lead.
    let may_be_node = |kind: EndpointKind| match kind {
        EndpointKind::Node => true,
        EndpointKind::Nic | EndpointKind::Subnet | EndpointKind::Vnet | EndpointKind::Private => unnamed,
        _ => false,
    };
    for (port, name) in PORTS {
        let between = facts.pairs().filter(|(pair, source, target)| {
            pair.protocol == 17
                && pair.port == port
                && pair.verdict == Verdict::Allowed
                && may_be_node(source.kind)
                && may_be_node(target.kind)
        });
        let (mut pairs, mut bytes, mut first, mut last) = (0, 0u128, i64::MAX, i64::MIN);
        for (pair, _, _) in between {
            pairs += 1;
            bytes += pair.bytes[0] + pair.bytes[1];
            (first, last) = (first.min(pair.first_ms), last.max(pair.last_ms));
        }
        if pairs > 0 {
            found
                .add(
                    Severity::Warning,
                    "notice",
                    if unnamed { "lead" } else { "measured" },
                    &["udp/", &port.to_string()].concat(),
                    &[
                        "Traffic between ",
                        &crate::engine::count(pairs, "pair"),
                        " of nodes is encapsulated: ",
                        name,
                        " on UDP port ",
                        &port.to_string(),
                        ".",
                    ],
                )
                .evidence('F', &["Together ", &bytes.to_string(), " bytes."])
                .when(first, last);
        }
    }
}
