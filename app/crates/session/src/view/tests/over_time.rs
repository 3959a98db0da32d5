//! The matrix, a request's way, tracks of the timeline, witnesses and charts, on the lab of the field notes.

use super::lab::{Lab, files, ip, meta, pair, pairs};
use crate::view::{World, carrying_pairs, charts, detail, journey, matrix, timeline};
use underlay_model::access::{AccessCell, AccessRow, AccessSums};
use underlay_model::charts::ChartForm;
use underlay_model::connection::{Connection, ProbeObservation, ProbeReport, Separation};
use underlay_model::health::HealthState;
use underlay_model::inventory::{Event, Fragment};
use underlay_model::journey::Certainty;
use underlay_model::matrix::{CellState, MatrixFold};
use underlay_model::metrics::{MetricSeries, Value};
use underlay_model::time::MINUTE_MS;
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKey, EventKind, MinuteRange};
use underlay_store::query::{MinuteSum, MinuteSums};
use underlay_store::sums::Counters;

const GOOD: &str = "10.244.0.147";
const BAD: &str = "10.244.0.131";
const START: i64 = 1000 * MINUTE_MS;

/// Ten minutes of probes, twelve a minute; of the failing pod unanswered from the fifth minute on.
fn probes(target: &str, fails: bool) -> ProbeObservation {
    let mut seen = ProbeObservation {
        instance: Some(ip("10.13.100.6")),
        target: Some(ip(target)),
        port: 8080,
        separation: Separation::Clear,
        interval_ms: 5000,
        user: 4,
        span: Some((START, START + 10 * MINUTE_MS - 1)),
        ..ProbeObservation::default()
    };
    for minute in 1000..1010 {
        let answered = !(fails && minute >= 1005);
        seen.note(minute, answered, 12);
        if answered {
            seen.answered += 12;
        } else {
            seen.unanswered += 12;
        }
    }
    if fails {
        seen.unanswered_run = 60;
        seen.unanswered_span = Some((START + 5 * MINUTE_MS, START + 10 * MINUTE_MS));
    }
    seen
}

fn number(value: u32) -> Value {
    Value::new(f64::from(value)).unwrap()
}

/// The lab with metrics, an access log and an event; 124 flows to each pod, of which 120 are probes.
fn lab() -> Lab {
    let series = MetricSeries {
        metric: "BackendHealthyTargets".into(),
        dimensions: vec![("backendservice".into(), "yada/yadaapi/8080".into())],
        interval_ms: 60_000,
        span: Some((START, START + 10 * MINUTE_MS)),
        // Minutes 3 and 4 are missing.
        points: [(0, 2), (1, 2), (2, 2), (5, 1), (6, 1)]
            .map(|(minute, healthy)| (START + minute * MINUTE_MS, number(healthy)))
            .into(),
        ..MetricSeries::default()
    };
    let cell =
        |minute, backend, status, requests| AccessCell { minute, backend, status, requests, ..AccessCell::default() };
    let access = AccessSums {
        gateways: vec![String::new()],
        front_ends: vec!["fe:80".into()],
        backends: vec![(Some(ip(BAD)), 8080), (Some(ip(GOOD)), 8080)],
        cells: vec![cell(1001, 1, 200, 30), cell(1006, 0, 503, 7), cell(1006, 1, 200, 30)],
        ..AccessSums::default()
    };
    let event = Event {
        meta: meta("yada", "e1"),
        object_kind: "Pod".into(),
        object_namespace: "yada".into(),
        object_name: "yadaapi-5f9f964f75-bg76s".into(),
        reason: "Unhealthy".into(),
        kind: "Warning".into(),
        first_ms: Some(START + 5 * MINUTE_MS),
        last_ms: Some(START + 6 * MINUTE_MS),
        count: 57,
        ..Event::default()
    };
    let mut all = files();
    let azure = underlay_model::azure::AzureFragment { metrics: vec![series], access, ..Default::default() };
    all.push(("more.json".into(), Fragment { azure, events: vec![event], ..Fragment::default() }));
    let mut pairs: Vec<_> = pairs().into_iter().filter(|one| one.pair.src != ip("10.13.100.6")).collect();
    pairs.push(pair("10.13.100.6", GOOD, 8080, Verdict::Allowed, 124));
    pairs.push(pair("10.13.100.6", BAD, 8080, Verdict::Allowed, 124));
    let mut lab = Lab::of(all, pairs);
    lab.probes = ProbeReport {
        observations: vec![probes(BAD, true), probes(GOOD, false)],
        covered: vec![(1000, 1009)],
        thinned: 0,
    };
    lab
}

