//! Where everything stands: the entities of the picture, their containers and order, from the inventory and the pairs of the
//! whole capture. Independent of the brushed range, so that nothing moves.

mod anonymous;
mod build;
mod clients;
mod containers;
mod draft;
mod order;
mod pod_containers;
mod seen;
mod wells;

pub(super) use build::addresses;
pub(super) use containers::{full_name, prefixes};

use rustc_hash::{FxHashMap, FxHashSet};
use std::net::IpAddr;
use std::ops::Range;
use underlay_findings::HealthReport;
use underlay_identity::{Owner, Resolver};
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::Minute;
use underlay_model::view::{Entity, EntityKey, EntityKind, MinuteRange};
use underlay_store::grouped::Stand;
use underlay_store::query::{AddressMinutes, AddressSet, AddressSpan, PairSums};

/// No entity.
pub(super) const NONE: u32 = u32::MAX;

/// Ticks of a pod's strip at most; longer captures have several minutes a tick.
const PULSE_TICKS: u64 = 120;

/// The entities of a capture and the way from an address to its entity.
#[derive(Debug, Default)]
pub struct Places {
    /// Without traffic; containers before what they hold, the members of each in one run.
    entities: Vec<Entity>,
    /// One past the last member of each entity: `i..ends[i]` is the entity with all that it holds.
    ends: Vec<u32>,
    keys: FxHashMap<EntityKey, u32>,
    pods: Vec<u32>,
    nodes: Vec<u32>,
    services: Vec<u32>,
    routes: Vec<u32>,
    gateways: Vec<u32>,
    /// By index of the access log's front ends.
    front_ends: Vec<u32>,
    /// Clients that have an entity of their own, sorted by address.
    clients: Vec<(IpAddr, u32)>,
    /// The entity of all other clients.
    more_clients: u32,
    instances: FxHashMap<IpAddr, u32>,
    /// Entities of addresses that are no instance, pod, node or service.
    others: FxHashMap<IpAddr, u32>,
    /// What each entity of an inventory object stands for.
    subjects: FxHashMap<u32, Subject>,
    /// Every seen address with its entity, sorted.
    seen: Vec<(u32, IpAddr)>,
    contested: FxHashSet<IpAddr>,
    span: Option<MinuteRange>,
    /// Some pair was counted: only then is silence a fact.
    has_flows: bool,
}

/// The object behind an entity, as an index into its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Pod(u32),
    Node(u32),
    Service(u32),
    Route(u32),
    Gateway(u32),
    GatewaySubnet(u32),
    Subnet(u32),
    VirtualNetwork(u32),
    Instance(IpAddr),
    /// A pod range, node's or unplaced; the node.
    PodRange(Option<u32>),
}

impl Places {
    /// Places everything that the inventory knows and every address of the whole capture's pairs (contested addresses
    /// split by minute). `span` is the first and last covered minute.
    pub fn new(resolver: &Resolver, health: &HealthReport, pairs: &PairSums, span: Option<MinuteRange>) -> Self {
        let mut places = build::build(resolver, health, pairs, span);
        places.span = span;
        places.has_flows = !pairs.is_empty();
        places.contested = span.map(|span| resolver.contested(span).into_iter().collect()).unwrap_or_default();
        places
    }

