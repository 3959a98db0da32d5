//! Keeps the direction of the workspace: which package may name which, and that nothing below the page and its worker knows
//! of a browser.

#![cfg(test)]

use crate::steps;
use std::collections::BTreeMap;

/// Each package and those of ours that it may depend on.
const ALLOWED: [(&str, &[&str]); 15] = [
    ("model", &[]),
    ("scan", &["model"]),
    ("store", &["model", "scan"]),
    ("ingest", &["model", "scan"]),
    ("identity", &["model"]),
    ("findings", &["model", "identity"]),
    ("session", &["model", "scan", "store", "ingest", "identity", "findings"]),
    ("scene", &["model"]),
    ("charts", &["model"]),
    ("lab", &["model"]),
    ("cli", &["model", "session", "ingest", "lab"]),
    ("worker", &["model", "session"]),
    ("page", &["model", "scene", "charts"]),
    ("tests", &["model", "session", "lab", "scan", "ingest", "store", "identity", "findings"]),
    ("xtask", &[]),
];
const BROWSER_ONLY: [&str; 6] = ["web-sys", "js-sys", "wasm-bindgen", "wasm-bindgen-futures", "leptos", "gloo"];
const IN_THE_BROWSER: [&str; 2] = ["page", "worker"];

/// Direct dependencies of each package of the workspace, as cargo reads them; those for tests only are left out.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let mut metadata = steps::cargo();
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let text = steps::output(&mut metadata).expect("cargo reads the workspace");
    let metadata: serde_json::Value = serde_json::from_str(&text).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let named = package["dependencies"].as_array().into_iter().flatten();
            let named =
                named.filter(|dependency| dependency["kind"].is_null()).map(|dependency| short(&dependency["name"]));
            (short(&package["name"]), named.collect())
        })
        .collect()
}

fn short(name: &serde_json::Value) -> String {
    let name = name.as_str().unwrap_or_default();
    name.strip_prefix("underlay-").unwrap_or(name).to_owned()
}

#[test]
fn no_arrow_runs_the_other_way() {
    let dependencies = dependencies();
    let allowed = BTreeMap::from(ALLOWED);
    for (package, named) in &dependencies {
        let may = allowed.get(package.as_str()).unwrap_or_else(|| panic!("{package} has no place in the direction"));
        for other in named.iter().filter(|other| dependencies.contains_key(*other)) {
            assert!(may.contains(&other.as_str()), "{package} must not depend on {other}");
        }
    }
}

#[test]
fn only_page_and_worker_know_of_a_browser() {
    for (package, named) in dependencies() {
        let inside = IN_THE_BROWSER.contains(&package.as_str());
        let foreign = named.iter().find(|name| !inside && BROWSER_ONLY.contains(&name.as_str()));
        assert_eq!(foreign, None, "{package} must run without a browser");
    }
}
