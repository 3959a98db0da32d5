//! What the rules ask of a capture, put together once: who the ends of pairs are, which pods the gateway is to reach by routes,
//! services and endpoints, and what was seen of probes.

use crate::HealthReport;
pub(crate) use crate::routed::Routed;
use crate::routed::routed;
use crate::rules::leaves_out;
use crate::strangers::{Stranger, strangers};
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use underlay_identity::{Inventory, Owner, Resolver};
use underlay_model::connection::{ProbeObservation, ProbeReport, Separation};
use underlay_model::input::InputReport;
use underlay_model::order::Order;
use underlay_model::summary::{EndpointKind, Pair};
use underlay_model::time::{Millis, Minute, minute_of};
use underlay_model::tuple::Verdict;

/// What is known of a capture when all is settled.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Who is who.
    pub resolver: &'a Resolver,
    /// How well.
    pub health: &'a HealthReport,
    /// Counted pairs of the whole capture, in the summary's order.
    pub pairs: &'a [Pair],
    /// What was seen of probes.
    pub probes: &'a ProbeReport,
    /// First and last time of accepted tuples.
    pub span: Option<(Millis, Millis)>,
    /// The accounts of the inputs, in the contract's order.
    pub inputs: &'a [InputReport],
}

/// See the module.
pub(crate) struct Facts<'a> {
    pub(crate) known: Known<'a>,
    pub(crate) inventory: &'a Inventory,
    /// Of each pair, its ends.
    pub(crate) ends: Vec<(Owner, Owner)>,
    /// Sorted by namespace and name.
    pub(crate) routed: Vec<Routed<'a>>,
    /// Gateway instances that began or answered anything, without strangers, sorted.
    pub(crate) instances: Vec<IpAddr>,
    /// Addresses of the gateway's subnets that do not behave as instances, sorted.
    pub(crate) strangers: Vec<Stranger>,
    /// What the flow logs tell, when it is only a part.
    pub(crate) only: Option<&'static str>,
    /// Indices of observations by the pod they are of.
    observations: FxHashMap<u32, Vec<u32>>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(known: Known<'a>) -> Self {
        let resolver = known.resolver;
        let mut ends = Vec::with_capacity(known.pairs.len());
        let mut instances: Vec<IpAddr> = Vec::new();
        for pair in known.pairs {
            let minute = minute_of(pair.last_ms);
            let owners = (resolver.resolve(pair.src, minute), resolver.resolve(pair.dst, minute));
            for (owner, address) in [(owners.0, pair.src), (owners.1, pair.dst)] {
                if owner.kind == EndpointKind::GatewayInstance {
                    instances.push(address);
                }
            }
            ends.push(owners);
        }
        instances.order();
        instances.dedup();
        let strangers = strangers(&known, &ends);
        instances.retain(|one| strangers.binary_search_by_key(one, |stranger| stranger.address).is_err());
        let mut observations: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (at, seen) in (0u32..).zip(&known.probes.observations) {
            if let (Some(target), Some((_, last))) = (seen.target, seen.span) {
                let owner = resolver.resolve(target, minute_of(last));
                if owner.kind == EndpointKind::Pod {
                    observations.entry(owner.subject).or_default().push(at);
                }
            }
        }
        let inventory = resolver.inventory();
        let routed = routed(inventory, known.health);
        Self { known, inventory, ends, routed, instances, strangers, only: crate::rules::part(&known), observations }
    }

    /// Pairs with the owners of their ends.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&'a Pair, Owner, Owner)> + '_ {
        self.known.pairs.iter().zip(&self.ends).map(|(pair, ends)| (pair, ends.0, ends.1))
    }

    /// Pairs that a gateway instance began, with the owner of the target.
    pub(crate) fn begun_by_gateway(&self, verdict: Verdict) -> impl Iterator<Item = (&'a Pair, Owner)> + '_ {
        self.pairs()
            .filter(move |(pair, source, _)| pair.verdict == verdict && source.kind == EndpointKind::GatewayInstance)
            .map(|(pair, _, target)| (pair, target))
    }

    /// What was seen of probes of a pod, by any instance.
    pub(crate) fn probes_of(&self, pod: u32) -> impl Iterator<Item = &'a ProbeObservation> + '_ {
        self.observations
            .get(&pod)
            .into_iter()
            .flatten()
            .filter_map(|&at| self.known.probes.observations.get(at as usize))
    }

    /// What was seen of probes of an address, by any instance.
    pub(crate) fn probes_to(&self, target: IpAddr) -> impl Iterator<Item = &'a ProbeObservation> {
        self.known.probes.observations.iter().filter(move |seen| seen.target == Some(target))
    }

    /// The last minute of the flow logs, at which addresses are named that have no time of their own.
    pub(crate) fn last_minute(&self) -> Minute {
        self.known.span.map_or(0, |(_, last)| minute_of(last))
    }

    /// What was seen of probes of a pair.
    pub(crate) fn probes_in(&self, pair: &Pair) -> Option<&'a ProbeObservation> {
        let all = &self.known.probes.observations;
        let name = (Some(pair.src), Some(pair.dst), pair.port);
        let at = all.binary_search_by(|one| (one.instance, one.target, one.port).cmp(&name)).ok()?;
        all.get(at).filter(|_| pair.protocol == 6)
    }

    /// Probes of a pair of the gateway, where they are told clearly.
    pub(crate) fn probes_at(&self, pair: &Pair) -> u64 {
        let clear = self.probes_in(pair).filter(|seen| seen.separation == Separation::Clear);
        clear.map_or(0, |seen| seen.answered + seen.unanswered)
    }

    /// `namespace/name` of a pod.
    pub(crate) fn pod_name(&self, pod: u32) -> String {
        self.inventory.pods.get(pod as usize).map(|pod| pod.meta.qualified()).unwrap_or_default()
    }

    /// What an end of a pair is called: its name, else its address.
    pub(crate) fn name(&self, owner: Owner, address: IpAddr) -> String {
        match owner.kind {
            EndpointKind::Pod | EndpointKind::Node | EndpointKind::Service | EndpointKind::Nic => {
                self.known.resolver.name(owner).unwrap_or_else(|| address.to_string())
            }
            _ => address.to_string(),
        }
    }

    /// Whether no flows are left out of the logs, by their settings or by what they tell: then silence means something.
    pub(crate) fn tells_all(&self) -> bool {
        self.only.is_none() && !self.inventory.azure.flow_log_settings.iter().any(|one| leaves_out(one))
    }

    pub(crate) fn has_flow_logs(&self) -> bool {
        self.known.span.is_some()
    }
}
