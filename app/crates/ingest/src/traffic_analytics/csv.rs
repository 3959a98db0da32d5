//! Traffic Analytics as comma-separated values, row by row as the text arrives: no more is held than a row that is cut by the edge of a
//! chunk. A row that is not whole costs itself alone, also when it leaves a quote open.

use super::columns::{Cells, Column, Header, is_flow_row};
use super::row::Rows;
use crate::documents::Lost;
use crate::texts::separator;
use csv_core::{ReadRecordResult, ReaderBuilder};
use std::borrow::Cow;
use underlay_scan::Sink;

/// A row that goes on for longer has a quote that was never closed.
const LONGEST_ROW: usize = 1 << 20;
/// So many places of damage are listed.
const LOST_LISTED: usize = 1000;

/// Reads one table.
pub(crate) struct Csv {
    pub(crate) rows: Rows,
    /// Places of damage, at most a thousand.
    pub(crate) lost: Vec<Lost>,
    pub(crate) lost_bytes: u64,
    /// Damaged places, also those that are not listed.
    pub(crate) lost_places: u64,
    core: csv_core::Reader,
    header: Option<Header>,
    /// Text that was not used up.
    carry: Vec<u8>,
    /// Where it begins in the decoded text.
    base: u64,
    /// Cells of a row, one behind the other, and where they end.
    cells: Vec<u8>,
    ends: Vec<usize>,
}

impl std::fmt::Debug for Csv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csv").field("rows", &self.rows).field("base", &self.base).finish_non_exhaustive()
    }
}

