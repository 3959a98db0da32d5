//! Turns what was found in an input into its entry in the import report: format, records, lost bytes, and notes in plain
//! sentences. The codes are listed in the README of this crate.

use crate::decode::Decoded;
use crate::documents::{Lost, walk};
use crate::flow::Evidence;
use crate::inflate::Trouble;
use crate::interpreter::Interpreter;
use crate::reader::Reading;
use crate::words::{count, grouped, place, size};
use crate::{appearance, magic, texts};
use underlay_model::input::{Format, Note, Severity};
use underlay_model::inventory::Fragment;
use underlay_model::order::Order;
use underlay_model::tuple::RejectCode;
use underlay_scan::{ForeignKind, LostWhy, ScanAccount, Scanner, Sink};

/// Formats whose JSON objects are read.
const READ: [Format; 5] =
    [Format::VnetFlowLog, Format::Kubernetes, Format::BackendHealth, Format::AzureResource, Format::Whoami];

/// The account of one input while it is written.
pub(crate) struct Account {
    reading: Reading,
    raw_head: Vec<u8>,
}

impl Account {
    pub(crate) fn new(path: &str, bytes: u64, raw_head: &[u8]) -> Self {
        let mut reading = Reading::default();
        path.clone_into(&mut reading.report.path);
        reading.report.bytes = bytes;
        Self { reading, raw_head: raw_head.to_vec() }
    }

    pub(crate) fn finish(mut self) -> Reading {
        self.reading.report.notes.order_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.reading
    }

    fn note(&mut self, severity: Severity, code: &str, message: impl Into<String>, byte: u64) {
        self.counted_note(severity, code, message, byte, 1);
    }

    fn counted_note(&mut self, severity: Severity, code: &str, message: impl Into<String>, byte: u64, count: u64) {
        let note = Note { count, ..Note::new(severity, code, message, byte) };
        self.reading.report.notes.push(note);
    }

    /// What decompression and text decoding had to say. `passing`: the rest of the input was not looked at.
    pub(crate) fn decoding(&mut self, decoded: &Decoded, expanded: u64, passing: bool) {
        self.reading.report.encoding.clone_from(&decoded.label);
        if let Some(trouble) = decoded.trouble.filter(|_| !passing) {
            let (severity, code, message) = match trouble {
                Trouble::CutOff => (
                    Severity::Error,
                    "compressed-cut-off",
                    format!("The compressed data break off. {} came out and are used.", size(expanded)),
                ),
                Trouble::Damaged => (
                    Severity::Error,
                    "compressed-damaged",
                    format!("The compressed data are damaged. {} came out and are used.", size(expanded)),
                ),
                Trouble::Trailing => (
                    Severity::Warning,
                    "compressed-trailing",
                    "Something that is not gzip follows the compressed data. It was passed over.".to_owned(),
                ),
                Trouble::Limit => (
                    Severity::Error,
                    "expansion-limit",
                    format!("It expands beyond the limit. The first {} are used.", size(expanded)),
                ),
            };
            self.note(severity, code, message, expanded);
        }
        let replaced = decoded.replaced;
        if replaced.count > 0 && !passing && magic::name(&self.raw_head).is_none() {
            let message = format!("{} no valid text and stand as \u{FFFD}.", many_are(replaced.count, "place"));
            self.counted_note(Severity::Warning, "invalid-text", message, replaced.first, replaced.count);
        }
    }

    pub(crate) fn binary(&mut self, name: &str) {
        let message = appearance::of_binary(name, self.reading.report.bytes);
        let code = if magic::is_archive(name) { "archive-inside" } else { "not-recognised" };
        self.note(Severity::Warning, code, message, 0);
    }

    pub(crate) fn unknown(&mut self, text: &str) {
        let message = appearance::of_text(text, self.reading.report.bytes, &self.raw_head);
        self.reading.report.format = Format::Unknown;
        self.reading.report.lost_bytes = 0;
        self.reading.report.notes.retain(|note| note.code.starts_with("compressed"));
        self.note(Severity::Warning, "not-recognised", message, 0);
    }

    pub(crate) fn not_read(&mut self, format: Format, sentence: &str) {
        let report = &mut self.reading.report;
        report.format = format;
        report.records = 0;
        report.lost_bytes = 0;
        let message = format!("{sentence} Recognised, not read by this version.");
        self.note(Severity::Info, "not-read", message, 0);
    }

    pub(crate) fn prefixes(&mut self, text: &str) {
        let Some(nets) = texts::prefixes(text) else { return self.documents(text, false) };
        let report = &mut self.reading.report;
        report.format = Format::Cidr;
        report.records = nets.len() as u64;
        report.contents = nets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.reading.fragment.cidrs = nets;
    }

