//! The gateway's subnet: its size, its delegation, who shares it, and where it lies.

use crate::engine::{Fill, Found, Need, Rule, Severity};
use crate::facts::Facts;
use underlay_identity::GatewaySubnet;
use underlay_model::IpNet;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-subnet",
    question: "Is the gateway's subnet of the right size, delegated, its own, and in the right place?",
    why: "Overlay networking takes exactly a /24, delegated, unshared, in the nodes' virtual network.",
    needs: &[Need::GatewaySubnet],
    refutes: &["A newer answer of az network vnet subnet show."],
    next: &[
        "Make a subnet of its own, /24, delegated to Microsoft.ServiceNetworking/trafficControllers. https://learn.microsoft.com/azure/application-gateway/for-containers/container-networking",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let resolver = facts.known.resolver;
    let overlay = !facts.inventory.overlay_extension_configs.is_empty()
        || facts.inventory.clusters.iter().any(|cluster| cluster.network_plugin_mode == "overlay");
    for gateway in resolver.gateway_subnets() {
        // A who-am-I answer names one address, not a subnet.
        if gateway.prefix.prefix_len() == gateway.prefix.max_prefix_len() {
            continue;
        }
        let mut say = |severity: Severity, fact: &[&str], source: char, line: &[&str]| {
            let subject = gateway.prefix.to_string();
            let words = [&["The gateway's subnet ", &subject, " "], fact].concat();
            found
                .add(severity, "degraded", "measured", &subject, &words)
                .evidence(source, line)
                .evidence('Z', &["It is the gateway's subnet: ", &gateway.evidence, "."]);
        };
        let length = gateway.prefix.prefix_len();
        if matches!(gateway.prefix, IpNet::V4(_)) && (length > 24 || (overlay && length < 24)) {
            let words = if length > 24 {
                "is smaller than /24."
            } else {
                "is larger than /24, which overlay networking does not take."
            };
            say(Severity::Critical, &[words], 'Z', &["Its prefix length is ", &length.to_string(), "."]);
        }
        let subnet = gateway.subnet.and_then(|at| facts.inventory.subnets.get(at as usize));
        if let Some(subnet) = subnet
            && !subnet
                .delegations
                .iter()
                .any(|one| one.eq_ignore_ascii_case("Microsoft.ServiceNetworking/trafficControllers"))
        {
            say(
                Severity::Critical,
                &["is not delegated to the gateway."],
                'Z',
                &["Delegations of subnet ", &subnet.name, ": ", &subnet.delegations.join(", "), "."],
            );
        }
        shared(facts, gateway, &mut say);
        for cluster in &facts.inventory.clusters {
            for (list, what) in [(&cluster.pod_cidrs, "pod"), (&cluster.service_cidrs, "service")] {
                if let Some(cidr) = list.iter().find(|cidr| overlaps(cidr, &gateway.prefix)) {
                    say(
                        Severity::Critical,
                        &["overlaps the ", what, " CIDR ", &cidr.to_string(), "."],
                        'Z',
                        &["Cluster ", &cluster.name, " has its ", what, "s there."],
                    );
                }
            }
        }
        let network = |at: Option<u32>| at.and_then(|at| facts.inventory.virtual_networks.get(at as usize));
        let own = network(resolver.network_at(gateway.prefix.addr()));
        let nodes = facts
            .inventory
            .nodes
            .iter()
            .flat_map(|node| &node.internal_addresses)
            .find_map(|&address| network(resolver.network_at(address)));
        if let (Some(own), Some(nodes)) = (own, nodes)
            && !own.id.eq_ignore_ascii_case(&nodes.id)
        {
            say(
                Severity::Critical,
                &["is in another virtual network than the nodes."],
                'Z',
                &["It is in ", &own.name, ", the nodes are in ", &nodes.name, "."],
            );
        }
    }
}

/// Makes a finding: how bad, what is so, a source and what it says.
type Say<'a> = dyn FnMut(Severity, &[&str], char, &[&str]) + 'a;

/// Nodes, other interfaces, or several gateways in one subnet.
fn shared(facts: &Facts<'_>, gateway: &GatewaySubnet, say: &mut Say<'_>) {
    let node = facts
        .inventory
        .nodes
        .iter()
        .find(|node| node.internal_addresses.iter().any(|address| gateway.prefix.contains(address)));
    if let Some(node) = node {
        say(Severity::Critical, &["holds nodes, too."], 'K', &["Node ", &node.meta.name, " has an address in it."]);
    }
    let Some(subnet) = gateway.subnet.and_then(|at| facts.inventory.subnets.get(at as usize)) else { return };
    let controllers: std::collections::BTreeSet<String> = facts
        .inventory
        .associations
        .iter()
        .filter(|one| one.subnet_id.eq_ignore_ascii_case(&subnet.id))
        .filter_map(|one| {
            one.id.to_ascii_lowercase().split_once("/associations/").map(|(controller, _)| controller.to_owned())
        })
        .collect();
    if controllers.len() > 1 {
        say(
            Severity::Critical,
            &["is shared by several gateways."],
            'Z',
            &[&controllers.len().to_string(), " gateways have an association with it."],
        );
    }
}

pub(super) fn overlaps(a: &IpNet, b: &IpNet) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}
