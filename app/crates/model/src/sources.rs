//! From a number back to the text behind it: which rows are asked for, and the tuples as they stand in the files, read again
//! from their handles. Also the text around the place of a note.

use crate::access::{AccessFilter, AccessRow};
use crate::metrics::MetricPoint;
use crate::time::Millis;
use crate::tuple::{Direction, FlowState, Verdict};
use crate::view::{EdgeKind, EntityKey, MinuteRange};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Whose number it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SourceOf {
    /// All traffic, or all that was allowed or denied.
    Whole(Option<Verdict>),
    /// Traffic of a thing and of everything in it.
    Entity(EntityKey),
    /// Traffic of several things and of everything in them, together.
    Things(Vec<EntityKey>),
    /// Of a thing what was denied.
    Denied(EntityKey),
    /// A row of "flows by peer".
    Peer {
        /// The thing that the row is listed under.
        key: EntityKey,
        /// The other end.
        peer: EntityKey,
        /// Whether the peer began the flows.
        initiated: bool,
        /// What the edge is.
        kind: EdgeKind,
        /// (port, protocol) at the destination.
        port: (u16, u8),
    },
    /// An edge, or one pair of it.
    Edge {
        /// The initiator.
        source: EntityKey,
        /// The target.
        target: EntityKey,
        /// What it is.
        kind: EdgeKind,
        /// One pair only.
        pair: Option<PairName>,
    },
    /// A pair, whatever its ends are.
    Pair(PairName, Verdict),
    /// Connections that probes of a thing are told from.
    Probes {
        /// The thing that is probed, or the instance that probes.
        key: EntityKey,
        /// By one instance only.
        instance: Option<EntityKey>,
    },
    /// Rows of access logs.
    Requests(AccessFilter),
    /// All edges of one kind.
    Layer(EdgeKind),
    /// Everything that one input holds, by the number that the report gives it: tuples, or rows of an access log.
    Input(u32),
    /// Copies: rows of records that had been read before.
    Duplicates,
    /// What one NIC reports in one flow log.
    Nic {
        /// 12 upper-case hex digits; empty when the records do not say.
        mac: String,
        /// GUID or resource id of the flow log.
        flow_log: String,
    },
}

/// A pair of an edge: its addresses and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the summary")]
pub struct PairName {
    pub src: IpAddr,
    pub dst: IpAddr,
    pub port: u16,
    pub protocol: u8,
}

/// Where a list of rows goes on: records to pass over, then tuples of the record that follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct SourceCursor {
    pub record: u64,
    pub tuple: u64,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceQuery {
    /// Whose rows.
    pub of: SourceOf,
    /// Minutes; `None` for all.
    pub range: Option<MinuteRange>,
    /// Where to begin.
    pub from: SourceCursor,
}

/// How many rows there are, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceTotals {
    /// Records with such a row, copies included.
    pub records: u64,
    /// Rows that make up the number.
    pub counted: u64,
    /// Rows of the other side's report, or of a reporting point that another one outdoes in that minute (rules 5 and 6).
    pub other: u64,
    /// Rows of records that had been read before (rule 7).
    pub duplicate: u64,
}

impl SourceTotals {
    /// All rows.
    pub fn rows(&self) -> u64 {
        self.counted + self.other + self.duplicate
    }
}

