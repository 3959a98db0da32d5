//! Which edges are drawn, and their ink: colour, width, dash and end by kind (design, section 5, Edges). Few nodes: each edge by
//! itself, exceptions and the largest first, up to a cap. Many nodes: bundles, and the edges of what is selected.

use super::compose::Frame;
use super::primitive::{Mark, Paint, Primitive, Step};
use super::route::{self, Line};
use super::{DrawnEdge, Measure, Target, denied, encryption, labels, way};
use super::{dense_edges, nodes};
use underlay_model::order::Order;

use crate::geometry::{Point, Rect};
use crate::members::NONE;
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::view::{Edge, EdgeKind, EntityKind, Traffic};

/// More lines than these are a hairball.
const MOST_EDGES: usize = 200;
/// From this many on, edges of a small capture are summed by node.
const MOST_SINGLE: usize = 24;
/// Edges of the selected thing in a dense picture.
pub(super) const MOST_OF_SELECTION: usize = 20;

/// Size of the head of a line: length and half width.
pub(super) fn head_size(width: f32) -> (f32, f32) {
    let length = (width * 1.62).max(7.6);
    (length, length * 0.59)
}

/// Whether a kind is an exception: never dimmed, left out or folded away.
pub(super) fn is_exception(kind: EdgeKind) -> bool {
    matches!(kind, EdgeKind::Denied | EdgeKind::Absent)
}

/// How a kind is drawn.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub(super) colour: Token,
    pub(super) width: f32,
    pub(super) dash: Option<[f32; 2]>,
    pub(super) open_head: bool,
    /// Ends in no head: what it means is said at the other strand.
    pub(super) headless: bool,
    pub(super) opacity: f32,
}

pub(super) fn ink(kind: EdgeKind, width: f32, bright: bool) -> Ink {
    let traffic = if bright { Token::User } else { Token::UserDim };
    let solid = |colour, width| Ink { colour, width, dash: None, open_head: false, headless: false, opacity: 1.0 };
    match kind {
        EdgeKind::User => solid(traffic, width),
        EdgeKind::Probe => Ink {
            dash: Some([0.0, 5.0]),
            headless: true,
            opacity: if bright { 1.0 } else { 0.75 },
            ..solid(Token::Probe, 2.2)
        },
        EdgeKind::Internal => {
            Ink { opacity: if bright { 1.0 } else { 0.75 }, ..solid(traffic, 1.0 + (width - 1.0) * 0.4) }
        }
        EdgeKind::Denied => solid(Token::Denied, 1.8),
        EdgeKind::Absent => Ink { dash: Some([7.0, 5.0]), open_head: true, ..solid(Token::Ghost, 1.5) },
        EdgeKind::Platform | EdgeKind::Egress => solid(if bright { Token::Fg2 } else { Token::Line3 }, 1.5),
        EdgeKind::Inferred => Ink { open_head: true, ..solid(if bright { Token::Fg2 } else { Token::Line3 }, 1.2) },
    }
}

/// Draws lines and heads.
pub(super) fn draw(frame: &mut Frame<'_>) {
    if !frame.scene.way.is_empty() {
        return way::draw(frame);
    }
    if frame.scene.is_dense() { dense_edges::draw(frame) } else { draw_each(frame) }
}

/// Draws rings at borders and labels: over everything that lines end at.
pub(super) fn draw_marks_and_labels(frame: &mut Frame<'_>) {
    let marks = std::mem::take(&mut frame.marks);
    labels::draw(frame);
    frame.list.over.extend(marks);
}

