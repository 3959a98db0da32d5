//! Hand-made topologies for tests and previews: the lab of the field notes as the design's screens tell it, a cluster of 120 nodes,
//! and one of any size. Deterministic; no generator of captures is needed to look at a picture.

use underlay_model::health::HealthState;
use underlay_model::time::Minute;
use underlay_model::view::{Edge, EdgeKind, Entity, EntityKey, EntityKind, MinuteTraffic, Timeline, Topology, Traffic};

/// 2026-11-20 09:00 UTC.
pub const FIRST_MINUTE: Minute = 29_919_420;

/// A thing with a name and nothing else.
fn thing(kind: EntityKind, key: &str, parent: Option<u32>, name: &str, detail: &str) -> Entity {
    let key = EntityKey(key.to_owned());
    Entity { detail: detail.to_owned(), ..Entity::new(kind, key, parent, name.to_owned()) }
}

fn traffic(flows: u64, to: u64, back: u64) -> Traffic {
    Traffic { flows, denied: 0, packets: [flows * 6, flows * 8], bytes: [to, back] }
}

fn edge(source: u32, target: u32, kind: EdgeKind, traffic: Traffic, port: u16, rule: &str) -> Edge {
    Edge {
        source,
        target,
        kind,
        traffic,
        ports: vec![(port, 6, traffic.flows)],
        rules: vec![rule.to_owned()],
        pairs: 1,
        encryption: [0, 1],
    }
}

