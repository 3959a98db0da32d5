//! Minutes grouped into steps, so that no series has more points than a chart can show.

use std::collections::BTreeMap;
use underlay_model::access::AccessCell;
use underlay_model::metrics::Value;
use underlay_model::time::{MINUTE_MS, Millis, Minute};

/// So many points a series has; longer captures have longer steps.
const MOST_POINTS: i64 = 1440;

/// Minutes grouped into steps.
pub(super) struct Grid {
    first: Minute,
    last: Minute,
    step: i64,
}

impl Grid {
    pub(super) fn new(first: Minute, last: Minute) -> Self {
        let step = ((last - first) / MOST_POINTS + 1).max(1);
        Self { first: first - first.rem_euclid(step), last, step }
    }

    pub(super) fn span(&self) -> (Millis, Millis) {
        (self.first * MINUTE_MS, (self.step_of(self.last) + self.step) * MINUTE_MS)
    }

    pub(super) fn step_ms(&self) -> u64 {
        u64::try_from(self.step * MINUTE_MS).unwrap_or(0)
    }

    pub(super) fn step_of(&self, minute: Minute) -> Minute {
        minute - minute.rem_euclid(self.step)
    }

    /// Requests by step; steps of hours that have any row are zero where they have none.
    pub(super) fn sum<'a>(&self, cells: impl Iterator<Item = &'a AccessCell>) -> Vec<(Millis, Value)> {
        self.counted(cells.map(|cell| (cell.minute, cell.requests)), true)
    }

    /// The sum of each step, in order; steps without any are absent.
    pub(super) fn summed(&self, counts: impl Iterator<Item = (Minute, u64)>) -> Vec<(Millis, Value)> {
        self.counted(counts, false)
    }

    pub(super) fn counted(&self, counts: impl Iterator<Item = (Minute, u64)>, zeros: bool) -> Vec<(Millis, Value)> {
        let mut sums: BTreeMap<Minute, u64> = BTreeMap::new();
        for (minute, count) in counts {
            *sums.entry(self.step_of(minute)).or_default() += count;
        }
        if zeros {
            let hours: Vec<Minute> = sums.keys().map(|step| step.div_euclid(60)).collect();
            for hour in hours {
                let mut step = self.step_of(hour * 60);
                while step < (hour + 1) * 60 {
                    if (self.first..=self.last).contains(&step) {
                        sums.entry(step).or_default();
                    }
                    step += self.step;
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "requests of a minute are far below 2^52")]
        let value = |count: u64| Value::new(count as f64).unwrap_or_default();
        sums.into_iter().map(|(step, count)| (step * MINUTE_MS, value(count))).collect()
    }
}
