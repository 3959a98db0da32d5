//! One chart with everything that belongs to it, in the charts view and in the inspector: the drawing with its labels, what the
//! pointer or the arrow keys read from it, its numbers as a table, and the ways to save it.

use super::save;
use crate::frame::width_of;
use crate::wording::{self, clock};
use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_charts::{Anchor, Label, amount_of, numbers, token_of};
use underlay_model::charts::{ChartData, ChartSeries};
use underlay_model::time::{Millis, minute_of};

/// Rows of a table before the rest is left to the saved values.
const ROWS: usize = 720;

/// Text of the page around a drawing.
fn labels(labels: &[Label]) -> impl IntoView + use<> {
    labels
        .iter()
        .map(|label| {
            let anchor = match label.anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            view! {
                <span
                    class=format!("chart-label {anchor}")
                    style:left=format!("{:.1}px", label.x)
                    style:top=format!("{:.1}px", label.y)
                >
                    {label.text.clone()}
                </span>
            }
        })
        .collect_view()
}

/// The chart of these numbers, as wide as its place and so many CSS pixels high; drawn anew when its place gets wider or narrower.
pub fn drawing(data: Arc<ChartData>, height: u32) -> impl IntoView + use<> {
    let place = NodeRef::<Div>::new();
    let width = width_of(place);
    let body = move || (width.get() > 0).then(|| drawn(data.clone(), (width.get(), height)));
    view! {
        <div class="chart-place" node_ref=place style:min-height=format!("{height}px")>
            {body}
        </div>
    }
}

/// The chart at this size; the clock in force when it is called writes its times.
fn drawn(data: Arc<ChartData>, size: (u32, u32)) -> impl IntoView + use<> {
    let chart = numbers(&data, clock::in_force(), size.0, size.1);
    let hover: RwSignal<Option<Millis>> = RwSignal::new(None);
    let times = Arc::new(data.times());
    let labels = labels(&chart.labels);
    let (moved, keyed) = (times.clone(), times.clone());
    let (span, plot) = (data.span, f64::from(chart.plot));
    let on_move = move |event: web_sys::PointerEvent| {
        // Pixels of a chart, and milliseconds of a capture, are far below 2^52.
        let share = f64::from(event.offset_x()) / plot;
        let at = span.0 + ((span.1 - span.0) as f64 * share.min(1.0)) as Millis;
        let behind = moved.partition_point(|time| *time <= at);
        hover.set(behind.checked_sub(1).and_then(|place| moved.get(place).copied()));
    };
    let on_key = move |event: KeyboardEvent| {
        let place = hover.get_untracked().and_then(|time| keyed.binary_search(&time).ok());
        let last = keyed.len().saturating_sub(1);
        let next = match event.key().as_str() {
            "ArrowLeft" => place.map_or(keyed.len().checked_sub(1), |place| Some(place.saturating_sub(1))),
            "ArrowRight" => Some(place.map_or(0, |place| (place + 1).min(last))),
            "Home" => Some(0),
            "End" => Some(last),
            "Escape" if place.is_some() => None,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        hover.set(next.and_then(|place| keyed.get(place).copied()));
    };
    // A number is drawn in the middle of the time for which it holds.
    let middle = i64::try_from(data.step_ms / 2).unwrap_or(0);
    let left = move || {
        hover.get().map_or(0.0, |time| (time + middle - span.0) as f64 / (span.1 - span.0).max(1) as f64 * plot)
    };
    let saved = StoredValue::new((data.clone(), chart.clone()));
    let open = RwSignal::new(false);
    let save_as = move |kind: &'static str| {
        let words = kind.to_ascii_uppercase();
        let act = move |_| saved.with_value(|(data, chart)| save::save(kind, data, chart, size));
        view! { <button class="link" title=format!("Save as {words}") on:click=act>{words.clone()}</button> }
    };
    view! {
        <div
            class="chart"
            role="img"
            tabindex="0"
            aria-label=chart.title.clone()
            style:width=format!("{}px", size.0)
            style:height=format!("{}px", size.1)
            on:pointermove=on_move
            on:pointerleave=move |_| hover.set(None)
            on:keydown=on_key
        >
            <div aria-hidden="true" inner_html=chart.svg.clone()></div>
            <div aria-hidden="true" class="over">{labels}</div>
            <div
                aria-hidden="true"
                class="chart-at"
                class:hidden=move || hover.get().is_none()
                style:left=move || format!("{:.1}px", left())
            ></div>
        </div>
        {legend(&data, hover)}
        <div class="chart-foot">
            <button class="link" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
                "Numbers"
            </button>
            <span class="sp"></span>
            <span class="faint">"Save"</span>
            {save_as("csv")}
            {save_as("svg")}
            {save_as("png")}
        </div>
        {move || open.get().then(|| table(&data, &times))}
    }
}

/// Names of the series; while something is read, the time and what each was then.
fn legend(data: &ChartData, hover: RwSignal<Option<Millis>>) -> impl IntoView + use<> {
    let entry = |series: &ChartSeries| {
        let (series, data) = (series.clone(), ChartData { series: Vec::new(), ..data.clone() });
        let swatch = format!("swatch f-{}", token_of(series.tone));
        let name = series.name.clone();
        let value = move || {
            let at = hover.get()?;
            Some(series.at(at).map_or("no data".to_owned(), |value| amount_of(value.get(), &series, &data)))
        };
        view! {
            <li>
                <svg class=swatch width="10" height="10" aria-hidden="true"><rect width="10" height="10"></rect></svg>
                {name}
                <b>{value}</b>
            </li>
        }
    };
    let entries = data.series.iter().map(entry).collect_view();
    let step = data.step_ms;
    let read = move || match hover.get() {
        Some(time) => format!("{} {}", wording::moment(time), clock::zone(minute_of(time))),
        None if step > 60_000 => format!("{} a point", wording::minutes(step / 60_000)),
        None => String::new(),
    };
    view! { <ul class="chart-legend" aria-live="polite">{entries}<li class="faint">{read}</li></ul> }
}

/// The numbers, made only when somebody opens them.
fn table(data: &ChartData, times: &[Millis]) -> impl IntoView + use<> {
    let row = |time: &Millis| {
        let cell = |series: &ChartSeries| {
            let text = series.at(*time).map_or(String::new(), |value| amount_of(value.get(), series, data));
            view! { <td class="num">{text}</td> }
        };
        let cells = data.series.iter().map(cell).collect_view();
        view! { <tr><th scope="row">{wording::moment(*time)}</th>{cells}</tr> }
    };
    let heads = data
        .series
        .iter()
        .map(|series| view! { <th scope="col" class="num">{series.name.clone()}</th> })
        .collect_view();
    let rows = times.iter().take(ROWS).map(row).collect_view();
    let more = times.len().saturating_sub(ROWS);
    let rest =
        (more > 0).then(|| view! { <p class="faint">{format!("{more} more rows are in the saved values.")}</p> });
    let zone = clock::zone(minute_of(data.span.0));
    view! {
        <div class="chart-table" tabindex="0" role="region" aria-label=format!("Numbers of {}", data.title)>
            <table class="mini">
                <thead><tr><th scope="col">{format!("Time, {zone}")}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {rest}
    }
}
