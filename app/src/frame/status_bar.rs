//! The line at the bottom: that nothing leaves the tab, and what the capture holds.

use super::Icon;
use super::requests::Requests;
use crate::state::use_capture;
use crate::wording::{self, sentences};
use leptos::prelude::*;

/// The status bar.
#[component]
pub fn StatusBar() -> impl IntoView {
    let capture = use_capture();
    let requests = expect_context::<Requests>().0;
    let figure = move |pick: fn(&underlay_model::view::Report) -> u64| capture.report.with(|report| pick(report));
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
            <span class="wide"><b>{move || wording::count(figure(|report| report.tuples.accepted))}</b>" tuples"</span>
            <span class="wide">
                <b>{move || wording::count(figure(|report| report.tuples.duplicate))}</b>" duplicates dropped"
            </span>
            <span class="wide"><b>{move || wording::count(figure(|report| report.tuples.rejected))}</b>" rejected"</span>
            <span class="sp"></span>
            <Show when=move || capture.reading.get()>
                <span>"Reading"</span>
            </Show>
            <span class="wide">
                {move || capture.workers.get().map(|n| wording::counted(u64::from(n), "worker", "workers"))}
            </span>
            <span>
                {move || {
                    let first = capture.report.with(|report| report.span.map_or(0, |span| span.0));
                    let zone = wording::clock::zone(underlay_model::time::minute_of(first));
                    if wording::clock::is_local() { format!("Local time, {zone}; sentences say UTC") } else { zone }
                }}
            </span>
            <span>{env!("CARGO_PKG_VERSION")}</span>
        </footer>
    }
}
