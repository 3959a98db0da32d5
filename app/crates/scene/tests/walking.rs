//! What one relies on without a mouse, and when looking closer: arrows reach everything and Escape leads out of it, the legend counts
//! what is in the picture, one way is drawn alone, encryption is told by form.

use std::collections::BTreeSet;
use underlay_model::view::{EdgeKind, EntityKind};
use underlay_scene::display::encryption;
use underlay_scene::fixture;
use underlay_scene::keyboard::{Arrow, out, step, tree_children, tree_item};
use underlay_scene::primitive::Primitive;
use underlay_scene::{Arrangement, Layers, Scene, Target, Token, View};

fn everything() -> Layers {
    let mut layers = Layers::default();
    for kind in [EdgeKind::Platform, EdgeKind::Egress] {
        layers.set(kind, true);
    }
    layers
}

fn fitted(scene: &Scene) -> View {
    let view = View::default();
    View { camera: scene.fit(view.viewport, view.insets), ..view }
}

/// All items of the tree, from this one down.
fn items(scene: &Scene, of: Option<u32>, found: &mut BTreeSet<Target>) {
    for item in tree_children(scene, of).into_iter().map(|target| tree_item(scene, target)) {
        found.insert(item.target);
        if let (Target::Entity(thing), true) = (item.target, item.has_children) {
            items(scene, Some(thing), found);
        }
    }
}

#[test]
fn arrows_reach_all_that_the_tree_has_and_escape_leads_out_of_it() {
    for scene in [Scene::new(fixture::lab(), everything()), Scene::new(fixture::lab(), Layers::default())] {
        let mut all = BTreeSet::new();
        items(&scene, None, &mut all);
        let mut met: BTreeSet<Target> = step(&scene, None, Arrow::Down).into_iter().collect();
        let mut open: Vec<Target> = met.iter().copied().collect();
        while let Some(at) = open.pop() {
            for arrow in [Arrow::Left, Arrow::Right, Arrow::Up, Arrow::Down] {
                open.extend(step(&scene, Some(at), arrow).filter(|next| met.insert(*next)));
            }
        }
        assert_eq!(met.intersection(&all).count(), all.len(), "{:?}", all.difference(&met).collect::<Vec<_>>());
        for &target in &all {
            let levels = std::iter::successors(Some(target), |at| out(&scene, *at)).take(20).count();
            assert!(levels < 12, "{target:?}");
        }
    }
}

#[test]
fn the_legend_counts_what_is_in_the_picture() {
    let count = |scene: &Scene, wanted: EdgeKind| {
        scene.kinds().into_iter().find(|(kind, ..)| *kind == wanted).map_or(0, |(_, _, edges)| edges)
    };
    let whole = Scene::new(fixture::lab(), Layers::default());
    let pod = whole.topology().entities.iter().find(|thing| thing.kind == EntityKind::Pod).unwrap().key.clone();
    let arrangement = Arrangement { hidden: vec![pod], ..Arrangement::default() };
    let less = Scene::arranged(fixture::lab(), arrangement);
    assert!(count(&less, EdgeKind::User) < count(&whole, EdgeKind::User));
    // What a layer would bring is said while it is hidden.
    assert!(count(&whole, EdgeKind::Platform) > 0);
}

#[test]
fn one_way_is_drawn_alone() {
    let mut scene = Scene::new(fixture::lab(), Layers::default());
    let of_kind = |scene: &Scene, kind: EntityKind| {
        scene.topology().entities.iter().position(|thing| thing.kind == kind).unwrap() as u32
    };
    let way = [EntityKind::Clients, EntityKind::FrontEnd, EntityKind::GatewayInstance, EntityKind::Pod];
    let way: Vec<u32> = way.into_iter().map(|kind| of_kind(&scene, kind)).collect();
    let before = scene.display(&fitted(&scene)).edges.len();
    scene.set_way(way.clone());
    let drawn = scene.display(&fitted(&scene)).edges;
    assert!(!drawn.is_empty() && drawn.len() < before);
    for edge in drawn {
        let edge = &scene.topology().edges[edge.edge as usize];
        assert!(way.contains(&edge.source) && way.contains(&edge.target));
    }
    scene.set_way(Vec::new());
    assert_eq!(scene.display(&fitted(&scene)).edges.len(), before);
}

#[test]
fn encryption_is_told_by_form() {
    let mut topology = fixture::lab();
    for edge in topology.edges.iter_mut().filter(|edge| edge.kind == EdgeKind::User) {
        edge.encryption = [1, 0];
    }
    let scene = Scene::new(topology, Layers::default());
    assert!(encryption::counts(&scene)[0] > 0);
    let strands = |view: &View| {
        let list = scene.display(view);
        let core =
            |one: &&Primitive| matches!(one, Primitive::Path { paint, .. } if paint.stroke == Some(Token::Sheet));
        list.over.iter().filter(core).count()
    };
    let plain = fitted(&scene);
    assert_eq!(strands(&plain), 0);
    assert!(strands(&View { encryption: true, ..plain }) > 0);
}
