//! What a selection lights: its edges, the things at their other ends, what holds them and what they hold, and the way from the
//! clients to it. Everything else is dimmed, but for exceptions.

use super::primitive::Primitive;
use super::{Target, View};
use crate::scene::Scene;
use underlay_model::health::HealthState;
use underlay_model::view::EntityKind;

/// Flags by edge and by thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Focus {
    pub edges: Vec<bool>,
    pub things: Vec<bool>,
    /// Something is selected: what is not lit is dimmed. Hovering lights and dims nothing.
    pub dims: bool,
}

/// Opacity of what a selection does not light.
pub(super) const DIMMED: f32 = 0.6;
/// The same while only a path is looked at.
const FADED: f32 = 0.3;

fn set(flags: &mut [bool], at: u32) -> bool {
    flags.get_mut(at as usize).is_some_and(|flag| !std::mem::replace(flag, true))
}

/// What is lit by selection, marks and hover.
pub(crate) fn of(scene: &Scene, view: &View) -> Focus {
    if view.selection.is_none() && view.hover.is_none() && scene.marked.is_empty() {
        return Focus::default();
    }
    let mut focus = Focus {
        edges: vec![false; scene.topology.edges.len()],
        things: vec![false; scene.things.len()],
        dims: view.selection.is_some() || !scene.marked.is_empty(),
    };
    if !scene.way.is_empty() {
        focus.dims = true;
        scene.way.iter().for_each(|&thing| focus.light_around(scene, thing));
        return focus;
    }
    let focused = view.focus.filter(|focus| matches!(focus, Target::Edge(_)));
    let marked = scene.marked.iter().map(|&thing| Target::Entity(thing));
    let mut sources: Vec<u32> = Vec::new();
    for target in [view.selection, view.hover, focused].into_iter().flatten().chain(marked) {
        let counts = Some(target) != view.hover || Some(target) == view.selection;
        let mut stack = match target {
            Target::Entity(thing) => vec![thing],
            Target::Edge(edge) => {
                set(&mut focus.edges, edge);
                if let Some(edge) = scene.topology.edges.get(edge as usize) {
                    sources.push(edge.source);
                    focus.light_around(scene, edge.source);
                    focus.light_around(scene, edge.target);
                }
                continue;
            }
        };
        if counts {
            stack.iter().for_each(|&thing| focus.light_around(scene, thing));
        }
        while let Some(thing) = stack.pop() {
            set(&mut focus.things, thing);
            for &edge in scene.members.outgoing.of(thing) {
                set(&mut focus.edges, edge);
                focus.light_around(scene, scene.topology.edges[edge as usize].target);
            }
            for &edge in scene.members.incoming.of(thing) {
                set(&mut focus.edges, edge);
                sources.push(scene.topology.edges[edge as usize].source);
            }
            stack.extend(scene.members.children.of(thing));
        }
    }
    focus.climb(scene, sources);
    focus
}

impl Focus {
    fn light_around(&mut self, scene: &Scene, thing: u32) {
        for at in scene.members.around(thing) {
            set(&mut self.things, at);
        }
    }

    /// Upstream: what a source sends elsewhere stays dim, what reaches it does not.
    fn climb(&mut self, scene: &Scene, mut sources: Vec<u32>) {
        let mut seen = vec![false; scene.things.len()];
        while let Some(source) = sources.pop() {
            self.light_around(scene, source);
            let kind = scene.things.get(source as usize).map(|thing| thing.kind);
            let passes = matches!(
                kind,
                Some(EntityKind::GatewayInstance | EntityKind::FrontEnd | EntityKind::Route | EntityKind::Service)
            );
            if passes && set(&mut seen, source) {
                for &edge in scene.members.incoming.of(source) {
                    set(&mut self.edges, edge);
                    sources.push(scene.topology.edges[edge as usize].source);
                }
            }
        }
    }

    /// How visible a thing is: exceptions are never dimmed.
    pub fn opacity(&self, scene: &Scene, view: &View, thing: u32) -> f32 {
        let Some(entity) = scene.things.get(thing as usize) else { return 1.0 };
        let exception = matches!(entity.health, HealthState::Degraded | HealthState::Failing);
        if entity.kind == EntityKind::Pod && view.mutes(entity.health) {
            return FADED;
        }
        if !self.dims || exception || self.things.get(thing as usize).copied().unwrap_or(true) {
            return 1.0;
        }
        if view.path { FADED } else { DIMMED }
    }
}

/// Makes primitives fainter.
pub(super) fn fade(primitives: &mut [Primitive], opacity: f32) {
    if opacity >= 1.0 {
        return;
    }
    for primitive in primitives {
        match primitive {
            Primitive::Rect { paint, .. } | Primitive::Path { paint, .. } => {
                // A box that lets lines shine through could not be read: its surface stays.
                if paint.fill.is_some() && paint.stroke.is_some() {
                    continue;
                }
                paint.opacity *= opacity;
            }
            Primitive::Glyph { opacity: own, .. } | Primitive::Pulse { opacity: own, .. } => *own *= opacity,
            Primitive::Text(run) => run.opacity *= opacity,
            Primitive::Dots { .. } | Primitive::Hatch { .. } => {}
        }
    }
}
