//! A host that runs coordinator and shards in one thread, for tests and for whoever needs no more. Where bytes come from is
//! the caller's business, behind [`ByteSource`]; the command line uses the same trait with threads.

use crate::coordinator::{Command, Coordinator, FileIndex};
use crate::shard::{Reaction, Shard};
use crate::shard_wire::{ShardRequest, ShardResponse, Slice};
use std::sync::Arc;
use underlay_model::view::CaptureOptions;
use underlay_model::wire::{FileOffer, PageEvent, PageRequest, WorkerLoss};

/// A file, somewhere, that can be opened any number of times.
pub trait ByteSource: Send + Sync {
    /// Opens it for reading. Errors with a plain clause: `permission denied`.
    fn open(&self) -> Result<Box<dyn ByteReader>, String>;
}

/// An open file.
pub trait ByteReader: Send {
    /// Fills the front of `buffer` from position `offset` and says how many bytes it gave: 0 only at the end of the file or
    /// for an empty buffer. Errors with a plain clause.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, String>;
}

/// A file in memory.
#[derive(Clone, Debug)]
pub struct MemorySource(pub Arc<[u8]>);

impl MemorySource {
    /// Holds these bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }
}

impl ByteSource for MemorySource {
    fn open(&self) -> Result<Box<dyn ByteReader>, String> {
        Ok(Box::new(self.clone()))
    }
}

impl ByteReader for MemorySource {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, String> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let rest = self.0.get(start..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}

/// Reads a range whole; shorter when the file ends before it does. Errors as [`ByteReader::read_at`].
pub fn read_range(reader: &mut dyn ByteReader, offset: u64, bytes: u64) -> Result<Vec<u8>, String> {
    let mut all = Vec::new();
    let mut buffer = vec![0; usize::try_from(bytes).unwrap_or(usize::MAX).min(1 << 18)];
    while (all.len() as u64) < bytes {
        let wanted = usize::try_from(bytes - all.len() as u64).unwrap_or(usize::MAX).min(buffer.len());
        let Some(room) = buffer.get_mut(..wanted) else { break };
        let count = reader.read_at(offset + all.len() as u64, room)?;
        if count == 0 {
            break;
        }
        all.extend_from_slice(room.get(..count).unwrap_or_default());
    }
    Ok(all)
}

/// The stream of one slice into one shard, a chunk at a time.
pub struct SliceStream {
    reader: Result<Box<dyn ByteReader>, String>,
    offset: u64,
    left: u64,
    buffer: Vec<u8>,
}

impl SliceStream {
    /// Opens the source. A failure shows at the first [`SliceStream::step`].
    pub fn new(source: Option<&dyn ByteSource>, slice: &Slice, chunk_bytes: usize) -> Self {
        let reader = source.map_or_else(|| Err("the file is gone".to_owned()), ByteSource::open);
        let buffer = vec![0; chunk_bytes.max(1)];
        Self { reader, offset: slice.offset, left: slice.bytes, buffer }
    }

    /// Pushes the next chunk into the shard. Gives the message to send, if any, and whether the slice is done.
    pub fn step(&mut self, shard: &mut Shard) -> (Option<ShardResponse>, bool) {
        if !shard.is_reading() {
            return (None, true);
        }
        if self.left == 0 {
            return (shard.finish(), true);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(self.buffer.len());
        let room = self.buffer.get_mut(..wanted).unwrap_or_default();
        match self.reader.as_mut().map_err(|error| error.clone()).and_then(|reader| reader.read_at(self.offset, room)) {
            Err(message) => (shard.fail(&message), true),
            Ok(0) => (shard.fail("the file ends before its size"), true),
            Ok(count) => {
                self.offset += count as u64;
                self.left -= (count as u64).min(self.left);
                (shard.push(room.get(..count).unwrap_or_default()), false)
            }
        }
    }
}

/// Coordinator and shards in one thread.
pub struct InProcess {
    coordinator: Coordinator,
    shards: Vec<Shard>,
    streams: Vec<Option<SliceStream>>,
    files: Vec<Option<Arc<dyn ByteSource>>>,
    chunk_bytes: usize,
    now_ms: u64,
    events: Vec<PageEvent>,
    query: u64,
}

impl InProcess {
    /// `shards` shards (at least 1), which get their bytes in chunks of `chunk_bytes` (at least 1).
    pub fn new(shards: u32, chunk_bytes: usize) -> Self {
        let shards = shards.max(1);
        Self {
            coordinator: Coordinator::new(shards, ""),
            shards: (0..shards).map(|_| Shard::new()).collect(),
            streams: (0..shards).map(|_| None).collect(),
            files: Vec::new(),
            chunk_bytes,
            now_ms: 0,
            events: Vec::new(),
            query: 0,
        }
    }

    /// As [`Coordinator::without_previews`]: then an answer takes all the time that it takes.
    #[must_use]
    pub fn without_previews(mut self) -> Self {
        self.coordinator = self.coordinator.without_previews();
        self
    }

    /// As [`Shard::limit_memory`], of every shard.
    pub fn limit_memory(&mut self, bytes: u64) {
        self.shards.iter_mut().for_each(|shard| shard.limit_memory(bytes));
    }

