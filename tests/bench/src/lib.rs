//! One parsing worker's engine under a harness that needs no browser, so that the very same code is measured natively and as a WebAssembly
//! module: the shard as the page's workers run it, fed in the portions that they feed it.

pub mod findings;

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io;
use std::net::IpAddr;
use underlay_lab::Sink;
use underlay_model::IpNet;
use underlay_model::tuple::Verdict;
use underlay_model::view::MinuteRange;
use underlay_session::shard::Shard;
use underlay_session::shard_wire::{
    OpenInput, ShardRequest, ShardRequestBody, ShardResponse, ShardResponseBody, Slice, SliceCoding,
};
use underlay_store::grouped::{GroupKey, Grouping};
use underlay_store::key::PairKey;
use underlay_store::query::{AddressSet, AddressSpan, PairQuery, Selector};

/// As the workers copy it into their memory.
pub const PIECE_BYTES: usize = 1 << 20;

/// A shard and what was last said of it.
#[derive(Default)]
pub struct Engine {
    shard: Shard,
    /// As the shard accounts for it.
    pub retained: u64,
    /// Accepted tuples of the input that was closed last.
    pub tuples: u64,
}

/// A filter of a question, as a click on a thing or a choice in the page makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Everything.
    None,
    /// Denied traffic.
    Denied,
    /// One address, at either end.
    Address,
    /// The node addresses as destinations.
    Targets,
    /// Four nodes with their pods.
    Nodes,
    /// All nodes and pods.
    Cluster,
    /// Allowed traffic of pods on one half of the nodes to pods on the other.
    Edge,
    /// Half of the pods, of which every twentieth has its address for half of the hour only.
    Moving,
    /// Everything, by minute where an address of every sixtieth pod is an end.
    Split,
}

/// Pods of these nodes.
fn pods(nodes: std::ops::Range<u8>) -> impl Iterator<Item = IpAddr> {
    nodes.flat_map(|node| (0..30u8).map(move |slot| IpAddr::from([10, 244, node, 4 + slot])))
}

fn nodes(nodes: std::ops::Range<u8>) -> impl Iterator<Item = IpAddr> {
    nodes.map(|node| IpAddr::from([10, 13, 76, 4 + node]))
}

const NODES: u8 = 104;

impl Filter {
    /// All of them, by number.
    pub const ALL: [Self; 9] = [
        Self::None,
        Self::Denied,
        Self::Address,
        Self::Targets,
        Self::Nodes,
        Self::Cluster,
        Self::Edge,
        Self::Moving,
        Self::Split,
    ];

    fn selector(self) -> Selector {
        let set = |addresses: &mut dyn Iterator<Item = IpAddr>| Some(addresses.collect::<AddressSet>());
        let either =
            |addresses: &mut dyn Iterator<Item = IpAddr>| Selector { either: set(addresses), ..Selector::default() };
        match self {
            Self::None | Self::Split => Selector::default(),
            Self::Denied => Selector { verdict: Some(Verdict::Denied), ..Selector::default() },
            Self::Address => either(&mut std::iter::once(IpAddr::from([10, 244, 3, 9]))),
            Self::Targets => Selector { destination: set(&mut nodes(0..NODES)), ..Selector::default() },
            Self::Nodes => either(&mut pods(0..4).chain(nodes(0..4))),
            Self::Cluster => either(&mut pods(0..NODES).chain(nodes(0..NODES))),
            Self::Edge => Selector {
                source: set(&mut pods(0..NODES / 2)),
                destination: set(&mut pods(NODES / 2..NODES)),
                verdict: Some(Verdict::Allowed),
                ..Selector::default()
            },
            Self::Moving => {
                let minutes = |at: usize| if at.is_multiple_of(20) { vec![minutes(10, 39)] } else { Vec::new() };
                let span = |(at, address)| AddressSpan { address, minutes: minutes(at) };
                let either = pods(0..NODES / 2).enumerate().map(span).collect();
                Selector { either: Some(AddressSet(either)), ..Selector::default() }
            }
        }
    }

    fn split(self) -> Vec<IpAddr> {
        if self == Self::Split { pods(0..NODES).step_by(60).collect() } else { Vec::new() }
    }
}

impl Engine {
    /// Sources in these subnets are gateway instances.
    pub fn keep_connections(&mut self, subnets: Vec<IpNet>) {
        self.ask(ShardRequestBody::KeepConnections(subnets));
    }

