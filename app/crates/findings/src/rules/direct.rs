//! Somebody else in the virtual network talks to gateway targets directly.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::summary::{EndpointKind, Pair};
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "direct-to-pods",
    question: "Does anything else in the network reach pods past the gateway?",
    why: "This traffic bypasses the gateway with its routes and firewall, as monitoring or peers may do on purpose.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::Pods],
    reads: Reads::Flows,
    refutes: &["A node, gateway or pod that the objects do not name."],
    next: &[
        "Find out what has this address; if it should not reach the pods, restrict them by a NetworkPolicy. https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut list: Vec<(String, &Pair)> = Vec::new();
    for (pair, source, target) in facts.pairs() {
        let other = matches!(
            source.kind,
            EndpointKind::Nic | EndpointKind::Subnet | EndpointKind::Vnet | EndpointKind::Private
        );
        let to_pod = matches!(target.kind, EndpointKind::Pod | EndpointKind::PodRange);
        if other && to_pod && pair.verdict == Verdict::Allowed && pair.bytes[1] > 0 {
            list.push((facts.name(target, pair.dst), pair));
        }
    }
    list.order_by(|a, b| (a.1.src, &a.0, a.1.port).cmp(&(b.1.src, &b.0, b.1.port)));
    let targets = targets(facts);
    let nodes = unlisted_nodes(facts);
    for same in list.chunk_by(|a, b| a.1.src == b.1.src) {
        let Some(source) = same.first().map(|(_, pair)| pair.src) else { continue };
        // A pod that is gone was a target; a node that is gone was probed as one.
        if nodes.binary_search(&source).is_ok() || targets.binary_search(&source).is_ok() {
            continue;
        }
        let subject = source.to_string();
        let mut pods: Vec<&String> = same.iter().map(|one| &one.0).collect();
        pods.dedup();
        let owner = facts.known.resolver.resolve(source, 0);
        let name = facts.name(owner, source);
        let named = if name == subject { name } else { [&name, " (", &subject, ")"].concat() };
        let finding = found.add(
            Severity::Warning,
            "notice",
            "lead",
            &subject,
            &[&named, " talks to ", &crate::engine::count(pods.len(), "pod"), " directly, past the gateway."],
        );
        for (pod, pair) in same {
            let (flows, port) = (pair.begun.max(pair.ended).to_string(), pair.port.to_string());
            finding
                .evidence('F', &[&flows, " flows to ", pod, " port ", &port, "."])
                .rows(pair)
                .when(pair.first_ms, pair.last_ms);
        }
        finding.about("address", &subject);
    }
}

/// Nodes that came or went beside the snapshot, sorted: the load balancer probes them on a port on which it probes nodes, or pods and nodes call
/// their kubelets.
fn unlisted_nodes(facts: &Facts<'_>) -> Vec<IpAddr> {
    /// The kubelet's.
    const KUBELET: u16 = 10_250;
    let mut probed: Vec<u16> = Vec::new();
    for (pair, source, target) in facts.pairs() {
        if source.kind == EndpointKind::Platform && target.kind == EndpointKind::Node && !probed.contains(&pair.port) {
            probed.push(pair.port);
        }
    }
    let as_node = |pair: &Pair, source: EndpointKind| match source {
        EndpointKind::Platform => probed.contains(&pair.port),
        EndpointKind::Pod | EndpointKind::Node => pair.port == KUBELET,
        _ => false,
    };
    let mut nodes: Vec<IpAddr> =
        facts.pairs().filter(|(pair, source, _)| as_node(pair, source.kind)).map(|(pair, ..)| pair.dst).collect();
    nodes.order();
    nodes.dedup();
    nodes
}

/// Addresses that the gateway sends to, sorted.
fn targets(facts: &Facts<'_>) -> Vec<IpAddr> {
    let mut targets: Vec<IpAddr> = facts.begun_by_gateway(Verdict::Allowed).map(|(pair, _)| pair.dst).collect();
    targets.order();
    targets.dedup();
    targets
}
