//! How fast a capture is read: natively, in Chromium through the real page, and in the same Chromium by the plain script of
//! `tests/bench`. The ratio is the figure; the machine stands beside it.

use crate::browser::Browser;
use crate::site;
use crate::steps::{self, Outcome, Steps};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const ROUNDS: usize = 3;

/// Measures on a generated log of so many megabytes and prints a table.
pub fn bench(steps: &mut Steps, megabytes: u64) -> Outcome {
    let browser = Browser::ready(steps)?;
    site::build(steps)?;
    let log = generated(steps, megabytes)?;
    let native = steps.run("reading natively", || native(&log))?;
    let script = steps::root().join("tests").join("bench").join("measure.js");
    let mut node = browser.node();
    node.arg(script).arg(&log).arg(ROUNDS.to_string());
    let printed = steps.run("reading in Chromium, in turns with the plain script", || steps::output(&mut node))?;
    let measured: Value = serde_json::from_str(printed.trim()).map_err(|error| format!("{error} in {printed:?}"))?;
    println!("\n{}", table(&measured, native));
    println!("{}", crate::picture::measure(steps, &browser)?);
    Ok(())
}

/// The log, written once and kept.
fn generated(steps: &mut Steps, megabytes: u64) -> Outcome<PathBuf> {
    let folder = steps::target().join("bench").join(megabytes.to_string());
    let find = || site::files(&folder).ok().and_then(|files| files.into_iter().next());
    if let Some(log) = find() {
        return Ok(log);
    }
    let bytes = (megabytes * 1_000_000).to_string();
    let mut generate = steps::cargo();
    generate.args([
        "run",
        "--release",
        "--quiet",
        "--package",
        "underlay-tests",
        "--example",
        "bench_log",
        "--",
        &bytes,
    ]);
    steps.command("generating the log", generate.arg(&folder))?;
    find().ok_or_else(|| "the generator wrote no file".to_owned())
}

/// Seconds of `underlay summary`, from start to end of the process: the median.
fn native(log: &Path) -> Outcome<f64> {
    steps::run(steps::cargo().args(["build", "--release", "--quiet", "--bin", "underlay"]))?;
    let mut seconds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let mut command = Command::new(steps::target().join("release").join("underlay"));
        command.args(["summary", "--quiet"]).arg(log);
        let began = Instant::now();
        steps::output(&mut command)?;
        seconds.push(began.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[ROUNDS / 2])
}

fn table(measured: &Value, native: f64) -> String {
    let number = |name: &str| measured[name].as_f64().unwrap_or(f64::NAN);
    let (megabytes, baseline) = (number("megabytes"), number("baseline"));
    let row = |what: &str, seconds: f64| {
        format!("| {what} | {seconds:.2} | {:.0} | {:.1} |\n", megabytes / seconds, baseline / seconds)
    };
    let mut text = format!("One flow log of {megabytes:.0} MB with {} tuples.\n\n", measured["tuples"]);
    text += "| | seconds | MB/s | times the plain script |\n|---|---:|---:|---:|\n";
    text += &row("plain script in Chromium (`JSON.parse`, `split`, `Map`)", baseline);
    text += &row("this page, drop to end of reading", number("read"));
    text += &row("this page, drop to topology ready", number("drawn"));
    text += &row("`underlay summary`, whole process", native);
    text += &format!("\nFirst load until the page can be used: {:.2} s, from localhost.\n", number("load"));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()))
    });
    text += &format!(
        "Machine: {} ({cores} cores), {}, {}. Median of {ROUNDS} rounds, in turns.\n",
        processor.unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        std::env::consts::OS,
        measured["browser"].as_str().unwrap_or_default(),
    );
    text
}
