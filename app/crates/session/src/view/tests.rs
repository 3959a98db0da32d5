//! What a reader of the picture relies on: things stand where they belong, sums add up, silence and denial are drawn, and
//! captures that lack files still make sense.

mod lab;
mod over_time;

use self::lab::{Lab, ip, meta, net, pair, picture, pod};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_model::connection::{ProbeObservation, Separation};
use underlay_model::health::HealthState;
use underlay_model::inventory::{AgentPool, AksCluster, Fragment, Node, Pod, Subnet, VirtualNetwork};
use underlay_model::time::MINUTE_MS;
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, EntityKey, EntityKind, MinuteRange, Topology, Traffic};
use underlay_store::query::{AddressMinutes, AddressSeries, MinuteSum, MinuteSums, PairDetails};

fn key(text: &str) -> EntityKey {
    EntityKey(text.to_owned())
}

/// `container > container > thing`, by key.
fn path(topology: &Topology, text: &str) -> String {
    let mut at = topology.entities.iter().position(|entity| entity.key.0 == text);
    let mut parts = Vec::new();
    while let Some(here) = at {
        parts.insert(0, topology.entities[here].key.0.clone());
        at = topology.entities[here].parent.map(|parent| parent as usize);
    }
    parts.join(" > ")
}

/// Edges as `source > target kind flows`.
fn edges(topology: &Topology) -> Vec<String> {
    let name = |at: u32| topology.entities[at as usize].key.0.clone();
    topology
        .edges
        .iter()
        .map(|edge| format!("{} > {} {:?} {}", name(edge.source), name(edge.target), edge.kind, edge.traffic.flows))
        .collect()
}

#[test]
fn draws_the_lab_of_the_field_notes() {
    let lab = Lab::whole();
    let topology = lab.topology();
    let well = "vnet:aksVnet > subnet:aksVnet/aks1stpool > node:aks-nodepool1-30661543-vmss000000 > pods:aks-nodepool1-30661543-vmss000000";
    assert_eq!(
        path(&topology, "pod:yada/yadaapi-5f9f964f75-2tnc8"),
        format!("{well} > pod:yada/yadaapi-5f9f964f75-2tnc8")
    );
    assert_eq!(path(&topology, "instance:10.13.100.6"), "vnet:aksVnet > subnet:aksVnet/alb > instance:10.13.100.6");
    let entity = |text: &str| topology.entities.iter().find(|entity| entity.key.0 == text).unwrap();
    let overlay = entity("pods:aks-nodepool1-30661543-vmss000000");
    assert_eq!((overlay.name.as_str(), overlay.detail.as_str()), ("Overlay pods", "10.244.0.0/16"));
    assert_eq!(
        (entity("subnet:aksVnet/alb").name.as_str(), entity("subnet:aksVnet/alb").detail.as_str()),
        ("AGC subnet", "10.13.100.0/24")
    );
    assert!(entity("instance:10.13.100.7").absent && !entity("instance:10.13.100.6").absent);
    let denied = entity("group:denied-internet");
    assert_eq!((denied.name.as_str(), denied.detail.as_str()), ("203.0.113.77", "37 attempts"));
    let front_end = entity("frontend:default/appgw4c");
    assert_eq!((front_end.detail.as_str(), front_end.ports.as_str()), ("gudch2dqgbdwfzak.fz32.alb.azure.com", "80"));
    assert!(
        !topology.entities.iter().any(|entity| entity.name.starts_with("cilium") || entity.name.starts_with("job"))
    );
    let found = edges(&topology);
    for edge in [
        "instance:10.13.100.6 > pod:yada/yadaapi-5f9f964f75-2tnc8 User 12",
        "instance:10.13.100.6 > pod:yada/yadaapi-5f9f964f75-bg76s User 5",
        "group:denied-internet > node:aks-nodepool1-30661543-vmss000000 Denied 37",
        "instance:10.13.100.7 > pods:aks-nodepool1-30661543-vmss000000 Absent 0",
        "node:aks-nodepool1-30661543-vmss000000 > group:platform Platform 3",
        "node:aks-nodepool1-30661543-vmss000000 > group:internet Egress 4",
        "frontend:default/appgw4c > instance:10.13.100.6 Inferred 0",
        "frontend:default/appgw4c > route:yada/yadaapi Inferred 0",
        "route:yada/yadaapi > service:yada/yadaapi Inferred 0",
    ] {
        assert!(found.iter().any(|known| known == edge), "{edge} is not in {found:#?}");
    }
    assert!(!found.iter().any(|edge| edge.contains("frontend:default/appgw4c > instance:10.13.100.7")));
    assert_eq!(topology.headline, "1 of 2 targets is healthy");
    assert_eq!(
        topology.sublines,
        ["bg76s is UNHEALTHY at the gateway and not Ready.", "Instance 10.13.100.7 is silent."]
    );
    assert_eq!(topology.pods_by_state, [1, 0, 1, 0]);
    let edge = topology.edges.iter().find(|edge| edge.kind == EdgeKind::Denied).unwrap();
    assert_eq!(
        (edge.ports.as_slice(), edge.rules.as_slice()),
        (&[(22, 6, 37)][..], &["DefaultRule_DenyAllInBound".to_owned()][..])
    );
}

