//! The rows behind a number: tuples and requests as they stand in the files, each with its file, its place, who reported it and
//! whether it counts. They are made a few a frame.

use super::cells::{Column, OF_REQUESTS, OF_TUPLES, of_request, of_tuple};
use crate::frame::{Sheet, batches};
use crate::state::{Capture, ShownSources, use_capture};
use crate::wording::{self, clock, count};
use leptos::prelude::*;
use std::ops::Range;
use std::sync::Arc;
use underlay_model::sources::{RowStanding, SourceOf, SourceRecord, SourceRow, Sources};
use underlay_model::time::minute_of;

/// Rows that are made in one frame.
const BATCH: usize = 20;

/// Opens the rows behind a number.
#[component]
pub fn RowsButton(
    /// Whose rows, in words.
    title: String,
    of: SourceOf,
    /// What the button says.
    #[prop(into, default = "Rows".to_owned())]
    words: String,
    /// Of the whole capture, whatever time range is in force.
    #[prop(optional)]
    whole: bool,
) -> impl IntoView {
    let capture = use_capture();
    let label = [words.as_str(), ": ", &title].concat();
    view! {
        <button
            class="link rows"
            data-testid="rows"
            aria-label=label
            title="Show the rows of the files behind it"
            on:click=move |_| capture.show_sources(title.clone(), of.clone(), whole)
        >
            {words}
        </button>
    }
}

/// What became of a row, in a word and in a sentence.
fn standing(standing: RowStanding) -> (&'static str, &'static str) {
    match standing {
        RowStanding::Counted => ("counted", "It makes up the number."),
        RowStanding::OtherSide => ("other side", "The other end reported more, and its report counts."),
        RowStanding::OtherPoint => {
            ("other report", "Another flow log or NIC reports the same side of this minute, and counts.")
        }
        RowStanding::Duplicate => ("duplicate", "The record had been read before."),
    }
}

fn columns(sources: &Sources) -> &'static [Column] {
    if sources.requests.is_empty() { &OF_TUPLES } else { &OF_REQUESTS }
}

/// Where a row stands, and who reported it.
fn place(row: &SourceRow, record: &SourceRecord) -> String {
    let mut words = format!("{}, byte {}", wording::path_end(&record.path, 44), count(row.byte));
    for (before, what) in [
        (", record ", &record.time),
        (" of NIC ", &record.mac),
        (", flow log ", &record.flow_log),
        (", rule ", &row.rule),
    ] {
        if !what.is_empty() {
            words.push_str(before);
            words.push_str(what);
        }
    }
    words
}

fn row(sources: &Sources, at: usize) -> Option<impl IntoView + use<>> {
    let row = sources.rows.get(at)?;
    let record = sources.records.get(row.record as usize)?;
    let request = sources.requests.get(at);
    let columns = columns(sources);
    let (word, why) = standing(row.standing);
    let cells = match (request, &row.tuple) {
        (Some(request), _) => of_request(request),
        (None, Some(tuple)) => of_tuple(tuple),
        (None, None) => vec![String::new(); OF_TUPLES.len() - 1],
    };
    let cells = cells
        .into_iter()
        .zip(columns)
        .map(|(text, (_, is_number))| view! { <td class:num=*is_number>{text}</td> })
        .collect_view();
    Some(view! {
        <tr class:off=row.standing != RowStanding::Counted data-testid="source-row">
            {cells}
            {request.is_none().then(|| view! { <td title=why>{word}</td> })}
        </tr>
        <tr class="raw">
            <td colspan=columns.len().to_string()>
                <code>{row.raw.clone()}</code>
                <small title=record.path.clone()>{place(row, record)}</small>
            </td>
        </tr>
    })
}

/// The rows of one answer.
fn part(capture: Capture, rows: &Range<usize>) -> AnyView {
    let first = rows.start;
    let items = move |wanted: Range<usize>| {
        capture.sources.with_untracked(|shown| {
            let sources = shown.as_ref().map(|shown| &shown.sources);
            let made = sources.map(|sources| wanted.filter_map(|at| row(sources, first + at)).collect_view());
            made.into_any()
        })
    };
    batches(rows.len(), BATCH, Arc::new(items)).0
}

