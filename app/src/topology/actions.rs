//! What can be done with the selection in the picture, as buttons and as keys: go nearer, fold, put away, keep alone, see the way to it,
//! see it in the table. And what has been put away, said with a way back.

use super::Picture;
use crate::state::{Screen, Selection, View, toggle, use_view};
use crate::wording::counted;
use leptos::prelude::*;
use underlay_model::view::EntityKey;
use underlay_scene::{Grouping, Target};

/// Every selected thing.
fn selected(view: View) -> Vec<EntityKey> {
    let mut keys = view.also.get_untracked();
    keys.extend(view.selection.get_untracked().and_then(|selection| selection.entity().cloned()));
    keys
}

/// Takes what is selected out of the picture.
pub fn hide(view: View) {
    let keys = selected(view);
    if !keys.is_empty() {
        view.deselect();
        view.looking.update(|looking| looking.away.extend(keys));
    }
}

/// Draws what is selected alone, with what it talks to; or everything again.
pub fn only(view: View) {
    let keys = selected(view);
    view.looking.update(|looking| looking.only = if looking.only == keys { Vec::new() } else { keys });
}

/// Folds the selected container, or unfolds it.
pub fn fold(picture: Picture, view: View) {
    for key in selected(view) {
        let can = picture.find(&key).and_then(|at| picture.stage().with_scene(|scene| scene.collapsible(at)).flatten());
        if can.is_some() {
            view.looking.update(|looking| toggle(&mut looking.collapsed, key));
        }
    }
}

/// Draws only the way to the selection, with routes and services on it; or everything again.
pub fn path(view: View) {
    view.looking.update(|looking| {
        looking.path = !looking.path;
        looking.services |= looking.path;
    });
}

/// Brings back everything that was put away.
pub fn show_all(view: View) {
    view.looking.update(|looking| {
        looking.away.clear();
        looking.only.clear();
        looking.way.clear();
        looking.path = false;
    });
}

/// Groups by the next of the groupings.
pub fn next_grouping(view: View) {
    view.looking.update(|looking| {
        let at = Grouping::ALL.iter().position(|&grouping| grouping == looking.grouping).unwrap_or(0);
        looking.grouping = Grouping::ALL.get(at + 1).copied().unwrap_or_default();
    });
}

fn button(words: &'static str, title: &'static str, act: Box<dyn Fn()>) -> impl IntoView {
    view! { <button class="btn small" title=title on:click=move |_| act()>{words}</button> }
}

/// What can be done with the selection, at the foot of the panel that tells of it: over the picture it would cover some of it.
#[component]
pub fn Actions() -> impl IntoView {
    let view = use_view();
    let picture = expect_context::<Picture>();
    let folding = move || {
        picture.version.track();
        let key = view.selection.get().and_then(|selection| selection.entity().cloned())?;
        let at = picture.find(&key)?;
        picture.stage().with_scene(|scene| scene.collapsible(at)).flatten()
    };
    let bar = move || {
        let selection = view.selection.get();
        let thing = matches!(selection, Some(Selection::Entity(_))) && view.screen.get() == Screen::Topology;
        let more = view.also.with(Vec::len);
        let fold_words = folding().map(|folded| if folded { "Expand" } else { "Collapse" });
        let alone = view.looking.with(|looking| !looking.only.is_empty());
        let way = view.looking.with(|looking| looking.path);
        thing.then(|| {
            view! {
                {(more > 0).then(|| view! { <span>{counted(more as u64 + 1, "thing", "things")}</span> })}
                {button("Zoom to", "Zoom to the selection (Enter)", Box::new(move || {
                    let key = view.selection.get_untracked().and_then(|selection| selection.entity().cloned());
                    if let Some(at) = key.and_then(|key| picture.find(&key)) {
                        picture.stage().zoom_to(Target::Entity(at));
                    }
                }))}
                {fold_words.map(|words| button(words, "Draw without, or with, what it holds (C)", Box::new(move || fold(picture, view))))}
                {button("Hide", "Take out of the picture (H)", Box::new(move || hide(view)))}
                {button(if alone { "Everything" } else { "Only this" }, "With what it talks to, nothing else (O)", Box::new(move || only(view)))}
                {button(if way { "All edges" } else { "Path" }, "Only the way to it: client, front end, instance, route, service, pod (L)", Box::new(move || path(view)))}
                {button("In table", "The same selection in the table (T)", Box::new(move || view.screen.set(Screen::Table)))}
            }
        })
    };
    view! { <div class="acts-bar" role="toolbar" aria-label="Selection" data-testid="actions">{bar}</div> }
}

/// What has been put away, with a way back: in the legend, where it is seen whatever is selected.
#[component]
pub fn WhatIsAway() -> impl IntoView {
    let view = use_view();
    let words = move || {
        let (away, only, way) =
            view.looking.with(|looking| (looking.away.len(), looking.only.len(), looking.way.len()));
        (away + only + way > 0).then(|| {
            let words = match (away, only) {
                _ if way > 0 => "Only one way is drawn".to_owned(),
                (away, 0) => format!("{} hidden", counted(away as u64, "thing is", "things are")),
                (_, only) => format!("Only {} and what it talks to", counted(only as u64, "thing", "things")),
            };
            view! {
                <span class="away" data-testid="away">
                    {words}
                    {button("Show all", "Bring back what was put away (U)", Box::new(move || show_all(view)))}
                </span>
            }
        })
    };
    view! { {words} }
}