impl std::ops::AddAssign for SourceTotals {
    fn add_assign(&mut self, other: Self) {
        self.records += other.records;
        self.counted += other.counted;
        self.other += other.other;
        self.duplicate += other.duplicate;
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowStanding {
    /// It makes up the number.
    Counted,
    /// The other end's report counts (rule 6).
    OtherSide,
    /// Another reporting point of the same side counts in this minute (rule 5).
    OtherPoint,
    /// The record had been read before (rule 7).
    Duplicate,
}

/// The fields of a tuple.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in the flow tuple")]
pub struct SourceTuple {
    pub time_ms: Millis,
    pub src: IpAddr,
    pub dst: IpAddr,
    pub src_port: u16,
    pub dst_port: u16,
    pub protocol: u8,
    pub inbound: bool,
    /// `B`, `C`, `E` or `D`; `-` of a row of Traffic Analytics, which sums up many.
    pub state: char,
    pub encryption: String,
    /// Source to destination, destination to source.
    pub packets: [u64; 2],
    /// Source to destination, destination to source.
    pub bytes: [u64; 2],
}

/// The letter of a state.
pub fn state_letter(state: FlowState) -> char {
    match state {
        FlowState::Begin => 'B',
        FlowState::Continue => 'C',
        FlowState::End => 'E',
        FlowState::Denied => 'D',
    }
}

/// Whether the destination reports.
pub fn is_inbound(direction: Direction) -> bool {
    direction == Direction::Inbound
}

/// One row as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRow {
    /// Index in [`Sources::records`].
    pub record: u32,
    /// Position in the decoded text: of the tuple, or of the record when the tuple has none of its own.
    pub byte: u64,
    /// The text, without quotes; the record's text where a row has no text of its own.
    pub raw: String,
    /// Its fields; `None` where the text alone does not say which is which (a row of a table).
    pub tuple: Option<SourceTuple>,
    /// The rule it is listed under.
    pub rule: String,
    /// What became of it.
    pub standing: RowStanding,
}

/// A record that some of the rows come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceRecord {
    /// Path of its input.
    pub path: String,
    /// Its first byte in the decoded text.
    pub byte: u64,
    /// Its length.
    pub len: u64,
    /// Text of its `time`.
    pub time: String,
    /// Reporting point: GUID or resource id of the flow log.
    pub flow_log: String,
    /// Reporting point: the NIC.
    pub mac: String,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// Over all rows, listed or not.
    pub total: SourceTotals,
    /// About 200 rows, in the order of inputs, records and tuples.
    pub rows: Vec<SourceRow>,
    /// Records of these rows.
    pub records: Vec<SourceRecord>,
    /// What rows of access logs say, one for each row; empty when the rows are those of flow logs.
    pub requests: Vec<AccessRow>,
    /// Where the list goes on.
    pub next: Option<SourceCursor>,
    /// What could not be read again, in sentences.
    pub troubles: Vec<String>,
}

impl Sources {
    /// When the first of the rows was that tell a time.
    pub fn first_time(&self) -> Option<Millis> {
        let request = self.requests.first().map(|row| row.time_ms);
        request.or_else(|| self.rows.iter().find_map(|row| row.tuple.as_ref().map(|tuple| tuple.time_ms)))
    }
}

/// Where an object stands, so that it can be read again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPlace {
    /// Its own name, without namespace: its text holds it, unless the file has changed.
    pub name: String,
    /// Index of its input among those that hold objects, in the contract's order.
    pub input: u32,
    /// Path of the input.
    pub path: String,
    /// Its first byte in the decoded text.
    pub byte: u64,
    /// What matters in it, by keys, by names or types of list elements and by their numbers, from the outside in: `status/conditions/Ready`; empty for all of it.
    pub field: String,
    /// Paths of the other inputs that hold a copy of it, sorted: this one counts.
    pub copies: Vec<String>,
}

/// A text that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextOf {
    /// What stands around a byte.
    Around {
        /// Its input, by the number that the report gives it.
        input: u32,
        /// In the decoded text.
        byte: u64,
    },
    /// An object's own lines.
    Object(ObjectPlace),
    /// The metric that holds a value, and in it the value.
    Metric(MetricPoint),
    /// An input from its beginning, by the number that the report gives it.
    Input(u32),
}

/// The text around a place, or of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snippet {
    /// Before the place, at the place, after it; decoded text. Of an object the middle is the field that was asked for.
    pub parts: [String; 3],
    /// Position of the first byte of the first part in the decoded text.
    pub byte: u64,
    /// Number of an object's first line, from 1; `None` where counting would mean to read much of the file.
    pub line: Option<u64>,
    /// Why there is none.
    pub trouble: Option<String>,
    /// Of an object where it stands.
    pub place: Option<ObjectPlace>,
}
