//! Counted traffic by pair. What a pair has over the whole capture is kept; rows are summed up of those pairs only of which a question cuts
//! something off: by its minutes, by the minutes in which an end belongs to a set, or because a pair is told minute by minute.

use super::kept::{CHUNK, FAR, Kept};
use super::tables::{PairTable, SumList};
use crate::Store;
use crate::block::Row;
use crate::cell::CellCounters;
use crate::lists::PairSums;
use crate::query::{PairQuery, Selector};
use crate::select::{Selection, Taken, among};
use crate::sums::Counters;
use std::borrow::Cow;
use std::net::IpAddr;
use underlay_model::view::MinuteRange;

/// What is asked, in the store's numbers.
struct Asked<'a> {
    range: Option<MinuteRange>,
    selection: Option<&'a Selection>,
    /// How each pair is taken, by its number; empty when all are taken whole.
    by_number: Cow<'a, [Taken]>,
    /// The same in the order of the pairs' names.
    by_name: Cow<'a, [Taken]>,
}

/// Minutes from the first one of the capture.
#[derive(Clone, Copy)]
struct Bounds {
    first: u16,
    last: u16,
    /// Pairs whose last minute is no later lie within: one that is too far to be told may be later than any.
    last_within: u16,
}

/// What is told of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    /// What is kept of it.
    Kept,
    /// The sum of some of its rows.
    Sum,
    /// Its rows minute by minute.
    Minutes,
}

/// Sums of rows.
struct RowSums {
    sums: SumList,
    /// Of pairs that are told minute by minute: number of the sum, minute, counters; sorted.
    minutes: Vec<(u32, u32, Counters)>,
}

impl Bounds {
    /// `None` when the range ends before the first minute.
    fn new(range: Option<MinuteRange>, first: u32) -> Option<Self> {
        let Some(range) = range else { return Some(Self { first: 0, last: FAR, last_within: FAR }) };
        let minute = |at: i64| u16::try_from(at.saturating_sub(first.into()).clamp(0, FAR.into())).unwrap_or(FAR);
        let last = minute(range.last);
        let bounds = Self { first: minute(range.first), last, last_within: last.min(FAR - 1) };
        (range.last >= first.into()).then_some(bounds)
    }

    /// A pair with this first and last minute.
    #[inline(always)]
    fn told(self, taken: Taken, span: (u16, u16)) -> Told {
        let is_outside = (span.1 < self.first) | (span.0 > self.last);
        let is_within = (self.first <= span.0) & (span.1 <= self.last_within);
        if !taken.is_taken() | is_outside {
            Told::Nothing
        } else if taken.is_split() {
            Told::Minutes
        } else if is_within & !taken.is_by_minute() {
            Told::Kept
        } else {
            Told::Sum
        }
    }
}

impl Store {
    /// Counted traffic by pair. A pair without a counted row in the range is absent.
    #[inline(never)]
    pub fn pairs(&self, query: &PairQuery) -> PairSums {
        let selection = (query.selector != Selector::default()).then(|| self.selection(&query.selector));
        let kept = self.kept();
        if query.range.is_none() && selection.is_none() && query.split.is_empty() {
            return kept.list.clone();
        }
        let Some(bounds) = Bounds::new(query.range, kept.first) else { return PairSums::default() };
        let asked = self.asked(query, selection.as_deref());
        let sums = self.sum_rows(kept, &asked);
        self.list(kept, &asked, bounds, &sums)
    }

