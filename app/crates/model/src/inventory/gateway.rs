//! What makes an Application Gateway for Containers serve: Gateways, routes, its load balancer and subnet, and its own word on the
//! health of backends.
//!
//! Sources: `gateway.networking.k8s.io`, `alb.networking.azure.io/v1`, `acn.azure.com/v1alpha1`, the controller's `/backendHealth`.

use super::{Condition, Meta, ParentStatus, Reference};
use crate::health::BackendHealthStatus;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

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

/// A gateway that a route belongs to: `spec.parentRefs[]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteParent {
    /// Namespace of the gateway.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `sectionName`: the one listener; empty for every one.
    pub section: String,
    /// The listeners of this port; `None` for every one.
    pub port: Option<u16>,
}

impl RouteParent {
    /// Whether it means this gateway, or a listener of it.
    pub fn is_of(&self, gateway: &Meta) -> bool {
        self.namespace == gateway.namespace && self.name == gateway.name
    }

    /// Whether it means this listener of its gateway.
    pub fn means(&self, listener: &Listener) -> bool {
        (self.section.is_empty() || self.section == listener.name) && self.port.is_none_or(|port| port == listener.port)
    }
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
    /// Gateways it belongs to.
    pub parents: Vec<RouteParent>,
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
    /// These in one text, in one order: equal texts ask for the same. `method GET, header x-user=1, query q~^a`.
    pub conditions: String,
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
