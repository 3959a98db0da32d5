//! The row above the picture: level of detail, what the marks mean, zoom.

use super::Picture;
use crate::frame::{Glyph, Icon};
use leptos::prelude::*;
use underlay_scene::level::Level;

/// The controls.
#[component]
pub fn Controls() -> impl IntoView {
    let picture = expect_context::<Picture>();
    let pin = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        picture.pinned.set(Level::ALL.into_iter().find(|level| level.label() == value));
    };
    let state = |glyph: &'static str, name: &'static str| {
        view! {
            <span>
                <Glyph name=glyph class="s12"/>
                {name}
            </span>
        }
    };
    view! {
        <div class="ctl left">
            <label class="dd">
                "Detail"
                <select on:change=pin aria-label="Level of detail">
                    <option value="" selected=true>"by zoom"</option>
                    {Level::ALL
                        .map(|level| view! { <option value=level.label()>{level.label().to_lowercase()}</option> })
                        .collect_view()}
                </select>
            </label>
        </div>
        <div class="ctl states" aria-hidden="true">
            {state("ok", "healthy")}{state("warn", "degraded")}{state("fail", "failing")}{state("unk", "unknown")}
        </div>
        <div class="ctl right">
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
