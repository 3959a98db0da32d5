//! Tables as `kubectl get -o wide` prints them and people paste them: after a prompt, one below the other, with `<none>` lost
//! on the way. Columns are found by number where each row has all, else by where the header's words stand, else by what an
//! address or a node's name looks like.

use super::table_row;
use underlay_model::inventory::Fragment;

/// Names of columns; those of two words stand with one blank between.
const COLUMNS: [&str; 58] = [
    "NAMESPACE",
    "NAME",
    "READY",
    "STATUS",
    "RESTARTS",
    "AGE",
    "IP",
    "NODE",
    "NOMINATED NODE",
    "READINESS GATES",
    "LABELS",
    "ROLES",
    "VERSION",
    "INTERNAL-IP",
    "EXTERNAL-IP",
    "OS-IMAGE",
    "KERNEL-VERSION",
    "CONTAINER-RUNTIME",
    "TYPE",
    "CLUSTER-IP",
    "PORT(S)",
    "SELECTOR",
    "ENDPOINTS",
    "ADDRESSTYPE",
    "PORTS",
    "CLASS",
    "ADDRESS",
    "PROGRAMMED",
    "HOSTNAMES",
    "HOSTS",
    "LAST SEEN",
    "FIRST SEEN",
    "REASON",
    "OBJECT",
    "SUBOBJECT",
    "SOURCE",
    "MESSAGE",
    "COUNT",
    "DESIRED",
    "CURRENT",
    "AVAILABLE",
    "UP-TO-DATE",
    "NODE SELECTOR",
    "CONTAINERS",
    "IMAGES",
    "COMPLETIONS",
    "DURATION",
    "SCHEDULE",
    "SUSPEND",
    "ACTIVE",
    "LAST SCHEDULE",
    "TIMEZONE",
    "CONTROLLER",
    "ACCEPTED",
    "DEPLOYMENT",
    "HOLDER",
    "READY REPLICAS",
    "STATE",
];

/// Columns that make a line that begins with NAME a header.
const TELLING: [&str; 24] = [
    "READY",
    "STATUS",
    "RESTARTS",
    "AGE",
    "CLUSTER-IP",
    "ROLES",
    "VERSION",
    "ENDPOINTS",
    "ADDRESSTYPE",
    "CLASS",
    "ADDRESS",
    "HOSTNAMES",
    "TYPE",
    "REASON",
    "OBJECT",
    "DESIRED",
    "AVAILABLE",
    "HOSTS",
    "PORT(S)",
    "NODE",
    "INTERNAL-IP",
    "HOLDER",
    "CONTROLLER",
    "MESSAGE",
];

/// Whether a line is the header of a table.
pub(crate) fn is_header(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let first = words.next().unwrap_or_default();
    matches!(first, "NAME" | "NAMESPACE" | "LAST") && words.filter(|word| TELLING.contains(word)).count() >= 2
}

/// A cell: where it begins, in characters, and its text.
type Cell<'t> = (usize, &'t str);

/// What a header says.
pub(super) struct Header<'t> {
    columns: Vec<Cell<'t>>,
    /// Single blanks part the columns: the others were lost on the way.
    tight: bool,
}

/// A row: its cells by the names of the columns.
pub(super) struct Row<'t> {
    cells: Vec<(&'t str, &'t str)>,
    /// All its cells, wherever they stand.
    pub(super) all: Vec<&'t str>,
}

impl<'t> Row<'t> {
    /// The text under a column; empty when there is none, or when it says that there is none.
    pub(super) fn get(&self, column: &str) -> &'t str {
        let found = self.cells.iter().find(|(name, _)| *name == column).map_or("", |(_, text)| *text);
        if matches!(found, "<none>" | "none" | "<unset>" | "<unknown>") { "" } else { found }
    }
}

impl Header<'_> {
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(_, name)| *name == column)
    }
}

/// Reads the table whose header begins at this line start: where it ends, and of each row where it begins and what it is in the
/// singular. `None` when no table begins here.
pub(crate) fn read(text: &str, at: usize, fragment: &mut Fragment) -> Option<(usize, Vec<(usize, &'static str)>)> {
    let mut lines = text.get(at..)?.split_inclusive('\n');
    let first = lines.next()?;
    if !is_header(first) {
        return None;
    }
    let header = header(first.trim_end());
    let prompt = text.get(..at).unwrap_or_default().trim_end().rsplit('\n').next().unwrap_or_default();
    let namespace = asked_namespace(prompt);
    let (mut end, mut rows) = (at + first.len(), Vec::new());
    for line in lines {
        let row = row(&header, line.trim_end());
        if !is_row(&row) {
            break;
        }
        rows.push((end, table_row::read(&header, &row, namespace, fragment)));
        end += line.len();
    }
    Some((end, rows))
}

fn header(line: &str) -> Header<'_> {
    let wide = cells(line);
    let tight = wide.len() == 1;
    if !tight {
        return Header { columns: wide, tight };
    }
    let mut columns: Vec<Cell<'_>> = Vec::new();
    for (at, word) in words(line) {
        let begin = columns.last().map(|(at, _)| *at);
        let joined = begin.and_then(|begin| Some((begin, line.get(begin..at + word.len())?)));
        match joined.filter(|(_, both)| COLUMNS.contains(both)) {
            Some(both) => {
                columns.pop();
                columns.push(both);
            }
            None => columns.push((at, word)),
        }
    }
    Header { columns, tight }
}

/// Words between blanks, with where they begin in bytes.
fn words(line: &str) -> impl Iterator<Item = Cell<'_>> {
    line.split_whitespace().map(move |word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
}

/// Cells between two or more blanks, or tabs, with where they begin in characters.
fn cells(line: &str) -> Vec<Cell<'_>> {
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
fn tight_cells(line: &str) -> Vec<Cell<'_>> {
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

fn row<'t>(header: &Header<'t>, line: &'t str) -> Row<'t> {
    let found = if header.tight { tight_cells(line) } else { cells(line) };
    let all = found.iter().map(|(_, text)| *text).collect();
    let columns = &header.columns;
    let mut named = Vec::with_capacity(columns.len());
    if found.len() == columns.len() || header.tight {
        named.extend(columns.iter().zip(&found).map(|((_, name), (_, text))| (*name, *text)));
    } else {
        let mut next = 0;
        for (at, text) in found {
            let behind = columns.iter().enumerate().skip(next);
            let Some((index, (_, name))) = behind.min_by_key(|(_, (begin, _))| begin.abs_diff(at)) else { break };
            named.push((*name, text));
            next = index + 1;
        }
    }
    Row { cells: named, all }
}

/// Whether a line goes on with the table: a prompt, a sentence and a blank line do not.
fn is_row(row: &Row<'_>) -> bool {
    let Some(first) = row.all.first() else { return false };
    let plain = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '/' | ':' | '_'))
    };
    // In a table of events the first column is a time.
    let first = first.split(' ').next().unwrap_or_default();
    row.all.len() > 1 && (plain(first) || first == "<unknown>" || first == "<invalid>")
}

/// The namespace that the command before a table names; empty when it names none, or by a variable.
fn asked_namespace(prompt: &str) -> &str {
    let mut words = prompt.split_whitespace();
    while let Some(word) = words.next() {
        let named = match word {
            "-n" | "--namespace" => words.next(),
            _ => word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")),
        };
        if let Some(named) = named {
            let plain = named.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            return if plain { named } else { "" };
        }
    }
    ""
}
