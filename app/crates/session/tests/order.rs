//! The picture is one to come back to: of two captures the common things stand in the same order, and what a capture gets later stands
//! behind what it had wherever nothing has a name that sorts before.

mod fixture;

use fixture::File;
use underlay_model::view::Topology;
use underlay_model::wire::{PageEvent, PageRequest};

fn cluster(nodes: std::ops::Range<u32>, pods_per_node: u32) -> Vec<u8> {
    let mut items = Vec::new();
    for node in nodes {
        let (zone, name) = (node % 3 + 1, format!("aks-pool-1-vmss{node:06}"));
        items.push(format!(
            "{{\"kind\":\"Node\",\"metadata\":{{\"name\":\"{name}\",\"labels\":{{\"topology.kubernetes.io/zone\":\"z-{zone}\"}}}},\"status\":{{\"addresses\":[{{\"type\":\"InternalIP\",\"address\":\"10.13.76.{node}\"}}]}}}}"
        ));
        for pod in 0..pods_per_node {
            items.push(format!(
                "{{\"kind\":\"Pod\",\"metadata\":{{\"namespace\":\"n{}\",\"name\":\"app-{node}-{pod}\"}},\"spec\":{{\"nodeName\":\"{name}\"}},\"status\":{{\"podIP\":\"10.244.{node}.{pod}\"}}}}",
                pod % 3
            ));
        }
    }
    format!("{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{}]}}", items.join(",")).into_bytes()
}

fn picture(files: Vec<File>) -> Topology {
    let mut host = fixture::read(&files, 2, 4096);
    let events = host.ask(|id| PageRequest::Topology { id, range: None });
    let found = events
        .into_iter()
        .find_map(|event| if let PageEvent::Topology { topology, .. } = event { Some(topology) } else { None });
    found.unwrap()
}

/// Keys of the things that both pictures have, in the order of the first.
fn common(one: &Topology, other: &Topology) -> Vec<String> {
    let known: std::collections::BTreeSet<&str> = other.entities.iter().map(|thing| thing.key.0.as_str()).collect();
    one.entities.iter().map(|thing| thing.key.0.clone()).filter(|key| known.contains(key.as_str())).collect()
}

#[test]
fn of_two_captures_common_things_keep_their_order() {
    let file = |name: &str, bytes| (name.to_owned(), bytes);
    let mut before = fixture::capture();
    before.push(file("cluster.json", cluster(3..9, 4)));
    let mut after = fixture::capture();
    after.push(file("cluster-later.json", cluster(1..14, 6)));
    let (before, after) = (picture(before), picture(after));
    let kept = common(&before, &after);
    assert!(kept.len() > 30, "{}", kept.len());
    assert_eq!(kept, common(&after, &before));
}

#[test]
fn the_order_of_files_and_what_comes_later_moves_nothing_that_was_there() {
    let first = |later: bool| {
        let mut files = fixture::capture();
        files.push(("a.json".to_owned(), cluster(1..6, 3)));
        if later {
            files.insert(0, ("z.json".to_owned(), cluster(6..9, 3)));
        }
        files
    };
    let (early, whole) = (picture(first(false)), picture(first(true)));
    let mut turned = first(true);
    turned.reverse();
    assert_eq!(picture(turned).entities, whole.entities);
    // In its container each thing stands behind the same things as before, and none that came later stands between.
    let place = |topology: &Topology, key: &str| {
        let at = topology.entities.iter().position(|thing| thing.key.0 == key).unwrap();
        let parent = topology.entities[at].parent;
        let kind = topology.entities[at].kind;
        topology.entities[..at].iter().filter(|thing| thing.parent == parent && thing.kind == kind).count()
    };
    for key in common(&early, &whole) {
        assert_eq!(place(&early, &key), place(&whole, &key), "{key}");
    }
}
