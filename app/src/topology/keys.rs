//! Keys of the picture: what the pointer does, and what the buttons around it do.

use super::{Picture, actions};
use crate::frame::{key_is_off, keys_in_field};
use crate::state::{Screen, use_view};
use gloo::events::EventListener;
use leptos::prelude::*;
use underlay_model::view::EdgeKind;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

/// Pixels a key moves the picture by.
const PAN_STEP: f32 = 80.0;

/// Listens until the listener is dropped.
pub fn listen(picture: Picture) -> EventListener {
    let view = use_view();
    EventListener::new(&document(), "keydown", move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        let elsewhere = keys_in_field(event) || view.screen.get_untracked() != Screen::Topology;
        let elsewhere = elsewhere || view.help_open.get_untracked() || event.default_prevented();
        if elsewhere || event.ctrl_key() || event.meta_key() || event.alt_key() || key_is_off(event) {
            return;
        }
        let stage = picture.stage();
        match event.key().as_str() {
            "0" => stage.fit(true),
            "+" | "=" => stage.zoom(1.25, None, true),
            "-" => stage.zoom(0.8, None, true),
            "w" | "W" => stage.pan(0.0, PAN_STEP),
            "s" | "S" => stage.pan(0.0, -PAN_STEP),
            "a" | "A" => stage.pan(PAN_STEP, 0.0),
            "d" | "D" => stage.pan(-PAN_STEP, 0.0),
            "g" | "G" => actions::next_grouping(view),
            "r" | "R" => view.looking.update(|looking| looking.services = !looking.services),
            "e" | "E" => view.looking.update(|looking| looking.encryption = !looking.encryption),
            "h" | "H" => actions::hide(view),
            "o" | "O" => actions::only(view),
            "u" | "U" => actions::show_all(view),
            "c" | "C" => actions::fold(picture, view),
            "l" | "L" => actions::path(view),
            "p" | "P" => view.toggle_layer(EdgeKind::Probe),
            "t" | "T" => view.screen.set(Screen::Table),
            "Escape" => picture.out(),
            _ => {}
        }
    })
}
