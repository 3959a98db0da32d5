//! What cluster and Azure objects say, reduced to what Underlay asks of them. An input yields a [`Fragment`]; fragments of
//! all inputs are merged into one inventory by the identity crate (`summary-contract.md`, Who an address is).
//!
//! Sources: Kubernetes API reference, Gateway API, `acn.azure.com` and `alb.networking.azure.io` types, Azure REST reference.

use crate::health::BackendHealthStatus;
use crate::time::Millis;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

mod place;
mod pod;
mod policy;
pub use place::*;
pub use pod::*;
pub use policy::*;

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

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Identity.
    pub meta: Meta,
    /// ClusterIP, NodePort, LoadBalancer, ExternalName.
    pub kind: String,
    /// Cluster IPs, without `None`.
    pub cluster_addresses: Vec<IpAddr>,
    /// Load balancer ingress IPs.
    pub load_balancer_addresses: Vec<IpAddr>,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// Label selector, sorted by key.
    pub selector: Vec<(String, String)>,
    /// `clusterIP: None`.
    pub headless: bool,
    /// `spec.externalName`.
    pub external_name: String,
    /// `externalTrafficPolicy`: `Cluster`, `Local`, or empty.
    pub external_traffic_policy: String,
    /// `healthCheckNodePort`, 0 when none.
    pub health_check_node_port: u16,
    /// Load balancer ingress host names.
    pub load_balancer_names: Vec<String>,
    /// `spec.externalIPs`.
    pub external_addresses: Vec<IpAddr>,
}

/// A port of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePort {
    /// May be empty.
    pub name: String,
    /// The service's port.
    pub port: u16,
    /// A number or a name, as written; empty when absent.
    pub target_port: String,
    /// TCP, UDP, SCTP.
    pub protocol: String,
    /// Port on each node, 0 when none.
    pub node_port: u16,
    /// `appProtocol`, may be empty.
    pub app_protocol: String,
}

/// An endpoint slice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointSlice {
    /// Identity.
    pub meta: Meta,
    /// Label `kubernetes.io/service-name`; empty when absent.
    pub service: String,
    /// Its endpoints.
    pub endpoints: Vec<Endpoint>,
    /// (name, number, protocol); number `None` means all ports.
    pub ports: Vec<(String, Option<u16>, String)>,
    /// `IPv4`, `IPv6`, `FQDN`.
    pub address_type: String,
}

/// An endpoint of a slice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its addresses, without FQDNs.
    pub addresses: Vec<IpAddr>,
    /// `conditions.ready`; null counts as ready (Kubernetes API).
    pub ready: bool,
    /// `conditions.serving`; null when absent.
    pub serving: Option<bool>,
    /// `conditions.terminating`; null counts as not.
    pub terminating: bool,
    /// `targetRef` when it is a pod: (namespace, name).
    pub pod: Option<(String, String)>,
    /// Node that holds it.
    pub node_name: String,
}

/// A Gateway of the Gateway API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gateway {
    /// Identity.
    pub meta: Meta,
    /// `azure-alb-external` for AGC.
    pub class: String,
    /// Listeners: name, port, protocol, hostname (may be empty), attached routes as told by the status.
    pub listeners: Vec<Listener>,
    /// `status.addresses[].value`: FQDNs for AGC.
    pub addresses: Vec<String>,
    /// Status conditions.
    pub conditions: Vec<Condition>,
    /// `spec.addresses[]`: (type, value); for a gateway of one's own the front end.
    pub wanted_addresses: Vec<(String, String)>,
}

/// A listener of a Gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the fields of the Gateway API")]
pub struct Listener {
    pub name: String,
    pub port: u16,
    pub protocol: String,
    pub hostname: String,
    pub attached_routes: Option<u64>,
    /// `tls.mode`: `Terminate`, `Passthrough`; empty without TLS.
    pub tls_mode: String,
    /// `tls.certificateRefs[]`.
    pub certificates: Vec<Reference>,
    /// `allowedRoutes.namespaces.from`: `All`, `Same`, `Selector`; `Same` when absent, as the API has it.
    pub routes_from: String,
    /// Conditions of its status.
    pub conditions: Vec<Condition>,
}

/// An HTTPRoute or GRPCRoute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Identity.
    pub meta: Meta,
    /// `HTTPRoute` or `GRPCRoute`.
    pub kind: String,
    /// Host names it matches.
    pub hostnames: Vec<String>,
    /// Gateways it belongs to: (namespace, name, section), section may be empty.
    pub parents: Vec<(String, String, String)>,
    /// Services it sends to, over all rules.
    pub backends: Vec<RouteBackend>,
    /// Conditions over all parents.
    pub conditions: Vec<Condition>,
    /// The status of each parent.
    pub parent_statuses: Vec<ParentStatus>,
    /// Backends that are no services.
    pub other_backends: Vec<Reference>,
    /// Number of rules.
    pub rules: u64,
    /// Indices of rules that send to no backend at all: legal, and answered by a filter or with an error.
    pub rules_without_backend: Vec<u64>,
    /// What its rules match, of an HTTPRoute; a rule that says nothing matches every path.
    pub matches: Vec<RouteMatch>,
}

/// One of the matches of a route's rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteMatch {
    /// Index of the rule.
    pub rule: u64,
    /// `PathPrefix`, `Exact` or `RegularExpression`.
    pub kind: String,
    /// The path that it compares.
    pub path: String,
    /// Headers, query parameters or the method must fit as well.
    pub conditional: bool,
}

