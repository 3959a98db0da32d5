//! An owner in words: its name, its node, and which statement of which input made it so.

use super::{NamedPrefix, Owner, Resolver, Source};
use crate::gateway::subnet_name;
use std::net::IpAddr;
use underlay_model::summary::{EndpointKind, EndpointSummary};

impl Resolver {
    /// The name of an owner as the contract gives it: `namespace/name` for pod and service; name for node, nic, vnet;
    /// `vnet/subnet`; the CIDR for ranges; `None` otherwise.
    pub fn name(&self, owner: Owner) -> Option<String> {
        let subject = owner.subject as usize;
        let inventory = &self.inventory;
        match owner.kind {
            EndpointKind::Pod => inventory.pods.get(subject).map(|pod| pod.meta.qualified()),
            EndpointKind::Service => inventory.services.get(subject).map(|service| service.meta.qualified()),
            EndpointKind::Node => self.node_names.get(subject).cloned(),
            EndpointKind::Nic => inventory.network_interfaces.get(subject).map(|interface| interface.name.clone()),
            EndpointKind::PodRange => self.pod_ranges.get(subject).map(|range| range.prefix.to_string()),
            EndpointKind::ServiceRange => self.service_ranges.get(subject).map(|range| range.prefix.to_string()),
            EndpointKind::Subnet => inventory.subnets.get(subject).map(|subnet| subnet_name(subnet)),
            EndpointKind::Vnet => inventory.virtual_networks.get(subject).map(|network| network.name.clone()),
            EndpointKind::GatewayInstance | EndpointKind::Platform | EndpointKind::Private | EndpointKind::Public => {
                None
            }
        }
    }

    /// The name of the owner's node: of a pod its node, of a node itself, of a pod range the node whose block holds the
    /// address.
    pub fn node_name(&self, owner: Owner) -> Option<&str> {
        owner.node().and_then(|node| self.node_names.get(node as usize)).map(String::as_str)
    }

    /// Which input made the owner so, as a clause without a full stop.
    pub fn evidence(&self, owner: Owner) -> String {
        let path = self.inventory.path(owner.input);
        let subject = owner.subject as usize;
        match owner.source {
            Source::PodStatus => format!("pod status in {path}"),
            Source::PodTable => format!("row of a pod table in {path}"),
            Source::NodeInternal => format!("InternalIP of the node in {path}"),
            Source::NodeExternal => format!("ExternalIP of the node in {path}"),
            Source::NodeNetworkConfig => format!("nodeIP of the NodeNetworkConfig in {path}"),
            Source::PodHost => format!("hostIP of a pod in {path}"),
            Source::ClusterAddress => format!("cluster IP of the service in {path}"),
            Source::LoadBalancerAddress => format!("load balancer IP of the service in {path}"),
            Source::IpConfiguration => format!("{} in {path}", self.addressed(owner)),
            Source::Definition => match owner.kind {
                EndpointKind::Platform => "an address of the Azure platform by definition".to_owned(),
                EndpointKind::Private => "a private address by definition, no input names it".to_owned(),
                _ => "a public address, no input names it".to_owned(),
            },
            Source::Range => {
                let within = |named: Option<&NamedPrefix>, what: &str| {
                    named.map_or_else(String::new, |named| {
                        format!("inside {what} {} in {}", named.prefix, self.inventory.path(named.input))
                    })
                };
                match owner.kind {
                    EndpointKind::GatewayInstance => self.gateways.get(subject).map_or_else(String::new, |gateway| {
                        if gateway.prefix.prefix_len() == gateway.prefix.max_prefix_len() {
                            gateway.evidence.clone()
                        } else {
                            format!("inside the gateway subnet {}: {}", gateway.prefix, gateway.evidence)
                        }
                    }),
                    EndpointKind::PodRange => self.pod_ranges.get(subject).map_or_else(String::new, |range| {
                        format!("inside the pod range {} ({}), no such pod then", range.prefix, range.evidence)
                    }),
                    EndpointKind::ServiceRange => within(self.service_ranges.get(subject), "the service CIDR"),
                    EndpointKind::Subnet => within(self.subnet_prefixes.get(owner.input as usize), "the subnet prefix"),
                    _ => within(self.network_prefixes.get(owner.input as usize), "the address space"),
                }
            }
        }
    }

    /// What gives an owner of the kind `nic` its address: such are all resources of Azure with an address of their own.
    fn addressed(&self, owner: Owner) -> &'static str {
        const WORDS: [(&str, &str); 4] = [
            ("/privateendpoints/", "address of the private endpoint"),
            ("/loadbalancers/", "front end of the load balancer"),
            ("/azurefirewalls/", "address of the firewall"),
            ("/virtualmachines/", "address of the virtual machine"),
        ];
        let interface = self.inventory.network_interfaces.get(owner.subject as usize);
        let id = interface.map(|interface| interface.id.to_ascii_lowercase()).unwrap_or_default();
        let other = WORDS.iter().find(|(kind, _)| id.contains(kind) && !id.contains("/networkinterfaces/"));
        other.map_or("IP configuration of the network interface", |(_, words)| *words)
    }

    /// The summary's entry for an address and an owner that [`Self::resolve`] gave for it.
    pub fn endpoint(&self, address: IpAddr, owner: Owner) -> EndpointSummary {
        EndpointSummary {
            ip: address,
            kind: owner.kind,
            name: self.name(owner),
            node: self.node_name(owner).map(str::to_owned),
            evidence: self.evidence(owner),
        }
    }
}
