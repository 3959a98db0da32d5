//! The committed sample: it is what the generator writes, and its summary tells its story.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use underlay_lab::{Memory, sample};
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
