//! The way of things from one arrangement to the next, for the eye to follow: some pods, exceptions first, as marks that move from
//! where they were to where they are. A few hundred tell what two hundred thousand do.

use crate::display::primitive::{Paint, Primitive};
use crate::display::{Frame, View, nodes};
use crate::geometry::Rect;
use crate::scene::Scene;
use crate::token::Token;
use underlay_model::health::HealthState;
use underlay_model::view::EntityKind;

/// Marks that move at most.
const MOST: usize = 400;

/// Where things were before an arrangement, by index of thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Before(Vec<(u32, Rect)>);

/// Marks on their way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Motion(Vec<(Rect, Rect, HealthState)>);

impl Before {
    /// Pods of a scene as this view sees them. The next scene must be the same topology in another arrangement.
    pub fn of(scene: &Scene, view: &View) -> Self {
        let things = &scene.things;
        let is = |thing: u32, exceptions: bool| {
            let entity = &things[thing as usize];
            let exception = matches!(entity.health, HealthState::Degraded | HealthState::Failing);
            entity.kind == EntityKind::Pod && exception == exceptions
        };
        let pods: Vec<u32> = (0..things.len() as u32).filter(|&thing| is(thing, false)).collect();
        let exceptions = (0..things.len() as u32).filter(|&thing| is(thing, true));
        let stride = pods.len().div_ceil(MOST / 2).max(1);
        let chosen = exceptions.take(MOST / 2).chain(pods.into_iter().step_by(stride));
        let frame = Frame::new(scene, view);
        Self(chosen.filter_map(|pod| Some((pod, nodes::pod_rect(&frame, pod)?))).collect())
    }

    /// The way from there to where the scene has these things now.
    pub fn motion_to(self, scene: &Scene, view: &View) -> Motion {
        let frame = Frame::new(scene, view);
        let ways = self.0.into_iter().filter_map(|(pod, from)| {
            let to = nodes::pod_rect(&frame, pod)?;
            let moved = (from.x - to.x).abs() + (from.y - to.y).abs() > 2.0;
            moved.then(|| (from, to, scene.things.health(pod)))
        });
        Motion(ways.collect())
    }
}

impl Motion {
    /// Whether nothing moves.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The marks at a part of the way, 0 to 1.
    pub fn at(&self, part: f32, out: &mut Vec<Primitive>) {
        let mix = |from: f32, to: f32| from + (to - from) * part;
        for (from, to, state) in &self.0 {
            let rect = Rect::new(
                mix(from.x, to.x),
                mix(from.y, to.y),
                mix(from.width, to.width).max(3.0),
                mix(from.height, to.height).max(3.0),
            );
            let colour = match state {
                HealthState::Failing => Token::Failing,
                HealthState::Degraded => Token::DegradedLine,
                HealthState::Unknown => Token::Unknown,
                HealthState::Healthy => Token::HealthyQuiet,
            };
            let paint = if rect.width > 30.0 { Paint::stroke(colour, 1.5) } else { Paint::fill(colour) };
            out.push(Primitive::Rect { rect, radius: 2.0, paint: paint.faint(0.9) });
        }
    }
}
