//! The timeline below the picture: traffic a minute, healthy targets, requests and events drawn by the scene; the brush that sets the
//! time range of every view, by pointer and by keyboard; and the playhead that the picture follows.

mod brush;
mod play;

pub use play::{play_or_pause, step};

use crate::frame::{Icon, width_of};
use crate::state::{Selection, use_capture, use_view};
use crate::topology::paint::{Brushes, fit_canvas, paint_primitives};
use crate::wording::{self, clock, sentences};
use brush::Brush;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use play::{PlayControls, Playhead};
use std::sync::Arc;
use underlay_model::time::Clock;
use underlay_model::view::{MinuteRange, Timeline};
use underlay_scene::geometry::Size;
use underlay_scene::timeline::{Axis, LaneKind, TimelineView, height, lanes, picture};

/// First and last minute of a timeline.
pub fn whole(timeline: &Timeline) -> Option<MinuteRange> {
    let minutes = i64::try_from(timeline.bars.len()).ok()? * i64::from(timeline.minutes_per_bar.max(1));
    (minutes > 0).then(|| MinuteRange { first: timeline.first, last: timeline.first + minutes - 1 })
}

/// The timeline with its gutter.
#[component]
pub fn TimelinePanel() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let tracks = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    // The tracks fill the row; a change of its width redraws.
    let width = width_of(tracks);
    let width = move || width.get() as f32;
    let hover = RwSignal::new(None);
    let timeline = move || capture.timeline.get().filter(|timeline| !timeline.bars.is_empty());
    let axis = Memo::new(move |_| timeline().map(|timeline| Axis::of(&timeline, width())));
    let selected = move || view.selection.with(|selection| selection.as_ref().is_some_and(|s| s.entity().is_some()));

    let drawn: Memo<Option<(u64, u64)>> = Memo::new(move |_| {
        timeline().map(|timeline| {
            let size = Size::new(100.0, height(&timeline));
            let picture = picture(&timeline, TimelineView::default(), Clock::UTC, size);
            (picture.most_bytes, picture.most_denied)
        })
    });
    Effect::new(move |_| {
        let (Some(canvas), Some(timeline)) = (canvas.get(), timeline()) else { return };
        let size = Size::new(width(), height(&timeline));
        if size.width < 1.0 {
            return;
        }
        let look = TimelineView {
            range: view.range.get(),
            selection: selected(),
            hover: hover.get(),
            playhead: view.playhead.get(),
        };
        let picture = picture(&timeline, look, clock::in_force(), size);
        let Some(context) = fit_canvas(&canvas, size) else { return };
        paint_primitives(&context, &picture.primitives, &Brushes::of(view.theme.get().theme));
    });

    let bounds = move || timeline().and_then(|timeline| whole(&timeline));
    let shown = move || view.range.get().or_else(bounds);
    let words = move || {
        if let Some(words) = hover.get().zip(timeline()).and_then(|(minute, timeline)| minute_words(&timeline, minute))
        {
            return view! { <span class="cut">{words}</span> }.into_any();
        }
        if view.playhead.with(Option::is_some) {
            return view! { <Playhead/> }.into_any();
        }
        let Some(range) = shown() else { return view! { <span>{sentences::NO_TIME}</span> }.into_any() };
        let total =
            capture.topology.with(|topology| topology.as_ref().map(|topology| topology.total)).unwrap_or_default();
        view! {
            <span class="dim wide">{clock::in_force().date(range.first)}</span>
            <b>{wording::range(range)}</b>
            <span>{wording::minutes(range.len())}</span>
            <span class="faint">{format!("{} returned", wording::bytes(total.bytes[1]))}</span>
            <span class="faint wide">{wording::counted(total.flows, "flow", "flows")}</span>
            {(total.denied > 0)
                .then(|| view! { <span class="t-denied">{format!("{} denied", wording::count(total.denied))}</span> })}
        }
        .into_any()
    };
    let zoom = move |wider: bool| {
        let (Some(range), Some(bounds)) = (shown(), bounds()) else { return };
        let length = i64::try_from(range.len()).unwrap_or(i64::MAX / 4);
        let by = if wider { (length / 2).max(1) } else { -(length / 4) };
        let first = (range.first - by).max(bounds.first);
        let last = (range.last + by).min(bounds.last);
        if first <= last {
            let next = MinuteRange { first, last };
            view.range.set((next != bounds).then_some(next));
        }
    };
    let selected_name = move || {
        view.selection.with(|selection| {
            let key = selection.as_ref().and_then(Selection::entity)?;
            capture.topology.with(|topology| {
                let entity = topology.as_ref()?.entities.iter().find(|entity| entity.key == *key)?;
                let (_, own) = wording::distinguishing(&entity.name);
                Some(wording::path_end(own, 16))
            })
        })
    };
    let has_time = Memo::new(move |_| timeline().is_some());
    let no_time = move || !has_time.get();
    let label = move |middle: f32| move || timeline().map(|timeline| beside(&timeline, middle));
    let denied_label =
        move || timeline().map(|timeline| beside(&timeline, if lanes(&timeline).is_empty() { 109.0 } else { 94.0 }));
    view! {
        <section class="time" aria-label="Timeline" data-testid="timeline">
            <div class="tg">
                <div class="tl-head">
                    <PlayControls/>
                    <span class="sp"></span>
                    <button
                        class="link zone"
                        data-testid="zone"
                        title=move || if clock::is_local() { "Local time; press for UTC" } else { "UTC; press for local time" }
                        on:click=move |_| clock::change()
                    >
                        {move || clock::zone(shown().map_or(0, |range| range.first))}
                    </button>
                </div>
                <Show when=move || has_time.get()>
                <div class="tl" style:bottom=label(27.0)>
                    <span>"Bytes per minute"</span>
                    <small>{move || drawn.get().map(|(bytes, _)| wording::bytes(bytes))}</small>
                </div>
                <div class="tl" style:bottom=label(45.0)>
                    <span>
                        {move || {
                            selected_name()
                                .map(|name| view! { <i class="sw user"></i>{name}" "<i class="sw rest"></i>"rest" }.into_any())
                                .unwrap_or_else(|| view! { <i class="sw rest"></i>"all traffic" }.into_any())
                        }}
                    </span>
                </div>
                {move || timeline().map(|timeline| lane_labels(&timeline))}
                <div class="tl" style:bottom=denied_label>
                    <span><i class="sw denied"></i>"denied flows"</span>
                    <small>{move || drawn.get().map(|(_, denied)| wording::count(denied))}</small>
                </div>
                </Show>
            </div>
            <div class="tl-main">
                <div class="tl-head">
                    {words}
                    <span class="sp"></span>
                    <button
                        class="btn ghost small"
                        data-testid="whole-range"
                        disabled=move || view.range.get().is_none()
                        on:click=move |_| view.range.set(None)
                    >
                        {move || match bounds() {
                            Some(bounds) if bounds.len() <= 60 => "Whole hour",
                            _ => "Whole capture",
                        }}
                    </button>
                    <button class="ib" aria-label="Shorter range" title="Shorter range" disabled=no_time on:click=move |_| zoom(false)>
                        <Icon name="plus"/>
                    </button>
                    <button class="ib" aria-label="Longer range" title="Longer range" disabled=no_time on:click=move |_| zoom(true)>
                        <Icon name="minus"/>
                    </button>
                </div>
                <div
                    class="tracks-box"
                    class:hidden=no_time
                    node_ref=tracks
                    style:height=move || format!("{:.0}px", timeline().map_or(130.0, |timeline| height(&timeline)))
                >
                    <canvas node_ref=canvas role="img" aria-label=move || timeline_words(timeline())></canvas>
                    <Brush axis=axis hover=hover bounds=Signal::derive(bounds)/>
                </div>
            </div>
        </section>
    }
}

/// Where a label of 14 px stands whose middle is so far below the top of the tracks: from the bottom, since heads grow with their words.
fn beside(timeline: &Timeline, middle: f32) -> String {
    format!("{:.0}px", height(timeline) - middle - 7.0)
}

/// Names of the lanes, beside them.
fn lane_labels(timeline: &Timeline) -> impl IntoView + use<> {
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
fn minute_words(timeline: &Timeline, minute: i64) -> Option<String> {
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
fn timeline_words(timeline: Option<Arc<Timeline>>) -> String {
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
