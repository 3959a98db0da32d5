//! Messages between the coordinator and its parsing shards. They are encoded with postcard; a file's handle travels beside
//! the message that opens it. Everything that a shard answers is a partial aggregate that merges with the others'.

use serde::{Deserialize, Serialize};
use underlay_model::input::InputReport;
use underlay_model::inventory::Fragment;

/// Numbers an input of the capture for the shards; never used twice in the life of a coordinator.
pub type InputId = u32;

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

/// A run of bytes of one file which the host streams into the shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Position of the first byte in the file.
    pub offset: u64,
    /// Number of bytes.
    pub bytes: u64,
}

/// What the coordinator asks of a shard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ShardRequestBody {
    /// Read an input; the file's handle is beside the message.
    Open {
        /// Its number.
        input: InputId,
        /// Its path (contract, Inputs).
        path: String,
        /// Which bytes of the file.
        slice: Slice,
        /// How they are stored.
        coding: SliceCoding,
    },
    /// Stop reading and forget what was read of the open input.
    Abort,
}

/// An answer and the ticket of its request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShardResponse {
    /// The request's.
    pub ticket: u64,
    /// The answer.
    pub body: ShardResponseBody,
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
    Finished {
        /// Its account; duplicates and span are settled later.
        report: Box<InputReport>,
        /// What it says of the cluster.
        fragment: Box<Fragment>,
        /// Memory of the shard, bytes.
        memory: u64,
    },
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
