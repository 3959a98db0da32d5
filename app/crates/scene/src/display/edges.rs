//! Which edges are drawn, and their ink: colour, width, dash and end by kind (design, section 5, Edges). Few nodes: each edge by
//! itself, exceptions and the largest first, up to a cap. Many nodes: bundles, and the edges of what is selected.

use super::compose::Frame;
use super::primitive::{Mark, Paint, Primitive, Step};
use super::route::{self, Line};
use super::{DrawnEdge, Measure, Target, encryption, labels, way};
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
    let mut order: Vec<u32> = (0..scene.topology.edges.len() as u32)
        .filter(|&edge| {
            let edge = &scene.topology.edges[edge as usize];
            scene.draws(edge) && scene.place(edge.source).is_some() && scene.place(edge.target).is_some()
        })
        .filter(|&edge| {
            let edge = &scene.topology.edges[edge as usize];
            !contains(frame, edge.source, edge.target) && !contains(frame, edge.target, edge.source)
        })
        .collect();
    if frame.view.path && lit.contains(&true) {
        order.retain(|&edge| bright(edge));
    }
    // Probes run beside the user traffic of the same ends: they make no picture a crowd.
    let is_probe = |edge: &u32| scene.topology.edges[*edge as usize].kind == EdgeKind::Probe;
    let many = order.iter().filter(|edge| !is_probe(edge)).count() > MOST_SINGLE;
    let folded = |thing: u32| scene.layout.stand_in(&scene.members, thing).is_some();
    let (single, joined): (Vec<u32>, Vec<u32>) = order.into_iter().partition(|&index| {
        let edge = &scene.topology.edges[index as usize];
        let one = !many || frame.view.encryption || bright(index) || is_exception(edge.kind);
        one && !(edge.kind != EdgeKind::Denied && (folded(edge.source) || folded(edge.target)))
    });
    order = single;
    draw_joined(frame, &joined, &bright);
    order.order_by_key(|&index| {
        let edge = &scene.topology.edges[index as usize];
        let rank = if is_exception(edge.kind) {
            0
        } else if bright(index) {
            1
        } else {
            2
        };
        (rank, std::cmp::Reverse(edge.traffic.total_bytes()), std::cmp::Reverse(edge.traffic.flows), index)
    });
    let exceptions = order.iter().filter(|&&edge| is_exception(scene.topology.edges[edge as usize].kind)).count();
    let most = MOST_EDGES.max(exceptions);
    frame.list.edges_left_out += order.len().saturating_sub(most) as u64;
    order.truncate(most);

    let ends: Vec<(u32, Rect, Rect)> = order
        .iter()
        .filter_map(|&index| {
            let edge = &scene.topology.edges[index as usize];
            Some((index, source_rect(frame, edge, edge.source)?, thing_rect(frame, edge.target)?))
        })
        .collect();
    let denied: Vec<_> = ends
        .iter()
        .filter(|(index, ..)| scene.topology.edges[*index as usize].kind == EdgeKind::Denied)
        .copied()
        .collect();
    let plain: Vec<_> = ends
        .iter()
        .filter(|(index, ..)| scene.topology.edges[*index as usize].kind != EdgeKind::Denied)
        .copied()
        .collect();
    let mut lines = route::fan(&plain, |index| {
        let edge = &scene.topology.edges[index as usize];
        let to_pod = scene.things[edge.target as usize].kind == EntityKind::Pod;
        let container = matches!(
            scene.things[edge.target as usize].kind,
            EntityKind::PodRange
                | EntityKind::Node
                | EntityKind::NodeSubnet
                | EntityKind::VirtualNetwork
                | EntityKind::GatewaySubnet
        );
        let upper = if to_pod {
            0.375
        } else if container && edge.kind == EdgeKind::Absent {
            -20.5 * frame.view.camera.scale
        } else {
            0.5
        };
        let halo = if frame.is_selected(edge.target) { 4.0 } else { 1.5 };
        route::Entry { upper, halo }
    });
    // Dim ones first, so that bright ones lie above.
    lines.order_by_key(|(index, _)| {
        let edge = &scene.topology.edges[*index as usize];
        (bright(*index), is_exception(edge.kind), edge.kind)
    });
    for (index, line) in lines {
        draw_line(frame, index, &line, bright(index), 1, &scene.topology.edges[index as usize].traffic);
    }
    draw_denied(frame, &denied);
    for (index, ..) in &ends {
        let edge = &scene.topology.edges[*index as usize];
        let wanted = is_exception(edge.kind) || is_target(frame, *index) || is_focused(frame, *index);
        if wanted {
            frame.labels.push((*index, label(edge, 1, frame.view.measure)));
        }
    }
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
fn is_focused(frame: &Frame<'_>, edge: u32) -> bool {
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

/// The ring with a cross where a denied flow ends.
pub(super) fn ring(frame: &mut Frame<'_>, centre: Point) {
    let size = 18.0;
    let at = Point::new(centre.x - size / 2.0, centre.y - size / 2.0);
    frame.marks.push(Primitive::Glyph { mark: Mark::Denied, at, size, knockout: Token::Sheet, opacity: 1.0 });
}

/// Denied flows: a right-angled line from below up to the border of the target's subnet, or a curve to the target's side.
fn draw_denied(frame: &mut Frame<'_>, denied: &[(u32, Rect, Rect)]) {
    let scale = frame.view.camera.scale;
    let mut from_below: Vec<(u32, Rect, Rect, Rect)> = Vec::new();
    for &(index, source, target) in denied {
        let edge = &frame.scene.topology.edges[index as usize];
        let border = border_of(frame, edge.target).filter(|border| source.centre().y > border.bottom());
        if let Some(border) = border {
            from_below.push((index, source, target, border));
            continue;
        }
        // From anywhere else, and to what no subnet holds: to the side of the target that is met first.
        let line = Line::between(&source, &target, 0.5, 0.5, 10.0);
        let steps = line.steps();
        frame.list.over.push(Primitive::Path { steps: steps.clone(), paint: Paint::stroke(Token::Denied, 1.8) });
        let (tip, _) = line.tip_and_back();
        ring(frame, tip);
        frame.list.edges.push(DrawnEdge { edge: index, members: 1, steps, width: 1.8 });
    }
    // Lower sources turn up farther right, so that lines do not cross.
    from_below.order_by(|a, b| (a.1.y, a.0).partial_cmp(&(b.1.y, b.0)).unwrap_or(std::cmp::Ordering::Equal));
    let count = from_below.len();
    for (place, (index, source, target, border)) in from_below.into_iter().enumerate() {
        let back = (count - 1 - place) as f32 * 20.0 * scale.min(1.0);
        let x = (target.right() - (52.5 * scale).min(target.width * 0.3) - back).max(target.x + 12.0);
        let (y, end) = (source.centre().y, border.bottom() - 1.0);
        let bend = 10.0_f32.min((x - source.right()).abs() / 2.0).min((y - end).abs() / 2.0);
        let steps = vec![
            Step::Move(Point::new(source.right() - 0.5, y)),
            Step::Line(Point::new(x - bend, y)),
            Step::Quadratic(Point::new(x, y), Point::new(x, y - bend)),
            Step::Line(Point::new(x, end)),
        ];
        frame.list.over.push(Primitive::Path { steps: steps.clone(), paint: Paint::stroke(Token::Denied, 1.8) });
        // A line over other nodes would say more than is known.
        if end - 9.0 > target.bottom() + 2.0 && end - target.bottom() < 60.0 {
            let rest = vec![Step::Move(Point::new(x, end - 10.0)), Step::Line(Point::new(x, target.bottom()))];
            let paint = Paint::stroke(Token::Denied, 1.5).dashed(2.0, 3.0).faint(0.6);
            frame.list.over.push(Primitive::Path { steps: rest, paint });
        }
        ring(frame, Point::new(x, end));
        frame.list.edges.push(DrawnEdge { edge: index, members: 1, steps, width: 1.8 });
    }
}

/// The subnet (or node, or well) at whose border a flow to this thing was denied.
fn border_of(frame: &Frame<'_>, thing: u32) -> Option<Rect> {
    let scene = frame.scene;
    let mut border = None;
    for thing in scene.members.around(thing) {
        let entity = scene.things.get(thing as usize)?;
        let place = scene.place(thing);
        match entity.kind {
            EntityKind::NodeSubnet | EntityKind::GatewaySubnet | EntityKind::Subnet => {
                return place.map(|place| frame.rect(&place));
            }
            EntityKind::Node | EntityKind::PodRange | EntityKind::Group => border = place.or(border),
            _ => {}
        }
    }
    border.map(|place| frame.rect(&place))
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
