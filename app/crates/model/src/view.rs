//! What the page asks a capture, and what it gets: small aggregates, already counted by the contract and already named.
//! These types cross from the coordinator worker to the page, so they are plain and serialisable without self-description.

mod timeline;

pub use self::timeline::{
    EventKind, EventMark, MinuteTraffic, Problem, RequestBar, TargetLane, TargetRun, Timeline, Tracks,
};
use crate::connection::{ProbeMinute, Separation};
use crate::health::{HealthState, Witness};
use crate::input::{InputReport, TupleTally};
use crate::inventory::{Container, Probe};
use crate::sources::ObjectPlace;
use crate::summary::Side;
use crate::time::{MINUTE_MS, Millis, Minute};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Minutes `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct MinuteRange {
    pub first: Minute,
    pub last: Minute,
}

impl MinuteRange {
    /// First and last millisecond.
    pub fn bounds_ms(self) -> (Millis, Millis) {
        (self.first.saturating_mul(MINUTE_MS), self.last.saturating_add(1).saturating_mul(MINUTE_MS).saturating_sub(1))
    }

    /// Whether the minute lies inside.
    pub fn contains(self, minute: Minute) -> bool {
        (self.first..=self.last).contains(&minute)
    }

    /// Number of minutes, at least 1.
    pub fn len(self) -> u64 {
        u64::try_from(self.last - self.first).unwrap_or(0) + 1
    }

    /// Never: a range holds at least one minute.
    pub fn is_empty(self) -> bool {
        false
    }
}

/// What the user declares because no file names it (`--gateway-subnet`, `--pod-cidr`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct CaptureOptions {
    pub gateway_subnets: Vec<IpNet>,
    pub pod_cidrs: Vec<IpNet>,
}

/// A stable name of a thing in the picture, as `pod:yada/yadaapi-5f9f964f75-2tnc8`, `node:aks-…`, `instance:10.13.100.6`,
/// `frontend:default/appgw4c`, `vnet:aksVnet`, `subnet:aksVnet/aks1stpool`, `pods:10.244.0.0/16`, `address:203.0.113.77`,
/// `group:internet`. Selection and address bar use it, so it is the same in every load of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntityKey(pub String);

impl EntityKey {
    /// `kind:name`.
    pub fn new(kind: &str, name: &str) -> Self {
        Self(format!("{kind}:{name}"))
    }
}

impl std::fmt::Display for EntityKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a thing in the picture is. Containers hold others by [`Entity::parent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EntityKind {
    /// The internet or a group of public addresses without a front end of ours: a lane of its own at the left.
    Internet,
    /// Clients of a front end, known from an access log only.
    Clients,
    /// A front end of the gateway: a Gateway object with its FQDN.
    FrontEnd,
    /// Container: a virtual network.
    VirtualNetwork,
    /// Container: an AGC subnet.
    GatewaySubnet,
    /// An instance of the gateway, in a gateway subnet.
    GatewayInstance,
    /// Container: a subnet that holds nodes.
    NodeSubnet,
    /// Container: any other subnet.
    Subnet,
    /// Container: a node.
    Node,
    /// Container inside a node (or at the bottom, for pods of unknown nodes): the overlay well; detail is the pod CIDR.
    PodRange,
    /// A pod.
    Pod,
    /// A service, drawn on demand.
    Service,
    /// A route, drawn on demand.
    Route,
    /// 168.63.129.16 and link-local addresses.
    Platform,
    /// A single address or NIC of no other kind, or a group of them.
    Address,
    /// Container: things of one zone, pool, namespace, workload or service. Only the picture makes these, when it is asked to
    /// group; no answer holds one.
    Group,
}

/// Counted traffic of a thing or an edge in the asked time range. Flows as the contract's rule 11.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// max(begun, ended) of the counted side, plus denied.
    pub flows: u64,
    /// Denied tuples.
    pub denied: u64,
    /// Packets source→destination, destination→source.
    pub packets: [u64; 2],
    /// Bytes source→destination, destination→source.
    pub bytes: [u64; 2],
}

impl Traffic {
    /// Bytes both ways.
    pub fn total_bytes(&self) -> u64 {
        self.bytes[0].saturating_add(self.bytes[1])
    }

    /// Nothing at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::ops::AddAssign for Traffic {
    fn add_assign(&mut self, other: Self) {
        self.flows = self.flows.saturating_add(other.flows);
        self.denied = self.denied.saturating_add(other.denied);
        for way in 0..2 {
            self.packets[way] = self.packets[way].saturating_add(other.packets[way]);
            self.bytes[way] = self.bytes[way].saturating_add(other.bytes[way]);
        }
    }
}

