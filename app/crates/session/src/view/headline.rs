//! The answer at the top left: one sentence about health, or about what there is, and at most three sentences below it.
//! Voice: `design.md`, section 9.

use super::World;
use super::detail::thousands;
use super::places::Subject;
use rustc_hash::FxHashSet;
use underlay_model::health::{BackendHealthStatus, HealthState};
use underlay_model::order::Order;
use underlay_model::view::{EntityKind, Topology};

/// Sentences below the headline.
const SUBLINES: usize = 3;

pub(super) fn headline(world: World<'_>, topology: &Topology) -> (String, Vec<String>) {
    let mut sublines = failing(world, topology);
    sublines.extend(silent(topology));
    sublines.extend(clock(world));
    sublines.extend(missing(world));
    sublines.truncate(SUBLINES);
    (answer(world, topology), sublines)
}

fn answer(world: World<'_>, topology: &Topology) -> String {
    let inventory = world.resolver.inventory();
    let drawn = |pod: u32| world.health.state(pod);
    let pods = || (0u32..).take(inventory.pods.len());
    // The gateway's own targets if it names any, else those of routes, else of services, else every pod.
    let count = |chosen: &dyn Fn(u32) -> bool| {
        let states = pods().filter(|&pod| chosen(pod)).filter_map(drawn).filter(|&state| state != HealthState::Unknown);
        let (mut healthy, mut all) = (0u64, 0u64);
        for state in states {
            all += 1;
            healthy += u64::from(state == HealthState::Healthy);
        }
        (healthy, all)
    };
    let routed = routed_slices(world);
    let choices: [(&dyn Fn(u32) -> bool, &str); 4] = [
        (&|pod| world.health.is_gateway_target(pod), "target"),
        (&|pod| world.health.endpoint_slices(pod).iter().any(|slice| routed.contains(slice)), "target"),
        (&|pod| world.health.is_target(pod), "target"),
        (&|_| true, "pod"),
    ];
    for (chosen, noun) in choices {
        match count(chosen) {
            (_, 0) => {}
            (1, 1) => return format!("The only {noun} is healthy"),
            (0, 1) => return format!("The only {noun} is not healthy"),
            (healthy, all) if healthy == all => return format!("All {} {noun}s are healthy", thousands(all)),
            (healthy, all) => {
                let verb = if healthy == 1 { "is" } else { "are" };
                return format!("{} of {} {noun}s {verb} healthy", thousands(healthy), thousands(all));
            }
        }
    }
    let things = |kind: EntityKind| topology.entities.iter().filter(|entity| entity.kind == kind).count();
    if world.places.has_flows() {
        return match (topology.total.flows, topology.total.denied) {
            (0, _) => "No flows in this range".to_owned(),
            (1, 0) => "1 flow".to_owned(),
            (flows, 0) => format!("{} flows, none denied", thousands(flows)),
            (flows, denied) => format!("{} flows, {} denied", thousands(flows), thousands(denied)),
        };
    }
    match (things(EntityKind::Pod), things(EntityKind::Node)) {
        (0, 0) if topology.entities.is_empty() => "Nothing to draw in these files".to_owned(),
        (0, 0) => "The network, without traffic".to_owned(),
        (0, 1) => "1 node".to_owned(),
        (0, nodes) => format!("{nodes} nodes"),
        (1, _) => "1 pod, its health is not known".to_owned(),
        (pods, _) => format!("{pods} pods, their health is not known"),
    }
}

/// Endpoint slices of the services that routes send to.
fn routed_slices(world: World<'_>) -> FxHashSet<u32> {
    let inventory = world.resolver.inventory();
    let backends: FxHashSet<(&str, &str)> = inventory
        .routes
        .iter()
        .flat_map(|route| &route.backends)
        .map(|backend| (backend.namespace.as_str(), backend.service.as_str()))
        .collect();
    (0u32..)
        .zip(&inventory.endpoint_slices)
        .filter(|(_, slice)| backends.contains(&(slice.meta.namespace.as_str(), slice.service.as_str())))
        .map(|(at, _)| at)
        .collect()
}

