//! One input from its first byte to its report: decode, tell what it is, parse.

use crate::colours::blanked;
use crate::decode::Decoder;
use crate::object_stream::ObjectStream;
use crate::objects::{Objects, WithObjects};
use crate::sniff::{Way, way_of};
use crate::traffic_analytics::Arriving;
use crate::traffic_analytics::csv::Csv;
use crate::wrapped::{self, Unwrapping};
use crate::{account, magic};
use underlay_model::input::InputReport;
use underlay_model::inventory::Fragment;
use underlay_scan::{Scanner, Sink};

/// How the bytes that a [`Reader`] is given are stored. Gzip is found by its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Coding {
    /// As they are: a file, or a stored zip member.
    #[default]
    Plain,
    /// Raw deflate: a zip member.
    Deflate,
}

/// What came of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The account. Of its tuples `accepted` and `rejected` are as scanned; `duplicate`, `span` and `macs` are the store's to fill.
    pub report: InputReport,
    /// What its objects say; empty for flow logs.
    pub fragment: Fragment,
    /// Rows of an access log, one by one.
    pub rows: crate::requests::AccessRows,
}

/// Decoded text that is looked at before its way is decided.
pub(crate) const WINDOW: usize = 64 * 1024;
/// So far is looked when nothing known begins in the window: what a tool said may stand before what it made.
const FARTHEST: usize = 4 << 20;
/// What stands for blanks and zero bytes before a text, so that all in it keeps its place.
const LINE_ENDS: [u8; 4096] = [b'\n'; 4096];
/// Stored bytes that are decoded at a time while the way is open.
const PIECE: usize = 4096;

/// Reads one input as its bytes arrive. Any chunking gives the same [`Reading`].
#[derive(Debug)]
pub struct Reader {
    path: String,
    bytes: u64,
    decoder: Decoder,
    stage: Stage,
}

/// The scanner, and what reads the objects that it finds.
#[derive(Debug, Default)]
struct Scanning {
    scanner: Scanner,
    objects: Objects,
}

impl Scanning {
    fn push(&mut self, text: &[u8], sink: &mut dyn Sink) {
        self.scanner.push(text, &mut WithObjects { sink, objects: &mut self.objects });
    }
}

/// The beginning of a text, while its way is open.
#[derive(Debug)]
struct Window {
    text: Vec<u8>,
    /// So long it may become.
    most: usize,
    /// Nothing known begins in so much of it.
    seen: usize,
    /// The first of what stands before it.
    beginning: Vec<u8>,
    /// Blanks and zero bytes before it, of a file whose beginning was never written; 0 unless they fill a window.
    empty: u64,
}

impl Default for Window {
    fn default() -> Self {
        Self { text: Vec::new(), most: WINDOW, seen: 0, beginning: Vec::new(), empty: 0 }
    }
}

impl Window {
    /// Takes text in until it is full; gives what it has no room for. Exactly the same bytes decide, however they were cut.
    fn take<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let is_empty = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0);
        let mut text = text;
        loop {
            if self.empty > 0 && self.text.is_empty() {
                let begin = text.iter().position(|byte| !is_empty(byte)).unwrap_or(text.len());
                self.empty += begin as u64;
                text = text.get(begin..).unwrap_or_default();
            }
            let (now, later) = text.split_at((self.most - self.text.len()).min(text.len()));
            self.text.extend_from_slice(now);
            if self.text.len() != WINDOW || !self.text.iter().all(is_empty) {
                return later;
            }
            self.empty += WINDOW as u64;
            self.beginning = std::mem::take(&mut self.text);
            text = later;
        }
    }

    fn is_full(&self) -> bool {
        self.text.len() == self.most
    }

    /// What nobody has looked at yet.
    fn unseen(&self) -> &[u8] {
        self.text.get(self.seen..).unwrap_or_default()
    }

    /// Nothing known begins in it: makes room for more lines. False when there is no more to look for.
    fn goes_on(&mut self) -> bool {
        let is_other = self.text.starts_with(b"#!") || self.text.starts_with(b"<");
        let Some(line) = memchr::memrchr(b'\n', self.unseen()) else { return false };
        if !self.is_full() || self.most >= FARTHEST || is_other {
            return false;
        }
        self.seen += line + 1;
        self.most *= 2;
        true
    }
}

/// What is done with decoded text.
#[derive(Debug)]
enum Stage {
    /// Collected, until there is enough to decide.
    Window(Window),
    /// Handed to the scanner; the beginning is kept for the report.
    Scan(Box<Scanning>, Vec<u8>, crate::flow::Evidence),
    /// Rows of Traffic Analytics, read as they arrive.
    AnalyticsCsv(Box<Csv>),
    /// Read row by row; the beginning is kept for the report.
    Requests(Box<crate::requests::Stream>, Vec<u8>),
    /// The same of comma-separated values.
    RequestTable(Box<crate::requests::Table>),
    /// Objects, of which whole ones are read as they arrive; the beginning is kept for the report.
    Documents(Box<ObjectStream>, Vec<u8>),
    /// Tables of Traffic Analytics, of which whole rows are read as they arrive.
    AnalyticsTables(Box<Arriving>),
    /// Collected to the end.
    Collect { text: Vec<u8>, lost_memory: bool },
    /// Records in the wrapping of another system, unwrapped for the stage that reads them.
    Unwrap(Unwrapping, Box<Stage>),
    /// Passed over: the report is clear from the beginning.
    Pass(Vec<u8>),
    /// No text at all.
    Binary(&'static str),
}

impl Reader {
    /// `path` as the contract says (Inputs), `bytes` the size as stored, for the report.
    pub fn new(path: &str, bytes: u64, coding: Coding) -> Self {
        Self { path: path.to_owned(), bytes, decoder: Decoder::new(coding), stage: Stage::Window(Window::default()) }
    }

