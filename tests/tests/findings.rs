//! What the checks must find and must not: every fault alone and in pairs, and captures without any in every mode. Information is
//! not counted: it is true of healthy captures, too.

use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use underlay_lab::fault::Fault;
use underlay_lab::plan::NetworkMode;
use underlay_lab::{Memory, Plan, generate};
use underlay_model::view::CaptureOptions;
use underlay_model::wire::FileOffer;
use underlay_session::in_process::{ByteSource, MemorySource};
use underlay_tests::{Engine, Files};

/// A fault, what must be found, and what else may be, as it follows.
fn expected(fault: Fault) -> (&'static [&'static str], &'static [&'static str]) {
    match fault {
        Fault::GatewayDenied => (&["gateway-denied"], &[]),
        Fault::PodNotProbed => (&["pod-not-probed"], &[]),
        Fault::ProbesUnanswered => (&["probes-unanswered"], &[]),
        Fault::Unhealthy => (&["backend-unhealthy"], &[]),
        Fault::HealthyNotReady => (&["healthy-not-ready"], &[]),
        Fault::NoEndpoints => (&["service-without-endpoints"], &[]),
        Fault::RouteToMissingService | Fault::RouteToMissingPort => (&["route-backend"], &[]),
        Fault::RouteNotPermitted => (&["route-backend", "not-programmed"], &[]),
        Fault::ListenerWithoutRoutes => (&["listener-without-routes"], &[]),
        Fault::GatewayNotProgrammed | Fault::OverlayConfigFailed => (&["not-programmed"], &[]),
        Fault::SubnetTooLarge | Fault::SubnetNotDelegated | Fault::SubnetHoldsNodes => (&["gateway-subnet"], &[]),
        Fault::ServiceCidrOverlaps => (&["pod-cidr-overlap"], &[]),
        Fault::KubenetWithGateway => (&["kubenet"], &[]),
        Fault::RouteTableToNowhere => (&["route-table"], &[]),
        Fault::Encapsulated => (&["encapsulated-overlay"], &[]),
        Fault::PodGone => (&["traffic-to-gone-pod"], &[]),
        Fault::Restarted => (&["probes-lost"], &[]),
        Fault::ServerErrors => (&["server-errors"], &[]),
        Fault::ConnectionTimeouts => (&["backend-timeouts"], &[]),
        Fault::MetricsGap => (&["metrics-gap"], &["healthy-targets"]),
        Fault::EncryptionDropped => (&["encryption-dropped"], &[]),
        Fault::DirectToPods => (&["direct-to-pods"], &[]),
        Fault::HoleInLogs => (&["logs-missing"], &[]),
        Fault::NodeWithoutLogs => (&["node-without-logs"], &[]),
        Fault::LogFiltered => (&["flow-log-partial"], &[]),
        Fault::SnapshotLate => (&["snapshot-apart"], &[]),
        Fault::PlatformDenied => (&["platform-denied"], &[]),
        Fault::SlowProbes => (&["probe-interval"], &[]),
        Fault::InstanceMissesPod => (&["instance-misses-pod"], &[]),
        Fault::TooFewHealthyTargets => (&["healthy-targets"], &[]),
        Fault::ProbesRefused => (&["probes-unanswered"], &[]),
        Fault::ServiceSilent | Fault::GatewaySilent => (&["expected-edge-absent"], &[]),
        Fault::InstanceGone => (&["gateway-instance-silent"], &[]),
        Fault::UnevenPods | Fault::UnevenInstances => (&["uneven-spread"], &[]),
        Fault::EncryptionFallback => (&["encryption-dropped"], &[]),
        Fault::EncryptionMixed => (&["encryption-mixed"], &[]),
        Fault::SubnetShared => (&["gateway-subnet"], &[]),
        // The gateway's subnet is a part of the network, which the services' range then overlaps as well.
        Fault::SubnetInServiceCidr => (&["gateway-subnet", "pod-cidr-overlap"], &[]),
        Fault::PodCidrOverlapsPeer => (&["pod-cidr-overlap"], &[]),
        Fault::RouteTableToNothing => (&["route-table"], &[]),
        Fault::DeniedByConfiguration => (&["gateway-denied-by-configuration"], &[]),
        Fault::UnhealthyCounted => (&["backend-unhealthy"], &[]),
        Fault::RouteWithoutGrant | Fault::IngressToMissingService => (&["route-backend"], &[]),
        Fault::GatewayPending => (&["not-programmed"], &[]),
        Fault::AddressReused => (&["address-reused"], &[]),
        Fault::MetricErrors => (&["server-errors"], &[]),
    }
}