/// Ten covered minutes but for the eighth, with denials in the seventh.
fn minutes() -> MinuteSums {
    let sum = |minute: i64| {
        let denied = u64::from(minute == 1006) * 37;
        let all = Counters { begun: 30, ended: 30, denied, bytes: [1000, 9000], ..Counters::default() };
        MinuteSum { minute, all, selected: all, ..MinuteSum::default() }
    };
    MinuteSums((1000..1010).filter(|minute| *minute != 1007).map(sum).collect())
}

fn pod(name: &str) -> EntityKey {
    EntityKey(format!("pod:yada/yadaapi-5f9f964f75-{name}"))
}

#[test]
fn the_matrix_shows_who_probes_whom_and_who_is_silent() {
    let lab = lab();
    let matrix = matrix(lab.world(), &lab.pairs, None);
    assert_eq!(matrix.fold, MatrixFold::Pod);
    let instances: Vec<&str> = matrix.instances.iter().map(|instance| instance.name.as_str()).collect();
    assert_eq!(instances, ["10.13.100.6", "10.13.100.7"]);
    assert!(matrix.instances[1].absent);
    let rows: Vec<(&str, CellState)> = matrix.rows.iter().map(|row| (row.name.as_str(), row.state)).collect();
    assert_eq!(
        rows,
        [("yadaapi-5f9f964f75-bg76s", CellState::Unanswered), ("yadaapi-5f9f964f75-2tnc8", CellState::Usual)]
    );
    let bad = &matrix.rows[0].cells[0];
    assert_eq!((bad.answered, bad.unanswered, bad.connections, bad.unknown), (60, 60, 4, 0));
    // An instance that is silent to everybody is said once, not of every pod.
    assert_eq!(matrix.rows[0].marks, ["60 of 120 probes unanswered"]);
    assert_eq!(matrix.rows[0].cells[1].state, CellState::Silent);
    assert_eq!(matrix.rows[0].requests, Some((7, 7)));
    assert_eq!((matrix.rows[0].group.as_str(), matrix.pods), ("yada/yadaapi", 2));
    assert_eq!(matrix.instances[0].total.connections, 8);
    assert!(matrix.notes.iter().any(|note| note.starts_with("Silent: 10.13.100.7")), "{:?}", matrix.notes);
}

#[test]
fn a_range_of_the_matrix_counts_its_own_probes() {
    let lab = lab();
    let world = World { range: Some(MinuteRange { first: 1004, last: 1005 }), ..lab.world() };
    let mut pairs: Vec<_> = pairs().into_iter().filter(|one| one.pair.src != ip("10.13.100.6")).collect();
    pairs.push(pair("10.13.100.6", BAD, 8080, Verdict::Allowed, 25));
    let found = matrix(world, &pairs.into_iter().collect(), Some(MatrixFold::Pod));
    let cell = found.rows.iter().find(|row| row.name.ends_with("bg76s")).unwrap().cells[0];
    assert_eq!((cell.answered, cell.unanswered, cell.connections), (12, 12, 1));
}

