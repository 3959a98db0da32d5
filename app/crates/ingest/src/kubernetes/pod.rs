//! Pods (`v1`, Pod): where they run, when they lived, how they are.

use super::{address, distinct, meta, ready};
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
    let sidecars = spec
        .list("initContainers")
        .filter(|container| container.get("restartPolicy").as_str().is_some_and(|text| text == "Always"));
    let statuses = |list: &'static str, name: String| {
        status.list(list).find(move |entry| entry.get("name").as_str() == Some(name.as_str()))
    };
    let mut containers: Vec<Container> = spec
        .list("containers")
        .map(|declared| container(declared, statuses("containerStatuses", declared.get("name").text())))
        .chain(
            sidecars
                .map(|declared| container(declared, statuses("initContainerStatuses", declared.get("name").text()))),
        )
        .collect();
    if containers.is_empty() {
        // A trimmed object may have kept its status only.
        containers = status.list("containerStatuses").map(|entry| container(entry, Some(entry))).collect();
    }
    let owners = || value.get("metadata").list("ownerReferences");
    let owner = owners().find(|owner| owner.get("controller").boolean() == Some(true)).or_else(|| owners().next());
    Pod {
        meta: meta(value),
        node_name: spec.get("nodeName").text(),
        host_network: spec.get("hostNetwork").boolean().unwrap_or(false),
        addresses: both("podIP", "podIPs"),
        host_addresses: both("hostIP", "hostIPs"),
        phase: status.get("phase").text(),
        reason: status.get("reason").text(),
        started_ms: status.get("startTime").time(),
        finished_ms: finished(status),
        ready,
        ready_since_ms,
        owner: owner.map(|owner| (owner.get("kind").text(), owner.get("name").text())),
        containers,
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

fn container(declared: &Json<'_>, status: Option<&Json<'_>>) -> Container {
    let null = Json::Null;
    let status = status.unwrap_or(&null);
    let state = status.get("state");
    let (word, detail) = match state.members_of().find(|(_, detail)| !detail.is_null()) {
        Some((word, detail)) => (word.to_owned(), detail.get("reason").text()),
        None => (String::new(), String::new()),
    };
    let started = [state.at(&["running", "startedAt"]), state.at(&["terminated", "startedAt"])];
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
        state: if detail.is_empty() { word } else { format!("{word}: {detail}") },
        started_ms: started.into_iter().find_map(Json::time),
        last_finished_ms: status.at(&["lastState", "terminated", "finishedAt"]).time(),
        readiness: probe(declared.get("readinessProbe")),
    }
}

/// A probe with the API's defaults where the object leaves them out.
fn probe(value: &Json<'_>) -> Option<Probe> {
    if !value.is_object() {
        return None;
    }
    let (http, tcp, grpc) = (value.get("httpGet"), value.get("tcpSocket"), value.get("grpc"));
    let (scheme, path, port) = if http.is_object() {
        let scheme = http.get("scheme").as_str().unwrap_or("HTTP").to_owned();
        (scheme, http.get("path").as_str().unwrap_or("/").to_owned(), http.get("port").text())
    } else if tcp.is_object() {
        ("TCP".to_owned(), String::new(), tcp.get("port").text())
    } else if grpc.is_object() {
        ("gRPC".to_owned(), grpc.get("service").text(), grpc.get("port").text())
    } else {
        ("exec".to_owned(), String::new(), String::new())
    };
    Some(Probe {
        scheme,
        path,
        port,
        period_s: value.get("periodSeconds").number().unwrap_or(10),
        timeout_s: value.get("timeoutSeconds").number().unwrap_or(1),
        failure_threshold: value.get("failureThreshold").number().unwrap_or(3),
    })
}
