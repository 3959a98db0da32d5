//! Traffic that routes and endpoints say should be there, and is not: of a whole service, or of the gateway altogether.

use super::not_probed::{is_late, spoken_to};
use super::reporting::Reporting;
use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::{Facts, Routed};
use underlay_model::time::MINUTE_MS;

pub(crate) const RULE: Rule = Rule {
    id: "expected-edge-absent",
    question: "Does the gateway's traffic flow wherever routes and endpoints say it should?",
    why: "A gateway probes its targets all the time, so it does not know these or cannot reach them, and requests for them fail.",
    needs: Need::OF_SILENT_TARGETS,
    reads: Reads::Flows,
    refutes: &[
        "Flows of the gateway in logs of other network interfaces or hours.",
        "A gateway subnet other than this one.",
    ],
    next: &[
        "Check that Gateway and routes are programmed, then the network security groups and route tables between the gateway's subnet and the nodes. https://learn.microsoft.com/azure/application-gateway/for-containers/troubleshooting-guide",
    ],
    check,
};

/// Whether a service has several ready pods and the gateway speaks to none of its pods.
pub(super) fn is_silent(spoken_to: &[u32], routed: &Routed<'_>) -> bool {
    let mut all = routed.ready.iter().chain(&routed.not_ready);
    routed.ready.len() > 1 && routed.has_share && !all.any(|pod| spoken_to.binary_search(pod).is_ok())
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    if facts.known.span.is_none_or(|(first, last)| last - first < 3 * MINUTE_MS) {
        return;
    }
    let (spoken_to, reporting) = (spoken_to(facts), Reporting::new(facts));
    let expects = |pod: u32| !is_late(facts, pod) && reporting.covers(facts, pod);
    if facts.instances.is_empty() {
        return whole(facts, found, &expects);
    }
    for routed in facts.routed.iter().filter(|routed| is_silent(&spoken_to, routed)) {
        let covered = routed.ready.iter().filter(|&&pod| expects(pod)).count();
        // Another service must be spoken to, else it is the whole gateway's matter; all of this one's nodes must tell.
        let others =
            facts.routed.iter().any(|other| other.ready.iter().any(|pod| spoken_to.binary_search(pod).is_ok()));
        if covered < routed.ready.len() || !others {
            continue;
        }
        let subject = routed.name();
        let finding = found.add(
            Severity::Warning,
            "degraded",
            "inferred",
            &subject,
            &[
                "Service ",
                &subject,
                " has ",
                &count(covered, "ready pod"),
                ", and the gateway sends none of them a probe or request.",
            ],
        );
        finding
            .evidence('K', &["Routes that send there: ", &routed.routes.join(", "), "."])
            .object_at(super::route_place(facts, routed))
            .evidence('F', &["Flow logs of the nodes of all its pods are here and have no flow from the gateway's subnet to them; other services get some."])
            .absent()
            .about("service", &subject);
        for &pod in &routed.ready {
            finding.about("pod", &facts.pod_name(pod));
        }
    }
}

/// Nothing of the gateway is seen at all.
fn whole(facts: &Facts<'_>, found: &mut Found, expects: &dyn Fn(u32) -> bool) {
    let routed = || facts.routed.iter().filter(|routed| routed.has_share);
    let ready: usize = routed().map(|routed| routed.ready.len()).sum();
    let covered: usize = routed().map(|routed| routed.ready.iter().filter(|&&pod| expects(pod)).count()).sum();
    let Some(subnet) = facts.known.resolver.gateway_subnets().first() else { return };
    if covered == 0 {
        return;
    }
    let prefix = subnet.prefix.to_string();
    let services: Vec<String> = routed().filter(|one| !one.ready.is_empty()).map(Routed::name).collect();
    let finding = found.add(
        Severity::Warning,
        "failing",
        "inferred",
        &prefix,
        &["No flow of the gateway's subnet ", &prefix, " reaches any of ", &count(ready, "ready target"), "."],
    );
    finding
        .evidence('K', &["Services that routes send to: ", &services.join(", "), "."])
        .evidence(
            'F',
            &[
                "Flow logs of the nodes of ",
                &count(covered, "target"),
                " are here, and no row has an address of this subnet.",
            ],
        )
        .evidence('Z', &["It is the gateway's subnet: ", &subnet.evidence, "."]);
    for service in &services {
        finding.about("service", service);
    }
}