#[test]
fn a_brush_changes_numbers_and_moves_nothing() {
    let lab = Lab::whole();
    let whole = lab.topology();
    let brushed = picture(lab.world(), &lab.pairs.iter().take(1).collect(), &lab.details);
    let keys = |topology: &Topology| -> Vec<(EntityKey, Option<u32>)> {
        topology.entities.iter().map(|entity| (entity.key.clone(), entity.parent)).collect()
    };
    assert_eq!(keys(&whole), keys(&brushed));
    assert!(brushed.total.flows < whole.total.flows);
    let denied = brushed.entities.iter().find(|entity| entity.key.0 == "group:denied-internet").unwrap();
    assert_eq!(denied.detail, "no attempts");
}

#[test]
fn answers_who_a_pod_is() {
    let lab = Lab::whole();
    let text = key("pod:yada/yadaapi-5f9f964f75-bg76s");
    let minutes = MinuteSums(vec![
        MinuteSum { minute: 1000, ..MinuteSum::default() },
        MinuteSum { minute: 1003, ..MinuteSum::default() },
    ]);
    let found = detail(lab.world(), &text, &lab.pairs, &lab.details, &minutes).unwrap();
    assert_eq!((found.kind.as_str(), found.title.as_str()), ("Pod in yada", "yadaapi-5f9f964f75-bg76s"));
    assert_eq!(found.health, Some(HealthState::Failing));
    assert_eq!(found.evidence, ["10.244.0.131: pod status in kubectl.json"]);
    let facts: BTreeMap<&str, &str> =
        found.facts.iter().map(|(label, value, _)| (label.as_str(), value.as_str())).collect();
    assert_eq!(facts["Workload"], "Deployment yadaapi");
    assert_eq!(facts["Service"], "yada/yadaapi:8080");
    assert_eq!(facts["Readiness"], "GET /api/healthcheck :8080");
    let peers: Vec<&str> = found.peers.iter().map(|peer| peer.name.as_str()).collect();
    assert_eq!(peers, ["yadaapi-5f9f964f75-2tnc8", "10.13.100.6"]);
    let peer = &found.peers[1];
    assert_eq!(
        (peer.name.as_str(), peer.initiated, peer.port, peer.kind),
        ("10.13.100.6", true, (8080, 6), EdgeKind::User)
    );
    assert_eq!(found.total.flows, 16);
    // One point a minute; minutes that nothing covers are gaps.
    assert_eq!(found.series.iter().map(|point| point.covered).collect::<Vec<_>>(), [true, false, false, true]);
    assert!(detail(lab.world(), &key("pod:nobody"), &lab.pairs, &lab.details, &minutes).is_none());
}

#[test]
fn lists_the_pairs_of_an_edge() {
    let lab = Lab::whole();
    let (source, target) = (key("group:denied-internet"), key("node:aks-nodepool1-30661543-vmss000000"));
    let asked = edge_selector(lab.world(), &source, &target, EdgeKind::Denied).unwrap();
    assert_eq!(asked.verdict, Some(Verdict::Denied));
    let found =
        edge_detail(lab.world(), &source, &target, EdgeKind::Denied, &lab.pairs, &lab.details, &MinuteSums::default())
            .unwrap();
    assert_eq!(found.pairs.len(), 1);
    assert_eq!((found.pairs[0].src, found.pairs[0].port, found.total.denied), (ip("203.0.113.77"), 22, 37));
    assert_eq!(found.pairs[0].dst_name, "aks-nodepool1-30661543-vmss000000");
}

