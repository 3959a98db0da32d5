//! The row below the picture: what the lines mean, how many flows each kind has, and the switch that shows or hides it.

use super::Picture;
use crate::frame::Icon;
use crate::state::{LAYERS, use_view};
use crate::wording;
use leptos::prelude::*;
use underlay_model::view::EdgeKind;

/// A sample of the line, in the legend's box of 30 by 12.
fn sample(kind: EdgeKind) -> impl IntoView {
    let (class, path) = match kind {
        EdgeKind::User => ("k user", "M0 6h30"),
        EdgeKind::Probe => ("k probe", "M2 6h27"),
        EdgeKind::Denied => ("k denied", "M0 6h9M21 6h9M12 3l6 6M18 3l-6 6M15 .8a5.2 5.2 0 1 0 .01 0z"),
        EdgeKind::Absent => ("k absent", "M0 6h30"),
        EdgeKind::Platform | EdgeKind::Egress => ("k quiet", "M0 6h30"),
        EdgeKind::Internal => ("k internal", "M0 6h30"),
        EdgeKind::Inferred => ("k inferred", "M0 6h26M22 2.5l4.5 3.5-4.5 3.5"),
    };
    view! {
        <svg class=class viewBox="0 0 30 12" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}

/// The legend. Kinds that the capture does not have are left out.
#[component]
pub fn Legend() -> impl IntoView {
    let view = use_view();
    let picture = expect_context::<Picture>();
    let counts = Memo::new(move |_| picture.kinds());
    let number =
        move |kind: EdgeKind| counts.with(|counts| counts.iter().find(|(k, _)| *k == kind).map_or(0, |(_, n)| *n));
    let entries = LAYERS
        .map(|kind| {
            let hidden = move || view.hidden.with(|hidden| hidden.contains(&kind));
            view! {
                <Show when=move || { number(kind) > 0 || hidden() && counts.with(|c| c.iter().any(|(k, _)| *k == kind)) }>
                    <button
                        class="lg"
                        class:off=hidden
                        aria-pressed=move || (!hidden()).to_string()
                        on:click=move |_| view.toggle_layer(kind)
                    >
                        {sample(kind)}
                        {wording::layer(kind)}
                        " "
                        <small>{move || wording::count(number(kind))}</small>
                        <Show when=hidden>
                            <Icon name="eyeoff"/>
                        </Show>
                    </button>
                </Show>
            }
        })
        .collect_view();
    view! {
        <div class="legend" role="group" aria-label="Layers and legend">
            {entries}
        </div>
    }
}
