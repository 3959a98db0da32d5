//! The places that a request passed, from the client to the node.

use crate::view::World;
use std::net::IpAddr;
use underlay_model::access::AccessRow;
use underlay_model::inventory::{Route, RouteBackend};
use underlay_model::journey::{Certainty, Hop};
use underlay_model::order::Order;
use underlay_model::summary::EndpointKind;
use underlay_model::time::minute_of;
use underlay_model::view::{EntityKey, MinuteRange};

/// Names listed where several are possible.
const LISTED: usize = 4;

pub(super) fn hops(world: World<'_>, row: &AccessRow, instances: &[IpAddr]) -> Vec<Hop> {
    let mut hops = vec![client(world, row), front_end(world, row)];
    let Some(backend) = row.backend.0 else { return hops };
    hops.push(instance(instances));
    let services = services(world, backend, row.backend.1);
    let routes = routes(world, row, &services);
    hops.push(of_objects(
        "Route",
        "route",
        &routes,
        "Its host names fit and it sends to a service that holds the pod's address.",
    ));
    hops.push(of_objects("Service", "service", &services, "An endpoint slice of it holds the pod's address."));
    pod_and_node(world, row, backend, &mut hops);
    if let Some(client) =
        hops.first_mut().filter(|hop| hop.key.as_ref().is_some_and(|key| world.places.find(key).is_none()))
    {
        // One of many, that stands in a group.
        client.key = Some(EntityKey::new("group", "clients"));
    }
    for hop in &mut hops {
        // Only what stands in the picture can be shown in it.
        hop.key = hop.key.take().filter(|key| world.places.find(key).is_some());
    }
    hops
}

fn hop(what: &str, name: String, certainty: Certainty, source: char, why: String) -> Hop {
    Hop { what: what.to_owned(), name, key: None, certainty, source, why }
}

fn client(world: World<'_>, row: &AccessRow) -> Hop {
    match row.client {
        Some(address) => Hop {
            key: world.places.client(address).map(|at| world.places.key(at)),
            ..hop(
                "Client",
                address.to_string(),
                Certainty::Known,
                'A',
                "As the gateway saw it; a proxy before it would hide the real one.".to_owned(),
            )
        },
        None => hop("Client", String::new(), Certainty::Unknown, 'A', "The log does not say.".to_owned()),
    }
}

/// The front end is named by the log; which Gateway object has it follows from the host that was asked for, or there is but one.
fn front_end(world: World<'_>, row: &AccessRow) -> Hop {
    let gateways = &world.resolver.inventory().gateways;
    let mut hop = hop("Front end", row.front_end.clone(), Certainty::Known, 'A', "Named by the log.".to_owned());
    let by_host: Vec<_> = gateways
        .iter()
        .filter(|gateway| gateway.addresses.iter().any(|one| one.eq_ignore_ascii_case(&row.host)))
        .collect();
    let found = match (by_host.as_slice(), gateways.as_slice()) {
        ([one], _) => Some((one.meta.qualified(), "its address is the host that was asked for")),
        ([], [one]) => Some((one.meta.qualified(), "there is no other")),
        _ => None,
    };
    if let Some((gateway, why)) = found {
        hop.why = format!("Named by the log. Gateway {gateway}: {why}.");
        hop.key = Some(EntityKey::new("frontend", &gateway));
    }
    if let Some(at) = world.places.front_end(world.resolver.inventory(), &row.front_end) {
        hop.key = Some(world.places.key(at));
    }
    hop
}

fn instance(instances: &[IpAddr]) -> Hop {
    match instances {
        [] => hop(
            "Gateway instance",
            String::new(),
            Certainty::Unknown,
            'F',
            "The access log does not name it, and no flow fits.".to_owned(),
        ),
        [one] => Hop {
            key: Some(EntityKey::new("instance", &one.to_string())),
            ..hop(
                "Gateway instance",
                one.to_string(),
                Certainty::Inferred,
                'F',
                "Every flow that fits is its own.".to_owned(),
            )
        },
        many => hop(
            "Gateway instance",
            few(many.iter().map(ToString::to_string).collect()),
            Certainty::Unknown,
            'F',
            "Flows of several instances fit.".to_owned(),
        ),
    }
}

