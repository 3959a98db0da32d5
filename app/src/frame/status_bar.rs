//! The line at the bottom: that nothing leaves the tab, and what the capture holds.

use super::Icon;
use super::requests::Requests;
use crate::sources::RowsButton;
use crate::state::{Screen, use_capture, use_view};
use crate::wording::{self, sentences};
use leptos::prelude::*;
use underlay_model::sources::SourceOf;
use underlay_model::view::Report;

/// What became of the tuples; rows of what was read, the report for what was not.
fn tuples(figure: impl Fn(fn(&Report) -> u64) -> u64 + Copy + Send + 'static) -> impl IntoView {
    let view = use_view();
    let number = move |pick: fn(&Report) -> u64, words: &'static str, of: SourceOf| {
        let amount = move || {
            let number = figure(pick);
            let title = words.trim().to_owned();
            if number == 0 {
                return view! { <b>"0"</b> }.into_any();
            }
            view! { <RowsButton title=title of=of.clone() words=wording::count(number) whole=true/> }.into_any()
        };
        view! { <span class="wide">{amount}{words}</span> }
    };
    let rejected = move || {
        let number = wording::count(figure(|report| report.tuples.rejected));
        if number == "0" {
            return view! { <b>"0"</b> }.into_any();
        }
        let open = move |_| view.screen.set(Screen::Import);
        view! { <button class="link rows" title="The import report says which and why" on:click=open>{number}</button> }
            .into_any()
    };
    view! {
        {number(|report| report.tuples.accepted, " tuples", SourceOf::Whole(None))}
        {number(|report| report.tuples.duplicate, " duplicates dropped", SourceOf::Duplicates)}
        <span class="wide">{rejected}" rejected"</span>
    }
}

/// The status bar.
#[component]
pub fn StatusBar() -> impl IntoView {
    let capture = use_capture();
    let zone = capture.zone();
    let requests = expect_context::<Requests>().0;
    let figure = move |pick: fn(&Report) -> u64| capture.report.with(|report| pick(report));
    view! {
        <footer class="stat" data-testid="status">
            <span class="local">
                <Icon name="lock"/>
                {move || {
                    let count = wording::counted(u64::from(requests.get() + capture.vitals.get().1), "request", "requests");
                    format!("{} {count} since load.", sentences::LOCAL_ONLY)
                }}
            </span>
            <span class="wide">
                <b>{move || wording::count(figure(|report| report.inputs.len() as u64))}</b>
                {move || if figure(|report| report.inputs.len() as u64) == 1 { " file" } else { " files" }}
            </span>
            {tuples(figure)}
            <span class="sp"></span>
            <Show when=move || capture.reading.get()>
                <span>"Reading"</span>
            </Show>
            <span class="wide">
                {move || capture.workers.get().map(|n| wording::counted(u64::from(n), "worker", "workers"))}
            </span>
            <span>
                {move || {
                    let zone = zone.get();
                    if wording::clock::is_local() { format!("Local time, {zone}") } else { zone }
                }}
            </span>
            <span>{env!("CARGO_PKG_VERSION")}</span>
        </footer>
    }
}
