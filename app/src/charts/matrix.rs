//! The matrix of gateway instances and pods as a table: a cell says by form, number and word what an instance sends to a pod. Arrow
//! keys walk the cells, Enter opens the traffic between the two.

use crate::frame::{Glyph, batches};
use crate::sources::RowsButton;
use crate::state::{CameraWish, Selection, use_capture, use_view};
use crate::wording::{self, count};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::matrix::{CellState, Matrix, MatrixCell, MatrixFold, MatrixInstance, MatrixRow};
use underlay_model::sources::SourceOf;
use underlay_model::view::{EdgeKind, EntityKey};
use wasm_bindgen::JsCast;

/// Rows made in one frame.
const BATCH: usize = 20;
/// Of what is to look at in a row so many lines stand open.
const MARKS: usize = 2;

/// Glyph and word of a state; the usual needs no word.
fn sign(state: CellState) -> (&'static str, &'static str) {
    match state {
        CellState::Empty => ("", ""),
        CellState::Usual => ("ok", ""),
        CellState::Unknown => ("info", "not told apart"),
        CellState::Uneven => ("warn", "uneven"),
        CellState::Silent => ("unk", "silent"),
        CellState::Unanswered => ("fail", "unanswered"),
        CellState::Denied => ("deny", "denied"),
    }
}

/// The first line: probes, or what there is instead.
fn first_line(cell: &MatrixCell) -> String {
    let probes = cell.probes();
    match () {
        () if cell.denied > 0 && cell.reached <= 1 && probes + cell.connections + cell.unknown == 0 => {
            wording::counted(cell.denied, "flow denied", "flows denied")
        }
        () if cell.is_empty() => "nothing".to_owned(),
        () if cell.unanswered > 0 => format!("{} of {} probes answered", count(cell.answered), count(probes)),
        () if probes > 0 => wording::counted(probes, "probe", "probes"),
        () if cell.unknown > 0 => wording::counted(cell.unknown, "connection", "connections"),
        () => "no probe".to_owned(),
    }
}

fn second_line(cell: &MatrixCell) -> String {
    let mut text = String::new();
    if cell.connections > 0 {
        text = wording::counted(cell.connections, "request flow", "request flows");
    }
    if cell.unknown > 0 && cell.probes() > 0 {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&format!("{} not told apart", count(cell.unknown)));
    }
    if cell.bytes > 0 {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&wording::bytes(cell.bytes));
    }
    text
}

fn cell_view(
    row: &MatrixRow,
    instance: &MatrixInstance,
    cell: MatrixCell,
    place: (usize, usize),
    most: u64,
) -> impl IntoView + use<> {
    let view = use_view();
    let (glyph, word) = sign(cell.state);
    let (first, second) = (first_line(&cell), second_line(&cell));
    let some = row.pods > 1 && cell.reached > 0 && cell.reached < row.pods;
    let reach = if some { format!("{} of {} pods", count(cell.reached), count(row.pods)) } else { String::new() };
    // Said before what is seen; commas between the lines.
    let ends = format!("{} to {}: ", instance.name, row.name);
    let last = [word, reach.as_str()].join(" ").trim().to_owned();
    let comma = |text: &str| (!text.is_empty()).then(|| view! { <span class="sr">", "</span> });
    let (before_second, before_last) = (comma(&second), comma(&last));
    let target = row.key.clone();
    let source = instance.key.clone();
    let act = move |_| {
        let Some(target) = target.clone() else { return };
        if target.0.starts_with("pod:") && !cell.is_empty() {
            let kind = match () {
                () if cell.denied > 0 && cell.probes() + cell.connections + cell.unknown == 0 => EdgeKind::Denied,
                () if cell.connections + cell.unknown == 0 => EdgeKind::Probe,
                () => EdgeKind::User,
            };
            view.selection.set(Some(Selection::Edge { source: source.clone(), target, kind }));
        } else {
            view.select(target);
        }
    };
    // Shares of the largest cell are shown in whole percents.
    let share = (cell.probes() + cell.connections + cell.unknown) as f64 / most.max(1) as f64 * 100.0;
    let id = format!("{}-{}", place.0, place.1);
    view! {
        <td>
            <button
                class=format!("mx {}", if cell.is_empty() { "none" } else { "" })
                data-cell=id
                tabindex=if place == (0, 0) { "0" } else { "-1" }
                on:click=act
            >
                <span class="l1">
                    {(!glyph.is_empty()).then(|| view! { <Glyph name=glyph class="s12"/> })}
                    <span class="sr">{ends}</span>
                    {first}
                </span>
                <span class="l2">{before_second}{second}</span>
                <span class="l2 word">{before_last}{last}</span>
                <i class="bar" style:width=format!("{share:.0}%")></i>
            </button>
        </td>
    }
}

