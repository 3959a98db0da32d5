//! Lines of a table that a narrow terminal has cut: put together again by the width at which they were.

use super::cells;
use super::columns::{is_caption, is_header};

/// Blanks that may have been lost at the cut: there are three between columns, and short cells have more.
const MOST_LOST: usize = 8;
/// No terminal that cuts a header is wider, in characters.
const WIDEST: usize = 1000;

/// A line as it was printed, and how much of the text it takes.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) bytes: usize,
}

/// The lines of the table that this text begins with, when its header was cut; `None` when it was not. An empty line ends it.
pub(super) fn lines(text: &str) -> Option<Vec<Line>> {
    // No further than this table goes: a text may hold very many.
    let rest = || text.split_inclusive('\n').skip(1).take_while(|line| length(line) > 0);
    let goes_on = |line: &&str| !is_header(line) && line.split_whitespace().all(is_caption);
    let cuts = rest().take_while(goes_on).count();
    if cuts == 0 {
        return None;
    }
    let parts: Vec<&str> = text.split_inclusive('\n').take(1).chain(rest().take_while(|line| !ends(line))).collect();
    let parts = parts.as_slice();
    let width = parts.iter().map(|part| length(part)).max().filter(|width| *width <= WIDEST)?;
    // Where blanks at the ends of lines were kept, a line that fills the width goes on; else each has as many parts as the header.
    let head: usize = parts.iter().take(cuts + 1).map(|part| part.len()).sum();
    let mut best = joined(parts, width, &|_, part| length(part) == width);
    if best.first().is_none_or(|first| first.bytes != head) {
        best.clear();
    }
    for width in width..=width + MOST_LOST {
        let tried = joined(parts, width, &|before, _| before < cuts);
        if best.is_empty() || complete_rows(&tried) > complete_rows(&best) {
            best = tried;
        }
    }
    Some(best)
}

fn length(part: &str) -> usize {
    part.trim_end_matches(['\r', '\n']).chars().count()
}

/// Lines put together; `goes_on` says by the number of parts before it whether a part is followed by another.
fn joined(parts: &[&str], width: usize, goes_on: &dyn Fn(usize, &str) -> bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut before = 0;
    for part in parts {
        let body = part.trim_end_matches(['\r', '\n']);
        match lines.last_mut().filter(|_| before > 0) {
            Some(line) => {
                line.text.push_str(body);
                line.bytes += part.len();
            }
            None => lines.push(Line { text: body.to_owned(), bytes: part.len() }),
        }
        if !goes_on(before, part) {
            before = 0;
            continue;
        }
        before += 1;
        if let Some(line) = lines.last_mut() {
            line.text.extend(std::iter::repeat_n(' ', width.saturating_sub(length(part))));
        }
    }
    lines
}

/// Rows that have as many cells as the header has columns.
fn complete_rows(lines: &[Line]) -> usize {
    let Some((head, rows)) = lines.split_first() else { return 0 };
    let columns = cells::wide(&head.text).len();
    rows.iter().filter(|row| cells::wide(&row.text).len() == columns).count()
}

/// Whether the next table or a prompt begins here.
fn ends(line: &str) -> bool {
    is_header(line)
        || line.starts_with(['❯', '{', '#'])
        || ["$ ", "kubectl ", "PS "].iter().any(|mark| line.contains(mark))
}
