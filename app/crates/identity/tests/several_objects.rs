//! What only several objects together tell: workloads behind pods, rows of tables that share their node's address, two clusters
//! with pods of one address, and the time that a snapshot was not taken before.

use std::net::IpAddr;
use underlay_identity::{Inventory, Resolver};
use underlay_model::inventory::{Fragment, Meta, NetworkInterface, Node, Pod, Policy, Workload};
use underlay_model::summary::EndpointKind;
use underlay_model::view::CaptureOptions;

fn meta(namespace: &str, name: &str) -> Meta {
    Meta { namespace: namespace.into(), name: name.into(), uid: format!("uid-{name}"), ..Meta::default() }
}

fn pod(name: &str, address: &str, node: &str) -> Pod {
    Pod {
        meta: meta("yada", name),
        addresses: vec![address.parse().unwrap()],
        node_name: node.into(),
        phase: "Running".into(),
        ..Pod::default()
    }
}

fn row(name: &str, address: &str, node: &str) -> Pod {
    let mut row = pod(name, address, node);
    row.meta.uid.clear();
    row.meta.from_table = true;
    row.from_table = true;
    row
}

fn merge(fragments: Vec<Fragment>) -> Inventory {
    let files: Vec<_> = fragments.into_iter().enumerate().map(|(at, one)| (format!("{at}.json"), one)).collect();
    Inventory::merge(&files, &CaptureOptions::default())
}

#[test]
fn owners_of_owners_are_the_workload() {
    let workload = |kind: &str, name: &str, owner: Option<(&str, &str)>| Workload {
        meta: meta("yada", name),
        kind: kind.into(),
        owner: owner.map(|(kind, name)| (kind.to_owned(), name.to_owned())),
        ..Workload::default()
    };
    let owned =
        |name: &str, kind: &str, by: &str| Pod { owner: Some((kind.into(), by.into())), ..pod(name, "10.0.0.1", "n") };
    let inventory = merge(vec![
        Fragment {
            pods: vec![
                owned("a", "ReplicaSet", "api-7"),
                owned("b", "Job", "nightly-1"),
                owned("c", "StatefulSet", "db"),
            ],
            ..Fragment::default()
        },
        Fragment {
            workloads: vec![
                workload("ReplicaSet", "api-7", Some(("Deployment", "api"))),
                workload("Deployment", "api", None),
                // Of the same name and another kind.
                workload("Job", "api-7", Some(("CronJob", "other"))),
                workload("Job", "nightly-1", Some(("CronJob", "nightly"))),
                // An owner that is its own owner ends somewhere.
                workload("StatefulSet", "db", Some(("StatefulSet", "db"))),
            ],
            ..Fragment::default()
        },
    ]);
    let workloads: Vec<_> =
        inventory.pods.iter().filter_map(|pod| pod.workload()).map(|(kind, name)| format!("{kind} {name}")).collect();
    assert_eq!(workloads, ["Deployment api", "CronJob nightly", "StatefulSet db"]);
    assert_eq!(inventory.workloads.len(), 5);
}

#[test]
fn rows_of_a_table_that_share_an_address_share_the_nodes() {
    let who = |fragments: Vec<Fragment>, address: &str| {
        let resolver = Resolver::new(merge(fragments));
        let address = address.parse().unwrap();
        let found = resolver.endpoint(address, resolver.resolve(address, 0));
        (found.kind, found.name)
    };
    let rows =
        || vec![row("proxy", "10.13.76.4", "n0"), row("cns", "10.13.76.4", "n0"), row("api", "10.244.0.7", "n0")];
    let table = || Fragment { pods: rows(), ..Fragment::default() };
    assert_eq!(who(vec![table()], "10.13.76.4"), (EndpointKind::Node, Some("n0".into())));
    assert_eq!(who(vec![table()], "10.244.0.7"), (EndpointKind::Pod, Some("yada/api".into())));
    // One row alone shares it when a node is known to have it.
    let one = Fragment { pods: vec![row("proxy", "10.13.76.4", "n0")], ..Fragment::default() };
    let node = Fragment {
        nodes: vec![Node {
            meta: meta("", "n0"),
            internal_addresses: vec!["10.13.76.4".parse().unwrap()],
            ..Node::default()
        }],
        ..Fragment::default()
    };
    assert_eq!(who(vec![one.clone()], "10.13.76.4").0, EndpointKind::Pod);
    assert_eq!(who(vec![one, node], "10.13.76.4"), (EndpointKind::Node, Some("n0".into())));
}

#[test]
fn two_clusters_with_pods_of_one_address_are_named() {
    let cluster = |digits: &str, name: &str| Fragment {
        pods: vec![
            pod(name, "10.244.0.7", &format!("aks-nodepool1-{digits}-vmss000000")),
            pod(&format!("{name}-2"), "10.244.0.8", &format!("aks-pool2-{digits}-vmss000000")),
        ],
        ..Fragment::default()
    };
    let inventory = merge(vec![cluster("11111111", "one"), cluster("22222222", "two")]);
    assert_eq!(inventory.warnings.len(), 1, "{:?}", inventory.warnings);
    let warning = &inventory.warnings[0];
    assert_eq!(
        (warning.code, warning.inputs.as_slice()),
        ("clusters-share-addresses", &["0.json".to_owned(), "1.json".to_owned()][..])
    );
    assert!(warning.message.contains("yada/one") && warning.message.contains("yada/two"), "{}", warning.message);
    // Two snapshots of one cluster are no two clusters.
    assert_eq!(merge(vec![cluster("11111111", "one"), cluster("11111111", "two")]).warnings, []);
}

