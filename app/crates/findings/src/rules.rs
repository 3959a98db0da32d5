//! The checks: small rules, one file each, in one list. Shared here is only what several of them ask in the same words.

use crate::engine::{Fill, Found, Rule, Severity};
use crate::facts::{Facts, Routed};
use underlay_identity::{Owner, Sourced};
use underlay_model::finding::ShownFinding;
use underlay_model::inventory::{Policy, Service};
use underlay_model::order::Order;
use underlay_model::sources::ObjectPlace;
use underlay_model::summary::Pair;
use underlay_model::time::{Millis, format_rfc3339};

mod access_split;
mod address_reuse;
mod backend_unhealthy;
mod coverage;
mod denied;
mod direct;
mod egress;
mod encapsulated;
mod encryption;
mod encryption_mixed;
mod expected_absent;
mod gateway_denied;
mod gateway_subnet;
mod gone_pods;
mod healthy_not_ready;
mod healthy_targets;
mod instance_misses;
mod instance_silent;
mod kubenet;
mod listener_routes;
mod log_settings;
mod log_states;
mod metric_gaps;
mod no_endpoints;
mod node_logs;
mod not_probed;
mod not_programmed;
mod platform;
mod pod_cidr;
mod probe_config;
mod probe_interval;
mod probes_lost;
mod probes_seen;
mod probes_unanswered;
mod reporting;
mod route_backends;
mod route_conflict;
mod route_table;
mod security_rules;
mod server_errors;
mod single_instance;
mod snapshot;
mod spread;
mod timeouts;
mod unencapsulated;

/// All rules, in the order in which checks are listed: along the path of a request, then what the capture itself lacks.
pub(crate) const RULES: &[Rule] = &[
    not_programmed::RULE,
    listener_routes::RULE,
    route_backends::RULE,
    route_conflict::RULE,
    no_endpoints::RULE,
    gateway_subnet::RULE,
    instance_silent::RULE,
    single_instance::RULE,
    gateway_denied::RULE,
    security_rules::RULE,
    expected_absent::RULE,
    not_probed::RULE,
    instance_misses::RULE,
    probes_unanswered::RULE,
    probes_lost::RULE,
    probe_interval::RULE,
    probes_seen::RULE,
    backend_unhealthy::RULE,
    healthy_not_ready::RULE,
    healthy_targets::RULE,
    server_errors::RULE,
    timeouts::RULE,
    spread::RULE,
    gone_pods::RULE,
    direct::RULE,
    encryption::RULE,
    encryption_mixed::RULE,
    platform::RULE,
    pod_cidr::RULE,
    kubenet::RULE,
    route_table::RULE,
    encapsulated::RULE,
    unencapsulated::RULE,
    egress::RULE,
    address_reuse::RULE,
    denied::RULE,
    access_split::RULE,
    metric_gaps::RULE,
    coverage::RULE,
    node_logs::RULE,
    log_settings::RULE,
    log_states::RULE,
    snapshot::RULE,
];

pub(crate) use log_settings::leaves_out;
pub(crate) use log_states::part;

/// Behind a number of probes: what came back was a reset, by its packets and bytes.
const LIKELY_REFUSED: &str =
    " of these were likely refused: what came back carries no data, as when nothing listens on the port.";

/// A lead about an address of the gateway's subnet.
fn instance_lead<'a>(found: &'a mut Found, address: &str, title: &[&str]) -> &'a mut ShownFinding {
    let finding = found.add(Severity::Warning, "degraded", "lead", address, title);
    finding.about("instance", address);
    finding
}

/// `5.00 s`.
fn seconds(milliseconds: u64) -> String {
    let hundredths = (milliseconds + 5) / 10;
    let rest = hundredths % 100;
    [(hundredths / 100).to_string().as_str(), if rest < 10 { ".0" } else { "." }, &rest.to_string(), " s"].concat()
}

/// A time for a title, `2026-11-20T09:31:15Z`: its milliseconds are for the evidence.
fn second_of(time: Millis) -> String {
    format_rfc3339(time - time.rem_euclid(1000))
}

/// Sums of a metric are whole numbers that fit.
fn whole(sum: f64) -> u64 {
    format!("{sum:.0}").parse().unwrap_or(u64::MAX)
}

/// Whether a policy is attached to a service.
fn targets(policy: &Policy, routed: &Routed<'_>) -> bool {
    policy
        .targets
        .iter()
        .any(|target| target.kind == "Service" && target.namespace == routed.namespace && target.name == routed.service)
}

/// The HealthCheckPolicy of a service.
fn policy_of<'a>(facts: &Facts<'a>, routed: &Routed<'_>) -> Option<&'a Sourced<Policy>> {
    facts.inventory.policies.iter().find(|policy| policy.kind == "HealthCheckPolicy" && targets(policy, routed))
}

/// Where the first of the routes stands that send to a service.
fn route_place(facts: &Facts<'_>, routed: &Routed<'_>) -> Option<ObjectPlace> {
    let inventory = facts.inventory;
    let name = routed.routes.first()?;
    let route = inventory.routes.iter().find(|one| one.meta.qualified() == *name);
    let route = route.and_then(|one| inventory.place(one, &one.meta.name, "spec/rules"));
    let ingress = || inventory.ingresses.iter().find(|one| one.meta.qualified() == *name);
    route.or_else(|| ingress().and_then(|one| inventory.place(one, &one.meta.name, "spec/rules")))
}

/// The HealthCheckPolicy of a service that sets an interval, with its milliseconds.
fn policy_interval<'a>(facts: &Facts<'a>, routed: &Routed<'_>) -> Option<(&'a Sourced<Policy>, u64)> {
    let policy = policy_of(facts, routed)?;
    Some((policy, policy.health_check.as_ref()?.interval_ms?))
}

/// A service by its name.
fn service<'a>(facts: &Facts<'a>, namespace: &str, name: &str) -> Option<&'a Sourced<Service>> {
    facts.inventory.services.iter().find(|one| one.meta.namespace == namespace && one.meta.name == name)
}

/// `from to target port 443`, by their names.
fn way(facts: &Facts<'_>, pair: &Pair, source: Owner, target: Owner) -> String {
    let port = pair.port.to_string();
    [&facts.name(source, pair.src), " to ", &facts.name(target, pair.dst), " port ", &port].concat()
}

/// Whether a metric's dimension names a service. Its spelling is not documented: the service's name must be one of its parts.
fn names_service(named: &str, routed: &Routed<'_>) -> bool {
    let is = |part: &str| named.split(['/', ':', '_', ',', '@']).any(|one| one == part);
    is(routed.service) && (is(routed.namespace) || !named.contains('/'))
}

/// The numbers of the ports on pods that a service sends to: of its slices, else of itself; sorted.
fn target_ports(facts: &Facts<'_>, routed: &Routed<'_>) -> Vec<u16> {
    let slices = facts
        .inventory
        .endpoint_slices
        .iter()
        .filter(|slice| slice.meta.namespace == routed.namespace && slice.service == routed.service);
    let mut ports: Vec<u16> = slices.flat_map(|slice| slice.ports.iter().filter_map(|port| port.1)).collect();
    if ports.is_empty() {
        let own = service(facts, routed.namespace, routed.service).into_iter().flat_map(|service| &service.ports);
        ports = own.filter_map(|port| port.target_port.parse().ok()).collect();
    }
    ports.order();
    ports.dedup();
    ports
}
