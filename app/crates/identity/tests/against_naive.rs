//! The resolver against the contract written down as plainly as possible: a walk over everything, for each question.

use proptest::prelude::*;
use std::net::IpAddr;
use underlay_identity::{Inventory, Resolver};
use underlay_model::IpNet;
use underlay_model::inventory::{
    AksCluster, Fragment, Meta, NetworkInterface, Node, Pod, Service, Subnet, VirtualNetwork,
};
use underlay_model::time::{MINUTE_MS, Minute};
use underlay_model::view::{CaptureOptions, MinuteRange};

/// A small world, so that things meet: 10.0.0.0 to 10.0.3.3.
fn address() -> impl Strategy<Value = IpAddr> {
    (0u8..4, 0u8..4).prop_map(|(third, fourth)| IpAddr::from([10, 0, third, fourth]))
}

fn prefix() -> impl Strategy<Value = IpNet> {
    (address(), 22u8..=32).prop_map(|(address, length)| IpNet::new(address, length).unwrap().trunc())
}

prop_compose! {
    fn pod()(
        name in 0u8..20, address in address(), start in proptest::option::of(0i64..20), end in proptest::option::of(0i64..20),
        done in any::<bool>(), host_network in any::<bool>(), node in 0u8..3,
    ) -> Pod {
        Pod {
            meta: Meta { namespace: "ns".into(), name: format!("pod{name:02}"), ..Meta::default() },
            node_name: format!("node{node}"),
            host_network: host_network && done,
            addresses: vec![address],
            phase: if done { "Succeeded" } else { "Running" }.into(),
            started_ms: start.map(|minute| minute * MINUTE_MS + 1),
            finished_ms: end.map(|minute| minute * MINUTE_MS),
            ..Pod::default()
        }
    }
}

prop_compose! {
    fn world()(
        pods in proptest::collection::vec(pod(), 0..12),
        nodes in proptest::collection::vec(address(), 0..3),
        services in proptest::collection::vec(address(), 0..3),
        interfaces in proptest::collection::vec(address(), 0..3),
        gateways in proptest::collection::vec(prefix(), 0..2),
        pod_cidrs in proptest::collection::vec(prefix(), 0..3),
        service_cidrs in proptest::collection::vec(prefix(), 0..2),
        subnets in proptest::collection::vec(prefix(), 0..3),
        networks in proptest::collection::vec(prefix(), 0..2),
    ) -> (Fragment, CaptureOptions) {
        let named = |prefix: &str, at: usize| Meta { name: format!("{prefix}{at}"), ..Meta::default() };
        let fragment = Fragment {
            pods,
            nodes: nodes.into_iter().enumerate().map(|(at, ip)| Node { meta: named("node", at), internal_addresses: vec![ip], ..Node::default() }).collect(),
            services: services.into_iter().enumerate().map(|(at, ip)| Service { meta: named("svc", at), cluster_addresses: vec![ip], ..Service::default() }).collect(),
            network_interfaces: interfaces.into_iter().enumerate().map(|(at, ip)| NetworkInterface { id: format!("nic{at}"), name: format!("nic{at}"), addresses: vec![ip], ..NetworkInterface::default() }).collect(),
            clusters: vec![AksCluster { name: "aks".into(), service_cidrs, ..AksCluster::default() }],
            subnets: subnets.into_iter().enumerate().map(|(at, prefix)| Subnet { id: format!("s{at}"), name: format!("s{at}"), virtual_network: "v".into(), prefixes: vec![prefix], ..Subnet::default() }).collect(),
            virtual_networks: networks.into_iter().enumerate().map(|(at, prefix)| VirtualNetwork { id: format!("v{at}"), name: format!("v{at}"), prefixes: vec![prefix] }).collect(),
            ..Fragment::default()
        };
        (fragment, CaptureOptions { gateway_subnets: gateways, pod_cidrs })
    }
}

