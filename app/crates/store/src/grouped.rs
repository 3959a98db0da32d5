//! Sums by the things between which traffic goes: all that a picture needs of a time range, however many pairs there are. The session says once
//! where every address stands and which groups there are; a range is then one pass over its rows, and a range that overlaps the one before
//! costs only the minutes by which they differ.

use crate::Store;
use crate::block::PairCode;
use crate::cell::{COUNTED, CROSSED, CellCounters, DENIED};
use crate::key::PairKey;
use crate::packed::{Cursor, Writer};
use crate::sums::Counters;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use underlay_model::order::Order;
use underlay_model::tuple::Verdict;
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
    pub fn place(&mut self, address: IpAddr, parts: &[(Option<MinuteRange>, u32)]) {
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
    Some((step, Traffic { flows, denied, packets, bytes: [cursor.number()?, cursor.number()?] }))
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

/// Rows of the pair are in no group.
const NONE: u32 = u32::MAX;
/// In which group a row is depends on its minute.
const SPLIT: u32 = u32::MAX - 1;
/// Counters from here on are summed apart: so many rows as memory holds cannot overflow sums of smaller ones.
const LARGE: u64 = 1 << 37;

/// The groups of a settled store's pairs.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// By slot: slots are the numbers of pairs, and beyond them the parts of split pairs.
    groups: Vec<u32>,
    /// The parts of split pairs: pair, first and last minute, slot. Sorted.
    parts: Vec<(u32, u32, u32, u32)>,
    /// The pairs of the slots beyond the pairs.
    split: Vec<u32>,
    count: u32,
    shared: bool,
    window: Option<Window>,
}

/// Sums over a range.
#[derive(Debug)]
struct Window {
    range: MinuteRange,
    sums: Vec<GroupSum>,
    /// By slot: begun less ended.
    uneven: Vec<i32>,
    /// By slot: what does not fit.
    large: FxHashMap<u32, Counters>,
}

/// As long as what a processor fetches at once.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct GroupSum {
    rows: u64,
    ended: u64,
    denied: u64,
    packets: [u64; 2],
    bytes: [u64; 2],
}

impl Grouped {
    /// Slot and group of a pair's rows in a minute.
    #[inline]
    fn find(&self, pair: u32, minute: impl FnOnce() -> u32) -> Option<(u32, u32)> {
        match self.groups.get(pair as usize).copied()? {
            NONE => None,
            SPLIT => {
                let minute = minute();
                let after = self.parts.partition_point(|part| (part.0, part.1) <= (pair, minute));
                let &(of, _, last, slot) = self.parts.get(after.checked_sub(1)?)?;
                let group = self.groups.get(slot as usize).copied()?;
                (of == pair && minute <= last && group != NONE).then_some((slot, group))
            }
            group => Some((pair, group)),
        }
    }

    fn fresh(&self, range: MinuteRange) -> Window {
        Window {
            range,
            sums: vec![GroupSum::default(); self.count as usize],
            uneven: vec![0; self.groups.len()],
            large: FxHashMap::default(),
        }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let window = self.window.as_ref().map_or(0, |window| {
            window.sums.capacity() * size_of::<GroupSum>() + window.uneven.capacity() * size_of::<i32>()
        });
        (self.groups.capacity() + self.split.capacity()) * 4
            + self.parts.capacity() * size_of::<(u32, u32, u32, u32)>()
            + window
    }
}

