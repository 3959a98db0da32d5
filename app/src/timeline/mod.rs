//! The timeline below the picture: traffic a minute drawn by the scene, and the brush that sets the time range of every view,
//! by pointer and by keyboard.

mod brush;

use crate::frame::Icon;
use crate::state::{Selection, use_capture, use_view};
use crate::topology::paint::{Brushes, fit_canvas, paint_primitives};
use crate::wording::{self, sentences};
use brush::Brush;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::view::{MinuteRange, Timeline};
use underlay_scene::geometry::Size;
use underlay_scene::timeline::{Axis, TimelineView, picture};
use wasm_bindgen::prelude::*;

/// Height of the tracks in CSS pixels.
const HEIGHT: f32 = 130.0;

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
    let width = RwSignal::new(0.0f32);
    let hover = RwSignal::new(None);
    let timeline = move || capture.timeline.get().filter(|timeline| !timeline.bars.is_empty());
    let axis = Memo::new(move |_| timeline().map(|timeline| Axis::of(&timeline, width.get())));
    let selected = move || view.selection.with(|selection| selection.as_ref().is_some_and(|s| s.entity().is_some()));

    // The tracks fill the row; a change of its width redraws.
    Effect::new(move |_| {
        let Some(element) = tracks.get() else { return };
        let measured = element.clone();
        let resized = Closure::<dyn FnMut()>::new(move || {
            // Widths are small whole numbers of pixels.
            let now = measured.client_width() as f32;
            if (width.get_untracked() - now).abs() > 0.5 {
                width.set(now);
            }
        });
        if let Ok(observer) = web_sys::ResizeObserver::new(resized.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = StoredValue::new_local(Some((observer, resized)));
            on_cleanup(move || {
                if let Some((observer, _)) = kept.try_update_value(Option::take).flatten() {
                    observer.disconnect();
                }
            });
        }
    });

    let drawn: Memo<Option<(u64, u64)>> = Memo::new(move |_| {
        timeline().map(|timeline| {
            let picture = picture(&timeline, TimelineView::default(), Size::new(100.0, HEIGHT));
            (picture.most_bytes, picture.most_denied)
        })
    });
    Effect::new(move |_| {
        let (Some(canvas), Some(timeline)) = (canvas.get(), timeline()) else { return };
        let size = Size::new(width.get(), HEIGHT);
        if size.width < 1.0 {
            return;
        }
        let look = TimelineView { range: view.range.get(), selection: selected(), hover: hover.get() };
        let picture = picture(&timeline, look, size);
        let Some(context) = fit_canvas(&canvas, size) else { return };
        paint_primitives(&context, &picture.primitives, &Brushes::of(view.theme.get().theme));
    });

    let bounds = move || timeline().and_then(|timeline| whole(&timeline));
    let shown = move || view.range.get().or_else(bounds);
    let words = move || {
        let Some(range) = shown() else { return view! { <span>{sentences::NO_TIME}</span> }.into_any() };
        let total =
            capture.topology.with(|topology| topology.as_ref().map(|topology| topology.total)).unwrap_or_default();
        view! {
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
    view! {
        <section class="time" aria-label="Timeline" data-testid="timeline">
            <div class="tg">
                <div class="tl-head">
                    <span class="dim">{move || shown().map(|range| underlay_model::time::format_date(range.first))}</span>
                    <span class="sp"></span>
                    <span class="faint">"UTC"</span>
                </div>
                <div class="tl t-bytes">
                    <span>"Bytes per minute"</span>
                    <small>{move || drawn.get().map(|(bytes, _)| wording::bytes(bytes))}</small>
                </div>
                <div class="tl t-key">
                    <span>
                        {move || {
                            selected_name()
                                .map(|name| view! { <i class="sw user"></i>{name}" "<i class="sw rest"></i>"rest" }.into_any())
                                .unwrap_or_else(|| view! { <i class="sw rest"></i>"all traffic" }.into_any())
                        }}
                    </span>
                </div>
                <div class="tl t-denied-key">
                    <span><i class="sw denied"></i>"denied flows"</span>
                    <small>{move || drawn.get().map(|(_, denied)| wording::count(denied))}</small>
                </div>
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
                    <button class="ib" aria-label="Shorter range" title="Shorter range" on:click=move |_| zoom(false)>
                        <Icon name="plus"/>
                    </button>
                    <button class="ib" aria-label="Longer range" title="Longer range" on:click=move |_| zoom(true)>
                        <Icon name="minus"/>
                    </button>
                </div>
                <div class="tracks-box" node_ref=tracks>
                    <canvas node_ref=canvas role="img" aria-label=move || timeline_words(timeline())></canvas>
                    <Brush axis=axis hover=hover bounds=Signal::derive(bounds)/>
                </div>
            </div>
        </section>
    }
}

/// The picture in a sentence.
fn timeline_words(timeline: Option<Arc<Timeline>>) -> String {
    let Some((timeline, range)) = timeline.and_then(|timeline| whole(&timeline).map(|range| (timeline, range))) else {
        return sentences::NO_TIME.to_owned();
    };
    let gaps = timeline.bars.iter().filter(|bar| !bar.covered).count();
    let busiest = timeline.bars.iter().map(|bar| bar.all.total_bytes()).max().unwrap_or(0);
    format!(
        "Traffic per minute, {} UTC, at most {} a minute{}",
        wording::range(range),
        wording::bytes(busiest),
        if gaps > 0 { format!(", {} without data", wording::minutes(gaps as u64)) } else { String::new() }
    )
}
