//! What the page has asked of any server, as the browser itself recorded it: the status bar shows that it was nobody else's.

use wasm_bindgen::JsCast;

/// Requests that the page made since it was opened: to its own host, and to others (which the policy forbids, so 0).
pub fn requests() -> (u32, u32) {
    let Some(window) = web_sys::window() else { return (0, 0) };
    let (Some(performance), Ok(origin)) = (window.performance(), window.location().origin()) else { return (0, 0) };
    let entries = performance.get_entries_by_type("resource");
    let own = entries
        .iter()
        .filter_map(|entry| entry.dyn_into::<web_sys::PerformanceEntry>().ok().map(|entry| entry.name()))
        .filter(|name| name.starts_with(&origin) || name.starts_with("blob:") || name.starts_with("data:"))
        .count();
    let own = u32::try_from(own).unwrap_or(u32::MAX);
    (own, entries.length().saturating_sub(own))
}
