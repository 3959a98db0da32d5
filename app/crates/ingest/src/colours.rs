//! Colours of a terminal (`az … -o jsonc`, a recorded session) in JSON: each escape sequence stands between tokens and is read as blanks, so
//! that every byte keeps its place.

use std::borrow::Cow;

/// The text with blanks for what sets colours: `ESC [`, digits and semicolons, `m`.
pub(crate) fn blanked(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memmem::find(text.as_bytes(), b"\x1b[").is_none() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((before, behind)) = rest.split_once("\x1b[") {
        out.push_str(before);
        let length = behind.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b';').count();
        rest = if behind.as_bytes().get(length) == Some(&b'm') {
            (0..length + 3).for_each(|_| out.push(' '));
            behind.get(length + 1..).unwrap_or_default()
        } else {
            out.push_str("\x1b[");
            behind
        };
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_become_blanks_of_their_length() {
        let coloured = "{\x1b[94m\"a\"\x1b[39;49;00m: 1, \"b\": \"\x1b[K\"}\x1b[0";
        let plain = blanked(Cow::Borrowed(coloured));
        assert_eq!(plain.len(), coloured.len());
        assert_eq!(plain, "{     \"a\"           : 1, \"b\": \"\x1b[K\"}\x1b[0");
        assert!(matches!(blanked(Cow::Borrowed("{}")), Cow::Borrowed(_)));
    }
}
