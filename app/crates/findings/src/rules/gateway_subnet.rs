//! The gateway's subnet: its size, its delegation, who shares it, and where it lies.

use crate::engine::{Fill, Found, Need, Reads, Rule, Severity};
use crate::facts::Facts;
use crate::strangers::{is_foreign, machine_at};
use underlay_identity::GatewaySubnet;
use underlay_model::IpNet;

pub(crate) const RULE: Rule = Rule {
    id: "gateway-subnet",
    question: "Is the gateway's subnet of the right size, delegated, its own, and in the right place?",
    why: "With such a subnet the gateway's association or overlay configuration fails, or the gateway cannot reach the pods.",
    needs: &[Need::GatewaySubnet],
    reads: Reads::Capture,
    refutes: &["A newer answer of az network vnet subnet show."],
    next: &[
        "Associate the gateway with a subnet of its own: a /24 in the nodes' virtual network, delegated to Microsoft.ServiceNetworking/trafficControllers. https://learn.microsoft.com/azure/application-gateway/for-containers/container-networking",
    ],
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found) {
    let overlay = !facts.inventory.overlay_extension_configs.is_empty()
        || facts.inventory.clusters.iter().any(|cluster| cluster.network_plugin_mode == "overlay");
    if facts.inventory.virtual_networks.len() < 2 {
        apart_by_ids(facts, found);
    }
    for gateway in facts.known.resolver.gateway_subnets() {
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
        size(gateway, overlay, &mut say);
        delegation(facts, gateway, &mut say);
        shared(facts, gateway, overlay, &mut say);
        ranges(facts, gateway, &mut say);
        network(facts, gateway, &mut say);
    }
    strangers(facts, found);
}

/// Makes a finding: how bad, what is so, a source and what it says.
type Say<'a> = dyn FnMut(Severity, &[&str], char, &[&str]) + 'a;

fn size(gateway: &GatewaySubnet, overlay: bool, say: &mut Say<'_>) {
    let length = gateway.prefix.prefix_len();
    let words = if length > 24 {
        "is smaller than /24, although a gateway needs 256 addresses."
    } else if overlay && length < 24 {
        "is larger than /24, although overlay networking takes exactly a /24."
    } else {
        return;
    };
    if matches!(gateway.prefix, IpNet::V4(_)) {
        say(Severity::Critical, &[words], 'Z', &["Its prefix length is ", &length.to_string(), "."]);
    }
}

fn delegation(facts: &Facts<'_>, gateway: &GatewaySubnet, say: &mut Say<'_>) {
    const WANTED: &str = "Microsoft.ServiceNetworking/trafficControllers";
    let subnet = gateway.subnet.and_then(|at| facts.inventory.subnets.get(at as usize));
    let Some(subnet) = subnet.filter(|one| !one.delegations.iter().any(|to| to.eq_ignore_ascii_case(WANTED))) else {
        return;
    };
    let delegations = if subnet.delegations.is_empty() { "none".to_owned() } else { subnet.delegations.join(", ") };
    let line = ["Delegations of subnet ", &subnet.name, ": ", &delegations, "."];
    say(Severity::Critical, &["is not delegated to ", WANTED, "."], 'Z', &line);
}

/// Overlaps with ranges of pods and services.
fn ranges(facts: &Facts<'_>, gateway: &GatewaySubnet, say: &mut Say<'_>) {
    for cluster in &facts.inventory.clusters {
        for (list, what) in [(&cluster.pod_cidrs, "pod"), (&cluster.service_cidrs, "service")] {
            if let Some(cidr) = list.iter().find(|cidr| overlaps(cidr, &gateway.prefix)) {
                let words = ["overlaps the ", what, " CIDR ", &cidr.to_string(), "."];
                say(Severity::Critical, &words, 'Z', &["Cluster ", &cluster.name, " has its ", what, "s there."]);
            }
        }
    }
}

/// Another virtual network than that of the nodes.
fn network(facts: &Facts<'_>, gateway: &GatewaySubnet, say: &mut Say<'_>) {
    let of = |address| {
        let at = facts.known.resolver.network_at(address)?;
        facts.inventory.virtual_networks.get(at as usize)
    };
    let mut addresses = facts.inventory.nodes.iter().flat_map(|node| &node.internal_addresses);
    if let (Some(own), Some(nodes)) = (of(gateway.prefix.addr()), addresses.find_map(|&address| of(address)))
        && !own.id.eq_ignore_ascii_case(&nodes.id)
    {
        let line = ["It is in ", &own.name, ", the nodes are in ", &nodes.name, "."];
        say(Severity::Critical, &["is in another virtual network than the nodes."], 'Z', &line);
    }
}

