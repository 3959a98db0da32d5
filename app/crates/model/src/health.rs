//! Health of a pod as its witnesses tell it (`summary-contract.md`, Health of a pod; `design.md`, section 3).

use crate::finding::Opens;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// The four states. Ordered so that the maximum of a group is its worst member, but for `Unknown`, which is below all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HealthState {
    /// No witness.
    #[default]
    Unknown,
    /// At least one positive witness, none against.
    Healthy,
    /// Witnesses disagree, or a restart or failed probe within the span.
    Degraded,
    /// UNHEALTHY, not Ready, or endpoint not ready.
    Failing,
}

/// What the ALB controller's `/backendHealth` says of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the words of the ALB controller")]
pub enum BackendHealthStatus {
    Healthy,
    Unhealthy,
}

/// Probes seen in the flow logs toward one pod.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedProbe {
    /// Median distance of two probes of one instance.
    pub observed_interval_ms: u64,
    /// With bytes back.
    pub answered: u64,
    /// Without.
    pub unanswered: u64,
    /// Gateway instances, as addresses, sorted.
    pub sources: Vec<String>,
}

/// One line of `health` in the summary. Fields are in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PodHealth {
    /// `namespace/name`.
    pub pod: String,
    /// By the contract's precedence.
    pub state: HealthState,
    /// Condition Ready; `None` when the input does not say.
    pub ready: Option<bool>,
    /// Sum over its containers.
    pub restarts: u64,
    /// UNHEALTHY for any of its services wins.
    pub backend_health: Option<BackendHealthStatus>,
    /// `None` when no probe was seen.
    pub probe: Option<ObservedProbe>,
}

/// One witness of health, as the inspector lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// Letter of the source: H, K, F, M, A.
    pub source: char,
    /// What it says on its own.
    pub state: HealthState,
    /// A short clause: `backendHealth: HEALTHY`, `Pod Ready, 0 restarts`.
    pub text: String,
    /// When it was true, if it says so.
    pub time_ms: Option<Millis>,
    /// What stands at the right: an object's name, a time in words; may be empty.
    pub detail: String,
    /// What it cannot know: a sentence.
    pub limits: String,
    /// What it said when, in order of time; empty where it has no time. Between them it said nothing.
    pub spans: Vec<WitnessSpan>,
    /// What in the files says it.
    pub opens: Opens,
}

/// What a witness said for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessSpan {
    /// First millisecond.
    pub from_ms: Millis,
    /// The millisecond behind the last.
    pub to_ms: Millis,
    /// What it said.
    pub state: HealthState,
}
