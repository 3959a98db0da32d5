//! What is said of an input: its gravest note as a sentence, all of them as a list, each with the text around its place.

use crate::frame::{Glyph, batches};
use crate::state::use_capture;
use crate::wording::count;
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::input::{InputReport, Note, Severity};
use underlay_model::order::Order;
use underlay_model::sources::TextOf;

/// Notes that are made in one frame.
const BATCH: usize = 20;

/// Notes that say something to a person, gravest first, in the order of the file within a severity.
pub fn in_order(input: &InputReport) -> Vec<Note> {
    let mut notes = input.notes.clone();
    notes.order_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.sort_key().cmp(&b.sort_key())));
    notes
}

/// The one sentence that an input's row has room for.
pub fn sentence(input: &InputReport, notes: &[Note]) -> String {
    match (notes.first(), input.contents.is_empty()) {
        (Some(note), _) if note.severity > Severity::Info || input.contents.is_empty() => note.message.clone(),
        (_, false) => input.contents.clone(),
        (Some(note), _) => note.message.clone(),
        (None, true) if input.tuples.duplicate > 0 && input.tuples.accepted == 0 => {
            "Every record of it was already read.".to_owned()
        }
        (None, true) => String::new(),
    }
}

fn severity_glyph(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warn",
        Severity::Error => "fail",
    }
}

/// A position in a file and how often it happened: what a sentence of a note leaves out.
fn place(note: &Note) -> String {
    let mut parts = Vec::new();
    if note.byte > 0 {
        parts.push(["byte ", &count(note.byte)].concat());
    }
    if note.count > 1 {
        parts.push([&count(note.count), " times"].concat());
    }
    parts.join(", ")
}

/// The row below an input's, with all that is said of it.
pub fn row(input: u32, notes: Vec<Note>) -> impl IntoView {
    let number = notes.len();
    let items = move |wanted: std::ops::Range<usize>| {
        let notes = notes.get(wanted).unwrap_or_default().iter();
        notes.map(|note| one(input, note)).collect_view().into_any()
    };
    view! {
        <tr class="notes">
            <td colspan="11">
                <ul>{batches(number, BATCH, Arc::new(items)).0}</ul>
            </td>
        </tr>
    }
}

fn one(input: u32, note: &Note) -> impl IntoView + use<> {
    view! {
        <li>
            <Glyph name=severity_glyph(note.severity) class="s12"/>
            <span>{note.message.clone()}</span>
            <span class="faint">{place(note)}</span>
            <code class="faint">{note.code.clone()}</code>
            <Text input=input byte=note.byte/>
        </li>
    }
}

/// The text around the place of a note.
#[component]
fn Text(input: u32, byte: u64) -> impl IntoView {
    let capture = use_capture();
    let of = TextOf::Around { input, byte };
    let own = of.clone();
    let open = Memo::new(move |_| capture.snippet.with(|shown| matches!(shown, Some((known, _)) if *known == own)));
    let body = move || {
        let (_, snippet) = capture.snippet.get().filter(|_| open.get())?;
        Some(match snippet {
            None => view! { <p class="faint">"Reading it again from the file"</p> }.into_any(),
            Some(snippet) => match snippet.trouble {
                Some(trouble) => view! { <p class="t-failing" role="alert">{trouble}</p> }.into_any(),
                None => {
                    let [before, mark, after] = snippet.parts;
                    let mark = if mark.is_empty() { "end of the text".to_owned() } else { mark };
                    view! { <pre class="snip mono" data-testid="snippet">{before}<mark>{mark}</mark>{after}</pre> }
                        .into_any()
                }
            },
        })
    };
    view! {
        <button
            class="link"
            data-testid="show-text"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| capture.toggle_snippet(of.clone())
        >
            {move || if open.get() { "Hide the text" } else { "Show the text" }}
        </button>
        <div class="snip-box">{body}</div>
    }
}
