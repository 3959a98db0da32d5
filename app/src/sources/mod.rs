//! The rows behind a number: tuples as they stand in the files, read again from their handles, each with its file, its place,
//! who reported it and whether it counts.

mod object;

pub use object::{ObjectButton, ObjectSheet};

use crate::frame::{Icon, follow_dialog};
use crate::state::{ShownSources, use_capture};
use crate::wording::{self, count};
use leptos::html::Dialog;
use leptos::prelude::*;
use underlay_model::sources::{RowStanding, SourceOf, SourceRecord, SourceRow};

/// Opens the rows behind a number.
#[component]
pub fn RowsButton(
    /// Whose rows, in words.
    title: String,
    of: SourceOf,
    /// What the button says.
    #[prop(default = "Rows")]
    words: &'static str,
) -> impl IntoView {
    let capture = use_capture();
    let label = format!("{words}: {title}");
    view! {
        <button
            class="link rows"
            data-testid="rows"
            aria-label=label
            title="Show the rows of the files behind it"
            on:click=move |_| capture.show_sources(title.clone(), of.clone(), false)
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

fn ends(address: std::net::IpAddr, port: u16) -> String {
    match address {
        std::net::IpAddr::V4(v4) => format!("{v4}:{port}"),
        std::net::IpAddr::V6(v6) => format!("[{v6}]:{port}"),
    }
}

/// The cells of a row: time, from, to, state, encryption, packets and bytes both ways.
fn cells(row: &SourceRow) -> [String; 9] {
    let Some(tuple) = &row.tuple else { return Default::default() };
    let carries = matches!(tuple.state, 'C' | 'E' | '-');
    let number = |value: u64| if carries { count(value) } else { String::new() };
    let time = underlay_model::time::format_rfc3339(tuple.time_ms);
    [
        // Clock with milliseconds; the day is in the record's time and the raw text.
        time.get(11..).unwrap_or_default().trim_end_matches('Z').to_owned(),
        ends(tuple.src, tuple.src_port),
        ends(tuple.dst, tuple.dst_port),
        format!("{}{}", tuple.state, if tuple.inbound { " in" } else { " out" }),
        tuple.encryption.clone(),
        number(tuple.packets[0]),
        number(tuple.bytes[0]),
        number(tuple.packets[1]),
        number(tuple.bytes[1]),
    ]
}

fn row(row: &SourceRow, record: &SourceRecord) -> impl IntoView + use<> {
    let (word, why) = standing(row.standing);
    let at = cells(row)
        .into_iter()
        .enumerate()
        .map(|(column, text)| view! { <td class:num={column > 4}>{text}</td> })
        .collect_view();
    let mut from = format!("record {} of NIC {}", record.time, record.mac);
    if !record.flow_log.is_empty() {
        from.push_str(&format!(", flow log {}", record.flow_log));
    }
    if !row.rule.is_empty() {
        from.push_str(&format!(", rule {}", row.rule));
    }
    let place = format!("{}, byte {}", wording::path_end(&record.path, 44), count(row.byte));
    view! {
        <tr class:off=row.standing != RowStanding::Counted data-testid="source-row">
            {at}
            <td title=why>{word}</td>
        </tr>
        <tr class="raw">
            <td colspan="10">
                <code>{row.raw.clone()}</code>
                <small title=record.path.clone()>{place}", "{from}</small>
            </td>
        </tr>
    }
}

const COLUMNS: [&str; 10] =
    ["Time, UTC", "From", "To", "State", "Encr.", "Pkts sent", "Bytes sent", "Pkts back", "Bytes back", "Standing"];

fn totals(shown: &ShownSources) -> String {
    let total = shown.sources.total;
    let mut words = format!(
        "{} of {} in {}",
        count(shown.sources.rows.len() as u64),
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

/// The sheet with the rows; open while there is something to show.
#[component]
pub fn SourcesSheet() -> impl IntoView {
    let capture = use_capture();
    let dialog = NodeRef::<Dialog>::new();
    follow_dialog(dialog, Memo::new(move |_| capture.sources.with(Option::is_some)).into());
    let close = move || capture.sources.set(None);
    let body = move || {
        let shown = capture.sources.get()?;
        let range = shown.query.range;
        let again = (shown.title.clone(), shown.query.of.clone());
        let rows = shown
            .sources
            .rows
            .iter()
            .filter_map(|r| Some(row(r, shown.sources.records.get(r.record as usize)?)))
            .collect_view();
        let none = shown.sources.rows.is_empty() && !shown.waiting && shown.sources.troubles.is_empty();
        Some(view! {
            <div class="sheet-head">
                <h2 id="sources-title">"Source rows"</h2>
                <button class="ib" aria-label="Close" on:click=move |_| close()>
                    <Icon name="x"/>
                </button>
            </div>
            <div class="src-head">
                <b>{shown.title.clone()}</b>
                <span data-testid="source-totals">
                    {if shown.waiting && shown.sources.rows.is_empty() {
                        "Reading them again from the files".to_owned()
                    } else {
                        totals(&shown)
                    }}
                </span>
                <span class="sp"></span>
                <span class="faint">{range.map_or_else(|| "whole capture".to_owned(), wording::range)}</span>
                {range
                    .is_some()
                    .then(|| {
                        view! {
                            <button
                                class="btn small"
                                on:click=move |_| capture.show_sources(again.0.clone(), again.1.clone(), true)
                            >
                                "Whole capture"
                            </button>
                        }
                    })}
            </div>
            {shown
                .sources
                .troubles
                .iter()
                .map(|trouble| view! { <p class="t-failing" role="alert">{trouble.clone()}</p> })
                .collect_view()}
            {none.then(|| view! { <p>"No row of it in this range."</p> })}
            <div class="src-scroll" tabindex="0" role="region" aria-label="Rows">
                <table class="src-rows" data-testid="source-rows">
                    <thead>
                        <tr>
                            {COLUMNS
                                .iter()
                                .enumerate()
                                .map(|(at, name)| view! { <th scope="col" class:num=(5..9).contains(&at)>{*name}</th> })
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {(shown.sources.next.is_some() || shown.waiting)
                .then(|| {
                    view! {
                        <button
                            class="btn"
                            data-testid="more-sources"
                            disabled=shown.waiting
                            on:click=move |_| capture.more_sources()
                        >
                            {if shown.waiting { "Reading" } else { "Show more" }}
                        </button>
                    }
                })}
        })
    };
    view! {
        <dialog
            class="sheet sources"
            node_ref=dialog
            data-testid="sources"
            aria-labelledby="sources-title"
            on:close=move |_| close()
        >
            {body}
        </dialog>
    }
}
