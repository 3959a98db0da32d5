//! The canvases of the picture, what the pointer reads from them, and the tree behind them.

use super::Picture;
use super::pointer::Pointer;
use super::tree::TreeMirror;
use crate::frame::on_resize;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use underlay_scene::geometry::Size;

/// The canvases, the tooltip and the tree behind them.
#[component]
pub fn CanvasArea() -> impl IntoView {
    let picture = expect_context::<Picture>();
    let area = NodeRef::<Div>::new();
    let (first, second) = (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new());
    let pointer = Pointer::new();
    Effect::new(move |_| {
        let (Some(first), Some(second), Some(area)) = (first.get(), second.get(), area.get()) else {
            return;
        };
        let stage = picture.stage();
        // The first context that a page asks for takes the browser as long as all else that comes up here: it comes behind the first frame.
        let give = move || {
            if first.is_connected() {
                picture.stage().set_canvases(Some((first, second)));
            }
        };
        request_animation_frame(move || {
            gloo::timers::callback::Timeout::new(0, give).forget();
        });
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
    view! {
        <div
            class="stage"
            class:pointing=move || pointer.over_thing.get()
            class:dragging=move || pointer.dragging.get()
            data-testid="canvas"
            node_ref=area
            on:pointerdown=move |event| pointer.down(&event)
            on:pointermove=move |event| pointer.moved(&event)
            on:pointerup=move |event| pointer.up(&event)
            on:pointercancel=move |event| pointer.cancel(&event)
            on:pointerleave=move |_| pointer.leave()
            on:wheel=move |event| pointer.wheel(&event)
            on:dblclick=move |event| pointer.nearer(&event)
        >
            <canvas node_ref=first aria-hidden="true"></canvas>
            <canvas node_ref=second aria-hidden="true"></canvas>
            <TreeMirror/>
            {tip(pointer, area)}
        </div>
    }
}

/// What is read: right of and below the pointer; near the right edge to its left.
fn tip(pointer: Pointer, area: NodeRef<Div>) -> impl IntoView {
    move || {
        pointer.tip.get().map(|(at, words)| {
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
    }
}
