//! Networks and subnets as containers: which of them are drawn, what they are called, and which holds an address.

use super::draft::{Draft, Drafts};
use super::{NONE, Subject};
use rustc_hash::{FxHashMap, FxHashSet};
use std::net::IpAddr;
use underlay_identity::Resolver;
use underlay_model::IpNet;
use underlay_model::inventory::Subnet;
use underlay_model::view::EntityKind;

/// The containers that are drawn, by what they stand for.
#[derive(Default)]
pub(super) struct Containers {
    networks: FxHashMap<u32, u32>,
    subnets: FxHashMap<u32, u32>,
    /// By index of the resolver's gateway subnets.
    gateways: Vec<u32>,
    /// Nodes whose subnet no input names, by virtual network.
    strays: FxHashMap<Option<u32>, u32>,
}

/// Prefixes as one line.
pub(in crate::view) fn prefixes(list: &[IpNet]) -> String {
    list.iter().map(IpNet::to_string).collect::<Vec<_>>().join(", ")
}

/// `vnet/subnet`, from the id when the answer does not name the network.
pub(in crate::view) fn full_name(subnet: &Subnet) -> String {
    let network = if subnet.virtual_network.is_empty() {
        let mut parts = subnet.id.split('/');
        parts.find(|part| part.eq_ignore_ascii_case("virtualNetworks")).and_then(|_| parts.next()).unwrap_or_default()
    } else {
        &subnet.virtual_network
    };
    if network.is_empty() { subnet.name.clone() } else { format!("{network}/{}", subnet.name) }
}

impl Containers {
    /// Drafts gateway subnets, the subnets of nodes, and those of the addresses in `members`.
    pub(super) fn new(
        drafts: &mut Drafts,
        resolver: &Resolver,
        node_addresses: &[Option<IpAddr>],
        members: &[IpAddr],
        alone: bool,
    ) -> Self {
        let inventory = resolver.inventory();
        let mut containers = Self::default();
        let gateways: FxHashSet<u32> = resolver.gateway_subnets().iter().filter_map(|gateway| gateway.subnet).collect();
        let mut holds_nodes: FxHashSet<u32> =
            node_addresses.iter().flatten().filter_map(|&address| resolver.subnet_at(address)).collect();
        let pools: FxHashSet<String> = inventory
            .clusters
            .iter()
            .flat_map(|cluster| &cluster.pools)
            .filter(|pool| !pool.node_subnet_id.is_empty())
            .map(|pool| pool.node_subnet_id.to_lowercase())
            .collect();
        holds_nodes.extend(
            (0u32..).zip(&inventory.subnets).filter(|(_, s)| pools.contains(&s.id.to_lowercase())).map(|(at, _)| at),
        );
        holds_nodes.retain(|at| !gateways.contains(at));
        let used: FxHashSet<u32> = members.iter().filter_map(|&address| resolver.subnet_at(address)).collect();

        containers.draft_gateways(drafts, resolver);
        let many = holds_nodes.len() > 1;
        for (at, subnet) in (0u32..).zip(&inventory.subnets) {
            let is_node_subnet = holds_nodes.contains(&at);
            if gateways.contains(&at) || !(is_node_subnet || used.contains(&at) || alone) {
                continue;
            }
            let kind = if is_node_subnet { EntityKind::NodeSubnet } else { EntityKind::Subnet };
            let name = if is_node_subnet && !many { "Node subnet" } else { &subnet.name };
            let parent = containers.network_of_subnet(drafts, resolver, subnet);
            let mut draft = Draft::new(kind, "subnet", &full_name(subnet), name);
            draft.detail = prefixes(&subnet.prefixes);
            draft.parent = parent;
            draft.subject = Some(Subject::Subnet(at));
            containers.subnets.insert(at, drafts.add(draft));
        }
        if alone {
            for at in (0u32..).take(inventory.virtual_networks.len()) {
                containers.network(drafts, resolver, at);
            }
        }
        containers
    }

