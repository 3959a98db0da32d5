//! Edges where there are many nodes: bundles from the instances along one trunk to blocks of nodes, and beside them the edges of what
//! is selected, lifted out.

use super::compose::Frame;
use super::denied::ring;
use super::edges::{
    Ink, MOST_OF_SELECTION, draw_line, head, head_size, is_exception, is_target, label, source_rect, thing_rect,
};
use super::encryption::{self, Encryption};
use super::primitive::{Paint, Primitive, Step};
use super::route::{self, Line};
use super::{DrawnEdge, Target};
use crate::bundles::{Bundle, End};
use crate::geometry::{Point, Rect};
use crate::level::Level;
use crate::members::NONE;
use crate::token::Token;
use crate::units;
use underlay_model::order::Order;
use underlay_model::view::{Edge, EdgeKind, EntityKind, Traffic};

pub(super) fn draw(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    let mut trunk: Vec<&Bundle> = Vec::new();
    // Of a path only what is lit is drawn: of the bundles those between boxes on the way to the selection.
    let path = frame.view.path && frame.focus.dims;
    let lit = |end: End| match end {
        End::Box(thing) => frame.focus.things.get(thing as usize) == Some(&true),
        _ => false,
    };
    let shown: Vec<&Bundle> =
        scene.bundles.iter().filter(|bundle| !path || (lit(bundle.source) && lit(bundle.target))).collect();
    for bundle in shown {
        match (bundle.source, bundle.target) {
            (End::Box(source), End::Block(_)) if is_gateway(frame, source) && !is_exception(bundle.kind) => {
                trunk.push(bundle)
            }
            // Services are endpoints of pods everywhere: drawn for the selection.
            (End::Box(_), End::Block(_)) if bundle.kind == EdgeKind::Inferred => {}
            (End::Box(source), End::Block(block)) => box_to_block(frame, bundle, source, block),
            (End::Block(block), End::Box(target)) if bundle.kind == EdgeKind::Denied => {
                box_to_block(frame, bundle, target, block);
            }
            (End::Box(source), End::Estate) => box_to_estate(frame, bundle, source),
            (End::Box(source), End::Box(target)) => box_to_box(frame, bundle, source, target),
            (End::Block(block), End::Box(target)) => block_to_box(frame, bundle, block, target),
            // Between nodes there is no room for lines: drawn for the selection, marked when denied.
            _ => frame.list.edges_left_out += u64::from(bundle.members),
        }
    }
    draw_trunk(frame, &trunk);
    // What is selected has its own edges lifted out; others would hide them.
    if !frame.focus.dims {
        draw_near(frame);
    }
    draw_chosen(frame);
}

/// Edges out of their bundles that are drawn at once, close to.
const MOST_NEAR: usize = 60;

/// Where pods are cards, few enough, their largest edges come out of the bundles, behind the nodes that they pass.
fn draw_near(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    let Some(area) = scene.layout.dense.as_ref().filter(|_| frame.level >= Level::Cards) else { return };
    let mut homes: Vec<u32> = Vec::new();
    for block in area.blocks.iter().filter(|block| block.rect.overlaps(&frame.visible)) {
        for pool in &block.pools {
            area.nodes_in(pool, &frame.visible, |node| homes.push(node));
        }
    }
    let pods = homes.iter().flat_map(|&home| scene.members.pods.of(home));
    let near = pods.flat_map(|&pod| scene.members.incoming.of(pod)).copied().filter(|&edge| {
        let edge = &scene.topology.edges[edge as usize];
        matches!(edge.kind, EdgeKind::User | EdgeKind::Internal | EdgeKind::Probe) && scene.draws(edge)
    });
    let (near, left_out) = largest(frame, MOST_NEAR, near);
    frame.list.edges_left_out += left_out;
    let ends: Vec<(u32, Rect, Rect)> = near
        .iter()
        .filter_map(|&index| {
            let edge = &scene.topology.edges[index as usize];
            Some((index, thing_rect(frame, edge.source)?, thing_rect(frame, edge.target)?))
        })
        .collect();
    let from = frame.list.over.len();
    for (index, line) in route::fan(&ends, |_| route::Entry { upper: 0.5, halo: 2.0 }) {
        draw_line(frame, index, &line, false, 1, &scene.topology.edges[index as usize].traffic);
    }
    let drawn = frame.list.over.split_off(from);
    frame.behind.extend(drawn);
}

