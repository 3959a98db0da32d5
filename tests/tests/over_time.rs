//! The matrix of gateway instances and pods, the tracks of the timeline and requests end to end, held to what the generator knows.

use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_lab::fault::Fault;
use underlay_lab::{Memory, Plan, generate, sample};
use underlay_model::access::AccessFilter;
use underlay_model::journey::{Certainty, Journey};
use underlay_model::matrix::{CellState, Matrix, MatrixFold};
use underlay_model::tuple::Verdict;
use underlay_model::view::{CaptureOptions, MinuteRange, Timeline};
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_session::in_process::InProcess;
use underlay_tests::{Engine, Files};

fn plan() -> Plan {
    Plan {
        nodes: 2,
        pods_per_node: 4,
        services: 2,
        gateway_instances: 2,
        silent_instances: 1,
        minutes: 12,
        requests: 240,
        ..Plan::default()
    }
}

fn engine(files: &Files) -> InProcess {
    Engine::default().read(files, CaptureOptions::default())
}

fn matrix(engine: &mut InProcess, fold: MatrixFold, range: Option<MinuteRange>) -> Matrix {
    let events = engine.ask(|id| PageRequest::Matrix { id, fold: Some(fold), range });
    let found = events.into_iter().find_map(|event| match event {
        PageEvent::Matrix { matrix, .. } => Some(*matrix),
        _ => None,
    });
    found.expect("an answer")
}

fn timeline(engine: &mut InProcess) -> Timeline {
    let events = engine.ask(|id| PageRequest::Timeline { id, selection: None });
    let found = events.into_iter().find_map(|event| match event {
        PageEvent::Timeline { timeline, .. } => Some(timeline),
        _ => None,
    });
    found.expect("an answer")
}

#[test]
fn every_cell_of_the_matrix_is_what_was_generated() {
    let plan = plan();
    let mut memory = Memory::new();
    let truth = generate(&Plan { truth: true, ..plan.clone() }, &mut memory)
        .expect("the plan is sound")
        .truth
        .expect("a small plan has its truth");
    let mut engine = engine(&memory.files);
    let found = matrix(&mut engine, MatrixFold::Pod, None);
    let pods: BTreeMap<IpAddr, String> = truth
        .endpoints
        .iter()
        .filter_map(|one| Some((one.ip, one.name.as_ref()?.rsplit('/').next()?.to_owned())))
        .collect();
    let mut flows: BTreeMap<(String, String), u64> = BTreeMap::new();
    for pair in truth.pairs.iter().filter(|pair| pair.verdict == Verdict::Allowed) {
        if let Some(pod) = pods.get(&pair.dst) {
            *flows.entry((pair.src.to_string(), pod.clone())).or_default() += pair.begun.max(pair.ended);
        }
    }
    assert_eq!((found.rows.len(), found.instances.len()), (8, 3));
    let mut compared = 0;
    for row in &found.rows {
        for (instance, cell) in found.instances.iter().zip(&row.cells) {
            let expected = flows.get(&(instance.name.clone(), row.name.clone())).copied().unwrap_or(0);
            let counted = cell.probes() + cell.connections + cell.unknown;
            assert_eq!(counted, expected, "{} to {}", instance.name, row.name);
            compared += usize::from(expected > 0);
        }
    }
    assert_eq!(compared, 16, "two instances and eight pods");
    let silent: Vec<&str> = found.instances.iter().filter(|one| one.absent).map(|one| one.name.as_str()).collect();
    assert_eq!(silent.len(), 1);
    // An instance that is silent to everybody is said once, not of every pod.
    assert!(found.notes.iter().any(|note| note.starts_with(&format!("Silent: {}", silent[0]))));
    let column = found.instances.iter().position(|one| one.absent).expect("there is one");
    for row in &found.rows {
        assert_eq!(row.cells[column].state, CellState::Silent);
        assert!(row.marks.iter().all(|mark| !mark.contains(silent[0])), "{:?}", row.marks);
    }
    // Twelve minutes of a probe each five seconds, of both instances.
    let probes: u64 = found.rows.iter().map(|row| row.total.probes()).sum();
    let expected = 8 * 2 * 12 * 12;
    assert!(probes.abs_diff(expected) * 100 <= expected * 3, "{probes} of {expected} probes");

    // The parts of the time add up to the whole, but for probes that a part or the log cuts in two.
    let first = plan.start_ms / 60_000;
    let sum = |range: MinuteRange, engine: &mut InProcess| -> u64 {
        matrix(engine, MatrixFold::Service, Some(range)).rows.iter().map(|row| row.total.probes()).sum()
    };
    let halves = sum(MinuteRange { first, last: first + 5 }, &mut engine)
        + sum(MinuteRange { first: first + 6, last: first + 20 }, &mut engine);
    assert!(halves.abs_diff(probes) * 100 <= probes, "{halves} of {probes}");
}

#[test]
fn faults_are_where_playback_jumps_to() {
    for (fault, words) in [(Fault::ServerErrors, "5xx"), (Fault::ProbesUnanswered, "unanswered")] {
        let plan = plan();
        let mut memory = Memory::new();
        generate(&plan, &mut memory).expect("the plan is sound");
        fault.inject(&mut memory, plan.start_ms, plan.minutes);
        let timeline = timeline(&mut engine(&memory.files));
        let problems = &timeline.tracks.problems;
        assert!(problems.iter().any(|problem| problem.text.contains(words)), "{fault:?}: {problems:?}");
    }
    let mut memory = Memory::new();
    let healthy = Plan { denied: 0, ..plan() };
    generate(&healthy, &mut memory).expect("the plan is sound");
    let tracks = timeline(&mut engine(&memory.files)).tracks;
    assert!(tracks.problems.is_empty(), "{:?}", tracks.problems);
}

#[test]
fn requests_of_the_sample_are_joined_to_flows_and_pods() {
    let mut memory = Memory::new();
    sample::write(&mut memory).expect("memory has room");
    let mut engine = engine(&memory.files);
    let events = engine.ask(|id| PageRequest::Requests { id, filter: AccessFilter::default() });
    let page = events.into_iter().find_map(|event| match event {
        PageEvent::Requests { page, .. } => Some(*page),
        _ => None,
    });
    let rows: Vec<_> = page.expect("an answer").rows.into_iter().filter(|row| row.backend.0.is_some()).collect();
    assert!(!rows.is_empty());
    let mut joined = 0;
    let asked = rows.len().min(40);
    for row in rows.into_iter().take(asked) {
        let events = engine.ask(|id| PageRequest::Journey { id, row: Box::new(row.clone()) });
        let found = events.into_iter().find_map(|event| match event {
            PageEvent::Journey { journey, .. } => Some(*journey),
            _ => None,
        });
        let journey: Journey = found.expect("an answer");
        let hop = |what: &str| journey.hops.iter().find(|hop| hop.what == what);
        assert_eq!(hop("Pod").map(|hop| hop.certainty), Some(Certainty::Known), "{:?}", journey.hops);
        let parts: u32 = journey.times.iter().filter_map(|share| share.milliseconds).sum();
        assert_eq!(Some(parts), row.time_taken_ms, "the parts of the time add up");
        let instance = hop("Gateway instance");
        joined += usize::from(!journey.flows.is_empty());
        if !journey.flows.is_empty() {
            assert_eq!(instance.map(|hop| hop.name.as_str()), Some("10.13.100.6"));
        }
    }
    assert!(joined * 10 >= asked * 9, "{joined} of {asked} requests have a flow");
}
