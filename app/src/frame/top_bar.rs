//! The bar at the top: brand, the capture and what can be done to it, the views, find, export, theme, help.

use super::{Icon, menu, omnibox::Omnibox};
use crate::drop::pick_files;
use crate::export::ExportMenu;
use crate::state::{Screen, Theme, ThemeChoice, use_capture, use_view};
use leptos::prelude::*;

/// Mark and name.
#[component]
pub fn Brand() -> impl IntoView {
    // As a value, not as a literal: what is all literal becomes text, in which `use_` is no element.
    let symbol = "#i-logo".to_owned();
    view! {
        <div class="brand">
            <svg class="logo" aria-hidden="true">
                <use_ href=symbol></use_>
            </svg>
            "Underlay"
        </div>
    }
}

/// Switches between light and dark.
#[component]
pub fn ThemeButton() -> impl IntoView {
    let view = use_view();
    let switch = move |_| {
        view.theme.update(|choice| {
            let theme = if choice.theme == Theme::Dark { Theme::Light } else { Theme::Dark };
            *choice = ThemeChoice { theme, chosen: true };
        });
    };
    view! {
        <button class="ib" aria-label="Switch theme" title="Switch theme" on:click=switch>
            <Icon name="theme"/>
        </button>
    }
}

/// Opens help.
#[component]
pub fn HelpButton() -> impl IntoView {
    let view = use_view();
    view! {
        <button
            class="ib"
            aria-label="Help and shortcuts"
            title="Help and shortcuts (?)"
            on:click=move |_| view.help_open.set(true)
        >
            <Icon name="help"/>
        </button>
    }
}

/// The capture's name, and a menu of what can be done to it.
#[component]
pub fn CaptureMenu() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let open = RwSignal::new(false);
    let close_then = move |action: fn(crate::state::Capture)| {
        move |_| {
            open.set(false);
            action(capture);
        }
    };
    view! {
        <div
            class="menu-anchor"
            on:focusout=move |event| menu::close_when_left(&event, open)
            on:keydown=move |event| menu::keys(&event, open)
        >
            <button
                class="cap"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                title=move || capture.name.get()
                on:click=move |event| menu::toggle(&event, open)
            >
                <span>{move || capture.name.get()}</span>
                <Icon name="chev"/>
            </button>
            <Show when=move || open.get()>
                <div class="menu" role="menu" aria-label="Capture">
                    <button role="menuitem" on:click=move |_| { open.set(false); view.screen.set(Screen::Import); }>
                        "Import report"
                    </button>
                    <button role="menuitem" on:click=close_then(|_| pick_files())>"Add files"</button>
                    <button role="menuitem" on:click=close_then(crate::state::Capture::close)>"Close this capture"</button>
                </div>
            </Show>
        </div>
    }
}

/// The whole bar of the main screen.
#[component]
pub fn TopBar() -> impl IntoView {
    let view = use_view();
    let tab = move |screen: Screen, name: &'static str| {
        view! {
            <button
                class="view-tab"
                aria-current=move || (view.screen.get() == screen).then_some("page")
                on:click=move |_| view.screen.set(screen)
            >
                {name}
            </button>
        }
    };
    view! {
        <header class="top">
            <button
                class="ib rail-button"
                aria-label="Findings and pods"
                aria-expanded=move || view.rail_open.get().to_string()
                on:click=move |_| view.rail_open.update(|open| *open = !*open)
            >
                <Icon name="menu"/>
            </button>
            <Brand/>
            <CaptureMenu/>
            <nav class="tabs" aria-label="View">{tab(Screen::Topology, "Topology")}{tab(Screen::Table, "Table")}{tab(Screen::Charts, "Charts")}</nav>
            <Omnibox/>
            <button
                class="ib back"
                aria-label="Undo view change"
                title="Undo view change"
                on:click=move |_| {
                    // Nowhere to go back to: nothing happens.
                    let _ = window().history().map(|history| history.back());
                }
            >
                <Icon name="back"/>
            </button>
            <ExportMenu/>
            <ThemeButton/>
            <HelpButton/>
        </header>
    }
}
