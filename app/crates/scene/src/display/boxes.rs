//! Boxes of their own: front ends, gateway instances, addresses; routes and services have a module beside this one.

use super::compose::{Frame, Type, halo, is_exception, line, mark, text_run};
use super::primitive::{Paint, Primitive};
use super::service;
use crate::geometry::{Point, Rect};
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::view::{EdgeKind, Entity, EntityKind, Traffic};

/// Draws boxes of lanes, gateway instances and addresses: over the edges, so that lines end at them.
pub(super) fn draw_boxes(frame: &mut Frame<'_>) {
    let scene = frame.scene;
    for &thing in &scene.boxes {
        let Some(rect) = frame.seen(thing) else { continue };
        let from = frame.list.over.len();
        match scene.things.kind(thing) {
            EntityKind::Service | EntityKind::Route => service::draw(frame, thing, &rect),
            EntityKind::GatewayInstance => instance(frame, thing, &rect),
            EntityKind::FrontEnd => front_end(frame, thing, &rect),
            _ => address(frame, thing, &rect),
        }
        frame.fade_over(from, thing);
    }
}

/// The box itself; returns whether it is large enough to be written in.
pub(super) fn panel(frame: &mut Frame<'_>, thing: u32, rect: &Rect) -> bool {
    let entity = &frame.scene.things[thing as usize];
    let radius = (4.0 * rect.height / 40.0).clamp(2.0, 4.0);
    let fill = if frame.is_hovered(thing) { Token::Hover } else { Token::Raised };
    let paint = if entity.absent {
        Paint { fill: None, ..Paint::stroke(Token::Ghost, 1.0).dashed(5.0, 4.0) }
    } else {
        Paint::panel(fill, if frame.is_hovered(thing) { Token::Line3 } else { Token::Line2 })
    };
    frame.list.over.push(Primitive::Rect { rect: *rect, radius, paint });
    if frame.is_selected(thing) {
        halo(rect, radius, &mut frame.list.over);
    }
    rect.width >= 36.0 && rect.height >= 13.0
}

/// A row of label and value, `y` down from the box.
fn row(frame: &mut Frame<'_>, rect: &Rect, pad: f32, baseline: f32, size: f32, label: &str, value: &str) {
    let room = rect.width - 2.0 * pad;
    let value_width = units::text_width(value, size, false);
    let run =
        text_run(value, Point::new(rect.right() - pad, baseline), Type::sans(size, 400, Token::Fg2).at_end(), room);
    frame.list.over.extend(run.map(Primitive::Text));
    let left = room - value_width - 4.0;
    let label = units::fit_head(label, size, false, left * 1.06);
    let run = text_run(&label, Point::new(rect.x + pad, baseline), Type::sans(size, 400, Token::Fg3), left);
    frame.list.over.extend(run.map(Primitive::Text));
}

