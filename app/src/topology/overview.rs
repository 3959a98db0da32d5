//! Where one is: the containers around the middle as a trail, and a small picture of everything with a frame to drag.

use super::Picture;
use super::stage::MAP_SIZE;
use crate::state::use_view;
use leptos::html::Canvas;
use leptos::prelude::*;
use underlay_scene::Target;
use underlay_scene::geometry::Point;
use web_sys::PointerEvent;

/// The trail of containers, outermost first; a press goes out to one.
#[component]
pub fn Crumbs() -> impl IntoView {
    let view = use_view();
    let picture = expect_context::<Picture>();
    let trail = Memo::new(move |_| {
        picture.version.track();
        // While everything is in view, one is nowhere in particular.
        let things = view.camera.get().map(|_| picture.stage().crumbs()).unwrap_or_default();
        let name = |thing: u32| {
            picture
                .stage()
                .with_scene(|scene| scene.thing(thing).map(|entity| entity.name.clone()))
                .flatten()
                .unwrap_or_default()
        };
        things.into_iter().map(|thing| (thing, name(thing))).collect::<Vec<_>>()
    });
    let items = move || {
        let trail = trail.get();
        let go = |thing: Option<u32>| {
            move |_| match thing {
                Some(thing) => picture.stage().zoom_to(Target::Entity(thing)),
                None => picture.stage().fit(true),
            }
        };
        (!trail.is_empty()).then(|| {
            view! {
                <nav class="crumbs" aria-label="Where the picture is" data-testid="crumbs">
                    <button on:click=go(None)>"Everything"</button>
                    {trail
                        .into_iter()
                        .map(|(thing, name)| view! { <button on:click=go(Some(thing))>{name}</button> })
                        .collect_view()}
                </nav>
            }
        })
    };
    view! { {items} }
}

/// The minimap. It is there for the pointer: keys and tree reach the same places.
#[component]
pub fn Map() -> impl IntoView {
    let picture = expect_context::<Picture>();
    let canvas = NodeRef::<Canvas>::new();
    let pressed = StoredValue::new(false);
    Effect::new(move |_| picture.stage().set_map(canvas.get()));
    let stage = StoredValue::new_local(picture.stage());
    on_cleanup(move || stage.with_value(|stage| stage.set_map(None)));
    let look = move |event: &PointerEvent| {
        // Places on a small canvas.
        picture.stage().look_at(Point::new(event.offset_x() as f32, event.offset_y() as f32));
    };
    view! {
        <canvas
            class="minimap"
            class:hidden=move || !picture.news.with(|news| news.map)
            width=MAP_SIZE.width
            height=MAP_SIZE.height
            aria-hidden="true"
            data-testid="minimap"
            node_ref=canvas
            on:pointerdown=move |event| {
                pressed.set_value(true);
                look(&event);
            }
            on:pointermove=move |event| if pressed.get_value() { look(&event) }
            on:pointerup=move |_| pressed.set_value(false)
            on:pointerleave=move |_| pressed.set_value(false)
        ></canvas>
    }
}
