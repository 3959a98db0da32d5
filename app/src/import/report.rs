//! The table of inputs. The sentence of each row is its gravest note; the others open below it.

use super::grouping::{Group, Line, Sums, lines};
use crate::frame::{Glyph, Icon, SourceLetter};
use crate::state::use_capture;
use crate::wording::{self, count};
use leptos::prelude::*;
use underlay_model::input::{InputReport, Note, Severity};
use underlay_model::order::Order;
use underlay_model::sources::TextOf;
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

#[component]
fn Row(input: InputReport, whole: Option<(Millis, Millis)>, #[prop(optional)] inner: bool) -> impl IntoView {
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
    let more = notes.len();
    let lost = input.lost_bytes;
    let number = input.number;
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
    let (folder, name) = (wording::path_end(folder, 32), wording::plain_name(name));
    let remove_path = input.path.clone();
    let remove_label = format!("Take out {}", input.path);
    view! {
        <tr class:off=!used class:inner=inner data-testid="report-row" data-path=path.clone() data-format=input.format.code()>
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
            <td class="num">{wording::bytes(input.bytes)}</td>
            // What was not used has no numbers: its sentence takes their place.
            {used
                .then(|| {
                    view! {
                        <td class="num">{count(input.records)}</td>
                        <td class="num">{numbers(input.tuples.accepted)}</td>
                        <td class="num">{numbers(input.tuples.duplicate)}</td>
                        <td class="num">{numbers(input.tuples.rejected)}</td>
                        <td class="num" class:t-failing=lost != 0>{count(lost)}</td>
                        <td>{time}{drawn}</td>
                    }
                })}
            <td class="w" colspan=if used { "1" } else { "7" }>
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
                <td colspan="11">
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
                                        <Text input=number byte=note.byte/>
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

/// Files of one name, flow log and NIC as one line.
#[component]
fn GroupRow(group: Group, inputs: Vec<InputReport>, whole: Option<(Millis, Millis)>) -> impl IntoView {
    let open = RwSignal::new(false);
    let sums = Sums::of(inputs.iter());
    let gravest = inputs.iter().flat_map(|input| &input.notes).map(|note| note.severity).max();
    let (mark, words) = match gravest {
        Some(Severity::Error) => ("fail", "Some read with losses"),
        Some(Severity::Warning) => ("warn", "Some read with warnings"),
        _ if sums.accepted == 0 && sums.duplicate > 0 => ("info", "Read before"),
        _ => ("ok", "Read"),
    };
    let label = inputs.first().map_or("", |input| input.format.label());
    let letter = inputs.first().and_then(|input| input.format.letter());
    let sentence = if sums.noted > 0 {
        format!("{} of {} files have notes.", count(sums.noted), count(inputs.len() as u64))
    } else {
        String::new()
    };
    let folder = wording::path_end(&group.folder, 24);
    let below = match (group.mac.as_str(), inputs.iter().any(|input| input.format.is_flow_log())) {
        ("", false) => folder,
        ("", true) => format!("several NICs, {folder}"),
        (mac, _) => format!("NIC {mac}, {folder}"),
    };
    let title = group.folder.clone();
    let files = inputs.len() as u64;
    view! {
        <tr data-testid="report-group">
            <th scope="row">
                <div class="nm">
                    <Glyph name=mark/>
                    <span class="sr">{words}</span>
                    <span class="path" title=title>
                        <b class="mono">{wording::plain_name(&group.name)}<span class="faint">{format!(" ×{}", count(files))}</span></b>
                        <small class="mono">{below}</small>
                    </span>
                </div>
            </th>
            <td>
                <div class="nm">
                    {letter.map(|letter| view! { <SourceLetter letter=letter/> })}
                    <span class="cut">{label}</span>
                </div>
            </td>
            <td class="num">{wording::bytes(sums.bytes)}</td>
            <td class="num">{count(sums.records)}</td>
            <td class="num">{count(sums.accepted)}</td>
            <td class="num">{count(sums.duplicate)}</td>
            <td class="num">{count(sums.rejected)}</td>
            <td class="num" class:t-failing={sums.lost != 0}>{count(sums.lost)}</td>
            <td>{sums.span.map(wording::span)}{sums.span.zip(whole).map(|(span, whole)| strip(span, whole))}</td>
            <td class="w">
                <div class="note">
                    <span>{sentence}</span>
                    " "
                    <button
                        class="link"
                        aria-expanded=move || open.get().to_string()
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        {move || if open.get() { "Hide the files".to_owned() } else { format!("Show {} files", count(files)) }}
                    </button>
                </div>
            </td>
            <td></td>
        </tr>
        {move || {
            open.get()
                .then(|| inputs.iter().map(|input| view! { <Row input=input.clone() whole=whole inner=true/> }).collect_view())
        }}
    }
}

/// Inputs that were taken out and can be put back.
#[component]
fn TakenOut() -> impl IntoView {
    let capture = use_capture();
    move || {
        let out = capture.report.with(|report| report.out.clone());
        (!out.is_empty()).then(|| {
            let rows = out
                .into_iter()
                .map(|(path, bytes)| {
                    let back = path.clone();
                    view! {
                        <li>
                            <span class="mono cut" title=path.clone()>{wording::path_end(&path, 70)}</span>
                            <span class="faint">{wording::bytes(bytes)}</span>
                            <button
                                class="link"
                                aria-label=format!("Put back {path}")
                                disabled=move || capture.reading.get()
                                on:click=move |_| capture.put_back(&back)
                            >
                                "Put back"
                            </button>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <div class="out" data-testid="taken-out">
                    <h2>"Taken out"</h2>
                    <ul>{rows}</ul>
                </div>
            }
        })
    }
}

/// What is one line of the table and changes as one.
type Shown = (Line, Vec<InputReport>, Option<(Millis, Millis)>);

/// What a line shows, in numbers.
type Print = (Vec<u32>, [u64; 7], bool, Option<(Millis, Millis)>);

/// When the numbers are the same, the line is.
fn print((line, inputs, whole): &Shown) -> Print {
    let sums = Sums::of(inputs.iter());
    let notes = inputs.iter().map(|input| input.notes.len() as u64).sum();
    let figures = [sums.bytes, sums.records, sums.accepted, sums.duplicate, sums.rejected, sums.lost, notes];
    (inputs.iter().map(|input| input.number).collect(), figures, matches!(line, Line::One(_)), *whole)
}

/// The import report.
#[component]
pub fn ReportTable() -> impl IntoView {
    let capture = use_capture();
    let all = RwSignal::new(false);
    let number = Memo::new(move |_| capture.report.with(|report| lines(&report.inputs).len()));
    let rows = move || {
        let most = if all.get() { usize::MAX } else { FIRST_ROWS };
        // Of ten thousand files only those that are shown are copied.
        capture.report.with(|report| {
            let shown = |line: Line| -> Shown {
                let of = |at: &usize| report.inputs.get(*at).cloned();
                let inputs = match &line {
                    Line::One(at) => of(at).into_iter().collect(),
                    Line::Many(group) => group.inputs.iter().filter_map(of).collect(),
                };
                (line, inputs, report.span)
            };
            lines(&report.inputs).into_iter().take(most).map(shown).collect::<Vec<_>>()
        })
    };
    let rest = move || (!all.get()).then(|| number.get().saturating_sub(FIRST_ROWS)).filter(|rest| *rest > 0);
    let total = Memo::new(move |_| capture.report.with(|report| Sums::of(report.inputs.iter())));
    let sum = move |pick: fn(&Sums) -> u64| move || count(total.with(pick));
    let head = |class: &'static str, name: &'static str| view! { <th scope="col" class=class>{name}</th> };
    view! {
        <section class="tab" aria-label="Import report" data-testid="report" tabindex="0">
            <table class="ft">
                <thead>
                    <tr>
                        {head("c-file", "File")}
                        {head("c-kind", "Detected as")}
                        {head("num c-rec", "Size")}
                        {head("num c-rec", "Records")}
                        {head("num c-used", "Rows used")}
                        {head("num c-dup", "Duplicate")}
                        {head("num c-rej", "Rejected")}
                        {head("num c-lost", "Bytes lost")}
                        {head("c-time", "Time span, UTC")}
                        {head("", "Note")}
                        <th scope="col" class="c-act"><span class="sr">"Take out"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=rows key=print let:row>
                        {match row.0 {
                            Line::One(_) => {
                                row.1
                                    .into_iter()
                                    .next()
                                    .map(|input| view! { <Row input=input whole=row.2/> })
                                    .into_any()
                            }
                            Line::Many(group) => view! { <GroupRow group=group inputs=row.1 whole=row.2/> }.into_any(),
                        }}
                    </For>
                </tbody>
                <tfoot>
                    <tr class="tot">
                        <th scope="row">
                            {move || {
                                capture.report.with(|r| wording::counted(r.inputs.len() as u64, "file", "files"))
                            }}
                        </th>
                        <td></td>
                        <td class="num">{move || wording::bytes(total.with(|sums| sums.bytes))}</td>
                        <td class="num">{sum(|sums| sums.records)}</td>
                        <td class="num">{sum(|sums| sums.accepted)}</td>
                        <td class="num">{sum(|sums| sums.duplicate)}</td>
                        <td class="num">{sum(|sums| sums.rejected)}</td>
                        <td class="num" data-testid="bytes-lost">{sum(|sums| sums.lost)}</td>
                        <td>{move || total.with(|sums| sums.span.map(wording::span).unwrap_or_default())}</td>
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
                                {format!("Show {} more", count(rest as u64))}
                            </button>
                        }
                    })
            }}
            <TakenOut/>
        </section>
    }
}