impl Window {
    /// Adds a row, or takes it away.
    #[inline(always)]
    fn add(&mut self, (slot, group): (u32, u32), flags: u8, cell: &CellCounters, away: bool) {
        let Some(sum) = self.sums.get_mut(group as usize) else { return };
        // Two's complement: the same addition takes away.
        let mask = if away { u64::MAX } else { 0 };
        let add = |sum: &mut u64, more: u64| *sum = sum.wrapping_add((more ^ mask).wrapping_sub(mask));
        add(&mut sum.rows, 1);
        let [packets, bytes] = [cell.packets, cell.bytes];
        let highest = cell.begun | cell.ended | packets[0] | packets[1] | bytes[0] | bytes[1];
        if highest >= LARGE {
            let large = CellCounters { continued: 0, ..*cell };
            return self.large.entry(slot).or_default().add_cell(flags, &large);
        }
        let is_begun = (flags & DENIED == 0) == (flags & CROSSED == 0);
        add(&mut sum.ended, cell.ended);
        add(&mut sum.denied, if is_begun { 0 } else { cell.begun });
        for way in 0..2 {
            add(&mut sum.packets[way], packets[way]);
            add(&mut sum.bytes[way], bytes[way]);
        }
        let begun = if is_begun { cell.begun } else { 0 };
        if begun == cell.ended {
            return;
        }
        let more = (begun as i64 - cell.ended as i64) * if away { -1 } else { 1 };
        let Some(uneven) = self.uneven.get_mut(slot as usize) else { return };
        match i32::try_from(i64::from(*uneven) + more) {
            Ok(sum) => *uneven = sum,
            Err(_) => {
                // What ended is in the sum already.
                let large = self.large.entry(slot).or_default();
                if more > 0 {
                    large.begun = large.begun.saturating_add(more.unsigned_abs());
                } else {
                    large.continued = large.continued.saturating_add(more.unsigned_abs());
                }
            }
        }
    }

    /// By how much the rows of a slot began more often than they ended. Of what is summed apart `continued` counts ends that the group's sum
    /// holds.
    fn uneven_of(&self, slot: u32, uneven: i32) -> i128 {
        let large = if self.large.is_empty() { None } else { self.large.get(&slot) };
        i128::from(uneven)
            + large.map_or(0, |large| i128::from(large.begun) - i128::from(large.ended) - i128::from(large.continued))
    }
}

impl Store {
    /// Takes over where addresses stand. Holds until the store is settled again.
    pub fn group_pairs(&mut self, grouping: &Grouping) {
        let count = self.pairs.codes.len();
        let mut grouped = Grouped { count: grouping.count, shared: grouping.shared, ..Grouped::default() };
        let (places, tenures) = self.read_places(&grouping.places);
        let (groups, singles) = self.read_groups(&grouping.groups);
        let find = |source: u32, target: u32, code: &PairCode| -> u32 {
            match groups.get(&PairCode { src: source, dst: target, ..*code }) {
                None => NONE,
                Some(&SPLIT) => {
                    let of_pair = |single: &&(PairCode, u32, u32, u32)| single.0 == *code;
                    let from = singles.partition_point(|single| order_of(&single.0) < order_of(code));
                    let mut same = singles.iter().skip(from).take_while(of_pair);
                    same.find(|single| (single.1, single.2) == (source, target)).map_or(NONE, |single| single.3)
                }
                Some(&group) => group,
            }
        };
        grouped.groups = vec![NONE; count];
        for (pair, code) in (0u32..).zip(&self.pairs.codes) {
            let (Some(&(source, sources)), Some(&(target, targets))) = (places.get(&code.src), places.get(&code.dst))
            else {
                continue;
            };
            let mut group = SPLIT;
            if sources == targets && sources == ALWAYS {
                group = find(source, target, code);
            } else {
                let span = [(0, u32::MAX, source)];
                let target_span = [(0, u32::MAX, target)];
                let sources = tenures.get(sources as usize).map_or(&span[..], Vec::as_slice);
                let targets = tenures.get(targets as usize).map_or(&target_span[..], Vec::as_slice);
                grouped.split_pair(pair, sources, targets, &mut |source, target| find(source, target, code));
            }
            if let Some(place) = grouped.groups.get_mut(pair as usize) {
                *place = group;
            }
        }
        grouped.parts.order();
        self.grouped = Some(Box::new(grouped));
    }

