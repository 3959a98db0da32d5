//! Denied flows that leave the cluster: their lines stay below the nodes, and what one place outside was denied is said once.

use underlay_model::view::{Edge, EdgeKind, EntityKind};
use underlay_scene::primitive::{Primitive, Step};
use underlay_scene::{Insets, Layers, Scene, Size, Token, View, fixture};

const VIEWPORT: Size = Size::new(1200.0, 900.0);

#[test]
fn what_is_denied_on_its_way_out_crosses_no_node_and_is_said_once() {
    let mut topology = fixture::lab();
    let arrives = topology.edges.iter().find(|edge| edge.kind == EdgeKind::Denied).cloned().expect("the lab has one");
    let pods = topology.entities.iter().enumerate().filter(|(_, entity)| entity.kind == EntityKind::Pod);
    let pods: Vec<u32> = pods.map(|(at, _)| at as u32).take(4).collect();
    topology.edges.extend(pods.iter().map(|&pod| Edge { source: pod, target: arrives.source, ..arrives.clone() }));
    topology.edges.sort_by_key(|edge| (edge.source, edge.target, edge.kind));
    let scene = Scene::new(topology, Layers::default());
    let camera = scene.fit(VIEWPORT, Insets::default());
    let list = scene.display(&View { camera, viewport: VIEWPORT, ..View::default() });

    let drawn = list.edges.iter().filter(|drawn| scene.topology().edges[drawn.edge as usize].kind == EdgeKind::Denied);
    assert_eq!(drawn.count(), 5);
    let node = camera.rect(&scene.place(arrives.target).expect("nodes have places"));
    let mut lines = 0;
    for primitive in list.under.iter().chain(&list.over) {
        let Primitive::Path { steps, paint } = primitive else { continue };
        if paint.stroke != Some(Token::Denied) {
            continue;
        }
        lines += 1;
        for step in steps {
            let (Step::Move(at) | Step::Line(at) | Step::Quadratic(_, at) | Step::Cubic(_, _, at)) = step else {
                continue;
            };
            assert!(at.y >= node.bottom() - 0.5, "{at:?} lies over {node:?}");
        }
    }
    assert!(lines >= 5);
    let mut said: Vec<&str> = Vec::new();
    for primitive in &list.over {
        if let Primitive::Text(run) = primitive
            && run.text.contains(" denied")
        {
            said.push(&run.text);
        }
    }
    said.sort_unstable();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("148 denied") && said[1].starts_with("37 denied"), "{said:?}");
}
