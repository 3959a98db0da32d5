//! The picture's edges as rows: the same selection, range and layers, sortable by any column. For those who read rather than
//! look, and for everything that the picture leaves out to stay readable.

use crate::frame::batches;
use crate::sources::RowsButton;
use crate::state::{Capture, Selection, use_capture, use_view};
use crate::wording::{self, count};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::order::Order;
use underlay_model::sources::SourceOf;
use underlay_model::view::{Edge, EdgeKind, Entity, EntityKey, EntityKind, Topology};

/// Rows shown at first; each time that more are asked for there are twice as many. A multiple of [`BATCH`].
const FIRST_ROWS: usize = 100;
/// Rows made in one frame.
const BATCH: usize = 25;
/// Height of a row in CSS pixels (`topology.css`).
const ROW_HEIGHT: usize = 36;

/// What the rows are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Source,
    Target,
    Port,
    Kind,
    Rule,
    Flows,
    Sent,
    Returned,
    Denied,
}

const COLUMNS: [(Column, &str, bool); 9] = [
    (Column::Source, "Source", false),
    (Column::Target, "Target", false),
    (Column::Port, "Port", false),
    (Column::Kind, "Kind", false),
    (Column::Rule, "Rule", false),
    (Column::Flows, "Flows", true),
    (Column::Sent, "Sent", true),
    (Column::Returned, "Returned", true),
    (Column::Denied, "Denied", true),
];

fn entity(topology: &Topology, at: u32) -> Option<&Entity> {
    topology.entities.get(at as usize)
}

fn name(topology: &Topology, at: u32) -> &str {
    entity(topology, at).map_or("", |entity| entity.name.as_str())
}

/// Indices of the shown edges in order; ties keep the topology's order.
fn order(topology: &Topology, hidden: &[EdgeKind], column: Column, down: bool) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..topology.edges.len())
        .filter(|&at| topology.edges.get(at).is_some_and(|e| !hidden.contains(&e.kind)))
        .collect();
    let number = |edge: &Edge| match column {
        Column::Sent => edge.traffic.bytes[0],
        Column::Returned => edge.traffic.bytes[1],
        Column::Denied => edge.traffic.denied,
        _ => edge.traffic.flows,
    };
    rows.order_by(|&a, &b| {
        let (Some(a), Some(b)) = (topology.edges.get(a), topology.edges.get(b)) else {
            return std::cmp::Ordering::Equal;
        };
        let order = match column {
            Column::Source => name(topology, a.source).cmp(name(topology, b.source)),
            Column::Target => name(topology, a.target).cmp(name(topology, b.target)),
            Column::Port => a.ports.first().cmp(&b.ports.first()),
            Column::Kind => a.kind.cmp(&b.kind),
            Column::Rule => a.rules.first().cmp(&b.rules.first()),
            _ => number(a).cmp(&number(b)),
        };
        if down { order.reverse() } else { order }
    });
    rows
}

/// Things with the findings that are about them, by place in the report; in the order of things.
type FindingsByKey = Vec<(EntityKey, u32)>;

fn findings_by_key(capture: Capture) -> FindingsByKey {
    let mut all = FindingsByKey::new();
    capture.findings.with(|report| {
        for (at, shown) in report.iter().flat_map(|report| &report.findings).enumerate() {
            all.extend(shown.keys.iter().map(|key| (key.clone(), at as u32)));
        }
    });
    all.order();
    all
}

fn of_key<'a>(all: &'a FindingsByKey, key: &'a EntityKey) -> impl Iterator<Item = u32> + use<'a> {
    let first = all.partition_point(|(other, _)| other < key);
    all.iter().skip(first).take_while(move |(other, _)| other == key).map(|(_, at)| *at)
}

