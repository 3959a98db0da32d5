//! Reads values off a text, one at a time: where one is damaged, those before it are whole.

use crate::pass::is_unread;
use crate::{Json, spans};
use std::borrow::Cow;

/// Levels of nesting that are read; the contract asks for 64 and lets more than 128 be damage.
pub(crate) const DEPTH_LIMIT: usize = 128;
/// Values that are read as one. Each takes up to a hundred bytes of memory, so that a file of nothing but small values would fill it; the
/// largest that is worth reading, a month of metrics by the minute in 16 series, has 4,900,000.
const MOST_VALUES: usize = 6_000_000;

/// Where and how a value breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The text ends inside it.
    End,
    /// It is not JSON from here on.
    Malformed,
    /// It is nested too deep.
    TooDeep,
    /// It holds too many values.
    TooMany,
}

/// Reads values off a text.
#[derive(Clone, Debug)]
pub struct Cursor<'t> {
    text: &'t str,
    at: usize,
    /// So many more belong to what is read now.
    values: usize,
}

impl<'t> Cursor<'t> {
    /// Begins at this place of the text, which is a byte and not inside a character.
    pub fn new(text: &'t str, at: usize) -> Self {
        Self { text, at, values: MOST_VALUES }
    }

    /// The place of the next byte.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next byte; none at the end.
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes so many bytes on.
    pub fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Passes over blanks and commas, as many as there are: between elements of a list that may be damaged.
    pub fn separators(&mut self) {
        self.blanks();
        while self.take(b',') {
            self.blanks();
        }
    }

    /// Goes past white space; a byte order mark between documents counts as white space.
    #[inline]
    pub fn blanks(&mut self) {
        // Most of what is read is not indented, or stands behind its key.
        if self.peek().is_some_and(|byte| byte <= b' ' || byte == 0xEF) {
            self.at = spans::behind_blanks(self.text.as_bytes(), self.at);
        }
    }

    /// Goes past one byte if it is the next one.
    pub fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect(&mut self, byte: u8) -> Result<(), Broken> {
        if self.take(byte) { Ok(()) } else { Err(self.wrong()) }
    }

    /// What it means that the next byte is not what it should be.
    pub fn wrong(&self) -> Broken {
        if self.at >= self.text.len() { Broken::End } else { Broken::Malformed }
    }

