//! One instance of the gateway probes a service's targets but for some, which another instance probes.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, times};
use crate::facts::Facts;
use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_model::connection::Separation;
use underlay_model::time::MINUTE_MS;

pub(crate) const RULE: Rule = Rule {
    id: "instance-misses-pod",
    question: "Does every gateway instance probe every target?",
    why: "Each instance probes for itself, so this one likely sends the pod no requests.",
    needs: Need::OF_SILENT_TARGETS,
    reads: Reads::Flows,
    refutes: &["Probes of this instance in logs of other network interfaces."],
    next: &[
        "Look for network security group rules or network policies that treat this instance's address unlike the others. https://learn.microsoft.com/azure/application-gateway/for-containers/custom-health-probe",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let Some((first, last)) = facts.known.span else { return };
    if facts.instances.len() < 2 || last - first < 3 * MINUTE_MS {
        return;
    }
    for routed in &facts.routed {
        // Of each instance, how many targets it clearly probes.
        let mut probed: BTreeMap<IpAddr, u64> = BTreeMap::new();
        for seen in routed.ready.iter().flat_map(|&pod| facts.probes_of(pod)) {
            if let (Separation::Clear, Some(instance)) = (seen.separation, seen.instance) {
                *probed.entry(instance).or_default() += 1;
            }
        }
        for &pod in &routed.ready {
            let late = facts
                .inventory
                .pods
                .get(pod as usize)
                .and_then(|pod| pod.started_ms)
                .is_some_and(|time| time > last - 3 * MINUTE_MS);
            let some = facts.probes_of(pod).any(|seen| seen.separation == Separation::Clear);
            if late || !some {
                continue;
            }
            for (instance, count) in &probed {
                if *count * 2 < routed.ready.len() as u64
                    || facts.probes_of(pod).any(|seen| seen.instance == Some(*instance))
                {
                    continue;
                }
                let (name, address) = (facts.pod_name(pod), instance.to_string());
                found
                    .add(
                        Severity::Warning,
                        "degraded",
                        "inferred",
                        &[name.as_str(), " ", &address].concat(),
                        &[
                            "AGC instance ",
                            &address,
                            " does not probe pod ",
                            &name,
                            ", although another instance does.",
                        ],
                    )
                    .evidence(
                        'F',
                        &[
                            "It probes ",
                            &times(*count, "other target"),
                            " of ",
                            routed.service,
                            "; another instance probes this one.",
                        ],
                    )
                    .rows_of("instance", &address)
                    .about("pod", &name)
                    .about("instance", &address);
            }
        }
    }
}
