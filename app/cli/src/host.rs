//! The native host: one thread a shard, the coordinator in the calling thread, bytes from files. It carries messages as the
//! page's workers do, so that both give the same bytes.

use crate::sources::Offered;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};
use underlay_model::view::CaptureOptions;
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_session::coordinator::{Command, Coordinator, FileIndex, ShardIndex};
use underlay_session::in_process::{ByteSource, SliceStream, read_range};
use underlay_session::shard::{Reaction, Shard};
use underlay_session::shard_wire::{ShardRequest, ShardResponse};

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;
/// Ten times a second.
const TICK: Duration = Duration::from_millis(100);

type Delivery = (Box<ShardRequest>, Option<Arc<dyn ByteSource>>);

/// What a shard's thread says; the number tells a replaced thread's last words from its successor's.
enum Said {
    Response(Box<ShardResponse>),
    Failed(String),
}

/// Reads all files as one capture and answers its summary. `on_event` hears everything that is said to the page meanwhile.
pub fn summary(
    files: Vec<Offered>,
    options: CaptureOptions,
    threads: u32,
    pretty: bool,
    mut on_event: impl FnMut(&PageEvent),
) -> String {
    let mut host = Host::new(threads);
    let mut offers = Vec::with_capacity(files.len());
    for (offer, source) in files {
        offers.push(offer);
        host.files.push(Some(source));
    }
    host.coordinator.page_request(PageRequest::SetOptions(options), 0);
    host.coordinator.page_request(PageRequest::AddFiles(offers), 0);
    host.run(&mut on_event);
    host.coordinator.page_request(PageRequest::Summary { id: 1, pretty }, 0);
    host.run(&mut on_event).unwrap_or_default()
}

struct Host {
    coordinator: Coordinator,
    files: Vec<Option<Arc<dyn ByteSource>>>,
    shards: Vec<(u64, Sender<Delivery>)>,
    said: Receiver<(ShardIndex, u64, Said)>,
    say: Sender<(ShardIndex, u64, Said)>,
    started: Instant,
    births: u64,
}

impl Host {
    fn new(threads: u32) -> Self {
        let (say, said) = channel();
        let mut host = Self {
            coordinator: Coordinator::new(threads, "").without_previews(),
            files: Vec::new(),
            shards: Vec::new(),
            said,
            say,
            started: Instant::now(),
            births: 0,
        };
        for shard in 0..threads {
            let thread = host.start_shard(shard);
            host.shards.push(thread);
        }
        host
    }

    fn start_shard(&mut self, index: ShardIndex) -> (u64, Sender<Delivery>) {
        self.births += 1;
        let (birth, say) = (self.births, self.say.clone());
        let (deliver, delivered) = channel();
        std::thread::spawn(move || {
            let mut shard = Shard::new();
            let work =
                AssertUnwindSafe(|| serve(&mut shard, &delivered, |body| say.send((index, birth, body)).is_ok()));
            if let Err(panic) = catch_unwind(work) {
                let message = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let failed = Said::Failed(message.unwrap_or_else(|| "a defect without a message".to_owned()));
                // Nobody listens when the program ends.
                let _ = say.send((index, birth, failed));
            }
        });
        (birth, deliver)
    }

    /// Works until nothing is left to do. Gives the summary if it was asked for.
    fn run(&mut self, on_event: &mut impl FnMut(&PageEvent)) -> Option<String> {
        let mut json = None;
        loop {
            self.coordinator.tick(u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX));
            while let Some(command) = self.coordinator.next_command() {
                match command {
                    Command::Page(event) => {
                        on_event(&event);
                        if let PageEvent::Summary { json: text, .. } = *event {
                            json = Some(text);
                        }
                    }
                    other => self.obey(other),
                }
            }
            if !self.coordinator.is_busy() {
                return json;
            }
            match self.said.recv_timeout(TICK) {
                Ok((shard, birth, said)) => self.hear(shard, birth, said),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return json,
            }
        }
    }

    fn hear(&mut self, shard: ShardIndex, birth: u64, said: Said) {
        if self.shards.get(shard as usize).is_none_or(|(current, _)| *current != birth) {
            return;
        }
        match said {
            Said::Response(response) => self.coordinator.shard_response(shard, *response),
            Said::Failed(message) => self.coordinator.shard_failed(shard, &message),
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Page(_) => {}
            Command::Shard { shard, request, file } => {
                let source = file.and_then(|file| self.source(file));
                if let Some((_, deliver)) = self.shards.get(shard as usize) {
                    // A thread that has just died says so itself.
                    let _ = deliver.send((request, source));
                }
            }
            Command::Read { id, file, offset, bytes } => {
                let read = match self.source(file) {
                    Some(source) => source.open().and_then(|mut reader| read_range(&mut *reader, offset, bytes)),
                    None => Err("the file is gone".to_owned()),
                };
                self.coordinator.read_done(id, read.as_deref().map_err(String::as_str));
            }
            Command::StartShard(shard) => {
                let thread = self.start_shard(shard);
                if let Some(slot) = self.shards.get_mut(shard as usize) {
                    *slot = thread;
                }
            }
            Command::Release(file) => {
                if let Some(slot) = self.files.get_mut(file as usize) {
                    *slot = None;
                }
            }
        }
    }

    fn source(&self, file: FileIndex) -> Option<Arc<dyn ByteSource>> {
        self.files.get(file as usize)?.clone()
    }
}

/// A shard's thread: requests between chunks, until the host goes away.
fn serve(shard: &mut Shard, delivered: &Receiver<Delivery>, say: impl Fn(Said) -> bool) {
    let mut stream: Option<SliceStream> = None;
    loop {
        let delivery = if stream.is_some() {
            match delivered.try_recv() {
                Ok(delivery) => Some(delivery),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => return,
            }
        } else {
            match delivered.recv() {
                Ok(delivery) => Some(delivery),
                Err(_) => return,
            }
        };
        if let Some((request, source)) = delivery {
            match shard.handle(*request) {
                Reaction::Respond(response) => {
                    if !say(Said::Response(response)) {
                        return;
                    }
                }
                Reaction::Read(slice) => stream = Some(SliceStream::new(source.as_deref(), &slice, CHUNK_BYTES)),
                Reaction::Nothing => {}
            }
            continue;
        }
        if let Some(open) = &mut stream {
            let (response, done) = open.step(shard);
            if done {
                stream = None;
            }
            if let Some(response) = response
                && !say(Said::Response(Box::new(response)))
            {
                return;
            }
        }
    }
}
