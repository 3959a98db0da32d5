//! A pod as a card, with as much in it as its drawn size takes: name, address, bytes and the strip of its minutes; close to, its
//! containers with their ports and probes.

use super::compose::{Frame, Type, halo, line, mark, text_run};
use super::nodes::{SMALLEST_MARK, small_pod};
use super::primitive::{Paint, Primitive};
use crate::geometry::{Point, Rect};
use crate::level::Level;
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::view::Entity;

/// Height of a line of a container, in pixels.
const ROW: f32 = 15.0;

/// The outline of a pod in a state.
pub(super) fn border(state: HealthState) -> Token {
    match state {
        HealthState::Failing => Token::Failing,
        HealthState::Degraded => Token::DegradedLine,
        HealthState::Healthy | HealthState::Unknown => Token::Line2,
    }
}

/// A pod's card, with as much in it as its drawn size takes.
pub(super) fn card(frame: &Frame<'_>, pod: u32, rect: &Rect, out: &mut Vec<Primitive>) {
    let entity = &frame.scene.things[pod as usize];
    if rect.height < 12.0 || rect.width < 44.0 {
        small_pod(frame, pod, rect, out);
        return;
    }
    let hovered = frame.is_hovered(pod);
    // Letters grow no further, and neither does the room between them.
    let mut scale = (rect.height / 52.0).min(rect.width / 150.0).min(1.7);
    let close = frame.level == Level::Containers && !entity.containers.is_empty();
    if close {
        // What is known already makes room for the containers.
        let wanted = 2.0 * ROW * entity.containers.lines().count() as f32;
        scale = ((rect.height - 6.0 - wanted) / 46.5).clamp(scale.min(0.9), scale);
    }
    let radius = 4.0 * scale.clamp(0.5, 1.5);
    let paint = Paint::panel(
        if hovered { Token::Hover } else { Token::Raised },
        match border(entity.health) {
            Token::Line2 if hovered => Token::Line3,
            other => other,
        },
    );
    out.push(Primitive::Rect { rect: *rect, radius, paint });
    if frame.is_selected(pod) {
        halo(rect, radius, out);
    }
    let two = rect.height >= 38.0;
    let glyph = (15.0 * scale).clamp(SMALLEST_MARK, 20.0);
    let baseline = if two { rect.y + 21.5 * scale } else { rect.centre().y + 4.2 };
    let at = Point::new(
        rect.x + 9.5 * scale.min(1.2),
        if two { rect.y + 9.5 * scale } else { rect.centre().y - glyph / 2.0 },
    );
    out.push(Primitive::Glyph { mark: mark(entity.health), at, size: glyph, knockout: Token::Raised, opacity: 1.0 });
    let left = at.x + glyph + 7.0 * scale.min(1.2);
    let right = rect.right() - 10.5 * scale.min(1.2);
    let (title, size) = (frame.size(13.0, scale), frame.size(11.0, scale));
    let bytes = traffic_words(entity);
    let bytes_width = units::text_width(&bytes, size, false);
    let name = units::distinguishing(&entity.name).1;
    let name_width = units::text_width(name, title, false) * 1.05;
    let fits_both = left + name_width + 8.0 + bytes_width <= right;
    let room = if fits_both { right - left - bytes_width - 8.0 } else { right - left };
    // Wide cards have room for the part that siblings share.
    let (shared, own) = units::distinguishing(&entity.name);
    let long = scale > 1.25 && units::text_width(shared, title, false) + name_width <= room;
    let mut x = left;
    if long {
        let run = text_run(shared, Point::new(x, baseline), Type::sans(title, 400, Token::Fg2), room);
        // Fonts differ: a little more keeps the bold part off the plain one.
        x += units::text_width(shared, title, false) * 1.07;
        out.extend(run.map(Primitive::Text));
    }
    let run = text_run(own, Point::new(x, baseline), Type::sans(title, 600, Token::Fg1), room - (x - left));
    out.extend(run.map(Primitive::Text));
    if fits_both {
        let run = text_run(
            &bytes,
            Point::new(right, baseline),
            Type::sans(size, 400, Token::Fg2).at_end(),
            bytes_width + 6.0,
        );
        out.extend(run.map(Primitive::Text));
    }
    if !two {
        return;
    }
    let below = rect.y + 40.5 * scale;
    let address_width = units::text_width(&entity.detail, size, true);
    let run = text_run(&entity.detail, Point::new(left, below), Type::mono(size, Token::Fg2), right - left);
    out.extend(run.map(Primitive::Text));
    let pulse = Rect::new(right - 65.0 * scale.min(2.0), rect.y + 30.5 * scale, 65.0 * scale.min(2.0), 12.0 * scale);
    if left + address_width + 6.0 <= pulse.x {
        if entity.pulse.is_empty() {
            let y = pulse.bottom() - 0.5;
            out.push(line(Point::new(pulse.x, y), Point::new(pulse.right(), y), Paint::stroke(Token::Line2, 1.0)));
        } else {
            let colour = if entity.health == HealthState::Failing { Token::Failing } else { Token::User };
            out.push(Primitive::Pulse { rect: pulse, values: entity.pulse.clone(), colour, opacity: 1.0 });
        }
    }
    let room = Rect::new(left, below + 6.0 * scale, right - left, rect.bottom() - below - 6.0 * scale - 4.0);
    if close && room.height >= ROW {
        containers(entity, &room, out);
    } else if rect.bottom() - 10.0 - below >= size + 3.0 {
        readiness(entity, rect, left, right, size, out);
    }
}

