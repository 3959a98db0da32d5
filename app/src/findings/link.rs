//! How findings and the rest of the page find each other: opening one selects its subject and marks all that it is about; a thing lists
//! the findings about it; keys go through them in the order of the rail.

use super::row::glyph;
use crate::frame::Glyph;
use crate::state::{CameraWish, Capture, View, use_capture, use_view};
use leptos::prelude::*;
use underlay_model::finding::ShownFinding;
use underlay_model::view::EntityKey;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Findings listed at a thing at most.
const MOST: usize = 8;
/// So many frames an open finding is waited for.
const FRAMES: u8 = 60;

/// What a finding is called in the address bar: the same in every load of a capture.
pub fn name(shown: &ShownFinding) -> String {
    [shown.finding.id.as_str(), " ", &shown.finding.subject].concat()
}

/// Opens a finding in the rail and shows its subject in the picture.
pub fn open(view: View, shown: &ShownFinding) {
    view.finding.set(Some(name(shown)));
    if let Some(key) = shown.keys.first() {
        view.select(key.clone());
        view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
    }
}

/// The same from elsewhere on the page: where the rail is folded away it comes out.
pub fn open_in_rail(view: View, shown: &ShownFinding) {
    let folded = window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width < 1024.0);
    if folded {
        view.rail_open.set(true);
    }
    open(view, shown);
}

/// What the open finding is about: marked in the picture.
pub fn marked(view: View, capture: Capture) -> Vec<EntityKey> {
    let Some(open) = view.finding.get() else { return Vec::new() };
    capture.findings.with(|report| {
        let found = report.as_ref().and_then(|report| report.findings.iter().find(|one| name(one) == open));
        found.map(|one| one.keys.clone()).unwrap_or_default()
    })
}

/// Puts the focus on the open finding, so that it is read and in view.
fn focus_open(frames: u8) {
    let found = document().query_selector("[data-finding] > button[aria-expanded='true']").ok().flatten();
    match found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Where the rail is folded away there is nothing to focus.
        Some(element) => drop(element.focus()),
        // Of many like ones it is made some frames later.
        None if frames > 0 => request_animation_frame(move || focus_open(frames - 1)),
        None => {}
    }
}

/// Opens the next finding of the rail, or the one before; around the ends.
pub fn step(view: View, capture: Capture, forward: bool) {
    let Some(report) = capture.findings.get_untracked() else { return };
    let all = &report.findings;
    let open_now = view.finding.get_untracked();
    let at = open_now.and_then(|open| all.iter().position(|one| name(one) == open));
    let wanted = match (at, forward) {
        (Some(at), true) => at + 1,
        (Some(at), false) => at.checked_sub(1).unwrap_or(all.len().saturating_sub(1)),
        (None, true) => 0,
        (None, false) => all.len().saturating_sub(1),
    };
    if let Some(shown) = all.get(wanted).or(all.first()) {
        open(view, shown);
        gloo::timers::callback::Timeout::new(0, || focus_open(FRAMES)).forget();
    }
}

/// The findings about a thing, each a way to the rail; nothing when there are none.
#[component]
pub fn FindingsOf(key: EntityKey) -> impl IntoView {
    let (capture, view) = (use_capture(), use_view());
    move || {
        let report = capture.findings.get()?;
        let mine: Vec<ShownFinding> = report.findings.iter().filter(|one| one.keys.contains(&key)).cloned().collect();
        let more = mine.len().saturating_sub(MOST);
        (!mine.is_empty()).then(|| {
            let number = mine.len();
            let rows = mine.into_iter().take(MOST).map(|shown| row(view, capture, shown)).collect_view();
            view! {
                <section class="blk" data-testid="findings-of">
                    <h3>"Findings"<span class="sp"></span><small>{number}</small></h3>
                    <ul class="ev">{rows}</ul>
                    {(more > 0).then(|| view! { <p class="faint">{format!("and {more} more")}</p> })}
                </section>
            }
        })
    }
}

fn row(view: View, capture: Capture, shown: ShownFinding) -> impl IntoView {
    let (glyph, title) = (glyph(&shown), shown.finding.title.clone());
    let severity = shown.finding.severity.clone();
    let go = move |_| {
        open_in_rail(view, &shown);
    };
    view! {
        <li>
            <Glyph name=glyph/>
            <span>
                <span class="sr">{[severity.as_str(), ": "].concat()}</span>
                <button class="link" on:click=go>{move || capture.said(&title)}</button>
            </span>
        </li>
    }
}
