//! The timeline below the picture: traffic a minute, healthy targets, requests and events drawn by the scene; the brush that sets the
//! time range of every view, by pointer and by keyboard; and the playhead that the picture follows.

mod brush;
mod play;
mod words;

pub use play::{play_or_pause, step};

use crate::frame::{Icon, width_of};
use crate::sources::RowsButton;
use crate::state::{Capture, Selection, View, use_capture, use_view};
use crate::topology::paint::{Brushes, fit_canvas, paint_primitives};
use crate::wording::{self, clock, sentences};
use brush::Brush;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use play::{PlayControls, Playhead};
use std::sync::Arc;
use underlay_model::sources::SourceOf;
use underlay_model::time::Clock;
use underlay_model::tuple::Verdict;
use underlay_model::view::{MinuteRange, Timeline};
use underlay_scene::geometry::Size;
use underlay_scene::timeline::{Axis, TimelineView, height, lanes, picture};
use words::{beside, lane_labels, minute_words, timeline_words};

/// First and last minute of a timeline.
pub fn whole(timeline: &Timeline) -> Option<MinuteRange> {
    let minutes = i64::try_from(timeline.bars.len()).ok()? * i64::from(timeline.minutes_per_bar.max(1));
    (minutes > 0).then(|| MinuteRange { first: timeline.first, last: timeline.first + minutes - 1 })
}

/// What all parts of the timeline look at.
#[derive(Clone, Copy)]
struct Panel {
    capture: Capture,
    view: View,
    /// The minute under the pointer.
    hover: RwSignal<Option<i64>>,
}

impl Panel {
    fn timeline(self) -> Option<Arc<Timeline>> {
        self.capture.timeline.get().filter(|timeline| !timeline.bars.is_empty())
    }

    fn bounds(self) -> Option<MinuteRange> {
        self.timeline().and_then(|timeline| whole(&timeline))
    }

    /// The range in force, else all there is.
    fn shown(self) -> Option<MinuteRange> {
        self.view.range.get().or_else(|| self.bounds())
    }

    /// Makes the range half as long again at each end, or takes a quarter off each.
    fn zoom(self, wider: bool) {
        let (Some(range), Some(bounds)) = (self.shown(), self.bounds()) else { return };
        let length = i64::try_from(range.len()).unwrap_or(i64::MAX / 4);
        let by = if wider { (length / 2).max(1) } else { -(length / 4) };
        let first = (range.first - by).max(bounds.first);
        let last = (range.last + by).min(bounds.last);
        if first <= last {
            let next = MinuteRange { first, last };
            self.view.range.set((next != bounds).then_some(next));
        }
    }

    /// Name of the thing that is selected, short.
    fn selected_name(self) -> Option<String> {
        self.view.selection.with(|selection| {
            let key = selection.as_ref().and_then(Selection::entity)?;
            self.capture.topology.with(|topology| {
                let entity = topology.as_ref()?.entities.iter().find(|entity| entity.key == *key)?;
                let (_, own) = wording::distinguishing(&entity.name);
                Some(wording::path_end(own, 16))
            })
        })
    }
}

/// The timeline with its gutter.
#[component]
pub fn TimelinePanel() -> impl IntoView {
    let panel = Panel { capture: use_capture(), view: use_view(), hover: RwSignal::new(None) };
    let zone = move || clock::zone(panel.shown().map_or(0, |range| range.first));
    let has_time = Memo::new(move |_| panel.timeline().is_some());
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
                        {zone}
                    </button>
                </div>
                <Show when=move || has_time.get()>{names(panel)}</Show>
            </div>
            <div class="tl-main">
                {head(panel, has_time)}
                {tracks(panel, has_time)}
            </div>
        </section>
    }
}

/// Names and scales of the tracks, beside them.
fn names(panel: Panel) -> impl IntoView {
    let most: Memo<Option<(u64, u64)>> = Memo::new(move |_| {
        panel.timeline().map(|timeline| {
            let size = Size::new(100.0, height(&timeline));
            let picture = picture(&timeline, TimelineView::default(), Clock::UTC, size);
            (picture.most_bytes, picture.most_denied)
        })
    });
    let label = move |middle: f32| move || panel.timeline().map(|timeline| beside(&timeline, middle));
    let denied_label = move || {
        panel.timeline().map(|timeline| beside(&timeline, if lanes(&timeline).is_empty() { 109.0 } else { 94.0 }))
    };
    let parts = move || match panel.selected_name() {
        Some(name) => view! { <i class="sw user"></i>{name}" "<i class="sw rest"></i>"rest" }.into_any(),
        None => view! { <i class="sw rest"></i>"all traffic" }.into_any(),
    };
    view! {
        <div class="tl" style:bottom=label(27.0)>
            <span>"Bytes per minute"</span>
            <small>{move || most.get().map(|(bytes, _)| wording::bytes(bytes))}</small>
        </div>
        <div class="tl" style:bottom=label(45.0)>
            <span>{parts}</span>
        </div>
        {move || panel.timeline().map(|timeline| lane_labels(&timeline))}
        <div class="tl" style:bottom=denied_label>
            <span><i class="sw denied"></i>"denied flows"</span>
            <small>{move || most.get().map(|(_, denied)| wording::count(denied))}</small>
        </div>
    }
}

