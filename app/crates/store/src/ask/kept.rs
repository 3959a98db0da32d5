//! The sums of all pairs over the whole capture, as they are told, kept from the first question on: of most answers most is a part of them.

use super::marks::Mark;
use super::tables::PairTable;
use crate::Store;
use crate::lists::PairSums;
use underlay_model::view::MinuteRange;

/// A minute that is too far from the first one to be told.
pub(super) const FAR: u16 = u16::MAX;

/// See the module. Lists of numbers are in the order of the pairs' names.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(super) list: PairSums,
    /// Bytes of each pair in the list; of a pair without a counted row, 0.
    pub(super) lengths: Vec<u8>,
    /// Minutes of its first and last counted row, counted from the first minute of all; [`FAR`] for all that are farther.
    pub(super) spans: Vec<(u16, u16)>,
    /// That minute.
    pub(super) first: u32,
    /// There are rows of Traffic Analytics.
    pub(super) analytics: bool,
    /// In the order of their minutes.
    pub(super) marks: Vec<Mark>,
}

impl Kept {
    pub(crate) fn memory_bytes(&self) -> usize {
        self.list.memory_bytes()
            + self.lengths.capacity()
            + self.spans.capacity() * size_of::<(u16, u16)>()
            + self.marks.iter().map(Mark::memory_bytes).sum::<usize>()
    }
}

impl Store {
    pub(super) fn kept(&self) -> &Kept {
        self.standings.kept.get_or_init(|| self.keep())
    }

    #[inline(never)]
    fn keep(&self) -> Kept {
        let order = self.order();
        let (first, last) = self.minute_span();
        let spans = self.counted_spans(first);
        let of_pair = |&pair: &u32| spans.get(pair as usize).copied().unwrap_or((FAR, 0));
        let list = PairSums::with_room_for(order.len());
        let mut kept = Kept { list, first, spans: order.iter().map(of_pair).collect(), ..Kept::default() };
        kept.analytics = self.has_analytics();
        drop(spans);
        let mut table = PairTable::new(self.pairs.codes.len(), order.iter().copied());
        let mut from = i64::from(first);
        for minute in self.marked_minutes(first) {
            let next = i64::from(first) + i64::from(minute);
            self.add_minutes(&mut table, MinuteRange { first: from, last: next - 1 });
            kept.marks.push(Mark::new(minute, &kept, &table));
            from = next;
        }
        self.add_minutes(&mut table, MinuteRange { first: from, last: last.into() });
        kept.lengths.reserve_exact(order.len());
        for (place, &pair) in (0..).zip(order) {
            let before = kept.list.len();
            if let (Some(counters), Some(code)) = (table.counters(place), self.pairs.codes.get(pair as usize)) {
                kept.list.push_whole(&self.pair_key(code), &counters);
            }
            // Two addresses and eight numbers are far less long than a byte can say.
            kept.lengths.push((kept.list.len() - before) as u8);
        }
        kept.list.shrink();
        kept
    }
}
