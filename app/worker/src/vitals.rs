//! What this worker takes of the browser: memory, and requests since it had loaded. The browser itself keeps both.

use crate::post;
use js_sys::Reflect;
use std::cell::Cell;

thread_local! {
    static LOADED: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Bytes of this worker's wasm memory.
pub fn memory() -> u64 {
    #[cfg(target_arch = "wasm32")]
    {
        core::arch::wasm32::memory_size(0) as u64 * 65_536
    }
    #[cfg(not(target_arch = "wasm32"))]
    0
}

/// Requests to a server since the first call, which a worker makes when it has loaded.
pub fn requests() -> u32 {
    let entries = post::scope().performance().map(|performance| performance.get_entries_by_type("resource"));
    let fetched = entries.map_or(0, |entries| {
        let of_server = |entry: &wasm_bindgen::JsValue| {
            let name = Reflect::get(entry, &"name".into()).ok().and_then(|name| name.as_string());
            name.is_some_and(|name| name.starts_with("http"))
        };
        u32::try_from(entries.iter().filter(of_server).count()).unwrap_or(u32::MAX)
    });
    LOADED.with(|loaded| match loaded.get() {
        Some(before) => fetched.saturating_sub(before),
        None => {
            loaded.set(Some(fetched));
            0
        }
    })
}
