//! Lines of tables cut into cells: by two blanks or tabs, by single blanks, or by commas.

use super::columns::{Header, Parting};

/// A cell: where it begins, in characters, and its text.
pub(super) type Cell<'t> = (usize, &'t str);

/// A row: its cells by the names of the columns.
pub(in crate::kubernetes) struct Row<'t> {
    cells: Vec<(&'t str, &'t str)>,
    /// All its cells, wherever they stand.
    pub(super) all: Vec<&'t str>,
}

impl<'t> Row<'t> {
    /// A row whose cells stand in the order of the columns.
    pub(super) fn counted(header: &Header<'t>, cells: &[&'t str]) -> Self {
        let named = header.columns.iter().zip(cells).map(|((_, name), text)| (*name, *text)).collect();
        Self { cells: named, all: cells.iter().copied().filter(|text| !text.is_empty()).collect() }
    }

    /// The row of a line.
    pub(super) fn of(header: &Header<'t>, line: &'t str) -> Self {
        let found = match header.parting {
            Parting::Wide => wide(line),
            Parting::Tight => tight(line),
            Parting::Commas => of_commas(line),
        };
        let all: Vec<&str> = found.iter().map(|(_, text)| *text).collect();
        let columns = &header.columns;
        if found.len() == columns.len() || header.parting != Parting::Wide {
            return Self::counted(header, &all);
        }
        let mut named = Vec::with_capacity(columns.len());
        let mut next = 0;
        for (at, text) in found {
            let behind = columns.iter().enumerate().skip(next);
            let Some((index, (_, name))) = behind.min_by_key(|(_, (begin, _))| begin.abs_diff(at)) else { break };
            named.push((*name, text));
            next = index + 1;
        }
        Self { cells: named, all }
    }

    /// The text under a column; empty when there is none, or when it says that there is none.
    pub(in crate::kubernetes) fn get(&self, column: &str) -> &'t str {
        let found = self.cells.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| *text);
        if matches!(found, "<none>" | "none" | "<unset>" | "<unknown>") { "" } else { found }
    }
}

/// Words between blanks, with where they begin in bytes.
pub(super) fn words(line: &str) -> impl Iterator<Item = Cell<'_>> {
    line.split_whitespace().map(move |word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
}

/// Cells between two or more blanks, or tabs, with where they begin in characters.
pub(super) fn wide(line: &str) -> Vec<Cell<'_>> {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    let (mut blanks, mut tab) = (2, true);
    for (column, (byte, character)) in line.char_indices().enumerate() {
        if character.is_whitespace() {
            blanks += 1;
            tab |= character == '\t';
            continue;
        }
        let end = byte + character.len_utf8();
        match found.last_mut() {
            Some((_, _, last)) if blanks < 2 && !tab => *last = end,
            _ => found.push((column, byte, end)),
        }
        (blanks, tab) = (0, false);
    }
    found.into_iter().filter_map(|(column, from, to)| Some((column, line.get(from..to)?))).collect()
}

/// A row whose cells are parted by single blanks: what stands in brackets belongs to the word before it.
fn tight(line: &str) -> Vec<Cell<'_>> {
    let mut found: Vec<Cell<'_>> = Vec::new();
    let mut inside = false;
    for (at, word) in words(line) {
        let begins = word.starts_with('(');
        match found.last_mut() {
            Some((from, cell)) if begins || inside => *cell = line.get(*from..at + word.len()).unwrap_or(cell),
            _ => found.push((at, word)),
        }
        inside = (begins || inside) && !word.ends_with(')');
    }
    found
}

/// Cells between commas.
pub(super) fn of_commas(line: &str) -> Vec<Cell<'_>> {
    crate::texts::cells(line, b',').collect()
}
