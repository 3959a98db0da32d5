//! The capture summary, schema `underlay.summary/1`: the same bytes from page and command line. Fields stand in the order
//! of the contract because `serde_json` writes them in the order they are declared.

use crate::health::PodHealth;
use crate::input::{Format, Note, TupleTally};
use crate::time::Millis;
use crate::tuple::Verdict;
use serde::Serialize;

/// The schema's name and version.
pub const SCHEMA: &str = "underlay.summary/1";

/// The whole summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "fields are those of `summary-contract.md`")]
pub struct Summary {
    pub schema: &'static str,
    pub complete: bool,
    pub inputs: Vec<InputSummary>,
    pub span: Option<Span>,
    pub tuples: TupleTally,
    pub pairs: Vec<Pair>,
    pub endpoints: Vec<EndpointSummary>,
    pub inventory: InventoryCounts,
    pub health: Vec<PodHealth>,
    pub findings: Vec<Finding>,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "fields are those of `summary-contract.md`")]
pub struct InputSummary {
    pub path: String,
    pub format: Format,
    pub bytes: u64,
    pub records: u64,
    pub tuples: TupleTally,
    pub lost_bytes: u64,
    pub notes: Vec<Note>,
}

/// First and last time of accepted tuples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "fields are those of `summary-contract.md`")]
pub struct Span {
    pub first_ms: Millis,
    pub last_ms: Millis,
}

/// Whose report is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "plain words")]
pub enum Side {
    Destination,
    Source,
}

/// One pair, as counted (rules 4 to 6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "fields are those of `summary-contract.md`")]
pub struct Pair {
    pub src: std::net::IpAddr,
    pub dst: std::net::IpAddr,
    pub port: u16,
    pub protocol: u8,
    pub verdict: Verdict,
    pub begun: u64,
    pub continued: u64,
    pub ended: u64,
    pub denied: u64,
    pub packets: [u128; 2],
    pub bytes: [u128; 2],
    pub first_ms: Millis,
    pub last_ms: Millis,
    pub side: Side,
    pub rules: crate::texts::Texts,
    pub encryption: crate::texts::Texts,
}

/// One (address, owner).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "fields are those of `summary-contract.md`")]
pub struct EndpointSummary {
    pub ip: std::net::IpAddr,
    pub kind: EndpointKind,
    pub name: Option<String>,
    pub node: Option<String>,
    pub evidence: String,
}

/// What an address is; first match wins, in this order (`summary-contract.md`, Who an address is).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "plain words")]
pub enum EndpointKind {
    GatewayInstance,
    Pod,
    Node,
    Service,
    Nic,
    Platform,
    PodRange,
    ServiceRange,
    Subnet,
    Vnet,
    Private,
    Public,
}

impl EndpointKind {
    /// The name in the summary, by which endpoints of one address are also ordered.
    pub fn code(self) -> &'static str {
        match self {
            Self::GatewayInstance => "gateway-instance",
            Self::Pod => "pod",
            Self::Node => "node",
            Self::Service => "service",
            Self::Nic => "nic",
            Self::Platform => "platform",
            Self::PodRange => "pod-range",
            Self::ServiceRange => "service-range",
            Self::Subnet => "subnet",
            Self::Vnet => "vnet",
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

/// Distinct objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "fields are those of `summary-contract.md`")]
pub struct InventoryCounts {
    pub nodes: u64,
    pub pods: u64,
    pub services: u64,
    pub endpoint_slices: u64,
    pub gateways: u64,
    pub routes: u64,
    pub events: u64,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[allow(missing_docs, reason = "fields are those of `summary-contract.md`")]
pub struct Finding {
    pub id: String,
    pub severity: String,
    pub kind: String,
    pub confidence: String,
    pub title: String,
    pub subject: String,
    pub evidence: Vec<String>,
    pub refutes: Vec<String>,
    pub next: Vec<String>,
    /// What it leads to, for users or for the gateway: one sentence between `title` and `next`.
    pub consequence: String,
}
