//! A go of reading, from the first file offered to the last one read: giving inputs to shards, progress, cancelling,
//! stopping, taking inputs out, and going on after a shard has failed.

use super::inputs::{Guess, State};
use super::{Command, Coordinator, FileIndex, Purpose, ShardIndex, inputs::Input};
use crate::notes;
use crate::shard_wire::{FinishedInput, InputId, OpenInput, ShardRequest, ShardRequestBody, ShardResponseBody, Slice};
use std::collections::{BTreeMap, BTreeSet};
use underlay_model::input::InputReport;
use underlay_model::view::{Progress, Report};
use underlay_model::wire::{FileOffer, PageEvent, WorkerLoss};

/// Expansion of one input and of a capture (contract, Inputs).
const INPUT_EXPANSION: u64 = 4 << 30;
const CAPTURE_EXPANSION: u64 = 16 << 30;
/// Progress is told this often: often enough to look steady, and each time costs the page a frame.
const PROGRESS_MS: u64 = 190;
/// More segments than this cannot be seen.
const SEGMENTS: usize = 4096;
/// The first picture of what has been read so far; later ones come at three times the age of the one before.
const FIRST_PREVIEW_MS: u64 = 600;
/// A shard that fails so often without an input being read fails by what it holds.
const FAILURES: u32 = 3;

/// The present or last go.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub active: bool,
    started_ms: u64,
    pub elapsed_ms: u64,
    pub stopped: bool,
    told_ms: u64,
    pub next_preview_ms: u64,
    memory: BTreeMap<ShardIndex, u64>,
    failures: BTreeMap<ShardIndex, u32>,
}

impl Reading {
    pub fn memory(&self) -> u64 {
        self.memory.values().sum()
    }

    /// What the shards hold has been counted whole: what failed before does not tell against it.
    pub fn forget_failures(&mut self) {
        self.failures.clear();
    }

    /// How long reading goes on, judged by its speed so far.
    pub fn goes_on_ms(&self, now_ms: u64, read: u64, all: u64) -> u64 {
        let age = u128::from(now_ms.saturating_sub(self.started_ms));
        let left = age * u128::from(all.saturating_sub(read)) / u128::from(read.max(1));
        u64::try_from(left).unwrap_or(u64::MAX)
    }

    /// The next picture is due when the go is three times as old.
    pub fn after_preview(&mut self, now_ms: u64) {
        let age = now_ms.saturating_sub(self.started_ms);
        self.next_preview_ms = now_ms + age.max(FIRST_PREVIEW_MS) * 2;
    }
}

impl Coordinator {
    pub(super) fn is_reading(&self) -> bool {
        self.reading.active
    }

    pub(super) fn begin_reading(&mut self) {
        if self.reading.active {
            return;
        }
        self.reading.active = true;
        self.reading.started_ms = self.now_ms;
        self.reading.next_preview_ms = self.now_ms + FIRST_PREVIEW_MS;
        for input in self.inputs.all.values_mut() {
            input.settled = true;
        }
    }

    pub(super) fn add_files(&mut self, offers: Vec<FileOffer>, first_file: FileIndex) {
        self.begin_reading();
        self.reading.stopped = false;
        self.offer(offers, first_file);
    }

    /// Gives every idle shard something to read.
    #[inline(never)]
    pub(super) fn feed_shards(&mut self) {
        if !self.reading.active {
            return;
        }
        let flow_logs = self.intake.knows_all_files() && !self.awaits_gateways();
        for shard in self.schedule.idle_shards() {
            let Some(id) = self.schedule.take(shard, flow_logs) else { return };
            let Some(input) = self.inputs.get(id) else { continue };
            let open = OpenInput {
                input: id,
                path: input.path.clone(),
                slice: input.slice,
                coding: input.coding,
                expansion_limit: INPUT_EXPANSION.min(CAPTURE_EXPANSION.saturating_sub(self.inputs.expanded)),
            };
            let file = input.file;
            self.schedule.set_busy(shard, true);
            let ticket = self.ask_shard(shard, Purpose::Input(id), ShardRequestBody::Open(Box::new(open)), Some(file));
            let gateways = self.gateways.version;
            if let Some(input) = self.inputs.get_mut(id) {
                input.gateways = gateways;
                input.state = State::Reading { shard, ticket };
            }
        }
    }

