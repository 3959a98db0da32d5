//! One parsing worker's engine: bytes of one input at a time go in, columns stay inside, partial aggregates come out. It
//! does no input or output: its host streams the slice that it asks for and carries its messages.

use crate::notes;
use crate::requests::Requests;
use crate::shard_wire::{
    FinishedInput, InputId, OpenInput, ProbedPair, ShardRequest, ShardRequestBody, ShardResponse, ShardResponseBody,
    Slice,
};
use sha2::{Digest, Sha256};
use underlay_findings::probes;
use underlay_ingest::Reader;
use underlay_model::connection::{Connection, ProbeReport};
use underlay_scan::Sink;
use underlay_store::Store;
use underlay_store::connections::fold;
use underlay_store::query::Selector;

/// A progress message is due after so many bytes: a few dozen milliseconds.
const PROGRESS_BYTES: u64 = 16 << 20;
/// So much may be laid aside while the capture is settled; beyond it the settlement is given up.
const ASIDE_LIMIT: usize = 64 << 20;

/// A shard that holds so much takes no more of flow logs: what is left of a worker's memory is for answers. A module has at most 4 GB; natively
/// the system says what there is.
const MOST_MEMORY: u64 = if cfg!(target_pointer_width = "32") { 2 << 30 } else { u64::MAX };

/// IANA number: probes are HTTP.
const TCP: u8 = 6;

/// What the host has to do after a request.
#[derive(Clone, Debug)]
pub enum Reaction {
    /// Send this to the coordinator.
    Respond(Box<ShardResponse>),
    /// Stream this slice of the file that came beside the request into [`Shard::push`], then call [`Shard::finish`]. Handle
    /// other requests between two chunks, and stop when [`Shard::is_reading`] says that no more is wanted.
    Read(Slice),
    /// Nothing.
    Nothing,
}

/// One shard of a capture.
pub struct Shard {
    store: Store,
    requests: Requests,
    open: Option<Open>,
    aside: Option<Aside>,
    most_memory: u64,
}

impl Default for Shard {
    fn default() -> Self {
        Self { store: Store::new(), requests: Requests::default(), open: None, aside: None, most_memory: MOST_MEMORY }
    }
}

/// The input that is being read.
struct Open {
    ticket: u64,
    slice: Slice,
    bytes_read: u64,
    announced: u64,
    work: Work,
}

enum Work {
    Parse { input: InputId, path: String, reader: Box<Reader>, tuples_before: u64 },
    Digest(Box<Sha256>),
}

/// What arrived while the capture is being settled: nothing may be read then.
#[derive(Default)]
struct Aside {
    chunks: Vec<Vec<u8>>,
    bytes: usize,
    end: Option<End>,
    /// The store has changed since its sieve was told: what is settled by it would not fit.
    void: bool,
}

/// How the bytes of an input ended.
enum End {
    Whole,
    Failed(String),
    Stopped,
    /// The shard holds as much as it may.
    Full,
}

impl Shard {
    /// An empty shard.
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds at most about so many bytes of flow logs; for tests.
    pub fn limit_memory(&mut self, bytes: u64) {
        self.most_memory = bytes;
    }

    /// Does what the coordinator asks. May be called between two chunks of an input.
    pub fn handle(&mut self, request: ShardRequest) -> Reaction {
        let ShardRequest { ticket, body } = request;
        let body = match body {
            ShardRequestBody::Open(open) => return self.open(ticket, *open),
            ShardRequestBody::Digest(slice) => {
                let work = Work::Digest(Box::new(Sha256::new()));
                self.open = Some(Open { ticket, slice, bytes_read: 0, announced: 0, work });
                return Reaction::Read(slice);
            }
            ShardRequestBody::Abort => {
                self.abort();
                return Reaction::Nothing;
            }
            ShardRequestBody::Stop => {
                return self
                    .end(End::Stopped)
                    .map_or(Reaction::Nothing, |response| Reaction::Respond(Box::new(response)));
            }
            ShardRequestBody::Resume => {
                return self.resume().map_or(Reaction::Nothing, |response| Reaction::Respond(Box::new(response)));
            }
            other => self.answer(other),
        };
        Reaction::Respond(Box::new(ShardResponse { ticket, body }))
    }

