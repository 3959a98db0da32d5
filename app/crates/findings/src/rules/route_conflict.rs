//! Rules of routes that match the same requests: one of them gets them all (Gateway API, HTTPRouteRule: precedence). What a regular
//! expression fits is not compared with anything else, and that is said.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, count};
use crate::facts::Facts;
use crate::routed::is_ours;
use underlay_identity::Sourced;
use underlay_model::inventory::{Route, RouteMatch, RouteParent};
use underlay_model::order::Order;

pub(crate) const RULE: Rule = Rule {
    id: "route-conflict",
    question: "Do rules of routes match the same requests?",
    why: "The rule gets no requests, so its backends get none through it.",
    needs: &[Need::Routes],
    reads: Reads::Capture,
    refutes: &["A newer copy of one of the routes; a route that is not attached to the same listener."],
    next: &[
        "Give the rules different hosts, paths or conditions, or make them one rule with weights. https://gateway-api.sigs.k8s.io/api-types/httproute/",
    ],
    check,
};

/// A match of a rule for one host name.
struct Claim<'a> {
    host: &'a str,
    wanted: &'a RouteMatch,
    route: &'a Sourced<Route>,
}

impl<'a> Claim<'a> {
    /// What two claims have in common when they ask for the same requests. A prefix is the same with a slash at its end.
    fn what(&self) -> (&'a str, &'a str, &'a str, &'a str) {
        let path = if self.is_expression() || self.wanted.kind == "Exact" {
            &self.wanted.path
        } else {
            self.wanted.path.trim_end_matches('/')
        };
        (self.host, &self.wanted.kind, path, &self.wanted.conditions)
    }

    fn is_expression(&self) -> bool {
        self.wanted.kind == "RegularExpression"
    }

    /// Which one wins: the older route, of one age the first by name, of one route the first rule.
    fn rank(&self) -> (i64, &'a str, &'a str, u64) {
        let meta = &self.route.meta;
        (meta.created_ms.unwrap_or(i64::MAX), &meta.namespace, &meta.name, self.wanted.rule)
    }

    /// Services of the rule, sorted.
    fn backends(&self) -> Vec<(&'a str, &'a str, Option<u16>)> {
        let own = self.route.backends.iter().filter(|backend| backend.rule == self.wanted.rule);
        let mut all: Vec<_> = own.map(|one| (one.namespace.as_str(), one.service.as_str(), one.port)).collect();
        all.order();
        all.dedup();
        all
    }
}

fn check(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    let mut claims: Vec<Claim<'_>> = Vec::new();
    for route in inventory.routes.iter().filter(|route| is_ours(inventory, route)) {
        let any = if route.hostnames.is_empty() { &[String::new()][..] } else { &[] };
        for wanted in &route.matches {
            let hosts = route.hostnames.iter().map(String::as_str).chain(any.iter().map(|_| ""));
            claims.extend(hosts.map(|host| Claim { host, wanted, route }));
        }
    }
    claims.order_by(|a, b| (a.what(), a.rank()).cmp(&(b.what(), b.rank())));
    for same in claims.chunk_by(|a, b| a.what() == b.what()) {
        for (at, loser) in same.iter().enumerate() {
            let winner = same.iter().take(at).find(|winner| compete(facts, winner, loser));
            if let Some(winner) = winner {
                tell(facts, winner, loser, found);
            }
        }
    }
    expressions(&claims, found);
}

/// Whether two claims to the same requests meet, and it matters: on one listener, and with other backends. A rule without backends may
/// redirect, or leave the answer to another rule: of that nothing is told.
fn compete(facts: &Facts<'_>, winner: &Claim<'_>, loser: &Claim<'_>) -> bool {
    let (first, second) = (winner.backends(), loser.backends());
    let (route, other) = (&winner.route.meta, &loser.route.meta);
    // Of one name but not one object: one was put in the other's place, or is another cluster's.
    let of_one_name = (&route.namespace, &route.name) == (&other.namespace, &other.name);
    if first.is_empty() || second.is_empty() || first == second || (of_one_name && route.uid != other.uid) {
        return false;
    }
    let from_one_input = winner.route.input == loser.route.input;
    let parents =
        || winner.route.parents.iter().flat_map(|one| loser.route.parents.iter().map(move |other| (one, other)));
    parents().any(|(one, other)| on_one_listener(facts, one, other, from_one_input))
}

