//! Answers: plain passes over the blocks. Rows carry the number of their pair and whether they count, so a pass is a filter and a sum by
//! number; names come in only at the end.

mod kept;
mod pairs;
mod tables;
mod timeline;

pub(crate) use self::kept::Kept;
pub(crate) use self::timeline::WholeMinute;

use self::tables::SharedTexts;
use crate::Store;
use crate::block::{Part, Row};
use crate::cell::{ACTIVE, COUNTED, OUTBOUND};
use crate::key::Side;
use crate::pairs::PairCode;
use crate::query::{AddressMinutes, AddressSeries, PairDetail, PairDetails, SeenAddress, SeenAddresses, Selector};
use crate::select::Selection;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use underlay_model::order::Order;
use underlay_model::time::{Millis, Minute};
use underlay_model::view::MinuteRange;

/// What is given in the order of the pairs' names lies far apart in memory: so much is fetched side by side, and then written.
const PORTION: usize = 128;
const NONE: u32 = u32::MAX;
/// Sums by address and minute that are held side by side: 16 MB of them.
const MOST_SUMS: usize = 2 << 20;
/// Less than one pair in so many is brought into order by sorting, not by walking along all of them.
const FEW: usize = 64;

impl Store {
    /// Everything of pairs but their counters, over the whole capture and both sides. Pairs are taken when one of their rows may
    /// be, in whatever minutes: which these are, one shard alone does not know.
    #[inline(never)]
    pub fn pair_details(&self, selector: &Selector) -> PairDetails {
        let selection = (*selector != Selector::default()).then(|| self.selection(selector));
        // Places of pairs that are taken, by number, when these are few.
        let places =
            selection.as_ref().map(|selection| selection.places()).filter(|(_, taken)| self.are_few(taken.len()));
        let count = places.as_ref().map_or(self.pairs.codes.len(), |(_, taken)| taken.len());
        // Most pairs have one rule and one encryption.
        let mut known: Vec<Known> = vec![(Millis::MAX, Millis::MIN, (NONE, NONE)); count];
        let mut more_names: FxHashMap<u32, Vec<(u32, u32)>> = FxHashMap::default();
        self.for_each_row(ACTIVE, None, selection.as_deref(), |row| {
            let place = match &places {
                Some((places, _)) => places.get(row.pair as usize).copied().unwrap_or(NONE),
                None => row.pair,
            };
            let Some(detail) = known.get_mut(place as usize) else { return };
            if selection.as_ref().is_some_and(|selection| !selection.pair(row.pair).is_taken()) {
                return;
            }
            let (first, last) = row.times();
            detail.0 = detail.0.min(first);
            detail.1 = detail.1.max(last);
            let names = row.names();
            if detail.2 == (NONE, NONE) {
                detail.2 = names;
            } else if detail.2 != names {
                let more = more_names.entry(row.pair).or_default();
                if let Err(place) = more.binary_search(&names) {
                    more.insert(place, names);
                }
            }
        });
        let mut list = PairDetails::default();
        let mut rules = SharedTexts::new(&self.rules);
        let mut encryption = SharedTexts::new(&self.encryption);
        let mut tell = |pair: u32, code: &PairCode, &(first_ms, last_ms, first_names): &Known| {
            if first_ms > last_ms {
                return;
            }
            let more = more_names.get(&pair).map(Vec::as_slice).unwrap_or_default();
            list.push(&PairDetail {
                pair: self.pair_key(code),
                side: self.standings.side(pair).unwrap_or(Side::Destination),
                first_ms,
                last_ms,
                rules: rules.of(first_names.0, more.iter().map(|names| names.0)),
                encryption: encryption.of(first_names.1, more.iter().map(|names| names.1)),
            });
        };
        match &places {
            None => self.in_order(&known, &mut tell),
            Some((places, taken)) => {
                for pair in self.ordered(taken) {
                    let place = places.get(pair as usize).copied().unwrap_or(NONE);
                    if let (Some(code), Some(known)) = (self.pairs.codes.get(pair as usize), known.get(place as usize))
                    {
                        tell(pair, code, known);
                    }
                }
            }
        }
        list
    }

