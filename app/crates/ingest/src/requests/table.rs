//! The rows of both logs as comma-separated values, as the portal exports them, line by line.

use super::Log;
use super::fields::{Fields, Slot, format_of_columns};
use crate::documents::Lost;
use underlay_model::input::Format;

/// A quoted field that goes on for longer than this was never closed.
const LONGEST_ROW: usize = 256 << 10;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    text: Vec<u8>,
    base: u64,
    separator: u8,
    /// What the columns are, once the header was read.
    slots: Option<Vec<Option<Slot>>>,
    pub(crate) format: Format,
    pub(crate) log: Log,
    pub(crate) lost: Vec<Lost>,
    pub(crate) lost_bytes: u64,
    /// Damaged places, also those that are not listed.
    pub(crate) lost_places: u64,
}

/// Which log a table with these column names holds.
pub(crate) fn format_of_header(names: &[String]) -> Option<Format> {
    let slots: Vec<Option<Slot>> = names.iter().map(|name| Slot::of(name)).collect();
    format_of_columns(&slots)
}

impl Table {
    /// A table of this log.
    pub(crate) fn new(format: Format) -> Self {
        let (text, lost) = (Vec::new(), Vec::new());
        Self {
            text,
            base: 0,
            separator: b',',
            slots: None,
            format,
            log: Log::default(),
            lost,
            lost_bytes: 0,
            lost_places: 0,
        }
    }

    /// The next part of the text.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(bytes);
        self.run(false);
    }

    /// The text has ended.
    pub(crate) fn finish(&mut self) {
        self.run(true);
    }

    fn run(&mut self, end: bool) {
        let bytes = std::mem::take(&mut self.text);
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let length = match row_end(rest) {
                Some(length) => length,
                None if rest.is_empty() || (!end && rest.len() < LONGEST_ROW) => break,
                // A quote that is never closed: the line is all that can be said to belong to it.
                None => memchr::memchr(b'\n', rest).map_or(rest.len(), |length| length + 1),
            };
            let row = rest.get(..length).unwrap_or_default();
            self.row(&String::from_utf8_lossy(row), self.base + at as u64, end && at + length == bytes.len());
            at += length;
        }
        self.base += at as u64;
        let mut rest = bytes;
        rest.drain(..at);
        self.text = rest;
    }

    fn row(&mut self, text: &str, at: u64, last: bool) {
        let line = text.trim_end_matches(['\r', '\n']).trim_start_matches('\u{FEFF}');
        if line.trim().is_empty() {
            return;
        }
        let Some(slots) = &self.slots else {
            self.separator = crate::texts::separator(line.as_bytes());
            let names = split(line, self.separator);
            let slots: Vec<Option<Slot>> = names.iter().map(|name| Slot::of(name)).collect();
            // Lines before the header: a prompt, the name of the query.
            if format_of_columns(&slots).is_some() {
                let zone = names.iter().zip(&slots).find(|(_, slot)| **slot == Some(Slot::Time));
                match zone.and_then(|(name, _)| crate::moment::zone_of(name)) {
                    Some(Ok(ahead)) => self.log.zone_minutes = ahead,
                    Some(Err(name)) => self.log.unknown_zone = Some(name),
                    None => {}
                }
                self.slots = Some(slots);
            }
            return;
        };
        let cells = split(line, self.separator);
        if cells.len() != slots.len() {
            let lost = line.bytes().filter(|byte| !matches!(byte, b' ' | b'\t' | b',')).count() as u64;
            self.lost_bytes += lost;
            self.lost_places += 1;
            if self.lost.len() < 1000 {
                self.lost.push(Lost { byte: at, lost, cut_off: last && cells.len() < slots.len() });
            }
            return;
        }
        let mut fields = Fields::EMPTY.clone();
        for (slot, cell) in slots.iter().zip(&cells) {
            if let Some(slot) = slot {
                fields.set(*slot, cell);
            }
        }
        self.log.row(self.format, &fields, at);
    }
}

/// The length of the row that begins a text, with its line feed; `None` when it has not ended.
fn row_end(text: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let length = if quoted { memchr::memchr(b'"', rest)? } else { memchr::memchr2(b'"', b'\n', rest)? };
        at += length + 1;
        if text.get(at - 1) == Some(&b'\n') {
            return Some(at);
        }
        quoted = !quoted;
    }
}

/// The cells of a row, without their quotes.
fn split(line: &str, separator: u8) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut rest = line;
    while let Some(next) = rest.bytes().position(|byte| byte == b'"' || (!quoted && byte == separator)) {
        let (cell, mark) = rest.split_at(next);
        if let Some(last) = cells.last_mut() {
            last.push_str(cell);
        }
        let is_quote = mark.starts_with('"');
        rest = mark.get(1..).unwrap_or_default();
        if !is_quote {
            cells.push(String::new());
        } else if quoted && rest.starts_with('"') {
            if let Some(last) = cells.last_mut() {
                last.push('"');
            }
            rest = rest.get(1..).unwrap_or_default();
        } else {
            quoted = !quoted;
        }
    }
    if let Some(last) = cells.last_mut() {
        last.push_str(rest);
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_may_hold_separators_quotes_and_lines() {
        assert_eq!(split("a,\"b,\"\"c\"\"\n d\",,e", b','), ["a", "b,\"c\"\n d", "", "e"]);
        assert_eq!(row_end(b"a,\"b\nc\"\r\nd"), Some(9));
        assert_eq!(row_end(b"a,\"b\nc"), None);
    }
}
