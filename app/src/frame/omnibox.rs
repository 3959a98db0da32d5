//! Find: type a part of a name or an address, pick from what matches, and the picture goes there.

use super::commands::{COMMANDS, Command};
use super::{Glyph, Icon};
use crate::state::{CameraWish, Capture, Screen, View, use_capture, use_view};
use crate::wording;
use leptos::prelude::*;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::view::{Entity, EntityKey};
use wasm_bindgen::JsCast;

const MOST: usize = 8;
/// What a text begins with that looks for a command.
const COMMAND: char = '>';

/// Opens the list of commands.
pub fn open_commands() {
    super::keys::focus("find");
    let field = document().active_element().and_then(|element| element.dyn_into::<web_sys::HtmlInputElement>().ok());
    if let (Some(field), Ok(event)) = (field, web_sys::Event::new("input")) {
        field.set_value(">");
        // Nobody throws while listening.
        let _ = field.dispatch_event(&event);
    }
}

/// What is picked from the list.
#[derive(Clone, PartialEq)]
enum Pick {
    /// The picture goes there.
    Thing(EntityKey),
    /// The press that does it.
    Press(&'static str),
}

/// Commands that hold every word.
fn commands(words: &[String]) -> Vec<Suggestion> {
    let holds = |command: &&Command| words.iter().all(|word| command.what.contains(word.as_str()));
    let can = COMMANDS.iter().filter(|command| !command.press.is_empty() && command.press != "/").filter(holds);
    can.map(|command| Suggestion {
        pick: Pick::Press(command.press),
        name: command.what.to_owned(),
        detail: String::new(),
        kind: command.keys,
        health: None,
    })
    .collect()
}

#[derive(Clone, PartialEq)]
struct Suggestion {
    pick: Pick,
    name: String,
    detail: String,
    kind: &'static str,
    /// None of a command.
    health: Option<HealthState>,
}

/// How well a thing matches: the smaller the better, `None` when it does not.
fn rank(entity: &Entity, words: &[String]) -> Option<u8> {
    let name = entity.name.to_lowercase();
    let detail = entity.detail.to_lowercase();
    let note = entity.note.to_lowercase();
    let mut worst = 0;
    for word in words {
        let one = if name == *word || detail == *word {
            0
        } else if name.starts_with(word.as_str()) || detail.starts_with(word.as_str()) {
            1
        } else if name.ends_with(word.as_str()) {
            2
        } else if name.contains(word.as_str()) || detail.contains(word.as_str()) {
            3
        } else if note.contains(word.as_str()) || entity.group.to_lowercase().contains(word.as_str()) {
            4
        } else {
            return None;
        };
        worst = worst.max(one);
    }
    Some(worst)
}

/// What matches the text, the best first, and how many there are in all.
fn matches(capture: Capture, text: &str) -> (Vec<Suggestion>, usize) {
    let sought = text.strip_prefix(COMMAND);
    let words: Vec<String> = sought.unwrap_or(text).split_whitespace().map(str::to_lowercase).collect();
    if sought.is_some() {
        let found = commands(&words);
        let total = found.len();
        return (found, total);
    }
    let Some(topology) = capture.topology.get().filter(|_| !words.is_empty()) else { return (Vec::new(), 0) };
    let ranked = topology.entities.iter().filter_map(|entity| Some((rank(entity, &words)?, entity)));
    let mut found: Vec<(u8, &Entity)> = ranked.collect();
    found.order_by_key(|(rank, entity)| (*rank, std::cmp::Reverse(entity.traffic.total_bytes()), &entity.key));
    let suggestion = |(_, entity): &(u8, &Entity)| Suggestion {
        pick: Pick::Thing(entity.key.clone()),
        name: entity.name.clone(),
        detail: entity.detail.clone(),
        kind: wording::entity_kind(entity.kind),
        health: Some(entity.health),
    };
    (found.iter().take(MOST).map(suggestion).collect(), found.len())
}

/// The field, and the list of what matches.
#[derive(Clone, Copy)]
struct Field {
    view: View,
    text: RwSignal<String>,
    open: RwSignal<bool>,
    /// Place in the list.
    active: RwSignal<usize>,
    found: Memo<(Vec<Suggestion>, usize)>,
}

impl Field {
    fn new() -> Self {
        let capture = use_capture();
        let text = RwSignal::new(String::new());
        let found = Memo::new(move |_| text.with(|text| matches(capture, text)));
        Self { view: use_view(), text, open: RwSignal::new(false), active: RwSignal::new(0), found }
    }

