//! Which parts of time each source covers: spans of flow logs, the moment of a snapshot, and what is not there at all.

use super::grouping::Sums;
use crate::frame::SourceLetter;
use crate::state::use_capture;
use crate::wording::{self, clock};
use leptos::prelude::*;
use underlay_model::order::Order;
use underlay_model::time::{Millis, minute_of};
use underlay_model::view::Report;

const TRACKS: [(char, &str); 5] =
    [('F', "flows"), ('A', "requests"), ('M', "metrics"), ('K', "objects"), ('H', "health")];

/// What one source covers.
#[derive(Clone, Debug, Default, PartialEq)]
struct Track {
    /// Spans, joined where less than a minute lies between them.
    spans: Vec<(Millis, Millis)>,
    /// Newest time stamp of a snapshot.
    snapshot: Option<Millis>,
    /// Some file of it is there.
    present: bool,
    /// A file of it is there, but this version does not read it.
    unread: bool,
}

fn track(report: &Report, letter: char) -> Track {
    let mut track = Track::default();
    for input in report.inputs.iter().filter(|input| super::letter(input) == Some(letter)) {
        if !input.understood() {
            track.unread = true;
            continue;
        }
        track.present = true;
        track.spans.extend(input.span);
        track.snapshot = track.snapshot.max(input.snapshot_ms);
    }
    track.spans.order();
    let mut joined: Vec<(Millis, Millis)> = Vec::new();
    for span in track.spans {
        match joined.last_mut() {
            // Hourly files meet within a minute; a hole of two minutes is a hole.
            Some(last) if span.0 <= last.1 + 120_000 => last.1 = last.1.max(span.1),
            _ => joined.push(span),
        }
    }
    Track { spans: joined, ..track }
}

/// Times of the flows; without any, of whatever has times.
fn span(report: &Report) -> Option<(Millis, Millis)> {
    report.span.or_else(|| Sums::of(report.inputs.iter()).span)
}

/// Ticks of the axis: at most seven, on round times.
pub(super) fn ticks((first, last): (Millis, Millis)) -> Vec<Millis> {
    const STEPS: [i64; 12] = [1, 2, 5, 10, 15, 30, 60, 180, 360, 720, 1440, 10_080];
    let length = (last - first).max(60_000) / 60_000;
    let step = STEPS.into_iter().find(|step| length / step <= 6).unwrap_or((length / 6 / 1440 + 1) * 1440) * 60_000;
    let mut at = first.div_euclid(step) * step + step;
    let mut ticks = Vec::new();
    while at < last {
        ticks.push(at);
        at += step;
    }
    ticks
}

/// What stands at a tick: the clock, or the day where ticks are days apart.
pub(super) fn tick_label(tick: Millis, ticks: &[Millis]) -> String {
    match ticks {
        [first, second, ..] if second - first >= 86_400_000 => {
            wording::moment(tick).rsplit_once(' ').map(|(day, _)| day.to_owned()).unwrap_or_default()
        }
        _ => clock::in_force().time(minute_of(tick)),
    }
}

/// The strip at the bottom of the import screen.
#[component]
pub fn Coverage() -> impl IntoView {
    let capture = use_capture();
    let span = Memo::new(move |_| capture.report.with(|report| span(report)));
    let whole = Memo::new(move |_| {
        capture.report.with(|report| {
            span.get().map(|(first, last)| {
                // Whole minutes, and the snapshot when it is near, so that it can be shown.
                let near = report.snapshot_ms.filter(|at| *at > first && *at < last + (last - first) / 2 + 3_600_000);
                (first - first.rem_euclid(60_000), last.max(near.unwrap_or(last)) + 60_000)
            })
        })
    });
    let body = move || {
        let Some(whole) = whole.get() else {
            return view! { <p class="dim">"No file with a time has been read."</p> }.into_any();
        };
        let (first, last) = whole;
        // Times are far below 2^53.
        let at = move |time: Millis| {
            let share = (time - first) as f64 / (last - first).max(1) as f64;
            format!("{:.3}%", share.clamp(0.0, 1.0) * 100.0)
        };
        let marks = ticks(whole);
        let axis = marks
            .iter()
            .map(|&tick| {
                view! {
                    <line class="tick" x1=at(tick) x2=at(tick) y1="14" y2="106"></line>
                    <text class="c" x=at(tick) y="10">
                        {tick_label(tick, &marks)}
                    </text>
                }
            })
            .collect_view();
        let report = capture.report.get();
        let tracks: Vec<_> = TRACKS.iter().map(|&(letter, _)| track(&report, letter)).collect();
        let drawn = tracks
            .iter()
            .enumerate()
            .map(|(number, track)| {
                // Rows of 18 pixels.
                let y = 20.0 + 18.0 * number as f64;
                let spans = track
                    .spans
                    .iter()
                    .map(|&(from, to)| {
                        let share = (to - from) as f64 / (last - first).max(1) as f64;
                        view! {
                            <rect class="cover" x=at(from) y=y width=format!("{:.3}%", (share * 100.0).max(0.2)) height="10" rx="1"></rect>
                        }
                    })
                    .collect_view();
                let words = match (track.present, track.snapshot, track.spans.is_empty()) {
                    (false, _, _) if track.unread => Some(("recognised, not read by this version", true)),
                    (false, _, _) => Some(("no file yet", true)),
                    (true, None, true) => Some(("no time in file", false)),
                    _ => None,
                };
                let snapshot = track.snapshot.filter(|_| track.spans.is_empty()).map(|snapshot| {
                    let inside = snapshot >= first && snapshot <= last;
                    let sentence = if inside {
                        format!("snapshot {}, names are exact near this time", clock::in_force().time(minute_of(snapshot)))
                    } else if snapshot > last {
                        format!("snapshot {}, after these flows", wording::moment(snapshot))
                    } else {
                        format!("snapshot {}, before these flows", wording::moment(snapshot))
                    };
                    let early = inside && (snapshot - first) * 2 < last - first;
                    view! {
                        <line class="base" x1="0" x2="100%" y1=y + 5.0 y2=y + 5.0></line>
                        <svg x=at(snapshot) y=y + 5.0 overflow="visible">
                            <path class="cover" d="M0 -6l6 6-6 6-6-6z"></path>
                            <text
                                class=if early { "halo" } else { "halo e" }
                                x=if early { "12" } else { "-12" }
                                y="3.5"
                            >
                                {sentence}
                            </text>
                        </svg>
                    }
                });
                view! {
                    {words
                        .map(|(words, dashed)| {
                            view! {
                                {dashed
                                    .then(|| {
                                        view! { <rect class="none" x="0.5" y=y + 0.5 width="99.8%" height="9" rx="1"></rect> }
                                    })}
                                <text class="halo c" x="50%" y=y + 8.5>
                                    {words}
                                </text>
                            }
                        })}
                    {spans}
                    {snapshot}
                }
            })
            .collect_view();
        view! {
            <div class="tracks">
                <ul>
                    {TRACKS
                        .iter()
                        .map(|&(letter, name)| view! { <li><SourceLetter letter=letter/>{name}</li> })
                        .collect_view()}
                </ul>
                <svg class="cov-svg" height="110" role="img" aria-label="Time covered by each source">
                    {axis}
                    {drawn}
                </svg>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="cov" aria-labelledby="cov-title">
            <h2 id="cov-title">
                "Time covered"
                <span class="faint">{move || span.get().map(wording::whole_span)}</span>
            </h2>
            {body}
        </section>
    }
}
