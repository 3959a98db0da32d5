//! Witnesses in words, as the inspector lists them: best source first.

use super::seen_probes::SeenProbes;
use super::{Span, Verdict, restarts_within};
use underlay_identity::{Inventory, Sourced};
use underlay_model::health::{BackendHealthStatus, HealthState, Witness, WitnessSpan};
use underlay_model::inventory::{BackendHealth, Event, Pod};
use underlay_model::time::format_rfc3339;

pub(super) fn list(inventory: &Inventory, pod: &Sourced<Pod>, verdict: &Verdict, span: Option<Span>) -> Vec<Witness> {
    let mut witnesses = Vec::new();
    for (at, status) in &verdict.backend {
        let Some(answer) = inventory.backend_health.get(*at as usize) else { continue };
        let (state, word) = match status {
            BackendHealthStatus::Healthy => (HealthState::Healthy, "HEALTHY"),
            BackendHealthStatus::Unhealthy => (HealthState::Failing, "UNHEALTHY"),
        };
        // The answer holds no time: say of which service instead.
        witnesses.push(Witness {
            source: 'H',
            state,
            text: format!("backendHealth: {word}"),
            detail: answer.service.clone(),
            limits: "One moment, and the file does not say which. It does not say why, nor which instance asked."
                .to_owned(),
            opens: inventory.place(answer, &answer.service, &own_address(pod, answer)).into(),
            ..Witness::default()
        });
    }
    for (slice, endpoint) in &verdict.endpoints {
        let at = *endpoint;
        let slice = inventory.endpoint_slices.get(*slice as usize).filter(|slice| !slice.meta.from_table);
        let Some(slice) = slice else { continue };
        let Some(endpoint) = slice.endpoints.get(*endpoint as usize) else { continue };
        let (state, text) = match (endpoint.ready, endpoint.terminating, endpoint.serving) {
            (true, _, Some(false)) => (HealthState::Healthy, "Endpoint ready, not serving"),
            (true, _, Some(true)) => (HealthState::Healthy, "Endpoint ready and serving"),
            (true, _, None) => (HealthState::Healthy, "Endpoint ready"),
            (false, true, Some(true)) => (HealthState::Unknown, "Endpoint terminating, still serving"),
            (false, true, _) => (HealthState::Unknown, "Endpoint terminating"),
            (false, false, _) => (HealthState::Failing, "Endpoint not ready"),
        };
        witnesses.push(Witness {
            source: 'K',
            state,
            text: text.to_owned(),
            time_ms: inventory.snapshot_ms,
            detail: slice.meta.name.clone(),
            limits: "As saved, without history. Readiness is the kubelet's view from the node, not the gateway's."
                .to_owned(),
            spans: Vec::new(),
            opens: inventory.place(slice, &slice.meta.name, &["endpoints/", &at.to_string()].concat()).into(),
        });
    }
    witnesses.extend(of_the_pod(inventory, pod, span));
    witnesses.extend(verdict.probes.as_ref().map(of_probes));
    witnesses.extend(
        verdict
            .events
            .iter()
            .filter_map(|at| inventory.events.get(*at as usize))
            .map(|event| of_event(inventory, event)),
    );
    witnesses
}

fn of_the_pod(inventory: &Inventory, pod: &Sourced<Pod>, span: Option<Span>) -> Option<Witness> {
    let restarts = match pod.restarts() {
        1 => "1 restart".to_owned(),
        many => format!("{many} restarts"),
    };
    let restarted = restarts_within(pod, span);
    let (state, text) = match pod.ready {
        Some(false) => (HealthState::Failing, format!("Pod not Ready, {restarts}")),
        Some(true) if restarted.is_some() => (HealthState::Degraded, format!("Pod Ready, {restarts}")),
        Some(true) => (HealthState::Healthy, format!("Pod Ready, {restarts}")),
        None if restarted.is_some() => (HealthState::Degraded, restarts),
        None => return None,
    };
    let detail = match (restarted, pod.ready_since_ms) {
        (Some(time), _) => format!("restarted {}", format_rfc3339(time)),
        (None, Some(time)) => format!("since {}", format_rfc3339(time)),
        (None, None) => String::new(),
    };
    // The condition held from its last change to when the object was saved; what was before is not told.
    let held = pod.ready_since_ms.zip(inventory.snapshot_ms).filter(|(from, to)| from < to);
    let spans = held.into_iter().map(|(from_ms, to_ms)| {
        let state = if pod.ready == Some(false) { HealthState::Failing } else { HealthState::Healthy };
        WitnessSpan { from_ms, to_ms, state }
    });
    Some(Witness {
        source: 'K',
        state,
        text,
        time_ms: restarted.or(pod.ready_since_ms),
        detail,
        limits: "Only the last change has a time. The kubelet probes from the node: that the gateway gets through is not tested."
            .to_owned(),
        spans: spans.collect(),
        opens: inventory.place(pod, &pod.meta.name, "status/conditions/Ready").into(),
    })
}

/// Inferred from times and sizes of connections.
fn of_probes(probes: &SeenProbes) -> Witness {
    let seen = probes.observed();
    let state = if probes.goes_unanswered() { HealthState::Failing } else { HealthState::Healthy };
    let mut text =
        if seen.answered == 0 { "Probes get no reply".to_owned() } else { "Probe replies from the pod".to_owned() };
    if seen.unanswered > 0 {
        text.push_str(&format!(", {} of {} unanswered", seen.unanswered, seen.answered + seen.unanswered));
    }
    let detail =
        format!("inferred, every {}.{:02} s", seen.observed_interval_ms / 1000, seen.observed_interval_ms % 1000 / 10);
    let limits =
        "Inferred from times and sizes. An answer with bytes may be an error: the status is not in the log.".to_owned();
    Witness { source: 'F', state, text, detail, limits, ..Witness::default() }
}

fn of_event(inventory: &Inventory, event: &Sourced<Event>) -> Witness {
    let times = if event.count > 1 { format!(", {} times", event.count) } else { String::new() };
    let message = event.message.lines().next().unwrap_or_default().trim_end_matches('.');
    let mut text = if message.is_empty() { event.reason.clone() } else { message.to_owned() };
    if text.chars().count() > 120 {
        text = text.chars().take(119).collect::<String>() + "…";
    }
    Witness {
        source: 'K',
        state: HealthState::Degraded,
        text: format!("{text}{times}"),
        time_ms: event.last_ms.or(event.first_ms),
        detail: event.last_ms.map(|time| format!("until {}", format_rfc3339(time))).unwrap_or_default(),
        limits: "Clusters keep events for an hour: absence proves nothing. Between first and last time only the number is known."
            .to_owned(),
        spans: event
            .first_ms
            .zip(event.last_ms)
            .map(|(from_ms, last)| WitnessSpan { from_ms, to_ms: last + 1, state: HealthState::Degraded })
            .into_iter()
            .collect(),
        opens: inventory.place(event, &event.object_name, "message").into(),
    }
}

/// The endpoint of an answer that is the pod, as a field of it.
fn own_address(pod: &Pod, answer: &BackendHealth) -> String {
    let own = answer.endpoints.iter().find(|(address, _)| pod.addresses.contains(address));
    own.map_or_else(String::new, |(address, _)| ["serviceHealth/endpoints/", &address.to_string()].concat())
}
