//! Damaged copies of the sample's files: whatever is cut off, nothing panics, and what is whole is still read.

use serde_json::Value;
use underlay_lab::{Memory, sample};
use underlay_tests::{Engine, Files};

fn file(prefix: &str) -> (String, Vec<u8>) {
    let mut memory = Memory::new();
    sample::write(&mut memory).unwrap();
    let (path, content) = memory.files.into_iter().find(|(path, _)| path.starts_with(prefix)).unwrap();
    (path.rsplit('/').next().unwrap().to_owned(), content)
}

/// The summary of one file.
fn alone(path: &str, content: &[u8]) -> Value {
    let files = Files::from([(path.to_owned(), content.to_vec())]);
    Engine { shards: 1, ..Engine::default() }.value(&files)
}

/// Positions just before and after each structural character of the text from `from` to `to`.
fn joints(text: &[u8], from: usize, to: usize) -> Vec<usize> {
    let mut cuts: Vec<usize> = (from..to.min(text.len()))
        .filter(|&at| matches!(text[at], b'{' | b'}' | b'[' | b']' | b':' | b',' | b'"' | b'\\'))
        .flat_map(|at| [at, at + 1])
        .collect();
    cuts.dedup();
    cuts
}

/// Where each record of a flow log begins and ends.
fn records(log: &[u8]) -> Vec<(usize, usize)> {
    let text = std::str::from_utf8(log).unwrap();
    let starts: Vec<usize> = text.match_indices("{\"time\":").map(|(at, _)| at).collect();
    let ends = starts.iter().skip(1).map(|&next| next - 1).chain([text.len() - 2]);
    starts.iter().copied().zip(ends).collect()
}

/// The first records of the sample's flow log, few enough to be cut a thousand times.
fn short_log() -> Vec<u8> {
    let (_, log) = file("flows/");
    let end = records(&log)[2].1;
    [&log[..end], b"]}"].concat()
}

fn field(summary: &Value, name: &str) -> u64 {
    summary["inputs"][0][name].as_u64().unwrap()
}

#[test]
fn a_flow_log_cut_off_anywhere_keeps_its_whole_records() {
    let log = short_log();
    let records = records(&log);
    let whole = alone("PT1H.json", &log);
    assert_eq!(field(&whole, "records"), 3);
    // Each joint of the envelope of the second record, and some inside its tuples.
    let (start, end) = records[1];
    let mut cuts = joints(&log, start, start + 900);
    cuts.extend(joints(&log, end - 200, end + 2));
    cuts.extend((start..end).step_by(1_013));
    for cut in cuts {
        let summary = alone("PT1H.json", &log[..cut]);
        let complete = records.iter().filter(|record| record.1 <= cut).count() as u64;
        assert_eq!(field(&summary, "records"), complete, "cut at {cut}");
        assert_eq!(summary["inputs"][0]["format"], "vnet-flow-log");
        let last = records.iter().find(|record| record.0 < cut && cut < record.1);
        let lost =
            last.map_or(0, |&(from, _)| log[from..cut].iter().filter(|&&byte| byte != b',' && byte != b' ').count());
        assert_eq!(field(&summary, "lost_bytes"), lost as u64, "cut at {cut}");
    }
}

#[test]
fn a_flow_log_without_its_head_keeps_its_whole_records() {
    let log = short_log();
    let records = records(&log);
    let (start, end) = records[0];
    let mut cuts = joints(&log, 0, start + 900);
    cuts.extend(joints(&log, end - 60, end + 2));
    cuts.extend((start..end).step_by(1_013));
    for cut in cuts {
        let summary = alone("slice.json", &log[cut..]);
        let complete = records.iter().filter(|record| record.0 >= cut).count() as u64;
        assert_eq!(field(&summary, "records"), complete, "cut at {cut}");
    }
}