/// The row above the tracks: what the pointer, the playhead or the range is at, and ways to change the range.
fn head(panel: Panel, has_time: Memo<bool>) -> impl IntoView {
    let view = panel.view;
    let no_time = move || !has_time.get();
    let whole_words = move || match panel.bounds() {
        Some(bounds) if bounds.len() <= 60 => "Whole hour",
        _ => "Whole capture",
    };
    view! {
        <div class="tl-head">
            {move || head_words(panel)}
            <span class="sp"></span>
            <button
                class="btn ghost small"
                data-testid="whole-range"
                disabled=move || view.range.get().is_none()
                on:click=move |_| view.range.set(None)
            >
                {whole_words}
            </button>
            <button class="ib" aria-label="Shorter range" title="Shorter range" disabled=no_time on:click=move |_| panel.zoom(false)>
                <Icon name="plus"/>
            </button>
            <button class="ib" aria-label="Longer range" title="Longer range" disabled=no_time on:click=move |_| panel.zoom(true)>
                <Icon name="minus"/>
            </button>
        </div>
    }
}

fn head_words(panel: Panel) -> AnyView {
    let under_pointer = panel.hover.get().zip(panel.timeline());
    if let Some(words) = under_pointer.and_then(|(minute, timeline)| minute_words(&timeline, minute)) {
        return view! { <span class="cut">{words}</span> }.into_any();
    }
    if panel.view.playhead.with(Option::is_some) {
        return view! { <Playhead/> }.into_any();
    }
    let Some(range) = panel.shown() else { return view! { <span>{sentences::NO_TIME}</span> }.into_any() };
    let total = panel.capture.topology.with(|topology| topology.as_ref().map(|topology| topology.total));
    let total = total.unwrap_or_default();
    let denied = (total.denied > 0).then(|| {
        rows("Denied flows", Some(Verdict::Denied), [&wording::count(total.denied), " denied"].concat(), "t-denied")
    });
    view! {
        <span class="dim wide">{clock::in_force().date(range.first)}</span>
        <b>{wording::range(range)}</b>
        <span>{wording::minutes(range.len())}</span>
        {rows("Allowed flows", Some(Verdict::Allowed), [&wording::bytes(total.bytes[1]), " returned"].concat(), "faint")}
        {(total.flows > 0).then(|| rows("All flows", None, wording::counted(total.flows, "flow", "flows"), "faint wide"))}
        {denied}
    }
    .into_any()
}

/// A number that opens to its rows.
fn rows(title: &str, verdict: Option<Verdict>, words: String, class: &'static str) -> impl IntoView {
    view! { <span class=class><RowsButton title=title.to_owned() of=SourceOf::Whole(verdict) words=words/></span> }
}

/// The tracks, as wide as the row, and the brush over them.
fn tracks(panel: Panel, has_time: Memo<bool>) -> impl IntoView {
    let (view, hover) = (panel.view, panel.hover);
    let place = NodeRef::<Div>::new();
    let canvas = NodeRef::<Canvas>::new();
    let width = width_of(place);
    let width = move || width.get() as f32;
    let axis = Memo::new(move |_| panel.timeline().map(|timeline| Axis::of(&timeline, width())));
    let selected = move || view.selection.with(|selection| selection.as_ref().is_some_and(|s| s.entity().is_some()));
    Effect::new(move |_| {
        let (Some(canvas), Some(timeline)) = (canvas.get(), panel.timeline()) else { return };
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
    view! {
        <div
            class="tracks-box"
            class:hidden=move || !has_time.get()
            node_ref=place
            style:height=move || format!("{:.0}px", panel.timeline().map_or(130.0, |timeline| height(&timeline)))
        >
            <canvas node_ref=canvas role="img" aria-label=move || timeline_words(panel.timeline())></canvas>
            <Brush axis=axis hover=hover bounds=Signal::derive(move || panel.bounds())/>
        </div>
    }
}
