//! Nodes and their pods where there are few: headers, wells and cards; and where a pod is drawn, whichever way. Many nodes: `dense_nodes`.

use super::card::{border, card};
use super::compose::{Frame, Type, halo, is_exception, line, mark, text_run};
use super::dense_nodes::{self, cell_grid, pod_list};
use super::focus;
use super::primitive::{Paint, Primitive};
use crate::geometry::{Point, Rect};
use crate::layout::{OpenHome, WELL_HEAD};
use crate::level::Level;
use crate::members::NONE;
use crate::scene::Scene;
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::view::EntityKind;

/// Marks of exceptions are never smaller, in pixels (design, section 5).
pub(crate) const SMALLEST_MARK: f32 = 8.0;

/// Draws nodes; returns what belongs above the edges: cards and everything written in nodes.
pub(super) fn draw(frame: &mut Frame<'_>) -> Vec<Primitive> {
    let mut above = Vec::new();
    if frame.scene.is_dense() {
        dense_nodes::draw(frame, &mut above);
    } else {
        let scene = frame.scene;
        for (home, open) in &scene.layout.open {
            if frame.seen(*home).is_some() {
                open_home(frame, *home, open, &mut above);
            }
        }
    }
    above
}

fn open_home(frame: &mut Frame<'_>, home: u32, open: &OpenHome, above: &mut Vec<Primitive>) {
    let scene = frame.scene;
    let scale = frame.view.camera.scale;
    let entity = &scene.things[home as usize];
    let Some(rect) = frame.seen(home) else { return };
    let collapsed = scene.layout.is_collapsed(home);
    if matches!(entity.kind, EntityKind::Node | EntityKind::Group) {
        let fill = if frame.is_hovered(home) { Token::Hover } else { Token::Raised };
        let paint = Paint::panel(fill, Token::Line2);
        frame.list.under.push(Primitive::Rect { rect, radius: 4.0 * scale.min(1.5), paint });
        if frame.is_selected(home) {
            halo(&rect, 4.0, above);
        }
        let header = Rect::new(rect.x, rect.y, rect.width, 46.0 * scale);
        let from = above.len();
        node_header(frame, home, &header, scale, above);
        focus::fade(above.get_mut(from..).unwrap_or_default(), frame.opacity(home));
    }
    if collapsed {
        return;
    }
    well(frame, home, open);
    if frame.level >= Level::Rows {
        for group in &open.groups {
            let at = frame.view.camera.to_screen(group.at);
            let right = group.right * scale + frame.view.camera.x;
            let size = frame.size(11.0, scale);
            let healthy = group.pods.iter().filter(|&&pod| scene.things.health(pod) == HealthState::Healthy);
            let (healthy, all) = (healthy.count(), group.pods.len());
            let text = format!("{healthy} of {all} healthy");
            let colour = if healthy == all { Token::Fg2 } else { Token::DegradedFg };
            if group.system {
                let run = text_run(&group.name, at, Type::sans(size, 400, Token::Fg3), 56.0 * scale);
                frame.list.under.extend(run.map(Primitive::Text));
                continue;
            }
            let width = units::text_width(&text, size, false);
            let room = right - at.x;
            let run = text_run(&text, Point::new(right, at.y), Type::sans(size, 400, colour).at_end(), room);
            frame.list.under.extend(run.map(Primitive::Text));
            let run = text_run(&group.name, at, Type::sans(size, 500, Token::Fg1), room - width - 8.0);
            frame.list.under.extend(run.map(Primitive::Text));
        }
    }
    for &(pod, place) in &open.slots {
        if place.overlaps(&frame.visible) {
            let rect = frame.rect(&place);
            let from = above.len();
            if place.width > place.height {
                frame.cards.push(rect);
                card(frame, pod, &rect, above);
            } else {
                open_cell(frame, pod, &rect, above);
            }
            focus::fade(above.get_mut(from..).unwrap_or_default(), frame.opacity(pod));
        }
    }
}

