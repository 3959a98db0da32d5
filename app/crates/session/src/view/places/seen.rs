//! Which addresses the capture's pairs name, and in what role, before anything is placed.

use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_identity::{Owner, Resolver};
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::Minute;
use underlay_model::tuple::Verdict;
use underlay_store::query::PairSums;

/// An address and one owner that it had, with its roles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sighting {
    pub(super) address: IpAddr,
    pub(super) owner: Owner,
    /// In some allowed pair, or the target of a denied one: not merely somebody who was turned away.
    pub(super) admitted: bool,
    /// It began some allowed pair.
    pub(super) calls: bool,
}

/// Every (address, owner) of the pairs, sorted. `reference` is a minute of the capture.
pub(super) fn sightings(resolver: &Resolver, pairs: &PairSums, reference: Minute) -> Vec<Sighting> {
    let mut found: FxHashMap<(IpAddr, Owner), (bool, bool)> = FxHashMap::default();
    // Pairs are sorted by source: most rows repeat the one before.
    let mut last: Option<((IpAddr, Minute), Owner)> = None;
    for sum in pairs.iter() {
        let minute = sum.minute.unwrap_or(reference);
        let allowed = sum.pair.verdict == Verdict::Allowed;
        let source = match last {
            Some((known, owner)) if known == (sum.pair.src, minute) => owner,
            _ => resolver.resolve(sum.pair.src, minute),
        };
        last = Some(((sum.pair.src, minute), source));
        let begins = found.entry((sum.pair.src, source)).or_default();
        *begins = (begins.0 | allowed, begins.1 | allowed);
        let target = resolver.resolve(sum.pair.dst, minute);
        found.entry((sum.pair.dst, target)).or_default().0 = true;
    }
    let mut sightings: Vec<Sighting> = found
        .into_iter()
        .map(|((address, owner), (admitted, calls))| Sighting { address, owner, admitted, calls })
        .collect();
    sightings.order_by_key(|sighting| (sighting.address, sighting.owner));
    sightings
}

impl Sighting {
    pub(super) fn is(&self, kind: EndpointKind) -> bool {
        self.owner.kind == kind
    }
}
