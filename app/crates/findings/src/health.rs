//! Health of each pod by its witnesses (`summary-contract.md`, Health of a pod).

use underlay_identity::Inventory;
use underlay_model::health::{HealthState, PodHealth, Witness};
use underlay_model::time::Millis;

/// The health of every pod that is not finished and not `hostNetwork`.
pub struct HealthReport;

impl HealthReport {
    /// Hears all witnesses. `span` is the first and last time of the accepted tuples: restarts and failed probes count within it.
    pub fn new(inventory: &Inventory, span: Option<(Millis, Millis)>) -> Self {
        let _ = (inventory, span);
        todo!()
    }

    /// The summary's `health`: sorted by pod name.
    pub fn pods(&self) -> Vec<PodHealth> {
        todo!()
    }

    /// State of a pod by its index in [`Inventory::pods`]; `None` for finished and `hostNetwork` pods.
    pub fn state(&self, pod: u32) -> Option<HealthState> {
        let _ = pod;
        todo!()
    }

    /// Witnesses of a pod by its index, best source first.
    pub fn witnesses(&self, inventory: &Inventory, pod: u32) -> Vec<Witness> {
        let _ = (inventory, pod);
        todo!()
    }
}
