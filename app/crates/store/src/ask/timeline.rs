//! Counted traffic by minute. Most records lie in one minute: their rows are summed up a part at a time, and the sums are added to the minute.

use super::tables::{KINDS, MinuteTable};
use crate::Store;
use crate::block::{MOST_ROWS, Part, PartSum, Row};
use crate::cell::{ACTIVE, COUNTED, DENIED, UNUSUAL};
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
            let parts = block.parts(rows);
            match last.saturating_sub(first) {
                0 => parts.for_each(|part| add_part(&mut table, &selection, &part, first, |_| first)),
                1..FEW => parts.for_each(|part| add_part(&mut table, &selection, &part, first, |at| part.minute(at))),
                _ => parts.for_each(|part| part.rows().for_each(|row| add_row(&mut table, &selection, &row))),
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
        let mut table = MinuteTable::new(self.minute_span());
        self.for_each_part(None, None, |part, _| add_whole(&mut table, part));
        let told = |(minute, [allowed, denied, ..]): (u32, [Counters; KINDS])| WholeMinute { minute, allowed, denied };
        table.into_sums().into_iter().map(told).collect()
    }
}

/// The kind of minutes that have rows, were they none that count.
const UNCOUNTED: usize = KINDS - 1;

#[inline(never)]
fn add_whole(table: &mut MinuteTable, part: &Part<'_>) {
    for row in part.rows().filter(|row| row.flags & ACTIVE != 0) {
        if row.flags & COUNTED == 0 {
            table.touch(row.minute(), UNCOUNTED);
        } else {
            table.add(usize::from(row.flags & DENIED != 0), &row);
        }
    }
}

/// Rows of so many minutes are summed up a part at a time.
const FEW: u32 = 4;

/// Adds a row when it counts and the selection takes it.
fn add_row(table: &mut MinuteTable, selection: &Selection, row: &Row<'_>) {
    let taken = selection.row(row.pair, || row.minute());
    if row.flags & COUNTED != 0 && taken.is_taken() {
        table.add(usize::from(taken.0 & Taken::ENDS), row);
    }
}

/// As [`add_row`], of rows that are all of the first [`FEW`] minutes from this one on.
#[inline(never)]
fn add_part(
    table: &mut MinuteTable,
    selection: &Selection,
    part: &Part<'_>,
    first: u32,
    minute: impl Fn(usize) -> u32,
) {
    // Which rows are taken is found out without a branch, which the processor would guess wrongly.
    let mut found = [(0u8, 0u8); MOST_ROWS];
    let mut len = 0;
    for (at, (pair, flags)) in part.pairs().enumerate() {
        let minute = minute(at);
        let taken = selection.row(pair, || minute);
        let minute = (minute.wrapping_sub(first) % FEW) as u8;
        found[len % MOST_ROWS] = (at as u8, minute << 3 | (flags & DENIED) << 1 | taken.0 & Taken::ENDS);
        len += usize::from(flags & (COUNTED | UNUSUAL) == COUNTED) & usize::from(taken.is_taken());
    }
    let mut sums = [PartSum::default(); 2 * KINDS * FEW as usize];
    for &(at, what) in found.get(..len).unwrap_or_default() {
        if let Some(sum) = sums.get_mut(usize::from(what)) {
            part.add_values(at.into(), sum);
        }
    }
    for (what, sum) in sums.iter().enumerate() {
        let sum = sum.total();
        if sum.is_empty() {
            continue;
        }
        let is_denied = what & KINDS != 0;
        table.add_sum(first + what as u32 / (2 * KINDS as u32), what % KINDS, &sum.counters(is_denied));
    }
    if part.pairs().fold(0, |all, (_, flags)| all | flags) & UNUSUAL != 0 {
        part.rows().filter(|row| row.flags & UNUSUAL != 0).for_each(|row| add_row(table, selection, &row));
    }
}