#[test]
fn rows_fold_by_service_and_node_and_lose_nothing() {
    let lab = lab();
    let by_pod = matrix(lab.world(), &lab.pairs, Some(MatrixFold::Pod));
    for (fold, name) in [(MatrixFold::Service, "yada/yadaapi"), (MatrixFold::Node, super::lab::NODE)] {
        let folded = matrix(lab.world(), &lab.pairs, Some(fold));
        assert_eq!(folded.rows.len(), 1);
        let row = &folded.rows[0];
        assert_eq!((row.name.as_str(), row.pods, row.state), (name, 2, CellState::Unanswered));
        assert_eq!(folded.instances, by_pod.instances);
        assert_eq!(row.requests, Some((67, 7)));
        assert_eq!(row.marks, ["60 of 240 probes unanswered"]);
    }
}

fn connection(start_ms: i64, source_port: u16, bytes: u32) -> Connection {
    Connection {
        start_ms,
        duration_ms: 20,
        source_port,
        begun: true,
        ended: true,
        packets: [6, 6],
        bytes: [500, bytes],
        ..Connection::default()
    }
}

fn request() -> AccessRow {
    AccessRow {
        time_ms: START + 30_000,
        client: Some(ip("198.51.100.7")),
        front_end: "fe:80".into(),
        backend: (Some(ip(GOOD)), 8080),
        status: 200,
        host: "gudch2dqgbdwfzak.fz32.alb.azure.com".into(),
        time_taken_ms: Some(40),
        backend_latency_ms: Some(25),
        backend_time_taken_ms: Some(30),
        response_bytes: 2000,
        ..AccessRow::default()
    }
}

#[test]
fn a_request_is_joined_to_its_flow_and_its_pod() {
    let lab = lab();
    let row = request();
    let asked = carrying_pairs(lab.world(), &row);
    assert_eq!(asked, [(ip("10.13.100.6"), ip(GOOD), 8080)]);
    // One long before, one that is too small, and the one.
    let list =
        vec![connection(START, 1, 2500), connection(START + 29_900, 2, 300), connection(START + 29_980, 3, 2500)];
    let found = journey(lab.world(), row.clone(), vec![(asked[0], list.clone())]);
    assert_eq!(found.flows.len(), 1);
    assert_eq!(found.flows[0].connection.source_port, 3);
    assert_eq!(
        found.verdict,
        "One connection fits in time and size: inferred. One more was open then, but returned too few bytes."
    );
    let hops: Vec<(&str, &str, Certainty)> =
        found.hops.iter().map(|hop| (hop.what.as_str(), hop.name.as_str(), hop.certainty)).collect();
    assert_eq!(
        hops,
        [
            ("Client", "198.51.100.7", Certainty::Known),
            ("Front end", "fe:80", Certainty::Known),
            ("Gateway instance", "10.13.100.6", Certainty::Inferred),
            ("Route", "yada/yadaapi", Certainty::Inferred),
            ("Service", "yada/yadaapi", Certainty::Inferred),
            ("Pod", "yada/yadaapi-5f9f964f75-2tnc8", Certainty::Known),
            ("Node", super::lab::NODE, Certainty::Known),
        ]
    );
    let path: Vec<&str> = found.path.iter().map(|key| key.0.as_str()).collect();
    assert_eq!(path[..3], ["frontend:default/appgw4c", "instance:10.13.100.6", "route:yada/yadaapi"]);
    let times: Vec<Option<u32>> = found.times.iter().map(|share| share.milliseconds).collect();
    assert_eq!(times, [Some(10), Some(25), Some(5)], "the parts add up to the whole");

    let twice = [list, vec![connection(START + 29_985, 4, 2600)]].concat();
    let several = journey(lab.world(), row, vec![(asked[0], twice)]);
    assert!(several.verdict.starts_with("2 connections fit, all of one instance"), "{}", several.verdict);
    assert_eq!(several.flows.len(), 2);
}

