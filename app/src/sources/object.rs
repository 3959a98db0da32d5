//! The object behind a line of evidence: its own lines, read again from the file, with the field that matters marked and in view.

use crate::frame::Sheet;
use crate::state::use_capture;
use crate::wording::{self, count};
use leptos::html::Pre;
use leptos::prelude::*;
use underlay_model::sources::{ObjectPlace, Snippet, TextOf};

/// Of the text before the mark so many pixels stay in view.
const ABOVE: i32 = 96;

/// Opens the object that says so.
#[component]
pub fn ObjectButton(
    /// An object, or the value of a metric.
    of: TextOf,
    /// What it is about, for those who do not see where the button stands.
    title: String,
    /// What the button says.
    #[prop(into, default = "Source".to_owned())]
    words: String,
) -> impl IntoView {
    let capture = use_capture();
    let path = match &of {
        TextOf::Object(place) => place.path.clone(),
        _ => String::new(),
    };
    let file = if path.is_empty() { "the file" } else { &path };
    let label =
        if path.is_empty() { [&words, ": ", &title].concat() } else { [&words, ": ", &title, ", in ", file].concat() };
    let hint = ["Show it as it stands in ", file].concat();
    view! {
        <button
            class="link rows"
            data-testid="object"
            aria-label=label
            title=hint
            on:click=move |_| capture.toggle_snippet(of.clone())
        >
            {words}
        </button>
    }
}

/// File, line and byte, and which copies do not count.
fn place_words(place: &ObjectPlace, snippet: Option<&Snippet>) -> [String; 2] {
    let mut at = match snippet.and_then(|snippet| snippet.line) {
        Some(line) => format!("line {}, byte {}", count(line), count(place.byte)),
        None => format!("byte {}", count(place.byte)),
    };
    if !place.field.is_empty() {
        at.push_str(&format!(", at {}", place.field.replace('/', ".")));
    }
    let others = match place.copies.as_slice() {
        [] => String::new(),
        copies => format!("Also in {}: the newest copy counts, of equal ones the last file's.", copies.join(", ")),
    };
    [at, others]
}

/// The text, scrolled to what is marked.
fn text(snippet: Snippet) -> impl IntoView {
    let [before, mark, after] = snippet.parts;
    let shown = NodeRef::<Pre>::new();
    Effect::new(move |_| {
        let Some(pre) = shown.get() else { return };
        if let Some(marked) = pre.query_selector("mark").ok().flatten() {
            marked.scroll_into_view();
            pre.set_scroll_top(pre.scroll_top() - ABOVE);
        }
    });
    let mark = (!mark.is_empty()).then(|| view! { <mark>{mark}</mark> });
    view! {
        <pre class="snip mono whole" node_ref=shown tabindex="0" aria-label="Text of the object" data-testid="object-text">
            {before}{mark}{after}
        </pre>
    }
}

/// An input as a whole.
fn input_place(number: u32) -> ObjectPlace {
    let path = use_capture()
        .report
        .with(|report| report.inputs.iter().find(|input| input.number == number).map(|input| input.path.clone()));
    let path = path.unwrap_or_default();
    ObjectPlace { name: wording::path_end(&path, 60), path, ..ObjectPlace::default() }
}

/// What the text is of, once that is known.
fn place_of(of: &TextOf, snippet: Option<&Snippet>) -> ObjectPlace {
    match (of, snippet.and_then(|snippet| snippet.place.as_ref())) {
        (_, Some(place)) | (TextOf::Object(place), None) => place.clone(),
        (TextOf::Metric(point), None) => ObjectPlace { name: point.metric.clone(), ..ObjectPlace::default() },
        (TextOf::Input(number), _) => input_place(*number),
        (TextOf::Around { .. }, None) => ObjectPlace::default(),
    }
}

/// The sheet with the object; open while one is asked for.
#[component]
pub fn ObjectSheet() -> impl IntoView {
    let capture = use_capture();
    let shown = move || {
        let (of, snippet) = capture.snippet.get()?;
        let is_object = !matches!(of, TextOf::Around { .. });
        is_object.then(|| (place_of(&of, snippet.as_ref()), snippet))
    };
    let open = Memo::new(move |_| shown().is_some());
    let title = Memo::new(move |_| shown().map(|(place, _)| place.name).unwrap_or_default());
    let close = move |()| {
        if open.get_untracked() {
            capture.snippet.set(None);
        }
    };
    let body = move || {
        let (place, snippet) = shown()?;
        let [at, others] = place_words(&place, snippet.as_ref());
        let read = match snippet {
            None => view! { <p class="faint">"Reading it again from the file"</p> }.into_any(),
            Some(Snippet { trouble: Some(trouble), .. }) => {
                view! { <p class="t-failing" role="alert">{trouble}</p> }.into_any()
            }
            Some(snippet) => text(snippet).into_any(),
        };
        let head = (!place.path.is_empty()).then(|| {
            view! {
                <div class="src-head">
                    <b class="mono">{place.path}</b>
                    <span data-testid="object-place">{at}</span>
                </div>
            }
        });
        Some(view! {
            {head}
            {(!others.is_empty()).then(|| view! { <p>{others}</p> })}
            {read}
        })
    };
    view! {
        <Sheet name="object-sheet" class="sources object" open=open.into() close=Callback::new(close) title=title.into()>
            {body}
        </Sheet>
    }
}
