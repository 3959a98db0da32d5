//! A line of the report: one input, or several that differ only by the hour.

use super::grouping::{Group, Sums};
use super::notes;
use crate::frame::{Glyph, Icon, SourceLetter, batches};
use crate::sources::{ObjectButton, RowsButton};
use crate::state::use_capture;
use crate::wording::{self, count};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::input::{Format, InputReport, Severity};
use underlay_model::sources::{SourceOf, TextOf};
use underlay_model::time::Millis;

/// Files of a group that are made in one frame.
const BATCH: usize = 4;

/// The columns between the kind of a file and its note, where they stand one below the other.
pub const NUMBERS: [&str; 7] = ["Size", "Records", "Rows used", "Duplicate", "Rejected", "Bytes lost", "Time span"];

/// The time of the whole capture, which grows while it is read.
pub type Whole = Memo<Option<(Millis, Millis)>>;

fn number(column: usize, content: impl IntoView, is_bad: bool) -> impl IntoView {
    let label = NUMBERS.get(column).copied().unwrap_or_default();
    view! { <td class="num" class:t-failing=is_bad data-label=label>{content}</td> }
}

fn glyph(input: &InputReport) -> (&'static str, &'static str) {
    let gravest = input.notes.iter().map(|note| note.severity).max();
    let only_copies = input.tuples.duplicate > 0 && input.tuples.accepted == 0;
    if !input.understood() {
        ("unk", "Not used")
    } else if gravest == Some(Severity::Error) {
        ("fail", "Read with losses")
    } else if gravest == Some(Severity::Warning) {
        ("warn", "Read with warnings")
    } else if only_copies {
        ("info", "Read before")
    } else {
        ("ok", "Read")
    }
}

/// Where in the capture an input lies, as a strip; times of one hour are also written.
fn strip(span: (Millis, Millis), whole: Whole) -> impl IntoView {
    let part = move || {
        let whole = whole.get().unwrap_or(span);
        // Times are far below 2^53.
        let length = (whole.1 - whole.0).max(1) as f64;
        let x = (118.0 * (span.0 - whole.0) as f64 / length).min(116.0);
        (x, (118.0 * (span.1 - span.0) as f64 / length).max(2.0).min(118.0 - x))
    };
    view! {
        <svg class="strip" viewBox="0 0 118 4" aria-hidden="true" preserveAspectRatio="none">
            <rect class="all" width="118" height="4"></rect>
            <rect class="part" x=move || part().0 width=move || part().1 height="4"></rect>
        </svg>
    }
}

/// What a line is called, with its state before it.
fn head((mark, words): (&'static str, &'static str), title: String, name: AnyView, below: String) -> impl IntoView {
    view! {
        <th scope="row">
            <div class="nm">
                <Glyph name=mark/>
                <span class="sr">{words}</span>
                <span class="path" title=title>
                    <b class="mono">{name}</b>
                    {(!below.is_empty()).then(|| view! { <small class="mono">{below}</small> })}
                </span>
            </div>
        </th>
    }
}

fn kind(letter: Option<char>, words: String) -> impl IntoView {
    view! {
        <td>
            <div class="nm">
                {letter.map(|letter| view! { <SourceLetter letter=letter/> })}
                <span class="cut" title=words.clone()>{words.clone()}</span>
            </div>
        </td>
    }
}

fn time(words: String, span: Option<(Millis, Millis)>, whole: Whole) -> impl IntoView {
    view! { <td data-label=NUMBERS[6]>{words}{span.map(|span| strip(span, whole))}</td> }
}

/// Opens what stands below a line.
fn opener(open: RwSignal<bool>, [show, hide]: [String; 2]) -> impl IntoView {
    view! {
        <button
            class="link"
            aria-expanded=move || open.get().to_string()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {move || if open.get() { hide.clone() } else { show.clone() }}
        </button>
    }
}

/// One input.
#[component]
pub fn Row(input: InputReport, whole: Whole, #[prop(optional)] inner: bool) -> impl IntoView {
    let capture = use_capture();
    let open = RwSignal::new(false);
    let notes = notes::in_order(&input);
    let used = input.understood();
    let sentence = notes::sentence(&input, &notes);
    let show = match notes.len() {
        1 => "Show".to_owned(),
        many => ["Show ", &count(many as u64)].concat(),
    };
    let opener = (!notes.is_empty()).then(|| opener(open, [show, "Hide".to_owned()]));
    let detected = match input.encoding.as_str() {
        "" => input.format.label().to_owned(),
        encoding => [input.format.label(), ", ", encoding].concat(),
    };
    let (folder, name) = input.path.rsplit_once('/').unwrap_or(("", &input.path));
    let name = wording::plain_name(name).into_any();
    let head = head(glyph(&input), input.path.clone(), name, wording::path_end(folder, 32));
    let (path, remove_path) = (input.path.clone(), input.path.clone());
    let remove_label = ["Take out ", &input.path].concat();
    view! {
        <tr class:off=!used class:inner=inner data-testid="report-row" data-path=path data-format=input.format.code()>
            {head}
            {kind(input.format.letter(), detected)}
            {number(0, wording::bytes(input.bytes), false)}
            // What was not used has no numbers: its sentence takes their place.
            {used.then(|| numbers(&input, whole, open))}
            <td class="w" colspan=if used { "1" } else { "7" }>
                <div class="note">
                    <span class="clamp" title=sentence.clone()>{sentence.clone()}</span>
                    {opener}
                </div>
            </td>
            <td class="act">
                <button
                    class="ib"
                    aria-label=remove_label
                    title="Take this file out"
                    disabled=move || capture.reading.get()
                    on:click=move |_| capture.remove(&remove_path)
                >
                    <Icon name="x"/>
                </button>
            </td>
        </tr>
        {move || open.get().then(|| notes::row(input.number, notes.clone()))}
    }
}

