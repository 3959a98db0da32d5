//! Requests that a gateway answered, as its access log tells them: counted by minute, front end, backend and status, with the
//! distribution of their times; and single rows. The counts of several inputs are merged by [`AccessSums::merge`], which
//! counts overlapping downloads of one log once. The firewall log is counted in the same way.
//!
//! Sources: AGC diagnostics (`TrafficControllerAccessLog`, `TrafficControllerFirewallLog`), Log Analytics tables
//! `AGCAccessLogs` and `AGCFirewallLogs`.

mod firewall;
mod latency;
mod rows;

pub use firewall::{FirewallCell, merge_firewall};
pub use latency::Latency;
pub use rows::{AccessFilter, AccessPage, AccessRow};

use crate::order::Order;
use crate::time::Minute;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Requests of one minute, by one front end, to one backend, of one status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessCell {
    /// By the row's own time.
    pub minute: Minute,
    /// Index into [`AccessSums::gateways`].
    pub gateway: u32,
    /// Index into [`AccessSums::front_ends`].
    pub front_end: u32,
    /// Index into [`AccessSums::backends`].
    pub backend: u32,
    /// The status that the client got; 0 when there was none (the client went away).
    pub status: u16,
    /// How many.
    pub requests: u64,
    /// Headers and bodies, from clients.
    pub request_bytes: u64,
    /// Headers and bodies, to clients.
    pub response_bytes: u64,
    /// `timeTaken`: from the first byte of the request to the last of the answer.
    pub time_taken: Latency,
    /// `backendResponseLatency`: until the backend's first byte; of requests that reached one.
    pub backend_latency: Latency,
}

/// Requests of one minute that one client sent to one front end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientCell {
    /// By the rows' own time.
    pub minute: Minute,
    /// Index into [`AccessSums::gateways`].
    pub gateway: u32,
    /// Index into [`AccessSums::front_ends`].
    pub front_end: u32,
    /// `None` where the log does not say, and for clients beyond the most that are kept.
    pub client: Option<IpAddr>,
    /// How many.
    pub requests: u64,
    /// Headers and bodies, from the client and to it.
    pub bytes: [u64; 2],
}

/// Who answered: the backend's address and port; no address when the gateway answered itself.
pub type Backend = (Option<IpAddr>, u16);

/// A minute of one gateway's log in one input, so that copies of it can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyPrint {
    /// Index of the gateway.
    pub gateway: u32,
    /// Which minute.
    pub minute: Minute,
    /// Its rows.
    pub rows: u64,
    /// Sum of the rows' hashes: the same rows in any order give the same.
    pub print: u64,
}

/// What the access logs of one input, or of all, come to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessSums {
    /// ARM ids in lower case; empty when the rows do not say.
    pub gateways: Vec<String>,
    /// `name:port`.
    pub front_ends: Vec<String>,
    /// Addresses and ports.
    pub backends: Vec<Backend>,
    /// Sorted by minute, then by the names that the indices stand for, then status. (Of one input: in any order.)
    pub cells: Vec<AccessCell>,
    /// The same requests by client, sorted by minute, gateway, front end, client. (Of one input: in any order.)
    pub clients: Vec<ClientCell>,
    /// For telling copies; empty when merged.
    pub prints: Vec<CopyPrint>,
    /// Requests beyond the most cells that are kept (a log with a million backends): counted here and nowhere else.
    pub beyond: u64,
    /// Rows that were copies of another input's.
    pub duplicates: u64,
}