fn draw_each(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    let lit = std::mem::take(&mut frame.focus.edges);
    let bright = |edge: u32| lit.get(edge as usize).copied().unwrap_or(false);
    let edge = |index: u32| &scene.topology.edges[index as usize];
    let (mut order, joined) = singled_out(frame, drawable(frame, &lit), &bright);
    draw_joined(frame, &joined, &bright);
    // Exceptions and the largest first: what is left out is small.
    order.order_by_key(|&index| {
        let edge = edge(index);
        let rank = if is_exception(edge.kind) { 0 } else { 2 - u8::from(bright(index)) };
        (rank, std::cmp::Reverse(edge.traffic.total_bytes()), std::cmp::Reverse(edge.traffic.flows), index)
    });
    let exceptions = order.iter().filter(|&&index| is_exception(edge(index).kind)).count();
    let most = MOST_EDGES.max(exceptions);
    frame.list.edges_left_out += order.len().saturating_sub(most) as u64;
    order.truncate(most);

    let ends = order.iter().filter_map(|&index| {
        let edge = edge(index);
        Some((index, source_rect(frame, edge, edge.source)?, thing_rect(frame, edge.target)?))
    });
    let (denied, plain): (Vec<_>, Vec<_>) = ends.partition(|(index, ..)| edge(*index).kind == EdgeKind::Denied);
    let mut lines = route::fan(&plain, |index| entry(frame, edge(index)));
    // Dim ones first, so that bright ones lie above.
    lines.order_by_key(|(index, _)| (bright(*index), is_exception(edge(*index).kind), edge(*index).kind));
    for (index, line) in lines {
        draw_line(frame, index, &line, bright(index), 1, &edge(index).traffic);
    }
    denied::draw(frame, &denied);
    for (index, ..) in &plain {
        if is_exception(edge(*index).kind) || is_target(frame, *index) || is_focused(frame, *index) {
            frame.labels.push((*index, label(edge(*index), 1, frame.view.measure)));
        }
    }
    denied::want_labels(frame, &denied.iter().map(|(index, ..)| *index).collect::<Vec<_>>());
}

/// Edges whose ends both have a place, neither inside the other; where only a path is wanted, those of it.
fn drawable(frame: &Frame<'_>, lit: &[bool]) -> Vec<u32> {
    let scene = frame.scene;
    let path = frame.view.path && lit.contains(&true);
    (0..scene.topology.edges.len() as u32)
        .filter(|&index| {
            let edge = &scene.topology.edges[index as usize];
            let (source, target) = (edge.source, edge.target);
            scene.draws(edge)
                && scene.place(source).is_some()
                && scene.place(target).is_some()
                && !contains(frame, source, target)
                && !contains(frame, target, source)
                && (!path || lit.get(index as usize).copied().unwrap_or(false))
        })
        .collect()
}

/// Edges that are drawn by themselves, and those that are summed by node because there are many.
fn singled_out(frame: &Frame<'_>, order: Vec<u32>, bright: &dyn Fn(u32) -> bool) -> (Vec<u32>, Vec<u32>) {
    let scene = frame.scene;
    // Probes run beside the user traffic of the same ends: they make no picture a crowd.
    let is_probe = |edge: &u32| scene.topology.edges[*edge as usize].kind == EdgeKind::Probe;
    let many = order.iter().filter(|edge| !is_probe(edge)).count() > MOST_SINGLE;
    let folded = |thing: u32| scene.layout.stand_in(&scene.members, thing).is_some();
    order.into_iter().partition(|&index| {
        let edge = &scene.topology.edges[index as usize];
        let one = !many || frame.view.encryption || bright(index) || is_exception(edge.kind);
        one && !(edge.kind != EdgeKind::Denied && (folded(edge.source) || folded(edge.target)))
    })
}

/// Where an edge meets its target: pods in their upper half, beside the probes; what is expected of a container at its foot.
fn entry(frame: &Frame<'_>, edge: &Edge) -> route::Entry {
    let upper = match frame.scene.things[edge.target as usize].kind {
        EntityKind::Pod => 0.375,
        EntityKind::PodRange
        | EntityKind::Node
        | EntityKind::NodeSubnet
        | EntityKind::VirtualNetwork
        | EntityKind::GatewaySubnet
            if edge.kind == EdgeKind::Absent =>
        {
            -20.5 * frame.view.camera.scale
        }
        _ => 0.5,
    };
    let halo = if frame.is_selected(edge.target) { 4.0 } else { 1.5 };
    route::Entry { upper, halo }
}

