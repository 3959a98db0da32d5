//! The rail at the left: what the checks found, the checks themselves, and the pods that are not healthy by what their
//! witnesses say.

mod checks;
mod link;
mod list;
mod pods;
mod row;
mod when;

pub use link::{FindingsOf, marked, name, open, open_in_rail, step};

use crate::frame::{Glyph, Icon};
use crate::state::use_view;
use crate::wording;
use leptos::prelude::*;

/// A number of a kind, with its symbol.
fn counted(glyph: &'static str, number: u64, name: &'static str) -> impl IntoView {
    view! {
        <span class="cnt" title=[&number.to_string(), " ", name].concat()>
            <Glyph name=glyph class="s12"/>
            {wording::count(number)}
            <span class="sr">{name}</span>
        </span>
    }
}

/// What of the list a time range leaves as it is.
fn scope() -> impl IntoView {
    let view = use_view();
    move || {
        let range = view.range.get()?;
        let zone = wording::clock::zone(range.first);
        let words = format!(
            "Flows and probes of {} {zone}; objects, files and states of pods of the whole capture.",
            wording::range(range),
        );
        Some(view! { <p class="faint rail-note" data-testid="rail-scope">{words}</p> })
    }
}

/// The rail.
#[component]
pub fn Rail() -> impl IntoView {
    let view = use_view();
    view! {
        <aside class="rail" class:open=move || view.rail_open.get() aria-label="Findings and pods">
            <div class="rail-strip">
                <button
                    class="ib"
                    aria-label="Open findings and pods"
                    title="Findings and pods"
                    on:click=move |_| view.rail_open.set(true)
                >
                    <Icon name="chevr"/>
                </button>
                <pods::States/>
            </div>
            <div class="rail-body">
                <div class="rh">
                    <h2>"Findings"</h2>
                    <span class="sp"></span>
                    <checks::Counts/>
                    <button class="ib rail-close" aria-label="Close" on:click=move |_| view.rail_open.set(false)>
                        <Icon name="x"/>
                    </button>
                </div>
                <div class="rail-list" data-testid="rail-list" tabindex="-1">
                    {scope()}
                    <list::FindingsList/>
                    <checks::ChecksList/>
                    <div class="rh">
                        <h2>"Pods"</h2>
                        <span class="sp"></span>
                        <pods::States/>
                    </div>
                    <pods::PodsList/>
                </div>
            </div>
        </aside>
    }
}
