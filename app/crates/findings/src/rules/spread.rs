//! Load that is spread unevenly over the pods of a service.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use rustc_hash::FxHashMap;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "uneven-spread",
    question: "Is the load spread over the targets?",
    why: "One busy target is the first to fail. A lead: weights, long connections and session affinity do this on purpose.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet, Need::Pods, Need::Routes, Need::EndpointSlices],
    refutes: &["Session affinity, weights of backends, or targets that began late."],
    next: &[
        "Look for a BackendLoadBalancingPolicy or session affinity. https://learn.microsoft.com/azure/application-gateway/for-containers/session-affinity",
    ],
    check,
};

/// Fewer flows than this on average say nothing.
const FEW: u64 = 60;
/// So many times the usual load is uneven.
const TIMES: u64 = 8;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut flows: FxHashMap<u32, u64> = FxHashMap::default();
    let mut first: FxHashMap<u32, i64> = FxHashMap::default();
    for (pair, owner) in facts.begun_by_gateway(Verdict::Allowed).filter(|(_, owner)| owner.kind == EndpointKind::Pod) {
        *flows.entry(owner.subject).or_default() += pair.begun.max(pair.ended);
        let time = first.entry(owner.subject).or_insert(i64::MAX);
        *time = pair.first_ms.min(*time);
    }
    let Some((begin, end)) = facts.known.span else { return };
    for routed in facts.routed.iter().filter(|routed| routed.ready.len() > 2 && routed.not_ready.is_empty()) {
        let mut loads: Vec<(u64, u32)> = Vec::new();
        for &pod in &routed.ready {
            let probes: u64 = facts.probes_of(pod).map(|seen| seen.answered + seen.unanswered).sum();
            let late = first.get(&pod).is_none_or(|&time| time > begin + (end - begin) / 10);
            if !late {
                loads.push((flows.get(&pod).copied().unwrap_or(0).saturating_sub(probes), pod));
            }
        }
        loads.order();
        let (Some(&(usual, _)), Some(&(most, pod))) = (loads.get(loads.len() / 2), loads.last()) else { continue };
        if loads.len() < 3 || most < usual.max(FEW) * TIMES {
            continue;
        }
        let (subject, name) = ([routed.namespace, "/", routed.service].concat(), facts.pod_name(pod));
        found
            .add(
                Severity::Warning,
                "degraded",
                "lead",
                &subject,
                &[
                    "Pod ",
                    &name,
                    " gets ",
                    &most.to_string(),
                    " flows, the usual target of ",
                    &subject,
                    " gets ",
                    &usual.to_string(),
                    ".",
                ],
            )
            .evidence(
                'F',
                &[
                    "Flows of the gateway to ",
                    &crate::engine::count(loads.len(), "target"),
                    ", without the probes that were told.",
                ],
            )
            .about("pod", &name);
    }
}
