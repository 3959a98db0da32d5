//! Semantic zoom: what the design says of each level is what is drawn at it, of a cluster and of a few pods.

use underlay_model::health::HealthState;
use underlay_model::view::EntityKind;
use underlay_scene::primitive::Primitive;
use underlay_scene::{Arrangement, DisplayList, Insets, Level, Point, Scene, Size, Target, View, fixture};

const VIEWPORT: Size = Size::new(1200.0, 900.0);

fn texts(list: &DisplayList) -> Vec<&str> {
    let all = list.under.iter().chain(&list.over);
    all.filter_map(|primitive| match primitive {
        Primitive::Text(run) => Some(run.text.as_str()),
        _ => None,
    })
    .collect()
}

/// The cluster with a node drawn so many pixels wide in the middle.
fn near(scene: &Scene, width: f32) -> DisplayList {
    let failing =
        scene.things().position(|thing| thing.kind == EntityKind::Pod && thing.health == HealthState::Failing);
    let pod = failing.expect("a pod fails") as u32;
    let camera = scene.zoom_to(pod, VIEWPORT, Insets::default()).expect("pods have places");
    let camera = camera.zoomed(width / (scene.node_width() * camera.scale), Point::new(600.0, 450.0));
    scene.display(&View { camera, viewport: VIEWPORT, ..View::default() })
}

#[test]
fn each_level_of_a_cluster_shows_what_the_design_says() {
    let scene = Scene::arranged(fixture::cluster_120(), Arrangement::default());
    let has = |list: &DisplayList, part: &str| texts(list).iter().any(|text| text.contains(part));

    let block = near(&scene, 20.0);
    assert_eq!(block.level, Level::Block);
    assert!(!block.cells.blocks.is_empty() && block.cells.runs.is_empty());
    assert!(block.cells.blocks.iter().any(|block| block.worst == HealthState::Failing), "the worst state is marked");

    let cells = near(&scene, 60.0);
    assert_eq!(cells.level, Level::Cells);
    assert!(!cells.cells.runs.is_empty() && cells.cells.blocks.iter().any(|block| block.load > 0.0));
    assert!(!has(&cells, "vmss"), "no text on nodes");

    let named = near(&scene, 120.0);
    assert_eq!(named.level, Level::NamedCells);
    assert!(!named.cells.runs.is_empty() && has(&named, "vmss"));

    let rows = near(&scene, 190.0);
    assert_eq!(rows.level, Level::Rows);
    assert!(rows.cells.runs.is_empty() && has(&rows, "healthy"), "healthy pods are folded: and 31 healthy");

    let cards = near(&scene, 320.0);
    assert_eq!(cards.level, Level::Cards);
    assert!(has(&cards, "10.244."), "addresses of pods");
    assert!(!has(&cards, ":8080"));

    let containers = near(&scene, 560.0);
    assert_eq!(containers.level, Level::Containers);
    assert!(has(&containers, ":8080") && has(&containers, "HTTP /healthz on 8080"));
}

#[test]
fn close_to_a_card_names_containers_with_ports_probe_and_what_is_wrong_and_has_its_strip_of_minutes() {
    let scene = Scene::arranged(fixture::lab(), Arrangement::default());
    let list = near(&scene, 560.0);
    assert_eq!(list.level, Level::Containers);
    for part in [":8080", "HTTP /api/healthcheck on 8080", "not ready, 3 restarts"] {
        assert!(texts(&list).contains(&part), "{part} in {:?}", texts(&list));
    }
    assert!(
        list.over.iter().any(|primitive| matches!(primitive, Primitive::Pulse { values, .. } if values.len() == 60))
    );
}

#[test]
fn what_is_selected_among_many_stands_out_of_the_rest() {
    let scene = Scene::arranged(fixture::cluster_120(), Arrangement::default());
    let pod = scene.things().position(|thing| thing.kind == EntityKind::Pod && thing.health == HealthState::Healthy);
    let pod = pod.expect("most are healthy") as u32;
    let fit = View { camera: scene.fit(VIEWPORT, Insets::default()), viewport: VIEWPORT, ..View::default() };
    let selected = View { selection: Some(Target::Entity(pod)), ..fit };
    let (before, list) = (scene.display(&fit), scene.display(&selected));
    assert!(!before.cells.dims && list.cells.dims);
    assert!(list.cells.healthy(true).1 > list.cells.healthy(false).1);
    let bright = |list: &DisplayList| list.cells.states.iter().filter(|cell| **cell & 0b100 != 0).count();
    assert_eq!(bright(&before), 0);
    assert!((1..100).contains(&bright(&list)), "the pod and its neighbours, not the cluster");
    // Rows of other pods are fainter than its own.
    let camera = scene.zoom_to(pod, VIEWPORT, Insets::default()).expect("pods have places");
    let rows = View { camera: camera.zoomed(0.35, Point::new(600.0, 450.0)), ..selected };
    let list = scene.display(&rows);
    assert_eq!(list.level, Level::Rows);
    let faint = |primitive: &&Primitive| matches!(primitive, Primitive::Text(run) if run.opacity < 1.0);
    assert!(list.over.iter().filter(faint).count() > 20);
    // A path leaves out every edge that does not lead to it.
    let path = scene.display(&View { path: true, ..selected });
    assert!(!path.edges.is_empty() && path.edges.len() < before.edges.len());
}
