//! What the numbers and sentences of the page rest on, as it stands in the files: rows of flow logs and access logs, objects, values
//! of metrics. All is read again from the files' handles when somebody asks.

mod cells;
mod object;
mod rows;

pub use object::{ObjectButton, ObjectSheet};
pub use rows::{RowsButton, SourcesSheet};

use crate::state::use_capture;
use leptos::prelude::*;
use underlay_model::finding::Opens;
use underlay_model::input::InputReport;
use underlay_model::sources::TextOf;

/// The way from a line of evidence to what it rests on, or why there is none.
pub fn way_on(line: &str, opens: &Opens) -> AnyView {
    let title = line.to_owned();
    match opens {
        Opens::Nothing => summed_up(line),
        Opens::Absent => no_way("in no file", "It says what is not there, which no row can show"),
        Opens::Rows(of) => view! { <RowsButton title=title of=of.clone()/> }.into_any(),
        Opens::Object(place) => view! { <ObjectButton of=TextOf::Object(place.clone()) title=title/> }.into_any(),
        Opens::Metric(point) => view! { <ObjectButton of=TextOf::Metric(point.clone()) title=title/> }.into_any(),
        Opens::Input(path) => of_input(path),
    }
}

/// What sums up opens to the file that it names, where it names one.
fn summed_up(line: &str) -> AnyView {
    let named = use_capture().report.with_untracked(|report| {
        let named = |input: &&InputReport| line.contains(&[" in ", &input.path].concat());
        report.inputs.iter().filter(named).max_by_key(|input| input.path.len()).map(|input| input.path.clone())
    });
    match named {
        Some(path) => of_input(&path),
        None => no_way("summed up", "It sums up the lines beside it and whole files: no single row says it"),
    }
}

fn no_way(words: &'static str, why: &'static str) -> AnyView {
    view! { <small class="faint" title=why>"("{words}")"</small> }.into_any()
}

/// The way to an input from its beginning, by its path.
fn of_input(path: &str) -> AnyView {
    let number = use_capture()
        .report
        .with_untracked(|report| report.inputs.iter().find(|input| input.path == path).map(|input| input.number));
    match number {
        Some(number) => view! { <ObjectButton of=TextOf::Input(number) title=path.to_owned()/> }.into_any(),
        None => view! { <small class="mono">{path.to_owned()}</small> }.into_any(),
    }
}
