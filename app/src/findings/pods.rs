//! The pods that are not healthy by what their witnesses say, worst first, and how many there are of each state.

use crate::frame::Glyph;
use crate::state::{CameraWish, Selection, use_capture, use_view};
use crate::wording::{self, sentences};
use leptos::prelude::*;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::view::{Entity, EntityKind};

/// Pods listed at most; the line below says how many more there are.
const MOST: usize = 60;

/// Pods that need a look: worst first, then as in the picture.
fn unwell(entities: &[Entity]) -> Vec<&Entity> {
    let mut pods: Vec<&Entity> = entities
        .iter()
        .filter(|entity| {
            entity.kind == EntityKind::Pod && matches!(entity.health, HealthState::Degraded | HealthState::Failing)
        })
        .collect();
    pods.order_by_key(|pod| std::cmp::Reverse(pod.health));
    pods
}

fn row(pod: &Entity) -> impl IntoView + use<> {
    let view = use_view();
    let (shared, own) = wording::distinguishing(&pod.name);
    let (shared, own) = (shared.to_owned(), own.to_owned());
    let (key, selected_key) = (pod.key.clone(), pod.key.clone());
    let selected =
        move || view.selection.with(|selection| selection.as_ref().and_then(Selection::entity) == Some(&selected_key));
    let select = move |_| {
        view.select(key.clone());
        view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
        view.rail_open.set(false);
    };
    view! {
        <li>
            <button aria-pressed=move || selected().to_string() on:click=select>
                <Glyph name=wording::health_glyph(pod.health)/>
                <span class="ti">
                    <span class="dim">{shared}</span>
                    {own}
                    <span class="sr">{[", ", wording::health(pod.health)].concat()}</span>
                </span>
                <span class="su mono">{pod.detail.clone()}</span>
            </button>
        </li>
    }
}

/// The list.
#[component]
pub fn PodsList() -> impl IntoView {
    let capture = use_capture();
    move || {
        let Some(topology) = capture.topology.get() else {
            return view! { <div class="skeleton" aria-hidden="true"></div> }.into_any();
        };
        let pods = unwell(&topology.entities);
        if pods.is_empty() {
            let words = if topology.pods_by_state.iter().sum::<u64>() == 0 {
                "No pod is named by these files."
            } else if topology.pods_by_state[0] == 0 {
                "No file says how healthy the pods are."
            } else {
                sentences::ALL_PODS_HEALTHY
            };
            return view! { <p class="rail-note">{words}</p> }.into_any();
        }
        let more = pods.len().saturating_sub(MOST);
        let rows = pods.into_iter().take(MOST).map(row).collect_view();
        let more = (more > 0).then(|| ["and ", &wording::count(more as u64), " more"].concat());
        view! {
            <ul class="find">{rows}</ul>
            {more.map(|words| view! { <p class="rail-note">{words}</p> })}
        }
        .into_any()
    }
}

/// How many pods of each state.
#[component]
pub fn States() -> impl IntoView {
    let capture = use_capture();
    let states = Memo::new(move |_| {
        capture.topology.with(|topology| topology.as_ref().map_or([0; 4], |topology| topology.pods_by_state))
    });
    move || {
        let [healthy, degraded, failing, unknown] = states.get();
        [
            ("fail", failing, "failing"),
            ("warn", degraded, "degraded"),
            ("ok", healthy, "healthy"),
            ("unk", unknown, "unknown"),
        ]
        .map(|(glyph, number, name)| super::counted(glyph, number, name))
        .collect_view()
    }
}
