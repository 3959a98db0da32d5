//! What the checks must find and must not: every fault alone in every mode in which it is one, in pairs, and captures without any in every
//! mode. Information is not counted: it is true of healthy captures, too.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
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
        Fault::RouteNotPermitted => (&["route-backend"], &[]),
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
        Fault::MetricErrors | Fault::GatewayErrors => (&["server-errors"], &[]),
        Fault::DeniedForAWhile => (&["gateway-denied"], &[]),
        // One cause, one finding: the other one only mentions it.
        Fault::RefusedAndUnhealthy => (&["backend-unhealthy"], &[]),
        Fault::StrangerInSubnet | Fault::MachineInSubnet => (&["gateway-subnet"], &[]),
        Fault::SubnetTooSmall | Fault::SubnetInOtherNetwork => (&["gateway-subnet"], &[]),
        Fault::SubnetInPodCidr => (&["gateway-subnet", "pod-cidr-overlap"], &[]),
        Fault::PodCidrOverlapsNetwork => (&["pod-cidr-overlap"], &[]),
        Fault::LoadBalancerNotDeployed | Fault::RouteToOtherKind => (&["not-programmed"], &[]),
        Fault::Evicted => (&["probes-lost"], &["probes-unanswered", "traffic-to-gone-pod"]),
        Fault::NodeHourWithoutLogs => (&["node-without-logs"], &[]),
        Fault::LogsOfDenialsOnly => (&["flow-log-states"], &[]),
    }
}

/// Faults of what only an overlay has: its configuration, which names the gateway's subnet whatever Azure says of it, and a pod CIDR outside
/// the network.
const OF_OVERLAY: [Fault; 7] = [
    Fault::SubnetNotDelegated,
    Fault::SubnetTooLarge,
    Fault::OverlayConfigFailed,
    Fault::ServiceCidrOverlaps,
    Fault::PodCidrOverlapsPeer,
    Fault::PodCidrOverlapsNetwork,
    Fault::SubnetInPodCidr,
];

/// Faults that a cluster of kubenet can have, in front of which there is no gateway.
const OF_KUBENET: [Fault; 10] = [
    Fault::RouteTableToNowhere,
    Fault::ServiceCidrOverlaps,
    Fault::PodCidrOverlapsPeer,
    Fault::Encapsulated,
    Fault::EncryptionFallback,
    Fault::HoleInLogs,
    Fault::NodeWithoutLogs,
    Fault::NodeHourWithoutLogs,
    Fault::SnapshotLate,
    Fault::PlatformDenied,
];

/// Whether a fault is one in a mode.
fn is_one(fault: Fault, mode: NetworkMode) -> bool {
    match mode {
        NetworkMode::Overlay => true,
        NetworkMode::Kubenet => OF_KUBENET.contains(&fault),
        _ => !OF_OVERLAY.contains(&fault) && fault != Fault::RouteTableToNowhere,
    }
}

/// As short as the fault can be told: of instances that left after ten minutes, of holes, of hours, of loads.
fn minutes(fault: Fault) -> u32 {
    match fault {
        Fault::InstanceGone | Fault::HoleInLogs => 12,
        Fault::NodeHourWithoutLogs => 24,
        Fault::UnevenPods | Fault::UnevenInstances => 8,
        _ => 5,
    }
}

/// A cluster of the mode, of another size in each. Longer captures lie on both sides of a full hour.
fn plan(seed: u64, mode: NetworkMode, minutes: u32) -> Plan {
    let (nodes, pods_per_node, services) = match mode {
        NetworkMode::Overlay => (2, 4, 2),
        NetworkMode::PodSubnet => (3, 3, 3),
        NetworkMode::NodeSubnet => (2, 6, 2),
        NetworkMode::Kubenet => (4, 2, 2),
    };
    let start_ms = Plan::default().start_ms - if minutes > 12 { i64::from(minutes) * 30_000 } else { 0 };
    let rates =
        Plan { requests: 40, east_west: 20, long_flows: 4, denied: 6, platform: 8, egress: 8, ..Plan::default() };
    Plan { seed, mode, nodes, pods_per_node, services, start_ms, minutes, ..rates }
}

