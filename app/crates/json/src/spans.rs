//! How far blanks and plain text go, looked at eight bytes at a time: what `kubectl` prints is indentation and short strings.

const EACH_BYTE: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x80 * EACH_BYTE;
/// Words of eight bytes that are looked at before a search begins that is made for long texts.
const SHORT_WORDS: usize = 4;

/// Eight bytes from this place on, the first one lowest.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

/// Marks the bytes of a word that are this one; the lowest mark is right, others may be too many.
fn marks(word: u64, byte: u8) -> u64 {
    let others = word ^ (u64::from(byte) * EACH_BYTE);
    others.wrapping_sub(EACH_BYTE) & !others & HIGH_BITS
}

/// The place behind the blanks that stand here; a byte order mark between documents and a record separator count as blanks.
pub(crate) fn behind_blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n' | 0x1e) => at += 1,
            Some(0xEF) if bytes.get(at..at + 3) == Some(b"\xEF\xBB\xBF") => at += 3,
            _ => return at,
        }
        while let Some(word) = word(bytes, at) {
            let spaces = (word ^ (u64::from(b' ') * EACH_BYTE)).trailing_zeros() as usize / 8;
            at += spaces;
            if spaces < 8 {
                break;
            }
        }
    }
}

/// The place of the first `"` or `\` from this one on.
pub(crate) fn quote_or_escape(bytes: &[u8], mut at: usize) -> Option<usize> {
    for _ in 0..SHORT_WORDS {
        let Some(word) = word(bytes, at) else { break };
        let found = marks(word, b'"') | marks(word, b'\\');
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', bytes.get(at..)?).map(|length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_bytes_at_a_time_find_what_one_at_a_time_finds(
            text in "( {0,20}|\n|\t|\r|\u{1e}|\u{feff}|\u{ff}|[!\"#\\[\\\\\\]a]{0,9}|[a-z]{30,60}){0,8}",
            at in 0usize..40,
        ) {
            let bytes = text.as_bytes();
            let stop = bytes.iter().skip(at).position(|byte| matches!(byte, b'"' | b'\\')).map(|length| at + length);
            prop_assert_eq!(quote_or_escape(bytes, at), stop);
            if let Some(rest) = text.get(at..) {
                let other = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{1e}', '\u{feff}']);
                prop_assert_eq!(behind_blanks(bytes, at), text.len() - other.len());
            }
        }
    }
}