    /// Place by code of the address, and with it the index of its tenures, or [`ALWAYS`].
    fn read_places(&self, packed: &Writer) -> (FxHashMap<u32, (u32, u32)>, Vec<Vec<Tenure>>) {
        let mut places = FxHashMap::default();
        let mut tenures: Vec<Vec<Tenure>> = Vec::new();
        let mut cursor = Cursor(&packed.0);
        let minute = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        while let (Some(address), Some(parts)) = (cursor.address(), cursor.number()) {
            let mut read = || {
                let (first, last) = (cursor.signed()?, cursor.signed()?);
                Some((minute(first), minute(last), u32::try_from(cursor.number()?).ok()?))
            };
            let list: Vec<Tenure> = (0..parts).map_while(|_| read()).collect();
            let Some(code) = self.addresses.find(address) else { continue };
            if let [(0, u32::MAX, place)] = list.as_slice() {
                places.insert(code, (*place, ALWAYS));
            } else {
                places.insert(code, (0, tenures.len() as u32));
                tenures.push(list);
            }
        }
        (places, tenures)
    }

    /// Groups by places (in the fields of the addresses), and those of single pairs: pair, places, group; sorted by pair.
    fn read_groups(&self, packed: &Writer) -> (FxHashMap<PairCode, u32>, Vec<(PairCode, u32, u32, u32)>) {
        let mut groups = FxHashMap::default();
        let mut singles = Vec::new();
        let mut cursor = Cursor(&packed.0);
        let mut number = 0;
        let mut read = |number: u32| {
            let (source, target) = (u32::try_from(cursor.number()?).ok()?, u32::try_from(cursor.number()?).ok()?);
            let what = cursor.number()?;
            let (port, protocol, denied) = ((what >> 9) as u16, (what >> 1) as u8, what & 1 != 0);
            let common = PairCode { src: source, dst: target, port, protocol, denied };
            if cursor.number()? == 0 {
                groups.insert(common, number);
            } else {
                groups.insert(common, SPLIT);
                let (src, dst) = (cursor.address()?, cursor.address()?);
                if let (Some(src), Some(dst)) = (self.addresses.find(src), self.addresses.find(dst)) {
                    singles.push((PairCode { src, dst, ..common }, source, target, number));
                }
            }
            Some(())
        };
        while read(number).is_some() {
            number += 1;
        }
        singles.order_by(|a, b| order_of(&a.0).cmp(&order_of(&b.0)));
        (groups, singles)
    }

    /// Counted traffic by group. Empty when [`Store::group_pairs`] was not called since the store was settled.
    pub fn group_sums(&mut self, range: Option<MinuteRange>) -> GroupSums {
        let Some(mut grouped) = self.grouped.take() else { return GroupSums::default() };
        let (first, last) = self.minute_span();
        let span = MinuteRange { first: first.into(), last: last.into() };
        let range = range
            .map_or(span, |range| MinuteRange { first: range.first.max(span.first), last: range.last.min(span.last) });
        if range.first > range.last {
            self.grouped = Some(grouped);
            return GroupSums::default();
        }
        let steps = grouped.window.as_ref().filter(|window| window.large.is_empty()).map(|w| steps(w.range, range));
        let cost = |steps: &Steps| steps.iter().map(|(step, _)| step.len()).sum::<u64>();
        let (mut window, steps) = match (grouped.window.take(), steps) {
            (Some(window), Some(steps)) if cost(&steps) < range.len() => (window, steps),
            _ => (grouped.fresh(range), vec![(range, false)]),
        };
        for (step, away) in steps {
            self.for_each_row(COUNTED, Some(step), None, |block, row, pair| {
                if let Some(place) = grouped.find(pair, || block.minute(row)) {
                    let flags = block.flags.get(row).copied().unwrap_or(0);
                    window.add(place, flags, &block.counters(row), away);
                }
            });
        }
        window.range = range;
        let answer = self.write_sums(&grouped, &window);
        grouped.window = Some(window);
        self.grouped = Some(grouped);
        answer
    }

