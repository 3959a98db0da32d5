//! The head of the import screen: bytes, speed, time left, one segment a file, and the ways to stop.

use crate::sources::RowsButton;
use crate::state::{Capture, use_capture};
use crate::wording::{self, scaled};
use gloo::timers::callback::Interval;
use leptos::prelude::*;
use underlay_model::sources::SourceOf;
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

/// How many bytes in a hundred are read.
fn percent(capture: Capture) -> u64 {
    if !capture.reading.get() {
        return 100;
    }
    let (read, all) =
        capture.progress.with(|state| state.as_ref().map_or((0, 0), |state| (state.bytes_read, state.bytes)));
    (read.min(all) * 100).checked_div(all).unwrap_or(0)
}

fn title(capture: Capture) -> String {
    let (reported, stopped) = capture.report.with(|report| (report.inputs.len() as u64, report.stopped));
    let files = |number: u64| wording::counted(number, "file", "files");
    if capture.reading.get() {
        let known = capture.progress.with(|progress| progress.as_ref().map_or(0, |progress| progress.files));
        ["Reading ", &files(known)].concat()
    } else if stopped {
        "Stopped".to_owned()
    } else {
        ["Read ", &files(reported)].concat()
    }
}

/// Rows so far, or in all.
fn rows(capture: Capture) -> String {
    if capture.reading.get() {
        let tuples = capture.progress.with(|progress| progress.as_ref().map_or(0, |progress| progress.tuples));
        return [&wording::counted(tuples, "tuple", "tuples"), " so far"].concat();
    }
    wording::counted(capture.report.with(|report| report.tuples.accepted), "tuple", "tuples")
}

/// The same, and when all is read the way to them.
fn rows_shown(capture: Capture) -> AnyView {
    let words = rows(capture);
    if capture.reading.get() || capture.report.with(|report| report.tuples.accepted == 0) {
        return view! { <span>{words}</span> }.into_any();
    }
    view! { <RowsButton title="All tuples".to_owned() of=SourceOf::Whole(None) words=words whole=true/> }.into_any()
}

fn memory(capture: Capture) -> Option<String> {
    let told = if capture.reading.get() {
        capture.progress.with(|progress| progress.as_ref().map_or(0, |progress| progress.memory))
    } else {
        capture.report.with(|report| report.memory)
    };
    let memory = told.max(capture.vitals.get().0);
    (memory > 0).then(|| [&wording::bytes(memory), " memory"].concat())
}

/// Bytes and speed while it reads, and how long it takes still.
fn under_way(capture: Capture) -> AnyView {
    let state = capture.progress.get().unwrap_or_default();
    let pace = capture.pace.get().bytes_per_second;
    let (value, unit) = scaled(state.bytes_read);
    let (total, total_unit) = scaled(state.bytes);
    let unit = if unit == total_unit { String::new() } else { [" ", &unit].concat() };
    // A speed is rounded to whole bytes a second.
    let (speed, speed_unit) = scaled(pace as u64);
    let rest = state.bytes.saturating_sub(state.bytes_read);
    let left = (pace > 0.0 && rest > 0).then(|| wording::about_seconds(rest as f64 / pace));
    view! {
        <span class="fig"><b>{value}</b>{unit}" of "{total}" "{total_unit}</span>
        <span class="fig"><b>{speed}</b>" "{speed_unit}"/s"</span>
        {left.map(|left| view! { <span class="fig">"about "<b>{left}</b>" left"</span> })}
    }
    .into_any()
}

/// Bytes and time when all is read.
fn done(capture: Capture) -> AnyView {
    let (bytes, elapsed) =
        capture.report.with(|report| (report.inputs.iter().map(|input| input.bytes).sum::<u64>(), report.elapsed_ms));
    let (value, unit) = scaled(bytes);
    let time = (elapsed > 0).then(|| {
        view! { <span class="fig">"in "<b>{underlay_scene::units::duration_ms(elapsed)}</b></span> }
    });
    view! {
        <span class="fig"><b>{value}</b>" "{unit}</span>
        {time}
    }
    .into_any()
}

/// One segment a file.
fn bar(capture: Capture) -> impl IntoView {
    let paths = Memo::new(move |_| {
        let mut state = capture.progress.get().unwrap_or_default();
        if !capture.reading.get() {
            // The last report of progress may be a moment older than the end.
            state.segments.iter_mut().for_each(|segment| segment.2 = true);
        }
        segments(&state)
    });
    let path = move |at: usize| move || paths.with(|paths| paths.get(at).cloned().unwrap_or_default());
    view! {
        <div
            role="progressbar"
            aria-label="Bytes read"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent(capture).to_string()
            aria-valuetext=move || [&percent(capture).to_string(), " percent"].concat()
        >
            <svg class="segs" viewBox="0 0 1400 14" preserveAspectRatio="none" aria-hidden="true">
                <path class="all" d=path(0)></path>
                <path class="read" d=path(1)></path>
                <path class="bad" d=path(2)></path>
            </svg>
        </div>
    }
}

/// What is said aloud: every five seconds, not ten times a second.
fn aloud(capture: Capture) -> impl IntoView {
    let spoken = RwSignal::new(String::new());
    let speak = move || {
        let text = untrack(|| {
            if capture.reading.get() {
                [&percent(capture).to_string(), " percent read, ", &rows(capture)].concat()
            } else {
                title(capture)
            }
        });
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
    view! { <p class="sr" aria-live="polite">{move || spoken.get()}</p> }
}

/// Progress and what to do about it.
#[component]
pub fn Progress() -> impl IntoView {
    let capture = use_capture();
    let nothing = move || capture.generation.get() == 0;
    let current = move || {
        let path = capture.progress.with(|state| state.as_ref().map(|state| wording::path_end(&state.current, 90)));
        path.filter(|_| capture.reading.get())
    };
    view! {
        <section class="prog" aria-label="Progress" data-testid="progress" data-reading=move || capture.reading.get().to_string()>
            <div class="l1">
                <h1>{move || title(capture)}</h1>
                {move || if capture.reading.get() { under_way(capture) } else { done(capture) }}
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
                    disabled=nothing
                    title=move || if nothing() { "Nothing has been read yet" } else { "" }
                    on:click=move |_| capture.open_topology()
                >
                    "Open the topology"
                </button>
            </div>
            {bar(capture)}
            <div class="l3">
                <span class="mono">{current}</span>
                <span class="sp"></span>
                {move || rows_shown(capture)}
                <span>{move || memory(capture)}</span>
            </div>
            {aloud(capture)}
        </section>
    }
}
