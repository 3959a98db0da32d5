//! The row above the picture: what it is grouped by, what edges are as wide as, level of detail, the lane of services; zoom.

use super::Picture;
use crate::frame::Icon;
use crate::state::use_view;
use crate::wording;
use leptos::prelude::*;
use underlay_scene::level::Level;
use underlay_scene::{Grouping, Measure};

/// A choice among few: label, options, what is chosen, and what a choice does.
fn choice(
    label: &'static str,
    spoken: &'static str,
    options: Vec<&'static str>,
    chosen: Signal<&'static str>,
    choose: Box<dyn Fn(String)>,
) -> impl IntoView {
    view! {
        <label class="dd">
            <span>{label}</span>
            <select
                aria-label=spoken
                data-testid=label
                prop:value=move || chosen.get()
                on:change=move |event| choose(event_target_value(&event))
            >
                {options
                    .into_iter()
                    .map(|name| view! { <option value=name selected=move || chosen.get() == name>{name}</option> })
                    .collect_view()}
            </select>
        </label>
    }
}

/// A switch that lights while it is on: word, what it does, its name for tests, whether it is on, and what a press does.
pub fn switch(
    word: &'static str,
    title: &'static str,
    name: &'static str,
    is_on: Signal<bool>,
    press: Box<dyn Fn()>,
) -> impl IntoView {
    view! {
        <button
            class="lg"
            class:on=is_on
            aria-pressed=move || is_on.get().to_string()
            title=title
            data-testid=name
            on:click=move |_| press()
        >
            {word}
        </button>
    }
}

/// The controls.
#[component]
pub fn Controls() -> impl IntoView {
    let view = use_view();
    let picture = expect_context::<Picture>();
    let grouping = choice(
        "Group by",
        "What things are grouped by",
        Grouping::ALL.map(Grouping::label).to_vec(),
        Signal::derive(move || view.looking.with(|looking| looking.grouping.label())),
        Box::new(move |name| view.looking.update(|looking| looking.grouping = Grouping::of(&name).unwrap_or_default())),
    );
    let width = choice(
        "Width",
        "What edges are as wide as",
        Measure::ALL.map(Measure::label).to_vec(),
        Signal::derive(move || view.looking.with(|looking| looking.measure.label())),
        Box::new(move |name| view.looking.update(|looking| looking.measure = Measure::of(&name).unwrap_or_default())),
    );
    let levels = [vec!["by zoom"], Level::ALL.map(Level::label).to_vec()].concat();
    let detail = choice(
        "Detail",
        "Level of detail",
        levels,
        Signal::derive(move || picture.pinned.get().map_or("by zoom", Level::label)),
        Box::new(move |name| picture.pinned.set(Level::ALL.into_iter().find(|level| level.label() == name))),
    );
    let services = switch(
        "Services",
        "Routes and services between gateway and nodes (R)",
        "services",
        Signal::derive(move || view.looking.with(|looking| looking.services)),
        Box::new(move || view.looking.update(|looking| looking.services = !looking.services)),
    );
    let left_out = move || {
        let number = picture.news.with(|news| news.left_out);
        (number > 0).then(|| {
            let edges = wording::counted(number, "small edge is", "small edges are");
            let title = format!("{edges} left out to keep the picture readable; the table has them all");
            view! { <span class="rest" title=title>{format!("{} not drawn", wording::count(number))}</span> }
        })
    };
    view! {
        <div class="ctl left">
            {grouping} {width} {detail} {services}
        </div>
        <div class="ctl right">
            {left_out}
            <button
                class="ib"
                aria-label="Zoom out"
                title="Zoom out (-)"
                on:click=move |_| picture.stage().zoom(0.8, None, true)
            >
                <Icon name="minus"/>
            </button>
            <span class="zoom">{move || format!("{}%", picture.news.with(|news| news.zoom))}</span>
            <button
                class="ib"
                aria-label="Zoom in"
                title="Zoom in (+)"
                on:click=move |_| picture.stage().zoom(1.25, None, true)
            >
                <Icon name="plus"/>
            </button>
            <button class="ib" aria-label="Fit" title="Fit (0)" on:click=move |_| picture.stage().fit(true)>
                <Icon name="fit"/>
            </button>
        </div>
    }
}
