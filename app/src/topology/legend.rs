//! The row below the picture: what the lines mean and what the marks do, how many of each are in the picture, and the switch that
//! shows or hides them. While encryption is asked for, what its lines mean.

use super::Picture;
use super::actions::WhatIsAway;
use super::controls::switch;
use crate::frame::{Glyph, Icon};
use crate::sources::RowsButton;
use crate::state::{LAYERS, use_view};
use crate::wording;
use leptos::prelude::*;
use underlay_model::health::HealthState;
use underlay_model::sources::SourceOf;
use underlay_model::view::EdgeKind;
use underlay_scene::display::encryption::{self, Encryption};
use underlay_scene::overview;

/// A sample of the line, in the legend's box of 20 by 12.
fn sample(kind: EdgeKind) -> impl IntoView {
    let (class, path) = match kind {
        EdgeKind::User => ("k user", "M0 6h20"),
        EdgeKind::Probe => ("k probe", "M1 6h19"),
        EdgeKind::Denied => ("k denied", "M0 6h4M16 6h4M7 3l6 6M13 3l-6 6M10 .8a5.2 5.2 0 1 0 .01 0z"),
        EdgeKind::Absent => ("k absent", "M0 6h20"),
        EdgeKind::Platform | EdgeKind::Egress => ("k quiet", "M0 6h20"),
        EdgeKind::Internal => ("k internal", "M0 6h20"),
        EdgeKind::Inferred => ("k inferred", "M0 6h16M13 2.5l4.5 3.5-4.5 3.5"),
    };
    line(class, path)
}

fn line(class: &'static str, path: &'static str) -> impl IntoView {
    view! {
        <svg class=class viewBox="0 0 20 12" aria-hidden="true">
            <path d=path></path>
        </svg>
    }
}

/// What the lines of an encryption state look like.
fn strands(state: Encryption) -> impl IntoView {
    match state {
        Encryption::Encrypted => line("k encrypted", "M0 4h20M0 8h20"),
        Encryption::Partly => line("k partly", "M0 4h20M0 8h5M8 8h4M15 8h5"),
        Encryption::Clear => line("k clear", "M0 6h20"),
        Encryption::Unknown => line("k dots", "M1 6h19"),
    }
}

/// A mark with how many pods wear it; a press fades them.
fn state(state: HealthState) -> impl IntoView {
    let view = use_view();
    let picture = expect_context::<Picture>();
    let bit = 1u8 << state as u8;
    let muted = move || view.looking.with(|looking| looking.muted & bit != 0);
    let count = Memo::new(move |_| {
        picture.version.track();
        let counts = picture.stage().with_scene(overview::states_shown).unwrap_or_default();
        counts.get(state as usize).copied().unwrap_or(0)
    });
    let words = move || {
        let pods = wording::counted(count.get(), "pod is ", "pods are ");
        pods + &wording::health(state).to_ascii_lowercase()
    };
    view! {
        <button
            class="lg"
            class:off=muted
            class:hidden=move || count.get() == 0 && !muted()
            aria-pressed=move || (!muted()).to_string()
            aria-label=words
            title=words
            on:click=move |_| view.looking.update(|looking| looking.muted ^= bit)
        >
            <Glyph name=wording::health_glyph(state) class="s12"/>
            {move || wording::count(count.get())}
            <Show when=muted>
                <Icon name="eyeoff"/>
            </Show>
        </button>
    }
}

/// A state of encryption with how many edges have it; a press takes them out of the picture, or brings them back.
fn encryption_entry(state: Encryption, edges: u64) -> impl IntoView {
    let view = use_view();
    let bit = 1u8 << state as u8;
    let off = move || view.looking.with(|looking| looking.encryption_off & bit != 0);
    view! {
        <button
            class="lg"
            class:off=off
            aria-pressed=move || (!off()).to_string()
            title="Show or hide edges in this state of encryption"
            data-testid="encryption-state"
            on:click=move |_| view.looking.update(|looking| looking.encryption_off ^= bit)
        >
            {strands(state)}
            {state.label()}
            " "
            <small>{wording::count(edges)}</small>
            <Show when=off>
                <Icon name="eyeoff"/>
            </Show>
        </button>
    }
}

/// How many flows or attempts of a kind there are, with the way to their rows; of what no flow is behind, how many edges.
fn amount(kind: EdgeKind, number: u64) -> AnyView {
    let words = wording::count(number);
    if number == 0 || matches!(kind, EdgeKind::Absent | EdgeKind::Inferred) {
        return view! { <small>{words}</small> }.into_any();
    }
    view! { <small><RowsButton title=wording::layer(kind).to_owned() of=SourceOf::Layer(kind) words=words/></small> }
        .into_any()
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
                        title=move || format!("{}: {}", wording::count(number(kind)), wording::layer_means(kind))
                        on:click=move |_| view.toggle_layer(kind)
                    >
                        {sample(kind)}
                        {wording::layer(kind)}
                        <Show when=hidden>
                            <Icon name="eyeoff"/>
                        </Show>
                    </button>
                    {move || amount(kind, number(kind))}
                </Show>
            }
        })
        .collect_view();
    let encryption = move || view.looking.with(|looking| looking.encryption);
    let told = Memo::new(move |_| {
        picture.version.track();
        let counts = encryption().then(|| picture.stage().with_scene(encryption::counts)).flatten();
        counts.unwrap_or_default()
    });
    let states = move || {
        encryption().then(|| {
            Encryption::ALL
                .into_iter()
                .zip(told.get())
                .filter(|(_, edges)| *edges > 0)
                .map(|(state, edges)| encryption_entry(state, edges))
                .collect_view()
        })
    };
    let telling = switch(
        "Encryption",
        "Tell by its line whether traffic was encrypted on the way (E)",
        "encryption",
        Signal::derive(encryption),
        Box::new(move || view.looking.update(|looking| looking.encryption = !looking.encryption)),
    );
    view! {
        <div class="legend" role="group" aria-label="Legend and layers">
            <div class="legend-row">
                {entries}
                {telling}
                {states}
                <span class="sp"></span>
                <WhatIsAway/>
                <span class="states" role="group" aria-label="Pods by state">
                    {state(HealthState::Healthy)}
                    {state(HealthState::Degraded)}
                    {state(HealthState::Failing)}
                    {state(HealthState::Unknown)}
                </span>
            </div>
        </div>
    }
}
