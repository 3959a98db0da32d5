//! The names by which traffic is counted: the pair, the side that reports it, the reporting point (contract rules 3 and 4).

use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use underlay_model::tuple::{Direction, Verdict};

/// Whose report it is.
pub use underlay_model::summary::Side;

/// A pair (contract rule 4). Ordered as the summary orders pairs: numeric addresses, IPv4 first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PairKey {
    /// The initiator.
    pub src: IpAddr,
    /// The target.
    pub dst: IpAddr,
    /// The target's port, 0 for protocols without ports.
    pub port: u16,
    /// IANA number.
    pub protocol: u8,
    /// Allowed or denied.
    pub verdict: Verdict,
}

/// A reporting point (contract rule 3). Ordered as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PointKey {
    /// GUID of the flow log, or its resource id in lower case.
    pub flow_log: String,
    /// The NIC, 12 upper-case hex digits.
    pub mac: String,
}

/// The side a tuple of this direction reports for (contract rule 4).
pub fn side_of(direction: Direction) -> Side {
    match direction {
        Direction::Inbound => Side::Destination,
        Direction::Outbound => Side::Source,
    }
}
