//! Services and the endpoints behind them, as EndpointSlices and the older Endpoints tell them.
//!
//! Sources: `v1` and `discovery.k8s.io/v1`, Kubernetes API reference.

use super::Meta;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

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
