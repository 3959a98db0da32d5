//! Keys that work everywhere outside input fields (design, section 8).

use crate::state::{Capture, Screen, View};
use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use underlay_model::view::MinuteRange;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Whether typing goes into a field, where letters are letters.
pub fn in_field(event: &web_sys::Event) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return false };
    matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || target.is_content_editable()
}

/// Whether Space presses what has the focus, and means nothing else then.
fn on_control(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "BUTTON" | "A" | "SUMMARY"))
}

/// Whether a key is held that makes another meaning of a letter; the one that some keyboards need for brackets is none.
fn with_modifier(event: &KeyboardEvent) -> bool {
    let held = event.ctrl_key() || event.meta_key() || event.alt_key();
    held && !event.get_modifier_state("AltGraph")
}

/// Puts the focus on an element by its `data-testid`; whether it is there.
fn focus_on(test_id: &str) -> bool {
    let found = document().query_selector(&format!("[data-testid='{test_id}']")).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // An element that cannot be focused stays as it is.
        let _ = element.focus();
        return true;
    }
    false
}

/// Puts the focus on an element by its `data-testid`, if it is there.
pub fn focus(test_id: &str) {
    focus_on(test_id);
}

/// The same for an element of a view that is about to be shown: parts of a screen come up after it.
pub fn focus_soon(test_id: &'static str) {
    focus_within(test_id, 20);
}

fn focus_within(test_id: &'static str, tries: u8) {
    let act = move || {
        if !focus_on(test_id) && tries > 0 {
            focus_within(test_id, tries - 1);
        }
    };
    gloo::timers::callback::Timeout::new(0, act).forget();
}

/// Whether a sheet lies over everything: it has its own keys, and Escape closes it and nothing behind it. The help is no such sheet:
/// the key that opened it closes it, too.
fn behind_sheet(view: View) -> bool {
    let sheet = document().query_selector("dialog[open]").ok().flatten();
    sheet.is_some() && !view.help_open.get_untracked()
}

/// Listens for the page's life.
pub fn listen(view: View, capture: Capture) {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&document(), "keydown", options, move |event| {
        let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
        if in_field(event) || event.default_prevented() || behind_sheet(view) {
            return;
        }
        if event.key() == " " && on_control(event) {
            return;
        }
        let main = matches!(view.screen.get_untracked(), Screen::Topology | Screen::Table | Screen::Charts);
        let main = main && !view.help_open.get_untracked();
        let done = if with_modifier(event) {
            main && chord(event)
        } else if super::commands::is_off(event) {
            false
        } else if event.shift_key() && event.key().starts_with("Arrow") {
            main && reach(view, capture, &event.key())
        } else {
            plain(view, capture, main, &event.key())
        };
        if done {
            event.prevent_default();
        }
    })
    .forget();
}

/// Keys with Ctrl or the command key.
fn chord(event: &KeyboardEvent) -> bool {
    if !(event.ctrl_key() || event.meta_key()) || event.shift_key() || event.alt_key() {
        return false;
    }
    match event.key().as_str() {
        "k" => super::omnibox::open_commands(),
        "z" => {
            // Nowhere to go back to: nothing happens.
            let _ = window().history().map(|history| history.back());
        }
        _ => return false,
    }
    true
}

/// Keys alone; whether they meant something.
fn plain(view: View, capture: Capture, main: bool, key: &str) -> bool {
    match key {
        "?" => view.help_open.update(|open| *open = !*open),
        "/" if main => focus("find"),
        "[" | "]" if main => crate::findings::step(view, capture, key == "]"),
        "1" if main => view.screen.set(Screen::Topology),
        "2" if main => view.screen.set(Screen::Table),
        "3" if main => view.screen.set(Screen::Charts),
        "4" if main => {
            view.rail_open.set(true);
            focus_soon("rail-list");
        }
        " " if main => crate::timeline::play_or_pause(view, capture),
        "," | "." if main && crate::timeline::step(view, capture, if key == "." { 1 } else { -1 }) => {}
        "," | "." if main => return shift(view, capture, if key == "." { 1 } else { -1 }),
        "Escape" if main => return one_up(view),
        _ => return false,
    }
    true
}

/// Closes what is open, the last opened first; whether anything was. What remains of Escape is the picture's: it goes out of the
/// thing that has the focus.
fn one_up(view: View) -> bool {
    if view.rail_open.get_untracked() {
        view.rail_open.set(false);
    } else if view.looking.with_untracked(|looking| looking.path || !looking.way.is_empty()) {
        view.looking.update(|looking| {
            looking.path = false;
            looking.way.clear();
        });
    } else if view.also.with_untracked(|also| !also.is_empty()) {
        view.also.set(Vec::new());
    } else if view.selection.with_untracked(Option::is_some) || view.finding.with_untracked(Option::is_some) {
        view.deselect();
    } else {
        return false;
    }
    true
}

/// The whole capture's minutes, when it has any.
fn bounds(capture: Capture) -> Option<MinuteRange> {
    capture.timeline.get_untracked().and_then(|timeline| crate::timeline::whole(&timeline))
}

/// Moves the time range by so many minutes; the whole capture becomes its first minute, or its last.
fn shift(view: View, capture: Capture, by: i64) -> bool {
    let Some(bounds) = bounds(capture) else { return false };
    let next = match view.range.get_untracked() {
        Some(range) => MinuteRange { first: range.first + by, last: range.last + by },
        None if by > 0 => MinuteRange { first: bounds.first, last: bounds.first },
        None => MinuteRange { first: bounds.last, last: bounds.last },
    };
    if next.first >= bounds.first && next.last <= bounds.last {
        view.range.set(Some(next));
    }
    true
}

/// Moves the end of the time range (left and right) or its beginning (down and up) by a minute.
fn reach(view: View, capture: Capture, key: &str) -> bool {
    let Some(bounds) = bounds(capture) else { return false };
    let mut range = view.range.get_untracked().unwrap_or(bounds);
    match key {
        "ArrowLeft" => range.last = (range.last - 1).max(range.first),
        "ArrowRight" => range.last = (range.last + 1).min(bounds.last),
        "ArrowUp" => range.first = (range.first - 1).max(bounds.first),
        _ => range.first = (range.first + 1).min(range.last),
    }
    view.range.set((range != bounds).then_some(range));
    true
}
