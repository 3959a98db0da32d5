//! The sums of all pairs over the whole capture, as they are told, kept from the first question on: of most answers most is a part of them.

use super::tables::PairTable;
use crate::Store;
use crate::block::Row;
use crate::lists::PairSums;

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
}

impl Kept {
    pub(crate) fn memory_bytes(&self) -> usize {
        self.list.memory_bytes() + self.lengths.capacity() + self.spans.capacity() * size_of::<(u16, u16)>()
    }
}

impl Store {
    pub(super) fn kept(&self) -> &Kept {
        self.standings.kept.get_or_init(|| self.keep())
    }

    #[inline(never)]
    fn keep(&self) -> Kept {
        let order = self.order();
        let (first, _) = self.minute_span();
        let mut spans = vec![(FAR, 0); self.pairs.codes.len()];
        let mut table = PairTable::new(self.pairs.codes.len(), order.iter().copied());
        self.for_each_part(None, None, |part, _| {
            let mut widen = |row: &Row<'_>, _| {
                if let Some(span) = spans.get_mut(row.pair as usize) {
                    let minute = u16::try_from(row.minute().saturating_sub(first)).unwrap_or(FAR);
                    *span = (span.0.min(minute), span.1.max(minute));
                }
                true
            };
            table.add(part, None, Some(&mut widen));
        });
        let mut kept = Kept { list: PairSums::with_room_for(order.len()), first, ..Kept::default() };
        kept.lengths.reserve_exact(order.len());
        kept.spans.reserve_exact(order.len());
        for (place, &pair) in (0..).zip(order) {
            let before = kept.list.len();
            if let (Some(counters), Some(code)) = (table.counters(place), self.pairs.codes.get(pair as usize)) {
                kept.list.push_whole(&self.pair_key(code), &counters);
            }
            // Two addresses and eight numbers are far less long than a byte can say.
            kept.lengths.push((kept.list.len() - before) as u8);
            kept.spans.push(spans.get(pair as usize).copied().unwrap_or((FAR, 0)));
        }
        kept.list.shrink();
        kept
    }
}
