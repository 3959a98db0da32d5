//! The focus is never lost: when what has it goes away, with a screen, a panel or a row, it goes back to where it was before, or else to
//! the main part of what is shown.

use gloo::events::EventListener;
use leptos::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, MutationObserver, MutationObserverInit};

/// So many places are remembered.
const PLACES: usize = 8;

/// What had the focus, the last one at the end.
type Places = Rc<RefCell<Vec<HtmlElement>>>;

/// Whether an element is in the document and not in what is put away.
fn is_there(element: &HtmlElement) -> bool {
    element.is_connected() && element.closest(".hidden").ok().flatten().is_none()
}

fn is_seen(element: &HtmlElement) -> bool {
    is_there(element) && element.get_bounding_client_rect().width() > 0.0
}

fn remember(places: &Places, event: &web_sys::Event) {
    let Some(element) = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    let mut places = places.borrow_mut();
    places.retain(|place| place.is_connected() && *place != element);
    places.push(element);
    if places.len() > PLACES {
        places.remove(0);
    }
}

/// The main part of what is shown; it can take the focus, but is no stop of the Tab key.
fn main_part() -> Option<HtmlElement> {
    let main = document().query_selector("main").ok().flatten()?.dyn_into::<HtmlElement>().ok()?;
    main.set_tab_index(-1);
    Some(main)
}

/// Gives the focus back if what had it has gone. Somebody who clicks beside everything has taken it away, and that stays so.
fn mend(places: &Places) {
    let focused = document().active_element();
    if focused.is_some_and(|element| element.tag_name() != "BODY") {
        return;
    }
    if places.borrow().last().is_none_or(is_there) {
        return;
    }
    let known = {
        let mut places = places.borrow_mut();
        while places.last().is_some_and(|place| !is_seen(place)) {
            places.pop();
        }
        places.last().cloned()
    };
    if let Some(element) = known.or_else(main_part) {
        // What is seen can be focused, or stays as it is.
        let _ = element.focus();
    }
}

/// Watches over the focus for as long as the page lives.
pub fn keep() {
    let places = Places::default();
    let known = Rc::clone(&places);
    EventListener::new(&document(), "focusin", move |event| remember(&known, event)).forget();
    let changed = Closure::<dyn Fn()>::new(move || mend(&places));
    let options = MutationObserverInit::new();
    options.set_child_list(true);
    options.set_subtree(true);
    let observer = MutationObserver::new(changed.as_ref().unchecked_ref());
    if let (Ok(observer), Some(body)) = (observer, document().body()) {
        // A body can be observed.
        let _ = observer.observe_with_options(&body, &options);
    }
    changed.forget();
}
