//! What cluster and Azure objects say, reduced to what Underlay asks of them. An input yields a [`Fragment`]; fragments of
//! all inputs are merged into one inventory by the identity crate (`summary-contract.md`, Who an address is).
//!
//! Sources: Kubernetes API reference, Gateway API, `acn.azure.com` and `alb.networking.azure.io` types, Azure REST reference.

use crate::time::Millis;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

mod cluster;
mod gateway;
mod network;
mod place;
mod pod;
mod policy;
mod service;
pub use cluster::*;
pub use gateway::*;
pub use network::*;
pub use place::*;
pub use pod::*;
pub use policy::*;
pub use service::*;

/// What one input says. Lists are in the order of the file; nothing is merged yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "one list a kind")]
pub struct Fragment {
    pub nodes: Vec<Node>,
    pub pods: Vec<Pod>,
    pub services: Vec<Service>,
    pub endpoint_slices: Vec<EndpointSlice>,
    pub gateways: Vec<Gateway>,
    pub routes: Vec<Route>,
    pub events: Vec<Event>,
    pub overlay_extension_configs: Vec<OverlayExtensionConfig>,
    pub node_network_configs: Vec<NodeNetworkConfig>,
    pub application_load_balancers: Vec<ApplicationLoadBalancer>,
    pub backend_health: Vec<BackendHealth>,
    pub clusters: Vec<AksCluster>,
    pub virtual_networks: Vec<VirtualNetwork>,
    pub subnets: Vec<Subnet>,
    pub network_interfaces: Vec<NetworkInterface>,
    pub associations: Vec<Association>,
    pub whoami: Vec<Whoami>,
    /// Bare prefixes: pod CIDRs that somebody typed.
    pub cidrs: Vec<IpNet>,
    /// Which pod had which address when, as flow events of Cilium tell. Bounded; sorted by address, namespace, name.
    pub pod_sightings: Vec<PodSighting>,
    /// Resources, metrics and requests around the cluster.
    pub azure: crate::azure::AzureFragment,
    /// `Endpoints` of old, in the form of slices: they count where a service has no slice. Not in the inventory's counts.
    pub endpoints: Vec<EndpointSlice>,
    pub ingresses: Vec<Ingress>,
    pub gateway_classes: Vec<GatewayClass>,
    pub reference_grants: Vec<ReferenceGrant>,
    pub policies: Vec<Policy>,
    pub network_policies: Vec<NetworkPolicy>,
    pub workloads: Vec<Workload>,
    pub leases: Vec<Lease>,
    /// Newest time stamp inside its Kubernetes objects: they were not saved before.
    pub newest_ms: Option<Millis>,
    /// Where the objects of these lists stand.
    pub places: ObjectPlaces,
}

/// A pod that flow events of Cilium (Hubble, ACNS) name at an address, and when they did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "said above")]
pub struct PodSighting {
    pub namespace: String,
    pub name: String,
    pub address: IpAddr,
    pub first_ms: Millis,
    pub last_ms: Millis,
    /// First and last time that it was seen to send to a public address.
    pub outward: Option<(Millis, Millis)>,
}

/// Identity of a Kubernetes object, and which copy of it this is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Empty for cluster-scoped objects.
    pub namespace: String,
    /// Unique within kind and namespace at one time.
    pub name: String,
    /// Empty when the input does not say.
    pub uid: String,
    /// Of two copies the larger counts. `None` when absent or not a number.
    pub resource_version: Option<u64>,
    /// `creationTimestamp`.
    pub created_ms: Option<Millis>,
    /// `deletionTimestamp`.
    pub deleted_ms: Option<Millis>,
    /// Labels, sorted by key.
    pub labels: Vec<(String, String)>,
    /// Annotations of the gateway (`alb.networking.azure.io/…`), sorted by key; no others.
    pub annotations: Vec<(String, String)>,
    /// A row of a pasted table: it knows less than any JSON of that name.
    pub from_table: bool,
}

impl Meta {
    /// `namespace/name`, or the name alone when there is no namespace.
    pub fn qualified(&self) -> String {
        if self.namespace.is_empty() { self.name.clone() } else { format!("{}/{}", self.namespace, self.name) }
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// The value of an annotation by what follows `alb.networking.azure.io/`: `alb-id`, `alb-name`, `alb-frontend`, …
    pub fn alb(&self, key: &str) -> Option<&str> {
        let is = |name: &str| name.strip_prefix("alb.networking.azure.io/") == Some(key);
        self.annotations.iter().find(|(name, _)| is(name)).map(|(_, value)| value.as_str())
    }
}

/// A condition of any object's status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields of metav1.Condition")]
pub struct Condition {
    pub kind: String,
    /// `True`, `False`, `Unknown`.
    pub status: String,
    pub reason: String,
    pub message: String,
    pub since_ms: Option<Millis>,
}

/// An event of either API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Identity of the event itself.
    pub meta: Meta,
    /// Kind of the object it is about.
    pub object_kind: String,
    /// Its namespace.
    pub object_namespace: String,
    /// Its name.
    pub object_name: String,
    /// `Unhealthy`, `Killing`, …
    pub reason: String,
    /// The text.
    pub message: String,
    /// `Normal` or `Warning`.
    pub kind: String,
    /// First and last time; equal when only one is known.
    pub first_ms: Option<Millis>,
    /// See `first_ms`.
    pub last_ms: Option<Millis>,
    /// How often.
    pub count: u64,
    /// Which part of the object: `spec.containers{app}`; may be empty.
    pub object_field: String,
    /// Who says so: `kubelet`, `alb-controller`; may be empty.
    pub source: String,
    /// The node it was said on; may be empty.
    pub host: String,
}

/// The answer of a who-am-I endpoint like `/api/ip`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whoami {
    /// Host that was asked.
    pub host: String,
    /// The pod's own address.
    pub own_address: Option<IpAddr>,
    /// Who called it: the gateway instance.
    pub caller_address: Option<IpAddr>,
    /// Clients of `x-forwarded-for`.
    pub forwarded_for: Vec<IpAddr>,
}