/// The lab: one gateway with a seen and a silent instance, one node, four pods, a denied SSH scan.
pub fn lab() -> Topology {
    let mut list = Vec::new();
    let mut add = |entity: Entity| {
        list.push(entity);
        list.len() as u32 - 1
    };
    let clients = add(thing(EntityKind::Clients, "clients:1.2.3.4", None, "1.2.3.4", "9,702 requests"));
    let more =
        add(Entity { members: 3, ..thing(EntityKind::Clients, "clients:more", None, "3 more", "1,153 requests") });
    let front_end = add(Entity {
        note: "default".into(),
        ports: "80, 443".into(),
        ..thing(
            EntityKind::FrontEnd,
            "frontend:default/appgw4c",
            None,
            "appgw4c",
            "gudch2dqgbdwfzak.fz32.alb.azure.com",
        )
    });
    let scan = add(Entity {
        traffic: Traffic { flows: 37, denied: 37, ..Traffic::default() },
        ..thing(EntityKind::Internet, "address:203.0.113.77", None, "203.0.113.77", "")
    });
    let platform = add(thing(EntityKind::Platform, "address:168.63.129.16", None, "168.63.129.16", "Azure platform"));
    let network = add(thing(EntityKind::VirtualNetwork, "vnet:aksVnet", None, "aksVnet", "10.13.0.0/16"));
    let gateway = add(thing(
        EntityKind::GatewaySubnet,
        "subnet:aksVnet/subnet-alb",
        Some(network),
        "AGC subnet",
        "10.13.100.0/24",
    ));
    let instance = add(Entity {
        health: HealthState::Healthy,
        ..thing(EntityKind::GatewayInstance, "instance:10.13.100.6", Some(gateway), "10.13.100.6", "")
    });
    let silent = add(Entity {
        absent: true,
        ..thing(EntityKind::GatewayInstance, "instance:10.13.100.7", Some(gateway), "10.13.100.7", "")
    });
    let subnet =
        add(thing(EntityKind::NodeSubnet, "subnet:aksVnet/aks1stpool", Some(network), "Node subnet", "10.13.76.0/24"));
    let node = add(Entity {
        note: "v1.30.9".into(),
        group: "nodepool1".into(),
        health: HealthState::Healthy,
        ..thing(
            EntityKind::Node,
            "node:aks-nodepool1-30661543-vmss000000",
            Some(subnet),
            "aks-nodepool1-30661543-vmss000000",
            "10.13.76.4",
        )
    });
    let range = add(thing(EntityKind::PodRange, "pods:10.244.0.0/16", Some(node), "Overlay pods", "10.244.0.0/16"));
    let pods = [
        ("yada", "yadaapi", "5f9f964f75-2tnc8", "10.244.0.147", HealthState::Healthy, 41_800_000, 612),
        ("yada", "yadaapi", "5f9f964f75-bg76s", "10.244.0.131", HealthState::Failing, 9_600_000, 156),
        ("yadatls", "yadatls", "6b655b7bdd-v2frs", "10.244.0.203", HealthState::Healthy, 18_200_000, 297),
        ("yadatls", "yadatls", "6b655b7bdd-z9vkh", "10.244.0.52", HealthState::Healthy, 17_900_000, 297),
    ];
    let mut edges = vec![
        edge(clients, front_end, EdgeKind::User, traffic(9702, 9_000_000, 78_000_000), 443, ""),
        edge(more, front_end, EdgeKind::User, traffic(1153, 1_000_000, 9_500_000), 443, ""),
        edge(front_end, instance, EdgeKind::Inferred, Traffic::default(), 443, ""),
        edge(front_end, silent, EdgeKind::Inferred, Traffic::default(), 443, ""),
    ];
    for (place, (namespace, workload, suffix, address, health, bytes, flows)) in pods.into_iter().enumerate() {
        let name = format!("{workload}-{suffix}");
        let pulse = (0..60u64)
            .map(|minute| match health {
                HealthState::Failing if minute > 31 => 60,
                _ => 200 + ((minute * 37 + place as u64 * 11) % 55) as u8,
            })
            .collect();
        let sum = traffic(flows, bytes / 8, bytes);
        let pod = add(Entity {
            note: namespace.into(),
            group: workload.into(),
            health,
            pulse,
            traffic: sum,
            ports: if health == HealthState::Failing { "0/1" } else { "1/1" }.into(),
            containers: match health {
                HealthState::Failing => {
                    format!("{workload}\t8080\tHTTP /api/healthcheck on 8080\tnot ready, 3 restarts")
                }
                _ => format!("{workload}\t8080\tHTTP /api/healthcheck on 8080\t"),
            },
            ..thing(EntityKind::Pod, &format!("pod:{namespace}/{name}"), Some(range), &name, address)
        });
        edges.push(edge(instance, pod, EdgeKind::User, sum, 8080, "DefaultRule_AllowVnetInBound"));
    }
    edges.push(edge(silent, range, EdgeKind::Absent, Traffic::default(), 8080, ""));
    let denied = Traffic { flows: 37, denied: 37, packets: [37, 0], bytes: [0, 0] };
    edges.push(edge(scan, node, EdgeKind::Denied, denied, 22, "DefaultRule_DenyAllInBound"));
    edges.push(edge(node, platform, EdgeKind::Platform, traffic(214, 90_000, 150_000), 53, ""));
    edges.sort_by_key(|edge| (edge.source, edge.target, edge.kind));
    let mut total = Traffic::default();
    edges.iter().for_each(|edge| total += edge.traffic);
    Topology {
        entities: list,
        edges,
        headline: "3 of 4 targets are healthy".into(),
        sublines: vec!["bg76s fails its probe since 09:31.".into(), "Instance 10.13.100.7 is silent.".into()],
        total,
        pods_by_state: [3, 0, 1, 0],
    }
}