/// The largest of many edges, largest first, and how many others there are: one pass, because this is asked every frame.
fn largest(frame: &Frame<'_>, most: usize, edges: impl Iterator<Item = u32>) -> (Vec<u32>, u64) {
    let mut kept: Vec<(u64, u32)> = Vec::with_capacity(most + 1);
    let mut left_out = 0;
    for edge in edges {
        let number = frame.view.measure.number(&frame.scene.topology.edges[edge as usize].traffic);
        let before = |other: &(u64, u32)| other.0 > number || (other.0 == number && other.1 < edge);
        if kept.len() < most || kept.last().is_some_and(|last| !before(last)) {
            let place = kept.partition_point(before);
            kept.insert(place, (number, edge));
        } else {
            left_out += 1;
        }
        if kept.len() > most {
            kept.pop();
            left_out += 1;
        }
    }
    (kept.into_iter().map(|(_, edge)| edge).collect(), left_out)
}

fn is_gateway(frame: &Frame<'_>, thing: u32) -> bool {
    frame.scene.things.kind(thing) == EntityKind::GatewayInstance
}

fn block_rect(frame: &Frame<'_>, block: u16) -> Option<Rect> {
    let area = frame.scene.layout.dense.as_ref()?;
    area.bundle_rect(block).map(|rect| frame.rect(&rect))
}

/// Instances join one trunk; one branch a block; widths are sums.
fn draw_trunk(frame: &mut Frame<'_>, bundles: &[&Bundle]) {
    let scene = frame.scene;
    if bundles.is_empty() {
        return;
    }
    let mut by_box = std::collections::BTreeMap::<u32, (Traffic, u32, u32)>::new();
    let mut by_block = std::collections::BTreeMap::<u16, (Traffic, u32, u32)>::new();
    for bundle in bundles {
        let add = |sum: &mut (Traffic, u32, u32)| {
            let larger = bundle.traffic.total_bytes() >= sum.0.total_bytes() || sum.1 == 0;
            sum.0 += bundle.traffic;
            sum.1 += bundle.members;
            if larger {
                sum.2 = bundle.largest;
            }
        };
        if let End::Box(source) = bundle.source {
            add(by_box.entry(source).or_default());
        }
        if let End::Block(block) = bundle.target {
            add(by_block.entry(block).or_default());
        }
    }
    let scale = (frame.view.camera.scale * scene.layout.factor).clamp(0.4, 1.5);
    let x = frame.view.camera.to_screen(Point::new(scene.layout.trunk, 0.0)).x;
    let only_probes = bundles.iter().all(|bundle| bundle.kind == EdgeKind::Probe);
    let colour = if only_probes { Token::Probe } else { Token::UserDim };
    let mut ys: Vec<f32> = Vec::new();
    for (source, (traffic, members, largest)) in &by_box {
        let Some(rect) = thing_rect(frame, *source) else { continue };
        let y = rect.centre().y;
        ys.push(y);
        let bright = frame.is_selected(*source) || frame.is_hovered(*source);
        let width = (frame.view.measure.width(traffic) * 0.45 * scale).max(1.0);
        let steps = vec![Step::Move(Point::new(rect.right(), y)), Step::Line(Point::new(x, y))];
        let token = if bright && !only_probes { Token::User } else { colour };
        frame.list.over.push(Primitive::Path { steps: steps.clone(), paint: Paint::stroke(token, width) });
        frame.list.edges.push(DrawnEdge { edge: *largest, members: *members, steps, width });
    }
    let branches: Vec<(f32, Rect, Traffic, u32, u32, Option<Encryption>)> = by_block
        .iter()
        .filter_map(|(block, (traffic, members, largest))| {
            let rect = block_rect(frame, *block)?;
            let encryption = encryption::of_block(frame, bundles, *block);
            Some((rect.centre().y, rect, *traffic, *members, *largest, encryption))
        })
        .collect();
    ys.extend(branches.iter().map(|branch| branch.0));
    let (top, bottom) = (ys.iter().copied().fold(f32::MAX, f32::min), ys.iter().copied().fold(f32::MIN, f32::max));
    let mut all = Traffic::default();
    bundles.iter().for_each(|bundle| all += bundle.traffic);
    let width = (frame.view.measure.width(&all) * scale).max(1.5);
    let spine = vec![Step::Move(Point::new(x, top)), Step::Line(Point::new(x, bottom))];
    frame.list.over.push(Primitive::Path { steps: spine, paint: Paint::stroke(colour, width) });
    for (y, rect, traffic, members, largest, encryption) in branches {
        let width = (frame.view.measure.width(&traffic) * scale).max(1.5);
        let ink = Ink { colour, width, dash: None, open_head: false, headless: false, opacity: 1.0 };
        let ink = encryption::ink(encryption, ink);
        let width = ink.width;
        let (length, half) = head_size(width);
        let bend = (7.0 * scale).min((rect.x - x) / 3.0).max(0.0);
        // The corner is rounded where the branch leaves the end of the spine.
        let start = if y <= top + 0.5 { y + bend } else { y - bend };
        let steps = vec![
            Step::Move(Point::new(x, start)),
            Step::Quadratic(Point::new(x, y), Point::new(x + bend, y)),
            Step::Line(Point::new(rect.x - length, y)),
        ];
        let paint = Paint { dash: ink.dash, ..Paint::stroke(ink.colour, width) };
        frame.list.over.push(Primitive::Path { steps: steps.clone(), paint });
        encryption::core(encryption, &steps, width, &mut frame.list.over);
        let tip = Point::new(rect.x - length, y);
        frame.list.over.push(head(tip, Point::new(x, y), length, half, ink));
        if is_target(frame, largest) {
            frame.labels.push((
                largest,
                format!(
                    "{}, {}",
                    units::counted(u64::from(members), "edge", "edges"),
                    frame.view.measure.words(&traffic)
                ),
            ));
        }
        frame.list.edges.push(DrawnEdge { edge: largest, members, steps, width });
    }
}