    fn asked<'a>(&self, query: &PairQuery, selection: Option<&'a Selection>) -> Asked<'a> {
        let (by_number, by_name) = match selection {
            _ if !query.split.is_empty() => {
                let by_number = self.with_splits(&query.split, selection);
                let by_name = self.by_name(&by_number);
                (Cow::Owned(by_number), Cow::Owned(by_name))
            }
            Some(selection) => (selection.pairs.as_slice().into(), selection.by_name(self).into()),
            None => Default::default(),
        };
        Asked { range: query.range, selection, by_number, by_name }
    }

    /// How pairs are taken, by number, of which those with one of these ends are told minute by minute.
    fn with_splits(&self, split: &[IpAddr], selection: Option<&Selection>) -> Vec<Taken> {
        let splits = among(self, split);
        let codes = &self.pairs.codes;
        let mut taken = selection.map_or_else(|| vec![Taken::WHOLE; codes.len()], |selection| selection.pairs.clone());
        for (taken, code) in taken.iter_mut().zip(codes) {
            *taken = if splits(code.src) || splits(code.dst) { taken.split() } else { *taken };
        }
        taken
    }

    /// What is by number in the order of the pairs' names.
    pub(crate) fn by_name(&self, by_number: &[Taken]) -> Vec<Taken> {
        self.order().iter().map(|&pair| by_number.get(pair as usize).copied().unwrap_or_default()).collect()
    }

    #[inline(never)]
    fn sum_rows(&self, kept: &Kept, asked: &Asked<'_>) -> RowSums {
        let Asked { range, selection, by_number, .. } = asked;
        // Of pairs that no range cuts only these have rows to be looked at.
        let looked_at = if range.is_some() { Taken::WHOLE } else { Taken::IN_PART };
        let any = range.is_some() || by_number.iter().any(|taken| taken.is_any_of(looked_at));
        let mut table = PairTable { slots: &kept.slots, sums: SumList::new(if any { kept.sums } else { 0 }) };
        // Of pairs that are told minute by minute: number of the sum and minute, which of the cells.
        let mut keys: Vec<(u64, u32)> = Vec::new();
        let mut cells: Vec<(u8, CellCounters)> = Vec::new();
        let taken = |pair: u32| by_number.get(pair as usize).copied().unwrap_or_default();
        let mut takes = |row: &Row<'_>| {
            if selection.is_some_and(|selection| !selection.row(row.pair, || row.minute()).is_taken()) {
                return false;
            }
            let is_split = taken(row.pair).is_split();
            if is_split {
                let slot = kept.slots.get(row.pair as usize).copied().unwrap_or(0);
                keys.push((u64::from(slot.wrapping_sub(1)) << 32 | u64::from(row.minute()), cells.len() as u32));
                cells.push((row.flags, row.counters()));
            }
            !is_split
        };
        if any && by_number.is_empty() {
            let all: Option<fn(&Row<'_>) -> bool> = None;
            self.for_each_part(*range, None, |part, range| table.add(part, range, |_| true, all));
        } else if any {
            let in_part = by_number.iter().any(|taken| taken.is_any_of(Taken::IN_PART));
            let is_wanted = |pair| taken(pair).is_any_of(looked_at);
            self.for_each_part(*range, *selection, |part, range| {
                table.add(part, range, is_wanted, in_part.then_some(&mut takes));
            });
        }
        keys.sort_unstable();
        let minutes = keys.chunk_by(|a, b| a.0 == b.0).map(|same| {
            let key = same.first().map_or(0, |first| first.0);
            let mut sum = Counters::default();
            let cells = same.iter().filter_map(|&(_, number)| cells.get(number as usize));
            cells.for_each(|(flags, cell)| sum.add_cell(*flags, cell));
            ((key >> 32) as u32, key as u32, sum)
        });
        RowSums { minutes: minutes.collect(), sums: table.sums }
    }

    /// What is kept, and of those pairs for which it does not serve what was summed up.
    #[inline(never)]
    fn list(&self, kept: &Kept, asked: &Asked<'_>, bounds: Bounds, sums: &RowSums) -> PairSums {
        let (told, bytes) = kept.told(&asked.by_name, bounds);
        let mut list = PairSums::with_room_for_bytes(bytes + sums.minutes.len() * LONG);
        let pairs = self.order().chunks(CHUNK).zip(told.chunks(CHUNK));
        let known = kept.lengths.chunks(CHUNK).zip(kept.spans.chunks(CHUNK)).zip(&kept.marks);
        for ((pairs, told), ((lengths, spans), &begin)) in pairs.zip(known) {
            Chunk { kept, pairs, lengths, spans, told, begin }.list(asked, sums, &mut list);
        }
        list
    }
}

impl Kept {
    /// What is told of each pair, and how many bytes that has at most, but for those that are told minute by minute.
    fn told(&self, taken: &[Taken], bounds: Bounds) -> (Vec<Told>, usize) {
        let mut told = Vec::with_capacity(self.spans.len());
        if taken.is_empty() {
            told.extend(self.spans.iter().map(|&span| bounds.told(Taken::WHOLE, span)));
        } else {
            told.extend(taken.iter().zip(&self.spans).map(|(taken, &span)| bounds.told(*taken, span)));
        }
        let length = |(told, length): (&Told, &u8)| if *told == Told::Nothing { 0 } else { usize::from(*length) };
        let bytes = told.iter().zip(&self.lengths).map(length).sum();
        (told, bytes)
    }
}