#[test]
fn flow_logs_alone_make_a_picture() {
    let lab = Lab::of(Vec::new(), lab::pairs());
    let topology = lab.topology();
    assert_eq!(topology.headline, "72 flows, 37 denied");
    assert_eq!(
        topology.sublines[0],
        "You added flow logs without kubectl output. Traffic is drawn, pods have no names."
    );
    assert_eq!(path(&topology, "address:10.244.0.147"), "address:10.244.0.147");
    // Many private addresses become groups by prefix.
    let many: Vec<_> = (0..200u8)
        .map(|last| pair(&format!("10.1.{}.{last}", last % 2), "10.9.0.1", 443, Verdict::Allowed, 1))
        .collect();
    let crowd = Lab::of(Vec::new(), many).topology();
    let groups: Vec<(&str, u64)> =
        crowd.entities.iter().map(|entity| (entity.key.0.as_str(), entity.members)).collect();
    assert_eq!(groups, [("group:10.1.0.0/24", 100), ("group:10.1.1.0/24", 100), ("address:10.9.0.1", 1)]);
}

#[test]
fn kubectl_output_alone_makes_a_picture() {
    let lab = Lab::of(vec![lab::files().remove(1)], Vec::new());
    let topology = lab.topology();
    assert!(path(&topology, "pod:yada/yadaapi-5f9f964f75-2tnc8").starts_with("subnet:nodes > node:"));
    assert!(
        topology
            .sublines
            .iter()
            .any(|line| line == "You added kubectl output only. Pods and routes are drawn, traffic is not.")
    );
    // Without flow logs nobody can be silent.
    assert!(!topology.entities.iter().any(|entity| entity.absent));
    assert!(!topology.edges.iter().any(|edge| edge.kind == EdgeKind::Absent));
}

#[test]
fn a_network_alone_is_drawn() {
    let lab = Lab::of(vec![lab::files().remove(0)], Vec::new());
    let topology = lab.topology();
    assert_eq!(path(&topology, "subnet:aksVnet/aks1stpool"), "vnet:aksVnet > subnet:aksVnet/aks1stpool");
    assert_eq!(topology.headline, "The network, without traffic");
    assert_eq!(Lab::of(Vec::new(), Vec::new()).topology().headline, "Nothing to draw in these files");
}

#[test]
fn pods_of_a_flat_network_stand_in_their_subnet() {
    let mut files = lab::files();
    files[0].1.clusters = vec![AksCluster {
        name: "aks".into(),
        pools: vec![AgentPool { pod_subnet_id: "/vnets/aksVnet/subnets/pods".into(), ..AgentPool::default() }],
        ..AksCluster::default()
    }];
    files[0].1.subnets.push(Subnet {
        id: "/vnets/aksVnet/subnets/pods".into(),
        virtual_network: "aksVnet".into(),
        name: "pods".into(),
        prefixes: vec![net("10.13.128.0/17")],
        ..Subnet::default()
    });
    files[1].1.pods = vec![pod("web-1", "10.13.130.9")];
    let topology = Lab::of(files, Vec::new()).topology();
    let well = topology.entities.iter().find(|entity| entity.kind == EntityKind::PodRange).unwrap();
    assert_eq!((well.name.as_str(), well.detail.as_str()), ("Pods in pods", "10.13.128.0/17"));
}

#[test]
fn pods_without_a_node_and_addresses_without_a_pod_are_still_there() {
    let mut files = lab::files();
    files[1].1.pods.push(Pod { node_name: String::new(), ..pod("pending", "10.244.0.9") });
    let pairs = vec![pair("10.13.100.6", "10.244.9.9", 8080, Verdict::Allowed, 3)];
    let topology = Lab::of(files, pairs).topology();
    assert_eq!(path(&topology, "pod:yada/pending"), "pods:unplaced > pod:yada/pending");
    assert_eq!(path(&topology, "address:10.244.9.9"), "pods:unplaced > address:10.244.9.9");
}

