//! The order of drawing, and what all parts share: the frame being built, type sizes under the camera, and text that fits its room.

use super::primitive::{Anchor, Mark, Paint, Primitive, Step, TextRun};
use super::{DisplayList, Focus, Target, View, boxes, containers, edges, focus, labels, nodes};
use crate::geometry::{Point, Rect};
use crate::level::{self, Level};
use crate::scene::Scene;
use crate::token::Token;
use crate::units;
use underlay_model::health::HealthState;

/// Nothing is written smaller (design, section 4).
pub(crate) const SMALLEST_TEXT: f32 = 10.5;

/// A frame in the making.
pub(crate) struct Frame<'a> {
    pub scene: &'a Scene,
    pub view: &'a View,
    pub level: Level,
    pub list: DisplayList,
    /// What is visible, in the world.
    pub visible: Rect,
    /// Edges that want a label, and what it says.
    pub labels: Vec<(u32, String)>,
    /// Lines that pass behind nodes.
    pub behind: Vec<Primitive>,
    /// Cards on the screen, which labels keep clear of.
    pub cards: Vec<Rect>,
    /// Rings at borders, drawn above what the lines end at.
    pub marks: Vec<Primitive>,
    /// What the selection lights.
    pub focus: Focus,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(crate) struct Type {
    pub size: f32,
    pub weight: u16,
    pub mono: bool,
    pub colour: Token,
    pub anchor: Anchor,
}

impl Type {
    pub const fn sans(size: f32, weight: u16, colour: Token) -> Self {
        Self { size, weight, mono: false, colour, anchor: Anchor::Start }
    }

    pub const fn mono(size: f32, colour: Token) -> Self {
        Self { size, weight: 400, mono: true, colour, anchor: Anchor::Start }
    }

    pub const fn at_end(mut self) -> Self {
        self.anchor = Anchor::End;
        self
    }

    pub const fn medium(mut self) -> Self {
        self.weight = 500;
        self
    }
}

impl<'a> Frame<'a> {
    /// An empty frame of this view.
    pub fn new(scene: &'a Scene, view: &'a View) -> Self {
        let camera = view.camera;
        let width = scene.node_width() * camera.scale;
        let level = view.pinned.unwrap_or_else(|| level::level(width, view.previous));
        let corner = camera.to_world(Point::default());
        let size = (view.viewport.width / camera.scale, view.viewport.height / camera.scale);
        Self {
            scene,
            view,
            level,
            list: DisplayList { level, ..DisplayList::default() },
            visible: Rect::new(corner.x, corner.y, size.0, size.1),
            labels: Vec::new(),
            behind: Vec::new(),
            cards: Vec::new(),
            marks: Vec::new(),
            focus: Focus::default(),
        }
    }
}

/// See [`Scene::display`].
pub(crate) fn compose(scene: &Scene, view: &View) -> DisplayList {
    let mut frame = Frame::new(scene, view);
    frame.focus = focus::of(scene, view);
    containers::draw(&mut frame);
    let nodes_from = frame.list.under.len();
    let cards = nodes::draw(&mut frame);
    edges::draw(&mut frame);
    let behind = std::mem::take(&mut frame.behind);
    frame.list.under.splice(nodes_from..nodes_from, behind);
    frame.list.over.extend(cards);
    boxes::draw_boxes(&mut frame);
    edges::draw_marks_and_labels(&mut frame);
    containers::captions(&mut frame);
    nodes::draw_selection(&mut frame);
    if view.headline {
        headline(&mut frame);
    }
    labels::keep_apart(&mut frame.list, view.viewport);
    frame.list
}

fn headline(frame: &mut Frame<'_>) {
    let at = Point::new(16.0, 72.0);
    let large = if room_is_narrow(frame) { 15.0 } else { 16.0 };
    let topology = &frame.scene.topology;
    let room = frame.scene.headline_room();
    let mut run = |text: &str, y: f32, size: f32, weight: u16, colour: Token| {
        let kind = Type::sans(size, weight, colour);
        let text = text_run(text, Point::new(at.x, y), kind, room);
        frame.list.over.extend(text.map(Primitive::Text));
    };
    run(&topology.headline, at.y, large, 600, Token::Fg1);
    for (i, line) in topology.sublines.iter().take(3).enumerate() {
        run(line, at.y + 20.0 + 17.0 * i as f32, 12.0, 400, Token::Fg2);
    }
}

