//! Services (`v1`, Service).

use super::{address, distinct, labels, meta};
use crate::json::Json;
use underlay_model::inventory::{Service, ServicePort};

pub(super) fn read(value: &Json<'_>) -> Service {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let ingress = status.get("loadBalancer").list("ingress").map(|entry| entry.get("ip"));
    Service {
        meta: meta(value),
        kind: spec.get("type").as_str().unwrap_or("ClusterIP").to_owned(),
        // A headless service has the word None here, which is no address.
        cluster_addresses: distinct(
            [spec.get("clusterIP")].into_iter().chain(spec.list("clusterIPs")).filter_map(address),
        ),
        load_balancer_addresses: distinct(ingress.filter_map(address)),
        ports: spec
            .list("ports")
            .filter_map(|port| {
                Some(ServicePort {
                    name: port.get("name").text(),
                    port: port.get("port").port()?,
                    target_port: port.get("targetPort").text(),
                    protocol: port.get("protocol").as_str().unwrap_or("TCP").to_owned(),
                    node_port: port.get("nodePort").port().unwrap_or(0),
                })
            })
            .collect(),
        selector: labels(spec.get("selector")),
    }
}