#[test]
fn a_hole_in_a_flow_log_costs_the_records_it_touches() {
    let log = short_log();
    let records = records(&log);
    let (start, end) = records[1];
    for (from, to) in [
        (start + 3, start + 9),
        (start + 40, end - 40),
        (start, start + 700),
        (end - 3, end),
        (start + 900, start + 901),
    ] {
        let torn = [&log[..from], &log[to..]].concat();
        let summary = alone("PT1H.json", &torn);
        let kept = field(&summary, "records");
        assert!((2..=3).contains(&kept), "{from}..{to} leaves {kept} records");
    }
}

#[test]
fn overwritten_bytes_never_hurt_the_other_records() {
    let log = short_log();
    let (start, end) = records(&log)[1];
    for at in joints(&log, start, start + 700).into_iter().chain((start..end).step_by(4_003)) {
        for byte in *b"\"{}[]\\,\0\xff" {
            let mut torn = log.clone();
            torn[at] = byte;
            let summary = alone("PT1H.json", &torn);
            assert!(field(&summary, "records") >= 1, "{byte} at {at}: {}", summary["inputs"][0]);
        }
    }
}

#[test]
fn every_file_of_the_sample_can_be_cut_off_at_every_joint() {
    let mut memory = Memory::new();
    sample::write(&mut memory).unwrap();
    for (path, content) in &memory.files {
        let mut cuts = joints(content, 0, content.len());
        // Large files are more of the same: fewer cuts, so that the test stays short.
        let wanted = if content.len() > 500_000 { 8 } else { 50 };
        let step = (cuts.len() / wanted).max(1);
        cuts = cuts.into_iter().step_by(step).collect();
        for cut in cuts {
            let summary = alone(path, &content[..cut]);
            assert_eq!(summary["inputs"].as_array().map(Vec::len), Some(1), "{path} cut at {cut}");
        }
    }
}

#[test]
fn kubernetes_objects_before_the_cut_are_read() {
    let (name, content) = file("kubernetes.json");
    let whole = alone(&name, &content);
    let all = field(&whole, "records");
    assert!(all > 30, "{all}");
    let text = String::from_utf8(content).unwrap();
    // Items stand eight blanks deep.
    let ends: Vec<usize> = text.match_indices("\n        }").map(|(at, found)| at + found.len()).collect();
    assert_eq!(ends.len() as u64, all);
    for (index, &end) in ends.iter().enumerate() {
        let summary = alone(&name, &text.as_bytes()[..end]);
        assert_eq!(field(&summary, "records"), index as u64 + 1, "cut behind object {index}");
        let summary = alone(&name, &text.as_bytes()[..end - 12]);
        assert_eq!(field(&summary, "records"), index as u64, "cut inside object {index}");
        assert!(field(&summary, "lost_bytes") > 0 || index == 0, "cut inside object {index}");
    }
}

#[test]
fn one_bad_file_leaves_the_others_alone() {
    let mut memory = Memory::new();
    sample::write(&mut memory).unwrap();
    let good = Engine::default().value(&memory.files);
    let mut files = memory.files.clone();
    files.insert("picture.json".to_owned(), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec());
    files.insert("empty.json".to_owned(), Vec::new());
    files.insert("page.json".to_owned(), b"<!DOCTYPE html><html><body>404</body></html>".to_vec());
    files.insert("archive.zip".to_owned(), b"PK\x03\x04 and nothing behind it".to_vec());
    files.insert("short.gz".to_owned(), b"\x1f\x8b\x08\0\0".to_vec());
    let summary = Engine::default().value(&files);
    for part in ["tuples", "span", "pairs", "endpoints", "inventory", "health"] {
        assert_eq!(good[part], summary[part], "{part}");
    }
    for input in summary["inputs"].as_array().unwrap() {
        if input["format"] == "unknown" {
            assert!(!input["notes"].as_array().unwrap().is_empty(), "{input}");
        }
    }
    let unknown = summary["inputs"].as_array().unwrap().iter().filter(|input| input["format"] == "unknown").count();
    assert_eq!(unknown, 5);
}
