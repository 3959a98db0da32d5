//! What stands beside the timeline and what it says: names of the lanes, one bar in words, and the whole in a sentence.

use super::whole;
use crate::wording::{self, clock, sentences};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::view::{MinuteRange, Timeline};
use underlay_scene::timeline::{LaneKind, height, lanes};

/// Where a label of 14 px stands whose middle is so far below the top of the tracks: from the bottom, since heads grow with their words.
pub(super) fn beside(timeline: &Timeline, middle: f32) -> String {
    format!("{:.0}px", height(timeline) - middle - 7.0)
}

/// Names of the lanes, beside them.
pub(super) fn lane_labels(timeline: &Timeline) -> impl IntoView + use<> {
    let tracks = &timeline.tracks;
    lanes(timeline)
        .into_iter()
        .map(|lane| {
            let (name, title, small) = match lane.kind {
                LaneKind::Target(at) => {
                    let service = tracks.targets.get(at).map(|lane| lane.service.clone()).unwrap_or_default();
                    // Of namespace, service and port the service tells most.
                    let parts: Vec<&str> = service.split('/').collect();
                    let short = (*parts.get(1).or(parts.first()).unwrap_or(&"")).to_owned();
                    let more = if at == 0 && tracks.more_targets > 0 {
                        format!(", {} more services in the charts", wording::count(tracks.more_targets))
                    } else {
                        String::new()
                    };
                    let name = if at == 0 { "Healthy targets".to_owned() } else { String::new() };
                    (name, format!("Healthy targets of {service}{more}"), short)
                }
                LaneKind::Requests => {
                    let most = tracks.requests.iter().map(|bar| bar.requests).max().unwrap_or(0);
                    let title = "Requests of the access log; the lower part was answered with 5xx".to_owned();
                    ("Requests".to_owned(), title, wording::count(most))
                }
                LaneKind::Events => {
                    let sum: u64 = tracks.events.iter().map(|event| event.count).sum();
                    let outside = match tracks.events_outside {
                        0 => String::new(),
                        many => format!("; {} more lie outside of the timeline", wording::count(many)),
                    };
                    (
                        "Events, restarts".to_owned(),
                        format!("{} seen last here{outside}", wording::count(sum)),
                        wording::count(sum),
                    )
                }
            };
            let middle = lane.top + lane.height / 2.0;
            view! {
                <div class="tl lane" style:bottom=beside(timeline, middle) title=title>
                    <span>{name}</span>
                    <small class="cut">{small}</small>
                </div>
            }
        })
        .collect_view()
}

/// What one bar holds, in words.
pub(super) fn minute_words(timeline: &Timeline, minute: i64) -> Option<String> {
    let per_bar = i64::from(timeline.minutes_per_bar.max(1));
    let at = (minute - timeline.first).div_euclid(per_bar);
    let bar = timeline.bars.get(usize::try_from(at).ok()?)?;
    let first = timeline.first + at * per_bar;
    let range = MinuteRange { first, last: first + per_bar - 1 };
    let mut words = if per_bar == 1 { clock::in_force().time(first) } else { wording::range(range) };
    if bar.covered {
        words.push_str(&format!(
            ": {}, {}",
            wording::bytes(bar.all.total_bytes()),
            wording::counted(bar.all.flows, "flow", "flows")
        ));
        if bar.all.denied > 0 {
            words.push_str(&format!(", {} denied", wording::count(bar.all.denied)));
        }
    } else {
        words.push_str(": no flow log, a gap");
    }
    let tracks = &timeline.tracks;
    for lane in &tracks.targets {
        match lane.runs.iter().find(|run| run.first <= range.last && run.last >= range.first) {
            Some(run) => words.push_str(&format!(", {} healthy of {}", run.healthy.get(), lane.service)),
            None => words.push_str(&format!(", no metric of {}", lane.service)),
        }
    }
    if let Some(requests) = tracks.requests.iter().find(|bar| range.contains(bar.minute)) {
        words.push_str(&format!(", {}", wording::counted(requests.requests, "request", "requests")));
        if requests.failed > 0 {
            words.push_str(&format!(" ({} 5xx)", wording::count(requests.failed)));
        }
    }
    if let Some(event) = tracks.events.iter().find(|event| range.contains(event.minute)) {
        words.push_str(&format!(", {}", event.text));
        if event.count > 1 {
            words.push_str(&format!(" ×{}", wording::count(event.count)));
        }
    }
    Some(words)
}

/// The picture in a sentence.
pub(super) fn timeline_words(timeline: Option<Arc<Timeline>>) -> String {
    let Some((timeline, range)) = timeline.and_then(|timeline| whole(&timeline).map(|range| (timeline, range))) else {
        return sentences::NO_TIME.to_owned();
    };
    let gaps = timeline.bars.iter().filter(|bar| !bar.covered).count();
    let busiest = timeline.bars.iter().map(|bar| bar.all.total_bytes()).max().unwrap_or(0);
    format!(
        "Traffic per minute, {} {}, at most {} a minute{}, {}, {}",
        wording::range(range),
        clock::zone(range.first),
        wording::bytes(busiest),
        if gaps > 0 { format!(", {} without data", wording::minutes(gaps as u64)) } else { String::new() },
        wording::counted(timeline.tracks.problems.len() as u64, "problem", "problems"),
        wording::counted(timeline.tracks.events.len() as u64, "minute with events", "minutes with events"),
    )
}
