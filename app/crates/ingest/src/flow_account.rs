//! The entry of a flow log in the import report: what the scanner read, what was foreign to it, and what was lost.

use crate::account::{Account, sentence_of};
use crate::documents::walk;
use crate::flow::Evidence;
use crate::interpreter::Interpreter;
use crate::object_stream::Taken;
use crate::objects::{Objects, WithObjects};
use crate::reader::blank_then;
use crate::traffic_analytics::csv::Csv;
use crate::traffic_analytics::{Arriving, Rows, tables};
use crate::words::{count, grouped, place, size};
use underlay_model::input::{Format, Severity};
use underlay_model::tuple::RejectCode;
use underlay_scan::{LostWhy, Rejects, ScanAccount, Scanner, Sink};

/// Whether records of two formats are of one kind, so that a file of the one may hold the other.
fn same_kind(a: Format, b: Format) -> bool {
    let nsg = |format| matches!(format, Format::NsgFlowLogV1 | Format::NsgFlowLogV2);
    a == b || (nsg(a) && nsg(b))
}

impl Account {
    /// A text that went through the scanner; `window` is its beginning.
    pub(crate) fn flow_log(&mut self, scanned: &ScanAccount, objects: Objects, window: &str, evidence: Evidence) {
        // Whole JSON without a record is something else, whatever words it uses.
        let damaged = scanned.lost.iter().any(|range| range.why != LostWhy::NoRecord);
        let plain = if let (Evidence::Plain(format), true) = (evidence, damaged) { Some(format) } else { None };
        // Of a log without a whole record the version is told by its words.
        let first_version = ["\"Version\":1,", "\"Version\": 1,"].iter().any(|words| window.contains(words));
        let plain = match plain {
            Some(Format::NsgFlowLogV2) if first_version => Some(Format::NsgFlowLogV1),
            plain => plain,
        };
        let Some(format) = scanned.first_format.or(plain) else { return self.no_flow_log(scanned, window) };
        let report = &mut self.reading.report;
        report.format = format;
        report.lost_bytes = scanned.lost_bytes;
        report.records =
            scanned.formats.iter().filter(|known| same_kind(known.format, format)).map(|known| known.count).sum();
        self.other_formats(scanned, format);
        self.other_versions(scanned);
        let passed_over = scanned.passed_over;
        if passed_over.bytes > 0 {
            let message = format!("{} of text that is no record, passed over.", size(passed_over.bytes));
            self.note(Severity::Info, "other-text", message, passed_over.first_byte);
        }
        self.foreign(scanned);
        let (number, first) = scanned.without_flows;
        if number > 0 {
            let message = format!(
                "{} without flows: what should hold them is missing or cut short, as by ConvertTo-Json without -Depth 20.",
                count(number, "record")
            );
            self.counted_note(Severity::Warning, "no-flows", message, first, number);
        }
        self.tuples(scanned, objects);
        self.lost_records(scanned);
    }

    /// The tuples of all that was scanned, and what else its objects said.
    fn tuples(&mut self, scanned: &ScanAccount, objects: Objects) {
        let Objects { rows, sightings, error } = objects;
        let report = &mut self.reading.report;
        if report.format == Format::TrafficAnalytics {
            report.records = rows.rows;
        }
        report.tuples.accepted = scanned.accepted + rows.accepted;
        let mut rejected = scanned.rejected.clone();
        for more in &rows.rejected {
            match rejected.iter_mut().find(|known| known.code == more.code) {
                Some(known) => {
                    known.count += more.count;
                    known.first_byte = known.first_byte.min(more.first_byte);
                }
                None => rejected.push(*more),
            }
        }
        report.tuples.rejected = rejected.iter().map(|rejects| rejects.count).sum();
        if report.format == Format::HubbleFlow && !sightings.pods.is_empty() {
            report.contents = format!("{} of pods", count(sightings.pods.len() as u64, "address"));
        }
        self.rejected(&rejected, has_version_one(scanned));
        self.rows(&rows, error);
        if sightings.beyond > 0 {
            let message = format!("More pods than are kept: {} left out.", count(sightings.beyond, "sighting"));
            self.counted_note(Severity::Warning, "sightings-limit", message, 0, sightings.beyond);
        }
        self.reading.fragment.pod_sightings = sightings.pods;
    }

