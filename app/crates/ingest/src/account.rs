//! Turns what was found in an input into its entry in the import report: format, records, lost bytes, and notes in plain
//! sentences. The codes are listed in the README of this crate.

mod requests;

use crate::decode::Decoded;
use crate::documents::{Lost, walk, walk_on};
use crate::inflate::Trouble;
use crate::interpreter::Interpreter;
use crate::moment::DateOrder;
use crate::object_stream::Taken;
use crate::reader::Reading;
use crate::words::{count, grouped, place, size};
use crate::{appearance, magic, texts};
use underlay_model::input::{Format, Note, Severity};
use underlay_model::inventory::Fragment;
use underlay_model::order::Order;

/// The account of one input while it is written.
pub(crate) struct Account {
    pub(crate) reading: Reading,
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

    pub(crate) fn note(&mut self, severity: Severity, code: &str, message: impl Into<String>, byte: u64) {
        self.counted_note(severity, code, message, byte, 1);
    }

    pub(crate) fn counted_note(
        &mut self,
        severity: Severity,
        code: &str,
        message: impl Into<String>,
        byte: u64,
        count: u64,
    ) {
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

    pub(crate) fn unknown_zone(&mut self, zone: Option<&str>) {
        let Some(zone) = zone else { return };
        let message =
            format!("Times are in the zone {zone}, of which the distance is not known. They are taken for UTC.");
        self.note(Severity::Warning, "time-zone", message, 0);
    }

    /// Dates with slashes that begin with the day: contract rule 10 takes them for American where nothing shows otherwise.
    pub(crate) fn date_order(&mut self, order: &DateOrder) {
        let Some(byte) = order.day_first else { return };
        let mut message = "Dates begin with the day from here on.".to_owned();
        if order.either > 0 {
            let rows = count(order.either, "row");
            message = format!("{message} {rows} before could be read either way: the month was taken to be first.");
        }
        self.note(Severity::Warning, "date-order", message, byte);
    }

    /// Its records were taken out of this place.
    pub(crate) fn unwrapped(&mut self, place: &str) {
        let message = format!("Each record stands inside {place}. What is around them is passed over.");
        self.note(Severity::Info, "unwrapped", message, 0);
    }

    pub(crate) fn binary(&mut self, name: &str) {
        let message = appearance::of_binary(name, self.reading.report.bytes);
        let code = if magic::is_archive(name) { "archive-inside" } else { "not-recognised" };
        self.note(Severity::Warning, code, message, 0);
    }

    /// What begins so, and nobody knows.
    pub(crate) fn unknown(&mut self, text: &str) {
        let message = appearance::of_text(text, self.reading.report.bytes, &self.raw_head);
        self.reading.report.format = Format::Unknown;
        self.reading.report.lost_bytes = 0;
        self.reading.report.notes.retain(|note| note.code.starts_with("compressed"));
        if crate::container_log::begins(text) {
            self.reading.report.format = Format::Kubernetes;
            let message = "Logs of a pod's containers, from a cluster dump, passed over.";
            return self.note(Severity::Info, "container-logs", message, 0);
        }
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

    pub(crate) fn documents(&mut self, text: &str, lost_memory: bool) {
        self.documents_on(Interpreter::default(), Taken::default(), [text; 2], lost_memory);
    }

    /// The same of a text's beginning and what is left of it, when something was taken of it.
    pub(crate) fn documents_on(
        &mut self,
        mut interpreter: Interpreter,
        taken: Taken,
        [beginning, text]: [&str; 2],
        lost_memory: bool,
    ) {
        interpreter.taken = taken;
        let mut walked = walk_on(text, taken, &mut interpreter);
        walked.lost.append(&mut interpreter.lost_inside);
        let length = taken.place(text.len() as u64);
        interpreter.exported.settle(&mut interpreter.fragment.azure.metrics);
        let Some(format) = interpreter.format() else {
            return self.unknown(if taken.any() { beginning } else { text });
        };
        let records = interpreter.met.iter().find(|met| met.format == format).map_or(0, |met| met.records);
        self.reading.report.contents = interpreter.contents();
        let idle_resource = format == Format::AzureResource && records > 0 && interpreter.used_resources == 0;
        if idle_resource {
            let sentence = format!("Azure answer: {}.", self.reading.report.contents);
            self.not_read(format, &sentence);
            if let Some(note) = self.reading.report.notes.last_mut().filter(|_| interpreter.mentions) {
                let advice = " They are named and no more, as by az resource list. Save them with az … show -o json.";
                note.message = sentence + advice;
            }
        } else {
            let report = &mut self.reading.report;
            report.format = format;
            report.records = records;
            report.snapshot_ms = interpreter.newest_ms;
            report.lost_bytes = walked.lost.iter().map(|lost| lost.lost).sum();
            self.lost_objects(&walked.lost, records);
            if walked.open_end && !walked.lost.iter().any(|lost| lost.cut_off) {
                let message = "Ends before its closing bracket. Every object in it is whole.";
                self.note(Severity::Warning, "open-end", message, length);
            }
        }
        for met in interpreter.met.iter().filter(|met| met.format != format) {
            let records = count(met.records, "record");
            let message = format!("{records} of another kind ({}). They are read, too.", met.format.label());
            self.counted_note(Severity::Warning, "foreign-records", message, met.first, met.records);
        }
        if walked.unrecognised > 0 {
            let message =
                format!("{} between the records, passed over.", count(walked.unrecognised, "other JSON value"));
            self.counted_note(Severity::Info, "other-json", message, walked.first_unrecognised, walked.unrecognised);
        }
        self.text_lines((walked.text_lines, walked.first_text));
        if walked.container_logs > 0 {
            let message = format!("{}, passed over.", count(walked.container_logs, "container log"));
            self.counted_note(Severity::Info, "container-logs", message, 0, walked.container_logs);
        }
        if let Some(more) = interpreter.events_beyond() {
            let message = format!("More events than are kept: {} left out.", count(more, "event"));
            self.counted_note(Severity::Warning, "events-limit", message, 0, more);
        }
        let odd = [
            (&interpreter.nameless, "no-name", "without a name, passed over"),
            (&interpreter.misaddressed, "no-address", "with an address that is none, left out"),
        ];
        for (odd, code, what) in odd.into_iter().filter(|(odd, ..)| odd.count > 0) {
            let message = format!("{} {what}. The first is {}.", count(odd.count, "object"), odd.words);
            self.counted_note(Severity::Warning, code, message, odd.first, odd.count);
        }
        if let Some((sentence, byte)) = interpreter.error.take() {
            self.note(Severity::Warning, "error-answer", sentence, byte);
        }
        if lost_memory {
            let message = format!("Too large to hold. The first {} are used.", size(length));
            self.note(Severity::Error, "too-large", message, length);
        }
        let measured = interpreter.fragment.azure.metrics.iter().filter_map(|series| series.span);
        let measured = measured.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        self.reading.report.span = self.reading.report.span.or(measured);
        self.reading.fragment = interpreter.fragment;
        self.logged(interpreter.log);
    }

    /// So many lines are no objects, the first of which stands there.
    fn text_lines(&mut self, (lines, first): (u64, u64)) {
        if lines > 0 {
            let message = format!("{} of text that is no object, passed over.", count(lines, "line"));
            self.counted_note(Severity::Info, "other-text", message, first, lines);
        }
    }

    pub(crate) fn lost_objects(&mut self, lost: &[Lost], records: u64) {
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

    /// Says how many damaged places there are when not all of them are listed.
    pub(crate) fn lost_beyond(&mut self, listed: usize, places: u64) {
        if places > listed as u64 {
            let lost = size(self.reading.report.lost_bytes);
            let message = format!("{} damaged places in all, {lost} lost.", grouped(places));
            self.counted_note(Severity::Error, "damaged-places", message, 0, places);
        }
    }
}

/// Whether a text holds a whole object that is known and no flow log record.
pub(crate) fn recognised(text: &str) -> bool {
    let mut interpreter = Interpreter::default();
    walk(text, &mut interpreter);
    !interpreter.met.is_empty()
}

/// The reading of an input that could not be opened at all.
pub(crate) fn refused(path: &str, bytes: u64, code: &str, message: &str) -> Reading {
    let mut account = Account::new(path, bytes, &[]);
    account.reading.fragment = Fragment::default();
    let severity = if code == "not-recognised" { Severity::Warning } else { Severity::Error };
    account.note(severity, code, message, 0);
    account.finish()
}

pub(crate) fn sentence_of(format: Format) -> String {
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
