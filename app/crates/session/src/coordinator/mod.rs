//! The session's mind, as a state machine without input, output or clock: requests of the page, answers of the shards, bytes
//! and time go in; commands to the host come out of a queue. It expands archives, schedules inputs on shards, settles the
//! counting over all shards, and answers the page's questions.

mod capture;
mod gateways;
mod inputs;
mod intake;
mod questions;
mod reading;
mod schedule;
mod settle;
mod sources;
mod vitals;

use crate::shard_wire::{InputId, ShardRequest, ShardRequestBody, ShardResponse};
use capture::Capture;
use gateways::Gateways;
use inputs::Inputs;
use intake::Intake;
use questions::Questions;
use reading::Reading;
use rustc_hash::FxHashMap;
use schedule::Schedule;
use settle::Settling;
use sources::SourceReading;
use std::collections::VecDeque;
use underlay_model::view::CaptureOptions;
use underlay_model::wire::{PageEvent, PageRequest, WorkerLoss};
use vitals::Vitals;

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

/// Why a shard was asked, to know where its answer goes.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    /// An input is being read.
    Input(InputId),
    /// An input's SHA-256.
    Digest(InputId),
    /// A step of the settlement of this number.
    Settling(u64),
    /// The question of this number.
    Question(u64),
    /// Rows behind a number, by the number of the question.
    Sources(u64),
    /// The answer matters to nobody.
    Nothing,
}

#[derive(Clone, Copy, Debug)]
struct Ticket {
    shard: ShardIndex,
    purpose: Purpose,
}

/// See the module.
pub struct Coordinator {
    commands: VecDeque<Command>,
    tickets: FxHashMap<u64, Ticket>,
    next_number: u64,
    now_ms: u64,
    shards: u32,
    previews: bool,
    options: CaptureOptions,
    inputs: Inputs,
    gateways: Gateways,
    intake: Intake,
    schedule: Schedule,
    reading: Reading,
    settling: Settling,
    capture: Capture,
    questions: Questions,
    sources: SourceReading,
    vitals: Vitals,
}

impl Coordinator {
    /// A coordinator over `shards` fresh shards (at least 1). Announces itself to the page with `build`.
    pub fn new(shards: u32, build: &str) -> Self {
        let shards = shards.max(1);
        let mut coordinator = Self {
            commands: VecDeque::new(),
            tickets: FxHashMap::default(),
            next_number: 0,
            now_ms: 0,
            shards,
            previews: true,
            options: CaptureOptions::default(),
            inputs: Inputs::default(),
            gateways: Gateways::default(),
            intake: Intake::default(),
            schedule: Schedule::new(shards),
            reading: Reading::default(),
            settling: Settling::default(),
            capture: Capture::default(),
            questions: Questions::default(),
            sources: SourceReading::default(),
            vitals: Vitals::default(),
        };
        coordinator.tell(PageEvent::Ready { build: build.to_owned(), workers: shards });
        coordinator
    }

    /// No pictures of what is read so far while reading goes on, and nothing done ahead of questions: for hosts whose reader wants the
    /// end only.
    #[must_use]
    pub fn without_previews(mut self) -> Self {
        self.previews = false;
        self
    }

    /// A request of the page. For [`PageRequest::AddFiles`] the host has put the handles, in the order of the offers, under
    /// the indices from `first_file`; otherwise `first_file` is ignored. Indices are never used twice.
    pub fn page_request(&mut self, request: PageRequest, first_file: FileIndex) {
        match request {
            PageRequest::AddFiles(offers) => self.add_files(offers, first_file),
            PageRequest::Cancel => self.cancel(),
            PageRequest::StopAndKeep => self.stop_and_keep(),
            PageRequest::Reset => self.reset(),
            PageRequest::Remove(path) => self.remove(&path),
            PageRequest::PutBack(path) => self.put_back(&path),
            PageRequest::SetOptions(options) => self.set_options(options),
            PageRequest::Snippet { id, of } => self.start_snippet(id, of),
            question => self.questions.ask(question),
        }
        self.proceed();
    }

