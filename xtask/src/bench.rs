//! How fast a capture is read and asked: natively, as a module in node, and in Chromium through the real page beside the plain script of
//! `tests/bench`. Each row is a ratio of one run first; the absolute figures and the machine stand beside it.

use crate::browser::Browser;
use crate::site::{self, Site};
use crate::steps::{self, Outcome, Steps};
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::process::Command;

const ROUNDS: &str = "3";
/// What each measurer can measure; those behind the first `FULL` take minutes and gigabytes and are asked for.
const NATIVE: [&str; 6] = ["careful", "threads", "gzip", "retained", "query", "stream"];
const MODULE: [&str; 4] = ["module", "module-query", "module-findings", "module-stream"];
const PAGE: [&str; 5] = ["page", "objects", "files", "page-brush", STREAM];
/// It needs the module, too.
const STREAM: &str = "page-stream";
const PICTURE: &str = "picture";
const FULL: [&str; 7] = ["query", "stream", "module-query", "module-findings", "module-stream", "page-brush", STREAM];

/// What is asked of the bench.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Size of the log.
    pub megabytes: u64,
    /// The rows that take long, too.
    pub full: bool,
    /// Rows by name; all when empty.
    pub rows: Vec<String>,
}

impl Wanted {
    /// Reads `[--megabytes N] [--full] [ROW…]`. Errors on anything else.
    pub fn parse(arguments: &[&str]) -> Outcome<Self> {
        let mut wanted = Self { megabytes: 256, ..Self::default() };
        let mut arguments = arguments.iter();
        while let Some(&argument) = arguments.next() {
            match argument {
                "--full" => wanted.full = true,
                "--megabytes" => {
                    let number = arguments.next().and_then(|number| number.parse().ok());
                    wanted.megabytes = number.ok_or("--megabytes takes a number")?;
                }
                row if NATIVE.contains(&row) || MODULE.contains(&row) || PAGE.contains(&row) || row == PICTURE => {
                    wanted.rows.push(row.to_owned());
                }
                other => {
                    return Err(format!(
                        "{other} is no row of the bench; these are: {} {} {} {PICTURE}",
                        NATIVE.join(" "),
                        MODULE.join(" "),
                        PAGE.join(" ")
                    ));
                }
            }
        }
        Ok(wanted)
    }

    fn of<'a>(&self, rows: &[&'a str]) -> Vec<&'a str> {
        let chosen = |row: &&&str| match self.rows.is_empty() {
            true => self.full || !FULL.contains(*row),
            false => self.rows.iter().any(|wanted| wanted == **row),
        };
        rows.iter().filter(chosen).copied().collect()
    }
}

/// Measures and prints a table.
pub fn bench(steps: &mut Steps, wanted: &Wanted) -> Outcome {
    let mut measured = Map::new();
    let log = generated(steps, wanted.megabytes)?;
    let native = wanted.of(&NATIVE);
    if !native.is_empty() {
        let program = program(steps)?;
        let printed =
            steps.run("measuring natively", || steps::output(Command::new(program).arg(&log).args(&native)))?;
        take(&mut measured, &printed)?;
    }
    let module = wanted.of(&MODULE);
    if !module.is_empty() {
        let wasm = engine(steps)?;
        let mut node = Command::new("node");
        node.arg(scripts().join("module.js")).arg(wasm).arg(&log).args(&module);
        let printed = steps.run("measuring the module in node", || steps::output(&mut node))?;
        take(&mut measured, &printed)?;
    }
    let page = wanted.of(&PAGE);
    let picture = !wanted.of(&[PICTURE]).is_empty();
    if !page.is_empty() || picture {
        let browser = Browser::ready(steps)?;
        if !page.is_empty() {
            let Site { folder, .. } = site::build(steps)?;
            let mut node = browser.node();
            if page.contains(&STREAM) {
                node.env("UNDERLAY_ENGINE", engine(steps)?);
            }
            node.env("UNDERLAY_SITE", folder).arg(scripts().join("measure.js"));
            node.arg(&log).arg(steps::target().join("bench")).arg(ROUNDS).args(&page);
            let printed = steps.run("measuring in Chromium", || steps::output(&mut node))?;
            take(&mut measured, &printed)?;
        }
        if picture {
            println!("{}", crate::picture::measure(steps, &browser)?);
        }
    }
    println!("\n{}", table(&measured));
    Ok(())
}

