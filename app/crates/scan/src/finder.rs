//! Finds where an object ends, or where it stops being JSON, over chunks of any size: a validator of RFC 8259 grammar with its state in
//! a few words, so that a record cut by a chunk's edge is looked at once and not again with every chunk.
//! Raw control characters and any bytes beyond ASCII are let through inside strings (the contract tolerates them).

use memchr::memchr2;

/// Deeper nesting is taken for damage (contract, Inputs: deeper than 128 may be).
const DEEPEST: u32 = 128;

/// What came of feeding some bytes. Numbers count bytes of that feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// All bytes belong to the object, and it goes on.
    More,
    /// The object ends after so many bytes.
    Whole(usize),
    /// The object is an envelope: its `records` list opened; so many bytes up to and with the bracket.
    List(usize),
    /// Not JSON.
    Malformed,
    /// Nested too deep.
    TooDeep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Text { key: bool },
    Escape { key: bool },
    Hex { key: bool, left: u8 },
    Number(NumberPart),
    Literal { rest: &'static [u8] },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NumberPart {
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    Exponent,
    ExponentSign,
    ExponentDigits,
}

/// The validator. Begins before an object's `{`, or behind the list of an envelope.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    expect: Expect,
    depth: u32,
    /// One bit a level, the innermost lowest: set for an object, clear for a list.
    objects: u128,
    /// Raw text of the last key of the outermost object; longer keys are cut.
    key: [u8; 12],
    key_len: usize,
    /// A key of the outermost object says that this is a record, so a list `records` in it is none of ours.
    record: bool,
    /// The one that only a record of a VNet flow log has.
    flow_records: bool,
}

impl Finder {
    /// Before an object.
    pub(crate) fn object() -> Self {
        Self {
            expect: Expect::Value,
            depth: 0,
            objects: 0,
            key: [0; 12],
            key_len: 0,
            record: false,
            flow_records: false,
        }
    }

    /// Behind the closing bracket of an envelope's list.
    pub(crate) fn after_list() -> Self {
        Self { expect: Expect::CommaOrEnd, depth: 1, objects: 1, ..Self::object() }
    }

    /// Whether the outermost object so far has the tuples of a record.
    pub(crate) fn has_flow_records(&self) -> bool {
        self.flow_records
    }

    /// Keys are known in any case.
    fn key_is(&self, name: &[u8]) -> bool {
        self.key.get(..self.key_len).is_some_and(|key| key.eq_ignore_ascii_case(name))
    }

    fn enter(&mut self, object: bool) -> bool {
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(object);
        self.expect = if object { Expect::KeyOrEnd } else { Expect::ValueOrEnd };
        self.depth <= DEEPEST
    }

    /// Reads on.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Found {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.expect {
                Expect::Text { key } => match self.text(bytes.get(at..).unwrap_or_default(), key) {
                    Some(length) => {
                        at += length;
                        continue;
                    }
                    None => return Found::More,
                },
                Expect::Number(part) if next_number_part(part, byte).is_none() && ends_number(part) => {
                    self.expect = Expect::CommaOrEnd;
                    continue;
                }
                Expect::Escape { .. } | Expect::Hex { .. } | Expect::Number(_) | Expect::Literal { .. } => {
                    match self.inside(byte) {
                        Some(expect) => self.expect = expect,
                        None => return Found::Malformed,
                    }
                }
                _ if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') => {}
                _ => match self.between(byte) {
                    Found::More => {}
                    Found::Whole(_) => return Found::Whole(at + 1),
                    Found::List(_) => return Found::List(at + 1),
                    damaged => return damaged,
                },
            }
            at += 1;
        }
        Found::More
    }

    /// Goes on in a string: how many bytes belong to it up to its quote or an escape, `None` when it goes on to the end.
    fn text(&mut self, rest: &[u8], key: bool) -> Option<usize> {
        let stop = memchr2(b'"', b'\\', rest);
        if key && self.depth == 1 {
            self.remember(rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default());
        }
        let stop = stop?;
        self.expect = if rest.get(stop) == Some(&b'\\') {
            Expect::Escape { key }
        } else if key {
            self.flow_records |= self.depth == 1 && self.key_is(b"flowRecords");
            self.record |= self.flow_records || (self.depth == 1 && self.key_is(b"properties"));
            Expect::Colon
        } else {
            Expect::CommaOrEnd
        };
        Some(stop + 1)
    }

    /// The next byte of an escape, a number or a word: what comes after it; `None` when it does not belong there.
    fn inside(&mut self, byte: u8) -> Option<Expect> {
        match self.expect {
            Expect::Escape { key } => {
                if key {
                    self.remember(b"\\");
                }
                match byte {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(Expect::Text { key }),
                    b'u' => Some(Expect::Hex { key, left: 4 }),
                    _ => None,
                }
            }
            Expect::Hex { key, left } => byte.is_ascii_hexdigit().then_some(match left {
                1 => Expect::Text { key },
                _ => Expect::Hex { key, left: left - 1 },
            }),
            Expect::Number(part) => next_number_part(part, byte).map(Expect::Number),
            Expect::Literal { rest } => match rest.split_first() {
                Some((&wanted, [])) if wanted == byte => Some(Expect::CommaOrEnd),
                Some((&wanted, rest)) if wanted == byte => Some(Expect::Literal { rest }),
                _ => None,
            },
            _ => None,
        }
    }

    /// A byte between strings, numbers and words that is no blank. The lengths of what it finds are the caller's.
    fn between(&mut self, byte: u8) -> Found {
        match self.expect {
            Expect::Value | Expect::ValueOrEnd if byte != b']' || self.expect == Expect::Value => {
                if byte == b'[' && self.depth == 1 && !self.record && self.key_is(b"records") {
                    *self = Self::after_list();
                    return Found::List(0);
                }
                return self.begin_value(byte).unwrap_or(Found::More);
            }
            Expect::Key | Expect::KeyOrEnd if byte == b'"' => {
                self.key_len = 0;
                self.expect = Expect::Text { key: true };
            }
            Expect::Colon if byte == b':' => self.expect = Expect::Value,
            Expect::CommaOrEnd if byte == b',' => {
                self.expect = if self.objects & 1 == 1 { Expect::Key } else { Expect::Value };
            }
            Expect::KeyOrEnd | Expect::ValueOrEnd | Expect::CommaOrEnd if matches!(byte, b'}' | b']') => {
                if (byte == b'}') != (self.objects & 1 == 1) {
                    return Found::Malformed;
                }
                self.depth -= 1;
                self.objects >>= 1;
                self.expect = Expect::CommaOrEnd;
                if self.depth == 0 {
                    return Found::Whole(0);
                }
            }
            _ => return Found::Malformed,
        }
        Found::More
    }

    fn begin_value(&mut self, byte: u8) -> Option<Found> {
        if self.depth == 0 && byte != b'{' {
            return Some(Found::Malformed);
        }
        self.expect = match byte {
            b'{' | b'[' => return (!self.enter(byte == b'{')).then_some(Found::TooDeep),
            b'"' => Expect::Text { key: false },
            b'-' => Expect::Number(NumberPart::Minus),
            b'0' => Expect::Number(NumberPart::Zero),
            b'1'..=b'9' => Expect::Number(NumberPart::Integer),
            b't' => Expect::Literal { rest: b"rue" },
            b'f' => Expect::Literal { rest: b"alse" },
            b'n' => Expect::Literal { rest: b"ull" },
            _ => return Some(Found::Malformed),
        };
        None
    }

    fn remember(&mut self, text: &[u8]) {
        for &byte in text {
            let Some(slot) = self.key.get_mut(self.key_len) else { return };
            *slot = byte;
            self.key_len += 1;
        }
    }
}

