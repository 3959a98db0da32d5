//! The site: Trunk builds page and worker, then the sample capture is laid beside them with a list of its files. The folder
//! works on any static web server under any path prefix.

use crate::steps::{self, Outcome, Steps};
use crate::tools::{self, Tools};
use crate::traces;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the sample capture lies, here and in the site.
pub const SAMPLE: &str = "samples/lab";
const BINARYEN: &str = "132.0.0";

/// What rustc assumes of a browser, and the vectors.
const FEATURES: [&str; 8] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Of functions with one caller only small ones go into it: a browser compiles a function as a whole when it has been called for a
/// while, and those that had taken in all others cost it 0.6 s of a core while files were read.
const ONE_CALLER: &str = "--one-caller-inline-max-function-size=50";

/// A built site.
pub struct Site {
    /// The folder to serve.
    pub folder: PathBuf,
    /// The tools it was built with.
    pub tools: Tools,
}

/// Builds `dist/`.
pub fn build(steps: &mut Steps) -> Outcome<Site> {
    let tools = Tools::ready(steps)?;
    let folder = steps::root().join("dist");
    let mut trunk = Command::new(&tools.trunk);
    trunk
        .args(["build", "--release", "--offline", "--locked", "--skip-version-check"])
        .current_dir(steps::root())
        .env("PATH", tools.path()?)
        .env("UNDERLAY_BUILD", build_identifier()?)
        // Trunk takes only words for this, where others take a 1.
        .env_remove("NO_COLOR");
    traces::hide(&mut trunk)?;
    steps.command("building the page and its worker", &mut trunk)?;
    steps.run("laying the sample capture beside them", || lay_sample(&folder))?;
    shrink(steps, &folder);
    steps.run("looking for traces of this machine in it", || traces::search(&folder))?;
    steps.run("weighing the site", || weigh(&folder))?;
    Ok(Site { folder, tools })
}

/// A second site whose worker panics when a file asks for it: a copy of the first with another worker.
pub fn build_with_faults(steps: &mut Steps, site: &Site) -> Outcome<PathBuf> {
    let folder = steps::target().join("site-with-faults");
    let mut cargo = steps::cargo();
    cargo
        .args(["build", "--offline", "--package", "underlay-worker", "--features", "fault-injection"])
        .args(["--profile", "worker", "--target", "wasm32-unknown-unknown"])
        .env("UNDERLAY_BUILD", build_identifier()?);
    traces::hide(&mut cargo)?;
    steps.command("building a worker that can be made to fail", &mut cargo)?;
    let wasm = steps::target().join("wasm32-unknown-unknown/worker/underlay-worker.wasm");
    copy_folder(&site.folder, &folder)?;
    let mut bindgen = Command::new(&site.tools.wasm_bindgen);
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-name", "underlay-worker", "--out-dir"])
        .arg(&folder)
        .arg(wasm);
    steps::run(&mut bindgen)?;
    Ok(folder)
}

/// A hash of everything that page and worker are built from: they talk only to their own build.
fn build_identifier() -> Outcome<String> {
    let root = steps::root();
    let mut hasher = DefaultHasher::new();
    for path in ["app", "Cargo.lock", "Cargo.toml", "rust-toolchain.toml"] {
        for file in files(&root.join(path))? {
            file.strip_prefix(&root).unwrap_or(&file).hash(&mut hasher);
            std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// All files below a folder, or the file itself, sorted.
pub fn files(path: &Path) -> Outcome<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let shown = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(path).map_err(shown)? {
        found.extend(files(&entry.map_err(shown)?.path())?);
    }
    found.sort();
    Ok(found)
}

fn hash_of(file: &Path) -> Outcome<u64> {
    let mut hasher = DefaultHasher::new();
    std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?.hash(&mut hasher);
    Ok(hasher.finish())
}

fn copy(from: &Path, to: &Path) -> Outcome {
    std::fs::copy(from, to).map(|_| ()).map_err(|error| format!("{}: {error}", to.display()))
}

fn copy_folder(from: &Path, to: &Path) -> Outcome {
    if to.exists() {
        std::fs::remove_dir_all(to).map_err(|error| format!("{}: {error}", to.display()))?;
    }
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from).map_err(|error| error.to_string())?);
        let parent = target.parent().unwrap_or(to);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::copy(&file, &target))
            .map_err(|error| format!("{}: {error}", target.display()))?;
    }
    Ok(())
}

