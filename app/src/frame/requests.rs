//! Counts what the page fetches after it has loaded, for the status bar's claim. The browser itself keeps the list (resource
//! timing), so that nothing in the page can forget to count.

use gloo::timers::callback::Interval;
use leptos::prelude::*;

/// Requests since load, read from the browser every two seconds.
#[derive(Clone, Copy)]
pub struct Requests(pub RwSignal<u32>);

fn fetched() -> u32 {
    let entries = window().performance().map(|performance| performance.get_entries_by_type("resource"));
    entries.map_or(0, |entries| {
        entries
            .iter()
            .filter(|entry| {
                let name = js_sys::Reflect::get(entry, &"name".into()).ok().and_then(|name| name.as_string());
                // Blobs and data addresses never leave the browser.
                name.is_some_and(|name| name.starts_with("http"))
            })
            .count()
            .try_into()
            .unwrap_or(u32::MAX)
    })
}

/// Starts counting. What was fetched until two seconds after the page has come up (style sheets, page, worker) is loading.
pub fn count_requests() -> Requests {
    let requests = Requests(RwSignal::new(0));
    let loaded = StoredValue::new(None::<u32>);
    Interval::new(2_000, move || {
        let now = fetched();
        match loaded.get_value() {
            None => loaded.set_value(Some(now)),
            Some(before) => {
                let since = now.saturating_sub(before);
                if requests.0.get_untracked() != since {
                    requests.0.set(since);
                }
            }
        }
    })
    .forget();
    requests
}
