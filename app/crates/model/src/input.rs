//! One input of a capture and the account of it: what it was taken for, what was read, what was not, and why.
//! `summary-contract.md`, sections Formats and Inputs.

use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What an input was taken for, decided by its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are the formats")]
pub enum Format {
    VnetFlowLog,
    NsgFlowLogV1,
    NsgFlowLogV2,
    TrafficAnalytics,
    Kubernetes,
    KubernetesTable,
    BackendHealth,
    AzureMetrics,
    AgcAccessLog,
    AgcFirewallLog,
    Prometheus,
    AzureResource,
    Whoami,
    Cidr,
    HubbleFlow,
    #[default]
    Unknown,
}

impl Format {
    /// The name in the summary: `vnet-flow-log`.
    pub fn code(self) -> &'static str {
        match self {
            Self::VnetFlowLog => "vnet-flow-log",
            Self::NsgFlowLogV1 => "nsg-flow-log-v1",
            Self::NsgFlowLogV2 => "nsg-flow-log-v2",
            Self::TrafficAnalytics => "traffic-analytics",
            Self::Kubernetes => "kubernetes",
            Self::KubernetesTable => "kubernetes-table",
            Self::BackendHealth => "backend-health",
            Self::AzureMetrics => "azure-metrics",
            Self::AgcAccessLog => "agc-access-log",
            Self::AgcFirewallLog => "agc-firewall-log",
            Self::Prometheus => "prometheus",
            Self::AzureResource => "azure-resource",
            Self::Whoami => "whoami",
            Self::Cidr => "cidr",
            Self::HubbleFlow => "hubble-flow",
            Self::Unknown => "unknown",
        }
    }

    /// The name that people see: `VNet flow log`.
    pub fn label(self) -> &'static str {
        match self {
            Self::VnetFlowLog => "VNet flow log",
            Self::NsgFlowLogV1 => "NSG flow log v1",
            Self::NsgFlowLogV2 => "NSG flow log v2",
            Self::TrafficAnalytics => "Traffic Analytics",
            Self::Kubernetes => "kubectl objects",
            Self::KubernetesTable => "kubectl table",
            Self::BackendHealth => "Backend health",
            Self::AzureMetrics => "Azure Monitor metrics",
            Self::AgcAccessLog => "AGC access log",
            Self::AgcFirewallLog => "AGC firewall log",
            Self::Prometheus => "Prometheus metrics",
            Self::AzureResource => "Azure resource",
            Self::Whoami => "Who-am-I answer",
            Self::Cidr => "Address prefixes",
            Self::HubbleFlow => "Hubble flows",
            Self::Unknown => "not recognised",
        }
    }

    /// The letter of the source in the interface (design, section 1): F, K, H, M, A, and Z for Azure resources.
    pub fn letter(self) -> Option<char> {
        match self {
            Self::VnetFlowLog | Self::NsgFlowLogV1 | Self::NsgFlowLogV2 | Self::TrafficAnalytics => Some('F'),
            Self::Kubernetes | Self::KubernetesTable => Some('K'),
            Self::BackendHealth => Some('H'),
            Self::AzureMetrics | Self::Prometheus => Some('M'),
            Self::AgcAccessLog | Self::AgcFirewallLog | Self::Whoami => Some('A'),
            Self::AzureResource | Self::Cidr => Some('Z'),
            Self::HubbleFlow => Some('K'),
            Self::Unknown => None,
        }
    }

    /// Whether its records are flow tuples.
    pub fn is_flow_log(self) -> bool {
        matches!(self, Self::VnetFlowLog | Self::NsgFlowLogV1 | Self::NsgFlowLogV2 | Self::TrafficAnalytics)
    }
}

/// How grave a note is: lost data is an error, a guess a warning, the rest information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "plain words")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// A remark about an input. Fields are in the order of the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// How grave it is.
    pub severity: Severity,
    /// Stable identifier: `tuple-fields`, `not-read`, `cut-off`, …
    pub code: String,
    /// A plain sentence.
    pub message: String,
    /// Position in the decoded text of the first occurrence; 0 when it is about the whole input.
    pub byte: u64,
    /// How often.
    pub count: u64,
}

impl Note {
    /// A note about one place or the whole input.
    pub fn new(severity: Severity, code: &str, message: impl Into<String>, byte: u64) -> Self {
        Self { severity, code: code.to_owned(), message: message.into(), byte, count: 1 }
    }

    /// The order of notes in the summary: byte, code, message.
    pub fn sort_key(&self) -> (u64, &str, &str) {
        (self.byte, &self.code, &self.message)
    }
}

/// Tuples of an input or a capture, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TupleTally {
    /// Read and in the store.
    pub accepted: u64,
    /// In records that had been read before (rule 7).
    pub duplicate: u64,
    /// Malformed (rule 8).
    pub rejected: u64,
}

impl std::ops::AddAssign for TupleTally {
    fn add_assign(&mut self, other: Self) {
        self.accepted += other.accepted;
        self.duplicate += other.duplicate;
        self.rejected += other.rejected;
    }
}

/// What came of one input. The first seven fields are the summary's, the rest is for the import report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputReport {
    /// See the contract, Inputs.
    pub path: String,
    /// What it was taken for.
    pub format: Format,
    /// Size before decompression; of a zip member its compressed size.
    pub bytes: u64,
    /// See the contract, Inputs.
    pub records: u64,
    /// All zero for what is no flow log.
    pub tuples: TupleTally,
    /// Bytes of damaged text that no record could be made of.
    pub lost_bytes: u64,
    /// Sorted by byte, code, message.
    pub notes: Vec<Note>,
    /// Times of its accepted tuples, first and last.
    pub span: Option<(Millis, Millis)>,
    /// In plain words what is inside: `1 node, 14 pods, 6 services`; empty for flow logs.
    pub contents: String,
    /// Newest time stamp inside its objects ("not before"), for snapshots.
    pub snapshot_ms: Option<Millis>,
    /// NICs (12 hex digits) whose records it holds, sorted.
    pub macs: Vec<String>,
    /// How its text was stored, when not plain UTF-8: `gzip`, `UTF-16LE`, `gzip, UTF-16LE`.
    pub encoding: String,
    /// How the session numbers it, to ask for its text.
    pub number: u32,
}

impl InputReport {
    /// Whether it was understood: a known format that is read (contract, Formats).
    pub fn understood(&self) -> bool {
        self.format != Format::Unknown && !self.notes.iter().any(|note| note.code == "not-read")
    }
}