/// A box of a lane other than an instance to a block: internet, clients.
fn box_to_block(frame: &mut Frame<'_>, bundle: &Bundle, source: u32, block: u16) {
    let (Some(from), Some(to)) = (thing_rect(frame, source), block_rect(frame, block)) else { return };
    let y = from.centre().y.clamp(to.y + 12.0, (to.bottom() - 12.0).max(to.y + 12.0));
    let target = Rect::new(to.x, y - 1.0, to.width, 2.0);
    if bundle.kind != EdgeKind::Denied {
        let line = Line::between(&from, &target, 0.5, 0.5, 1.0);
        draw_line(frame, bundle.largest, &line, false, bundle.members, &bundle.traffic);
        return;
    }
    // Along the estate's left border to the block, so that no line crosses what stands between.
    let (x, level) = (to.x - 10.0, from.centre().y);
    let mut steps = vec![Step::Move(Point::new(from.right() - 0.5, level))];
    if (level - y).abs() < 1.0 {
        steps.push(Step::Line(Point::new(x, y)));
    } else {
        let bend = 7.0_f32.min((level - y).abs() / 2.0) * if y < level { -1.0 } else { 1.0 };
        steps.push(Step::Line(Point::new(x - bend.abs(), level)));
        steps.push(Step::Quadratic(Point::new(x, level), Point::new(x, level + bend)));
        steps.push(Step::Line(Point::new(x, y)));
    }
    frame.list.over.push(Primitive::Path { steps: steps.clone(), paint: Paint::stroke(Token::Denied, 1.8) });
    ring(frame, Point::new(x, y));
    frame.list.edges.push(DrawnEdge { edge: bundle.largest, members: bundle.members, steps, width: 1.8 });
    if is_target(frame, bundle.largest) {
        let sum = Edge { traffic: bundle.traffic, ..frame.scene.topology.edges[bundle.largest as usize].clone() };
        frame.labels.push((bundle.largest, label(&sum, bundle.members, frame.view.measure)));
    }
}

/// An expected edge to the nodes as a whole: a stub.
fn box_to_estate(frame: &mut Frame<'_>, bundle: &Bundle, source: u32) {
    let Some(from) = thing_rect(frame, source) else { return };
    let x = frame.view.camera.to_screen(Point::new(frame.scene.layout.trunk, 0.0)).x;
    let reach = if bundle.kind == EdgeKind::Absent { x - 5.0 } else { x };
    let target = Rect::new(reach, from.y, 1.0, from.height);
    let line = Line::between(&from, &target, 0.5, 0.5, 0.0);
    draw_line(frame, bundle.largest, &line, false, bundle.members, &bundle.traffic);
}