fn scripts() -> PathBuf {
    steps::root().join("tests").join("bench")
}

/// Lines of JSON, each with its row.
fn take(measured: &mut Map<String, Value>, printed: &str) -> Outcome {
    for line in printed.lines().filter(|line| line.starts_with('{')) {
        let value: Value = serde_json::from_str(line).map_err(|error| format!("{error} in {line:?}"))?;
        let row = value["row"].as_str().unwrap_or_default().to_owned();
        measured.insert(row, value);
    }
    Ok(())
}

/// The native harness.
fn program(steps: &mut Steps) -> Outcome<PathBuf> {
    let mut cargo = steps::cargo();
    cargo.args(["build", "--release", "--package", "underlay-bench"]);
    steps.command("building the native bench", &mut cargo)?;
    Ok(steps::target().join("release").join("underlay-bench"))
}

/// The same harness as a module, compiled as the page's worker is.
fn engine(steps: &mut Steps) -> Outcome<PathBuf> {
    let mut cargo = steps::cargo();
    cargo.args(["build", "--profile", "worker", "--package", "underlay-bench", "--lib"]);
    // As the site is built, so that both share what is compiled.
    crate::traces::hide(&mut cargo)?;
    steps.command("building the module of the bench", cargo.args(["--target", "wasm32-unknown-unknown"]))?;
    Ok(steps::target().join("wasm32-unknown-unknown/worker/underlay_bench.wasm"))
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

/// Ratios first, with what must be reached and what is aimed at.
fn table(measured: &Map<String, Value>) -> String {
    let mut rows = Rows { measured, text: String::new() };
    rows.text += "| measured | here | must | aim | absolute |\n|---|---:|---:|---:|---|\n";
    rows.page();
    rows.engine();
    rows.findings();
    rows.memory();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let processor = std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| {
        text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name.to_owned()))
    });
    let processor = processor.unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let load = std::fs::read_to_string("/proc/loadavg").ok();
    let load = load.as_deref().and_then(|load| load.split(' ').next()).unwrap_or("unknown");
    let browser = measured.get("page").and_then(|page| page["browser"].as_str()).unwrap_or("no browser");
    rows.text += &format!(
        "\nMachine: {processor} ({cores} cores), {}, {browser}; load at the end {load}. Medians.\n",
        std::env::consts::OS
    );
    rows.text
}

struct Rows<'a> {
    measured: &'a Map<String, Value>,
    text: String,
}

