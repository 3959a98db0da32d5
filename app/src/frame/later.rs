//! A part of a screen that comes up in a task of its own: a screen of many parts that came up at once would hold the page for longer than a
//! few frames.

use leptos::prelude::*;

/// Its children, as soon as what was asked for with them is there.
#[component]
pub fn Later(children: ChildrenFn) -> impl IntoView {
    let due = RwSignal::new(false);
    // The screen may be gone by then.
    gloo::timers::callback::Timeout::new(0, move || {
        let _ = due.try_set(true);
    })
    .forget();
    view! { <Show when=move || due.get()>{children()}</Show> }
}