    fn draft_gateways(&mut self, drafts: &mut Drafts, resolver: &Resolver) {
        let inventory = resolver.inventory();
        let many = resolver.gateway_subnets().len() > 1;
        let mut of_callers = None;
        for (at, gateway) in (0u32..).zip(resolver.gateway_subnets()) {
            let subnet = gateway.subnet.and_then(|at| inventory.subnets.get(at as usize));
            let parent = match subnet {
                Some(subnet) => self.network_of_subnet(drafts, resolver, subnet),
                None => resolver.network_at(gateway.prefix.addr()).and_then(|at| self.network(drafts, resolver, at)),
            };
            if gateway.prefix.prefix_len() == gateway.prefix.max_prefix_len() {
                // Only callers are known, not their subnet: one container for all of them.
                let container = *of_callers.get_or_insert_with(|| {
                    let mut draft = Draft::new(EntityKind::GatewaySubnet, "subnet", "gateway", "Gateway");
                    draft.detail = "subnet not known".to_owned();
                    draft.parent = parent;
                    draft.subject = Some(Subject::GatewaySubnet(at));
                    drafts.add(draft)
                });
                self.gateways.push(container);
                continue;
            }
            // Several prefixes of one subnet are one container.
            let known = gateway.subnet.and_then(|at| self.subnets.get(&at).copied());
            let container = known.unwrap_or_else(|| {
                let key = subnet.map_or_else(|| gateway.prefix.to_string(), |subnet| full_name(subnet));
                let name = subnet.filter(|_| many).map_or("AGC subnet", |subnet| &subnet.name);
                let mut draft = Draft::new(EntityKind::GatewaySubnet, "subnet", &key, name);
                draft.detail = gateway.prefix.to_string();
                draft.parent = parent;
                draft.subject = Some(Subject::GatewaySubnet(at));
                drafts.add(draft)
            });
            self.gateways.push(container);
            if let Some(at) = gateway.subnet {
                self.subnets.insert(at, container);
            }
        }
    }

    fn network_of_subnet(&mut self, drafts: &mut Drafts, resolver: &Resolver, subnet: &Subnet) -> Option<u32> {
        let networks = &resolver.inventory().virtual_networks;
        let id = subnet.id.to_lowercase();
        let owns =
            |network: &str| !network.is_empty() && id.starts_with(&format!("{}/subnets/", network.to_lowercase()));
        let by_id = (0u32..).zip(networks).find(|(_, network)| owns(&network.id)).map(|(at, _)| at);
        let by_name = || {
            let named = |name: &str| !name.is_empty() && name == subnet.virtual_network;
            (0u32..).zip(networks).find(|(_, network)| named(&network.name)).map(|(at, _)| at)
        };
        let by_address = || subnet.prefixes.first().and_then(|prefix| resolver.network_at(prefix.addr()));
        by_id.or_else(by_name).or_else(by_address).and_then(|at| self.network(drafts, resolver, at))
    }

    /// The container of a virtual network, drafted when first asked for.
    pub(super) fn network(&mut self, drafts: &mut Drafts, resolver: &Resolver, at: u32) -> Option<u32> {
        if let Some(&known) = self.networks.get(&at) {
            return Some(known);
        }
        let network = resolver.inventory().virtual_networks.get(at as usize)?;
        let mut draft = Draft::new(EntityKind::VirtualNetwork, "vnet", &network.name, &network.name);
        draft.detail = prefixes(&network.prefixes);
        draft.subject = Some(Subject::VirtualNetwork(at));
        let container = drafts.add(draft);
        self.networks.insert(at, container);
        Some(container)
    }

    /// The container of an instance, by the resolver's gateway subnet.
    pub(super) fn gateway(&self, subject: u32) -> Option<u32> {
        self.gateways.get(subject as usize).copied().filter(|&at| at != NONE)
    }

    /// The container of nodes at this address.
    pub(super) fn for_node(&mut self, drafts: &mut Drafts, resolver: &Resolver, address: Option<IpAddr>) -> u32 {
        if let Some(&known) =
            address.and_then(|address| resolver.subnet_at(address)).and_then(|at| self.subnets.get(&at))
        {
            return known;
        }
        let network = address.and_then(|address| resolver.network_at(address));
        if let Some(&known) = self.strays.get(&network) {
            return known;
        }
        let parent = network.and_then(|at| self.network(drafts, resolver, at));
        let name =
            network.and_then(|at| resolver.inventory().virtual_networks.get(at as usize)).map(|n| n.name.as_str());
        let key = name.map_or_else(|| "nodes".to_owned(), |name| format!("{name}/nodes"));
        let mut draft = Draft::new(EntityKind::NodeSubnet, "subnet", &key, "Nodes");
        draft.parent = parent;
        let container = drafts.add(draft);
        self.strays.insert(network, container);
        container
    }

    /// The container of an address that is nobody's: its subnet, else its network.
    pub(super) fn for_address(&mut self, drafts: &mut Drafts, resolver: &Resolver, address: IpAddr) -> Option<u32> {
        if let Some(&known) = resolver.subnet_at(address).and_then(|at| self.subnets.get(&at)) {
            return Some(known);
        }
        resolver.network_at(address).and_then(|at| self.network(drafts, resolver, at))
    }
}
