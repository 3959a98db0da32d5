//! The picture as a tree, for the keyboard and for assistive technology. One stop of the Tab key; arrows walk the graph as the
//! scene knows it, Enter selects and then goes nearer. Only the branch that has the focus is in the document.

use super::Picture;
use super::pointer::also_select;
use super::stage::selection_of;
use crate::state::{Selection, View, use_view};
use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;
use underlay_scene::keyboard::{Arrow, step, tree_children, tree_item, tree_path, words};
use underlay_scene::{Scene, Target};
use web_sys::KeyboardEvent;

/// Items of one level that are in the document at a time, around the one that has the focus.
const MOST: usize = 60;

/// A row of the tree.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    target: Target,
    words: String,
    level: usize,
    place: usize,
    of: usize,
    /// Open, closed, or without items below.
    expanded: Option<bool>,
}

fn id(target: Target) -> String {
    match target {
        Target::Entity(at) => format!("tree-e{at}"),
        Target::Edge(at) => format!("tree-f{at}"),
    }
}

fn add_level(scene: &Scene, of: Option<u32>, level: usize, branch: &[u32], focus: Option<Target>, rows: &mut Vec<Row>) {
    let items = tree_children(scene, of);
    let here = items.iter().position(|&item| {
        Some(item) == focus || matches!((item, branch.get(level)), (Target::Entity(a), Some(b)) if a == *b)
    });
    let from = here.unwrap_or(0).saturating_sub(MOST / 2);
    let number = items.len();
    for (place, target) in items.into_iter().enumerate().skip(from).take(MOST) {
        let item = tree_item(scene, target);
        let open = here == Some(place) && item.has_children;
        rows.push(Row {
            target,
            words: item.words,
            level: level + 1,
            place: place + 1,
            of: number,
            expanded: item.has_children.then_some(open),
        });
        if let (true, Target::Entity(entity)) = (open, target) {
            add_level(scene, Some(entity), level + 1, branch, focus, rows);
        }
    }
}

/// Where the keyboard is in the tree, and where its keys lead.
#[derive(Clone, Copy)]
struct Walk {
    picture: Picture,
    view: View,
    focus: Memo<Option<Target>>,
}

impl Walk {
    fn new() -> Self {
        let picture = expect_context::<Picture>();
        let focus = Memo::new(move |_| {
            picture.version.track();
            picture.focus.get().and_then(|focus| picture.resolve(&focus))
        });
        Self { picture, view: use_view(), focus }
    }

    /// The branch that has the focus, open.
    fn rows(self) -> Vec<Row> {
        self.picture.version.track();
        let focus = self.focus.get();
        let rows = self.picture.stage().with_scene(|scene| {
            let mut rows = Vec::new();
            let branch = focus.map(|focus| tree_path(scene, focus)).unwrap_or_default();
            add_level(scene, None, 0, &branch, focus, &mut rows);
            rows
        });
        rows.unwrap_or_default()
    }

    fn go(self, target: Option<Target>) {
        let stage = self.picture.stage();
        let selection = target.and_then(|target| stage.with_scene(|scene| selection_of(scene, target)).flatten());
        if selection.is_some() {
            self.picture.focus.set(selection);
        }
    }

    fn step(self, arrow: Arrow) {
        let at = self.focus.get_untracked();
        self.go(self.picture.stage().with_scene(|scene| step(scene, at, arrow)).flatten());
    }

    /// To the first or last item beside the one that has the focus.
    fn to_end_of_level(self, first: bool) {
        let at = self.focus.get_untracked();
        let end = self.picture.stage().with_scene(|scene| {
            let outer = at.and_then(|at| underlay_scene::keyboard::out(scene, at));
            let outer = outer.and_then(|outer| if let Target::Entity(thing) = outer { Some(thing) } else { None });
            let level = tree_children(scene, outer);
            if first { level.first().copied() } else { level.last().copied() }
        });
        self.go(end.flatten());
    }

    /// Selects what has the focus; what is selected already is gone to.
    fn open(self) {
        let Some(focus) = self.picture.focus.get_untracked() else { return };
        if self.view.selection.with_untracked(|selection| selection.as_ref() != Some(&focus)) {
            self.view.selection.set(Some(focus));
        } else if let Some(target) = self.picture.resolve(&focus) {
            self.picture.stage().zoom_to(target);
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let with_arrow = event.shift_key() && event.key().starts_with("Arrow");
        if event.ctrl_key() || event.meta_key() || event.alt_key() || with_arrow {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" => self.step(Arrow::Left),
            "ArrowRight" => self.step(Arrow::Right),
            "ArrowUp" => self.step(Arrow::Up),
            "ArrowDown" => self.step(Arrow::Down),
            "Home" => self.to_end_of_level(true),
            "End" => self.to_end_of_level(false),
            "Enter" if event.shift_key() => {
                if let Some(Selection::Entity(key)) = self.picture.focus.get_untracked() {
                    also_select(self.view, key);
                }
            }
            "Enter" => self.open(),
            _ => return,
        }
        self.picture.focus_visible.set(true);
        event.prevent_default();
        event.stop_propagation();
    }
}

/// The tree behind the canvas.
#[component]
pub fn TreeMirror() -> impl IntoView {
    let walk = Walk::new();
    let (picture, view, focus) = (walk.picture, walk.view, walk.focus);
    let rows = Memo::new(move |_| walk.rows());
    let active = move || {
        let focus = focus.get()?;
        rows.with(|rows| rows.iter().any(|row| row.target == focus)).then(|| id(focus))
    };
    let selected = Memo::new(move |_| {
        picture.version.track();
        view.selection.get().and_then(|selection: Selection| picture.resolve(&selection))
    });
    let also = Memo::new(move |_| {
        picture.version.track();
        let keys = view.also.get();
        keys.iter().filter_map(|key| picture.find(key)).map(Target::Entity).collect::<Vec<_>>()
    });
    let spoken = move || {
        selected.get().and_then(|target| picture.stage().with_scene(|scene| words(scene, target))).unwrap_or_default()
    };
    view! {
        <ul
            class="tree-mirror"
            class:seen=move || picture.focus_visible.get()
            role="tree"
            tabindex="0"
            data-testid="tree"
            aria-label="Topology. Arrow keys walk, Enter selects, Escape goes out."
            aria-multiselectable="true"
            aria-activedescendant=active
            on:keydown=move |event| walk.key(&event)
            on:focus=move |_| {
                picture.focus_visible.set(true);
                if focus.get_untracked().is_none() {
                    walk.step(Arrow::Down);
                }
            }
            on:blur=move |_| picture.focus_visible.set(false)
        >
            <For
                each=move || rows.get()
                key=|row| (row.target, row.words.clone(), row.level, row.place, row.of, row.expanded)
                let:row
            >
                <li
                    role="treeitem"
                    id=id(row.target)
                    {..custom_attribute("aria-level", row.level.to_string())}
                    aria-posinset=row.place.to_string()
                    aria-setsize=row.of.to_string()
                    aria-expanded=row.expanded.map(|open| open.to_string())
                    aria-selected=move || (selected.get() == Some(row.target) || also.get().contains(&row.target)).to_string()
                    on:click=move |event| {
                        // Assistive technology presses items; the pointer never meets them.
                        event.stop_propagation();
                        walk.go(Some(row.target));
                        view.selection.set(picture.focus.get_untracked());
                    }
                >
                    {row.words.clone()}
                </li>
            </For>
        </ul>
        <p class="sr" role="status">{spoken}</p>
    }
}