    /// Offers files, each with its path by the contract and its size, and starts reading them.
    pub fn add(&mut self, files: Vec<(FileOffer, Arc<dyn ByteSource>)>) {
        let first = FileIndex::try_from(self.files.len()).unwrap_or(FileIndex::MAX);
        let mut offers = Vec::with_capacity(files.len());
        for (offer, source) in files {
            offers.push(offer);
            self.files.push(Some(source));
        }
        self.coordinator.tick(self.now_ms);
        self.coordinator.page_request(PageRequest::AddFiles(offers), first);
    }

    /// Declares what no file names.
    pub fn set_options(&mut self, options: CaptureOptions) {
        self.request(PageRequest::SetOptions(options));
    }

    /// Any other request of the page.
    pub fn request(&mut self, request: PageRequest) {
        self.coordinator.tick(self.now_ms);
        self.coordinator.page_request(request, 0);
    }

    /// Does what is to be done now, and pushes one chunk into each shard that reads. False when there was nothing to do.
    pub fn step(&mut self) -> bool {
        let mut worked = false;
        while let Some(command) = self.coordinator.next_command() {
            worked = true;
            self.run(command);
        }
        for index in 0..self.shards.len() {
            let (Some(shard), Some(slot)) = (self.shards.get_mut(index), self.streams.get_mut(index)) else { continue };
            let Some(stream) = slot else { continue };
            worked = true;
            let (response, done) = stream.step(shard);
            if done {
                *slot = None;
            }
            if let Some(response) = response {
                self.coordinator.shard_response(index as u32, response);
            }
        }
        self.now_ms += 1;
        self.coordinator.tick(self.now_ms);
        worked || self.coordinator.has_commands()
    }

    /// Works until nothing is left to do, and gives everything that was said to the page since the last time.
    pub fn run_until_idle(&mut self) -> Vec<PageEvent> {
        while self.step() {}
        std::mem::take(&mut self.events)
    }

    /// Lets a shard fail as a panic in its worker would.
    pub fn fail_shard(&mut self, shard: u32, message: &str) {
        if let Some(slot) = self.streams.get_mut(shard as usize) {
            *slot = None;
        }
        self.coordinator.shard_failed(shard, message);
    }

    /// Takes a shard away as a browser that ends its worker would.
    pub fn end_shard(&mut self, shard: u32) {
        if let Some(slot) = self.streams.get_mut(shard as usize) {
            *slot = None;
        }
        self.coordinator.shard_lost(shard, "its worker was ended", WorkerLoss::Ended);
    }

    /// Path of the input that a shard is reading.
    pub fn open_path(&self, shard: u32) -> Option<&str> {
        self.shards.get(shard as usize)?.open_path()
    }

    /// Asks and waits for the answer: the events until idle, the answer among them.
    pub fn ask(&mut self, request: impl FnOnce(u64) -> PageRequest) -> Vec<PageEvent> {
        self.query += 1;
        let request = request(self.query);
        self.request(request);
        self.run_until_idle()
    }

    /// The summary of everything added so far.
    pub fn summary(&mut self, pretty: bool) -> String {
        let events = self.ask(|id| PageRequest::Summary { id, pretty });
        let json = events.into_iter().rev().find_map(|event| match event {
            PageEvent::Summary { json, .. } => Some(json),
            _ => None,
        });
        json.unwrap_or_default()
    }

    fn run(&mut self, command: Command) {
        match command {
            Command::Page(event) => self.events.push(*event),
            Command::Shard { shard, request, file } => self.deliver(shard, &request, file),
            Command::Read { id, file, offset, bytes } => {
                let result = match self.source(file) {
                    Some(source) => source.open().and_then(|mut reader| read_range(&mut *reader, offset, bytes)),
                    None => Err("the file is gone".to_owned()),
                };
                match result {
                    Ok(bytes) => self.coordinator.read_done(id, Ok(&bytes)),
                    Err(message) => self.coordinator.read_done(id, Err(&message)),
                }
            }
            Command::StartShard(shard) => {
                if let (Some(slot), Some(stream)) =
                    (self.shards.get_mut(shard as usize), self.streams.get_mut(shard as usize))
                {
                    *slot = Shard::new();
                    *stream = None;
                }
            }
            Command::Release(file) => {
                if let Some(slot) = self.files.get_mut(file as usize) {
                    *slot = None;
                }
            }
        }
    }

    fn deliver(&mut self, index: u32, request: &ShardRequest, file: Option<FileIndex>) {
        // Over the wire and back, so that tests meet what workers meet.
        let Ok(request) = ShardRequest::decode(&request.encode()) else { return };
        let source = file.and_then(|file| self.source(file));
        let (Some(shard), Some(stream)) = (self.shards.get_mut(index as usize), self.streams.get_mut(index as usize))
        else {
            return;
        };
        match shard.handle(request) {
            Reaction::Respond(response) => {
                if let Ok(response) = ShardResponse::decode(&response.encode()) {
                    self.coordinator.shard_response(index, response);
                }
            }
            Reaction::Read(slice) => *stream = Some(SliceStream::new(source.as_deref(), &slice, self.chunk_bytes)),
            Reaction::Nothing => {}
        }
    }

    fn source(&self, file: FileIndex) -> Option<Arc<dyn ByteSource>> {
        self.files.get(file as usize)?.clone()
    }
}
