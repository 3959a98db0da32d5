//! Splits the text of a log into rows as it arrives: JSON lines, envelopes (`{"records":[…]}`, also one after another, as Event
//! Hubs hand them out), lists, pretty-printed or not. What is damaged costs no more than itself; of the text only the
//! unfinished row is held.

use super::Log;
use crate::documents::Lost;
use crate::json::{Broken, Cursor, Json};
use std::borrow::Cow;
use underlay_model::input::Format;

/// Members whose elements are rows.
const LISTS: [&str; 4] = ["records", "value", "data", "items"];
/// A row longer than this is damage.
const LONGEST_ROW: usize = 32 << 20;
/// Places of damage that are listed.
const LOST_PLACES: usize = 1000;
/// How deep rows may be wrapped.
const DEPTH: u8 = 4;

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// A list that is a document.
    List,
    /// A list in an envelope.
    Records,
    /// The members behind such a list.
    Tail,
}

/// Records of another kind in one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// Empty for JSON that is no log record.
    pub(crate) category: String,
    pub(crate) count: u64,
    pub(crate) first: u64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stream {
    /// What is not read yet.
    text: Vec<u8>,
    /// Where that begins in the whole text.
    base: u64,
    begun: bool,
    levels: Vec<Level>,
    /// Behind something damaged: what could not be read so far, and where it began.
    losing: Option<Lost>,
    /// In a line that is no JSON.
    in_line: bool,
    /// Bytes that searching behind damage may still read.
    budget: usize,
    pub(crate) log: Log,
    /// Of the first row.
    pub(crate) format: Option<Format>,
    /// Where that begins.
    first: u64,
    pub(crate) lost: Vec<Lost>,
    pub(crate) lost_bytes: u64,
    /// Damaged places, also those that are not listed.
    pub(crate) lost_places: u64,
    pub(crate) open_end: bool,
    pub(crate) foreign: Vec<Foreign>,
    /// Lines that are no JSON, and where the first begins.
    pub(crate) text_lines: (u64, u64),
}

/// What the loop does next.
enum Step {
    /// Goes on from here.
    To(usize),
    /// Needs more text; what is before this place is done with.
    Wait(usize),
}

type Members<'t> = Vec<(Cow<'t, str>, Json<'t>)>;

