//! Which addresses the capture's pairs name, and in what role, before anything is placed.

use rustc_hash::FxHashSet;
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
    let sight = |address: IpAddr, minute: Minute| {
        let owner = resolver.resolve(address, minute);
        Sighting { address, owner, admitted: false, calls: false }
    };
    let mut sightings: Vec<Sighting> = Vec::new();
    // Pairs are sorted by source: those of one come one after another. Targets come again and again.
    let mut source: Option<(Minute, Sighting)> = None;
    let mut targets: FxHashSet<(IpAddr, Minute)> = FxHashSet::default();
    for sum in pairs.iter() {
        let minute = sum.minute.unwrap_or(reference);
        let allowed = sum.pair.verdict == Verdict::Allowed;
        let same = source.as_mut().filter(|known| (known.1.address, known.0) == (sum.pair.src, minute));
        match same {
            Some((_, known)) => (known.admitted, known.calls) = (known.admitted | allowed, known.calls | allowed),
            None => {
                let fresh = Sighting { admitted: allowed, calls: allowed, ..sight(sum.pair.src, minute) };
                sightings.extend(source.replace((minute, fresh)).map(|(_, sighting)| sighting));
            }
        }
        if targets.insert((sum.pair.dst, minute)) {
            sightings.push(Sighting { admitted: true, ..sight(sum.pair.dst, minute) });
        }
    }
    sightings.extend(source.map(|(_, sighting)| sighting));
    sightings.order_by_key(|sighting| (sighting.address, sighting.owner));
    sightings.dedup_by(|next, first| {
        let same = (next.address, next.owner) == (first.address, first.owner);
        if same {
            first.admitted |= next.admitted;
            first.calls |= next.calls;
        }
        same
    });
    sightings
}

impl Sighting {
    pub(super) fn is(&self, kind: EndpointKind) -> bool {
        self.owner.kind == kind
    }
}
