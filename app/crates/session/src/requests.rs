//! Rows of the access logs that a shard has read: they stay where they were parsed, and are asked for by the page.

use crate::shard_wire::InputId;
use underlay_ingest::AccessRows;
use underlay_model::access::{AccessFilter, AccessPage};

/// The rows of all logs of a shard may take so much; beyond it those of further inputs are only counted.
const MOST_MEMORY: u64 = 384 << 20;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Requests(Vec<(InputId, String, AccessRows)>);

impl Requests {
    /// The rows of an input that was read to its end.
    pub(crate) fn add(&mut self, input: InputId, path: &str, mut rows: AccessRows) {
        if rows.is_empty() && rows.not_kept() == 0 {
            return;
        }
        if self.memory_bytes() + rows.memory_bytes() > MOST_MEMORY {
            rows.give_up();
        }
        self.0.push((input, path.to_owned(), rows));
    }

    /// The input is taken out.
    pub(crate) fn remove(&mut self, input: InputId) {
        self.0.retain(|(known, ..)| *known != input);
    }

    /// Bytes that the rows take.
    pub(crate) fn memory_bytes(&self) -> u64 {
        self.0.iter().map(|(_, _, rows)| rows.memory_bytes()).sum()
    }

    /// The first rows that the filter lets pass.
    pub(crate) fn page(&self, filter: &AccessFilter, most: usize) -> AccessPage {
        let page = |(number, path, rows): &(InputId, String, AccessRows)| {
            let mut page = rows.page(filter, most, path);
            page.rows.iter_mut().for_each(|row| row.number = *number);
            page
        };
        let logs = self.0.iter().filter(|(number, ..)| filter.input.is_none_or(|wanted| wanted == *number));
        let pages = logs.map(page).collect();
        AccessPage::merge(pages, filter, most)
    }
}