#[test]
fn traffic_of_an_address_goes_to_whoever_held_it_then() {
    let mut files = lab::files();
    files[1].1.pods = vec![
        Pod {
            phase: "Failed".into(),
            started_ms: Some(900 * MINUTE_MS),
            finished_ms: Some(996 * MINUTE_MS),
            ..pod("old", "10.244.0.88")
        },
        Pod { started_ms: Some(1005 * MINUTE_MS), ..pod("young", "10.244.0.88") },
    ];
    let mut pairs = Vec::new();
    for minute in 1000..1010 {
        let mut row = pair("10.13.100.6", "10.244.0.88", 80, Verdict::Allowed, 1);
        row.minute = Some(minute);
        pairs.push(row);
    }
    let lab = Lab::of(files, pairs);
    let topology = lab.topology();
    let flows = |text: &str| topology.entities.iter().find(|entity| entity.key.0 == text).unwrap().traffic.flows;
    assert_eq!(flows("pod:yada/young"), 5);
    assert_eq!(flows("address:10.244.0.88"), 3);
    // The finished pod is not drawn: its two minutes are its node's.
    assert_eq!(flows("pods:aks-nodepool1-30661543-vmss000000"), 7);
    assert_eq!(topology.total.flows, 10);
    let asked = selector(lab.world(), &key("pod:yada/young")).unwrap().either.unwrap();
    assert_eq!(asked.0.len(), 1);
    assert_eq!((asked.0[0].minutes[0].first, asked.0[0].minutes[0].last), (1005, 1009));
}

#[test]
fn traffic_of_services_and_routes_is_that_of_their_pods() {
    let lab = Lab::whole();
    for thing in ["service:yada/yadaapi", "route:yada/yadaapi"] {
        let asked = selector(lab.world(), &key(thing)).unwrap().either.unwrap();
        let addresses: Vec<IpAddr> = asked.0.iter().map(|span| span.address).collect();
        assert_eq!(addresses, [ip("10.244.0.131"), ip("10.244.0.147")], "{thing}");
        let detail = detail(lab.world(), &key(thing), &lab.pairs, &lab.details, &MinuteSums::default()).unwrap();
        // What the pods send each other is counted once in the total, and is no peer's.
        assert_eq!(detail.total.flows, 12 + 5 + 11, "{thing}");
        let peers: Vec<(&str, u64)> =
            detail.peers.iter().map(|peer| (peer.name.as_str(), peer.traffic.flows)).collect();
        assert_eq!(peers, [("10.13.100.6", 17)], "{thing}");
        assert!(detail.evidence.iter().any(|sentence| sentence.contains("that of its pods")), "{thing}");
    }
}

#[test]
fn strips_show_the_minutes_of_each_pod() {
    let mut lab = Lab::whole();
    let minutes = AddressMinutes(vec![
        AddressSeries { address: ip("10.244.0.131"), minutes: vec![(1001, 1)] },
        AddressSeries { address: ip("10.244.0.147"), minutes: vec![(1000, 500), (1009, 1000)] },
    ]);
    assert_eq!(lab.places.pulse_addresses(), [ip("10.244.0.131"), ip("10.244.0.147")]);
    lab.places.set_pulses(&lab.resolver, &minutes);
    let topology = lab.topology();
    let pulse = |text: &str| topology.entities.iter().find(|entity| entity.key.0 == text).unwrap().pulse.clone();
    assert_eq!(pulse("pod:yada/yadaapi-5f9f964f75-2tnc8"), [127, 0, 0, 0, 0, 0, 0, 0, 0, 255]);
    // However little, it is not nothing.
    assert_eq!(pulse("pod:yada/yadaapi-5f9f964f75-bg76s")[1], 1);
}

#[test]
fn a_timeline_tells_gaps_from_zeros_and_is_never_endless() {
    let sums = |minutes: &[i64]| {
        MinuteSums(minutes.iter().map(|&minute| MinuteSum { minute, ..MinuteSum::default() }).collect())
    };
    let lab = Lab::whole();
    let short = timeline(lab.world(), &sums(&[10, 11, 13]), false);
    assert_eq!(short.bars.iter().map(|bar| bar.covered).collect::<Vec<_>>(), [true, true, false, true]);
    let long = timeline(lab.world(), &sums(&[0, 100_000_000]), false);
    assert!(long.bars.len() <= 44_640 && long.minutes_per_bar > 1);
    assert!(long.bars.last().unwrap().covered);
    assert!(timeline(lab.world(), &MinuteSums::default(), true).bars.is_empty());
}