fn totals(shown: &ShownSources) -> String {
    if shown.waiting && shown.sources.rows.is_empty() {
        return "Reading them again from the files".to_owned();
    }
    let total = shown.sources.total;
    let listed = count(shown.sources.rows.len() as u64);
    if !shown.sources.requests.is_empty() {
        return [&listed, " of ", &wording::counted(total.rows(), "request", "requests")].concat();
    }
    let mut words = format!(
        "{listed} of {} in {}",
        wording::counted(total.rows(), "row", "rows"),
        wording::counted(total.records, "record", "records"),
    );
    for (number, word) in
        [(total.counted, "counted"), (total.other, "of other reports"), (total.duplicate, "duplicate")]
    {
        if number > 0 {
            words.push_str(&format!(", {} {word}", count(number)));
        }
    }
    words
}

/// Whose rows, how many, of which time, and what could not be read.
fn head(capture: Capture, shown: &ShownSources) -> impl IntoView + use<> {
    let range = shown.query.range;
    let (title, of) = (shown.title.clone(), shown.query.of.clone());
    let whole = range.is_some().then(|| {
        view! {
            <button class="btn small" on:click=move |_| capture.show_sources(title.clone(), of.clone(), true)>
                "Whole capture"
            </button>
        }
    });
    let troubles = shown.sources.troubles.iter();
    let troubles =
        troubles.map(|trouble| view! { <p class="t-failing" role="alert">{trouble.clone()}</p> }).collect_view();
    let none = shown.is_empty() && shown.sources.troubles.is_empty();
    view! {
        <div class="src-head">
            <b>{shown.title.clone()}</b>
            <span data-testid="source-totals" aria-live="polite">{totals(shown)}</span>
            <span class="sp"></span>
            <span class="faint">{range.map_or_else(|| "whole capture".to_owned(), wording::range)}</span>
            {whole}
        </div>
        {troubles}
        {none.then(|| view! { <p>"No row of it in this range."</p> })}
    }
}

/// The sheet with the rows; open while there is something to show.
#[component]
pub fn SourcesSheet() -> impl IntoView {
    let capture = use_capture();
    let shown = capture.sources;
    let open = Memo::new(move |_| shown.with(Option::is_some));
    let of_requests =
        Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|s| !s.sources.requests.is_empty())));
    let heads = move || {
        let columns: &[Column] = if of_requests.get() { &OF_REQUESTS } else { &OF_TUPLES };
        let first = shown.with(|shown| shown.as_ref()?.sources.first_time());
        let zone = clock::zone(minute_of(first.unwrap_or_default()));
        let head = |(at, (name, is_number)): (usize, &Column)| {
            let zone = (at == 0).then(|| [", ", &zone].concat());
            view! { <th scope="col" class:num=*is_number>{*name}{zone}</th> }
        };
        columns.iter().enumerate().map(head).collect_view()
    };
    let parts = move || shown.with(|shown| shown.as_ref().map(ShownSources::parts).unwrap_or_default());
    let nothing = move || shown.with(|shown| shown.as_ref().is_none_or(ShownSources::is_empty));
    let more = move || {
        let (any, waiting) = shown.with(|shown| {
            shown.as_ref().map_or((false, false), |shown| {
                (shown.sources.next.is_some() || (shown.waiting && !shown.sources.rows.is_empty()), shown.waiting)
            })
        });
        any.then(|| {
            view! {
                <button class="btn" data-testid="more-sources" disabled=waiting on:click=move |_| capture.more_sources()>
                    {if waiting { "Reading" } else { "Show more" }}
                </button>
            }
        })
    };
    view! {
        <Sheet
            name="sources"
            class="sources"
            open=open.into()
            close=Callback::new(move |()| shown.set(None))
            title=Signal::stored("Source rows".to_owned())
        >
            {move || shown.with(|shown| shown.as_ref().map(|shown| head(capture, shown)))}
            <div class="src-scroll" class:hidden=nothing tabindex="0" role="region" aria-label="Rows">
                <table class="src-rows" data-testid="source-rows">
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>
                        <For each=parts key=Clone::clone let:one>
                            {part(capture, &one.1)}
                        </For>
                    </tbody>
                </table>
            </div>
            {more}
        </Sheet>
    }
}