impl Rows<'_> {
    fn number(&self, row: &str, field: &str) -> Option<f64> {
        self.measured.get(row)?.get(field)?.as_f64()
    }

    fn add(&mut self, what: &str, here: Option<String>, must: &str, aim: &str, absolute: String) {
        if let Some(here) = here {
            self.text += &format!("| {what} | {here} | {must} | {aim} | {absolute} |\n");
        }
    }

    fn page(&mut self) {
        let n = |field: &str| self.number("page", field);
        let ratio = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| format!("{:.2}", a / b));
        let seconds = |field: &str| n(field).map_or_else(String::new, |value| format!("{value:.2} s"));
        let (baseline, read, drawn, discard) = (n("baseline"), n("read"), n("drawn"), n("discard"));
        let absolutes = format!("{}; the script {}", seconds("read"), seconds("baseline"));
        let drawn_text = seconds("drawn");
        let discard_text = seconds("discard");
        let longest = n("longest");
        let load = n("load");
        self.add(
            "page, one worker: drop → queryable, times the plain script",
            ratio(baseline, read),
            "8",
            "12",
            absolutes,
        );
        self.add("the same: drop → topology drawn", ratio(baseline, drawn), "", "", drawn_text);
        self.add(
            "reading and discarding by the same reader, times drop → queryable",
            ratio(discard, read),
            "0.5",
            "0.9",
            discard_text,
        );
        self.add(
            "longest task of the page's thread while reading, ms",
            longest.map(|ms| if ms > 0.0 { format!("{ms:.0}") } else { "under 50".to_owned() }),
            "50",
            "16",
            load.map_or_else(String::new, |load| format!("first load {load:.2} s")),
        );
        let objects = ratio(self.number("objects", "parse"), self.number("objects", "read"));
        let size = self.number("objects", "megabytes").map_or_else(String::new, |size| format!("{size:.0} MB"));
        self.add("kubectl JSON against `JSON.parse(await file.text())`", objects, "0.7", "1.2", size);
        let files = |workers: &str, field: &str| self.measured.get("files")?[workers][field].as_f64();
        let told = |workers: &str| Some((files(workers, "read")?, files(workers, "memory")? / 1e3));
        let absolute = told("two").zip(told("one")).map_or_else(String::new, |(two, one)| {
            format!("{:.2} s with {:.2} GB of memory; {:.2} s with {:.2} GB", two.0, two.1, one.0, one.1)
        });
        let two = ratio(files("one", "read"), files("two", "read"));
        self.add("1 GB in 24 files: two parsing workers against one", two, "1.0", "1.4", absolute);
    }

    fn engine(&mut self) {
        let n = |row: &str, field: &str| self.number(row, field);
        let ratio = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| format!("{:.2}", a / b));
        let speed = |row: &str, field: &str| {
            n(row, "bytes")
                .zip(n(row, field))
                .map_or_else(String::new, |(bytes, seconds)| format!("{:.0} MB/s", bytes / 1e6 / seconds))
        };
        let careful = ratio(n("careful", "careful"), n("careful", "read"));
        let scan = format!("{} (scanner alone {})", speed("careful", "read"), speed("careful", "scan"));
        let module = ratio(n("careful", "read"), n("module", "read"));
        let module_speed = speed("module", "read");
        let threads = ratio(n("threads", "one"), n("threads", "two"));
        let gzip = ratio(n("gzip", "inflate"), n("gzip", "read"));
        let gzip_speed = speed("gzip", "read");
        self.add("native, one thread, against serde_json and `split`", careful, "3", "5", scan);
        self.add("module against native, same code", module, "0.6", "0.9", module_speed);
        self.add("natively two threads against one", threads, "1.7", "", String::new());
        self.add("gzip against inflating alone", gzip, "0.6", "0.9", gzip_speed);
        for (row, what) in [("query", "natively"), ("module-query", "as a module")] {
            self.filters(row, what);
            let ms = |field: &str| self.number(row, field).map(|seconds| format!("{:.0}", seconds * 1e3));
            let absolute = ms("listed95").map_or_else(String::new, |ms| format!("all its pairs, listed: {ms}"));
            let wide = ms("wide95").map_or_else(String::new, |ms| format!("half an hour that moves: {ms}"));
            let (brush, jump) = (ms("brush95"), ms("jump95"));
            let what = format!("10⁷ rows {what}: what a picture of");
            self.add(&format!("{what} five minutes shows, dragged by a minute, p95, ms"), brush, "33", "16", absolute);
            self.add(&format!("{what} another half of the hour shows, p95, ms"), jump, "100", "33", wide);
        }
        let ms = |field: &str| self.number("page-brush", field).map(|seconds| format!("{:.0}", seconds * 1e3));
        let wide = ms("wide95").map_or_else(String::new, |ms| format!("fifteen minutes at once: {ms}"));
        let brush = ms("brush95");
        self.add("10⁷ rows in the page: a minute of the brush until the picture, p95, ms", brush, "33", "16", wide);
    }

    /// Pairs and minutes of each filter, over the whole and over half of the hour.
    fn filters(&mut self, row: &str, what: &str) {
        let filters = self.measured.get(row).and_then(|row| row["filters"].as_array()).cloned().unwrap_or_default();
        let costs = |filter: &Value| {
            let ms = |field: &str| filter[field].as_f64().unwrap_or(f64::NAN) * 1e3;
            [ms("pairs") + ms("timeline"), ms("half") + ms("timeline")]
        };
        let worst = filters.iter().flat_map(costs).fold(f64::NAN, f64::max);
        let told = |filter: &Value| {
            let [whole, half] = costs(filter);
            format!("{} {whole:.0}, {half:.0}", filter["filter"].as_str().unwrap_or_default())
        };
        let each: Vec<String> = filters.iter().map(told).collect();
        let rows =
            self.number(row, "rows").map_or_else(String::new, |rows| format!("{:.1} million rows; ", rows / 1e6));
        let first = self
            .number(row, "first")
            .map_or_else(String::new, |s| format!("the first answers of all {:.0}; ", s * 1e3));
        self.add(
            &format!("10⁷ rows {what}: pairs and minutes, worst filter over all minutes or half of them, ms"),
            (!filters.is_empty()).then(|| format!("{worst:.0}")),
            "100",
            "33",
            [rows, first, "all minutes, half of them: ".to_owned(), each.join("; ")].concat(),
        );
    }

    /// Of 10⁷ cells and 3,600 pods, as a module.
    fn findings(&mut self) {
        let n = |field: &str| self.number("module-findings", field);
        let picture = n("picture").map_or_else(String::new, |seconds| format!("the picture after it {seconds:.2} s"));
        let five = n("five").map_or_else(String::new, |seconds| format!("of five minutes {:.0}", seconds * 1e3));
        let half = n("half").map(|seconds| format!("{:.0}", seconds * 1e3));
        let whole = n("findings").map(|seconds| format!("{seconds:.2}"));
        self.add("all findings of 10⁷ cells, 3,600 pods, as a module, s", whole, "1", "", picture);
        self.add("findings again after a change of range to half an hour, as a module, ms", half, "150", "", five);
    }

    fn memory(&mut self) {
        let measured = self.measured;
        let n = |row: &str, field: &str| measured.get(row)?.get(field)?.as_f64();
        let beyond =
            n("module", "peak").zip(n("module", "retained")).map(|(peak, held)| format!("{:.0}", (peak - held) / 1e6));
        let peak = n("module", "peak").map_or_else(String::new, |peak| format!("peak {:.0} MB", peak / 1e6));
        let retained =
            n("retained", "retained").zip(n("retained", "bytes")).map(|(held, bytes)| format!("{:.3}", held / bytes));
        let plain = n("retained", "plain").zip(n("retained", "bytes"));
        let plain = plain.map_or_else(String::new, |(held, bytes)| format!("without gateways {:.3}", held / bytes));
        let asked =
            n("retained", "asked").zip(n("retained", "bytes")).map(|(held, bytes)| format!("{:.3}", held / bytes));
        self.add("module, memory beyond what it retains, MB", beyond, "64", "16", peak);
        self.add("bytes retained per byte read, a fifth is gateway traffic", retained, "0.25", "0.12", plain);
        let what = "the same when it is settled and was asked for pairs, minutes and the picture";
        self.add(what, asked, "", "", String::new());
        for (row, what) in [("stream", "natively"), ("module-stream", "as a module"), (STREAM, "in Chromium")] {
            let peak = n(row, "peak").map(|peak| format!("{:.2}", peak / 1e9));
            let absolute =
                n(row, "seconds").map_or_else(String::new, |seconds| format!("{seconds:.0} s with generating"));
            let tuples =
                n(row, "tuples").map_or_else(String::new, |tuples| format!("{:.0} million tuples, ", tuples / 1e6));
            self.add(&format!("10⁸ tuples {what}: peak memory, GB"), peak, "3", "1.5", tuples + &absolute);
        }
    }
}