impl AccessSums {
    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty() && self.beyond == 0
    }

    /// All requests.
    pub fn requests(&self) -> u64 {
        self.cells.iter().map(|cell| cell.requests).sum::<u64>() + self.beyond
    }

    /// First and last minute.
    pub fn span(&self) -> Option<(Minute, Minute)> {
        let first = self.cells.iter().map(|cell| cell.minute).min()?;
        Some((first, self.cells.iter().map(|cell| cell.minute).max()?))
    }

    /// The gateway of a cell.
    pub fn gateway(&self, cell: &AccessCell) -> &str {
        self.gateways.get(cell.gateway as usize).map_or("", String::as_str)
    }

    /// The front end of a cell.
    pub fn front_end(&self, cell: &AccessCell) -> &str {
        self.front_ends.get(cell.front_end as usize).map_or("", String::as_str)
    }

    /// The backend of a cell.
    pub fn backend(&self, cell: &AccessCell) -> Backend {
        self.backends.get(cell.backend as usize).copied().unwrap_or((None, 0))
    }

    /// The sums of several inputs, in the contract's order. Two inputs that hold an equal minute of one gateway are downloads
    /// of one log: of each of their common minutes the fuller one counts. Others add up.
    pub fn merge(inputs: &[&Self]) -> Self {
        let names: Vec<&[String]> = inputs.iter().map(|sums| sums.gateways.as_slice()).collect();
        let prints: Vec<&[CopyPrint]> = inputs.iter().map(|sums| sums.prints.as_slice()).collect();
        let dropped = copies(&names, &prints);
        let mut merged = Self::default();
        let mut gateways: Vec<&String> = inputs.iter().flat_map(|sums| &sums.gateways).collect();
        let mut front_ends: Vec<&String> = inputs.iter().flat_map(|sums| &sums.front_ends).collect();
        let mut backends: Vec<&Backend> = inputs.iter().flat_map(|sums| &sums.backends).collect();
        merged.gateways = distinct(&mut gateways);
        merged.front_ends = distinct(&mut front_ends);
        merged.backends = distinct(&mut backends);
        for (input, sums) in inputs.iter().enumerate() {
            merged.beyond += sums.beyond;
            for cell in &sums.cells {
                if dropped.binary_search(&(input, sums.gateway(cell), cell.minute)).is_ok() {
                    merged.duplicates += cell.requests;
                    continue;
                }
                let mut cell = cell.clone();
                cell.gateway = place(&merged.gateways, sums.gateways.get(cell.gateway as usize));
                cell.front_end = place(&merged.front_ends, sums.front_ends.get(cell.front_end as usize));
                cell.backend = place(&merged.backends, sums.backends.get(cell.backend as usize));
                merged.cells.push(cell);
            }
        }
        merged.merge_clients(inputs, &dropped);
        let key = |c: &AccessCell| (c.minute, c.gateway, c.front_end, c.backend, c.status);
        merged.cells.order_by(|a, b| key(a).cmp(&key(b)));
        merged.cells.dedup_by(|later, first| {
            let same = key(later) == key(first);
            if same {
                first.requests += later.requests;
                first.request_bytes = first.request_bytes.saturating_add(later.request_bytes);
                first.response_bytes = first.response_bytes.saturating_add(later.response_bytes);
                first.time_taken.add_all(&later.time_taken);
                first.backend_latency.add_all(&later.backend_latency);
            }
            same
        });
        merged
    }
}

impl AccessSums {
    /// Clients' requests of all inputs but for dropped minutes, as indices of this one's names.
    fn merge_clients(&mut self, inputs: &[&Self], dropped: &[(usize, &str, Minute)]) {
        for (input, sums) in inputs.iter().enumerate() {
            for cell in &sums.clients {
                let gateway = sums.gateways.get(cell.gateway as usize);
                let name = gateway.map_or("", String::as_str);
                if dropped.binary_search(&(input, name, cell.minute)).is_err() {
                    self.clients.push(ClientCell {
                        gateway: place(&self.gateways, gateway),
                        front_end: place(&self.front_ends, sums.front_ends.get(cell.front_end as usize)),
                        ..cell.clone()
                    });
                }
            }
        }
        let key = |c: &ClientCell| (c.minute, c.gateway, c.front_end, c.client);
        self.clients.order_by(|a, b| key(a).cmp(&key(b)));
        self.clients.dedup_by(|later, first| {
            let same = key(later) == key(first);
            if same {
                first.requests += later.requests;
                first.bytes = [0, 1].map(|way: usize| first.bytes[way].saturating_add(later.bytes[way]));
            }
            same
        });
    }
}