    fn is_listed(self) -> bool {
        self.open.get() && !self.text.with(|text| text.trim().is_empty())
    }

    fn write(self, text: String) {
        self.text.set(text);
        self.active.set(0);
        self.open.set(true);
    }

    fn go(self, pick: Pick) {
        self.open.set(false);
        self.text.set(String::new());
        super::keys::focus("tree");
        match pick {
            Pick::Press(press) => super::commands::run(press),
            Pick::Thing(key) => {
                self.view.select(key.clone());
                self.view.screen.set(Screen::Topology);
                self.view.camera_wanted.set(Some(CameraWish::Show(key)));
            }
        }
    }

    fn key(self, event: &web_sys::KeyboardEvent) {
        let (list, _) = self.found.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if !list.is_empty() => {
                event.prevent_default();
                self.active.update(|at| *at = (*at + 1) % list.len());
            }
            "ArrowUp" if !list.is_empty() => {
                event.prevent_default();
                self.active.update(|at| *at = (*at + list.len() - 1) % list.len());
            }
            "Enter" => {
                if let Some(one) = list.get(self.active.get_untracked()) {
                    self.go(one.pick.clone());
                }
            }
            "Escape" => {
                event.prevent_default();
                event.stop_propagation();
                if self.text.with_untracked(String::is_empty) {
                    super::keys::focus("tree");
                }
                self.text.set(String::new());
                self.open.set(false);
            }
            _ => {}
        }
    }

    fn option(self, at: usize, one: Suggestion) -> impl IntoView {
        let (active, pick) = (self.active, one.pick);
        view! {
            <li
                role="option"
                id=format!("find-{at}")
                aria-selected=move || (active.get() == at).to_string()
                on:mousedown=move |event| {
                    event.prevent_default();
                    self.go(pick.clone());
                }
                on:mousemove=move |_| {
                    if active.get_untracked() != at {
                        active.set(at);
                    }
                }
            >
                {one.health.map(|health| view! { <Glyph name=wording::health_glyph(health)/> })}
                <span class="nm">{one.name}</span>
                <span class="mono dim">{one.detail}</span>
                <span class="faint">{one.kind}</span>
            </li>
        }
    }

    /// What stands below the list.
    fn foot(self) -> String {
        match self.found.with(|(_, total)| *total) {
            0 => "No thing of that name or address in this capture.".to_owned(),
            _ if self.text.with(|text| text.starts_with(COMMAND)) => "Enter does it.".to_owned(),
            total if total > MOST => format!("{} more", wording::count((total - MOST) as u64)),
            _ => String::new(),
        }
    }
}

/// The field with its list.
#[component]
pub fn Omnibox() -> impl IntoView {
    let field = Field::new();
    let (text, found) = (field.text, field.found);
    let options = move || {
        let list = found.get().0.into_iter().enumerate();
        list.map(|(at, one)| field.option(at, one)).collect_view()
    };
    view! {
        <div class="omni" role="search" on:focusout=move |event| super::menu::close_when_left(&event, field.open)>
            <Icon name="search"/>
            <input
                type="text"
                role="combobox"
                data-testid="find"
                aria-label="Find a pod, address or node"
                aria-expanded=move || field.is_listed().to_string()
                aria-controls="find-list"
                aria-autocomplete="list"
                aria-activedescendant=move || {
                    (field.is_listed() && !found.with(|(list, _)| list.is_empty())).then(|| format!("find-{}", field.active.get()))
                }
                autocomplete="off"
                spellcheck="false"
                placeholder="Find a pod, address or node"
                prop:value=move || text.get()
                on:input=move |event| field.write(event_target_value(&event))
                on:keydown=move |event| field.key(&event)
            />
            <kbd aria-hidden="true">"/"</kbd>
            <div class="omni-list" class:hidden=move || !field.is_listed()>
                <ul id="find-list" role="listbox" aria-label="Matches">{options}</ul>
                <div class="omni-foot" role="status">{move || field.foot()}</div>
            </div>
        </div>
    }
}
