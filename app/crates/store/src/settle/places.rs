//! Which pairs are chosen, and the place of each among them, in little memory: rows ask for their pair's in no order.

/// By number of the pair.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// A bit a pair.
    chosen: Vec<u64>,
    /// How many are chosen before each of these words.
    before: Vec<u32>,
    pairs: u32,
    count: u32,
}

impl Places {
    /// The next pair.
    pub(super) fn push(&mut self, chosen: bool) {
        let bit = self.pairs % u64::BITS;
        if bit == 0 {
            self.chosen.push(0);
            self.before.push(self.count);
        }
        if let Some(word) = self.chosen.last_mut() {
            *word |= u64::from(chosen) << bit;
        }
        self.pairs += 1;
        self.count += u32::from(chosen);
    }

    /// `None` when it is not chosen.
    #[inline]
    pub(super) fn of(&self, pair: u32) -> Option<usize> {
        let (at, bit) = ((pair / u64::BITS) as usize, 1u64 << (pair % u64::BITS));
        let word = *self.chosen.get(at)?;
        if word & bit == 0 {
            return None;
        }
        Some(*self.before.get(at)? as usize + (word & (bit - 1)).count_ones() as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_chosen_ones_stand_one_behind_the_other(chosen in proptest::collection::vec(any::<bool>(), 0..300)) {
            let mut places = Places::default();
            chosen.iter().for_each(|chosen| places.push(*chosen));
            let mut next = 0;
            for (pair, chosen) in (0..).zip(chosen) {
                prop_assert_eq!(places.of(pair), chosen.then_some(next));
                next += usize::from(chosen);
            }
            prop_assert_eq!(places.of(300), None);
        }
    }
}
