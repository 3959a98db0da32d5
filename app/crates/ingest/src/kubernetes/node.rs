//! Nodes (`v1`, Node).

use super::{address, conditions, distinct, meta, prefix, ready};
use crate::json::Json;
use underlay_model::inventory::Node;

pub(super) fn read(value: &Json<'_>) -> Node {
    let (spec, status) = (value.get("spec"), value.get("status"));
    let meta = meta(value);
    let addresses = |kind: &str| {
        let listed = status.list("addresses").filter(|entry| entry.get("type").as_str() == Some(kind));
        distinct(listed.filter_map(|entry| address(entry.get("address"))))
    };
    let label = |key: &str| meta.label(key).filter(|text| !text.is_empty()).map(str::to_owned);
    let info = status.get("nodeInfo");
    Node {
        internal_addresses: addresses("InternalIP"),
        external_addresses: addresses("ExternalIP"),
        pod_cidrs: distinct(spec.list("podCIDRs").chain([spec.get("podCIDR")]).filter_map(prefix)),
        ready: ready(status).0,
        // Azure writes zone 0 where there is none.
        zone: label("topology.kubernetes.io/zone")
            .or_else(|| label("failure-domain.beta.kubernetes.io/zone"))
            .filter(|zone| zone != "0"),
        pool: label("agentpool").or_else(|| label("kubernetes.azure.com/agentpool")),
        version: info.get("kubeletVersion").text(),
        provider_id: spec.get("providerID").text(),
        conditions: conditions(status.get("conditions")),
        taints: spec.list("taints").filter(|taint| taint.is_object()).map(taint).collect(),
        unschedulable: spec.get("unschedulable").boolean().unwrap_or(false),
        system: ["osImage", "kernelVersion", "containerRuntimeVersion"].map(|key| info.get(key).text()),
        meta,
    }
}

fn taint(taint: &Json<'_>) -> String {
    let mut text = taint.get("key").text();
    if let Some(value) = taint.get("value").as_str().filter(|value| !value.is_empty()) {
        text.push('=');
        text.push_str(value);
    }
    text.push(':');
    text.push_str(taint.get("effect").as_str().unwrap_or_default());
    text
}
