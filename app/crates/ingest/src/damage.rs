//! Damage for property tests.

/// The text with so many bytes replaced, from this part of it on (0 to 1), give or take what a character needs.
pub(crate) fn damaged(text: &str, at: f64, length: usize, insert: &str) -> String {
    let from = text.floor_char_boundary((text.len() as f64 * at) as usize);
    let to = text.floor_char_boundary(from + length).max(from);
    [&text[..from], insert, &text[to..]].concat()
}
