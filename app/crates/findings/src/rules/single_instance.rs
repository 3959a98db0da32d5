//! Only one instance of the gateway was seen.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-single-instance",
    question: "Is more than one gateway instance seen?",
    why: "Nothing is wrong by itself: the gateway scales its instances, and one may be all there is.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet],
    reads: Reads::Flows,
    refutes: &["Flows of a second address of the gateway's subnet in other hours."],
    next: &[
        "Nothing to do; if you expect more instances, add flow logs of all nodes and of more hours. https://learn.microsoft.com/azure/application-gateway/for-containers/scaling-zone-resiliency",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let [only] = facts.instances.as_slice() else { return };
    let address = only.to_string();
    found
        .add(Severity::Info, "notice", "measured", &address, &["Only one gateway instance is seen: ", &address, "."])
        .evidence('F', &["All traffic of the gateway's subnet has this address."])
        .rows_of("instance", &address)
        .about("instance", &address);
}
