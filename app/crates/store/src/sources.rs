//! The way down from a number: which records hold the rows behind it, what became of these rows, and which minutes each
//! reporting point has rows of. Texts are not kept; a place says where to read them again.

use crate::Store;
use crate::cell::{COUNTED, OUTBOUND};
use crate::key::{PairKey, PointKey, Side};
use crate::query::Selector;
use crate::record::{Record, Standing};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use underlay_model::coverage::joined;
use underlay_model::order::Order;
use underlay_model::sources::SourceTotals;
use underlay_model::time::Minute;
use underlay_model::view::MinuteRange;

/// Own addresses of a reporting point that are told.
const OWN_ADDRESSES: usize = 3;

/// Which rows: counted or not, of copies too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowQuery {
    /// Minutes; `None` for all.
    pub range: Option<MinuteRange>,
    /// Which traffic.
    pub selector: Selector,
    /// Destination port and protocol.
    pub service: Option<(u16, u8)>,
    /// Source and destination address.
    pub ends: Option<(IpAddr, IpAddr)>,
    /// One reporting point only.
    pub point: Option<PointKey>,
    /// Rows of copies only.
    pub copies: bool,
}

impl RowQuery {
    /// Whether a tuple of this pair and minute is asked for.
    pub fn takes(&self, pair: &PairKey, minute: Minute) -> bool {
        self.range.is_none_or(|range| range.contains(minute))
            && self.service.is_none_or(|service| service == (pair.port, pair.protocol))
            && self.ends.is_none_or(|ends| ends == (pair.src, pair.dst))
            && self.selector.takes(pair, minute)
    }

    /// Whether rows of this record are asked for at all.
    fn takes_record(&self, record: &Record) -> bool {
        !self.copies || record.standing == Standing::Copy
    }
}

impl Selector {
    /// Whether traffic of this pair and minute is selected.
    pub fn takes(&self, pair: &PairKey, minute: Minute) -> bool {
        let within = |set: &Option<crate::query::AddressSet>, address: IpAddr| {
            set.as_ref().is_none_or(|set| {
                let member = |span: &&crate::query::AddressSpan| {
                    span.minutes.is_empty() || span.minutes.iter().any(|range| range.contains(minute))
                };
                set.0.iter().filter(|span| span.address == address).any(|span| member(&span))
            })
        };
        self.verdict.is_none_or(|verdict| verdict == pair.verdict)
            && within(&self.source, pair.src)
            && within(&self.destination, pair.dst)
            && (self.either.is_none() || within(&self.either, pair.src) || within(&self.either, pair.dst))
    }
}

/// How many rows one input holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRows {
    /// As numbered by the session.
    pub input: u32,
    /// Its rows.
    pub total: SourceTotals,
}

/// Asks for the places of records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceQuery {
    /// Which rows.
    pub rows: RowQuery,
    /// Which inputs, in this order.
    pub inputs: Vec<u32>,
    /// Records of the first of these inputs that are passed over.
    pub skip: u64,
    /// Records at most.
    pub most: u64,
}

/// A cell whose rows do not count: pair, minute, side.
pub type Uncounted = (PairKey, Minute, Side);

/// A record with rows that are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePlace {
    /// As numbered by the session.
    pub input: u32,
    /// Its first byte in the decoded text.
    pub byte: u64,
    /// Its length.
    pub len: u64,
    /// See [`underlay_scan::RecordHead::hash`]: tells whether what is read again is what was read.
    pub hash: u128,
    /// Who reported it.
    pub point: PointKey,
    /// It is a copy: none of its rows counts.
    pub copy: bool,
    /// Of what is asked for, what does not count; sorted.
    pub uncounted: Vec<Uncounted>,
}

/// The minutes that a reporting point has rows of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointCoverage {
    /// Which.
    pub point: PointKey,
    /// Joined, in order.
    pub covered: Vec<MinuteRange>,
    /// Addresses that it reports as its own, with their rows, most first; at most a few.
    pub addresses: Vec<(IpAddr, u64)>,
}

/// What a body holds of what is asked for.
#[derive(Clone, Copy, Default)]
struct BodyRows {
    counted: u64,
    other: u64,
}

