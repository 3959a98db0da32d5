//! What layout, display and hit testing promise, on topologies of any shape.

use proptest::prelude::*;
use underlay_model::health::HealthState;
use underlay_model::view::{Entity, EntityKey, EntityKind, Topology, Traffic};
use underlay_scene::primitive::Primitive;
use underlay_scene::{
    Arrangement, Camera, Grouping, Insets, Layers, Level, Point, Rect, Scene, Size, Target, View, fixture,
};

const VIEWPORT: Size = Size::new(836.0, 612.0);

/// Clusters from one node to a few dozen, open and dense.
fn clusters() -> impl Strategy<Value = Topology> {
    (1u32..9, 0u32..30, 0u32..60, 0u32..7).prop_map(|(system, apps, pods, instances)| {
        fixture::cluster(&[("system", system, pods / 2), ("apps", apps, pods)], instances)
    })
}

fn fitted(scene: &Scene) -> View {
    View { camera: scene.fit(VIEWPORT, Insets::default()), viewport: VIEWPORT, ..View::default() }
}

fn places(scene: &Scene) -> Vec<Option<Rect>> {
    (0..scene.things().count() as u32).map(|thing| scene.place(thing)).collect()
}

/// Holders of things that overlap nothing beside them.
fn is_box(kind: EntityKind) -> bool {
    !matches!(kind, EntityKind::VirtualNetwork | EntityKind::NodeSubnet | EntityKind::PodRange | EntityKind::Group)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn members_lie_inside_their_containers_and_siblings_do_not_overlap(topology in clusters()) {
        let scene = Scene::new(topology, Layers::default());
        let places = places(&scene);
        let things: Vec<&Entity> = scene.things().collect();
        let mut boxes: Vec<(Rect, u32)> = Vec::new();
        for (i, thing) in things.iter().enumerate() {
            if thing.kind == EntityKind::Pod {
                prop_assert!(places[i].is_some(), "every pod is reachable: {}", thing.key);
            }
            let Some(place) = places[i] else { continue };
            prop_assert!(scene.bounds().encloses(&place), "{} lies inside the bounds", thing.key);
            let mut parent = thing.parent;
            while let Some(at) = parent {
                if let Some(around) = places[at as usize] {
                    prop_assert!(around.encloses(&place), "{} {place:?} in {} {around:?}", thing.key, things[at as usize].key);
                }
                parent = things[at as usize].parent;
            }
            if is_box(thing.kind) && !matches!(thing.kind, EntityKind::GatewaySubnet | EntityKind::Node) {
                boxes.push((place, i as u32));
            }
        }
        boxes.sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
        for (i, (rect, thing)) in boxes.iter().enumerate() {
            for (other, beside) in boxes[i + 1..].iter().take_while(|(other, _)| other.x < rect.right()) {
                prop_assert!(!rect.overlaps(other), "{} and {}", things[*thing as usize].key, things[*beside as usize].key);
            }
        }
    }

    #[test]
    fn the_middle_of_every_thing_leads_back_to_it(topology in clusters(), level in 1usize..3) {
        let scene = Scene::new(topology, Layers::default());
        let level = Level::ALL[level];
        let view = View { pinned: scene.is_dense().then_some(level), ..fitted(&scene) };
        let list = scene.display(&view);
        for (i, thing) in scene.things().enumerate() {
            let Some(place) = scene.place(i as u32) else { continue };
            let leaf = matches!(thing.kind, EntityKind::Pod | EntityKind::GatewayInstance | EntityKind::FrontEnd | EntityKind::Internet);
            // Named cells are drawn lower than their natural place, to make room for the name.
            if leaf && (thing.kind != EntityKind::Pod || level == Level::Cells) {
                let at = view.camera.to_screen(place.centre());
                prop_assert_eq!(scene.hit(&view, &list, at), Some(Target::Entity(i as u32)), "{}", thing.key);
            }
        }
    }

    #[test]
    fn drawing_is_deterministic_and_finite(topology in clusters(), scale in 0.05f32..20.0) {
        let scene = Scene::new(topology.clone(), Layers::default());
        let again = Scene::new(topology, Layers::default());
        let view = View { camera: Camera { scale, ..scene.fit(VIEWPORT, Insets::default()) }, ..fitted(&scene) };
        let list = scene.display(&view);
        prop_assert_eq!(&list, &again.display(&view));
        for primitive in list.under.iter().chain(&list.over) {
            if let Primitive::Text(run) = primitive {
                prop_assert!(run.size >= 10.5, "{} is legible", run.text);
                prop_assert!(run.x.is_finite() && run.y.is_finite());
            }
        }
        for (i, label) in list.labels.iter().enumerate() {
            prop_assert!(!list.labels[i + 1..].iter().any(|other| other.overlaps(label)));
        }
    }

    #[test]
    fn other_numbers_move_nothing(topology in clusters()) {
        let mut scene = Scene::new(topology.clone(), Layers::default());
        let before = places(&scene);
        let mut quiet = topology;
        for entity in &mut quiet.entities {
            entity.traffic = Traffic::default();
            entity.health = HealthState::Unknown;
        }
        quiet.edges.clear();
        prop_assert!(!scene.update(quiet));
        prop_assert_eq!(before, places(&scene));
    }

    #[test]
    fn a_pod_that_is_appended_moves_nothing_before_it(topology in clusters()) {
        let scene = Scene::new(topology.clone(), Layers::default());
        let Some(last) = topology.entities.iter().rposition(|entity| entity.kind == EntityKind::Pod) else { return Ok(()) };
        let mut grown = topology;
        let mut pod = grown.entities[last].clone();
        pod.key = EntityKey("pod:later/one".to_owned());
        grown.entities.push(pod);
        let after = Scene::new(grown, Layers::default());
        let before = places(&scene);
        // Cells get smaller in steps; such a step moves everything once.
        let stepped = before[last].map(|place| place.width) != after.place(last as u32).map(|place| place.width);
        let new = after.place(before.len() as u32);
        prop_assert!(new.is_some());
        if scene.is_dense() && stepped {
            return Ok(());
        }
        for (i, place) in before.into_iter().enumerate() {
            let (Some(place), Some(new)) = (place, new) else { continue };
            let thing = scene.thing(i as u32).expect("it has a place");
            // In its node, what stands below the new pod makes room for it; nothing else moves.
            let above = place.y <= new.y || thing.parent != scene.thing(last as u32).and_then(|thing| thing.parent);
            if thing.kind == EntityKind::Pod && above {
                prop_assert_eq!(Some(place), after.place(i as u32), "{}", thing.key);
            }
        }
    }
}

