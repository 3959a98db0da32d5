//! What to collect: the commands, with the person's own names put in as they are typed.

use crate::frame::clipboard::{CopyButton, copy, use_toasts};
use crate::frame::{Icon, SourceLetter};
use crate::wording::collect::{Names, Shell, commands, script};
use leptos::prelude::*;

/// A command on one line with its button; it can be scrolled from the keyboard and is copied whole.
#[component]
pub fn CommandLine(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! {
        <div class="cmd">
            <code tabindex="0" title=move || text.get()>
                {move || {
                    // On screen a command is one line; what is copied keeps its line breaks.
                    let shown = text.get().replace(" \\\n ", " ").replace(" `\n ", " ").replace('\n', "; ");
                    shown
                        .split(' ')
                        .map(|word| {
                            if word.starts_with("--") || (word.starts_with('-') && word.len() == 2) {
                                view! { <b>{word.to_owned()}</b>" " }.into_any()
                            } else {
                                format!("{word} ").into_any()
                            }
                        })
                        .collect_view()
                }}
            </code>
            <CopyButton text=text label="Copy command"/>
        </div>
    }
}

/// The list of things to collect.
#[component]
pub fn Collect() -> impl IntoView {
    let names = RwSignal::new(Names::default());
    let shell = RwSignal::new(Shell::default());
    let toasts = use_toasts();
    let field = move |label: &'static str, example: &'static str, pick: fn(&mut Names) -> &mut String| {
        view! {
            <label>
                <span>{label}</span>
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder=example
                    on:input=move |event| names.update(|names| *pick(names) = event_target_value(&event))
                />
            </label>
        }
    };
    let choice = move |value: Shell, name: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=move || (shell.get() == value).to_string()
                on:click=move |_| shell.set(value)
            >
                {name}
            </button>
        }
    };
    let list = move |first: bool| {
        // Which commands there are does not depend on names or shell; only their text does.
        commands(&Names::default(), Shell::Bash)
            .into_iter()
            .enumerate()
            .filter(|(_, command)| command.first == first)
            .map(|(at, command)| {
                let text = Signal::derive(move || {
                    names
                        .with(|names| commands(names, shell.get()).into_iter().nth(at))
                        .map(|command| command.text)
                        .unwrap_or_default()
                });
                let title = view! { {command.what}" "<span>{command.why}</span> };
                let note = (!command.note.is_empty()).then(|| view! { <small>{command.note}</small> });
                let line = view! { <CommandLine text=text/> };
                // The two to begin with stand open; the others are a line each until somebody asks.
                let body = if first {
                    view! { <div><div class="t">{title}{note}</div>{line}</div> }.into_any()
                } else {
                    view! { <details><summary class="t">{title}</summary>{note}{line}</details> }.into_any()
                };
                view! { <li><SourceLetter letter=command.letter/>{body}</li> }
            })
            .collect_view()
    };
    view! {
        <section class="coll" aria-labelledby="collect-title">
            <div class="hd">
                <h2 id="collect-title">"What to collect"</h2>
                <div class="seg" role="group" aria-label="Shell">
                    {choice(Shell::Bash, "bash")}{choice(Shell::PowerShell, "PowerShell")}
                </div>
                <button
                    class="btn"
                    on:click=move |_| {
                        let text = names.with_untracked(|names| script(names, shell.get_untracked()));
                        copy(toasts, text, "Script copied");
                    }
                >
                    <Icon name="copy"/>
                    "Copy as script"
                </button>
            </div>
            <div class="names">
                {field("Gateway", "my-agc", |names| &mut names.gateway)}
                {field("Cluster", "my-aks", |names| &mut names.cluster)}
                {field("Resource group", "my-rg", |names| &mut names.resource_group)}
                {field("Storage account", "mystorage", |names| &mut names.storage)}
            </div>
            <h3>"Start with these two"</h3>
            <ol>{list(true)}</ol>
            <h3>"Each of these answers one more question"</h3>
            <ol>{list(false)}</ol>
        </section>
    }
}