/// Thousands of nodes of several pools, in the order in which people count them.
fn cluster(nodes: usize, pods_per_node: usize) -> Fragment {
    let mut fragment = Fragment::default();
    for at in 0..nodes {
        let name = format!("aks-pool{}-12345678-vmss{at:06}", at % 12);
        let address = std::net::Ipv4Addr::from(0x0a0d_0000 + u32::try_from(at).unwrap());
        fragment.nodes.push(Node {
            meta: meta("", &name),
            internal_addresses: vec![address.into()],
            ..Node::default()
        });
        for slot in 0..pods_per_node {
            let address = std::net::Ipv4Addr::from(0x6440_0000 + u32::try_from(at * 256 + slot).unwrap());
            let name_of_pod = format!("app{}-5f9f964f75-{at:05}{slot:03}", slot % 30);
            fragment.pods.push(Pod { node_name: name.clone(), ..pod(&name_of_pod, &address.to_string()) });
        }
    }
    fragment.virtual_networks =
        vec![VirtualNetwork { id: "/v".into(), name: "v".into(), prefixes: vec![net("10.13.0.0/16")] }];
    fragment
}

#[test]
fn containers_come_first_and_hold_their_members_in_one_run() {
    let pairs = (0..2_000u32)
        .map(|at| {
            pair("10.99.0.1", &std::net::Ipv4Addr::from(0x6440_0000 + at * 7).to_string(), 80, Verdict::Allowed, 1)
        })
        .collect();
    let lab = Lab::of(vec![("c.json".to_owned(), cluster(120, 20))], pairs);
    let topology = lab.topology();
    for (at, entity) in topology.entities.iter().enumerate() {
        assert!(entity.parent.is_none_or(|parent| (parent as usize) < at));
        assert!(lab.places.holds(entity.parent.unwrap_or(at as u32), at as u32));
    }
    let nodes: Vec<&str> = topology
        .entities
        .iter()
        .filter(|entity| entity.kind == EntityKind::Node)
        .map(|entity| entity.name.as_str())
        .collect();
    assert_eq!(nodes.len(), 120);
    assert_eq!(nodes[0], "aks-pool0-12345678-vmss000000");
    assert_eq!(nodes[20], "aks-pool2-12345678-vmss000002");
}

