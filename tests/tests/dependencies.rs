//! The direction of dependencies, as the architecture draws it: the domain's words know nobody, the engine knows no browser.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Package → packages of ours that it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("scan", &["model"]),
    ("store", &["model", "scan"]),
    ("json", &["model"]),
    ("ingest", &["model", "scan", "json"]),
    ("identity", &["model"]),
    ("findings", &["model", "identity"]),
    ("session", &["model", "scan", "store", "ingest", "identity", "findings"]),
    ("scene", &["model"]),
    ("charts", &["model"]),
    ("lab", &["model"]),
    ("page", &["model", "scene", "charts"]),
    ("worker", &["model", "ingest", "session"]),
    ("cli", &["model", "ingest", "session", "lab"]),
    ("tests", &["model", "scan", "ingest", "session", "lab"]),
    ("bench", &["model", "scan", "store", "session", "lab"]),
    ("xtask", &[]),
];

/// What only the page and the worker may name.
const BROWSER: &[&str] = &["web-sys", "js-sys", "wasm-bindgen", "wasm-bindgen-futures", "leptos", "gloo"];

/// Direct dependencies of each package of the workspace, without those of tests.
fn workspace() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let text = |value: &Value| value.as_str().expect("a name is text").to_owned();
    metadata["packages"]
        .as_array()
        .expect("packages is a list")
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("dependencies is a list");
            let direct = dependencies.iter().filter(|one| one["kind"] != "dev").map(|one| text(&one["name"])).collect();
            (text(&package["name"]), direct)
        })
        .collect()
}

#[test]
fn every_arrow_runs_as_drawn() {
    let workspace = workspace();
    for (package, dependencies) in &workspace {
        let short = package.strip_prefix("underlay-").unwrap_or(package);
        let (_, allowed) = ARROWS
            .iter()
            .find(|(name, _)| *name == short)
            .unwrap_or_else(|| panic!("{package} is not in the drawing of dependencies"));
        for ours in dependencies.iter().filter_map(|name| name.strip_prefix("underlay-")) {
            assert!(allowed.contains(&ours), "{package} must not depend on {ours}");
        }
    }
    assert_eq!(workspace.len(), ARROWS.len(), "packages: {:?}", workspace.keys());
}

#[test]
fn the_engine_knows_no_browser() {
    for (package, dependencies) in workspace() {
        if matches!(package.as_str(), "underlay-page" | "underlay-worker") {
            continue;
        }
        for name in BROWSER {
            assert!(!dependencies.contains(*name), "{package} names {name}");
        }
    }
}