    fn write_sums(&self, grouped: &Grouped, window: &Window) -> GroupSums {
        // What is beyond the sums of the groups: flows that began and did not end, and what is summed apart.
        let mut flows: Vec<u64> = vec![0; window.sums.len()];
        let mut uneven: Vec<(PairKey, u32, i128)> = Vec::new();
        let mut more: FxHashMap<u32, Counters> = FxHashMap::default();
        let mut tell = |slot: u32, value: i128| {
            let Some(&group) = grouped.groups.get(slot as usize) else { return };
            if grouped.shared {
                let pair = grouped.pair_of(slot);
                uneven.extend(self.pairs.codes.get(pair as usize).map(|code| (self.pair_key(code), group, value)));
            } else if let Some(flows) = flows.get_mut(group as usize) {
                *flows = flows.saturating_add(fit(value));
            }
        };
        for (slot, &value) in (0u32..).zip(&window.uneven) {
            if value != 0 && (window.large.is_empty() || !window.large.contains_key(&slot)) {
                tell(slot, value.into());
            }
        }
        for (&slot, large) in &window.large {
            tell(slot, window.uneven_of(slot, window.uneven.get(slot as usize).copied().unwrap_or(0)));
            if let Some(&group) = grouped.groups.get(slot as usize) {
                *more.entry(group).or_default() += *large;
            }
        }
        let mut answer = GroupSums::default();
        let mut before = 0;
        for ((group, sum), &begun) in (0u32..).zip(&window.sums).zip(&flows) {
            if sum.rows == 0 {
                continue;
            }
            let large = if more.is_empty() { None } else { more.get(&group) };
            let large = large.copied().unwrap_or_default();
            let denied = sum.denied.saturating_add(large.denied);
            let ended = sum.ended.saturating_add(large.ended);
            let out = &mut answer.sums;
            out.number((group - before).into());
            before = group;
            out.number(begun.saturating_add(ended).saturating_add(denied));
            out.number(denied);
            for (small, large) in sum.packets.iter().chain(&sum.bytes).zip(large.packets.iter().chain(&large.bytes)) {
                out.number(small.saturating_add(u64::try_from(*large).unwrap_or(u64::MAX)));
            }
        }
        uneven.order();
        for (pair, group, value) in uneven {
            answer.uneven.pair(&pair);
            answer.uneven.number(group.into());
            answer.uneven.number(fit(value));
            answer.uneven.number(fit(-value));
        }
        answer
    }
}

/// A place, and first and last minute there.
type Tenure = (u32, u32, u32);
/// Minutes to be added or, when the flag says so, taken away.
type Steps = Vec<(MinuteRange, bool)>;
/// No tenures: always in one place.
const ALWAYS: u32 = u32::MAX;

impl Grouped {
    /// Gives a pair whose ends move a slot for each two places between which it goes.
    fn split_pair(&mut self, pair: u32, sources: &[Tenure], targets: &[Tenure], find: &mut dyn FnMut(u32, u32) -> u32) {
        let mut known: Vec<(u32, u32, u32)> = Vec::new();
        for &(from, to, source) in sources {
            for &(since, until, target) in targets {
                let (first, last) = (from.max(since), to.min(until));
                if first > last {
                    continue;
                }
                let slot = known.iter().find(|known| (known.0, known.1) == (source, target)).map(|known| known.2);
                let slot = slot.unwrap_or_else(|| {
                    let slot = self.groups.len() as u32;
                    self.groups.push(find(source, target));
                    self.split.push(pair);
                    known.push((source, target, slot));
                    slot
                });
                self.parts.push((pair, first, last, slot));
            }
        }
    }

    fn pair_of(&self, slot: u32) -> u32 {
        let pairs = self.groups.len() - self.split.len();
        (slot as usize).checked_sub(pairs).and_then(|at| self.split.get(at)).copied().unwrap_or(slot)
    }
}

fn order_of(code: &PairCode) -> (u32, u32, u16, u8, bool) {
    (code.src, code.dst, code.port, code.protocol, code.denied)
}

/// From the sums of one range to those of another.
fn steps(old: MinuteRange, new: MinuteRange) -> Steps {
    if old.last < new.first || new.last < old.first {
        return vec![(old, true), (new, false)];
    }
    let between = |first: i64, end: i64| (first < end).then(|| MinuteRange { first, last: end - 1 });
    let before = [(between(old.first, new.first), true), (between(new.first, old.first), false)];
    let after = [(between(new.last + 1, old.last + 1), true), (between(old.last + 1, new.last + 1), false)];
    before.into_iter().chain(after).filter_map(|(range, away)| Some((range?, away))).collect()
}

impl GroupKey {
    /// Allowed or denied.
    pub fn verdict(&self) -> Verdict {
        if self.denied { Verdict::Denied } else { Verdict::Allowed }
    }
}
