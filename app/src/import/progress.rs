//! The head of the import screen: bytes, speed, time left, one segment a file, and the ways to stop.

use crate::state::use_capture;
use crate::wording::{self, scaled};
use gloo::timers::callback::Interval;
use leptos::prelude::*;
use underlay_model::view::Progress as State;

/// Segments drawn at most; beyond, neighbours share one.
const MOST_SEGMENTS: usize = 240;
/// Width of the picture of segments, in its own units.
const WIDTH: f64 = 1400.0;

/// Paths of the segments: all, read, and with an error.
fn segments(state: &State) -> [String; 3] {
    let mut paths = [String::new(), String::new(), String::new()];
    let total: u64 = state.segments.iter().map(|segment| segment.0).sum();
    if total == 0 {
        return paths;
    }
    let shared = state.segments.len().div_ceil(MOST_SEGMENTS).max(1);
    let groups = state.segments.len().div_ceil(shared);
    let gap = if groups > 120 { 0.8 } else { 1.6 };
    // Every file is at least seen; what that takes is taken from the large ones.
    let least = 1.2;
    // Sizes are far below 2^53.
    let room = WIDTH - groups as f64 * (gap + least);
    let mut x = 0.0;
    for group in state.segments.chunks(shared) {
        let bytes: u64 = group.iter().map(|segment| segment.0).sum();
        let read: u64 = group.iter().map(|segment| if segment.2 { segment.0 } else { segment.1.min(segment.0) }).sum();
        let done = group.iter().all(|segment| segment.2);
        let width = least + room * bytes as f64 / total as f64;
        let part = if done { width } else { width * read as f64 / bytes.max(1) as f64 };
        paths[0].push_str(&format!("M{x:.1} 3h{width:.1}v8h-{width:.1}z"));
        if part > 0.0 {
            let at = if group.iter().any(|segment| segment.3) { 2 } else { 1 };
            paths[at].push_str(&format!("M{x:.1} 3h{part:.1}v8h-{part:.1}z"));
        }
        x += width + gap;
    }
    paths
}

/// Progress and what to do about it.
#[component]
pub fn Progress() -> impl IntoView {
    let capture = use_capture();
    let state = move || capture.progress.get().unwrap_or_default();
    let files = move || {
        let reported = capture.report.with(|report| report.inputs.len() as u64);
        let known = capture.progress.with(|progress| progress.as_ref().map_or(0, |progress| progress.files));
        wording::counted(if capture.reading.get() { known } else { reported }, "file", "files")
    };
    let percent = move || {
        let state = state();
        if !capture.reading.get() {
            100
        } else {
            (state.bytes_read.min(state.bytes) * 100).checked_div(state.bytes).unwrap_or(0)
        }
    };
    let title = move || {
        if capture.reading.get() {
            format!("Reading {}", files())
        } else if capture.report.with(|report| report.stopped) {
            "Stopped".to_owned()
        } else {
            format!("Read {}", files())
        }
    };
    let left = move || {
        let (state, pace) = (state(), capture.pace.get());
        let rest = state.bytes.saturating_sub(state.bytes_read);
        (pace.bytes_per_second > 0.0 && rest > 0).then(|| wording::about_seconds(rest as f64 / pace.bytes_per_second))
    };
    let figures = move || {
        if capture.reading.get() {
            let state = state();
            let (value, unit) = scaled(state.bytes_read);
            let (total, total_unit) = scaled(state.bytes);
            let unit = if unit == total_unit { String::new() } else { format!(" {unit}") };
            // A speed is rounded to whole bytes a second.
            let (speed, speed_unit) = scaled(capture.pace.get().bytes_per_second as u64);
            view! {
                <span class="fig"><b>{value}</b>{unit}" of "{total}" "{total_unit}</span>
                <span class="fig"><b>{speed}</b>" "{speed_unit}"/s"</span>
                {left().map(|left| view! { <span class="fig">"about "<b>{left}</b>" left"</span> })}
            }
            .into_any()
        } else {
            let (bytes, elapsed) = capture
                .report
                .with(|report| (report.inputs.iter().map(|input| input.bytes).sum::<u64>(), report.elapsed_ms));
            let (value, unit) = scaled(bytes);
            view! {
                <span class="fig"><b>{value}</b>" "{unit}</span>
                {(elapsed > 0)
                    .then(|| {
                        view! { <span class="fig">"in "<b>{underlay_scene::units::duration_ms(elapsed)}</b></span> }
                    })}
            }
            .into_any()
        }
    };
    let paths = Memo::new(move |_| {
        let mut state = state();
        if !capture.reading.get() {
            // The last report of progress may be a moment older than the end.
            state.segments.iter_mut().for_each(|segment| segment.2 = true);
        }
        segments(&state)
    });
    let rows = move || {
        let tuples = if capture.reading.get() { state().tuples } else { capture.report.with(|r| r.tuples.accepted) };
        format!("{}{}", wording::counted(tuples, "tuple", "tuples"), if capture.reading.get() { " so far" } else { "" })
    };
    let memory = move || {
        let told = if capture.reading.get() { state().memory } else { capture.report.with(|report| report.memory) };
        let memory = told.max(capture.vitals.get().0);
        (memory > 0).then(|| format!("{} memory", wording::bytes(memory)))
    };
    // Spoken every five seconds, not ten times a second.
    let spoken = RwSignal::new(String::new());
    let speak = move || {
        let text =
            untrack(|| if capture.reading.get() { format!("{} percent read, {}", percent(), rows()) } else { title() });
        if spoken.get_untracked() != text {
            spoken.set(text);
        }
    };
    let timer = StoredValue::new_local(Some(Interval::new(5_000, speak)));
    on_cleanup(move || timer.set_value(None));
    Effect::new(move |_| {
        capture.reading.track();
        speak();
    });
    view! {
        <section class="prog" aria-label="Progress" data-testid="progress" data-reading=move || capture.reading.get().to_string()>
            <div class="l1">
                <h1>{title}</h1>
                {figures}
                <span class="sp"></span>
                <Show when=move || capture.reading.get()>
                    <button class="btn ghost" data-testid="cancel" on:click=move |_| capture.cancel()>"Cancel"</button>
                    <button class="btn" data-testid="stop" on:click=move |_| capture.stop_and_keep()>
                        "Stop and keep what is read"
                    </button>
                </Show>
                <button
                    class="btn primary"
                    data-testid="open-topology"
                    disabled=move || capture.generation.get() == 0
                    title=move || if capture.generation.get() == 0 { "Nothing has been read yet" } else { "" }
                    on:click=move |_| capture.open_topology()
                >
                    "Open the topology"
                </button>
            </div>
            <div
                role="progressbar"
                aria-label="Bytes read"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=move || percent().to_string()
                aria-valuetext=move || format!("{} percent", percent())
            >
            <svg class="segs" viewBox="0 0 1400 14" preserveAspectRatio="none" aria-hidden="true">
                <path class="all" d=move || paths.with(|paths| paths[0].clone())></path>
                <path class="read" d=move || paths.with(|paths| paths[1].clone())></path>
                <path class="bad" d=move || paths.with(|paths| paths[2].clone())></path>
            </svg>
            </div>
            <div class="l3">
                <span class="mono">
                    {move || if capture.reading.get() { wording::path_end(&state().current, 90) } else { String::new() }}
                </span>
                <span class="sp"></span>
                <span>{rows}</span>
                <span>{memory}</span>
            </div>
            <p class="sr" aria-live="polite">{move || spoken.get()}</p>
        </section>
    }
}
