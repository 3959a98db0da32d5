//! Endpoints (`v1`), which slices have replaced: read into the form of a slice, named as the service is.

use super::{address, meta};
use crate::json::Json;
use underlay_model::inventory::{Endpoint, EndpointSlice};

pub(super) fn read(value: &Json<'_>) -> EndpointSlice {
    let meta = meta(value);
    let mut slice = EndpointSlice { service: meta.name.clone(), ..EndpointSlice::default() };
    for subset in value.list("subsets") {
        for (key, ready) in [("addresses", true), ("notReadyAddresses", false)] {
            for entry in subset.list(key).filter(|entry| entry.is_object()) {
                slice.endpoints.push(Endpoint {
                    addresses: address(entry.get("ip")).into_iter().collect(),
                    ready,
                    serving: None,
                    terminating: false,
                    pod: super::pod_of(entry.get("targetRef"), &meta.namespace),
                    node_name: entry.get("nodeName").text(),
                });
            }
        }
        for port in super::slice_ports(subset) {
            if !slice.ports.contains(&port) {
                slice.ports.push(port);
            }
        }
    }
    slice.meta = meta;
    slice
}
