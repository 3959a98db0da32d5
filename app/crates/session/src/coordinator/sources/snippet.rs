//! The text around the place of a note, or an object's own lines: read again when somebody opens them. An object whose name does not
//! stand where it was read is not shown: the file has changed.

use super::{PIECE, TextRead, cannot_be_read};
use crate::coordinator::{Command, Coordinator};
use crate::shard_wire::InputId;
use underlay_ingest::object_text;
use underlay_model::inventory::{Fragment, List};
use underlay_model::metrics::{MetricPoint, MetricSeries};
use underlay_model::sources::{ObjectPlace, Snippet, TextOf};
use underlay_model::time::format_rfc3339;
use underlay_model::wire::{PageEvent, QueryId};

/// Text before and after the place of a note.
const AROUND: u64 = 240;
/// So much of an object is read at most.
const LONGEST_OBJECT: u64 = 512 << 10;
/// The same of a metric, which holds all series of a day.
const LONGEST_METRIC: u64 = 8 << 20;
/// So much of an object is shown before its field, of the field, and after it.
const MOST_OF_OBJECT: usize = 48 << 10;

impl Coordinator {
    /// Reads the text around a place of an input's decoded text, or that of an object.
    pub(in crate::coordinator) fn start_snippet(&mut self, id: QueryId, of: TextOf) {
        let is_metric = matches!(of, TextOf::Metric(_));
        let of = match of {
            TextOf::Metric(point) => TextOf::Object(self.place_of(&point).unwrap_or_default()),
            of => of,
        };
        let (number, range) = match &of {
            TextOf::Around { input, byte } => {
                (Some(*input), byte.saturating_sub(AROUND)..byte.saturating_add(2 * AROUND))
            }
            // So much that its end shows when it goes on.
            TextOf::Input(input) => (Some(*input), 0..MOST_OF_OBJECT as u64 + 4),
            // Read from the beginning where that is near: then the lines can be counted.
            TextOf::Object(place) => {
                let from = if place.byte <= PIECE { 0 } else { place.byte - AROUND };
                let reach = if is_metric { LONGEST_METRIC } else { LONGEST_OBJECT };
                let number = if place.name.is_empty() { None } else { self.holding_objects(place.input) };
                (number, from..place.byte.saturating_add(reach))
            }
            TextOf::Metric(_) => (None, 0..0),
        };
        let Some(input) = number.and_then(|number| self.inputs.get(number)) else {
            let trouble = Some("This file is not part of the capture any more.".to_owned());
            return self.tell(PageEvent::Snippet { id, snippet: Snippet { trouble, ..Snippet::default() } });
        };
        self.sources.snippet = Some((id, of, TextRead::new(input, vec![range], Vec::new())));
        self.read_on_snippet();
    }

    /// The inputs that an inventory knows by their index.
    fn all_holding_objects(&self) -> Vec<InputId> {
        let holds = |id: &InputId| self.inputs.get(*id).is_some_and(|input| input.fragment.is_some());
        self.inputs.in_order().into_iter().filter(holds).collect()
    }

    /// The input that an inventory calls by this index.
    fn holding_objects(&self, index: u32) -> Option<InputId> {
        self.all_holding_objects().get(index as usize).copied()
    }

    /// Where the value of a metric stands: of several inputs with the value in the last, whose counts.
    fn place_of(&self, point: &MetricPoint) -> Option<ObjectPlace> {
        let mut found: Option<ObjectPlace> = None;
        for (index, id) in (0u32..).zip(self.all_holding_objects()) {
            let Some(input) = self.inputs.get(id) else { continue };
            let Some((byte, field)) = input.fragment.as_ref().and_then(|fragment| place_in(fragment, point)) else {
                continue;
            };
            let mut copies = found.map(|last| [last.copies, vec![last.path]].concat()).unwrap_or_default();
            copies.retain(|path| *path != input.path);
            let (name, path) = (point.metric.clone(), input.path.clone());
            found = Some(ObjectPlace { name, input: index, path, byte, field, copies });
        }
        found
    }

    pub(super) fn read_on_snippet(&mut self) {
        let number = self.number();
        let Some((_, _, read)) = &mut self.sources.snippet else { return };
        match read.next() {
            Some(range) => {
                read.read = number;
                let (file, bytes) = (read.file, range.end - range.start);
                self.commands.push_back(Command::Read { id: number, file, offset: range.start, bytes });
            }
            None => self.answer_snippet(None),
        }
    }