    /// Reads a value; blanks before it are skipped.
    pub fn value(&mut self) -> Result<Json<'t>, Broken> {
        self.values = MOST_VALUES;
        self.value_at(0)
    }

    /// Reads the members of an object whose `{` is next, one by one into `members`, which keeps them when it breaks off.
    pub fn members(&mut self, members: &mut Vec<(Cow<'t, str>, Json<'t>)>) -> Result<(), Broken> {
        self.values = MOST_VALUES;
        self.members_at(members, 0)
    }

    pub(crate) fn value_at(&mut self, depth: usize) -> Result<Json<'t>, Broken> {
        if depth >= DEPTH_LIMIT {
            return Err(Broken::TooDeep);
        }
        self.values = self.values.checked_sub(1).ok_or(Broken::TooMany)?;
        self.blanks();
        match self.peek() {
            Some(b'{') => {
                let mut members = Vec::new();
                self.members_at(&mut members, depth)?;
                Ok(Json::Object(members))
            }
            Some(b'[') => self.list(depth).map(Json::List),
            Some(b'"') => self.string().map(Json::Text),
            _ => self.scalar(),
        }
    }

    /// A number, a truth value or null.
    pub(crate) fn scalar(&mut self) -> Result<Json<'t>, Broken> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            _ => Err(self.wrong()),
        }
    }

    fn members_at(&mut self, members: &mut Vec<(Cow<'t, str>, Json<'t>)>, depth: usize) -> Result<(), Broken> {
        self.expect(b'{')?;
        self.blanks();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let key = self.key()?;
            self.blanks();
            let value = if is_unread(&key, self.peek()) {
                self.pass(depth + 1)?;
                Json::Null
            } else {
                self.value_at(depth + 1)?
            };
            members.push((key, value));
            if !self.more(b'}')? {
                return Ok(());
            }
        }
    }

    /// Reads `"key":`.
    pub fn key(&mut self) -> Result<Cow<'t, str>, Broken> {
        self.blanks();
        let key = self.string()?;
        self.blanks();
        self.expect(b':')?;
        Ok(key)
    }

    /// After a member or element: true when a comma says that there is another, false at the closer.
    pub fn more(&mut self, closer: u8) -> Result<bool, Broken> {
        self.blanks();
        if self.take(b',') {
            return Ok(true);
        }
        self.expect(closer)?;
        Ok(false)
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Json<'t>>, Broken> {
        let mut elements = Vec::new();
        self.expect(b'[')?;
        self.blanks();
        if self.take(b']') {
            return Ok(elements);
        }
        loop {
            elements.push(self.value_at(depth + 1)?);
            if !self.more(b']')? {
                return Ok(elements);
            }
        }
    }

    fn word(&mut self, word: &str, value: Json<'t>) -> Result<Json<'t>, Broken> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(value);
        }
        let cut = word.starts_with(rest);
        Err(if cut { Broken::End } else { Broken::Malformed })
    }

    fn number(&mut self) -> Result<Json<'t>, Broken> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        // A number that the text ends with may go on: it is not whole.
        if self.peek().is_none() && start > 0 {
            return Err(Broken::End);
        }
        let text = self.text.get(start..self.at).ok_or(Broken::Malformed)?;
        let whole = text.bytes().all(|byte| byte.is_ascii_digit());
        if whole || text.parse::<f64>().is_ok() { Ok(Json::Number(text)) } else { Err(Broken::Malformed) }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Broken> {
        self.expect(b'"')?;
        let start = self.at;
        let bytes = self.text.as_bytes();
        let Some(stop) = spans::quote_or_escape(bytes, start) else {
            self.at = bytes.len();
            return Err(Broken::End);
        };
        if bytes.get(stop) == Some(&b'"') {
            self.at = stop + 1;
            return self.text.get(start..stop).map(Cow::Borrowed).ok_or(Broken::Malformed);
        }
        self.escaped_string(start).map(Cow::Owned)
    }

    fn escaped_string(&mut self, start: usize) -> Result<String, Broken> {
        let mut out = String::new();
        self.at = start;
        loop {
            let Some(stop) = spans::quote_or_escape(self.text.as_bytes(), self.at) else {
                self.at = self.text.len();
                return Err(Broken::End);
            };
            out.push_str(self.text.get(self.at..stop).ok_or(Broken::Malformed)?);
            self.at = stop;
            if self.take(b'"') {
                return Ok(out);
            }
            self.at += 1;
            let escape = self.peek().ok_or(Broken::End)?;
            self.at += 1;
            match escape {
                b'n' => out.push('\n'),
                b't' => out.push('\t'),
                b'r' => out.push('\r'),
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'"' | b'\\' | b'/' => out.push(char::from(escape)),
                b'u' => {
                    let unit = self.hex()?;
                    out.push(self.character(unit)?);
                }
                _ => {
                    self.at -= 1;
                    return Err(Broken::Malformed);
                }
            }
        }
    }

    pub(crate) fn hex(&mut self) -> Result<u32, Broken> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).ok_or(Broken::End)?;
        let mut value = 0;
        for &digit in digits {
            value = value * 16 + char::from(digit).to_digit(16).ok_or(Broken::Malformed)?;
        }
        self.at += 4;
        Ok(value)
    }

    /// The character of an escaped UTF-16 unit, with its second half if it has one; U+FFFD for a half alone.
    fn character(&mut self, unit: u32) -> Result<char, Broken> {
        if (0xD800..0xDC00).contains(&unit) && self.text.as_bytes().get(self.at..self.at + 2) == Some(b"\\u") {
            let before = self.at;
            self.at += 2;
            let low = self.hex()?;
            if (0xDC00..0xE000).contains(&low) {
                let code = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}