/// (kind, name) as the contract says it, with the last copy of each pod's name.
fn naive(fragment: &Fragment, options: &CaptureOptions, address: IpAddr, minute: Minute) -> (String, Option<String>) {
    let longest = |prefixes: &[(IpNet, String)]| {
        let holding = prefixes.iter().rev().filter(|(prefix, _)| prefix.contains(&address));
        holding.max_by_key(|(prefix, _)| prefix.prefix_len()).map(|(_, name)| name.clone())
    };
    let plain = |list: &[IpNet]| list.iter().map(|prefix| (*prefix, prefix.to_string())).collect::<Vec<_>>();
    let is = |kind: &str, name: Option<String>| (kind.to_owned(), name);
    if longest(&plain(&options.gateway_subnets)).is_some() {
        return is("gateway-instance", None);
    }
    let mut names: Vec<&str> = fragment.pods.iter().map(|pod| pod.meta.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let pods = names.iter().map(|name| fragment.pods.iter().rev().find(|pod| pod.meta.name == *name).unwrap());
    let (first_ms, last_ms) = (minute * MINUTE_MS, minute * MINUTE_MS + MINUTE_MS - 1);
    let mut alive: Vec<&Pod> = pods
        .filter(|pod| !pod.host_network && pod.addresses.contains(&address))
        .filter(|pod| pod.started_ms.is_none_or(|start| start <= last_ms))
        .filter(|pod| match (pod.finished(), pod.finished_ms) {
            (true, Some(end)) => end + 5 * MINUTE_MS >= first_ms,
            _ => true,
        })
        .collect();
    alive.sort_by_key(|pod| std::cmp::Reverse(pod.started_ms));
    if let Some(pod) = alive.first() {
        return is("pod", Some(pod.meta.qualified()));
    }
    if let Some(node) = fragment.nodes.iter().find(|node| node.internal_addresses.contains(&address)) {
        return is("node", Some(node.meta.name.clone()));
    }
    if fragment.pods.iter().any(|pod| pod.host_network && pod.addresses.contains(&address)) {
        return is("either", None);
    }
    if let Some(service) = fragment.services.iter().find(|service| service.cluster_addresses.contains(&address)) {
        return is("service", Some(service.meta.qualified()));
    }
    if let Some(interface) = fragment.network_interfaces.iter().find(|nic| nic.addresses.contains(&address)) {
        return is("nic", Some(interface.name.clone()));
    }
    let subnets: Vec<_> = fragment.subnets.iter().map(|s| (s.prefixes[0], format!("v/{}", s.name))).collect();
    let networks: Vec<_> = fragment.virtual_networks.iter().map(|v| (v.prefixes[0], v.name.clone())).collect();
    for (kind, list) in [
        ("pod-range", plain(&options.pod_cidrs)),
        ("service-range", plain(&fragment.clusters[0].service_cidrs)),
        ("subnet", subnets),
        ("vnet", networks),
    ] {
        // Of equal prefixes the first.
        if let Some(name) = longest(&list) {
            return is(kind, Some(name));
        }
    }
    is("private", None)
}

proptest! {
    #[test]
    fn agrees_with_the_contract_written_plainly(
        (fragment, options) in world(),
        questions in proptest::collection::vec((address(), 0i64..30), 1..40),
    ) {
        let files = [("f".to_owned(), fragment.clone())];
        let resolver = Resolver::new(Inventory::merge(&files, &options));
        for (address, minute) in questions {
            let found = resolver.endpoint(address, resolver.resolve(address, minute));
            let (kind, name) = naive(&fragment, &options, address, minute);
            // A hostNetwork pod's address is its node's; which copy of it counts is the merge's business.
            if kind != "either" {
                prop_assert_eq!((found.kind.code(), found.name), (kind.as_str(), name), "{} at {}", address, minute);
            }
        }
    }

    #[test]
    fn contested_addresses_are_those_that_change_hands((fragment, options) in world()) {
        let resolver = Resolver::new(Inventory::merge(&[("f".to_owned(), fragment)], &options));
        let span = MinuteRange { first: 3, last: 25 };
        let contested = resolver.contested(span);
        for third in 0..4 {
            for fourth in 0..4 {
                let address = IpAddr::from([10, 0, third, fourth]);
                let mut owners: Vec<_> = (span.first..=span.last).map(|minute| resolver.resolve(address, minute)).collect();
                for (range, owner) in resolver.tenures(address, span) {
                    for minute in range.first..=range.last {
                        prop_assert_eq!(owner, resolver.resolve(address, minute));
                    }
                }
                owners.dedup();
                prop_assert_eq!(owners.len() > 1, contested.contains(&address), "{}", address);
            }
        }
    }
}
