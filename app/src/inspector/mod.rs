//! Who the selected thing is, how healthy and by which witness, its traffic over time and by peer; or the same of an edge.
//! Sections appear as their answers come; nothing is computed here.

mod edge;
mod entity;
mod evidence;
mod probes;
mod traffic;

use crate::frame::Icon;
use crate::state::{Selection, use_capture, use_view};
use crate::topology::Actions;
use crate::wording::{self, sentences};
use leptos::prelude::*;
use underlay_model::view::EdgeKind;

/// What a peer or an edge is, as a word with the colour of its line.
fn kind_mark(kind: EdgeKind) -> impl IntoView {
    let class = match kind {
        EdgeKind::User => "user",
        EdgeKind::Probe => "probe",
        EdgeKind::Denied => "denied",
        EdgeKind::Absent => "absent",
        EdgeKind::Internal => "internal",
        EdgeKind::Platform | EdgeKind::Egress | EdgeKind::Inferred => "quiet",
    };
    view! { <span class=format!("kind {class}")>{wording::edge_kind(kind)}</span> }
}

/// Closes the panel.
#[component]
fn CloseButton() -> impl IntoView {
    let view = use_view();
    view! {
        <button class="ib" aria-label="Close" title="Close (Esc)" on:click=move |_| view.deselect()>
            <Icon name="x"/>
        </button>
    }
}

/// What stands there while an answer is on its way, and when there is none.
#[component]
fn Waiting(title: String) -> impl IntoView {
    let capture = use_capture();
    let known = capture.generation.get_untracked() > 0;
    view! {
        <div class="ih">
            <div class="r1">
                <span class="sp"></span>
                <CloseButton/>
            </div>
            <h2>{title}</h2>
        </div>
        <div class="blk waiting">{if known { sentences::NO_SUCH_THING } else { "" }}</div>
    }
}

/// The panel at the right; closed while nothing is selected.
#[component]
pub fn Inspector() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let body = move || {
        view.selection.get().map(|selection| match selection {
            Selection::Entity(key) => {
                let detail = move || capture.detail.get();
                let title = key.0.split_once(':').map_or(key.0.clone(), |(_, name)| name.to_owned());
                let panel = move || match detail() {
                    Some(detail) => view! { <entity::EntityPanel detail=detail/> }.into_any(),
                    None => view! { <Waiting title=title.clone()/> }.into_any(),
                };
                panel.into_any()
            }
            Selection::Edge { source, target, kind } => {
                view! { <edge::EdgePanel source=source target=target kind=kind/> }.into_any()
            }
        })
    };
    view! {
        <aside
            class="insp"
            class:hidden=move || view.group.get() || view.selection.with(Option::is_none)
            aria-label="Inspector"
            data-testid="inspector"
        >
            <div class="insp-body" tabindex="0" role="group" aria-label="Details">
                {body}
            </div>
            <Actions/>
        </aside>
    }
}