impl Stream {
    /// The next part of the text.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
        self.budget = self.budget.saturating_add(bytes.len().saturating_mul(8));
        self.run(false);
    }

    /// The text has ended.
    pub(crate) fn finish(&mut self) {
        self.run(true);
        self.settle_loss(self.losing.is_some_and(|lost| lost.cut_off));
        self.open_end = !self.levels.is_empty();
    }

    /// Whether the first thing in the window is a row; the window was pushed and nothing else.
    pub(crate) fn begins_with_row(&self, window: &str) -> bool {
        if self.format.is_some() {
            return self.foreign.iter().all(|foreign| foreign.first > self.first);
        }
        // One that does not end in the window.
        let rest = window.get(window.len() - self.text.len()..).unwrap_or_default();
        let mut members = Vec::new();
        let broken = Cursor::new(rest, 0).members(&mut members);
        self.foreign.is_empty() && broken == Err(Broken::End) && super::format_of(&Json::Object(members)).is_some()
    }

    /// Where reading stands in the whole text.
    pub(crate) fn position(&self) -> u64 {
        self.base
    }

    fn run(&mut self, end: bool) {
        let bytes = std::mem::take(&mut self.text);
        let text = match std::str::from_utf8(&bytes) {
            Ok(text) => text,
            // A character that is cut in two; decoding left no other fault.
            Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
        };
        if !self.begun && !text.is_empty() {
            self.begun = true;
            self.budget += 4 << 20;
            if crate::fragment::begins_inside(text) {
                self.losing = Some(Lost { byte: 0, lost: 0, cut_off: false });
            }
        }
        let mut at = 0;
        loop {
            match self.step(text, at, end) {
                Step::To(next) => at = next.max(at),
                Step::Wait(next) => {
                    at = next.max(at);
                    break;
                }
            }
        }
        if end {
            self.base += bytes.len() as u64;
            return;
        }
        self.base += at as u64;
        let mut rest = bytes;
        rest.drain(..at);
        self.text = rest;
    }

    fn step(&mut self, text: &str, at: usize, end: bool) -> Step {
        if self.losing.is_some() {
            return self.search(text, at, end);
        }
        if self.in_line {
            let rest = text.as_bytes().get(at..).unwrap_or_default();
            let Some(length) = memchr::memchr(b'\n', rest) else { return Step::Wait(text.len()) };
            self.in_line = false;
            return Step::To(at + length + 1);
        }
        let mut cursor = Cursor::new(text, at);
        cursor.separators();
        let at = cursor.at();
        match (cursor.peek(), self.levels.last()) {
            (None, _) => Step::Wait(at),
            (Some(b'{'), _) => self.object(text, at, end),
            (Some(b']'), Some(Level::List)) => {
                self.levels.pop();
                Step::To(at + 1)
            }
            (Some(b']'), Some(Level::Records)) => {
                self.levels.pop();
                self.levels.push(Level::Tail);
                Step::To(at + 1)
            }
            (Some(b'}'), Some(Level::Tail)) => {
                self.levels.pop();
                Step::To(at + 1)
            }
            (Some(b'"'), Some(Level::Tail)) => self.tail(text, at, end),
            (Some(b'['), _) => self.list(text, at, end),
            (Some(_), _) => self.line(text, at, end),
        }
    }

    /// A list that may hold rows; a log line may begin with a bracket, too.
    fn list(&mut self, text: &str, at: usize, end: bool) -> Step {
        let mut cursor = Cursor::new(text, at + 1);
        cursor.blanks();
        match cursor.peek() {
            None if !end => Step::Wait(at),
            None | Some(b'{' | b'[' | b']') => {
                if self.levels.len() < usize::from(DEPTH) * 2 {
                    self.levels.push(Level::List);
                }
                Step::To(at + 1)
            }
            Some(_) => self.line(text, at, end),
        }
    }

    /// Something that is no JSON: a line of text, or the rest of a row that lost its beginning.
    fn line(&mut self, text: &str, at: usize, end: bool) -> Step {
        const LOOK: usize = 4096;
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let line = memchr::memchr(b'\n', rest);
        if line.is_none() && rest.len() < LOOK && !end {
            return Step::Wait(at);
        }
        let look = rest.get(..line.unwrap_or(rest.len()).min(LOOK)).unwrap_or_default();
        let has = |mark: &[u8]| memchr::memmem::find(look, mark).is_some();
        if has(b"\":") || has(b"\"}") || has(b"\",\"") {
            self.losing = Some(Lost { byte: self.base + at as u64, lost: 0, cut_off: false });
        } else {
            self.in_line = true;
            if self.text_lines.0 == 0 {
                self.text_lines.1 = self.base + at as u64;
            }
            self.text_lines.0 += 1;
        }
        Step::To(at)
    }

    /// A member behind the list of an envelope.
    fn tail(&mut self, text: &str, at: usize, end: bool) -> Step {
        let mut cursor = Cursor::new(text, at);
        let read = cursor.key().and_then(|key| {
            cursor.blanks();
            if cursor.peek() == Some(b'[') && is_list(&key) {
                cursor.skip(1);
                return Ok(true);
            }
            cursor.value().map(|_| false)
        });
        match read {
            Ok(is_list) => {
                if is_list {
                    self.levels.pop();
                    self.levels.push(Level::Records);
                }
                Step::To(cursor.at())
            }
            // Behind the rows nothing is lost that a row could be made of.
            Err(Broken::End) if end => Step::Wait(text.len()),
            Err(Broken::End) if text.len() - at < LONGEST_ROW => Step::Wait(at),
            Err(_) => {
                self.losing = Some(Lost { byte: self.base + at as u64, lost: 0, cut_off: false });
                Step::To(at)
            }
        }
    }

    fn object(&mut self, text: &str, at: usize, end: bool) -> Step {
        let mut cursor = Cursor::new(text, at + 1);
        let mut members: Members<'_> = Vec::with_capacity(16);
        cursor.blanks();
        if cursor.take(b'}') {
            return Step::To(cursor.at());
        }
        let broken = loop {
            let key = match cursor.key() {
                Ok(key) => key,
                Err(broken) => break broken,
            };
            cursor.blanks();
            if cursor.peek() == Some(b'[') && is_list(&key) {
                cursor.skip(1);
                if self.levels.len() < usize::from(DEPTH) * 2 {
                    self.levels.push(Level::Records);
                }
                return Step::To(cursor.at());
            }
            match cursor.value() {
                Ok(value) => members.push((key, value)),
                Err(broken) => break broken,
            }
            match cursor.more(b'}') {
                Ok(true) => {}
                Ok(false) => {
                    self.element(&Json::Object(members), self.base + at as u64, 0);
                    return Step::To(cursor.at());
                }
                Err(broken) => break broken,
            }
        };
        if broken == Broken::End && !end && text.len() - at < LONGEST_ROW {
            return Step::Wait(at);
        }
        if members.is_empty() && broken == Broken::Malformed {
            return self.line(text, at, end);
        }
        if self.format.is_none() {
            self.format = super::format_of(&Json::Object(members));
        }
        self.losing = Some(Lost { byte: self.base + at as u64, lost: 0, cut_off: broken == Broken::End && end });
        self.lose(text, at, at + 1);
        Step::To(at + 1)
    }

    /// Looks for the next whole row, behind damage.
    fn search(&mut self, text: &str, at: usize, end: bool) -> Step {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        let Some(length) = memchr::memchr(b'{', rest) else {
            self.lose(text, at, text.len());
            return Step::Wait(text.len());
        };
        let start = at + length;
        self.lose(text, at, start);
        let mut cursor = Cursor::new(text, start);
        let read = if self.budget == 0 { Err(Broken::TooDeep) } else { cursor.value() };
        let cost = cursor.at().saturating_sub(start);
        match read {
            Ok(value) if super::format_of(&value).is_some() => {
                self.settle_loss(false);
                self.element(&value, self.base + start as u64, 0);
                return Step::To(cursor.at());
            }
            Err(Broken::End) if !end && text.len() - start < LONGEST_ROW => return Step::Wait(start),
            _ => {}
        }
        self.budget = self.budget.saturating_sub(cost);
        self.lose(text, start, start + 1);
        Step::To(start + 1)
    }

    fn lose(&mut self, text: &str, from: usize, to: usize) {
        let bytes = text.as_bytes().get(from..to).unwrap_or_default();
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',');
        let lost = bytes.iter().filter(|byte| !blank(byte)).count() as u64;
        let Some(losing) = &mut self.losing else { return };
        if losing.lost == 0 {
            losing.byte = self.base + (from + bytes.iter().take_while(|byte| blank(byte)).count()) as u64;
        }
        losing.lost += lost;
    }

    fn settle_loss(&mut self, cut_off: bool) {
        let Some(lost) = self.losing.take().filter(|lost| lost.lost > 0) else { return };
        self.lost_bytes += lost.lost;
        self.lost_places += 1;
        if self.lost.len() < LOST_PLACES {
            self.lost.push(Lost { cut_off, ..lost });
        }
    }

    /// A whole object: a row, or something that holds rows.
    fn element(&mut self, value: &Json<'_>, at: u64, depth: u8) {
        if let Some(format) = self.log.object(value, at) {
            if self.format.is_none() {
                (self.format, self.first) = (Some(format), at);
            }
            return;
        }
        if depth < DEPTH {
            let body = value.get("body");
            let mut unwrapped = None;
            if let Json::Text(text) = body {
                unwrapped = Cursor::new(text, 0).value().ok();
            }
            let body = unwrapped.as_ref().unwrap_or(body);
            let mut any = false;
            for inside in LISTS.iter().flat_map(|list| value.list(list)).chain(Some(body)) {
                if inside.is_object() {
                    any = true;
                    self.element(inside, at, depth + 1);
                }
            }
            if any {
                return;
            }
        }
        let category = value.get("category").text();
        let room = self.foreign.len() < 32;
        match self.foreign.iter_mut().find(|foreign| foreign.category == category) {
            Some(foreign) => foreign.count += 1,
            None if room => self.foreign.push(Foreign { category, count: 1, first: at }),
            None => {}
        }
    }
}

fn is_list(key: &str) -> bool {
    LISTS.iter().any(|list| key.eq_ignore_ascii_case(list))
}
