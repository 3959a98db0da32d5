//! What happened over time, beside the picture: charts of flows, probes, metrics, requests and events; the matrix of gateway
//! instances and pods; and single requests, end to end. All follow the selection and the time range.

mod drawing;
mod journey;
mod matrix;
mod requests;
mod save;

pub use drawing::drawing;

use crate::frame::{SourceLetter, batches};
use crate::sources::way_on;
use crate::state::{ChartsPage, Selection, use_capture, use_view};
use crate::wording::{self, clock};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::charts::ChartData;
use underlay_model::time::MINUTE_MS;

/// Height of a chart in CSS pixels.
const HEIGHT: u32 = 150;
/// Charts that are drawn in one frame.
const BATCH: usize = 2;

/// The view.
#[component]
pub fn ChartsView() -> impl IntoView {
    let view = use_view();
    let tab = move |page: ChartsPage, name: &'static str, id: &'static str| {
        let is = move || view.charts_page.get() == page;
        view! {
            <button
                data-testid=id
                aria-pressed=move || is().to_string()
                on:click=move |_| view.charts_page.set(page)
            >
                {name}
            </button>
        }
    };
    let body = move || match view.charts_page.get() {
        ChartsPage::Charts => view! { <Charts/> }.into_any(),
        ChartsPage::Matrix => view! { <matrix::MatrixPage/> }.into_any(),
        ChartsPage::Requests => view! { <requests::Requests/> }.into_any(),
    };
    view! {
        <div class="charts-view" tabindex="0" data-testid="charts" aria-label="Charts" role="region">
            <h1 class="sr">"Charts"</h1>
            <div class="charts-head">
                <div class="seg" role="group" aria-label="What is shown">
                    {tab(ChartsPage::Charts, "Charts", "charts-all")}
                    {tab(ChartsPage::Matrix, "Instances and pods", "charts-matrix")}
                    {tab(ChartsPage::Requests, "Requests", "charts-requests")}
                </div>
                <Scope/>
            </div>
            {body}
        </div>
    }
}

/// Of what and of when the numbers are.
#[component]
fn Scope() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let words = move || {
        let when = match view.range.get() {
            Some(range) => format!("{} {}", wording::range(range), clock::zone(range.first)),
            None => "The whole capture".to_owned(),
        };
        let subject = capture.charts.with(|charts| charts.as_ref().map(|charts| charts.subject.clone()));
        let subject = subject.filter(|subject| !subject.is_empty() && view.charts_page.get() == ChartsPage::Charts);
        let of = match (subject, view.selection.with(|s| s.as_ref().is_some_and(|s| s.entity().is_some()))) {
            (Some(name), true) => format!(": flows, probes and requests of {name}; metrics and events of everything"),
            _ => ", everything".to_owned(),
        };
        format!("{when}{of}.")
    };
    let thing = move || {
        view.charts_page.get() == ChartsPage::Charts && view.selection.with(|s| matches!(s, Some(Selection::Entity(_))))
    };
    view! {
        <p class="faint" data-testid="charts-scope">{words}</p>
        <Show when=thing>
            <button class="link" on:click=move |_| view.deselect()>"Show everything"</button>
        </Show>
        <Show when=move || view.range.get().is_some()>
            <button class="link" on:click=move |_| view.range.set(None)>"Show the whole capture"</button>
        </Show>
    }
}

/// All charts.
#[component]
fn Charts() -> impl IntoView {
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
        let shown: Vec<Arc<ChartData>> = charts.charts.iter().filter_map(shown).map(Arc::new).collect();
        let number = shown.len();
        let cards = move |wanted: std::ops::Range<usize>| {
            let cards = shown.get(wanted).unwrap_or_default().iter();
            cards.map(|chart| card(Arc::clone(chart))).collect_view().into_any()
        };
        let (cards, _) = batches(number, BATCH, Arc::new(cards));
        let none = if number == 0 { "No numbers in this time range." } else { "" };
        let missing = charts.missing.iter().map(|sentence| view! { <li>{sentence.clone()}</li> }).collect_view();
        let any_missing = !charts.missing.is_empty();
        view! {
            <p>{none}</p>
            <div class="chart-cards">{cards}</div>
            {any_missing.then(|| view! { <h2 class="pad">"A file that would show more"</h2> })}
            <ul class="pad faint">{missing}</ul>
        }
        .into_any()
    };
    view! { {body} }
}

fn card(data: Arc<ChartData>) -> impl IntoView + use<> {
    let id = format!("chart-{}", data.key);
    let named = id.clone();
    view! {
        <figure class="chart-card" data-chart=data.key.clone() aria-labelledby=named>
            <figcaption id=id>
                <SourceLetter letter=data.source/>
                <b>{data.title.clone()}</b>
                <span class="faint cut">{data.subject.clone()}</span>
                {way_on(&data.title, &data.opens)}
            </figcaption>
            {drawing(data.clone(), HEIGHT)}
            {(!data.note.is_empty()).then(|| view! { <p class="faint">{data.note.clone()}</p> })}
        </figure>
    }
}
