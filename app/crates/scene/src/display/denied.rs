//! Denied flows: right-angled lines below the picture with a ring at the border of the subnet where the rule stands, and what they say;
//! curves where no subnet holds either end.

use super::DrawnEdge;
use super::compose::Frame;
use super::edges::{is_focused, is_target, label};
use super::primitive::{Mark, Paint, Primitive, Step};
use super::route::Line;
use crate::geometry::{Point, Rect};
use crate::members::NONE;
use crate::token::Token;
use crate::units;
use underlay_model::order::Order;
use underlay_model::view::EntityKind;

const WIDTH: f32 = 1.8;
/// Distance of two lines that end at the border below one node, where there is room.
const PITCH: f32 = 20.0;

/// A denied edge with one end outside, below the subnet that holds the other.
struct Lane {
    edge: u32,
    outside: Rect,
    inside: Rect,
    border: Rect,
    /// From inside to outside.
    leaves: bool,
}

/// The ring with a cross where a denied flow ends.
pub(super) fn ring(frame: &mut Frame<'_>, centre: Point) {
    let size = 18.0;
    let at = Point::new(centre.x - size / 2.0, centre.y - size / 2.0);
    frame.marks.push(Primitive::Glyph { mark: Mark::Denied, at, size, knockout: Token::Sheet, opacity: 1.0 });
}

/// Draws denied edges between these places on the screen.
pub(super) fn draw(frame: &mut Frame<'_>, denied: &[(u32, Rect, Rect)]) {
    let mut lanes = Vec::new();
    for &(edge, source, target) in denied {
        match lane(frame, edge, source, target) {
            Some(lane) => lanes.push(lane),
            None => curve(frame, edge, &source, &target),
        }
    }
    // By the thing above, and lower ones turn up farther right, so that lines do not cross.
    let key = |lane: &Lane| (lane.leaves, lane.inside.x, lane.inside.y, lane.outside.y, lane.edge);
    lanes.order_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
    let scale = frame.view.camera.scale;
    for beside in lanes.chunk_by(|a, b| a.leaves == b.leaves && a.inside == b.inside) {
        for (at, lane) in beside.iter().enumerate() {
            right_angled(frame, lane, place(scale, lane, at, beside.len()));
        }
    }
}

fn lane(frame: &Frame<'_>, edge: u32, source: Rect, target: Rect) -> Option<Lane> {
    let ends = &frame.scene.topology.edges[edge as usize];
    if let Some(border) = border_of(frame, ends.target).filter(|border| source.centre().y > border.bottom()) {
        return Some(Lane { edge, outside: source, inside: target, border, leaves: false });
    }
    let border = border_of(frame, ends.source).filter(|border| target.centre().y > border.bottom())?;
    // What leaves a pod leaves its node.
    let home = frame.scene.members.home.get(ends.source as usize).copied().filter(|&home| home != NONE);
    let inside = home.and_then(|home| frame.scene.place(home)).map_or(source, |place| frame.rect(&place));
    Some(Lane { edge, outside: target, inside, border, leaves: true })
}

/// Where one of several lines meets the border: what arrives at the right of the thing above, what leaves at its left.
fn place(scale: f32, lane: &Lane, at: usize, of: usize) -> f32 {
    let inset = (52.5 * scale).min(lane.inside.width * 0.3);
    let pitch = (PITCH * scale.min(1.0)).max(10.0).min(lane.inside.width * 0.5 / of as f32);
    if lane.leaves {
        return (lane.inside.x + inset + at as f32 * pitch).min(lane.inside.right() - 12.0);
    }
    (lane.inside.right() - inset - (of - 1 - at) as f32 * pitch).max(lane.inside.x + 12.0)
}

