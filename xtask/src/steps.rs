//! Steps: commands that are announced, run and timed, so that one sees what is going on and what took long.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Nothing, or a sentence that says what went wrong.
pub type Outcome<T = ()> = Result<T, String>;

/// The run: when it began.
pub struct Steps {
    began: Instant,
}

impl Steps {
    /// Begins to count time.
    pub fn begin() -> Self {
        Self { began: Instant::now() }
    }

    /// Since the beginning, for people.
    pub fn elapsed(&self) -> String {
        in_words(self.began.elapsed())
    }

    /// Announces, runs and times some work.
    pub fn run<T>(&mut self, what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        println!("[{}] {what}", self.elapsed());
        let began = Instant::now();
        let result = work();
        let verdict = if result.is_ok() { "took" } else { "FAILED after" };
        println!("[{}]   {verdict} {}", self.elapsed(), in_words(began.elapsed()));
        result
    }

    /// Announces, runs and times a command; what it prints is shown.
    pub fn command(&mut self, what: &str, command: &mut Command) -> Outcome {
        self.run(what, || run(command))
    }
}

/// Runs a command in the open. Errors when it cannot be started or fails.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.stdin(Stdio::null()).status().map_err(|error| format!("{}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command))) }
}

/// Runs a command and gives what it printed. Errors when it cannot be started or fails.
pub fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("{}: {error}", shown(command)))?;
    if !output.status.success() {
        return Err(format!("{} failed ({})", shown(command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{} printed what is no text", shown(command)))
}

fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}

fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// The folder of the workspace. Cargo names it when it runs this; what it was at compile time may be another clone's, when
/// several share one target folder.
pub fn root() -> PathBuf {
    let own =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().unwrap_or(&own).to_owned()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// `cargo` in the folder of the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo told this process about this package is not meant for the packages that it builds next.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO_BIN_NAME" {
            command.env_remove(name);
        }
    }
    command
}
