//! Bytes to UTF-8 text, pushed in pieces: byte order marks, UTF-16, and invalid sequences replaced by U+FFFD as the
//! Unicode standard recommends (one for each maximal part), so that everything behind this module is valid UTF-8.

const REPLACEMENT: &str = "\u{FFFD}";
/// Bytes looked at before the encoding is decided.
const LOOK: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { little: bool },
}

/// Where text was not valid in its encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// How many replacement characters were put in.
    pub(crate) count: u64,
    /// Position of the first in the decoded text.
    pub(crate) first: u64,
}

/// One text as its bytes arrive.
#[derive(Debug, Default)]
pub(crate) struct Transcoder {
    encoding: Option<Encoding>,
    /// First bytes while undecided; later the bytes of an unfinished character.
    carry: Vec<u8>,
    high_surrogate: Option<u16>,
    written: u64,
    replaced: Replaced,
}

impl Transcoder {
    pub(crate) fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        match self.encoding {
            None => {
                self.carry.extend_from_slice(bytes);
                if self.carry.len() >= LOOK {
                    self.decide(out);
                }
            }
            Some(encoding) => {
                if self.carry.is_empty() {
                    self.decode(encoding, bytes, out);
                } else {
                    let mut joined = std::mem::take(&mut self.carry);
                    joined.extend_from_slice(bytes);
                    self.decode(encoding, &joined, out);
                }
            }
        }
    }

    pub(crate) fn finish(&mut self, out: &mut dyn FnMut(&[u8])) {
        if self.encoding.is_none() {
            self.decide(out);
        }
        let unfinished = !std::mem::take(&mut self.carry).is_empty();
        if self.high_surrogate.take().is_some() {
            self.replace(out);
        }
        if unfinished {
            self.replace(out);
        }
    }

    /// `UTF-16LE`, `UTF-16BE`, or nothing for UTF-8.
    pub(crate) fn label(&self) -> Option<&'static str> {
        match self.encoding {
            Some(Encoding::Utf16 { little: true }) => Some("UTF-16LE"),
            Some(Encoding::Utf16 { little: false }) => Some("UTF-16BE"),
            _ => None,
        }
    }

    pub(crate) fn replaced(&self) -> Replaced {
        self.replaced
    }

    fn decide(&mut self, out: &mut dyn FnMut(&[u8])) {
        let head = std::mem::take(&mut self.carry);
        let (encoding, mark) = match head.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
            [0xFF, 0xFE, ..] => (Encoding::Utf16 { little: true }, 2),
            [0xFE, 0xFF, ..] => (Encoding::Utf16 { little: false }, 2),
            // ASCII in UTF-16 without a mark: every other byte is zero.
            [a, 0, b, 0, c, 0, d, 0, ..] if [a, b, c, d].into_iter().all(|&byte| plain(byte)) => {
                (Encoding::Utf16 { little: true }, 0)
            }
            [0, a, 0, b, 0, c, 0, d, ..] if [a, b, c, d].into_iter().all(|&byte| plain(byte)) => {
                (Encoding::Utf16 { little: false }, 0)
            }
            _ => (Encoding::Utf8, 0),
        };
        self.encoding = Some(encoding);
        self.decode(encoding, head.get(mark..).unwrap_or_default(), out);
    }

    fn decode(&mut self, encoding: Encoding, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        match encoding {
            Encoding::Utf8 => self.decode_utf8(bytes, out),
            Encoding::Utf16 { little } => self.decode_utf16(bytes, little, out),
        }
    }

    fn decode_utf8(&mut self, mut bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        if underlay_scan::is_ascii(bytes) {
            return self.write(bytes, out);
        }
        loop {
            match std::str::from_utf8(bytes) {
                Ok(_) => return self.write(bytes, out),
                Err(error) => {
                    let (valid, rest) = bytes.split_at(error.valid_up_to());
                    self.write(valid, out);
                    match error.error_len() {
                        None => {
                            self.carry = rest.to_vec();
                            return;
                        }
                        Some(length) => {
                            self.replace(out);
                            bytes = rest.get(length..).unwrap_or_default();
                        }
                    }
                }
            }
        }
    }

    fn decode_utf16(&mut self, bytes: &[u8], little: bool, out: &mut dyn FnMut(&[u8])) {
        let mut text = String::with_capacity(bytes.len().min(64 * 1024));
        let (pairs, rest) = bytes.as_chunks::<2>();
        for pair in pairs {
            let unit = if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
            let high = self.high_surrogate.take();
            if let Some(high) = high {
                if (0xDC00..0xE000).contains(&unit) {
                    let code = 0x10000 + ((u32::from(high) - 0xD800) << 10) + (u32::from(unit) - 0xDC00);
                    text.extend(char::from_u32(code));
                    continue;
                }
                self.note_replaced(text.len());
                text.push_str(REPLACEMENT);
            }
            match unit {
                0xD800..0xDC00 => self.high_surrogate = Some(unit),
                0xDC00..0xE000 => {
                    self.note_replaced(text.len());
                    text.push_str(REPLACEMENT);
                }
                _ => text.extend(char::from_u32(u32::from(unit))),
            }
        }
        self.write(text.as_bytes(), out);
        self.carry = rest.to_vec();
    }

    fn note_replaced(&mut self, ahead: usize) {
        if self.replaced.count == 0 {
            self.replaced.first = self.written + ahead as u64;
        }
        self.replaced.count += 1;
    }

    fn replace(&mut self, out: &mut dyn FnMut(&[u8])) {
        self.note_replaced(0);
        self.write(REPLACEMENT.as_bytes(), out);
    }

    fn write(&mut self, bytes: &[u8], out: &mut dyn FnMut(&[u8])) {
        if !bytes.is_empty() {
            self.written += bytes.len() as u64;
            out(bytes);
        }
    }
}

