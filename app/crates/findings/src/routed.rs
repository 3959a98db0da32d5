//! Services that the gateway is to reach, by routes and ingresses of its class, with the pods behind them: as endpoint slices have it,
//! else `Endpoints` of old, else the service's selector.

use crate::HealthReport;
use std::net::IpAddr;
use underlay_identity::Inventory;
use underlay_model::inventory::{Condition, EndpointSlice, Route, RouteBackend};
use underlay_model::order::Order;

/// Whose word it is which pods are behind a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Membership {
    /// Endpoint slices, or `Endpoints`.
    Slices,
    /// The service's selector and the pods' own state, as no slice of it is here.
    Selector,
    /// No file tells.
    Unknown,
}

/// A service that some route of the gateway sends to.
pub(crate) struct Routed<'a> {
    pub(crate) namespace: &'a str,
    pub(crate) service: &'a str,
    /// Names of the routes, `namespace/name`, sorted.
    pub(crate) routes: Vec<String>,
    /// Ready pods behind it by index, sorted; and those that are not ready.
    pub(crate) ready: Vec<u32>,
    pub(crate) not_ready: Vec<u32>,
    pub(crate) membership: Membership,
    /// Some route sends a share of its requests there; all weights are 0 otherwise.
    pub(crate) has_share: bool,
}

impl Routed<'_> {
    /// `namespace/name`.
    pub(crate) fn name(&self) -> String {
        [self.namespace, "/", self.service].concat()
    }

    /// Whether a pod is behind it, ready or not.
    pub(crate) fn holds(&self, pod: u32) -> bool {
        self.ready.binary_search(&pod).is_ok() || self.not_ready.binary_search(&pod).is_ok()
    }
}

/// Whether a class is the gateway's: by its controller, else by its name.
pub(crate) fn is_gateway_class(inventory: &Inventory, class: &str) -> bool {
    let known = inventory.gateway_classes.iter().find(|one| one.meta.name == class && !one.controller.is_empty());
    known.map_or_else(|| class.contains("alb"), |one| one.controller.contains("alb.networking.azure.io"))
}

/// Whether a route hangs on a gateway of ours, or may: its parents are not in the capture.
pub(crate) fn is_ours(inventory: &Inventory, route: &Route) -> bool {
    let mut others = false;
    for parent in &route.parents {
        match inventory.gateways.iter().find(|one| parent.is_of(&one.meta)) {
            Some(gateway) if !is_gateway_class(inventory, &gateway.class) => others = true,
            _ => return true,
        }
    }
    !others
}

/// What controllers of ours say of a route; another gateway's controller may have its own word on it.
pub(crate) fn own_conditions<'a>(inventory: &Inventory, route: &'a Route) -> Vec<&'a Condition> {
    if route.parent_statuses.is_empty() {
        return route.conditions.iter().collect();
    }
    let ours = route.parent_statuses.iter().filter(|status| {
        let of = &status.parent;
        let parent =
            inventory.gateways.iter().find(|one| one.meta.namespace == of.namespace && one.meta.name == of.name);
        let by_name = status.controller.is_empty() || status.controller.contains("alb.networking.azure.io");
        by_name && parent.is_none_or(|gateway| is_gateway_class(inventory, &gateway.class))
    });
    ours.flat_map(|status| &status.conditions).collect()
}

