//! What a group of the picture holds: pods by state, its worst members, its traffic. No answer of the capture names a group, so
//! this is counted from the scene, in place of the inspector.

use super::Picture;
use super::actions::Actions;
use crate::frame::{Glyph, Icon};
use crate::sources::RowsButton;
use crate::state::{Selection, use_view};
use crate::wording;
use leptos::prelude::*;
use underlay_model::health::HealthState;
use underlay_model::sources::SourceOf;
use underlay_model::view::EntityKey;
use underlay_scene::Target;
use underlay_scene::overview::GroupSummary;

const STATES: [HealthState; 4] =
    [HealthState::Failing, HealthState::Degraded, HealthState::Unknown, HealthState::Healthy];

/// The panel at the right while a group is selected.
#[component]
pub fn GroupPanel() -> impl IntoView {
    let view = use_view();
    let picture = expect_context::<Picture>();
    let summary = move || -> Option<GroupSummary> {
        picture.version.track();
        let target: Option<Target> =
            view.selection.get().as_ref().and_then(|selection: &Selection| picture.resolve(selection));
        let group = picture.group(target)?;
        picture.stage().with_scene(|scene| scene.summary(group))
    };
    let panel = move || {
        let summary = summary()?;
        let title = summary.name.clone();
        let worst = summary.worst.into_iter().map(|(state, key, name)| worst_row(state, key, name)).collect_view();
        let states = STATES.into_iter().map(|state| {
            let count = summary.states.get(state as usize).copied().unwrap_or(0);
            view! {
                <li class="lg">
                    <Glyph name=wording::health_glyph(state)/>
                    {wording::health(state)}
                    <b>{wording::count(count)}</b>
                </li>
            }
        });
        Some(view! {
            <aside class="insp" aria-label="Group" data-testid="group">
                <div class="insp-body" tabindex="0" role="group" aria-label="Details of the group">
                    <div class="ih">
                        <div class="r1">
                            <span>{summary.kind}</span>
                            <span class="sp"></span>
                            <button class="ib" aria-label="Close" title="Close (Esc)" on:click=move |_| view.deselect()>
                                <Icon name="x"/>
                            </button>
                        </div>
                        <h2>{summary.name}</h2>
                        <p class="faint">{summary.inside}</p>
                    </div>
                    <section class="blk"><h3>"Pods by state"</h3><ul class="plain">{states.collect_view()}</ul></section>
                    <section class="blk"><h3>"Traffic of its pods"</h3><p><RowsButton title=title of=SourceOf::Things(summary.pods) words=summary.traffic/></p></section>
                    <section class="blk"><h3>"Worst first"</h3><ul class="plain">{worst}</ul></section>
                </div>
                <Actions/>
            </aside>
        })
    };
    view! { {panel} }
}

fn worst_row(state: HealthState, key: EntityKey, name: String) -> impl IntoView {
    let view = use_view();
    view! {
        <li>
            <button class="lg" on:click=move |_| view.select(key.clone())>
                <Glyph name=wording::health_glyph(state)/>
                {name}
                <span class="sr">{wording::health(state)}</span>
            </button>
        </li>
    }
}
