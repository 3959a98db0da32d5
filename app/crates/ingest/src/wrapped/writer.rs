//! Writes the text of a record that was escaped, no shorter than it was: a byte that an escape took more becomes a blank beside the next
//! quote, where JSON does not mind it.

/// What is known of the record's text so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Writer {
    /// In a string of the record.
    in_string: bool,
    /// Behind a backslash there.
    escaped: bool,
    /// Bytes that the text is shorter than what it was made of.
    owed: usize,
}

impl Writer {
    /// The next character of the record, that so many bytes stood for (at least its own).
    pub(super) fn put(&mut self, character: &[u8], cost: usize, out: &mut Vec<u8>) {
        self.owed += cost.saturating_sub(character.len());
        let quote = character == b"\"" && !self.escaped;
        if quote && !self.in_string {
            self.pay(out);
        }
        out.extend_from_slice(character);
        self.escaped = self.in_string && !self.escaped && character == b"\\";
        self.in_string ^= quote;
        if !self.in_string {
            self.pay(out);
        }
    }

    /// The record ends.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        self.pay(out);
        *self = Self::default();
    }

    fn pay(&mut self, out: &mut Vec<u8>) {
        blank(self.owed, out);
        self.owed = 0;
    }
}

/// So many blanks.
pub(super) fn blank(bytes: usize, out: &mut Vec<u8>) {
    out.resize(out.len() + bytes, b' ');
}

/// What stands for a byte outside records: lines stay lines.
pub(super) fn outside(byte: u8) -> u8 {
    if byte == b'\n' { b'\n' } else { b' ' }
}
