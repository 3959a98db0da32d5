//! What the numbers and sentences of the page rest on, as it stands in the files: rows of flow logs and access logs, objects, values
//! of metrics. All is read again from the files' handles when somebody asks.

mod cells;
mod object;
mod rows;

pub use object::{ObjectButton, ObjectSheet};
pub use rows::{RowsButton, SourcesSheet};

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
        Opens::Input(path) => Some(view! { <small class="mono">{path.clone()}</small> }.into_any()),
    }
}
