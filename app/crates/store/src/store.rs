//! The store: blocks of rows, the records that own them, and the tables of what recurs.

use crate::address::AddressCodes;
use crate::block::{Block, ROWS};
use crate::cell::Cell;
use crate::connections::Connections;
use crate::grouped::Grouped;
use crate::key::{PairKey, PointKey};
use crate::names::Names;
use crate::pairs::{PairCode, Pairs, reporter};
use crate::record::{Body, NO_RECORD, Record, Standing};
use crate::settle::{Draft, Standings};
use crate::sink::Uncommitted;
use rustc_hash::{FxHashMap, FxHashSet};
use underlay_model::time::Millis;
use underlay_model::tuple::Verdict;
use underlay_scan::RecordHead;

/// One shard of a capture. See the crate's README for how it is used.
#[derive(Debug, Default)]
pub struct Store {
    pub(crate) uncommitted: Uncommitted,
    pub(crate) addresses: AddressCodes,
    pub(crate) rules: Names,
    pub(crate) encryption: Names,
    pub(crate) points: Vec<PointKey>,
    point_numbers: FxHashMap<PointKey, u32>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) records: Vec<Record>,
    pub(crate) bodies: Vec<Body>,
    /// Head of the chain of copies, by hash.
    heads: FxHashMap<u128, u32>,
    /// Hashes that have, or had, several copies.
    copied: FxHashSet<u128>,
    ranks: Vec<u32>,
    retracted: Vec<u128>,
    standings_known: bool,
    pub(crate) pairs: Pairs,
    /// What counts, when settled.
    pub(crate) standings: Standings,
    /// While it is being settled.
    pub(crate) draft: Option<Box<Draft>>,
    pub(crate) connections: Connections,
    tuples_read: u64,
    /// Where the ends of pairs stand, as long as what counts is settled.
    pub(crate) grouped: Option<Box<Grouped>>,
}

impl Store {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what was gathered as a record of this input.
    pub(crate) fn commit(&mut self, input: u32, head: &RecordHead<'_>) {
        self.tuples_read += head.accepted;
        self.standings_known = false;
        let point = self.point(head.flow_log, head.mac);
        let number = u32::try_from(self.records.len()).unwrap_or(NO_RECORD);
        let next = self.heads.insert(head.hash, number).unwrap_or(NO_RECORD);
        if next != NO_RECORD {
            self.copied.insert(head.hash);
        }
        let content = self.uncommitted.content;
        let body = match self.copy_with(next, content) {
            Some(body) => body,
            None => self.append_body(point),
        };
        self.records.push(Record {
            hash: head.hash,
            content,
            input,
            body,
            next,
            standing: Standing::Original,
            byte: head.bytes.start,
            len: head.bytes.end - head.bytes.start,
            accepted: head.accepted,
            rejected: self.uncommitted.rejected.as_slice().into(),
            span: self.uncommitted.span,
        });
    }

    fn point(&mut self, flow_log: &str, mac: &str) -> u32 {
        // One NIC's records come one after another.
        if let Some(record) = self.records.last()
            && let Some(body) = self.bodies.get(record.body as usize)
            && let Some(point) = self.points.get(body.point as usize)
            && point.flow_log == flow_log
            && point.mac == mac
        {
            return body.point;
        }
        let key = PointKey { flow_log: flow_log.to_owned(), mac: mac.to_owned() };
        if let Some(&number) = self.point_numbers.get(&key) {
            return number;
        }
        let number = u32::try_from(self.points.len()).unwrap_or(u32::MAX);
        self.points.push(key.clone());
        self.point_numbers.insert(key, number);
        number
    }

    /// The rows of a copy in this chain that belong to the same rules.
    fn copy_with(&self, mut number: u32, content: u64) -> Option<u32> {
        while let Some(record) = self.records.get(number as usize) {
            if record.content == content {
                return Some(record.body);
            }
            number = record.next;
        }
        None
    }

