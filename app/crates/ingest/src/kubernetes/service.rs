//! Services (`v1`, Service) of every type.

use super::{address, distinct, labels, meta, texts};
use crate::json::Json;
use underlay_model::inventory::{Service, ServicePort};

pub(super) fn read(value: &Json<'_>) -> Service {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let ingress = || status.get("loadBalancer").list("ingress");
    let cluster = || [spec.get("clusterIP")].into_iter().chain(spec.list("clusterIPs"));
    Service {
        meta: meta(value),
        kind: spec.get("type").as_str().unwrap_or("ClusterIP").to_owned(),
        // A headless service has the word None here, which is no address.
        cluster_addresses: distinct(cluster().filter_map(address)),
        load_balancer_addresses: distinct(ingress().filter_map(|entry| address(entry.get("ip")))),
        ports: spec.list("ports").filter_map(port).collect(),
        selector: labels(spec.get("selector")),
        headless: cluster().any(|text| text.as_str().is_some_and(|text| text.eq_ignore_ascii_case("None"))),
        external_name: spec.get("externalName").text(),
        external_traffic_policy: spec.get("externalTrafficPolicy").text(),
        health_check_node_port: spec.get("healthCheckNodePort").port().unwrap_or(0),
        load_balancer_names: texts(ingress().map(|entry| entry.get("hostname"))),
        external_addresses: distinct(spec.list("externalIPs").filter_map(address)),
    }
}

fn port(port: &Json<'_>) -> Option<ServicePort> {
    Some(ServicePort {
        name: port.get("name").text(),
        port: port.get("port").port()?,
        target_port: port.get("targetPort").text(),
        protocol: port.get("protocol").as_str().unwrap_or("TCP").to_owned(),
        node_port: port.get("nodePort").port().unwrap_or(0),
        app_protocol: port.get("appProtocol").text(),
    })
}
