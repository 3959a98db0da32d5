//! Probes come at another interval than the configured one.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use underlay_model::connection::Separation;
use underlay_model::order::Order;

pub(crate) const RULE: Rule = Rule {
    id: "probe-interval",
    question: "Do probes come at the configured interval?",
    why: "The policy is likely not in effect, and its path, port and thresholds may not be either.",
    needs: Need::OF_TARGETS,
    reads: Reads::Flows,
    refutes: &["A change of the policy within the capture."],
    next: &[
        "Check targetRef and conditions of the HealthCheckPolicy: kubectl get healthcheckpolicy -A -o yaml. https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    for routed in &facts.routed {
        let Some((policy, interval)) = super::policy_interval(facts, routed) else { continue };
        let mut off: Vec<u64> = routed
            .ready
            .iter()
            .flat_map(|&pod| facts.probes_of(pod))
            .filter(|seen| seen.separation == Separation::Clear && seen.answered + seen.unanswered >= 10)
            .map(|seen| seen.interval_ms)
            .collect();
        off.order();
        let Some(&usual) = off.get(off.len() / 2) else { continue };
        if usual.abs_diff(interval) * 5 <= interval {
            continue;
        }
        let subject = [routed.namespace, "/", routed.service].concat();
        found
            .add(
                Severity::Warning,
                "degraded",
                "inferred",
                &subject,
                &[
                    "Probes of service ",
                    &subject,
                    " come every ",
                    &super::seconds(usual),
                    ", although the HealthCheckPolicy sets ",
                    &super::seconds(interval),
                    ".",
                ],
            )
            .evidence('K', &["HealthCheckPolicy ", &policy.meta.qualified(), " sets the interval."])
            .object(facts.inventory, policy, &policy.meta.name, "spec/default/interval")
            .evidence(
                'F',
                &[
                    "The interval is the median over ",
                    &crate::engine::count(off.len(), "pair"),
                    " of instance and pod.",
                ],
            )
            .about("service", &subject);
    }
}
