//! Tables whose lines all begin with a mark: quoted in a mail, or with bars between the cells, as pages and some tools draw them.

use super::is_header;

const BARS: [char; 3] = ['|', '│', '┃'];

/// A line without its marks; `None` when it begins with none.
fn bare(line: &str) -> Option<String> {
    let line = line.trim();
    if line.starts_with(BARS) {
        // Pages escape what would be a tag.
        return Some(line.replace(BARS, "  ").replace("\\<", "<").replace("\\>", ">"));
    }
    let mut inside = line;
    while let Some(rest) = inside.strip_prefix('>') {
        inside = rest.strip_prefix(' ').unwrap_or(rest);
    }
    (inside.len() < line.len()).then(|| inside.to_owned())
}

/// Whether a line is a header with marks.
pub(super) fn begins(line: &str) -> bool {
    line.trim_start().starts_with(['>', '|', '│', '┃']) && bare(line).is_some_and(|line| is_header(line.trim_start()))
}

/// The header and what follows it without their marks, up to the next header, with how many bytes each takes in the text; `None` when no such
/// table begins it.
pub(super) fn lines(text: &str) -> Option<Vec<(String, usize)>> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next().filter(|line| begins(line))?;
    let mut all = vec![(bare(first)?, first.len())];
    for line in lines {
        let Some(inside) = bare(line).filter(|inside| !is_header(inside.trim_start())) else { break };
        // A rule below the header.
        let is_rule = inside.chars().all(|c| matches!(c, '-' | ':' | '+' | '─' | '┼' | ' '));
        match all.last_mut() {
            Some((_, bytes)) if is_rule => *bytes += line.len(),
            _ => all.push((inside, line.len())),
        }
    }
    Some(all)
}