fn plain(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(bytes: &[u8], piece: usize) -> (String, Replaced) {
        let mut transcoder = Transcoder::default();
        let mut text = Vec::new();
        for part in bytes.chunks(piece.max(1)) {
            transcoder.push(part, &mut |out| text.extend_from_slice(out));
        }
        transcoder.finish(&mut |out| text.extend_from_slice(out));
        (String::from_utf8(text).unwrap(), transcoder.replaced())
    }

    #[test]
    fn marks_and_utf16_become_plain_text() {
        let text = "{\"name\": \"Zürich 🏔\"}\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, body) in [
            (&b""[..], text.as_bytes().to_vec()),
            (&b"\xEF\xBB\xBF"[..], text.as_bytes().to_vec()),
            (&b"\xFF\xFE"[..], little.clone()),
            (&b"\xFE\xFF"[..], big.clone()),
            (&b""[..], little),
            (&b""[..], big),
        ] {
            let bytes = [mark, &body].concat();
            assert_eq!(run(&bytes, 7), (text.to_owned(), Replaced::default()));
        }
    }

    #[test]
    fn lone_surrogates_and_half_characters_are_replaced_and_counted() {
        assert_eq!(run(b"\xFF\xFE\x00\xD8a\x00b", 3), ("\u{FFFD}a\u{FFFD}".into(), Replaced { count: 2, first: 0 }));
        assert_eq!(run(b"0123456789\xE2\x82", 4), ("0123456789\u{FFFD}".into(), Replaced { count: 1, first: 10 }));
    }

    proptest! {
        #[test]
        fn any_chunking_agrees_with_the_standard_library(bytes in prop::collection::vec(any::<u8>(), 0..64), piece in 1..9usize) {
            prop_assume!(!bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF") && !bytes.starts_with(b"\xEF\xBB\xBF"));
            prop_assume!(bytes.iter().take(8).filter(|&&b| b == 0).count() < 4);
            prop_assert_eq!(run(&bytes, piece).0, String::from_utf8_lossy(&bytes));
        }
    }
}
