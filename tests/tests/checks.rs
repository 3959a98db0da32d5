//! Every check, whatever it looks for: which file would let it run is true, and what it says of itself is whole.

use std::collections::BTreeSet;
use underlay_lab::fault::Fault;
use underlay_lab::{Memory, Plan, generate};
use underlay_model::finding::{Check, FindingsReport, Outcome};
use underlay_model::view::CaptureOptions;
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_tests::{Engine, Files};

/// What a missing input is called, and the files of the capture that it is.
const ANSWERS: [(&str, &[&str]); 11] = [
    ("VNet flow logs", &["flows/"]),
    ("kubectl get overlayextensionconfig", &["kubernetes.json", "subnets.json"]),
    ("kubectl get", &["kubernetes.json"]),
    ("/backendHealth", &["backend-health.json"]),
    ("az aks show", &["aks.json"]),
    ("az network nsg list", &["nsg.json"]),
    ("az network route-table list", &["route-table.json"]),
    ("az network watcher flow-log list", &["flow-log.json"]),
    ("access log", &["access/PT1H.json"]),
    ("az monitor metrics list", &["metrics.json"]),
    ("az network alb", &["associations.json"]),
];

/// A capture with an input of every kind.
fn whole() -> Files {
    let plan = Plan { minutes: 5, nodes: 2, pods_per_node: 3, services: 2, requests: 20, ..Plan::default() };
    let mut memory = Memory::new();
    generate(&plan, &mut memory).expect("the plan is sound");
    for fault in [Fault::ServerErrors, Fault::MetricErrors, Fault::RouteTableToNothing] {
        fault.inject(&mut memory, plan.start_ms, plan.minutes);
    }
    let text = |text: &str| text.as_bytes().to_vec();
    memory.files.insert(
        "nsg.json".to_owned(),
        text(r#"[{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkSecurityGroups/nsg", "name": "nsg",
            "type": "Microsoft.Network/networkSecurityGroups", "securityRules": [], "defaultSecurityRules": [], "subnets": []}]"#),
    );
    memory.files.insert(
        "flow-log.json".to_owned(),
        text(r#"{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/networkWatchers/w/flowLogs/fl", "name": "fl",
            "type": "Microsoft.Network/networkWatchers/flowLogs", "enabled": true, "targetResourceId": "/subscriptions/s/vnet",
            "storageId": "/subscriptions/s/st", "format": {"type": "JSON", "version": 2}}"#),
    );
    memory.files
}

fn report(files: &Files) -> FindingsReport {
    let mut engine = Engine { shards: 1, ..Engine::default() }.read(files, CaptureOptions::default());
    let events = engine.ask(|id| PageRequest::Findings { id, range: None });
    let report = events.into_iter().find_map(|event| match event {
        PageEvent::Findings { report, .. } => Some(*report),
        _ => None,
    });
    report.expect("findings were asked for")
}

/// Files that an answer for a missing input would be.
fn named<'a>(files: &'a Files, words: &str) -> Vec<&'a String> {
    let (_, paths) =
        ANSWERS.iter().find(|(known, _)| words.contains(known)).unwrap_or_else(|| panic!("no file is {words}"));
    files.keys().filter(|path| paths.iter().any(|one| path.starts_with(one))).collect()
}

fn lacks(check: &Check) -> &[String] {
    match &check.outcome {
        Outcome::Lacks(words) => words,
        _ => &[],
    }
}

#[test]
fn with_an_input_of_every_kind_every_check_runs() {
    let report = report(&whole());
    let idle: Vec<_> = report.checks.iter().filter(|check| !lacks(check).is_empty()).collect();
    assert!(idle.is_empty(), "{idle:#?}");
    let passed = report.checks.iter().filter(|check| check.outcome == Outcome::Passed).count();
    assert!(passed > 20, "checks that passed are listed: {passed}");
}

#[test]
fn a_check_that_cannot_run_names_the_files_that_let_it() {
    let whole = whole();
    // A file that no check needs.
    let nothing: Files = [("notes.txt".to_owned(), b"it was slow on Friday\n".to_vec())].into_iter().collect();
    let ids = |checks: &[Check]| -> Vec<String> { checks.iter().map(|check| check.id.clone()).collect() };
    let idle = report(&nothing).checks;
    assert!(idle.iter().all(|check| !lacks(check).is_empty()), "{idle:#?}");
    let mut tried: BTreeSet<Vec<&String>> = BTreeSet::new();
    for check in &idle {
        let mut named: Vec<&String> = lacks(check).iter().flat_map(|words| named(&whole, words)).collect();
        named.sort();
        named.dedup();
        if !tried.insert(named.clone()) {
            continue;
        }
        let given = named.iter().map(|path| ((*path).clone(), whole[*path].clone())).collect();
        let now = report(&given).checks;
        assert_eq!(ids(&now), ids(&idle), "the same checks are listed whatever is there");
        let same: Vec<&Check> = idle.iter().filter(|other| lacks(other) == lacks(check)).collect();
        for other in now.iter().filter(|one| same.iter().any(|other| other.id == one.id)) {
            assert!(lacks(other).is_empty(), "{} has {named:?} and still asks for {:?}", other.id, lacks(other));
        }
    }
}

#[test]
fn lines_of_evidence_of_flow_logs_open_to_rows_that_are_there() {
    let mut files = Memory::new();
    files.files = whole();
    Fault::GatewayDenied.inject(&mut files, Plan::default().start_ms, 5);
    let report = report(&files.files);
    for shown in &report.findings {
        assert!(shown.opens.len() <= shown.finding.evidence.len(), "{shown:#?}");
        assert!(!shown.sources.is_empty(), "{shown:#?}");
    }
    let denied = report.findings.iter().find(|one| one.finding.id == "gateway-denied").expect("it is found");
    assert!(!denied.keys.is_empty() && denied.span.is_some() && !denied.opens.is_empty(), "{denied:#?}");
}
