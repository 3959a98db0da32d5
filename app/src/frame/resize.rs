//! Following the size of an element for as long as the component that shows it lives.

use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

/// Calls `act` once the element has a size, and whenever that changes. To be called where the element is shown, from an effect.
pub fn on_resize(element: &web_sys::Element, act: impl FnMut() + 'static) {
    let act = Closure::<dyn FnMut()>::new(act);
    // A browser without it draws at the first size.
    let Ok(observer) = web_sys::ResizeObserver::new(act.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let kept = StoredValue::new_local(Some((observer, act)));
    on_cleanup(move || {
        if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
            observer.disconnect();
        }
    });
}

/// Inner width of an element in CSS pixels as it changes; 0 until it is shown.
pub fn width_of(place: NodeRef<Div>) -> RwSignal<u32> {
    let width = RwSignal::new(0);
    Effect::new(move |_| {
        let Some(element) = place.get() else { return };
        let measured = element.clone();
        on_resize(&element, move || {
            let now = u32::try_from(measured.client_width()).unwrap_or(0);
            if width.get_untracked() != now {
                width.set(now);
            }
        });
    });
    width
}