/// Captures without faults, each made once and copied for the faults that are put into it.
#[derive(Default)]
struct Captures(BTreeMap<(&'static str, u32), Memory>);

impl Captures {
    fn with(&mut self, mode: NetworkMode, faults: &[Fault]) -> Memory {
        let minutes = faults.iter().map(|fault| minutes(*fault)).max().unwrap_or(5);
        let plan = plan(u64::from(minutes), mode, minutes);
        let mut memory = self.0.entry((mode.code(), minutes)).or_insert_with(|| made(&plan)).clone();
        for fault in faults {
            fault.inject(&mut memory, plan.start_ms, plan.minutes);
        }
        memory
    }
}

fn made(plan: &Plan) -> Memory {
    let mut memory = Memory::new();
    generate(plan, &mut memory).expect("the plan is sound");
    memory
}

/// Findings of a capture: (id, is information, the whole).
fn found(memory: &Memory) -> Vec<(String, bool, Value)> {
    let summary = Engine { shards: 1, ..Engine::default() }.value(&memory.files);
    let findings = summary["findings"].as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    findings.into_iter().map(|one| (text(&one["id"]), text(&one["severity"]) == "info", one)).collect()
}

/// Whether a finding has what the contract wants of it, with evidence and what would refute it.
fn is_whole(finding: &Value) -> bool {
    let text = |key: &str| finding[key].as_str().unwrap_or_default();
    let list = |key: &str| finding[key].as_array().cloned().unwrap_or_default();
    let one_of = |key: &str, words: &[&str]| words.contains(&text(key));
    one_of("severity", &["critical", "warning", "info"])
        && one_of("kind", &["failing", "degraded", "denied", "notice"])
        && one_of("confidence", &["measured", "inferred", "lead"])
        && !text("subject").is_empty()
        && !list("evidence").is_empty()
        && !list("refutes").is_empty()
}

fn judge(name: &str, faults: &[Fault], memory: &Memory) -> Vec<String> {
    let found = found(memory);
    let ids: BTreeSet<&str> =
        found.iter().filter(|one| !one.1 || NOTICES.contains(&one.0.as_str())).map(|one| one.0.as_str()).collect();
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
        if !is_whole(finding) {
            wrong.push(format!("{name}: {id} is not whole: {finding:#}"));
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

/// Checks whose findings are information.
const NOTICES: [&str; 2] = ["address-reused", "metrics-gap"];

fn every_fault_alone(mode: NetworkMode) {
    let mut captures = Captures::default();
    let mut wrong = Vec::new();
    for fault in Fault::ALL.into_iter().filter(|fault| is_one(*fault, mode)) {
        wrong.extend(judge(&format!("{mode:?} {fault:?}"), &[fault], &captures.with(mode, &[fault])));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_alone_is_found_and_nothing_else_in_an_overlay() {
    every_fault_alone(NetworkMode::Overlay);
}

#[test]
fn every_fault_alone_is_found_and_nothing_else_in_a_pod_subnet() {
    every_fault_alone(NetworkMode::PodSubnet);
}

#[test]
fn every_fault_alone_is_found_and_nothing_else_in_a_node_subnet() {
    every_fault_alone(NetworkMode::NodeSubnet);
}

#[test]
fn every_fault_alone_is_found_and_nothing_else_in_kubenet() {
    every_fault_alone(NetworkMode::Kubenet);
}

/// Pairs of which one takes away what the other is seen by.
const UNDONE: [(Fault, Fault); 2] =
    [(Fault::GatewaySilent, Fault::EncryptionMixed), (Fault::DeniedByConfiguration, Fault::AddressReused)];

#[test]
fn two_faults_at_once_are_both_found() {
    let mut captures = Captures::default();
    let mut wrong = Vec::new();
    // Faults far enough apart in the list that one does not undo the other; each pair in another mode than the pairs beside it.
    let pairs = Fault::ALL.windows(6).step_by(2).map(|pair| (pair[0], pair[5]));
    for (turn, (first, second)) in pairs.filter(|pair| !UNDONE.contains(pair)).enumerate() {
        let modes = NetworkMode::ALL.into_iter().filter(|mode| is_one(first, *mode) && is_one(second, *mode));
        let modes: Vec<NetworkMode> = modes.collect();
        let mode = modes[turn % modes.len()];
        let faults = [first, second];
        wrong.extend(judge(&format!("{mode:?} {faults:?}"), &faults, &captures.with(mode, &faults)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_found_in_healthy_captures_of_every_mode() {
    let mut wrong = Vec::new();
    for seed in 0..25 {
        for mode in NetworkMode::ALL {
            // Most as short as captures are, some longer.
            let minutes = if seed % 5 == 0 { 12 } else { 3 + (seed % 3) as u32 };
            let plan = Plan { gateway_instances: 1 + (seed % 3) as u32, ..plan(seed, mode, minutes) };
            wrong.extend(judge(&format!("{mode:?} seed {seed}"), &[], &made(&plan)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A flow log in which the platform's address begins whatever an instance of the gateway begins, at the same moment and with the same size.
fn with_platform(log: &[u8]) -> Vec<u8> {
    let mut value: Value = serde_json::from_slice(log).expect("a flow log is JSON");
    for record in value["records"].as_array_mut().into_iter().flatten() {
        for flow in record["flowRecords"]["flows"].as_array_mut().into_iter().flatten() {
            for group in flow["flowGroups"].as_array_mut().into_iter().flatten() {
                let list = group["flowTuples"].as_array_mut().expect("a list of tuples");
                let incoming = |tuple: &&Value| {
                    tuple.as_str().is_some_and(|text| text.contains(",10.13.100.6,") && text.contains(",6,I,"))
                };
                let copies: Vec<Value> = list.iter().filter(incoming).cloned().collect();
                let text =
                    |tuple: &Value| tuple.as_str().unwrap_or_default().replace(",10.13.100.6,", ",168.63.129.16,");
                list.extend(copies.iter().map(|tuple| Value::from(text(tuple))));
            }
        }
    }
    value.to_string().into_bytes()
}

/// Azure's load balancer may probe the very ports that the gateway probes, as often and as large: none of it is taken for the gateway's.
#[test]
fn probes_of_the_platform_are_not_taken_for_the_gateways() {
    let health = |memory: &Memory| Engine::default().value(&memory.files)["health"].clone();
    for mode in [NetworkMode::Overlay, NetworkMode::PodSubnet, NetworkMode::NodeSubnet] {
        let plain = made(&plan(11, mode, 5));
        let mut both = plain.clone();
        for (_, log) in both.files.iter_mut().filter(|(path, _)| path.starts_with("flows/")) {
            *log = with_platform(log);
        }
        assert_eq!(health(&plain), health(&both), "{mode:?}");
        assert_eq!(judge(&format!("{mode:?}"), &[], &both), Vec::<String>::new());
        Fault::PlatformDenied.inject(&mut both, Plan::default().start_ms, 5);
        assert_eq!(health(&plain), health(&both), "{mode:?}, denied");
        assert_eq!(judge(&format!("{mode:?}, denied"), &[Fault::PlatformDenied], &both), Vec::<String>::new());
    }
}

/// What is true of a healthy capture is told as information.
#[test]
fn a_healthy_overlay_has_its_notices() {
    let told = |mode| {
        let found = found(&made(&plan(4, mode, 5)));
        assert!(found.iter().all(|(_, information, _)| *information));
        found.into_iter().map(|(id, ..)| id).collect::<BTreeSet<String>>()
    };
    let overlay = told(NetworkMode::Overlay);
    for id in ["gateway-reaches-pods", "egress-behind-node", "probes-seen", "traffic-denied"] {
        assert!(overlay.contains(id), "{id}: {overlay:?}");
    }
    assert!(!told(NetworkMode::PodSubnet).contains("gateway-reaches-pods"));
    let alone = Plan { gateway_instances: 1, ..plan(4, NetworkMode::Overlay, 5) };
    assert!(found(&made(&alone)).iter().any(|(id, ..)| id == "gateway-single-instance"));
}

#[test]
fn an_instance_that_is_named_and_silent_is_a_lead() {
    let plan = Plan { silent_instances: 1, ..plan(3, NetworkMode::Overlay, 5) };
    let found = found(&made(&plan));
    let silent: Vec<_> = found.iter().filter(|(id, _, _)| id == "gateway-instance-silent").collect();
    assert_eq!(silent.len(), 1);
    assert_eq!((&silent[0].2["subject"], &silent[0].2["confidence"]), (&"10.13.100.8".into(), &"lead".into()));
}

#[test]
fn the_probes_of_every_pod_are_told() {
    for interval in [5_000, 10_000] {
        let plan = Plan { probe_interval_ms: interval, ..plan(9, NetworkMode::Overlay, 12) };
        let summary = Engine::default().value(&made(&plan).files);
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
    let memory = Captures::default().with(NetworkMode::Overlay, &[Fault::GatewayDenied, Fault::ProbesUnanswered]);
    let one = Engine { shards: 1, chunk_bytes: 999, reversed: true }.summary(&memory.files);
    let many = Engine { shards: 3, ..Engine::default() }.summary(&memory.files);
    assert_eq!(one, many);
}

#[test]
fn objects_that_come_after_the_logs_give_the_same_probes() {
    let memory = made(&plan(6, NetworkMode::Overlay, 5));
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