fn distinct<T: Ord + Clone>(items: &mut Vec<&T>) -> Vec<T> {
    items.order();
    items.dedup();
    items.iter().map(|item| (*item).clone()).collect()
}

fn place<T: Ord>(items: &[T], item: Option<&T>) -> u32 {
    let found = item.and_then(|item| items.binary_search(item).ok());
    found.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX)
}

/// Which minutes are copies: (input, gateway, minute), sorted. `names` and `prints` are the inputs', in order.
fn copies<'a>(names: &[&'a [String]], prints: &[&'a [CopyPrint]]) -> Vec<(usize, &'a str, Minute)> {
    let mut all: Vec<(&str, Minute, usize, &CopyPrint)> = Vec::new();
    for (input, (names, prints)) in names.iter().zip(prints).enumerate() {
        for print in *prints {
            let gateway = names.get(print.gateway as usize).map_or("", String::as_str);
            all.push((gateway, print.minute, input, print));
        }
    }
    all.order_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    let groups: Vec<&[(&str, Minute, usize, &CopyPrint)]> = all.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
    // Pairs of inputs that hold the same rows somewhere.
    let mut twins: Vec<(&str, usize, usize)> = Vec::new();
    for group in &groups {
        for (at, one) in group.iter().enumerate() {
            for other in group.get(at + 1..).unwrap_or_default() {
                if (one.3.rows, one.3.print) == (other.3.rows, other.3.print) {
                    twins.push((one.0, one.2, other.2));
                }
            }
        }
    }
    twins.order();
    twins.dedup();
    let mut dropped = Vec::new();
    for group in groups {
        let mut kept: Vec<&(&str, Minute, usize, &CopyPrint)> = group.iter().collect();
        kept.order_by(|a, b| b.3.rows.cmp(&a.3.rows).then(a.2.cmp(&b.2)));
        let mut counted: Vec<usize> = Vec::new();
        for (gateway, minute, input, _) in kept {
            let twin = |other: &usize| twins.binary_search(&(*gateway, *input.min(other), *input.max(other))).is_ok();
            if counted.iter().any(twin) {
                dropped.push((*input, *gateway, *minute));
            } else {
                counted.push(*input);
            }
        }
    }
    dropped.order();
    dropped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(minutes: &[(Minute, u64, u64)]) -> AccessSums {
        AccessSums {
            gateways: vec!["g".to_owned()],
            front_ends: vec!["fe:80".to_owned()],
            backends: vec![(None, 0)],
            cells: minutes
                .iter()
                .map(|&(minute, requests, _)| AccessCell { minute, requests, status: 200, ..AccessCell::default() })
                .collect(),
            prints: minutes
                .iter()
                .map(|&(minute, rows, print)| CopyPrint { gateway: 0, minute, rows, print })
                .collect(),
            ..AccessSums::default()
        }
    }

    #[test]
    fn a_log_that_was_downloaded_twice_counts_once() {
        let early = sums(&[(1, 10, 111), (2, 4, 222)]);
        let late = sums(&[(1, 10, 111), (2, 9, 333), (3, 5, 444)]);
        let merged = AccessSums::merge(&[&early, &late]);
        assert_eq!(merged.requests(), 24);
        assert_eq!(merged.duplicates, 14);
        assert_eq!(AccessSums::merge(&[&late, &early]).requests(), 24);
    }

    #[test]
    fn rows_of_one_minute_in_two_hours_blobs_add_up() {
        let (nine, ten) = (sums(&[(59, 10, 111), (60, 2, 5)]), sums(&[(60, 30, 222)]));
        let merged = AccessSums::merge(&[&nine, &ten]);
        assert_eq!((merged.requests(), merged.duplicates, merged.cells.len()), (42, 0, 2));
    }
}