/// Name, address, version and the state of a node: its own, or its members' worst where they cannot be told apart.
pub(super) fn node_header(frame: &Frame<'_>, node: u32, header: &Rect, scale: f32, above: &mut Vec<Primitive>) {
    let scene = frame.scene;
    let entity = &scene.things[node as usize];
    let worst = scene.members.worst[node as usize];
    let state =
        if frame.level >= Level::Cards && entity.health != HealthState::Unknown && !scene.layout.is_collapsed(node) {
            entity.health
        } else {
            worst
        };
    if header.height < 12.0 || header.width < 60.0 {
        if is_exception(worst) {
            let at = Point::new(header.right() - 9.0, header.y + 1.0);
            above.push(Primitive::Glyph {
                mark: mark(worst),
                at,
                size: SMALLEST_MARK,
                knockout: Token::Raised,
                opacity: 1.0,
            });
        }
        return;
    }
    let two = header.height >= 34.0;
    let glyph = (14.0 * scale).clamp(10.0, 18.0);
    let baseline = if two { header.y + 19.5 * scale } else { header.y + header.height * 0.5 + 4.0 };
    let at = Point::new(header.x + 9.5 * scale.min(1.0), baseline - glyph * 0.79);
    above.push(Primitive::Glyph { mark: mark(state), at, size: glyph, knockout: Token::Raised, opacity: 1.0 });
    let left = at.x + glyph + 6.5 * scale.min(1.2);
    let room = header.right() - left - 6.0;
    let size = frame.size(11.0, scale);
    let name = &node_name(&entity.name, size, room);
    let group = entity.kind == EntityKind::Group;
    let kind = Type { mono: !group, ..Type::mono(size, Token::Fg1).medium() };
    let run = text_run(name, Point::new(left, baseline), kind, room);
    above.extend(run.map(Primitive::Text));
    let below = header.y + 34.5 * scale;
    if two && (group || scene.layout.is_collapsed(node)) {
        let words = inside(scene, node);
        let run = text_run(&words, Point::new(left, below), Type::sans(size, 400, Token::Fg2), room);
        above.extend(run.map(Primitive::Text));
    } else if two {
        let version = text_run(
            &entity.note,
            Point::new(header.right() - 10.5 * scale, below),
            Type::sans(size, 400, Token::Fg3).at_end(),
            room * 0.5,
        );
        let used = version.as_ref().map_or(0.0, |run| units::text_width(&run.text, size, false) + 8.0);
        above.extend(version.map(Primitive::Text));
        let run = text_run(&entity.detail, Point::new(left, below), Type::mono(size, Token::Fg2), room - used);
        above.extend(run.map(Primitive::Text));
    }
}

/// What a container holds, in words: `12 nodes, 40 pods, 2 failing`.
pub(crate) fn inside(scene: &Scene, thing: u32) -> String {
    let mut nodes = 0;
    let mut stack = vec![thing];
    while let Some(at) = stack.pop() {
        // Nodes hold no nodes: what is below them need not be looked at.
        match scene.things.kind(at) {
            EntityKind::Node if at != thing => nodes += 1,
            EntityKind::Pod => {}
            _ => stack.extend(scene.members.children.of(at)),
        }
    }
    let states = scene.members.states[thing as usize];
    let pods: u32 = states.iter().sum();
    let mut parts = Vec::new();
    if nodes > 0 {
        parts.push(units::counted(nodes, "node", "nodes"));
    }
    if pods > 0 || nodes == 0 {
        parts.push(units::counted(u64::from(pods), "pod", "pods"));
    }
    for state in [HealthState::Failing, HealthState::Degraded] {
        let count = u64::from(states[state as usize]);
        if count > 0 {
            parts.push([&units::count(count), " ", crate::keyboard::state_word(state)].concat());
        }
    }
    parts.join(", ")
}

/// The whole name, shortened in the middle, or where little fits the part that tells scale set members apart.
fn node_name(name: &str, size: f32, room: f32) -> String {
    let fitting = units::fit(name, size, true, room * 1.06);
    if fitting.chars().count() >= 20 || fitting == name { fitting } else { units::distinguishing(name).1.to_owned() }
}

