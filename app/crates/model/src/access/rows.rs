//! Single requests of an access log: which are wanted, and a page of them.

use super::Backend;
use crate::order::Order;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One row of an access log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRow {
    /// When it was logged.
    pub time_ms: Millis,
    /// Who asked.
    pub client: Option<IpAddr>,
    /// The client's port, 0 when the log does not say.
    pub client_port: u16,
    /// `name:port`.
    pub front_end: String,
    /// Who answered.
    pub backend: Backend,
    /// What the client got; 0 when nothing.
    pub status: u16,
    /// `GET`.
    pub method: String,
    /// Host that was asked for.
    pub host: String,
    /// Path and query; at most 256 bytes of it.
    pub path: String,
    /// `x-request-id`.
    pub tracking_id: String,
    /// Milliseconds in all; `None` when the log does not say.
    pub time_taken_ms: Option<u32>,
    /// Milliseconds until the backend's first byte.
    pub backend_latency_ms: Option<u32>,
    /// Milliseconds until the backend's last byte.
    pub backend_time_taken_ms: Option<u32>,
    /// Headers and body from the client.
    pub request_bytes: u64,
    /// Headers and body to the client.
    pub response_bytes: u64,
    /// Path of the input.
    pub input: String,
    /// How the session numbers the input.
    pub number: u32,
    /// Where the row stands in the input's decoded text; of a row of a table in JSON where the table stands.
    pub byte: u64,
}

/// Which rows of the access logs are wanted. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessFilter {
    /// From the first to the last millisecond, both included.
    pub span: Option<(Millis, Millis)>,
    /// Backends' addresses; empty for any.
    pub backends: Vec<IpAddr>,
    /// Answered by the gateway itself, without a backend.
    pub own: bool,
    /// Clients' address.
    pub client: Option<IpAddr>,
    /// Clients' addresses that it must not be.
    pub other_clients_than: Vec<IpAddr>,
    /// Front ends as [`AccessRow::front_end`] has them; empty for any.
    pub front_ends: Vec<String>,
    /// From the first to the last status, both included: (500, 599).
    pub statuses: Option<(u16, u16)>,
    /// Takes at least so many milliseconds.
    pub at_least_ms: u32,
    /// In the path, the host or the tracking id; in any case of ASCII letters.
    pub text: String,
    /// Rows of one input only, by the session's number.
    pub input: Option<u32>,
    /// Those that took longest come first, else the earliest.
    pub slowest_first: bool,
}

/// A page of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPage {
    /// Sorted by time, then tracking id; by what they took when the filter says so.
    pub rows: Vec<AccessRow>,
    /// Rows that the filter lets pass, listed or not.
    pub matching: u64,
    /// Rows that are counted but not kept one by one, for lack of memory.
    pub not_kept: u64,
}

impl AccessPage {
    /// The first `most` rows of all pages in the filter's order. A row that two inputs hold is listed once (and counted twice).
    pub fn merge(pages: Vec<Self>, filter: &AccessFilter, most: usize) -> Self {
        let mut merged = Self::default();
        for page in pages {
            merged.rows.extend(page.rows);
            merged.matching += page.matching;
            merged.not_kept += page.not_kept;
        }
        merged.rows.order_by(|a, b| {
            (a.time_ms, &a.tracking_id, &a.input, a.byte).cmp(&(b.time_ms, &b.tracking_id, &b.input, b.byte))
        });
        merged.rows.dedup_by(|later, first| {
            !first.tracking_id.is_empty()
                && later.input != first.input
                && (later.time_ms, &later.tracking_id, later.client, &later.path)
                    == (first.time_ms, &first.tracking_id, first.client, &first.path)
        });
        if filter.slowest_first {
            // Rows of one time taken stay in the order of their time.
            merged.rows.order_by(|a, b| {
                (b.time_taken_ms, a.time_ms, &a.tracking_id).cmp(&(a.time_taken_ms, b.time_ms, &b.tracking_id))
            });
        }
        merged.rows.truncate(most);
        merged
    }
}
