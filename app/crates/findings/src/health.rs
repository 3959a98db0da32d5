//! Health of each pod by its witnesses (`summary-contract.md`, Health of a pod). Each witness speaks for itself; the
//! precedence of the contract makes one state of them, and the inspector lists them all, best source first.

pub(crate) use seen_probes::UNANSWERED_RUN;

mod seen_probes;
mod witness;

use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_identity::Inventory;
use underlay_model::health::{BackendHealthStatus, HealthState, PodHealth, Witness};
use underlay_model::inventory::{Event, Pod};
use underlay_model::order::Order;
use underlay_model::time::Millis;

/// First and last time of the accepted tuples.
type Span = (Millis, Millis);

/// What was found of one judged pod.
#[derive(Clone, Debug, Default)]
struct Verdict {
    state: HealthState,
    /// Indices into the inventory's backend health, with the status that each gives.
    backend: Vec<(u32, BackendHealthStatus)>,
    /// Indices into the inventory's endpoint slices, with the endpoint's index.
    endpoints: Vec<(u32, u32)>,
    /// Indices of events about failed probes and restarts within the span.
    events: Vec<u32>,
    /// Probes seen in the flow logs, of all instances and ports.
    probes: Option<seen_probes::SeenProbes>,
}

/// The health of every pod that is not finished and not `hostNetwork`.
#[derive(Clone, Debug, Default)]
pub struct HealthReport {
    span: Option<Span>,
    /// By the pod's index in the inventory; `None` for pods that are not judged.
    verdicts: Vec<Option<Verdict>>,
}

impl HealthReport {
    /// Hears all witnesses. `span` is the first and last time of the accepted tuples: restarts and failed probes count
    /// within it, and without a span nowhere.
    pub fn new(inventory: &Inventory, span: Option<(Millis, Millis)>) -> Self {
        let mut verdicts: Vec<Option<Verdict>> =
            inventory.pods.iter().map(|pod| pod.is_live().then(Verdict::default)).collect();
        let (by_address, by_name) = indices(inventory);
        hear_backend_health(inventory, &by_address, &mut verdicts);
        hear_endpoint_slices(inventory, &by_address, &by_name, &mut verdicts);
        hear_events(inventory, &by_name, span, &mut verdicts);
        for (pod, verdict) in inventory.pods.iter().zip(&mut verdicts) {
            if let Some(verdict) = verdict {
                verdict.state = judge(inventory, pod, verdict, span);
            }
        }
        Self { span, verdicts }
    }

    /// The summary's `health`: sorted by pod name.
    pub fn pods(&self, inventory: &Inventory) -> Vec<PodHealth> {
        let mut pods: Vec<PodHealth> = inventory
            .pods
            .iter()
            .zip(&self.verdicts)
            .filter_map(|(pod, verdict)| {
                let verdict = verdict.as_ref()?;
                Some(PodHealth {
                    pod: pod.meta.qualified(),
                    state: verdict.state,
                    ready: pod.ready,
                    restarts: pod.restarts(),
                    backend_health: verdict.backend.iter().map(|(_, status)| *status).max(),
                    probe: verdict.probes.as_ref().map(seen_probes::SeenProbes::observed),
                })
            })
            .collect();
        pods.order_by(|a, b| a.pod.cmp(&b.pod));
        pods
    }

    /// State of a pod by its index in [`Inventory::pods`]; `None` for finished and `hostNetwork` pods.
    pub fn state(&self, pod: u32) -> Option<HealthState> {
        self.verdict(pod).map(|verdict| verdict.state)
    }

    /// Backend health of a pod, UNHEALTHY for any of its services winning; `None` when no answer names it.
    pub fn backend_health(&self, pod: u32) -> Option<BackendHealthStatus> {
        self.verdict(pod)?.backend.iter().map(|(_, status)| *status).max()
    }

    /// Whether the pod is a target: named by backend health or by an endpoint slice.
    pub fn is_target(&self, pod: u32) -> bool {
        self.verdict(pod).is_some_and(|verdict| !verdict.backend.is_empty() || !verdict.endpoints.is_empty())
    }

    /// Whether backend health names the pod.
    pub fn is_gateway_target(&self, pod: u32) -> bool {
        self.verdict(pod).is_some_and(|verdict| !verdict.backend.is_empty())
    }

    /// Indices into [`Inventory::endpoint_slices`] of the slices that hold the pod, sorted, each once.
    pub fn endpoint_slices(&self, pod: u32) -> Vec<u32> {
        let mut slices: Vec<u32> = self
            .verdict(pod)
            .into_iter()
            .flat_map(|verdict| verdict.endpoints.iter().map(|(slice, _)| *slice))
            .collect();
        slices.order();
        slices.dedup();
        slices
    }

    /// Witnesses of a pod by its index, best source first: backend health, endpoint slices, the pod itself, events.
    pub fn witnesses(&self, inventory: &Inventory, pod: u32) -> Vec<Witness> {
        match (inventory.pods.get(pod as usize), self.verdict(pod)) {
            (Some(object), Some(verdict)) => witness::list(inventory, object, verdict, self.span),
            _ => Vec::new(),
        }
    }

    fn verdict(&self, pod: u32) -> Option<&Verdict> {
        self.verdicts.get(pod as usize)?.as_ref()
    }
}

/// Judged pods by address (of several the one that started last) and by (namespace, name).
type ByAddress = FxHashMap<IpAddr, u32>;
type ByName<'a> = FxHashMap<(&'a str, &'a str), Vec<u32>>;