/// A number with the way to what it counts: rows of logs, the text of what holds objects.
fn counted(input: &InputReport, what: &str, number: u64) -> AnyView {
    let words = count(number);
    let title = [what, " of ", &input.path].concat();
    match input.format {
        _ if number == 0 => words.into_any(),
        format if format.is_flow_log() || format == Format::AgcAccessLog => {
            view! { <RowsButton title=title of=SourceOf::Input(input.number) words=words whole=true/> }.into_any()
        }
        _ => view! { <ObjectButton of=TextOf::Input(input.number) title=title words=words/> }.into_any(),
    }
}

/// What was lost, with the way to the notes that say where.
fn lost(number: u64, notes: RwSignal<bool>) -> AnyView {
    let words = count(number);
    if number == 0 {
        return words.into_any();
    }
    let open = move |_| notes.set(true);
    view! { <button class="link rows" title="Show where" on:click=open>{words}</button> }.into_any()
}

fn numbers(input: &InputReport, whole: Whole, notes: RwSignal<bool>) -> impl IntoView + use<> {
    let flows = input.format.is_flow_log();
    let of_flows = |what: &str, value: u64| if flows { counted(input, what, value) } else { ().into_any() };
    let words = match (input.span, input.snapshot_ms) {
        (Some(span), _) => wording::span(span),
        (None, Some(snapshot)) => wording::moment(snapshot),
        (None, None) => String::new(),
    };
    view! {
        {number(1, counted(input, "Records", input.records), false)}
        {number(2, of_flows("Rows", input.tuples.accepted), false)}
        {number(3, of_flows("Copies", input.tuples.duplicate), false)}
        {number(4, if flows { lost(input.tuples.rejected, notes) } else { ().into_any() }, false)}
        {number(5, lost(input.lost_bytes, notes), input.lost_bytes != 0)}
        {time(words, input.span, whole)}
    }
}

/// Files of one name, flow log and NIC.
#[component]
pub fn GroupRow(group: Group, inputs: Vec<InputReport>, whole: Whole) -> impl IntoView {
    let open = RwSignal::new(false);
    let sums = Sums::of(inputs.iter());
    let gravest = inputs.iter().flat_map(|input| &input.notes).map(|note| note.severity).max();
    let mark = match gravest {
        Some(Severity::Error) => ("fail", "Some read with losses"),
        Some(Severity::Warning) => ("warn", "Some read with warnings"),
        _ if sums.accepted == 0 && sums.duplicate > 0 => ("info", "Read before"),
        _ => ("ok", "Read"),
    };
    let label = inputs.first().map_or("", |input| input.format.label());
    let letter = inputs.first().and_then(|input| input.format.letter());
    let files = count(inputs.len() as u64);
    let sentence = if sums.noted > 0 {
        [&count(sums.noted), " of ", &files, " files have notes."].concat()
    } else {
        String::new()
    };
    let folder = wording::path_end(&group.folder, 24);
    let below = match (group.mac.as_str(), inputs.iter().any(|input| input.format.is_flow_log())) {
        ("", false) => folder,
        ("", true) => ["several NICs, ", &folder].concat(),
        (mac, _) => ["NIC ", mac, ", ", &folder].concat(),
    };
    let times = [" ×", &files].concat();
    let name = view! { {wording::plain_name(&group.name)}<span class="faint">{times}</span> }.into_any();
    let opener = opener(open, [["Show ", &files, " files"].concat(), "Hide the files".to_owned()]);
    let inputs = Arc::new(inputs);
    let rows = move || {
        let (number, inputs) = (inputs.len(), Arc::clone(&inputs));
        let items = move |wanted: std::ops::Range<usize>| {
            let inputs = inputs.get(wanted).unwrap_or_default().iter();
            inputs.map(|input| view! { <Row input=input.clone() whole=whole inner=true/> }).collect_view().into_any()
        };
        batches(number, BATCH, Arc::new(items)).0
    };
    view! {
        <tr data-testid="report-group">
            {head(mark, group.folder.clone(), name, below)}
            {kind(letter, label.to_owned())}
            {number(0, wording::bytes(sums.bytes), false)}
            {number(1, count(sums.records), false)}
            {number(2, count(sums.accepted), false)}
            {number(3, count(sums.duplicate), false)}
            {number(4, count(sums.rejected), false)}
            {number(5, count(sums.lost), sums.lost != 0)}
            {time(sums.span.map(wording::span).unwrap_or_default(), sums.span, whole)}
            <td class="w">
                <div class="note">
                    <span>{sentence}</span>
                    " "
                    {opener}
                </div>
            </td>
            <td class="act"></td>
        </tr>
        {move || open.get().then(&rows)}
    }
}