/// Moves the focus to a neighbouring cell.
fn walk(event: &KeyboardEvent) {
    let (down, right) = match event.key().as_str() {
        "ArrowDown" => (1, 0),
        "ArrowUp" => (-1, 0),
        "ArrowRight" => (0, 1),
        "ArrowLeft" => (0, -1),
        _ => return,
    };
    let focused = document().active_element().and_then(|element| element.get_attribute("data-cell"));
    let place = focused.as_deref().and_then(|text| text.split_once('-'));
    let Some((row, column)) =
        place.and_then(|(row, column)| Some((row.parse::<i64>().ok()?, column.parse::<i64>().ok()?)))
    else {
        return;
    };
    event.prevent_default();
    event.stop_propagation();
    let next = format!("[data-cell='{}-{}']", row + down, column + right);
    let found = document().query_selector(&next).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
        // A button can be focused.
        let _ = element.focus();
    }
}

/// What to look at; many are folded, so that rows stay as high as their cells.
fn marks_view(marks: &[String]) -> impl IntoView + use<> {
    let lines = |marks: &[String]| marks.iter().map(|mark| view! { <div>{mark.clone()}</div> }).collect_view();
    let (first, rest) = marks.split_at(marks.len().min(MARKS));
    let more = (!rest.is_empty()).then(|| {
        view! { <details><summary>{format!("and {} more", count(rest.len() as u64))}</summary>{lines(rest)}</details> }
    });
    view! { {lines(first)}{more} }
}

fn row_view(matrix: &Matrix, row: &MatrixRow, number: usize, most: u64) -> impl IntoView + use<> {
    let view = use_view();
    let key = row.key.clone();
    let go = move |key: EntityKey| {
        view.select(key.clone());
        view.camera_wanted.set(Some(CameraWish::Show(key)));
    };
    let (shared, own) =
        if matrix.fold == MatrixFold::Pod { wording::distinguishing(&row.name) } else { ("", row.name.as_str()) };
    let name = view! { <span class="dim">{shared.to_owned()}</span><b>{own.to_owned()}</b> };
    let name = match key {
        Some(key) => {
            view! { <button class="link" title=row.name.clone() on:click=move |_| go(key.clone())>{name}</button> }
                .into_any()
        }
        None => name.into_any(),
    };
    let second = if row.pods > 1 || matrix.fold != MatrixFold::Pod {
        wording::counted(row.pods, "pod", "pods")
    } else {
        row.group.clone()
    };
    let cells = matrix
        .instances
        .iter()
        .zip(&row.cells)
        .enumerate()
        .map(|(column, (instance, cell))| cell_view(row, instance, *cell, (number, column), most))
        .collect_view();
    let requests = matrix.has_requests.then(|| {
        let text = row.requests.map(|(requests, failed)| {
            let failed =
                (failed > 0).then(|| view! { <span class="t-failing">{format!(", {} 5xx", count(failed))}</span> });
            view! { {count(requests)}{failed} }
        });
        view! { <td class="num">{text}</td> }
    });
    view! {
        <tr>
            <th scope="row"><div class="cut">{name}</div><small class="faint">{second}</small></th>
            {cells}
            {requests}
            <td class="marks">{marks_view(&row.marks)}</td>
        </tr>
    }
}