/// Copies the sample and writes `samples/lab/index.json`: the paths of its files and their sizes, as the page fetches them.
fn lay_sample(site: &Path) -> Outcome {
    let sample = steps::root().join(SAMPLE);
    if !sample.is_dir() {
        println!("    there is no {SAMPLE}; the page will say so");
        return Ok(());
    }
    copy_folder(&sample, &site.join(SAMPLE))?;
    let mut list = Vec::new();
    for file in files(&sample)? {
        let path = file.strip_prefix(&sample).map_err(|error| error.to_string())?.to_string_lossy().replace('\\', "/");
        let bytes = std::fs::metadata(&file).map_err(|error| format!("{}: {error}", file.display()))?.len();
        list.push(serde_json::json!({ "path": path, "bytes": bytes }));
    }
    let list = serde_json::json!({ "files": list }).to_string();
    let target = site.join(SAMPLE).join("index.json");
    std::fs::write(&target, list).map_err(|error| format!("{}: {error}", target.display()))
}

/// wasm-opt makes the files a little smaller; where it cannot be had, the site works without.
fn shrink(steps: &mut Steps, site: &Path) {
    let outcome = steps.run("making the modules smaller with wasm-opt", || {
        let script = wasm_opt()?;
        let cache = steps::target().join("wasm-opt");
        std::fs::create_dir_all(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
        for file in
            files(site)?.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        {
            let kept = cache.join(format!("{:016x}.wasm", hash_of(&file)?));
            if kept.is_file() {
                copy(&kept, &file)?;
                continue;
            }
            let mut optimise = Command::new("node");
            // Functions of the same name lie side by side, so that gzip finds what they share.
            optimise
                .arg(&script)
                .args(["-Oz", "--reorder-functions-by-name", ONE_CALLER])
                .args(FEATURES)
                .arg("-o")
                .arg(&kept)
                .arg(&file);
            steps::run(&mut optimise)?;
            copy(&kept, &file)?;
        }
        Ok(())
    });
    if let Err(message) = outcome {
        println!("    left out: {message}");
    }
}

/// The script of the npm package `binaryen`, installed into the tool folder when it is missing.
fn wasm_opt() -> Outcome<PathBuf> {
    let home = tools::folder()?.join(format!("binaryen-{BINARYEN}"));
    let script = home.join("node_modules/binaryen/bin/wasm-opt");
    if !script.is_file() {
        std::fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix"]).arg(&home);
        steps::run(npm.arg(format!("binaryen@{BINARYEN}")))?;
    }
    Ok(script)
}

/// Prints what a first visit transfers, sample included, when the server compresses.
fn weigh(site: &Path) -> Outcome {
    let (mut plain, mut packed) = (0, 0);
    for file in files(site)? {
        let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let gzipped =
            encoder.write_all(&bytes).and_then(|()| encoder.finish()).map_err(|error| error.to_string())?.len();
        let name = file.strip_prefix(site).unwrap_or(&file).to_string_lossy().into_owned();
        plain += bytes.len();
        packed += gzipped;
        if gzipped > 20_000 {
            println!("    {name}: {:.0} kB, gzipped {:.0} kB", kilobytes(bytes.len()), kilobytes(gzipped));
        }
    }
    println!("    whole site: {:.0} kB, gzipped {:.0} kB", kilobytes(plain), kilobytes(packed));
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}
