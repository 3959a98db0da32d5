//! The table of inputs, and those that were taken out. Rows are made a few a frame, hundreds at most until more are asked for.

use super::grouping::{Line, Sums, lines};
use super::row::{GroupRow, NUMBERS, Row, Whole};
use crate::sources::RowsButton;
use crate::state::{Capture, use_capture};
use crate::wording::{self, count};
use leptos::prelude::*;
use std::sync::Arc;
use underlay_model::input::InputReport;
use underlay_model::sources::SourceOf;
use underlay_model::view::Report;

/// Rows shown at first; each time that more are asked for there are twice as many. A multiple of [`BATCH`].
const FIRST_ROWS: usize = 160;
/// Rows that are made in one frame.
const BATCH: usize = 4;

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

/// A line of the table with the inputs that it tells of.
#[derive(Clone)]
struct Shown {
    print: Print,
    line: Line,
    inputs: Vec<InputReport>,
}

/// What a line shows, in numbers: when they are the same, the line is.
type Print = (Vec<u32>, [u64; 7], bool);

fn inputs_of<'a>(report: &'a Report, line: &'a Line) -> impl Iterator<Item = &'a InputReport> + Clone {
    let places = match line {
        Line::One(at) => std::slice::from_ref(at),
        Line::Many(group) => &group.inputs,
    };
    places.iter().filter_map(|at| report.inputs.get(*at))
}

fn print(report: &Report, line: &Line) -> Print {
    let inputs = inputs_of(report, line);
    let sums = Sums::of(inputs.clone());
    let notes = inputs.clone().map(|input| input.notes.len() as u64).sum();
    let figures = [sums.bytes, sums.records, sums.accepted, sums.duplicate, sums.rejected, sums.lost, notes];
    (inputs.map(|input| input.number).collect(), figures, matches!(line, Line::One(_)))
}

/// Some lines that stand next to each other, as many as are made in one frame.
type Part = ArcRwSignal<Vec<Shown>>;

/// The lines as the page has them. While files are read every report may move all of them, so they follow it part by part, one a frame; a part that
/// shows already what it should stays as it is.
#[derive(Clone, Copy)]
struct Rows {
    capture: Capture,
    lines: Memo<Arc<Vec<Line>>>,
    /// So many lines are to be shown.
    wanted: Signal<usize>,
    parts: RwSignal<Vec<Part>>,
    /// The part that is looked at with the next frame; `None` when all are as they should be.
    next: StoredValue<Option<usize>>,
}

impl Rows {
    /// Looks at all parts again.
    fn refresh(self) {
        if self.next.try_update_value(|next| next.replace(0).is_none()) == Some(true) {
            self.step();
        }
    }

    /// Makes the next part that is missing or has changed, and with the next frame the one after it.
    fn step(self) {
        // The table may be gone by the time of the frame.
        let (Some(wanted), Some(next)) = (self.wanted.try_get_untracked(), self.next.try_get_value().flatten()) else {
            return;
        };
        let parts = wanted.div_ceil(BATCH);
        let made = (next..parts).find(|&at| self.make(at));
        self.next.set_value(made.map(|at| at + 1));
        if made.is_some() {
            request_animation_frame(move || self.step());
        } else if self.parts.with_untracked(Vec::len) > parts {
            self.parts.update(|made| made.truncate(parts));
        }
    }

    /// Whether the part was missing or had changed.
    fn make(self, at: usize) -> bool {
        let known = self.parts.with_untracked(|parts| parts.get(at).cloned());
        // Of ten thousand files only those that are shown anew are copied.
        let fresh = self.capture.report.with_untracked(|report| {
            let shown = |line: &Line| Shown {
                print: print(report, line),
                line: line.clone(),
                inputs: inputs_of(report, line).cloned().collect(),
            };
            self.lines.with_untracked(|lines| {
                let lines = lines.iter().skip(at * BATCH).take(BATCH);
                let same = known.as_ref().is_some_and(|part| {
                    part.with_untracked(|known| {
                        lines.clone().map(|line| print(report, line)).eq(known.iter().map(|shown| shown.print.clone()))
                    })
                });
                (!same).then(|| lines.map(shown).collect::<Vec<_>>())
            })
        });
        let Some(fresh) = fresh else { return false };
        match known {
            Some(part) => part.set(fresh),
            None => self.parts.update(|parts| parts.push(ArcRwSignal::new(fresh))),
        }
        true
    }
}

