//! Which rows a question takes: a selector made ready for one store. Most rows are decided by their pair alone, once; only ends that belong
//! to a set in some minutes are looked at row by row.

use crate::Store;
use crate::pairs::{NOBODY, PairCode, SEVERAL};
use crate::query::{AddressSet, Selector};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::sync::OnceLock;
use underlay_model::tuple::Verdict;
use underlay_model::view::MinuteRange;

/// How a selector takes rows: flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken(pub(crate) u8);

impl Taken {
    const TAKEN: u8 = 4;
    const BY_MINUTE: u8 = 8;
    const SPLIT: u8 = 16;
    /// All its rows.
    pub(crate) const WHOLE: Self = Self(Self::TAKEN);
    /// Its rows have to be looked at one by one.
    pub(crate) const IN_PART: Self = Self(Self::BY_MINUTE | Self::SPLIT);
    /// The source is in `either` (a bit), the destination is (the next one).
    pub(crate) const ENDS: u8 = 3;

    fn new(source: bool, destination: bool, by_minute: bool) -> Self {
        let by_minute = if by_minute { Self::BY_MINUTE } else { 0 };
        Self(Self::TAKEN | by_minute | u8::from(destination) << 1 | u8::from(source))
    }

    /// At all.
    #[inline(always)]
    pub(crate) fn is_taken(self) -> bool {
        self.0 & Self::TAKEN != 0
    }

    /// Shares a flag with the other.
    #[inline(always)]
    pub(crate) fn is_any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The same, told minute by minute.
    pub(crate) fn split(self) -> Self {
        Self(self.0 | Self::SPLIT)
    }

    /// It is told minute by minute.
    #[inline(always)]
    pub(crate) fn is_split(self) -> bool {
        self.0 & Self::SPLIT != 0
    }

    /// It depends on the minute.
    #[inline(always)]
    pub(crate) fn is_by_minute(self) -> bool {
        self.0 & Self::BY_MINUTE != 0
    }
}

/// A selector with the store's numbers.
#[derive(Debug)]
pub(crate) struct Selection {
    /// By number of the pair.
    pub(crate) pairs: Vec<Taken>,
    /// By number of the reporting point: it may have rows that are taken. Records of the others are passed over.
    points: Vec<bool>,
    /// Pairs whose ends belong to a set in some minutes.
    moving: Vec<Moving>,
    /// By number of the pair, its place among these; empty when there are none.
    places: Vec<u32>,
    tenures: Tenures,
    /// There is a set in which one of the ends must be.
    any_end: bool,
    /// As `pairs`, in the order of the pairs' names, once somebody has asked.
    by_name: OnceLock<Vec<Taken>>,
}

/// When the ends of a pair belong to what is asked for, as numbers of tenures: to `either` (source, destination), to where the source must be, and the
/// destination.
#[derive(Clone, Copy, Debug)]
struct Moving {
    either: [u32; 2],
    source: u32,
    destination: u32,
}

/// Minutes in which addresses belong to sets, by number; most of those that belong to a set in some minutes have the same ones.
#[derive(Debug)]
struct Tenures {
    lists: Vec<Vec<MinuteRange>>,
    /// By minute of the capture, the numbers of those that hold it, as bits; empty when there are too many of either.
    open: Vec<u64>,
    /// The first of these minutes.
    first: u32,
}

/// So many minutes (45 days) are looked up.
const MOST_MINUTES: u64 = 1 << 16;

/// In no minute: the number of a list without ranges.
const NEVER: u32 = 0;
/// In every minute, the next one.
const ALWAYS: u32 = 1;

impl Tenures {
    fn new() -> Self {
        let always = MinuteRange { first: i64::MIN, last: i64::MAX };
        Self { lists: vec![Vec::new(), vec![always]], open: Vec::new(), first: 0 }
    }

    /// The number of these, and those of another number beside them; of none, always.
    fn number(&mut self, minutes: &[MinuteRange], beside: u32) -> u32 {
        if minutes.is_empty() || beside == ALWAYS {
            return ALWAYS;
        }
        let mut ranges = self.lists.get(beside as usize).cloned().unwrap_or_default();
        ranges.extend(minutes);
        if self.lists.last() != Some(&ranges) {
            self.lists.push(ranges);
        }
        self.lists.len() as u32 - 1
    }

