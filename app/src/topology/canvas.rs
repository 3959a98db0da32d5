//! The canvas and what the pointer does on it: drag to pan, wheel to zoom where the pointer is, hover to read, click to select,
//! double-click to go nearer.

use super::Picture;
use super::stage::selection_of;
use super::tree::TreeMirror;
use crate::frame::{focus_on, on_resize};
use crate::state::{Selection, View, toggle, use_view};
use gloo::timers::callback::Timeout;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use underlay_model::view::EntityKey;
use underlay_scene::Target;
use underlay_scene::geometry::{Point, Size};
use underlay_scene::keyboard::words;
use wasm_bindgen::prelude::*;
use web_sys::{Element, MouseEvent, PointerEvent, WheelEvent};

/// A press that moves less is a click.
const CLICK_PIXELS: f32 = 4.0;
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

/// The canvases, the tooltip and the tree behind them.
#[component]
pub fn CanvasArea() -> impl IntoView {
    let view = use_view();
    let picture = expect_context::<Picture>();
    let area = NodeRef::<Div>::new();
    let (first, second) = (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let press = StoredValue::new(None::<Press>);
    // Fingers that are down, by their number.
    let fingers = StoredValue::new(Vec::<(i32, Point)>::new());
    let long_press = StoredValue::new_local(None::<Timeout>);
    let tip = RwSignal::new(None::<(Point, String)>);
    let tip_timer = StoredValue::new_local(None::<Timeout>);
    let over_thing = RwSignal::new(false);
    let dragging = RwSignal::new(false);

    Effect::new(move |_| {
        let (Some(first), Some(second), Some(area)) = (first.get(), second.get(), area.get()) else {
            return;
        };
        let stage = picture.stage();
        stage.set_canvases(Some((first, second)));
        let element = area.clone();
        on_resize(&area, move || {
            // Sizes are small whole numbers of pixels; a hidden canvas has none and keeps what it had.
            let (width, height) = (element.client_width() as f32, element.client_height() as f32);
            if width > 0.0 && height > 0.0 {
                stage.resize(Size::new(width, height));
            }
        });
    });
    let stage = StoredValue::new_local(picture.stage());
    let keys = StoredValue::new_local(Some(super::keys::listen(picture)));
    on_cleanup(move || {
        keys.try_update_value(Option::take);
        stage.with_value(|stage| stage.set_canvases(None));
    });

    let hide_tip = move || {
        tip_timer.set_value(None);
        if tip.with_untracked(Option::is_some) {
            tip.set(None);
        }
    };
    let hover = move |at: Point| {
        let stage = picture.stage();
        let target = stage.hit(at);
        stage.set_hover(target);
        if over_thing.get_untracked() != target.is_some() {
            over_thing.set(target.is_some());
        }
        hide_tip();
        if let Some(target) = target {
            let timer = Timeout::new(120, move || {
                tip.set(picture.stage().with_scene(|scene| words(scene, target)).map(|words| (at, words)));
            });
            tip_timer.set_value(Some(timer));
        }
    };
    let down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        let at = place(&event);
        hide_tip();
        if event.pointer_type() == "touch" {
            fingers.update_value(|fingers| fingers.push((event.pointer_id(), at)));
            let timer = Timeout::new(LONG_PRESS_MS, move || {
                // Where a mouse would hover, a finger stays.
                let still = press.get_value().is_some_and(|press| !press.dragging);
                let target = picture.stage().hit(at).filter(|_| still);
                if let Some(target) = target {
                    picture.stage().set_hover(Some(target));
                    tip.set(picture.stage().with_scene(|scene| words(scene, target)).map(|words| (at, words)));
                    press.set_value(None);
                }
            });
            long_press.set_value(Some(timer));
        }
        if fingers.with_value(Vec::len) > 1 {
            // A second finger: a pinch, not a drag.
            press.set_value(None);
            long_press.set_value(None);
        } else {
            press.set_value(Some(Press { at, last: at, dragging: false }));
        }
        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            // Without capture a drag ends at the edge, which is bearable.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
    };
    let moved = move |event: PointerEvent| {
        let at = place(&event);
        if let Some(pinch) = pinch(fingers, event.pointer_id(), at) {
            picture.stage().pan(pinch.by.x, pinch.by.y);
            picture.stage().zoom(pinch.factor, Some(pinch.about), false);
            return;
        }
        let Some(mut now) = press.get_value() else {
            if event.pointer_type() != "touch" {
                hover(at);
            }
            return;
        };
        if !now.dragging && (at.x - now.at.x).hypot(at.y - now.at.y) > CLICK_PIXELS {
            now.dragging = true;
            dragging.set(true);
            long_press.set_value(None);
        }
        if now.dragging {
            picture.stage().pan(at.x - now.last.x, at.y - now.last.y);
        }
        now.last = at;
        press.set_value(Some(now));
    };
    let lift = move |event: &PointerEvent| {
        fingers.update_value(|fingers| fingers.retain(|(id, _)| *id != event.pointer_id()));
        long_press.set_value(None);
    };
    let up = move |event: PointerEvent| {
        lift(&event);
        let Some(now) = press.get_value() else { return };
        press.set_value(None);
        dragging.set(false);
        if now.dragging {
            return;
        }
        let stage = picture.stage();
        let hit = stage.hit(place(&event));
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
        picture.focus_visible.set(false);
    };
    let wheel = move |event: WheelEvent| {
        event.prevent_default();
        hide_tip();
        // Lines and pages are made pixels; a pinch comes as a wheel with Ctrl and small steps.
        let unit = match event.delta_mode() {
            1 => 16.0,
            2 => 400.0,
            _ => 1.0,
        };
        let speed = if event.ctrl_key() { 0.01 } else { 0.0016 };
        let factor = (-event.delta_y() * unit * speed).clamp(-1.0, 1.0).exp();
        picture.stage().zoom(factor as f32, Some(place(&event)), false);
    };
    let nearer = move |event: MouseEvent| {
        let (stage, at) = (picture.stage(), place(&event));
        match stage.hit(at) {
            Some(target @ Target::Entity(_)) => stage.zoom_to(target),
            _ => stage.zoom(2.0, Some(at), true),
        }
    };
    let tip_view = move || {
        tip.get().map(|(at, words)| {
            // Right of and below the pointer; near the right edge to its left.
            let width = area.get_untracked().map_or(0, |area| area.client_width());
            let left = at.x > width as f32 * 0.62;
            view! {
                <div
                    class="tip"
                    class:left=left
                    role="tooltip"
                    style:left=format!("{:.0}px", if left { at.x - 12.0 } else { at.x + 14.0 })
                    style:top=format!("{:.0}px", at.y + 16.0)
                >
                    {words}
                </div>
            }
        })
    };
    view! {
        <div
            class="stage"
            class:pointing=move || over_thing.get()
            class:dragging=move || dragging.get()
            data-testid="canvas"
            node_ref=area
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=move |event| {
                lift(&event);
                press.set_value(None);
                dragging.set(false);
            }
            on:pointerleave=move |_| {
                hide_tip();
                picture.stage().set_hover(None);
            }
            on:wheel=wheel
            on:dblclick=nearer
        >
            <canvas node_ref=first aria-hidden="true"></canvas>
            <canvas node_ref=second aria-hidden="true"></canvas>
            <TreeMirror/>
            {tip_view}
        </div>
    }
}
