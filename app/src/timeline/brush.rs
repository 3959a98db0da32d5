//! The brush over the tracks: drag to make a range, drag its middle to move it, its handles to change it. The handles are
//! sliders for the keyboard: arrows move a minute (a bar), with Shift five, Page keys fifteen, Home and End to the edge.

use crate::state::{View, use_view};
use crate::wording::clock;
use leptos::prelude::*;
use underlay_model::view::MinuteRange;
use underlay_scene::geometry::Point;
use underlay_scene::timeline::{Axis, BrushPart};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

/// What a drag is changing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Drag {
    /// The other end stays at this minute's side; from there to the pointer.
    From { anchor: f32 },
    /// The range moves with the pointer: where it was caught, and what it was.
    Move { caught: f32, range: MinuteRange },
}

/// How far a key moves a handle, in bars.
fn step(event: &KeyboardEvent) -> Option<i64> {
    let size = if event.shift_key() { 5 } else { 1 };
    match event.key().as_str() {
        "ArrowLeft" | "ArrowDown" => Some(-size),
        "ArrowRight" | "ArrowUp" => Some(size),
        "PageDown" => Some(-15),
        "PageUp" => Some(15),
        "Home" => Some(i64::MIN / 4),
        "End" => Some(i64::MAX / 4),
        _ => None,
    }
}

fn place(event: &PointerEvent) -> f32 {
    let element = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
    let left = element.map_or(0.0, |element| element.get_bounding_client_rect().left());
    // Pixels of a window fit an f32.
    (f64::from(event.client_x()) - left) as f32
}

/// The range, and what changes it.
#[derive(Clone, Copy)]
struct Range {
    view: View,
    axis: Memo<Option<Axis>>,
    bounds: Signal<Option<MinuteRange>>,
    drag: StoredValue<Option<Drag>>,
}

impl Range {
    fn set(self, range: MinuteRange) {
        let next = (Some(range) != self.bounds.get_untracked()).then_some(range);
        if self.view.range.get_untracked() != next {
            self.view.range.set(next);
        }
    }

    /// The range in force, else all there is.
    fn ends(self) -> Option<MinuteRange> {
        self.view.range.get().or_else(|| self.bounds.get())
    }

    /// A press begins a range, takes one of its ends, or all of it.
    fn down(self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let Some(axis) = self.axis.get_untracked() else { return };
        let x = place(event);
        let range = self.view.range.get_untracked();
        let part = range.map_or(BrushPart::Outside, |range| axis.brush_part(range, Point::new(x, 0.0)));
        self.drag.set_value(Some(match (part, range) {
            (BrushPart::First, Some(range)) => Drag::From { anchor: axis.span(range).1 - 0.5 },
            (BrushPart::Last, Some(range)) => Drag::From { anchor: axis.span(range).0 + 0.5 },
            (BrushPart::Inside, Some(range)) => Drag::Move { caught: x, range },
            _ => Drag::From { anchor: x },
        }));
        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            // Without capture a drag ends at the element's edge, which is bearable.
            let _ = element.set_pointer_capture(event.pointer_id());
        }
    }

    /// Gives the minute under the pointer.
    fn moved(self, event: &PointerEvent) -> Option<i64> {
        let axis = self.axis.get_untracked()?;
        let x = place(event);
        match self.drag.get_value() {
            // A press that hardly moves is a click, not a range.
            Some(Drag::From { anchor }) if (x - anchor).abs() > 3.0 => self.set(axis.range(anchor, x)),
            Some(Drag::Move { caught, range }) => {
                if let Some(bounds) = self.bounds.get_untracked() {
                    let by = axis.minute(x) - axis.minute(caught);
                    let by = by.clamp(bounds.first - range.first, bounds.last - range.last);
                    self.set(MinuteRange { first: range.first + by, last: range.last + by });
                }
            }
            _ => {}
        }
        Some(axis.minute(x))
    }

    /// A key on one of the handles.
    fn key(self, event: &KeyboardEvent, first: bool) {
        let (Some(step), Some(range), Some(bounds), Some(axis)) =
            (step(event), self.ends(), self.bounds.get_untracked(), self.axis.get_untracked())
        else {
            return;
        };
        event.prevent_default();
        event.stop_propagation();
        let bar = i64::from(axis.per_bar);
        let by = step.saturating_mul(bar);
        self.set(if first {
            MinuteRange { first: (range.first + by).clamp(bounds.first, range.last - bar + 1), ..range }
        } else {
            MinuteRange { last: (range.last + by).clamp(range.first + bar - 1, bounds.last), ..range }
        });
    }

    /// The handle of one end: a slider.
    fn handle(self, first: bool) -> impl IntoView {
        let Self { view, axis, bounds, .. } = self;
        let end = move |range: MinuteRange| if first { range.first } else { range.last + 1 };
        let minute = move || self.ends().map(end);
        let at_edge = move || minute() == bounds.get().map(end);
        let left = move || {
            let at = axis.get().zip(minute()).map_or(0.0, |(axis, minute)| axis.x(minute).clamp(0.0, axis.width));
            format!("{at:.1}px")
        };
        let words = move |minute: i64| format!("{} {}", clock::in_force().time(minute), clock::zone(minute));
        view! {
            <div
                class="handle"
                class:idle=move || view.range.get().is_none()
                class:at-start=move || first && at_edge()
                class:at-end=move || !first && at_edge()
                role="slider"
                tabindex=move || if bounds.get().is_some() { "0" } else { "-1" }
                data-testid=if first { "brush-start" } else { "brush-end" }
                aria-label=if first { "Start of the time range" } else { "End of the time range" }
                aria-valuemin=move || bounds.get().map(|bounds| bounds.first.to_string())
                aria-valuemax=move || bounds.get().map(|bounds| (bounds.last + 1).to_string())
                aria-valuenow=move || minute().map(|minute| minute.to_string())
                aria-valuetext=move || minute().map(words)
                style:left=left
                on:keydown=move |event| self.key(&event, first)
            >
                <i></i>
            </div>
        }
    }
}

/// The layer that takes the pointer, and the two handles.
#[component]
pub fn Brush(
    axis: Memo<Option<Axis>>,
    hover: RwSignal<Option<i64>>,
    bounds: Signal<Option<MinuteRange>>,
) -> impl IntoView {
    let range = Range { view: use_view(), axis, bounds, drag: StoredValue::new(None) };
    let moved = move |event: PointerEvent| {
        let minute = range.moved(&event);
        if hover.get_untracked() != minute {
            hover.set(minute);
        }
    };
    let up = move |_: PointerEvent| range.drag.set_value(None);
    view! {
        <div
            class="brush"
            on:pointerdown=move |event| range.down(&event)
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=up
            on:pointerleave=move |_| hover.set(None)
            on:dblclick=move |_| range.view.range.set(None)
        >
            {range.handle(true)}
            {range.handle(false)}
        </div>
    }
}
