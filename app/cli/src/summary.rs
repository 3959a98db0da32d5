//! `underlay summary`: reads, prints the JSON, says on standard error what a reader must know, and sets the exit status.

use crate::arguments::SummaryOptions;
use crate::{host, sources};
use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use underlay_model::input::Severity;
use underlay_model::view::{Progress, Report};
use underlay_model::wire::PageEvent;

/// Some input was not understood (`summary-contract.md`).
const NOT_UNDERSTOOD: u8 = 1;
/// More threads than this wait for the disk.
const MOST_THREADS: u32 = 8;

/// Runs the command.
pub fn run(options: &SummaryOptions) -> ExitCode {
    let found = match sources::collect(&options.paths) {
        Ok(found) => found,
        Err(message) => return crate::wrong_use(&message),
    };
    if !options.quiet {
        found.passed_over.iter().for_each(|sentence| eprintln!("{sentence}."));
    }
    let processors = || std::thread::available_parallelism().map_or(1, |count| count.get() as u32).min(MOST_THREADS);
    let threads = options.threads.map_or_else(processors, std::num::NonZeroU32::get);
    let mut report = Report::default();
    let live = !options.quiet && std::io::stderr().is_terminal();
    let json = host::summary(found.files, options.capture.clone(), threads, options.pretty, |event| match event {
        PageEvent::Progress(progress) if live => show(progress),
        PageEvent::Report(newest) => report = newest.clone(),
        PageEvent::WorkerFailed { message, path, .. } => {
            eprintln!("underlay: a defect while reading {}: {message}", path.as_deref().unwrap_or("the capture"));
        }
        _ => {}
    });
    if live {
        eprint!("\r\x1b[K");
    }
    if !options.quiet {
        tell(&report);
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(json.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => {}
        // A reader that closes the pipe early, as `head` does, has what it wanted.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
        Err(error) => {
            eprintln!("underlay: standard output cannot be written: {error}");
            return ExitCode::from(NOT_UNDERSTOOD);
        }
    }
    if json.is_empty() || report.inputs.iter().any(|input| !input.understood()) {
        return ExitCode::from(NOT_UNDERSTOOD);
    }
    ExitCode::SUCCESS
}

fn show(progress: &Progress) {
    let share = progress.bytes_read.saturating_mul(100).checked_div(progress.bytes).unwrap_or(100);
    eprint!(
        "\r\x1b[K{share} %  {} of {} files  {} MB  {} tuples  {}",
        progress.files_done,
        progress.files,
        progress.bytes_read / 1_000_000,
        progress.tuples,
        progress.current
    );
}

fn tell(report: &Report) {
    for input in &report.inputs {
        for note in &input.notes {
            let severity = match note.severity {
                Severity::Info => continue,
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let times = if note.count > 1 { format!(" ({} times)", note.count) } else { String::new() };
            let place = if note.byte > 0 { format!(", byte {}", note.byte) } else { String::new() };
            eprintln!("{}{place}: {severity}: {}{times}", input.path, note.message);
        }
    }
}