#[component]
fn Row(source: Entity, target: Entity, edge: Edge, findings_by_key: Memo<FindingsByKey>) -> impl IntoView {
    let view = use_view();
    let selection = Selection::Edge { source: source.key.clone(), target: target.key.clone(), kind: edge.kind };
    let (mine, chosen) = (selection.clone(), selection);
    let title = format!("{} → {}", source.name, target.name);
    // A gateway's log counts requests, of which no flow log has a row.
    let requests = edge.kind == EdgeKind::User && edge.pairs == 0;
    let has_rows = !matches!(edge.kind, EdgeKind::Absent | EdgeKind::Inferred);
    let kind_words = if requests { "requests" } else { wording::edge_kind(edge.kind) };
    let of = SourceOf::Edge { source: source.key.clone(), target: target.key.clone(), kind: edge.kind, pair: None };
    let selected = Memo::new(move |_| view.selection.with(|selection| selection.as_ref() == Some(&mine)));
    let ports: Vec<String> =
        edge.ports.iter().take(2).map(|&(port, protocol, _)| wording::port((port, protocol))).collect();
    let more_ports = edge.ports.len().saturating_sub(2);
    let no_bytes = matches!(edge.kind, EdgeKind::Denied | EdgeKind::Absent | EdgeKind::Inferred);
    let bytes = move |value: u64| if no_bytes { "n/a".to_owned() } else { wording::bytes(value) };
    let rule = match edge.rules.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {} more", rest.len()),
    };
    let capture = use_capture();
    let ends = [source.key.clone(), target.key.clone()];
    let about = move || {
        let mut mine = findings_by_key.with(|all| ends.iter().flat_map(|end| of_key(all, end)).collect::<Vec<u32>>());
        mine.order();
        mine.dedup();
        let first = capture.findings.with(|report| report.as_ref()?.findings.get(*mine.first()? as usize).cloned())?;
        let words = wording::counted(mine.len() as u64, "finding", "findings");
        let title = capture.said(&first.finding.title);
        let go = move |_| {
            crate::findings::open_in_rail(view, &first);
        };
        Some(view! { <button class="link" title=title on:click=go>{words}</button> })
    };
    let end = |entity: &Entity| {
        // What siblings share may be cut; what tells them apart stays.
        let (shared, own) = match entity.kind {
            EntityKind::Pod | EntityKind::Node => wording::distinguishing(&entity.name),
            _ => ("", entity.name.as_str()),
        };
        view! {
            <b title=entity.name.clone()><span>{shared.to_owned()}</span><i>{own.to_owned()}</i></b>
            <small class="mono">{entity.detail.clone()}</small>
        }
    };
    view! {
        <tr class:sel=move || selected.get()>
            <th scope="row">
                <button class="row" aria-pressed=move || selected.get().to_string() on:click=move |_| view.selection.set(Some(chosen.clone()))>
                    {end(&source)}
                </button>
            </th>
            <td class="cut">{end(&target)}</td>
            <td class="mono">
                {ports.join(", ")}
                {(more_ports > 0).then(|| format!(" +{more_ports}"))}
            </td>
            <td><span class=format!("kind {}", wording::edge_kind(edge.kind))>{kind_words}</span></td>
            <td class="cut" title=edge.rules.join(", ")>{rule}</td>
            <td class="num">{count(edge.traffic.flows)}</td>
            <td class="num">{bytes(edge.traffic.bytes[0])}</td>
            <td class="num">{bytes(edge.traffic.bytes[1])}</td>
            <td class="num" class:t-denied=edge.traffic.denied != 0>{count(edge.traffic.denied)}</td>
            <td>{has_rows.then(|| view! { <RowsButton title=title of=of/> })} {about}</td>
        </tr>
    }
}

/// How the rows are ordered, and whether largest first.
type Sorting = RwSignal<(Column, bool)>;

