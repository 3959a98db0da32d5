//! Which faults are put in together: a covering sample.

use crate::table::{expected, is_one};
use underlay_lab::fault::Fault::{self, *};
use underlay_lab::plan::NetworkMode;

/// What a fault is about, by the check that finds it: one fault of an area is seen by what another of it is seen by.
pub fn area(fault: Fault) -> usize {
    const AREAS: [&[&str]; 8] = [
        &["route-backend", "route-conflict", "listener-without-routes", "not-programmed", "service-without-endpoints"],
        &["gateway-subnet", "pod-cidr-overlap", "kubenet", "route-table"],
        &[
            "gateway-denied",
            "gateway-denied-by-configuration",
            "platform-denied",
            "encryption-dropped",
            "encryption-mixed",
        ],
        &["pod-not-probed", "probes-unanswered", "probe-interval", "instance-misses-pod", "probes-lost"],
        &["backend-unhealthy", "healthy-not-ready", "healthy-targets", "metrics-gap"],
        &["server-errors", "backend-timeouts", "uneven-spread"],
        &[
            "expected-edge-absent",
            "gateway-instance-silent",
            "traffic-to-gone-pod",
            "direct-to-pods",
            "address-reused",
            "encapsulated-overlay",
        ],
        &["logs-missing", "node-without-logs", "flow-log-partial", "flow-log-states", "snapshot-apart"],
    ];
    let id = expected(fault).0[0];
    AREAS.iter().position(|ids| ids.contains(&id)).expect("every check is of an area")
}

/// Faults that change the same thing: two of a group would be one.
const GROUPS: [&[Fault]; 5] = [
    // The first answer of backend health.
    &[
        Unhealthy,
        UnhealthyCounted,
        UnhealthyWithoutPods,
        RefusedAndUnhealthy,
        PodGone,
        GoneInTheMiddle,
        Evicted,
        HealthyNotReady,
    ],
    // The gateway's flows to the first pod.
    &[
        PodNotProbed,
        ProbesUnanswered,
        ProbesRefused,
        InstanceMissesPod,
        RefusedAndUnhealthy,
        GatewayDenied,
        DeniedForAWhile,
        EncryptionDropped,
        ServiceSilent,
        GatewaySilent,
        PodGone,
        GoneInTheMiddle,
        Restarted,
        Evicted,
        AddressReused,
        LogsOfDenialsOnly,
        UnevenPods,
        DirectToPods,
        StrangerInSubnet,
    ],
    // The first pod and its endpoint.
    &[HealthyNotReady, PodGone, GoneInTheMiddle, Evicted, Restarted, AddressReused, NoEndpoints],
    // Where the first route leads.
    &[NoEndpoints, RouteToMissingService],
    // The first backend of the first route.
    &[RouteToMissingService, RouteToMissingPort, RouteNotPermitted, RouteWithoutGrant, RoutesCompete, RouteToOtherKind],
];

/// Faults by which others are not seen.
const HIDES: [(&[Fault], &[Fault]); 4] = [
    // Without flows of the gateway.
    (
        &[GatewaySilent, LogsOfDenialsOnly],
        &[UnevenInstances, InstanceGone, SlowProbes, EncryptionMixed, ServiceSilent, StrangerInSubnet],
    ),
    // Without any flow.
    (
        &[LogsOfDenialsOnly],
        &[
            Encapsulated,
            EncryptionFallback,
            HoleInLogs,
            NodeWithoutLogs,
            NodeHourWithoutLogs,
            DirectToPods,
            LogFiltered,
        ],
    ),
    // Without targets.
    (
        &[NoEndpoints, RouteToMissingService],
        &[
            PodNotProbed,
            ProbesUnanswered,
            InstanceMissesPod,
            SlowProbes,
            UnevenPods,
            TooFewHealthyTargets,
            ServiceSilent,
            GatewaySilent,
            DeniedByConfiguration,
        ],
    ),
    // Where silence means nothing.
    (
        &[LogFiltered],
        &[
            PodNotProbed,
            InstanceMissesPod,
            ServiceSilent,
            GatewaySilent,
            InstanceGone,
            HoleInLogs,
            NodeWithoutLogs,
            NodeHourWithoutLogs,
        ],
    ),
];

fn undone(a: Fault, b: Fault) -> bool {
    let hidden = |by: Fault, one: Fault| HIDES.iter().any(|(hides, hid)| hides.contains(&by) && hid.contains(&one));
    GROUPS.iter().any(|group| group.contains(&a) && group.contains(&b)) || hidden(a, b) || hidden(b, a)
}

/// Two faults, the mode, and the size.
pub type Pair = (Fault, Fault, NetworkMode, u32);

/// Pairs of faults such that any two areas meet, every area is in every mode that it can be in and in every size, and every fault takes part.
pub fn covering() -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let times = |pairs: &[Pair], fault: Fault| pairs.iter().filter(|pair| pair.0 == fault || pair.1 == fault).count();
    // Faults that were in the fewest pairs come first, then the mode and the size in which their areas were least.
    let next = |pairs: &[Pair], among: &dyn Fn(Fault, Fault) -> bool| {
        let of_area = |pair: &&Pair, fault: Fault| area(pair.0) == area(fault) || area(pair.1) == area(fault);
        let seen = |fault: Fault, mode: NetworkMode| {
            pairs.iter().filter(|pair| pair.2 == mode && of_area(pair, fault)).count()
        };
        let all = Fault::ALL.into_iter().flat_map(|one| Fault::ALL.into_iter().map(move |two| (one, two)));
        let fit = all.filter(|&(one, two)| one < two && among(one, two) && !undone(one, two));
        let in_modes = fit.flat_map(|(one, two)| {
            let modes = NetworkMode::ALL.into_iter().filter(move |mode| is_one(one, *mode) && is_one(two, *mode));
            modes.map(move |mode| (one, two, mode))
        });
        let rank = |&(one, two, mode): &(Fault, Fault, NetworkMode)| {
            (times(pairs, one) + times(pairs, two), seen(one, mode) + seen(two, mode))
        };
        let (one, two, mode) = in_modes.min_by_key(rank)?;
        let of_size = |size: u32, fault| pairs.iter().filter(|pair| pair.3 == size && of_area(pair, fault)).count();
        Some((one, two, mode, (0..3).min_by_key(|size| of_size(*size, one) + of_size(*size, two))?))
    };
    for (a, b) in (0..8).flat_map(|a| (a..8).map(move |b| (a, b))) {
        let of_areas = |one, two| (area(one), area(two)) == (a, b) || (area(one), area(two)) == (b, a);
        pairs.extend(next(&pairs, &of_areas));
    }
    for fault in Fault::ALL {
        if times(&pairs, fault) == 0 {
            pairs.extend(next(&pairs, &|one, two| one == fault || two == fault));
        }
    }
    pairs
}
