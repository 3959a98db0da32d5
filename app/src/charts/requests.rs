//! Single requests of the access logs that a filter lets pass, and the one that is open, end to end.

use super::journey::JourneyPanel;
use crate::sources::RowsButton;
use crate::state::{use_capture, use_view};
use crate::wording::{self, clock, count};
use leptos::prelude::*;
use std::net::IpAddr;
use underlay_model::access::{AccessFilter, AccessPage, AccessRow};
use underlay_model::input::{Format, InputReport};
use underlay_model::sources::SourceOf;
use underlay_model::time::{MINUTE_MS, minute_of};

/// What stands there instead of a list.
const NONE_PASSES: &str = "No request of the access log is let through.";
const NO_LOG: &str = "No access log was read. Add the gateway's access log to follow single requests.";

/// Choices of the shortest time, in milliseconds.
const AT_LEAST: [(u32, &str); 5] = [
    (0, "any time"),
    (100, "100 ms and longer"),
    (500, "500 ms and longer"),
    (1000, "1 s and longer"),
    (5000, "5 s and longer"),
];

/// The list.
#[component]
pub fn Requests() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let (failed, slowest, own) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(true));
    let at_least = RwSignal::new(0u32);
    let text = RwSignal::new(String::new());
    // Addresses of the selected pod, or of whatever else has addresses of its own.
    let selected = move || -> Option<(String, Vec<IpAddr>)> {
        let detail = capture.detail.get()?;
        detail.key.0.starts_with("pod:").then(|| (detail.title.clone(), detail.addresses.clone()))
    };
    Effect::new(move |_| {
        let span = view.range.get().map(|range| (range.first * MINUTE_MS, (range.last + 1) * MINUTE_MS - 1));
        let filter = AccessFilter {
            span,
            backends: selected().filter(|_| own.get()).map(|(_, addresses)| addresses).unwrap_or_default(),
            statuses: failed.get().then_some((500, 599)),
            at_least_ms: at_least.get(),
            text: text.get(),
            slowest_first: slowest.get(),
            ..AccessFilter::default()
        };
        capture.requests_wanted.set(Some(filter));
    });
    on_cleanup(move || {
        capture.requests_wanted.set(None);
        capture.show_journey(None);
    });
    let toggle = |signal: RwSignal<bool>, name: String| {
        view! {
            <button class="btn" aria-pressed=move || signal.get().to_string() on:click=move |_| signal.update(|on| *on = !*on)>
                {name}
            </button>
        }
    };
    let body = move || capture.requests.get().map(|page| list(&page, slowest.get()));
    view! {
        <section class="request-list" aria-label="Requests" data-testid="requests">
            <JourneyPanel/>
            <div class="row">
                {toggle(failed, "5xx only".to_owned())}
                {toggle(slowest, "Slowest first".to_owned())}
                {move || selected().map(|(title, _)| toggle(own, format!("Only of {}", wording::distinguishing(&title).1)))}
                <select
                    aria-label="Requests that took"
                    on:change=move |event| at_least.set(event_target_value(&event).parse().unwrap_or(0))
                >
                    {AT_LEAST.map(|(value, name)| view! { <option value=value.to_string()>{name}</option> })}
                </select>
                <input
                    type="search"
                    placeholder="path, host or tracking id"
                    aria-label="Requests that mention"
                    on:change=move |event| text.set(event_target_value(&event))
                />
            </div>
            {body}
        </section>
    }
}

/// How many there are and which of them are listed.
fn told(page: &AccessPage, slowest: bool) -> String {
    let shown = page.rows.len() as u64;
    if page.matching == 0 {
        let is_log = |input: &InputReport| matches!(input.format, Format::AgcAccessLog);
        let any = use_capture().report.with(|report| report.inputs.iter().any(is_log));
        return if any { NONE_PASSES } else { NO_LOG }.to_owned();
    }
    let mut words = if page.matching > shown {
        let which = if slowest { "slowest" } else { "first" };
        format!("{} requests, the {which} {}.", count(page.matching), count(shown))
    } else {
        wording::counted(page.matching, "request.", "requests.")
    };
    if page.not_kept > 0 {
        words.push_str(&format!(" {} more are counted in the charts, but not kept one by one.", count(page.not_kept)));
    }
    words
}

fn list(page: &AccessPage, slowest: bool) -> impl IntoView + use<> {
    let zone = page.rows.first().map_or_else(|| "UTC".to_owned(), |row| clock::zone(minute_of(row.time_ms)));
    let table = (!page.rows.is_empty()).then(|| {
        view! {
            <div class="chart-table tall" tabindex="0" role="region" aria-label="Requests, scrolls">
                <table class="ft">
                    <thead>
                        <tr>
                            <th scope="col">{format!("Time, {zone}")}</th><th scope="col" class="num">"Status"</th>
                            <th scope="col">"Request"</th><th scope="col">"Client"</th><th scope="col">"Backend"</th>
                            <th scope="col" class="num">"Taken"</th><th scope="col" class="num">"First byte"</th>
                            <th scope="col">"Tracking id"</th>
                        </tr>
                    </thead>
                    <tbody>{page.rows.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        }
    });
    let all = use_capture().requests_wanted.get_untracked().filter(|_| page.matching > 0).map(|filter| {
        let of = SourceOf::Requests(AccessFilter { slowest_first: false, ..filter });
        view! { <RowsButton title="Requests".to_owned() of=of words="Source rows" whole=true/> }
    });
    view! { <p class="faint" aria-live="polite">{told(page, slowest)}" "{all}</p>{table} }
}

fn row(row: &AccessRow) -> impl IntoView + use<> {
    let capture = use_capture();
    let duration = |time: Option<u32>| time.map_or(String::new(), |time| format!("{time} ms"));
    let backend = match row.backend {
        (Some(address), port) => format!("{address} :{port}"),
        (None, _) => "the gateway itself".to_owned(),
    };
    let status = if row.status == 0 { "none".to_owned() } else { row.status.to_string() };
    let (asked, compared) = (row.clone(), row.clone());
    let open = move || capture.journey_wanted.with(|wanted| wanted.as_ref() == Some(&compared));
    let failed = row.status / 100 == 5;
    let title = [row.method.as_str(), " ", &row.path].concat();
    let of = SourceOf::Requests(AccessFilter {
        span: Some((row.time_ms, row.time_ms)),
        client: row.client,
        text: row.tracking_id.clone(),
        ..AccessFilter::default()
    });
    view! {
        <tr class:active=open>
            <td>{wording::moment_to_the_second(row.time_ms)}</td>
            <td class="num" class:t-failing=failed>{status}</td>
            <td class="wide">
                <button class="link" title="Follow it end to end" on:click=move |_| capture.show_journey(Some(asked.clone()))>
                    {format!("{} {}", row.method, row.path)}
                </button>
                <small class="faint">{row.host.clone()}</small>
            </td>
            <td>{row.client.map(|client| client.to_string())}</td>
            <td>{backend}</td>
            <td class="num">{duration(row.time_taken_ms)}</td>
            <td class="num">{duration(row.backend_latency_ms)}</td>
            <td class="wide mono">{row.tracking_id.clone()}" "<RowsButton title=title of=of words="Source"/></td>
        </tr>
    }
}