/// What is wrong with the worst pods, the gateway's targets first.
fn failing(world: World<'_>, topology: &Topology) -> Vec<String> {
    let inventory = world.resolver.inventory();
    let mut worst: Vec<(bool, HealthState, u32, &str)> = (0u32..)
        .zip(&topology.entities)
        .filter(|(_, entity)| {
            entity.kind == EntityKind::Pod && matches!(entity.health, HealthState::Failing | HealthState::Degraded)
        })
        .filter_map(|(at, entity)| match world.places.subject(at) {
            Some(Subject::Pod(pod)) => {
                Some((world.health.is_gateway_target(pod), entity.health, pod, entity.name.as_str()))
            }
            _ => None,
        })
        .collect();
    // Stable: within one rank the order of the picture.
    worst.order_by_key(|&(target, state, _, _)| std::cmp::Reverse((target, state)));
    let many = worst.len();
    let shown = if many > SUBLINES { SUBLINES - 1 } else { many };
    let mut lines: Vec<String> = worst
        .iter()
        .take(shown)
        .map(|&(_, state, pod, name)| {
            let object = inventory.pods.get(pod as usize);
            let not_ready = object.is_some_and(|object| object.ready == Some(false));
            let unhealthy = world.health.backend_health(pod) == Some(BackendHealthStatus::Unhealthy);
            let what = match (state, unhealthy, not_ready) {
                (HealthState::Failing, true, true) => "is UNHEALTHY at the gateway and not Ready",
                (HealthState::Failing, true, false) if object.is_some_and(|object| object.ready == Some(true)) => {
                    "is Ready, yet UNHEALTHY at the gateway"
                }
                (HealthState::Failing, true, false) => "is UNHEALTHY at the gateway",
                (HealthState::Failing, false, true) => "is not Ready",
                (HealthState::Failing, false, false) => "is no ready endpoint of its service",
                _ => "failed a probe or restarted within this capture",
            };
            format!("{} {what}.", short(name))
        })
        .collect();
    if many > shown {
        lines.push(format!("{} more are not healthy.", many - shown));
    }
    lines
}

/// The part of a pod's name that differs between the pods of one workload.
fn short(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((_, last)) if last.len() == 5 && last.bytes().all(|byte| byte.is_ascii_alphanumeric()) => last,
        _ => name,
    }
}

fn silent(topology: &Topology) -> Option<String> {
    let silent: Vec<&str> = topology
        .entities
        .iter()
        .filter(|entity| entity.kind == EntityKind::GatewayInstance && entity.absent)
        .map(|entity| entity.name.as_str())
        .collect();
    match silent.as_slice() {
        [] => None,
        [only] => Some(format!("Instance {only} is silent.")),
        [first, rest @ ..] => Some(format!("Instance {first} and {} more are silent.", rest.len())),
    }
}

/// Objects and flows that are not of one time: names may be of other pods than those of the flows.
fn clock(world: World<'_>) -> Option<String> {
    const NEAR_MINUTES: i64 = 60;
    let span = world.places.span().filter(|_| world.places.has_flows())?;
    let snapshot = underlay_model::time::minute_of(world.resolver.inventory().snapshot_ms?);
    let apart =
        |minutes: i64| if minutes < 2880 { format!("{} h", minutes / 60) } else { format!("{} d", minutes / 1440) };
    if snapshot > span.last + NEAR_MINUTES {
        Some(format!(
            "The objects are at least {} younger than the flows: pods may have moved.",
            apart(snapshot - span.last)
        ))
    } else if snapshot < span.first - NEAR_MINUTES {
        let apart = apart(span.first - snapshot);
        Some(format!("The objects' newest time stamp is {apart} before the first flow: later pods are not named."))
    } else {
        None
    }
}

/// What the picture lacks because no file says it.
fn missing(world: World<'_>) -> Vec<String> {
    let inventory = world.resolver.inventory();
    let flows = world.places.has_flows();
    let mut lines = Vec::new();
    match (inventory.has_kubernetes(), flows) {
        (true, false) => {
            lines.push("You added kubectl output only. Pods and routes are drawn, traffic is not.".to_owned());
        }
        (false, true) => {
            lines.push("You added flow logs without kubectl output. Traffic is drawn, pods have no names.".to_owned());
        }
        _ => {}
    }
    if inventory.has_kubernetes() && inventory.backend_health.is_empty() && !inventory.gateways.is_empty() {
        lines.push("Add backend health to see which pod the gateway calls unhealthy.".to_owned());
    }
    if flows && world.resolver.gateway_subnets().is_empty() {
        lines.push("No file names the gateway's subnet. Declare it to see the gateway's instances.".to_owned());
    }
    lines
}
