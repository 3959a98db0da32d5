//! Nothing of the machine that builds stands in what is built: a panic names the file it stands in, which for code of others lies in a
//! folder of that machine. Such folders get names that mean the same everywhere, and the site is searched for any that is left.

use crate::site;
use crate::steps::{self, Outcome};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Flags of the compiler for the browser, beside those of `.cargo/config.toml`.
const FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// Has a build for the browser name folders of this machine by other names. Errors when the compiler does not say where it is.
pub fn hide(command: &mut Command) -> Outcome {
    let mut folders = vec![(steps::root(), "/underlay"), (steps::target(), "/target")];
    folders.extend(sources_of_others().into_iter().map(|folder| (folder, "/crates")));
    folders.push((sysroot()?.join("lib/rustlib/src/rust"), "/rust"));
    // Flags are parted by blanks: a folder with one in its name keeps its name, and the search finds it.
    let flags = folders.iter().filter_map(|(folder, name)| {
        let folder = folder.to_str().filter(|folder| !folder.contains(char::is_whitespace))?;
        Some(format!("--remap-path-prefix={folder}={name}"))
    });
    command.env(FLAGS, flags.collect::<Vec<_>>().join(" "));
    Ok(())
}

/// Errors when a file of the site names a folder of this machine.
pub fn search(site: &Path) -> Outcome {
    let mut folders = vec![steps::root(), steps::target(), sysroot()?];
    folders.extend(cargo_home());
    folders.extend(variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from));
    for file in site::files(site)? {
        let bytes = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        for folder in &folders {
            let name = format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR);
            if name.len() > 2 && bytes.windows(name.len()).any(|window| window == name.as_bytes()) {
                return Err(format!("{} names {name}, a folder of the machine that built it", file.display()));
            }
        }
    }
    Ok(())
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn cargo_home() -> Option<PathBuf> {
    let home = || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| PathBuf::from(home).join(".cargo"));
    variable("CARGO_HOME").map(PathBuf::from).or_else(home)
}

/// Where cargo keeps the sources of packages, a folder each registry.
fn sources_of_others() -> Vec<PathBuf> {
    let Some(home) = cargo_home() else { return Vec::new() };
    let registries = std::fs::read_dir(home.join("registry/src"));
    let mut folders: Vec<PathBuf> = registries.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

fn sysroot() -> Outcome<PathBuf> {
    let mut rustc = Command::new("rustc");
    let printed = steps::output(rustc.args(["--print", "sysroot"]).current_dir(steps::root()))?;
    Ok(PathBuf::from(printed.trim()))
}