fn box_to_box(frame: &mut Frame<'_>, bundle: &Bundle, source: u32, target: u32) {
    let edge = &frame.scene.topology.edges[bundle.largest as usize];
    let (Some(from), Some(to)) = (source_rect(frame, edge, source), thing_rect(frame, target)) else { return };
    let line = Line::between(&from, &to, 0.5, 0.5, 1.5);
    let bright = [source, target].iter().any(|&thing| frame.is_selected(thing) || frame.is_hovered(thing));
    draw_line(frame, bundle.largest, &line, bright, bundle.members, &bundle.traffic);
}

fn block_to_box(frame: &mut Frame<'_>, bundle: &Bundle, block: u16, target: u32) {
    let (Some(from), Some(to)) = (block_rect(frame, block), thing_rect(frame, target)) else { return };
    let line = Line::between(&from, &to, 0.5, 0.5, 1.5);
    draw_line(frame, bundle.largest, &line, false, bundle.members, &bundle.traffic);
}

/// The largest edges of the selected or hovered thing, lifted out of their bundles.
fn draw_chosen(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    let mut chosen: Vec<u32> = Vec::new();
    let focused = frame.view.focus.filter(|focus| matches!(focus, Target::Edge(_)));
    for target in [frame.view.selection, frame.view.hover, focused].into_iter().flatten() {
        match target {
            Target::Edge(edge) => chosen.push(edge),
            Target::Entity(thing) => {
                let kind = scene.things.get(thing as usize).map(|entity| entity.kind);
                let mut things = vec![thing];
                if kind == Some(EntityKind::Node) {
                    things.extend(scene.members.pods.of(thing));
                }
                for thing in things {
                    chosen.extend(scene.members.incoming.of(thing));
                    chosen.extend(scene.members.outgoing.of(thing));
                }
            }
        }
    }
    chosen.retain(|&edge| {
        let edge = scene.topology.edges.get(edge as usize);
        edge.is_some_and(|edge| scene.draws(edge) && (is_inside(frame, edge.source) || is_inside(frame, edge.target)))
    });
    // Probes reach every pod of a node: they would leave no line for what people sent.
    let is_probe = |edge: &u32| scene.topology.edges[*edge as usize].kind == EdgeKind::Probe;
    let alone = chosen.iter().all(is_probe);
    chosen.order_by_key(|edge| {
        let traffic = &scene.topology.edges[*edge as usize].traffic;
        (is_probe(edge), std::cmp::Reverse(traffic.total_bytes()), *edge)
    });
    chosen.dedup();
    let selected = frame.view.selection;
    let is_pod = |thing: u32| scene.things.get(thing as usize).is_some_and(|thing| thing.kind == EntityKind::Pod);
    let of_many = matches!(selected, Some(Target::Entity(thing)) if !is_pod(thing));
    if of_many && !alone {
        chosen.retain(|edge| !is_probe(edge));
    }
    frame.list.edges_left_out += chosen.len().saturating_sub(MOST_OF_SELECTION) as u64;
    chosen.truncate(MOST_OF_SELECTION);
    let ends: Vec<(u32, Rect, Rect)> = chosen
        .iter()
        .filter_map(|&index| {
            let edge = &scene.topology.edges[index as usize];
            Some((index, thing_rect(frame, edge.source)?, thing_rect(frame, edge.target)?))
        })
        .collect();
    let lines = route::fan(&ends, |_| route::Entry { upper: 0.5, halo: 2.0 });
    for (index, line) in lines {
        draw_line(frame, index, &line, true, 1, &scene.topology.edges[index as usize].traffic);
        if is_target(frame, index) {
            frame.labels.push((index, label(&scene.topology.edges[index as usize], 1, frame.view.measure)));
        }
    }
}

fn is_inside(frame: &Frame<'_>, thing: u32) -> bool {
    let members = &frame.scene.members;
    let entity = frame.scene.things.get(thing as usize);
    members.home.get(thing as usize).is_some_and(|&home| home != NONE)
        || entity.is_some_and(|entity| entity.kind == EntityKind::Node)
}
