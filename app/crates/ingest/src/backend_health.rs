//! The ALB controller's answer to `/backendHealth`: one record a service.
//! Source: Azure, "Application Gateway for Containers: ALB controller backend health and metrics".

use crate::json::Json;
use underlay_model::address::parse_address;
use underlay_model::health::BackendHealthStatus;
use underlay_model::inventory::BackendHealth;

/// Whether an object is a service of the answer.
pub(crate) fn is_service(value: &Json<'_>) -> bool {
    value.get("serviceName").as_str().is_some()
        && (value.get("serviceHealth").is_list() || value.get("serviceHealth").is_null())
}

/// Whether the members of an envelope are those of the answer.
pub(crate) fn is_envelope(members: &Json<'_>) -> bool {
    is_service(members) && members.get("serviceHealth").is_list()
}

/// What is said of a service, one entry for each gateway that has it.
pub(crate) fn read(value: &Json<'_>) -> Vec<BackendHealth> {
    value
        .list("serviceHealth")
        .filter(|health| health.is_object())
        .map(|health| BackendHealth {
            service: value.get("serviceName").text(),
            alb_id: health.get("albId").text(),
            total: health.get("totalEndpoints").number().unwrap_or(0),
            healthy: health.get("totalHealthyEndpoints").number().unwrap_or(0),
            unhealthy: health.get("totalUnhealthyEndpoints").number().unwrap_or(0),
            endpoints: health
                .list("endpoints")
                .filter_map(|endpoint| {
                    let address = parse_address(endpoint.get("address").as_str()?.as_bytes())?;
                    Some((address, status(endpoint)))
                })
                .collect(),
        })
        .collect()
}

fn status(endpoint: &Json<'_>) -> Option<BackendHealthStatus> {
    let health = endpoint.get("health");
    let word = if health.is_object() { health.get("status") } else { health };
    match word.as_str()? {
        word if word.eq_ignore_ascii_case("healthy") => Some(BackendHealthStatus::Healthy),
        word if word.eq_ignore_ascii_case("unhealthy") => Some(BackendHealthStatus::Unhealthy),
        _ => None,
    }
}
