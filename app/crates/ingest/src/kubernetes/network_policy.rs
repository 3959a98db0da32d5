//! Network policies of Kubernetes (`networking.k8s.io/v1`) and Cilium (`cilium.io/v2`).

use super::{distinct, labels, meta, prefix, texts};
use crate::json::Json;
use ipnet::IpNet;
use underlay_model::inventory::{NetworkPolicy, PolicyRule};

pub(super) fn read(value: &Json<'_>, kind: &str) -> NetworkPolicy {
    let spec = value.get("spec");
    let cilium = kind != "NetworkPolicy";
    let selector = spec.get(if cilium { "endpointSelector" } else { "podSelector" });
    let types = texts(spec.list("policyTypes"));
    let side = |key: &str, name: &str| {
        let listed = spec.get(key);
        // Without types a policy restricts what comes in, and what goes out if it has rules for that; Cilium's where it has rules.
        let restricts = if cilium {
            listed.is_list()
        } else if types.is_empty() {
            name == "Ingress" || listed.is_list()
        } else {
            types.iter().any(|kind| kind == name)
        };
        restricts
            .then(|| spec.list(key).filter(|rule| rule.is_object()).map(|rule| policy_rule(rule, cilium)).collect())
    };
    NetworkPolicy {
        meta: meta(value),
        kind: kind.to_owned(),
        selector: labels(selector.get("matchLabels")),
        has_expressions: selector.list("matchExpressions").next().is_some(),
        ingress: side("ingress", "Ingress"),
        egress: side("egress", "Egress"),
    }
}

fn policy_rule(rule: &Json<'_>, cilium: bool) -> PolicyRule {
    let mut found = PolicyRule::default();
    let mut peers = false;
    for (key, listed) in rule.members_of() {
        let named = |name: &str| key.eq_ignore_ascii_case(name);
        match () {
            () if named("ports") || named("toPorts") => found.ports.extend(listed.elements().flat_map(ports)),
            () if named("from") || named("to") => {
                for peer in listed.elements() {
                    peers = true;
                    let block = peer.get("ipBlock");
                    found.has_selectors |= !block.is_object();
                    found.blocks.extend(prefix(block.get("cidr")));
                    found.except.extend(block.list("except").filter_map(prefix));
                }
            }
            () if named("fromCIDR") || named("toCIDR") => {
                peers = true;
                found.blocks.extend(listed.elements().filter_map(prefix));
            }
            () if named("fromCIDRSet") || named("toCIDRSet") => {
                peers = true;
                for set in listed.elements() {
                    found.blocks.extend(prefix(set.get("cidr")));
                    found.except.extend(set.list("except").filter_map(prefix));
                }
            }
            () if cilium && (key.starts_with("from") || key.starts_with("to")) => {
                peers = true;
                let all = listed.elements().any(|entity| matches!(entity.as_str(), Some("all")));
                found.anybody |= all;
                found.has_selectors |= !all;
            }
            () => {}
        }
    }
    found.anybody |= !peers;
    found.blocks = distinct(found.blocks.into_iter()) as Vec<IpNet>;
    found
}

/// Ports of an entry; Cilium has a list inside.
fn ports(entry: &Json<'_>) -> Vec<String> {
    let one = |entry: &Json<'_>| {
        let mut port = entry.get("port").text();
        if let Some(end) = entry.get("endPort").as_str() {
            port.push('-');
            port.push_str(end);
        }
        port
    };
    let inner: Vec<String> = entry.list("ports").map(one).collect();
    let all = if entry.get("ports").is_list() { inner } else { vec![one(entry)] };
    all.into_iter().filter(|port| !port.is_empty()).collect()
}