/// The heads of the columns; a press orders by one, or turns its order.
fn heads(sorting: Sorting) -> impl IntoView {
    let head = move |(column, title, number): (Column, &'static str, bool)| {
        let sort = move || match sorting.get() {
            (now, true) if now == column => "descending",
            (now, false) if now == column => "ascending",
            _ => "none",
        };
        let press = move |_| {
            sorting.update(|(now, down)| {
                // Numbers begin with the largest, words with the first.
                *down = if *now == column { !*down } else { number };
                *now = column;
            });
        };
        let arrow = move || match sort() {
            "descending" => " ↓",
            "ascending" => " ↑",
            _ => "",
        };
        view! {
            <th scope="col" class=format!("c-{}", title.to_lowercase()) class:num=number aria-sort=sort>
                <button class="sort" on:click=press>
                    {title}
                    <span aria-hidden="true">{arrow}</span>
                </button>
            </th>
        }
    };
    COLUMNS.map(head).collect_view()
}

/// How many edges there are, and how many of them are hidden, with the way to show them.
fn title(capture: Capture, rows: Memo<Vec<usize>>) -> impl IntoView {
    let view = use_view();
    let hidden = move || {
        let hidden = view.hidden.get();
        capture.topology.with(|topology| {
            let edges = topology.iter().flat_map(|topology| &topology.edges);
            edges.filter(|edge| hidden.contains(&edge.kind)).count() as u64
        })
    };
    let show = move || {
        let number = hidden();
        (number > 0).then(|| {
            view! {
                <span class="faint">{format!("{} of hidden layers", count(number))}</span>
                <button class="btn ghost small" on:click=move |_| view.hidden.set(Vec::new())>"Show them"</button>
            }
        })
    };
    view! {
        <div class="table-head">
            <h1>{move || wording::counted(rows.with(Vec::len) as u64, "edge", "edges")}</h1>
            {show}
        </div>
    }
}

/// The table.
#[component]
pub fn TableView() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let sorting: Sorting = RwSignal::new((Column::Flows, true));
    let limit = RwSignal::new(FIRST_ROWS);
    let rows = Memo::new(move |_| {
        let (column, down) = sorting.get();
        let hidden = view.hidden.get();
        capture.topology.with(|topology| topology.as_ref().map_or_else(Vec::new, |t| order(t, &hidden, column, down)))
    });
    let by_key = Memo::new(move |_| findings_by_key(capture));
    let body = move || {
        let topology = capture.topology.get()?;
        let rows = rows.get();
        let total = rows.len().min(limit.get());
        let items = move |places: std::ops::Range<usize>| {
            let row = |&at: &usize| {
                let edge = topology.edges.get(at)?.clone();
                let (source, target) =
                    (entity(&topology, edge.source)?.clone(), entity(&topology, edge.target)?.clone());
                Some(view! { <Row source=source target=target edge=edge findings_by_key=by_key/> })
            };
            rows.get(places).unwrap_or_default().iter().filter_map(row).collect_view().into_any()
        };
        let (list, made) = batches(total, BATCH, Arc::new(items));
        // What is still to come has its place, so that nothing that has been scrolled to jumps.
        let rest = move || format!("{}px", total.saturating_sub(made.get()) * ROW_HEIGHT);
        Some(view! { {list} <tr class="rest" aria-hidden="true" style:height=rest></tr> })
    };
    let more = move || {
        let rest = rows.with(Vec::len).checked_sub(limit.get()).filter(|rest| *rest > 0)?;
        let words = wording::more(rest, limit.get());
        Some(view! { <button class="btn ghost" on:click=move |_| limit.update(|limit| *limit *= 2)>{words}</button> })
    };
    view! {
        {title(capture, rows)}
        <div class="table-scroll" tabindex="0" role="region" aria-label="Edges">
            <table class="flows" data-testid="table">
                <thead>
                    <tr>{heads(sorting)}<th scope="col" class="c-rows"><span class="sr">"Source rows"</span></th></tr>
                </thead>
                <tbody>{body}</tbody>
            </table>
            {more}
        </div>
    }
}