/// Marks that a frame shows for an exceptional state, by whatever means.
fn shows_failing(scene: &Scene, view: &View) -> bool {
    use underlay_scene::primitive::Mark;
    let list = scene.display(view);
    let glyph = list
        .under
        .iter()
        .chain(&list.over)
        .any(|primitive| matches!(primitive, Primitive::Glyph { mark: Mark::Failing, size, .. } if *size >= 8.0));
    let block = list.cells.blocks.iter().any(|block| block.worst == HealthState::Failing);
    let cell = list.cells.runs.iter().any(|run| {
        let states = &list.cells.states[run.first as usize..(run.first + run.count) as usize];
        states.contains(&(HealthState::Failing as u8))
    });
    glyph || block || cell
}

#[test]
fn one_failing_pod_is_seen_at_every_scale_and_level() {
    for (pools, failing) in [(vec![("apps", 2, 20)], 3), (vec![("apps", 40, 30)], 700), (vec![("apps", 900, 20)], 9000)]
    {
        let mut topology = fixture::cluster(&pools, 2);
        let pods: Vec<usize> =
            (0..topology.entities.len()).filter(|&i| topology.entities[i].kind == EntityKind::Pod).collect();
        for &pod in &pods {
            topology.entities[pod].health = HealthState::Healthy;
        }
        topology.entities[pods[failing.min(pods.len() - 1)]].health = HealthState::Failing;
        let scene = Scene::new(topology, Layers::default());
        let fit = fitted(&scene);
        assert!(shows_failing(&scene, &fit), "in the fitted view of {pools:?}");
        for level in Level::ALL {
            assert!(shows_failing(&scene, &View { pinned: Some(level), ..fit }), "{level:?} of {pools:?}");
        }
        // Out to the farthest scale, and in on the pod's node.
        let far = fit.camera.zoomed(0.2, Point::new(418.0, 300.0));
        assert!(shows_failing(&scene, &View { camera: far, ..fit }));
        let pod = pods[failing.min(pods.len() - 1)] as u32;
        let near = scene.zoom_to(pod, VIEWPORT, Insets::default()).expect("pods have places");
        assert!(shows_failing(&scene, &View { camera: near, ..fit }));
    }
}

