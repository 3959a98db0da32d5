//! Tables whose lines all begin with a mark: quoted in a mail, or with bars between the cells, as pages and some tools draw them.

use super::is_header;

const BARS: [char; 3] = ['|', '│', '┃'];
/// Characters of which frames are drawn.
const BOXES: std::ops::RangeInclusive<char> = '\u{2500}'..='\u{257F}';

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

/// Whether nothing stands in a line but a rule: below the header, between rows, or at the end.
fn is_rule(line: &str) -> bool {
    line.chars().all(|c| matches!(c, '-' | '=' | ':' | '+' | '|' | ' ') || BOXES.contains(&c))
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
        let drawn = line.trim_start().starts_with(|c| c == '+' || BOXES.contains(&c)) && is_rule(line.trim());
        let inside = if drawn { Some(String::new()) } else { bare(line) };
        let Some(inside) = inside.filter(|inside| !is_header(inside.trim_start())) else { break };
        match all.last_mut() {
            Some((_, bytes)) if is_rule(&inside) => *bytes += line.len(),
            _ => all.push((inside, line.len())),
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_rules_are_no_part_of_a_table() {
        let drawn = "| NAME | READY | STATUS |\n+------+-------+\n| a | 1/1 | Running |\n+------+-------+\n";
        for (text, rows, rest) in [
            (drawn, 2, ""),
            ("| NAME | READY | STATUS |\n|---|:--|--:|\n| a | 1/1 | Running |\n", 2, ""),
            ("│ NAME │ READY │ STATUS │\n├──────┼──────┤\n│ a │ 1/1 │ Running │\n╰──────┴──────╯\nx\n", 2, "x\n"),
            ("> NAME   READY   STATUS\n> a   1/1   Running\n---\n", 2, "---\n"),
            ("> NAME   READY   STATUS\n>\n> NAME   READY   STATUS\n", 1, "> NAME   READY   STATUS\n"),
        ] {
            let found = lines(text).unwrap();
            let end: usize = found.iter().map(|(_, bytes)| bytes).sum();
            assert_eq!((found.len(), &text[end..]), (rows, rest), "{text}");
        }
        assert!(lines("| a | b |\n").is_none());
    }
}
