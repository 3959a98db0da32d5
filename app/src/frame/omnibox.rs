//! Find: type a part of a name or an address, pick from what matches, and the picture goes there.

use super::commands::{COMMANDS, Command};
use super::{Glyph, Icon};
use crate::state::{CameraWish, Screen, use_capture, use_view};
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

/// The field with its list.
#[component]
pub fn Omnibox() -> impl IntoView {
    let view = use_view();
    let capture = use_capture();
    let text = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let active = RwSignal::new(0usize);
    let found = Memo::new(move |_| {
        let text = text.get();
        let sought = text.strip_prefix(COMMAND);
        let words: Vec<String> = sought.unwrap_or(&text).split_whitespace().map(str::to_lowercase).collect();
        if sought.is_some() {
            let found = commands(&words);
            let total = found.len();
            return (found, total);
        }
        let mut found: Vec<(u8, u64, &EntityKey, Suggestion)> = Vec::new();
        let topology = capture.topology.get();
        if !words.is_empty()
            && let Some(topology) = &topology
        {
            for entity in &topology.entities {
                if let Some(rank) = rank(entity, &words) {
                    let suggestion = Suggestion {
                        pick: Pick::Thing(entity.key.clone()),
                        name: entity.name.clone(),
                        detail: entity.detail.clone(),
                        kind: wording::entity_kind(entity.kind),
                        health: Some(entity.health),
                    };
                    found.push((rank, u64::MAX - entity.traffic.total_bytes(), &entity.key, suggestion));
                }
            }
        }
        found.order_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
        let total = found.len();
        (found.into_iter().take(MOST).map(|(.., suggestion)| suggestion).collect::<Vec<_>>(), total)
    });
    let go = move |pick: Pick| {
        open.set(false);
        text.set(String::new());
        let key = match pick {
            Pick::Thing(key) => key,
            Pick::Press(press) => {
                super::keys::focus("tree");
                return super::commands::run(press);
            }
        };
        view.select(key.clone());
        view.screen.set(Screen::Topology);
        view.camera_wanted.set(Some(CameraWish::Show(key)));
        super::keys::focus("tree");
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        let (list, _) = found.get_untracked();
        match event.key().as_str() {
            "ArrowDown" if !list.is_empty() => {
                event.prevent_default();
                active.update(|at| *at = (*at + 1) % list.len());
            }
            "ArrowUp" if !list.is_empty() => {
                event.prevent_default();
                active.update(|at| *at = (*at + list.len() - 1) % list.len());
            }
            "Enter" => {
                if let Some(one) = list.get(active.get_untracked()) {
                    go(one.pick.clone());
                }
            }
            "Escape" => {
                event.prevent_default();
                event.stop_propagation();
                if text.with_untracked(String::is_empty) {
                    super::keys::focus("tree");
                }
                text.set(String::new());
                open.set(false);
            }
            _ => {}
        }
    };
    let listed = move || open.get() && !text.with(|text| text.trim().is_empty());
    view! {
        <div class="omni" role="search" on:focusout=move |event| super::keys::close_when_left(&event, open)>
            <Icon name="search"/>
            <input
                type="text"
                role="combobox"
                data-testid="find"
                aria-label="Find a pod, address or node"
                aria-expanded=move || listed().to_string()
                aria-controls="find-list"
                aria-autocomplete="list"
                aria-activedescendant=move || {
                    (listed() && !found.with(|(list, _)| list.is_empty())).then(|| format!("find-{}", active.get()))
                }
                autocomplete="off"
                spellcheck="false"
                placeholder="Find a pod, address or node"
                prop:value=move || text.get()
                on:input=move |event| {
                    text.set(event_target_value(&event));
                    active.set(0);
                    open.set(true);
                }
                on:keydown=on_key
            />
            <kbd aria-hidden="true">"/"</kbd>
            <div class="omni-list" class:hidden=move || !listed()>
                <ul id="find-list" role="listbox" aria-label="Matches">
                    {move || {
                        found
                            .get()
                            .0
                            .into_iter()
                            .enumerate()
                            .map(|(at, one)| {
                                let pick = one.pick.clone();
                                view! {
                                    <li
                                        role="option"
                                        id=format!("find-{at}")
                                        aria-selected=move || (active.get() == at).to_string()
                                        on:mousedown=move |event| {
                                            event.prevent_default();
                                            go(pick.clone());
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
                            })
                            .collect_view()
                    }}
                </ul>
                <div class="omni-foot" role="status">
                    {move || match found.with(|(_, total)| *total) {
                        0 => "No thing of that name or address in this capture.".to_owned(),
                        _ if text.with(|text| text.starts_with(COMMAND)) => "Enter does it.".to_owned(),
                        total if total > MOST => format!("{} more", wording::count((total - MOST) as u64)),
                        _ => String::new(),
                    }}
                </div>
            </div>
        </div>
    }
}