/// The recessed overlay: darker, dotted, shaded at the top.
fn well(frame: &mut Frame<'_>, home: u32, open: &OpenHome) {
    let scene = frame.scene;
    let scale = frame.view.camera.scale;
    let rect = frame.rect(&open.well);
    let out = &mut frame.list.under;
    out.push(Primitive::Rect { rect, radius: 3.0 * scale.min(1.5), paint: Paint::panel(Token::Well, Token::Line2) });
    if frame.level < Level::Rows {
        return;
    }
    let head = WELL_HEAD * scale;
    let inner = Rect::new(rect.x + 0.5, rect.y + head, rect.width - 1.0, (rect.height - head - 0.5).max(0.0));
    out.push(Primitive::Dots { rect: inner, pitch: 7.0 * scale, dot: 1.4 * scale.min(1.3), colour: Token::Line2 });
    let across = |y: f32| (Point::new(inner.x, y), Point::new(inner.right(), y));
    let (from, to) = across(rect.y + 1.0);
    out.push(line(from, to, Paint::stroke(Token::Recess, 2.0)));
    let (from, to) = across(rect.y + head + 0.5);
    out.push(line(from, to, Paint::stroke(Token::Line1, 1.0)));
    let range =
        scene.members.children.of(home).iter().copied().find(|&child| scene.things.kind(child) == EntityKind::PodRange);
    let entity = &scene.things[range.unwrap_or(home) as usize];
    let bare = matches!(entity.kind, EntityKind::Node | EntityKind::Group);
    let name = if range.is_none() && bare { "Pods" } else { entity.name.as_str() };
    let detail = if bare { "" } else { entity.detail.as_str() };
    let size = frame.size(11.0, scale);
    let (baseline, room) = (rect.y + 17.0 * scale, rect.width - 18.0 * scale);
    let detail_width = units::text_width(detail, size, true) + 8.0;
    let title = text_run(name, Point::new(rect.x + 8.5 * scale, baseline), Type::sans(size, 500, Token::Fg1), room);
    let used = title.as_ref().map_or(0.0, |run| units::text_width(&run.text, size, false));
    frame.list.under.extend(title.map(Primitive::Text));
    if used + detail_width <= room {
        let at = Point::new(rect.right() - 9.5 * scale, baseline);
        let run = text_run(detail, at, Type::mono(size, Token::Fg2).at_end(), room);
        frame.list.under.extend(run.map(Primitive::Text));
    }
}

/// The fill of a pod too small for a mark.
fn fill(state: HealthState) -> Option<Token> {
    match state {
        HealthState::Unknown => None,
        HealthState::Healthy => Some(Token::HealthyQuiet),
        HealthState::Degraded => Some(Token::Degraded),
        HealthState::Failing => Some(Token::Failing),
    }
}

/// A pod as a cell of an open well.
fn open_cell(frame: &Frame<'_>, pod: u32, rect: &Rect, out: &mut Vec<Primitive>) {
    let entity = &frame.scene.things[pod as usize];
    if frame.level >= Level::Rows && is_exception(entity.health) {
        let size = rect.width.max(SMALLEST_MARK);
        let at = Point::new(rect.centre().x - size / 2.0, rect.centre().y - size / 2.0);
        out.push(Primitive::Glyph { mark: mark(entity.health), at, size, knockout: Token::Well, opacity: 1.0 });
        outline(frame, pod, rect, out);
        return;
    }
    small_pod(frame, pod, &rect.grown(-rect.width * 0.08), out);
}

/// A pod as a square of its state; exceptions keep their shape and a size that can be seen.
pub(super) fn small_pod(frame: &Frame<'_>, pod: u32, rect: &Rect, out: &mut Vec<Primitive>) {
    let entity = &frame.scene.things[pod as usize];
    if is_exception(entity.health) {
        let size = (rect.height * 0.9).max(SMALLEST_MARK);
        if rect.width > rect.height * 1.5 {
            out.push(Primitive::Rect {
                rect: *rect,
                radius: 2.0,
                paint: Paint::panel(Token::Raised, border(entity.health)),
            });
        }
        let at = Point::new(rect.centre().x - size / 2.0, rect.centre().y - size / 2.0);
        out.push(Primitive::Glyph { mark: mark(entity.health), at, size, knockout: Token::Raised, opacity: 1.0 });
    } else {
        let radius = (rect.height * 0.15).min(2.0);
        let paint = match fill(entity.health) {
            Some(token) => Paint::fill(token),
            None => Paint::stroke(Token::Unknown, 1.0),
        };
        let rect = if paint.stroke.is_some() { rect.grown(-0.5) } else { *rect };
        out.push(Primitive::Rect { rect, radius, paint });
    }
    outline(frame, pod, rect, out);
}