/// The lab with the routes and services that its objects tell of.
pub fn lab_with_services() -> Topology {
    let mut topology = lab();
    let find = |topology: &Topology, part: &str| {
        topology.entities.iter().position(|thing| thing.key.0.contains(part)).unwrap_or(0) as u32
    };
    let front_end = find(&topology, "frontend:");
    for (namespace, name) in [("yada", "yadaapi"), ("yadatls", "yadatls"), ("kube-system", "kube-dns")] {
        let add = |topology: &mut Topology, kind, word: &str, name: &str, detail: &str| {
            let key = format!("{word}:{namespace}/{name}");
            topology.entities.push(Entity { note: namespace.into(), ..thing(kind, &key, None, name, detail) });
            topology.entities.len() as u32 - 1
        };
        let service = add(&mut topology, EntityKind::Service, "service", name, "10.0.12.7");
        if namespace == "kube-system" {
            continue;
        }
        let route = add(&mut topology, EntityKind::Route, "route", &format!("{name}-route"), "");
        let inferred = |source, target| edge(source, target, EdgeKind::Inferred, Traffic::default(), 0, "");
        topology.edges.push(inferred(front_end, route));
        topology.edges.push(inferred(route, service));
        let pods = (0..service).filter(|&at| {
            let pod = &topology.entities[at as usize];
            pod.kind == EntityKind::Pod && pod.group == name
        });
        let pods: Vec<u32> = pods.collect();
        topology.edges.extend(pods.into_iter().map(|pod| inferred(service, pod)));
    }
    topology.edges.sort_by_key(|edge| (edge.source, edge.target, edge.kind));
    topology
}

/// The lab's hour: traffic all along, more on the first pod from 09:31, denials in three bursts, a gap from 09:41 to 09:44.
pub fn lab_timeline() -> Timeline {
    let bars = (0..60u64)
        .map(|minute| {
            let wave = (minute * 7919 % 17) * 40_000;
            let selected = if minute > 30 { 1_500_000 + wave } else { 650_000 + wave / 2 };
            let denied = match minute {
                12 | 13 => 3,
                27 => 9,
                28 => 14,
                29 => 6,
                44 => 5,
                45 => 3,
                _ => 0,
            };
            let rest = if minute > 30 { 800_000 } else { 1_600_000 + wave };
            MinuteTraffic {
                all: Traffic { flows: 23 + denied, denied, packets: [0; 2], bytes: [selected / 8, selected + rest] },
                selected: traffic(10, selected / 8, selected),
                covered: !(41..44).contains(&minute),
            }
        })
        .map(|bar| if bar.covered { bar } else { MinuteTraffic::default() })
        .collect();
    Timeline { first: FIRST_MINUTE, bars, minutes_per_bar: 1, ..Timeline::default() }
}

/// The design's `scale` screen: 120 nodes in three zones and three pools, 3,600 pods, one silent node, 30 failing pods.
pub fn cluster_120() -> Topology {
    cluster(&[("system", 12, 26), ("apps", 84, 34), ("batch", 24, 18)], 8)
}

