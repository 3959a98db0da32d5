//! How fast the picture is at the ceiling of AKS: 5,000 nodes, 200,000 pods, 100,000 pairs, in headless Chromium without a GPU, beside
//! sigma.js with the same boxes, lines and camera path. The bench page and its peer are in `tests/bench` and never shipped.

use crate::browser::Browser;
use crate::steps::{self, Outcome, Steps};
use crate::tools::Tools;
use serde_json::Value;
use std::process::Command;

/// Builds the bench's module, runs it, and gives the table.
pub fn measure(steps: &mut Steps, browser: &Browser) -> Outcome<String> {
    let tools = Tools::ready(steps)?;
    let bench = steps::root().join("tests").join("bench");
    let mut cargo = steps::cargo();
    cargo
        .args(["build", "--release", "--target", "wasm32-unknown-unknown"])
        .current_dir(bench.join("scene"))
        .env("CARGO_TARGET_DIR", steps::target());
    steps.command("building the picture's bench", &mut cargo)?;
    let built = steps::target().join("bench").join("scene");
    let mut bindgen = Command::new(&tools.wasm_bindgen);
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-name", "scene", "--out-dir"])
        .arg(&built)
        .arg(steps::target().join("wasm32-unknown-unknown/release/underlay_bench_scene.wasm"));
    steps::run(&mut bindgen)?;
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]).current_dir(&bench);
    steps.command("installing the peer of the bench", &mut npm)?;
    let mut node = browser.node();
    node.arg(bench.join("scene.js")).arg(&built);
    let printed = steps.run("drawing 200,000 pods in Chromium, then sigma.js", || steps::output(&mut node))?;
    let measured: Value = serde_json::from_str(printed.trim()).map_err(|error| format!("{error} in {printed:?}"))?;
    Ok(table(&measured))
}

fn table(measured: &Value) -> String {
    let (own, peer) = (&measured["picture"], &measured["sigma"]);
    let number = |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), |number| format!("{number:.2}"));
    let percent =
        |value: &Value| value.as_f64().map_or_else(|| "–".to_owned(), |number| format!("{:.1} %", number * 1e2));
    let mut text =
        format!("\nThe picture of {} things and {} edges, 1440×900, no GPU.\n\n", own["things"], own["edges"]);
    text += "| | this page | sigma.js |\n|---|---:|---:|\n";
    let mut row = |what: &str, own: String, peer: String| text += &format!("| {what} | {own} | {peer} |\n");
    row("layout and level of detail from the answer, ms", number(&own["layout"]), number(&peer["layout"]));
    row("first frame, ms", number(&own["first"]), String::new());
    row("work a frame while moving, median ms", number(&own["moving"]["median"]), number(&peer["moving"]["median"]));
    row("the same, 95th percentile, ms", number(&own["moving"]["p95"]), number(&peer["moving"]["p95"]));
    row("frames dropped", percent(&own["moving"]["dropped"]), percent(&peer["moving"]["dropped"]));
    row(
        "frames that show their own picture, not the one before moved",
        percent(&own["moving"]["sharp"]),
        String::new(),
    );
    row("one hit, ms", number(&own["hit"]), String::new());
    row("another grouping and its first frame, ms", number(&own["regrouped"]), String::new());
    row("work a frame grouped by namespace, 95th percentile, ms", number(&own["fields"]["p95"]), String::new());
    row("memory of the page, MB", number(&own["memory"]), number(&peer["memory"]));
    if let Some(error) = peer["error"].as_str() {
        text += &format!("\nsigma.js: {error}\n");
    }
    text
}
