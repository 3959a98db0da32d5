//! Egress behind node addresses: told from flow logs, and the pods behind it named where Hubble saw them.

use underlay_findings::{HealthReport, Known, check};
use underlay_identity::{Inventory, Resolver};
use underlay_model::connection::ProbeReport;
use underlay_model::finding::ShownFinding;
use underlay_model::inventory::{Fragment, Meta, Node, Pod, PodSighting};
use underlay_model::summary::{Pair, Side};
use underlay_model::time::Millis;
use underlay_model::tuple::Verdict;
use underlay_model::view::CaptureOptions;

const SPAN: (Millis, Millis) = (60_000, 600_000);

fn meta(namespace: &str, name: &str) -> Meta {
    Meta { namespace: namespace.into(), name: name.into(), ..Meta::default() }
}

fn node(name: &str, address: &str) -> Node {
    Node { meta: meta("", name), internal_addresses: vec![address.parse().unwrap()], ..Node::default() }
}

fn pod(name: &str, node: &str, address: &str) -> Pod {
    Pod {
        meta: meta("yada", name),
        node_name: node.into(),
        addresses: vec![address.parse().unwrap()],
        ..Pod::default()
    }
}

fn sighting(name: &str, address: &str, outward: Option<(Millis, Millis)>) -> PodSighting {
    let address = address.parse().unwrap();
    PodSighting { namespace: "yada".into(), name: name.into(), address, first_ms: SPAN.0, last_ms: SPAN.1, outward }
}

/// The finding on a capture in which node a alone sends outward.
fn finding(pod_sightings: Vec<PodSighting>) -> ShownFinding {
    let fragment = Fragment {
        nodes: vec![node("a", "10.1.0.4"), node("b", "10.1.0.5")],
        pods: vec![pod("near", "a", "10.244.0.9"), pod("far", "b", "10.244.1.9")],
        pod_sightings,
        ..Fragment::default()
    };
    let inventory = Inventory::merge(&[("all.json".to_owned(), fragment)], &CaptureOptions::default());
    let resolver = Resolver::new(inventory);
    let health = HealthReport::new(resolver.inventory(), Some(SPAN));
    let pair = Pair {
        src: "10.1.0.4".parse().unwrap(),
        dst: "8.8.8.8".parse().unwrap(),
        port: 443,
        protocol: 6,
        verdict: Verdict::Allowed,
        begun: 7,
        continued: 0,
        ended: 7,
        denied: 0,
        packets: [7, 7],
        bytes: [700, 700],
        first_ms: SPAN.0,
        last_ms: SPAN.1,
        side: Side::Source,
        rules: Vec::new().into(),
        encryption: Vec::new().into(),
    };
    let probes = ProbeReport::default();
    let known =
        Known { resolver: &resolver, health: &health, pairs: &[pair], probes: &probes, span: Some(SPAN), inputs: &[] };
    let report = check(known);
    let mut found = report.findings.into_iter().filter(|shown| shown.finding.id == "egress-behind-node");
    found.next().expect("a node sends outward")
}

#[test]
fn without_hubble_no_pod_is_named() {
    let shown = finding(vec![sighting("near", "10.244.0.9", None)]);
    assert_eq!(shown.finding.confidence, "measured");
    assert_eq!(shown.finding.title, "Traffic to public addresses leaves with 1 node address in place of the pods'.");
    assert!(shown.keys.is_empty());
}

#[test]
fn pods_that_hubble_saw_send_outward_are_named_as_an_inference() {
    let inside = Some((120_000, 180_000));
    let shown = finding(vec![
        sighting("near", "10.244.0.9", inside),
        // Of another node, of another time, of no object.
        sighting("far", "10.244.1.9", inside),
        sighting("late", "10.244.0.11", Some((700_000, 800_000))),
        sighting("gone", "10.244.0.12", inside),
    ]);
    assert_eq!(shown.finding.confidence, "inferred");
    assert_eq!(
        shown.finding.title,
        "Traffic to public addresses leaves with 1 node address; Hubble saw 2 pods behind it send some."
    );
    assert_eq!(
        shown.finding.evidence,
        [
            "7 flows to public addresses began at a node's address.",
            "Inferred: yada/gone (10.244.0.12), seen from 1970-01-01T00:02:00Z to 1970-01-01T00:03:00Z.",
            "Inferred: yada/near (10.244.0.9) on a, seen from 1970-01-01T00:02:00Z to 1970-01-01T00:03:00Z.",
        ]
    );
    let keys: Vec<&str> = shown.keys.iter().map(|key| key.0.as_str()).collect();
    assert_eq!(keys, ["pod:yada/near"]);
}
