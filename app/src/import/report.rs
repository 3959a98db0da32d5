//! The table of inputs, and those that were taken out. Rows are made a few a frame, hundreds at most until more are asked for.

use super::grouping::{Line, Sums, lines};
use super::row::{GroupRow, NUMBERS, Row};
use crate::state::use_capture;
use crate::wording::{self, count};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::input::InputReport;
use underlay_model::time::Millis;

/// Rows shown before the rest is asked for: a table of thousands of hourly files stays quick. A multiple of [`BATCH`].
const FIRST_ROWS: usize = 320;
/// Rows that are made in one frame.
const BATCH: usize = 8;

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

/// Rows that are there by now: a few more with each frame, until all that are wanted are.
fn grow(made: RwSignal<usize>, wanted: Signal<usize>) {
    // The table may be gone by the time of the frame.
    if made.try_get_untracked().zip(wanted.try_get_untracked()).is_none_or(|(made, wanted)| made >= wanted) {
        return;
    }
    request_animation_frame(move || {
        made.try_update(|made| *made += BATCH);
        grow(made, wanted);
    });
}

/// The lines from one on, as many as are made in one frame: when more come, or one changes, the others stay as they are.
fn part(lines: Memo<Arc<Vec<Line>>>, first: usize) -> impl IntoView {
    let capture = use_capture();
    let rows = move || {
        // Of ten thousand files only those that are shown are copied.
        capture.report.with(|report| {
            let shown = |line: &Line| -> Shown {
                let of = |at: &usize| report.inputs.get(*at).cloned();
                let inputs = match line {
                    Line::One(at) => of(at).into_iter().collect(),
                    Line::Many(group) => group.inputs.iter().filter_map(of).collect(),
                };
                (line.clone(), inputs, report.span)
            };
            lines.with(|lines| lines.iter().skip(first).take(BATCH).map(shown).collect::<Vec<_>>())
        })
    };
    let line = |(line, inputs, whole): Shown| match line {
        Line::One(_) => inputs.into_iter().next().map(|input| view! { <Row input=input whole=whole/> }).into_any(),
        Line::Many(group) => view! { <GroupRow group=group inputs=inputs whole=whole/> }.into_any(),
    };
    view! { <For each=rows key=print children=line/> }
}

/// The sums of all inputs.
fn foot() -> impl IntoView {
    let capture = use_capture();
    let total = Memo::new(move |_| capture.report.with(|report| Sums::of(report.inputs.iter())));
    let sum = move |column: usize, pick: fn(&Sums) -> u64| {
        let label = NUMBERS.get(column).copied().unwrap_or_default();
        view! { <td class="num" data-label=label>{move || count(total.with(pick))}</td> }
    };
    let files = move || capture.report.with(|report| wording::counted(report.inputs.len() as u64, "file", "files"));
    view! {
        <tfoot>
            <tr class="tot">
                <th scope="row">{files}</th>
                <td></td>
                <td class="num" data-label=NUMBERS[0]>{move || wording::bytes(total.with(|sums| sums.bytes))}</td>
                {sum(1, |sums| sums.records)}
                {sum(2, |sums| sums.accepted)}
                {sum(3, |sums| sums.duplicate)}
                {sum(4, |sums| sums.rejected)}
                <td class="num" data-label=NUMBERS[5] data-testid="bytes-lost">{move || count(total.with(|sums| sums.lost))}</td>
                <td data-label=NUMBERS[6]>{move || total.with(|sums| sums.span.map(wording::span).unwrap_or_default())}</td>
                <td class="w"></td>
                <td class="act"></td>
            </tr>
        </tfoot>
    }
}

fn heads() -> impl IntoView {
    const CLASSES: [&str; 7] =
        ["num c-rec", "num c-rec", "num c-used", "num c-dup", "num c-rej", "num c-lost", "c-time"];
    let head = |class: &'static str, name: &'static str| view! { <th scope="col" class=class>{name}</th> };
    view! {
        <thead>
            <tr>
                {head("c-file", "File")}
                {head("c-kind", "Detected as")}
                {CLASSES.iter().zip(NUMBERS).map(|(class, name)| head(class, name)).collect_view()}
                {head("", "Note")}
                <th scope="col" class="c-act"><span class="sr">"Take out"</span></th>
            </tr>
        </thead>
    }
}

/// The import report.
#[component]
pub fn ReportTable() -> impl IntoView {
    let capture = use_capture();
    let all = RwSignal::new(false);
    let all_lines = Memo::new(move |_| capture.report.with(|report| Arc::new(lines(&report.inputs))));
    let number = Memo::new(move |_| all_lines.with(|lines| lines.len()));
    let wanted = Signal::derive(move || if all.get() { number.get() } else { number.get().min(FIRST_ROWS) });
    let made = RwSignal::new(BATCH);
    Effect::new(move |_| {
        wanted.track();
        grow(made, wanted);
    });
    let parts = move || (0..made.get().min(wanted.get())).step_by(BATCH).collect::<Vec<_>>();
    let more = move || {
        let rest = if all.get() { 0 } else { number.get().saturating_sub(FIRST_ROWS) };
        (rest > 0).then(|| {
            let words = ["Show ", &count(rest as u64), " more"].concat();
            view! { <button class="btn ghost" on:click=move |_| all.set(true)>{words}</button> }
        })
    };
    view! {
        <section class="tab" aria-label="Import report" data-testid="report" tabindex="0">
            <table class="ft report">
                {heads()}
                <tbody>
                    <For each=parts key=|first| *first let:first>
                        {part(all_lines, first)}
                    </For>
                </tbody>
                {foot()}
            </table>
            {more}
            <TakenOut/>
        </section>
    }
}
