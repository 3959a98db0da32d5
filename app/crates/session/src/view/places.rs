//! Where everything stands: the entities of the picture, their containers and order, from the inventory and the pairs of the
//! whole capture. Independent of the brushed range, so that nothing moves.

use std::net::IpAddr;
use underlay_findings::HealthReport;
use underlay_identity::Resolver;
use underlay_model::view::MinuteRange;
use underlay_store::query::{AddressMinutes, PairSums};

/// The entities of a capture and the way from an address to its entity.
pub struct Places {}

impl Places {
    /// Places everything that the inventory knows and every address of the whole capture's pairs (contested addresses
    /// split by minute). `span` is the first and last covered minute.
    pub fn new(resolver: &Resolver, health: &HealthReport, pairs: &PairSums, span: Option<MinuteRange>) -> Self {
        let _ = (resolver, health, pairs, span);
        todo!()
    }

    /// The addresses of drawn pods that have traffic, sorted: ask the store for their minutes and call [`Self::set_pulses`].
    pub fn pulse_addresses(&self) -> Vec<IpAddr> {
        todo!()
    }

    /// Gives each pod its strip of traffic.
    pub fn set_pulses(&mut self, resolver: &Resolver, minutes: &AddressMinutes) {
        let _ = (resolver, minutes);
    }
}