    /// A long text that begins with something that is not read.
    pub(crate) fn idle(&mut self, text: &str) {
        let window: String = text.chars().take(crate::reader::WINDOW).collect();
        let mut interpreter = Interpreter::default();
        walk(&window, &mut interpreter);
        match interpreter.format() {
            Some(format) => self.not_read(format, &sentence_of(format)),
            None => self.unknown(&window),
        }
    }

    pub(crate) fn documents(&mut self, text: &str, lost_memory: bool) {
        let mut interpreter = Interpreter::default();
        let walked = walk(text, &mut interpreter);
        let before = crate::sniff::before_documents(text);
        let Some(format) = before.map(|(format, _)| format).or(interpreter.format()) else { return self.unknown(text) };
        let records = interpreter.met.iter().find(|met| met.format == format).map_or(0, |met| met.records);
        self.reading.report.contents = interpreter.contents();
        let idle_resource = format == Format::AzureResource && records > 0 && interpreter.used_resources == 0;
        if let Some((format, sentence)) = before {
            self.not_read(format, sentence);
        } else if !READ.contains(&format) || idle_resource {
            let sentence = if idle_resource {
                let contents = &self.reading.report.contents;
                format!("Azure answer: {contents}.")
            } else {
                sentence_of(format)
            };
            self.not_read(format, &sentence);
        } else {
            let report = &mut self.reading.report;
            report.format = format;
            report.records = records;
            report.snapshot_ms = interpreter.newest_ms;
            report.lost_bytes = walked.lost.iter().map(|lost| lost.lost).sum();
            self.lost_objects(&walked.lost, records);
            if walked.open_end && !walked.lost.iter().any(|lost| lost.cut_off) {
                let message = "Ends before its closing bracket. Every object in it is whole.";
                self.note(Severity::Warning, "open-end", message, text.len() as u64);
            }
        }
        for met in interpreter.met.iter().filter(|met| met.format != format || before.is_some()) {
            let read = if READ.contains(&met.format) { "They are read, too." } else { "They are not read." };
            let message = format!("{} of another kind ({}). {read}", count(met.records, "record"), met.format.label());
            self.counted_note(Severity::Warning, "foreign-records", message, met.first, met.records);
        }
        if walked.unrecognised > 0 && READ.contains(&format) {
            let message =
                format!("{} between the records, passed over.", count(walked.unrecognised, "other JSON value"));
            self.counted_note(Severity::Info, "other-json", message, walked.first_unrecognised, walked.unrecognised);
        }
        if before.is_none() && texts::holds_table(text) {
            self.note(
                Severity::Warning,
                "tables-not-read",
                "It holds tables of kubectl, too. They are not read by this version.",
                0,
            );
        }
        if let Some((sentence, byte)) = interpreter.error.take() {
            self.note(Severity::Warning, "error-answer", sentence, byte);
        }
        if lost_memory {
            let message = format!("Too large to hold. The first {} are used.", size(text.len() as u64));
            self.note(Severity::Error, "too-large", message, text.len() as u64);
        }
        self.reading.fragment = interpreter.fragment;
    }

    /// Flow log records that stand among documents of other kinds are read, too.
    pub(crate) fn flow_records_among(&mut self, text: &str, sink: &mut impl Sink) {
        let mentioned = memchr::memmem::find(text.as_bytes(), b"\"flowRecords\"").is_some();
        if !mentioned || self.reading.report.format == Format::Unknown {
            return;
        }
        let mut scanner = Scanner::new();
        scanner.push(text.as_bytes(), sink);
        let scanned = scanner.finish(sink);
        if scanned.records > 0 {
            self.reading.report.tuples.accepted = scanned.accepted;
            self.reading.report.tuples.rejected = scanned.rejected_tuples();
            let message = format!(
                "{} among other documents. They are read, too.",
                count(scanned.records, "VNet flow log record")
            );
            self.counted_note(Severity::Warning, "foreign-records", message, 0, scanned.records);
            self.rejected(&scanned);
        }
    }

    fn rejected(&mut self, scanned: &ScanAccount) {
        for rejects in &scanned.rejected {
            let message = format!("{}. The rest is read.", reject_sentence(rejects.code, rejects.count));
            self.counted_note(Severity::Warning, rejects.code.code(), message, rejects.first_byte, rejects.count);
        }
    }

    fn lost_objects(&mut self, lost: &[Lost], records: u64) {
        let rest = if records == 0 { "No whole object in it." } else { "The rest is used." };
        if let Some(cut) = lost.iter().find(|lost| lost.cut_off) {
            let message = format!("Ends inside an object. {} lost {}. {rest}", size(cut.lost), place(cut.byte));
            self.note(Severity::Error, "cut-off", message, cut.byte);
        }
        let damaged = || lost.iter().filter(|lost| !lost.cut_off);
        if let Some(first) = damaged().next() {
            let bytes = damaged().map(|lost| lost.lost).sum();
            let places = damaged().count() as u64;
            let message = format!("Damaged {}. {} lost. {rest}", place_of_many(places, first.byte), size(bytes));
            self.counted_note(Severity::Error, "damaged", message, first.byte, places);
        }
    }

