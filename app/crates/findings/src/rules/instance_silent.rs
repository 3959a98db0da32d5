//! An instance of the gateway that an input names, or that was seen before, sends nothing.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{MINUTE_MS, format_rfc3339};
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-instance-silent",
    question: "Does every known gateway instance send traffic?",
    why: "Fewer instances than expected carry the load. It stays a lead: an address may be reserved and unused, and instances come and go with the load.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet],
    reads: Reads::Flows,
    refutes: &["A flow from this address in logs of other network interfaces or hours."],
    next: &[
        "Compare with the gateway's metrics by instance. https://learn.microsoft.com/azure/application-gateway/for-containers/application-gateway-for-containers-components",
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
    let targets: usize = facts.begun_by_gateway(Verdict::Allowed).count();
    for expected in facts.known.resolver.expected_instances() {
        if facts.instances.binary_search(&expected.address).is_ok() {
            continue;
        }
        let address = expected.address.to_string();
        found
            .add(Severity::Warning, "degraded", "lead", &address, &["AGC instance ", &address, " sends no traffic."])
            .evidence('Z', &["The instance is ", &expected.evidence, "."])
            .evidence('F', &["No tuple has this address; other instances have ", &targets.to_string(), " pairs."])
            .about("instance", &address);
    }
    gone(facts, found);
}

/// Instances that were seen and fell silent while others went on.
fn gone(facts: &Facts<'_>, found: &mut Found) {
    let mut last: Vec<(IpAddr, i64)> = facts
        .pairs()
        .filter(|(_, source, _)| source.kind == EndpointKind::GatewayInstance)
        .map(|(pair, ..)| (pair.src, pair.last_ms))
        .collect();
    last.order_by(|a, b| b.cmp(a));
    last.dedup_by_key(|one| one.0);
    let Some(end) = last.iter().map(|one| one.1).max() else { return };
    for (address, time) in last.into_iter().filter(|&(_, time)| time < end - GONE_MS) {
        let (address, since) = (address.to_string(), format_rfc3339(time));
        found
            .add(
                Severity::Warning,
                "degraded",
                "lead",
                &address,
                &["AGC instance ", &address, " has sent nothing since ", &since, "."],
            )
            .evidence('F', &["It was seen earlier in the capture; others go on until ", &format_rfc3339(end), "."])
            .about("instance", &address)
            .when(time, end);
    }
}
