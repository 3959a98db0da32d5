//! Tables as `kubectl get -o wide` prints them and people paste them: after a prompt, one below the other, with `<none>` lost
//! on the way, cut by a narrow terminal, quoted, or without a header. Columns are found by number where each row has all, else by
//! where the header's words stand, else by what an address or a node's name looks like.

mod cells;
mod columns;
mod framed;
mod row;
pub(crate) mod served;
mod wrapped;

use cells::Row;
use columns::Header;
pub(crate) use columns::is_header;
use underlay_model::inventory::Fragment;

/// Whether a table, or a row of one without its header, begins with this line.
pub(crate) fn begins(line: &str) -> bool {
    is_header(line) || framed::begins(line) || Header::of_bare_row(line.trim_end()).is_some()
}

/// Rows of a table: where each begins, and what it is in the singular.
type Rows = Vec<(usize, &'static str)>;

/// Reads the table that begins at this line start: where it ends, and its rows. `None` when no table begins here. `place` says where
/// a place of the text stands in the input.
pub(crate) fn read(
    text: &str,
    at: usize,
    fragment: &mut Fragment,
    place: &dyn Fn(u64) -> u64,
) -> Option<(usize, Rows)> {
    let rest = text.get(at..)?;
    let first = rest.split_inclusive('\n').next()?;
    let prompt = text.get(..at).unwrap_or_default().trim_end().rsplit('\n').next().unwrap_or_default();
    let namespace = asked_namespace(prompt);
    if let Some(lines) = framed::lines(rest)
        && let Some(((head, bytes), rows)) = lines.split_first()
    {
        let rows = rows.iter().map(|(line, bytes)| (line.as_str(), *bytes));
        return Some(read_rows(&Header::of(head.trim_end()), rows, at + bytes, namespace, fragment, place));
    }
    if !is_header(first) {
        let header = Header::of_bare_row(first.trim_end())?;
        return Some(read_rows(
            &header,
            rest.split_inclusive('\n').map(|line| (line, line.len())),
            at,
            namespace,
            fragment,
            place,
        ));
    }
    if let Some(lines) = wrapped::lines(rest)
        && let Some((head, rows)) = lines.split_first()
    {
        let rows = rows.iter().map(|line| (line.text.as_str(), line.bytes));
        return Some(read_rows(&Header::of(head.text.trim_end()), rows, at + head.bytes, namespace, fragment, place));
    }
    let rows = rest.split_inclusive('\n').skip(1).map(|line| (line, line.len()));
    Some(read_rows(&Header::of(first.trim_end()), rows, at + first.len(), namespace, fragment, place))
}

fn read_rows<'t>(
    header: &Header<'t>,
    lines: impl Iterator<Item = (&'t str, usize)>,
    begin: usize,
    namespace: &str,
    fragment: &mut Fragment,
    place: &dyn Fn(u64) -> u64,
) -> (usize, Rows) {
    let (mut end, mut rows) = (begin, Vec::new());
    for (line, bytes) in lines {
        let row = Row::of(header, line.trim_end());
        if !is_row(&row) {
            break;
        }
        rows.push((end, row::read(header, &row, namespace, fragment)));
        fragment.stands_at(place(end as u64));
        end += bytes;
    }
    (end, rows)
}

/// Whether a text may be a name, or a kind and a name.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'/' | b':' | b'_')
        })
}

/// Whether a line goes on with the table: a prompt, a sentence and a blank line do not.
fn is_row(row: &Row<'_>) -> bool {
    let Some(first) = row.all.first() else { return false };
    // In a table of events the first column is a time.
    let first = first.split(' ').next().unwrap_or_default();
    row.all.len() > 1 && (is_plain(first) || first == "<unknown>" || first == "<invalid>")
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
