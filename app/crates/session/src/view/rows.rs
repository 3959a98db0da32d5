//! Counted rows as the builders read them, whatever store they came from.

use std::net::IpAddr;
use underlay_model::summary::Side;
use underlay_model::time::{Millis, Minute};
use underlay_model::view::Traffic;

/// One pair's counted traffic in a range (of a contested address: in one minute).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedPair {
    /// The initiator.
    pub source: IpAddr,
    /// The target.
    pub destination: IpAddr,
    /// Destination port.
    pub port: u16,
    /// IANA number.
    pub protocol: u8,
    /// The verdict.
    pub denied: bool,
    /// A minute in which it flowed: a contested address is resolved at it, so its rows must be split by minute.
    pub minute: Minute,
    /// As counted; flows by rule 11.
    pub traffic: Traffic,
    /// First and last tuple, over all sides.
    pub first_ms: Millis,
    /// See `first_ms`.
    pub last_ms: Millis,
    /// Whose report is counted.
    pub side: Side,
    /// Indices into [`CountedPairs::rules`].
    pub rules: Vec<u32>,
    /// Indices into [`CountedPairs::encryption`].
    pub encryption: Vec<u32>,
}

/// Rows of a range with the texts that they name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountedPairs {
    /// In any order; the answer does not depend on it.
    pub rows: Vec<CountedPair>,
    /// Raw rule texts.
    pub rules: Vec<String>,
    /// Raw encryption texts.
    pub encryption: Vec<String>,
}

/// One pair's counted traffic in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in CountedPair")]
pub struct PairMinute {
    pub source: IpAddr,
    pub destination: IpAddr,
    pub denied: bool,
    pub minute: Minute,
    pub traffic: Traffic,
}

/// Traffic of one minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "plain words")]
pub struct MinuteRow {
    pub minute: Minute,
    pub traffic: Traffic,
}
