//! Messages between the page and the coordinator worker. They are encoded with postcard and posted as one transferred
//! buffer; file handles travel beside the message, in the same order as its file offers.

use crate::access::{AccessFilter, AccessPage, AccessRow};
use crate::charts::Charts;
use crate::coverage::Coverage;
use crate::finding::FindingsReport;
use crate::journey::Journey;
use crate::matrix::{Matrix, MatrixFold};
use crate::sources::{Snippet, SourceQuery, Sources, TextOf};
use crate::view::{
    CaptureOptions, Detail, Edge, EdgeDetail, EdgeKind, Entity, EntityKey, MinuteRange, Progress, Report, Timeline,
    Topology,
};
use serde::{Deserialize, Serialize};

/// Numbers a question, so that its answer finds who asked. Only the newest of a kind is answered.
pub type QueryId = u64;

/// A file that the page offers; its handle is at the same place of the array beside the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOffer {
    /// See `summary-contract.md`, Inputs: base name, or `folder/inner/path`.
    pub path: String,
    /// Its size.
    pub bytes: u64,
}

/// What the page asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageRequest {
    /// Read these files, in addition to those that are there.
    AddFiles(Vec<FileOffer>),
    /// Stop reading and forget what this go has read; what was there before stays.
    Cancel,
    /// Stop reading and keep what was read.
    StopAndKeep,
    /// Forget everything.
    Reset,
    /// Forget one input (by path) as if it had never been dropped.
    Remove(String),
    /// Read again an input that was taken out (by path), or every member of an archive.
    PutBack(String),
    /// Declare what no file names.
    SetOptions(CaptureOptions),
    /// See [`PageEvent::Topology`].
    #[allow(missing_docs, reason = "plain words")]
    Topology { id: QueryId, range: Option<MinuteRange> },
    /// See [`PageEvent::Timeline`].
    #[allow(missing_docs, reason = "plain words")]
    Timeline { id: QueryId, selection: Option<EntityKey> },
    /// See [`PageEvent::Detail`].
    #[allow(missing_docs, reason = "plain words")]
    Detail { id: QueryId, key: EntityKey, range: Option<MinuteRange> },
    /// See [`PageEvent::Edge`].
    #[allow(missing_docs, reason = "plain words")]
    Edge { id: QueryId, source: EntityKey, target: EntityKey, kind: EdgeKind, range: Option<MinuteRange> },
    /// See [`PageEvent::Summary`].
    #[allow(missing_docs, reason = "plain words")]
    Summary { id: QueryId, pretty: bool },
    /// See [`PageEvent::Findings`].
    #[allow(missing_docs, reason = "plain words")]
    Findings { id: QueryId, range: Option<MinuteRange> },
    /// See [`PageEvent::Sources`].
    #[allow(missing_docs, reason = "plain words")]
    Sources { id: QueryId, query: SourceQuery },
    /// Text of an input, read again. See [`PageEvent::Snippet`].
    #[allow(missing_docs, reason = "plain words")]
    Snippet { id: QueryId, of: TextOf },
    /// See [`PageEvent::Coverage`].
    #[allow(missing_docs, reason = "plain words")]
    Coverage { id: QueryId },
    /// See [`PageEvent::Charts`].
    #[allow(missing_docs, reason = "plain words")]
    Charts { id: QueryId, selection: Option<EntityKey> },
    /// See [`PageEvent::Requests`].
    #[allow(missing_docs, reason = "plain words")]
    Requests { id: QueryId, filter: AccessFilter },
    /// See [`PageEvent::Matrix`]; without a fold one is chosen by size.
    #[allow(missing_docs, reason = "plain words")]
    Matrix { id: QueryId, fold: Option<MatrixFold>, range: Option<MinuteRange> },
    /// See [`PageEvent::Journey`].
    #[allow(missing_docs, reason = "plain words")]
    Journey { id: QueryId, row: Box<AccessRow> },
}

