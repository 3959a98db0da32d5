//! Settling among several stores, as the coordinator has it done.

use underlay_store::Store;
use underlay_store::duplicate::shared_points;
use underlay_store::settle::{handed_round, told_to_all};

/// Ranks of inputs must have been set.
pub fn settle_together(stores: &mut [Store]) {
    let points: Vec<_> = stores.iter().map(Store::points).collect();
    let shared = shared_points(&points);
    let copies = told_to_all(stores.iter().map(|store| store.copies(&shared)).collect());
    stores.iter_mut().zip(copies).for_each(|(store, copies)| store.retract(&copies));
    let sieves = told_to_all(stores.iter_mut().map(Store::sieve).collect());
    let outlines = stores.iter_mut().zip(sieves).map(|(store, sieves)| store.outlines(sieves)).collect();
    let minutes = stores.iter_mut().zip(handed_round(outlines)).map(|(store, told)| store.minutes(&told)).collect();
    stores.iter_mut().zip(handed_round(minutes)).for_each(|(store, told)| store.settle(&told));
}
