//! Pairs by number and numbers by pair. Rows wait for the numbers of their pairs until there are many of them, and then those of one reporting
//! point come together: they have few pairs, which stay in the processor's caches. Who reports a pair is noted beside it.

use crate::address::AddressCodes;
use crate::cell::{CellKey, DENIED, OUTBOUND};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// A pair's key in codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PairCode {
    pub(crate) src: u32,
    pub(crate) dst: u32,
    pub(crate) port: u16,
    pub(crate) protocol: u8,
    pub(crate) denied: bool,
}

impl PairCode {
    #[inline(always)]
    pub(crate) fn of(key: &CellKey) -> Self {
        let CellKey { src, dst, port, protocol, flags, .. } = *key;
        Self { src, dst, port, protocol, denied: flags & DENIED != 0 }
    }

    /// Sorts as the pair's key does; `ranks` are those of the addresses.
    pub(crate) fn sort_key(&self, ranks: &[u64]) -> u128 {
        let [src, dst] = [self.src, self.dst].map(|code| u128::from(AddressCodes::rank(ranks, code)));
        let rest = u128::from(self.port) << 9 | u128::from(self.protocol) << 1 | u128::from(self.denied);
        src << 58 | dst << 25 | rest
    }

    /// Of two multiplications; both ends of it are well mixed.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        const K: u64 = 0x9E37_79B9_7F4A_7C15;
        let ends = u64::from(self.src) << 32 | u64::from(self.dst);
        let what = u64::from(self.port) << 16 | u64::from(self.protocol) << 8 | u64::from(self.denied);
        let mixed = (ends ^ what.rotate_left(23)).wrapping_mul(K);
        let mixed = (mixed ^ mixed >> 32 ^ what).wrapping_mul(K);
        mixed ^ mixed >> 32
    }
}

/// More than one reporting point, or one whose number is too large.
pub(crate) const SEVERAL: u16 = u16::MAX;
/// No reporting point.
pub(crate) const NOBODY: u16 = u16::MAX - 1;

/// Length of the table of pairs that were numbered last.
const RECENT: usize = 1 << 14;

/// So many rows wait at most, if one record has no more of them.
pub(crate) const MOST_WAITING: usize = 1 << 18;

/// A pair, its number, and what is noted of its reporters.
#[derive(Clone, Copy, Debug)]
struct Recent {
    code: PairCode,
    number: u32,
    reporters: [u16; 2],
}

impl Default for Recent {
    /// Of no pair, since none is noted with nobody on a side that reports it.
    fn default() -> Self {
        Self { code: PairCode::default(), number: u32::MAX, reporters: [NOBODY; 2] }
    }
}

/// The pairs of a store.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) codes: Vec<PairCode>,
    /// By number: the reporting points of rows of each side (destination, source), [`SEVERAL`], or [`NOBODY`]. Records that turn out to be copies
    /// have left their points here, too.
    pub(crate) reporters: Vec<[u16; 2]>,
    numbers: HashTable<u32>,
    /// Those that were met last.
    recent: Vec<Recent>,
}

impl Pairs {
    /// The number of a pair that has one.
    pub(crate) fn find(&self, code: &PairCode) -> Option<u32> {
        let same = |&number: &u32| self.codes.get(number as usize) == Some(code);
        self.numbers.find(code.hash(), same).copied()
    }

    /// The number of the pair of a row with these flags and of this reporting point, as it is noted.
    #[inline]
    pub(crate) fn number(&mut self, code: PairCode, flags: u8, point: u16) -> u32 {
        let hash = code.hash();
        let side = usize::from(flags & OUTBOUND);
        if let Some(known) = self.recent.get_mut(hash as usize & (RECENT - 1))
            && known.code == code
            && (known.reporters[side] == point || known.reporters[side] == SEVERAL)
        {
            return known.number;
        }
        self.look_up(code, hash, side, point)
    }

    #[inline(never)]
    fn look_up(&mut self, code: PairCode, hash: u64, side: usize, point: u16) -> u32 {
        let Self { codes, numbers, reporters, recent } = self;
        if recent.is_empty() {
            *recent = vec![Recent::default(); RECENT];
        }
        let same = |&number: &u32| codes.get(number as usize) == Some(&code);
        let again = |&number: &u32| codes.get(number as usize).map_or(0, PairCode::hash);
        let number = match numbers.entry(hash, same, again) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => {
                let number = u32::try_from(codes.len()).unwrap_or(u32::MAX);
                place.insert(number);
                codes.push(code);
                reporters.push([NOBODY; 2]);
                number
            }
        };
        if let (Some(reporters), Some(place)) =
            (reporters.get_mut(number as usize), recent.get_mut(hash as usize & (RECENT - 1)))
        {
            note(reporters, side, point);
            *place = Recent { code, number, reporters: *reporters };
        }
        number
    }

    /// Gives back what only more rows would need.
    pub(crate) fn shrink(&mut self) {
        self.codes.shrink_to_fit();
        self.reporters.shrink_to_fit();
        self.recent = Vec::new();
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.codes.capacity() * size_of::<PairCode>()
            + self.reporters.capacity() * size_of::<[u16; 2]>()
            + self.numbers.capacity() * 5
            + self.recent.capacity() * size_of::<Recent>()
    }
}

/// This reporting point has a row of this side, [`OUTBOUND`] or not.
#[inline(always)]
pub(crate) fn note(reporters: &mut [u16; 2], side: usize, point: u16) {
    let side = &mut reporters[side];
    if *side != point {
        *side = if *side == NOBODY { point } else { SEVERAL };
    }
}

/// A reporting point as it is noted.
pub(crate) fn reporter(point: u32) -> u16 {
    u16::try_from(point).ok().filter(|&point| point < NOBODY).unwrap_or(SEVERAL)
}
