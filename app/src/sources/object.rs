//! The object behind a line of evidence: its own lines, read again from the file, with the field that matters marked and in view.

use crate::frame::{Icon, follow_dialog};
use crate::state::use_capture;
use crate::wording::count;
use leptos::html::{Dialog, Pre};
use leptos::prelude::*;
use underlay_model::sources::{ObjectPlace, Snippet, TextOf};

/// Of the text before the mark so many pixels stay in view.
const ABOVE: i32 = 96;

/// Opens the object that says so.
#[component]
pub fn ObjectButton(
    place: ObjectPlace,
    /// What it is about, for those who do not see where the button stands.
    title: String,
    /// What the button says.
    #[prop(default = "Source")]
    words: &'static str,
) -> impl IntoView {
    let capture = use_capture();
    let label = format!("{words}: {title}, in {}", place.path);
    view! {
        <button
            class="link rows"
            data-testid="object"
            aria-label=label
            title=format!("Show it as it stands in {}", place.path)
            on:click=move |_| capture.toggle_snippet(TextOf::Object(place.clone()))
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

/// The sheet with the object; open while one is asked for.
#[component]
pub fn ObjectSheet() -> impl IntoView {
    let capture = use_capture();
    let dialog = NodeRef::<Dialog>::new();
    let open = Memo::new(move |_| capture.snippet.with(|shown| matches!(shown, Some((TextOf::Object(_), _)))));
    follow_dialog(dialog, open.into());
    let close = move || {
        if open.get_untracked() {
            capture.snippet.set(None);
        }
    };
    let body = move || {
        let Some((TextOf::Object(place), snippet)) = capture.snippet.get() else { return None };
        let [at, others] = place_words(&place, snippet.as_ref());
        let read = match snippet {
            None => view! { <p class="faint">"Reading it again from the file"</p> }.into_any(),
            Some(Snippet { trouble: Some(trouble), .. }) => {
                view! { <p class="t-failing" role="alert">{trouble}</p> }.into_any()
            }
            Some(snippet) => text(snippet).into_any(),
        };
        Some(view! {
            <div class="sheet-head">
                <h2 id="object-title">{place.name}</h2>
                <button class="ib" aria-label="Close" on:click=move |_| close()>
                    <Icon name="x"/>
                </button>
            </div>
            <div class="src-head">
                <b class="mono">{place.path}</b>
                <span data-testid="object-place">{at}</span>
            </div>
            {(!others.is_empty()).then(|| view! { <p>{others}</p> })}
            {read}
        })
    };
    view! {
        <dialog
            class="sheet sources object"
            node_ref=dialog
            data-testid="object-sheet"
            aria-labelledby="object-title"
            on:close=move |_| close()
        >
            {body}
        </dialog>
    }
}
