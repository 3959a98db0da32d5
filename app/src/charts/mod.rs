//! The charts view: metrics, requests and events over time. Each chart can be read by pointer and by keyboard, has its numbers
//! as a table, and is saved as a picture or as values.

mod requests;
mod save;

use crate::frame::SourceLetter;
use crate::state::{use_capture, use_view};
use crate::wording;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_charts::{Anchor, amount, numbers, token_of};
use underlay_model::charts::ChartData;
use underlay_model::time::{MINUTE_MS, Millis};

/// Size of a chart in CSS pixels.
const SIZE: (u32, u32) = (500, 150);
/// Rows of a table before the rest is left to the saved values.
const ROWS: usize = 720;

/// The view.
#[component]
pub fn ChartsView() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let body = move || {
        let Some(charts) = capture.charts.get() else {
            return view! { <p class="faint pad">"Reading the numbers."</p> }.into_any();
        };
        let range = view.range.get();
        let shown = |chart: &ChartData| match range {
            Some(range) => chart.within(range.first * MINUTE_MS, (range.last + 1) * MINUTE_MS),
            None => Some(chart.clone()),
        };
        let cards: Vec<_> = charts.charts.iter().filter_map(shown).map(|chart| card(Arc::new(chart))).collect();
        let none = cards.is_empty();
        let missing = charts.missing.iter().map(|sentence| view! { <li>{sentence.clone()}</li> }).collect_view();
        let has_requests = charts.charts.iter().any(|chart| chart.key == "status");
        view! {
            <Show when=move || none>
                <p class="pad">
                    {if range.is_some() { "No numbers in this time range." } else { "No metrics, access log or events in these files." }}
                </p>
            </Show>
            <div class="chart-cards">{cards}</div>
            <Show when=move || has_requests>
                <requests::Requests/>
            </Show>
            <Show when={
                let any = !charts.missing.is_empty();
                move || any
            }>
                <h3 class="pad">"A file that would show more"</h3>
            </Show>
            <ul class="pad faint">{missing}</ul>
        }
        .into_any()
    };
    view! {
        <div class="charts-view" tabindex="0" data-testid="charts" aria-label="Charts" role="region">
            {body}
        </div>
    }
}

fn card(data: Arc<ChartData>) -> impl IntoView + use<> {
    let chart = numbers(&data, SIZE.0, SIZE.1);
    let hover: RwSignal<Option<Millis>> = RwSignal::new(None);
    let times = Arc::new(data.times());
    let labels = chart
        .labels
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
        .collect_view();
    let (moved, keyed) = (times.clone(), times.clone());
    let span = data.span;
    let on_move = move |event: web_sys::PointerEvent| {
        // Pixels of a chart, and milliseconds of a capture, are far below 2^52.
        let share = f64::from(event.offset_x()) / f64::from(SIZE.0);
        let at = span.0 + ((span.1 - span.0) as f64 * share) as Millis;
        let behind = moved.partition_point(|time| *time <= at);
        hover.set(behind.checked_sub(1).and_then(|place| moved.get(place).copied()));
    };
    let on_key = move |event: KeyboardEvent| {
        let place = hover.get_untracked().and_then(|time| keyed.binary_search(&time).ok());
        let next = match event.key().as_str() {
            "ArrowLeft" => place.map_or(keyed.len().checked_sub(1), |place| Some(place.saturating_sub(1))),
            "ArrowRight" => Some(place.map_or(0, |place| (place + 1).min(keyed.len().saturating_sub(1)))),
            "Escape" => None,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        hover.set(next.and_then(|place| keyed.get(place).copied()));
    };
    let legend = data
        .series
        .iter()
        .map(|series| {
            let (series, unit) = (series.clone(), data.unit);
            let swatch = format!("swatch f-{}", token_of(series.tone));
            let name = series.name.clone();
            let value = move || {
                let at = hover.get()?;
                Some(series.at(at).map_or("no data".to_owned(), |value| amount(value.get(), unit)))
            };
            view! {
                <li>
                    <svg class=swatch width="10" height="10" aria-hidden="true"><rect width="10" height="10"></rect></svg>
                    {name}
                    <b>{value}</b>
                </li>
            }
        })
        .collect_view();
    let read = move || hover.get().map(|time| format!("{} UTC", wording::moment(time)));
    let line =
        move || hover.get().map(|time| (time - span.0) as f64 / (span.1 - span.0).max(1) as f64 * f64::from(SIZE.0));
    let table = table(&data, &times);
    let title = data.title.clone();
    let id = format!("chart-{}", data.key);
    let named = id.clone();
    let saved = StoredValue::new((data.clone(), chart.clone()));
    let save_as =
        move |kind: &'static str| move |_| saved.with_value(|(data, chart)| save::save(kind, data, chart, SIZE));
    view! {
        <figure class="chart-card" data-chart=data.key.clone() aria-labelledby=named>
            <figcaption id=id>
                <SourceLetter letter=data.source/>
                <b>{title}</b>
                <span class="faint">{data.subject.clone()}</span>
                <span class="sp"></span>
                <button class="link" on:click=save_as("csv")>"CSV"</button>
                <button class="link" on:click=save_as("svg")>"SVG"</button>
                <button class="link" on:click=save_as("png")>"PNG"</button>
            </figcaption>
            <div
                class="chart big"
                role="img"
                tabindex="0"
                aria-label=chart.title.clone()
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
                    style:left=move || format!("{:.1}px", line().unwrap_or(0.0))
                ></div>
            </div>
            <ul class="chart-legend" aria-live="polite"><li class="faint">{read}</li>{legend}</ul>
            <p class="faint">{data.note.clone()}</p>
            {table}
        </figure>
    }
}

/// The numbers, made only when somebody opens them.
fn table(data: &Arc<ChartData>, times: &Arc<Vec<Millis>>) -> impl IntoView + use<> {
    let open = RwSignal::new(false);
    let (data, times) = (data.clone(), times.clone());
    let rows = move || {
        let cells = |time: Millis| {
            let cell = |series: &underlay_model::charts::ChartSeries| {
                let text = series.at(time).map_or(String::new(), |value| amount(value.get(), data.unit));
                view! { <td class="num">{text}</td> }
            };
            let cells = data.series.iter().map(cell).collect_view();
            view! { <tr><td>{wording::moment(time)}</td>{cells}</tr> }
        };
        let heads =
            data.series.iter().map(|series| view! { <th class="num">{series.name.clone()}</th> }).collect_view();
        let rows = times.iter().take(ROWS).map(|time| cells(*time)).collect_view();
        let more = times.len().saturating_sub(ROWS);
        let rest =
            (more > 0).then(|| view! { <p class="faint">{format!("{more} more rows are in the saved values.")}</p> });
        view! {
            <div class="chart-table" tabindex="0">
                <table class="ft"><thead><tr><th>"Time (UTC)"</th>{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            {rest}
        }
    };
    view! {
        <button class="link" aria-expanded=move || open.get().to_string() on:click=move |_| open.update(|open| *open = !*open)>
            "Numbers"
        </button>
        {move || open.get().then(&rows)}
    }
}