#[test]
fn a_request_without_a_flow_says_why() {
    let lab = lab();
    let none = |row: AccessRow| journey(lab.world(), row, Vec::new());
    let own = none(AccessRow { backend: (None, 0), ..request() });
    assert!(own.verdict.starts_with("The gateway answered this itself") && own.hops.len() == 2);
    let elsewhere = none(AccessRow { time_ms: START + 90 * MINUTE_MS, ..request() });
    assert_eq!(elsewhere.verdict, "No flow log covers this minute, so the flow is unknown.");
    let lost = none(request());
    assert!(
        lost.verdict.starts_with("No connection of a gateway instance to 10.244.0.147 port 8080"),
        "{}",
        lost.verdict
    );
    assert!(lost.hops.iter().any(|hop| hop.what == "Gateway instance" && hop.certainty == Certainty::Unknown));
}

#[test]
fn the_timeline_has_targets_events_requests_and_where_to_jump() {
    let lab = lab();
    let tracks = timeline(lab.world(), &minutes(), false).tracks;
    let lane = &tracks.targets[0];
    assert_eq!((lane.service.as_str(), lane.expected), ("yada/yadaapi/8080", Some(2)));
    let runs: Vec<(i64, i64, f64)> = lane.runs.iter().map(|run| (run.first, run.last, run.healthy.get())).collect();
    assert_eq!(runs, [(1000, 1002, 2.0), (1005, 1006, 1.0)], "missing minutes are in no run");
    let event = &tracks.events[0];
    assert_eq!((event.minute, event.kind, event.count), (1005, EventKind::Warning, 57), "where it began");
    assert_eq!(event.key, Some(pod("bg76s")));
    let requests: Vec<(i64, u64, u64)> =
        tracks.requests.iter().map(|bar| (bar.minute, bar.requests, bar.failed)).collect();
    assert_eq!(requests, [(1001, 30, 0), (1006, 37, 7)]);
    let problems: Vec<(i64, &str)> =
        tracks.problems.iter().map(|problem| (problem.minute, problem.text.as_str())).collect();
    assert_eq!(
        problems,
        [
            (1005, "1 of 2 targets of yada/yadaapi/8080 healthy"),
            (1005, "Probes of 1 target go unanswered"),
            (1005, "Unhealthy yadaapi-5f9f964f75-bg76s"),
            (1006, "37 flows denied"),
            (1006, "7 of 37 requests answered with 5xx"),
        ]
    );
}

#[test]
fn without_flow_logs_the_timeline_is_that_of_metrics_and_requests() {
    let lab = lab();
    let timeline = timeline(lab.world(), &MinuteSums::default(), false);
    assert_eq!((timeline.first, timeline.bars.len()), (1000, 10));
    assert!(timeline.bars.iter().all(|bar| !bar.covered), "no flow log covers anything");
    assert_eq!(timeline.tracks.requests.len(), 2);
}

#[test]
fn witnesses_stand_side_by_side_with_their_limits_and_contradictions() {
    let lab = lab();
    let ask = |key: &EntityKey| detail(lab.world(), key, &lab.pairs, &lab.details, &minutes()).unwrap();
    let bad = ask(&pod("bg76s"));
    let sources: String = bad.witnesses.iter().map(|witness| witness.source).collect();
    assert_eq!(sources, "HKKKMA");
    assert!(bad.witnesses.iter().all(|witness| !witness.limits.is_empty()));
    let requests = bad.witnesses.last().unwrap();
    assert_eq!((requests.text.as_str(), requests.state), ("7 requests, 7 of them 5xx", HealthState::Failing));
    let metric = bad.witnesses.iter().find(|witness| witness.source == 'M').unwrap();
    assert_eq!(metric.spans.len(), 2, "the gap is in no span");
    // What the pod itself hears: strips of the instance that probes and of the one that should.
    let strips: Vec<(&str, u64, u64)> =
        bad.probes.iter().map(|strip| (strip.name.as_str(), strip.answered, strip.unanswered)).collect();
    assert_eq!(strips, [("10.13.100.6", 60, 60), ("10.13.100.7", 0, 0)]);

    let service = ask(&EntityKey("service:yada/yadaapi".into()));
    let texts: Vec<&str> = service.witnesses.iter().map(|witness| witness.text.as_str()).collect();
    for text in ["backendHealth: 1 of 2 targets HEALTHY", "1 of 2 endpoints ready", "1 of 2 pods Ready"] {
        assert!(texts.contains(&text), "{text} is not in {texts:?}");
    }
    for key in ["route:yada/yadaapi", "instance:10.13.100.6", "node:aks-nodepool1-30661543-vmss000000"] {
        let witnesses = ask(&EntityKey(key.into())).witnesses;
        let sources: String = witnesses.iter().map(|witness| witness.source).collect();
        assert!("HKFMA".chars().all(|source| sources.contains(source)), "{key}: {sources}");
        assert!(witnesses.iter().all(|witness| !witness.limits.is_empty()), "{key}");
    }
}

