//! Records in JSON: strings that are JSON again, or objects, at one depth and under one name, or in lists there.

use super::writer::{Writer, blank, outside};

/// Longer names are none that is known.
const LONGEST_NAME: usize = 64;

/// Reads the members of one place.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    /// Objects and lists around the place.
    depth: usize,
    /// The member's name; of the elements of lists none.
    name: Option<String>,
    /// Whether what is open is a list, for as many as are around the place.
    open: Vec<bool>,
    /// Objects and lists that are open deeper than that.
    deeper: usize,
    /// The last string, where it may be a name.
    key: Vec<u8>,
    state: State,
    /// An escape that is not whole yet.
    escape: Vec<u8>,
    writer: Writer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between the tokens of what is around.
    Around,
    /// In a string of it; whether behind a backslash.
    Text(bool),
    /// Behind the quote of a string that may be a record.
    Begin,
    /// In a record that is text.
    Wrapped,
    /// In a record that is an object, so many braces and brackets deep.
    Object(u32),
    /// In a string of it; whether behind a backslash.
    ObjectText(u32, bool),
}

impl Members {
    pub(super) fn at(depth: usize, name: Option<String>) -> Self {
        Self {
            depth,
            name,
            open: Vec::new(),
            deeper: 0,
            key: Vec::new(),
            state: State::Around,
            escape: Vec::new(),
            writer: Writer::default(),
        }
    }

    /// A text that begins in a string that stands alone.
    pub(super) fn inside() -> Self {
        Self { state: State::Wrapped, ..Self::at(0, None) }
    }

    pub(super) fn is_same_place(&self, other: &Self) -> bool {
        (self.depth, &self.name) == (other.depth, &other.name)
    }

    pub(super) fn place(&self) -> String {
        self.name.clone().unwrap_or_else(|| "strings".to_owned())
    }

    pub(super) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        for &byte in text {
            self.byte(byte, out);
        }
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        self.writer.end(out);
        blank(self.escape.len(), out);
        self.escape.clear();
    }

    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.state {
            State::Around => self.around(byte, out),
            State::Text(escaped) => {
                out.push(outside(byte));
                match byte {
                    b'"' if !escaped => self.state = State::Around,
                    _ => {
                        if self.key.len() <= LONGEST_NAME {
                            self.key.push(byte);
                        }
                        self.state = State::Text(byte == b'\\' && !escaped);
                    }
                }
            }
            State::Begin if matches!(byte, b'{' | b'[') => {
                self.state = State::Wrapped;
                self.writer.put(&[byte], 1, out);
            }
            State::Begin if byte == b' ' => out.push(byte),
            State::Begin => {
                self.state = State::Text(false);
                self.byte(byte, out);
            }
            State::Wrapped => self.wrapped(byte, out),
            State::Object(depth) => {
                out.push(byte);
                self.state = match byte {
                    b'"' => State::ObjectText(depth, false),
                    b'{' | b'[' => State::Object(depth.saturating_add(1)),
                    b'}' | b']' if depth <= 1 => State::Around,
                    b'}' | b']' => State::Object(depth - 1),
                    _ => self.state,
                };
            }
            State::ObjectText(depth, escaped) => {
                out.push(byte);
                self.state = match byte {
                    b'"' if !escaped => State::Object(depth),
                    _ => State::ObjectText(depth, byte == b'\\' && !escaped),
                };
            }
        }
    }

    /// Whether a value that begins now stands in the place.
    fn is_here(&self) -> bool {
        let name = self.name.as_deref().unwrap_or_default().as_bytes();
        let in_list = self.open.last() == Some(&true);
        let named = if self.name.is_some() { !in_list && self.key == name } else { in_list || self.depth == 0 };
        self.open.len() == self.depth && self.deeper == 0 && named
    }

    fn around(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b'"' if self.is_here() => self.state = State::Begin,
            b'"' => {
                self.key.clear();
                self.state = State::Text(false);
            }
            b'{' if self.name.is_some() && self.is_here() => {
                self.key.clear();
                self.state = State::Object(1);
                return out.push(byte);
            }
            b'{' | b'[' => {
                self.key.clear();
                if self.open.len() < self.depth { self.open.push(byte == b'[') } else { self.deeper += 1 }
            }
            b'}' | b']' if self.deeper > 0 => self.deeper -= 1,
            b'}' | b']' => drop(self.open.pop()),
            b',' => self.key.clear(),
            _ => {}
        }
        out.push(outside(byte));
    }

    fn wrapped(&mut self, byte: u8, out: &mut Vec<u8>) {
        if self.escape.is_empty() {
            match byte {
                b'\\' => self.escape.push(byte),
                b'"' => {
                    self.writer.end(out);
                    self.key.clear();
                    self.state = State::Around;
                    blank(1, out);
                }
                _ => self.writer.put(&[byte], 1, out),
            }
            return;
        }
        self.escape.push(byte);
        let simple = match self.escape.as_slice() {
            [_, b'n'] => b'\n',
            [_, b'u', ..] => return self.code(byte, out),
            [_, b't' | b'r' | b'b' | b'f'] => b' ',
            _ => byte,
        };
        self.escape.clear();
        // What is half of a character is one byte of two for it.
        if simple.is_ascii() { self.writer.put(&[simple], 2, out) } else { self.writer.put(&[b'\\', simple], 2, out) }
    }

    /// `\uXXXX`, or two of them for one character, of which this byte came last.
    fn code(&mut self, byte: u8, out: &mut Vec<u8>) {
        let length = self.escape.len();
        let fits = match length {
            7 => byte == b'\\',
            2 | 8 => byte == b'u',
            _ => byte.is_ascii_hexdigit(),
        };
        let first = self.unit(2);
        let is_half = (0xD800..0xDC00).contains(&first);
        if fits && (length < 6 || (is_half && length < 12)) {
            return;
        }
        let whole = match length {
            12 if fits && (0xDC00..0xE000).contains(&self.unit(8)) => 12,
            0..6 => 0,
            6 if !fits => 0,
            _ => 6,
        };
        let units = [first, self.unit(8)];
        let character = char::decode_utf16(units).next().and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER);
        let rest = self.escape.split_off(whole);
        self.escape.clear();
        if whole > 0 {
            self.writer.put(character.encode_utf8(&mut [0; 4]).as_bytes(), whole, out);
            return rest.into_iter().for_each(|byte| self.wrapped(byte, out));
        }
        // No escape of JSON: it stands as it is, and the byte may end the string.
        let Some((last, before)) = rest.split_last() else { return };
        before.iter().for_each(|byte| self.writer.put(&[*byte], 1, out));
        self.wrapped(*last, out);
    }

    /// The code unit whose digits stand here in the escape; 0 when they do not.
    fn unit(&self, at: usize) -> u16 {
        let digits = self.escape.get(at..at + 4).and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()).unwrap_or(0)
    }
}
