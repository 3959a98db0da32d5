//! The inspector of a thing: pod, node, instance, front end, subnet, address.

use super::evidence::Evidence;
use super::probes::Probes;
use super::traffic::Traffic;
use super::{CloseButton, kind_mark};
use crate::findings::FindingsOf;
use crate::frame::clipboard::CopyButton;
use crate::frame::{Glyph, Icon, Items, SourceLetter, batches};
use crate::sources::{ObjectButton, RowsButton};
use crate::state::{CameraWish, use_capture, use_view};
use crate::wording::{self, count};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::health::HealthState;
use underlay_model::inventory::{Container, Probe};
use underlay_model::sources::{SourceOf, TextOf};
use underlay_model::view::{Detail, EntityKey, Peer};

/// Peers listed before the rest is asked for.
const FIRST_PEERS: usize = 12;

#[component]
fn PeerRow(peer: Peer, of: EntityKey, title: String) -> impl IntoView {
    let view = use_view();
    let (initiated, kind, port) = (peer.initiated, peer.kind, peer.port);
    let rows = SourceOf::Peer { key: of, peer: peer.key.clone(), initiated, kind, port };
    let rows_title =
        format!("{title} {} {}, {}", if initiated { "from" } else { "to" }, peer.name, wording::port(port));
    let key = peer.key.clone();
    let rules = peer.rules.join(", ");
    // Bytes are stored source to destination; the row says them from the thing's own side.
    let [sent, returned] = peer.traffic.bytes;
    let (to_thing, from_thing) = if peer.initiated { (sent, returned) } else { (returned, sent) };
    let denied = peer.traffic.denied > 0 && peer.traffic.bytes == [0, 0];
    let arrow = if peer.initiated { "from" } else { "to" };
    let named = peer.name != peer.address && !peer.name.is_empty();
    let shown = if named { underlay_scene::units::middle_ellipsis(&peer.name, 18) } else { peer.address.clone() };
    let go = move |_| {
        view.select(key.clone());
        view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
    };
    view! {
        <tr title=format!("{} {}, {}{}", peer.name, peer.address, wording::port(peer.port), if rules.is_empty() { String::new() } else { format!(", {rules}") })>
            <th scope="row">
                <div class="who">
                    <span class="faint">{arrow}</span>
                    <button class="link" class:mono=!named on:click=go>{shown}</button>
                </div>
                <small>
                    {wording::port(peer.port)}
                    " "
                    {kind_mark(peer.kind)}
                </small>
            </th>
            <td class="num"><RowsButton title=rows_title of=rows words=count(peer.traffic.flows)/></td>
            <td class="num">{if denied { "n/a".to_owned() } else { wording::bytes(to_thing) }}</td>
            <td class="num">{if denied { "n/a".to_owned() } else { wording::bytes(from_thing) }}</td>
        </tr>
    }
}

#[component]
fn Peers(detail: Arc<Detail>) -> impl IntoView {
    let all = RwSignal::new(false);
    let number = detail.peers.len();
    let more = detail.more_peers;
    let peers = detail.clone();
    let rows: Items = Arc::new(move |wanted| {
        let row = |peer: &Peer| view! { <PeerRow peer=peer.clone() of=peers.key.clone() title=peers.title.clone()/> };
        peers.peers.get(wanted).unwrap_or_default().iter().map(row).collect_view().into_any()
    });
    view! {
        <section class="blk">
            <h3>"Flows by peer"<span class="sp"></span><small>{count(detail.total.flows)}</small></h3>
            <table class="peers" data-testid="peers">
                <thead>
                    <tr>
                        <th scope="col">"Peer"</th>
                        <th scope="col" class="num">"Flows"</th>
                        <th scope="col" class="num">"To it"</th>
                        <th scope="col" class="num">"From it"</th>
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        let most = if all.get() { number } else { FIRST_PEERS.min(number) };
                        batches(most, FIRST_PEERS, Arc::clone(&rows)).0
                    }}
                </tbody>
            </table>
            <Show when=move || { !all.get() && number > FIRST_PEERS }>
                <button class="link" on:click=move |_| all.set(true)>
                    {format!("Show {} more", count(number.saturating_sub(FIRST_PEERS) as u64))}
                </button>
            </Show>
            {(more > 0).then(|| view! { <p class="faint">{format!("{} more peers are not listed.", count(more))}</p> })}
            <RowsButton title=detail.title.clone() of=SourceOf::Entity(detail.key.clone()) words="Source rows"/>
        </section>
    }
}

fn probe_words(probe: &Probe) -> String {
    let target = match probe.scheme.as_str() {
        "HTTP" | "HTTPS" => format!("{} GET {} :{}", probe.scheme, probe.path, probe.port),
        "exec" => "exec".to_owned(),
        other => format!("{other} :{}", probe.port),
    };
    format!("{target}, every {} s", probe.period_s)
}

