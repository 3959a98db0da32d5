//! The answer, at the top left of the picture: one sentence, and what stands below it. The picture keeps clear of these words.

use super::Picture;
use crate::state::{Capture, Screen, use_capture, use_view};
use crate::wording::sentences;
use leptos::html::Div;
use leptos::prelude::*;
use underlay_scene::geometry::Size;

/// Pixels between the words and the picture below them.
const GAP: f64 = 8.0;

/// Pixels for words where there are so many: not too few to be read, nor lines too long for the eye.
fn words_in(room: u32) -> u32 {
    const MARGIN: u32 = 32;
    match room.saturating_sub(MARGIN) {
        0..220 => 320,
        room => room.min(440),
    }
}

/// The sentence, and those below it.
fn said(capture: Capture) -> Option<(String, Vec<String>)> {
    capture.topology.with(|topology| {
        let topology = topology.as_ref()?;
        let mut lines = topology.sublines.clone();
        let mut headline = topology.headline.clone();
        if topology.entities.is_empty() {
            headline = sentences::NOTHING_TO_DRAW.0.to_owned();
            lines = vec![sentences::NOTHING_TO_DRAW.1.to_owned()];
        } else if topology.edges.is_empty() && capture.report.with(|report| report.tuples.accepted == 0) {
            if headline.is_empty() {
                headline = sentences::NO_FLOWS.0.to_owned();
            }
            lines.push(sentences::NO_FLOWS.1.to_owned());
        } else if topology.total.flows == 0 && topology.total.is_empty() {
            lines.push(sentences::NO_FLOW_IN_RANGE.to_owned());
        }
        Some((headline, lines))
    })
}

/// A line below the answer. What can be declared is declared on the import screen.
fn line(words: String) -> impl IntoView {
    let view = use_view();
    let go = move |_| {
        view.screen.set(Screen::Import);
        crate::frame::focus_soon("declare-gateway");
    };
    let declare = words.contains("Declare it").then(|| {
        view! {
            " "
            <button class="link" data-testid="declare-it" on:click=go>
                "Declare it here"
            </button>
        }
    });
    view! { <p>{words}{declare}</p> }
}

/// The answer, at the top left of the picture: one sentence, and at most three below it.
#[component]
pub fn Headline() -> impl IntoView {
    let element = NodeRef::<Div>::new();
    let capture = use_capture();
    let view = use_view();
    let picture = expect_context::<Picture>();
    let said = Memo::new(move |_| said(capture));
    Effect::new(move |_| {
        let Some(element) = element.get() else { return };
        let stage = picture.stage();
        let measured = element.clone();
        crate::frame::on_resize(&element, move || {
            // Above a picture that was moved it is one line, and on a ground of its own.
            if view.camera.with_untracked(Option::is_some) {
                return;
            }
            // Sizes are small whole numbers of pixels.
            let picture = measured.parent_element().and_then(|around| around.query_selector(".stage").ok()).flatten();
            let Some(picture) = picture.map(|picture| picture.get_bounding_client_rect()) else { return };
            let words = measured.get_bounding_client_rect();
            let (right, bottom) = (words.right() - picture.left(), words.bottom() - picture.top() + GAP);
            stage.set_headline(Size::new(right.max(0.0) as f32, bottom.max(0.0) as f32));
        });
    });
    let body = move || {
        let (headline, lines) = said.get()?;
        Some(view! {
            <h1>{headline}</h1>
            {lines.into_iter().map(line).collect_view()}
        })
    };
    view! {
        <div
            class="headline"
            class:over=move || view.camera.with(Option::is_some)
            data-testid="headline"
            style:max-width=move || format!("{}px", picture.news.with(|news| words_in(news.headline_room)))
            node_ref=element
        >
            {body}
        </div>
    }
}
