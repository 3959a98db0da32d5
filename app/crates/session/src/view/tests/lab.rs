//! The lab of the field notes, small: two pods, one of them failing, one silent instance, denied SSH.

use super::super::{Groups, Places, World};
use std::net::IpAddr;
use underlay_findings::HealthReport;
use underlay_identity::{Inventory, Resolver};
use underlay_model::IpNet;
use underlay_model::connection::ProbeReport;
use underlay_model::health::BackendHealthStatus;
use underlay_model::inventory::{
    AksCluster, BackendHealth, Container, Endpoint, EndpointSlice, Fragment, Gateway, Listener, Meta, Node,
    OverlayExtensionConfig, Pod, Probe, Route, RouteBackend, RouteParent, Service, ServicePort, Subnet, VirtualNetwork,
};
use underlay_model::summary::Side;
use underlay_model::time::MINUTE_MS;
use underlay_model::tuple::Verdict;
use underlay_model::view::{CaptureOptions, MinuteRange, Topology};
use underlay_store::key::PairKey;
use underlay_store::query::{PairDetail, PairDetails, PairSum, PairSums};
use underlay_store::sums::Counters;

pub(super) const NODE: &str = "aks-nodepool1-30661543-vmss000000";

/// The capture's minutes.
pub(super) const SPAN: MinuteRange = MinuteRange { first: 1000, last: 1009 };

pub(super) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(super) fn net(text: &str) -> IpNet {
    text.parse().unwrap()
}

pub(super) fn meta(namespace: &str, name: &str) -> Meta {
    Meta { namespace: namespace.into(), name: name.into(), ..Meta::default() }
}

pub(super) fn pod(name: &str, address: &str) -> Pod {
    Pod {
        meta: Meta { labels: vec![("pod-template-hash".into(), "5f9f964f75".into())], ..meta("yada", name) },
        node_name: NODE.into(),
        addresses: vec![ip(address)],
        phase: "Running".into(),
        ready: Some(true),
        owner: Some(("ReplicaSet".into(), "yadaapi-5f9f964f75".into())),
        containers: vec![Container {
            name: "yadaapi".into(),
            ready: Some(true),
            readiness: Some(Probe {
                scheme: "HTTP".into(),
                path: "/api/healthcheck".into(),
                port: "8080".into(),
                ..Probe::default()
            }),
            ..Container::default()
        }],
        ..Pod::default()
    }
}

/// Counted traffic of one pair.
pub(super) fn pair(source: &str, target: &str, port: u16, verdict: Verdict, flows: u64) -> PairSum {
    let denied = verdict == Verdict::Denied;
    let counters = Counters {
        begun: if denied { 0 } else { flows },
        denied: if denied { flows } else { 0 },
        bytes: if denied { [0; 2] } else { [u128::from(flows) * 100, u128::from(flows) * 1000] },
        ..Counters::default()
    };
    PairSum { pair: PairKey { src: ip(source), dst: ip(target), port, protocol: 6, verdict }, minute: None, counters }
}

pub(super) fn pairs() -> Vec<PairSum> {
    vec![
        pair("10.13.100.6", "10.244.0.147", 8080, Verdict::Allowed, 12),
        pair("10.13.100.6", "10.244.0.131", 8080, Verdict::Allowed, 5),
        pair("10.13.76.4", "168.63.129.16", 53, Verdict::Allowed, 3),
        pair("10.13.76.4", "1.2.3.4", 443, Verdict::Allowed, 4),
        pair("10.244.0.147", "10.244.0.131", 8080, Verdict::Allowed, 11),
        pair("203.0.113.77", "10.13.76.4", 22, Verdict::Denied, 37),
    ]
}