    /// The addresses of drawn pods that have traffic, sorted: ask the store for their minutes and call [`Self::set_pulses`].
    pub fn pulse_addresses(&self) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = self
            .seen
            .iter()
            .filter(|(entity, _)| self.kind(*entity) == Some(EntityKind::Pod))
            .map(|(_, address)| *address)
            .collect();
        addresses.order();
        addresses.dedup();
        addresses
    }

    /// Gives each pod its strip of traffic, scaled to the busiest tick of all pods.
    pub fn set_pulses(&mut self, resolver: &Resolver, minutes: &AddressMinutes) {
        let Some(span) = self.span else { return };
        let per_tick = span.len().div_ceil(PULSE_TICKS).max(1);
        let ticks = usize::try_from(span.len().div_ceil(per_tick)).unwrap_or(0);
        let mut strips: FxHashMap<u32, Vec<u64>> = FxHashMap::default();
        for series in &minutes.0 {
            for &(minute, bytes) in &series.minutes {
                let Some(pod) = self.place(resolver, series.address, minute) else { continue };
                let tick = u64::try_from(minute - span.first).ok().and_then(|at| usize::try_from(at / per_tick).ok());
                let strip = strips.entry(pod).or_insert_with(|| vec![0; ticks]);
                if let Some(sum) = tick.and_then(|tick| strip.get_mut(tick)) {
                    *sum = sum.saturating_add(bytes);
                }
            }
        }
        let largest = strips.values().flatten().copied().max().unwrap_or(0).max(1);
        let scale = |bytes: u64| {
            // Any traffic at all is a visible tick.
            let share = u128::from(bytes) * 255 / u128::from(largest);
            u8::try_from(share).unwrap_or(u8::MAX).max(u8::from(bytes > 0))
        };
        for (at, strip) in strips {
            if let Some(entity) = self.entities.get_mut(at as usize).filter(|entity| entity.kind == EntityKind::Pod) {
                entity.pulse = strip.into_iter().map(scale).collect();
            }
        }
    }

    /// Every entity without traffic.
    pub(super) fn entities(&self) -> &[Entity] {
        &self.entities
    }

    pub(super) fn entity(&self, at: u32) -> Option<&Entity> {
        self.entities.get(at as usize)
    }

    pub(super) fn kind(&self, at: u32) -> Option<EntityKind> {
        self.entity(at).map(|entity| entity.kind)
    }

    pub(super) fn key(&self, at: u32) -> EntityKey {
        self.entity(at).map(|entity| entity.key.clone()).unwrap_or_default()
    }

    pub(super) fn find(&self, key: &EntityKey) -> Option<u32> {
        self.keys.get(key).copied()
    }

    /// One past the last thing that the entity holds.
    pub(super) fn end(&self, at: u32) -> u32 {
        self.ends.get(at as usize).copied().unwrap_or(at)
    }

    /// Whether `member` is the entity or inside it.
    pub(super) fn holds(&self, container: u32, member: u32) -> bool {
        (container..self.end(container)).contains(&member)
    }

    pub(super) fn subject(&self, at: u32) -> Option<Subject> {
        self.subjects.get(&at).copied()
    }

    pub(super) fn of_pod(&self, pod: u32) -> Option<u32> {
        self.pods.get(pod as usize).copied().filter(|&at| at != NONE)
    }

    pub(super) fn of_node(&self, node: u32) -> Option<u32> {
        self.nodes.get(node as usize).copied().filter(|&at| at != NONE)
    }

    pub(super) fn of_service(&self, service: u32) -> Option<u32> {
        self.services.get(service as usize).copied().filter(|&at| at != NONE)
    }

    pub(super) fn of_route(&self, route: u32) -> Option<u32> {
        self.routes.get(route as usize).copied().filter(|&at| at != NONE)
    }

    pub(super) fn of_gateway(&self, gateway: u32) -> Option<u32> {
        self.gateways.get(gateway as usize).copied().filter(|&at| at != NONE)
    }

    pub(super) fn has_flows(&self) -> bool {
        self.has_flows
    }

    pub(super) fn span(&self) -> Option<MinuteRange> {
        self.span
    }

    /// The minute at which an uncontested address is resolved: any of the capture will do.
    pub(super) fn reference_minute(&self) -> Minute {
        self.span.map_or(0, |span| span.first)
    }

    /// The entity that the address was at the minute.
    pub(super) fn place(&self, resolver: &Resolver, address: IpAddr, minute: Minute) -> Option<u32> {
        self.place_owner(address, resolver.resolve(address, minute))
    }

    pub(super) fn place_owner(&self, address: IpAddr, owner: Owner) -> Option<u32> {
        match owner.kind {
            EndpointKind::GatewayInstance => self.instances.get(&address).copied(),
            EndpointKind::Pod => self.of_pod(owner.subject),
            EndpointKind::Node => self.of_node(owner.subject),
            EndpointKind::Service => self.of_service(owner.subject),
            _ => self.others.get(&address).copied(),
        }
    }

    /// The seen addresses of a thing and of all that it holds, sorted, each once.
    pub(super) fn seen_addresses(&self, at: u32) -> Vec<IpAddr> {
        self.seen_in(at, self.end(at))
    }

    fn seen_in(&self, first: u32, end: u32) -> Vec<IpAddr> {
        let from = self.seen.partition_point(|(entity, _)| *entity < first);
        let to = self.seen.partition_point(|(entity, _)| *entity < end);
        let mut addresses: Vec<IpAddr> =
            self.seen.get(from..to).unwrap_or_default().iter().map(|(_, address)| *address).collect();
        addresses.order();
        addresses.dedup();
        addresses
    }

    /// What to ask the store for the things at these places: contested addresses only in the minutes in which they were theirs.
    pub(super) fn address_set(&self, resolver: &Resolver, places: &[Range<u32>]) -> AddressSet {
        let mut seen: Vec<IpAddr> = places.iter().flat_map(|place| self.seen_in(place.start, place.end)).collect();
        seen.order();
        seen.dedup();
        let spans = seen.into_iter().map(|address| {
            let minutes = match self.span {
                Some(span) if self.contested.contains(&address) => resolver
                    .tenures(address, span)
                    .into_iter()
                    .filter(|(_, owner)| {
                        let place = self.place_owner(address, *owner);
                        place.is_some_and(|at| places.iter().any(|place| place.contains(&at)))
                    })
                    .map(|(range, _)| range)
                    .collect(),
                _ => Vec::new(),
            };
            AddressSpan { address, minutes }
        });
        AddressSet(spans.collect())
    }

    /// Calls for every seen address with the entities that it was, and when if it was several.
    pub(super) fn each_place(&self, resolver: &Resolver, each: &mut dyn FnMut(IpAddr, &[Stand])) {
        for (entity, address) in self.seen.iter().filter(|(_, address)| !self.contested.contains(address)) {
            each(*address, &[(None, *entity)]);
        }
        let Some(span) = self.span else { return };
        let mut contested: Vec<IpAddr> = self.contested.iter().copied().collect();
        contested.order();
        for address in contested {
            let tenures = resolver.tenures(address, span).into_iter();
            let parts = tenures.map(|(range, owner)| (Some(range), self.place_owner(address, owner).unwrap_or(NONE)));
            each(address, &parts.collect::<Vec<_>>());
        }
    }
}
