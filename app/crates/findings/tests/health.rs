//! Health of pods by the contract's precedence.

use std::net::IpAddr;
use underlay_findings::HealthReport;
use underlay_identity::Inventory;
use underlay_model::health::{BackendHealthStatus, HealthState};
use underlay_model::inventory::{BackendHealth, Container, Endpoint, EndpointSlice, Event, Fragment, Meta, Pod};
use underlay_model::time::Millis;
use underlay_model::view::CaptureOptions;

const SPAN: Option<(Millis, Millis)> = Some((1_000_000, 2_000_000));

fn address() -> IpAddr {
    "10.244.0.131".parse().unwrap()
}

fn meta(name: &str) -> Meta {
    Meta { namespace: "yada".into(), name: name.into(), ..Meta::default() }
}

/// A capture of one pod and what its witnesses say.
#[derive(Clone, Default)]
struct Case {
    ready: Option<bool>,
    backend: Vec<BackendHealthStatus>,
    endpoint: Option<(bool, bool)>,
    restarted_ms: Option<Millis>,
    event: Option<(&'static str, Millis, Millis)>,
}

fn inventory(case: &Case) -> Inventory {
    let container = Container {
        restarts: u64::from(case.restarted_ms.is_some()) * 2,
        last_finished_ms: case.restarted_ms,
        ..Container::default()
    };
    let fragment = Fragment {
        pods: vec![Pod {
            meta: meta("api-bg76s"),
            addresses: vec![address()],
            phase: "Running".into(),
            ready: case.ready,
            containers: vec![container],
            ..Pod::default()
        }],
        backend_health: case
            .backend
            .iter()
            .map(|status| BackendHealth { endpoints: vec![(address(), Some(*status))], ..BackendHealth::default() })
            .collect(),
        endpoint_slices: case
            .endpoint
            .iter()
            .map(|&(ready, terminating)| EndpointSlice {
                meta: meta("api-x7k2p"),
                endpoints: vec![Endpoint { addresses: vec![address()], ready, terminating, ..Endpoint::default() }],
                ..EndpointSlice::default()
            })
            .collect(),
        events: case
            .event
            .iter()
            .map(|&(reason, first, last)| Event {
                meta: meta("api-bg76s.18a1"),
                object_kind: "Pod".into(),
                object_namespace: "yada".into(),
                object_name: "api-bg76s".into(),
                reason: reason.into(),
                first_ms: Some(first),
                last_ms: Some(last),
                count: 57,
                ..Event::default()
            })
            .collect(),
        ..Fragment::default()
    };
    Inventory::merge(&[("k.json".to_owned(), fragment)], &CaptureOptions::default())
}

fn state(case: &Case) -> HealthState {
    let inventory = inventory(case);
    let report = HealthReport::new(&inventory, SPAN);
    let pods = report.pods(&inventory);
    assert_eq!(report.state(0), Some(pods[0].state));
    pods[0].state
}

#[test]
fn follows_the_precedence_of_the_contract() {
    use BackendHealthStatus::{Healthy, Unhealthy};
    let good = Case { ready: Some(true), backend: vec![Healthy], endpoint: Some((true, false)), ..Case::default() };
    assert_eq!(state(&Case::default()), HealthState::Unknown);
    assert_eq!(state(&good), HealthState::Healthy);
    assert_eq!(state(&Case { backend: vec![Healthy], ..Case::default() }), HealthState::Healthy);
    assert_eq!(state(&Case { endpoint: Some((true, false)), ..Case::default() }), HealthState::Healthy);
    // UNHEALTHY for any of its services.
    assert_eq!(state(&Case { backend: vec![Unhealthy, Healthy], ..good.clone() }), HealthState::Failing);
    assert_eq!(state(&Case { ready: Some(false), ..good.clone() }), HealthState::Failing);
    assert_eq!(state(&Case { endpoint: Some((false, false)), ..good.clone() }), HealthState::Failing);
    // A terminating endpoint is meant to be not ready.
    assert_eq!(state(&Case { endpoint: Some((false, true)), ..good.clone() }), HealthState::Healthy);
    assert_eq!(state(&Case { endpoint: Some((false, true)), ..Case::default() }), HealthState::Unknown);
    assert_eq!(state(&Case { restarted_ms: Some(1_500_000), ..good.clone() }), HealthState::Degraded);
    assert_eq!(state(&Case { restarted_ms: Some(900_000), ..good.clone() }), HealthState::Healthy);
    assert_eq!(state(&Case { event: Some(("Unhealthy", 500_000, 1_500_000)), ..good.clone() }), HealthState::Degraded);
    assert_eq!(state(&Case { event: Some(("Unhealthy", 500_000, 900_000)), ..good.clone() }), HealthState::Healthy);
    assert_eq!(state(&Case { event: Some(("Pulled", 1_500_000, 1_500_000)), ..good }), HealthState::Healthy);
}

#[test]
fn judges_neither_finished_nor_host_network_pods() {
    let pod = |name: &str| Pod { meta: meta(name), ready: Some(true), phase: "Running".into(), ..Pod::default() };
    let fragment = Fragment {
        pods: vec![
            Pod { phase: "Succeeded".into(), ..pod("job") },
            Pod { host_network: true, ..pod("proxy") },
            Pod { from_table: true, phase: "Evicted".into(), ..pod("evicted") },
            pod("web"),
            pod("api"),
        ],
        ..Fragment::default()
    };
    let inventory = Inventory::merge(&[("k.json".to_owned(), fragment)], &CaptureOptions::default());
    let report = HealthReport::new(&inventory, None);
    let names: Vec<String> = report.pods(&inventory).into_iter().map(|pod| pod.pod).collect();
    assert_eq!(names, ["yada/api", "yada/web"]);
}

#[test]
fn lists_witnesses_best_source_first() {
    let inventory = inventory(&Case {
        ready: Some(false),
        backend: vec![BackendHealthStatus::Unhealthy],
        endpoint: Some((false, false)),
        restarted_ms: None,
        event: Some(("Unhealthy", 500_000, 1_500_000)),
    });
    let witnesses = HealthReport::new(&inventory, SPAN).witnesses(&inventory, 0);
    let sources: Vec<(char, HealthState)> = witnesses.iter().map(|witness| (witness.source, witness.state)).collect();
    assert_eq!(
        sources,
        [
            ('H', HealthState::Failing),
            ('K', HealthState::Failing),
            ('K', HealthState::Failing),
            ('K', HealthState::Degraded)
        ]
    );
    assert_eq!(witnesses[0].text, "backendHealth: UNHEALTHY");
    assert_eq!(witnesses[2].text, "Pod not Ready, 0 restarts");
    assert_eq!(witnesses[3].text, "Unhealthy, 57 times");
}

#[test]
fn of_two_pods_at_one_address_the_younger_is_the_backend() {
    let pod = |name: &str, started| Pod {
        meta: meta(name),
        addresses: vec![address()],
        phase: "Running".into(),
        started_ms: Some(started),
        ..Pod::default()
    };
    let fragment = Fragment {
        pods: vec![pod("old", 1), pod("young", 2)],
        backend_health: vec![BackendHealth {
            endpoints: vec![(address(), Some(BackendHealthStatus::Healthy))],
            ..BackendHealth::default()
        }],
        ..Fragment::default()
    };
    let inventory = Inventory::merge(&[("k.json".to_owned(), fragment)], &CaptureOptions::default());
    let states: Vec<HealthState> =
        HealthReport::new(&inventory, SPAN).pods(&inventory).into_iter().map(|pod| pod.state).collect();
    assert_eq!(states, [HealthState::Unknown, HealthState::Healthy]);
}
