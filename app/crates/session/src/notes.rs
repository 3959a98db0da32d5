//! Notes that the session itself makes about an input: it could not be read, reading was stopped, its worker failed.

use underlay_model::input::{InputReport, Note, Severity};
use underlay_model::order::Order;
use underlay_model::view::Report;
use underlay_model::wire::WorkerLoss;

/// Adds a note in its place.
pub(crate) fn add(report: &mut InputReport, note: Note) {
    report.notes.push(note);
    sort(&mut report.notes);
}

/// The contract's order.
pub(crate) fn sort(notes: &mut [Note]) {
    notes.order_by(|a, b| {
        a.sort_key().cmp(&b.sort_key()).then_with(|| (a.severity, a.count).cmp(&(b.severity, b.count)))
    });
}

/// The entry of an input of which nothing could be read.
pub(crate) fn unreadable(path: &str, bytes: u64, reason: &str) -> InputReport {
    entry(path, bytes, unreadable_note(reason))
}

pub(crate) fn unreadable_note(reason: &str) -> Note {
    let reason = reason.trim().trim_end_matches('.');
    Note::new(Severity::Error, "unreadable", format!("The file could not be read to its end: {reason}."), 0)
}

pub(crate) fn stopped_note(bytes_read: u64) -> Note {
    Note::new(Severity::Warning, "stopped", format!("Reading was stopped after {bytes_read} bytes."), 0)
}

/// Of an input whose worker holds as much as it may.
pub(crate) fn memory_full_note(bytes_read: u64, bytes: u64) -> Note {
    let text = format!(
        "Memory is nearly full: reading was stopped after {bytes_read} of {bytes} bytes. What was read until then counts; fewer or smaller files can be read whole."
    );
    Note::new(Severity::Error, "memory-full", text, 0)
}

/// Whether no input was left out, or read in part, for want of memory.
pub(crate) fn memory_sufficed(report: &Report) -> bool {
    let mut notes = report.inputs.iter().flat_map(|input| &input.notes);
    notes.all(|note| !matches!(note.code.as_str(), "memory" | "memory-full" | "too-large"))
}

/// The entry of an input that had not been begun when reading was stopped.
pub(crate) fn not_begun(path: &str, bytes: u64) -> InputReport {
    entry(path, bytes, Note::new(Severity::Warning, "not-read", "Not read: reading was stopped before it.", 0))
}

/// The entry of the input that its worker failed on.
pub(crate) fn worker_failed(path: &str, bytes: u64, message: &str, loss: WorkerLoss) -> InputReport {
    let message = message.trim().trim_end_matches('.');
    let (code, text) = match loss {
        WorkerLoss::Memory => ("memory", format!("Left out: {message}. Smaller files or fewer of them may fit.")),
        WorkerLoss::Ended => ("worker-failed", format!("Left out: {message}.")),
        WorkerLoss::Defect | WorkerLoss::Session => {
            ("worker-failed", format!("Left out: a defect in Underlay ended the worker that read it ({message})."))
        }
    };
    entry(path, bytes, Note::new(Severity::Error, code, text, 0))
}

/// The entry of an archive whose members would exceed what a capture may hold.
pub(crate) fn too_many_members(path: &str, bytes: u64, left_out: usize) -> InputReport {
    let text = format!("{left_out} files of this archive were left out: a capture holds at most 100,000 of them.");
    entry(path, bytes, Note::new(Severity::Error, "too-many-members", text, 0))
}

fn entry(path: &str, bytes: u64, note: Note) -> InputReport {
    InputReport { path: path.to_owned(), bytes, notes: vec![note], ..InputReport::default() }
}

/// Says at the first log of flows that of the gateway's connections one in 2^`thinned` minutes of each pair is kept, if any is left out.
pub(crate) fn add_thinned(report: &mut Report, thinned: u32) {
    let log = report.inputs.iter_mut().find(|input| input.tuples.accepted > 0);
    if let Some(log) = log.filter(|_| thinned > 0) {
        let parts = 1u64 << thinned.min(63);
        let text = format!(
            "This capture has more connections of the gateway than are kept one by one: those of one in {parts} minutes of each pair are. All sums of traffic are whole; what is said of single probes rests on that part."
        );
        add(log, Note::new(Severity::Warning, "connections-thinned", text, 0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use underlay_model::input::TupleTally;

    #[test]
    fn what_was_merged_for_want_of_memory_is_said_at_the_first_log() {
        let input = |path: &str, accepted: u64| InputReport {
            path: path.to_owned(),
            tuples: TupleTally { accepted, ..TupleTally::default() },
            ..InputReport::default()
        };
        let mut report =
            Report { inputs: vec![input("a.json", 0), input("b.json", 5), input("c.json", 5)], ..Report::default() };
        add_thinned(&mut report, 0);
        assert!(report.inputs.iter().all(|input| input.notes.is_empty()));
        add_thinned(&mut report, 3);
        let counts: Vec<usize> = report.inputs.iter().map(|input| input.notes.len()).collect();
        assert_eq!(counts, [0, 1, 0]);
        assert!(report.inputs[1].notes[0].message.contains("one in 8 minutes"));
    }
}
