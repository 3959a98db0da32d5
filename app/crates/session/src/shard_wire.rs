//! Messages between the coordinator and its parsing shards. They are encoded with postcard; a file's handle travels beside
//! the message that opens it. Everything that a shard answers is a partial aggregate that merges with the others'.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use underlay_ingest::Coding;
use underlay_model::IpNet;
use underlay_model::access::{AccessFilter, AccessPage};
use underlay_model::connection::{Connection, ProbeReport};
use underlay_model::input::InputReport;
use underlay_model::inventory::Fragment;
use underlay_model::view::MinuteRange;
use underlay_store::grouped::{GroupSums, Grouping};
use underlay_store::key::PointKey;
use underlay_store::query::{AddressMinutes, MinuteSums, PairDetails, PairQuery, PairSums, SeenAddresses, Selector};
use underlay_store::settle::Parcel;
use underlay_store::sources::{InputRows, PlaceQuery, PointCoverage, RowQuery, SourcePlace};
use underlay_store::tally::InputTally;

/// Numbers an input of the capture for the shards; never used twice in the life of a coordinator.
pub type InputId = u32;

/// A gateway instance, an address that it probes, and the port.
pub type ProbedPair = (IpAddr, IpAddr, u16);

/// A request and the number under which its answers come back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShardRequest {
    /// Echoed by every response, so that answers of a shard that was replaced are not mistaken for the new one's.
    pub ticket: u64,
    /// What is asked.
    pub body: ShardRequestBody,
}

/// How the bytes of a slice are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SliceCoding {
    /// As they are; gzip is recognised by its content.
    Plain,
    /// Raw deflate: a compressed member of a zip.
    Deflate,
}

impl From<Coding> for SliceCoding {
    fn from(coding: Coding) -> Self {
        match coding {
            Coding::Plain => Self::Plain,
            Coding::Deflate => Self::Deflate,
        }
    }
}

impl From<SliceCoding> for Coding {
    fn from(coding: SliceCoding) -> Self {
        match coding {
            SliceCoding::Plain => Self::Plain,
            SliceCoding::Deflate => Self::Deflate,
        }
    }
}

/// A run of bytes of one file which the host streams into the shard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Position of the first byte in the file.
    pub offset: u64,
    /// Number of bytes.
    pub bytes: u64,
}

/// An input to be read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenInput {
    /// Its number.
    pub input: InputId,
    /// Its path (contract, Inputs).
    pub path: String,
    /// Which bytes of the file.
    pub slice: Slice,
    /// How they are stored.
    pub coding: SliceCoding,
    /// How far it may expand when decompressed.
    pub expansion_limit: u64,
}

/// What the coordinator asks of a shard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ShardRequestBody {
    /// Read an input; the file's handle is beside the message. Answered by progress and [`ShardResponseBody::Finished`].
    Open(Box<OpenInput>),
    /// Read bytes for their SHA-256 only; the file's handle is beside the message.
    Digest(Slice),
    /// Stop reading and forget what was read of the open input. Not answered.
    Abort,
    /// Stop reading and keep what was read, as if the open input ended here.
    Stop,
    /// Forget these inputs.
    Remove(Vec<InputId>),
    /// Forget everything.
    Clear,
    /// Which of two inputs sorts first, by number.
    SetRanks(Vec<u32>),
    /// See [`underlay_store::Store::points`].
    Points,
    /// See [`underlay_store::Store::copies`].
    Copies(Vec<PointKey>),
    /// The only shard with records settles itself.
    SettleAlone,
    /// See [`underlay_store::Store::retract`], then [`underlay_store::Store::sieve`]. From here to [`ShardRequestBody::Resume`] bytes are laid
    /// aside, not parsed.
    Sieve(Vec<Parcel>),
    /// See [`underlay_store::Store::outlines`]. Answered by [`ShardResponseBody::Stale`] when the shard could not wait, as what follows is.
    Outlines(Vec<Parcel>),
    /// See [`underlay_store::Store::minutes`].
    Minutes(Vec<Parcel>),
    /// See [`underlay_store::Store::settle`].
    Settle(Vec<Parcel>),
    /// Go on parsing. Answered only when the open input came to its end meanwhile.
    Resume,
    /// The account of every input.
    Tallies,
    /// A question about pairs.
    Pairs(PairQuery),
    /// See [`underlay_store::Store::group_pairs`].
    Group(Box<Grouping>),
    /// See [`underlay_store::Store::group_sums`].
    GroupSums(Option<MinuteRange>),
    /// Everything of pairs but their counters.
    PairDetails(Selector),
    /// Traffic by minute.
    Timeline(Selector),
    /// Bytes of addresses by minute.
    AddressMinutes(Vec<IpAddr>),
    /// The first rows of the access logs that the filter lets pass, at most so many.
    AccessRows(Box<AccessFilter>, u32),
    /// Every address, with its minutes for those listed.
    SeenAddresses(Vec<IpAddr>),
    /// How many rows of these each input holds.
    SourceTotals(RowQuery),
    /// Where such rows stand.
    SourcePlaces(Box<PlaceQuery>),
    /// The minutes of every reporting point.
    Coverage,
    /// See [`underlay_store::Store::keep_connections_of`].
    KeepConnections(Vec<IpNet>),
    /// What the gateway's connections show of its probes.
    Probes,
    /// What single records tell of the connections of these pairs, sorted, which several shards hold; thinned so much.
    Connections(u32, Vec<ProbedPair>),
}

