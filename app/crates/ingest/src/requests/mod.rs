//! Access and firewall logs of a gateway: JSON lines as Azure stores them, in envelopes, as rows of Log Analytics, as CSV. Rows
//! are read one by one as the text arrives, counted by minute, and kept in a compact store, so that a log of any size needs
//! no more memory than that.

mod fields;
mod index;
mod log;
mod rows;
mod stream;
mod table;

pub(crate) use log::Log;
pub use rows::AccessRows;
pub(crate) use stream::Stream;
pub(crate) use table::{Table, format_of_header};

use crate::json::Json;
use underlay_model::input::Format;

/// The log that an object is a row of; `None` when it is none.
pub(crate) fn format_of(value: &Json<'_>) -> Option<Format> {
    if !value.is_object() {
        return None;
    }
    fields::Fields::of(value, &mut None).format()
}

/// Whether a text begins with a row of such a log, at the beginning or behind something damaged.
pub(crate) fn begins(window: &str) -> bool {
    let mentions = |word: &str| memchr::memmem::find(window.as_bytes(), word.as_bytes()).is_some();
    if !mentions("TrafficController") && !mentions("AGCAccess") && !mentions("rontendName") && !mentions("AGCFire") {
        return false;
    }
    let mut stream = Stream::default();
    stream.push(window.as_bytes());
    stream.begins_with_row(window)
}
