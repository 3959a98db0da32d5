//! An instance of the gateway that an input names sends nothing.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-instance-silent",
    question: "Does every known gateway instance send traffic?",
    why: "Fewer instances than expected carry the load. It stays a lead: an address may be reserved and unused.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet],
    refutes: &["A flow from this address in logs of other network interfaces or hours."],
    next: &[
        "Compare with the gateway's metrics by instance. https://learn.microsoft.com/azure/application-gateway/for-containers/application-gateway-for-containers-components",
    ],
    check,
};

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
}