pub(super) fn files() -> Vec<(String, Fragment)> {
    let azure = Fragment {
        clusters: vec![AksCluster {
            name: "aks".into(),
            pod_cidrs: vec![net("10.244.0.0/16")],
            ..AksCluster::default()
        }],
        virtual_networks: vec![VirtualNetwork {
            id: "/vnets/aksVnet".into(),
            name: "aksVnet".into(),
            prefixes: vec![net("10.13.0.0/16")],
        }],
        subnets: vec![
            Subnet {
                id: "/vnets/aksVnet/subnets/alb".into(),
                virtual_network: "aksVnet".into(),
                name: "alb".into(),
                prefixes: vec![net("10.13.100.0/24")],
                ip_configuration_addresses: vec![ip("10.13.100.6"), ip("10.13.100.7")],
                ..Subnet::default()
            },
            Subnet {
                id: "/vnets/aksVnet/subnets/aks1stpool".into(),
                virtual_network: "aksVnet".into(),
                name: "aks1stpool".into(),
                prefixes: vec![net("10.13.76.0/24")],
                ..Subnet::default()
            },
        ],
        ..Fragment::default()
    };
    let failing = Pod { ready: Some(false), ..pod("yadaapi-5f9f964f75-bg76s", "10.244.0.131") };
    let endpoint = |name: &str, address: &str, ready| Endpoint {
        addresses: vec![ip(address)],
        ready,
        pod: Some(("yada".into(), name.into())),
        ..Endpoint::default()
    };
    let kubectl = Fragment {
        nodes: vec![Node {
            meta: meta("", NODE),
            internal_addresses: vec![ip("10.13.76.4")],
            ready: Some(true),
            ..Node::default()
        }],
        pods: vec![
            failing,
            pod("yadaapi-5f9f964f75-2tnc8", "10.244.0.147"),
            Pod { host_network: true, ..pod("cilium-x7k2p", "10.13.76.4") },
            Pod { phase: "Succeeded".into(), ..pod("job-x7k2p", "10.244.0.200") },
        ],
        services: vec![Service {
            meta: meta("yada", "yadaapi"),
            ports: vec![ServicePort { port: 8080, ..ServicePort::default() }],
            ..Service::default()
        }],
        endpoint_slices: vec![EndpointSlice {
            meta: meta("yada", "yadaapi-x7k2p"),
            service: "yadaapi".into(),
            endpoints: vec![
                endpoint("yadaapi-5f9f964f75-2tnc8", "10.244.0.147", true),
                endpoint("yadaapi-5f9f964f75-bg76s", "10.244.0.131", false),
            ],
            ..EndpointSlice::default()
        }],
        gateways: vec![Gateway {
            meta: meta("default", "appgw4c"),
            class: "azure-alb-external".into(),
            listeners: vec![Listener {
                name: "http".into(),
                port: 80,
                protocol: "HTTP".into(),
                hostname: String::new(),
                attached_routes: Some(1),
                ..Listener::default()
            }],
            addresses: vec!["gudch2dqgbdwfzak.fz32.alb.azure.com".into()],
            ..Gateway::default()
        }],
        routes: vec![Route {
            meta: meta("yada", "yadaapi"),
            kind: "HTTPRoute".into(),
            parents: vec![RouteParent {
                namespace: "default".into(),
                name: "appgw4c".into(),
                section: "http".into(),
                port: None,
            }],
            backends: vec![RouteBackend {
                namespace: "yada".into(),
                service: "yadaapi".into(),
                ..RouteBackend::default()
            }],
            ..Route::default()
        }],
        overlay_extension_configs: vec![OverlayExtensionConfig {
            meta: meta("kube-system", "alb"),
            range: Some(net("10.13.100.0/24")),
            ..OverlayExtensionConfig::default()
        }],
        backend_health: vec![BackendHealth {
            service: "yada/yadaapi/8080".into(),
            endpoints: vec![
                (ip("10.244.0.147"), Some(BackendHealthStatus::Healthy)),
                (ip("10.244.0.131"), Some(BackendHealthStatus::Unhealthy)),
            ],
            ..BackendHealth::default()
        }],
        ..Fragment::default()
    };
    vec![("azure.json".into(), azure), ("kubectl.json".into(), kubectl)]
}

/// A capture with everything that the builders ask for.
pub(super) struct Lab {
    pub(super) resolver: Resolver,
    pub(super) health: HealthReport,
    pub(super) places: Places,
    pub(super) pairs: PairSums,
    pub(super) details: PairDetails,
    pub(super) probes: ProbeReport,
}

impl Lab {
    pub(super) fn whole() -> Self {
        Self::of(files(), pairs())
    }

    pub(super) fn of(files: Vec<(String, Fragment)>, mut pairs: Vec<PairSum>) -> Self {
        pairs.sort_by_key(|sum| (sum.pair, sum.minute));
        let pairs: PairSums = pairs.into_iter().collect();
        let resolver = Resolver::new(Inventory::merge(&files, &CaptureOptions::default()));
        let health = HealthReport::new(resolver.inventory(), Some((SPAN.first * MINUTE_MS, SPAN.last * MINUTE_MS)));
        let places = Places::new(&resolver, &health, &pairs, (!pairs.is_empty()).then_some(SPAN));
        let rule = |verdict| match verdict {
            Verdict::Allowed => "DefaultRule_AllowVnetInBound",
            Verdict::Denied => "DefaultRule_DenyAllInBound",
        };
        let mut details: Vec<PairDetail> = pairs
            .iter()
            .map(|sum| PairDetail {
                pair: sum.pair,
                side: Side::Destination,
                first_ms: SPAN.first * MINUTE_MS,
                last_ms: SPAN.last * MINUTE_MS,
                rules: vec![rule(sum.pair.verdict).to_owned()].into(),
                encryption: vec!["NX".to_owned()].into(),
            })
            .collect();
        details.dedup_by_key(|detail| detail.pair);
        Self { resolver, health, places, pairs, details: details.into_iter().collect(), probes: ProbeReport::default() }
    }

    pub(super) fn world(&self) -> World<'_> {
        World {
            resolver: &self.resolver,
            health: &self.health,
            places: &self.places,
            probes: &self.probes,
            range: None,
        }
    }

    pub(super) fn topology(&self) -> Topology {
        picture(self.world(), &self.pairs, &self.details)
    }
}

/// The picture of these pairs.
pub(super) fn picture(world: World<'_>, pairs: &PairSums, details: &PairDetails) -> Topology {
    let groups = Groups::new(world, pairs, details);
    super::super::topology(world, &groups, groups.whole())
}