/// Sums edges by the nodes of their ends and draws one line for each, behind the nodes that it passes. What stays inside a node is
/// left out.
fn draw_joined(frame: &mut Frame<'_>, edges: &[u32], bright: &dyn Fn(u32) -> bool) {
    let scene = frame.scene;
    let within = |thing: u32| match scene.things.kind(thing) {
        EntityKind::Pod => Some(scene.members.home[thing as usize]).filter(|&home| home != NONE).unwrap_or(thing),
        EntityKind::PodRange => scene.members.container(thing).unwrap_or(thing),
        _ => thing,
    };
    let end = |thing: u32| scene.layout.stand_in(&scene.members, thing).unwrap_or_else(|| within(thing));
    let mut sums = std::collections::BTreeMap::<(EdgeKind, u32, u32), (Traffic, u32, u32)>::new();
    for &index in edges {
        let edge = &scene.topology.edges[index as usize];
        let (source, target) = (end(edge.source), end(edge.target));
        if source == target {
            frame.list.edges_left_out += 1;
            continue;
        }
        let sum = sums.entry((edge.kind, source, target)).or_insert((Traffic::default(), 0, index));
        sum.0 += edge.traffic;
        sum.1 += 1;
        if edge.traffic.total_bytes() > scene.topology.edges[sum.2 as usize].traffic.total_bytes() {
            sum.2 = index;
        }
    }
    let mut joined: Vec<(Traffic, u32, u32, Rect, Rect)> = sums
        .into_iter()
        .filter_map(|((_, source, target), (traffic, members, largest))| {
            Some((traffic, members, largest, thing_rect(frame, source)?, thing_rect(frame, target)?))
        })
        .collect();
    joined.order_by_key(|(traffic, _, largest, ..)| (std::cmp::Reverse(traffic.total_bytes()), *largest));
    let spare = joined.split_off(joined.len().min(MOST_EDGES));
    frame.list.edges_left_out += spare.iter().map(|(_, members, ..)| u64::from(*members)).sum::<u64>();
    let ends: Vec<(u32, Rect, Rect)> =
        joined.iter().enumerate().map(|(i, (.., source, target))| (i as u32, *source, *target)).collect();
    for (i, line) in route::fan(&ends, |_| route::Entry { upper: 0.25, halo: 1.5 }) {
        let (traffic, members, largest, ..) = joined[i as usize];
        let from = frame.list.over.len();
        draw_line(frame, largest, &line, bright(largest), members, &traffic);
        let drawn = frame.list.over.split_off(from);
        frame.behind.extend(drawn);
    }
}

pub(super) fn is_target(frame: &Frame<'_>, edge: u32) -> bool {
    frame.view.selection == Some(Target::Edge(edge)) || frame.view.hover == Some(Target::Edge(edge))
}

/// Whether the keyboard's focus is on this edge.
pub(super) fn is_focused(frame: &Frame<'_>, edge: u32) -> bool {
    frame.view.focus == Some(Target::Edge(edge))
}

/// Whether `inner` stands inside `outer`.
fn contains(frame: &Frame<'_>, outer: u32, inner: u32) -> bool {
    frame.scene.members.around(inner).any(|thing| thing == outer)
}

/// Where an edge leaves: what a front end serves by a route goes on from the gateway, which stands between.
/// `source` is the edge's, or what is drawn instead of it.
pub(super) fn source_rect(frame: &Frame<'_>, edge: &Edge, source: u32) -> Option<Rect> {
    let scene = frame.scene;
    let kind = |thing: u32| scene.things.kind(thing);
    if kind(edge.target) == EntityKind::Route && kind(edge.source) == EntityKind::FrontEnd {
        let gateway = scene.containers.iter().copied().find(|&thing| kind(thing) == EntityKind::GatewaySubnet);
        if let Some(place) = gateway.and_then(|gateway| scene.place(gateway)) {
            return Some(frame.rect(&place));
        }
    }
    thing_rect(frame, source)
}

pub(super) fn thing_rect(frame: &Frame<'_>, thing: u32) -> Option<Rect> {
    match frame.scene.things.get(thing as usize)?.kind {
        EntityKind::Pod => nodes::pod_rect(frame, thing),
        _ => frame.scene.place(thing).map(|place| frame.rect(&place)),
    }
}

