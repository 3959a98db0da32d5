//! Damage for property tests.

use proptest::prelude::*;

/// From which part of a text on (0 to 1) how many bytes are replaced, by what.
pub(crate) type Harm = (f64, usize, String);

/// Any harm, with what such letters make.
pub(crate) fn harm(letters: &'static str) -> impl Strategy<Value = Harm> {
    (0.0f64..1.0, 0usize..40, letters)
}

/// The text after it, give or take what a character needs.
pub(crate) fn damaged(text: &str, (at, length, insert): &Harm) -> String {
    let from = text.floor_char_boundary((text.len() as f64 * at) as usize);
    let to = text.floor_char_boundary(from + length).max(from);
    [&text[..from], insert, &text[to..]].concat()
}