    /// What rows of Traffic Analytics left open.
    fn rows(&mut self, rows: &Rows, error: Option<String>) {
        let codes = [
            ("missing-protocol", "without a protocol. They count under protocol 0"),
            ("missing-direction", "without a direction. They count as the destination's report"),
            ("missing-status", "without a status. They count as allowed"),
        ];
        for ((code, words), (number, first)) in codes.into_iter().zip(rows.missing) {
            if number > 0 {
                let message = format!("{} {words}.", count(number, "row"));
                self.counted_note(Severity::Warning, code, message, first, number);
            }
        }
        let (skipped, first) = rows.skipped;
        if skipped > 0 {
            let message = format!("{} passed over: no flows by their SubType.", count(skipped, "row"));
            self.counted_note(Severity::Info, "other-rows", message, first, skipped);
        }
        self.unknown_zone(rows.unknown_zone.as_deref());
        self.date_order(&rows.date_order);
        if let Some(error) = error {
            self.note(Severity::Warning, "error-answer", format!("The service answered with an error: {error}"), 0);
        }
    }

    /// A table of comma-separated values.
    pub(crate) fn analytics_csv(&mut self, csv: Csv) {
        let report = &mut self.reading.report;
        report.format = Format::TrafficAnalytics;
        report.lost_bytes = csv.lost_bytes;
        let rows = csv.rows.rows;
        self.tuples(&ScanAccount::default(), Objects { rows: csv.rows, ..Objects::default() });
        self.lost_objects(&csv.lost, rows);
        self.lost_beyond(csv.lost.len(), csv.lost_places);
    }

    /// Tables of Log Analytics or Kusto.
    pub(crate) fn analytics_tables(&mut self, arriving: Arriving, sink: &mut dyn Sink) {
        let lost_memory = arriving.lost_memory();
        let (mut rows, text, standing) = arriving.finish();
        let text = String::from_utf8_lossy(&text);
        let tables = tables::read(&text, standing, &mut rows, sink);
        let length = standing.place(text.len());
        let report = &mut self.reading.report;
        report.format = Format::TrafficAnalytics;
        report.lost_bytes = tables.lost.iter().map(|lost| lost.lost).sum();
        let read = rows.rows;
        self.tuples(&ScanAccount::default(), Objects { rows, error: tables.error, ..Objects::default() });
        self.lost_objects(&tables.lost, read);
        if tables.open_end && !tables.lost.iter().any(|lost| lost.cut_off) {
            let message = "Ends before its closing bracket. Every row in it is whole.";
            self.note(Severity::Warning, "open-end", message, length);
        }
        if lost_memory {
            let message = format!("Too large to hold. The first {} are used.", size(length));
            self.note(Severity::Error, "too-large", message, length);
        }
    }

    /// Records of other formats than the file's, which are read all the same.
    fn other_formats(&mut self, scanned: &ScanAccount, format: Format) {
        for other in scanned.formats.iter().filter(|known| !same_kind(known.format, format)) {
            let records = count(other.count, "record");
            let message = format!("{records} of another kind ({}). They are read, too.", other.format.label());
            self.counted_note(Severity::Warning, "foreign-records", message, other.first_byte, other.count);
        }
    }

    /// Records of a version that nobody documented: what they say may have changed.
    fn other_versions(&mut self, scanned: &ScanAccount) {
        for other in &scanned.other_versions {
            let (records, version) = (count(other.count, "record"), &other.version);
            let known = if other.format == Format::VnetFlowLog { 4 } else { 2 };
            let message =
                format!("{records} of version {version}, which is not documented. Read like version {known}.");
            self.counted_note(Severity::Warning, "version", message, other.first_byte, other.count);
        }
    }

    /// Flow log records that stand among documents of other kinds are read, too.
    pub(crate) fn flow_records_among(&mut self, taken: Taken, text: &str, sink: &mut impl Sink) {
        let mentions = |key: &str| memchr::memmem::find(text.as_bytes(), key.as_bytes()).is_some();
        let met = |code: &str| self.reading.report.notes.iter().any(|note| note.message.contains(code));
        let others = [Format::TrafficAnalytics, Format::HubbleFlow];
        let mentioned = mentions("\"flowRecords\"") || mentions("\"flowTuples\"");
        let objects_met = others.iter().any(|format| *format == self.reading.report.format || met(format.label()));
        if !(mentioned || objects_met) || self.reading.report.format == Format::Unknown {
            return;
        }
        let mut scanner = Scanner::new();
        let mut objects = Objects::default();
        let mut push = |text: &[u8]| scanner.push(text, &mut WithObjects { sink: &mut *sink, objects: &mut objects });
        // Records stand where they stand in the whole text, behind the same beginning of a list, in which one item stands for those that were taken.
        let (head, rest) = text.as_bytes().split_at(taken.head.min(text.len()));
        blank_then(taken.before, head, &mut push);
        let item: &[u8] = if taken.items > 2 && !taken.yaml { b"{}" } else { b"" };
        push(item);
        blank_then(taken.items - item.len() as u64, rest, &mut push);
        let scanned = scanner.finish(&mut WithObjects { sink, objects: &mut objects });
        if scanned.records > 0 {
            let message =
                format!("{} among other documents. They are read, too.", count(scanned.records, "flow log record"));
            self.counted_note(Severity::Warning, "foreign-records", message, 0, scanned.records);
        }
        if scanned.first_format.is_some() {
            self.tuples(&scanned, objects);
        }
    }