    /// No more will come: looks them up for these minutes, first and last.
    fn finish(&mut self, (first, last): (u32, u32)) {
        let minutes = u64::from(last).checked_sub(first.into()).map_or(0, |more| more + 1);
        if self.lists.len() > u64::BITS as usize || minutes > MOST_MINUTES {
            return;
        }
        let holds = |minute: u32, ranges: &[MinuteRange]| ranges.iter().any(|range| range.contains(minute.into()));
        let bits = |minute: u32| {
            let held = self.lists.iter().enumerate().filter(|(_, ranges)| holds(minute, ranges));
            held.fold(0, |bits, (number, _)| bits | 1 << number)
        };
        self.open = (first..=last).map(bits).collect();
        self.first = first;
    }

    #[inline]
    fn is_in(&self, number: u32, minute: u32) -> bool {
        if let Some(open) = self.open.get(minute.wrapping_sub(self.first) as usize) {
            return open >> (number & 63) & 1 != 0;
        }
        self.lists.get(number as usize).is_some_and(|ranges| ranges.iter().any(|range| range.contains(minute.into())))
    }
}

/// Addresses of a set by code.
struct Codes {
    /// Numbers of tenures.
    tenures: FxHashMap<u32, u32>,
    /// Nearly all addresses are in no set, and one bit of this says so.
    sieve: Vec<u64>,
}

/// Bits of a sieve: 4 kB.
const SIEVE_BITS: u32 = 15;

impl Codes {
    fn new(store: &Store, set: &AddressSet, tenures: &mut Tenures) -> Self {
        let mut codes = Self { tenures: FxHashMap::default(), sieve: vec![0; 1 << (SIEVE_BITS - 6)] };
        for span in &set.0 {
            let Some(code) = store.addresses.find(span.address) else { continue };
            let number = codes.tenures.entry(code).or_insert(NEVER);
            *number = tenures.number(&span.minutes, *number);
            let (word, bit) = sieve_place(code);
            if let Some(word) = codes.sieve.get_mut(word) {
                *word |= bit;
            }
        }
        codes
    }

    /// The number of the address's tenures.
    #[inline]
    fn get(&self, code: u32) -> u32 {
        let (word, bit) = sieve_place(code);
        if self.sieve.get(word).is_none_or(|word| word & bit == 0) {
            return NEVER;
        }
        self.tenures.get(&code).copied().unwrap_or(NEVER)
    }
}

/// Says of codes whether they are of these addresses.
pub(crate) fn among(store: &Store, addresses: &[IpAddr]) -> impl Fn(u32) -> bool + use<> {
    let set = addresses.iter().copied().collect();
    let codes = Codes::new(store, &set, &mut Tenures::new());
    move |code| codes.get(code) != NEVER
}

#[inline]
fn sieve_place(code: u32) -> (usize, u64) {
    let bit = code.wrapping_mul(0x9E37_79B9) >> (32 - SIEVE_BITS);
    ((bit >> 6) as usize, 1 << (bit & 63))
}

/// The conditions of a selector, by codes.
struct Conditions {
    either: Option<Codes>,
    source: Option<Codes>,
    destination: Option<Codes>,
    denied: Option<bool>,
}

impl Conditions {
    fn new(store: &Store, selector: &Selector, tenures: &mut Tenures) -> Self {
        let mut codes = |set: &Option<AddressSet>| set.as_ref().map(|set| Codes::new(store, set, tenures));
        Self {
            either: codes(&selector.either),
            source: codes(&selector.source),
            destination: codes(&selector.destination),
            denied: selector.verdict.map(|verdict| verdict == Verdict::Denied),
        }
    }