fn outline(frame: &Frame<'_>, pod: u32, rect: &Rect, out: &mut Vec<Primitive>) {
    if frame.is_selected(pod) {
        halo(&rect.grown(1.5), 2.0, out);
    } else if frame.is_hovered(pod) {
        out.push(Primitive::Rect { rect: rect.grown(1.5), radius: 2.0, paint: Paint::stroke(Token::Fg1, 1.0) });
    }
}

/// Where a pod is drawn on the screen in this frame: its card, row or cell; where it is folded away, its node.
pub(crate) fn pod_rect(frame: &Frame<'_>, pod: u32) -> Option<Rect> {
    let scene = frame.scene;
    let home = *scene.members.home.get(pod as usize)?;
    let own = scene.layout.places.get(pod as usize).filter(|rect| rect.width > 0.0);
    if let Some(own) = own {
        return Some(frame.rect(own));
    }
    if scene.layout.stand_in(&scene.members, pod).is_some() {
        return scene.place(pod).map(|place| frame.rect(&place));
    }
    if home == NONE || !scene.is_dense() || !scene.is_shown(pod) {
        return None;
    }
    let around = frame.rect(scene.layout.places.get(home as usize).filter(|rect| rect.width > 0.0)?);
    let is_node = scene.things.kind(home) == EntityKind::Node;
    if is_node && frame.level >= Level::Rows {
        let list = pod_list(scene, home, &around, frame.level);
        return Some(list.items.iter().find(|(item, _)| *item == pod).map_or(around, |(_, rect)| *rect));
    }
    if frame.level == Level::Block {
        return Some(around);
    }
    Some(cell_grid(scene, home, &around, frame.level).cell(scene.members.slot[pod as usize]))
}

/// Selected and hovered cells, which the raster painter does not know.
pub(super) fn draw_selection(frame: &mut Frame<'_>) {
    use super::Target;
    let scene = frame.scene;
    draw_selected_containers(frame);
    if !scene.is_dense() || frame.level >= Level::Rows {
        focus_ring(frame);
        return;
    }
    for (target, selected) in [(frame.view.hover, false), (frame.view.selection, true)] {
        let Some(Target::Entity(thing)) = target else { continue };
        let is_pod = scene.things.get(thing as usize).is_some_and(|entity| entity.kind == EntityKind::Pod);
        if !is_pod {
            continue;
        }
        let Some(rect) = pod_rect(frame, thing) else { continue };
        let grow = ((SMALLEST_MARK - rect.width) / 2.0).max(1.5);
        let rect = rect.grown(grow);
        if selected {
            halo(&rect, 2.0, &mut frame.list.over);
        } else {
            frame.list.over.push(Primitive::Rect { rect, radius: 2.0, paint: Paint::stroke(Token::Fg1, 1.0) });
        }
    }
    focus_ring(frame);
}

/// Networks, subnets and groups that are selected: what they hold is drawn elsewhere.
fn draw_selected_containers(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    let selected = match frame.view.selection {
        Some(super::Target::Entity(thing)) => Some(thing),
        _ => None,
    };
    for thing in selected.into_iter().chain(scene.marked.iter().copied()) {
        let kind = scene.things.get(thing as usize).map(|entity| entity.kind);
        let own = scene.containers.contains(&thing)
            || scene.layout.dense.as_ref().is_some_and(|area| area.wells.contains(&thing));
        if let (true, Some(kind), Some(place)) = (own, kind, scene.place(thing)) {
            let radius = if kind == EntityKind::VirtualNetwork { 6.0 } else { 4.0 };
            halo(&frame.rect(&place), radius, &mut frame.list.over);
        }
    }
}

/// The keyboard's focus ring: 2 px, offset 1.
fn focus_ring(frame: &mut Frame<'_>) {
    let Some(super::Target::Entity(thing)) = frame.view.focus else { return };
    let scene = frame.scene;
    let is_pod = scene.things.get(thing as usize).is_some_and(|entity| entity.kind == EntityKind::Pod);
    let rect = if is_pod { pod_rect(frame, thing) } else { scene.place(thing).map(|place| frame.rect(&place)) };
    if let Some(rect) = rect {
        let paint = Paint::stroke(Token::Focus, 2.0);
        frame.list.over.push(Primitive::Rect { rect: rect.grown(2.0), radius: 5.0, paint });
    }
}
