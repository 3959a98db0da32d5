//! Pods (`v1`, Pod): where they run, when they lived, how they are.

use super::{address, conditions, distinct, meta, ready};
use crate::json::Json;
use underlay_model::inventory::{Container, Pod, Probe};
use underlay_model::time::Millis;

pub(super) fn read(value: &Json<'_>) -> Pod {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let (ready, ready_since_ms) = ready(status);
    let both = |one: &str, many: &str| {
        let listed = status.list(many).map(|entry| if entry.is_object() { entry.get("ip") } else { entry });
        distinct([status.get(one)].into_iter().chain(listed).filter_map(address))
    };
    let mut containers = Vec::new();
    for (declared, statuses) in [("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")] {
        // An init container that restarts is a sidecar.
        let stays = |container: &Json<'_>| {
            declared == "containers" || container.get("restartPolicy").as_str().is_some_and(|text| text == "Always")
        };
        for entry in spec.list(declared).filter(|container| stays(container)) {
            let name = entry.get("name").as_str();
            containers.push(container(entry, status.list(statuses).find(|status| status.get("name").as_str() == name)));
        }
    }
    if containers.is_empty() {
        // A trimmed object may have kept its status only.
        containers = status.list("containerStatuses").map(|entry| container(entry, Some(entry))).collect();
    }
    Pod {
        meta: meta(value),
        node_name: spec.get("nodeName").text(),
        host_network: spec.get("hostNetwork").boolean().unwrap_or(false),
        addresses: both("podIP", "podIPs"),
        host_addresses: both("hostIP", "hostIPs"),
        phase: status.get("phase").text(),
        reason: status.get("reason").text(),
        started_ms: status.get("startTime").time(),
        finished_ms: finished(status).or_else(|| evicted(status)),
        ready,
        ready_since_ms,
        owner: super::owner(value),
        top_owner: None,
        containers,
        message: status.get("message").text(),
        conditions: conditions(status.get("conditions")),
        from_table: false,
    }
}

/// When the last of its containers ended, of those that are terminated now.
fn finished(status: &Json<'_>) -> Option<Millis> {
    let lists = ["containerStatuses", "initContainerStatuses"];
    lists
        .iter()
        .flat_map(|list| status.list(list))
        .filter_map(|entry| entry.at(&["state", "terminated", "finishedAt"]).time())
        .max()
}

/// When it was told to go, where no container says when it ended: nobody was left to ask.
fn evicted(status: &Json<'_>) -> Option<Millis> {
    let is = |condition: &Json<'_>, key: &str, text: &str| condition.get(key).as_str() == Some(text);
    status
        .list("conditions")
        .find(|condition| is(condition, "type", "DisruptionTarget") && is(condition, "status", "True"))
        .and_then(|condition| condition.get("lastTransitionTime").time())
}

fn container(declared: &Json<'_>, status: Option<&Json<'_>>) -> Container {
    let null = Json::Null;
    let status = status.unwrap_or(&null);
    let state = status.get("state");
    let (mut word, detail) = match state.members_of().find(|(_, detail)| !detail.is_null()) {
        Some((word, detail)) => (word.to_ascii_lowercase(), detail),
        None => (String::new(), &null),
    };
    if let Some(reason) = detail.get("reason").as_str().filter(|reason| !reason.is_empty()) {
        word.push_str(": ");
        word.push_str(reason);
    }
    let last = status.at(&["lastState", "terminated"]);
    Container {
        name: declared.get("name").text(),
        ports: declared
            .list("ports")
            .filter_map(|port| {
                let protocol = port.get("protocol").as_str().unwrap_or("TCP").to_owned();
                Some((port.get("name").text(), port.get("containerPort").port()?, protocol))
            })
            .collect(),
        ready: status.get("ready").boolean(),
        restarts: status.get("restartCount").number().unwrap_or(0),
        state: word,
        started_ms: detail.get("startedAt").time(),
        last_finished_ms: last.get("finishedAt").time(),
        readiness: probe(declared.get("readinessProbe")),
        liveness: probe(declared.get("livenessProbe")),
        startup: probe(declared.get("startupProbe")),
        started: status.get("started").boolean(),
        message: detail.get("message").text(),
        last_reason: last.get("reason").text(),
        last_exit_code: last.get("exitCode").number(),
        image: declared.get("image").text(),
    }
}

/// A probe with the API's defaults where the object leaves them out.
fn probe(value: &Json<'_>) -> Option<Probe> {
    if !value.is_object() {
        return None;
    }
    let (http, tcp, grpc) = (value.get("httpGet"), value.get("tcpSocket"), value.get("grpc"));
    let (scheme, path, action) = if http.is_object() {
        (http.get("scheme").as_str().unwrap_or("HTTP"), http.get("path").as_str().unwrap_or("/"), http)
    } else if tcp.is_object() {
        ("TCP", "", tcp)
    } else if grpc.is_object() {
        ("gRPC", grpc.get("service").as_str().unwrap_or_default(), grpc)
    } else {
        ("exec", "", &Json::Null)
    };
    let header = action
        .list("httpHeaders")
        .find(|header| header.get("name").as_str().is_some_and(|name| name.eq_ignore_ascii_case("host")));
    let host = header.map_or(action.get("host"), |header| header.get("value"));
    let number = |key: &str, otherwise: u64| value.get(key).number().unwrap_or(otherwise);
    Some(Probe {
        scheme: scheme.to_owned(),
        path: path.to_owned(),
        port: action.get("port").text(),
        period_s: number("periodSeconds", 10),
        timeout_s: number("timeoutSeconds", 1),
        failure_threshold: number("failureThreshold", 3),
        success_threshold: number("successThreshold", 1),
        initial_delay_s: number("initialDelaySeconds", 0),
        host: host.text(),
    })
}