    /// Lowers how far this input may expand when decompressed (4 GiB unless told), when the capture's own limit is near.
    pub fn limit_expansion(&mut self, bytes: u64) {
        self.decoder.limit_expansion(bytes);
    }

    /// The next bytes as stored. Flow logs stream through `scan` into the sink, one commit a record; nothing else touches it.
    pub fn push(&mut self, raw: &[u8], flow_sink: &mut impl Sink) {
        if !self.wants_more() {
            return;
        }
        let mut rest = raw;
        while let Stage::Window(_) = self.stage
            && !rest.is_empty()
        {
            // Small pieces, so that the magic of a picture is seen before its bytes are taken for text.
            let (piece, later) = rest.split_at(rest.len().min(PIECE));
            rest = later;
            let mut text = Vec::new();
            self.decoder.push(piece, &mut |piece| text.extend_from_slice(piece));
            self.tell_binary();
            self.stage.push(&text, flow_sink);
        }
        if !rest.is_empty() && self.wants_more() {
            let Self { decoder, stage, .. } = self;
            decoder.push(rest, &mut |text| stage.push(text, flow_sink));
        }
    }

    fn tell_binary(&mut self) {
        if let Stage::Window(_) = self.stage
            && let Some(name) = magic::name(self.decoder.head())
        {
            self.stage = Stage::Binary(name);
        }
    }

    /// False when further bytes would change nothing (a picture, the limit reached): the host may stop reading and finish.
    pub fn wants_more(&self) -> bool {
        !self.stage.is_full() && !self.decoder.ended()
    }

    /// Decompressed bytes so far, for the capture's limit (16 GiB); 0 for what is not compressed.
    pub fn expanded(&self) -> u64 {
        self.decoder.expanded()
    }

    /// The end of the input.
    pub fn finish(mut self, flow_sink: &mut impl Sink) -> Reading {
        let mut text = Vec::new();
        let decoded = match &mut self.stage {
            Stage::Window(_) | Stage::Binary(_) | Stage::Pass(_) => {
                self.decoder.finish(&mut |piece| text.extend_from_slice(piece))
            }
            stage => self.decoder.finish(&mut |piece| stage.push(piece, flow_sink)),
        };
        self.tell_binary();
        self.stage.push(&text, flow_sink);
        self.stage.decide(flow_sink);
        let (stage, unwrapping) = self.stage.finish_unwrapping(flow_sink);
        // Of what is passed over before its end, how it was stored cannot be judged.
        let passing = match &stage {
            Stage::Pass(window) => window.len() >= WINDOW,
            stage => matches!(stage, Stage::Binary(_)),
        };
        let mut account = account::Account::new(&self.path, self.bytes, self.decoder.head());
        account.decoding(&decoded, self.decoder.expanded(), passing);
        match stage {
            Stage::Binary(name) => account.binary(name),
            Stage::Scan(scanning, window, evidence) => {
                let Scanning { scanner, mut objects } = *scanning;
                let scanned = scanner.finish(&mut WithObjects { sink: flow_sink, objects: &mut objects });
                account.flow_log(&scanned, objects, &text_of(&window), evidence);
            }
            Stage::AnalyticsCsv(mut csv) => {
                csv.finish(flow_sink);
                account.analytics_csv(*csv);
            }
            Stage::AnalyticsTables(tables) => account.analytics_tables(*tables, flow_sink),
            Stage::Requests(mut stream, window) => {
                stream.finish();
                account.requests(*stream, &text_of(&window));
            }
            Stage::RequestTable(mut table) => {
                table.finish();
                account.request_table(*table);
            }
            Stage::Collect { text, .. } => account.prefixes(&blanked(text_of(&text))),
            Stage::Documents(stream, window) => {
                let lost_memory = stream.lost_memory();
                let (interpreter, text, taken) = stream.finish();
                let [window, text] = [&window, &text].map(|text| blanked(text_of(text)));
                account.documents_on(interpreter, taken, [&window, &text], lost_memory);
                account.flow_records_among(taken, &text, flow_sink);
            }
            Stage::Pass(window) => account.unknown(&text_of(&window)),
            // A window was decided above, and what is unwrapped taken out.
            Stage::Window(_) | Stage::Unwrap(..) => {}
        }
        if let Some(unwrapping) = unwrapping {
            account.unwrapped(&unwrapping.place());
        }
        account.finish()
    }
}

impl Stage {
    fn push(&mut self, text: &[u8], sink: &mut impl Sink) {
        match self {
            Self::Window(window) => {
                let later = window.take(text);
                if window.is_full() {
                    self.decide(sink);
                    self.push(later, sink);
                }
            }
            Self::Scan(scanning, ..) => scanning.push(text, sink),
            Self::AnalyticsCsv(csv) => csv.push(text, sink),
            Self::Requests(stream, _) => stream.push(text),
            Self::RequestTable(table) => table.push(text),
            Self::Documents(stream, _) => stream.push(text),
            Self::AnalyticsTables(tables) => tables.push(text, sink),
            Self::Collect { text: all, lost_memory, .. } => {
                if *lost_memory {
                    return;
                }
                if all.try_reserve(text.len()).is_err() {
                    *lost_memory = true;
                    return;
                }
                all.extend_from_slice(text);
            }
            Self::Unwrap(unwrapping, stage) => stage.push(&unwrapping.push(text), sink),
            Self::Pass(_) | Self::Binary(_) => {}
        }
    }

