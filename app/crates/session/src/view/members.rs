//! Which pods a thing stands for: itself, what it holds, or what services and routes send to; and which services the gateway is to
//! reach. By index into the inventory's pods.

use super::World;
use super::places::Subject;
use std::net::IpAddr;
use std::ops::Range;
use underlay_model::inventory::RouteBackend;
use underlay_model::order::Order;

/// The pods that a thing stands for, sorted. Empty for what has none.
pub(super) fn pods_of(world: World<'_>, at: u32) -> Vec<u32> {
    let inventory = world.resolver.inventory();
    let mut pods: Vec<u32> = match world.places.subject(at) {
        Some(Subject::Service(service)) => match inventory.services.get(service as usize) {
            Some(service) => pods_of_services(world, &[(&service.meta.namespace, &service.meta.name)]),
            None => Vec::new(),
        },
        Some(Subject::Route(route)) => {
            let backends = inventory.routes.get(route as usize).map(|route| route.backends.as_slice());
            let named: Vec<(&str, &str)> = backends.unwrap_or_default().iter().map(name_of).collect();
            pods_of_services(world, &named)
        }
        _ => (at..world.places.end(at))
            .filter_map(|member| match world.places.subject(member) {
                Some(Subject::Pod(pod)) => Some(pod),
                _ => None,
            })
            .collect(),
    };
    pods.order();
    pods.dedup();
    pods
}

/// The places whose traffic is the thing's, sorted: its own with all that it holds, and for a service or a route those of the pods
/// that it sends to, because flow logs know neither.
pub(super) fn places_of(world: World<'_>, at: u32) -> Vec<Range<u32>> {
    let mut places: Vec<Range<u32>> = Vec::new();
    if is_sent_to_pods(world, at) {
        let pods = pods_of(world, at).into_iter().filter_map(|pod| world.places.of_pod(pod));
        places.extend(pods.map(|pod| pod..world.places.end(pod)));
    }
    places.push(at..world.places.end(at));
    places.order_by_key(|place| place.start);
    places
}

/// Whether a thing's traffic is that of its pods: it is a service or a route.
pub(super) fn is_sent_to_pods(world: World<'_>, at: u32) -> bool {
    matches!(world.places.subject(at), Some(Subject::Service(_) | Subject::Route(_)))
}

/// The pods behind these services (namespace, name), as endpoint slices have them.
fn pods_of_services(world: World<'_>, named: &[(&str, &str)]) -> Vec<u32> {
    let slices = &world.resolver.inventory().endpoint_slices;
    let is_meant = |slice: &u32| {
        slices.get(*slice as usize).is_some_and(|slice| {
            named.iter().any(|(namespace, name)| slice.meta.namespace == *namespace && slice.service == *name)
        })
    };
    all_pods(world).filter(|&pod| world.health.endpoint_slices(pod).iter().any(is_meant)).collect()
}

fn all_pods(world: World<'_>) -> impl Iterator<Item = u32> {
    0..u32::try_from(world.resolver.inventory().pods.len()).unwrap_or(u32::MAX)
}

/// Addresses of pods, sorted.
pub(super) fn addresses_of(world: World<'_>, pods: &[u32]) -> Vec<IpAddr> {
    let all = &world.resolver.inventory().pods;
    let mut addresses: Vec<IpAddr> =
        pods.iter().filter_map(|&pod| all.get(pod as usize)).flat_map(|pod| pod.addresses.iter().copied()).collect();
    addresses.order();
    addresses.dedup();
    addresses
}

/// Pods that the gateway is to reach, each with a service (`namespace/name`) through which it is, sorted by pod: behind services that
/// routes and ingresses of the gateway name, or named by backend health.
pub(super) fn gateway_targets(world: World<'_>) -> Vec<(u32, String)> {
    let inventory = world.resolver.inventory();
    let mut routed: Vec<(&str, &str)> =
        inventory.routes.iter().flat_map(|route| &route.backends).map(name_of).collect();
    let ingresses = inventory.ingresses.iter().filter(|ingress| ingress.class.contains("alb"));
    routed.extend(ingresses.flat_map(|ingress| &ingress.backends).map(name_of));
    routed.order();
    routed.dedup();
    let mut targets = Vec::new();
    for pod in all_pods(world) {
        let mut services = world
            .health
            .endpoint_slices(pod)
            .into_iter()
            .filter_map(|slice| inventory.endpoint_slices.get(slice as usize))
            .map(|slice| (slice.meta.namespace.as_str(), slice.service.as_str()));
        let by_route = services.find(|service| routed.binary_search(service).is_ok());
        let service = match by_route {
            Some((namespace, name)) => [namespace, "/", name].concat(),
            None if world.health.is_gateway_target(pod) => String::new(),
            None => continue,
        };
        targets.push((pod, service));
    }
    targets
}

/// Namespace and service that a route sends to.
pub(super) fn name_of(backend: &RouteBackend) -> (&str, &str) {
    (backend.namespace.as_str(), backend.service.as_str())
}

/// Whether an instance that inputs name is in no flow log, though there are some.
pub(super) fn is_absent(world: World<'_>, instance: u32) -> bool {
    world.places.has_flows() && world.places.seen_addresses(instance).is_empty()
}