/// Draws one routed line with its head.
pub(super) fn draw_line(frame: &mut Frame<'_>, edge: u32, line: &Line, bright: bool, members: u32, traffic: &Traffic) {
    let kind = frame.scene.topology.edges[edge as usize].kind;
    let scale = frame.view.camera.scale.clamp(0.4, 1.5);
    let encryption = encryption::state(frame, edge, members);
    let ink = encryption::ink(encryption, ink(kind, frame.view.measure.width(traffic), bright));
    let width = (ink.width * scale.min(1.0)).max(1.0);
    // Lifted out of a bundle, an edge leads the eye to cells of 5 px: thin, so that it does not hide them.
    let width = if frame.scene.is_dense() && bright { width.min(1.8) } else { width };
    let (length, half) = head_size(width);
    let shortened = line.shortened(if ink.open_head || ink.headless { 2.0 } else { length - 1.0 });
    let (tip, back) = shortened.tip_and_back();
    let box_of_line = shortened.bounds().grown(12.0);
    let viewport = Rect::new(0.0, 0.0, frame.view.viewport.width, frame.view.viewport.height);
    if !box_of_line.overlaps(&viewport) {
        return;
    }
    let steps = shortened.steps();
    if is_target(frame, edge) || is_focused(frame, edge) {
        let glow = if is_focused(frame, edge) { Token::Focus } else { Token::AccentBg };
        let glow = Paint::stroke(glow, width + 8.0);
        frame.list.over.push(Primitive::Path { steps: steps.clone(), paint: glow });
    }
    let paint = Paint { dash: ink.dash, opacity: ink.opacity, ..Paint::stroke(ink.colour, width) };
    frame.list.over.push(Primitive::Path { steps: steps.clone(), paint });
    encryption::core(encryption, &steps, width, &mut frame.list.over);
    if !ink.headless {
        frame.list.over.push(head(tip, back, length, half, ink));
    } else if target_fails(frame, edge) {
        let size = 10.0;
        let at = Point::new(tip.x - size, tip.y - size / 2.0);
        frame.list.over.push(Primitive::Glyph { mark: Mark::Failing, at, size, knockout: Token::Sheet, opacity: 1.0 });
    }
    frame.list.edges.push(DrawnEdge { edge, members, steps, width });
}

/// Whether the thing at an edge's end is failing.
fn target_fails(frame: &Frame<'_>, edge: u32) -> bool {
    let topology = &frame.scene.topology;
    let target = topology.edges.get(edge as usize).and_then(|edge| topology.entities.get(edge.target as usize));
    target.is_some_and(|target| target.health == HealthState::Failing)
}

/// The head at the end of a line, pointing along it.
pub(super) fn head(tip: Point, back: Point, length: f32, half: f32, ink: Ink) -> Primitive {
    let (dx, dy) = (tip.x - back.x, tip.y - back.y);
    let norm = dx.hypot(dy).max(0.001);
    let (ux, uy) = (dx / norm, dy / norm);
    let side = |along: f32, across: f32| Point::new(tip.x + ux * along - uy * across, tip.y + uy * along + ux * across);
    if ink.open_head {
        let steps = vec![Step::Move(side(-6.5, -4.5)), Step::Line(side(2.0, 0.0)), Step::Line(side(-6.5, 4.5))];
        return Primitive::Path {
            steps,
            paint: Paint { opacity: ink.opacity, ..Paint::stroke(ink.colour, ink.width) },
        };
    }
    let steps = vec![
        Step::Move(side(length - 1.0, 0.0)),
        Step::Line(side(-1.0, -half)),
        Step::Line(side(-1.0, half)),
        Step::Close,
    ];
    Primitive::Path { steps, paint: Paint { opacity: ink.opacity, ..Paint::fill(ink.colour) } }
}

/// What a label says of an edge.
pub(super) fn label(edge: &Edge, members: u32, measure: Measure) -> String {
    let traffic = &edge.traffic;
    match edge.kind {
        EdgeKind::Absent => "expected, 0 flows".to_owned(),
        EdgeKind::Inferred => "known from objects, not from flows".to_owned(),
        EdgeKind::Probe => format!("{}, inferred", units::counted(traffic.flows, "probe", "probes")),
        EdgeKind::Denied => {
            let mut parts = vec![format!("{} denied", units::count(traffic.denied.max(traffic.flows)))];
            if members <= 1 {
                parts.extend(edge.ports.first().map(|port| port_words(*port, edge.ports.len())));
                parts.extend(edge.rules.first().filter(|rule| !rule.is_empty()).cloned());
            }
            parts.join(", ")
        }
        // No pair: counted by a gateway's log, not by flows.
        EdgeKind::User if edge.pairs == 0 => {
            format!("{}, {}", units::bytes(traffic.total_bytes()), units::counted(traffic.flows, "request", "requests"))
        }
        _ if measure == Measure::Connections => measure.words(traffic),
        _ => format!("{}, {}", measure.words(traffic), units::counted(traffic.flows, "flow", "flows")),
    }
}

fn port_words((port, protocol, _): (u16, u8, u64), all: usize) -> String {
    let protocol = match protocol {
        6 => "TCP".to_owned(),
        17 => "UDP".to_owned(),
        1 => "ICMP".to_owned(),
        other => format!("protocol {other}"),
    };
    let more = if all > 1 { format!(" and {} more", all - 1) } else { String::new() };
    format!("{protocol} {port}{more}")
}
