//! The account of access and firewall logs.

use super::Account;
use crate::requests::{Log, Stream, Table};
use crate::words::{count, size};
use underlay_model::input::{Format, Severity};

impl Account {
    /// A log that was read row by row; `window` is its beginning.
    pub(crate) fn requests(&mut self, stream: Stream, window: &str) {
        let Some(format) = stream.format else { return self.documents(window, false) };
        let records = records_of(&stream.log, format);
        let report = &mut self.reading.report;
        report.format = format;
        report.records = records;
        report.lost_bytes = stream.lost_bytes;
        self.lost_objects(&stream.lost, records);
        self.lost_beyond(stream.lost.len(), stream.lost_places);
        if stream.open_end && !stream.lost.iter().any(|lost| lost.cut_off) {
            let end = stream.position();
            self.note(Severity::Warning, "open-end", "Ends before its closing bracket. Every row in it is whole.", end);
        }
        for foreign in &stream.foreign {
            if foreign.category.is_empty() {
                let message = format!("{} between the rows, passed over.", count(foreign.count, "other JSON value"));
                self.counted_note(Severity::Info, "other-json", message, foreign.first, foreign.count);
            } else {
                let message =
                    format!("{} of category {}. Passed over.", count(foreign.count, "record"), foreign.category);
                self.counted_note(Severity::Warning, "foreign-records", message, foreign.first, foreign.count);
            }
        }
        self.text_lines(stream.text_lines);
        if let Some((other, rows)) = other_log(&stream.log, format) {
            let message = format!("{} of another kind ({}). They are read, too.", count(rows, "record"), other.label());
            self.counted_note(Severity::Warning, "foreign-records", message, 0, rows);
        }
        self.logged(stream.log);
    }

    /// A log in comma-separated values.
    pub(crate) fn request_table(&mut self, table: Table) {
        let records = records_of(&table.log, table.format);
        let report = &mut self.reading.report;
        report.format = table.format;
        report.records = records;
        report.lost_bytes = table.lost_bytes;
        self.lost_objects(&table.lost, records);
        self.lost_beyond(table.lost.len(), table.lost_places);
        self.logged(table.log);
    }

    /// What was made of the rows.
    pub(super) fn logged(&mut self, log: Log) {
        let (timeless, first) = log.timeless;
        if timeless > 0 {
            let message = format!("{} without a time that can be read. They are in no minute.", count(timeless, "row"));
            self.counted_note(Severity::Warning, "row-time", message, first, timeless);
        }
        self.unknown_zone(log.unknown_zone.as_deref());
        self.date_order(&log.date_order);
        let beyond = log.beyond();
        if beyond > 0 {
            let message = format!(
                "More front ends, backends and minutes than are told apart: {} counted in sum only.",
                count(beyond, "request")
            );
            self.counted_note(Severity::Warning, "row-sums", message, 0, beyond);
        }
        let not_kept = log.rows.not_kept();
        if not_kept > 0 {
            let message = format!(
                "Longer than is kept row by row. {} counted, not listed; those listed take {}.",
                count(not_kept, "request"),
                size(log.rows.memory_bytes())
            );
            self.counted_note(Severity::Info, "row-list", message, 0, not_kept);
        }
        self.reading.report.span = self.reading.report.span.or(log.span);
        let (access, firewall, rows) = log.finish();
        let azure = &mut self.reading.fragment.azure;
        azure.access = access;
        azure.firewall = firewall;
        self.reading.rows = rows;
    }
}

fn records_of(log: &Log, format: Format) -> u64 {
    log.records.get(usize::from(format == Format::AgcFirewallLog)).copied().unwrap_or(0)
}

/// Rows of the one log in the other.
fn other_log(log: &Log, format: Format) -> Option<(Format, u64)> {
    let other = if format == Format::AgcAccessLog { Format::AgcFirewallLog } else { Format::AgcAccessLog };
    Some((other, records_of(log, other))).filter(|(_, rows)| *rows > 0)
}
