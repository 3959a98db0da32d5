//! The clock on the wall of the page: UTC unless the person asks for local time. Times that are read in a reactive place follow a
//! change at once. The choice belongs to the person, so it is kept in the browser and is not part of an address.

use gloo::storage::{LocalStorage, Storage};
use leptos::prelude::*;
use std::sync::LazyLock;
use underlay_model::time::{Clock, MINUTE_MS, Millis, Minute, minute_of};

const STORAGE_KEY: &str = "underlay.clock";

static LOCAL: LazyLock<ArcRwSignal<bool>> =
    LazyLock::new(|| ArcRwSignal::new(LocalStorage::get::<String>(STORAGE_KEY).is_ok_and(|kept| kept == "local")));

/// How many minutes the browser's clock is ahead of UTC then.
fn ahead(minute: Minute) -> i64 {
    // Milliseconds of a date are far below 2^53, and no zone is further away than a day.
    let date = js_sys::Date::new(&((minute * MINUTE_MS) as f64).into());
    -(date.get_timezone_offset() as i64)
}

/// The clock in force.
pub fn in_force() -> Clock {
    if LOCAL.get() { Clock(ahead) } else { Clock::UTC }
}

/// Whether times are local ones.
pub fn is_local() -> bool {
    LOCAL.get()
}

/// Changes between UTC and local time.
pub fn change() {
    let local = !LOCAL.get_untracked();
    // Storage may be forbidden; then the choice lasts as long as the page.
    let _ = LocalStorage::set(STORAGE_KEY, if local { "local" } else { "utc" });
    LOCAL.set(local);
}

/// `UTC`, or `UTC+02:00`, as it is at this minute.
pub fn zone(minute: Minute) -> String {
    in_force().zone(minute)
}

/// The time as the clock in force shows it, to be written as if it were UTC.
pub fn shown(time: Millis) -> Millis {
    let minute = minute_of(time);
    time + (in_force().shown(minute) - minute) * MINUTE_MS
}
