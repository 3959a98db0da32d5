//! Playing time: a playhead that moves over the capture at a chosen speed while the picture shows its minute, and jumps from one
//! problem to the next. Nothing moves between minutes, so those who want less motion only get fewer steps.

use super::whole;
use crate::frame::Icon;
use crate::state::{Capture, View, use_capture, use_view};
use crate::wording::{self, clock};
use gloo::timers::callback::Interval;
use leptos::prelude::*;
use underlay_model::order::Order;
use underlay_model::time::{Minute, minute_of};
use underlay_model::view::{MinuteRange, Problem};

/// Speeds: so many times as fast as time.
pub const SPEEDS: [u32; 6] = [30, 60, 120, 300, 600, 1800];
/// Milliseconds between two steps, and for those who want less motion.
const STEP_MS: u32 = 100;
const CALM_MS: u32 = 1000;

/// The minutes of a bar that holds this minute.
fn bar(capture: Capture, minute: Minute) -> Option<MinuteRange> {
    let timeline = capture.timeline.get_untracked()?;
    let (bounds, per_bar) = (whole(&timeline)?, i64::from(timeline.minutes_per_bar.max(1)));
    let minute = minute.clamp(bounds.first, bounds.last);
    let first = minute - (minute - bounds.first).rem_euclid(per_bar);
    Some(MinuteRange { first, last: (first + per_bar - 1).min(bounds.last) })
}

/// Where time is played: the range, else the whole capture.
fn bounds(view: View, capture: Capture) -> Option<MinuteRange> {
    let all = || capture.timeline.get_untracked().and_then(|timeline| whole(&timeline));
    view.range.get_untracked().or_else(all)
}

/// Begins to play, or stops where it is.
pub fn play_or_pause(view: View, capture: Capture) {
    if view.playing.get_untracked() {
        view.playing.set(false);
        return;
    }
    let Some(bounds) = bounds(view, capture) else { return };
    let inside = view.playhead.get_untracked().filter(|head| head.first >= bounds.first && head.last < bounds.last);
    if inside.is_none() {
        view.playhead.set(bar(capture, bounds.first));
    }
    view.playing.set(true);
}

/// Shows the range again.
pub fn stop(view: View) {
    view.playing.set(false);
    view.playhead.set(None);
}

/// Moves the playhead by so many bars; stops at the end. Whether there was one to move.
pub fn step(view: View, capture: Capture, bars: i64) -> bool {
    let (Some(head), Some(bounds)) = (view.playhead.get_untracked(), bounds(view, capture)) else { return false };
    let length = i64::try_from(head.len()).unwrap_or(1);
    let next = head.first + bars * length;
    if next > bounds.last {
        view.playing.set(false);
    }
    view.playhead.set(bar(capture, next.clamp(bounds.first, bounds.last)));
    true
}

/// Everything that playback can jump to: what tracks show and what findings are about, by minute.
fn problems(capture: Capture) -> Vec<Problem> {
    let mut all = capture
        .timeline
        .with(|timeline| timeline.as_ref().map(|timeline| timeline.tracks.problems.clone()))
        .unwrap_or_default();
    capture.findings.with(|report| {
        for shown in report.iter().flat_map(|report| &report.findings) {
            if let Some((first, _)) = shown.span.filter(|_| shown.finding.severity != "info") {
                all.push(Problem { minute: minute_of(first), text: shown.finding.title.clone() });
            }
        }
    });
    all.order_by(|a, b| (a.minute, &a.text).cmp(&(b.minute, &b.text)));
    all.dedup();
    all
}

/// Goes to the next minute with a problem, or the one before.
fn jump(view: View, capture: Capture, problems: &[Problem], forward: bool) {
    let range = view.range.get_untracked();
    let found = match view.playhead.get_untracked() {
        Some(head) if forward => problems.iter().find(|problem| problem.minute > head.last),
        Some(head) => problems.iter().rev().find(|problem| problem.minute < head.first),
        None if forward => problems.iter().find(|problem| range.is_none_or(|range| problem.minute >= range.first)),
        None => problems.iter().rev().find(|problem| range.is_none_or(|range| problem.minute <= range.last)),
    };
    if let Some(problem) = found {
        view.playing.set(false);
        view.playhead.set(bar(capture, problem.minute));
    }
}

fn calm() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)").ok().flatten();
    query.is_some_and(|query| query.matches())
}

