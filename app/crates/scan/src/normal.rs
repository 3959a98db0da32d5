//! Makes a record's text acceptable to serde_json without changing what it says: invalid UTF-8 and lone surrogates become U+FFFD, raw control
//! characters inside strings are escaped. Remembers how positions moved.

use memchr::{memchr, memchr2};
use std::borrow::Cow;

/// Text that serde_json reads, and the way back to positions in the bytes it was made of.
#[derive(Debug)]
pub(crate) struct Normal<'a> {
    text: Cow<'a, str>,
    /// (position in the text, position in the bytes) from where on the distance is the same, in order.
    shifts: Vec<(usize, usize)>,
}

impl<'a> Normal<'a> {
    /// `bytes` are JSON by [`crate::finder::Finder`].
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) if !needs_change(bytes) => Self { text: Cow::Borrowed(text), shifts: Vec::new() },
            _ => rewrite(bytes),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The position in the original bytes of a position in the text.
    pub(crate) fn original(&self, at: usize) -> usize {
        let after = self.shifts.partition_point(|&(new, _)| new <= at);
        match after.checked_sub(1).and_then(|index| self.shifts.get(index)) {
            Some(&(new, old)) => old + (at - new),
            None => at,
        }
    }
}

fn needs_change(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(quote) = memchr(b'"', rest) {
        rest = rest.get(quote + 1..).unwrap_or_default();
        // Inside a string, up to its end.
        while let Some(stop) = memchr2(b'"', b'\\', rest) {
            let inside = rest.get(..stop).unwrap_or_default();
            if inside.iter().fold(false, |control, &byte| control | (byte < 0x20)) {
                return true;
            }
            if rest.get(stop) == Some(&b'"') {
                rest = rest.get(stop + 1..).unwrap_or_default();
                break;
            }
            if surrogate(rest, stop).is_some() {
                return true;
            }
            rest = rest.get(stop + 2..).unwrap_or_default();
        }
    }
    false
}

/// The code unit of a `\uXXXX` at `at` when it is a surrogate.
fn surrogate(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xD800..=0xDFFF).contains(unit))
}

fn rewrite(bytes: &[u8]) -> Normal<'static> {
    let mut text = String::with_capacity(bytes.len() + 16);
    let mut shifts = Vec::new();
    let mut in_string = false;
    let mut old = 0;
    for chunk in bytes.utf8_chunks() {
        let mut rest = chunk.valid();
        while let Some(c) = rest.chars().next() {
            let len = c.len_utf8();
            let mut taken = len;
            match c {
                '\\' => match surrogate(rest.as_bytes(), 0) {
                    Some(0xD800..=0xDBFF) if matches!(surrogate(rest.as_bytes(), 6), Some(0xDC00..=0xDFFF)) => {
                        taken = 12
                    }
                    Some(_) => {
                        text.push_str("\\ufffd");
                        old += 6;
                        rest = rest.get(6..).unwrap_or_default();
                        continue;
                    }
                    None => taken = 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
                },
                '"' => in_string = !in_string,
                '\0'..' ' if in_string => {
                    text.push_str(&format!("\\u{:04x}", u32::from(c)));
                    old += len;
                    rest = rest.get(len..).unwrap_or_default();
                    shifts.push((text.len(), old));
                    continue;
                }
                _ => {}
            }
            text.push_str(rest.get(..taken).unwrap_or_default());
            old += taken;
            rest = rest.get(taken..).unwrap_or_default();
        }
        if !chunk.invalid().is_empty() {
            text.push('\u{FFFD}');
            old += chunk.invalid().len();
            shifts.push((text.len(), old));
        }
    }
    Normal { text: Cow::Owned(text), shifts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_text_becomes_json_and_positions_lead_back() {
        let bytes = b"{\"a\\\"\":\"x\x01y\xFFz\\ud800\\ud83d\\ude00\\u00e9\",\n\"b\":1}";
        let normal = Normal::new(bytes);
        let value: serde_json::Value = serde_json::from_str(normal.text()).unwrap();
        assert_eq!(value["a\""], "x\u{1}y\u{FFFD}z\u{FFFD}\u{1F600}\u{e9}");
        assert_eq!(value["b"], 1);
        for needle in ["\"x", "y", "z", ",\n", "\"b\""] {
            let at = normal.text().find(needle).unwrap();
            assert!(bytes[normal.original(at)..].starts_with(needle.as_bytes()), "{needle:?}");
        }
        assert!(matches!(Normal::new(b"{\n\"a\":\"b\"}").text, Cow::Borrowed(_)));
    }
}
