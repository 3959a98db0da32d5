//! All inputs' objects as one inventory: every object once, with the input that its counting copy came from.
//! Lists are sorted, so that whatever is derived from them is the same in every load of a capture.

use std::ops::Deref;
use underlay_model::IpNet;
use underlay_model::inventory::{
    AksCluster, ApplicationLoadBalancer, Association, BackendHealth, EndpointSlice, Event, Fragment, Gateway,
    GatewayClass, Ingress, Lease, NetworkInterface, NetworkPolicy, Node, NodeNetworkConfig, OverlayExtensionConfig,
    Pod, PodSighting, Policy, ReferenceGrant, Route, Service, Subnet, VirtualNetwork, Whoami, Workload,
};
use underlay_model::sources::ObjectPlace;
use underlay_model::summary::InventoryCounts;
use underlay_model::time::Millis;
use underlay_model::view::CaptureOptions;

/// An object and the input that said it. Dereferences to the object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The object.
    pub value: T,
    /// Index into [`Inventory::paths`].
    pub input: u32,
    /// Its first byte in the input's decoded text, where that is known.
    pub byte: Option<u64>,
    /// Inputs with other copies of it, which do not count; sorted, each once.
    pub copies: Vec<u32>,
}

impl<T> Deref for Sourced<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Something about the inventory as a whole that a reader must know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Stable identifier: `pod-cidr-shared`, `pod-address-shared`, `clusters-share-addresses`.
    pub code: &'static str,
    /// A plain sentence that names what it is about.
    pub message: String,
    /// Paths of the inputs that made it so, sorted, each once.
    pub inputs: Vec<String>,
}

/// Every distinct object of a capture. An object is (kind, namespace, name, uid); the copy with the largest
/// resourceVersion, then of the last path, counts. Lists are sorted by namespace, name, uid (Azure objects by id).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "one list a kind")]
pub struct Inventory {
    /// Paths of the inputs, as given, sorted.
    pub paths: Vec<String>,
    /// What the user declared.
    pub options: CaptureOptions,
    pub nodes: Vec<Sourced<Node>>,
    pub pods: Vec<Sourced<Pod>>,
    pub services: Vec<Sourced<Service>>,
    pub endpoint_slices: Vec<Sourced<EndpointSlice>>,
    pub gateways: Vec<Sourced<Gateway>>,
    pub routes: Vec<Sourced<Route>>,
    pub events: Vec<Sourced<Event>>,
    pub overlay_extension_configs: Vec<Sourced<OverlayExtensionConfig>>,
    pub node_network_configs: Vec<Sourced<NodeNetworkConfig>>,
    pub application_load_balancers: Vec<Sourced<ApplicationLoadBalancer>>,
    /// All answers, in the order of the inputs: they hold no time, so none replaces another.
    pub backend_health: Vec<Sourced<BackendHealth>>,
    pub clusters: Vec<Sourced<AksCluster>>,
    pub virtual_networks: Vec<Sourced<VirtualNetwork>>,
    pub subnets: Vec<Sourced<Subnet>>,
    pub network_interfaces: Vec<Sourced<NetworkInterface>>,
    pub associations: Vec<Sourced<Association>>,
    pub whoami: Vec<Sourced<Whoami>>,
    pub cidrs: Vec<Sourced<IpNet>>,
    /// Endpoints of old, for services that have no slice.
    pub endpoints: Vec<Sourced<EndpointSlice>>,
    pub ingresses: Vec<Sourced<Ingress>>,
    pub gateway_classes: Vec<Sourced<GatewayClass>>,
    pub reference_grants: Vec<Sourced<ReferenceGrant>>,
    pub policies: Vec<Sourced<Policy>>,
    pub network_policies: Vec<Sourced<NetworkPolicy>>,
    pub workloads: Vec<Sourced<Workload>>,
    pub leases: Vec<Sourced<Lease>>,
    /// Pods that flow events of Cilium name, once per address, sorted by address, namespace, name.
    pub pod_sightings: Vec<PodSighting>,
    /// Resources, metrics and requests around the cluster.
    pub azure: crate::azure::AzureInventory,
    /// Sorted.
    pub warnings: Vec<Warning>,
    /// Newest time stamp inside the Kubernetes objects: the snapshot was not taken before.
    pub snapshot_ms: Option<Millis>,
}

impl Inventory {
    /// Merges fragments, which are given sorted by path (of two inputs of one path in the contract's order).
    pub fn merge(fragments: &[(String, Fragment)], options: &CaptureOptions) -> Self {
        crate::merge::merge(fragments, options)
    }

    /// Distinct objects, as the summary counts them.
    pub fn counts(&self) -> InventoryCounts {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        InventoryCounts {
            nodes: count(self.nodes.len()),
            pods: count(self.pods.len()),
            services: count(self.services.len()),
            endpoint_slices: count(self.endpoint_slices.len()),
            gateways: count(self.gateways.len()),
            routes: count(self.routes.len()),
            events: count(self.events.len()),
        }
    }

    /// The path of an input by its index; empty when there is none.
    pub fn path(&self, input: u32) -> &str {
        self.paths.get(input as usize).map_or("", String::as_str)
    }

    /// Where an object of this name stands, and the field of it that matters (see [`ObjectPlace::field`]).
    pub fn place<T>(&self, object: &Sourced<T>, name: &str, field: &str) -> Option<ObjectPlace> {
        Some(ObjectPlace {
            name: name.to_owned(),
            input: object.input,
            path: self.path(object.input).to_owned(),
            byte: object.byte?,
            field: field.to_owned(),
            copies: object.copies.iter().map(|&input| self.path(input).to_owned()).collect(),
        })
    }

    /// Whether any Kubernetes object is there.
    pub fn has_kubernetes(&self) -> bool {
        !(self.nodes.is_empty()
            && self.pods.is_empty()
            && self.services.is_empty()
            && self.endpoint_slices.is_empty()
            && self.gateways.is_empty()
            && self.routes.is_empty())
    }
}
