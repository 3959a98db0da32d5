//! An instance of the gateway that an input names, or that was seen before, sends nothing.

use crate::engine::{Fill, Found, Need, Reads, Rule};
use crate::facts::Facts;
use crate::strangers::machine_at;
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{MINUTE_MS, format_rfc3339};

pub(crate) const RULE: Rule = Rule {
    id: "gateway-instance-silent",
    question: "Does every known gateway instance send traffic?",
    why: "If it should send, fewer instances carry the load; but an address may be reserved and unused, and instances come and go with the load.",
    needs: &[Need::FlowLogs, Need::WholeFlowLogs, Need::GatewaySubnet],
    reads: Reads::Flows,
    refutes: &["A flow from this address in logs of other network interfaces or hours."],
    next: &[
        "Look whether the gateway's metrics TotalRequests or BackendHealthyTargets fell at that time, and whether the flow logs of all nodes are here. https://learn.microsoft.com/azure/application-gateway/for-containers/application-gateway-for-containers-metrics",
    ],
    check,
};

/// An instance that was silent for so long until the end has gone; connections that are kept open are told of every five minutes.
const GONE_MS: i64 = 10 * MINUTE_MS;

fn check(facts: &Facts<'_>, found: &mut Found) {
    // Only where somebody of the gateway was seen at all: else its whole traffic is missing, which is another finding.
    if facts.instances.is_empty() {
        return;
    }
    let others: Vec<String> = facts.instances.iter().map(ToString::to_string).collect();
    for expected in facts.known.resolver.expected_instances() {
        // A machine's interface in the subnet is no instance, and not being one is another check's matter.
        if facts.instances.binary_search(&expected.address).is_ok()
            || facts.strangers.iter().any(|one| one.address == expected.address)
            || machine_at(facts.inventory, expected.address).is_some()
        {
            continue;
        }
        let address = expected.address.to_string();
        super::instance_lead(found, &address, &["AGC instance ", &address, " sends nothing, while others do."])
            .evidence('Z', &["The instance is ", &expected.evidence, "."])
            .evidence('F', &["No row has this address; instances that send: ", &others.join(", "), "."])
            .absent();
    }
    gone(facts, found);
}

/// What an instance sent.
#[derive(Clone, Copy)]
struct Sent {
    address: IpAddr,
    flows: u64,
    first_ms: i64,
    last_ms: i64,
}

/// Instances that were seen and fell silent while others went on.
fn gone(facts: &Facts<'_>, found: &mut Found) {
    let from_gateway = facts.pairs().filter(|(_, source, _)| source.kind == EndpointKind::GatewayInstance);
    let mut all: Vec<Sent> = from_gateway
        .map(|(pair, ..)| Sent {
            address: pair.src,
            flows: pair.begun.max(pair.ended).saturating_add(pair.denied),
            first_ms: pair.first_ms,
            last_ms: pair.last_ms,
        })
        .collect();
    all.order_by_key(|one| one.address);
    all.dedup_by(|more, first| {
        let same = more.address == first.address;
        if same {
            first.flows = first.flows.saturating_add(more.flows);
            (first.first_ms, first.last_ms) = (first.first_ms.min(more.first_ms), first.last_ms.max(more.last_ms));
        }
        same
    });
    let Some(end) = all.iter().map(|one| one.last_ms).max() else { return };
    // An instance that sends now and then may just be between two flows.
    let is_gone = |one: &&Sent| {
        let usual = (one.last_ms - one.first_ms) / i64::try_from(one.flows.max(1)).unwrap_or(i64::MAX);
        one.flows >= 20 && end - one.last_ms > GONE_MS.max(usual.saturating_mul(5))
    };
    for one in all.iter().filter(is_gone) {
        let (address, since) = (one.address.to_string(), super::second_of(one.last_ms));
        super::instance_lead(found, &address, &["AGC instance ", &address, " has sent nothing since ", &since, "."])
            .evidence('F', &["It was seen earlier in the capture; others go on until ", &format_rfc3339(end), "."])
            .rows_of("instance", &address)
            .when(one.last_ms, end);
    }
}
