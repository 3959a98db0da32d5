//! From a place of the screen back to what is drawn there. Boxes by a short list, nodes and pods by the layout's arithmetic inverse,
//! edges by their distance: nothing here walks the pods of a cluster.

use crate::display::{DisplayList, Frame, Target, View, dense_nodes, route};
use crate::geometry::Point;
use crate::level::Level;
use crate::scene::Scene;
use underlay_model::view::EntityKind;

/// Pixels beside an edge's line that still belong to it.
const REACH: f32 = 6.0;

/// See [`Scene::hit`].
pub(crate) fn target(scene: &Scene, view: &View, list: &DisplayList, at: Point) -> Option<Target> {
    let world = view.camera.to_world(at);
    let small = boxed(scene, world).or_else(|| pod(scene, view, list.level, at, world));
    if let Some(thing) = small {
        return Some(Target::Entity(thing));
    }
    if let Some(edge) = edge(list, at) {
        return Some(Target::Edge(edge));
    }
    container(scene, world).map(Target::Entity)
}

fn boxed(scene: &Scene, world: Point) -> Option<u32> {
    scene.boxes.iter().copied().find(|&thing| scene.layout.places[thing as usize].contains(world))
}

fn pod(scene: &Scene, view: &View, level: Level, at: Point, world: Point) -> Option<u32> {
    let Some(area) = &scene.layout.dense else {
        let home = scene.layout.open.iter().find(|(_, home)| home.well.contains(world))?;
        // Cells are small: the gap around one belongs to it.
        let near = |rect: &crate::geometry::Rect| if rect.width > rect.height { *rect } else { rect.grown(2.0) };
        return home.1.slots.iter().find(|(_, rect)| near(rect).contains(world)).map(|(pod, _)| *pod);
    };
    let frame = Frame::new(scene, view);
    let home = area
        .node_at(world)
        .or_else(|| area.wells.iter().copied().find(|&well| scene.layout.places[well as usize].contains(world)))?;
    let is_node = scene.things.kind(home) == EntityKind::Node;
    if is_node && level == Level::Block {
        return None;
    }
    let rect = frame.rect(&scene.layout.places[home as usize]);
    if is_node && level >= Level::Rows {
        let list = dense_nodes::pod_list(scene, home, &rect, level);
        return list.items.iter().find(|(_, rect)| rect.contains(at)).map(|(pod, _)| *pod);
    }
    let slot = dense_nodes::cell_grid(scene, home, &rect, level).slot(at)?;
    scene.members.pods.of(home).get(slot as usize).copied()
}

fn edge(list: &DisplayList, at: Point) -> Option<u32> {
    let near = list.edges.iter().map(|drawn| (route::distance(&drawn.steps, at) - drawn.width / 2.0, drawn.edge));
    let near = near.filter(|(distance, _)| *distance <= REACH);
    near.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, edge)| edge)
}

/// The innermost container around a place: node, well without a node, subnet, network.
pub(crate) fn container(scene: &Scene, world: Point) -> Option<u32> {
    let contains = |thing: u32| {
        scene.layout.places.get(thing as usize).is_some_and(|rect| rect.width > 0.0 && rect.contains(world))
    };
    if let Some(area) = &scene.layout.dense {
        if let Some(node) = area.node_at(world) {
            return Some(node);
        }
        if let Some(&well) = area.wells.iter().find(|&&well| contains(well)) {
            return Some(well);
        }
    }
    if let Some((home, _)) = scene.layout.open.iter().find(|(home, _)| contains(*home)) {
        return Some(*home);
    }
    // Later containers stand inside earlier ones.
    scene.containers.iter().rev().copied().find(|&thing| contains(thing))
}
