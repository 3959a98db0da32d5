//! From offered files to inputs: a first look at each file, archives expanded over byte ranges, members found in them. All
//! of it in small reads by the host, a few at a time.

use super::inputs::{Guess, Input, State};
use super::{Command, Coordinator, FileIndex, ReadId};
use crate::notes;
use crate::shard_wire::{InputId, Slice, SliceCoding};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, VecDeque};
use underlay_ingest::archive::{Directory, MEMBER_LIMIT, Member, Step};
use underlay_ingest::order::passed_over;
use underlay_ingest::peek::{Peek, peek};
use underlay_ingest::{Coding, Reading};
use underlay_model::wire::FileOffer;

/// Reads that the host may have under way.
const READS_AT_ONCE: usize = 8;
/// Enough of a file to tell what it probably is.
const HEAD_BYTES: u64 = 64 << 10;
/// A member of this size that does not look like objects by its name is scheduled as a flow log.
const LARGE_MEMBER_BYTES: u64 = 4 << 20;

/// A small read.
#[derive(Clone, Copy, Debug)]
enum Look {
    /// The first bytes of a file.
    Head(FileIndex),
    /// Part of an archive's directory.
    Directory(FileIndex),
    /// The local header of an archive's member.
    Header(InputId),
}

#[derive(Debug)]
struct Offered {
    path: String,
    bytes: u64,
    directory: Option<Directory>,
}

/// Files whose inputs are not all known yet.
#[derive(Debug, Default)]
pub(super) struct Intake {
    offered: BTreeMap<FileIndex, Offered>,
    /// Heads and directories before headers.
    first: VecDeque<Look>,
    then: VecDeque<Look>,
    under_way: FxHashMap<ReadId, Look>,
    members: usize,
}

impl Intake {
    /// Files that were offered and are not inputs yet.
    pub fn files(&self) -> u64 {
        self.offered.len() as u64
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.offered.values().map(|file| file.bytes).sum()
    }

    /// Whether files may still turn out to be objects, which are read before flow logs.
    pub fn knows_all_files(&self) -> bool {
        self.offered.is_empty()
    }

    pub fn is_idle(&self) -> bool {
        self.first.is_empty() && self.then.is_empty() && self.under_way.is_empty()
    }

    /// Forgets everything that is not an input yet. Gives the files, with path and size.
    pub fn clear(&mut self) -> Vec<(FileIndex, String, u64)> {
        let offered = std::mem::take(&mut self.offered);
        (self.first, self.then, self.under_way) = Default::default();
        offered.into_iter().map(|(index, file)| (index, file.path, file.bytes)).collect()
    }

    /// Forgets the files of this path. Gives them.
    pub fn remove(&mut self, path: &str) -> Vec<FileIndex> {
        let gone: Vec<FileIndex> =
            self.offered.iter().filter(|(_, file)| file.path == path).map(|(index, _)| *index).collect();
        self.offered.retain(|index, _| !gone.contains(index));
        gone
    }

    pub fn forget_members(&mut self) {
        self.members = 0;
    }
}

impl Coordinator {
    pub(super) fn offer(&mut self, offers: Vec<FileOffer>, first_file: FileIndex) {
        for (index, FileOffer { path, bytes }) in (first_file..).zip(offers) {
            // A file that was named is read whatever its name; of a folder's files hidden ones are passed over.
            if path.split_once('/').is_some_and(|(_, inner)| passed_over(inner)) {
                self.commands.push_back(Command::Release(index));
                continue;
            }
            self.intake.offered.insert(index, Offered { path, bytes, directory: None });
            self.intake.first.push_back(Look::Head(index));
        }
    }

    /// Finds the place of an archive's member.
    pub(super) fn look_for_member(&mut self, id: InputId) {
        self.intake.then.push_back(Look::Header(id));
    }

    /// Has the host read what comes next.
    #[inline(never)]
    pub(super) fn feed_intake(&mut self) {
        while self.intake.under_way.len() < READS_AT_ONCE {
            let Some(look) = self.intake.first.pop_front().or_else(|| self.intake.then.pop_front()) else { return };
            let wanted = match look {
                Look::Head(file) => self.intake.offered.get(&file).map(|_| (file, 0..HEAD_BYTES)),
                Look::Directory(file) => {
                    match self.intake.offered.get(&file).and_then(|offered| offered.directory.as_ref()) {
                        Some(directory) => match directory.step() {
                            Step::Need(range) => Some((file, range)),
                            Step::Done => {
                                self.directory_done(file);
                                None
                            }
                        },
                        None => None,
                    }
                }
                Look::Header(id) => self
                    .inputs
                    .get(id)
                    .and_then(|input| input.member.as_ref().map(|member| (input.file, member.header_range()))),
            };
            let Some((file, range)) = wanted else { continue };
            let id = self.number();
            self.intake.under_way.insert(id, look);
            let bytes = range.end.saturating_sub(range.start);
            self.commands.push_back(Command::Read { id, file, offset: range.start, bytes });
        }
    }

    #[inline(never)]
    pub(super) fn intake_read(&mut self, id: ReadId, result: Result<&[u8], &str>) {
        match self.intake.under_way.remove(&id) {
            None => {}
            Some(Look::Head(file)) => self.head_read(file, result),
            Some(Look::Directory(file)) => self.directory_read(file, result),
            Some(Look::Header(input)) => self.header_read(input, result),
        }
    }

