//! Pairs by number and numbers by pair. Rows wait for the numbers of their pairs until there are many of them: what
//! numbering needs and what reading needs push each other out of the processor's caches. Who reports a pair is noted beside it.

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
    fn of(key: &CellKey) -> Self {
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
const RECENT: usize = 1 << 13;

/// So many rows wait at most.
const MOST_WAITING: usize = 1 << 18;

/// A row that waits for the number of its pair.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    code: PairCode,
    /// The reporting point, as it is noted.
    point: u16,
    flags: u8,
}

/// The pairs of a store.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) codes: Vec<PairCode>,
    /// By number: the reporting points of rows of each side (destination, source), [`SEVERAL`], or [`NOBODY`]. Records that turn out to be copies
    /// have left their points here, too.
    pub(crate) reporters: Vec<[u16; 2]>,
    numbers: HashTable<u32>,
    /// A NIC's rows come one after another and have few pairs: most are found again here, in the processor's caches.
    recent: Vec<(PairCode, u32)>,
    waiting: Vec<Waiting>,
}

impl Pairs {
    /// The number of a pair that has one.
    pub(crate) fn find(&self, code: &PairCode) -> Option<u32> {
        let same = |&number: &u32| self.codes.get(number as usize) == Some(code);
        self.numbers.find(code.hash(), same).copied()
    }

    /// A row of this reporting point will need the number of its pair.
    #[inline]
    pub(crate) fn wait(&mut self, key: &CellKey, point: u16) {
        self.waiting.push(Waiting { code: PairCode::of(key), point, flags: key.flags });
    }

    /// So many rows wait that it is time to number their pairs.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting.len() >= MOST_WAITING
    }

    /// Gives the numbers of the pairs of all rows that wait, in order.
    pub(crate) fn number_waiting(&mut self, mut each: impl FnMut(u32)) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for Waiting { code, point, flags } in waiting.drain(..) {
            let number = self.number(code);
            if let Some(reporters) = self.reporters.get_mut(number as usize) {
                note(reporters, flags, point);
            }
            each(number);
        }
        self.waiting = waiting;
    }

    #[inline]
    fn number(&mut self, code: PairCode) -> u32 {
        let hash = code.hash();
        if self.recent.is_empty() {
            self.recent = vec![(PairCode::default(), u32::MAX); RECENT];
        }
        match self.recent.get(hash as usize & (RECENT - 1)) {
            Some(&(known, number)) if number != u32::MAX && known == code => number,
            _ => self.look_up(code, hash),
        }
    }

    #[inline(never)]
    fn look_up(&mut self, code: PairCode, hash: u64) -> u32 {
        let Self { codes, numbers, reporters, recent, .. } = self;
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
        if let Some(place) = recent.get_mut(hash as usize & (RECENT - 1)) {
            *place = (code, number);
        }
        number
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.codes.capacity() * size_of::<PairCode>()
            + self.reporters.capacity() * size_of::<[u16; 2]>()
            + self.numbers.capacity() * 5
            + self.recent.capacity() * size_of::<(PairCode, u32)>()
            + self.waiting.capacity() * size_of::<Waiting>()
    }
}

/// A row with these flags is of this reporting point.
#[inline(always)]
pub(crate) fn note(reporters: &mut [u16; 2], flags: u8, point: u16) {
    let side = &mut reporters[usize::from(flags & OUTBOUND)];
    if *side != point {
        *side = if *side == NOBODY { point } else { SEVERAL };
    }
}

/// A reporting point as it is noted.
pub(crate) fn reporter(point: u32) -> u16 {
    u16::try_from(point).ok().filter(|&point| point < NOBODY).unwrap_or(SEVERAL)
}