fn indices(inventory: &Inventory) -> (ByAddress, ByName<'_>) {
    let mut by_address = ByAddress::default();
    let mut by_name = ByName::default();
    let started = |at: u32| {
        inventory.pods.get(at as usize).and_then(|pod| pod.started_ms.or(pod.meta.created_ms)).unwrap_or(Millis::MIN)
    };
    for (at, pod) in (0u32..).zip(&inventory.pods).filter(|(_, pod)| pod.is_live()) {
        by_name.entry((pod.meta.namespace.as_str(), pod.meta.name.as_str())).or_default().push(at);
        for &address in &pod.addresses {
            let holder = by_address.entry(address).or_insert(at);
            if started(at) > started(*holder) {
                *holder = at;
            }
        }
    }
    (by_address, by_name)
}

fn of(verdicts: &mut [Option<Verdict>], pod: u32) -> Option<&mut Verdict> {
    verdicts.get_mut(pod as usize)?.as_mut()
}

fn hear_backend_health(inventory: &Inventory, by_address: &ByAddress, verdicts: &mut [Option<Verdict>]) {
    for (at, answer) in (0u32..).zip(&inventory.backend_health) {
        for (address, status) in &answer.endpoints {
            if let (Some(status), Some(&pod)) = (status, by_address.get(address))
                && let Some(verdict) = of(verdicts, pod)
            {
                verdict.backend.push((at, *status));
            }
        }
    }
}

fn hear_endpoint_slices(
    inventory: &Inventory,
    by_address: &ByAddress,
    by_name: &ByName<'_>,
    verdicts: &mut [Option<Verdict>],
) {
    for (slice_at, slice) in (0u32..).zip(&inventory.endpoint_slices) {
        for (endpoint_at, endpoint) in (0u32..).zip(&slice.endpoints) {
            let named =
                endpoint.pod.as_ref().and_then(|(namespace, name)| by_name.get(&(namespace.as_str(), name.as_str())));
            let holds = |pod: &u32| {
                inventory
                    .pods
                    .get(*pod as usize)
                    .is_some_and(|pod| pod.addresses.iter().any(|address| endpoint.addresses.contains(address)))
            };
            let mut meant: Vec<u32> = match named {
                // Of two pods of one name (recreated under it) the one that holds the address.
                Some(pods) if pods.iter().any(holds) => pods.iter().copied().filter(|pod| holds(pod)).collect(),
                Some(pods) => pods.clone(),
                None if endpoint.pod.is_some() => Vec::new(),
                None => endpoint.addresses.iter().filter_map(|address| by_address.get(address).copied()).collect(),
            };
            meant.order();
            meant.dedup();
            for pod in meant {
                if let Some(verdict) = of(verdicts, pod) {
                    verdict.endpoints.push((slice_at, endpoint_at));
                }
            }
        }
    }
}

fn hear_events(inventory: &Inventory, by_name: &ByName<'_>, span: Option<Span>, verdicts: &mut [Option<Verdict>]) {
    for (at, event) in (0u32..).zip(&inventory.events) {
        if event.object_kind == "Pod" && is_probe_failure(event) && within(event, span) {
            let pods = by_name.get(&(event.object_namespace.as_str(), event.object_name.as_str()));
            for &pod in pods.into_iter().flatten() {
                if let Some(verdict) = of(verdicts, pod) {
                    verdict.events.push(at);
                }
            }
        }
    }
}

/// The kubelet's words for a failed probe: reason `Unhealthy`, or the kill that follows from one.
fn is_probe_failure(event: &Event) -> bool {
    event.reason == "Unhealthy"
        || (event.reason == "Killing"
            && ["failed liveness probe", "failed startup probe"].iter().any(|words| event.message.contains(words)))
}

/// An event that is told once for many times lies between its first and its last.
fn within(event: &Event, span: Option<Span>) -> bool {
    let (Some((first, last)), Some(from), Some(to)) =
        (span, event.first_ms.or(event.last_ms), event.last_ms.or(event.first_ms))
    else {
        return false;
    };
    from <= last && to >= first
}

/// Times of restarts of the pod's containers within the span: when the run before the present one ended.
fn restarts_within(pod: &Pod, span: Option<Span>) -> Option<Millis> {
    let (first, last) = span?;
    pod.containers
        .iter()
        .filter(|container| container.restarts > 0)
        .filter_map(|container| container.last_finished_ms.or(container.started_ms))
        .filter(|time| (first..=last).contains(time))
        .max()
}

/// The contract's precedence.
fn judge(inventory: &Inventory, pod: &Pod, verdict: &Verdict, span: Option<Span>) -> HealthState {
    let endpoints = || {
        verdict.endpoints.iter().filter_map(|(slice, endpoint)| {
            // A row of a pasted table names endpoints and not whether they are ready.
            let slice = inventory.endpoint_slices.get(*slice as usize).filter(|slice| !slice.meta.from_table)?;
            slice.endpoints.get(*endpoint as usize)
        })
    };
    let unhealthy = verdict.backend.iter().any(|(_, status)| *status == BackendHealthStatus::Unhealthy);
    let not_ready_endpoint = endpoints().any(|endpoint| !endpoint.ready && !endpoint.terminating);
    if unhealthy || pod.ready == Some(false) || not_ready_endpoint {
        return HealthState::Failing;
    }
    if !verdict.events.is_empty() || restarts_within(pod, span).is_some() {
        return HealthState::Degraded;
    }
    let ignored = verdict.probes.as_ref().is_some_and(seen_probes::SeenProbes::goes_unanswered);
    let positive = !verdict.backend.is_empty() || pod.ready == Some(true) || endpoints().any(|endpoint| endpoint.ready);
    if ignored && positive {
        return HealthState::Degraded;
    }
    if !verdict.backend.is_empty() || pod.ready == Some(true) || endpoints().any(|endpoint| endpoint.ready) {
        return HealthState::Healthy;
    }
    HealthState::Unknown
}
