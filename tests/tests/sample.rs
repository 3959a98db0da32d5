//! The committed sample: it is what the generator writes, and its summary tells its story.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use underlay_lab::{Memory, sample};
use underlay_model::view::{CaptureOptions, EdgeKind};
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_tests::{Engine, Files};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/lab")
}

fn committed(folder: &Path, prefix: &str, files: &mut Files) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            committed(&entry.path(), &format!("{path}/"), files);
        } else {
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

fn generated() -> Files {
    let mut memory = Memory::new();
    sample::write(&mut memory).unwrap();
    memory.files
}

#[test]
fn the_committed_sample_is_what_the_generator_writes() {
    let mut files = BTreeMap::new();
    committed(&folder(), "", &mut files);
    let generated = generated();
    assert_eq!(files.keys().collect::<Vec<_>>(), generated.keys().collect::<Vec<_>>());
    for (path, content) in &generated {
        assert!(files[path] == *content, "{path} differs; `underlay generate --sample samples/lab` writes it anew");
    }
}

#[test]
fn its_summary_tells_its_story() {
    let files: Files = generated().into_iter().map(|(path, content)| (format!("lab/{path}"), content)).collect();
    insta::assert_snapshot!("lab", Engine::default().pretty(&files));
}

#[test]
fn its_probes_are_edges_of_their_own() {
    let files: Files = generated().into_iter().map(|(path, content)| (format!("lab/{path}"), content)).collect();
    let mut host = Engine::default().read(&files, CaptureOptions::default());
    let events = host.ask(|id| PageRequest::Topology { id, range: None });
    let topology = events.into_iter().find_map(|event| match event {
        PageEvent::Topology { topology, .. } => Some(topology),
        _ => None,
    });
    let topology = topology.expect("the question is answered");
    let probe = topology.edges.iter().find(|edge| edge.kind == EdgeKind::Probe).expect("the gateway probes the pods");
    assert!(probe.traffic.flows > 100, "{probe:?}");
    let key = |at: u32| topology.entities[at as usize].key.clone();
    let (source, target) = (key(probe.source), key(probe.target));
    let events = host.ask(|id| PageRequest::Edge { id, source, target, kind: EdgeKind::Probe, range: None });
    let detail = events.into_iter().find_map(|event| match event {
        PageEvent::Edge { detail, .. } => detail,
        _ => None,
    });
    let detail = detail.expect("the edge is there");
    assert_eq!(detail.total, probe.traffic);
    assert!(detail.probes[0].contains("answered") && detail.probes[0].contains("inferred"), "{:?}", detail.probes);
}
