//! Who is who in the lab of the field notes, and in the captures that lack one or another of its files.

use std::net::IpAddr;
use underlay_identity::{Inventory, Resolver};
use underlay_model::IpNet;
use underlay_model::inventory::{
    AksCluster, Association, Fragment, Meta, NetworkContainer, NetworkInterface, Node, NodeNetworkConfig,
    OverlayExtensionConfig, Pod, Service, Subnet, VirtualNetwork, Whoami,
};
use underlay_model::summary::{EndpointKind, EndpointSummary};
use underlay_model::time::{MINUTE_MS, Minute};
use underlay_model::view::{CaptureOptions, MinuteRange};

const NODE: &str = "aks-nodepool1-30661543-vmss000000";
const NOW: Minute = 1000;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

fn meta(namespace: &str, name: &str) -> Meta {
    Meta { namespace: namespace.into(), name: name.into(), uid: format!("uid-{name}"), ..Meta::default() }
}

fn pod(name: &str, address: &str) -> Pod {
    Pod {
        meta: meta("yada", name),
        node_name: NODE.into(),
        addresses: vec![ip(address)],
        host_addresses: vec![ip("10.13.76.4")],
        phase: "Running".into(),
        ..Pod::default()
    }
}

fn lab() -> Vec<(String, Fragment)> {
    let kubectl = Fragment {
        nodes: vec![Node { meta: meta("", NODE), internal_addresses: vec![ip("10.13.76.4")], ..Node::default() }],
        pods: vec![
            pod("yadaapi-5f9f964f75-2tnc8", "10.244.0.147"),
            pod("yadaapi-5f9f964f75-bg76s", "10.244.0.131"),
            Pod { host_network: true, ..pod("cilium-x7k2p", "10.13.76.4") },
        ],
        services: vec![Service {
            meta: meta("yada", "yadaapi"),
            cluster_addresses: vec![ip("10.0.12.7")],
            load_balancer_addresses: vec![ip("20.1.2.3")],
            ..Service::default()
        }],
        overlay_extension_configs: vec![OverlayExtensionConfig {
            meta: meta("azure-alb-system", "alb-overlay-extension-config-78712412"),
            range: Some(net("10.13.100.0/24")),
            ..OverlayExtensionConfig::default()
        }],
        ..Fragment::default()
    };
    let azure = Fragment {
        clusters: vec![AksCluster {
            name: "aks".into(),
            pod_cidrs: vec![net("10.244.0.0/16")],
            service_cidrs: vec![net("10.0.0.0/16")],
            ..AksCluster::default()
        }],
        virtual_networks: vec![VirtualNetwork {
            id: "/vnets/aksVnet".into(),
            name: "aksVnet".into(),
            prefixes: vec![net("10.13.0.0/16")],
        }],
        subnets: vec![
            Subnet {
                id: "/vnets/aksVnet/subnets/alb".into(),
                virtual_network: "aksVnet".into(),
                name: "alb".into(),
                prefixes: vec![net("10.13.100.0/24")],
                ip_configuration_addresses: vec![ip("10.13.100.6"), ip("10.13.100.7")],
                ..Subnet::default()
            },
            Subnet {
                id: "/vnets/aksVnet/subnets/aks1stpool".into(),
                virtual_network: "aksVnet".into(),
                name: "aks1stpool".into(),
                prefixes: vec![net("10.13.76.0/24")],
                ..Subnet::default()
            },
        ],
        network_interfaces: vec![NetworkInterface {
            id: "/nics/jump".into(),
            name: "jumpNic".into(),
            addresses: vec![ip("10.13.76.9")],
            ..NetworkInterface::default()
        }],
        ..Fragment::default()
    };
    vec![("azure.json".into(), azure), ("kubectl.json".into(), kubectl)]
}

fn resolver(fragments: &[(String, Fragment)]) -> Resolver {
    Resolver::new(Inventory::merge(fragments, &CaptureOptions::default()))
}

fn who(resolver: &Resolver, address: &str) -> EndpointSummary {
    resolver.endpoint(ip(address), resolver.resolve(ip(address), NOW))
}

