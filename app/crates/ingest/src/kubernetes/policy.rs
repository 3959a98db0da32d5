//! Policies of the gateway (`alb.networking.azure.io/v1`, and BackendTLSPolicy of the Gateway API): whom they are about, what
//! they ask for, whether the gateway took them.

use super::{conditions, meta, reference};
use crate::json::Json;
use underlay_model::inventory::{HealthCheck, Policy, Reference};

/// Settings that are kept of one policy.
const MOST_SETTINGS: usize = 64;

pub(super) fn read(value: &Json<'_>, kind: &str) -> Policy {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let meta = meta(value);
    let kind_of_target = match kind {
        "HealthCheckPolicy" | "BackendTLSPolicy" | "BackendLoadBalancingPolicy" | "IngressExtension" => "Service",
        "RoutePolicy" => "HTTPRoute",
        _ => "Gateway",
    };
    let mut targets: Vec<Reference> = [spec.get("targetRef")]
        .into_iter()
        .chain(spec.list("targetRefs"))
        .filter(|target| target.is_object())
        .map(|target| reference(target, kind_of_target, &meta.namespace))
        .collect();
    for backend in spec.list("backendSettings") {
        if let Some(name) = backend.get("service").as_str() {
            let (namespace, name) = (meta.namespace.clone(), name.to_owned());
            targets.push(Reference { kind: "Service".to_owned(), namespace, name, ..Reference::default() });
        }
    }
    let mut settings = Vec::new();
    for (key, member) in spec.members_of().filter(|(key, _)| !key.to_ascii_lowercase().starts_with("targetref")) {
        flatten(&mut key.to_owned(), member, &mut settings);
    }
    let inner = ["parents", "ancestors", "targets"].into_iter().flat_map(|key| status.list(key));
    Policy {
        kind: kind.to_owned(),
        group: super::group_of(value).to_owned(),
        targets,
        health_check: (kind == "HealthCheckPolicy").then(|| health_check(spec.get("default"))),
        settings,
        conditions: conditions(status.get("conditions"))
            .into_iter()
            .chain(inner.flat_map(|entry| conditions(entry.get("conditions"))))
            .collect(),
        meta,
    }
}

fn flatten(path: &mut String, value: &Json<'_>, settings: &mut Vec<(String, String)>) {
    if settings.len() >= MOST_SETTINGS {
        return;
    }
    let length = path.len();
    for (key, member) in value.members_of() {
        path.push('.');
        path.push_str(key);
        flatten(path, member, settings);
        path.truncate(length);
    }
    for (at, element) in value.elements().enumerate() {
        path.push('.');
        path.push_str(&at.to_string());
        flatten(path, element, settings);
        path.truncate(length);
    }
    let text = match value {
        Json::Bool(value) => {
            if *value {
                "true"
            } else {
                "false"
            }
        }
        other => other.as_str().unwrap_or_default(),
    };
    if !text.is_empty() {
        settings.push((path.clone(), text.to_owned()));
    }
}

fn health_check(value: &Json<'_>) -> HealthCheck {
    let (http, grpc) = (value.get("http"), value.get("grpc"));
    let matched = http.get("match");
    let (host, path, protocol) = if grpc.is_object() {
        (grpc.get("authority"), grpc.get("service"), "gRPC")
    } else {
        (http.get("host"), http.get("path"), if http.is_object() { "HTTP" } else { "" })
    };
    let codes = matched.list("statusCodes").filter_map(|range| {
        let start = range.get("start").port()?;
        Some((start, range.get("end").port().unwrap_or(start)))
    });
    HealthCheck {
        interval_ms: value.get("interval").as_str().and_then(duration),
        timeout_ms: value.get("timeout").as_str().and_then(duration),
        healthy_threshold: value.get("healthyThreshold").number(),
        unhealthy_threshold: value.get("unhealthyThreshold").number(),
        port: value.get("port").port(),
        use_tls: value.get("useTLS").boolean(),
        protocol: value.get("protocol").as_str().unwrap_or(protocol).to_owned(),
        host: host.text(),
        path: path.text(),
        status_codes: codes.collect(),
        body: matched.get("body").text(),
    }
}

/// Milliseconds of a duration as Go writes it: `5s`, `1m30s`, `500ms`, `1.5s`; a number alone counts as seconds.
fn duration(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        total += number
            * match rest.get(..letters)? {
                "ms" => 1.0,
                "s" | "" => 1000.0,
                "m" => 60_000.0,
                "h" => 3_600_000.0,
                _ => return None,
            };
        rest = rest.get(letters..)?;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..9e15).contains(&total).then_some(total as u64)
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        let all = ["5s", "1m30s", "500ms", "1.5s", "1h0m0s", "7"].map(duration);
        assert_eq!(all, [Some(5000), Some(90_000), Some(500), Some(1500), Some(3_600_000), Some(7000)]);
        assert_eq!(["", "s", "5 s", "x", "5d", "-5s"].map(duration), [None; 6]);
    }
}
