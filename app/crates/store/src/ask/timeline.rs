//! Counted traffic by minute.

use super::tables::{KINDS, MinuteTable};
use crate::Store;
use crate::cell::{ACTIVE, COUNTED, DENIED};
use crate::query::{MinuteSum, MinuteSums, Selector};
use crate::select::Taken;
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
        self.for_each_row(COUNTED, None, Some(&selection), |row| {
            let taken = selection.row(row.pair, || row.minute());
            if taken.is_taken() {
                table.add(usize::from(taken.0 & Taken::ENDS), row);
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
