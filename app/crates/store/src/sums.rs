//! Sums of counters, wide enough that no capture overflows them; what rows of Traffic Analytics claim may be anything, so counts end at the
//! largest number.

use serde::{Deserialize, Serialize};

/// Counters of tuples, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// `B` tuples.
    pub begun: u64,
    /// `C` tuples.
    pub continued: u64,
    /// `E` tuples.
    pub ended: u64,
    /// `D` tuples.
    pub denied: u64,
    /// Source to destination, destination to source.
    pub packets: [u128; 2],
    /// Source to destination, destination to source.
    pub bytes: [u128; 2],
}

impl Counters {
    /// Tuples of all states.
    pub fn tuples(&self) -> u64 {
        [self.continued, self.ended, self.denied].into_iter().fold(self.begun, u64::saturating_add)
    }

    /// Bytes both ways.
    pub fn total_bytes(&self) -> u128 {
        self.bytes[0] + self.bytes[1]
    }

    /// max(begun, ended) plus denied (contract rule 11). Of a pair's counters; a sum over pairs is the sum of their flows.
    pub fn flows(&self) -> u64 {
        self.begun.max(self.ended).saturating_add(self.denied)
    }

    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::ops::AddAssign for Counters {
    fn add_assign(&mut self, other: Self) {
        self.begun = self.begun.saturating_add(other.begun);
        self.continued = self.continued.saturating_add(other.continued);
        self.ended = self.ended.saturating_add(other.ended);
        self.denied = self.denied.saturating_add(other.denied);
        for way in 0..2 {
            self.packets[way] += other.packets[way];
            self.bytes[way] += other.bytes[way];
        }
    }
}