    #[inline(never)]
    pub(super) fn input_response(&mut self, ticket: u64, shard: ShardIndex, id: InputId, body: ShardResponseBody) {
        match body {
            ShardResponseBody::Progress { bytes_read, tuples, memory } => {
                self.reading.memory.insert(shard, memory);
                if let Some(input) = self.inputs.get_mut(id) {
                    (input.bytes_read, input.tuples) = (bytes_read, tuples);
                }
            }
            ShardResponseBody::Finished(finished) => {
                self.tickets.remove(&ticket);
                self.schedule.set_busy(shard, false);
                let FinishedInput { report, fragment, bytes_read: _, tuples, expanded, memory } = *finished;
                self.reading.memory.insert(shard, memory);
                self.inputs.expanded = self.inputs.expanded.saturating_add(expanded);
                self.gateways.stale |= super::gateways::names_gateways(&fragment);
                if let Some(input) = self.inputs.get_mut(id) {
                    input.bytes_read = input.bytes;
                    input.tuples = tuples;
                    input.report = Some(report);
                    input.fragment = Some(Box::new(fragment));
                    input.state = State::Done(Some(shard));
                    self.capture.inventory_changed();
                }
            }
            _ => {}
        }
    }

    #[inline(never)]
    pub(super) fn notice_end_of_reading(&mut self) {
        let done = self.intake.is_idle()
            && self.intake.knows_all_files()
            && self.schedule.is_empty()
            && !self.schedule.any_busy();
        if !self.reading.active || !done {
            return;
        }
        self.reading.active = false;
        self.reading.elapsed_ms = self.now_ms.saturating_sub(self.reading.started_ms);
        self.intake.forget_members();
        self.tell_progress();
        self.settling.dirty = true;
        self.capture.inventory_changed();
    }

    #[inline(never)]
    pub(super) fn report_progress(&mut self) {
        if self.reading.active && self.now_ms >= self.reading.told_ms + PROGRESS_MS {
            self.tell_progress();
        }
    }

    fn tell_progress(&mut self) {
        self.reading.told_ms = self.now_ms;
        self.tell_vitals();
        let mut progress = Progress {
            files: self.inputs.all.len() as u64 + self.intake.files(),
            bytes: self.intake.bytes(),
            memory: self.memory(),
            ..Progress::default()
        };
        for input in self.inputs.all.values() {
            let done = matches!(input.state, State::Done(_));
            progress.files_done += u64::from(done);
            progress.bytes += input.bytes;
            progress.bytes_read += input.bytes_read.min(input.bytes);
            progress.tuples += input.tuples;
            if matches!(input.state, State::Reading { .. }) {
                progress.current.clone_from(&input.path);
            }
            if progress.segments.len() < SEGMENTS {
                progress.segments.push((input.bytes, input.bytes_read.min(input.bytes), done, input.has_error()));
            }
        }
        self.tell(PageEvent::Progress(progress));
    }

    pub(super) fn cancel(&mut self) {
        for (file, _, _) in self.intake.clear() {
            self.commands.push_back(Command::Release(file));
        }
        let unwanted: Vec<InputId> =
            self.inputs.all.iter().filter(|(_, input)| !input.settled).map(|(id, _)| *id).collect();
        if self.reading.active {
            self.forget(&unwanted, false);
        }
    }