fn next_number_part(part: NumberPart, byte: u8) -> Option<NumberPart> {
    use NumberPart::{Exponent, ExponentDigits, ExponentSign, Fraction, Integer, Minus, Point, Zero};
    match (part, byte) {
        (Minus, b'0') => Some(Zero),
        (Minus, b'1'..=b'9') | (Integer, b'0'..=b'9') => Some(Integer),
        (Zero | Integer, b'.') => Some(Point),
        (Point | Fraction, b'0'..=b'9') => Some(Fraction),
        (Zero | Integer | Fraction, b'e' | b'E') => Some(Exponent),
        (Exponent, b'+' | b'-') => Some(ExponentSign),
        (Exponent | ExponentSign | ExponentDigits, b'0'..=b'9') => Some(ExponentDigits),
        _ => None,
    }
}

fn ends_number(part: NumberPart) -> bool {
    matches!(part, NumberPart::Zero | NumberPart::Integer | NumberPart::Fraction | NumberPart::ExponentDigits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Found {
        let whole = Finder::object().feed(text.as_bytes());
        // Byte by byte must say the same.
        let mut finder = Finder::object();
        for (at, byte) in text.bytes().enumerate() {
            let step = finder.feed(&[byte]);
            if step != Found::More {
                let total = match step {
                    Found::Whole(_) => Found::Whole(at + 1),
                    Found::List(_) => Found::List(at + 1),
                    other => other,
                };
                assert_eq!(total, whole, "{text}");
                return whole;
            }
        }
        assert_eq!(whole, Found::More, "{text}");
        whole
    }

    #[test]
    fn finds_the_end_of_whole_objects_only() {
        for text in [
            "{}",
            "{ \"a\" : [ ] }",
            r#"{"a":{"b":[1,-0,2.5e+3,true,false,null,"x\"}\u00e9"]}}"#,
            "{\"a\":\"raw \u{1} control } and \u{e9}\"}",
        ] {
            assert_eq!(find(text), Found::Whole(text.len()), "{text}");
            assert!(serde_json::from_str::<serde_json::Value>(&text.replace('\u{1}', "")).is_ok());
        }
        for text in ["{", "{\"a\"", "{\"a\":1", "{\"a\":\"}", "{\"a\":[{}"] {
            assert_eq!(find(text), Found::More, "{text}");
        }
        for text in [
            "{a",
            "{\"a\" 1",
            "{\"a\":1 2",
            "{\"a\":01",
            "{\"a\":[1}",
            "{,",
            "{\"a\":tru}",
            "{\"a\":1.}",
            "{\"a\":[1,]",
            "{\"a\":1,}",
            "[",
            "{\"a\":\"\\x",
        ] {
            assert_eq!(find(text), Found::Malformed, "{text}");
        }
    }

    #[test]
    fn tells_an_envelope_by_its_list() {
        let envelope = r#"{ "x":{"records":[1]}, "records" : ["#;
        assert_eq!(find(&format!("{envelope}{{")), Found::List(envelope.len()));
        assert_eq!(find(r#"{"flowRecords":{},"records":[]}"#), Found::Whole(31));
        assert_eq!(find(r#"{"records":{}}"#), Found::Whole(14));
        let mut tail = Finder::after_list();
        assert_eq!(tail.feed(b", \"count\": 2, \"records\":["), Found::List(25));
        assert_eq!(tail.feed(b"}"), Found::Whole(1));
    }

    #[test]
    fn nesting_is_read_to_128_levels() {
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert_eq!(find(&nested(128)), Found::Whole(nested(128).len()));
        assert_eq!(find(&nested(129)), Found::TooDeep);
    }
}