    pub(crate) fn flow_log(&mut self, scanned: &ScanAccount, window: &str, evidence: Evidence) {
        // Whole JSON without a record is something else, whatever words it uses.
        let damaged = scanned.lost.iter().any(|range| range.why != LostWhy::NoRecord);
        let plain = if let (Evidence::Plain(format), true) = (evidence, damaged) { Some(format) } else { None };
        let Some(format) = scanned.first_format.or(plain) else { return self.no_flow_log(scanned, window) };
        let report = &mut self.reading.report;
        report.format = format;
        report.tuples.accepted = scanned.accepted;
        report.tuples.rejected = scanned.rejected_tuples();
        report.lost_bytes = scanned.lost_bytes;
        if format == Format::VnetFlowLog {
            report.records = scanned.records;
            self.foreign(scanned);
        } else {
            self.not_read(format, &format!("{}.", format.label()));
            if scanned.records > 0 {
                let message = format!("{} among them. They are read.", count(scanned.records, "VNet flow log record"));
                self.counted_note(Severity::Warning, "foreign-records", message, 0, scanned.records);
            }
        }
        self.rejected(scanned);
        if format == Format::VnetFlowLog {
            self.lost_records(scanned);
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
            let records = |noun: &str| count(foreign.count, noun);
            let message = match foreign.kind {
                ForeignKind::NsgFlowLogV1 => format!("{}. Not read by this version.", records("NSG flow log record")),
                ForeignKind::NsgFlowLogV2 => format!("{}. Not read by this version.", records("NSG flow log record")),
                ForeignKind::Other if foreign.category.is_empty() => {
                    format!("{}. Passed over.", records("record of another kind").replace("kinds", "kind"))
                }
                ForeignKind::Other => {
                    format!("{} of category {}. Passed over.", records("record"), foreign.category)
                }
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
        let listed = scanned.lost.len() as u64;
        if scanned.lost_ranges > listed {
            let message =
                format!("{} damaged places in all, {} lost.", grouped(scanned.lost_ranges), size(scanned.lost_bytes));
            self.counted_note(Severity::Error, "damaged-places", message, 0, scanned.lost_ranges);
        }
    }
}

/// Whether a text holds a whole object that is known and no flow log record.
pub(crate) fn recognised(text: &str) -> bool {
    let mut interpreter = Interpreter::default();
    walk(text, &mut interpreter);
    !interpreter.met.is_empty()
}

/// Whether the first records of a text are of a kind that is not read.
pub(crate) fn is_idle(window: &str) -> bool {
    let mut interpreter = Interpreter::default();
    walk(window, &mut interpreter);
    interpreter.met.first().is_some_and(|met| !READ.contains(&met.format))
}

/// The reading of an input that could not be opened at all.
pub(crate) fn refused(path: &str, bytes: u64, code: &str, message: &str) -> Reading {
    let mut account = Account::new(path, bytes, &[]);
    account.reading.fragment = Fragment::default();
    account.note(Severity::Error, code, message, 0);
    account.finish()
}

fn sentence_of(format: Format) -> String {
    match format {
        Format::TrafficAnalytics => "Traffic Analytics rows.",
        Format::AzureMetrics => "Azure Monitor metrics.",
        Format::AgcAccessLog => "AGC access log.",
        Format::AgcFirewallLog => "AGC firewall log.",
        Format::HubbleFlow => "Hubble flows.",
        Format::Prometheus => "Prometheus metrics.",
        other => return format!("{}.", other.label()),
    }
    .to_owned()
}

fn many_are(number: u64, noun: &str) -> String {
    format!("{} {}", count(number, noun), if number == 1 { "is" } else { "are" })
}

fn place_of_many(places: u64, first: u64) -> String {
    if places == 1 { place(first) } else { format!("at {} places, first {}", grouped(places), place(first)) }
}

fn reject_sentence(code: RejectCode, number: u64) -> String {
    let tuples = count(number, "tuple");
    let (have, are, do_not) = if number == 1 { ("has", "is", "does not") } else { ("have", "are", "do not") };
    match code {
        RejectCode::Type => format!("{tuples} {are} not text"),
        RejectCode::Fields => format!("{tuples} {do_not} have 9 to 13 fields"),
        RejectCode::Time => format!("{tuples} {have} no time that can be read"),
        RejectCode::Address => format!("{tuples} {have} no address where one belongs"),
        RejectCode::Port => format!("{tuples} {have} no port where one belongs"),
        RejectCode::Protocol => format!("{tuples} {have} an unknown protocol"),
        RejectCode::Direction => format!("{tuples} {have} a direction other than I and O"),
        RejectCode::State => format!("{tuples} {have} a state other than B, C, E and D"),
        RejectCode::Counter => format!("{tuples} {have} a counter that is no number"),
    }
}
