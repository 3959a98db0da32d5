//! The sums over a range, kept for the next question.

use super::pairs::{Grouped, NONE, SPLIT};
use super::{GroupSums, fit};
use crate::Store;
use crate::block::{MOST_ROWS, Part};
use crate::cell::{COUNTED, CROSSED, CellCounters, DENIED};
use crate::key::PairKey;
use crate::sums::Counters;
use rustc_hash::FxHashMap;
use underlay_model::order::Order;
use underlay_model::view::MinuteRange;

/// Counters from here on are summed apart: so many rows as memory holds cannot overflow sums of smaller ones.
const LARGE: u64 = 1 << 37;
/// Minutes to be added or, when the flag says so, taken away.
type Steps = Vec<(MinuteRange, bool)>;
/// Sums over a range.
#[derive(Debug)]
pub(super) struct Window {
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

impl Window {
    pub(super) fn memory_bytes(&self) -> usize {
        self.sums.capacity() * size_of::<GroupSum>() + self.uneven.capacity() * size_of::<i32>()
    }

    /// Adds the counted rows of a part that are of these minutes, or takes them away. Sums lie anywhere in memory: all are fetched before
    /// anything is added to one, so that the processor waits for many at once.
    #[inline(never)]
    fn add_all(&mut self, grouped: &Grouped, part: &Part<'_>, range: Option<MinuteRange>, away: bool) {
        let mut found = [(0u32, 0u32); MOST_ROWS];
        let mut len = 0;
        for (at, row) in (0..).zip(part.rows()) {
            let inside = || range.is_none_or(|range| range.contains(row.minute().into()));
            if row.flags & COUNTED != 0
                && inside()
                && let Some(place) = found.get_mut(len)
            {
                *place = (grouped.groups.get(row.pair as usize).copied().unwrap_or(NONE), at);
                len += 1;
            }
        }
        let found = found.get(..len).unwrap_or_default();
        let rows_of = |&(group, _): &(u32, u32)| self.sums.get(group as usize).map_or(0, |sum| sum.rows);
        std::hint::black_box(found.iter().map(rows_of).fold(0, |all, rows| all ^ rows));
        for &(group, at) in found {
            let Some(row) = part.row(at as usize) else { continue };
            let place = if group < SPLIT { Some((row.pair, group)) } else { grouped.find_part(row.pair, row.minute()) };
            if let Some(place) = place {
                self.add(place, row.flags, &row.counters(), away);
            }
        }
    }

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

impl Grouped {
    fn fresh(&self, range: MinuteRange) -> Window {
        Window {
            range,
            sums: vec![GroupSum::default(); self.count as usize],
            uneven: vec![0; self.groups.len()],
            large: FxHashMap::default(),
        }
    }
}

impl Store {
    /// Counted traffic by group. Empty when [`Store::group_pairs`] was not called since the store was settled.
    #[inline(never)]
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
            self.for_each_part(Some(step), None, |part, range| window.add_all(&grouped, part, range, away));
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
            let sums = [sum.packets[0], sum.packets[1], sum.bytes[0], sum.bytes[1]];
            let more = large.packets.iter().chain(&large.bytes);
            let flows = begun.saturating_add(ended).saturating_add(denied);
            let mut numbers = [(group - before).into(), flows, denied, 0, 0, 0, 0];
            for ((number, small), large) in numbers.iter_mut().skip(3).zip(sums).zip(more) {
                *number = small.saturating_add(u64::try_from(*large).unwrap_or(u64::MAX));
            }
            before = group;
            answer.sums.numbers(&numbers);
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
