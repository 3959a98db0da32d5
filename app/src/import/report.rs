//! The table of inputs. The sentence of each row is its gravest note; the others open below it.

use crate::frame::{Glyph, Icon, SourceLetter};
use crate::state::use_capture;
use crate::wording::{self, count};
use leptos::prelude::*;
use underlay_model::input::{InputReport, Note, Severity};
use underlay_model::order::Order;
use underlay_model::time::Millis;

/// Rows shown before the rest is asked for: a table of thousands of hourly files stays quick.
const FIRST_ROWS: usize = 300;

/// Notes that say something to a person, gravest first, in the order of the file within a severity.
fn notes_in_order(input: &InputReport) -> Vec<Note> {
    let mut notes = input.notes.clone();
    notes.order_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.sort_key().cmp(&b.sort_key())));
    notes
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
        parts.push(format!("byte {}", count(note.byte)));
    }
    if note.count > 1 {
        parts.push(format!("{} times", count(note.count)));
    }
    parts.join(", ")
}

/// Where in the capture an input lies, as a strip; times of one hour are also written.
fn strip(span: (Millis, Millis), whole: (Millis, Millis)) -> impl IntoView {
    // Times are far below 2^53.
    let length = (whole.1 - whole.0).max(1) as f64;
    let x = 118.0 * (span.0 - whole.0) as f64 / length;
    let width = (118.0 * (span.1 - span.0) as f64 / length).max(2.0).min(118.0 - x.min(116.0));
    view! {
        <svg class="strip" viewBox="0 0 118 4" aria-hidden="true" preserveAspectRatio="none">
            <rect class="all" width="118" height="4"></rect>
            <rect class="part" x=x.min(116.0) width=width height="4"></rect>
        </svg>
    }
}

#[component]
fn Row(input: InputReport, whole: Option<(Millis, Millis)>) -> impl IntoView {
    let capture = use_capture();
    let open = RwSignal::new(false);
    let (mark, mark_words) = glyph(&input);
    let notes = notes_in_order(&input);
    let flows = input.format.is_flow_log();
    let used = input.understood();
    let sentence = match (notes.first(), input.contents.is_empty()) {
        (Some(note), _) if note.severity > Severity::Info || input.contents.is_empty() => note.message.clone(),
        (_, false) => input.contents.clone(),
        (Some(note), _) => note.message.clone(),
        (None, true) if input.tuples.duplicate > 0 && input.tuples.accepted == 0 => {
            "Every record of it was already read.".to_owned()
        }
        (None, true) => String::new(),
    };
    let shown_is_note = notes.first().is_some_and(|note| note.message == sentence);
    let more = notes.len() - usize::from(shown_is_note && notes.first().is_some_and(|note| place(note).is_empty()));
    let details = notes.clone();
    let detected = if input.encoding.is_empty() {
        input.format.label().to_owned()
    } else {
        format!("{}, {}", input.format.label(), input.encoding)
    };
    let numbers = move |value: u64| if flows { count(value) } else { String::new() };
    let time = match (input.span, input.snapshot_ms) {
        (Some(span), _) => wording::span(span),
        (None, Some(snapshot)) => wording::moment(snapshot),
        (None, None) => String::new(),
    };
    let drawn = input.span.zip(whole).map(|(span, whole)| strip(span, whole));
    let path = input.path.clone();
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
    let (folder, name) = (wording::path_end(folder, 32), name.to_owned());
    let remove_path = input.path.clone();
    let remove_label = format!("Take out {}", input.path);
    view! {
        <tr class:off=!used data-testid="report-row" data-path=path.clone() data-format=input.format.code()>
            <th scope="row">
                <div class="nm">
                    <Glyph name=mark/>
                    <span class="sr">{mark_words}</span>
                    <span class="path" title=path.clone()>
                        <b class="mono">{name}</b>
                        {(!folder.is_empty()).then(|| view! { <small class="mono">{folder}</small> })}
                    </span>
                </div>
            </th>
            <td>
                <div class="nm">
                    {input.format.letter().map(|letter| view! { <SourceLetter letter=letter/> })}
                    <span class="cut" title=detected.clone()>{detected.clone()}</span>
                </div>
            </td>
            <td class="num">{if used { count(input.records) } else { String::new() }}</td>
            <td class="num">{numbers(input.tuples.accepted)}</td>
            <td class="num">{numbers(input.tuples.duplicate)}</td>
            <td class="num">{numbers(input.tuples.rejected)}</td>
            <td>{time}{drawn}</td>
            <td class="w">
                <div class="note">
                    <span class="clamp" title=sentence.clone()>{sentence.clone()}</span>
                    {(more > 0)
                        .then(|| {
                            view! {
                                <button
                                    class="link"
                                    aria-expanded=move || open.get().to_string()
                                    on:click=move |_| open.update(|open| *open = !*open)
                                >
                                    {move || {
                                        if open.get() {
                                            "Hide".to_owned()
                                        } else if more == 1 {
                                            "Show".to_owned()
                                        } else {
                                            format!("Show {}", count(more as u64))
                                        }
                                    }}
                                </button>
                            }
                        })}
                </div>
            </td>
            <td>
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
        <Show when=move || open.get()>
            <tr class="notes">
                <td colspan="9">
                    <ul>
                        {details
                            .iter()
                            .map(|note| {
                                view! {
                                    <li>
                                        <Glyph name=severity_glyph(note.severity) class="s12"/>
                                        <span>{note.message.clone()}</span>
                                        <span class="faint">{place(note)}</span>
                                        <code class="faint">{note.code.clone()}</code>
                                    </li>
                                }
                            })
                            .collect_view()}
                    </ul>
                </td>
            </tr>
        </Show>
    }
}

