//! What the checks must find and must not: every fault alone in every mode in which it is one, in pairs, and captures without any in every
//! mode. Information is not counted: it is true of healthy captures, too.

mod pairs;
mod table;
mod texts;

use pairs::{area, covering};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use table::{expected, is_one, minutes};
use texts::{is_whole, unclear};
use underlay_lab::fault::Fault;
use underlay_lab::plan::NetworkMode;
use underlay_lab::{Memory, Plan, generate};
use underlay_model::view::CaptureOptions;
use underlay_model::wire::FileOffer;
use underlay_session::in_process::{ByteSource, MemorySource};
use underlay_tests::{Engine, Files};

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
struct Captures(BTreeMap<(&'static str, u32, u32), Memory>);

impl Captures {
    /// `size` from 0: each has a node and three pods a node more than the one before.
    fn with(&mut self, mode: NetworkMode, size: u32, faults: &[Fault]) -> Memory {
        let minutes = faults.iter().map(|fault| minutes(*fault)).max().unwrap_or(5);
        let usual = plan(u64::from(minutes), mode, minutes);
        let plan = Plan { nodes: usual.nodes + size, pods_per_node: usual.pods_per_node + 3 * size, ..usual };
        let mut memory = self.0.entry((mode.code(), minutes, size)).or_insert_with(|| made(&plan)).clone();
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

/// Checks whose findings are information.
const NOTICES: [&str; 2] = ["address-reused", "metrics-gap"];

fn every_fault_alone(mode: NetworkMode) {
    let mut captures = Captures::default();
    let mut wrong = Vec::new();
    for fault in Fault::ALL.into_iter().filter(|fault| is_one(*fault, mode)) {
        wrong.extend(judge(&format!("{mode:?} {fault:?}"), &[fault], &captures.with(mode, 0, &[fault])));
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

#[test]
fn two_faults_at_once_are_both_found() {
    let mut captures = Captures::default();
    let mut wrong = Vec::new();
    for (first, second, mode, size) in covering() {
        let faults = [first, second];
        wrong.extend(judge(&format!("{mode:?} {size} {faults:?}"), &faults, &captures.with(mode, size, &faults)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pairs_cover_what_they_are_to_cover() {
    let pairs = covering();
    let met: BTreeSet<(usize, usize)> =
        pairs.iter().map(|(a, b, ..)| (area(*a).min(area(*b)), area(*a).max(area(*b)))).collect();
    assert_eq!(met.len(), 36, "any two areas meet");
    for one in 0..8 {
        let of = || pairs.iter().filter(|(a, b, ..)| area(*a) == one || area(*b) == one);
        let modes: BTreeSet<&str> = of().map(|pair| pair.2.code()).collect();
        let sizes: BTreeSet<u32> = of().map(|pair| pair.3).collect();
        assert!(modes.len() >= 3 && sizes.len() == 3, "area {one}: {modes:?} {sizes:?}");
    }
    let all: BTreeSet<Fault> = pairs.iter().flat_map(|(a, b, ..)| [*a, *b]).collect();
    assert_eq!(all.len(), Fault::ALL.len());
}

#[test]
fn nothing_is_found_in_healthy_captures_of_every_mode() {
    let mut wrong = Vec::new();
    // Four times as many as in every run: `HEALTHY_SEEDS=100 cargo test -p underlay-tests --test findings healthy`.
    let seeds = std::env::var("HEALTHY_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(25);
    for seed in 0..seeds {
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
    let memory = Captures::default().with(NetworkMode::Overlay, 0, &[Fault::GatewayDenied, Fault::ProbesUnanswered]);
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
