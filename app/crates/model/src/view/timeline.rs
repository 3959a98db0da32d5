//! The capture minute by minute: traffic, and on the same minutes what else happened.

use super::{EntityKey, Traffic};
use crate::metrics::Value;
use crate::time::Minute;
use serde::{Deserialize, Serialize};

/// One minute of the timeline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinuteTraffic {
    /// Of everything counted.
    pub all: Traffic,
    /// Of the selected thing; equal to nothing when there is no selection.
    pub selected: Traffic,
    /// Some record covers this minute; false is a gap, not a zero.
    pub covered: bool,
}

/// Healthy targets of a backend service over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetLane {
    /// `yada/yadaapi/8080`, as the metric names it.
    pub service: String,
    /// Endpoints that the cluster's objects name; they have no history.
    pub expected: Option<u64>,
    /// Equal values in a row. What lies between two is a gap.
    pub runs: Vec<TargetRun>,
}

/// Minutes of one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct TargetRun {
    pub first: Minute,
    pub last: Minute,
    pub healthy: Value,
}

/// What an event mark stands for; worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub enum EventKind {
    #[default]
    Normal,
    Warning,
    Restart,
}

/// Events and restarts of one bar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMark {
    /// First minute of the bar.
    pub minute: Minute,
    /// The worst of them.
    pub kind: EventKind,
    /// How many.
    pub count: u64,
    /// The worst one in words.
    pub text: String,
    /// What that one is about.
    pub key: Option<EntityKey>,
}

/// Requests of one bar, as the access log counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestBar {
    /// First minute of the bar.
    pub minute: Minute,
    /// All.
    pub requests: u64,
    /// Answered with 5xx.
    pub failed: u64,
}

/// Something at which playback can be made to jump.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// When it begins.
    pub minute: Minute,
    /// A short clause.
    pub text: String,
}

/// What happened besides traffic, on the minutes of a timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracks {
    /// Those that fell short first, then by name; at most 3.
    pub targets: Vec<TargetLane>,
    /// Services beyond those listed.
    pub more_targets: u64,
    /// By minute.
    pub events: Vec<EventMark>,
    /// Events and restarts before the first and behind the last minute.
    pub events_outside: u64,
    /// By minute, bars with a row only; empty without an access log.
    pub requests: Vec<RequestBar>,
    /// By minute; at most 400.
    pub problems: Vec<Problem>,
}

/// The whole capture, minute by minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The first minute.
    pub first: Minute,
    /// One entry a minute, without holes. At most 44,640 (31 days); then `minutes_per_bar` grows.
    pub bars: Vec<MinuteTraffic>,
    /// 1 unless the capture is longer than the cap.
    pub minutes_per_bar: u32,
    /// What else happened.
    pub tracks: Tracks,
}