/// Whether a text begins with such a table: a line of names within its first lines, and lines of as many cells below.
pub(crate) fn begins(window: &str) -> bool {
    let mut lines = window.split_inclusive('\n').filter(|line| !line.trim().is_empty()).take(6);
    while let Some(line) = lines.next() {
        let separator = char::from(separator(line.as_bytes()));
        let trim = |name: &'_ str| name.trim_matches(['"', ' ', '\r', '\n', '\u{FEFF}']).to_owned();
        let names: Vec<String> = line.split(separator).map(trim).collect();
        let plain = |name: &String| {
            let name = name.split('[').next().unwrap_or_default().trim_end();
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if names.len() > 2 && names.iter().all(plain) && is_flow_row(&mut names.iter().map(String::as_str)) {
            // A line that is cut off, by the window's end or inside a quoted cell, proves nothing.
            let whole = |next: &&str| next.ends_with('\n') && next.matches('"').count().is_multiple_of(2);
            let mut whole =
                lines.filter(whole).map(|next| next.matches(separator).count() + 1 >= names.len()).peekable();
            return whole.peek().is_none() || whole.any(|fits| fits);
        }
    }
    false
}

/// What the beginning of a text is.
enum Row {
    /// A row of so many bytes and cells.
    Whole { bytes: usize, cells: usize },
    /// It takes more bytes to tell.
    More,
    /// Nothing but line ends.
    Blank,
}

impl Default for Csv {
    fn default() -> Self {
        Self {
            rows: Rows::default(),
            lost: Vec::new(),
            lost_bytes: 0,
            lost_places: 0,
            core: csv_core::Reader::new(),
            header: None,
            carry: Vec::new(),
            base: 0,
            cells: vec![0; 4096],
            ends: vec![0; 128],
        }
    }
}

impl Csv {
    /// The next text.
    pub(crate) fn push(&mut self, text: &[u8], sink: &mut dyn Sink) {
        if self.carry.is_empty() {
            let used = self.walk(text, false, sink);
            self.carry.extend_from_slice(text.get(used..).unwrap_or_default());
        } else {
            self.carry.extend_from_slice(text);
            self.walk_carry(false, sink);
        }
    }

    /// The text ends here.
    pub(crate) fn finish(&mut self, sink: &mut dyn Sink) {
        self.walk_carry(true, sink);
    }

    fn walk_carry(&mut self, ended: bool, sink: &mut dyn Sink) {
        let mut carry = std::mem::take(&mut self.carry);
        let used = self.walk(&carry, ended, sink);
        carry.drain(..used.min(carry.len()));
        self.carry = carry;
    }

    /// Reads rows; returns how many bytes were used up.
    fn walk(&mut self, text: &[u8], ended: bool, sink: &mut dyn Sink) -> usize {
        let start = self.base;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            self.base = start + at as u64;
            if self.header.is_none() {
                // Only by the header one can tell what separates the cells.
                let Some(line) = memchr::memchr(b'\n', rest).map(|end| end + 1).or(ended.then_some(rest.len())) else {
                    break;
                };
                self.read_header(rest.get(..line).unwrap_or_default());
                at += line;
                continue;
            }
            match self.row(rest, ended) {
                Row::Whole { bytes, cells } => at += self.whole(rest, bytes, cells, ended, sink),
                // A lone quote at the end is no row, either.
                Row::Blank => {
                    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
                        at += self.lose_line(rest, true);
                    }
                }
                Row::More if rest.len() > LONGEST_ROW => at += self.lose_line(rest, false),
                Row::More => break,
            }
        }
        self.base = start + at as u64;
        at
    }

    fn read_header(&mut self, line: &[u8]) {
        // Making a reader is dear, and there may be very many such lines.
        if line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        self.core = ReaderBuilder::new().delimiter(separator(line)).build();
        if let Row::Whole { cells, .. } = self.row(line, true) {
            let header = self.header_of(cells);
            self.header = header.flows.then_some(header);
        }
    }

    /// Splits the row that begins the text.
    fn row(&mut self, text: &[u8], ended: bool) -> Row {
        self.core.reset();
        let (mut read, mut written, mut cells) = (0, 0, 0);
        loop {
            let input = text.get(read..).unwrap_or_default();
            if input.is_empty() && !ended {
                return Row::More;
            }
            let output = self.cells.get_mut(written..).unwrap_or_default();
            let ends = self.ends.get_mut(cells..).unwrap_or_default();
            let (result, more_read, more_written, more_cells) = self.core.read_record(input, output, ends);
            read += more_read;
            written += more_written;
            cells += more_cells;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => return Row::Whole { bytes: read, cells },
                ReadRecordResult::End => return Row::Blank,
            }
        }
    }

    fn cell(&self, number: usize) -> &str {
        cell_of(&self.cells, &self.ends, number)
    }

    /// The row that was split last as a header.
    fn header_of(&self, cells: usize) -> Header {
        let names: Vec<&str> = (0..cells).map(|cell| self.cell(cell)).collect();
        Header::new(&names)
    }

    /// A row was split off; returns how many bytes are used up.
    fn whole(&mut self, text: &[u8], bytes: usize, cells: usize, ended: bool, sink: &mut dyn Sink) -> usize {
        let raw = text.get(..bytes).unwrap_or_default();
        if cells == 1 && raw.iter().all(u8::is_ascii_whitespace) {
            return bytes;
        }
        let Some(header) = &self.header else { return bytes };
        let last = ended && bytes == text.len() && !raw.ends_with(b"\n");
        let open_quote = last && memchr::memchr_iter(b'"', raw).count() % 2 == 1;
        let wanted = header.columns.len();
        // A text that ends where a used cell should begin was cut there.
        let no_cell = last && cells == wanted && self.cell(cells.saturating_sub(1)).is_empty() && !raw.ends_with(b"\"");
        let cut = open_quote || (no_cell && header.columns.last().is_some_and(Option::is_some));
        let spare = || (wanted..cells).all(|cell| self.cell(cell).trim().is_empty());
        if cut || cells < wanted || !spare() {
            return self.lose_line(raw, last && cells <= wanted);
        }
        let mut row = Cells::new();
        for (number, column) in header.columns.iter().enumerate() {
            if let Some(column) = column {
                row.set(*column, Cow::Borrowed(cell_of(&self.cells, &self.ends, number)));
            }
        }
        // Tables that were laid one behind the other have their headers among the rows.
        if Column::of(row.get(Column::Source)) == Some(Column::Source)
            || Column::of(row.get(Column::Destination)) == Some(Column::Destination)
        {
            self.header = Some(self.header_of(cells));
            return bytes;
        }
        let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let place = self.base + blank as u64..self.base + bytes as u64;
        self.rows.read(&row, &header.zones, place, sink);
        bytes
    }

    /// What begins here is no whole row: its first line is lost, and reading goes on behind it.
    fn lose_line(&mut self, text: &[u8], cut_off: bool) -> usize {
        let blank = text.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let behind = text.get(blank..).unwrap_or_default();
        let line = memchr::memchr(b'\n', behind).map_or(text.len(), |end| blank + end + 1);
        let raw = text.get(..line).unwrap_or_default();
        let lost = raw.iter().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',')).count() as u64;
        if lost > 0 {
            self.lost_bytes += lost;
            self.lost_places += 1;
            if self.lost.len() < LOST_LISTED {
                self.lost.push(Lost { byte: self.base + blank as u64, lost, cut_off });
            }
        }
        line
    }
}

/// The text of a cell of the row that was split last.
fn cell_of<'c>(cells: &'c [u8], ends: &[usize], number: usize) -> &'c str {
    let end = |number: usize| ends.get(number).copied().unwrap_or(0);
    let start = number.checked_sub(1).map_or(0, end);
    cells.get(start..end(number)).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or("\u{FFFD}")
}
