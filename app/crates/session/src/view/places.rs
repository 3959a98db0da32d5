//! Where everything stands: the entities of the picture, their containers and order, from the inventory and the pairs of the
//! whole capture. Independent of the brushed range, so that nothing moves.

use super::rows::CountedPairs;
use std::net::IpAddr;
use underlay_findings::HealthReport;
use underlay_identity::Resolver;
use underlay_model::time::Minute;
use underlay_model::view::{EntityKey, MinuteRange};

/// The entities of a capture and the way from an address to its entity.
pub struct Places {}

impl Places {
    /// Places everything that the inventory knows and every address of the whole capture's pairs.
    pub fn new(resolver: &Resolver, health: &HealthReport, pairs: &CountedPairs) -> Self {
        let _ = (resolver, health, pairs);
        todo!()
    }

    /// Gives each pod its strip of traffic: (address, minute, bytes) of the whole capture, in any order.
    pub fn set_pulses(
        &mut self,
        resolver: &Resolver,
        rows: impl Iterator<Item = (IpAddr, Minute, u64)>,
        span: MinuteRange,
    ) {
        let _ = (resolver, rows, span);
    }

    /// Whether a row (its source or destination) is traffic of the thing or of what it contains.
    pub fn touches(&self, resolver: &Resolver, key: &EntityKey, address: IpAddr, minute: Minute) -> bool {
        let _ = (resolver, key, address, minute);
        todo!()
    }

    /// The addresses, sorted, whose rows can be traffic of the thing: what to ask the store for. Each row is to be tested
    /// with [`Self::touches`] when an address is contested. `None` when there is no such thing.
    pub fn addresses(&self, resolver: &Resolver, key: &EntityKey) -> Option<Vec<IpAddr>> {
        let _ = (resolver, key);
        todo!()
    }
}
