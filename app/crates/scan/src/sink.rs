//! Where records and tuples go. One record is one transaction: what a sink was told since the last commit counts only
//! when the record turns out to be whole.

use std::ops::Range;
use underlay_model::input::Format;
use underlay_model::tuple::{AnalyticsTuple, FlowTuple, RejectCode};

/// What is known of a record when it is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordHead<'a> {
    /// `flowLogGUID`, or lacking one the `flowLogResourceID` or, where that is missing, too, the `resourceId` in lower case, else empty
    /// (contract rule 3).
    pub flow_log: &'a str,
    /// `macAddress` as 12 upper-case hex digits without separators, empty when absent.
    pub mac: &'a str,
    /// Text of `time`, empty when absent.
    pub time: &'a str,
    /// Of flow log, MAC, time text and the list of tuple strings (contract rule 7).
    pub hash: u128,
    /// Position in the decoded text.
    pub bytes: Range<u64>,
    /// Tuples told to the sink by `tuple`.
    pub accepted: u64,
    /// Tuples told to the sink by `reject`.
    pub rejected: u64,
}

/// Takes the records of a flow log, one after another. Calls come as any number of `group`, `tuple`, `tuples`, `reject`, then either
/// `commit` or `rollback`.
pub trait Sink {
    /// The tuples that follow belong to this rule. `acl` and `rule` are empty when the record does not name them.
    fn group(&mut self, acl: &[u8], rule: &[u8]);
    /// An accepted tuple.
    fn tuple(&mut self, tuple: &FlowTuple<'_>);
    /// Accepted tuples of one rule, one after another; like so many calls of [`Sink::tuple`], but for the cost of a call.
    fn tuples(&mut self, tuples: &[FlowTuple<'_>]) {
        tuples.iter().for_each(|tuple| self.tuple(tuple));
    }
    /// An accepted tuple of Traffic Analytics, which no scanner tells: its readers do.
    fn analytics(&mut self, _tuple: &AnalyticsTuple<'_>) {}
    /// A whole JSON object that is no flow log record, and where it stands. A sink that knows what it is reads it, commits what
    /// comes of it, and says its format; then the object counts as read.
    fn object(&mut self, _text: &str, _bytes: Range<u64>) -> Option<Format> {
        None
    }
    /// A malformed tuple (contract rule 8); `byte` is the position of its opening quote in the decoded text.
    fn reject(&mut self, code: RejectCode, byte: u64);
    /// The record is whole.
    fn commit(&mut self, head: &RecordHead<'_>);
    /// Forget everything since the last `commit` or `rollback`.
    fn rollback(&mut self);
}

/// A sink that keeps nothing: for counting and for measuring the scanner alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct NullSink;

impl Sink for NullSink {
    fn group(&mut self, _acl: &[u8], _rule: &[u8]) {}
    fn tuple(&mut self, _tuple: &FlowTuple<'_>) {}
    fn tuples(&mut self, _tuples: &[FlowTuple<'_>]) {}
    fn reject(&mut self, _code: RejectCode, _byte: u64) {}
    fn commit(&mut self, _head: &RecordHead<'_>) {}
    fn rollback(&mut self) {}
}
