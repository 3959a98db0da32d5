//! Which rows a question takes: a selector made ready for one store. Most rows are decided by their pair alone, once; only ends that belong
//! to a set in some minutes are looked at row by row.

use crate::Store;
use crate::pairs::{PairCode, SEVERAL};
use crate::query::{AddressSet, Selector};
use rustc_hash::FxHashMap;
use underlay_model::tuple::Verdict;
use underlay_model::view::MinuteRange;

/// How a selector takes the rows of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(align(4))]
pub(crate) struct Taken {
    /// Taken at all.
    pub(crate) taken: bool,
    /// The source is in `either`.
    pub(crate) source: bool,
    /// The destination is in `either`.
    pub(crate) destination: bool,
    /// It depends on the minute.
    pub(crate) by_minute: bool,
}

/// A selector with the store's codes.
pub(crate) struct Selection<'a> {
    either: Option<Codes<'a>>,
    source: Option<Codes<'a>>,
    destination: Option<Codes<'a>>,
    denied: Option<bool>,
    /// By number of the pair.
    pairs: Vec<Taken>,
    /// By number of the reporting point: it may have rows that are taken. Records of the others are passed over.
    points: Vec<bool>,
}

/// Addresses of a set by code.
struct Codes<'a> {
    minutes: FxHashMap<u32, Vec<&'a [MinuteRange]>>,
    /// Nearly all addresses are in no set, and one bit of this says so.
    sieve: Vec<u64>,
}

/// Bits of a sieve: 4 kB.
const SIEVE_BITS: u32 = 15;

impl<'a> Codes<'a> {
    fn new(store: &Store, set: &'a AddressSet) -> Self {
        let mut codes = Self { minutes: FxHashMap::default(), sieve: vec![0; 1 << (SIEVE_BITS - 6)] };
        for span in &set.0 {
            if let Some(code) = store.addresses.find(span.address) {
                codes.minutes.entry(code).or_default().push(&span.minutes);
                let (word, bit) = sieve_place(code);
                if let Some(word) = codes.sieve.get_mut(word) {
                    *word |= bit;
                }
            }
        }
        codes
    }

    #[inline]
    fn get(&self, code: u32) -> Option<&Vec<&'a [MinuteRange]>> {
        let (word, bit) = sieve_place(code);
        if self.sieve.get(word).is_none_or(|word| word & bit == 0) {
            return None;
        }
        self.minutes.get(&code)
    }
}

#[inline]
fn sieve_place(code: u32) -> (usize, u64) {
    let bit = code.wrapping_mul(0x9E37_79B9) >> (32 - SIEVE_BITS);
    ((bit >> 6) as usize, 1 << (bit & 63))
}

/// Whether an end is in a set: never, always, or in some minutes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Member {
    Never,
    Always,
    Sometimes,
}

impl<'a> Selection<'a> {
    pub(crate) fn new(store: &Store, selector: &'a Selector) -> Self {
        let codes = |set: &'a Option<AddressSet>| set.as_ref().map(|set| Codes::new(store, set));
        let mut selection = Self {
            either: codes(&selector.either),
            source: codes(&selector.source),
            destination: codes(&selector.destination),
            denied: selector.verdict.map(|verdict| verdict == Verdict::Denied),
            pairs: Vec::new(),
            points: vec![false; store.points.len()],
        };
        selection.pairs = store.pairs.codes.iter().map(|code| selection.classify(code)).collect();
        let points = &mut selection.points;
        for (taken, reporters) in selection.pairs.iter().zip(&store.pairs.reporters) {
            if taken.taken {
                for reporter in reporters {
                    match points.get_mut(usize::from(*reporter)) {
                        Some(point) => *point = true,
                        None if *reporter == SEVERAL => points.fill(true),
                        None => {}
                    }
                }
            }
        }
        selection
    }

    /// Whether records of a reporting point may hold rows that are taken.
    pub(crate) fn point(&self, point: u32) -> bool {
        self.points.get(point as usize).copied().unwrap_or(true)
    }

    /// How a pair's rows are taken, as far as that does not depend on the minute.
    #[inline(always)]
    pub(crate) fn classify(&self, code: &PairCode) -> Taken {
        let nothing = Taken::default();
        if self.denied.is_some_and(|denied| denied != code.denied) {
            return nothing;
        }
        let source = self.source.as_ref().map_or(Member::Always, |set| member(set, code.src));
        let destination = self.destination.as_ref().map_or(Member::Always, |set| member(set, code.dst));
        if source == Member::Never || destination == Member::Never {
            return nothing;
        }
        let mut by_minute = source == Member::Sometimes || destination == Member::Sometimes;
        let Some(either) = &self.either else { return Taken { taken: true, by_minute, ..nothing } };
        let ends = [member(either, code.src), member(either, code.dst)];
        by_minute |= ends.contains(&Member::Sometimes);
        let [source, destination] = ends.map(|end| end != Member::Never);
        Taken { taken: source || destination, source, destination, by_minute }
    }

    /// How the rows of a pair are taken in a minute.
    #[inline]
    pub(crate) fn row(&self, store: &Store, pair: u32, minute: impl FnOnce() -> u32) -> Taken {
        let taken = self.pair(pair);
        if taken.by_minute && taken.taken {
            return store.pairs.codes.get(pair as usize).map_or_else(Taken::default, |code| self.at(code, minute()));
        }
        taken
    }

    /// Whether that depends on the minute for any pair.
    pub(crate) fn depends_on_minutes(&self) -> bool {
        self.pairs.iter().any(|taken| taken.by_minute && taken.taken)
    }

    /// How many pairs may be taken.
    pub(crate) fn len(&self) -> usize {
        self.pairs.iter().filter(|taken| taken.taken).count()
    }

    /// Pairs that may be taken, and by number of the pair their places among these.
    pub(crate) fn places(&self) -> (Vec<u32>, Vec<u32>) {
        let mut taken = Vec::new();
        let place = |(pair, how): (u32, &Taken)| {
            if !how.taken {
                return u32::MAX;
            }
            taken.push(pair);
            taken.len() as u32 - 1
        };
        let places = (0u32..).zip(&self.pairs).map(place).collect();
        (places, taken)
    }

    /// How the rows of a pair are taken, as far as that does not depend on the minute.
    #[inline]
    pub(crate) fn pair(&self, pair: u32) -> Taken {
        self.pairs.get(pair as usize).copied().unwrap_or_default()
    }

    #[cold]
    fn at(&self, code: &PairCode, minute: u32) -> Taken {
        let inside = |set: &Option<Codes<'a>>, address| set.as_ref().is_none_or(|set| belongs(set, address, minute));
        let (source, destination) = match &self.either {
            Some(either) => (belongs(either, code.src, minute), belongs(either, code.dst, minute)),
            None => (false, false),
        };
        let either = self.either.is_none() || source || destination;
        let taken = either && inside(&self.source, code.src) && inside(&self.destination, code.dst);
        Taken { taken, source, destination, by_minute: true }
    }
}

fn member(set: &Codes<'_>, code: u32) -> Member {
    match set.get(code) {
        None => Member::Never,
        Some(lists) if lists.iter().any(|minutes| minutes.is_empty()) => Member::Always,
        Some(_) => Member::Sometimes,
    }
}

fn belongs(set: &Codes<'_>, code: u32, minute: u32) -> bool {
    set.get(code).is_some_and(|lists| {
        lists.iter().any(|minutes| minutes.is_empty() || minutes.iter().any(|range| range.contains(minute.into())))
    })
}
