//! One way through the picture, hop by hop: from a client to the pod that answered it. Only its lines are drawn; a hop that flows
//! were seen on looks as their edge does, one that only objects or a gateway's log tell of is thin and open.

use super::compose::Frame;
use super::denied::ring;
use super::edges::{draw_line, head, ink, label, thing_rect};
use super::primitive::{Paint, Primitive};
use super::route::Line;
use crate::scene::Scene;
use underlay_model::view::{EdgeKind, Traffic};

/// The edge of a hop: of several kinds the first in the order of the legend.
pub(super) fn edge_between(scene: &Scene, source: u32, target: u32) -> Option<u32> {
    let edges = scene.members.outgoing.of(source).iter().copied();
    let towards = edges.filter(|&edge| scene.topology.edges.get(edge as usize).is_some_and(|e| e.target == target));
    towards.min_by_key(|&edge| scene.topology.edges[edge as usize].kind)
}

/// Flows go from an instance to a pod; routes and services that stand between them in a way are only objects. What was seen is drawn
/// beside what is known.
fn seen_beside(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    for (at, &source) in scene.way.iter().enumerate() {
        for &target in scene.way.get(at + 2..).unwrap_or_default() {
            let seen = edge_between(scene, source, target);
            let seen = seen.filter(|&index| scene.topology.edges[index as usize].kind != EdgeKind::Inferred);
            let ends = thing_rect(frame, source).zip(thing_rect(frame, target));
            if let (Some(index), Some((from, to))) = (seen, ends) {
                let edge = &scene.topology.edges[index as usize];
                let line = Line::between(&from, &to, 0.3, 0.3, 2.0);
                draw_line(frame, index, &line, true, 1, &edge.traffic);
                frame.labels.push((index, label(edge, 1, frame.view.measure)));
            }
        }
    }
}

/// Draws the lines of [`Scene::set_way`].
pub(super) fn draw(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    seen_beside(frame);
    for hop in scene.way.windows(2) {
        let &[source, target] = hop else { continue };
        let (Some(from), Some(to)) = (thing_rect(frame, source), thing_rect(frame, target)) else { continue };
        let line = Line::between(&from, &to, 0.5, 0.5, 2.0);
        let Some(index) = edge_between(scene, source, target) else {
            let ink = ink(EdgeKind::Inferred, 1.2, true);
            let shortened = line.shortened(2.0);
            let (tip, back) = shortened.tip_and_back();
            let paint = Paint::stroke(ink.colour, ink.width);
            frame.list.over.push(Primitive::Path { steps: shortened.steps(), paint });
            frame.list.over.push(head(tip, back, 7.6, 4.5, ink));
            continue;
        };
        let edge = &scene.topology.edges[index as usize];
        draw_line(frame, index, &line, true, 1, &edge.traffic);
        if edge.kind == EdgeKind::Denied {
            ring(frame, line.tip_and_back().0);
        }
        // Between boxes that stand close a label would lie on them.
        let room = to.x - from.right() > 150.0;
        if room && edge.traffic != Traffic::default() {
            frame.labels.push((index, label(edge, 1, frame.view.measure)));
        }
    }
}
