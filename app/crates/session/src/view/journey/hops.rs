//! The places that a request passed, from the client to the node.

use crate::view::World;
use std::net::IpAddr;
use underlay_model::access::AccessRow;
use underlay_model::inventory::{Route, RouteBackend, RouteMatch};
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
        "Its host names and paths fit, and it sends to a service that holds the pod's address.",
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

/// Routes that host and path fit best and that send to one of these services; where these send elsewhere, those that fit by host alone.
fn routes(world: World<'_>, row: &AccessRow, services: &[String]) -> Vec<String> {
    let sends = |backend: &RouteBackend| {
        services.iter().any(|name| name.split_once('/') == Some((&backend.namespace, &backend.service)))
    };
    let by_host: Vec<&Route> = world
        .resolver
        .inventory()
        .routes
        .iter()
        .map(|route| &**route)
        .filter(|route| of_host(route, &row.host))
        .collect();
    let names = |fits: &dyn Fn(&Route) -> bool| -> Vec<String> {
        by_host.iter().filter(|route| fits(route)).map(|route| route.meta.qualified()).collect()
    };
    let rank = |route: &Route, one: &RouteMatch| Some((host_rank(route, &row.host), path_rank(one, &row.path)?));
    let sure = by_host.iter().flat_map(|route| {
        let sure = route.matches.iter().filter(|one| !one.conditional && one.kind != "RegularExpression");
        sure.filter_map(move |one| rank(route, one))
    });
    let best = sure.max();
    // What is not compared may fit before the best of what is.
    let wins = |route: &Route, one: &RouteMatch| rank(route, one).is_some_and(|rank| Some(rank) >= best);
    let fitting = names(&|route| {
        let sends_by = |rule: u64| route.backends.iter().any(|backend| backend.rule == rule && sends(backend));
        route.matches.iter().any(|one| sends_by(one.rule) && wins(route, one))
    });
    if fitting.is_empty() { names(&|route| route.backends.iter().any(sends)) } else { fitting }
}

fn of_host(route: &Route, host: &str) -> bool {
    route.hostnames.is_empty() || host.is_empty() || route.hostnames.iter().any(|name| host_fits(name, host))
}

/// The longer and more exact host name wins over all paths (Gateway API, HTTPRouteSpec).
fn host_rank(route: &Route, host: &str) -> (bool, usize) {
    let fitting = route.hostnames.iter().filter(|name| host_fits(name, host));
    fitting.map(|name| (!name.starts_with('*'), name.len())).max().unwrap_or_default()
}

/// An exact path wins over a prefix, a longer prefix over a shorter one (Gateway API, HTTPRouteMatch); `None` where it does not fit. Of an
/// expression it is not told.
fn path_rank(one: &RouteMatch, path: &str) -> Option<(bool, usize)> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    match one.kind.as_str() {
        "Exact" => (path == one.path).then_some((true, one.path.len())),
        "RegularExpression" => Some((true, usize::MAX)),
        _ => {
            let prefix = one.path.trim_end_matches('/');
            let rest = path.strip_prefix(prefix)?;
            (rest.is_empty() || rest.starts_with('/')).then_some((false, prefix.len()))
        }
    }
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
            "Several fit; headers and expressions of rules are not compared.".to_owned(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn one(kind: &str, path: &str) -> RouteMatch {
        RouteMatch { kind: kind.to_owned(), path: path.to_owned(), ..RouteMatch::default() }
    }

    #[test]
    fn prefixes_are_compared_part_by_part_and_the_longer_one_wins() {
        let prefix = |path| one("PathPrefix", path);
        for fits in ["/shop", "/shop/", "/shop/cart", "/shop?page=2"] {
            assert!(path_rank(&prefix("/shop"), fits).is_some(), "{fits}");
            assert!(path_rank(&prefix("/shop/"), fits).is_some(), "{fits}");
            assert!(path_rank(&prefix("/shop"), fits) > path_rank(&prefix("/"), fits), "{fits}");
        }
        assert_eq!(path_rank(&prefix("/shop"), "/shopping"), None);
        assert!(path_rank(&one("Exact", "/shop"), "/shop?a=1") > path_rank(&prefix("/shop"), "/shop?a=1"));
        assert_eq!(path_rank(&one("Exact", "/shop"), "/shop/cart"), None);
        assert!(
            path_rank(&one("RegularExpression", "/s.*"), "/x") > path_rank(&one("Exact", "/x"), "/x"),
            "not judged"
        );
    }

    #[test]
    fn the_more_exact_host_wins() {
        let route = |names: &[&str]| Route {
            hostnames: names.iter().map(|&name| name.to_owned()).collect(),
            ..Route::default()
        };
        let rank = |names: &[&str]| host_rank(&route(names), "shop.example.com");
        assert!(rank(&["shop.example.com"]) > rank(&["*.example.com"]));
        assert!(rank(&["*.example.com"]) > rank(&["*.com"]) && rank(&["*.com"]) > rank(&[]));
        assert!(of_host(&route(&[]), "any") && !of_host(&route(&["a.b"]), "c.d"));
    }
}
