//! What must be found of each fault, and in which modes it is one.

use underlay_lab::fault::Fault;
use underlay_lab::plan::NetworkMode;

/// A fault, what must be found, and what else may be, as it follows.
pub fn expected(fault: Fault) -> (&'static [&'static str], &'static [&'static str]) {
    match fault {
        Fault::GatewayDenied => (&["gateway-denied"], &[]),
        Fault::PodNotProbed => (&["pod-not-probed"], &[]),
        Fault::ProbesUnanswered => (&["probes-unanswered"], &[]),
        Fault::Unhealthy => (&["backend-unhealthy"], &[]),
        Fault::HealthyNotReady => (&["healthy-not-ready"], &[]),
        Fault::NoEndpoints => (&["service-without-endpoints"], &[]),
        Fault::RouteToMissingService | Fault::RouteToMissingPort => (&["route-backend"], &[]),
        Fault::RouteNotPermitted => (&["route-backend"], &[]),
        Fault::ListenerWithoutRoutes => (&["listener-without-routes"], &[]),
        Fault::GatewayNotProgrammed | Fault::OverlayConfigFailed => (&["not-programmed"], &[]),
        Fault::SubnetTooLarge | Fault::SubnetNotDelegated | Fault::SubnetHoldsNodes => (&["gateway-subnet"], &[]),
        Fault::ServiceCidrOverlaps => (&["pod-cidr-overlap"], &[]),
        Fault::KubenetWithGateway => (&["kubenet"], &[]),
        Fault::RouteTableToNowhere => (&["route-table"], &[]),
        Fault::Encapsulated => (&["encapsulated-overlay"], &[]),
        Fault::PodGone => (&["traffic-to-gone-pod"], &[]),
        Fault::Restarted => (&["probes-lost"], &[]),
        Fault::ServerErrors => (&["server-errors"], &[]),
        Fault::ConnectionTimeouts => (&["backend-timeouts"], &[]),
        Fault::MetricsGap => (&["metrics-gap"], &["healthy-targets"]),
        Fault::EncryptionDropped => (&["encryption-dropped"], &[]),
        Fault::DirectToPods => (&["direct-to-pods"], &[]),
        Fault::HoleInLogs => (&["logs-missing"], &[]),
        Fault::NodeWithoutLogs => (&["node-without-logs"], &[]),
        Fault::LogFiltered => (&["flow-log-partial"], &[]),
        Fault::SnapshotLate => (&["snapshot-apart"], &[]),
        Fault::PlatformDenied => (&["platform-denied"], &[]),
        Fault::SlowProbes => (&["probe-interval"], &[]),
        Fault::InstanceMissesPod => (&["instance-misses-pod"], &[]),
        Fault::TooFewHealthyTargets => (&["healthy-targets"], &[]),
        Fault::ProbesRefused => (&["probes-unanswered"], &[]),
        Fault::ServiceSilent | Fault::GatewaySilent => (&["expected-edge-absent"], &[]),
        Fault::InstanceGone => (&["gateway-instance-silent"], &[]),
        Fault::UnevenPods | Fault::UnevenInstances => (&["uneven-spread"], &[]),
        Fault::EncryptionFallback => (&["encryption-dropped"], &[]),
        Fault::EncryptionMixed => (&["encryption-mixed"], &[]),
        Fault::SubnetShared => (&["gateway-subnet"], &[]),
        // The gateway's subnet is a part of the network, which the services' range then overlaps as well.
        Fault::SubnetInServiceCidr => (&["gateway-subnet", "pod-cidr-overlap"], &[]),
        Fault::PodCidrOverlapsPeer => (&["pod-cidr-overlap"], &[]),
        Fault::RouteTableToNothing => (&["route-table"], &[]),
        Fault::DeniedByConfiguration => (&["gateway-denied-by-configuration"], &[]),
        Fault::UnhealthyCounted => (&["backend-unhealthy"], &[]),
        Fault::RouteWithoutGrant | Fault::IngressToMissingService => (&["route-backend"], &[]),
        Fault::GatewayPending => (&["not-programmed"], &[]),
        Fault::AddressReused => (&["address-reused"], &[]),
        Fault::MetricErrors | Fault::GatewayErrors => (&["server-errors"], &[]),
        Fault::DeniedForAWhile => (&["gateway-denied"], &[]),
        // One cause, one finding: the other one only mentions it.
        Fault::RefusedAndUnhealthy => (&["backend-unhealthy"], &[]),
        Fault::StrangerInSubnet | Fault::MachineInSubnet => (&["gateway-subnet"], &[]),
        Fault::SubnetTooSmall | Fault::SubnetInOtherNetwork => (&["gateway-subnet"], &[]),
        Fault::SubnetInPodCidr => (&["gateway-subnet", "pod-cidr-overlap"], &[]),
        Fault::PodCidrOverlapsNetwork => (&["pod-cidr-overlap"], &[]),
        Fault::LoadBalancerNotDeployed | Fault::RouteToOtherKind => (&["not-programmed"], &[]),
        Fault::Evicted => (&["probes-lost"], &["probes-unanswered", "traffic-to-gone-pod"]),
        Fault::NodeHourWithoutLogs => (&["node-without-logs"], &[]),
        Fault::LogsOfDenialsOnly => (&["flow-log-states"], &[]),
        Fault::RoutesCompete => (&["route-conflict"], &[]),
        Fault::UnhealthyWithoutPods => (&["backend-unhealthy"], &[]),
        Fault::GoneInTheMiddle => (&["traffic-to-gone-pod"], &[]),
    }
}

/// Faults of what only an overlay has: its configuration, which names the gateway's subnet whatever Azure says of it, and a pod CIDR outside
/// the network.
const OF_OVERLAY: [Fault; 7] = [
    Fault::SubnetNotDelegated,
    Fault::SubnetTooLarge,
    Fault::OverlayConfigFailed,
    Fault::ServiceCidrOverlaps,
    Fault::PodCidrOverlapsPeer,
    Fault::PodCidrOverlapsNetwork,
    Fault::SubnetInPodCidr,
];

/// Faults that a cluster of kubenet can have, in front of which there is no gateway.
const OF_KUBENET: [Fault; 10] = [
    Fault::RouteTableToNowhere,
    Fault::ServiceCidrOverlaps,
    Fault::PodCidrOverlapsPeer,
    Fault::Encapsulated,
    Fault::EncryptionFallback,
    Fault::HoleInLogs,
    Fault::NodeWithoutLogs,
    Fault::NodeHourWithoutLogs,
    Fault::SnapshotLate,
    Fault::PlatformDenied,
];

/// Whether a fault is one in a mode.
pub fn is_one(fault: Fault, mode: NetworkMode) -> bool {
    match mode {
        NetworkMode::Overlay => true,
        NetworkMode::Kubenet => OF_KUBENET.contains(&fault),
        _ => !OF_OVERLAY.contains(&fault) && fault != Fault::RouteTableToNowhere,
    }
}

/// As short as the fault can be told: of instances that left after ten minutes, of holes, of hours, of loads.
pub fn minutes(fault: Fault) -> u32 {
    match fault {
        Fault::InstanceGone | Fault::HoleInLogs => 12,
        Fault::NodeHourWithoutLogs => 24,
        Fault::UnevenPods | Fault::UnevenInstances => 8,
        _ => 5,
    }
}
