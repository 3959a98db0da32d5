//! Endpoint slices (`discovery.k8s.io/v1` and `v1beta1`).

use super::{address, distinct, meta};
use crate::json::Json;
use underlay_model::inventory::{Endpoint, EndpointSlice};

pub(super) fn read(value: &Json<'_>) -> EndpointSlice {
    let meta = meta(value);
    EndpointSlice {
        service: meta.label("kubernetes.io/service-name").unwrap_or_default().to_owned(),
        endpoints: value
            .list("endpoints")
            .filter(|entry| entry.is_object())
            .map(|entry| {
                let conditions = entry.get("conditions");
                Endpoint {
                    addresses: distinct(entry.list("addresses").filter_map(address)),
                    ready: conditions.get("ready").boolean().unwrap_or(true),
                    serving: conditions.get("serving").boolean(),
                    terminating: conditions.get("terminating").boolean().unwrap_or(false),
                    pod: super::pod_of(entry.get("targetRef"), &meta.namespace),
                    node_name: node_name(entry),
                }
            })
            .collect(),
        ports: super::slice_ports(value),
        address_type: value.get("addressType").text(),
        meta,
    }
}

/// `nodeName`, or as `v1beta1` had it the topology's host name.
fn node_name(entry: &Json<'_>) -> String {
    let name = entry.get("nodeName").text();
    if name.is_empty() { entry.at(&["topology", "kubernetes.io/hostname"]).text() } else { name }
}
