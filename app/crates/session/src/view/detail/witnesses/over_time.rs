//! What a witness said over time, as few spans as there are changes.

use crate::view::World;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::health::{HealthState, WitnessSpan};
use underlay_model::order::Order;
use underlay_model::time::{MINUTE_MS, Millis, Minute};

/// A state that held for a while.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: Millis,
    pub(super) to: Millis,
    pub(super) state: HealthState,
}

/// A state of one minute.
pub(super) fn minute(minute: Minute, state: HealthState) -> Span {
    Span { from: minute * MINUTE_MS, to: (minute + 1) * MINUTE_MS, state }
}

pub(super) fn span(from_ms: Millis, to_ms: Millis, state: HealthState) -> WitnessSpan {
    WitnessSpan { from_ms, to_ms, state }
}

/// Of one time the worst state; adjoining spans of one state as one.
pub(super) fn joined(spans: impl Iterator<Item = Span>) -> Vec<WitnessSpan> {
    let mut all: Vec<Span> = spans.collect();
    all.order_by(|a, b| (a.from, b.state).cmp(&(b.from, a.state)));
    all.dedup_by(|later, first| later.from == first.from);
    let mut joined: Vec<WitnessSpan> = Vec::new();
    for one in all {
        match joined.last_mut() {
            Some(last) if last.state == one.state && last.to_ms >= one.from => last.to_ms = one.to,
            _ => joined.push(span(one.from, one.to, one.state)),
        }
    }
    joined
}

/// Observations in which probes are told clearly.
pub(super) fn of_probes(world: World<'_>, wanted: impl Fn(&ProbeObservation) -> bool) -> Vec<&ProbeObservation> {
    let all = world.probes.observations.iter();
    all.filter(|seen| seen.separation == Separation::Clear && wanted(seen)).collect()
}

/// Minutes of probes: unanswered ones are failing, of a minute with both some.
pub(super) fn spans(seen: Vec<&ProbeObservation>) -> Vec<WitnessSpan> {
    joined(seen.into_iter().flat_map(|seen| &seen.minutes).filter(|one| one.is_seen()).map(|one| {
        let state = match (one.answered, one.unanswered) {
            (_, 0) => HealthState::Healthy,
            (0, _) => HealthState::Failing,
            _ => HealthState::Degraded,
        };
        minute(one.minute.into(), state)
    }))
}