/// What the coordinator tells the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PageEvent {
    /// The workers run. The build identifier must equal the page's, else a cached worker met a new page.
    #[allow(missing_docs, reason = "plain words")]
    Ready { build: String, workers: u32 },
    /// Ten times a second while reading.
    Progress(Progress),
    /// The import report changed.
    Report(Report),
    /// The capture's content changed: ask again what is shown. `reading` is false after the last change of a go.
    #[allow(missing_docs, reason = "plain words")]
    Changed { generation: u64, reading: bool },
    /// Answer. Of a large one it is the last part.
    #[allow(missing_docs, reason = "plain words")]
    Topology { id: QueryId, topology: Topology },
    /// What comes before the entities and the edges of the next [`Self::Topology`]: all at once would take the page longer than a frame.
    #[allow(missing_docs, reason = "plain words")]
    TopologyPart { entities: Vec<Entity>, edges: Vec<Edge> },
    /// Answer.
    #[allow(missing_docs, reason = "plain words")]
    Timeline { id: QueryId, timeline: Timeline },
    /// Answer; `None` when the capture has no such thing.
    #[allow(missing_docs, reason = "plain words")]
    Detail { id: QueryId, detail: Option<Box<Detail>> },
    /// Answer; `None` when there is no such edge.
    #[allow(missing_docs, reason = "plain words")]
    Edge { id: QueryId, detail: Option<Box<EdgeDetail>> },
    /// Answer: the summary's bytes.
    #[allow(missing_docs, reason = "plain words")]
    Summary { id: QueryId, json: String },
    /// Answer: what the checks say of the whole capture.
    #[allow(missing_docs, reason = "plain words")]
    Findings { id: QueryId, report: Box<FindingsReport> },
    /// A worker was lost. Names the file that it was reading and that is left out, if any; the session goes on without it.
    #[allow(missing_docs, reason = "plain words")]
    WorkerFailed { message: String, path: Option<String>, loss: WorkerLoss },
    /// Answer: the rows behind a number.
    #[allow(missing_docs, reason = "plain words")]
    Sources { id: QueryId, sources: Box<Sources> },
    /// Answer.
    #[allow(missing_docs, reason = "plain words")]
    Snippet { id: QueryId, snippet: Snippet },
    /// Answer.
    #[allow(missing_docs, reason = "plain words")]
    Coverage { id: QueryId, coverage: Coverage },
    /// Answer: metrics, requests and events over time.
    #[allow(missing_docs, reason = "plain words")]
    Charts { id: QueryId, charts: Box<Charts> },
    /// Answer: the first 200 rows of the access logs that the filter lets pass.
    #[allow(missing_docs, reason = "plain words")]
    Requests { id: QueryId, page: Box<AccessPage> },
    /// Answer: which gateway instance sends what to which pod.
    #[allow(missing_docs, reason = "plain words")]
    Matrix { id: QueryId, matrix: Box<Matrix> },
    /// Answer: a request, end to end.
    #[allow(missing_docs, reason = "plain words")]
    Journey { id: QueryId, journey: Box<Journey> },
    /// Memory of all workers in bytes, as the browser gave it to them, and requests that they made after they had loaded.
    #[allow(missing_docs, reason = "plain words")]
    Vitals { memory: u64, requests: u32 },
}

/// Entities and edges that the page takes at once.
const PART: usize = 1500;

impl PageEvent {
    /// Takes from a large picture what is to be sent before it, in order.
    pub fn take_parts(&mut self) -> Vec<Self> {
        let Self::Topology { topology, .. } = self else { return Vec::new() };
        let mut parts = Vec::new();
        while topology.entities.len() > PART {
            let rest = topology.entities.split_off(PART);
            let entities = std::mem::replace(&mut topology.entities, rest);
            parts.push(Self::TopologyPart { entities, edges: Vec::new() });
        }
        while topology.edges.len() > PART {
            let rest = topology.edges.split_off(PART);
            let edges = std::mem::replace(&mut topology.edges, rest);
            parts.push(Self::TopologyPart { entities: Vec::new(), edges });
        }
        parts
    }
}

/// How a worker was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WorkerLoss {
    /// It panicked, or could not be started.
    #[default]
    Defect,
    /// The browser gave it no more memory.
    Memory,
    /// It was ended from outside: by the browser, the system or a developer's tool.
    Ended,
    /// It was the coordinator: nothing can go on without it.
    Session,
}
