//! A headless Chromium and the node packages that drive it: the browser tests and the browser half of the bench.

use crate::steps::{self, Outcome, Steps};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const CHROMIUM_NAMES: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// What drives pages.
pub struct Browser {
    chromium: PathBuf,
}

impl Browser {
    /// Installs what is missing: node packages from the lock file, Chromium from the system's packages if this user may.
    pub fn ready(steps: &mut Steps) -> Outcome<Self> {
        let node = steps::output(Command::new("node").arg("--version"))
            .map_err(|error| format!("{error}; install Node.js 20 or newer"))?;
        let major = node.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_none_or(|major| major < 20) {
            return Err(format!("Node.js 20 or newer is needed, this is {}", node.trim()));
        }
        node_packages(steps)?;
        let chromium = match find_chromium() {
            Some(chromium) => chromium,
            None => install_chromium(steps)?,
        };
        Ok(Self { chromium })
    }

    /// `node` in the folder of the browser tests, told where Chromium is.
    pub fn node(&self) -> Command {
        let mut command = Command::new("node");
        command.current_dir(folder()).env("UNDERLAY_CHROMIUM", &self.chromium);
        command
    }
}

fn folder() -> PathBuf {
    steps::root().join("tests").join("browser")
}

fn node_packages(steps: &mut Steps) -> Outcome {
    let lock = std::fs::read_to_string(folder().join("package-lock.json")).map_err(|error| error.to_string())?;
    let stamp = folder().join("node_modules").join(".installed-lock");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]).current_dir(folder());
    steps.command("installing the node packages of the browser tests", &mut npm)?;
    std::fs::write(&stamp, lock).map_err(|error| error.to_string())
}

fn find_chromium() -> Option<PathBuf> {
    let named = std::env::var_os("UNDERLAY_CHROMIUM").map(PathBuf::from);
    let known = CHROMIUM_NAMES.iter().filter_map(|name| {
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
    });
    named.into_iter().chain(known).find(|path| runs(path))
}

fn runs(chromium: &Path) -> bool {
    let status = Command::new(chromium).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn install_chromium(steps: &mut Steps) -> Outcome<PathBuf> {
    const ASK: &str = "Chromium is needed to test the page. Install it (Debian, Ubuntu: `sudo apt-get install chromium`; Fedora: \
        `sudo dnf install chromium`; macOS: `brew install chromium`), or say where it is with UNDERLAY_CHROMIUM";
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let apt =
        Command::new("apt-get").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !(root && apt) {
        return Err(ASK.to_owned());
    }
    let mut update = Command::new("apt-get");
    update.args(["-q", "update"]).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null());
    steps.command("asking the system's packages for Chromium", &mut update)?;
    let mut install = Command::new("apt-get");
    install
        .args(["-q", "-y", "--no-install-recommends", "install", "chromium", "fonts-dejavu-core"])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdout(Stdio::null());
    steps.command("installing Chromium from them", &mut install)?;
    find_chromium().ok_or_else(|| ASK.to_owned())
}