    /// Few pairs in the order of their names.
    fn ordered(&self, pairs: &[u32]) -> Vec<u32> {
        let ranks = self.addresses.ranks();
        let key = |&pair: &u32| Some((self.pairs.codes.get(pair as usize)?.sort_key(&ranks), pair));
        let mut keyed: Vec<(u128, u32)> = pairs.iter().filter_map(key).collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(_, pair)| pair).collect()
    }

    /// Whether so many pairs are sooner sorted than found along the order of all.
    fn are_few(&self, pairs: usize) -> bool {
        pairs < self.pairs.codes.len() / FEW
    }

    /// Counted bytes by minute of each of these addresses.
    #[inline(never)]
    pub fn address_minutes(&self, addresses: &[IpAddr]) -> AddressMinutes {
        let mut wanted: Vec<u32> = addresses.iter().filter_map(|&address| self.addresses.find(address)).collect();
        wanted.order();
        wanted.dedup();
        let places: FxHashMap<u32, u32> = wanted.iter().copied().zip(0..).collect();
        let place = |end: u32| places.get(&end).copied().unwrap_or(NONE);
        // A pair within an address counts once.
        let ends = |code: &PairCode| [place(code.src), if code.dst == code.src { NONE } else { place(code.dst) }];
        let ends: Vec<[u32; 2]> = self.pairs.codes.iter().map(ends).collect();
        // Minutes up to here have a place for every address, the few beyond are looked up.
        let (first, last) = self.minute_span();
        let minutes = (last.saturating_sub(first) as usize + 1).min(MOST_SUMS / wanted.len().max(1));
        let mut sums = vec![0u64; minutes * wanted.len()];
        let mut beyond: FxHashMap<(u32, u32), u64> = FxHashMap::default();
        self.for_each_row(COUNTED, None, None, |row| {
            let Some(&ends) = ends.get(row.pair as usize) else { return };
            if ends == [NONE; 2] {
                return;
            }
            let minute = row.minute();
            let bytes = u64::try_from(row.counters().total_bytes()).unwrap_or(u64::MAX);
            let at = minute.saturating_sub(first) as usize;
            for end in ends {
                if end == NONE || bytes == 0 {
                    continue;
                }
                let sum = match sums.get_mut(end as usize * minutes + at) {
                    Some(sum) if at < minutes => sum,
                    _ => beyond.entry((end, minute)).or_default(),
                };
                *sum = sum.saturating_add(bytes);
            }
        });
        let mut beyond: Vec<((u32, u32), u64)> = beyond.into_iter().collect();
        beyond.order();
        let mut beyond = beyond.into_iter().peekable();
        let mut series = Vec::new();
        for (place, code) in (0u32..).zip(wanted) {
            let from = place as usize * minutes;
            let own = sums.get(from..from + minutes).unwrap_or_default();
            let mut list: Vec<(Minute, u64)> = own
                .iter()
                .zip(first.into()..)
                .filter(|(bytes, _)| **bytes > 0)
                .map(|(&bytes, at)| (at, bytes))
                .collect();
            while let Some(((_, minute), bytes)) = beyond.next_if(|((end, _), _)| *end == place) {
                list.push((minute.into(), bytes));
            }
            if !list.is_empty() {
                series.push(AddressSeries { address: self.addresses.address(code), minutes: list });
            }
        }
        series.order_by_key(|one| one.address);
        AddressMinutes(series)
    }

    /// Every address that is an end of a pair, sorted, with its minutes and reporters when it is one of `with_minutes`.
    #[inline(never)]
    pub fn seen_addresses(&self, with_minutes: &[IpAddr]) -> SeenAddresses {
        let asked: FxHashSet<u32> = with_minutes.iter().filter_map(|&address| self.addresses.find(address)).collect();
        let mut spans = vec![(u32::MAX, 0u32); self.pairs.codes.len()];
        let mut minutes: FxHashMap<u32, BTreeSet<u32>> = FxHashMap::default();
        self.for_each_row(ACTIVE, None, None, |row| {
            let minute = row.minute();
            let Some(span) = spans.get_mut(row.pair as usize) else { return };
            *span = (span.0.min(minute), span.1.max(minute));
            if !asked.is_empty()
                && let Some(code) = self.pairs.codes.get(row.pair as usize)
            {
                for end in [code.src, code.dst] {
                    if asked.contains(&end) {
                        minutes.entry(end).or_default().insert(minute);
                    }
                }
            }
        });
        let mut seen: FxHashMap<u32, (u32, u32)> = FxHashMap::default();
        let mut last = None;
        // By source: the same end comes again and again.
        self.in_order(&spans, &mut |_, code, &span| {
            if span.0 > span.1 {
                return;
            }
            match &mut last {
                Some((src, known)) if *src == code.src => *known = widened(*known, span),
                _ => {
                    if let Some((src, known)) = last.replace((code.src, span)) {
                        let entry = seen.entry(src).or_insert(known);
                        *entry = widened(*entry, known);
                    }
                }
            }
            let entry = seen.entry(code.dst).or_insert(span);
            *entry = widened(*entry, span);
        });
        if let Some((src, known)) = last {
            let entry = seen.entry(src).or_insert(known);
            *entry = widened(*entry, known);
        }
        let reporters = self.own_reporters(&asked);
        let named = |&(minute, point): &(u32, u32)| {
            let mac = self.points.get(point as usize)?.mac.clone();
            Some((Minute::from(minute), mac))
        };
        let mut order: Vec<(IpAddr, u32)> = seen.keys().map(|&code| (self.addresses.address(code), code)).collect();
        order.sort_unstable();
        let mut list = SeenAddresses::default();
        for (address, code) in order {
            let Some(&(first, last)) = seen.get(&code) else { continue };
            let mut entry = SeenAddress {
                address,
                first: first.into(),
                last: last.into(),
                minutes: minutes.get(&code).into_iter().flatten().map(|&minute| minute.into()).collect(),
                reporters: reporters.get(&code).into_iter().flatten().filter_map(named).collect(),
            };
            entry.reporters.order();
            entry.reporters.dedup();
            list.push(&entry);
        }
        list
    }

    /// Minute and point of the rows that have one of these addresses on the reporter's own side.
    fn own_reporters(&self, asked: &FxHashSet<u32>) -> FxHashMap<u32, BTreeSet<(u32, u32)>> {
        let mut reporters: FxHashMap<u32, BTreeSet<(u32, u32)>> = FxHashMap::default();
        if asked.is_empty() {
            return reporters;
        }
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block) else { return };
            for row in rows {
                let Some(&flags) = block.flags.get(row) else { continue };
                let pair = block.pairs.get(row).and_then(|&pair| self.pairs.codes.get(pair as usize));
                let Some(code) = pair.filter(|_| flags & ACTIVE != 0) else { continue };
                let own = if flags & OUTBOUND == 0 { code.dst } else { code.src };
                if asked.contains(&own) {
                    reporters.entry(own).or_default().insert((block.minute(row), body.point));
                }
            }
        });
        reporters
    }

    /// Pairs in the order of their names with what there is of each by its number.
    fn in_order<T: Copy>(&self, by_number: &[T], each: &mut dyn FnMut(u32, &PairCode, &T)) {
        let mut portion = Vec::with_capacity(PORTION);
        for pairs in self.order().chunks(PORTION) {
            let fetch =
                |&pair: &u32| Some((pair, *self.pairs.codes.get(pair as usize)?, *by_number.get(pair as usize)?));
            portion.clear();
            portion.extend(pairs.iter().filter_map(fetch));
            portion.iter().for_each(|(pair, code, value)| each(*pair, code, value));
        }
    }

    /// What a selector means here. The last one is kept.
    pub(crate) fn selection(&self, selector: &Selector) -> Arc<Selection> {
        let mut last = self.standings.selection.borrow_mut();
        match &*last {
            Some((known, selection)) if known == selector => selection.clone(),
            _ => {
                let selection = Arc::new(Selection::new(self, selector));
                *last = Some((selector.clone(), selection.clone()));
                selection
            }
        }
    }

    /// Rows part by part, but for records outside these minutes and those in which the selection has nothing: which rows it takes is the
    /// caller's business, and which are of these minutes where the range is told with a part.
    #[inline(always)]
    pub(crate) fn for_each_part<'a>(
        &'a self,
        range: Option<MinuteRange>,
        selection: Option<&Selection>,
        mut each: impl FnMut(&Part<'a>, Option<MinuteRange>),
    ) {
        self.for_each_stretch(|_, body, block, rows| {
            if selection.is_some_and(|selection| !selection.point(body.point)) {
                return;
            }
            let (first, last) = (Minute::from(body.span.0), Minute::from(body.span.1));
            if range.is_some_and(|range| range.first > last || range.last < first) {
                return;
            }
            let cut = range.filter(|range| range.first > first || range.last < last);
            let Some(block) = self.blocks.get(block) else { return };
            block.parts(rows).for_each(|part| each(&part, cut));
        });
    }

    /// Rows with this flag in these minutes. Records outside the minutes are passed over, and those in which the selection has nothing; which
    /// rows it takes is the caller's business.
    #[inline(always)]
    pub(crate) fn for_each_row(
        &self,
        flag: u8,
        range: Option<MinuteRange>,
        selection: Option<&Selection>,
        mut each: impl FnMut(&Row<'_>),
    ) {
        self.for_each_part(range, selection, |part, range| {
            for row in part.rows() {
                let inside = || range.is_none_or(|range| range.contains(row.minute().into()));
                if row.flags & flag != 0 && inside() {
                    each(&row);
                }
            }
        });
    }

    pub(crate) fn minute_span(&self) -> (u32, u32) {
        self.blocks.iter().fold((u32::MAX, 0), |span, block| (span.0.min(block.span.0), span.1.max(block.span.1)))
    }
}

fn widened(a: (u32, u32), b: (u32, u32)) -> (u32, u32) {
    (a.0.min(b.0), a.1.max(b.1))
}

/// First and last time, and numbers of its first rule and encryption.
type Known = (Millis, Millis, (u32, u32));
