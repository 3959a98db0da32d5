//! Recognises text that begins in the middle of JSON, as a slice of a file does: everything in it is a JSON token, or the
//! rest of one. Scripts, queries and prose are not.

/// Tokens of JSON, without regard to grammar.
pub(crate) struct Tokens<'t> {
    bytes: &'t [u8],
    at: usize,
    depth: i64,
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    /// Content of a whole string, raw, and whether a colon follows.
    Text(&'t [u8], bool),
    /// `{`, `}`, `[`, `]`, `:`, `,`.
    Mark(u8),
    /// A number or word.
    Scalar,
    /// The text ends inside a token.
    Cut,
    /// Something that JSON does not have.
    Alien,
}

impl<'t> Tokens<'t> {
    pub(crate) fn new(text: &'t str, at: usize) -> Self {
        Self { bytes: text.as_bytes(), at, depth: 0 }
    }

    /// Openers less closers so far.
    pub(crate) fn depth(&self) -> i64 {
        self.depth
    }

    /// The line in which the last token ends.
    pub(crate) fn line(&self) -> &'t str {
        let before = self.bytes.get(..self.at.saturating_sub(1)).unwrap_or_default();
        let begin = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
        let rest = self.bytes.get(begin..).unwrap_or_default();
        let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
        std::str::from_utf8(line).unwrap_or_default()
    }

    /// Where the next token is looked for.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x1e)) {
            self.at += 1;
        }
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        self.blanks();
        let start = self.at;
        let byte = *self.bytes.get(start)?;
        self.at += 1;
        Some(match byte {
            b'{' | b'[' => {
                self.depth += 1;
                Token::Mark(byte)
            }
            b'}' | b']' => {
                self.depth -= 1;
                Token::Mark(byte)
            }
            b':' | b',' => Token::Mark(byte),
            b'"' => match string_end(self.bytes, self.at) {
                None => {
                    self.at = self.bytes.len();
                    Token::Cut
                }
                Some(end) => {
                    let content = self.bytes.get(self.at..end).unwrap_or_default();
                    self.at = end + 1;
                    self.blanks();
                    Token::Text(content, self.bytes.get(self.at) == Some(&b':'))
                }
            },
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                while matches!(self.bytes.get(self.at), Some(b'+' | b'-' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E')) {
                    self.at += 1;
                }
                let word = self.bytes.get(start..self.at).unwrap_or_default();
                let number = word.iter().all(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9' | b'e' | b'E'));
                match word {
                    b"true" | b"false" | b"null" => Token::Scalar,
                    _ if number => Token::Scalar,
                    _ if self.at == self.bytes.len() => Token::Cut,
                    _ => Token::Alien,
                }
            }
            _ => Token::Alien,
        })
    }
}

/// The closing quote of a string whose content begins at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        at += length;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// How much of a text is looked at.
const LOOK: usize = 4096;

/// Places from which a text may be read as tokens when it begins in the middle: after the rest of a string, and after the rest
/// of a number or word.
pub(crate) fn entries(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let in_string = string_end(bytes, 0)
        .filter(|&end| !bytes.get(..end).unwrap_or_default().iter().any(|byte| matches!(byte, b'\n' | b'\r')))
        .map(|end| end + 1);
    let word =
        bytes.iter().take_while(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'E')).count();
    let in_word = (word < 24).then_some(word);
    in_word.into_iter().chain(in_string)
}

/// Whether a text begins inside a JSON document: its beginning is no document, yet all tokens.
pub(crate) fn begins_inside(text: &str) -> bool {
    let trimmed = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n', '\0', ',']);
    // Three dashes part documents.
    if trimmed.is_empty() || trimmed.starts_with(['{', '[']) || trimmed.starts_with("---") {
        return false;
    }
    entries(text).any(|entry| {
        let mut tokens = Tokens::new(text, entry);
        let (mut strings, mut marks) = (0, 0);
        while tokens.at() < LOOK {
            match tokens.next() {
                None | Some(Token::Cut) => break,
                Some(Token::Alien) => return false,
                Some(Token::Text(..)) => strings += 1,
                Some(Token::Mark(_)) => marks += 1,
                Some(Token::Scalar) => {}
            }
        }
        marks >= 2 && strings + marks >= 4
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_of_json_are_told_from_prose_and_scripts() {
        for text in [
            r#"0,6,702,5,1893","1795165231007,10.13.100.7"]}]}]}},{"time":"x"}]}"#,
            r#"ue,"a":1},{"b":2}"#,
            "\n  \"kind\": \"Pod\",\n \"x\": {}\n}",
            r#"}]},{"time":"#,
        ] {
            assert!(begins_inside(text), "{text}");
        }
        for text in [
            r#"{"records":[]}"#,
            ",{\"time\":1}",
            "",
            "#!/bin/sh\ncat <<E\n{\"records\":[{\"flowTuples\":[\"1,2\"]}]}\nE\n",
            "NTANetAnalytics | where SubType == \"FlowLog\" | extend x = \"1795165231007,10.13.100.7\"",
            "NAME   READY\npod-a  1/1",
            "10.244.0.0/16",
        ] {
            assert!(!begins_inside(text), "{text}");
        }
    }
}
