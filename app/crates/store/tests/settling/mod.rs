//! Settling among several stores, as the coordinator has it done.

use underlay_store::Store;
use underlay_store::settle::handed_round;

/// Copies across stores must have been retracted.
pub fn settle_together(stores: &mut [Store]) {
    let sieves: Vec<_> = stores.iter().map(Store::sieve).collect();
    let others = sieves.len() - 1;
    let sieves = handed_round(sieves.into_iter().map(|sieve| vec![sieve; others]).collect());
    let outlines = stores.iter_mut().zip(sieves).map(|(store, sieves)| store.outlines(sieves)).collect();
    let minutes = stores.iter_mut().zip(handed_round(outlines)).map(|(store, told)| store.minutes(&told)).collect();
    stores.iter_mut().zip(handed_round(minutes)).for_each(|(store, told)| store.settle(&told));
}
