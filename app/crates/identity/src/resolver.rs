//! Who an address was at a minute.

use crate::inventory::Inventory;
use std::net::IpAddr;
use underlay_model::IpNet;
use underlay_model::summary::{EndpointKind, EndpointSummary};
use underlay_model::time::Minute;
use underlay_model::view::MinuteRange;

/// Who an address is, as a small value: compare and copy it freely, ask the [`Resolver`] for its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// What it is.
    pub kind: EndpointKind,
    /// Index into the list of its kind: pods, services, NICs, subnets, virtual networks of the [`Inventory`];
    /// [`Resolver::node_names`], [`Resolver::gateway_subnets`], [`Resolver::pod_ranges`], service ranges;
    /// 0 for platform, private and public.
    pub subject: u32,
    /// Index into [`Resolver::node_names`]; `u32::MAX` when there is no node.
    pub node: u32,
    /// Which kind of input made it so; gives the evidence its words.
    pub(crate) source: u16,
    /// The input, an index into [`Inventory::paths`]; `u32::MAX` when no input said it.
    pub(crate) input: u32,
}

/// A subnet of gateway instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySubnet {
    /// Its prefix; a single address (/32, /128) when only a who-am-I answer names an instance.
    pub prefix: IpNet,
    /// Why.
    pub evidence: String,
    /// Index into [`Inventory::subnets`] when it is one of them.
    pub subnet: Option<u32>,
}

/// A range that pods have their addresses from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodRange {
    /// The pod CIDR, a node's block of it, or the pod subnet's prefix.
    pub prefix: IpNet,
    /// Why.
    pub evidence: String,
    /// Index into [`Inventory::subnets`] when it is a pod subnet of a virtual network.
    pub subnet: Option<u32>,
}

/// A gateway instance that some input names, seen or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedInstance {
    /// Its address, inside a gateway subnet.
    pub address: IpAddr,
    /// Which input names it.
    pub evidence: String,
}

/// Answers who an address was at a minute (`summary-contract.md`, Who an address is). Built once per inventory.
pub struct Resolver {
    inventory: Inventory,
}

impl Resolver {
    /// Builds the tables. Linear in the number of objects.
    pub fn new(inventory: Inventory) -> Self {
        Self { inventory }
    }

    /// What it was built from.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Who the address was at some moment of the minute. No allocation.
    pub fn resolve(&self, address: IpAddr, minute: Minute) -> Owner {
        let _ = (address, minute);
        todo!()
    }

    /// Addresses that had more than one owner within the minutes, sorted: rows of these must be split by minute.
    pub fn contested(&self, span: MinuteRange) -> Vec<IpAddr> {
        let _ = span;
        todo!()
    }

    /// The summary's entry for an address and an owner that [`Self::resolve`] gave for it.
    pub fn endpoint(&self, address: IpAddr, owner: Owner) -> EndpointSummary {
        let _ = (address, owner);
        todo!()
    }

    /// Names of nodes, sorted: of node objects, of pods' `nodeName`, of NodeNetworkConfigs.
    pub fn node_names(&self) -> &[String] {
        todo!()
    }

    /// Subnets of gateway instances, sorted by prefix.
    pub fn gateway_subnets(&self) -> &[GatewaySubnet] {
        todo!()
    }

    /// Ranges of pod addresses, sorted by prefix.
    pub fn pod_ranges(&self) -> &[PodRange] {
        todo!()
    }

    /// Gateway instances that inputs name, sorted by address.
    pub fn expected_instances(&self) -> &[ExpectedInstance] {
        todo!()
    }
}
