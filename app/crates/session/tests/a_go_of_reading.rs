//! Reading as the page sees it: progress, cancelling, stopping, files that vanish, workers that fail, archives.

mod fixture;

use fixture::{File, capture, offered, summary, zip};
use serde_json::Value;
use std::sync::Arc;
use underlay_model::view::Report;
use underlay_model::wire::{FileOffer, PageEvent, PageRequest};
use underlay_session::in_process::{ByteReader, ByteSource, InProcess};

fn report(events: &[PageEvent]) -> Report {
    let newest = events.iter().rev().find_map(|event| match event {
        PageEvent::Report(report) => Some(report.clone()),
        _ => None,
    });
    newest.expect("the report is told after every change")
}

fn large_log() -> File {
    let tuple = "1795165201000,10.0.0.1,10.0.0.2,40000,443,6,I,B,NX,0,0,0,0";
    let record =
        |minute: usize| fixture::record("g", "AAAAAAAAAAAA", &format!("2026-11-20T09:{minute:02}:00Z"), &[tuple]);
    ("large.json".to_owned(), fixture::flow_log(&(0..60).map(record).collect::<Vec<_>>()))
}

#[test]
fn the_page_hears_of_progress_and_of_the_end() {
    let mut host = InProcess::new(2, 2);
    host.add(offered(&capture()));
    let events = host.run_until_idle();
    let last = events.iter().rev().find_map(|event| match event {
        PageEvent::Progress(progress) => Some(progress),
        _ => None,
    });
    let last = last.unwrap();
    assert_eq!((last.files, last.files_done), (7, 7));
    assert_eq!(last.bytes, last.bytes_read);
    assert_eq!(last.segments.len(), 7);
    let changed: Vec<bool> = events
        .iter()
        .filter_map(|event| match event {
            PageEvent::Changed { reading, .. } => Some(*reading),
            _ => None,
        })
        .collect();
    assert_eq!(changed.last(), Some(&false));
    assert!(changed.contains(&true), "a first picture comes before the end of a long reading");
    assert_eq!(report(&events).inputs.len(), 7);
}

#[test]
fn cancel_forgets_this_go_and_nothing_else() {
    let files = capture();
    for steps in [1, 3, 10, 40] {
        let mut host = fixture::read(&files, 2, 100);
        host.add(offered(&[large_log()]));
        for _ in 0..steps {
            host.step();
        }
        host.request(PageRequest::Cancel);
        let events = host.run_until_idle();
        assert_eq!(report(&events).inputs.len(), files.len());
        assert_eq!(host.summary(false), summary(&files, 1, 1 << 20), "after {steps} steps");
    }
}

#[test]
fn stop_keeps_what_was_read() {
    let mut host = InProcess::new(1, 500);
    host.add(offered(&[large_log()]));
    for _ in 0..20 {
        host.step();
    }
    host.request(PageRequest::StopAndKeep);
    let report = report(&host.run_until_idle());
    assert!(report.stopped);
    let input = &report.inputs[0];
    assert!((1..60).contains(&input.tuples.accepted), "{input:?}");
    assert!(input.notes.iter().any(|note| note.code == "stopped"), "{input:?}");
}

#[test]
fn reset_forgets_everything() {
    let mut host = fixture::read(&capture(), 2, 100);
    host.request(PageRequest::Reset);
    assert!(report(&host.run_until_idle()).inputs.is_empty());
    assert_eq!(host.summary(false), summary(&[], 1, 1));
    host.add(offered(&capture()));
    host.run_until_idle();
    assert_eq!(host.summary(false), summary(&capture(), 1, 1 << 20));
}

#[test]
fn a_worker_that_fails_costs_the_file_that_did_it() {
    let files = capture();
    for shard in 0..2 {
        let mut host = fixture::read(&files, 2, 100);
        host.add(offered(&[large_log()]));
        while host.open_path(shard).is_none() && host.step() {}
        if host.open_path(shard).is_none() {
            continue;
        }
        host.fail_shard(shard, "index out of bounds");
        let events = host.run_until_idle();
        let failed = events.iter().find_map(|event| match event {
            PageEvent::WorkerFailed { message, path, .. } => Some((message.as_str(), path.as_deref())),
            _ => None,
        });
        assert_eq!(failed, Some(("index out of bounds", Some("large.json"))));
        let report = report(&events);
        let guilty = report.inputs.iter().find(|input| input.path == "large.json").unwrap();
        assert_eq!(guilty.notes[0].code, "worker-failed");
        host.request(PageRequest::Remove("large.json".to_owned()));
        host.run_until_idle();
        assert_eq!(host.summary(false), summary(&files, 1, 1 << 20), "shard {shard}");
    }
}

