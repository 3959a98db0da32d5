//! The inputs of the capture and what is known of each.

use super::{FileIndex, ShardIndex};
use crate::shard_wire::{InputId, Slice, SliceCoding};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use underlay_ingest::archive::Member;
use underlay_model::input::{InputReport, TupleTally};
use underlay_model::inventory::Fragment;
use underlay_model::order::Order;

/// What an input probably holds, for scheduling only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Cluster or Azure objects, or anything else: small, and to be read first.
    Objects,
    /// A flow log, and its NIC when that could be told.
    FlowLog(Option<String>),
}

/// Where an input stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A member of an archive whose place in it is not known yet.
    Unplaced,
    /// Ready to be read.
    Waiting,
    /// A shard reads it.
    Reading {
        /// Which.
        shard: ShardIndex,
        /// Of its open request.
        ticket: u64,
    },
    /// Read, by this shard; `None` when no shard was needed.
    Done(Option<ShardIndex>),
}

/// One input.
#[derive(Debug)]
pub(super) struct Input {
    /// The contract's path.
    pub path: String,
    /// Size as stored.
    pub bytes: u64,
    pub file: FileIndex,
    /// Its place in the file.
    pub slice: Slice,
    pub coding: SliceCoding,
    /// In which archive's directory it is listed.
    pub member: Option<Box<Member>>,
    pub guess: Guess,
    pub state: State,
    /// Of the present or last reading.
    pub bytes_read: u64,
    pub tuples: u64,
    /// Only present when done.
    pub report: Option<InputReport>,
    pub fragment: Option<Box<Fragment>>,
    /// SHA-256 as stored; computed only for inputs of equal path and size.
    pub digest: Option<[u8; 32]>,
    /// Read before the present go began: a cancelled go leaves it.
    pub settled: bool,
    /// The version of the gateway subnets that it was read with.
    pub gateways: u32,
}

impl Input {
    /// Holds records of flow logs in the store of a shard.
    pub fn has_records(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.format.is_flow_log() || report.tuples != TupleTally::default())
    }

    /// A shard holds rows of an access log of it.
    pub fn has_rows(&self) -> bool {
        self.fragment.as_ref().is_some_and(|fragment| !fragment.azure.access.is_empty())
    }

    pub fn has_error(&self) -> bool {
        use underlay_model::input::Severity;
        self.report.as_ref().is_some_and(|report| report.notes.iter().any(|note| note.severity == Severity::Error))
    }

    /// The contract's order of inputs: path, size, SHA-256.
    pub fn order(&self, other: &Self) -> Ordering {
        (&self.path, self.bytes, self.digest).cmp(&(&other.path, other.bytes, other.digest))
    }
}

/// All inputs, by number.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    pub all: BTreeMap<InputId, Input>,
    /// Those that were taken out; their handles are kept, so that they can be put back.
    pub out: Vec<Input>,
    /// Decompressed bytes of all that were ever read.
    pub expanded: u64,
    next: InputId,
}

impl Inputs {
    pub fn add(&mut self, input: Input) -> InputId {
        let id = self.next;
        self.next += 1;
        self.all.insert(id, input);
        id
    }

    pub fn get(&self, id: InputId) -> Option<&Input> {
        self.all.get(&id)
    }

    pub fn get_mut(&mut self, id: InputId) -> Option<&mut Input> {
        self.all.get_mut(&id)
    }

    /// Numbers in the contract's order.
    pub fn in_order(&self) -> Vec<InputId> {
        let mut order: Vec<(&InputId, &Input)> = self.all.iter().collect();
        order.order_by(|a, b| a.1.order(b.1).then(a.0.cmp(b.0)));
        order.into_iter().map(|(id, _)| *id).collect()
    }

    /// Rank of every number ever given; those that are gone come last.
    pub fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![u32::MAX; self.next as usize];
        for (rank, id) in (0..).zip(self.in_order()) {
            if let Some(place) = ranks.get_mut(id as usize) {
                *place = rank;
            }
        }
        ranks
    }

    /// Inputs that path and size do not put in order and whose SHA-256 is not known yet.
    pub fn undecided(&self) -> Vec<InputId> {
        let order = self.in_order();
        let mut undecided = Vec::new();
        for pair in order.windows(2) {
            let &[a, b] = pair else { continue };
            let (Some(first), Some(second)) = (self.get(a), self.get(b)) else { continue };
            if first.path == second.path && first.bytes == second.bytes {
                undecided
                    .extend([(a, first), (b, second)].iter().filter(|(_, i)| i.digest.is_none()).map(|(id, _)| *id));
            }
        }
        undecided.order();
        undecided.dedup();
        undecided
    }

    /// Path and size of those that were taken out, sorted.
    pub fn taken_out(&self) -> Vec<(String, u64)> {
        let mut out: Vec<(String, u64)> = self.out.iter().map(|input| (input.path.clone(), input.bytes)).collect();
        out.order();
        out
    }

    /// Whether any input still needs this file's handle.
    pub fn uses(&self, file: FileIndex) -> bool {
        self.all.values().chain(&self.out).any(|input| input.file == file)
    }
}
