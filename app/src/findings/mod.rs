//! The rail at the left: what the checks found, the checks themselves, and the pods that are not healthy by what their
//! witnesses say.

mod link;
mod list;

pub use link::{FindingsOf, marked, name, open, open_in_rail, step};

use crate::frame::{Glyph, Icon};
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

/// The rail.
#[component]
pub fn Rail() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let states = Memo::new(move |_| {
        capture.topology.with(|topology| topology.as_ref().map_or([0; 4], |topology| topology.pods_by_state))
    });
    let list = move || {
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
        let rows = pods
            .into_iter()
            .take(MOST)
            .map(|pod| {
                let (shared, own) = wording::distinguishing(&pod.name);
                let (shared, own) = (shared.to_owned(), own.to_owned());
                let key = pod.key.clone();
                let selected_key = pod.key.clone();
                let selected = move || {
                    view.selection
                        .with(|selection| selection.as_ref().and_then(Selection::entity) == Some(&selected_key))
                };
                view! {
                    <li>
                        <button
                            aria-pressed=move || selected().to_string()
                            on:click=move |_| {
                                view.select(key.clone());
                                view.camera_wanted.set(Some(CameraWish::Show(key.clone())));
                                view.rail_open.set(false);
                            }
                        >
                            <Glyph name=wording::health_glyph(pod.health)/>
                            <span class="ti">
                                <span class="dim">{shared}</span>
                                {own}
                                <span class="sr">{format!(", {}", wording::health(pod.health))}</span>
                            </span>
                            <span class="su mono">{pod.detail.clone()}</span>
                        </button>
                    </li>
                }
            })
            .collect_view();
        view! {
            <ul class="find">{rows}</ul>
            {(more > 0).then(|| view! { <p class="rail-note">{format!("and {} more", wording::count(more as u64))}</p> })}
        }
        .into_any()
    };
    let state_counts = move || {
        let [healthy, degraded, failing, unknown] = states.get();
        [
            ("fail", failing, "failing"),
            ("warn", degraded, "degraded"),
            ("ok", healthy, "healthy"),
            ("unk", unknown, "unknown"),
        ]
        .map(|(glyph, number, name)| {
            view! {
                <span class="cnt" title=format!("{number} {name}")>
                    <Glyph name=glyph class="s12"/>
                    {wording::count(number)}
                    <span class="sr">{name}</span>
                </span>
            }
        })
        .collect_view()
    };
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
                {state_counts}
            </div>
            <div class="rail-body">
                <div class="rh">
                    <h2>"Findings"</h2>
                    <span class="sp"></span>
                    <list::Counts/>
                    <button class="ib rail-close" aria-label="Close" on:click=move |_| view.rail_open.set(false)>
                        <Icon name="x"/>
                    </button>
                </div>
                <div class="rail-list" data-testid="rail-list" tabindex="-1">
                    {move || {
                        view.range
                            .get()
                            .map(|range| {
                                let zone = wording::clock::zone(range.first);
                                let words = format!(
                                    "Flows and probes of {} {zone}; objects, files and states of pods of the whole capture.",
                                    wording::range(range),
                                );
                                view! { <p class="faint rail-note" data-testid="rail-scope">{words}</p> }
                            })
                    }}
                    <list::FindingsList/>
                    <list::ChecksList/>
                    <div class="rh">
                        <h2>"Pods"</h2>
                        <span class="sp"></span>
                        {state_counts}
                    </div>
                    {list}
                </div>
            </div>
        </aside>
    }
}
