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
use underlay_model::sources::TextOf;

/// The way from a line of evidence to what it rests on; nothing where it sums up, or says what is not there.
pub fn way_on(line: &str, opens: &Opens) -> Option<AnyView> {
    let title = line.to_owned();
    match opens {
        Opens::Nothing => None,
        Opens::Rows(of) => Some(view! { <RowsButton title=title of=of.clone()/> }.into_any()),
        Opens::Object(place) => Some(view! { <ObjectButton of=TextOf::Object(place.clone()) title=title/> }.into_any()),
        Opens::Metric(point) => Some(view! { <ObjectButton of=TextOf::Metric(point.clone()) title=title/> }.into_any()),
        Opens::Input(path) => Some(of_input(path)),
    }
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
