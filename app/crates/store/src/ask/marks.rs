//! Sums up to some minutes, kept beside those of the whole capture: a range is then the difference of two of them and the rows between
//! its ends and these minutes, however long it is.

use super::kept::Kept;
use super::tables::PairTable;
use crate::Store;
use crate::cell::COUNTED;
use crate::packed::{Cursor, Writer};
use crate::sums::Counters;
use underlay_model::order::Order;
use underlay_model::tuple::TRAFFIC_ANALYTICS;
use underlay_model::view::MinuteRange;

/// A capture of fewer rows is summed up soon enough.
pub(crate) const MARKED_ROWS: u64 = 1 << 20;
/// Parts of about as many rows, between which marks lie.
const PARTS: u64 = 6;

/// What pairs have counted before a minute: those that have counted rows before it and from it on, in the order of their names.
#[derive(Debug)]
pub(super) struct Mark {
    /// Counted from the first minute of the capture.
    minute: u16,
    sums: Writer,
}

impl Mark {
    pub(super) fn new(minute: u16, kept: &Kept, table: &PairTable) -> Self {
        let mut sums = Writer::default();
        for (place, _) in (0..).zip(&kept.spans).filter(|(_, span)| crosses(minute, **span)) {
            sums.counters(&table.counters(place).unwrap_or_default());
        }
        sums.0.shrink_to_fit();
        Self { minute, sums }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.sums.0.capacity()
    }
}

/// Whether a pair has counted rows before this minute and from it on.
fn crosses(minute: u16, (first, last): (u16, u16)) -> bool {
    first < minute && minute <= last
}

/// Where a range begins or ends: at a mark, at the first minute (`None`), or behind the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    First,
    Mark(usize),
    End,
}

/// How a range is put together.
pub(super) struct Steps {
    from: Place,
    to: Place,
    /// Minutes to be added, and to be taken away.
    pub(super) more: Vec<MinuteRange>,
    pub(super) less: Vec<MinuteRange>,
}

impl Steps {
    /// `None` when it takes no fewer rows than the range has, and where a difference of nothing does not say that there is no row.
    pub(super) fn new(kept: &Kept, (first, last): (u32, u32), range: MinuteRange) -> Option<Self> {
        if kept.analytics {
            return None;
        }
        let (first, end) = (i64::from(first), i64::from(last) + 1);
        let (from, to) = (range.first.max(first), (range.last + 1).min(end));
        let marks = kept.marks.iter().enumerate().map(|(at, mark)| (first + i64::from(mark.minute), Place::Mark(at)));
        let places: Vec<(i64, Place)> = [(first, Place::First), (end, Place::End)].into_iter().chain(marks).collect();
        let nearest = |minute: i64| places.iter().copied().min_by_key(|place| place.0.abs_diff(minute));
        let ((start, from_place), (stop, to_place)) = (nearest(from)?, nearest(to)?);
        let mut steps = Self { from: from_place, to: to_place, more: Vec::new(), less: Vec::new() };
        let between = |first: i64, end: i64| (first < end).then(|| MinuteRange { first, last: end - 1 });
        steps.more.extend(between(from, start).into_iter().chain(between(stop, to)));
        steps.less.extend(between(start, from).into_iter().chain(between(to, stop)));
        let cost = start.abs_diff(from) + stop.abs_diff(to);
        (start < stop && cost < to.abs_diff(from)).then_some(steps)
    }
}

/// Goes along the pairs in the order of their names with what two marks say of them.
pub(super) struct Walk<'a> {
    kept: &'a Kept,
    ends: [(Place, Cursor<'a>); 2],
}

impl<'a> Walk<'a> {
    pub(super) fn new(kept: &'a Kept, steps: &Steps) -> Self {
        let cursor = |place: Place| match place {
            Place::Mark(at) => Cursor(kept.marks.get(at).map_or(&[][..], |mark| &mark.sums.0)),
            _ => Cursor(&[]),
        };
        Self { kept, ends: [steps.from, steps.to].map(|place| (place, cursor(place))) }
    }

    /// What the next pair, that has so much in all, has before the first and before the second place.
    #[inline(always)]
    pub(super) fn next(&mut self, span: (u16, u16), total: impl Fn() -> Counters) -> [Counters; 2] {
        let marks = &self.kept.marks;
        self.ends.each_mut().map(|(place, cursor)| match *place {
            Place::First => Counters::default(),
            Place::End => total(),
            Place::Mark(at) => {
                let minute = marks.get(at).map_or(0, |mark| mark.minute);
                match crosses(minute, span) {
                    true => cursor.counters().unwrap_or_default(),
                    false if span.0 < minute => total(),
                    false => Counters::default(),
                }
            }
        })
    }
}

impl Store {
    /// Rows of Traffic Analytics may count nothing.
    pub(super) fn has_analytics(&self) -> bool {
        self.points.iter().any(|point| point.flow_log == TRAFFIC_ANALYTICS)
    }

    /// Minutes between which there are about as many rows each; none when there are few rows.
    pub(super) fn marked_minutes(&self, first: u32) -> Vec<u16> {
        let rows: u64 = self.bodies.iter().map(|body| body.rows).sum();
        if rows < self.marked_rows || self.has_analytics() {
            return Vec::new();
        }
        let mut bodies: Vec<(u32, u64)> = self.bodies.iter().map(|body| (body.span.0, body.rows)).collect();
        bodies.order();
        let (mut seen, mut minutes) = (0, Vec::new());
        for (minute, more) in bodies {
            // The next part begins where as many rows have been seen as the parts before it have.
            let due = seen * PARTS / rows.max(1) > minutes.len() as u64;
            let offset = u16::try_from(minute.saturating_sub(first)).ok().filter(|&offset| offset < u16::MAX);
            if let Some(offset) = offset.filter(|&offset| due && offset > minutes.last().copied().unwrap_or(0)) {
                minutes.push(offset);
            }
            seen += more;
        }
        minutes
    }

    /// Sums captures of so many rows up to some minutes; for tests.
    pub fn mark_from(&mut self, rows: u64) {
        self.marked_rows = rows;
    }

    /// Adds the counted rows of these minutes.
    pub(super) fn add_minutes(&self, table: &mut PairTable, minutes: MinuteRange) {
        self.for_each_part(Some(minutes), None, |part, range| table.add(part, range, super::tables::ALL));
    }

    /// First and last minute of each pair's counted rows, from the first minute of all, by number.
    pub(super) fn counted_spans(&self, first: u32) -> Vec<(u16, u16)> {
        let mut spans = vec![(u16::MAX, 0); self.pairs.codes.len()];
        self.for_each_row(COUNTED, None, None, |row| {
            if let Some(span) = spans.get_mut(row.pair as usize) {
                let minute = u16::try_from(row.minute().saturating_sub(first)).unwrap_or(u16::MAX);
                *span = (span.0.min(minute), span.1.max(minute));
            }
        });
        spans
    }
}
