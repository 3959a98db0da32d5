//! The gateway reaches pods at addresses that the virtual network does not have, without encapsulation.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-reaches-pods",
    question: "Does the gateway reach overlay pods directly?",
    why: "Nothing is wrong: flow logs show the pods' own addresses, and network security groups apply to them.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::PodRange],
    reads: Reads::Flows,
    refutes: &["A pod range that is a subnet of the virtual network after all."],
    next: &[
        "Nothing to do; name the pod CIDR in network security group rules that should apply to pods. https://learn.microsoft.com/azure/application-gateway/for-containers/container-networking",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let resolver = facts.known.resolver;
    let outside = |address| {
        resolver.network_at(address).is_none()
            && resolver.pod_ranges().iter().any(|range| range.subnet.is_none() && range.prefix.contains(&address))
    };
    let (mut pods, mut example, mut first, mut last) = (Vec::new(), None, i64::MAX, i64::MIN);
    for (pair, owner) in facts.begun_by_gateway(Verdict::Allowed) {
        if matches!(owner.kind, EndpointKind::Pod | EndpointKind::PodRange) && pair.bytes[1] > 0 && outside(pair.dst) {
            pods.push(pair.dst);
            example.get_or_insert(pair);
            (first, last) = (first.min(pair.first_ms), last.max(pair.last_ms));
        }
    }
    pods.order();
    pods.dedup();
    if pods.is_empty()
        || facts.inventory.virtual_networks.is_empty() && facts.inventory.overlay_extension_configs.is_empty()
    {
        return;
    }
    let instances: Vec<String> = facts.instances.iter().map(ToString::to_string).collect();
    let finding = found.add(
        Severity::Info,
        "notice",
        "measured",
        &instances.join(", "),
        &[
            "The gateway reaches ",
            &crate::engine::count(pods.len(), "pod address"),
            " outside the virtual network, unencapsulated.",
        ],
    );
    finding.evidence('F', &["Answers came back from all of them, logged with the pods' own addresses."]);
    if let Some(pair) = example {
        finding.rows(pair);
    }
    finding
        .evidence('K', &["The addresses are in a pod range and in no prefix of the virtual network."])
        .when(first, last);
}