    pub(super) fn remove(&mut self, path: &str) {
        for file in self.intake.remove(path) {
            self.commands.push_back(Command::Release(file));
        }
        let named = |input: &Input| is_named(input, path);
        let unwanted: Vec<InputId> =
            self.inputs.all.iter().filter(|(_, input)| named(input)).map(|(id, _)| *id).collect();
        self.forget(&unwanted, true);
    }

    /// Reads again what was taken out.
    pub(super) fn put_back(&mut self, path: &str) {
        let (back, out) = std::mem::take(&mut self.inputs.out).into_iter().partition(|input| is_named(input, path));
        self.inputs.out = out;
        let back: Vec<Input> = back;
        if back.is_empty() {
            return;
        }
        self.begin_reading();
        self.reading.stopped = false;
        for mut input in back {
            input.settled = false;
            let (placed, bytes, guess) = (input.state != State::Unplaced, input.bytes, input.guess.clone());
            let id = self.inputs.add(input);
            if placed {
                self.schedule.add(id, bytes, &guess);
            } else {
                self.look_for_member(id);
            }
        }
    }

    /// Takes inputs out as if they had never been there; `keep` their handles, so that they can be put back.
    fn forget(&mut self, unwanted: &[InputId], keep: bool) {
        self.ask_sources_again();
        self.questions.ask_again();
        self.abandon_settling();
        self.settling.dirty = true;
        self.capture.inventory_changed();
        let mut in_shards: BTreeMap<ShardIndex, Vec<InputId>> = BTreeMap::new();
        let mut files = BTreeSet::new();
        for id in unwanted {
            let Some(mut input) = self.inputs.all.remove(id) else { continue };
            files.insert(input.file);
            match input.state {
                State::Unplaced => {}
                State::Waiting => self.schedule.remove(*id, input.bytes),
                State::Reading { shard, ticket } => {
                    self.tickets.remove(&ticket);
                    self.schedule.set_busy(shard, false);
                    self.order_shard(shard, ShardRequestBody::Abort);
                }
                State::Done(shard) => {
                    if let Some(shard) = shard.filter(|_| input.has_records() || input.has_rows()) {
                        in_shards.entry(shard).or_default().push(*id);
                    }
                }
            }
            if keep {
                // A member that was never found in its archive is looked for again.
                let unplaced = input.member.is_some() && input.slice == Slice::default();
                input.state = if unplaced { State::Unplaced } else { State::Waiting };
                (input.bytes_read, input.tuples, input.report, input.fragment) = (0, 0, None, None);
                self.inputs.out.push(input);
            }
        }
        for (shard, inputs) in in_shards {
            self.ask_shard(shard, Purpose::Nothing, ShardRequestBody::Remove(inputs), None);
        }
        for file in files {
            self.release_unused(file);
        }
    }

    /// A request without an answer of its own.
    pub(super) fn order_shard(&mut self, shard: ShardIndex, body: ShardRequestBody) {
        let ticket = self.number();
        self.commands.push_back(Command::Shard { shard, request: Box::new(ShardRequest { ticket, body }), file: None });
    }

    pub(super) fn release_unused(&mut self, file: FileIndex) {
        if !self.inputs.uses(file) {
            self.commands.push_back(Command::Release(file));
        }
    }

    pub(super) fn stop_and_keep(&mut self) {
        if !self.reading.active {
            return;
        }
        self.reading.stopped = true;
        for (file, path, bytes) in self.intake.clear() {
            let report = notes::not_begun(&path, bytes);
            self.add_done(file, underlay_ingest::Reading { report, ..underlay_ingest::Reading::default() });
        }
        self.schedule.clear();
        let mut stopped = Vec::new();
        for input in self.inputs.all.values_mut() {
            match input.state {
                State::Unplaced | State::Waiting => {
                    input.finish_without_shard(notes::not_begun(&input.path, input.bytes));
                }
                State::Reading { shard, .. } => stopped.push(shard),
                State::Done(_) => {}
            }
        }
        for shard in stopped {
            self.order_shard(shard, ShardRequestBody::Stop);
        }
    }