/// Services behind routes and ingresses of the gateway, sorted by namespace and name.
pub(crate) fn routed<'a>(inventory: &'a Inventory, health: &HealthReport) -> Vec<Routed<'a>> {
    // Service, route, whether it gets a share.
    let mut named: Vec<((&str, &str), String, bool)> = Vec::new();
    for route in inventory.routes.iter().filter(|route| is_ours(inventory, route)) {
        let name = route.meta.qualified();
        named.extend(route.backends.iter().map(|backend| (name_of(backend), name.clone(), backend.weight > 0)));
    }
    for ingress in inventory.ingresses.iter().filter(|ingress| is_gateway_class(inventory, &ingress.class)) {
        named.extend(ingress.backends.iter().map(|backend| (name_of(backend), ingress.meta.qualified(), true)));
    }
    named.order();
    let slices = slices_by_service(inventory);
    // (slice, pod)
    let mut members: Vec<(u32, u32)> = Vec::new();
    for pod in 0..u32::try_from(inventory.pods.len()).unwrap_or(u32::MAX) {
        members.extend(health.endpoint_slices(pod).into_iter().map(|slice| (slice, pod)));
    }
    members.order();
    let mut all = Vec::new();
    for same in named.chunk_by(|a, b| a.0 == b.0) {
        let Some(&((namespace, service), ..)) = same.first() else { continue };
        let mut routes: Vec<String> = same.iter().map(|(_, route, _)| route.clone()).collect();
        routes.dedup();
        let mut routed = Routed {
            namespace,
            service,
            routes,
            ready: Vec::new(),
            not_ready: Vec::new(),
            membership: Membership::Slices,
            has_share: same.iter().any(|one| one.2),
        };
        let from = slices.partition_point(|(name, _)| *name < (namespace, service));
        let own: Vec<u32> =
            slices.iter().skip(from).take_while(|(name, _)| *name == (namespace, service)).map(|one| one.1).collect();
        if own.is_empty() {
            routed.membership = by_endpoints(inventory, &mut routed)
                .or_else(|| by_selector(inventory, &mut routed))
                .unwrap_or(Membership::Unknown);
        }
        for slice in own {
            let from = members.partition_point(|member| member.0 < slice);
            let Some(object) = inventory.endpoint_slices.get(slice as usize) else { continue };
            for &(_, pod) in members.iter().skip(from).take_while(|member| member.0 == slice) {
                sort_in(inventory, object, pod, &mut routed);
            }
        }
        for list in [&mut routed.ready, &mut routed.not_ready] {
            list.order();
            list.dedup();
        }
        let ready = std::mem::take(&mut routed.ready);
        routed.not_ready.retain(|pod| ready.binary_search(pod).is_err());
        routed.ready = ready;
        all.push(routed);
    }
    all
}

/// Indices of slices by the service that they are of, sorted.
fn slices_by_service(inventory: &Inventory) -> Vec<((&str, &str), u32)> {
    let mut slices: Vec<((&str, &str), u32)> = (0u32..)
        .zip(&inventory.endpoint_slices)
        .map(|(at, slice)| ((slice.meta.namespace.as_str(), slice.service.as_str()), at))
        .collect();
    slices.order();
    slices
}

/// Puts a pod of a slice to the ready ones or the others; one that is on its way out is neither.
fn sort_in(inventory: &Inventory, slice: &EndpointSlice, pod: u32, routed: &mut Routed<'_>) {
    let Some(object) = inventory.pods.get(pod as usize) else { return };
    let holds = |addresses: &[IpAddr]| addresses.iter().any(|one| object.addresses.contains(one));
    let own = || slice.endpoints.iter().filter(|one| holds(&one.addresses));
    let is_ready = own().any(|one| one.ready);
    if is_ready || !(object.meta.deleted_ms.is_some() || own().any(|one| one.terminating)) {
        if is_ready { &mut routed.ready } else { &mut routed.not_ready }.push(pod);
    }
}

/// `Endpoints` of the service's own name.
fn by_endpoints(inventory: &Inventory, routed: &mut Routed<'_>) -> Option<Membership> {
    let own = inventory
        .endpoints
        .iter()
        .find(|one| one.meta.namespace == routed.namespace && one.service == routed.service)?;
    for (at, pod) in (0u32..).zip(&inventory.pods) {
        let named = own.endpoints.iter().any(|one| one.addresses.iter().any(|one| pod.addresses.contains(one)));
        if pod.is_live() && named {
            sort_in(inventory, own, at, routed);
        }
    }
    Some(Membership::Slices)
}

/// Pods that the service selects; nothing is told when no pod of its namespace has labels, as rows of a table have none.
fn by_selector(inventory: &Inventory, routed: &mut Routed<'_>) -> Option<Membership> {
    let service = inventory
        .services
        .iter()
        .find(|one| one.meta.namespace == routed.namespace && one.meta.name == routed.service)?;
    let own = || (0u32..).zip(&inventory.pods).filter(|(_, pod)| pod.meta.namespace == routed.namespace);
    if service.selector.is_empty() || !own().any(|(_, pod)| !pod.meta.labels.is_empty()) {
        return None;
    }
    let selected = |labels: &underlay_model::inventory::Meta| {
        service.selector.iter().all(|(key, value)| labels.label(key) == Some(value))
    };
    let (mut ready, mut not_ready) = (Vec::new(), Vec::new());
    for (at, pod) in own().filter(|(_, pod)| pod.is_live() && pod.meta.deleted_ms.is_none() && selected(&pod.meta)) {
        if pod.ready == Some(true) { &mut ready } else { &mut not_ready }.push(at);
    }
    (routed.ready, routed.not_ready) = (ready, not_ready);
    Some(Membership::Selector)
}

fn name_of(backend: &RouteBackend) -> (&str, &str) {
    (backend.namespace.as_str(), backend.service.as_str())
}
