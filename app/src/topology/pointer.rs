//! What the pointer does on the picture: drag to pan, two fingers to pinch, wheel to zoom where it is, hover to read, click to select,
//! double-click to go nearer. A finger that stays reads where a mouse would hover.

use super::Picture;
use super::stage::selection_of;
use crate::frame::focus_on;
use crate::state::{Selection, View, toggle, use_view};
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use underlay_model::view::EntityKey;
use underlay_scene::Target;
use underlay_scene::geometry::Point;
use underlay_scene::keyboard::words;
use wasm_bindgen::prelude::*;
use web_sys::{Element, MouseEvent, PointerEvent, WheelEvent};

/// A press that moves less is a click.
const CLICK_PIXELS: f32 = 4.0;
/// A pointer that rests so long wants to read, in milliseconds.
const REST_MS: u32 = 120;
/// A finger that stays so long asks what is there, in milliseconds.
const LONG_PRESS_MS: u32 = 500;

#[derive(Clone, Copy)]
struct Press {
    at: Point,
    last: Point,
    dragging: bool,
}

fn place(event: &MouseEvent) -> Point {
    let element = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    let (left, top) = element.map_or((0.0, 0.0), |element| {
        let place = element.get_bounding_client_rect();
        (place.left(), place.top())
    });
    // Pixels of a window fit an f32.
    Point::new((f64::from(event.client_x()) - left) as f32, (f64::from(event.client_y()) - top) as f32)
}

/// Adds a thing to what is selected, or takes it away.
pub(super) fn also_select(view: View, key: EntityKey) {
    match view.selection.get_untracked() {
        Some(Selection::Entity(selected)) if selected != key => view.also.update(|also| toggle(also, key)),
        _ => view.select(key),
    }
}

/// What two fingers did to the picture.
struct Pinch {
    by: Point,
    factor: f32,
    about: Point,
}

/// Takes the movement of one of two fingers.
fn pinch(fingers: StoredValue<Vec<(i32, Point)>>, id: i32, at: Point) -> Option<Pinch> {
    fingers.try_update_value(|fingers| {
        let [first, second] = fingers.as_mut_slice() else { return None };
        let middle = |a: Point, b: Point| Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
        let apart = |a: Point, b: Point| (a.x - b.x).hypot(a.y - b.y).max(10.0);
        let before = (middle(first.1, second.1), apart(first.1, second.1));
        let moved = if first.0 == id { first } else { second };
        if moved.0 != id {
            return None;
        }
        moved.1 = at;
        let [first, second] = fingers.as_slice() else { return None };
        let about = middle(first.1, second.1);
        let by = Point::new(about.x - before.0.x, about.y - before.0.y);
        Some(Pinch { by, factor: apart(first.1, second.1) / before.1, about })
    })?
}

/// The pointer over the picture, and what it is about to do.
#[derive(Clone, Copy)]
pub(super) struct Pointer {
    picture: Picture,
    view: View,
    press: StoredValue<Option<Press>>,
    /// Fingers that are down, by their number.
    fingers: StoredValue<Vec<(i32, Point)>>,
    long_press: StoredValue<Option<Timeout>, LocalStorage>,
    tip_timer: StoredValue<Option<Timeout>, LocalStorage>,
    /// What is read, and where.
    pub tip: RwSignal<Option<(Point, String)>>,
    pub over_thing: RwSignal<bool>,
    pub dragging: RwSignal<bool>,
}

impl Pointer {
    /// Nothing is pressed.
    pub fn new() -> Self {
        Self {
            picture: expect_context::<Picture>(),
            view: use_view(),
            press: StoredValue::new(None),
            fingers: StoredValue::new(Vec::new()),
            long_press: StoredValue::new_local(None),
            tip_timer: StoredValue::new_local(None),
            tip: RwSignal::new(None),
            over_thing: RwSignal::new(false),
            dragging: RwSignal::new(false),
        }
    }

    fn hide_tip(self) {
        self.tip_timer.set_value(None);
        if self.tip.with_untracked(Option::is_some) {
            self.tip.set(None);
        }
    }

    fn show_tip(self, at: Point, target: Target) {
        self.tip.set(self.picture.stage().with_scene(|scene| words(scene, target)).map(|words| (at, words)));
    }

    fn hover(self, at: Point) {
        let stage = self.picture.stage();
        let target = stage.hit(at);
        stage.set_hover(target);
        if self.over_thing.get_untracked() != target.is_some() {
            self.over_thing.set(target.is_some());
        }
        self.hide_tip();
        if let Some(target) = target {
            self.tip_timer.set_value(Some(Timeout::new(REST_MS, move || self.show_tip(at, target))));
        }
    }

