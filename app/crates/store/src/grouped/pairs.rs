//! From what the session tells to the group of every pair: by the places of its ends, and by minute where an end moves.

use super::Grouping;
use super::window::Window;
use crate::Store;
use crate::packed::{Cursor, Writer};
use crate::pairs::PairCode;
use rustc_hash::FxHashMap;
use underlay_model::order::Order;

/// Rows of the pair are in no group.
pub(super) const NONE: u32 = u32::MAX;
/// In which group a row is depends on its minute.
pub(super) const SPLIT: u32 = u32::MAX - 1;

/// A place, and first and last minute there.
type Tenure = (u32, u32, u32);
/// No tenures: always in one place.
const ALWAYS: u32 = u32::MAX;

/// Place by code of an address, and with it the index of its tenures, or [`ALWAYS`].
type Places = FxHashMap<u32, (u32, u32)>;
/// A group of a single pair: the pair, where its ends stand, number.
type Single = (PairCode, u32, u32, u32);

/// The groups of a settled store's pairs.
#[derive(Debug, Default)]
pub(crate) struct Grouped {
    /// By slot: slots are the numbers of pairs, and beyond them the parts of split pairs.
    pub(super) groups: Vec<u32>,
    /// The parts of split pairs: pair, first and last minute, slot. Sorted.
    parts: Vec<(u32, u32, u32, u32)>,
    /// The pairs of the slots beyond the pairs.
    split: Vec<u32>,
    pub(super) count: u32,
    pub(super) shared: bool,
    pub(super) window: Option<Window>,
}

impl Grouped {
    /// Slot and group of a split pair's rows in a minute.
    #[cold]
    pub(super) fn find_part(&self, pair: u32, minute: u32) -> Option<(u32, u32)> {
        let after = self.parts.partition_point(|part| (part.0, part.1) <= (pair, minute));
        let &(of, _, last, slot) = self.parts.get(after.checked_sub(1)?)?;
        let group = self.groups.get(slot as usize).copied()?;
        (of == pair && minute <= last && group != NONE).then_some((slot, group))
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let window = self.window.as_ref().map_or(0, Window::memory_bytes);
        (self.groups.capacity() + self.split.capacity()) * 4
            + self.parts.capacity() * size_of::<(u32, u32, u32, u32)>()
            + window
    }

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

    pub(super) fn pair_of(&self, slot: u32) -> u32 {
        let pairs = self.groups.len() - self.split.len();
        (slot as usize).checked_sub(pairs).and_then(|at| self.split.get(at)).copied().unwrap_or(slot)
    }
}

impl Store {
    /// Takes over where addresses stand. Holds until the store is settled again.
    #[inline(never)]
    pub fn group_pairs(&mut self, grouping: &Grouping) {
        let count = self.pairs.codes.len();
        let mut grouped = Grouped { count: grouping.count, shared: grouping.shared, ..Grouped::default() };
        let (places, tenures) = self.read_places(&grouping.places);
        let (groups, singles) = self.read_groups(&grouping.groups);
        let find = |source: u32, target: u32, code: &PairCode| -> u32 {
            match groups.get(&PairCode { src: source, dst: target, ..*code }) {
                None => NONE,
                Some(&SPLIT) => {
                    let of_pair = |single: &&Single| single.0 == *code;
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
    fn read_places(&self, packed: &Writer) -> (Places, Vec<Vec<Tenure>>) {
        let mut places = FxHashMap::default();
        let mut tenures: Vec<Vec<Tenure>> = Vec::new();
        let mut cursor = Cursor(&packed.0);
        let minute = |value: i64| u32::try_from(value.max(0)).unwrap_or(u32::MAX);
        while let (Some(address), Some(parts)) = (cursor.address(), cursor.number()) {
            let mut read = || {
                let (first, last) = (cursor.signed()?, cursor.signed()?);
                Some((minute(first), minute(last), u32::try_from(cursor.number()?).ok()?))
            };
            let first = read();
            let code = self.addresses.find(address);
            if let (1, Some((0, u32::MAX, place))) = (parts, first) {
                places.extend(code.map(|code| (code, (place, ALWAYS))));
                continue;
            }
            let list: Vec<Tenure> = first.into_iter().chain((1..parts).map_while(|_| read())).collect();
            places.extend(code.map(|code| (code, (0, tenures.len() as u32))));
            tenures.push(list);
        }
        (places, tenures)
    }

    /// Groups by places (in the fields of the addresses), and those of single pairs: pair, places, group; sorted by pair.
    fn read_groups(&self, packed: &Writer) -> (FxHashMap<PairCode, u32>, Vec<Single>) {
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
}

fn order_of(code: &PairCode) -> (u32, u32, u16, u8, bool) {
    (code.src, code.dst, code.port, code.protocol, code.denied)
}
