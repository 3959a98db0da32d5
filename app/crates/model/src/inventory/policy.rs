//! Objects around pods, services and routes: who made a pod, what policies ask of the gateway, who may refer to what. Kinds that
//! differ only in a few settings share one type; settings that no rule computes with are kept as text, by their path in the spec.
//!
//! Sources: `alb.networking.azure.io/v1`, `gateway.networking.k8s.io`, `networking.k8s.io`, `apps/v1`, `coordination.k8s.io`.

use super::{Condition, Meta, RouteBackend};
use crate::time::Millis;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A reference to an object. Empty text where the object leaves a field out and no default is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// API group; empty for the core group.
    pub group: String,
    /// `Service`, `Gateway`, …
    pub kind: String,
    /// The referring object's namespace unless it names one.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// `sectionName`, or several with a comma between; empty for the whole object.
    pub section: String,
}

/// What a status says of one parent (of a route) or one target (of a policy).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentStatus {
    /// The parent.
    pub parent: Reference,
    /// `controllerName`: `alb.networking.azure.io/alb-controller` for AGC.
    pub controller: String,
    /// Accepted, ResolvedRefs, Programmed.
    pub conditions: Vec<Condition>,
}

/// A policy that changes how a gateway treats what it is attached to. `meta` and `kind` tell which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Identity.
    pub meta: Meta,
    /// `HealthCheckPolicy`, `BackendTLSPolicy`, `FrontendTLSPolicy`, `RoutePolicy`, `BackendLoadBalancingPolicy`,
    /// `WebApplicationFirewallPolicy`, `IngressExtension`.
    pub kind: String,
    /// API group: tells the two kinds called BackendTLSPolicy apart.
    pub group: String,
    /// `targetRef` or `targetRefs`; for an IngressExtension the services of its backend settings.
    pub targets: Vec<Reference>,
    /// Of a HealthCheckPolicy.
    pub health_check: Option<HealthCheck>,
    /// All scalars of the spec but the targets: (`default.sni`, `api.yada.local`), (`default.ports.0.port`, `8443`), in the order
    /// of the object, at most 64.
    pub settings: Vec<(String, String)>,
    /// Status conditions, over all targets.
    pub conditions: Vec<Condition>,
}

impl Policy {
    /// A setting by its path in the spec: `loadBalancing.strategy`.
    pub fn setting(&self, path: &str) -> Option<&str> {
        self.settings.iter().find(|(known, _)| known == path).map(|(_, value)| value.as_str())
    }
}

/// What a HealthCheckPolicy asks of the probe; `None` or empty where it leaves AGC's default (interval 5 s, timeout 30 s, healthy
/// 1, unhealthy 3, host `localhost`, path `/`, port and protocol of the backend).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// `interval`, milliseconds.
    pub interval_ms: Option<u64>,
    /// `timeout`, milliseconds.
    pub timeout_ms: Option<u64>,
    /// `healthyThreshold`.
    pub healthy_threshold: Option<u64>,
    /// `unhealthyThreshold`.
    pub unhealthy_threshold: Option<u64>,
    /// `port`.
    pub port: Option<u16>,
    /// `useTLS`.
    pub use_tls: Option<bool>,
    /// `protocol` of older versions, `HTTP` or `gRPC` by what is configured; empty when neither is.
    pub protocol: String,
    /// `http.host`, or the authority of gRPC.
    pub host: String,
    /// `http.path`, or the service of gRPC.
    pub path: String,
    /// `http.match.statusCodes`, first and last included; empty means 200 to 399.
    pub status_codes: Vec<(u16, u16)>,
    /// `http.match.body`.
    pub body: String,
}

/// A GatewayClass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayClass {
    /// Identity.
    pub meta: Meta,
    /// `spec.controllerName`.
    pub controller: String,
    /// Status conditions.
    pub conditions: Vec<Condition>,
}

/// A ReferenceGrant: objects of other namespaces may refer to objects of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceGrant {
    /// Identity.
    pub meta: Meta,
    /// Who may: group, kind and namespace.
    pub from: Vec<Reference>,
    /// To what: group and kind; an empty name means all of that kind.
    pub to: Vec<Reference>,
}

impl ReferenceGrant {
    /// Whether it lets an object of this kind and namespace refer to that one.
    pub fn permits(&self, from_kind: &str, from_namespace: &str, to: &Reference) -> bool {
        self.meta.namespace == to.namespace
            && self.from.iter().any(|from| from.kind == from_kind && from.namespace == from_namespace)
            && self.to.iter().any(|own| own.kind == to.kind && (own.name.is_empty() || own.name == to.name))
    }
}

/// An Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingress {
    /// Identity; annotations tell gateway, frontend and extension.
    pub meta: Meta,
    /// `ingressClassName`, or the annotation of old; `azure-alb-external` for AGC.
    pub class: String,
    /// Hosts of its rules, each once.
    pub hosts: Vec<String>,
    /// Services it sends to, with the default backend; a port that is a name is `None` with the name in `port_name`.
    pub backends: Vec<RouteBackend>,
    /// `status.loadBalancer.ingress[]`: host names and addresses.
    pub addresses: Vec<String>,
    /// Hosts that it terminates TLS for; with an empty text for TLS without a host.
    pub tls_hosts: Vec<String>,
}

/// What makes pods: ReplicaSet, Deployment, StatefulSet, DaemonSet, Job, CronJob, ReplicationController.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Identity.
    pub meta: Meta,
    /// Its kind.
    pub kind: String,
    /// The controlling owner: (kind, name). Of a ReplicaSet mostly a Deployment.
    pub owner: Option<(String, String)>,
    /// Replicas wanted; of a DaemonSet the nodes it should be on, of a Job its completions.
    pub desired: Option<u64>,
    /// Replicas that are ready; of a Job those that succeeded.
    pub ready: Option<u64>,
    /// Status conditions.
    pub conditions: Vec<Condition>,
}

/// A NetworkPolicy, or one of Cilium's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkPolicy {
    /// Identity.
    pub meta: Meta,
    /// `NetworkPolicy`, `CiliumNetworkPolicy`, `CiliumClusterwideNetworkPolicy`.
    pub kind: String,
    /// Labels of the pods it selects, sorted; empty for all of its namespace.
    pub selector: Vec<(String, String)>,
    /// It selects by expressions, too: whom, is not told here.
    pub has_expressions: bool,
    /// What may come in; `None` when it does not restrict that.
    pub ingress: Option<Vec<PolicyRule>>,
    /// What may go out; `None` when it does not restrict that.
    pub egress: Option<Vec<PolicyRule>>,
}

/// A rule of a NetworkPolicy: what matches it is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRule {
    /// It names no peer at all: everybody.
    pub anybody: bool,
    /// Peers by address.
    pub blocks: Vec<IpNet>,
    /// Parts of the blocks that are not meant.
    pub except: Vec<IpNet>,
    /// It names peers by labels, entities or names, too.
    pub has_selectors: bool,
    /// Ports as written, `8080`, `http`, `8000-8100`; empty for all.
    pub ports: Vec<String>,
}

/// A Lease: who leads, and a proof of the time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Identity.
    pub meta: Meta,
    /// `spec.holderIdentity`; for the ALB controller the pod's name, `_`, and an identifier.
    pub holder: String,
    /// `spec.renewTime`.
    pub renewed_ms: Option<Millis>,
}
