//! Faults put into a generated capture: each changes the files as the fault would have changed what Azure and Kubernetes write, so that
//! what the checks must find, and must not, is known.

use crate::sink::Memory;

mod edit;
mod network;
mod numbers;
mod objects;
mod traffic;

/// One fault. Pods and services are the first ones of the imagined cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "named by what is wrong")]
pub enum Fault {
    GatewayDenied,
    PodNotProbed,
    ProbesUnanswered,
    Unhealthy,
    HealthyNotReady,
    NoEndpoints,
    RouteToMissingService,
    RouteToMissingPort,
    RouteNotPermitted,
    ListenerWithoutRoutes,
    GatewayNotProgrammed,
    OverlayConfigFailed,
    SubnetTooLarge,
    SubnetNotDelegated,
    SubnetHoldsNodes,
    ServiceCidrOverlaps,
    KubenetWithGateway,
    RouteTableToNowhere,
    Encapsulated,
    PodGone,
    Restarted,
    ServerErrors,
    ConnectionTimeouts,
    MetricsGap,
    EncryptionDropped,
    DirectToPods,
    HoleInLogs,
    NodeWithoutLogs,
    LogFiltered,
    SnapshotLate,
    PlatformDenied,
    SlowProbes,
    InstanceMissesPod,
    TooFewHealthyTargets,
    ProbesRefused,
    ServiceSilent,
    GatewaySilent,
    InstanceGone,
    UnevenPods,
    UnevenInstances,
    EncryptionFallback,
    EncryptionMixed,
    SubnetShared,
    SubnetInServiceCidr,
    PodCidrOverlapsPeer,
    RouteTableToNothing,
    DeniedByConfiguration,
    UnhealthyCounted,
    RouteWithoutGrant,
    IngressToMissingService,
    GatewayPending,
    AddressReused,
    MetricErrors,
}

impl Fault {
    /// All faults.
    pub const ALL: [Self; 53] = [
        Self::GatewayDenied,
        Self::PodNotProbed,
        Self::ProbesUnanswered,
        Self::Unhealthy,
        Self::HealthyNotReady,
        Self::NoEndpoints,
        Self::RouteToMissingService,
        Self::RouteToMissingPort,
        Self::RouteNotPermitted,
        Self::ListenerWithoutRoutes,
        Self::GatewayNotProgrammed,
        Self::OverlayConfigFailed,
        Self::SubnetTooLarge,
        Self::SubnetNotDelegated,
        Self::SubnetHoldsNodes,
        Self::ServiceCidrOverlaps,
        Self::KubenetWithGateway,
        Self::RouteTableToNowhere,
        Self::Encapsulated,
        Self::PodGone,
        Self::Restarted,
        Self::ServerErrors,
        Self::ConnectionTimeouts,
        Self::MetricsGap,
        Self::EncryptionDropped,
        Self::DirectToPods,
        Self::HoleInLogs,
        Self::NodeWithoutLogs,
        Self::LogFiltered,
        Self::SnapshotLate,
        Self::PlatformDenied,
        Self::SlowProbes,
        Self::InstanceMissesPod,
        Self::TooFewHealthyTargets,
        Self::ProbesRefused,
        Self::ServiceSilent,
        Self::GatewaySilent,
        Self::InstanceGone,
        Self::UnevenPods,
        Self::UnevenInstances,
        Self::EncryptionFallback,
        Self::EncryptionMixed,
        Self::SubnetShared,
        Self::SubnetInServiceCidr,
        Self::PodCidrOverlapsPeer,
        Self::RouteTableToNothing,
        Self::DeniedByConfiguration,
        Self::UnhealthyCounted,
        Self::RouteWithoutGrant,
        Self::IngressToMissingService,
        Self::GatewayPending,
        Self::AddressReused,
        Self::MetricErrors,
    ];

    /// Changes the files of a capture of `minutes` minutes from `start_ms` that holds objects.
    pub fn inject(self, capture: &mut Memory, start_ms: i64, minutes: u32) {
        let target = edit::target(capture, start_ms, minutes);
        for inject in [traffic::inject, objects::inject, network::inject, numbers::inject] {
            if inject(self, capture, &target) {
                return;
            }
        }
    }
}
