//! What routes and services carry. No log names a service behind a gateway: its traffic is the sum of what gateways sent to the pods
//! that are its endpoints, and is said to be derived. A pod of two services counts for both.

use crate::scene::Scene;
use underlay_model::health::HealthState;
use underlay_model::view::{EdgeKind, EntityKind, Traffic};

/// A route or service and what can be said of it by its pods.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Derived {
    pub thing: u32,
    pub traffic: Traffic,
    pub worst: HealthState,
    /// Endpoints: pods by state, in the order unknown, healthy, degraded, failing.
    pub states: [u32; 4],
}

/// Of every route and service that has a place, sorted by thing.
pub(crate) fn of(scene: &Scene) -> Vec<Derived> {
    let things = &scene.things;
    let kind = |thing: u32| things.get(thing as usize).map(|thing| thing.kind);
    let targets = |thing: u32, wanted: EntityKind| {
        let edges = scene.members.outgoing.of(thing).iter().map(|&edge| &scene.topology.edges[edge as usize]);
        edges.filter(move |edge| kind(edge.target) == Some(wanted)).map(|edge| edge.target)
    };
    let shown = things.of_kind(|kind| matches!(kind, EntityKind::Service | EntityKind::Route));
    let shown = shown.filter(|&thing| scene.layout.places[thing as usize].width > 0.0);
    let derived = shown.map(|thing| {
        let mut pods: Vec<u32> = match kind(thing) {
            Some(EntityKind::Service) => targets(thing, EntityKind::Pod).collect(),
            _ => targets(thing, EntityKind::Service).flat_map(|at| targets(at, EntityKind::Pod)).collect(),
        };
        pods.sort_unstable();
        pods.dedup();
        let mut derived = Derived { thing, traffic: Traffic::default(), worst: HealthState::Unknown, states: [0; 4] };
        for pod in pods {
            let health = things.health(pod);
            derived.worst = derived.worst.max(health);
            derived.states[health as usize] += 1;
            for &edge in scene.members.incoming.of(pod) {
                let edge = &scene.topology.edges[edge as usize];
                if matches!(edge.kind, EdgeKind::User | EdgeKind::Probe) {
                    derived.traffic += edge.traffic;
                }
            }
        }
        derived
    });
    derived.collect()
}

impl Scene {
    /// What a route or service carries by its pods.
    pub(crate) fn derived_of(&self, thing: u32) -> Option<&Derived> {
        self.derived.binary_search_by_key(&thing, |derived| derived.thing).ok().map(|at| &self.derived[at])
    }
}