impl Store {
    /// Calls for every row that is asked for: body, block, row.
    fn for_each_asked(&self, query: &RowQuery, mut each: impl FnMut(usize, &crate::block::Block, usize, &PairKey)) {
        let selection = self.selection(&query.selector);
        let wanted = |number: u32| {
            let pair = self.pair_key(self.pairs.codes.get(number as usize)?);
            let fits = query.service.is_none_or(|service| service == (pair.port, pair.protocol))
                && query.ends.is_none_or(|ends| ends == (pair.src, pair.dst));
            (fits && selection.pair(number).is_taken()).then_some(pair)
        };
        let pairs: Vec<Option<PairKey>> = (0..self.pairs.codes.len() as u32).map(wanted).collect();
        let is_asked = |point: u32| query.point.is_none() || query.point.as_ref() == self.points.get(point as usize);
        self.for_each_stretch(|number, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| is_asked(body.point)) else { return };
            for row in rows {
                let Some(&pair) = block.pairs.get(row) else { return };
                let Some(Some(key)) = pairs.get(pair as usize) else { continue };
                let minute = block.minute(row);
                if query.range.is_none_or(|range| range.contains(minute.into()))
                    && selection.row(pair, || minute).is_taken()
                {
                    each(number, block, row, key);
                }
            }
        });
    }

    fn asked_bodies(&self, query: &RowQuery) -> Vec<BodyRows> {
        let mut bodies = vec![BodyRows::default(); self.bodies.len()];
        self.for_each_asked(query, |number, block, row, _| {
            let Some(body) = bodies.get_mut(number) else { return };
            let flags = block.flags.get(row).copied().unwrap_or(0);
            let tuples = block.counters(row).tuples(flags);
            if flags & COUNTED != 0 {
                body.counted += tuples;
            } else {
                body.other += tuples;
            }
        });
        bodies
    }

    /// How many of these rows each input holds, by number of the input. The store must be settled.
    #[inline(never)]
    pub fn source_totals(&self, query: &RowQuery) -> Vec<InputRows> {
        let bodies = self.asked_bodies(query);
        let mut totals: BTreeMap<u32, SourceTotals> = BTreeMap::new();
        for record in self.records.iter().filter(|record| query.takes_record(record)) {
            let Some(rows) = bodies.get(record.body as usize).filter(|rows| rows.counted + rows.other > 0) else {
                continue;
            };
            let total = totals.entry(record.input).or_default();
            total.records += 1;
            if record.standing == Standing::Copy {
                total.duplicate += rows.counted + rows.other;
            } else {
                total.counted += rows.counted;
                total.other += rows.other;
            }
        }
        totals.into_iter().map(|(input, total)| InputRows { input, total }).collect()
    }

    /// Where such rows stand: records in the order of the inputs asked for and of their places.
    #[inline(never)]
    pub fn source_places(&self, query: &PlaceQuery) -> Vec<SourcePlace> {
        let bodies = self.asked_bodies(&query.rows);
        let rank: FxHashMap<u32, usize> = query.inputs.iter().copied().zip(0..).collect();
        let behind = |record: &&Record| {
            query.rows.takes_record(record) && bodies.get(record.body as usize).is_some_and(|b| b.counted + b.other > 0)
        };
        let mut records: Vec<(usize, u64, u32)> = Vec::new();
        for (number, record) in (0u32..).zip(&self.records).filter(|(_, record)| behind(record)) {
            if let Some(&rank) = rank.get(&record.input) {
                records.push((rank, record.byte, number));
            }
        }
        records.order();
        let first = records.iter().take_while(|record| record.0 == 0).count();
        let skip = usize::try_from(query.skip).unwrap_or(usize::MAX).min(first);
        let most = usize::try_from(query.most).unwrap_or(usize::MAX);
        let chosen: Vec<u32> = records.iter().skip(skip).take(most).map(|record| record.2).collect();
        let mut uncounted: BTreeMap<u32, BTreeSet<Uncounted>> = chosen
            .iter()
            .filter_map(|&number| self.records.get(number as usize).map(|record| (record.body, BTreeSet::new())))
            .collect();
        self.for_each_asked(&query.rows, |number, block, row, pair| {
            let flags = block.flags.get(row).copied().unwrap_or(0);
            if flags & COUNTED != 0 {
                return;
            }
            if let Some(list) = u32::try_from(number).ok().and_then(|number| uncounted.get_mut(&number)) {
                let side = if flags & OUTBOUND == 0 { Side::Destination } else { Side::Source };
                list.insert((*pair, block.minute(row).into(), side));
            }
        });
        let place = |&number: &u32| {
            let record = self.records.get(number as usize)?;
            let point = self.bodies.get(record.body as usize).and_then(|body| self.points.get(body.point as usize));
            Some(SourcePlace {
                input: record.input,
                byte: record.byte,
                len: record.len,
                hash: record.hash,
                point: point.cloned().unwrap_or_default(),
                copy: record.standing == Standing::Copy,
                uncounted: uncounted.get(&record.body).map(|list| list.iter().copied().collect()).unwrap_or_default(),
            })
        };
        chosen.iter().filter_map(place).collect()
    }

    /// Coverage of every reporting point of this shard, sorted by point. Rows of copies are the originals' rows.
    #[inline(never)]
    pub fn coverage(&self) -> Vec<PointCoverage> {
        let mut minutes: BTreeMap<u32, (BTreeSet<u32>, FxHashMap<u32, u64>)> = BTreeMap::new();
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block) else { return };
            let (covered, own) = minutes.entry(body.point).or_default();
            // Rows of a record are of few minutes and pairs: what repeats is passed over.
            let mut last = None;
            for row in rows {
                let minute = block.minute(row);
                if last != Some(minute) {
                    covered.insert(minute);
                    last = Some(minute);
                }
                let Some(code) = block.pairs.get(row).and_then(|&pair| self.pairs.codes.get(pair as usize)) else {
                    continue;
                };
                let inbound = block.flags.get(row).is_some_and(|flags| flags & OUTBOUND == 0);
                *own.entry(if inbound { code.dst } else { code.src }).or_default() += 1;
            }
        });
        let mut list: Vec<PointCoverage> = Vec::new();
        for (point, (covered, own)) in minutes {
            let Some(point) = self.points.get(point as usize).cloned() else { continue };
            let mut addresses: Vec<(IpAddr, u64)> =
                own.into_iter().map(|(code, rows)| (self.addresses.address(code), rows)).collect();
            addresses.order_by_key(|&(address, rows)| (std::cmp::Reverse(rows), address));
            addresses.truncate(OWN_ADDRESSES * 4);
            list.push(PointCoverage { point, covered: joined(covered.into_iter().map(Minute::from)), addresses });
        }
        list.order_by(|a, b| a.point.cmp(&b.point));
        list
    }
}

