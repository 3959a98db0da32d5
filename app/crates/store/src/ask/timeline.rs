//! Counted traffic by minute. Most records lie in one minute: their rows are summed up a part at a time, and the sums are added to the minute.

use super::tables::{KINDS, MinuteTable};
use crate::Store;
use crate::block::{MOST_ROWS, Part, PartSum};
use crate::cell::{ACTIVE, ANALYTICS, COUNTED, CROSSED, DENIED, WIDE};
use crate::query::{MinuteSum, MinuteSums, Selector};
use crate::select::{Selection, Taken};
use crate::sums::Counters;
use underlay_model::tuple::Verdict;

/// Everything counted in a minute that some record covers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WholeMinute {
    minute: u32,
    allowed: Counters,
    denied: Counters,
}

impl WholeMinute {
    fn told(&self, verdict: Option<Verdict>) -> MinuteSum {
        let mut all = self.allowed;
        all += self.denied;
        let selected = match verdict {
            None => all,
            Some(Verdict::Allowed) => self.allowed,
            Some(Verdict::Denied) => self.denied,
        };
        MinuteSum { minute: self.minute.into(), all, selected, ..MinuteSum::default() }
    }
}

impl Store {
    /// Counted traffic by minute; covered minutes are those of any accepted tuple.
    #[inline(never)]
    pub fn timeline(&self, selector: &Selector) -> MinuteSums {
        let whole = self.standings.minutes.get_or_init(|| self.whole_minutes());
        let verdict = selector.verdict;
        if *selector == (Selector { verdict, ..Selector::default() }) {
            return MinuteSums(whole.iter().map(|minute| minute.told(verdict)).collect());
        }
        let selection = self.selection(selector);
        let mut table = MinuteTable::new(self.minute_span());
        self.for_each_stretch(|_, body, block, rows| {
            let Some(block) = self.blocks.get(block).filter(|_| selection.point(body.point)) else { return };
            let (first, last) = body.span;
            if first == last {
                block.parts(rows).for_each(|part| add_part(&mut table, first, &selection, &part));
            } else {
                block.parts(rows).for_each(|part| add_rows(&mut table, &selection, &part));
            }
        });
        let mut selected = table.into_sums().into_iter().peekable();
        let told = |minute: &WholeMinute| {
            let mut sum = MinuteSum { selected: Counters::default(), ..minute.told(None) };
            if let Some((_, kinds)) = selected.next_if(|(at, _)| *at == minute.minute) {
                // By whether the source, and whether the destination, is what is asked for.
                let [_, source, destination, both] = kinds;
                kinds.into_iter().for_each(|kind| sum.selected += kind);
                [source, both].into_iter().for_each(|kind| sum.selected_as_source += kind);
                [destination, both].into_iter().for_each(|kind| sum.selected_as_destination += kind);
            }
            sum
        };
        MinuteSums(whole.iter().map(told).collect())
    }

    fn whole_minutes(&self) -> Vec<WholeMinute> {
        const UNCOUNTED: usize = KINDS - 1;
        let mut table = MinuteTable::new(self.minute_span());
        self.for_each_row(ACTIVE, None, None, |row| {
            if row.flags & COUNTED == 0 {
                table.touch(row.minute(), UNCOUNTED);
            } else {
                table.add(usize::from(row.flags & DENIED != 0), row);
            }
        });
        let told = |(minute, [allowed, denied, ..]): (u32, [Counters; KINDS])| WholeMinute { minute, allowed, denied };
        table.into_sums().into_iter().map(told).collect()
    }
}

/// Adds the rows of a part that a selection takes.
fn add_rows(table: &mut MinuteTable, selection: &Selection, part: &Part<'_>) {
    for row in part.rows().filter(|row| row.flags & COUNTED != 0) {
        let taken = selection.row(row.pair, || row.minute());
        if taken.is_taken() {
            table.add(kind_of(taken), &row);
        }
    }
}

/// As [`add_rows`], where all rows are of this minute.
#[inline(always)]
fn add_part(table: &mut MinuteTable, minute: u32, selection: &Selection, part: &Part<'_>) {
    // Which rows are taken is found out without a branch, which the processor would guess wrongly.
    let mut found = [(0u8, 0u8); MOST_ROWS];
    let mut len = 0;
    for (at, (pair, flags)) in part.pairs().enumerate() {
        let taken = selection.row(pair, || minute);
        if let Some(place) = found.get_mut(len) {
            *place = (at as u8, taken.0 & Taken::ENDS | (flags & (DENIED | UNUSUAL)) << 1);
        }
        len += usize::from(flags & COUNTED != 0) & usize::from(taken.is_taken());
    }
    let mut sums = [PartSum::default(); 2 * KINDS];
    for &(at, what) in found.get(..len).unwrap_or_default() {
        if what & UNUSUAL << 1 == 0 {
            part.add_values(at.into(), &mut sums[usize::from(what) % (2 * KINDS)]);
        } else if let Some(row) = part.row(at.into()) {
            table.add(usize::from(what) % KINDS, &row);
        }
    }
    for (what, sum) in sums.iter().enumerate() {
        table.add_part(minute, what % KINDS, what >= KINDS, sum);
    }
}

/// A row with one of these flags is more than its values.
const UNUSUAL: u8 = WIDE | ANALYTICS | CROSSED;

/// By whether the source, and whether the destination, is what is asked for.
fn kind_of(taken: Taken) -> usize {
    usize::from(taken.0 & Taken::ENDS)
}
