//! The gateway's probes of a thing over time, a strip an instance: how many were answered each minute. Always an inference.

use crate::sources::RowsButton;
use crate::state::use_view;
use crate::wording::{self, count};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::connection::Separation;
use underlay_model::sources::SourceOf;
use underlay_model::view::{Detail, EntityKey, MinuteRange, ProbeStrip};

/// Width of a strip at most, and the least distance of two of its bars, in CSS pixels: whole ones, so that no gap is wider than another.
const WIDTH: i64 = 312;
const PITCH: i64 = 3;

fn beats(strip: &ProbeStrip, range: MinuteRange, words: String) -> impl IntoView + use<> {
    let length = i64::try_from(range.len()).unwrap_or(1);
    let per_bar = (length * PITCH + WIDTH - 1) / WIDTH;
    let bars = ((length + per_bar - 1) / per_bar).max(1);
    let pitch = (WIDTH / bars).clamp(PITCH, 8);
    // (answered, unanswered) of each bar.
    let mut sums = vec![(0u64, 0u64); usize::try_from(bars).unwrap_or(0)];
    for one in &strip.minutes {
        let at = (i64::from(one.minute) - range.first).div_euclid(per_bar);
        if let Some(sum) = usize::try_from(at).ok().and_then(|at| sums.get_mut(at)) {
            sum.0 += u64::from(one.answered);
            sum.1 += u64::from(one.unanswered);
        }
    }
    let most = sums.iter().map(|(a, u)| a + u).max().unwrap_or(0).max(1) as f64;
    let bar = |(at, &(answered, unanswered)): (usize, &(u64, u64))| {
        let part = |count: u64, class: &'static str, above: u64| {
            (count > 0).then(|| {
                view! {
                    <i
                        class=class
                        style:left=format!("{}px", at as i64 * pitch)
                        style:width=format!("{}px", pitch * 2 / 3)
                        style:bottom=format!("{:.0}%", above as f64 / most * 100.0)
                        style:height=format!("{:.0}%", count as f64 / most * 100.0)
                    ></i>
                }
            })
        };
        (part(answered, "a", 0), part(unanswered, "u", answered))
    };
    let parts = sums.iter().enumerate().map(bar).collect_view();
    view! { <div class="beats" role="img" aria-label=words style:width=format!("{}px", bars * pitch)>{parts}</div> }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02} s", milliseconds / 1000, milliseconds % 1000 / 10)
}

/// The tuples that a strip's probes are told from.
fn rows_of(strip: &ProbeStrip, of: &EntityKey, number: String) -> AnyView {
    if strip.answered + strip.unanswered + strip.unknown == 0 {
        return number.into_any();
    }
    let title = ["Probes from ", &strip.name].concat();
    let instance = (strip.key != *of).then(|| strip.key.clone());
    let of = SourceOf::Probes { key: of.clone(), instance };
    view! { <RowsButton title=title of=of words=number/> }.into_any()
}

fn row(strip: &ProbeStrip, of: &EntityKey, range: MinuteRange) -> impl IntoView + use<> {
    let all = strip.answered + strip.unanswered;
    let number = match () {
        () if all > 0 => format!("{} of {}", count(strip.answered), count(all)),
        () if strip.unknown > 0 => "unknown".to_owned(),
        () => "none".to_owned(),
    };
    let mut facts = Vec::new();
    if strip.interval_ms > 0 {
        facts.push(format!("every {}, ± {} ms", seconds(strip.interval_ms), strip.jitter_ms));
    }
    if strip.unanswered > 0 {
        facts.push(format!("{} unanswered", count(strip.unanswered)));
    }
    if all > 0 {
        facts.push(format!("{} missed", count(strip.missed)));
    }
    if strip.pairs > 1 {
        facts.push(format!("{} targets", count(strip.pairs)));
    }
    if strip.unknown > 0 {
        facts.push(format!("{} connections cannot be told apart", count(strip.unknown)));
    }
    if all == 0 && strip.unknown == 0 {
        facts.push(match (strip.absent, strip.separation) {
            (true, _) => "expected, no flow at all".to_owned(),
            _ => "no probe seen".to_owned(),
        });
    }
    let words = format!("Probes from {}: {number} answered, {}", strip.name, facts.join(", "));
    view! {
        <li class="strip-row">
            <span class="mono cut" title=strip.name.clone()>{strip.name.clone()}</span>
            <span class="num">{rows_of(strip, of, number)}</span>
            {(all > 0).then(|| beats(strip, range, words))}
            <small>{facts.join(", ")}</small>
        </li>
    }
}

/// The section; nothing when no probe was seen or expected.
#[component]
pub fn Probes(detail: Arc<Detail>) -> impl IntoView {
    let view = use_view();
    if detail.probes.is_empty() {
        return ().into_any();
    }
    let unsure = detail.probes.iter().any(|strip| matches!(strip.separation, Separation::Unclear | Separation::Reused));
    let more = detail.more_probes;
    let rows = move || {
        let whole = MinuteRange {
            first: detail.series_first,
            last: detail.series_first + (detail.series.len() as i64 - 1).max(0),
        };
        let seen = || detail.probes.iter().flat_map(|strip| strip.minutes.iter().map(|one| i64::from(one.minute)));
        let whole = if detail.series.is_empty() {
            MinuteRange { first: seen().min().unwrap_or(0), last: seen().max().unwrap_or(0) }
        } else {
            whole
        };
        let range = view.range.get().unwrap_or(whole);
        detail.probes.iter().map(|strip| row(strip, &detail.key, range)).collect_view()
    };
    view! {
        <section class="blk" data-testid="probes">
            <h3>"Gateway probes"<span class="sp"></span><small>{if view.range.get_untracked().is_some() { "inferred, in this range" } else { "inferred, whole capture" }}</small></h3>
            <ul>{rows}</ul>
            {(more > 0).then(|| view! { <p class="faint">{format!("{} are not listed.", wording::counted(more, "more instance", "more instances"))}</p> })}
            {unsure.then(|| view! { <p class="faint">"Some connections are too much like probes, or are kept open and shared: what they are is unknown."</p> })}
        </section>
    }
    .into_any()
}