    fn answer(&mut self, body: ShardRequestBody) -> ShardResponseBody {
        match body {
            ShardRequestBody::Remove(inputs) => {
                self.void_settlement();
                for input in inputs {
                    self.store.remove_input(input);
                    self.requests.remove(input);
                }
                ShardResponseBody::Done
            }
            ShardRequestBody::Clear => {
                self.open = None;
                self.aside = None;
                self.requests = Requests::default();
                self.store = Store::new();
                ShardResponseBody::Done
            }
            ShardRequestBody::SetRanks(ranks) => {
                self.store.set_input_ranks(&ranks);
                ShardResponseBody::Done
            }
            ShardRequestBody::Points => ShardResponseBody::Points(self.store.points()),
            ShardRequestBody::Copies(points) => ShardResponseBody::Parcel(self.store.copies(&points)),
            ShardRequestBody::SettleAlone => {
                self.store.settle_alone();
                ShardResponseBody::Done
            }
            ShardRequestBody::Sieve(copies) => {
                self.aside = Some(Aside::default());
                self.store.retract(&copies);
                ShardResponseBody::Parcel(self.store.sieve())
            }
            ShardRequestBody::Outlines(_) | ShardRequestBody::Minutes(_) | ShardRequestBody::Settle(_)
                if self.aside.as_ref().is_none_or(|aside| aside.void) =>
            {
                ShardResponseBody::Stale
            }
            ShardRequestBody::Outlines(sieves) => ShardResponseBody::Parcels(self.store.outlines(sieves)),
            ShardRequestBody::Minutes(outlines) => ShardResponseBody::Parcels(self.store.minutes(&outlines)),
            ShardRequestBody::Settle(minutes) => {
                self.store.settle(&minutes);
                ShardResponseBody::Done
            }
            ShardRequestBody::Tallies => ShardResponseBody::Tallies(self.store.input_tallies()),
            ShardRequestBody::Pairs(query) => ShardResponseBody::Pairs(self.store.pairs(&query)),
            ShardRequestBody::Group(grouping) => {
                self.store.group_pairs(&grouping);
                ShardResponseBody::Done
            }
            ShardRequestBody::GroupSums(range) => ShardResponseBody::GroupSums(self.store.group_sums(range)),
            ShardRequestBody::PairDetails(selector) => {
                ShardResponseBody::PairDetails(self.store.pair_details(&selector))
            }
            ShardRequestBody::AccessRows(filter, most) => {
                ShardResponseBody::AccessRows(Box::new(self.requests.page(&filter, most as usize)))
            }
            ShardRequestBody::Timeline(selector) => ShardResponseBody::Timeline(self.store.timeline(&selector)),
            ShardRequestBody::AddressMinutes(addresses) => {
                ShardResponseBody::AddressMinutes(self.store.address_minutes(&addresses))
            }
            ShardRequestBody::SeenAddresses(addresses) => {
                ShardResponseBody::SeenAddresses(self.store.seen_addresses(&addresses))
            }
            ShardRequestBody::KeepConnections(subnets) => {
                self.store.keep_connections_of(&subnets);
                ShardResponseBody::Done
            }
            ShardRequestBody::Connections(thinned, pairs) => {
                ShardResponseBody::Connections(self.connections(thinned, &pairs))
            }
            ShardRequestBody::Probes => ShardResponseBody::Probes(self.probes()),
            ShardRequestBody::SourceTotals(rows) => ShardResponseBody::SourceTotals(self.store.source_totals(&rows)),
            ShardRequestBody::SourcePlaces(query) => ShardResponseBody::SourcePlaces(self.store.source_places(&query)),
            ShardRequestBody::Coverage => ShardResponseBody::Coverage(self.store.coverage()),
            ShardRequestBody::Open(_)
            | ShardRequestBody::Digest(_)
            | ShardRequestBody::Abort
            | ShardRequestBody::Stop
            | ShardRequestBody::Resume => ShardResponseBody::Done,
        }
    }

    fn open(&mut self, ticket: u64, open: OpenInput) -> Reaction {
        let OpenInput { input, path, slice, coding, expansion_limit } = open;
        let mut reader = Reader::new(&path, slice.bytes, coding.into());
        reader.limit_expansion(expansion_limit);
        let tuples_before = self.store.tuples_read();
        let work = Work::Parse { input, path, reader: Box::new(reader), tuples_before };
        self.open = Some(Open { ticket, slice, bytes_read: 0, announced: 0, work });
        Reaction::Read(slice)
    }

    /// What this shard holds of pairs that other shards hold, too.
    fn connections(&self, thinned: u32, pairs: &[ProbedPair]) -> Vec<(ProbedPair, Vec<Connection>)> {
        let mut lists = Vec::new();
        self.store.each_connection_list(thinned, &mut |pair, connections| {
            let name = (pair.src, pair.dst, pair.port);
            if pair.protocol == TCP && pairs.binary_search(&name).is_ok() {
                lists.push((name, std::mem::take(connections)));
            }
        });
        lists
    }

    fn probes(&self) -> ProbeReport {
        let thinned = self.store.connections_thinned();
        let mut observations = Vec::new();
        self.store.each_connection_list(thinned, &mut |pair, connections| {
            if pair.protocol == TCP {
                fold(connections);
                observations.push(probes::observe(pair.src, pair.dst, pair.port, connections));
            }
        });
        let minutes = self.store.timeline(&Selector::default()).0;
        let covered = probes::runs(minutes.iter().map(|sum| (sum.minute, sum.minute)).collect());
        ProbeReport { observations, thinned, covered }
    }

    /// Bytes that are held of the inputs and of what was asked of them, as allocated.
    pub fn memory(&self) -> u64 {
        self.store.memory_bytes() + self.requests.memory_bytes()
    }

    /// Rows of flow logs held, copies' included.
    pub fn rows(&self) -> u64 {
        self.store.cells()
    }

