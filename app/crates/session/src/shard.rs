//! One parsing worker's engine: bytes of one input at a time go in, columns stay inside, partial aggregates come out. It
//! does no input or output: its host streams the slice that it asks for and carries its messages.

use crate::shard_wire::{ShardRequest, ShardResponse, Slice};

/// What the host has to do after a request.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// Send this to the coordinator.
    Respond(Box<ShardResponse>),
    /// Stream this slice of the file that came beside the request into [`Shard::push`], then call [`Shard::finish`]. Handle
    /// other requests between two chunks, and stop when [`Shard::is_reading`] says that the input was aborted.
    Read(Slice),
    /// Nothing.
    Nothing,
}

/// One shard of a capture.
#[derive(Default)]
pub struct Shard {}

impl Shard {
    /// An empty shard.
    pub fn new() -> Self {
        Self::default()
    }

    /// Does what the coordinator asks. May be called between two chunks of an input.
    pub fn handle(&mut self, request: ShardRequest) -> Reaction {
        let _ = request;
        Reaction::Nothing
    }

    /// Whether an input is open.
    pub fn is_reading(&self) -> bool {
        false
    }

    /// Path of the open input, to name it when the host must report a panic.
    pub fn open_path(&self) -> Option<&str> {
        None
    }

    /// The next bytes of the open input, in any portions (about 1 MiB is good). Gives a progress message to send, now and
    /// then. Does nothing when no input is open.
    pub fn push(&mut self, bytes: &[u8]) -> Option<ShardResponse> {
        let _ = bytes;
        None
    }

    /// The slice was pushed whole. `None` when no input is open.
    pub fn finish(&mut self) -> Option<ShardResponse> {
        None
    }

    /// The file could not be read (any more): what was read stays, the input gets the note `unreadable`. `None` when no
    /// input is open.
    pub fn fail(&mut self, message: &str) -> Option<ShardResponse> {
        let _ = message;
        None
    }
}