#[test]
fn exceptions_among_edges_are_never_left_out() {
    let mut topology = fixture::lab();
    let template = topology
        .edges
        .iter()
        .find(|edge| edge.kind == underlay_model::view::EdgeKind::Denied)
        .cloned()
        .expect("the lab has one");
    for port in 0..300u16 {
        let mut edge = template.clone();
        edge.ports = vec![(port, 6, 1)];
        topology.edges.push(edge);
    }
    let scene = Scene::new(topology, Layers::default());
    let list = scene.display(&fitted(&scene));
    let denied = list
        .edges
        .iter()
        .filter(|drawn| scene.topology().edges[drawn.edge as usize].kind == underlay_model::view::EdgeKind::Denied);
    assert_eq!(denied.count(), 301);
}

#[test]
fn probes_run_beside_user_traffic_as_dots_without_a_head() {
    use underlay_model::view::EdgeKind;
    use underlay_scene::Token;
    let mut topology = fixture::lab();
    let users: Vec<_> = topology.edges.iter().filter(|edge| edge.kind == EdgeKind::User).cloned().collect();
    let pods: Vec<_> = (users.into_iter())
        .filter(|edge| topology.entities[edge.target as usize].kind == EntityKind::Pod)
        .map(|edge| underlay_model::view::Edge { kind: EdgeKind::Probe, ..edge })
        .collect();
    let count = pods.len();
    assert!(count > 0, "the lab has user traffic to pods");
    topology.edges.extend(pods);
    topology.edges.sort_by_key(|edge| (edge.source, edge.target, edge.kind));
    let dots = |scene: &Scene| {
        let list = scene.display(&fitted(scene));
        let lines = list.over.iter().chain(&list.under).filter_map(|primitive| match primitive {
            Primitive::Path { paint, .. } if paint.stroke == Some(Token::Probe) => Some(paint.dash),
            Primitive::Path { paint, .. } => {
                assert_ne!(paint.fill, Some(Token::Probe), "a head");
                None
            }
            _ => None,
        });
        lines.collect::<Vec<_>>()
    };
    let mut scene = Scene::new(topology, Layers::default());
    assert_eq!(dots(&scene), vec![Some([0.0, 5.0]); count]);
    let drawn = scene.display(&fitted(&scene)).edges;
    let kinds = |kind| drawn.iter().filter(|drawn| scene.topology().edges[drawn.edge as usize].kind == kind).count();
    assert!(kinds(EdgeKind::User) >= count && kinds(EdgeKind::Probe) == count);
    let mut layers = Layers::default();
    layers.set(EdgeKind::Probe, false);
    scene = Scene::new(scene.topology().clone(), layers);
    assert!(dots(&scene).is_empty());
}

#[test]
fn broken_topologies_do_no_harm() {
    let mut topology = fixture::lab();
    topology.entities[3].parent = Some(3);
    topology.entities[5].parent = Some(4_000_000);
    let mut edge = topology.edges[0].clone();
    (edge.source, edge.target) = (77_777, 88_888);
    topology.edges.push(edge);
    let scene = Scene::new(topology, Layers::default());
    let view = View { selection: Some(Target::Edge(9999)), hover: Some(Target::Entity(9999)), ..fitted(&scene) };
    let list = scene.display(&view);
    assert!(scene.hit(&view, &list, Point::new(1e9, -1e9)).is_none());
    assert_eq!(Scene::new(Topology::default(), Layers::default()).display(&View::default()).edges.len(), 0);
}

#[test]
fn a_collapsed_pool_has_room_for_the_mark_of_its_worst_member() {
    for (nodes, pods) in (20..30).flat_map(|nodes| [(nodes, 2), (nodes, 40)]) {
        let mut topology = fixture::cluster(&[("system", 4, 1), ("apps", nodes, pods)], 3);
        let apps = |entity: &Entity| entity.name.contains("-apps-") && entity.zone == "2";
        let node = topology.entities.iter().position(apps).expect("a node of the pool") as u32;
        let range = topology.entities.iter().position(|entity| entity.parent == Some(node)).expect("its pods") as u32;
        for entity in topology.entities.iter_mut().filter(|entity| entity.kind == EntityKind::Pod) {
            let fails = entity.parent == Some(range);
            entity.health = if fails { HealthState::Failing } else { HealthState::Healthy };
        }
        let collapsed = vec![EntityKey("pool:Node subnet/2/apps".to_owned())];
        let scene = Scene::arranged(topology, Arrangement { collapsed, ..Arrangement::default() });
        assert!(shows_failing(&scene, &fitted(&scene)), "{nodes} nodes, {pods} pods");
    }
}