#[test]
fn the_snapshot_is_not_older_than_any_time_stamp_that_was_read() {
    let inventory = merge(vec![
        Fragment { newest_ms: Some(5), ..Fragment::default() },
        Fragment {
            newest_ms: Some(9),
            pods: vec![Pod { started_ms: Some(7), ..pod("a", "10.0.0.1", "n") }],
            ..Fragment::default()
        },
    ]);
    assert_eq!(inventory.snapshot_ms, Some(9));
}

#[test]
fn policies_of_two_groups_and_one_name_are_two() {
    let policy = |group: &str, kind: &str| Policy {
        meta: Meta { namespace: "yada".into(), name: "tls".into(), ..Meta::default() },
        group: group.into(),
        kind: kind.into(),
        ..Policy::default()
    };
    let one = Fragment {
        policies: vec![
            policy("alb.networking.azure.io", "BackendTLSPolicy"),
            policy("gateway.networking.k8s.io", "BackendTLSPolicy"),
            policy("alb.networking.azure.io", "HealthCheckPolicy"),
        ],
        ..Fragment::default()
    };
    assert_eq!(merge(vec![one.clone(), one]).policies.len(), 3);
}

#[test]
fn clusters_are_told_by_their_resource_group_where_names_do_not_tell() {
    let node = |name: &str, group: &str, labelled: bool| {
        let mut node = Node { meta: meta("", name), ..Node::default() };
        if labelled {
            node.meta.labels = vec![("kubernetes.azure.com/cluster".into(), group.into())];
        } else {
            node.provider_id = format!("azure:///subscriptions/1/resourceGroups/{}/providers/x", group.to_lowercase());
        }
        node
    };
    // Nodes that were made on demand have no digits; a pod of the same cluster may be on a node that has.
    let cluster = |group: &str, digits: &str, pod_name: &str, labelled: bool| Fragment {
        nodes: vec![
            node(&format!("aks-default-{pod_name}"), group, labelled),
            node(&format!("aks-np-{digits}-vmss000000"), group, !labelled),
        ],
        pods: vec![pod(pod_name, "10.244.0.7", &format!("aks-default-{pod_name}"))],
        ..Fragment::default()
    };
    let two = vec![cluster("MC_one", "11111111", "one", true), cluster("MC_two", "22222222", "two", false)];
    let inventory = merge(two);
    assert_eq!(inventory.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), ["clusters-share-addresses"]);
    let resolver = Resolver::new(inventory);
    let address = "10.244.0.7".parse().unwrap();
    for name in ["one", "two"] {
        let at = resolver.node_names().iter().position(|node| node == &format!("aks-default-{name}")).unwrap();
        let told = resolver.resolve_reported(address, 0, at as u32);
        assert_eq!(resolver.name(told), Some(format!("yada/{name}")));
    }
    assert_eq!(resolver.shared(underlay_model::view::MinuteRange { first: 0, last: 5 }), [address]);
    // One cluster's pods on nodes of both kinds are no two clusters.
    let mut one = cluster("MC_one", "11111111", "one", true);
    one.pods.push(pod("other", "10.244.0.7", "aks-np-11111111-vmss000009"));
    assert!(merge(vec![one]).warnings.iter().all(|warning| warning.code != "clusters-share-addresses"));
}

#[test]
fn evidence_names_the_resource_that_has_the_address() {
    let group = "/subscriptions/1/resourceGroups/r/providers/Microsoft.Network/";
    let resources = [
        ("networkInterfaces/nic", "IP configuration of the network interface in 0.json"),
        ("privateEndpoints/endpoint", "address of the private endpoint in 0.json"),
        ("loadBalancers/kubernetes-internal", "front end of the load balancer in 0.json"),
        (
            "virtualMachineScaleSets/s/virtualMachines/0/networkInterfaces/s",
            "IP configuration of the network interface in 0.json",
        ),
    ];
    let interface = |(at, (kind, _)): (usize, &(&str, &str))| NetworkInterface {
        id: format!("{group}{kind}"),
        name: format!("resource-{at}"),
        addresses: vec![IpAddr::from([10, 0, 0, u8::try_from(at).unwrap()])],
        ..NetworkInterface::default()
    };
    let interfaces = resources.iter().enumerate().map(interface).collect();
    let resolver = Resolver::new(merge(vec![Fragment { network_interfaces: interfaces, ..Fragment::default() }]));
    for (at, (_, evidence)) in resources.iter().enumerate() {
        let owner = resolver.resolve(IpAddr::from([10, 0, 0, u8::try_from(at).unwrap()]), 0);
        assert_eq!((owner.kind, resolver.evidence(owner).as_str()), (EndpointKind::Nic, *evidence));
    }
}