fn part(rows: Part, whole: Whole) -> impl IntoView {
    let line = move |Shown { line, inputs, .. }: Shown| match line {
        Line::One(_) => inputs.into_iter().next().map(|input| view! { <Row input=input whole=whole/> }).into_any(),
        Line::Many(group) => view! { <GroupRow group=group inputs=inputs whole=whole/> }.into_any(),
    };
    view! { <For each=move || rows.get() key=|shown| shown.print.clone() children=line/> }
}

/// The sums of all inputs.
fn foot() -> impl IntoView {
    let capture = use_capture();
    let total = Memo::new(move |_| capture.report.with(|report| Sums::of(report.inputs.iter())));
    let sum = move |column: usize, pick: fn(&Sums) -> u64| {
        let label = NUMBERS.get(column).copied().unwrap_or_default();
        view! { <td class="num" data-label=label>{move || count(total.with(pick))}</td> }
    };
    let opening = move |column: usize, pick: fn(&Sums) -> u64, of: SourceOf| {
        let label = NUMBERS.get(column).copied().unwrap_or_default();
        let amount = move || {
            let (number, of) = (total.with(pick), of.clone());
            (number > 0).then(|| view! { <RowsButton title=label.to_owned() of=of words=count(number) whole=true/> })
        };
        view! { <td class="num" data-label=label>{move || amount().map_or_else(|| "0".into_any(), IntoAny::into_any)}</td> }
    };
    let files = move || capture.report.with(|report| wording::counted(report.inputs.len() as u64, "file", "files"));
    view! {
        <tfoot>
            <tr class="tot">
                <th scope="row">{files}</th>
                <td></td>
                <td class="num" data-label=NUMBERS[0]>{move || wording::bytes(total.with(|sums| sums.bytes))}</td>
                {sum(1, |sums| sums.records)}
                {opening(2, |sums| sums.accepted, SourceOf::Whole(None))}
                {opening(3, |sums| sums.duplicate, SourceOf::Duplicates)}
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
    let zone = use_capture().zone();
    let head = move |(at, name): (usize, &'static str)| {
        let zone = move || (at == NUMBERS.len() - 1).then(|| [", ", &zone.get()].concat());
        view! { <th scope="col" class:num=at < NUMBERS.len() - 1>{name}{zone}</th> }
    };
    view! {
        <thead>
            <tr>
                <th scope="col">"File"</th>
                <th scope="col">"Detected as"</th>
                {NUMBERS.into_iter().enumerate().map(head).collect_view()}
                <th scope="col">"Note"</th>
                <th scope="col"><span class="sr">"Take out"</span></th>
            </tr>
        </thead>
    }
}

/// The import report.
#[component]
pub fn ReportTable() -> impl IntoView {
    let capture = use_capture();
    let limit = RwSignal::new(FIRST_ROWS);
    let all_lines = Memo::new(move |_| capture.report.with(|report| Arc::new(lines(&report.inputs))));
    let number = Memo::new(move |_| all_lines.with(|lines| lines.len()));
    let wanted = Signal::derive(move || number.get().min(limit.get()));
    let whole = Memo::new(move |_| capture.report.with(|report| report.span));
    let rows =
        Rows { capture, lines: all_lines, wanted, parts: RwSignal::new(Vec::new()), next: StoredValue::new(None) };
    Effect::new(move |_| {
        capture.report.track();
        wanted.track();
        untrack(|| rows.refresh());
    });
    let parts = move || rows.parts.get().into_iter().enumerate();
    // As many more as there are already: thousands take a few clicks, and nobody waits for those that nobody wants.
    let more = move || {
        let rest = number.get().saturating_sub(limit.get());
        (rest > 0).then(|| {
            let words = wording::more(rest, limit.get());
            view! { <button class="btn ghost" on:click=move |_| limit.update(|limit| *limit *= 2)>{words}</button> }
        })
    };
    view! {
        <section class="tab" aria-label="Import report" data-testid="report" tabindex="0">
            <table class="ft report">
                {heads()}
                <tbody>
                    <For each=parts key=|(at, _)| *at let((_, rows))>
                        {part(rows, whole)}
                    </For>
                </tbody>
                {foot()}
            </table>
            {more}
            <TakenOut/>
        </section>
    }
}
