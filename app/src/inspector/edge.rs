//! The inspector of an edge: its ends, its figures, its pairs of addresses with ports and rules.

use super::traffic::{Traffic, figures};
use super::{CloseButton, kind_mark};
use crate::frame::batches;
use crate::sources::RowsButton;
use crate::state::{CameraWish, use_capture, use_view};
use crate::wording::{self, count};
use leptos::prelude::*;
use std::ops::Range;
use std::sync::Arc;
use underlay_model::sources::{PairName, SourceOf};
use underlay_model::summary::Side;
use underlay_model::view::{EdgeDetail, EdgeKind, EntityKey, PairRow, SeriesPoint};

/// Pairs that are made in one frame.
const BATCH: usize = 15;

fn side(side: Side) -> &'static str {
    match side {
        Side::Destination => "as the destination reported",
        Side::Source => "as the source reported",
    }
}

fn pair(row: &PairRow, kind: EdgeKind) -> impl IntoView + use<> {
    let name = PairName { src: row.src, dst: row.dst, port: row.port, protocol: row.protocol };
    let of = SourceOf::Edge { source: row.src_key.clone(), target: row.dst_key.clone(), kind, pair: Some(name) };
    let title = format!("{} → {}, {}", row.src, row.dst, wording::port((row.port, row.protocol)));
    let denied = row.denied;
    let encryption = if row.encryption.is_empty() { String::new() } else { row.encryption.join(", ") };
    view! {
        <li>
            <div class="ends mono">
                {row.src.to_string()}
                " → "
                {row.dst.to_string()}
            </div>
            <div class="dim">
                {wording::port((row.port, row.protocol))}
                ", "
                {wording::counted(row.traffic.flows, "flow", "flows")}
                {(!denied)
                    .then(|| {
                        format!(
                            ", {} sent, {} returned",
                            wording::bytes(row.traffic.bytes[0]),
                            wording::bytes(row.traffic.bytes[1]),
                        )
                    })}
                {(row.traffic.denied > 0)
                    .then(|| {
                        view! { ", " <span class="t-denied">{format!("{} denied", count(row.traffic.denied))}</span> }
                    })}
            </div>
            <div class="faint">
                {wording::time_of_day(row.first_ms)}
                "–"
                {wording::time_of_day(row.last_ms)}
                ", "
                {side(row.side)}
                {(!encryption.is_empty()).then(|| format!(", encryption {encryption}"))}
                " "
                <RowsButton title=title of=of/>
            </div>
            {(!row.rules.is_empty()).then(|| view! { <div class="mono faint">{row.rules.join(", ")}</div> })}
        </li>
    }
}

/// All pairs, a few a frame.
fn pairs(detail: Arc<EdgeDetail>, kind: EdgeKind) -> AnyView {
    let number = detail.pairs.len();
    let items = move |wanted: Range<usize>| {
        let rows = detail.pairs.get(wanted).unwrap_or_default().iter();
        rows.map(|row| pair(row, kind)).collect_view().into_any()
    };
    batches(number, BATCH, Arc::new(items)).0
}

/// The panel of one edge.
#[component]
pub fn EdgePanel(source: EntityKey, target: EntityKey, kind: EdgeKind) -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let name = move |key: &EntityKey| {
        capture.topology.with(|topology| {
            let found = topology.as_ref().and_then(|t| t.entities.iter().find(|entity| entity.key == *key));
            found.map_or_else(|| key.0.clone(), |entity| entity.name.clone())
        })
    };
    let end = move |key: EntityKey| {
        let shown = key.clone();
        let go = move |_| {
            view.select(key.clone());
            view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
        };
        view! { <button class="link" on:click=go>{move || name(&shown)}</button> }
    };
    let whole = SourceOf::Edge { source: source.clone(), target: target.clone(), kind, pair: None };
    let title = format!("{} → {}", name(&source), name(&target));
    let has_rows = !matches!(kind, EdgeKind::Absent | EdgeKind::Inferred);
    let body = move || match capture.edge.get() {
        None => view! { <div class="blk waiting"></div> }.into_any(),
        Some(detail) => {
            let more = detail.more_pairs;
            view! {
                <section class="blk">
                    {figures(detail.total, "sent", "returned")}
                    {(kind == EdgeKind::Denied)
                        .then(|| view! { <p class="faint">"A denied flow carries no bytes, so there are none to count."</p> })}
                    {(kind == EdgeKind::Absent)
                        .then(|| view! { <p class="faint">"An input expects this traffic; no log has it."</p> })}
                    {(kind == EdgeKind::Inferred)
                        .then(|| {
                            view! { <p class="faint">"Known from objects, not from flows: no log observes this hop."</p> }
                        })}
                    {detail.probes.iter().map(|words| view! { <p class="faint">{words.clone()}</p> }).collect_view()}
                    {(has_rows && detail.total.flows + detail.total.denied > 0).then(|| view! { <RowsButton title=title.clone() of=whole.clone() words="Source rows"/> })}
                </section>
                {(!detail.series.is_empty() && kind != EdgeKind::Denied)
                    .then(|| {
                        // What comes back is the larger part nearly always, and belongs above.
                        let turned = |point: &SeriesPoint| SeriesPoint { from: point.to, to: point.from, ..*point };
                        view! {
                            <Traffic
                                first=detail.series_first
                                series=detail.series.iter().map(turned).collect()
                                names=["returned", "sent"]
                            />
                        }
                    })}
                {(!detail.pairs.is_empty())
                    .then(|| {
                        view! {
                            <section class="blk">
                                <h3>
                                    "Pairs"<span class="sp"></span>
                                    <small>{count(detail.pairs.len() as u64 + more)}</small>
                                </h3>
                                <ul class="pairs">{pairs(detail.clone(), kind)}</ul>
                                {(more > 0)
                                    .then(|| view! { <p class="faint">{format!("{} more are not listed.", count(more))}</p> })}
                            </section>
                        }
                    })}
            }
            .into_any()
        }
    };
    view! {
        <div class="ih">
            <div class="r1">
                {kind_mark(kind)}
                <span>"traffic"</span>
                <span class="sp"></span>
                <CloseButton/>
            </div>
            <h2 class="edge-ends">{end(source)} <span class="faint">" → "</span> {end(target)}</h2>
        </div>
        {body}
    }
}
