//! The session's mind, as a state machine without input, output or clock: requests of the page, answers of the shards, bytes
//! and time go in; commands to the host come out of a queue. It expands archives, schedules inputs on shards, settles the
//! counting over all shards, and answers the page's questions.

use crate::shard_wire::{ShardRequest, ShardResponse};
use std::collections::VecDeque;
use underlay_model::wire::{PageEvent, PageRequest};

/// Where the host keeps a file's handle.
pub type FileIndex = u32;
/// Which shard: `0..shards`.
pub type ShardIndex = u32;
/// Numbers a [`Command::Read`].
pub type ReadId = u64;

/// What the host has to do, in this order.
#[derive(Clone, Debug)]
pub enum Command {
    /// Send to the page.
    Page(Box<PageEvent>),
    /// Send to a shard; with the handle of a file beside it when there is one.
    Shard {
        /// Which.
        shard: ShardIndex,
        /// What.
        request: Box<ShardRequest>,
        /// The file to pass along.
        file: Option<FileIndex>,
    },
    /// Read a range of a file and call [`Coordinator::read_done`]. A range that ends past the file gives what there is.
    Read {
        /// To be given back.
        id: ReadId,
        /// Which file.
        file: FileIndex,
        /// First byte.
        offset: u64,
        /// At most so many; at most a few MiB.
        bytes: u64,
    },
    /// Shard `shard` failed: end its worker, if it still runs, and start a fresh one in its place. Messages that follow are
    /// for the new one and may be posted at once.
    StartShard(ShardIndex),
    /// The handle of this file will not be needed any more.
    Release(FileIndex),
}

/// See the module.
pub struct Coordinator {
    commands: VecDeque<Command>,
}

impl Coordinator {
    /// A coordinator over `shards` fresh shards (at least 1). Announces itself to the page with `build`.
    pub fn new(shards: u32, build: &str) -> Self {
        let ready = PageEvent::Ready { build: build.to_owned(), workers: shards };
        Self { commands: VecDeque::from([Command::Page(Box::new(ready))]) }
    }

    /// A request of the page. For [`PageRequest::AddFiles`] the host has put the handles, in the order of the offers, under
    /// the indices from `first_file`; otherwise `first_file` is ignored. Indices are never used twice.
    pub fn page_request(&mut self, request: PageRequest, first_file: FileIndex) {
        let _ = (request, first_file);
    }

    /// A message of a shard.
    pub fn shard_response(&mut self, shard: ShardIndex, response: ShardResponse) {
        let _ = (shard, response);
    }

    /// A shard panicked or its worker died; `message` says of what. Answers with [`Command::StartShard`].
    pub fn shard_failed(&mut self, shard: ShardIndex, message: &str) {
        let _ = (shard, message);
    }

    /// The answer to [`Command::Read`]: the bytes, or why they cannot be read.
    pub fn read_done(&mut self, id: ReadId, result: Result<&[u8], &str>) {
        let _ = (id, result);
    }

    /// Time passes: milliseconds of any clock that does not run backwards. To be called about ten times a second while
    /// [`Coordinator::is_busy`], and just before a page request.
    pub fn tick(&mut self, now_ms: u64) {
        let _ = now_ms;
    }

    /// Whether something is being read or computed, so that ticks are wanted.
    pub fn is_busy(&self) -> bool {
        false
    }

    /// The next thing for the host to do. To be called until `None` after every other call.
    pub fn next_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }
}