fn table(matrix: Arc<Matrix>) -> impl IntoView + use<> {
    let most = matrix.rows.iter().flat_map(|row| &row.cells);
    let most = most.map(|cell| cell.probes() + cell.connections + cell.unknown).max().unwrap_or(0);
    let head = |instance: &MatrixInstance| {
        let note = match () {
            () if instance.total.is_empty() => "silent".to_owned(),
            () if instance.total.connections > 0 => {
                wording::counted(instance.total.connections, "request flow", "request flows")
            }
            () => wording::counted(instance.total.probes(), "probe", "probes"),
        };
        let of = SourceOf::Entity(instance.key.clone());
        let note = if instance.total.is_empty() {
            note.into_any()
        } else {
            view! { <RowsButton title=instance.name.clone() of=of words=note/> }.into_any()
        };
        view! { <th scope="col"><span class="mono">{instance.name.clone()}</span><small class="faint">{note}</small></th> }
    };
    let heads = matrix.instances.iter().map(head).collect_view();
    let shown = Arc::clone(&matrix);
    let rows = move |places: std::ops::Range<usize>| {
        let rows = places.filter_map(|at| Some(row_view(&shown, shown.rows.get(at)?, at, most)));
        rows.collect_view().into_any()
    };
    let (rows, _) = batches(matrix.rows.len(), BATCH, Arc::new(rows));
    let what = match matrix.fold {
        MatrixFold::Pod => "Pod",
        MatrixFold::Service => "Service",
        MatrixFold::Node => "Node",
    };
    view! {
        <div class="mx-box" tabindex="0" role="region" aria-label="Matrix, scrolls">
            <table class="mx-table" data-testid="matrix" on:keydown=move |event| walk(&event)>
                <caption class="sr">"What each gateway instance sends to each pod. Arrow keys walk the cells."</caption>
                <thead>
                    <tr>
                        <th scope="col">{what}</th>
                        {heads}
                        {matrix.has_requests.then(|| view! { <th scope="col" class="num">"Requests"<small class="faint">"access log"</small></th> })}
                        <th scope="col">"To look at"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// The page of the matrix.
#[component]
pub fn MatrixPage() -> impl IntoView {
    let capture = use_capture();
    if capture.matrix_wanted.get_untracked().is_none() {
        capture.matrix_wanted.set(Some(None));
    }
    on_cleanup(move || capture.matrix_wanted.set(None));
    let fold = move |fold: MatrixFold, name: &'static str| {
        let is = move || capture.matrix.with(|matrix| matrix.as_ref().is_some_and(|matrix| matrix.fold == fold));
        view! {
            <button
                aria-pressed=move || is().to_string()
                on:click=move |_| capture.matrix_wanted.set(Some(Some(fold)))
            >
                {name}
            </button>
        }
    };
    let body = move || {
        let Some(matrix) = capture.matrix.get() else {
            return view! { <p class="faint">"Counting."</p> }.into_any();
        };
        let matrix: Arc<Matrix> = matrix;
        let notes = matrix.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view();
        let shown = !matrix.rows.is_empty() && !matrix.instances.is_empty();
        view! {
            <ul class="mx-notes">{notes}</ul>
            {shown.then(|| table(matrix))}
            {(!shown).then(|| view! { <p>"Nothing from a gateway instance to any pod, and no route to one. VNet flow logs of the nodes show the instances; the import report takes the gateway's subnet where no file names it."</p> })}
        }
        .into_any()
    };
    view! {
        <section aria-label="Instances and pods">
            <div class="row">
                <div class="seg" role="group" aria-label="A row for each">
                    {fold(MatrixFold::Pod, "Pod")}
                    {fold(MatrixFold::Service, "Service")}
                    {fold(MatrixFold::Node, "Node")}
                </div>
                <p class="faint">"Probes are told from request flows by time and size: inferred."</p>
            </div>
            {body}
        </section>
    }
}