#[test]
fn names_everything_in_the_lab() {
    let lab = resolver(&lab());
    for (address, kind, name, node) in [
        ("10.13.100.6", "gateway-instance", None, None),
        ("10.244.0.147", "pod", Some("yada/yadaapi-5f9f964f75-2tnc8"), Some(NODE)),
        ("10.13.76.4", "node", Some(NODE), Some(NODE)),
        ("10.0.12.7", "service", Some("yada/yadaapi"), None),
        ("20.1.2.3", "service", Some("yada/yadaapi"), None),
        ("10.13.76.9", "nic", Some("jumpNic"), None),
        ("168.63.129.16", "platform", None, None),
        ("169.254.23.0", "platform", None, None),
        ("10.244.7.7", "pod-range", Some("10.244.0.0/16"), None),
        ("10.0.0.10", "service-range", Some("10.0.0.0/16"), None),
        ("10.13.76.200", "subnet", Some("aksVnet/aks1stpool"), None),
        ("10.13.9.9", "vnet", Some("aksVnet"), None),
        ("192.168.1.1", "private", None, None),
        ("203.0.113.77", "public", None, None),
    ] {
        let found = who(&lab, address);
        assert_eq!((found.kind.code(), found.name.as_deref(), found.node.as_deref()), (kind, name, node), "{address}");
        assert!(!found.evidence.is_empty() && !found.evidence.starts_with("inferred"), "{address}: {}", found.evidence);
    }
    assert_eq!(who(&lab, "10.244.0.147").evidence, "pod status in kubectl.json");
    let expected: Vec<String> = lab.expected_instances().iter().map(|known| known.address.to_string()).collect();
    assert_eq!(expected, ["10.13.100.6", "10.13.100.7"]);
}

#[test]
fn the_gateway_subnet_comes_from_any_of_its_sources() {
    let delegated = |fragment: &mut Fragment| {
        fragment.subnets[0].delegations = vec!["microsoft.servicenetworking/TrafficControllers".into()];
    };
    let association = |fragment: &mut Fragment| {
        fragment.associations = vec![Association { id: "/a".into(), subnet_id: "/VNETS/aksvnet/subnets/ALB".into() }];
    };
    for change in [&delegated as &dyn Fn(&mut Fragment), &association] {
        let mut files = lab();
        files[1].1.overlay_extension_configs.clear();
        assert_eq!(who(&resolver(&files), "10.13.100.6").kind, EndpointKind::Subnet);
        change(&mut files[0].1);
        assert_eq!(who(&resolver(&files), "10.13.100.6").kind, EndpointKind::GatewayInstance);
    }
    let options = CaptureOptions { gateway_subnets: vec![net("10.13.9.0/24")], pod_cidrs: Vec::new() };
    let declared = Resolver::new(Inventory::merge(&lab(), &options));
    assert_eq!(who(&declared, "10.13.9.9").kind, EndpointKind::GatewayInstance);
    assert_eq!(who(&declared, "10.13.100.6").kind, EndpointKind::GatewayInstance);
}

#[test]
fn a_who_am_i_answer_names_its_caller_only_and_only_when_nothing_else_does() {
    let answer = |host: &str| Fragment {
        whoami: vec![Whoami { host: host.into(), caller_address: Some(ip("10.13.100.6")), ..Whoami::default() }],
        ..Fragment::default()
    };
    let front_end = "gudch2dqgbdwfzak.fz32.alb.azure.com";
    let alone = resolver(&[("ip.json".to_owned(), answer(front_end))]);
    assert_eq!(who(&alone, "10.13.100.6").kind, EndpointKind::GatewayInstance);
    assert_eq!(who(&alone, "10.13.100.7").kind, EndpointKind::Private);
    let other = resolver(&[("ip.json".to_owned(), answer("example.com"))]);
    assert_eq!(who(&other, "10.13.100.6").kind, EndpointKind::Private);
    let mut files = lab();
    files.push(("ip.json".to_owned(), answer(front_end)));
    files[2].1.whoami[0].caller_address = Some(ip("10.99.0.1"));
    assert_eq!(who(&resolver(&files), "10.99.0.1").kind, EndpointKind::Private);
}

#[test]
fn one_address_has_the_owners_of_its_time() {
    let mut files = lab();
    files[1].1.pods = vec![
        Pod {
            phase: "Succeeded".into(),
            started_ms: Some(990 * MINUTE_MS),
            finished_ms: Some(995 * MINUTE_MS),
            ..pod("job-x4jq8", "10.244.0.88")
        },
        Pod { started_ms: Some(1002 * MINUTE_MS + 500), ..pod("api-9lm2w", "10.244.0.88") },
        Pod { started_ms: Some(10 * MINUTE_MS), ..pod("api-old", "10.244.0.89") },
    ];
    let resolver = resolver(&files);
    let name = |minute| resolver.endpoint(ip("10.244.0.88"), resolver.resolve(ip("10.244.0.88"), minute)).name.unwrap();
    assert_eq!(name(989), "10.244.0.0/16");
    assert_eq!(name(990), "yada/job-x4jq8");
    assert_eq!(name(1000), "yada/job-x4jq8");
    assert_eq!(name(1001), "10.244.0.0/16");
    assert_eq!(name(1002), "yada/api-9lm2w");
    let span = |first, last| MinuteRange { first, last };
    assert_eq!(resolver.contested(span(995, 1005)), [ip("10.244.0.88")]);
    assert!(resolver.contested(span(1002, 1100)).is_empty());
    let tenures = resolver.tenures(ip("10.244.0.88"), span(995, 1005));
    let ranges: Vec<(Minute, Minute)> = tenures.iter().map(|(range, _)| (range.first, range.last)).collect();
    assert_eq!(ranges, [(995, 1000), (1001, 1001), (1002, 1005)]);
}

