//! Small menus: a button and the list that it opens. The focus goes into the list, arrows walk it, Escape gives it back to the button.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent, Node};

/// Elements of a menu's anchor that match, in order.
fn all(anchor: &HtmlElement, selector: &str) -> Vec<HtmlElement> {
    let Ok(found) = anchor.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into::<HtmlElement>().ok()).collect()
}

fn items(anchor: &HtmlElement) -> Vec<HtmlElement> {
    all(anchor, "[role^='menuitem']")
}

fn focus(element: Option<&HtmlElement>) {
    if let Some(element) = element {
        // Buttons can be focused.
        let _ = element.focus();
    }
}

/// Opens or closes the menu of the button that was pressed; an open one has the focus on its first item.
pub fn toggle(event: &web_sys::MouseEvent, open: RwSignal<bool>) {
    open.update(|open| *open = !*open);
    let anchor = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let anchor = anchor.and_then(|button| button.parent_element()?.dyn_into::<HtmlElement>().ok());
    if let Some(anchor) = anchor.filter(|_| open.get_untracked()) {
        gloo::timers::callback::Timeout::new(0, move || focus(items(&anchor).first())).forget();
    }
}

/// Arrow keys, Home, End and Escape anywhere in a menu's anchor, while the menu is open.
pub fn keys(event: &KeyboardEvent, open: RwSignal<bool>) {
    let anchor = event.current_target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(anchor) = anchor.filter(|_| open.get_untracked()) else { return };
    let items = items(&anchor);
    let focused = document().active_element();
    let at = items.iter().position(|item| focused.as_ref().is_some_and(|f| f.is_same_node(Some(item.as_ref()))));
    let last = items.len().saturating_sub(1);
    let next = match (event.key().as_str(), at) {
        ("Escape", _) => {
            focus(all(&anchor, "button").first());
            open.set(false);
            None
        }
        ("ArrowDown", Some(at)) if at < last => items.get(at + 1),
        ("ArrowUp", Some(at)) if at > 0 => items.get(at - 1),
        ("ArrowDown" | "Home", _) => items.first(),
        ("ArrowUp" | "End", _) => items.last(),
        _ => return,
    };
    focus(next);
    event.prevent_default();
    event.stop_propagation();
}

/// Closes a menu once the focus has gone elsewhere.
pub fn close_when_left(event: &FocusEvent, open: RwSignal<bool>) {
    let anchor = event.current_target().and_then(|target| target.dyn_into::<Node>().ok());
    let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
    // Without a related target the press was on something that takes no focus; a press outside is handled the same way.
    let inside = matches!((&anchor, &to), (Some(anchor), Some(to)) if anchor.contains(Some(to)));
    if !inside {
        open.set(false);
    }
}