    pub(super) fn answer_snippet(&mut self, trouble: Option<String>) {
        let Some((id, of, mut read)) = self.sources.snippet.take() else { return };
        let trouble = trouble.map(|message| cannot_be_read(&read.path, &message));
        let from = read.wanted().start;
        let (texts, direct) = read.finish();
        let text = texts.into_iter().next().unwrap_or_default();
        let byte = match &of {
            TextOf::Around { byte, .. } | TextOf::Object(ObjectPlace { byte, .. }) => *byte,
            TextOf::Input(_) => 0,
            TextOf::Metric(_) => return,
        };
        let at = usize::try_from(byte.saturating_sub(from)).unwrap_or(usize::MAX).min(text.len());
        let (before, rest) = text.split_at(at);
        let mut snippet = match &of {
            TextOf::Around { .. } | TextOf::Metric(_) => around(byte, before, rest),
            TextOf::Input(_) => {
                let text = String::from_utf8_lossy(rest).into_owned();
                Snippet { parts: [String::new(), String::new(), text], line: Some(1), ..Snippet::default() }
            }
            TextOf::Object(place) => {
                let line = before.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
                let parts = object_text(before, rest, &place.field);
                Snippet { byte, parts, line: (from == 0).then_some(line), ..Snippet::default() }
            }
        };
        snippet.trouble = trouble;
        if let TextOf::Object(place) = &of
            && snippet.trouble.is_none()
            && !snippet.parts.iter().any(|part| part.contains(&place.name))
        {
            if direct {
                // Not where it stands: perhaps bytes before it were replaced. Decoding from the beginning tells.
                read.stream();
                self.sources.snippet = Some((id, of, read));
                return self.read_on_snippet();
            }
            snippet.trouble = Some(cannot_be_read(&read.path, "it is not what was read any more"));
        }
        shorten(&mut snippet.parts);
        if let TextOf::Object(place) = of {
            snippet.place = Some(place);
        }
        self.tell(PageEvent::Snippet { id, snippet });
    }
}

/// Where the metric begins that holds the value, and the way from there to it.
fn place_in(fragment: &Fragment, point: &MetricPoint) -> Option<(u64, String)> {
    let all = &fragment.azure.metrics;
    let holds = |series: &MetricSeries| point.is_of(series) && series.at(point.time_ms).is_some();
    let at = all.iter().position(holds)?;
    let byte = fragment.places.byte(List::Metrics, at)?;
    // Statistics of one series follow one another, and so do the series of one metric.
    let mut before = all.get(..=at)?.iter().enumerate().rev();
    let first =
        before.find(|(at, _)| fragment.places.byte(List::Metrics, *at) != Some(byte)).map_or(0, |(at, _)| at + 1);
    let number = all.get(first..=at)?.chunk_by(|a, b| a.dimensions == b.dimensions).count().saturating_sub(1);
    let time = format_rfc3339(point.time_ms);
    Some((byte, ["timeseries", &number.to_string(), "data", &time, point.aggregation.name()].join("/")))
}

/// The text on both sides of a place, one character of it marked.
fn around(byte: u64, before: &[u8], rest: &[u8]) -> Snippet {
    // The text is UTF-8 but where it is cut.
    let mark = (1..=rest.len().min(4))
        .find(|&length| rest.get(..length).is_some_and(|part| std::str::from_utf8(part).is_ok()));
    let (mark, after) = rest.split_at(mark.unwrap_or(0));
    let words = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    let cut = before.iter().take(3).take_while(|&&byte| byte & 0xC0 == 0x80).count();
    let before = before.get(cut..).unwrap_or_default();
    let byte = byte.saturating_sub(before.len() as u64);
    let after = words(after).trim_end_matches('\u{FFFD}').to_owned();
    Snippet { byte, parts: [words(before), words(mark), after], ..Snippet::default() }
}

/// Cuts what is far from the middle.
fn shorten([before, middle, after]: &mut [String; 3]) {
    if before.len() > MOST_OF_OBJECT {
        let from = before.len() - MOST_OF_OBJECT;
        let from = (from..before.len()).find(|&at| before.is_char_boundary(at)).unwrap_or(from);
        *before = ["…", before.get(from..).unwrap_or_default()].concat();
    }
    for part in [middle, after] {
        if part.len() > MOST_OF_OBJECT {
            let to = (0..=MOST_OF_OBJECT).rev().find(|&at| part.is_char_boundary(at)).unwrap_or(0);
            part.truncate(to);
            part.push('…');
        }
    }
}
