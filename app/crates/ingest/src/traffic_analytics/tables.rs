//! Traffic Analytics as tables in JSON: the answer of Log Analytics (`tables`, `columns`, `rows`) and the frames of Kusto, versions 1 and 2.
//! Rows are read one by one, so that one that is damaged costs itself alone.

use super::columns::{Cells, Header, Zones, is_flow_row};
use super::object::{self, text};
use super::row::Rows;
use crate::documents::{Lost, lost};
use crate::fragment::{Token, Tokens};
use crate::json::{Broken, Cursor, Json};
use std::ops::Range;
use underlay_scan::{NullSink, Sink};

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

/// Where a text stands in the decoded text, when rows were taken out of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Where its first byte stands.
    pub(crate) base: u64,
    /// Of so many bytes at its beginning nothing was taken.
    pub(crate) head: usize,
    /// Bytes that stood behind them.
    pub(crate) taken: u64,
}

impl Standing {
    /// Where a place of the text stands.
    pub(crate) fn place(self, at: usize) -> u64 {
        self.base + at as u64 + if at >= self.head { self.taken } else { 0 }
    }
}

/// Reads all tables of flows in a text, of which rows may have been taken before.
pub(crate) fn read(text: &str, standing: Standing, rows: &mut Rows, sink: &mut dyn Sink) -> Tables {
    let tables = Tables::default();
    let mut walker = Walker { text, standing, rows, sink, header: None, tables, stop: false, stopped: None };
    walker.run();
    walker.tables
}

/// Where the rows of the first table of flows begin whose columns stand before them, and its columns.
pub(crate) fn first_table(text: &str) -> Option<(usize, Header)> {
    let (rows, sink, tables) = (&mut Rows::default(), &mut NullSink, Tables::default());
    let standing = Standing::default();
    let mut walker = Walker { text, standing, rows, sink, header: None, tables, stop: true, stopped: None };
    walker.run();
    walker.stopped.zip(walker.header)
}

/// Whether a value is a row below this header.
pub(crate) fn fits(row: &Json<'_>, header: &Header) -> bool {
    row.is_list() && row.elements().count() == header.columns.len()
}

/// Reads a row that fits its header.
pub(crate) fn read_row(row: &Json<'_>, header: &Header, place: Range<u64>, rows: &mut Rows, sink: &mut dyn Sink) {
    let mut cells = Cells::new();
    for (column, value) in header.columns.iter().zip(row.elements()) {
        if let Some(column) = column {
            cells.set(*column, text(value));
        }
    }
    rows.read(&cells, &header.zones, place, sink);
}
struct Walker<'t, 's> {
    text: &'t str,
    standing: Standing,
    rows: &'s mut Rows,
    sink: &'s mut dyn Sink,
    header: Option<Header>,
    tables: Tables,
    /// The first row of a table of flows is only looked for.
    stop: bool,
    stopped: Option<usize>,
}

impl<'t> Walker<'t, '_> {
    fn run(&mut self) {
        let mut at = 0;
        loop {
            let mut cursor = Cursor::new(self.text, at);
            cursor.blanks();
            let start = cursor.at();
            match cursor.peek() {
                None => return,
                Some(b'{' | b'[') => match self.value(&mut cursor, 0) {
                    Ok(()) => at = cursor.at().max(start + 1),
                    Err(broken) => {
                        self.tables.open_end |= broken == Broken::End;
                        at = cursor.at().max(start + 1);
                        if broken != Broken::End {
                            self.lose(at.min(self.text.len()), self.text.len(), false);
                        }
                        return;
                    }
                },
                // Prompts and warnings.
                Some(_) => {
                    let line = self.text.get(start..).and_then(|rest| rest.find('\n'));
                    at = line.map_or(self.text.len(), |end| start + end + 1);
                }
            }
        }
    }

    fn place(&self, start: usize, end: usize) -> Range<u64> {
        self.standing.place(start)..self.standing.place(end)
    }

    fn lose(&mut self, from: usize, to: usize, cut_off: bool) {
        if let Some(mut lost) = lost(self.text, from, to, cut_off) {
            lost.byte = self.standing.place(usize::try_from(lost.byte).unwrap_or(usize::MAX));
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
            cursor.separators();
            if cursor.take(b']') {
                return Ok(());
            }
            let start = cursor.at();
            match cursor.value() {
                Ok(row) if object::is_row(&row) => {
                    self.tables.any = true;
                    let place = self.place(start, cursor.at());
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
        if self.stop {
            self.stopped = Some(cursor.at());
            return Err(Broken::End);
        }
        loop {
            cursor.separators();
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
                Ok(row) if fits(&row, &header) => {
                    let place = self.place(start, cursor.at());
                    read_row(&row, &header, place, self.rows, self.sink);
                }
                // Kusto puts errors among the rows.
                Ok(other) if other.is_object() => {}
                Ok(_) => self.lose(start, cursor.at(), false),
                Err(broken) => {
                    self.resume(cursor, start, broken, b'[', &|row| fits(row, &header))?;
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
        // Of the whole, so that it is the same wherever the text was cut.
        let mut budget = self.standing.place(self.text.len()).saturating_mul(4);
        loop {
            let start = at + memchr::memchr(opener, self.text.as_bytes().get(at..)?)?;
            let mut cursor = Cursor::new(self.text, start);
            if cursor.value().is_ok_and(|row| fits(&row)) {
                return Some(start);
            }
            budget = budget.checked_sub(cursor.at().saturating_sub(start) as u64)?;
            at = start + 1;
        }
    }
}