    /// A message of a shard.
    pub fn shard_response(&mut self, shard: ShardIndex, response: ShardResponse) {
        let ShardResponse { ticket, body } = response;
        let Some(Ticket { shard: asked, purpose }) = self.tickets.get(&ticket).copied() else { return };
        if asked != shard {
            return;
        }
        match purpose {
            Purpose::Input(input) => self.input_response(ticket, shard, input, body),
            Purpose::Digest(input) => {
                self.tickets.remove(&ticket);
                self.digest_response(shard, input, &body);
            }
            Purpose::Settling(run) => {
                self.tickets.remove(&ticket);
                self.settling_response(run, shard, body);
            }
            Purpose::Question(run) => {
                self.tickets.remove(&ticket);
                self.question_response(run, body);
            }
            Purpose::Sources(run) => {
                self.tickets.remove(&ticket);
                self.sources_response(run, body);
            }
            Purpose::Nothing => {
                self.tickets.remove(&ticket);
            }
        }
        self.proceed();
    }

    /// A shard panicked; `message` says of what. Answers with [`Command::StartShard`].
    pub fn shard_failed(&mut self, shard: ShardIndex, message: &str) {
        self.shard_lost(shard, message, WorkerLoss::Defect);
    }

    /// A shard's worker is gone, for whatever reason. Answers with [`Command::StartShard`].
    pub fn shard_lost(&mut self, shard: ShardIndex, message: &str, loss: WorkerLoss) {
        self.tickets.retain(|_, ticket| ticket.shard != shard);
        self.commands.push_back(Command::StartShard(shard));
        self.tell_gateways_to(shard);
        self.recover(shard, message, loss);
        self.proceed();
    }

    /// The answer to [`Command::Read`]: the bytes, or why they cannot be read.
    pub fn read_done(&mut self, id: ReadId, result: Result<&[u8], &str>) {
        if !self.source_read(id, result) {
            self.intake_read(id, result);
        }
        self.proceed();
    }

    /// Time passes: milliseconds of any clock that does not run backwards. To be called about ten times a second while
    /// [`Coordinator::is_busy`], and just before a page request.
    pub fn tick(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        self.report_progress();
        self.proceed();
    }

    /// Whether something is being read or computed, so that ticks are wanted.
    pub fn is_busy(&self) -> bool {
        self.is_reading()
            || self.settling.is_busy()
            || self.questions.is_busy()
            || self.sources.is_busy()
            || self.has_commands()
    }

    /// Whether [`Coordinator::next_command`] has something to give.
    pub fn has_commands(&self) -> bool {
        !self.commands.is_empty()
    }

    /// The next thing for the host to do. To be called until `None` after every other call.
    pub fn next_command(&mut self) -> Option<Command> {
        self.commands.pop_front()
    }

    /// Starts whatever can be started now. This and what takes answers are called for every mebibyte that is read; what they call is not
    /// inlined, so that a browser compiles no more than these few lines for it.
    fn proceed(&mut self) {
        self.feed_intake();
        self.feed_shards();
        self.notice_end_of_reading();
        self.start_settling();
        self.start_questions();
    }

    fn tell(&mut self, event: PageEvent) {
        self.commands.push_back(Command::Page(Box::new(event)));
    }

    /// Asks a shard. Gives the ticket.
    fn ask_shard(
        &mut self,
        shard: ShardIndex,
        purpose: Purpose,
        body: ShardRequestBody,
        file: Option<FileIndex>,
    ) -> u64 {
        let ticket = self.number();
        self.tickets.insert(ticket, Ticket { shard, purpose });
        self.commands.push_back(Command::Shard { shard, request: Box::new(ShardRequest { ticket, body }), file });
        ticket
    }

    fn ask_every_shard(&mut self, purpose: Purpose, body: &ShardRequestBody) {
        for shard in 0..self.shards {
            self.ask_shard(shard, purpose, body.clone(), None);
        }
    }

    /// A number that was never given before.
    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}