fn few(mut names: Vec<String>) -> String {
    let more = names.len().saturating_sub(LISTED);
    names.truncate(LISTED);
    let text = names.join(" or ");
    if more > 0 { format!("{text} or {more} more") } else { text }
}

/// `namespace/name` of services whose slices hold the address, at this port where slices say.
fn services(world: World<'_>, backend: IpAddr, port: u16) -> Vec<String> {
    let holds = |slice: &&underlay_identity::Sourced<underlay_model::inventory::EndpointSlice>| {
        !slice.service.is_empty()
            && slice.endpoints.iter().any(|endpoint| endpoint.addresses.contains(&backend))
            && (slice.ports.is_empty()
                || slice.ports.iter().any(|(_, number, _)| number.is_none_or(|number| number == port)))
    };
    let slices = world.resolver.inventory().endpoint_slices.iter().filter(holds);
    let mut names: Vec<String> =
        slices.map(|slice| [slice.meta.namespace.as_str(), "/", &slice.service].concat()).collect();
    names.order();
    names.dedup();
    names
}

/// Routes that the host fits and that send to one of these services.
fn routes(world: World<'_>, row: &AccessRow, services: &[String]) -> Vec<String> {
    let sends = |backend: &RouteBackend| {
        services.iter().any(|name| name.split_once('/') == Some((&backend.namespace, &backend.service)))
    };
    let fits = |route: &Route| {
        (route.hostnames.is_empty()
            || row.host.is_empty()
            || route.hostnames.iter().any(|name| host_fits(name, &row.host)))
            && route.backends.iter().any(sends)
    };
    let all = &world.resolver.inventory().routes;
    all.iter().filter(|route| fits(route)).map(|route| route.meta.qualified()).collect()
}

/// `*.example.com` fits every host below it (Gateway API, Hostname); a port behind the host does not count.
fn host_fits(name: &str, host: &str) -> bool {
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    match name.strip_prefix('*') {
        Some(end) => {
            let from = host.len().saturating_sub(end.len());
            from > 0 && host.get(from..).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
        }
        None => name.eq_ignore_ascii_case(host),
    }
}

fn of_objects(what: &str, kind: &str, names: &[String], why: &str) -> Hop {
    match names {
        [] => hop(what, String::new(), Certainty::Unknown, 'K', "No object in the files fits.".to_owned()),
        [one] => Hop {
            key: Some(EntityKey::new(kind, one)),
            ..hop(what, one.clone(), Certainty::Inferred, 'K', why.to_owned())
        },
        many => hop(
            what,
            few(many.to_vec()),
            Certainty::Unknown,
            'K',
            "Several fit; paths and headers of rules are not compared.".to_owned(),
        ),
    }
}

fn pod_and_node(world: World<'_>, row: &AccessRow, backend: IpAddr, hops: &mut Vec<Hop>) {
    let minute = minute_of(row.time_ms);
    let owner = world.resolver.resolve(backend, minute);
    let address = format!("{backend}, port {}", row.backend.1);
    if owner.kind != EndpointKind::Pod {
        let why = format!("The log names the address; {}.", world.resolver.evidence(owner));
        hops.push(hop("Pod", address, Certainty::Unknown, 'A', why));
        return;
    }
    let shared = world.resolver.contested(MinuteRange { first: minute, last: minute }).binary_search(&backend).is_ok();
    let name = world.resolver.name(owner).unwrap_or_else(|| address.clone());
    let (certainty, doubt) = if shared {
        (Certainty::Inferred, " Another pod held the address in the same minute.")
    } else {
        (Certainty::Known, "")
    };
    let why = format!("The log names {address}; {}.{doubt}", world.resolver.evidence(owner));
    hops.push(Hop { key: Some(EntityKey::new("pod", &name)), ..hop("Pod", name, certainty, 'A', why) });
    if let Some(node) = world.resolver.node_name(owner) {
        let why = "The pod's object names it.".to_owned();
        hops.push(Hop {
            key: Some(EntityKey::new("node", node)),
            ..hop("Node", node.to_owned(), Certainty::Known, 'K', why)
        });
    }
}
