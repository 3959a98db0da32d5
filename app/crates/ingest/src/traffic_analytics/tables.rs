//! Traffic Analytics as tables in JSON: the answer of Log Analytics (`tables`, `columns`, `rows`) and the frames of Kusto, versions 1 and 2.
//! Rows are read one by one, so that one that is damaged costs itself alone.

use super::columns::{Cells, Header, Zones, is_flow_row};
use super::object::{self, text};
use super::row::Rows;
use crate::documents::{Lost, lost};
use crate::fragment::{Token, Tokens};
use crate::json::{Broken, Cursor, Json};
use underlay_scan::Sink;

/// Tokens of a text that are looked at for the names of columns.
const LOOK: usize = 4000;

/// Whether a text that begins with JSON is such a table, by the names of its columns.
pub(crate) fn begins(window: &str, at: usize) -> bool {
    let mut names: Vec<String> = Vec::new();
    let mut key: &[u8] = b"";
    let mut columns = false;
    // Names of the members of rows that are objects, below `Results`.
    let mut results: Option<Vec<String>> = None;
    for token in Tokens::new(window, at).take(LOOK) {
        match token {
            Token::Text(name, true) => {
                key = name;
                let named = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
                if named("apiVersion") || named("flowTuples") {
                    return false;
                }
                if named("Results") {
                    results = Some(Vec::new());
                } else if let Some(names) = &mut results {
                    names.push(String::from_utf8_lossy(name).into_owned());
                    if names.len() > 2 && is_flow_row(&mut names.iter().map(String::as_str)) {
                        return true;
                    }
                }
                if named("columns") {
                    (columns, names) = (true, Vec::new());
                } else if named("rows") && columns {
                    if is_flow_row(&mut names.iter().map(String::as_str)) {
                        return true;
                    }
                    columns = false;
                }
            }
            Token::Text(value, false)
                if columns && [&b"name"[..], b"ColumnName"].iter().any(|known| key.eq_ignore_ascii_case(known)) =>
            {
                names.push(String::from_utf8_lossy(value).into_owned());
            }
            Token::Alien | Token::Cut => break,
            _ => {}
        }
    }
    columns && is_flow_row(&mut names.iter().map(String::as_str))
}

/// The names of a table's columns.
pub(crate) fn column_names<'v>(columns: &'v Json<'_>) -> Vec<&'v str> {
    let name = |column: &'v Json<'_>| {
        let names = [column, column.get("name"), column.get("ColumnName")];
        names.into_iter().find_map(Json::as_str).unwrap_or_default()
    };
    columns.elements().map(name).collect()
}

/// What a text of tables held.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    pub(crate) lost: Vec<Lost>,
    /// It ends before its closing brackets.
    pub(crate) open_end: bool,
    /// The service's words when it gave only a part.
    pub(crate) error: Option<String>,
    /// A table of flows was found.
    pub(crate) any: bool,
}

/// Reads all tables of flows in a text; `base` is where the text stands in the decoded text.
pub(crate) fn read(text: &str, base: u64, rows: &mut Rows, sink: &mut dyn Sink) -> Tables {
    let mut walker = Walker { text, base, rows, sink, header: None, tables: Tables::default() };
    let mut at = 0;
    loop {
        let mut cursor = Cursor::new(text, at);
        cursor.blanks();
        let start = cursor.at();
        match cursor.peek() {
            None => break,
            Some(b'{' | b'[') => match walker.value(&mut cursor, 0) {
                Ok(()) => at = cursor.at().max(start + 1),
                Err(broken) => {
                    walker.tables.open_end |= broken == Broken::End;
                    at = cursor.at().max(start + 1);
                    if broken != Broken::End {
                        walker.lose(at.min(text.len()), text.len(), false);
                    }
                    break;
                }
            },
            // Prompts and warnings.
            Some(_) => {
                at = text.get(start..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| start + end + 1)
            }
        }
    }
    walker.tables
}

struct Walker<'t, 's> {
    text: &'t str,
    base: u64,
    rows: &'s mut Rows,
    sink: &'s mut dyn Sink,
    header: Option<Header>,
    tables: Tables,
}

