//! The icons and state glyphs: one sprite inlined in the page, so that they follow the theme and cost no request.

use crate::wording;
use leptos::prelude::*;

/// All symbols, `i-<name>`.
pub const SPRITE: &str = include_str!("../../../assets/icons/sprite.svg");

/// A stroked icon of 16 px, for the eye only: what holds it has the name.
#[component]
pub fn Icon(#[prop(into)] name: String) -> impl IntoView {
    view! {
        <svg class="i" aria-hidden="true">
            <use_ href=format!("#i-{name}")></use_>
        </svg>
    }
}

/// A filled state glyph of 14 px, for the eye only: text beside it says the same.
#[component]
pub fn Glyph(#[prop(into)] name: String, #[prop(optional, into)] class: String) -> impl IntoView {
    view! {
        <svg class=format!("g {class}") aria-hidden="true">
            <use_ href=format!("#i-{name}")></use_>
        </svg>
    }
}

/// The boxed letter of a source, with its meaning as title and for screen readers.
#[component]
pub fn SourceLetter(letter: char) -> impl IntoView {
    let meaning = wording::source(letter);
    view! {
        <span class="src" title=meaning>
            <span aria-hidden="true">{letter.to_string()}</span>
            <span class="sr">{format!("Source: {meaning}")}</span>
        </span>
    }
}
