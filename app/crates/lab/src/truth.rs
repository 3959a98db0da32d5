//! What a correct reader must find in a generated capture. It is worked out from the connections as they are written, by a
//! plain, slow application of the contract's counting rules that shares no code with the product's engine.

use std::net::IpAddr;
use underlay_model::health::HealthState;
use underlay_model::input::TupleTally;
use underlay_model::summary::{EndpointKind, InventoryCounts, Pair, Span};

/// One flow log file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputTruth {
    /// Path in the capture.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// Whole records in it.
    pub records: u64,
    /// By what must become of its tuples.
    pub tuples: TupleTally,
    /// Of a cut-off last record.
    pub lost_bytes: u64,
}

/// Who an address is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields of the contract's endpoints")]
pub struct EndpointTruth {
    pub ip: IpAddr,
    pub kind: EndpointKind,
    pub name: Option<String>,
    pub node: Option<String>,
}

/// The whole truth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Flow log files, sorted by path.
    pub inputs: Vec<InputTruth>,
    /// All of them.
    pub tuples: TupleTally,
    /// Of accepted tuples.
    pub span: Option<Span>,
    /// In the summary's order.
    pub pairs: Vec<Pair>,
    /// In the summary's order; when the capture holds its objects.
    pub endpoints: Vec<EndpointTruth>,
    /// Objects.
    pub inventory: InventoryCounts,
    /// `namespace/name` and state of every pod that the summary lists, by name.
    pub health: Vec<(String, HealthState)>,
    /// Malformed tuples by note code, sorted.
    pub rejected: Vec<(String, u64)>,
}