/// Nodes, other interfaces, or several gateways in one subnet.
fn shared(facts: &Facts<'_>, gateway: &GatewaySubnet, overlay: bool, say: &mut Say<'_>) {
    let node = facts
        .inventory
        .nodes
        .iter()
        .find(|node| node.internal_addresses.iter().any(|address| gateway.prefix.contains(address)));
    if let Some(node) = node {
        say(
            Severity::Critical,
            &["also holds node ", &node.meta.name, "."],
            'K',
            &["Node ", &node.meta.name, " has an address in it."],
        );
    }
    let interfaces = facts.inventory.network_interfaces.iter().flat_map(|one| &one.addresses).copied();
    let machines = interfaces.filter(|&address| gateway.prefix.contains(&address));
    if let Some((address, machine)) = machines.filter_map(|one| Some((one, machine_at(facts.inventory, one)?))).next() {
        let address = address.to_string();
        let words = ["Network interface ", &machine.name, " of another machine or service has ", &address, " in it."];
        say(Severity::Critical, &["also holds network interface ", &machine.name, "."], 'Z', &words);
    }
    let Some(subnet) = gateway.subnet.and_then(|at| facts.inventory.subnets.get(at as usize)) else { return };
    let pools = facts.inventory.clusters.iter().flat_map(|cluster| &cluster.pools);
    let pools = pools.chain(facts.inventory.azure.node_pools.iter().map(|pool| &pool.pool));
    for pool in pools {
        let uses = |id: &str| !subnet.id.is_empty() && id.eq_ignore_ascii_case(&subnet.id);
        if uses(&pool.node_subnet_id) || uses(&pool.pod_subnet_id) {
            say(
                Severity::Critical,
                &["is also used by node pool ", &pool.name, "."],
                'Z',
                &["The cluster names it as the subnet of this pool."],
            );
        }
    }
    if let Some(id) = subnet.ip_configuration_ids.iter().find(|id| is_foreign(id)) {
        say(
            Severity::Critical,
            &["also holds something that is no gateway."],
            'Z',
            &["Its IP configurations name ", id, "."],
        );
    }
    let controllers: std::collections::BTreeSet<String> = facts
        .inventory
        .associations
        .iter()
        .filter(|one| one.subnet_id.eq_ignore_ascii_case(&subnet.id))
        .filter_map(|one| {
            one.id.to_ascii_lowercase().split_once("/associations/").map(|(controller, _)| controller.to_owned())
        })
        .collect();
    // Without overlay networking several may share a subnet that has 256 addresses for each.
    let has_room = 256u128 * controllers.len() as u128 <= addresses_in(&gateway.prefix);
    if controllers.len() > 1 && (overlay || !has_room) {
        let many = controllers.len().to_string();
        let words = if has_room { "in overlay networking only one may" } else { "it has not 256 addresses for each" };
        say(
            Severity::Critical,
            &["is shared by ", &many, " gateways."],
            'Z',
            &["Each has an association with it; ", words, "."],
        );
    }
}

fn addresses_in(prefix: &IpNet) -> u128 {
    1u128.checked_shl(u32::from(prefix.max_prefix_len() - prefix.prefix_len())).unwrap_or(u128::MAX)
}

/// Addresses that send from the subnet and do not behave as the gateway's instances.
fn strangers(facts: &Facts<'_>, found: &mut Found) {
    let unlisted = facts.strangers.iter().filter(|one| machine_at(facts.inventory, one.address).is_none());
    for stranger in unlisted {
        let address = stranger.address.to_string();
        let subnets = facts.known.resolver.gateway_subnets();
        let own = subnets.iter().find(|one| one.prefix.contains(&stranger.address));
        let prefix = own.map(|one| one.prefix.to_string()).unwrap_or_default();
        let title = ["The gateway's subnet ", &prefix, " is shared: ", &address, " does not behave as an instance."];
        let flows = stranger.flows.to_string();
        super::instance_lead(found, &address, &title)
            .evidence(
                'F',
                &[
                    &address,
                    " began ",
                    &flows,
                    " flows inside the network and probes no target, while others of the subnet probe theirs.",
                ],
            )
            .rows_of("instance", &address)
            .when(stranger.first_ms, stranger.last_ms);
    }
}

/// The virtual network in a subnet's ARM id, lower case; empty when there is none.
fn network_in(id: &str) -> String {
    let id = id.to_ascii_lowercase();
    id.split_once("/subnets/")
        .map(|(network, _)| network.to_owned())
        .filter(|one| one.contains("/virtualnetworks/"))
        .unwrap_or_default()
}

/// By what ids alone say, that of the gateway's association and that of a node pool: the network of one is not that of the other.
fn apart_by_ids(facts: &Facts<'_>, found: &mut Found) {
    let inventory = facts.inventory;
    let named = inventory.associations.iter().map(|one| &one.subnet_id);
    let own = named.chain(inventory.application_load_balancers.iter().flat_map(|one| &one.associations));
    let own: Vec<String> = own.map(|id| network_in(id)).filter(|one| !one.is_empty()).collect();
    let mut pools = inventory.clusters.iter().flat_map(|cluster| &cluster.pools);
    let nodes = pools.by_ref().map(|pool| network_in(&pool.node_subnet_id)).find(|one| !one.is_empty());
    if let (Some(first), Some(nodes)) = (own.first(), nodes)
        && !own.contains(&nodes)
    {
        let title = ["The gateway's subnet is in another virtual network than the nodes."];
        found
            .add(Severity::Critical, "degraded", "measured", "gateway subnet", &title)
            .evidence('Z', &["The association names ", first, ", the node pool ", &nodes, "."]);
    }
}

pub(super) fn overlaps(a: &IpNet, b: &IpNet) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}