    /// Whether bytes of an open input are still wanted.
    pub fn is_reading(&self) -> bool {
        self.open.is_some() && self.aside.as_ref().is_none_or(|aside| aside.end.is_none())
    }

    /// Path of the open input, to name it when the host must report a panic.
    pub fn open_path(&self) -> Option<&str> {
        match &self.open.as_ref()?.work {
            Work::Parse { path, .. } => Some(path),
            Work::Digest(_) => None,
        }
    }

    /// The next bytes of the open input, in any portions (about 1 MiB is good). Gives a message to send, now and then. Does
    /// nothing when no input is open.
    pub fn push(&mut self, bytes: &[u8]) -> Option<ShardResponse> {
        if !self.is_reading() {
            return None;
        }
        let Some(aside) = &mut self.aside else { return self.parse(bytes) };
        aside.bytes += bytes.len();
        aside.chunks.push(bytes.to_vec());
        if aside.bytes > ASIDE_LIMIT { self.resume() } else { None }
    }

    fn parse(&mut self, bytes: &[u8]) -> Option<ShardResponse> {
        let open = self.open.as_mut()?;
        open.bytes_read += bytes.len() as u64;
        match &mut open.work {
            Work::Parse { input, reader, tuples_before, .. } => {
                reader.push(bytes, &mut self.store.sink(*input));
                if !reader.wants_more() {
                    return self.close(End::Whole);
                }
                let is_first = open.bytes_read == bytes.len() as u64;
                if !is_first && open.bytes_read < open.announced + PROGRESS_BYTES {
                    return None;
                }
                let tuples = self.store.tuples_read().saturating_sub(*tuples_before);
                let memory = self.store.memory_bytes() + self.requests.memory_bytes();
                if tuples > 0 && memory > self.most_memory {
                    return self.close(End::Full);
                }
                if is_first {
                    return None;
                }
                open.announced = open.bytes_read;
                let body = ShardResponseBody::Progress { bytes_read: open.bytes_read, tuples, memory };
                Some(ShardResponse { ticket: open.ticket, body })
            }
            Work::Digest(digest) => {
                digest.update(bytes);
                None
            }
        }
    }

    /// The slice was pushed whole. `None` when no input is open.
    pub fn finish(&mut self) -> Option<ShardResponse> {
        self.end(End::Whole)
    }

    /// The file could not be read (any more): what was read stays, the input gets the note `unreadable`. `None` when no
    /// input is open.
    pub fn fail(&mut self, message: &str) -> Option<ShardResponse> {
        self.end(End::Failed(message.to_owned()))
    }

    fn end(&mut self, end: End) -> Option<ShardResponse> {
        if !self.is_reading() {
            return None;
        }
        if let Some(aside) = &mut self.aside {
            aside.end = Some(end);
            return None;
        }
        self.close(end)
    }

    fn close(&mut self, end: End) -> Option<ShardResponse> {
        let Open { ticket, slice, bytes_read, work, .. } = self.open.take()?;
        let (input, path, reader, tuples_before) = match work {
            Work::Parse { input, path, reader, tuples_before } => (input, path, reader, tuples_before),
            Work::Digest(digest) => {
                let whole = matches!(end, End::Whole);
                let body = ShardResponseBody::Digest(whole.then(|| digest.finalize().into()));
                return Some(ShardResponse { ticket, body });
            }
        };
        let expanded = reader.expanded();
        let mut reading = reader.finish(&mut self.store.sink(input));
        self.requests.add(input, &path, std::mem::take(&mut reading.rows));
        match end {
            End::Whole => {}
            End::Failed(message) if bytes_read == 0 => {
                reading.report = notes::unreadable(&path, slice.bytes, &message);
            }
            End::Failed(message) => notes::add(&mut reading.report, notes::unreadable_note(&message)),
            End::Stopped => notes::add(&mut reading.report, notes::stopped_note(bytes_read)),
            End::Full => notes::add(&mut reading.report, notes::memory_full_note(bytes_read, slice.bytes)),
        }
        let finished = FinishedInput {
            report: reading.report,
            fragment: reading.fragment,
            bytes_read,
            tuples: self.store.tuples_read().saturating_sub(tuples_before),
            expanded,
            memory: self.memory(),
        };
        Some(ShardResponse { ticket, body: ShardResponseBody::Finished(Box::new(finished)) })
    }

    fn abort(&mut self) {
        self.void_settlement();
        if let Some(aside) = &mut self.aside {
            *aside = Aside { void: true, ..Aside::default() };
        }
        if let Some(Open { work: Work::Parse { input, .. }, .. }) = self.open.take() {
            self.store.sink(input).rollback();
            self.store.remove_input(input);
        }
    }

    fn void_settlement(&mut self) {
        if let Some(aside) = &mut self.aside {
            aside.void = true;
        }
    }

    /// Parses what was laid aside. Gives the message that ended the input, if it ended.
    fn resume(&mut self) -> Option<ShardResponse> {
        let aside = self.aside.take()?;
        let mut last = None;
        for chunk in &aside.chunks {
            last = self.parse(chunk).or(last);
        }
        match aside.end {
            Some(end) if self.open.is_some() => self.close(end),
            _ => last,
        }
    }
}
