//! Witnesses of health, side by side: what each says, when, over time where it has time, and what it cannot know. Where they
//! contradict each other, that comes first.

use crate::frame::{Glyph, SourceLetter};
use crate::sources::way_on;
use crate::state::{use_capture, use_view};
use crate::wording::{self, clock};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::health::{HealthState, Witness};
use underlay_model::time::{MINUTE_MS, Millis};
use underlay_model::view::Detail;

/// From so many milliseconds on the ends of an axis have their dates.
const DAY_MS: Millis = 1440 * MINUTE_MS;

/// Whether the witnesses agree, in words.
fn agreement(witnesses: &[Witness]) -> String {
    let said: Vec<HealthState> = witnesses.iter().map(|w| w.state).filter(|s| *s != HealthState::Unknown).collect();
    match said.first() {
        None => "no source".to_owned(),
        Some(_) if said.len() == 1 => "1 source".to_owned(),
        Some(first) if said.iter().all(|state| state == first) => format!("{} sources agree", said.len()),
        Some(_) => "sources disagree".to_owned(),
    }
}

fn class_of(state: HealthState) -> &'static str {
    match state {
        HealthState::Healthy => "healthy",
        HealthState::Degraded => "degraded",
        HealthState::Failing => "failing",
        HealthState::Unknown => "unknown",
    }
}

/// What a witness said over time, within the span that all share: empty where it said nothing.
fn strip(witness: &Witness, (from, to): (Millis, Millis)) -> Option<impl IntoView + use<>> {
    let inside = || witness.spans.iter().filter(move |span| span.to_ms > from && span.from_ms < to);
    inside().next()?;
    let length = (to - from).max(1) as f64;
    let percent = |time: Millis| (time.clamp(from, to) - from) as f64 / length * 100.0;
    let parts = inside()
        .map(|span| {
            let (left, right) = (percent(span.from_ms), percent(span.to_ms));
            view! {
                <i
                    class=class_of(span.state)
                    style:left=format!("{left:.2}%")
                    style:width=format!("{:.2}%", right - left)
                ></i>
            }
        })
        .collect_view();
    let bad = inside().filter(|span| matches!(span.state, HealthState::Failing | HealthState::Degraded)).count();
    let words = match bad {
        0 => "over time: well".to_owned(),
        _ => format!(
            "over time: {}",
            wording::counted(bad as u64, "stretch that is not well", "stretches that are not well")
        ),
    };
    Some(view! { <div class="lane-strip" role="img" aria-label=words>{parts}</div> })
}

fn row(witness: &Witness, span: Option<(Millis, Millis)>, limits: RwSignal<bool>) -> impl IntoView + use<> {
    let capture = use_capture();
    let side = match (witness.detail.is_empty(), witness.time_ms) {
        (true, Some(time)) => wording::time_of_day(time),
        _ => capture.said(&witness.detail),
    };
    let title = match witness.time_ms {
        Some(time) => format!("{side} {} {}", wording::moment(time), clock::zone(time.div_euclid(MINUTE_MS))),
        None => format!("{side} no time in the file"),
    };
    let cannot = witness.limits.clone();
    view! {
        <li>
            <Glyph name=wording::health_glyph(witness.state)/>
            <div class="said">
                <span>{capture.said(&witness.text)}<span class="sr">{format!(", {}", wording::health(witness.state))}</span></span>
                <span class="v" title=title.trim().to_owned()>{side}" "{way_on(&witness.text, &witness.opens)}</span>
            </div>
            <SourceLetter letter=witness.source/>
            {span.and_then(|span| strip(witness, span))}
            {move || (limits.get() && !cannot.is_empty()).then(|| view! { <p class="limits">{cannot.clone()}</p> })}
        </li>
    }
}

/// The section; nothing when the thing has no witness.
#[component]
pub fn Evidence(detail: Arc<Detail>) -> impl IntoView {
    let view = use_view();
    let limits = RwSignal::new(false);
    if detail.witnesses.is_empty() {
        return ().into_any();
    }
    let shown = detail.clone();
    let rows = move || {
        let own = || shown.witnesses.iter().flat_map(|witness| &witness.spans);
        // All stand on one axis: the range, else the timeline's minutes, else whatever the witnesses tell of.
        let of_series = (!shown.series.is_empty())
            .then(|| (shown.series_first * MINUTE_MS, (shown.series_first + shown.series.len() as i64) * MINUTE_MS));
        let of_witnesses = || {
            let from = own().map(|span| span.from_ms).min()?;
            Some((from, own().map(|span| span.to_ms).max()?))
        };
        let range = view.range.get().map(|range| (range.first * MINUTE_MS, (range.last + 1) * MINUTE_MS));
        let span = range.or(of_series).or_else(of_witnesses);
        let any = span.is_some_and(|(from, to)| own().any(|one| one.to_ms > from && one.from_ms < to));
        let rows = shown.witnesses.iter().map(|witness| row(witness, span, limits)).collect_view();
        let axis = span.filter(|_| any).map(|(from, to)| {
            let clock = clock::in_force();
            let (first, last) = (from.div_euclid(MINUTE_MS), to.div_euclid(MINUTE_MS));
            let time =
                |minute| if to - from > DAY_MS { wording::moment(minute * MINUTE_MS) } else { clock.time(minute) };
            view! {
                <div class="axis-row">
                    <span>{time(first)}</span>
                    <span>{clock.zone(first)}</span>
                    <span>{time(last)}</span>
                </div>
            }
        });
        view! {
            <ul class="ev">{rows}</ul>
            {axis}
        }
    };
    let contradictions = detail
        .contradictions
        .iter()
        .map(|sentence| view! { <li><Glyph name="warn"/><span>{sentence.clone()}</span></li> })
        .collect_view();
    let any = !detail.contradictions.is_empty();
    view! {
        <section class="blk" data-testid="witnesses">
            <h3>"Health evidence"<span class="sp"></span><small>{agreement(&detail.witnesses)}</small></h3>
            {any.then(|| view! { <ul class="contra" aria-label="Contradictions">{contradictions}</ul> })}
            {rows}
            <button
                class="link"
                aria-expanded=move || limits.get().to_string()
                on:click=move |_| limits.update(|shown| *shown = !*shown)
            >
                {move || if limits.get() { "Hide what they cannot know" } else { "What they cannot know" }}
            </button>
            {view.range.get_untracked().is_some().then(|| view! { <p class="faint">"Witnesses are of the whole capture; strips show the range."</p> })}
        </section>
    }
    .into_any()
}
