//! Single requests of the access logs, the first two hundred that a filter lets pass.

use crate::state::{use_capture, use_view};
use crate::wording::{self, count};
use leptos::prelude::*;
use underlay_model::access::{AccessFilter, AccessRow};
use underlay_model::time::MINUTE_MS;

/// The list.
#[component]
pub fn Requests() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let (failed, slow) = (RwSignal::new(false), RwSignal::new(false));
    let text = RwSignal::new(String::new());
    Effect::new(move |_| {
        let span = view.range.get().map(|range| (range.first * MINUTE_MS, (range.last + 1) * MINUTE_MS - 1));
        let filter = AccessFilter {
            span,
            statuses: failed.get().then_some((500, 599)),
            at_least_ms: if slow.get() { 1000 } else { 0 },
            text: text.get(),
            ..AccessFilter::default()
        };
        capture.requests_wanted.set(Some(filter));
    });
    on_cleanup(move || capture.requests_wanted.set(None));
    let toggle = |signal: RwSignal<bool>, name: &'static str| {
        view! {
            <button class="btn" aria-pressed=move || signal.get().to_string() on:click=move |_| signal.update(|on| *on = !*on)>
                {name}
            </button>
        }
    };
    let body = move || {
        let page = capture.requests.get()?;
        let shown = page.rows.len() as u64;
        let mut words = if page.matching > shown {
            format!("{} requests, the first {}.", count(page.matching), count(shown))
        } else {
            format!("{} requests.", count(page.matching))
        };
        if page.not_kept > 0 {
            words.push_str(&format!(
                " {} more are counted in the charts, but not kept one by one.",
                count(page.not_kept)
            ));
        }
        let rows = page.rows.iter().map(row).collect_view();
        Some(view! {
            <p class="faint" aria-live="polite">{words}</p>
            <div class="chart-table" tabindex="0">
                <table class="ft">
                    <thead>
                        <tr>
                            <th>"Time (UTC)"</th><th class="num">"Status"</th><th>"Request"</th><th>"Client"</th>
                            <th>"Backend"</th><th class="num">"Taken"</th><th class="num">"First byte"</th><th>"Tracking id"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        })
    };
    view! {
        <section class="request-list" aria-label="Requests" data-testid="requests">
            <h3>"Requests"</h3>
            <div class="row">
                {toggle(failed, "5xx only")}
                {toggle(slow, "1 s and longer")}
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

fn row(row: &AccessRow) -> impl IntoView + use<> {
    let duration = |time: Option<u32>| time.map_or(String::new(), |time| format!("{time} ms"));
    let backend = match row.backend {
        (Some(address), port) => format!("{address} :{port}"),
        (None, _) => "the gateway itself".to_owned(),
    };
    let status = if row.status == 0 { "none".to_owned() } else { row.status.to_string() };
    view! {
        <tr>
            <td>{wording::moment(row.time_ms)}</td>
            <td class="num">{status}</td>
            <td class="wide">{format!("{} {}{}", row.method, row.host, row.path)}</td>
            <td>{row.client.map(|client| client.to_string())}</td>
            <td>{backend}</td>
            <td class="num">{duration(row.time_taken_ms)}</td>
            <td class="num">{duration(row.backend_latency_ms)}</td>
            <td class="wide">{row.tracking_id.clone()}</td>
        </tr>
    }
}
