//! A rule of a network security group that denies the gateway's way to targets, by the group's own list of rules: for captures whose
//! flow logs do not show it, or that have none.

use super::gateway_denied::described;
use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use std::net::IpAddr;
use underlay_model::IpNet;
use underlay_model::azure::{SecurityGroup, SecurityRule};
use underlay_model::order::Order;
use underlay_model::tuple::Verdict;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-denied-by-configuration",
    question: "Do the network security groups let the gateway through to its targets?",
    why: "Where this rule applies, the targets' probes are denied, they become unhealthy, and requests to them fail.",
    needs: &[Need::GatewaySubnet, Need::SecurityGroups, Need::Pods, Need::Routes, Need::EndpointSlices],
    reads: Reads::Capture,
    refutes: &["Allowed flows of the gateway to these targets; a group that is on no subnet of the path."],
    next: &[
        "Add a rule with a smaller priority number that allows the gateway's subnet to reach the pods' ports. https://learn.microsoft.com/azure/virtual-network/network-security-group-how-it-works",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    // What flows show needs no reading of rules.
    let shown: Vec<&str> = facts
        .begun_by_gateway(Verdict::Denied)
        .flat_map(|(pair, _)| pair.rules.iter())
        .map(|rule| rule.as_str().trim_start_matches("UserRule_"))
        .collect();
    for routed in &facts.routed {
        let ports = super::target_ports(facts, routed);
        let target = routed.ready.iter().chain(&routed.not_ready).find_map(|&pod| {
            let address = *facts.inventory.pods.get(pod as usize)?.addresses.first()?;
            Some((pod, address))
        });
        let Some((pod, address)) = target else { continue };
        for gateway in facts.known.resolver.gateway_subnets() {
            for group in &facts.inventory.azure.security_groups {
                let ways = directions(facts, group, pod, address, gateway.subnet);
                for (&port, inbound) in ports.iter().flat_map(|port| ways.iter().map(move |way| (port, *way))) {
                    let Some(rule) = decides(group, inbound, gateway.prefix, address, port) else { continue };
                    let passes = facts
                        .begun_by_gateway(Verdict::Allowed)
                        .any(|(pair, _)| pair.dst == address && pair.port == port);
                    if rule.allow || rule.default || passes || shown.contains(&rule.name.as_str()) {
                        continue;
                    }
                    let subject = routed.name();
                    found
                        .add(
                            Severity::Critical,
                            "denied",
                            "inferred",
                            &subject,
                            &[
                                "Rule ",
                                &rule.name,
                                " of network security group ",
                                &group.name,
                                " denies the gateway access to ",
                                &subject,
                                " on port ",
                                &port.to_string(),
                                ".",
                            ],
                        )
                        .evidence(
                            'Z',
                            &["It has ", &described(rule), "; no rule with a smaller priority number decides before."],
                        )
                        .object(facts.inventory, group, &group.name, &["securityRules/", &rule.name].concat())
                        .evidence('K', &["Routes that send there: ", &routed.routes.join(", "), "."])
                        .object_at(super::route_place(facts, routed))
                        .about("service", &subject);
                }
            }
        }
    }
}

/// Where a group is on the way from the gateway to a pod: `false` at its beginning, `true` at its end; one group may be on both subnets.
fn directions(facts: &Facts<'_>, group: &SecurityGroup, pod: u32, address: IpAddr, gateway: Option<u32>) -> Vec<bool> {
    let inventory = facts.inventory;
    let on = |at: Option<u32>| {
        at.and_then(|at| inventory.subnets.get(at as usize)).is_some_and(|subnet| {
            !subnet.id.is_empty()
                && (subnet.network_security_group_id.eq_ignore_ascii_case(&group.id) && !group.id.is_empty()
                    || group.subnet_ids.iter().any(|id| id.eq_ignore_ascii_case(&subnet.id)))
        })
    };
    // The pod's own subnet, else its node's: rules of the node's group apply to pods of an overlay.
    let host = inventory.pods.get(pod as usize).and_then(|pod| pod.host_addresses.first().copied());
    let subnet = facts.known.resolver.subnet_at(address).or_else(|| facts.known.resolver.subnet_at(host?));
    let on_node = host.is_some_and(|host| is_on_interface(facts, group, host));
    [(on(gateway), false), (on(subnet) || on_node, true)]
        .into_iter()
        .filter(|(on, _)| *on)
        .map(|(_, inbound)| inbound)
        .collect()
}

/// Whether a group is on the interface of the node of this address: by the interface's own answer, or as one of the node's machine.
fn is_on_interface(facts: &Facts<'_>, group: &SecurityGroup, node: IpAddr) -> bool {
    let inventory = facts.inventory;
    let machine = inventory
        .nodes
        .iter()
        .find(|known| known.internal_addresses.contains(&node))
        .and_then(|known| known.provider_id.strip_prefix("azure://"))
        .unwrap_or_default();
    group.network_interface_ids.iter().any(|id| {
        let of_machine = id.get(..machine.len()).is_some_and(|start| start.eq_ignore_ascii_case(machine));
        let behind = id.get(machine.len()..).unwrap_or_default();
        (of_machine && !machine.is_empty() && behind.starts_with('/'))
            || inventory
                .network_interfaces
                .iter()
                .any(|known| known.id.eq_ignore_ascii_case(id) && known.addresses.contains(&node))
    })
}

/// The first rule that surely applies to all of the way; `None` where one before it applies to a part, or none does.
fn decides(group: &SecurityGroup, inbound: bool, source: IpNet, target: IpAddr, port: u16) -> Option<&SecurityRule> {
    let mut rules: Vec<&SecurityRule> = group.rules.iter().filter(|rule| rule.inbound == inbound).collect();
    rules.order_by_key(|rule| (rule.default, rule.priority));
    for rule in rules {
        if rule.application_groups || !matches!(rule.protocol.to_ascii_lowercase().as_str(), "*" | "tcp") {
            continue;
        }
        let ports = rule.destination_ports.iter().any(|ports| covers_port(ports, port));
        let targets = rule.destinations.iter().any(|one| covers(one, IpNet::from(target)));
        if !ports || !targets {
            continue;
        }
        if rule.sources.iter().any(|one| covers(one, source)) {
            return Some(rule);
        }
        let partly = |text: &String| text.parse::<IpNet>().is_ok_and(|prefix| source.contains(&prefix.network()));
        if rule.sources.iter().any(partly) {
            return None;
        }
    }
    None
}

/// Whether what a rule names covers all of a prefix. Service tags but that of the network are none of ours.
fn covers(named: &str, prefix: IpNet) -> bool {
    if matches!(named, "*" | "Any" | "0.0.0.0/0") || named.eq_ignore_ascii_case("VirtualNetwork") {
        return true;
    }
    let parsed = named.parse::<IpNet>().ok().or_else(|| named.parse::<IpAddr>().ok().map(IpNet::from));
    parsed.is_some_and(|own| own.contains(&prefix))
}

/// `*`, `80`, `8000-8999`.
fn covers_port(named: &str, port: u16) -> bool {
    let range = named.split_once('-').unwrap_or((named, named));
    named == "*"
        || matches!((range.0.trim().parse::<u16>(), range.1.trim().parse::<u16>()), (Ok(a), Ok(b)) if (a..=b).contains(&port))
}