    pub(crate) fn rejected(&mut self, rejected: &[Rejects], version_one: bool) {
        for rejects in rejected {
            let message = format!("{}. The rest is read.", reject_sentence(rejects.code, rejects.count, version_one));
            self.counted_note(Severity::Warning, rejects.code.code(), message, rejects.first_byte, rejects.count);
        }
    }

    /// The envelope of a log, or a mention of flow logs, with no flow log record in it.
    fn no_flow_log(&mut self, scanned: &ScanAccount, window: &str) {
        let category = scanned.foreign.first().map_or("", |foreign| foreign.category.as_str());
        match category {
            "TrafficControllerAccessLog" => self.not_read(Format::AgcAccessLog, &sentence_of(Format::AgcAccessLog)),
            "TrafficControllerFirewallLog" => {
                self.not_read(Format::AgcFirewallLog, &sentence_of(Format::AgcFirewallLog))
            }
            "" => self.documents_or_unknown(window),
            _ => {
                self.unknown(window);
                if let Some(note) = self.reading.report.notes.last_mut() {
                    note.message = format!("Azure log of category {category}. No flow log.");
                }
            }
        }
    }

    fn documents_or_unknown(&mut self, window: &str) {
        let mut interpreter = Interpreter::default();
        walk(window, &mut interpreter);
        if interpreter.met.is_empty() { self.unknown(window) } else { self.documents(window, false) }
    }

    fn foreign(&mut self, scanned: &ScanAccount) {
        for foreign in &scanned.foreign {
            let message = if foreign.category.is_empty() {
                format!("{} of another kind. Passed over.", count(foreign.count, "record"))
            } else {
                format!("{} of category {}. Passed over.", count(foreign.count, "record"), foreign.category)
            };
            self.counted_note(Severity::Warning, "foreign-records", message, foreign.first_byte, foreign.count);
        }
    }

    fn lost_records(&mut self, scanned: &ScanAccount) {
        let rest = if scanned.records == 0 { "no whole record is in it" } else { "the rest is used" };
        let kinds = [
            (LostWhy::CutOff, "cut-off", "Ends inside a record"),
            (LostWhy::Headless, "begins-inside", "Begins inside a record"),
            (LostWhy::Malformed, "damaged", "Damaged record"),
            (LostWhy::NoRecord, "no-record", "Something that is no record"),
            (LostWhy::TooDeep, "too-deep", "Record nested deeper than 128 levels"),
            (LostWhy::TooLong, "too-long", "Record longer than memory allows"),
        ];
        for (why, code, words) in kinds {
            let ranges = || scanned.lost.iter().filter(|range| range.why == why && range.lost > 0);
            let Some(first) = ranges().next() else { continue };
            let places = ranges().count() as u64;
            let bytes: u64 = ranges().map(|range| range.lost).sum();
            let message = if places == 1 {
                format!("{words}. {} lost {}, {rest}.", size(bytes), place(first.byte))
            } else {
                format!(
                    "{words}, {} times. {} lost, first {}, {rest}.",
                    grouped(places),
                    size(bytes),
                    place(first.byte)
                )
            };
            self.counted_note(Severity::Error, code, message, first.byte, places);
        }
        self.lost_beyond(scanned.lost.len(), scanned.lost_ranges);
    }
}

fn has_version_one(scanned: &ScanAccount) -> bool {
    scanned.formats.iter().any(|known| known.format == Format::NsgFlowLogV1)
}

fn reject_sentence(code: RejectCode, number: u64, version_one: bool) -> String {
    let tuples = count(number, "tuple");
    let (have, are, do_not) = if number == 1 { ("has", "is", "does not") } else { ("have", "are", "do not") };
    match code {
        RejectCode::Type => format!("{tuples} {are} not text"),
        RejectCode::Fields if version_one => format!("{tuples} {do_not} have 8 fields (NSG version 1), or 9 to 13"),
        RejectCode::Fields => format!("{tuples} {do_not} have 9 to 13 fields"),
        RejectCode::Time => format!("{tuples} {have} no time that can be read"),
        RejectCode::Address => format!("{tuples} {have} no address where one belongs"),
        RejectCode::Port => format!("{tuples} {have} no port where one belongs"),
        RejectCode::Protocol => format!("{tuples} {have} an unknown protocol"),
        RejectCode::Direction => format!("{tuples} {have} a direction other than I and O"),
        RejectCode::State => format!("{tuples} {have} an unknown state or decision"),
        RejectCode::Counter => format!("{tuples} {have} a counter that is no number"),
    }
}
