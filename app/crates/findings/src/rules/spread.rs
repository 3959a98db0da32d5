//! Load that is spread unevenly over the pods of a service, or over the gateway's instances.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::{Facts, Routed};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_model::IpNet;
use underlay_model::connection::Separation;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "uneven-spread",
    question: "Is the load spread over targets and instances?",
    why: "The busiest is the first to be overloaded, unless weights, long connections or session affinity mean it so.",
    needs: Need::OF_TARGETS,
    reads: Reads::Flows,
    refutes: &["Session affinity, weights of backends, targets that began late, or few clients with long connections."],
    next: &[
        "Look for session affinity, weights in the route, and a BackendLoadBalancingPolicy. https://learn.microsoft.com/azure/application-gateway/for-containers/session-affinity",
    ],
    check,
};

/// So much load on all together says something.
const ENOUGH: u64 = 200;
/// So much on the busiest is no chance: of few flows among many targets some get several by luck.
const ENOUGH_OF_ONE: u64 = 60;
/// So many times the load of the usual other one is uneven.
const TIMES: u64 = 5;

fn check(facts: &Facts<'_>, found: &mut Found) {
    let loads = Loads::new(facts);
    for routed in facts.routed.iter().filter(|routed| routed.ready.len() > 1) {
        pods(facts, routed, &loads, found);
    }
    // Instances of one gateway share its load; those of another have their own.
    for gateway in facts.known.resolver.gateway_subnets() {
        instances(facts, &loads, gateway.prefix, found);
    }
}

/// Load by pod and by instance.
struct Loads {
    /// Flows without probes, and when the first one came.
    pods: FxHashMap<u32, (u64, i64)>,
    /// Requests of the access log.
    requests: FxHashMap<u32, u64>,
    /// Address, flows without probes, first and last time.
    instances: Vec<(IpAddr, u64, i64, i64)>,
}

impl Loads {
    fn new(facts: &Facts<'_>) -> Self {
        let mut pods: FxHashMap<u32, (u64, i64)> = FxHashMap::default();
        let mut instances: Vec<(IpAddr, u64, i64, i64)> = Vec::new();
        for (pair, owner) in facts.begun_by_gateway(Verdict::Allowed) {
            let flows = pair.begun.max(pair.ended);
            let flows = flows.saturating_sub(facts.probes_at(pair));
            instances.push((pair.src, flows, pair.first_ms, pair.last_ms));
            if owner.kind == EndpointKind::Pod {
                let load = pods.entry(owner.subject).or_insert((0, i64::MAX));
                *load = (load.0 + flows, load.1.min(pair.first_ms));
            }
        }
        instances.order();
        instances.dedup_by(|more, first| {
            let same = more.0 == first.0;
            if same {
                *first = (first.0, first.1 + more.1, first.2.min(more.2), first.3.max(more.3));
            }
            same
        });
        Self { pods, requests: requests(facts), instances }
    }
}

/// Requests by pod, of the access log within the time of the flow logs.
fn requests(facts: &Facts<'_>) -> FxHashMap<u32, u64> {
    let access = &facts.inventory.azure.access;
    let mut requests: FxHashMap<u32, u64> = FxHashMap::default();
    for cell in &access.cells {
        if let (Some(address), _) = access.backend(cell) {
            let owner = facts.known.resolver.resolve(address, cell.minute);
            if owner.kind == EndpointKind::Pod {
                *requests.entry(owner.subject).or_default() += cell.requests;
            }
        }
    }
    requests
}

