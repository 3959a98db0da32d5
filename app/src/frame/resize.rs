//! Following the size of an element for as long as the component that shows it lives.

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