    /// How a pair's rows are taken, as far as that does not depend on the minute, and when its ends belong to what is asked for.
    #[inline(always)]
    fn classify(&self, code: &PairCode) -> (Taken, Moving) {
        let tenures = |set: &Option<Codes>, code| set.as_ref().map_or(ALWAYS, |set| set.get(code));
        let source = tenures(&self.source, code.src);
        let mut moving = Moving { either: [NEVER; 2], source, destination: tenures(&self.destination, code.dst) };
        let verdict = self.denied.is_none_or(|denied| denied == code.denied);
        if !verdict || moving.source == NEVER || moving.destination == NEVER {
            return (Taken::default(), moving);
        }
        if let Some(either) = &self.either {
            moving.either = [either.get(code.src), either.get(code.dst)];
            if moving.either == [NEVER; 2] {
                return (Taken::default(), moving);
            }
        }
        let [from, to] = moving.either;
        let by_minute = source > ALWAYS || moving.destination > ALWAYS || from > ALWAYS || to > ALWAYS;
        (Taken::new(from != NEVER, to != NEVER, by_minute), moving)
    }
}

impl Selection {
    pub(crate) fn new(store: &Store, selector: &Selector) -> Self {
        let mut tenures = Tenures::new();
        let conditions = Conditions::new(store, selector, &mut tenures);
        let codes = &store.pairs.codes;
        let (mut moving, mut places) = (Vec::new(), Vec::new());
        let mut pairs = Vec::with_capacity(codes.len());
        for code in codes {
            let (taken, when) = conditions.classify(code);
            if taken.is_by_minute() {
                places.resize(codes.len(), u32::MAX);
                if let Some(place) = places.get_mut(pairs.len()) {
                    *place = moving.len() as u32;
                }
                moving.push(when);
            }
            pairs.push(taken);
        }
        if !moving.is_empty() {
            tenures.finish(store.minute_span());
        }
        let mut points = vec![false; store.points.len()];
        for (taken, reporters) in pairs.iter().zip(&store.pairs.reporters) {
            if !taken.is_taken() {
                continue;
            }
            for reporter in reporters {
                // There may be as many points as numbers here that stand for none and several.
                match *reporter {
                    NOBODY => {}
                    SEVERAL => points.fill(true),
                    reporter => points.get_mut(usize::from(reporter)).into_iter().for_each(|point| *point = true),
                }
            }
        }
        Self { pairs, points, moving, places, tenures, any_end: selector.either.is_some(), by_name: OnceLock::new() }
    }

    /// How each pair is taken, in the order of their names.
    pub(crate) fn by_name(&self, store: &Store) -> &[Taken] {
        self.by_name.get_or_init(|| store.by_name(&self.pairs))
    }

    /// Whether records of a reporting point may hold rows that are taken.
    pub(crate) fn point(&self, point: u32) -> bool {
        self.points.get(point as usize).copied().unwrap_or(true)
    }

    /// How the rows of a pair are taken, as far as that does not depend on the minute.
    #[inline(always)]
    pub(crate) fn pair(&self, pair: u32) -> Taken {
        self.pairs.get(pair as usize).copied().unwrap_or_default()
    }

    /// How the rows of a pair are taken in a minute.
    #[inline(always)]
    pub(crate) fn row(&self, pair: u32, minute: impl FnOnce() -> u32) -> Taken {
        let taken = self.pair(pair);
        if taken.is_by_minute() { self.at(pair, minute()) } else { taken }
    }

    fn at(&self, pair: u32, minute: u32) -> Taken {
        let place = self.places.get(pair as usize).copied().unwrap_or(u32::MAX);
        let Some(moving) = self.moving.get(place as usize) else { return Taken::default() };
        let [source, destination] = moving.either.map(|end| self.tenures.is_in(end, minute));
        let either = source || destination || !self.any_end;
        let inside = self.tenures.is_in(moving.source, minute) && self.tenures.is_in(moving.destination, minute);
        if either && inside { Taken::new(source, destination, true) } else { Taken::default() }
    }

    /// Pairs that may be taken, and by number of the pair their places among these.
    pub(crate) fn places(&self) -> (Vec<u32>, Vec<u32>) {
        let mut taken = Vec::new();
        let place = |(pair, how): (u32, &Taken)| {
            if !how.is_taken() {
                return u32::MAX;
            }
            taken.push(pair);
            taken.len() as u32 - 1
        };
        let places = (0u32..).zip(&self.pairs).map(place).collect();
        (places, taken)
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.pairs.capacity()
            + self.by_name.get().map_or(0, Vec::capacity)
            + self.places.capacity() * 4
            + self.moving.capacity() * size_of::<Moving>()
    }
}