    fn append_body(&mut self, point: u32) -> u32 {
        let first_row = self.rows();
        let Self { uncommitted, pairs, blocks, .. } = self;
        let cells = uncommitted.gather.cells();
        let reporter = reporter(point);
        let mut minutes = (u32::MAX, 0);
        let mut widen = |cell: &Cell| minutes = (minutes.0.min(cell.key.minute), minutes.1.max(cell.key.minute));
        cells.iter().for_each(&mut widen);
        cells.iter().for_each(|cell| pairs.wait(&cell.key, reporter));
        let rows = (cells.len() + uncommitted.analytics.len()) as u64;
        let mut rest = cells;
        while !rest.is_empty() {
            let taken = last_block(blocks).map_or(rest.len(), |block| block.extend(rest));
            rest = rest.get(taken..).unwrap_or_default();
        }
        for (cell, span) in &uncommitted.analytics {
            widen(cell);
            pairs.wait(&cell.key, reporter);
            push_row(blocks, cell, Some(*span));
        }
        if pairs.is_full() {
            self.number_pairs();
        }
        let number = u32::try_from(self.bodies.len()).unwrap_or(u32::MAX);
        self.bodies.push(Body { first_row, rows, point, span: minutes, active: true });
        self.connections.commit(number);
        number
    }

    fn rows(&self) -> u64 {
        match self.blocks.split_last() {
            Some((last, full)) => (full.len() * ROWS + last.len()) as u64,
            None => 0,
        }
    }

    /// Says which of two inputs sorts first: `ranks[input]`; inputs beyond the list come last, by number. Settle afterwards.
    #[inline(never)]
    pub fn set_input_ranks(&mut self, ranks: &[u32]) {
        if self.ranks != ranks {
            self.ranks = ranks.to_vec();
            self.standings_known = false;
        }
    }

    /// The inputs' order: (rank, number).
    pub(crate) fn rank(&self, input: u32) -> (u32, u32) {
        (self.ranks.get(input as usize).copied().unwrap_or(u32::MAX), input)
    }

    pub(crate) fn set_retracted(&mut self, hashes: &[u128]) {
        if self.retracted != hashes {
            self.retracted = hashes.to_vec();
            self.standings_known = false;
        }
    }

    /// Forgets an input as if it had never been read, and its rows. Settle afterwards.
    #[inline(never)]
    pub fn remove_input(&mut self, input: u32) {
        self.uncommitted = Uncommitted::default();
        if !self.records.iter().any(|record| record.input == input) {
            return;
        }
        self.number_pairs();
        self.standings_known = false;
        self.standings = Standings::default();
        (self.draft, self.grouped) = (None, None);
        let records = std::mem::take(&mut self.records);
        let bodies = std::mem::take(&mut self.bodies);
        let blocks = std::mem::take(&mut self.blocks);
        let pairs = std::mem::take(&mut self.pairs);
        self.heads.clear();
        self.copied.clear();
        let mut moved: Vec<Option<u32>> = vec![None; bodies.len()];
        for mut record in records {
            if record.input == input {
                self.tuples_read -= record.accepted;
                continue;
            }
            let Some(place) = moved.get_mut(record.body as usize) else { continue };
            if place.is_none()
                && let Some(body) = bodies.get(record.body as usize)
            {
                let first_row = self.rows();
                for row in body.first_row..body.first_row + body.rows {
                    let (block, row) = (row as usize / ROWS, row as usize % ROWS);
                    let Some(block) = blocks.get(block) else { continue };
                    let pair = block.pairs.get(row).and_then(|&pair| pairs.codes.get(pair as usize));
                    if let Some(&code) = pair {
                        let cell = block.cell(row, code);
                        self.pairs.wait(&cell.key, reporter(body.point));
                        push_row(&mut self.blocks, &cell, block.own_span(row));
                    }
                }
                if self.pairs.is_full() {
                    self.number_pairs();
                }
                *place = u32::try_from(self.bodies.len()).ok();
                self.bodies.push(Body { first_row, ..*body });
            }
            record.body = place.unwrap_or(0);
            let number = u32::try_from(self.records.len()).unwrap_or(NO_RECORD);
            record.next = self.heads.insert(record.hash, number).unwrap_or(NO_RECORD);
            if record.next != NO_RECORD {
                self.copied.insert(record.hash);
            }
            self.records.push(record);
        }
        self.connections.renumber(&moved);
    }

    /// Decides which of equal records is the original (contract rule 7).
    pub(crate) fn know_standings(&mut self) {
        if self.standings_known {
            return;
        }
        self.standings_known = true;
        for record in &mut self.records {
            record.standing = Standing::Original;
        }
        let hashes: Vec<u128> = self.copied.iter().copied().collect();
        for hash in hashes {
            if let Some(original) = self.first_copy(hash) {
                self.set_chain(hash, Some(original));
            }
        }
        for hash in std::mem::take(&mut self.retracted) {
            self.set_chain(hash, None);
            self.retracted.push(hash);
        }
        for body in &mut self.bodies {
            body.active = false;
        }
        for record in &self.records {
            if record.standing == Standing::Original
                && let Some(body) = self.bodies.get_mut(record.body as usize)
            {
                body.active = true;
            }
        }
    }