fn plan(seed: u64, mode: NetworkMode) -> Plan {
    Plan { seed, mode, nodes: 2, pods_per_node: 4, services: 2, minutes: 12, requests: 60, ..Plan::default() }
}

fn made(plan: &Plan, faults: &[Fault]) -> Memory {
    let mut memory = Memory::new();
    generate(plan, &mut memory).expect("the plan is sound");
    for fault in faults {
        fault.inject(&mut memory, plan.start_ms, plan.minutes);
    }
    memory
}

/// Findings of a capture: (id, is information, the whole).
fn found(memory: &Memory) -> Vec<(String, bool, Value)> {
    let summary = Engine::default().value(&memory.files);
    let findings = summary["findings"].as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    findings.into_iter().map(|one| (text(&one["id"]), one["severity"] == "info", one)).collect()
}

fn judge(name: &str, faults: &[Fault], memory: &Memory) -> Vec<String> {
    let found = found(memory);
    let ids: BTreeSet<&str> = found.iter().map(|(id, _, _)| id.as_str()).collect();
    let mut wrong = Vec::new();
    let mut allowed = BTreeSet::new();
    for fault in faults {
        let (must, may) = expected(*fault);
        for id in must.iter().filter(|id| !ids.contains(*id)) {
            wrong.push(format!("{name}: {id} is missing, found {ids:?}"));
        }
        allowed.extend(must.iter().chain(may).copied());
    }
    for (id, information, finding) in &found {
        wrong.extend(unclear(finding).map(|why| format!("{name}: {id}: {why}: {finding:#}")));
        if !information && !allowed.contains(id.as_str()) {
            wrong.push(format!("{name}: {id} must not be: {finding:#}"));
        }
    }
    wrong
}

/// What makes a finding hard to read: it is told in three sentences, which are its title (subject and fact), what it leads to, and what
/// to do, the last with a link to public documentation.
fn unclear(finding: &Value) -> Option<&'static str> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let list = |key: &str| finding[key].as_array().expect("a list").iter().map(text).collect::<Vec<String>>();
    let (title, consequence, next) = (text(&finding["title"]), text(&finding["consequence"]), list("next"));
    let whole = |words: &str| words.ends_with('.') && !words.contains(". ") && words.starts_with(char::is_uppercase);
    let titled = title.ends_with('.') && !title.contains(". ");
    let counts_badly = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        let one = |pair: &[&str]| pair[0] == "1" && pair[1].trim_end_matches(['.', ',', ';']).ends_with('s');
        words.windows(2).any(|pair| one(pair) && !matches!(pair[1], "is" | "has" | "ms" | "s"))
    };
    let links = ["https://learn.microsoft.com/", "https://kubernetes.io/docs/", "https://gateway-api.sigs.k8s.io/"];
    if !titled {
        return Some("its title is not one sentence");
    }
    if !whole(&consequence) {
        return Some("what it leads to is not one sentence");
    }
    let step = |one: &String| one.split(" https://").next().is_some_and(|words| !words.contains(". "));
    if !next.first().is_some_and(|first| step(first) && first.starts_with(char::is_uppercase)) {
        return Some("what to do first is not one sentence");
    }
    if !next.iter().any(|one| links.iter().any(|link| one.contains(link))) {
        return Some("no step links to public documentation");
    }
    let all = [vec![title, consequence], next, list("evidence"), list("refutes")].concat();
    all.iter().any(|words| counts_badly(words)).then_some("a number and its noun disagree")
}