    /// Whether further text would change nothing.
    fn is_full(&self) -> bool {
        match self {
            Self::Pass(_) | Self::Binary(_) => true,
            Self::Collect { lost_memory, .. } => *lost_memory,
            Self::Documents(stream, _) => stream.lost_memory(),
            Self::AnalyticsTables(tables) => tables.lost_memory(),
            Self::Unwrap(_, stage) => stage.is_full(),
            _ => false,
        }
    }

    /// The text has ended: the stage that reads it, and what unwrapped it.
    fn finish_unwrapping(self, sink: &mut impl Sink) -> (Self, Option<Unwrapping>) {
        let Self::Unwrap(mut unwrapping, mut stage) = self else { return (self, None) };
        stage.push(&unwrapping.finish(), sink);
        (*stage, Some(unwrapping))
    }

    /// Leaves the window, unless that is full and nothing known begins in it.
    fn decide(&mut self, sink: &mut impl Sink) {
        let Self::Window(window) = self else { return };
        let text = blanked(text_of(window.unseen()));
        let way = way_of(&text);
        let found = if window.seen == 0 { wrapped::found(&text, &way) } else { None };
        if found.is_none() && way == Way::Unknown && window.goes_on() {
            return;
        }
        let Window { text: window, beginning, empty, .. } = std::mem::take(window);
        if window.is_empty() && empty > 0 {
            // There was nothing else.
            *self = Self::Pass(beginning);
            return;
        }
        match found {
            None => self.begin(way, empty, window, sink),
            Some(found) => {
                let mut stage = Self::Pass(Vec::new());
                stage.begin(found.way, empty, found.window, sink);
                *self = Self::Unwrap(found.unwrapping, Box::new(stage));
            }
        }
    }

    /// Goes a way with a text that begins so, behind so many bytes without anything in them.
    fn begin(&mut self, way: Way, empty: u64, window: Vec<u8>, sink: &mut impl Sink) {
        *self = match way {
            Way::FlowLog(evidence) => {
                let mut scanning = Box::<Scanning>::default();
                blank_then(empty, &window, &mut |text| scanning.push(text, sink));
                Self::Scan(scanning, window, evidence)
            }
            Way::Requests => {
                let mut stream = Box::<crate::requests::Stream>::default();
                blank_then(empty, &window, &mut |text| stream.push(text));
                Self::Requests(stream, window)
            }
            Way::RequestTable(format) => {
                let mut table = Box::new(crate::requests::Table::new(format));
                blank_then(empty, &window, &mut |text| table.push(text));
                Self::RequestTable(table)
            }
            Way::AnalyticsCsv => {
                let mut csv = Box::<Csv>::default();
                blank_then(empty, &window, &mut |text| csv.push(text, sink));
                Self::AnalyticsCsv(csv)
            }
            Way::AnalyticsTables => {
                let mut tables = Box::<Arriving>::default();
                blank_then(empty, &window, &mut |text| tables.push(text, sink));
                Self::AnalyticsTables(tables)
            }
            Way::Prefixes => {
                let mut collect = Self::Collect { text: Vec::new(), lost_memory: false };
                blank_then(empty, &window, &mut |text| collect.push(text, sink));
                collect
            }
            Way::Documents => {
                let mut stream = Box::<ObjectStream>::default();
                blank_then(empty, &window, &mut |text| stream.push(text));
                Self::Documents(stream, window)
            }
            Way::Unknown => Self::Pass(window),
        };
    }
}

/// Hands on a text that stands behind so many bytes without anything in them.
pub(crate) fn blank_then(empty: u64, text: &[u8], push: &mut dyn FnMut(&[u8])) {
    let mut left = empty;
    while left > 0 {
        let piece = left.min(LINE_ENDS.len() as u64);
        push(LINE_ENDS.get(..piece as usize).unwrap_or_default());
        left -= piece;
    }
    push(text);
}

/// Text that is valid but for a character cut in two at its end.
fn text_of(bytes: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}
