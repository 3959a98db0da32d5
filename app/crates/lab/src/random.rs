//! Reproducible randomness: SplitMix64 (Steele, Lea, Flood 2014). Streams are addressed by keys instead of being handed
//! around, so that two files that tell of the same connection can each make it up again, equal to the bit.

/// A stream of pseudo-random numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of a seed and a path of keys: equal keys, equal stream.
    pub fn of(seed: u64, keys: &[u64]) -> Self {
        let mut state = mix(seed ^ 0x9E37_79B9_7F4A_7C15);
        for &key in keys {
            state = mix(state ^ key.wrapping_mul(0xD6E8_FEB8_6659_FD93)).wrapping_add(key);
        }
        Self { state }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// A number in `0..limit`; 0 when `limit` is 0. The bias for large limits is far below what a capture shows.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(limit)) >> 64) as u64
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True `times` of `of` times on average.
    pub fn chance(&mut self, times: u64, of: u64) -> bool {
        self.below(of) < times
    }

    /// How many of a rate's events fall into one unit, for a rate given in millionths: the whole part always, the rest by chance.
    pub fn count(&mut self, rate_millionths: u64) -> u64 {
        rate_millionths / 1_000_000 + u64::from(self.below(1_000_000) < rate_millionths % 1_000_000)
    }

    /// A size between `low` and about `32 × low`, small ones often, large ones seldom.
    pub fn skewed(&mut self, low: u64) -> u64 {
        let doublings = (self.bits() | (1 << 5)).trailing_zeros();
        (low << doublings) + self.below(low << doublings)
    }

    /// A random UUID in its usual form.
    pub fn uuid(&mut self) -> String {
        let (a, b) = (self.bits(), self.bits());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xFFFF,
            a & 0xFFF,
            b >> 52,
            b & 0xFFFF_FFFF_FFFF
        )
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_every_key_and_repeat() {
        let first = |keys: &[u64]| Random::of(7, keys).bits();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[1]), first(&[1, 0]));
        assert_ne!(Random::of(7, &[1]).bits(), Random::of(8, &[1]).bits());
    }

    #[test]
    fn a_rate_is_met_on_average() {
        let mut random = Random::of(1, &[]);
        let total: u64 = (0..10_000).map(|_| random.count(2_300_000)).sum();
        assert!((22_500..23_500).contains(&total), "{total}");
    }
}
