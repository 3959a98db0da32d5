//! The tools that the build needs and where they come from. Versions are pinned here and in the lock file; what is built once
//! is kept in the user's cache folder, so that every clone shares it.

use crate::steps::{self, Outcome, Steps};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

const TRUNK: &str = "0.21.14";
const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Everything that building the page takes.
pub struct Tools {
    /// The program.
    pub trunk: PathBuf,
    /// The program.
    pub wasm_bindgen: PathBuf,
}

impl Tools {
    /// Installs what is missing. Without the network this works when nothing is.
    pub fn ready(steps: &mut Steps) -> Outcome<Self> {
        wasm_target(steps)?;
        let trunk = installed(steps, "trunk", "trunk", TRUNK, &["--locked"])?;
        let version = locked_version("wasm-bindgen")?;
        // Without --locked: the lock file that it was published with holds older versions of what we have fetched anyway.
        let wasm_bindgen = installed(steps, "wasm-bindgen-cli", "wasm-bindgen", &version, &[])?;
        if steps::run(quiet_fetch().arg("--offline").stderr(std::process::Stdio::null())).is_err() {
            steps.command("fetching the crates of the lock file", &mut quiet_fetch())?;
        }
        Ok(Self { trunk, wasm_bindgen })
    }

    /// PATH with the tools first.
    pub fn path(&self) -> Outcome<OsString> {
        let own = [&self.trunk, &self.wasm_bindgen].into_iter().filter_map(|tool| tool.parent().map(Path::to_owned));
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(own.chain(std::env::split_paths(&inherited))).map_err(|error| error.to_string())
    }
}

fn quiet_fetch() -> Command {
    let mut command = steps::cargo();
    command.args(["fetch", "--locked", "--quiet"]);
    command
}

/// Where tools are kept: `underlay/tools` in the user's cache folder.
pub fn folder() -> Outcome<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .or_else(|| set("LOCALAPPDATA"))
        .ok_or("neither XDG_CACHE_HOME nor HOME says where the cache folder is")?;
    Ok(cache.join("underlay").join("tools"))
}

fn wasm_target(steps: &mut Steps) -> Outcome {
    let sysroot = steps::output(Command::new("rustc").args(["--print", "sysroot"]).current_dir(steps::root()))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", WASM_TARGET]).current_dir(steps::root());
    steps
        .command("adding the wasm32 target", &mut rustup)
        .map_err(|error| format!("{error}; install the target {WASM_TARGET} for the toolchain of rust-toolchain.toml"))
}

/// Builds a tool from its published sources, unless it is there.
pub fn installed(steps: &mut Steps, package: &str, program: &str, version: &str, flags: &[&str]) -> Outcome<PathBuf> {
    let home = folder()?.join(format!("{program}-{version}"));
    let path = home.join("bin").join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        return Ok(path);
    }
    std::fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    let mut install = steps::cargo();
    // Quick to build matters more than quick to run: each runs for seconds.
    install
        .args(["install", package, "--version", version, "--root"])
        .arg(&home)
        .args(flags)
        .current_dir(&home)
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_PROFILE_RELEASE_LTO", "false")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "false");
    let what = format!("building {program} {version} into {} (once, takes minutes)", home.display());
    steps.command(&what, &mut install)?;
    Ok(path)
}

/// The version of a package in Cargo.lock.
fn locked_version(package: &str) -> Outcome<String> {
    let lock =
        std::fs::read_to_string(steps::root().join("Cargo.lock")).map_err(|error| format!("Cargo.lock: {error}"))?;
    let wanted = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != wanted);
    lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .ok_or_else(|| format!("Cargo.lock names no version of {package}"))
}
