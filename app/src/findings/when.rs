//! When a finding was so, as a strip of all the time that there is; where that is not known, nothing.

use crate::state::use_capture;
use crate::timeline::whole;
use leptos::prelude::*;
use underlay_model::time::{MINUTE_MS, Millis};

/// The strip, in the colour of a glyph.
#[component]
pub(super) fn When(span: Option<(Millis, Millis)>, glyph: &'static str) -> impl IntoView {
    let capture = use_capture();
    move || {
        let (from, to) = span?;
        let all = capture.timeline.with(|timeline| timeline.as_ref().and_then(|timeline| whole(timeline)))?;
        let (first, behind) = (all.first * MINUTE_MS, (all.last + 1) * MINUTE_MS);
        // Times of a capture, in milliseconds since its begin, are far below 2^52.
        let percent = |time: Millis| (time.clamp(first, behind) - first) as f64 / (behind - first) as f64 * 100.0;
        let (left, right) = (percent(from), percent(to));
        (to >= first && from < behind).then(|| {
            view! {
                <span class="when" aria-hidden="true">
                    <i class=glyph style:left=format!("{left:.1}%") style:width=format!("{:.1}%", right - left)></i>
                </span>
            }
        })
    }
}
