//! Every check there is, the quick ones first.

use crate::browser::Browser;
use crate::site;
use crate::steps::{self, Outcome, Steps};
use crate::tools::Tools;
use std::process::Command;

/// Packages that are built for the browser; all others are native.
const BROWSER_PACKAGES: [&str; 2] = ["underlay-page", "underlay-worker"];
const WASM: [&str; 2] = ["--target", "wasm32-unknown-unknown"];
const DENY: [&str; 3] = ["--", "--deny", "warnings"];

/// Runs them all; the first that fails ends it.
pub fn test(steps: &mut Steps) -> Outcome {
    let tools = Tools::ready(steps)?;
    let browser = Browser::ready(steps)?;
    drop(tools);

    steps.command("formatting", &mut cargo(&["fmt", "--all", "--check"], &[], &[]))?;
    steps.command("lints, native", &mut cargo(&["clippy", "--all-targets"], &native(), &DENY))?;
    let faults = ["--features", "underlay-worker/fault-injection"];
    steps.command("lints, wasm32", &mut cargo(&["clippy"], &[&for_browser()[..], &WASM, &faults].concat(), &DENY))?;
    steps.command(
        "documentation, native",
        cargo(&["doc", "--no-deps"], &native(), &[]).env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    let wasm = [&for_browser()[..], &WASM].concat();
    steps.command(
        "documentation, wasm32",
        cargo(&["doc", "--no-deps", "--document-private-items"], &wasm, &[]).env("RUSTDOCFLAGS", "--deny warnings"),
    )?;
    steps.command("tests, native", &mut cargo(&["test"], &native(), &[]))?;

    let site = site::build(steps)?;
    let with_faults = site::build_with_faults(steps, &site)?;
    steps.command("the underlay command", &mut cargo(&["build", "--bin", "underlay"], &[], &[]))?;
    let mut node = browser.node();
    node.args([
        "--test",
        "--test-concurrency=1",
        "--test-force-exit",
        "--test-timeout=240000",
        "--test-reporter=spec",
        ".",
    ])
    .env("UNDERLAY_SITE", &site.folder)
    .env("UNDERLAY_SITE_WITH_FAULTS", with_faults)
    .env("UNDERLAY_COMMAND", steps::target().join("debug").join(format!("underlay{}", std::env::consts::EXE_SUFFIX)))
    .env("UNDERLAY_SCREENSHOTS", steps::target().join("screenshots"));
    steps.command("tests, in Chromium", &mut node)
}

fn native() -> Vec<&'static str> {
    let excluded = BROWSER_PACKAGES.into_iter().flat_map(|package| ["--exclude", package]);
    std::iter::once("--workspace").chain(excluded).collect()
}

fn for_browser() -> Vec<&'static str> {
    BROWSER_PACKAGES.into_iter().flat_map(|package| ["--package", package]).collect()
}

fn cargo(verb: &[&str], packages: &[&str], last: &[&str]) -> Command {
    let mut command = steps::cargo();
    command.args(verb).args(packages);
    if verb[0] != "fmt" {
        command.args(["--offline", "--locked", "--quiet"]);
    }
    command.args(last);
    command
}