/// Moves the playhead while time is played, but never ahead of the picture.
fn run(view: View, capture: Capture) {
    let ticking = StoredValue::new_local(None::<Interval>);
    let due = StoredValue::new(0.0f64);
    Effect::new(move |_| {
        ticking.set_value(None);
        if !view.playing.get() {
            return;
        }
        due.set_value(0.0);
        let every = if calm() { CALM_MS } else { STEP_MS };
        ticking.set_value(Some(Interval::new(every, move || {
            if capture.awaits_picture() {
                return;
            }
            let length = view.playhead.with_untracked(|head| head.map_or(1, MinuteRange::len)) as f64;
            let bars = f64::from(every) / 60_000.0 * f64::from(view.speed.get_untracked()) / length;
            let sum = due.with_value(|due| due + bars);
            due.set_value(sum.fract());
            // Bars of a capture are far below 2^52.
            if sum >= 1.0 {
                step(view, capture, sum as i64);
            }
        })));
    });
    // Whoever chooses a range wants to see it.
    Effect::new(move |before: Option<Option<MinuteRange>>| {
        let range = view.range.get();
        if before.is_some_and(|before| before != range) && !view.playing.get_untracked() {
            view.playhead.set(None);
        }
        range
    });
    on_cleanup(move || {
        ticking.set_value(None);
        view.playing.set(false);
    });
}

/// Buttons and speed.
#[component]
pub fn PlayControls() -> impl IntoView {
    let (view, capture) = (use_view(), use_capture());
    run(view, capture);
    let known = Memo::new(move |_| problems(capture));
    let none =
        move || capture.timeline.with(|timeline| timeline.as_ref().is_none_or(|timeline| timeline.bars.is_empty()));
    let without = move || known.with(Vec::is_empty);
    let to_problem = move |words: &'static str, name: &'static str, icon: &'static str, forward: bool| {
        view! {
            <button
                class="ib"
                aria-label=words
                title=words
                data-testid=name
                disabled=without
                on:click=move |_| known.with_untracked(|known| jump(view, capture, known, forward))
            >
                <Icon name=icon/>
            </button>
        }
    };
    let speeds = SPEEDS
        .map(|speed| view! { <option value=speed.to_string() selected=move || view.speed.get() == speed>{format!("{speed}×")}</option> });
    let at = move || {
        let head = view.playhead.get()?;
        Some(clock::in_force().time(head.first))
    };
    view! {
        <div class="play" role="group" aria-label="Play">
            {to_problem("Previous problem", "problem-before", "stepb", false)}
            <button
                class="ib"
                aria-label=move || if view.playing.get() { "Pause" } else { "Play" }
                title=move || if view.playing.get() { "Pause (Space)" } else { "Play (Space)" }
                data-testid="play"
                disabled=none
                on:click=move |_| play_or_pause(view, capture)
            >
                {move || if view.playing.get() { view! { <Icon name="pause"/> } } else { view! { <Icon name="playi"/> } }}
            </button>
            {to_problem("Next problem", "problem-next", "stepf", true)}
            <select
                aria-label="Speed of play"
                title="Times as fast as time"
                data-testid="speed"
                on:change=move |event| view.speed.set(event_target_value(&event).parse().unwrap_or(60))
            >
                {speeds}
            </select>
            <b class="at">{at}</b>
        </div>
    }
}

/// What stands at the playhead, in words: the minute and the problems that begin in it.
#[component]
pub fn Playhead() -> impl IntoView {
    let (view, capture) = (use_view(), use_capture());
    let known = Memo::new(move |_| problems(capture));
    let words = move || {
        let head = view.playhead.get()?;
        let here = known.with(|known| {
            let here: Vec<String> = known
                .iter()
                .filter(|problem| head.contains(problem.minute))
                .map(|problem| problem.text.clone())
                .collect();
            match here.as_slice() {
                [] => String::new(),
                [one] => one.clone(),
                [one, rest @ ..] => format!("{one}, and {} more", rest.len()),
            }
        });
        Some(view! {
            <b>{wording::range(head)}</b>
            <span>{wording::minutes(head.len())}" shown"</span>
            <span class="cut t-failing" aria-live="polite">{here}</span>
            <button class="btn ghost small" data-testid="play-stop" on:click=move |_| stop(view)>"Show the range"</button>
        })
    };
    view! { {words} }
}