/// Whether two parents mean one listener. Where two gateways have that name, as in two clusters, only routes of one input are compared.
fn on_one_listener(facts: &Facts<'_>, one: &RouteParent, other: &RouteParent, from_one_input: bool) -> bool {
    if (&one.namespace, &one.name) != (&other.namespace, &other.name) {
        return false;
    }
    let mut gateways = facts.inventory.gateways.iter().filter(|gateway| one.is_of(&gateway.meta));
    match (gateways.next(), gateways.next()) {
        (Some(_), Some(_)) if !from_one_input => false,
        (Some(gateway), _) if !gateway.listeners.is_empty() => {
            gateway.listeners.iter().any(|listener| one.means(listener) && other.means(listener))
        }
        _ => {
            let sections = one.section == other.section || one.section.is_empty() || other.section.is_empty();
            sections && (one.port == other.port || one.port.is_none() || other.port.is_none())
        }
    }
}

fn tell(facts: &Facts<'_>, winner: &Claim<'_>, loser: &Claim<'_>, found: &mut Found) {
    let (name, other) = (loser.route.meta.qualified(), winner.route.meta.qualified());
    let (rule, other_rule) = ((loser.wanted.rule + 1).to_string(), (winner.wanted.rule + 1).to_string());
    let known = name == other || (winner.route.meta.created_ms.is_some() && loser.route.meta.created_ms.is_some());
    let why = match (name == other, known) {
        (true, _) => "which comes first.",
        (_, true) => "which is older or first by name.",
        (_, false) => "and only one of them gets these requests.",
    };
    let whose = if name == other { "this route".to_owned() } else { ["route ", &other].concat() };
    let title =
        ["Rule ", &rule, " of route ", &name, " matches the same as rule ", &other_rule, " of ", &whose, ", ", why];
    let confidence = if known { "inferred" } else { "lead" };
    let host = if loser.host.is_empty() { "every host" } else { loser.host };
    let conditions = if loser.wanted.conditions.is_empty() { "no further condition" } else { &loser.wanted.conditions };
    let place = |claim: &Claim<'_>, rule: u64| {
        let field = ["spec/rules/", &rule.to_string()].concat();
        facts.inventory.place(claim.route, &claim.route.meta.name, &field)
    };
    let finding = found.add(Severity::Warning, "degraded", confidence, &name, &title);
    finding
        .evidence('K', &["Both match ", host, ", ", &loser.wanted.kind, " ", &loser.wanted.path, ", ", conditions, "."])
        .object_at(place(loser, loser.wanted.rule))
        .evidence(
            'K',
            &["The other one sends to ", &backends(winner), "; this one would send to ", &backends(loser), "."],
        )
        .object_at(place(winner, winner.wanted.rule))
        .about("route", &name);
    if !known {
        finding.consequence(&["One of the two rules gets no requests; their ages are not told, and so not which."]);
    }
}

/// `shop/web port 80, shop/api port 443`.
fn backends(claim: &Claim<'_>) -> String {
    let own = claim.backends();
    let names = own.iter().map(|(namespace, name, port)| {
        let port = port.map(|port| [" port ", &port.to_string()].concat()).unwrap_or_default();
        [namespace, "/", name, &port].concat()
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Matches that are not compared.
fn expressions(claims: &[Claim<'_>], found: &mut Found) {
    let compares = |claim: &&Claim<'_>| claim.is_expression() || claim.wanted.conditions.contains('~');
    let mut names: Vec<String> = claims.iter().filter(compares).map(|claim| claim.route.meta.qualified()).collect();
    names.order();
    names.dedup();
    let Some(first) = names.first() else { return };
    let routes = count(names.len(), "route");
    let title = ["Matches by regular expression in ", &routes, " are not compared with other rules."];
    let finding = found.add(Severity::Info, "notice", "measured", first, &title);
    finding.evidence('K', &["They are in: ", &names.join(", "), "."]);
    finding.consequence(&["Which requests such a rule takes from others, or loses to them, is not judged."]);
    finding.next(&["Try a request of each kind, and see in the access log which backend answered."]);
}
