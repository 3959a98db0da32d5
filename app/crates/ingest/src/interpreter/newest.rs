//! The newest time stamp inside objects: no snapshot is older than what it tells.

use super::Interpreter;
use crate::json::Json;
use underlay_model::time::Millis;

/// Members that hold the time of something that has happened.
const TIMES: [&str; 22] = [
    "creationTimestamp",
    "lastTransitionTime",
    "lastHeartbeatTime",
    "lastProbeTime",
    "lastUpdateTime",
    "lastScheduleTime",
    "lastSuccessfulTime",
    "startTime",
    "completionTime",
    "startedAt",
    "finishedAt",
    "renewTime",
    "acquireTime",
    "firstTimestamp",
    "lastTimestamp",
    "eventTime",
    "lastObservedTime",
    "deprecatedFirstTimestamp",
    "deprecatedLastTimestamp",
    "lastModifiedAt",
    "createdAt",
    "time",
];

/// The newest time stamp anywhere in an object.
fn newest_time(value: &Json<'_>) -> Option<Millis> {
    let mut newest = None;
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        for (key, member) in value.members_of() {
            if member.is_object() || member.is_list() {
                open.push(member);
            } else if let Json::Text(text) = member
                && matches!(text.as_bytes(), [.., b'Z'] | [_, _, _, _, b'-', ..])
                && TIMES.iter().any(|known| key.eq_ignore_ascii_case(known))
            {
                newest = newest.max(member.time());
            }
        }
        open.extend(value.elements().filter(|element| element.is_object()));
    }
    newest
}

impl Interpreter {
    /// Takes the times of an object into account.
    pub(super) fn newest(&mut self, value: &Json<'_>) {
        let newest = newest_time(value);
        self.newest_ms = self.newest_ms.max(newest);
        if !value.get("apiVersion").is_null() || value.get("metadata").is_object() {
            self.fragment.newest_ms = self.fragment.newest_ms.max(newest);
        }
    }
}
