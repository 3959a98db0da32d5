//! How long requests took, as a distribution that is small and adds up.

use serde::{Deserialize, Serialize};

/// Distribution of durations: whole milliseconds in fixed buckets, exact below 16 ms, then sixteen to each doubling (a value
/// is told within 3.2 percent), up to 17 minutes. Distributions of the same things add up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// Bucket and how many fell into it, sorted by bucket.
    buckets: Vec<(u16, u32)>,
}

/// The last bucket: everything longer.
const LAST_BUCKET: u16 = 16 + 16 * 16 - 1;

impl Latency {
    /// Counts a duration.
    pub fn add(&mut self, milliseconds: u64) {
        self.add_many(bucket_of(milliseconds), 1);
    }

    /// Adds the other's counts.
    pub fn add_all(&mut self, other: &Self) {
        for &(bucket, count) in &other.buckets {
            self.add_many(bucket, count);
        }
    }

    fn add_many(&mut self, bucket: u16, count: u32) {
        match self.buckets.binary_search_by_key(&bucket, |(known, _)| *known) {
            Ok(place) => {
                if let Some((_, known)) = self.buckets.get_mut(place) {
                    *known = known.saturating_add(count);
                }
            }
            Err(place) => self.buckets.insert(place, (bucket, count)),
        }
    }

    /// How many durations were counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// The duration in milliseconds below or at which this share (0 to 1) of them lies; `None` when there is none.
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let count = self.count();
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts of requests are far below 2^52, and the share is within 0 and 1"
        )]
        let rank = ((count as f64 * share.clamp(0.0, 1.0)).ceil() as u64).max(1);
        let mut seen = 0;
        self.buckets.iter().find_map(|&(bucket, count)| {
            seen += u64::from(count);
            (seen >= rank).then(|| middle_of(bucket))
        })
    }
}

fn bucket_of(milliseconds: u64) -> u16 {
    if milliseconds < 16 {
        return u16::try_from(milliseconds).unwrap_or(0);
    }
    let octave = 63 - milliseconds.leading_zeros() - 4;
    let step = (milliseconds >> octave) - 16;
    u16::try_from(u64::from(octave) * 16 + 16 + step).unwrap_or(LAST_BUCKET).min(LAST_BUCKET)
}

/// The middle of a bucket, in milliseconds.
fn middle_of(bucket: u16) -> f64 {
    if bucket < 16 {
        return f64::from(bucket);
    }
    let (octave, step) = ((bucket - 16) / 16, (bucket - 16) % 16);
    let width = f64::from(1u32 << octave.min(31));
    (f64::from(16 + step) + 0.5) * width - 0.5
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_percentile_is_within_a_thirtieth(mut times in prop::collection::vec(0u64..900_000, 1..200), share in 0.0..1.0f64) {
            let mut latency = Latency::default();
            times.iter().for_each(|&time| latency.add(time));
            times.sort_unstable();
            let rank = ((times.len() as f64 * share).ceil() as usize).max(1);
            let exact = times[rank - 1] as f64;
            let told = latency.percentile(share).unwrap();
            prop_assert!((told - exact).abs() <= exact / 30.0 + 0.5, "{} is told as {}", exact, told);
        }

        #[test]
        fn distributions_add_up(a in prop::collection::vec(0u64..2_000_000, 0..50), b in prop::collection::vec(0u64..2_000_000, 0..50)) {
            let of = |times: &[u64]| {
                let mut latency = Latency::default();
                times.iter().for_each(|&time| latency.add(time));
                latency
            };
            let mut sum = of(&a);
            sum.add_all(&of(&b));
            prop_assert_eq!(sum, of(&[a, b].concat()));
        }
    }
}
