//! What people call the kinds of objects, and in which order a sentence names them.

/// Kinds and their nouns in the singular.
const NOUNS: [(&str, &str); 32] = [
    ("Node", "node"),
    ("Pod", "pod"),
    ("Service", "service"),
    ("EndpointSlice", "endpoint slice"),
    ("Gateway", "gateway"),
    ("HTTPRoute", "HTTP route"),
    ("GRPCRoute", "gRPC route"),
    ("Event", "event"),
    ("OverlayExtensionConfig", "OverlayExtensionConfig"),
    ("NodeNetworkConfig", "NodeNetworkConfig"),
    ("ApplicationLoadBalancer", "ApplicationLoadBalancer"),
    ("Ingress", "Ingress"),
    ("GatewayClass", "GatewayClass"),
    ("HealthCheckPolicy", "gateway policy"),
    ("BackendTLSPolicy", "gateway policy"),
    ("FrontendTLSPolicy", "gateway policy"),
    ("RoutePolicy", "gateway policy"),
    ("BackendLoadBalancingPolicy", "gateway policy"),
    ("WebApplicationFirewallPolicy", "gateway policy"),
    ("IngressExtension", "gateway policy"),
    ("ReferenceGrant", "ReferenceGrant"),
    ("NetworkPolicy", "network policy"),
    ("CiliumNetworkPolicy", "network policy"),
    ("CiliumClusterwideNetworkPolicy", "network policy"),
    ("Deployment", "workload"),
    ("ReplicaSet", "workload"),
    ("StatefulSet", "workload"),
    ("DaemonSet", "workload"),
    ("Job", "workload"),
    ("CronJob", "workload"),
    ("ReplicationController", "workload"),
    ("Lease", "lease"),
];

/// What of Azure is told of next, before all else.
const AZURE: [&str; 7] =
    ["AKS cluster", "virtual network", "subnet", "network interface", "gateway association", "metric", "answer"];

/// The noun of a kind; `other object` for kinds of which nothing is told.
pub(crate) fn noun(kind: &str) -> &'static str {
    NOUNS.iter().find(|(known, _)| *known == kind).map_or("other object", |(_, noun)| *noun)
}

/// Where a noun stands in a sentence.
pub(crate) fn rank(noun: &str) -> usize {
    let behind = || AZURE.iter().position(|known| *known == noun).unwrap_or(AZURE.len()) + NOUNS.len();
    NOUNS.iter().position(|(_, known)| *known == noun).unwrap_or_else(behind)
}
