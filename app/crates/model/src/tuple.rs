//! The flow tuple, one line of a flow log, and the ways in which one can be malformed.
//! Source: Azure, "VNet flow logs: log format"; counting: `summary-contract.md` rules 1 to 8.

use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Which NIC reports: `I`, the destination's, or `O`, the source's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// `I`: the flow enters the NIC that reports; the destination's report.
    Inbound,
    /// `O`: the flow leaves the NIC that reports; the source's report.
    Outbound,
}

/// Flow state of a VNet flow log tuple, column 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FlowState {
    /// `B`: the flow began; carries no counters.
    Begin,
    /// `C`: the flow goes on; counters since the last update.
    Continue,
    /// `E`: the flow ended; counters since the last update.
    End,
    /// `D`: the flow was denied; carries no counters.
    Denied,
}

/// Allowed or denied: part of a pair's key (rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// At least begun.
    Allowed,
    /// Denied by a rule or by encryption policy.
    Denied,
}

/// Packets and bytes of one tuple, as written. Zero where the field is empty or missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TupleCounters {
    /// Source to destination.
    pub packets_sent: u64,
    /// Source to destination.
    pub bytes_sent: u64,
    /// Destination to source.
    pub packets_returned: u64,
    /// Destination to source.
    pub bytes_returned: u64,
}

/// One accepted tuple, borrowed from the bytes it was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowTuple<'a> {
    /// The tuple's own time (rule 1: a value below 10^11 was in seconds and has been scaled).
    pub time_ms: Millis,
    /// The initiator.
    pub source: IpAddr,
    /// The target.
    pub destination: IpAddr,
    /// 0 for protocols without ports.
    pub source_port: u16,
    /// 0 for protocols without ports.
    pub destination_port: u16,
    /// IANA number.
    pub protocol: u8,
    /// Whose report it is.
    pub direction: Direction,
    /// Begin, continue, end or denied.
    pub state: FlowState,
    /// Raw text (`NX`, `X`, `NX_FALLBACK`, …); empty when missing, [`ABSENT`] in NSG flow logs, which have none.
    pub encryption: &'a [u8],
    /// Ignored for `B` and `D` (rule 2), but parsed.
    pub counters: TupleCounters,
}

impl FlowTuple<'_> {
    /// Denied for state `D`, else allowed.
    pub fn verdict(&self) -> Verdict {
        if self.state == FlowState::Denied { Verdict::Denied } else { Verdict::Allowed }
    }
}

/// Text of an encryption or a rule of which a record says nothing: not even empty. Occurs in no UTF-8 text.
pub const ABSENT: &[u8] = b"\xFF";
/// The flow log part of a Traffic Analytics row's reporting point (rule 3).
pub const TRAFFIC_ANALYTICS: &str = "traffic-analytics";

/// One accepted tuple of Traffic Analytics (rule 10): a row, or one packed public address of a row. It stands for many tuples
/// of flow logs, so it has its own counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnalyticsTuple<'a> {
    /// A time in the minute in which it counts.
    pub time_ms: Millis,
    /// First and last time of its flows.
    pub span: (Millis, Millis),
    /// The initiator.
    pub source: IpAddr,
    /// The target.
    pub destination: IpAddr,
    /// 0 for protocols without ports.
    pub destination_port: u16,
    /// IANA number; 0 when the row does not say.
    pub protocol: u8,
    /// Whose report it is.
    pub direction: Direction,
    /// Allowed or denied.
    pub verdict: Verdict,
    /// Raw text, or [`ABSENT`].
    pub encryption: &'a [u8],
    /// Flows that were allowed.
    pub begun: u64,
    /// Flows that completed.
    pub ended: u64,
    /// Flows that were denied.
    pub denied: u64,
    /// Packets and bytes.
    pub counters: TupleCounters,
}

/// Why a tuple was rejected (rule 8). The order of the variants is the order in which the fields are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RejectCode {
    /// Not a string, or `flowTuples` is not a list.
    Type,
    /// Not 9 to 13 fields (VNet v4 and NSG v2), not 8 (NSG v1).
    Fields,
    /// Not digits, or past the year 9999.
    Time,
    /// Source or destination is not an address.
    Address,
    /// Source or destination port.
    Port,
    /// Not 0–255, `T`, `TCP`, `U`, `UDP`, `I`, `ICMP`.
    Protocol,
    /// Not `I` or `O`.
    Direction,
    /// Not `B`, `C`, `E` or `D`.
    State,
    /// Not digits up to 2^63−1.
    Counter,
}

impl RejectCode {
    /// All codes, in the order of checking.
    pub const ALL: [Self; 9] = [
        Self::Type,
        Self::Fields,
        Self::Time,
        Self::Address,
        Self::Port,
        Self::Protocol,
        Self::Direction,
        Self::State,
        Self::Counter,
    ];

    /// The note code of the summary: `tuple-fields` and so on.
    pub fn code(self) -> &'static str {
        match self {
            Self::Type => "tuple-type",
            Self::Fields => "tuple-fields",
            Self::Time => "tuple-time",
            Self::Address => "tuple-address",
            Self::Port => "tuple-port",
            Self::Protocol => "tuple-protocol",
            Self::Direction => "tuple-direction",
            Self::State => "tuple-state",
            Self::Counter => "tuple-counter",
        }
    }
}
