//! One record on its way to the sink: counts what was told, so that the account grows only by whole records.

use crate::account::{Rejects, ScanAccount};
use crate::hash::RecordHasher;
use crate::sink::{RecordHead, Sink};
use std::ops::Range;
use underlay_model::tuple::{FlowTuple, RejectCode};

/// Tells a sink of a record and remembers how much it told.
#[derive(Debug)]
pub(crate) struct Transaction<'a, S: ?Sized> {
    sink: &'a mut S,
    pub(crate) hasher: &'a mut RecordHasher,
    accepted: u64,
    rejected: Vec<Rejects>,
}

/// Identity of a record as written, not yet normalised.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Identity<'a> {
    pub(crate) guid: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) mac: &'a str,
    pub(crate) time: &'a str,
}

impl<'a, S: Sink + ?Sized> Transaction<'a, S> {
    pub(crate) fn begin(sink: &'a mut S, hasher: &'a mut RecordHasher) -> Self {
        hasher.reset();
        Self { sink, hasher, accepted: 0, rejected: Vec::new() }
    }

    pub(crate) fn group(&mut self, acl: &[u8], rule: &[u8]) {
        self.sink.group(acl, rule);
    }

    #[inline]
    pub(crate) fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        self.accepted += 1;
        self.sink.tuple(tuple);
    }

    pub(crate) fn tuples(&mut self, tuples: &[FlowTuple<'_>]) {
        self.accepted += tuples.len() as u64;
        self.sink.tuples(tuples);
    }

    pub(crate) fn reject(&mut self, code: RejectCode, byte: u64) {
        add_rejects(&mut self.rejected, Rejects { code, count: 1, first_byte: byte });
        self.sink.reject(code, byte);
    }

    pub(crate) fn rollback(self) {
        self.sink.rollback();
    }

    /// The record is whole: `bytes` is its position in the decoded text.
    pub(crate) fn commit(self, identity: &Identity<'_>, bytes: Range<u64>, account: &mut ScanAccount) {
        let lower;
        let flow_log = if identity.guid.is_empty() {
            lower = identity.resource.to_lowercase();
            lower.as_str()
        } else {
            identity.guid
        };
        let mac = normal_mac(identity.mac);
        let hash = self.hasher.finish(flow_log, &mac, identity.time);
        let rejected = self.rejected.iter().map(|rejects| rejects.count).sum();
        self.sink.commit(&RecordHead {
            flow_log,
            mac: &mac,
            time: identity.time,
            hash,
            bytes,
            accepted: self.accepted,
            rejected,
        });
        account.accepted += self.accepted;
        for rejects in self.rejected {
            add_rejects(&mut account.rejected, rejects);
        }
    }
}

fn add_rejects(list: &mut Vec<Rejects>, more: Rejects) {
    match list.binary_search_by_key(&more.code, |rejects| rejects.code) {
        Ok(at) => {
            if let Some(rejects) = list.get_mut(at) {
                rejects.count += more.count;
                rejects.first_byte = rejects.first_byte.min(more.first_byte);
            }
        }
        Err(at) => list.insert(at, more),
    }
}

/// `60-45-bd-12-ab-34`, `60:45:BD:12:AB:34`, `6045.bd12.ab34` and `6045BD12AB34` are one NIC.
pub(crate) fn normal_mac(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | ':' | '.' | ' ')).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::normal_mac;

    #[test]
    fn one_nic_has_one_name() {
        for text in ["6045BD12AB34", "60-45-bd-12-ab-34", "60:45:BD:12:AB:34", "6045.bd12.ab34"] {
            assert_eq!(normal_mac(text), "6045BD12AB34");
        }
    }
}