impl<'t> Walker<'t, '_> {
    fn lose(&mut self, from: usize, to: usize, cut_off: bool) {
        if let Some(mut lost) = lost(self.text, from, to, cut_off) {
            lost.byte += self.base;
            self.tables.lost.push(lost);
        }
    }

    /// Goes over a value and reads the tables in it.
    fn value(&mut self, cursor: &mut Cursor<'t>, depth: usize) -> Result<(), Broken> {
        cursor.blanks();
        match cursor.peek() {
            Some(b'{') if depth < 8 => {
                cursor.skip(1);
                self.object(cursor, depth)
            }
            Some(b'[') if depth < 8 => {
                cursor.skip(1);
                cursor.blanks();
                if cursor.take(b']') {
                    return Ok(());
                }
                loop {
                    self.value(cursor, depth + 1)?;
                    if !cursor.more(b']')? {
                        return Ok(());
                    }
                }
            }
            _ => cursor.value().map(|_| ()),
        }
    }

    fn object(&mut self, cursor: &mut Cursor<'t>, depth: usize) -> Result<(), Broken> {
        cursor.blanks();
        if cursor.take(b'}') {
            return Ok(());
        }
        // Rows that stand before their columns.
        let mut early = None;
        let mut own_columns = false;
        loop {
            let key = cursor.key()?;
            cursor.blanks();
            let list = cursor.peek() == Some(b'[');
            if list && key.eq_ignore_ascii_case("columns") {
                self.columns(&cursor.value()?);
                own_columns = true;
            } else if list && key.eq_ignore_ascii_case("rows") {
                if own_columns || self.header.is_some() {
                    self.table(cursor)?;
                } else {
                    early = Some(cursor.clone());
                    cursor.value()?;
                }
            } else if list && key.eq_ignore_ascii_case("results") {
                self.results(cursor)?;
            } else if key.eq_ignore_ascii_case("error") {
                let error = cursor.value()?;
                let words = error.get("message").text();
                self.tables.error = self.tables.error.take().or(Some(words).filter(|words| !words.is_empty()));
            } else {
                self.value(cursor, depth + 1)?;
            }
            if !cursor.more(b'}')? {
                break;
            }
        }
        match early {
            Some(mut early) if own_columns => self.table(&mut early),
            _ => Ok(()),
        }
    }

    /// Rows as objects, as PowerShell's `Invoke-AzOperationalInsightsQuery` hands them over, from the bracket on.
    fn results(&mut self, cursor: &mut Cursor<'t>) -> Result<(), Broken> {
        cursor.skip(1);
        loop {
            cursor.blanks();
            while cursor.take(b',') {
                cursor.blanks();
            }
            if cursor.take(b']') {
                return Ok(());
            }
            let start = cursor.at();
            match cursor.value() {
                Ok(row) if object::is_row(&row) => {
                    self.tables.any = true;
                    let place = self.base + start as u64..self.base + cursor.at() as u64;
                    self.rows.read(&object::cells(&row), &Zones::default(), place, self.sink);
                }
                Ok(_) => {}
                Err(broken) => self.resume(cursor, start, broken, b'{', &object::is_row)?,
            }
        }
    }

    fn columns(&mut self, list: &Json<'_>) {
        let header = Header::new(&column_names(list));
        self.tables.any |= header.flows;
        self.header = Some(header);
    }

    /// The rows of a table, from the bracket on.
    fn table(&mut self, cursor: &mut Cursor<'t>) -> Result<(), Broken> {
        let Some(header) = self.header.clone().filter(|header| header.flows) else {
            return cursor.value().map(|_| ());
        };
        cursor.skip(1);
        loop {
            cursor.blanks();
            while cursor.take(b',') {
                cursor.blanks();
            }
            let start = cursor.at();
            match cursor.peek() {
                None => return Err(Broken::End),
                Some(b']') => {
                    cursor.skip(1);
                    return Ok(());
                }
                _ => {}
            }
            match cursor.value() {
                Ok(row) if row.is_list() && row.elements().count() == header.columns.len() => {
                    let mut cells = Cells::new();
                    for (column, value) in header.columns.iter().zip(row.elements()) {
                        if let Some(column) = column {
                            cells.set(*column, text(value));
                        }
                    }
                    let place = self.base + start as u64..self.base + cursor.at() as u64;
                    self.rows.read(&cells, &header.zones, place, self.sink);
                }
                // Kusto puts errors among the rows.
                Ok(other) if other.is_object() => {}
                Ok(_) => self.lose(start, cursor.at(), false),
                Err(broken) => {
                    let fits = |row: &Json<'_>| row.is_list() && row.elements().count() == header.columns.len();
                    self.resume(cursor, start, broken, b'[', &fits)?;
                }
            }
        }
    }

    /// A row breaks off that begins at `start`: it is lost up to the next one, where the cursor is put.
    fn resume(
        &mut self,
        cursor: &mut Cursor<'t>,
        start: usize,
        broken: Broken,
        opener: u8,
        fits: &dyn Fn(&Json<'_>) -> bool,
    ) -> Result<(), Broken> {
        let next = self.next_row(start + 1, opener, fits);
        self.lose(start, next.unwrap_or(self.text.len()), next.is_none() && broken == Broken::End);
        *cursor = Cursor::new(self.text, next.unwrap_or(self.text.len()));
        next.map(|_| ()).ok_or(Broken::End)
    }

    /// The next place from which a row can be read.
    fn next_row(&self, from: usize, opener: u8, fits: &dyn Fn(&Json<'_>) -> bool) -> Option<usize> {
        let mut at = from;
        let mut budget = self.text.len().saturating_mul(4);
        loop {
            let start = at + memchr::memchr(opener, self.text.as_bytes().get(at..)?)?;
            let mut cursor = Cursor::new(self.text, start);
            if cursor.value().is_ok_and(|row| fits(&row)) {
                return Some(start);
            }
            budget = budget.checked_sub(cursor.at().saturating_sub(start))?;
            at = start + 1;
        }
    }
}