#[test]
fn a_gateway_that_disagrees_with_kubernetes_is_named() {
    let mut all = files();
    all[1].1.pods[0].ready = Some(true);
    all[1].1.endpoint_slices[0].endpoints[1].ready = true;
    let lab = Lab::of(all, pairs());
    let found = detail(lab.world(), &pod("bg76s"), &lab.pairs, &lab.details, &minutes()).unwrap();
    assert_eq!(found.contradictions.len(), 1);
    assert!(
        found.contradictions[0].contains("the gateway says UNHEALTHY, the pod is Ready"),
        "{:?}",
        found.contradictions
    );
    let agreed = detail(lab.world(), &pod("2tnc8"), &lab.pairs, &lab.details, &minutes()).unwrap();
    assert!(agreed.contradictions.is_empty());
}

#[test]
fn peers_are_probes_and_users_apart_and_add_up() {
    let lab = lab();
    let found = detail(lab.world(), &pod("2tnc8"), &lab.pairs, &lab.details, &minutes()).unwrap();
    let of = |kind: EdgeKind| found.peers.iter().find(|peer| peer.kind == kind).map(|peer| peer.traffic.flows);
    assert_eq!((of(EdgeKind::Probe), of(EdgeKind::User)), (Some(120), Some(4)));
    assert_eq!(found.peers.iter().map(|peer| peer.traffic.flows).sum::<u64>(), found.total.flows);
}

#[test]
fn charts_of_flows_have_gaps_and_zeroes() {
    let lab = lab();
    let found = charts(lab.world(), None, &minutes());
    let chart = |key: &str| found.charts.iter().find(|chart| chart.key == key).unwrap_or_else(|| panic!("no {key}"));
    let traffic = chart("traffic");
    assert_eq!((traffic.form, traffic.series.len()), (ChartForm::Mirror, 2));
    let at = |key: &str, series: usize, minute: i64| chart(key).series[series].at(minute * MINUTE_MS).map(Value::get);
    assert_eq!(at("traffic", 0, 1000), Some(9000.0));
    assert_eq!(at("traffic", 0, 1007), None, "a gap");
    assert_eq!((at("denials", 0, 1006), at("denials", 0, 1005)), (Some(37.0), Some(0.0)));
    assert_eq!((at("probes", 0, 1004), at("probes", 1, 1004)), (Some(24.0), Some(0.0)));
    assert_eq!((at("probes", 0, 1005), at("probes", 1, 1005)), (Some(12.0), Some(12.0)));
    // Of 30 new connections 24 are probes.
    assert_eq!((at("new-connections", 0, 1000), at("new-connections", 1, 1000)), (Some(24.0), Some(6.0)));
    let of_pod = charts(lab.world(), Some(&pod("bg76s")), &minutes());
    assert_eq!(of_pod.subject, "yadaapi-5f9f964f75-bg76s");
    let status = of_pod.charts.iter().find(|chart| chart.key == "status").unwrap();
    assert_eq!(status.series.iter().map(|series| series.name.as_str()).collect::<Vec<_>>(), ["5xx"]);
}
