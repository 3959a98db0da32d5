//! Records in a column of comma-separated values: quotes in a cell are doubled.

use super::writer::{Writer, blank, outside};
use crate::texts::separator;

/// Reads one column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    separator: u8,
    /// The column that holds records, and its name.
    wanted: usize,
    name: String,
    /// In the line that names the columns.
    in_header: bool,
    /// The column that is read.
    column: usize,
    state: State,
    writer: Writer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Where a cell begins.
    Begin,
    /// In a cell without quotes.
    Plain,
    /// In a cell with quotes.
    Quoted,
    /// Behind a quote in such a cell, which ends it unless another follows.
    Quote,
}

impl Cells {
    /// The columns whose first cell begins as JSON does.
    pub(super) fn forms(window: &str) -> Vec<Self> {
        let Some((header, rows)) = window.trim_start_matches(['\u{FEFF}', '\r', '\n']).split_once('\n') else {
            return Vec::new();
        };
        let separator = separator(header.as_bytes());
        let names: Vec<&str> = header.split(char::from(separator)).map(|name| name.trim().trim_matches('"')).collect();
        let plain = |name: &&str| {
            !name.is_empty() && name.len() < 80 && !name.contains(['"', '{', '}', '<']) && !name.starts_with('[')
        };
        if !names.iter().all(plain) {
            return Vec::new();
        }
        let (mut forms, mut column, mut quoted, mut begins) = (Vec::new(), 0, false, true);
        let bytes = rows.as_bytes();
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' => {
                    let cell = bytes.get(at + 1..).unwrap_or_default();
                    if begins
                        && !quoted
                        && (cell.starts_with(b"{") || cell.starts_with(b"["))
                        && let Some(name) = names.get(column)
                    {
                        forms.push(Self::of(separator, column, name));
                    }
                    quoted = !quoted;
                    begins = false;
                }
                b'\n' if !quoted => break,
                _ if *byte == separator && !quoted => {
                    column += 1;
                    begins = true;
                }
                _ => begins = false,
            }
        }
        forms
    }

    fn of(separator: u8, wanted: usize, name: &str) -> Self {
        let (name, state) = (name.to_owned(), State::Begin);
        Self { separator, wanted, name, in_header: true, column: 0, state, writer: Writer::default() }
    }

    /// A text that begins in a cell, behind its quote.
    pub(super) fn inside() -> Self {
        Self { in_header: false, state: State::Quoted, ..Self::of(0, 0, "") }
    }

    pub(super) fn place(&self) -> String {
        ["the column ", &self.name].concat()
    }

    pub(super) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            self.byte(byte, out);
        }
    }

    /// The last quote of a text has nothing behind it.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.writer.end(out);
        if self.state == State::Quote {
            blank(1, out);
        }
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        let wanted = self.column == self.wanted && !self.in_header;
        match (self.state, byte) {
            (State::Begin, b'"') => {
                self.state = State::Quoted;
                blank(1, out);
            }
            (State::Quoted, b'"') => self.state = State::Quote,
            (State::Quoted, _) if wanted => self.writer.put(&[byte], 1, out),
            (State::Quoted, _) => out.push(b' '),
            (State::Quote, b'"') => {
                self.state = State::Quoted;
                if wanted { self.writer.put(b"\"", 2, out) } else { blank(2, out) }
            }
            (State::Quote, _) => {
                self.writer.end(out);
                blank(1, out);
                self.state = State::Plain;
                self.byte(byte, out);
            }
            (_, b'\n') => {
                (self.state, self.column, self.in_header) = (State::Begin, 0, false);
                out.push(byte);
            }
            _ if byte == self.separator => {
                self.state = State::Begin;
                self.column += 1;
                out.push(b' ');
            }
            // A mark of the byte order may stand before the first quote.
            (State::Begin, 0xEF | 0xBB | 0xBF) if self.in_header => out.push(b' '),
            _ => {
                self.state = State::Plain;
                out.push(outside(byte));
            }
        }
    }
}