/// From the place outside level to below the border, and up to it. Beyond the ring nothing went on: dots.
fn right_angled(frame: &mut Frame<'_>, lane: &Lane, x: f32) {
    let (y, end) = (lane.outside.centre().y, lane.border.bottom() - 1.0);
    let bend = 10.0_f32.min((x - lane.outside.right()).abs() / 2.0).min((y - end).abs() / 2.0);
    let mut steps = vec![
        Step::Move(Point::new(lane.outside.right() - 0.5, y)),
        Step::Line(Point::new(x - bend, y)),
        Step::Quadratic(Point::new(x, y), Point::new(x, y - bend)),
        Step::Line(Point::new(x, end)),
    ];
    let solid = Paint::stroke(Token::Denied, WIDTH);
    let dots = Paint::stroke(Token::Denied, 1.5).dashed(2.0, 3.0).faint(0.6);
    let (below, above) = if lane.leaves { (dots.faint(1.0), solid) } else { (solid, dots) };
    frame.list.over.push(Primitive::Path { steps: steps.clone(), paint: below });
    // A line over other nodes would say more than is known.
    if end - 9.0 > lane.inside.bottom() + 2.0 && end - lane.inside.bottom() < 60.0 {
        let rest = vec![Step::Move(Point::new(x, end - 10.0)), Step::Line(Point::new(x, lane.inside.bottom()))];
        frame.list.over.push(Primitive::Path { steps: rest, paint: above });
    }
    ring(frame, Point::new(x, end));
    if lane.leaves {
        steps = vec![
            Step::Move(Point::new(x, end)),
            Step::Line(Point::new(x, y - bend)),
            Step::Quadratic(Point::new(x, y), Point::new(x - bend, y)),
            Step::Line(Point::new(lane.outside.right() - 0.5, y)),
        ];
    }
    frame.list.edges.push(DrawnEdge { edge: lane.edge, members: 1, steps, width: WIDTH });
}

/// From anywhere else, and to what no subnet holds: to the side of the target that is met first.
fn curve(frame: &mut Frame<'_>, edge: u32, source: &Rect, target: &Rect) {
    let line = Line::between(source, target, 0.5, 0.5, 10.0);
    let steps = line.steps();
    frame.list.over.push(Primitive::Path { steps: steps.clone(), paint: Paint::stroke(Token::Denied, WIDTH) });
    let (tip, _) = line.tip_and_back();
    ring(frame, tip);
    frame.list.edges.push(DrawnEdge { edge, members: 1, steps, width: WIDTH });
}

/// The subnet (or node, or well) at whose border a flow to or from this thing was denied.
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

/// Asks for the labels of denied edges. Several with one end in common have one label there, with their sum; what is pointed at has its own.
pub(super) fn want_labels(frame: &mut Frame<'_>, denied: &[u32]) {
    let held = |thing: u32| border_of(frame, thing).is_some();
    // (The end outside, whether it is the target, the edge): alike ones beside one another, the one with most denied first.
    let mut ends: Vec<(u32, bool, std::cmp::Reverse<u64>, u32)> = Vec::new();
    let mut labels = Vec::new();
    for &edge in denied {
        let one = &frame.scene.topology.edges[edge as usize];
        if is_target(frame, edge) || is_focused(frame, edge) {
            labels.push((edge, label(one, 1, frame.view.measure)));
            continue;
        }
        let leaves = !held(one.target) && held(one.source);
        ends.push((if leaves { one.target } else { one.source }, leaves, std::cmp::Reverse(one.traffic.denied), edge));
    }
    ends.order();
    for alike in ends.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let Some(&(.., first)) = alike.first() else { continue };
        let edges = || alike.iter().map(|&(.., edge)| &frame.scene.topology.edges[edge as usize]);
        let one = &frame.scene.topology.edges[first as usize];
        let text = if alike.len() == 1 {
            label(one, 1, frame.view.measure)
        } else {
            let sum: u64 = edges().map(|edge| edge.traffic.denied.max(edge.traffic.flows)).sum();
            let rule = one.rules.first().filter(|rule| !rule.is_empty() && edges().all(|edge| edge.rules == one.rules));
            let said = format!("{} denied", units::count(sum));
            rule.map_or(said.clone(), |rule| [said.as_str(), ", ", rule].concat())
        };
        labels.push((first, text));
    }
    frame.labels.extend(labels);
}
