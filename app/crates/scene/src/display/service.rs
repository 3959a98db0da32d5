//! Boxes of routes and services: what they are called, how their endpoints are, and what they carry as the pods' traffic tells.

use super::boxes::panel;
use super::compose::{Frame, Type, mark, text_run};
use super::primitive::Primitive;
use crate::geometry::{Point, Rect};
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::view::EntityKind;

pub(super) fn draw(frame: &mut Frame<'_>, thing: u32, rect: &Rect) {
    if !panel(frame, thing, rect) {
        return;
    }
    let scene = frame.scene;
    let entity = &scene.things[thing as usize];
    let derived = scene.derived_of(thing);
    let scale = rect.height / 40.0;
    let (size, small) = (frame.size(11.0, scale), frame.size(10.5, scale));
    let two = rect.height >= 27.0;
    let pad = 8.0 * scale.min(1.5);
    let baseline = if two { rect.y + 16.5 * scale } else { rect.centre().y + size * 0.36 };
    let mut left = rect.x + pad;
    let worst = derived.map_or(HealthState::Unknown, |derived| derived.worst);
    let pods: u32 = derived.map_or(0, |derived| derived.states.iter().sum());
    if entity.kind == EntityKind::Service {
        let side = (12.0 * scale).clamp(9.0, 16.0);
        let at = Point::new(left, baseline - side * 0.84);
        frame.list.over.push(Primitive::Glyph {
            mark: mark(worst),
            at,
            size: side,
            knockout: Token::Raised,
            opacity: 1.0,
        });
        left += side + 5.0 * scale.min(1.2);
    }
    let room = rect.right() - pad - left;
    let run = text_run(&entity.name, Point::new(left, baseline), Type::sans(size, 500, Token::Fg1), room);
    frame.list.over.extend(run.map(Primitive::Text));
    if !two {
        return;
    }
    let (at, room) = (Point::new(rect.x + pad, rect.y + 31.5 * scale), rect.width - 2.0 * pad);
    let carried = derived.filter(|derived| !derived.traffic.is_empty());
    let text = match (entity.kind, carried) {
        (_, Some(derived)) => {
            let words = frame.view.measure.words(&derived.traffic);
            let long = [&words, " derived"].concat();
            if units::text_width(&long, small, false) <= room { long } else { ["≈ ", &words].concat() }
        }
        (EntityKind::Service, None) => units::counted(u64::from(pods), "endpoint", "endpoints"),
        _ if entity.detail.is_empty() => "route".to_owned(),
        _ => entity.detail.clone(),
    };
    let run = text_run(&text, at, Type::sans(small, 400, Token::Fg2), room);
    frame.list.over.extend(run.map(Primitive::Text));
}
