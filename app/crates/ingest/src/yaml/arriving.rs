//! Kubernetes' YAML as it arrives: what of a block is whole in the text that is there, a document or an item of a list. It goes by the
//! same lines as the walk over a whole text ([`super::block`]); what is not sure from here is left for that.

use super::block::{self, Line, Part, Parting};
use std::ops::Range;

/// The next thing of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Nothing to read before this place: separators, blank lines.
    Blank(usize),
    /// A document that is one value.
    Document(Range<usize>),
    /// A document that is a list: its beginning, up to the dash of its first item.
    List { head: Range<usize>, indent: usize },
    /// An item, with its dash, behind which comes another.
    Item(Range<usize>),
    /// The last item, and what stands behind the items up to the end of the document.
    ListEnd { item: Range<usize>, behind: Range<usize> },
    /// Here the block has ended.
    End,
    /// The text ends inside something.
    Unfinished,
    /// Written in a way that only the whole text tells.
    Other,
}

/// Whether a block begins at this line start; `None` when too little text is there to tell.
pub(crate) fn begins(text: &str, at: usize) -> Option<bool> {
    if !block::seems(text, at) {
        return Some(false);
    }
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    let enough = memchr::memchr_iter(b'\n', rest).nth(block::LOOK_LINES).is_some();
    enough.then(|| block::begins(text, at))
}

/// What stands at this place, where a document begins.
pub(crate) fn document(text: &str, from: usize) -> Piece {
    let mut parting = Parting::default();
    let mut begin: Option<usize> = None;
    let (mut under_key, mut key_seen) = (false, false);
    for line in whole_lines(text, from) {
        if let Some(part) = parting.part(&line) {
            let end = if let Part::Anew(at) = part { at } else { line.at };
            return match begin {
                Some(begin) => Piece::Document(begin..end),
                None if part == Part::Block => Piece::End,
                None => Piece::Blank(line.end),
            };
        }
        let Some(indent) = line.indent else { continue };
        let begin = *begin.get_or_insert(line.at);
        if block::is_item(&line) && (under_key || begin == line.at) {
            // What a list without a beginning is only its end tells.
            return if under_key { Piece::List { head: begin..line.at, indent } } else { Piece::Other };
        }
        under_key = !key_seen && block::is_items_key(&line);
        key_seen |= under_key;
    }
    Piece::Unfinished
}

/// What stands at this place, where an item of a list begins that has this beginning and whose dashes are indented so far.
pub(crate) fn item(text: &str, from: usize, head: Range<usize>, indent: usize) -> Piece {
    let mut parting = Parting::behind(text.get(head).unwrap_or_default());
    let mut behind: Option<usize> = None;
    for (number, line) in whole_lines(text, from).enumerate() {
        if let Some(part) = parting.part(&line) {
            let end = if let Part::Anew(at) = part { at } else { line.at };
            let behind = behind.unwrap_or(end).min(end);
            return Piece::ListEnd { item: from..behind, behind: behind..end };
        }
        let Some(here) = line.indent else { continue };
        let is_item = here == indent && block::is_item(&line);
        match behind {
            None if number == 0 && !is_item => return Piece::Other,
            None if number > 0 && is_item => return Piece::Item(from..line.at),
            None if here < indent || (here == indent && !is_item) => behind = Some(line.at),
            _ => {}
        }
    }
    Piece::Unfinished
}

/// Lines that do not end with the text.
fn whole_lines(text: &str, from: usize) -> impl Iterator<Item = Line<'_>> {
    block::lines(text, from).take_while(|line| line.end < text.len())
}