fn instance(frame: &mut Frame<'_>, thing: u32, rect: &Rect) {
    if !panel(frame, thing, rect) {
        return;
    }
    let scene = frame.scene;
    let entity = &scene.things[thing as usize];
    let tall = scene.place(thing).is_some_and(|place| place.height >= 50.0);
    let colour = if entity.absent { Token::Fg2 } else { Token::Fg1 };
    let camera = frame.view.camera.scale;
    if !tall || camera < 0.8 {
        // One line: in a list of instances, or from far away.
        let scale = if tall { camera } else { rect.height / 22.0 };
        let size = frame.size(10.5, scale);
        let mut left = rect.x + 5.5 * scale;
        if is_exception(entity.health) {
            let at = Point::new(left, rect.centre().y - 5.0);
            frame.list.over.push(glyph(entity.health, at, 10.0, Token::Raised));
            left += 14.0;
        }
        let at = Point::new(left, rect.centre().y + size * 0.36);
        let room = rect.right() - left - 4.0;
        let run = text_run(&units::fit_tail(&entity.name, size, true, room * 1.06), at, Type::mono(size, colour), room);
        frame.list.over.extend(run.map(Primitive::Text));
        return;
    }
    let scale = camera;
    let glyph_size = (14.0 * scale).max(10.0);
    let at = Point::new(rect.x + 8.5 * scale, rect.y + 9.5 * scale);
    frame.list.over.push(glyph(entity.health, at, glyph_size, Token::Raised));
    let size = frame.size(11.0, scale);
    let left = at.x + glyph_size + 6.0 * scale;
    let at = Point::new(left, rect.y + 20.5 * scale);
    let run = text_run(&entity.name, at, Type::mono(size, colour).medium(), rect.right() - left - 4.0);
    frame.list.over.extend(run.map(Primitive::Text));
    if entity.absent {
        let at = Point::new(left, rect.y + 38.5 * scale);
        let run = text_run("no flows", at, Type::sans(size, 400, Token::Fg3), rect.right() - left - 4.0);
        frame.list.over.extend(run.map(Primitive::Text));
        return;
    }
    let sum = sent(frame, thing);
    for (i, (label, value)) in [
        ("returned", units::bytes(sum.bytes[1])),
        ("sent", units::bytes(sum.bytes[0])),
        ("flows", units::count(sum.flows)),
    ]
    .into_iter()
    .enumerate()
    {
        row(frame, rect, 8.5 * scale, rect.y + (42.5 + 15.0 * i as f32) * scale, size, label, &value);
    }
}

/// Traffic that a thing began.
fn sent(frame: &Frame<'_>, thing: u32) -> Traffic {
    let mut sum = Traffic::default();
    for &edge in frame.scene.members.outgoing.of(thing) {
        sum += frame.scene.topology.edges[edge as usize].traffic;
    }
    sum
}

fn glyph(state: HealthState, at: Point, size: f32, knockout: Token) -> Primitive {
    Primitive::Glyph { mark: mark(state), at, size, knockout, opacity: 1.0 }
}

fn front_end(frame: &mut Frame<'_>, thing: u32, rect: &Rect) {
    if !panel(frame, thing, rect) {
        return;
    }
    let scene = frame.scene;
    let entity = &scene.things[thing as usize];
    let scale = if scene.is_dense() { rect.height / 40.0 } else { frame.view.camera.scale };
    let (size, pad) = (frame.size(11.0, scale), (10.5 * scale).min(rect.width * 0.08));
    let room = rect.width - 2.0 * pad;
    let (name, rest) = split_host(&entity.detail);
    if scene.is_dense() || scale < 0.8 {
        let run = text_run(
            &entity.name,
            Point::new(rect.x + pad, rect.y + (rect.height * 0.42).max(size)),
            Type::sans(size, 500, Token::Fg1),
            room,
        );
        frame.list.over.extend(run.map(Primitive::Text));
        if rect.height >= 28.0 {
            let run = text_run(
                name,
                Point::new(rect.x + pad, rect.y + rect.height * 0.8),
                Type::mono(size.min(10.5), Token::Fg2),
                room,
            );
            frame.list.over.extend(run.map(Primitive::Text));
        }
        return;
    }
    let at = |y: f32| Point::new(rect.x + pad, rect.y + y * scale);
    let title = if scene.things[thing as usize].note.is_empty() { "AGC frontend" } else { entity.name.as_str() };
    let runs = [
        text_run(title, at(19.5), Type::sans(size, 500, Token::Fg1), room),
        text_run(name, at(39.5), Type::mono(size, Token::Fg1), room),
        text_run(rest, at(53.5), Type::mono(size, Token::Fg2), room),
    ];
    frame.list.over.extend(runs.into_iter().flatten().map(Primitive::Text));
    let y = rect.y + 65.0 * scale;
    frame.list.over.push(line(
        Point::new(rect.x + pad, y),
        Point::new(rect.right() - pad, y),
        Paint::stroke(Token::Line1, 1.0),
    ));
    let requests: u64 = incoming(frame, thing, EdgeKind::User);
    let mut rows = vec![("listeners", entity.ports.clone())];
    if requests > 0 {
        rows.insert(0, ("requests", units::count(requests)));
    } else if !entity.note.is_empty() {
        rows.push(("namespace", entity.note.clone()));
    }
    for (i, (label, value)) in rows.into_iter().enumerate() {
        row(frame, rect, pad, rect.y + (83.5 + 17.0 * i as f32) * scale, size, label, &value);
    }
}

