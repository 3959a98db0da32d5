//! One request, end to end: the places it passed with how sure each is, where its time went, and the flows that may have carried
//! it; and its way in the picture.

use crate::frame::{Glyph, Icon, SourceLetter};
use crate::sources::RowsButton;
use crate::state::{CameraWish, use_capture, use_view};
use crate::wording::{self, clock, count};
use leptos::prelude::*;
use underlay_model::access::{AccessRow, Backend};
use underlay_model::journey::{CarryingFlow, Certainty, Hop, Journey, TimeShare};
use underlay_model::sources::{PairName, SourceOf};
use underlay_model::time::minute_of;
use underlay_model::tuple::Verdict;

fn certainty(certainty: Certainty) -> impl IntoView {
    let (glyph, word) = match certainty {
        Certainty::Known => ("ok", "known"),
        Certainty::Inferred => ("info", "inferred"),
        Certainty::Unknown => ("unk", "unknown"),
    };
    view! { <span class="sure"><Glyph name=glyph class="s12"/>{word}</span> }
}

fn hop_view(hop: &Hop) -> impl IntoView + use<> {
    let view = use_view();
    let name = if hop.name.is_empty() { "unknown".to_owned() } else { hop.name.clone() };
    let name = match hop.key.clone() {
        Some(key) => {
            let go = move |_| {
                view.select(key.clone());
                view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
            };
            view! { <button class="link" on:click=go>{name}</button> }.into_any()
        }
        None => view! { <span>{name}</span> }.into_any(),
    };
    view! {
        <li>
            <span class="dim">{hop.what.clone()}</span>
            <span class="name">{name}</span>
            {certainty(hop.certainty)}
            <SourceLetter letter=hop.source/>
            <span class="why faint">{hop.why.clone()}</span>
        </li>
    }
}

fn milliseconds(time: Option<u32>) -> String {
    time.map_or_else(|| "not told".to_owned(), |time| format!("{time} ms"))
}

fn times_view(times: &[TimeShare]) -> impl IntoView + use<> {
    let sum: f64 = times.iter().filter_map(|share| share.milliseconds).map(f64::from).sum();
    let bars = times
        .iter()
        .enumerate()
        .map(|(number, share)| {
            let part = f64::from(share.milliseconds.unwrap_or(0)) / sum.max(1.0) * 100.0;
            view! { <i class=format!("part p{number}") style:width=format!("{part:.1}%")></i> }
        })
        .collect_view();
    let rows = times
        .iter()
        .enumerate()
        .map(|(number, share)| {
            view! {
                <li>
                    <i class=format!("part p{number}")></i>
                    <span>{share.what.clone()}</span>
                    <b class="num">{milliseconds(share.milliseconds)}</b>
                    {certainty(share.certainty)}
                    <span class="why faint">{share.why.clone()}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="parts" aria-hidden="true">{bars}</div>
        <ul class="jt">{rows}</ul>
    }
}

fn flow_view(flow: &CarryingFlow, backend: Backend) -> impl IntoView + use<> {
    let one = flow.connection;
    let end = if one.ended { format!("{} ms", one.duration_ms) } else { "end not seen".to_owned() };
    let instance = flow.instance.map(|address| address.to_string()).unwrap_or_default();
    let rows = flow.instance.zip(backend.0).map(|(src, dst)| {
        let name = PairName { src, dst, port: backend.1, protocol: 6 };
        let title = format!("{src} → {dst}, {}", wording::port((name.port, name.protocol)));
        view! { <RowsButton title=title of=SourceOf::Pair(name, Verdict::Allowed)/> }
    });
    view! {
        <tr>
            <td class="mono">{format!("{instance}:{}", one.source_port)}</td>
            <td>{wording::time_of_day(one.start_ms)}</td>
            <td class="num">{end}</td>
            <td class="num">{wording::bytes(one.bytes[0].into())}</td>
            <td class="num">{wording::bytes(one.bytes[1].into())}</td>
            <td>{if flow.user { "no probe" } else { "perhaps a probe" }}" "{rows}</td>
        </tr>
    }
}

fn flows_view(journey: &Journey) -> impl IntoView + use<> {
    let rows = journey.flows.iter().map(|flow| flow_view(flow, journey.row.backend)).collect_view();
    let more = journey.more_flows;
    let zone = clock::zone(minute_of(journey.row.time_ms));
    view! {
        <table class="mini">
            <thead>
                <tr>
                    <th scope="col">"From"</th><th scope="col">{format!("Began, {zone}")}</th><th scope="col" class="num">"Open for"</th>
                    <th scope="col" class="num">"Sent"</th><th scope="col" class="num">"Returned"</th><th scope="col">"Kind"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="faint">{format!("{} more fit.", count(more))}</p> })}
    }
}

/// `GET host/path`.
fn request_words(row: &AccessRow) -> String {
    format!("{} {}{}", row.method, row.host, row.path)
}

/// The panel of the request that is open, if one is.
#[component]
pub fn JourneyPanel() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let body = move || {
        let row = capture.journey_wanted.get()?;
        let time = format!("{} {}", wording::moment_to_the_second(row.time_ms), clock::zone(minute_of(row.time_ms)));
        let status = if row.status == 0 { "no status".to_owned() } else { row.status.to_string() };
        let journey = capture.journey.get();
        let path = journey.as_ref().map(|journey| journey.path.clone()).unwrap_or_default();
        let has_path = path.len() > 1;
        let show = move |_| view.show_way(path.clone());
        let told = journey.map(|journey| {
            view! {
                <h3>"Where it went"</h3>
                <ol class="jh">{journey.hops.iter().map(hop_view).collect_view()}</ol>
                <h3>{format!("Where its time went: {} in all", milliseconds(journey.row.time_taken_ms))}</h3>
                {times_view(&journey.times)}
                <h3>"Which flow carried it"</h3>
                <p>{journey.verdict.clone()}</p>
                {(!journey.flows.is_empty()).then(|| flows_view(&journey))}
            }
        });
        Some(view! {
            <section class="journey" aria-label="One request, end to end" data-testid="journey">
                <div class="row">
                    <h2 class="cut">{request_words(&row)}</h2>
                    <span class="sp"></span>
                    {has_path
                        .then(|| {
                            view! {
                                <button class="btn small" data-testid="journey-path" on:click=show>
                                    "Show its way in the picture"
                                </button>
                            }
                        })}
                    <button class="ib" aria-label="Close the request" title="Close" on:click=move |_| capture.show_journey(None)>
                        <Icon name="x"/>
                    </button>
                </div>
                <p class="dim">{format!("{time}, {status}, {}", milliseconds(row.time_taken_ms))}<span class="mono faint">{format!("  {}", row.tracking_id)}</span></p>
                {told}
            </section>
        })
    };
    view! { {body} }
}