/// A backend of a route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteBackend {
    /// The route's namespace unless it names one.
    pub namespace: String,
    /// The service.
    pub service: String,
    /// The service's port.
    pub port: Option<u16>,
    /// Relative weight, 1 unless given.
    pub weight: u64,
    /// Index of the rule, from 0.
    pub rule: u64,
    /// Of an Ingress: the port's name when it is no number.
    pub port_name: String,
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

/// An OverlayExtensionConfig (`acn.azure.com/v1alpha1`): states which AGC subnet may reach the overlay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlayExtensionConfig {
    /// Identity.
    pub meta: Meta,
    /// `spec.extensionIPRange`.
    pub range: Option<IpNet>,
    /// `status.state`.
    pub state: String,
    /// `status.message`.
    pub message: String,
    /// `spec.appGatewaySubnetGUID`: of a classic Application Gateway; may be empty.
    pub subnet_guid: String,
}

/// A NodeNetworkConfig (`acn.azure.com/v1alpha`); its name is the node's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeNetworkConfig {
    /// Identity.
    pub meta: Meta,
    /// Its network containers.
    pub containers: Vec<NetworkContainer>,
    /// `status.status`: `Updating`, `Updated`, `Error`; may be empty.
    pub state: String,
    /// `status.assignedIPCount`.
    pub assigned: Option<u64>,
}

/// A network container of a NodeNetworkConfig.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkContainer {
    /// `vnet`, `vnetblock`, `overlay`.
    pub kind: String,
    /// Address of the node.
    pub node_address: Option<IpAddr>,
    /// Overlay: the node's block (`primaryIP`, `primaryIPV6`); vnetblock: its blocks.
    pub blocks: Vec<IpNet>,
    /// Overlay: the whole pod CIDR (`subnetAddressSpace`, `…V6`).
    pub address_spaces: Vec<IpNet>,
    /// Dynamic: single pod addresses.
    pub addresses: Vec<IpAddr>,
    /// `subnetName`.
    pub subnet_name: String,
    /// `subnetID`.
    pub subnet_id: String,
    /// `vnetID`.
    pub network_id: String,
    /// `macAddress`, 12 upper-case hex digits; may be empty.
    pub mac: String,
    /// `status`: `NCUpdateSucceeded`, …
    pub state: String,
}

/// An ApplicationLoadBalancer (`alb.networking.azure.io/v1`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationLoadBalancer {
    /// Identity.
    pub meta: Meta,
    /// Subnet ARM ids.
    pub associations: Vec<String>,
    /// Status conditions.
    pub conditions: Vec<Condition>,
}

/// What `/backendHealth` says of one service and one gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendHealth {
    /// `namespace/service/port`.
    pub service: String,
    /// ARM id of the gateway.
    pub alb_id: String,
    /// `totalEndpoints`, 0 when absent.
    pub total: u64,
    /// `totalHealthyEndpoints`.
    pub healthy: u64,
    /// `totalUnhealthyEndpoints`.
    pub unhealthy: u64,
    /// With `detailed=true`. An unknown status is `None`.
    pub endpoints: Vec<(IpAddr, Option<BackendHealthStatus>)>,
}

/// `az aks show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AksCluster {
    /// ARM id, may be empty.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `azure`, `kubenet`, `none`; lower case.
    pub network_plugin: String,
    /// `overlay` or empty; lower case.
    pub network_plugin_mode: String,
    /// `podCidr(s)`.
    pub pod_cidrs: Vec<IpNet>,
    /// `serviceCidr(s)`.
    pub service_cidrs: Vec<IpNet>,
    /// Agent pools.
    pub pools: Vec<AgentPool>,
    /// `kubernetesVersion`.
    pub version: String,
}

/// An agent pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentPool {
    /// Its name.
    pub name: String,
    /// ARM id of the node subnet, may be empty.
    pub node_subnet_id: String,
    /// ARM id of the pod subnet, may be empty.
    pub pod_subnet_id: String,
    /// Number of nodes.
    pub count: u64,
}

/// `az network vnet show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualNetwork {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Address space.
    pub prefixes: Vec<IpNet>,
}

/// `az network vnet subnet show`, or inside a virtual network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// ARM id.
    pub id: String,
    /// Its virtual network's name.
    pub virtual_network: String,
    /// Its name.
    pub name: String,
    /// Address prefixes.
    pub prefixes: Vec<IpNet>,
    /// `serviceName` of its delegations.
    pub delegations: Vec<String>,
    /// ARM ids of its IP configurations.
    pub ip_configuration_ids: Vec<String>,
    /// Addresses named by its IP configurations, where the answer holds them.
    pub ip_configuration_addresses: Vec<IpAddr>,
    /// ARM id, may be empty.
    pub network_security_group_id: String,
    /// ARM id, may be empty.
    pub route_table_id: String,
}

/// `az network nic show`, `az vmss nic list`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// 12 upper-case hex digits, may be empty.
    pub mac: String,
    /// Addresses of its IP configurations.
    pub addresses: Vec<IpAddr>,
    /// ARM id of the first configuration's subnet, may be empty.
    pub subnet_id: String,
    /// ARM id of the machine that it is of, may be empty.
    pub machine: String,
}

/// `az network alb association`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Association {
    /// ARM id.
    pub id: String,
    /// ARM id of the subnet.
    pub subnet_id: String,
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
