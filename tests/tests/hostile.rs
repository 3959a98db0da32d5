//! Everything that fuzzing starts from or has found worth keeping, once more: a found fault does not come back.

use std::path::Path;
use underlay_tests::hostile;

fn replay(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    for file in files {
        println!("{}", file.display());
        holds(&std::fs::read(&file).unwrap());
    }
}

#[test]
fn scanner() {
    replay("scanner", hostile::scanner);
}

#[test]
fn input() {
    replay("input", hostile::input);
}

#[test]
fn parsers_of_azure() {
    for target in ["azure", "analytics", "requests"] {
        replay(target, hostile::input);
    }
}

#[test]
fn objects() {
    replay("objects", hostile::objects);
}

#[test]
fn arriving() {
    replay("arriving", hostile::arriving);
}

#[test]
fn archive() {
    replay("archive", hostile::archive);
}

#[test]
fn capture() {
    replay("capture", hostile::capture);
}
