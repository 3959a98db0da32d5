//! Sorting of what is read by people: lists of things, notes and names. The standard sorts are compiled anew for every
//! kind of element and key, which made them a quarter of the worker; here indices are sorted, by code that is compiled
//! once. Where millions of rows are sorted the standard sorts stay.

use std::cmp::Ordering;

/// Stable sorting of a slice in place, in small code.
pub trait Order<T> {
    /// As `slice::sort`.
    fn order(&mut self)
    where
        T: Ord;

    /// As `slice::sort_by`.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// As `slice::sort_by_key`.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> Order<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut order = sorted(self.len(), &mut |a, b| match (self.get(a as usize), self.get(b as usize)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        follow(&mut order, &mut |a, b| self.swap(a as usize, b as usize));
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// The numbers 0 to `count`, as a stable sort of what they stand for puts them.
fn sorted(count: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// Moves everything to its place, one cycle of the permutation after the other.
fn follow(order: &mut [u32], swap: &mut dyn FnMut(u32, u32)) {
    for start in 0..order.len() as u32 {
        let mut at = start;
        while let Some(place) = order.get_mut(at as usize) {
            let from = std::mem::replace(place, at);
            if from == start {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Order;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn orders_as_the_stable_standard_sort(mut items: Vec<(u8, String)>) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0 % 4);
            items.order_by_key(|item| item.0 % 4);
            prop_assert_eq!(&items, &expected);
            expected.sort();
            items.order();
            prop_assert_eq!(items, expected);
        }
    }
}
