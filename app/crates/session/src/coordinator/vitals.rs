//! What the host says of its workers: memory that the browser gave them, and requests that they made. Told to the page when
//! it changes, so that what the page claims is of all workers.

use super::{Coordinator, ShardIndex};
use std::collections::BTreeMap;
use underlay_model::wire::PageEvent;

/// By worker; `None` is the coordinator's own.
#[derive(Debug, Default)]
pub(super) struct Vitals {
    workers: BTreeMap<Option<ShardIndex>, (u64, u32)>,
    /// Of workers that have been replaced.
    past_requests: u32,
    /// Memory has changed since the page was told.
    untold: bool,
}

impl Coordinator {
    /// A worker (`None`: the coordinator's own) has so many bytes of memory and made so many requests since it had loaded.
    pub fn note_vitals(&mut self, worker: Option<ShardIndex>, memory: u64, requests: u32) {
        let before = self.vitals.workers.insert(worker, (memory, requests));
        // A worker that was replaced begins to count anew.
        if let Some((_, requested)) = before.filter(|before| before.1 > requests) {
            self.vitals.past_requests += requested;
        }
        self.vitals.untold |= before != Some((memory, requests));
        // Memory grows with every slab: the page hears of it as often as of progress.
        let requested = before.map_or(0, |before| before.1) != requests;
        if requested || !self.is_reading() {
            self.tell_vitals();
        }
    }

    pub(super) fn tell_vitals(&mut self) {
        if std::mem::take(&mut self.vitals.untold) {
            let requests = self.vitals.workers.values().map(|vitals| vitals.1).sum::<u32>() + self.vitals.past_requests;
            self.tell(PageEvent::Vitals { memory: self.memory(), requests });
        }
    }

    /// Memory of all workers, in bytes: what the host says, or else what the shards know of their stores.
    pub(super) fn memory(&self) -> u64 {
        let told = self.vitals.workers.values().map(|vitals| vitals.0).sum::<u64>();
        told.max(self.reading.memory())
    }
}
