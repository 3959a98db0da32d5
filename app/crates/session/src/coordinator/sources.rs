//! From a number back to its rows: which records hold them is asked of the shards, their text is read again from the files,
//! in small reads of the coordinator's host, so that it works while shards are busy. The same reading shows the text around
//! the place of a note, and that of an object.

mod requests;
mod snippet;

use super::inputs::Input;
use super::{Command, Coordinator, FileIndex, Purpose, ReadId};
use crate::shard_wire::{InputId, ShardRequestBody, ShardResponseBody, Slice, SliceCoding};
use crate::source_rows::{rows_of, text_row};
use crate::view;
use requests::Asked;
use std::collections::VecDeque;
use std::ops::Range;
use underlay_ingest::Excerpt;
use underlay_model::access::AccessFilter;
use underlay_model::input::Format;
use underlay_model::order::Order;
use underlay_model::sources::{SourceCursor, SourceOf, SourceQuery, SourceRecord, Sources, TextOf};
use underlay_model::wire::{PageEvent, PageRequest, QueryId};
use underlay_store::sources::{InputRows, PlaceQuery, RowQuery, SourcePlace};

/// Rows of an answer, about.
const ROWS: usize = 200;
/// Records that are looked up for one answer.
const RECORDS: u64 = 64;
/// Read at once where the text stands as it is.
const PIECE: u64 = 4 << 20;
/// Read at once where it has to be decoded from the beginning: what comes out is larger, and other messages wait.
const STREAM_PIECE: u64 = 256 << 10;
/// Longer records are not shown.
const LONGEST_RECORD: u64 = 64 << 20;
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// What is being read again.
#[derive(Debug, Default)]
pub(super) struct SourceReading {
    run: Option<Run>,
    rows: Option<TextRead>,
    snippet: Option<(QueryId, TextOf, TextRead)>,
}

/// One question for rows.
#[derive(Debug)]
struct Run {
    number: u64,
    id: QueryId,
    query: SourceQuery,
    rows: RowQuery,
    /// Where rows of access logs are asked for.
    asked: Option<Asked>,
    missing: usize,
    totals: Vec<InputRows>,
    places: Vec<SourcePlace>,
    inputs: Vec<InputId>,
    queue: VecDeque<SourcePlace>,
    /// Of the first place in the queue.
    at: SourceCursor,
    answer: Sources,
}

/// Stretches of one input's decoded text on their way.
#[derive(Debug)]
struct TextRead {
    read: ReadId,
    file: FileIndex,
    slice: Slice,
    coding: SliceCoding,
    path: String,
    ranges: Vec<Range<u64>>,
    places: Vec<SourcePlace>,
    way: Way,
    /// Bytes of the slice, or of the wanted stretch, that have come.
    position: u64,
}

#[derive(Debug)]
enum Way {
    /// The first bytes say whether there is a byte order mark.
    Head,
    /// The stored bytes are the text; so many bytes stand before it.
    Direct { shift: u64, text: Vec<u8> },
    /// Everything from the beginning, decoded.
    Stream(Box<Excerpt>),
}

