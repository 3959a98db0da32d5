//! Two clusters in one capture that use the same pod CIDR: who reported a flow tells whose pod it was.

mod fixture;

use fixture::{File, flow_log, record, summary};
use serde_json::{Value, json};

const NODES: [(&str, &str, &str); 2] = [
    ("aks-nodepool1-11111111-vmss000000", "10.13.76.4", "6045BD000001"),
    ("aks-nodepool1-22222222-vmss000000", "10.23.76.4", "6045BD000002"),
];

fn objects(cluster: usize, started: &str) -> File {
    let (node, address, _) = NODES[cluster];
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Node", "metadata": {"name": node, "uid": node},
         "status": {"addresses": [{"type": "InternalIP", "address": address}]}},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "yada", "name": format!("api-{cluster}"), "uid": format!("u{cluster}")},
         "spec": {"nodeName": node}, "status": {"phase": "Running", "podIP": "10.244.0.7", "hostIP": address, "startTime": started}},
    ]});
    (format!("cluster{cluster}.json"), list.to_string().into_bytes())
}

fn log(cluster: usize, tuples: &[&str]) -> File {
    let (_, _, mac) = NODES[cluster];
    (format!("log{cluster}.json"), flow_log(&[record("f", mac, "2026-11-20T09:00:30Z", tuples)]))
}

fn pods(files: &[File]) -> Vec<String> {
    let summary: Value = serde_json::from_str(&summary(files, 2, 1000)).unwrap();
    let endpoints = summary["endpoints"].as_array().unwrap().clone();
    endpoints
        .iter()
        .filter(|one| one["ip"] == "10.244.0.7")
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

const TO_POD: &str = "1795165201000,10.13.100.6,10.244.0.7,40000,8080,6,I,B,NX,0,0,0,0";
const OF_NODE: [&str; 2] = [
    "1795165202000,10.13.76.4,40.1.2.3,40001,443,6,O,B,NX,0,0,0,0",
    "1795165202000,10.23.76.4,40.1.2.3,40001,443,6,O,B,NX,0,0,0,0",
];

fn clusters() -> Vec<File> {
    vec![objects(0, "2026-11-20T06:00:00Z"), objects(1, "2026-11-20T07:00:00Z")]
}

#[test]
fn the_pod_is_that_of_the_cluster_whose_node_reported() {
    // Each NIC is known by its node's own address.
    let log = |cluster: usize| log(cluster, &[TO_POD, OF_NODE[cluster]]);
    assert_eq!(pods(&[clusters(), vec![log(0)]].concat()), ["yada/api-0"]);
    assert_eq!(pods(&[clusters(), vec![log(1)]].concat()), ["yada/api-1"]);
    assert_eq!(pods(&[clusters(), vec![log(0), log(1)]].concat()), ["yada/api-0", "yada/api-1"]);
}

#[test]
fn a_list_of_nics_tells_whose_a_mac_is() {
    let nics = json!([{"id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkInterfaces/nic0",
        "name": "nic0", "macAddress": "60-45-BD-00-00-01", "ipConfigurations": [{"privateIPAddress": "10.13.76.4"}],
        "type": "Microsoft.Network/networkInterfaces"}]);
    let nics: File = ("nics.json".to_owned(), nics.to_string().into_bytes());
    assert_eq!(pods(&[clusters(), vec![log(0, &[TO_POD]), nics]].concat()), ["yada/api-0"]);
}

#[test]
fn without_a_reporter_the_one_that_started_last_is_shown_with_a_warning() {
    let files = [clusters(), vec![log(0, &[TO_POD])]].concat();
    assert_eq!(pods(&files), ["yada/api-1"]);
    let text = summary(&files, 1, 1000);
    assert!(text.contains("clusters-share-addresses") && text.contains("yada/api-0"), "{text}");
}
