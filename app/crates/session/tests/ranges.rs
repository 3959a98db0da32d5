//! The picture of a time range: the same however many shards hold the rows, and its parts add up to the whole.

mod fixture;

use fixture::{File, capture, flow_log, read, record};
use underlay_model::view::{EdgeKind, MinuteRange, Topology, Traffic};
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_session::in_process::InProcess;

/// 2026-11-20T09:00Z.
const START: i64 = 29_919_420;

fn minutes(first: i64, last: i64) -> Option<MinuteRange> {
    Some(MinuteRange { first: START + first, last: START + last })
}

fn picture(host: &mut InProcess, range: Option<MinuteRange>) -> Topology {
    let events = host.ask(|id| PageRequest::Topology { id, range });
    let answer = events.into_iter().rev().find_map(|event| match event {
        PageEvent::Topology { topology, .. } => Some(topology),
        _ => None,
    });
    answer.expect("the picture is answered")
}

/// `source > target flows bytes`, of edges that flow logs tell of.
fn edges(topology: &Topology) -> Vec<String> {
    let name = |at: u32| topology.entities[at as usize].key.0.as_str();
    let told = topology.edges.iter().filter(|edge| edge.kind != EdgeKind::Inferred);
    told.map(|edge| {
        let traffic = edge.traffic;
        let bytes = traffic.total_bytes();
        format!("{} > {} {:?} {} {bytes}", name(edge.source), name(edge.target), edge.kind, traffic.flows)
    })
    .collect()
}

/// A pod that has the address of a finished one (which is no thing of its own) from the third minute on; a connection that begins in one file and ends in another.
fn moving() -> Vec<File> {
    let pod = |name: &str, started: &str, rest: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"namespace":"n","name":"{name}","uid":"{name}"}},"spec":{{"nodeName":"node"}},
            "status":{{"podIP":"10.244.0.7","hostIP":"10.13.76.4","startTime":"{started}",{rest}}}}}"#
        )
    };
    let gone = r#""phase":"Succeeded","containerStatuses":[{"name":"c","state":{"terminated":{"finishedAt":"2026-11-20T08:56:30Z"}}}]"#;
    let pods = [pod("old", "2026-11-20T08:00:00Z", gone), pod("new", "2026-11-20T09:02:00Z", r#""phase":"Running""#)];
    let pods = format!(r#"{{"apiVersion":"v1","kind":"List","items":[{}]}}"#, pods.join(","));
    let at = |minute: i64| (START + minute) * 60_000 + 500;
    let begin = |minute: i64, port: u16| format!("{},10.13.100.6,10.244.0.7,{port},8080,6,I,B,NX,0,0,0,0", at(minute));
    let end = |minute: i64, port: u16| format!("{},10.13.100.6,10.244.0.7,{port},8080,6,I,E,NX,1,100,1,10", at(minute));
    let file = |path: &str, minute: i64, tuples: &[String]| {
        let tuples: Vec<&str> = tuples.iter().map(String::as_str).collect();
        (path.to_owned(), flow_log(&[record("f", "6045BD000004", &format!("2026-11-20T09:{minute:02}:30Z"), &tuples)]))
    };
    vec![
        ("pods.json".to_owned(), pods.into_bytes()),
        file("a.json", 0, &[begin(0, 1), begin(0, 2), end(0, 2)]),
        file("b.json", 1, &[end(1, 1), begin(1, 3)]),
        file("c.json", 3, &[end(3, 3), begin(3, 4), end(3, 4)]),
    ]
}

#[test]
fn a_range_is_the_same_picture_however_many_shards_hold_it() {
    for files in [capture(), moving()] {
        let ranges = [minutes(0, 0), minutes(0, 1), minutes(1, 3), minutes(1, 1), None, minutes(0, 3), minutes(7, 9)];
        let pictures = |shards: u32| {
            let mut host = read(&files, shards, 1000);
            ranges.map(|range| picture(&mut host, range))
        };
        let alone = pictures(1);
        assert_eq!(pictures(2), alone);
        assert_eq!(pictures(4), alone);
        let traffic =
            |topology: &Topology| -> Vec<Traffic> { topology.entities.iter().map(|entity| entity.traffic).collect() };
        assert_eq!(traffic(&alone[4]), traffic(&alone[5]));
        assert_eq!(edges(&alone[4]), edges(&alone[5]));
        assert_eq!(alone[6].total, Traffic::default());
    }
}

#[test]
fn a_connection_is_one_flow_in_every_range_that_holds_its_begin_or_end() {
    for shards in [1, 3] {
        let mut host = read(&moving(), shards, 1000);
        let mut told = |first: i64, last: i64| edges(&picture(&mut host, minutes(first, last)));
        let edge = |target: &str, flows: u64, bytes: u64| {
            vec![format!("address:10.13.100.6 > {target} Internal {flows} {bytes}")]
        };
        assert_eq!(told(0, 0), edge("pods:node", 2, 110));
        assert_eq!(told(0, 1), edge("pods:node", 3, 220));
        assert_eq!(told(1, 1), edge("pods:node", 1, 110));
        assert_eq!(told(3, 3), edge("pod:n/new", 2, 220));
        assert_eq!(told(1, 3), [edge("pods:node", 1, 110), edge("pod:n/new", 2, 220)].concat());
    }
}
