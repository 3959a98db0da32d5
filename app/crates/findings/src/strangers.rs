//! Addresses in the gateway's subnet that are no instances of it. An instance shows itself by what it does: it probes targets. By the
//! contract every address of the subnet counts as an instance; here is told which of them do not behave as one.

use crate::facts::Known;
use std::net::IpAddr;
use underlay_identity::{Inventory, Owner};
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::inventory::NetworkInterface;
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::{MINUTE_MS, Millis, minute_of};
use underlay_model::tuple::Verdict;

/// An address of the subnet that does not behave as an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    pub(crate) address: IpAddr,
    /// Flows that it began.
    pub(crate) flows: u64,
    pub(crate) first_ms: Millis,
    pub(crate) last_ms: Millis,
}

/// Fewer flows, or a shorter time, show no behaviour.
const ENOUGH: u64 = 20;
const LONG_MS: Millis = 3 * MINUTE_MS;

/// Strangers by address. Nothing is told of a subnet in which nobody is seen to probe.
pub(crate) fn strangers(known: &Known<'_>, ends: &[(Owner, Owner)]) -> Vec<Stranger> {
    let mut all: Vec<(Stranger, bool)> = Vec::new();
    for (pair, (source, target)) in known.pairs.iter().zip(ends) {
        if source.kind != EndpointKind::GatewayInstance {
            continue;
        }
        let denied_at_pod = pair.verdict == Verdict::Denied && is_pod(*target);
        // What goes out of the network may be the gateway's own housekeeping.
        let outside = matches!(target.kind, EndpointKind::Public | EndpointKind::Platform);
        let flows = if outside { 0 } else { pair.begun.max(pair.ended).saturating_add(pair.denied) };
        let one = Stranger { address: pair.src, flows, first_ms: pair.first_ms, last_ms: pair.last_ms };
        all.push((one, denied_at_pod));
    }
    all.order_by_key(|(one, _)| one.address);
    all.dedup_by(|more, first| {
        let same = more.0.address == first.0.address;
        if same {
            first.0.flows = first.0.flows.saturating_add(more.0.flows);
            first.0.first_ms = first.0.first_ms.min(more.0.first_ms);
            first.0.last_ms = first.0.last_ms.max(more.0.last_ms);
            first.1 |= more.1;
        }
        same
    });
    let prober = |address: IpAddr| seen_from(known, address).any(|seen| seen.separation == Separation::Clear);
    let subnet =
        |address: IpAddr| known.resolver.gateway_subnets().iter().position(|one| one.prefix.contains(&address));
    let mut probing: Vec<Option<usize>> = Vec::new();
    for (one, _) in &all {
        let own = subnet(one.address);
        if !probing.contains(&own) && prober(one.address) {
            probing.push(own);
        }
    }
    let strange = |one: &Stranger| {
        one.flows >= ENOUGH
            && one.last_ms - one.first_ms >= LONG_MS
            && probing.contains(&subnet(one.address))
            && !may_probe(known, one.address)
    };
    all.into_iter().filter(|(one, denied)| !denied && strange(one)).map(|(one, _)| one).collect()
}

fn is_pod(owner: Owner) -> bool {
    matches!(owner.kind, EndpointKind::Pod | EndpointKind::PodRange)
}

/// What was seen of probes from an address to pods.
fn seen_from<'a>(known: &Known<'a>, address: IpAddr) -> impl Iterator<Item = &'a ProbeObservation> {
    let all = &known.probes.observations;
    let from = all.partition_point(|seen| seen.instance < Some(address));
    let resolver = known.resolver;
    let pods = move |seen: &&ProbeObservation| match (seen.target, seen.span) {
        (Some(target), Some((_, last))) => is_pod(resolver.resolve(target, minute_of(last))),
        _ => false,
    };
    all.iter().skip(from).take_while(move |seen| seen.instance == Some(address)).filter(pods)
}

/// Whether an address probes pods, or it cannot be told.
fn may_probe(known: &Known<'_>, address: IpAddr) -> bool {
    let (mut user, mut unknown) = (0, 0);
    for seen in seen_from(known, address) {
        if seen.separation != Separation::NoProbes {
            return true;
        }
        user += seen.user;
        unknown += seen.unknown;
    }
    unknown * 4 > user
}

/// The interface of a machine or another service that holds an address, as Azure lists it.
pub(crate) fn machine_at(inventory: &Inventory, address: IpAddr) -> Option<&NetworkInterface> {
    let owned = |one: &&NetworkInterface| !one.machine.is_empty() || is_foreign(&one.id);
    inventory.network_interfaces.iter().map(|one| &one.value).filter(owned).find(|one| one.addresses.contains(&address))
}

/// Whether an IP configuration or interface belongs to something that is no gateway instance, by its ARM id.
pub(crate) fn is_foreign(id: &str) -> bool {
    const KINDS: [&str; 8] = [
        "/virtualmachinescalesets/aks-",
        "/applicationgateways/",
        "/loadbalancers/",
        "/bastionhosts/",
        "/virtualnetworkgateways/",
        "/azurefirewalls/",
        "/privateendpoints/",
        "/privateendpointipconfig",
    ];
    let id = id.to_ascii_lowercase();
    KINDS.iter().any(|kind| id.contains(kind))
}