    /// Begins an input of so many bytes.
    pub fn open(&mut self, bytes: u64) {
        let open = OpenInput {
            input: 0,
            path: "PT1H.json".to_owned(),
            slice: Slice { offset: 0, bytes },
            coding: SliceCoding::Plain,
            expansion_limit: u64::MAX,
        };
        self.shard.handle(ShardRequest { ticket: 0, body: ShardRequestBody::Open(Box::new(open)) });
    }

    /// The next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        let response = self.shard.push(bytes);
        self.hear(response);
    }

    /// The input ends.
    pub fn finish(&mut self) {
        let response = self.shard.finish();
        self.hear(response);
    }

    /// Rows that the shard holds.
    pub fn rows(&self) -> u64 {
        self.shard.rows()
    }

    /// Bytes that the shard holds now, with what it keeps of answers.
    pub fn held(&self) -> u64 {
        self.shard.memory()
    }

    /// Reads a whole text.
    pub fn read(&mut self, text: &[u8]) {
        self.open(text.len() as u64);
        text.chunks(PIECE_BYTES).for_each(|piece| self.push(piece));
        self.finish();
    }

    /// Decides what counts, so that questions can be asked.
    pub fn settle(&mut self) {
        self.ask(ShardRequestBody::SettleAlone);
        self.ask(ShardRequestBody::Tallies);
    }

    /// Bytes of the answer about the pairs of minutes `first` to `last` of the capture's 60 (all when that is the whole hour), encoded as it is sent.
    pub fn pairs(&mut self, filter: Filter, first: i64, last: i64) -> usize {
        let range = (last - first < 59).then(|| minutes(first, last));
        self.ask(ShardRequestBody::Pairs(PairQuery { range, split: filter.split(), selector: filter.selector() }))
    }

    /// Tells the engine where addresses stand, as a picture has them: nodes and pods each for themselves, all others in one place.
    pub fn group(&mut self) {
        let body = ShardRequestBody::Pairs(PairQuery::default());
        let answer = match self.shard.handle(ShardRequest { ticket: 0, body }) {
            underlay_session::shard::Reaction::Respond(response) => response.body,
            _ => return,
        };
        let ShardResponseBody::Pairs(pairs) = answer else { return };
        let place = |address: IpAddr| match address {
            IpAddr::V4(v4) if v4.octets()[0] == 10 => u32::from(v4),
            _ => 0,
        };
        let (mut addresses, mut keys) = (BTreeSet::new(), BTreeSet::new());
        for PairKey { src, dst, port, protocol, verdict } in pairs.iter().map(|sum| sum.pair) {
            addresses.extend([src, dst]);
            let (source, target, denied) = (place(src), place(dst), verdict == Verdict::Denied);
            keys.insert(GroupKey { source, target, denied, port, protocol, single: None });
        }
        let mut grouping = Grouping::new(1);
        addresses.into_iter().for_each(|address| grouping.place(address, &[(None, place(address))]));
        keys.iter().for_each(|key| grouping.group(key));
        self.ask(ShardRequestBody::Group(Box::new(grouping)));
    }

    /// Bytes of the answer about what a picture of minutes `first` to `last` shows; see [`Engine::group`].
    pub fn picture(&mut self, first: i64, last: i64) -> usize {
        self.ask(ShardRequestBody::GroupSums(Some(minutes(first, last))))
    }

    /// Bytes of the answer about the minutes.
    pub fn timeline(&mut self, filter: Filter) -> usize {
        self.ask(ShardRequestBody::Timeline(filter.selector()))
    }

    fn ask(&mut self, body: ShardRequestBody) -> usize {
        match self.shard.handle(ShardRequest { ticket: 0, body }) {
            underlay_session::shard::Reaction::Respond(response) => black_box(response.encode()).len(),
            _ => 0,
        }
    }

    fn hear(&mut self, response: Option<ShardResponse>) {
        match response.map(|response| response.body) {
            Some(ShardResponseBody::Progress { memory, .. }) => self.retained = memory,
            Some(ShardResponseBody::Finished(finished)) => {
                (self.retained, self.tuples) = (finished.memory, finished.tuples);
            }
            _ => {}
        }
    }
}

/// Minutes of the capture's hour.
fn minutes(first: i64, last: i64) -> MinuteRange {
    let start = 1_795_165_200_000 / 60_000;
    MinuteRange { first: start + first, last: start + last }
}

/// A generated log goes straight into the engine: nothing of it is kept.
impl Sink for Engine {
    fn file(&mut self, _path: &str) -> io::Result<()> {
        self.open(1 << 40);
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        bytes.chunks(PIECE_BYTES).for_each(|piece| self.push(piece));
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Engine::finish(self);
        Ok(())
    }
}

