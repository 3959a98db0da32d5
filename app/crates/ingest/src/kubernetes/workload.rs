//! What makes pods (`apps/v1`, `batch/v1`, ReplicationController): their owner, and how many they want and have.

use super::{conditions, meta};
use crate::json::Json;
use underlay_model::inventory::Workload;

pub(super) fn read(value: &Json<'_>, kind: &str) -> Workload {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let (desired, ready) = match kind {
        "DaemonSet" => (status.get("desiredNumberScheduled"), status.get("numberReady")),
        "Job" => (spec.get("completions"), status.get("succeeded")),
        _ => (spec.get("replicas"), status.get("readyReplicas")),
    };
    let counts = kind != "CronJob";
    Workload {
        meta: meta(value),
        kind: kind.to_owned(),
        owner: super::owner(value),
        desired: desired.number().or((counts && kind != "DaemonSet").then_some(1)),
        // Zero is left out of a status.
        ready: ready.number().or((counts && status.is_object()).then_some(0)),
        conditions: conditions(status.get("conditions")),
    }
}