/// Pairs that follow each other in the order of their names.
struct Chunk<'a> {
    kept: &'a Kept,
    pairs: &'a [u32],
    lengths: &'a [u8],
    spans: &'a [(u16, u16)],
    told: &'a [Told],
    /// Where they begin in the list that is kept.
    begin: usize,
}

/// So many bytes are copied at once; most sums are no longer.
const SHORT: usize = 32;
/// Most sums of a minute are no longer.
const LONG: usize = 48;

impl Chunk<'_> {
    fn list(&self, asked: &Asked<'_>, sums: &RowSums, list: &mut PairSums) {
        let kept = &self.kept.list;
        if self.told.iter().fold(true, |all, told| all & (*told == Told::Nothing)) {
            return;
        }
        if self.told.iter().fold(true, |all, told| all & (*told == Told::Kept)) {
            let end = self.begin + self.lengths.iter().map(|length| usize::from(*length)).sum::<usize>();
            return list.push_part(kept, self.begin..end);
        }
        let slots = self.slots(sums);
        let mut short = [0; (CHUNK + 1) * SHORT];
        let mut filled = 0;
        let mut end = self.begin;
        for (at, (&told, &length)) in self.told.iter().zip(self.lengths).enumerate() {
            let bytes = end..end + usize::from(length);
            end = bytes.end;
            if matches!(told, Told::Nothing | Told::Kept) && usize::from(length) <= SHORT {
                // Which of both it is could not be guessed.
                let from = kept.bytes().get(bytes.start..).and_then(<[u8]>::first_chunk::<SHORT>);
                let to = short.get_mut(filled..).and_then(<[u8]>::first_chunk_mut::<SHORT>);
                if let (Some(from), Some(to)) = (from, to) {
                    *to = *from;
                    filled += if told == Told::Kept { usize::from(length) } else { 0 };
                    continue;
                }
            }
            list.push_bytes(short.get(..filled).unwrap_or_default());
            filled = 0;
            let slot = slots.get(at).copied().unwrap_or(0);
            match told {
                Told::Nothing => {}
                Told::Kept => list.push_part(kept, bytes),
                Told::Sum | Told::Minutes if slot == 0 => self.list_minute(at, bytes, asked, list),
                Told::Sum => {
                    let counters = sums.sums.counters(slot - 1, kept.is_denied(bytes.start));
                    counters.iter().for_each(|counters| list.push_of(kept, bytes.start, None, counters));
                }
                Told::Minutes => {
                    let from = sums.minutes.partition_point(|sum| sum.0 < slot - 1);
                    for (_, minute, counters) in sums.minutes.iter().skip(from).take_while(|sum| sum.0 == slot - 1) {
                        list.push_of(kept, bytes.start, Some((*minute).into()), counters);
                    }
                }
            }
        }
        list.push_bytes(short.get(..filled).unwrap_or_default());
    }

    /// Slots of the pairs that are told by rows. Sums lie anywhere in memory: all are fetched before one is written.
    fn slots(&self, sums: &RowSums) -> [u32; CHUNK] {
        let mut slots = [0; CHUNK];
        for ((slot, told), &pair) in slots.iter_mut().zip(self.told).zip(self.pairs) {
            if matches!(told, Told::Sum | Told::Minutes) {
                *slot = self.kept.slots.get(pair as usize).copied().unwrap_or(0);
            }
        }
        std::hint::black_box(slots.iter().fold(0, |all, slot| all ^ sums.sums.peek(slot.wrapping_sub(1))));
        slots
    }

    /// A pair all of whose rows lie in one minute: what is kept is the sum of it.
    fn list_minute(&self, at: usize, bytes: std::ops::Range<usize>, asked: &Asked<'_>, list: &mut PairSums) {
        let (Some(&pair), Some(&(minute, _))) = (self.pairs.get(at), self.spans.get(at)) else { return };
        let minute = self.kept.first + u32::from(minute);
        if bytes.is_empty() || asked.selection.is_some_and(|selection| !selection.row(pair, || minute).is_taken()) {
            return;
        }
        match self.told.get(at) {
            Some(Told::Minutes) => list.push_minute_of(&self.kept.list, bytes, minute.into()),
            _ => list.push_part(&self.kept.list, bytes),
        }
    }
}