/// The doors of the module. It has one engine and one buffer, which the host fills.
#[cfg(target_arch = "wasm32")]
mod module {
    use super::findings::Capture;
    use super::{Engine, Filter, PIECE_BYTES};
    use std::cell::RefCell;

    thread_local! {
        static ENGINE: RefCell<Engine> = RefCell::default();
        static CAPTURE: RefCell<Option<Capture>> = RefCell::default();
        static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; PIECE_BYTES]);
    }

    fn with<T>(work: impl FnOnce(&mut Engine) -> T) -> T {
        ENGINE.with_borrow_mut(work)
    }

    fn filter(number: u32) -> Filter {
        Filter::ALL[number as usize % Filter::ALL.len()]
    }

    /// Where the host writes.
    #[unsafe(no_mangle)]
    pub extern "C" fn buffer() -> *mut u8 {
        BUFFER.with_borrow_mut(|buffer| buffer.as_mut_ptr())
    }

    /// A fresh engine with an open input.
    #[unsafe(no_mangle)]
    pub extern "C" fn open(bytes: f64) {
        with(|engine| {
            *engine = Engine::default();
            engine.open(bytes as u64);
        });
    }

    /// So many bytes of the buffer.
    #[unsafe(no_mangle)]
    pub extern "C" fn push(bytes: usize) {
        BUFFER.with_borrow(|buffer| with(|engine| engine.push(&buffer[..bytes])));
    }

    /// See [`Engine::finish`].
    #[unsafe(no_mangle)]
    pub extern "C" fn finish() {
        with(Engine::finish);
    }

    /// See [`Engine::settle`].
    #[unsafe(no_mangle)]
    pub extern "C" fn settle() {
        with(Engine::settle);
    }

    /// See [`Engine::pairs`].
    #[unsafe(no_mangle)]
    pub extern "C" fn pairs(number: u32, first: i32, last: i32) -> usize {
        with(|engine| engine.pairs(filter(number), first.into(), last.into()))
    }

    /// See [`Engine::group`].
    #[unsafe(no_mangle)]
    pub extern "C" fn group() {
        with(Engine::group);
    }

    /// See [`Engine::picture`].
    #[unsafe(no_mangle)]
    pub extern "C" fn picture(first: i32, last: i32) -> usize {
        with(|engine| engine.picture(first.into(), last.into()))
    }

    /// See [`Engine::timeline`].
    #[unsafe(no_mangle)]
    pub extern "C" fn timeline(number: u32) -> usize {
        with(|engine| engine.timeline(filter(number)))
    }

    /// Bytes that the store holds.
    #[unsafe(no_mangle)]
    pub extern "C" fn retained() -> f64 {
        with(|engine| engine.retained as f64)
    }

    /// Names of the filters, with spaces between, in the buffer; gives how many bytes these are.
    #[unsafe(no_mangle)]
    pub extern "C" fn filters() -> usize {
        let names = Filter::ALL.map(|filter| format!("{filter:?}")).join(" ");
        BUFFER.with_borrow_mut(|buffer| buffer[..names.len()].copy_from_slice(names.as_bytes()));
        names.len()
    }

    /// Rows of the store.
    #[unsafe(no_mangle)]
    pub extern "C" fn rows() -> f64 {
        with(|engine| engine.rows() as f64)
    }

    /// Tuples accepted.
    #[unsafe(no_mangle)]
    pub extern "C" fn tuples() -> f64 {
        with(|engine| engine.tuples as f64)
    }

    /// See [`Capture::generate`].
    #[unsafe(no_mangle)]
    pub extern "C" fn capture(minutes: u32, pods_per_node: u32) {
        CAPTURE.set(Capture::generate(minutes, pods_per_node));
    }

    /// See [`Capture::picture`].
    #[unsafe(no_mangle)]
    pub extern "C" fn capture_picture() {
        CAPTURE.with_borrow_mut(|capture| capture.iter_mut().for_each(Capture::picture));
    }

    /// See [`Capture::findings`]; the whole when `last` is before `first`.
    #[unsafe(no_mangle)]
    pub extern "C" fn capture_findings(first: i32, last: i32) {
        let range = (first <= last).then(|| (first.into(), last.into()));
        CAPTURE.with_borrow_mut(|capture| capture.iter_mut().for_each(|one| one.findings(range)));
    }

    /// Generates and reads a log of so many bytes.
    #[unsafe(no_mangle)]
    pub extern "C" fn generate(bytes: f64) {
        with(|engine| {
            *engine = Engine::default();
            let _ = underlay_lab::bench_log(bytes as u64, 1, engine);
        });
    }
}