/// Small and large captures in any arrangement.
fn arranged() -> impl Strategy<Value = (Topology, Arrangement)> {
    let topology = prop_oneof![clusters().boxed(), Just(fixture::lab_with_services()).boxed()];
    (
        topology,
        0usize..Grouping::ALL.len(),
        any::<bool>(),
        proptest::collection::vec(any::<proptest::sample::Index>(), 0..4),
    )
        .prop_map(|(topology, grouping, services, collapsed)| {
            let grouping = Grouping::ALL[grouping];
            let whole = Scene::arranged(topology.clone(), Arrangement { grouping, services, ..Arrangement::default() });
            let containers: Vec<EntityKey> = (0..whole.things().count() as u32)
                .filter(|&thing| whole.collapsible(thing).is_some())
                .filter_map(|thing| whole.thing(thing).map(|thing| thing.key.clone()))
                .collect();
            let collapsed =
                collapsed.iter().filter(|_| !containers.is_empty()).map(|index| index.get(&containers).clone());
            (topology, Arrangement { grouping, services, collapsed: collapsed.collect(), ..Arrangement::default() })
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_every_arrangement_each_pod_has_a_place_or_a_container_that_stands_for_it((topology, arrangement) in arranged()) {
        let scene = Scene::arranged(topology, arrangement.clone());
        let things: Vec<&Entity> = scene.things().collect();
        let mut fields: Vec<(Rect, u32)> = Vec::new();
        for (i, thing) in things.iter().enumerate() {
            let place = scene.place(i as u32);
            if thing.kind == EntityKind::Pod {
                let place = place.expect("every pod can be reached");
                prop_assert!(scene.bounds().encloses(&place), "{}", thing.key);
                if scene.stand_in(i as u32).is_none() {
                    fields.push((place, i as u32));
                }
            }
        }
        fields.sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
        for (i, (rect, pod)) in fields.iter().enumerate() {
            for (other, beside) in fields[i + 1..].iter().take_while(|(other, _)| other.x < rect.right()) {
                prop_assert!(!rect.overlaps(other), "{} and {}", things[*pod as usize].key, things[*beside as usize].key);
            }
        }
        // The same again is the same picture.
        let view = fitted(&scene);
        let again = Scene::arranged(scene.topology().clone(), Arrangement { collapsed: Vec::new(), ..arrangement.clone() });
        prop_assert!(again.things().count() >= things.len());
        prop_assert_eq!(scene.display(&view), Scene::arranged(scene.topology().clone(), arrangement).display(&view));
    }

    #[test]
    fn a_group_wears_its_worst_member_in_every_arrangement((mut topology, arrangement) in arranged(), which in any::<proptest::sample::Index>()) {
        let pods: Vec<usize> = (0..topology.entities.len()).filter(|&i| topology.entities[i].kind == EntityKind::Pod).collect();
        prop_assume!(!pods.is_empty());
        for &pod in &pods {
            topology.entities[pod].health = HealthState::Healthy;
        }
        topology.entities[*which.get(&pods)].health = HealthState::Failing;
        let scene = Scene::arranged(topology, arrangement.clone());
        prop_assert!(shows_failing(&scene, &fitted(&scene)), "{arrangement:?}");
    }

    #[test]
    fn what_is_hidden_is_not_drawn_and_what_alone_is_wanted_is((topology, arrangement) in arranged(), which in any::<proptest::sample::Index>()) {
        let whole = Scene::arranged(topology.clone(), arrangement.clone());
        let drawn: Vec<u32> = (0..topology.entities.len() as u32).filter(|&i| whole.place(i).is_some()).collect();
        let one = *which.get(&drawn);
        let key = topology.entities[one as usize].key.clone();
        let hidden = Scene::arranged(topology.clone(), Arrangement { hidden: vec![key.clone()], ..arrangement.clone() });
        prop_assert_eq!(hidden.place(one), None);
        let only = Scene::arranged(topology, Arrangement { only: vec![key], ..arrangement });
        prop_assert!(only.place(one).is_some());
        let list = only.display(&fitted(&only));
        prop_assert!(list.edges.iter().all(|edge| (edge.edge as usize) < only.topology().edges.len()));
    }
}
