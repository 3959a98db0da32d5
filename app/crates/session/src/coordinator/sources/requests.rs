//! Rows of access logs behind a number: the shards say which they are and where they stand, and their text is read again.

use super::{ROWS, Run, cannot_be_read};
use crate::coordinator::Coordinator;
use crate::source_rows::{LONGEST_TEXT, line};
use std::collections::VecDeque;
use underlay_ingest::object_text;
use underlay_model::access::{AccessFilter, AccessPage, AccessRow};
use underlay_model::order::Order;
use underlay_model::sources::{RowStanding, SourceCursor, SourceRecord, SourceRow, SourceTotals};
use underlay_store::sources::SourcePlace;

/// So far a row is read.
const REACH: u64 = 16 << 10;
/// A row of a table in JSON is looked for behind the table's beginning so far.
const TABLE_REACH: u64 = 4 << 20;

/// What the shards were asked, and what they have found.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) filter: AccessFilter,
    pub(super) pages: Vec<AccessPage>,
    /// Of the places in the run's queue.
    rows: VecDeque<AccessRow>,
}

impl Asked {
    pub(super) fn new(filter: AccessFilter) -> Self {
        Self { filter, ..Self::default() }
    }

    /// Rows that the shards are to name.
    pub(super) fn most(from: SourceCursor) -> u32 {
        u32::try_from(from.record.saturating_add(ROWS as u64)).unwrap_or(u32::MAX)
    }
}

impl Coordinator {
    /// All shards have answered.
    pub(super) fn requests_found(&mut self) {
        let order = self.inputs.in_order();
        let Some(Run { asked: Some(asked), answer, at, query, queue, .. }) = &mut self.sources.run else { return };
        let most = Asked::most(query.from) as usize;
        let page = AccessPage::merge(std::mem::take(&mut asked.pages), &asked.filter, most);
        let skip = usize::try_from(query.from.record).unwrap_or(usize::MAX);
        let rank = |row: &AccessRow| (order.iter().position(|&input| input == row.number), row.byte);
        let mut rows: Vec<AccessRow> = page.rows.into_iter().skip(skip).collect();
        // In the order in which they are read.
        rows.order_by(|a, b| rank(a).cmp(&rank(b)));
        // The copies of one log stand in the totals once where all rows are listed.
        let listed = query.from.record + rows.len() as u64;
        let all = if rows.len() < ROWS { listed } else { page.matching };
        answer.total = SourceTotals { records: all, counted: all, ..SourceTotals::default() };
        if page.not_kept > 0 {
            let words = format!("{} more rows are counted, but where they stand was not kept.", page.not_kept);
            answer.troubles.push(words);
        }
        *at = query.from;
        let place = |same: &[AccessRow]| {
            let row = same.first()?;
            let len = if same.len() > 1 { TABLE_REACH } else { REACH };
            Some(SourcePlace { input: row.number, byte: row.byte, len, ..SourcePlace::default() })
        };
        let at_one_place = |a: &AccessRow, b: &AccessRow| (a.number, a.byte) == (b.number, b.byte);
        *queue = rows.chunk_by(at_one_place).filter_map(place).collect();
        asked.rows = rows.into();
        self.read_next_places();
    }
}

impl Run {
    /// Takes the rows whose text was read. Gives the first place where `direct` text is not what it was: decoding from the beginning may
    /// find it elsewhere.
    pub(super) fn take_requests(
        &mut self,
        texts: &[Vec<u8>],
        places: &[SourcePlace],
        path: &str,
        direct: bool,
    ) -> Option<usize> {
        for (number, (text, place)) in texts.iter().zip(places).enumerate() {
            while let Some(row) = self.next_request(place) {
                let raw = row_text(text, &row);
                if raw.is_none() && direct {
                    self.asked.as_mut()?.rows.push_front(row);
                    return Some(number);
                }
                self.at.record += 1;
                let Some(raw) = raw else {
                    self.answer.troubles.push(cannot_be_read(path, "it is not what was read any more"));
                    continue;
                };
                let record = u32::try_from(self.answer.records.len()).unwrap_or(u32::MAX);
                let (path, len) = (path.to_owned(), raw.len() as u64);
                self.answer.records.push(SourceRecord { path, byte: place.byte, len, ..SourceRecord::default() });
                let (standing, rule) = (RowStanding::Counted, String::new());
                self.answer.rows.push(SourceRow { record, byte: place.byte, raw, tuple: None, rule, standing });
                self.answer.requests.push(row);
            }
        }
        None
    }

    /// The next of the rows that stand at this place.
    fn next_request(&mut self, place: &SourcePlace) -> Option<AccessRow> {
        let rows = &mut self.asked.as_mut()?.rows;
        let stands_here = |row: &AccessRow| (row.number, row.byte) == (place.input, place.byte);
        if rows.front().is_some_and(stands_here) { rows.pop_front() } else { None }
    }

    /// The rows at these places cannot be read.
    pub(super) fn pass_over_requests(&mut self, places: &[SourcePlace]) {
        for place in places {
            while self.next_request(place).is_some() {
                self.at.record += 1;
            }
        }
    }
}

/// The text of a row where it begins; `None` when it is not there.
fn row_text(text: &[u8], row: &AccessRow) -> Option<String> {
    let own = object_text(b"", text, "").concat();
    let id = row.tracking_id.as_str();
    let is_table = own.len() > LONGEST_TEXT || own.contains("\"columns\"");
    if is_table && let Some(found) = row_in_table(&own, id) {
        return Some(line(found.as_bytes()));
    }
    (!own.is_empty() && own.contains(id)).then(|| line(own.as_bytes()))
}

/// The list that holds the id.
fn row_in_table<'t>(table: &'t str, id: &str) -> Option<&'t str> {
    let at = table.find(id).filter(|_| !id.is_empty())?;
    let from = table.get(..at)?.rfind('[')?;
    let to = at + table.get(at..)?.find(']')? + 1;
    table.get(from..to)
}