/// A thing in the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Stable name.
    pub key: EntityKey,
    /// What it is.
    pub kind: EntityKind,
    /// Index of the container in [`Topology::entities`]; always smaller than the own index.
    pub parent: Option<u32>,
    /// What it is called: pod name without namespace, node name, subnet name, `Internet`.
    pub name: String,
    /// Second line: address, prefix, FQDN.
    pub detail: String,
    /// Third: namespace of a pod, service, front end or route; version of a node; empty otherwise.
    pub note: String,
    /// Pods: workload name (group of cards); nodes: pool; empty otherwise.
    pub group: String,
    /// Nodes: zone; empty otherwise.
    pub zone: String,
    /// State by every witness; containers wear none (the scene computes the worst member).
    pub health: HealthState,
    /// Expected but not seen (a silent gateway instance): drawn dashed.
    pub absent: bool,
    /// How many things it stands for: 1, or the number of addresses of a group.
    pub members: u64,
    /// As destination and source together, in the asked range.
    pub traffic: Traffic,
    /// Pods: bytes of each minute of the whole capture, scaled to 0–255 by the capture's largest; empty when there are none.
    pub pulse: Vec<u8>,
    /// Pods: container count and how many are ready (`2/2`); front ends: `80, 443`; empty otherwise.
    pub ports: String,
    /// Pods: a line a container, in four parts with tabs between: name, declared ports (`8080, 9090`), readiness probe
    /// (`HTTP /healthz on 8080`), and what is not as it should be (`not ready, 4 restarts`). Empty when no container is known.
    pub containers: String,
}

impl Entity {
    /// A thing of which nothing more is known: it stands for itself alone, has no traffic, and its state is unknown.
    pub fn new(kind: EntityKind, key: EntityKey, parent: Option<u32>, name: String) -> Self {
        Self {
            key,
            kind,
            parent,
            name,
            detail: String::new(),
            note: String::new(),
            group: String::new(),
            zone: String::new(),
            health: HealthState::Unknown,
            absent: false,
            members: 1,
            traffic: Traffic::default(),
            pulse: Vec::new(),
            ports: String::new(),
            containers: String::new(),
        }
    }
}

/// What an edge is, told apart by form and colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum EdgeKind {
    /// Allowed traffic toward the workload.
    User,
    /// The gateway's health probes, told from user traffic by time and size: always an inference.
    Probe,
    /// Denied flows.
    Denied,
    /// Expected by an input, not in the logs.
    Absent,
    /// Azure's own (168.63.129.16, link-local).
    Platform,
    /// From nodes and pods outward.
    Egress,
    /// Between nodes, pods and other private addresses.
    Internal,
    /// Known from objects, not from flows: front end to instances.
    Inferred,
}

/// Traffic of one kind between two things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Index of the initiator in [`Topology::entities`].
    pub source: u32,
    /// Index of the target.
    pub target: u32,
    /// What it is.
    pub kind: EdgeKind,
    /// Counted.
    pub traffic: Traffic,
    /// Destination ports with protocol, most flows first, at most 8: (port, protocol, flows).
    pub ports: Vec<(u16, u8, u64)>,
    /// Rules, raw text, sorted, at most 8.
    pub rules: Vec<String>,
    /// How many pairs of the whole capture are of the kinds (ports, verdicts) that it sums in the range.
    pub pairs: u64,
    /// How many of these pairs the flow log says were encrypted on the way (`X`), and how many were not (`NX…`), over the whole
    /// capture. A pair may be both; both are 0 where no log says.
    pub encryption: [u32; 2],
}

/// The picture's content for one time range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Parents before children; order is stable and is the drawing order within a container.
    pub entities: Vec<Entity>,
    /// Sorted by source, target, kind.
    pub edges: Vec<Edge>,
    /// The answer at the top left: one sentence.
    pub headline: String,
    /// At most three sentences below it.
    pub sublines: Vec<String>,
    /// Over everything counted in the range.
    pub total: Traffic,
    /// Pods by state, in the order healthy, degraded, failing, unknown.
    pub pods_by_state: [u64; 4],
}

/// A row of "flows by peer".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Thing at the other end.
    pub key: EntityKey,
    /// Its name as shown.
    pub name: String,
    /// Address at the other end, or `312 addresses`.
    pub address: String,
    /// Whether the peer began the flows.
    pub initiated: bool,
    /// (port, protocol) at the destination.
    pub port: (u16, u8),
    /// What the edge is.
    pub kind: EdgeKind,
    /// Counted; bytes as source→destination, destination→source.
    pub traffic: Traffic,
    /// Whose report is counted.
    pub side: Side,
    /// Rules, raw, sorted.
    pub rules: Vec<String>,
}