fn containers(containers: &[Container]) -> impl IntoView + use<> {
    let rows = containers
        .iter()
        .map(|container| {
            let state = match container.ready {
                Some(true) => HealthState::Healthy,
                Some(false) => HealthState::Failing,
                None => HealthState::Unknown,
            };
            let ports: Vec<String> = container.ports.iter().map(|(_, number, _)| format!(":{number}")).collect();
            let restarts = wording::counted(container.restarts, "restart", "restarts");
            view! {
                <li>
                    <Glyph name=wording::health_glyph(state)/>
                    <div class="said">
                        <span>
                            <b>{container.name.clone()}</b>
                            " "
                            <span class="mono dim">{ports.join(" ")}</span>
                            <span class="sr">{if state == HealthState::Healthy { ", ready" } else { ", not ready" }}</span>
                        </span>
                        <span class="v">
                            {if container.state.is_empty() || container.state == "running" {
                                restarts
                            } else {
                                format!("{}, {restarts}", container.state)
                            }}
                        </span>
                    </div>
                    <SourceLetter letter='K'/>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="blk">
            <h3>"Containers"</h3>
            <ul class="ev">{rows}</ul>
        </section>
    }
}

/// Names keep the end that tells them apart and give way before it; sentences end where the room ends. The text is whole.
fn shortened(value: &str) -> (String, String) {
    let own = if value.contains(' ') || value.chars().count() <= 22 { "" } else { wording::distinguishing(value).1 };
    let shared = value.strip_suffix(own).unwrap_or(value);
    if own.len() == value.len() { (value.to_owned(), String::new()) } else { (shared.to_owned(), own.to_owned()) }
}

/// A fact as it is shown; requests open to their rows.
fn fact(detail: &Detail, label: &str, value: String, letter: char) -> AnyView {
    if letter == 'A' && label == "Requests" {
        let (title, of) = (["Requests of ", &detail.title].concat(), SourceOf::Entity(detail.key.clone()));
        return view! { <RowsButton title=title of=of words=value/> }.into_any();
    }
    let (shared, own) = shortened(&value);
    view! {
        <span class="cut">{shared}</span>
        <span>{own}</span>
    }
    .into_any()
}

fn facts(detail: &Detail) -> impl IntoView + use<> {
    let (facts, probe) = (&detail.facts, detail.readiness.as_ref());
    let source =
        detail.place.clone().map(|place| view! { <ObjectButton of=TextOf::Object(place) title=detail.title.clone()/> });
    let capture = use_capture();
    let mut lines: Vec<(String, String, char)> = facts.clone();
    if let Some(probe) = probe
        && !lines.iter().any(|(label, _, _)| label == "Readiness")
    {
        lines.push(("Readiness".to_owned(), probe_words(probe), 'K'));
    }
    let rows = lines
        .into_iter()
        .map(|(label, value, letter)| {
            let value = capture.said(&value);
            view! {
                <div>
                    <dt>{label.clone()}</dt>
                    <dd title=value.clone()>
                        <span class="value">{fact(detail, &label, value.clone(), letter)}</span>
                        <SourceLetter letter=letter/>
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="blk">
            <h3>"Facts"<span class="sp"></span>{source}</h3>
            <dl class="kv">{rows}</dl>
        </section>
    }
}

/// The panel of one thing.
#[component]
pub fn EntityPanel(detail: Arc<Detail>) -> impl IntoView {
    let view = use_view();
    let (shared, own) = wording::distinguishing(&detail.title);
    // Only generated names of pods have an end that tells them apart.
    let (shared, own) = if detail.key.0.starts_with("pod:") { (shared, own) } else { ("", detail.title.as_str()) };
    let (shared, own) = (shared.to_owned(), own.to_owned());
    let addresses: Vec<String> = detail.addresses.iter().map(ToString::to_string).collect();
    let title = detail.title.clone();
    let key = detail.key.clone();
    let health = detail.health.map(|state| {
        view! {
            <Glyph name=wording::health_glyph(state)/>
            <span class=format!("{} strong", wording::health_class(state))>{wording::health(state)}</span>
        }
    });
    let has_traffic = !detail.series.is_empty() || !detail.peers.is_empty() || !detail.total.is_empty();
    view! {
        <div class="ih">
            <div class="r1">
                {health}
                <span class="cut" title=detail.kind.clone()>{detail.kind.clone()}</span>
                <span class="sp"></span>
                <button
                    class="ib"
                    aria-label="Show in the picture"
                    title="Show in the picture"
                    on:click=move |_| view.camera_wanted.set(Some(CameraWish::Show(key.clone())))
                >
                    <Icon name="fit"/>
                </button>
                <CopyButton text=Signal::stored(title) label="Copy name"/>
                <CloseButton/>
            </div>
            <h2><span class="pre">{shared}</span>{own}</h2>
            <div class="sub">
                {addresses.iter().take(4).map(|address| view! { <span class="mono">{address.clone()}</span> }).collect_view()}
                {(addresses.len() > 4).then(|| format!("and {} more", addresses.len() - 4))}
            </div>
        </div>
        <FindingsOf key=detail.key.clone()/>
        <Evidence detail=detail.clone()/>
        <Probes detail=detail.clone()/>
        {has_traffic
            .then(|| {
                view! {
                    <Traffic first=detail.series_first series=detail.series.clone() names=["from it", "to it"]/>
                    <Peers detail=detail.clone()/>
                }
            })}
        {(!has_traffic)
            .then(|| {
                view! { <section class="blk"><h3>"Traffic"</h3><p class="faint">"No flow log has it in this range."</p></section> }
            })}
        {(!detail.facts.is_empty() || detail.readiness.is_some() || detail.place.is_some())
            .then(|| {
                let detail = detail.clone();
                move || facts(&detail)
            })}
        {(!detail.containers.is_empty()).then(|| containers(&detail.containers))}
        {(!detail.evidence.is_empty())
            .then(|| {
                view! {
                    <section class="blk">
                        <h3>"Who it is, and why"</h3>
                        <ul class="why">
                            {detail.evidence.iter().map(|line| view! { <li>{line.clone()}</li> }).collect_view()}
                        </ul>
                    </section>
                }
            })}
    }
}