impl PointCoverage {
    /// One list of several shards', sorted by point.
    pub fn merge(parts: impl IntoIterator<Item = Vec<Self>>) -> Vec<Self> {
        let mut all: Vec<Self> = parts.into_iter().flatten().collect();
        all.order_by(|a, b| a.point.cmp(&b.point));
        let mut merged: Vec<Self> = Vec::new();
        for part in all {
            match merged.last_mut() {
                Some(last) if last.point == part.point => last.add(part),
                _ => merged.push(part),
            }
        }
        merged
    }

    fn add(&mut self, other: Self) {
        self.covered.extend(other.covered);
        self.covered.order_by_key(|range| (range.first, range.last));
        let mut covered: Vec<MinuteRange> = Vec::new();
        for range in std::mem::take(&mut self.covered) {
            match covered.last_mut() {
                Some(last) if range.first <= last.last + 1 => last.last = last.last.max(range.last),
                _ => covered.push(range),
            }
        }
        self.covered = covered;
        for (address, rows) in other.addresses {
            match self.addresses.iter_mut().find(|(known, _)| *known == address) {
                Some((_, sum)) => *sum += rows,
                None => self.addresses.push((address, rows)),
            }
        }
        self.addresses.order_by_key(|&(address, rows)| (std::cmp::Reverse(rows), address));
    }
}