    /// The copy that sorts first.
    pub(crate) fn first_copy(&self, hash: u128) -> Option<u32> {
        self.chain(hash).min_by_key(|&number| {
            self.records.get(number as usize).map(|record| (self.rank(record.input), record.byte))
        })
    }

    /// Whether no other copy of this record here sorts before it.
    pub(crate) fn is_first_copy(&self, number: u32, record: &Record) -> bool {
        !self.copied.contains(&record.hash) || self.first_copy(record.hash) == Some(number)
    }

    fn chain(&self, hash: u128) -> impl Iterator<Item = u32> {
        let head = self.heads.get(&hash).copied().filter(|&number| number != NO_RECORD);
        std::iter::successors(head, |&number| {
            self.records.get(number as usize).map(|record| record.next).filter(|&next| next != NO_RECORD)
        })
    }

    fn set_chain(&mut self, hash: u128, original: Option<u32>) {
        let chain: Vec<u32> = self.chain(hash).collect();
        for number in chain {
            if let Some(record) = self.records.get_mut(number as usize) {
                record.standing = if Some(number) == original { Standing::Original } else { Standing::Copy };
            }
        }
    }

    /// Gives numbers to the pairs of rows that wait for them.
    pub(crate) fn number_pairs(&mut self) {
        let Self { pairs, blocks, .. } = self;
        let mut blocks = blocks.iter_mut().filter(|block| block.pairs.len() < block.len());
        let mut block = blocks.next();
        pairs.number_waiting(|number| {
            if block.as_ref().is_some_and(|block| block.pairs.len() >= block.len()) {
                block = blocks.next();
            }
            if let Some(block) = &mut block {
                block.pairs.push(number);
            }
        });
    }

    /// A pair's key by its number.
    pub(crate) fn pair_key(&self, code: &PairCode) -> PairKey {
        PairKey {
            src: self.addresses.address(code.src),
            dst: self.addresses.address(code.dst),
            port: code.port,
            protocol: code.protocol,
            verdict: if code.denied { Verdict::Denied } else { Verdict::Allowed },
        }
    }

    /// Calls for every body with its number, and the block and rows there that hold it: more than once when it goes over the end of a block.
    pub(crate) fn for_each_stretch(&self, mut each: impl FnMut(usize, &Body, usize, std::ops::Range<usize>)) {
        for (number, body) in self.bodies.iter().enumerate() {
            let (mut row, end) = (body.first_row, body.first_row + body.rows);
            while row < end {
                let block = row as usize / ROWS;
                let from = row as usize % ROWS;
                let len = (end - row).min((ROWS - from) as u64);
                each(number, body, block, from..from + len as usize);
                row += len;
            }
        }
    }

    /// Memory held, in bytes, as allocated.
    pub fn memory_bytes(&self) -> u64 {
        let bytes = self.blocks.iter().map(Block::memory_bytes).sum::<usize>()
            + self.records.capacity() * size_of::<Record>()
            + self.bodies.capacity() * size_of::<Body>()
            + self.heads.capacity() * (size_of::<(u128, u32)>() + 1)
            + self.pairs.memory_bytes()
            + self.addresses.memory_bytes()
            + self.rules.memory_bytes()
            + self.encryption.memory_bytes()
            + self.uncommitted.gather.memory_bytes()
            + self.connections.memory_bytes()
            + self.standings.memory_bytes()
            + self.grouped.as_ref().map_or(0, |grouped| grouped.memory_bytes());
        bytes as u64
    }

    /// Cells held, copies' included.
    pub fn cells(&self) -> u64 {
        self.rows()
    }

    /// Accepted tuples of all records so far, copies' included: for progress.
    pub fn tuples_read(&self) -> u64 {
        self.tuples_read
    }
}

fn push_row(blocks: &mut Vec<Block>, cell: &Cell, span: Option<(Millis, Millis)>) {
    if let Some(block) = last_block(blocks) {
        block.extend(&[*cell]);
        if let Some(span) = span {
            block.set_own_span(cell, span);
        }
    }
}

/// The block that has room.
fn last_block(blocks: &mut Vec<Block>) -> Option<&mut Block> {
    if blocks.last().is_none_or(Block::is_full) {
        blocks.push(if blocks.is_empty() { Block::new() } else { Block::with_room() });
    }
    blocks.last_mut()
}