#[test]
fn a_table_row_is_the_json_pod_of_that_name() {
    let mut files = lab();
    let row = |namespace: &str, name: &str, address: &str| {
        let mut row = pod(name, address);
        row.meta = Meta { namespace: namespace.into(), name: name.into(), ..Meta::default() };
        row.from_table = true;
        row
    };
    let table = Fragment {
        pods: vec![
            row("", "yadaapi-5f9f964f75-2tnc8", "10.244.0.147"),
            row("yada", "yadaapi-5f9f964f75-bg76s", "10.244.0.131"),
            row("", "yadatls-6b655b7bdd-v2frs", "10.244.0.203"),
        ],
        ..Fragment::default()
    };
    files.push(("table.txt".into(), table));
    let resolver = resolver(&files);
    assert_eq!(resolver.inventory().counts().pods, 4);
    assert_eq!(who(&resolver, "10.244.0.147").evidence, "pod status in kubectl.json");
    assert_eq!(who(&resolver, "10.244.0.203").name.as_deref(), Some("yadatls-6b655b7bdd-v2frs"));
}

#[test]
fn of_several_copies_the_newest_then_the_last_counts() {
    let copy = |version: Option<u64>, phase: &str| Fragment {
        pods: vec![Pod {
            meta: Meta { resource_version: version, ..meta("yada", "api") },
            phase: phase.into(),
            ..Pod::default()
        }],
        ..Fragment::default()
    };
    let merge = |copies: &[Fragment]| {
        let files: Vec<_> = copies.iter().enumerate().map(|(i, copy)| (format!("{i}.json"), copy.clone())).collect();
        let inventory = Inventory::merge(&files, &CaptureOptions::default());
        assert_eq!(inventory.pods.len(), 1);
        inventory.pods[0].phase.clone()
    };
    assert_eq!(merge(&[copy(Some(9), "a"), copy(Some(10), "b"), copy(Some(8), "c")]), "b");
    assert_eq!(merge(&[copy(Some(9), "a"), copy(Some(9), "b")]), "b");
    assert_eq!(merge(&[copy(Some(1), "a"), copy(None, "b")]), "a");
}

#[test]
fn pods_of_one_name_with_two_uids_are_two() {
    let mut files = lab();
    let mut again = pod("yadaapi-5f9f964f75-2tnc8", "10.244.0.5");
    again.meta.uid = "another".into();
    files[1].1.pods.push(again);
    assert_eq!(resolver(&files).inventory().counts().pods, 4);
}

#[test]
fn a_node_block_tells_the_node_of_an_unknown_pod() {
    let mut files = lab();
    let container = |kind: &str, block: &str| NetworkContainer {
        kind: kind.into(),
        node_address: Some(ip("10.13.76.4")),
        blocks: vec![net(block)],
        ..NetworkContainer::default()
    };
    files[1].1.node_network_configs = vec![NodeNetworkConfig {
        meta: meta("kube-system", NODE),
        containers: vec![container("overlay", "10.244.3.0/24")],
        ..NodeNetworkConfig::default()
    }];
    let found = who(&resolver(&files), "10.244.3.9");
    assert_eq!((found.name.as_deref(), found.node.as_deref()), (Some("10.244.3.0/24"), Some(NODE)));
    // Blocks of a pod subnet say where an address is, but are no pod CIDR.
    files[1].1.node_network_configs[0].containers = vec![container("vnetblock", "10.244.3.0/28")];
    let found = who(&resolver(&files), "10.244.3.9");
    assert_eq!((found.name.as_deref(), found.node.as_deref()), (Some("10.244.0.0/16"), Some(NODE)));
}

#[test]
fn two_clusters_with_one_pod_cidr_are_named() {
    let mut files = lab();
    let mut second = files[0].1.clusters[0].clone();
    second.name = "other".into();
    files[0].1.clusters.push(second);
    let inventory = Inventory::merge(&files, &CaptureOptions::default());
    assert_eq!(inventory.warnings.len(), 1);
    let message = &inventory.warnings[0].message;
    assert!(message.contains("aks") && message.contains("other") && message.contains("10.244.0.0/16"), "{message}");
}

#[test]
fn every_address_of_a_dual_stack_pod_is_its_own() {
    let mut files = lab();
    files[1].1.pods[0].addresses.push(ip("fd12:3456:789a::1:5"));
    let resolver = resolver(&files);
    assert_eq!(who(&resolver, "fd12:3456:789a::1:5").name, who(&resolver, "10.244.0.147").name);
}
