//! Pairs in the order of their names: what is told of pairs is told so, that the answers of several shards are merged by walking along them.

use crate::Store;
use crate::pairs::PairCode;

/// Keys are put in order by so many bits first, all at once, and then those that share them among each other: that is in reach of the
/// processor's caches.
const FIRST_BITS: u32 = 16;
/// The keys' bits that say something.
const KEY_BITS: u32 = 33 + 33 + 16 + 8 + 1;
/// Below them stands the number of the pair: half the bytes to sort of what it makes beside them.
const NUMBER_BITS: u32 = 32;

impl Store {
    /// Numbers of pairs in the order of their names.
    pub(crate) fn order(&self) -> &[u32] {
        self.standings.order.get_or_init(|| {
            let ranks = self.addresses.ranks();
            let keyed = |(code, number): (&PairCode, u32)| code.sort_key(&ranks) << NUMBER_BITS | u128::from(number);
            let keys: Vec<u128> = self.pairs.codes.iter().zip(0..).map(keyed).collect();
            sorted(&keys).into_iter().map(|key| key as u32).collect()
        })
    }
}

fn sorted(keys: &[u128]) -> Vec<u128> {
    let first_bits = |key: u128| (key >> (KEY_BITS + NUMBER_BITS - FIRST_BITS)) as usize;
    // By first bits: how many there are, then where the next one stands.
    let mut places = vec![0; (1 << FIRST_BITS) + 1];
    for &key in keys {
        if let Some(count) = places.get_mut(first_bits(key) + 1) {
            *count += 1;
        }
    }
    let mut before = 0;
    for place in &mut places {
        before += *place;
        *place = before;
    }
    let mut sorted = vec![0; keys.len()];
    for &key in keys {
        if let Some(place) = places.get_mut(first_bits(key)) {
            if let Some(to) = sorted.get_mut(*place) {
                *to = key;
            }
            *place += 1;
        }
    }
    // Each place has moved on to where the next ones begin.
    let mut from = 0;
    for to in places {
        if let Some(same) = sorted.get_mut(from..to) {
            same.sort_unstable();
        }
        from = to;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_are_sorted(keys in proptest::collection::vec((any::<u128>(), any::<bool>()), 0..300)) {
            let keys: Vec<u128> = keys.iter().map(|(key, near)| key >> if *near { 90 } else { 5 }).collect();
            let mut expected = keys.clone();
            expected.sort();
            prop_assert_eq!(sorted(&keys), expected);
        }
    }
}
