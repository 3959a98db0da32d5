//! The store: blocks of rows, the records that own them, and the tables of what recurs.

use crate::address::AddressCodes;
use crate::block::{Block, ROWS};
use crate::cell::Cell;
use crate::connections::Connections;
use crate::grouped::Grouped;
use crate::key::{PairKey, PointKey};
use crate::names::Names;
use crate::pairs::{MOST_WAITING, PairCode, Pairs, reporter};
use crate::record::{Body, NO_RECORD, Record, Standing};
use crate::settle::{Draft, Standings};
use crate::sink::Uncommitted;
use rustc_hash::{FxHashMap, FxHashSet};
use underlay_model::order::Order;
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
    /// Pairs of the last rows, which have no numbers yet, and the first body of theirs.
    waiting: Vec<PairCode>,
    first_waiting: usize,
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
        let content = self.uncommitted.content;
        let newest = self.heads.get(&head.hash).copied().unwrap_or(NO_RECORD);
        let body = match self.copy_with(newest, content) {
            Some(body) => body,
            None => self.append_body(point),
        };
        self.push_record(Record {
            hash: head.hash,
            content,
            input,
            body,
            next: NO_RECORD,
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
        let rows = self.uncommitted.gather.cells().len() + self.uncommitted.analytics.len();
        if self.waiting.len() + rows > MOST_WAITING {
            self.number_pairs();
        }
        let Self { uncommitted, waiting, blocks, .. } = self;
        let cells = uncommitted.gather.cells();
        waiting.extend(cells.iter().map(|cell| PairCode::of(&cell.key)));
        let mut minutes = (u32::MAX, 0);
        let mut widen = |cell: &Cell| minutes = (minutes.0.min(cell.key.minute), minutes.1.max(cell.key.minute));
        cells.iter().for_each(&mut widen);
        let mut rest = cells;
        while !rest.is_empty() {
            let taken = last_block(blocks).map_or(rest.len(), |block| block.extend(rest));
            rest = rest.get(taken..).unwrap_or_default();
        }
        for (cell, span) in &uncommitted.analytics {
            widen(cell);
            waiting.push(PairCode::of(&cell.key));
            push_row(blocks, cell, Some(*span));
        }
        let number = u32::try_from(self.bodies.len()).unwrap_or(u32::MAX);
        self.bodies.push(Body { first_row, rows: rows as u64, point, span: minutes, active: true });
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
        self.heads.clear();
        self.copied.clear();
        let (removed, rest): (Vec<Record>, Vec<Record>) =
            std::mem::take(&mut self.records).into_iter().partition(|record| record.input == input);
        self.tuples_read -= removed.iter().map(|record| record.accepted).sum::<u64>();
        let mut owned = vec![false; self.bodies.len()];
        for record in &rest {
            owned.get_mut(record.body as usize).into_iter().for_each(|owned| *owned = true);
        }
        let moved = self.keep_bodies(&owned);
        for mut record in rest {
            record.body = moved.get(record.body as usize).copied().flatten().unwrap_or(0);
            self.push_record(record);
        }
        self.connections.renumber(&moved);
    }

    /// Leaves of all rows those of these bodies; says their new numbers. Blocks are given back as they are left, so that rows do not stand twice.
    fn keep_bodies(&mut self, owned: &[bool]) -> Vec<Option<u32>> {
        let bodies = std::mem::take(&mut self.bodies);
        let pairs = std::mem::take(&mut self.pairs);
        let mut blocks = (0usize..).zip(std::mem::take(&mut self.blocks));
        let mut block = blocks.next();
        self.first_waiting = 0;
        let mut moved = vec![None; bodies.len()];
        for ((body, moved), _) in bodies.iter().zip(&mut moved).zip(owned).filter(|(_, owned)| **owned) {
            let first_row = self.rows();
            for (number, rows) in stretches(body) {
                while block.as_ref().is_some_and(|(at, _)| *at < number) {
                    block = blocks.next();
                }
                let Some((_, block)) = &block else { break };
                for row in rows {
                    let pair = block.pairs.get(row).and_then(|&pair| pairs.codes.get(pair as usize));
                    if let Some(&code) = pair {
                        self.waiting.push(code);
                        push_row(&mut self.blocks, &block.cell(row, code), block.own_span(row));
                    }
                }
            }
            *moved = u32::try_from(self.bodies.len()).ok();
            self.bodies.push(Body { first_row, ..*body });
            if self.waiting.len() >= MOST_WAITING {
                self.number_pairs();
            }
        }
        moved
    }

    /// Appends a record at the head of its chain of copies.
    fn push_record(&mut self, mut record: Record) {
        let number = u32::try_from(self.records.len()).unwrap_or(NO_RECORD);
        record.next = self.heads.insert(record.hash, number).unwrap_or(NO_RECORD);
        if record.next != NO_RECORD {
            self.copied.insert(record.hash);
        }
        self.records.push(record);
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
        let Self { pairs, blocks, bodies, waiting, first_waiting, .. } = self;
        let new = bodies.get(*first_waiting..).unwrap_or_default();
        let Some(first) = new.first().map(|body| body.first_row) else { return };
        for block in blocks.iter_mut().filter(|block| block.pairs.len() < block.len()) {
            block.pairs.resize(block.len(), u32::MAX);
        }
        let mut by_point: Vec<&Body> = new.iter().collect();
        by_point.order_by_key(|body| (body.point, body.first_row));
        for body in by_point {
            let point = reporter(body.point);
            for (block, rows) in stretches(body) {
                let from = ((block * ROWS + rows.start) as u64).saturating_sub(first) as usize;
                let Some(block) = blocks.get_mut(block) else { continue };
                let codes = waiting.get(from..from + rows.len()).unwrap_or_default();
                let flags = block.flags.get(rows.clone()).unwrap_or_default();
                let numbers = block.pairs.get_mut(rows).unwrap_or_default();
                for ((&code, &flags), number) in codes.iter().zip(flags).zip(numbers) {
                    *number = pairs.number(code, flags, point);
                }
            }
        }
        *first_waiting = bodies.len();
        waiting.clear();
    }

    /// Gives back what only more rows would need.
    pub(crate) fn shrink(&mut self) {
        self.waiting = Vec::new();
        self.pairs.shrink();
        self.connections.shrink();
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
            stretches(body).for_each(|(block, rows)| each(number, body, block, rows));
        }
    }

    /// Memory held, in bytes, as allocated.
    pub fn memory_bytes(&self) -> u64 {
        let bytes = self.blocks.iter().map(Block::memory_bytes).sum::<usize>()
            + self.records.capacity() * size_of::<Record>()
            + self.bodies.capacity() * size_of::<Body>()
            + self.heads.capacity() * (size_of::<(u128, u32)>() + 1)
            + self.pairs.memory_bytes()
            + self.waiting.capacity() * size_of::<PairCode>()
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

/// The block and the rows there that hold a body: more than once when it goes over the end of a block.
fn stretches(body: &Body) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + use<> {
    let (mut row, end) = (body.first_row, body.first_row + body.rows);
    std::iter::from_fn(move || {
        let (block, from) = (row as usize / ROWS, row as usize % ROWS);
        let len = end.saturating_sub(row).min((ROWS - from) as u64);
        row += len;
        (len > 0).then_some((block, from..from + len as usize))
    })
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