    pub(super) fn reset(&mut self) {
        let mut files: BTreeSet<FileIndex> = self.intake.clear().into_iter().map(|(file, _, _)| file).collect();
        files.extend(self.inputs.all.values().chain(&self.inputs.out).map(|input| input.file));
        self.inputs.all.clear();
        self.inputs.out.clear();
        self.inputs.expanded = 0;
        self.gateways = super::Gateways::default();
        self.tickets.clear();
        for shard in 0..self.shards {
            self.order_shard(shard, ShardRequestBody::Clear);
        }
        for file in files {
            self.commands.push_back(Command::Release(file));
        }
        self.schedule = super::Schedule::new(self.shards);
        self.reading = Reading::default();
        // What was declared is about this capture: the next one may be of another network.
        self.options = underlay_model::view::CaptureOptions::default();
        self.settling.clear();
        self.questions.clear();
        self.sources.clear();
        let generation = self.capture.generation + 1;
        self.capture = super::Capture::default();
        self.capture.generation = generation;
        self.tell(PageEvent::Report(Report { workers: self.shards, ..Report::default() }));
        self.tell(PageEvent::Changed { generation: self.capture.generation, reading: false });
    }

    /// A shard has lost everything it held: leaves out the input that did it, and has the others read again.
    #[inline(never)]
    pub(super) fn recover(&mut self, shard: ShardIndex, message: &str, loss: WorkerLoss) {
        self.abandon_settling();
        self.settling.dirty = true;
        self.capture.inventory_changed();
        self.questions.ask_again();
        self.ask_sources_again();
        self.reading.memory.remove(&shard);
        self.schedule.set_busy(shard, false);
        let failures = self.reading.failures.entry(shard).or_default();
        *failures += 1;
        let hopeless = *failures >= FAILURES;
        // What was ended from outside did nothing wrong, unless it happens again and again.
        let innocent = loss == WorkerLoss::Ended && !hopeless;
        let open = self.inputs.all.values_mut().find(|input| input.is_read_by(shard));
        let path = open.filter(|_| !innocent).map(|input| {
            input.finish_without_shard(notes::worker_failed(&input.path, input.bytes, message, loss));
            input.path.clone()
        });
        if path.is_some() {
            self.reading.failures.remove(&shard);
        }
        let mut again: Vec<(InputId, u64, Guess)> = Vec::new();
        for (id, input) in &mut self.inputs.all {
            let held = input.state == State::Done(Some(shard)) && input.has_records();
            if !held && !input.is_read_by(shard) {
                continue;
            }
            if hopeless && path.is_none() {
                input.finish_without_shard(notes::worker_failed(&input.path, input.bytes, message, loss));
                continue;
            }
            input.state = State::Waiting;
            (input.bytes_read, input.tuples, input.report) = (0, 0, None);
            again.push((*id, input.bytes, input.guess.clone()));
        }
        self.tell(PageEvent::WorkerFailed { message: message.to_owned(), path, loss });
        if !again.is_empty() {
            self.begin_reading();
        }
        for (id, bytes, guess) in again {
            self.schedule.add(id, bytes, &guess);
        }
    }
}

/// The input of this path, or a member of the archive of this path.
fn is_named(input: &Input, path: &str) -> bool {
    input.path == path || input.path.strip_prefix(path).is_some_and(|inner| inner.starts_with('!'))
}

impl Input {
    fn is_read_by(&self, by: ShardIndex) -> bool {
        matches!(self.state, State::Reading { shard, .. } if shard == by)
    }

    /// Done, and nothing of it is in any shard.
    fn finish_without_shard(&mut self, report: InputReport) {
        (self.bytes_read, self.tuples) = (self.bytes, 0);
        self.report = Some(report);
        self.fragment = None;
        self.state = State::Done(None);
    }
}