fn pods(facts: &Facts<'_>, routed: &Routed<'_>, loads: &Loads, found: &mut Found) {
    let Some((begin, end)) = facts.known.span else { return };
    // A log that does not name every target is a part of one: then flows tell.
    let by_requests = routed.ready.iter().all(|pod| loads.requests.contains_key(pod));
    // One that does not answer its probes is sent nothing: that is another finding.
    let well = |pod: u32| {
        facts.known.health.state(pod) != Some(HealthState::Failing)
            && super::probes_unanswered::unanswered(facts, pod).is_empty()
    };
    // Only pods that were there all the time, and whose user traffic is told from probes.
    let mut list: Vec<(u64, u32)> = Vec::new();
    for &pod in routed.ready.iter().filter(|&&pod| well(pod)) {
        let told = by_requests || facts.probes_of(pod).all(|seen| seen.separation != Separation::Unclear);
        let Some(&(flows, first)) = loads.pods.get(&pod).filter(|_| told) else { continue };
        let load = if by_requests { loads.requests.get(&pod).copied().unwrap_or(0) } else { flows };
        if first <= begin + (end - begin) / 10 {
            list.push((load, pod));
        }
    }
    list.order();
    let Some((&(most, pod), rest)) = list.split_last() else { return };
    let Some(&(usual, _)) = rest.get(rest.len() / 2) else { return };
    let all: u64 = list.iter().map(|one| one.0).sum();
    let what = if by_requests { " requests" } else { " flows" };
    let Some(&(least, idle)) = list.first() else { return };
    let (name, load, other) = if all >= ENOUGH && most >= ENOUGH_OF_ONE.max(usual * TIMES) {
        (facts.pod_name(pod), most, usual)
    } else if rest.len() > 1 && usual >= ENOUGH && least * TIMES <= usual {
        (facts.pod_name(idle), least, usual)
    } else {
        return;
    };
    let subject = routed.name();
    let finding = found.add(
        Severity::Warning,
        "degraded",
        "lead",
        &subject,
        &[
            "Pod ",
            &name,
            " gets ",
            &load.to_string(),
            what,
            " of service ",
            &subject,
            ", while its other targets typically get ",
            &other.to_string(),
            ".",
        ],
    );
    finding.about("pod", &name);
    let source = if by_requests { 'A' } else { 'F' };
    let how = if by_requests { ", as the access log has it." } else { ", without recognised probes." };
    finding.evidence(source, &["Load of ", &count(list.len(), "target"), how]);
    for (load, pod) in list.iter().rev() {
        finding.evidence(source, &[&facts.pod_name(*pod), ": ", &load.to_string(), what, "."]);
    }
    for policy in facts.inventory.policies.iter().filter(|policy| super::targets(policy, routed)) {
        let strategy = policy.setting("loadBalancing.strategy").unwrap_or_default();
        if !strategy.is_empty() {
            finding.evidence('K', &[&policy.kind, " ", &policy.meta.qualified(), " sets ", strategy, "."]).object(
                facts.inventory,
                policy,
                &policy.meta.name,
                "spec/default/loadBalancing",
            );
        }
    }
}

fn instances(facts: &Facts<'_>, loads: &Loads, subnet: IpNet, found: &mut Found) {
    let Some((begin, end)) = facts.known.span else { return };
    let tenth = (end - begin) / 10;
    let mut list: Vec<(u64, IpAddr)> = loads
        .instances
        .iter()
        .filter(|(address, ..)| subnet.contains(address) && facts.instances.binary_search(address).is_ok())
        .filter(|(_, _, first, last)| *first <= begin + tenth && *last >= end - tenth)
        .map(|(address, load, ..)| (*load, *address))
        .collect();
    list.order();
    let Some((&(most, address), rest)) = list.split_last() else { return };
    let Some(&(usual, _)) = rest.get(rest.len() / 2) else { return };
    let unclear = facts.known.probes.observations.iter().any(|seen| seen.separation == Separation::Unclear);
    if most + usual < ENOUGH || most < ENOUGH_OF_ONE.max(usual * TIMES) || unclear {
        return;
    }
    let address = address.to_string();
    let (most, usual) = (most.to_string(), usual.to_string());
    let title =
        ["AGC instance ", &address, " carries ", &most, " flows, while the others typically carry ", &usual, "."];
    let finding = super::instance_lead(found, &address, &title);
    for (load, address) in list.iter().rev() {
        finding.evidence('F', &[&address.to_string(), ": ", &load.to_string(), " flows, without recognised probes."]);
    }
}