#[test]
fn every_fault_alone_is_found_and_nothing_else() {
    let mut wrong = Vec::new();
    for (seed, fault) in (1..).zip(Fault::ALL) {
        wrong.extend(judge(&format!("{fault:?}"), &[fault], &made(&plan(seed, NetworkMode::Overlay), &[fault])));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Pairs of which one takes away what the other is seen by.
const UNDONE: [(Fault, Fault); 2] =
    [(Fault::GatewaySilent, Fault::EncryptionMixed), (Fault::DeniedByConfiguration, Fault::AddressReused)];

#[test]
fn two_faults_at_once_are_both_found() {
    let mut wrong = Vec::new();
    for (seed, pair) in (100..).zip(Fault::ALL.windows(6).step_by(2)) {
        // Faults far enough apart in the list that one does not undo the other.
        let faults = [pair[0], pair[5]];
        if UNDONE.contains(&(pair[0], pair[5])) {
            continue;
        }
        wrong.extend(judge(&format!("{faults:?}"), &faults, &made(&plan(seed, NetworkMode::Overlay), &faults)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_found_in_healthy_captures_of_every_mode() {
    let mut wrong = Vec::new();
    for seed in 0..25 {
        for mode in NetworkMode::ALL {
            let plan = Plan { seed, minutes: 8, gateway_instances: 1 + (seed % 3) as u32, ..plan(seed, mode) };
            wrong.extend(judge(&format!("{mode:?} seed {seed}"), &[], &made(&plan, &[])));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_instance_that_is_named_and_silent_is_a_lead() {
    let plan = Plan { silent_instances: 1, ..plan(3, NetworkMode::Overlay) };
    let found = found(&made(&plan, &[]));
    let silent: Vec<_> = found.iter().filter(|(id, _, _)| id == "gateway-instance-silent").collect();
    assert_eq!(silent.len(), 1);
    assert_eq!((&silent[0].2["subject"], &silent[0].2["confidence"]), (&"10.13.100.8".into(), &"lead".into()));
}

#[test]
fn the_probes_of_every_pod_are_told() {
    for interval in [5_000, 10_000] {
        let plan = Plan { probe_interval_ms: interval, ..plan(9, NetworkMode::Overlay) };
        let summary = Engine::default().value(&made(&plan, &[]).files);
        for pod in summary["health"].as_array().expect("a list") {
            let probe = &pod["probe"];
            let seen = probe["observed_interval_ms"].as_u64().unwrap_or_else(|| panic!("{pod}"));
            assert!(seen.abs_diff(interval) < 20, "{pod}");
            let beats = 2 * 12 * 60_000 / interval;
            let told = probe["answered"].as_u64().expect("a number") + probe["unanswered"].as_u64().expect("a number");
            assert!(told.abs_diff(beats) * 100 <= beats + 200, "{told} of {beats}: {pod}");
            assert_eq!(probe["sources"], serde_json::json!(["10.13.100.6", "10.13.100.7"]));
        }
    }
}

#[test]
fn the_order_of_files_and_the_number_of_workers_change_nothing() {
    let memory = made(&plan(5, NetworkMode::Overlay), &[Fault::GatewayDenied, Fault::ProbesUnanswered]);
    let one = Engine { shards: 1, chunk_bytes: 999, reversed: true }.summary(&memory.files);
    let many = Engine { shards: 3, ..Engine::default() }.summary(&memory.files);
    assert_eq!(one, many);
}

#[test]
fn objects_that_come_after_the_logs_give_the_same_probes() {
    let memory = made(&plan(6, NetworkMode::Overlay), &[]);
    let whole = Engine::default().summary(&memory.files);
    let (logs, objects): (Files, Files) =
        memory.files.clone().into_iter().partition(|(path, _)| path.starts_with("flows/"));
    let mut engine = Engine::default().read(&logs, CaptureOptions::default());
    assert!(!engine.summary(false).contains("observed_interval_ms"));
    engine.add(
        objects
            .into_iter()
            .map(|(path, content)| {
                let offer = FileOffer { path, bytes: content.len() as u64 };
                (offer, Arc::new(MemorySource::new(content)) as Arc<dyn ByteSource>)
            })
            .collect(),
    );
    engine.run_until_idle();
    assert_eq!(engine.summary(false), whole);
}
