//! A rule denies the gateway's way to pods.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity, times};
use crate::facts::Facts;
use underlay_identity::Owner;
use underlay_model::azure::SecurityRule;
use underlay_model::finding::Opens;
use underlay_model::order::Order;
use underlay_model::sources::{PairName, SourceOf};
use underlay_model::summary::{EndpointKind, Pair};
use underlay_model::time::{format_rfc3339, minute_of};
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-denied",
    question: "Do the flow logs show the gateway let through to its targets?",
    why: "Targets whose probes are denied become unhealthy, and requests to them fail.",
    needs: &[Need::FlowLogs, Need::GatewaySubnet],
    reads: Reads::Flows,
    refutes: &["Allowed flows of the same pair later in time: the rule was changed since."],
    next: &[
        "Add a rule with a smaller priority number that allows the gateway's subnet to reach the pods' ports. https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works",
    ],
    check,
};

/// What a flow log calls the rule when the encryption policy dropped the flow.
const UNSPECIFIED: &str = "unspecified";

fn check(facts: &Facts<'_>, found: &mut Found) {
    let mut denied: Vec<(&str, usize)> = Vec::new();
    let list: Vec<_> = facts.begun_by_gateway(Verdict::Denied).collect();
    for (at, (pair, _)) in list.iter().enumerate() {
        let rules = pair.rules.iter().map(String::as_str).filter(|rule| *rule != UNSPECIFIED && !rule.is_empty());
        denied.extend(rules.map(|rule| (rule, at)));
    }
    denied.order();
    for same in denied.chunk_by(|a, b| a.0 == b.0) {
        if let Some(&(rule, _)) = same.first() {
            let pairs: Vec<(&Pair, Owner)> = same.iter().filter_map(|(_, at)| list.get(*at).copied()).collect();
            tell(facts, rule, &pairs, found);
        }
    }
}

/// What one rule denied to the gateway.
fn tell(facts: &Facts<'_>, rule: &str, denied: &[(&Pair, Owner)], found: &mut Found) {
    let shown = rule.trim_start_matches("UserRule_").trim_start_matches("DefaultRule_");
    let mut targets: Vec<String> = denied.iter().map(|(pair, owner)| facts.name(*owner, pair.dst)).collect();
    targets.order();
    targets.dedup();
    let whom = match targets.as_slice() {
        [only] => only.clone(),
        several => crate::engine::count(several.len(), "target"),
    };
    let connections = times(denied.iter().fold(0, |sum, (pair, _)| pair.denied.saturating_add(sum)), "connection");
    let first = denied.iter().map(|(pair, _)| pair.first_ms).min().unwrap_or_default();
    let last = denied.iter().map(|(pair, _)| pair.last_ms).max().unwrap_or_default();
    let since = super::second_of(first);
    let title =
        ["Rule ", shown, " denied ", &connections, " from the gateway to ", &whom, ", the first at ", &since, "."];
    let finding = found.add(Severity::Critical, "denied", "measured", rule, &title);
    finding.when(first, last);
    for (pair, owner) in denied {
        finding.evidence('F', &[&attempts(facts, pair, *owner)]).rows(pair);
    }
    let services = services_behind(facts, denied);
    if !services.is_empty() {
        finding.evidence('K', &["Services and routes behind them: ", &services.join(", "), "."]);
    }
    for target in targets.iter().take(12) {
        finding.about("pod", target);
    }
    if let Some(since) = allowed_after(facts, denied.iter().map(|one| one.0)) {
        let since = format_rfc3339(since);
        finding.evidence('F', &["After the last denial flows of the same pairs are allowed, last at ", &since, "."]);
        if let Some((pair, _)) = denied.first() {
            let name = PairName { src: pair.src, dst: pair.dst, port: pair.port, protocol: pair.protocol };
            finding.opens(Opens::Rows(SourceOf::Pair(name, Verdict::Allowed)));
        }
    }
    let minutes = minute_of(last) - minute_of(first);
    if minutes > 0 {
        finding.evidence('F', &["It went on for ", &times(minutes.unsigned_abs(), "minute"), "."]);
    }
    security_rule(facts, shown, finding);
}

/// `86 denied from 10.13.100.6 to yada/api port 8080, first at …`.
fn attempts(facts: &Facts<'_>, pair: &Pair, owner: Owner) -> String {
    [
        &pair.denied.to_string(),
        " denied from ",
        &pair.src.to_string(),
        " to ",
        &facts.name(owner, pair.dst),
        " port ",
        &pair.port.to_string(),
        ", first at ",
        &format_rfc3339(pair.first_ms),
        ".",
    ]
    .concat()
}

/// Services that the denied pods are behind, each with its routes.
fn services_behind(facts: &Facts<'_>, denied: &[(&Pair, Owner)]) -> Vec<String> {
    let of_pods = denied.iter().filter(|(_, owner)| owner.kind == EndpointKind::Pod);
    let pods: Vec<u32> = of_pods.map(|(_, owner)| owner.subject).collect();
    facts
        .routed
        .iter()
        .filter(|routed| routed.ready.iter().chain(&routed.not_ready).any(|pod| pods.contains(pod)))
        .map(|routed| [routed.namespace, "/", routed.service, " (", &routed.routes.join(", "), ")"].concat())
        .collect()
}

/// The last time of allowed flows of denied pairs, where it is after the last denial of each of them: the rule is no longer in force.
fn allowed_after<'a>(facts: &Facts<'_>, denied: impl Iterator<Item = &'a Pair>) -> Option<i64> {
    let name = |pair: &Pair| (pair.src, pair.dst, pair.port, pair.protocol, pair.verdict);
    let mut latest = None;
    for pair in denied {
        let wanted = (pair.src, pair.dst, pair.port, pair.protocol, Verdict::Allowed);
        let at = facts.known.pairs.binary_search_by(|one| name(one).cmp(&wanted)).ok()?;
        let allowed = facts.known.pairs.get(at).filter(|one| one.last_ms > pair.last_ms)?;
        latest = latest.max(Some(allowed.last_ms));
    }
    latest
}

/// The rule as the security group has it.
fn security_rule(facts: &Facts<'_>, name: &str, finding: &mut underlay_model::finding::ShownFinding) {
    for group in &facts.inventory.azure.security_groups {
        for rule in group.rules.iter().filter(|rule| rule.name.eq_ignore_ascii_case(name) && !rule.allow) {
            finding.evidence('Z', &["Network security group ", &group.name, ": ", &described(rule), "."]).object(
                facts.inventory,
                group,
                &group.name,
                &["securityRules/", &rule.name].concat(),
            );
        }
    }
}

/// `priority 200, from 10.0.0.0/24 to *, ports 80, 443`.
pub(super) fn described(rule: &SecurityRule) -> String {
    let (priority, ports) = (rule.priority.to_string(), rule.destination_ports.join(", "));
    let ends = [rule.sources.join(", "), rule.destinations.join(", ")];
    ["priority ", &priority, ", from ", &ends[0], " to ", &ends[1], ", ports ", &ports].concat()
}