fn room_is_narrow(frame: &Frame<'_>) -> bool {
    frame.scene.headline_room() < 280.0
}

/// A text shortened to its room; nothing when not even three characters fit.
pub(crate) fn text_run(text: &str, at: Point, kind: Type, room: f32) -> Option<TextRun> {
    // Fonts differ more than this; hosts squeeze what is a little too wide.
    let fitting = units::fit(text, kind.size, kind.mono, room * 1.06);
    if fitting.is_empty() || (fitting.chars().count() < 4 && fitting.contains('…')) {
        return None;
    }
    Some(TextRun {
        text: fitting,
        x: at.x,
        y: at.y,
        size: kind.size,
        weight: kind.weight,
        mono: kind.mono,
        colour: kind.colour,
        opacity: 1.0,
        anchor: kind.anchor,
        room,
    })
}

impl Frame<'_> {
    /// A world rectangle on the screen.
    pub fn rect(&self, world: &Rect) -> Rect {
        self.view.camera.rect(world)
    }

    /// Place of a thing on the screen, when it is drawn and its surroundings are in view.
    pub fn seen(&self, thing: u32) -> Option<Rect> {
        let place = self.scene.place(thing)?;
        place.grown(8.0).overlaps(&self.visible).then(|| self.rect(&place))
    }

    /// A type size under the camera: scaled within legible bounds. `scale` is the drawn scale of what the text belongs to.
    pub fn size(&self, natural: f32, scale: f32) -> f32 {
        (natural * scale).clamp(SMALLEST_TEXT, natural * 1.5)
    }

    /// Whether this is the selection, or marked besides it.
    pub fn is_selected(&self, thing: u32) -> bool {
        self.view.selection == Some(Target::Entity(thing)) || self.scene.marked.contains(&thing)
    }

    /// How visible a thing is beside the selection, 0 to 1.
    pub fn opacity(&self, thing: u32) -> f32 {
        self.focus.opacity(self.scene, self.view, thing)
    }

    /// Fades what was drawn above everything since there were `from` primitives, as the selection wants it of this thing.
    pub fn fade_over(&mut self, from: usize, thing: u32) {
        let opacity = self.opacity(thing);
        focus::fade(self.list.over.get_mut(from..).unwrap_or_default(), opacity);
    }

    /// Whether this is under the pointer.
    pub fn is_hovered(&self, thing: u32) -> bool {
        self.view.hover == Some(Target::Entity(thing))
    }
}

/// The mark of a state.
pub(crate) fn mark(state: HealthState) -> Mark {
    match state {
        HealthState::Unknown => Mark::Unknown,
        HealthState::Healthy => Mark::Healthy,
        HealthState::Degraded => Mark::Degraded,
        HealthState::Failing => Mark::Failing,
    }
}

/// Whether a state is an exception: never dimmed, folded or left out.
pub(crate) fn is_exception(state: HealthState) -> bool {
    matches!(state, HealthState::Degraded | HealthState::Failing)
}

pub(crate) fn line(from: Point, to: Point, paint: Paint) -> Primitive {
    Primitive::Path { steps: vec![Step::Move(from), Step::Line(to)], paint }
}

/// Selection or keyboard focus around a box.
pub(crate) fn halo(rect: &Rect, radius: f32, out: &mut Vec<Primitive>) {
    out.push(Primitive::Rect {
        rect: rect.grown(3.0),
        radius: radius + 3.0,
        paint: Paint::stroke(Token::Accent, 3.0).faint(0.35),
    });
    out.push(Primitive::Rect { rect: *rect, radius, paint: Paint::stroke(Token::Accent, 1.5) });
}
