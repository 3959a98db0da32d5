//! Sums by the things between which traffic goes: all that a picture needs of a time range, however many pairs there are. The session says once
//! where every address stands and which groups there are; a range is then one pass over its rows, and a range that overlaps the one before
//! costs only the minutes by which they differ.

mod pairs;
mod window;

pub(crate) use pairs::Grouped;

use crate::key::PairKey;
use crate::packed::{Cursor, Writer};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::view::{MinuteRange, Traffic};

/// What pairs have in common whose traffic is summed up. Ordered by its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    /// Where the initiator stands, as numbered by the session.
    pub source: u32,
    /// Where the target stands.
    pub target: u32,
    /// Denied or allowed.
    pub denied: bool,
    /// The target's port.
    pub port: u16,
    /// IANA number.
    pub protocol: u8,
    /// The only pair of the group, where a sum over several would not do.
    pub single: Option<(IpAddr, IpAddr)>,
}

/// Minutes (`None` for always), and where an address stands in them, as numbered by the session.
pub type Stand = (Option<MinuteRange>, u32);

/// Where addresses stand and which groups there are, packed. Groups are numbered from 0 in the order in which they are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    places: Writer,
    groups: Writer,
    count: u32,
    /// Several shards may hold a pair: then flows are decided over all of them.
    shared: bool,
}

impl Grouping {
    /// For so many shards.
    pub fn new(shards: u32) -> Self {
        Self { shared: shards > 1, ..Self::default() }
    }

    /// An address stands here in these minutes, in order; one that always stands in one place has no minutes.
    pub fn place(&mut self, address: IpAddr, parts: &[Stand]) {
        self.places.address(address);
        self.places.number(parts.len() as u64);
        for &(minutes, place) in parts {
            let (first, last) = minutes.map_or((0, i64::from(u32::MAX)), |minutes| (minutes.first, minutes.last));
            self.places.signed(first);
            self.places.signed(last);
            self.places.number(place.into());
        }
    }

    /// There is this group.
    pub fn group(&mut self, key: &GroupKey) {
        let groups = &mut self.groups;
        groups.number(key.source.into());
        groups.number(key.target.into());
        groups.number(u64::from(key.port) << 9 | u64::from(key.protocol) << 1 | u64::from(key.denied));
        groups.number(key.single.is_some().into());
        if let Some((src, dst)) = key.single {
            groups.address(src);
            groups.address(dst);
        }
        self.count += 1;
    }
}

/// Counted traffic of groups in a range, of one shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSums {
    /// Groups with rows in the range, in order: number less that of the one before, and counters. When pairs are shared, flows are those
    /// that ended or were denied.
    sums: Writer,
    /// When pairs are shared: pairs that did not begin as often as they ended, sorted, with their group and by how much.
    uneven: Writer,
}

impl GroupSums {
    /// One answer of several shards': group and traffic, in order. Groups without rows in the range are absent.
    pub fn merge(parts: &[Self]) -> Vec<(u32, Traffic)> {
        let mut sums: Vec<Option<Traffic>> = Vec::new();
        for part in parts {
            let mut cursor = Cursor(&part.sums.0);
            let mut group = 0usize;
            while let Some((step, sum)) = read_sum(&mut cursor) {
                group += step;
                if sums.len() <= group {
                    sums.resize(group + 1, None);
                }
                if let Some(place) = sums.get_mut(group) {
                    *place.get_or_insert_default() += sum;
                }
            }
        }
        let mut uneven: Vec<(PairKey, u32, i128)> = Vec::new();
        for part in parts {
            let mut cursor = Cursor(&part.uneven.0);
            while let Some(one) = read_uneven(&mut cursor) {
                uneven.push(one);
            }
        }
        uneven.order();
        for same in uneven.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let more: i128 = same.iter().map(|one| one.2).sum();
            let group = same.first().map_or(usize::MAX, |one| one.1 as usize);
            if let Some(Some(sum)) = sums.get_mut(group) {
                sum.flows = sum.flows.saturating_add(fit(more));
            }
        }
        (0u32..).zip(sums).filter_map(|(group, sum)| Some((group, sum?))).collect()
    }
}

fn read_sum(cursor: &mut Cursor<'_>) -> Option<(usize, Traffic)> {
    let step = usize::try_from(cursor.number()?).ok()?;
    let (flows, denied) = (cursor.number()?, cursor.number()?);
    let packets = [cursor.number()?, cursor.number()?];
    let bytes = [cursor.number()?, cursor.number()?];
    Some((step, Traffic { flows, denied, packets, bytes }))
}

fn read_uneven(cursor: &mut Cursor<'_>) -> Option<(PairKey, u32, i128)> {
    let pair = cursor.pair()?;
    let group = u32::try_from(cursor.number()?).ok()?;
    Some((pair, group, i128::from(cursor.number()?) - i128::from(cursor.number()?)))
}

/// 0 for less.
fn fit(value: i128) -> u64 {
    u64::try_from(value.max(0)).unwrap_or(u64::MAX)
}