/// A cluster of pools given as (name, nodes, pods a node), nodes spread over three zones, with so many gateway instances of which
/// the fourth is silent. Every instance sends to every twelfth pod of its stride.
pub fn cluster(pools: &[(&str, u32, u32)], instances: u32) -> Topology {
    const NAMESPACES: [&str; 8] =
        ["checkout", "search", "ingest", "payments", "identity", "catalog", "batch", "monitoring"];
    let mut entities: Vec<Entity> = Vec::new();
    let mut edges = Vec::new();
    let internet = 0;
    entities.push(Entity {
        members: 61,
        ..thing(EntityKind::Internet, "group:internet", None, "Internet", "61 addresses")
    });
    let front_end = 1;
    entities.push(thing(EntityKind::FrontEnd, "frontend:default/shop", None, "shop", "abc.fz01.alb.azure.com"));
    entities.push(thing(EntityKind::VirtualNetwork, "vnet:prod", None, "prod-weu-2", "10.13.0.0/16"));
    entities.push(thing(EntityKind::GatewaySubnet, "subnet:prod/agc", Some(2), "AGC subnet", "10.13.100.0/24"));
    for i in 0..instances {
        let address = format!("10.13.100.{}", i + 4);
        let absent = i == 3;
        let health = if absent { HealthState::Unknown } else { HealthState::Healthy };
        entities.push(Entity {
            absent,
            health,
            ..thing(EntityKind::GatewayInstance, &format!("instance:{address}"), Some(3), &address, "")
        });
        edges.push(edge(front_end, 4 + i, EdgeKind::Inferred, Traffic::default(), 443, ""));
    }
    let subnet = entities.len() as u32;
    entities.push(thing(EntityKind::NodeSubnet, "subnet:prod/nodes", Some(2), "Node subnet", "10.14.0.0/16"));
    let mut pod_number = 0u32;
    for (pool, nodes, pods) in pools {
        for number in 0..*nodes {
            let node = entities.len() as u32;
            let name = format!("aks-{pool}-30661543-vmss{number:06}");
            let silent = *pool == "apps" && number == 41;
            entities.push(Entity {
                group: (*pool).to_owned(),
                zone: format!("{}", number % 3 + 1),
                note: "v1.30.9".into(),
                ..thing(
                    EntityKind::Node,
                    &format!("node:{name}"),
                    Some(subnet),
                    &name,
                    &format!("10.14.{}.{}", number / 250, number % 250 + 4),
                )
            });
            entities.push(thing(
                EntityKind::PodRange,
                &format!("pods:{name}"),
                Some(node),
                "Overlay pods",
                "10.244.0.0/16",
            ));
            // Nodes are never equally full.
            for _ in 0..(*pods - number % 3 * (*pods / 12)) {
                let mixed = pod_number.wrapping_mul(2_654_435_761) >> 8;
                let namespace = NAMESPACES[(mixed % 8) as usize];
                let health = match mixed % 120 {
                    _ if silent => HealthState::Unknown,
                    7 => HealthState::Failing,
                    8 => HealthState::Degraded,
                    _ => HealthState::Healthy,
                };
                let pod = entities.len() as u32;
                let name = format!("{namespace}-api-6b655b7bdd-{pod_number:05x}");
                let bytes = u64::from(mixed % 997) * 20_000;
                entities.push(Entity {
                    note: namespace.into(),
                    group: format!("{namespace}-api"),
                    ports: "1/1".into(),
                    containers: format!("{namespace}-api\t8080\tHTTP /healthz on 8080\t"),
                    health,
                    traffic: traffic(u64::from(mixed % 300), bytes / 8, bytes),
                    ..thing(
                        EntityKind::Pod,
                        &format!("pod:{namespace}/{name}"),
                        Some(node + 1),
                        &name,
                        &format!("10.{}.{}.{}", 244 + pod_number / 65_536, pod_number / 256 % 256, pod_number % 256),
                    )
                });
                if pod_number.is_multiple_of(2) && instances > 0 {
                    let instance = pod_number / 2 % instances;
                    if instance != 3 {
                        let sum = traffic(u64::from(mixed % 300) + 1, bytes / 8, bytes);
                        edges.push(edge(4 + instance, pod, EdgeKind::User, sum, 8080, "DefaultRule_AllowVnetInBound"));
                    }
                }
                pod_number += 1;
            }
            if number % 40 == 1 {
                let denied = Traffic { flows: 11, denied: 11, packets: [11, 0], bytes: [0, 0] };
                edges.push(edge(internet, node, EdgeKind::Denied, denied, 22, "DefaultRule_DenyAllInBound"));
            }
        }
    }
    if instances > 3 {
        edges.push(edge(7, subnet, EdgeKind::Absent, Traffic::default(), 8080, ""));
    }
    edges.sort_by_key(|edge| (edge.source, edge.target, edge.kind));
    let mut pods_by_state = [0; 4];
    for pod in entities.iter().filter(|entity| entity.kind == EntityKind::Pod) {
        let place = match pod.health {
            HealthState::Healthy => 0,
            HealthState::Degraded => 1,
            HealthState::Failing => 2,
            HealthState::Unknown => 3,
        };
        pods_by_state[place] += 1;
    }
    let mut total = Traffic::default();
    edges.iter().for_each(|edge| total += edge.traffic);
    let headline = format!(
        "{} of {} pods healthy",
        crate::units::count(pods_by_state[0]),
        crate::units::count(pods_by_state.iter().sum())
    );
    Topology { entities, edges, headline, sublines: vec!["One node silent.".into()], total, pods_by_state }
}
