//! The command as its users know it: what it prints, where, and its exit status.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const LOG: &str = r#"{"records":[{"time":"2026-11-20T09:00:30Z","flowLogVersion":4,"flowLogGUID":"g","macAddress":"6045BD000006","category":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"acl","flowGroups":[{"rule":"Allow","flowTuples":["1795165201000,10.0.0.1,10.0.0.2,40000,443,6,I,B,NX,0,0,0,0","nonsense"]}]}]}}]}"#;

/// A folder of its own, gone at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn underlay(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_underlay"));
    let started = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = started.unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn status(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn paths(output: &Output) -> Vec<String> {
    let summary = json(output);
    let inputs = summary["inputs"].as_array().unwrap();
    inputs.iter().map(|input| input["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_file_that_is_understood_gives_zero_and_its_notes_go_to_standard_error() {
    let folder = Folder::new("understood");
    let path = folder.write("PT1H.json", LOG);
    let output = underlay(&["summary", path.to_str().unwrap()], b"");
    assert_eq!(status(&output), 0);
    assert_eq!(paths(&output), ["PT1H.json"]);
    assert_eq!(json(&output)["tuples"]["rejected"], 1);
    assert!(output.stdout.ends_with(b"}\n"));
    assert!(String::from_utf8_lossy(&output.stderr).contains("PT1H.json"));
    let quiet = underlay(&["summary", "--quiet", path.to_str().unwrap()], b"");
    assert_eq!((quiet.stdout, quiet.stderr), (output.stdout, Vec::new()));
}

#[test]
fn a_file_that_is_not_understood_gives_one_and_the_rest_is_there() {
    let folder = Folder::new("mixed");
    folder.write("logs/PT1H.json", LOG);
    folder.write("picture.json", b"\x89PNG\r\n\x1a\n");
    folder.write(".hidden", LOG);
    folder.write("__MACOSX/PT1H.json", LOG);
    let output = underlay(&["summary", folder.0.to_str().unwrap()], b"");
    assert_eq!(status(&output), 1);
    assert_eq!(paths(&output), ["mixed/logs/PT1H.json", "mixed/picture.json"]);
    assert_eq!(json(&output)["tuples"]["accepted"], 1);
}

#[test]
fn a_hidden_file_that_is_named_is_read() {
    let folder = Folder::new("named");
    let path = folder.write(".hidden.json", LOG);
    let output = underlay(&["summary", path.to_str().unwrap()], b"");
    assert_eq!((status(&output), paths(&output)), (0, vec![".hidden.json".to_owned()]));
}

#[test]
fn standard_input_is_an_input_of_its_own() {
    let output = underlay(&["summary", "-"], LOG.as_bytes());
    assert_eq!((status(&output), paths(&output)), (0, vec!["-".to_owned()]));
    assert_eq!(json(&output)["inputs"][0]["bytes"], LOG.len());
}

#[test]
fn an_empty_folder_is_a_capture_without_inputs() {
    let folder = Folder::new("empty");
    let output = underlay(&["summary", folder.0.to_str().unwrap()], b"");
    assert_eq!(status(&output), 0);
    assert_eq!(json(&output)["inputs"], serde_json::json!([]));
    assert_eq!(json(&output)["span"], serde_json::Value::Null);
}

#[test]
fn patterns_that_the_shell_left_are_names() {
    let folder = Folder::new("patterns");
    for name in ["a.json", "b.json", "c.txt", ".d.json"] {
        folder.write(name, LOG);
    }
    let pattern = folder.0.join("*.json");
    let output = underlay(&["summary", "-q", pattern.to_str().unwrap()], b"");
    assert_eq!((status(&output), paths(&output)), (0, vec!["a.json".to_owned(), "b.json".to_owned()]));
    assert_eq!(status(&underlay(&["summary", folder.0.join("x*").to_str().unwrap()], b"")), 2);
}

#[cfg(unix)]
#[test]
fn what_is_passed_over_in_a_folder_is_said() {
    let folder = Folder::new("links");
    folder.write("logs/PT1H.json", LOG);
    std::os::unix::fs::symlink(&folder.0, folder.0.join("round")).unwrap();
    std::os::unix::fs::symlink("logs/PT1H.json", folder.0.join("linked.json")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.0.join("gone.json")).unwrap();
    let output = underlay(&["summary", folder.0.to_str().unwrap()], b"");
    assert_eq!(status(&output), 1);
    assert_eq!(paths(&output), ["links/gone.json", "links/linked.json", "links/logs/PT1H.json"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("links/round: a link to a folder, not followed."), "{said}");
    assert!(said.contains("gone.json") && said.contains("no such file"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_said() {
    let folder = Folder::new("full");
    let path = folder.write("PT1H.json", LOG);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_underlay"));
    let output =
        command.args(["summary", path.to_str().unwrap()]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(status(&output), 1);
    assert!(String::from_utf8_lossy(&output.stderr).contains("standard output cannot be written"));
}

#[test]
fn wrong_use_gives_two_and_nothing_on_standard_output() {
    for arguments in
        [&["summary", "there/is/no/such/file"][..], &["summary"], &["nonsense"], &["summary", "--pod-cidr", "x", "."]]
    {
        let output = underlay(arguments, b"");
        assert_eq!(status(&output), 2, "{arguments:?}");
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn help_is_given_when_asked_for() {
    for arguments in [&["--help"][..], &["summary", "--help"], &["generate", "--help"]] {
        let output = underlay(arguments, b"");
        assert_eq!(status(&output), 0, "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("Usage: underlay"), "{arguments:?}");
    }
}

#[test]
fn declared_ranges_name_addresses() {
    let folder = Folder::new("declared");
    let path = folder.write("PT1H.json", LOG);
    let arguments = ["summary", "--gateway-subnet", "10.0.0.0/31", "--pod-cidr", "10.0.0.2/31", path.to_str().unwrap()];
    let summary = json(&underlay(&arguments, b""));
    let kinds: Vec<&str> =
        summary["endpoints"].as_array().unwrap().iter().map(|endpoint| endpoint["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["gateway-instance", "pod-range"]);
}

#[test]
fn what_generate_writes_summary_reads_alike_with_any_number_of_threads() {
    let folder = Folder::new("generated");
    let target = folder.0.join("capture");
    let generated = underlay(
        &["generate", "--minutes", "5", "--earlier-copies", "1", "--flow-logs", "2", target.to_str().unwrap()],
        b"",
    );
    assert_eq!(status(&generated), 0, "{}", String::from_utf8_lossy(&generated.stderr));
    let one = underlay(&["summary", "--threads", "1", target.to_str().unwrap()], b"");
    assert_eq!(status(&one), 0, "{}", String::from_utf8_lossy(&one.stderr));
    assert!(!json(&one)["pairs"].as_array().unwrap().is_empty());
    for threads in ["2", "3"] {
        let more = underlay(&["summary", "--threads", threads, target.to_str().unwrap()], b"");
        assert!(more.stdout == one.stdout, "{threads} threads differ");
    }
}