/// Takes a while: for measuring with `--release -- --ignored`.
#[test]
#[ignore = "measures the largest cluster there may be"]
fn the_largest_cluster_is_drawn() {
    let pairs = (0..1_000_000u32)
        .map(|at| pair("10.99.0.1", &std::net::Ipv4Addr::from(0x6440_0000 + at).to_string(), 80, Verdict::Allowed, 1))
        .collect();
    let lab = Lab::of(vec![("c.json".to_owned(), cluster(5_000, 40))], pairs);
    assert_eq!(lab.topology().entities.iter().filter(|entity| entity.key.0.starts_with("pod:")).count(), 200_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn sums_add_up_in_every_view(
        rows in proptest::collection::btree_map((0usize..9, 0usize..9, 1u16..4, any::<bool>()), 1u64..50, 0..40),
    ) {
        let addresses = [
            "10.13.100.6", "10.244.0.147", "10.244.0.131", "10.13.76.4", "203.0.113.77", "1.2.3.4", "10.244.7.7", "10.13.9.9",
            "168.63.129.16",
        ];
        let pairs = rows
            .iter()
            .map(|(&(source, target, port, denied), &flows)| {
                pair(addresses[source], addresses[target], port, if denied { Verdict::Denied } else { Verdict::Allowed }, flows)
            })
            .collect();
        let lab = Lab::of(lab::files(), pairs);
        let topology = lab.topology();
        let total: u64 = rows.values().sum();
        prop_assert_eq!(topology.total.flows, total);
        // An edge has two ends; what is missing went on inside one thing.
        let inside: u64 = lab.pairs.iter().filter(|sum| {
            let place = |address| lab.places.place(&lab.resolver, address, 1000);
            place(sum.pair.src) == place(sum.pair.dst)
        }).map(|sum| sum.counters.flows()).sum();
        let drawn: u64 = topology.edges.iter().map(|edge| edge.traffic.flows).sum();
        prop_assert_eq!(drawn + inside, total);
        // Services and routes tell the traffic of their pods, which is counted at the pods.
        let is_counted = |kind| !matches!(kind, EntityKind::Service | EntityKind::Route);
        for entity in topology.entities.iter().filter(|entity| is_counted(entity.kind)) {
            let found = detail(lab.world(), &entity.key, &lab.pairs, &PairDetails::default(), &MinuteSums::default()).unwrap();
            prop_assert_eq!(found.total, entity.traffic, "{}", entity.key);
        }
        for edge in topology.edges.iter().filter(|edge| edge.traffic != Traffic::default()) {
            let end = |at: u32| &topology.entities[at as usize].key;
            let found = edge_detail(
                lab.world(), end(edge.source), end(edge.target), edge.kind, &lab.pairs, &PairDetails::default(), &MinuteSums::default(),
            ).unwrap();
            prop_assert_eq!(found.total, edge.traffic);
        }
    }
}

/// What was seen of the probes of a pod at port 8080.
fn probes_of(target: &str, separation: Separation, counts: [u64; 4]) -> ProbeObservation {
    let [answered, unanswered, user, unknown] = counts;
    ProbeObservation {
        instance: Some(ip("10.13.100.6")),
        target: Some(ip(target)),
        port: 8080,
        separation,
        interval_ms: 5000,
        answered,
        unanswered,
        user,
        unknown,
        span: Some((1000 * MINUTE_MS, 1010 * MINUTE_MS)),
        usual_bytes: [100, 500],
        ..ProbeObservation::default()
    }
}

#[test]
fn probes_are_an_edge_of_their_own_where_they_are_told_from_user_traffic() {
    let mut lab = Lab::whole();
    // Of 12 flows 8 are probes, of which 2 had no answer.
    lab.probes.observations = vec![probes_of("10.244.0.147", Separation::Clear, [6, 2, 4, 0])];
    let (source, target) = (key("instance:10.13.100.6"), key("pod:yada/yadaapi-5f9f964f75-2tnc8"));
    let topology = lab.topology();
    let found = edges(&topology);
    for edge in ["Probe 8", "User 4"] {
        let edge = format!("{source} > {target} {edge}");
        assert!(found.contains(&edge), "{edge} is not in {found:#?}");
    }
    let whole = Lab::whole().topology();
    let sum = |topology: &Topology| topology.edges.iter().map(|edge| edge.traffic.total_bytes()).sum::<u64>();
    assert_eq!((sum(&topology), topology.total), (sum(&whole), whole.total));

    let asked = |lab: &Lab, kind| {
        edge_detail(lab.world(), &source, &target, kind, &lab.pairs, &lab.details, &MinuteSums::default()).unwrap()
    };
    let probes = asked(&lab, EdgeKind::Probe);
    assert_eq!((probes.total.flows, probes.total.bytes), (8, [800, 3000]));
    assert_eq!(probes.probes[0], "6 probes answered, 2 not; inferred. About one every 5.0 s.");
    let user = asked(&lab, EdgeKind::User);
    assert_eq!((user.total.flows, user.probes.len()), (4, 1));

    // Of half the time half the probes.
    let part = World { range: Some(MinuteRange { first: 1000, last: 1004 }), ..lab.world() };
    let brushed = picture(part, &lab.pairs, &lab.details);
    assert!(edges(&brushed).contains(&format!("{source} > {target} Probe 4")));
}

#[test]
fn probes_that_cannot_be_told_from_user_traffic_stay_in_it_and_that_is_said() {
    let (source, target) = (key("instance:10.13.100.6"), key("pod:yada/yadaapi-5f9f964f75-2tnc8"));
    for separation in [Separation::Unclear, Separation::Reused] {
        let mut lab = Lab::whole();
        lab.probes.observations = vec![probes_of("10.244.0.147", separation, [0, 0, 0, 12])];
        let found = edges(&lab.topology());
        assert!(found.contains(&format!("{source} > {target} User 12")), "{found:#?}");
        assert!(!found.iter().any(|edge| edge.contains("Probe")), "{found:#?}");
        let detail = edge_detail(
            lab.world(),
            &source,
            &target,
            EdgeKind::User,
            &lab.pairs,
            &lab.details,
            &MinuteSums::default(),
        );
        let words = detail.unwrap().probes;
        assert!(words.len() == 1 && words[0].contains("12 connections") && words[0].contains("unknown"), "{words:?}");
    }
}
