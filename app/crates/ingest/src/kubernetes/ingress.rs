//! Ingresses (`networking.k8s.io/v1` and the beta versions before it).

use super::{distinct, meta, texts};
use crate::json::Json;
use underlay_model::inventory::{Ingress, RouteBackend};

pub(super) fn read(value: &Json<'_>) -> Ingress {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let meta = meta(value);
    let mut backends = Vec::new();
    let mut add = |backend: &Json<'_>, rule: u64| {
        // The beta versions name service and port right here.
        let service = backend.get("service");
        let (name, number) = if service.is_object() {
            (service.get("name"), service.at(&["port", "number"]))
        } else {
            (backend.get("serviceName"), backend.get("servicePort"))
        };
        let named = if service.is_object() { service.at(&["port", "name"]) } else { number };
        let Some(name) = name.as_str().filter(|name| !name.is_empty()) else { return };
        let port = number.port();
        backends.push(RouteBackend {
            namespace: meta.namespace.clone(),
            service: name.to_owned(),
            port,
            weight: 1,
            rule,
            port_name: if port.is_none() { named.text() } else { String::new() },
        });
    };
    for (at, rule) in (0u64..).zip(spec.list("rules")) {
        rule.get("http").list("paths").for_each(|path| add(path.get("backend"), at));
    }
    for key in ["defaultBackend", "backend"] {
        add(spec.get(key), u64::MAX);
    }
    let tls = spec.list("tls").flat_map(|entry| {
        let hosts = texts(entry.list("hosts"));
        if hosts.is_empty() { vec![String::new()] } else { hosts }
    });
    let class = spec.get("ingressClassName").as_str();
    let annotated = || value.at(&["metadata", "annotations", "kubernetes.io/ingress.class"]).text();
    Ingress {
        class: class.map_or_else(annotated, str::to_owned),
        hosts: distinct(texts(spec.list("rules").map(|rule| rule.get("host"))).into_iter()),
        addresses: texts(
            status.get("loadBalancer").list("ingress").flat_map(|entry| [entry.get("hostname"), entry.get("ip")]),
        ),
        tls_hosts: distinct(tls),
        backends,
        meta,
    }
}