impl SourceReading {
    pub fn is_busy(&self) -> bool {
        self.run.is_some() || self.snippet.is_some()
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl TextRead {
    fn new(input: &Input, ranges: Vec<Range<u64>>, places: Vec<SourcePlace>) -> Self {
        let mut read = Self {
            read: 0,
            file: input.file,
            slice: input.slice,
            coding: input.coding,
            path: input.path.clone(),
            ranges,
            places,
            way: Way::Head,
            position: 0,
        };
        if !input.is_plain_text() {
            read.stream();
        }
        read
    }

    fn stream(&mut self) {
        self.position = 0;
        self.way = Way::Stream(Box::new(Excerpt::new(self.coding.into(), self.ranges.clone())));
    }

    fn wanted(&self) -> Range<u64> {
        let start = self.ranges.iter().map(|range| range.start).min().unwrap_or(0);
        start..self.ranges.iter().map(|range| range.end).max().unwrap_or(start)
    }

    /// The next range of the file to read; `None` when everything has come.
    fn next(&self) -> Option<Range<u64>> {
        let end = self.slice.offset + self.slice.bytes;
        let within = |from: u64, bytes: u64| {
            let from = (self.slice.offset + from).min(end);
            let to = from.saturating_add(bytes).min(end);
            (from < to).then_some(from..to)
        };
        match &self.way {
            Way::Head => within(0, MARK.len() as u64),
            Way::Direct { shift, .. } => {
                let wanted = self.wanted();
                let from = wanted.start + self.position;
                if from >= wanted.end { None } else { within(from + shift, PIECE.min(wanted.end - from)) }
            }
            Way::Stream(excerpt) if excerpt.wants_more() => within(self.position, STREAM_PIECE),
            Way::Stream(_) => None,
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        match &mut self.way {
            Way::Head => {
                let shift = if bytes == MARK { MARK.len() as u64 } else { 0 };
                self.way = Way::Direct { shift, text: Vec::new() };
            }
            Way::Direct { text, .. } => {
                text.extend_from_slice(bytes);
                self.position += bytes.len() as u64;
            }
            Way::Stream(excerpt) => {
                excerpt.push(bytes);
                self.position += bytes.len() as u64;
            }
        }
    }

    /// The texts of the ranges, and whether they were read where they stand.
    fn finish(&mut self) -> (Vec<Vec<u8>>, bool) {
        let start = self.wanted().start;
        match std::mem::replace(&mut self.way, Way::Head) {
            Way::Head => (self.ranges.iter().map(|_| Vec::new()).collect(), true),
            Way::Direct { text, .. } => {
                let part = |range: &Range<u64>| {
                    let at = |byte: u64| usize::try_from(byte - start).unwrap_or(usize::MAX).min(text.len());
                    text.get(at(range.start)..at(range.end)).unwrap_or_default().to_vec()
                };
                (self.ranges.iter().map(part).collect(), true)
            }
            Way::Stream(excerpt) => (excerpt.finish(), false),
        }
    }
}

impl Input {
    /// The stored bytes are the decoded text, but for a byte order mark.
    fn is_plain_text(&self) -> bool {
        self.coding == SliceCoding::Plain
            && self.report.as_ref().is_some_and(|report| {
                report.encoding.is_empty() && !report.notes.iter().any(|note| note.code == "invalid-text")
            })
    }
}

impl Coordinator {
    /// Asks the shards how many rows there are.
    pub(super) fn start_sources(&mut self, id: QueryId, query: SourceQuery) {
        self.sources.run = None;
        self.sources.rows = None;
        let asked = match query.of {
            SourceOf::Input(number) if self.inputs.get(number).is_some_and(Input::has_rows) => {
                Some(AccessFilter { input: Some(number), ..AccessFilter::default() })
            }
            _ => self.capture.world().and_then(|world| view::request_filter(world, &query)),
        };
        let rows = self.capture.world().and_then(|world| view::row_query(world, &query));
        let body = match (&asked, &rows) {
            (Some(filter), _) => ShardRequestBody::AccessRows(Box::new(filter.clone()), Asked::most(query.from)),
            (None, Some(rows)) => ShardRequestBody::SourceTotals(rows.clone()),
            (None, None) => return self.tell(PageEvent::Sources { id, sources: Box::default() }),
        };
        let number = self.number();
        self.sources.run = Some(Run {
            number,
            id,
            query,
            rows: rows.unwrap_or_default(),
            asked: asked.map(Asked::new),
            missing: self.shards as usize,
            totals: Vec::new(),
            places: Vec::new(),
            inputs: Vec::new(),
            queue: VecDeque::new(),
            at: SourceCursor::default(),
            answer: Sources::default(),
        });
        self.ask_every_shard(Purpose::Sources(number), &body);
    }

    /// The capture is not what it was: the question is put again.
    pub(super) fn ask_sources_again(&mut self) {
        self.sources.rows = None;
        if let Some(run) = self.sources.run.take() {
            self.questions.put_again(PageRequest::Sources { id: run.id, query: run.query });
        }
    }

    #[inline(never)]
    pub(super) fn sources_response(&mut self, number: u64, body: ShardResponseBody) {
        let Some(run) = self.sources.run.as_mut().filter(|run| run.number == number) else { return };
        run.missing = run.missing.saturating_sub(1);
        let missing = run.missing;
        match body {
            ShardResponseBody::SourceTotals(totals) => {
                run.totals.extend(totals);
                if missing == 0 {
                    self.find_places(number);
                }
            }
            ShardResponseBody::SourcePlaces(places) => {
                run.places.extend(places);
                if missing == 0 {
                    self.places_found();
                }
            }
            ShardResponseBody::AccessRows(page) => {
                if let Some(asked) = &mut run.asked {
                    asked.pages.push(*page);
                }
                if missing == 0 {
                    self.requests_found();
                }
            }
            _ => {}
        }
    }

    fn find_places(&mut self, number: u64) {
        let order = self.inputs.in_order();
        let Some(run) = &mut self.sources.run else { return };
        let mut skip = run.query.from.record;
        run.at = run.query.from;
        let is_asked = |id: InputId| !matches!(run.query.of, SourceOf::Input(number) if number != id);
        for id in order.into_iter().filter(|id| is_asked(*id)) {
            let Some(found) = run.totals.iter().find(|found| found.input == id) else { continue };
            run.answer.total += found.total;
            if run.inputs.is_empty() && skip >= found.total.records {
                skip -= found.total.records;
            } else {
                run.inputs.push(id);
            }
        }
        if run.inputs.is_empty() {
            return self.answer_sources();
        }
        run.missing = self.shards as usize;
        let query = PlaceQuery { rows: run.rows.clone(), inputs: run.inputs.clone(), skip, most: RECORDS };
        self.ask_every_shard(Purpose::Sources(number), &ShardRequestBody::SourcePlaces(Box::new(query)));
    }

    fn places_found(&mut self) {
        let Some(run) = &mut self.sources.run else { return };
        let rank = |place: &SourcePlace| run.inputs.iter().position(|&input| input == place.input);
        let mut ranked: Vec<(Option<usize>, SourcePlace)> =
            run.places.drain(..).map(|place| (rank(&place), place)).collect();
        ranked.order_by(|a, b| (a.0, a.1.byte, &a.1.point).cmp(&(b.0, b.1.byte, &b.1.point)));
        ranked.truncate(RECORDS as usize);
        run.queue = ranked.into_iter().map(|(_, place)| place).collect();
        self.read_next_places();
    }

    /// Begins to read the next records, or answers.
    fn read_next_places(&mut self) {
        loop {
            let Some(run) = &mut self.sources.run else { return };
            let Some(first) = run.queue.front().filter(|_| run.answer.rows.len() < ROWS) else {
                return self.answer_sources();
            };
            let Some(input) = self.inputs.get(first.input) else {
                run.queue.pop_front();
                run.at = SourceCursor { record: run.at.record + 1, tuple: 0 };
                continue;
            };
            if first.len > LONGEST_RECORD {
                let sentence = format!("{}: the record at byte {} is too long to be shown.", input.path, first.byte);
                run.answer.troubles.push(sentence);
                run.queue.pop_front();
                run.at = SourceCursor { record: run.at.record + 1, tuple: 0 };
                continue;
            }
            // What stands close together is read together; what has to be decoded from the beginning, all at once.
            let (number, from, plain) = (first.input, first.byte, input.is_plain_text());
            let mut places = Vec::new();
            let mut bytes = 0;
            while let Some(place) = run.queue.front() {
                let reach = if plain { (place.byte + place.len).saturating_sub(from) } else { bytes + place.len };
                if place.input != number || (!places.is_empty() && reach > PIECE) {
                    break;
                }
                bytes += place.len;
                places.extend(run.queue.pop_front());
            }
            let ranges = places.iter().map(|place| place.byte..place.byte.saturating_add(place.len)).collect();
            self.sources.rows = Some(TextRead::new(input, ranges, places));
            return self.read_on_rows();
        }
    }

    fn read_on_rows(&mut self) {
        let id = self.number();
        let Some(read) = &mut self.sources.rows else { return };
        match read.next() {
            Some(range) => {
                read.read = id;
                let (file, bytes) = (read.file, range.end - range.start);
                self.commands.push_back(Command::Read { id, file, offset: range.start, bytes });
            }
            None if matches!(read.way, Way::Head) => {
                read.stream();
                self.read_on_rows();
            }
            None => self.rows_read(),
        }
    }

    /// Whether a read was one of these; then it goes on.
    #[inline(never)]
    pub(super) fn source_read(&mut self, id: ReadId, result: Result<&[u8], &str>) -> bool {
        if let Some(read) = self.sources.rows.as_mut().filter(|read| read.read == id) {
            match result {
                Ok(bytes) if !bytes.is_empty() => {
                    read.take(bytes);
                    self.read_on_rows();
                }
                Ok(_) => self.rows_unreadable("it is shorter than it was"),
                Err(message) => self.rows_unreadable(message),
            }
            return true;
        }
        if let Some((_, _, read)) = self.sources.snippet.as_mut().filter(|(_, _, read)| read.read == id) {
            match result {
                Ok(bytes) if !bytes.is_empty() => {
                    read.take(bytes);
                    self.read_on_snippet();
                }
                Ok(_) => self.answer_snippet(Some("it is shorter than it was".to_owned())),
                Err(message) => self.answer_snippet(Some(message.to_owned())),
            }
            return true;
        }
        false
    }

    fn rows_unreadable(&mut self, message: &str) {
        let (Some(read), Some(run)) = (self.sources.rows.take(), &mut self.sources.run) else { return };
        run.answer.troubles.push(cannot_be_read(&read.path, message));
        if run.asked.is_some() {
            run.pass_over_requests(&read.places);
        } else {
            run.at = SourceCursor { record: run.at.record + read.places.len() as u64, tuple: 0 };
        }
        self.read_next_places();
    }

    fn rows_read(&mut self) {
        let (Some(mut read), Some(run)) = (self.sources.rows.take(), &mut self.sources.run) else { return };
        let (texts, direct) = read.finish();
        if run.asked.is_some() {
            if let Some(number) = run.take_requests(&texts, &read.places, &read.path, direct) {
                return self.read_from_the_beginning(read, number);
            }
            return self.read_next_places();
        }
        let table = read
            .places
            .first()
            .and_then(|place| self.inputs.get(place.input)?.report.as_ref())
            .map(|report| report.format);
        let is_table = table == Some(Format::TrafficAnalytics);
        let details = &self.capture.details;
        let counted_side = |pair: &underlay_store::key::PairKey| details.find(pair).map(|detail| detail.side);
        for (number, (text, place)) in texts.iter().zip(&read.places).enumerate() {
            if run.answer.rows.len() >= ROWS {
                // What was read ahead is read again when it is asked for.
                break;
            }
            let record = u32::try_from(run.answer.records.len()).unwrap_or(u32::MAX);
            let mut found = rows_of(text, place, &run.rows, &counted_side, record);
            if found.is_none() && is_table {
                let rows = vec![text_row(text, place, record)];
                found = Some(crate::source_rows::RecordRows { rows, ..Default::default() });
            }
            let Some(found) = found else {
                if direct {
                    return self.read_from_the_beginning(read, number);
                }
                run.answer.troubles.push(cannot_be_read(&read.path, "it is not what was read any more"));
                run.at = SourceCursor { record: run.at.record + 1, tuple: 0 };
                continue;
            };
            run.answer.records.push(SourceRecord {
                path: read.path.clone(),
                byte: place.byte,
                len: place.len,
                time: found.time,
                flow_log: place.point.flow_log.clone(),
                mac: place.point.mac.clone(),
            });
            let all = found.rows.len() as u64;
            let room = ROWS.saturating_sub(run.answer.rows.len());
            let skip = usize::try_from(run.at.tuple).unwrap_or(usize::MAX);
            run.answer.rows.extend(found.rows.into_iter().skip(skip).take(room));
            let shown = run.at.tuple.saturating_add(room as u64);
            run.at = if shown < all {
                SourceCursor { record: run.at.record, tuple: shown }
            } else {
                SourceCursor { record: run.at.record + 1, tuple: 0 }
            };
        }
        if run.answer.rows.len() >= ROWS {
            return self.answer_sources();
        }
        self.read_next_places();
    }

    /// A text is not where it stands: perhaps bytes before it were replaced. Decoding from the beginning tells.
    fn read_from_the_beginning(&mut self, mut read: TextRead, first: usize) {
        read.places.drain(..first);
        read.ranges.drain(..first);
        read.stream();
        self.sources.rows = Some(read);
        self.read_on_rows();
    }

    fn answer_sources(&mut self) {
        let Some(mut run) = self.sources.run.take() else { return };
        self.sources.rows = None;
        run.answer.next = (run.at.record < run.answer.total.records).then_some(run.at);
        run.answer.troubles.dedup();
        self.questions.answered(&PageRequest::Sources { id: run.id, query: run.query });
        self.tell(PageEvent::Sources { id: run.id, sources: Box::new(run.answer) });
    }
}

fn cannot_be_read(path: &str, message: &str) -> String {
    format!("{path} cannot be read again: {}.", message.trim().trim_end_matches('.'))
}
