//! How fast reading goes.

use super::Capture;
use leptos::prelude::*;
use underlay_model::view::Progress;

/// A speed that does not jump: bytes a second over the last few seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    /// When reading began, page clock in milliseconds.
    pub began_ms: f64,
    /// Bytes a second; 0 while unknown.
    pub bytes_per_second: f64,
    pub(super) at_ms: f64,
    pub(super) at_bytes: u64,
}

impl Capture {
    pub(super) fn note_progress(self, progress: Progress) {
        let now = now_ms();
        self.pace.update(|pace| {
            let elapsed = now - pace.at_ms;
            if elapsed >= 250.0 {
                // Bytes read are far below 2^53.
                let speed = progress.bytes_read.saturating_sub(pace.at_bytes) as f64 * 1000.0 / elapsed;
                pace.bytes_per_second =
                    if pace.bytes_per_second > 0.0 { pace.bytes_per_second * 0.7 + speed * 0.3 } else { speed };
                (pace.at_ms, pace.at_bytes) = (now, progress.bytes_read);
            }
        });
        self.progress.set(Some(progress));
    }
}

/// The page's clock, milliseconds.
pub(super) fn now_ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}