/// The import report.
#[component]
pub fn ReportTable() -> impl IntoView {
    let capture = use_capture();
    let all = RwSignal::new(false);
    let rows = move || {
        let report = capture.report.get();
        let most = if all.get() { usize::MAX } else { FIRST_ROWS };
        let whole = report.span;
        report.inputs.iter().take(most).map(|input| (input.clone(), whole)).collect::<Vec<_>>()
    };
    let rest = move || {
        let number = capture.report.with(|report| report.inputs.len());
        (!all.get()).then(|| number.saturating_sub(FIRST_ROWS)).filter(|rest| *rest > 0)
    };
    let total = move |pick: fn(&underlay_model::view::Report) -> String| capture.report.with(|report| pick(report));
    view! {
        <section class="tab" aria-label="Import report" data-testid="report" tabindex="0">
            <table class="ft">
                <thead>
                    <tr>
                        <th scope="col" class="c-file">"File"</th>
                        <th scope="col" class="c-kind">"Detected as"</th>
                        <th scope="col" class="num c-rec">"Records"</th>
                        <th scope="col" class="num c-used">"Rows used"</th>
                        <th scope="col" class="num c-dup">"Duplicate"</th>
                        <th scope="col" class="num c-rej">"Rejected"</th>
                        <th scope="col" class="c-time">"Time span, UTC"</th>
                        <th scope="col">"Note"</th>
                        <th scope="col" class="c-act"><span class="sr">"Take out"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=rows
                        // A row is made anew when anything of it changes.
                        key=|(input, whole)| (input.path.clone(), input.bytes, input.records, input.tuples.accepted,
                            input.tuples.duplicate, input.tuples.rejected, input.notes.len(), *whole)
                        let:row
                    >
                        <Row input=row.0 whole=row.1/>
                    </For>
                </tbody>
                <tfoot>
                    <tr class="tot">
                        <th scope="row">
                            {move || total(|report| wording::counted(report.inputs.len() as u64, "file", "files"))}
                        </th>
                        <td></td>
                        <td></td>
                        <td class="num">{move || total(|report| count(report.tuples.accepted))}</td>
                        <td class="num">{move || total(|report| count(report.tuples.duplicate))}</td>
                        <td class="num">{move || total(|report| count(report.tuples.rejected))}</td>
                        <td>{move || total(|report| report.span.map(wording::span).unwrap_or_default())}</td>
                        <td></td>
                        <td></td>
                    </tr>
                </tfoot>
            </table>
            {move || {
                rest()
                    .map(|rest| {
                        view! {
                            <button class="btn ghost" on:click=move |_| all.set(true)>
                                {format!("Show {} more files", count(rest as u64))}
                            </button>
                        }
                    })
            }}
        </section>
    }
}