    /// A button or a finger goes down.
    pub fn down(self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let at = place(event);
        self.hide_tip();
        if event.pointer_type() == "touch" {
            self.fingers.update_value(|fingers| fingers.push((event.pointer_id(), at)));
            self.long_press.set_value(Some(Timeout::new(LONG_PRESS_MS, move || self.stayed(at))));
        }
        if self.fingers.with_value(Vec::len) > 1 {
            // A second finger: a pinch, not a drag.
            self.press.set_value(None);
            self.long_press.set_value(None);
        } else {
            self.press.set_value(Some(Press { at, last: at, dragging: false }));
        }
        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            // Without capture a drag ends at the edge, which is bearable.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
    }

    /// Where a mouse would hover, a finger stays.
    fn stayed(self, at: Point) {
        let still = self.press.get_value().is_some_and(|press| !press.dragging);
        if let Some(target) = self.picture.stage().hit(at).filter(|_| still) {
            self.picture.stage().set_hover(Some(target));
            self.show_tip(at, target);
            self.press.set_value(None);
        }
    }

    /// It moves: a pinch, a drag, or a look.
    pub fn moved(self, event: &PointerEvent) {
        let at = place(event);
        if let Some(pinch) = pinch(self.fingers, event.pointer_id(), at) {
            self.picture.stage().pan(pinch.by.x, pinch.by.y);
            self.picture.stage().zoom(pinch.factor, Some(pinch.about), false);
            return;
        }
        let Some(mut now) = self.press.get_value() else {
            if event.pointer_type() != "touch" {
                self.hover(at);
            }
            return;
        };
        if !now.dragging && (at.x - now.at.x).hypot(at.y - now.at.y) > CLICK_PIXELS {
            now.dragging = true;
            self.dragging.set(true);
            self.long_press.set_value(None);
        }
        if now.dragging {
            self.picture.stage().pan(at.x - now.last.x, at.y - now.last.y);
        }
        now.last = at;
        self.press.set_value(Some(now));
    }

    fn lift(self, event: &PointerEvent) {
        self.fingers.update_value(|fingers| fingers.retain(|(id, _)| *id != event.pointer_id()));
        self.long_press.set_value(None);
    }

    /// It comes up: what was no drag is a click.
    pub fn up(self, event: &PointerEvent) {
        self.lift(event);
        let Some(now) = self.press.get_value() else { return };
        self.press.set_value(None);
        self.dragging.set(false);
        if !now.dragging {
            self.click(event);
        }
    }

    fn click(self, event: &PointerEvent) {
        let (stage, view) = (self.picture.stage(), self.view);
        let hit = stage.hit(place(event));
        let selection = hit.and_then(|target| stage.with_scene(|scene| selection_of(scene, target)).flatten());
        focus_on("tree");
        if event.shift_key() || event.ctrl_key() || event.meta_key() {
            if let Some(Selection::Entity(key)) = selection {
                also_select(view, key);
            }
            return;
        }
        if view.also.with_untracked(|also| !also.is_empty()) {
            view.also.set(Vec::new());
        }
        if view.selection.get_untracked() != selection {
            view.selection.set(selection);
        }
        self.picture.focus_visible.set(false);
    }

    /// The system took it away.
    pub fn cancel(self, event: &PointerEvent) {
        self.lift(event);
        self.press.set_value(None);
        self.dragging.set(false);
    }

    /// It left the picture.
    pub fn leave(self) {
        self.hide_tip();
        self.picture.stage().set_hover(None);
    }

    /// The wheel turns.
    pub fn wheel(self, event: &WheelEvent) {
        event.prevent_default();
        self.hide_tip();
        // Lines and pages are made pixels; a pinch comes as a wheel with Ctrl and small steps.
        let unit = match event.delta_mode() {
            1 => 16.0,
            2 => 400.0,
            _ => 1.0,
        };
        let speed = if event.ctrl_key() { 0.01 } else { 0.0016 };
        let factor = (-event.delta_y() * unit * speed).clamp(-1.0, 1.0).exp();
        self.picture.stage().zoom(factor as f32, Some(place(event)), false);
    }

    /// A double click.
    pub fn nearer(self, event: &MouseEvent) {
        let (stage, at) = (self.picture.stage(), place(event));
        match stage.hit(at) {
            Some(target @ Target::Entity(_)) => stage.zoom_to(target),
            _ => stage.zoom(2.0, Some(at), true),
        }
    }
}