    fn head_read(&mut self, file: FileIndex, result: Result<&[u8], &str>) {
        let guess = match result.map(peek) {
            Ok(Peek::Zip) => {
                if let Some(offered) = self.intake.offered.get_mut(&file) {
                    offered.directory = Some(Directory::new(&offered.path, offered.bytes));
                    self.intake.first.push_back(Look::Directory(file));
                }
                return;
            }
            Ok(Peek::FlowLog { mac }) => Guess::FlowLog(mac),
            Ok(Peek::Other) => Guess::Objects,
            Err(message) => return self.file_unreadable(file, message),
        };
        let Some(Offered { path, bytes, .. }) = self.intake.offered.remove(&file) else { return };
        let guess = match guess {
            Guess::FlowLog(None) => Guess::FlowLog(mac_of_path(&path)),
            other => other,
        };
        let input = Input {
            slice: Slice { offset: 0, bytes },
            guess: guess.clone(),
            state: State::Waiting,
            ..new_input(path, bytes, file)
        };
        let id = self.inputs.add(input);
        self.schedule.add(id, bytes, &guess);
    }

    fn file_unreadable(&mut self, file: FileIndex, message: &str) {
        if let Some(Offered { path, bytes, .. }) = self.intake.offered.remove(&file) {
            self.add_done(file, Reading { report: notes::unreadable(&path, bytes, message), ..Reading::default() });
        }
    }

    fn directory_read(&mut self, file: FileIndex, result: Result<&[u8], &str>) {
        match result {
            Err(message) => self.file_unreadable(file, message),
            Ok(bytes) => {
                if let Some(directory) =
                    self.intake.offered.get_mut(&file).and_then(|offered| offered.directory.as_mut())
                {
                    directory.supply(bytes);
                    self.intake.first.push_front(Look::Directory(file));
                }
            }
        }
    }

    fn directory_done(&mut self, file: FileIndex) {
        let Some(Offered { path, bytes, directory: Some(directory) }) = self.intake.offered.remove(&file) else {
            return;
        };
        let (mut members, own_entry) = directory.finish();
        let room = MEMBER_LIMIT.saturating_sub(self.intake.members);
        let left_out = members.len().saturating_sub(room);
        members.truncate(room);
        self.intake.members += members.len();
        if let Some(reading) = own_entry {
            self.add_done(file, reading);
        } else if left_out > 0 {
            let report = notes::too_many_members(&path, bytes, left_out);
            self.add_done(file, Reading { report, ..Reading::default() });
        }
        for member in members {
            self.add_member(file, member);
        }
        self.release_unused(file);
    }

    fn add_member(&mut self, file: FileIndex, member: Member) {
        if let Some(reading) = member.refusal() {
            return self.add_done(file, reading);
        }
        let mut input = new_input(member.path.clone(), member.bytes, file);
        input.coding = member.coding.unwrap_or(Coding::Plain).into();
        input.guess = guess_of_member(&member);
        input.member = Some(Box::new(member));
        let id = self.inputs.add(input);
        self.intake.then.push_back(Look::Header(id));
    }

    fn header_read(&mut self, id: InputId, result: Result<&[u8], &str>) {
        let Some(input) = self.inputs.get_mut(id) else { return };
        let located = match result {
            Ok(bytes) => match &input.member {
                Some(member) => member.data_range(bytes).map_err(|reading| *reading),
                None => return,
            },
            Err(message) => {
                Err(Reading { report: notes::unreadable(&input.path, input.bytes, message), ..Reading::default() })
            }
        };
        match located {
            Ok(range) => {
                input.slice = Slice { offset: range.start, bytes: range.end.saturating_sub(range.start) };
                input.state = State::Waiting;
                let (bytes, guess) = (input.bytes, input.guess.clone());
                self.schedule.add(id, bytes, &guess);
            }
            Err(reading) => {
                input.bytes_read = input.bytes;
                input.report = Some(reading.report);
                input.fragment = Some(Box::new(reading.fragment));
                input.state = State::Done(None);
            }
        }
    }

    /// An input that needs no shard.
    pub(super) fn add_done(&mut self, file: FileIndex, reading: Reading) {
        let mut input = new_input(reading.report.path.clone(), reading.report.bytes, file);
        input.bytes_read = input.bytes;
        input.report = Some(reading.report);
        input.fragment = Some(Box::new(reading.fragment));
        input.state = State::Done(None);
        self.inputs.add(input);
    }
}

fn new_input(path: String, bytes: u64, file: FileIndex) -> Input {
    Input {
        path,
        bytes,
        file,
        slice: Slice::default(),
        coding: SliceCoding::Plain,
        member: None,
        guess: Guess::Objects,
        state: State::Unplaced,
        bytes_read: 0,
        tuples: 0,
        report: None,
        fragment: None,
        digest: None,
        settled: false,
        gateways: 0,
    }
}

/// A member's first bytes are compressed; its path must do.
fn guess_of_member(member: &Member) -> Guess {
    let mac = mac_of_path(&member.path);
    let name = member.path.rsplit('/').next().unwrap_or_default();
    let like_log = mac.is_some() || name.eq_ignore_ascii_case("PT1H.json") || member.bytes >= LARGE_MEMBER_BYTES;
    if like_log { Guess::FlowLog(mac) } else { Guess::Objects }
}

/// The NIC that the layout of a storage account's blobs names: `…/macAddress=6045BD123456/PT1H.json`.
fn mac_of_path(path: &str) -> Option<String> {
    let part = path.split(['/', '\\', '!']).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.eq_ignore_ascii_case("macAddress").then_some(value)
    })?;
    let digits: String = part.chars().filter(char::is_ascii_hexdigit).map(|digit| digit.to_ascii_uppercase()).collect();
    (digits.len() == 12).then_some(digits)
}