#[test]
fn an_idle_worker_that_dies_is_refilled() {
    let files = capture();
    let mut host = fixture::read(&files, 2, 100);
    for shard in 0..2 {
        host.fail_shard(shard, "out of memory");
        host.run_until_idle();
    }
    assert_eq!(host.summary(false), summary(&files, 1, 1 << 20));
}

/// A file that was there when it was dropped.
struct Vanished;

impl ByteSource for Vanished {
    fn open(&self) -> Result<Box<dyn ByteReader>, String> {
        Err("it was moved".to_owned())
    }
}

/// A file that is shorter than was said.
struct Shrunk(Vec<u8>);

impl ByteSource for Shrunk {
    fn open(&self) -> Result<Box<dyn ByteReader>, String> {
        underlay_session::in_process::MemorySource::new(self.0.clone()).open()
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_note_and_the_others_go_on() {
    let mut files = offered(&capture());
    let offer = |path: &str, bytes| FileOffer { path: path.to_owned(), bytes };
    files.push((offer("gone.json", 100), Arc::new(Vanished)));
    let (_, log) = large_log();
    files.push((offer("shrunk.json", log.len() as u64 + 500), Arc::new(Shrunk(log))));
    let mut host = InProcess::new(2, 100);
    host.add(files);
    let report = report(&host.run_until_idle());
    let of = |path: &str| report.inputs.iter().find(|input| input.path == path).unwrap();
    assert_eq!(of("gone.json").notes[0].code, "unreadable");
    assert_eq!(of("shrunk.json").tuples.accepted, 60);
    assert!(of("shrunk.json").notes.iter().any(|note| note.code == "unreadable"));
    assert_eq!(of("logs/a.json").tuples.accepted, 2);
}

#[test]
fn hidden_files_of_folders_are_passed_over() {
    let mut files = capture();
    let expected = summary(&files, 1, 1 << 20);
    for path in ["logs/.DS_Store", "logs/.git/config", "logs/__MACOSX/a.json"] {
        files.push((path.to_owned(), b"x".to_vec()));
    }
    assert_eq!(summary(&files, 1, 1 << 20), expected);
}

#[test]
fn an_archive_is_its_members_and_a_bad_one_is_an_entry() {
    let files = vec![("all.zip".to_owned(), zip(&capture())), ("bad.zip".to_owned(), b"PK\x03\x04 nothing".to_vec())];
    let parsed: Value = serde_json::from_str(&summary(&files, 2, 100)).unwrap();
    let paths: Vec<&str> =
        parsed["inputs"].as_array().unwrap().iter().map(|input| input["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 8);
    assert_eq!(paths[0], "all.zip!logs/a.json");
    assert_eq!(paths[7], "bad.zip");
    assert_eq!(parsed["inputs"][7]["format"], "unknown");
}

#[test]
fn only_the_newest_question_of_a_kind_is_answered() {
    let mut host = InProcess::new(2, 100);
    host.add(offered(&capture()));
    for id in 1..=3 {
        host.request(PageRequest::Topology { id, range: None });
        host.request(PageRequest::Timeline { id: 10 + id, selection: None });
    }
    let answered: Vec<u64> = host
        .run_until_idle()
        .iter()
        .filter_map(|event| match event {
            PageEvent::Topology { id, .. } | PageEvent::Timeline { id, .. } => Some(*id),
            _ => None,
        })
        .collect();
    assert_eq!(answered.len(), 2, "{answered:?}");
    assert!(answered.contains(&3) && answered.contains(&13), "{answered:?}");
}

#[test]
fn a_worker_that_was_ended_costs_nothing_unless_it_happens_again_and_again() {
    let files = [large_log(), capture()[5].clone()];
    let whole = summary(&files, 1, 1 << 20);
    for steps in [2, 10, 400] {
        let mut host = InProcess::new(1, 500);
        host.add(offered(&files));
        for _ in 0..steps {
            host.step();
        }
        host.end_shard(0);
        let events = host.run_until_idle();
        let told = events.iter().any(|event| matches!(event, PageEvent::WorkerFailed { path: None, .. }));
        assert!(told, "it is said, and no file is blamed");
        assert_eq!(host.summary(false), whole, "after {steps} steps");
    }
    let mut host = InProcess::new(1, 500);
    host.add(offered(&files));
    for _ in 0..9 {
        host.step();
        host.end_shard(0);
    }
    let report = report(&host.run_until_idle());
    assert!(report.inputs.iter().any(|input| input.notes.iter().any(|note| note.code == "worker-failed")));
}