/// What the inspector shows of one thing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The thing.
    pub key: EntityKey,
    /// `Pod in yada`, `Node`, `Gateway instance`.
    pub kind: String,
    /// Full name.
    pub title: String,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
    /// State by every witness; `None` for what has no health.
    pub health: Option<HealthState>,
    /// Witnesses, best source first.
    pub witnesses: Vec<Witness>,
    /// Where witnesses contradict each other: who says what, and what it may mean; a sentence each.
    pub contradictions: Vec<String>,
    /// The gateway's probes, in the whole capture, one strip an instance (of an instance: one for all that it probes); at most 6.
    pub probes: Vec<ProbeStrip>,
    /// Strips beyond those listed.
    pub more_probes: u64,
    /// Label and value, in the order shown: Node, Workload, Service, Readiness, Started, …; with the source letter.
    pub facts: Vec<(String, String, char)>,
    /// Containers of a pod.
    pub containers: Vec<Container>,
    /// The configured readiness probe of the first container that has one.
    pub readiness: Option<Probe>,
    /// Per bar of the timeline: bytes from the thing and to the thing. Empty when it has no flows.
    pub series: Vec<SeriesPoint>,
    /// First minute of `series`.
    pub series_first: Minute,
    /// Peers in the asked range, most flows first; at most 200.
    pub peers: Vec<Peer>,
    /// Peers beyond those listed.
    pub more_peers: u64,
    /// Over all peers, in the asked range.
    pub total: Traffic,
    /// Why it is who it is: the `evidence` of its endpoints.
    pub evidence: Vec<String>,
    /// The object that it is, where there is one.
    pub place: Option<ObjectPlace>,
}

/// Probes of one gateway instance over time; always an inference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeStrip {
    /// The instance.
    pub key: EntityKey,
    /// Its address.
    pub name: String,
    /// An input names it, no log has it.
    pub absent: bool,
    /// Pods and ports that it stands for.
    pub pairs: u64,
    /// How well the split is founded, of the pair where it is founded worst.
    pub separation: Separation,
    /// Median distance of two probes of a pair, milliseconds; 0 when not known.
    pub interval_ms: u64,
    /// Nine of ten distances differ from the median by no more, milliseconds.
    pub jitter_ms: u64,
    /// With bytes back.
    pub answered: u64,
    /// Without.
    pub unanswered: u64,
    /// Beats at which nothing was seen.
    pub missed: u64,
    /// Connections of which it cannot be told.
    pub unknown: u64,
    /// Minutes with probes, in order.
    pub minutes: Vec<ProbeMinute>,
}

/// One minute of a thing's traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// Bytes that left the thing.
    pub from: u64,
    /// Bytes that reached it.
    pub to: u64,
    /// Denied tuples from or to it.
    pub denied: u64,
    /// False is a gap.
    pub covered: bool,
}

/// One edge, asked for by its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeDetail {
    /// Its pairs in the asked range, most flows first, at most 200.
    pub pairs: Vec<PairRow>,
    /// Beyond those listed.
    pub more_pairs: u64,
    /// Bytes each minute.
    pub series: Vec<SeriesPoint>,
    /// First minute of `series`.
    pub series_first: Minute,
    /// Over all.
    pub total: Traffic,
    /// What was seen of probes on it and how sure that is, in sentences; empty where no gateway instance is the source.
    pub probes: Vec<String>,
}

/// One pair as a table row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the summary")]
pub struct PairRow {
    pub src: IpAddr,
    pub dst: IpAddr,
    pub src_name: String,
    pub dst_name: String,
    pub src_key: EntityKey,
    pub dst_key: EntityKey,
    pub port: u16,
    pub protocol: u8,
    pub denied: bool,
    pub kind: EdgeKind,
    pub traffic: Traffic,
    pub first_ms: Millis,
    pub last_ms: Millis,
    pub side: Side,
    pub rules: Vec<String>,
    pub encryption: Vec<String>,
}

/// State of reading, sent ten times a second while files are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Inputs known so far (zip members appear when their archive's directory was read).
    pub files: u64,
    /// Finished.
    pub files_done: u64,
    /// Compressed bytes of all inputs.
    pub bytes: u64,
    /// Read so far.
    pub bytes_read: u64,
    /// Accepted so far.
    pub tuples: u64,
    /// The file being read.
    pub current: String,
    /// Memory of the workers, bytes.
    pub memory: u64,
    /// Per input, in order: (bytes, bytes read, done, has an error note).
    pub segments: Vec<(u64, u64, bool, bool)>,
}

/// The import report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Sorted by path.
    pub inputs: Vec<InputReport>,
    /// All inputs.
    pub tuples: TupleTally,
    /// Span of accepted tuples.
    pub span: Option<(Millis, Millis)>,
    /// Newest time stamp inside the cluster's objects.
    pub snapshot_ms: Option<Millis>,
    /// Stopped by the user before the end.
    pub stopped: bool,
    /// Memory of the workers, bytes.
    pub memory: u64,
    /// Parsing workers.
    pub workers: u32,
    /// Milliseconds from the first file to the end of reading.
    pub elapsed_ms: u64,
    /// Inputs that were taken out and can be put back: (path, bytes), sorted.
    pub out: Vec<(String, u64)>,
    /// What the user declared.
    pub options: CaptureOptions,
}