fn incoming(frame: &Frame<'_>, thing: u32, kind: EdgeKind) -> u64 {
    let edges = frame.scene.members.incoming.of(thing).iter();
    edges
        .map(|&edge| &frame.scene.topology.edges[edge as usize])
        .filter(|edge| edge.kind == kind)
        .map(|edge| edge.traffic.flows)
        .sum()
}

/// A host name cut before its first dot.
fn split_host(name: &str) -> (&str, &str) {
    name.find('.').map_or((name, ""), |dot| name.split_at(dot))
}

/// Clients, public and private addresses, Azure's own: two lines.
fn address(frame: &mut Frame<'_>, thing: u32, rect: &Rect) {
    if !panel(frame, thing, rect) {
        return;
    }
    let entity = &frame.scene.things[thing as usize];
    let tall = frame.scene.place(thing).is_some_and(|place| place.height > 44.0 * frame.scene.layout.factor);
    let scale = rect.height / if tall { 52.0 } else { 40.0 };
    let (size, pad) = (frame.size(11.0, scale), if rect.width < 70.0 { 4.0 } else { 9.5 * scale.min(1.5) });
    let room = rect.width - 2.0 * pad;
    let mono = entity.name.contains(['.', ':']) && entity.name.starts_with(|c: char| c.is_ascii_hexdigit());
    let mut lines = more_lines(frame, thing, entity);
    lines.truncate(if rect.height < 27.0 {
        0
    } else if tall && rect.height >= 42.0 {
        2
    } else {
        1
    });
    let at =
        Point::new(rect.x + pad, if lines.is_empty() { rect.centre().y + size * 0.36 } else { rect.y + 16.5 * scale });
    let kind = Type { mono, ..Type::sans(size, 500, Token::Fg1) };
    let name = if mono { units::fit_tail(&entity.name, size, true, room * 1.06) } else { entity.name.clone() };
    let run = text_run(&name, at, kind, room);
    frame.list.over.extend(run.map(Primitive::Text));
    let small = frame.size(10.5, scale);
    for (i, (text, colour)) in lines.into_iter().enumerate() {
        let at = Point::new(rect.x + pad, rect.y + (31.5 + 14.0 * i as f32) * scale);
        let run = text_run(&text, at, Type::sans(small, 400, colour), room);
        frame.list.over.extend(run.map(Primitive::Text));
    }
}

/// What stands below the name of an address: what it is a group of, what was denied, else its traffic.
fn more_lines(frame: &Frame<'_>, thing: u32, entity: &Entity) -> Vec<(String, Token)> {
    let edges = frame.scene.members.outgoing.of(thing).iter();
    let denied: u64 = edges
        .map(|&edge| &frame.scene.topology.edges[edge as usize])
        .filter(|edge| edge.kind == EdgeKind::Denied)
        .map(|edge| edge.traffic.denied.max(edge.traffic.flows))
        .sum();
    let mut lines = Vec::new();
    if !entity.detail.is_empty() && entity.detail != entity.name {
        lines.push((entity.detail.clone(), Token::Fg2));
    } else if entity.members > 1 && entity.kind != EntityKind::Clients {
        lines.push((units::counted(entity.members, "address", "addresses"), Token::Fg2));
    }
    if denied > 0 && lines.is_empty() {
        lines.push((units::counted(denied, "attempt", "attempts"), Token::Fg2));
    } else if denied > 0 {
        lines.push((format!("{} denied", units::count(denied)), Token::DeniedFg));
    } else if entity.kind == EntityKind::Clients {
        lines.push((units::counted(entity.traffic.flows, "request", "requests"), Token::Fg2));
    } else if !entity.traffic.is_empty() {
        lines.push((units::bytes(entity.traffic.total_bytes()), Token::Fg2));
    }
    lines
}