/// Third line of tall cards: readiness of containers and the namespace.
fn readiness(entity: &Entity, rect: &Rect, left: f32, right: f32, size: f32, out: &mut Vec<Primitive>) {
    let baseline = rect.bottom() - 10.0;
    if !entity.ports.is_empty() {
        let text = format!("containers {}", entity.ports);
        let run = text_run(
            &text,
            Point::new(left, baseline),
            Type::sans(size.min(12.0), 400, Token::Fg3),
            (right - left) * 0.6,
        );
        out.extend(run.map(Primitive::Text));
    }
    let run = text_run(
        &entity.note,
        Point::new(right, baseline),
        Type::sans(size.min(12.0), 400, Token::Fg3).at_end(),
        (right - left) * 0.4,
    );
    out.extend(run.map(Primitive::Text));
}

/// Containers in a card: name and ports, below them the readiness probe and what is wrong. What has no room is counted.
fn containers(entity: &Entity, room: &Rect, out: &mut Vec<Primitive>) {
    let lines: Vec<&str> = entity.containers.lines().collect();
    let all = (room.height / ROW) as usize;
    // Two lines each where there is room for all of them, else one.
    let each = if lines.len() * 2 <= all { 2 } else { 1 };
    let shown = if lines.len() * each <= all { lines.len() } else { all.saturating_sub(1) };
    let mut baseline = room.y + 11.0;
    let mut row = |left: (&str, Type), right: (&str, Type), at: f32| {
        let used = units::text_width(right.0, right.1.size, right.1.mono).min(room.width * 0.6);
        let run = text_run(right.0, Point::new(room.right(), at), right.1.at_end(), room.width * 0.6);
        out.extend(run.map(Primitive::Text));
        let run = text_run(left.0, Point::new(room.x, at), left.1, room.width - used - 8.0);
        out.extend(run.map(Primitive::Text));
    };
    for text in lines.iter().take(shown) {
        let mut parts = text.split('\t');
        let mut part = || parts.next().unwrap_or_default();
        let (name, ports, probe, wrong) = (part(), part(), part(), part());
        let ports = if ports.is_empty() { String::new() } else { [":", &ports.replace(", ", " :")].concat() };
        let alarm = Type::sans(10.5, 400, if wrong.starts_with("not ready") { Token::FailingFg } else { Token::Fg2 });
        let short = each == 1 && !wrong.is_empty();
        let right = if short { (wrong, alarm) } else { (ports.as_str(), Type::mono(10.5, Token::Fg2)) };
        row((name, Type::sans(11.0, 500, Token::Fg1)), right, baseline);
        if each == 2 {
            let probe = if probe.is_empty() { "no readiness probe" } else { probe };
            row((probe, Type::sans(10.5, 400, Token::Fg3)), (wrong, alarm), baseline + ROW);
        }
        baseline += ROW * each as f32;
    }
    if shown < lines.len() {
        let more = format!("and {} more", units::count((lines.len() - shown) as u64));
        let faint = Type::sans(10.5, 400, Token::Fg3);
        row((&more, faint), ("", faint), baseline);
    }
}

pub(super) fn traffic_words(entity: &Entity) -> String {
    if entity.traffic.is_empty() { "no flows".to_owned() } else { units::bytes(entity.traffic.total_bytes()) }
}