/// An answer and the ticket of its request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShardResponse {
    /// The request's.
    pub ticket: u64,
    /// The answer.
    pub body: ShardResponseBody,
}

/// What came of reading one input.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct FinishedInput {
    /// Its account; duplicates, span and NICs are settled later.
    pub report: InputReport,
    /// What it says of the cluster.
    pub fragment: Fragment,
    /// Bytes of the slice that were read.
    pub bytes_read: u64,
    /// Tuples accepted.
    pub tuples: u64,
    /// Decompressed bytes, 0 for what is not compressed.
    pub expanded: u64,
    /// Memory of the shard, bytes.
    pub memory: u64,
}

/// What a shard answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ShardResponseBody {
    /// While an input is read.
    Progress {
        /// Bytes of the slice that were read.
        bytes_read: u64,
        /// Tuples accepted so far, of this input.
        tuples: u64,
        /// Memory of the shard, bytes.
        memory: u64,
    },
    /// An input was read to its end.
    Finished(Box<FinishedInput>),
    /// SHA-256 of a slice; `None` when it could not be read.
    Digest(Option<[u8; 32]>),
    /// Done; there is nothing to say.
    Done,
    /// The shard went on reading while the capture was being settled.
    Stale,
    /// Answer.
    Points(Vec<PointKey>),
    /// What all other shards are told.
    Parcel(Parcel),
    /// What each of the others is told.
    Parcels(Vec<Parcel>),
    /// Answer.
    Tallies(Vec<InputTally>),
    /// Answer.
    Pairs(PairSums),
    /// Answer.
    GroupSums(GroupSums),
    /// Answer.
    PairDetails(PairDetails),
    /// Answer.
    Timeline(MinuteSums),
    /// Answer.
    AddressMinutes(AddressMinutes),
    /// Answer.
    AccessRows(Box<AccessPage>),
    /// Answer.
    SeenAddresses(SeenAddresses),
    /// Answer.
    SourceTotals(Vec<InputRows>),
    /// Answer.
    SourcePlaces(Vec<SourcePlace>),
    /// Answer.
    Coverage(Vec<PointCoverage>),
    /// Answer.
    Probes(ProbeReport),
    /// Answer.
    Connections(Vec<(ProbedPair, Vec<Connection>)>),
}

macro_rules! coded {
    ($name:ident, $what:literal) => {
        impl $name {
            #[doc = concat!("The bytes of ", $what, " as they are posted.")]
            pub fn encode(&self) -> Vec<u8> {
                postcard::to_stdvec(self).unwrap_or_default()
            }

            #[doc = concat!("Reads ", $what, " back. Errors only when the two sides were not built together.")]
            pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
                postcard::from_bytes(bytes)
            }
        }
    };
}
coded!(ShardRequest, "a request");
coded!(ShardResponse, "a response");
