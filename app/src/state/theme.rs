//! Light or dark: the system's wish unless the person has chosen. The choice is kept in the browser's local storage, because
//! it belongs to the person and not to a view that may be sent to somebody else.

use super::View;
use gloo::storage::{LocalStorage, Storage};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

const STORAGE_KEY: &str = "underlay.theme";

/// The two sets of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Theme {
    /// The value of `data-theme`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }
}

/// The theme in force, and whether the person chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThemeChoice {
    /// In force.
    pub theme: Theme,
    /// False while the system decides.
    pub chosen: bool,
}

fn system() -> Theme {
    let light = web_sys::window()
        .and_then(|window| window.match_media("(prefers-color-scheme: light)").ok().flatten())
        .is_some_and(|query| query.matches());
    if light { Theme::Light } else { Theme::Dark }
}

/// The choice of an earlier visit, else the system's.
pub fn stored() -> ThemeChoice {
    match LocalStorage::get::<String>(STORAGE_KEY).ok().as_deref() {
        Some("dark") => ThemeChoice { theme: Theme::Dark, chosen: true },
        Some("light") => ThemeChoice { theme: Theme::Light, chosen: true },
        _ => ThemeChoice { theme: system(), chosen: false },
    }
}

/// Writes the theme to the document and follows the system until the person chooses.
pub fn watch_system_theme(view: View) {
    Effect::new(move |_| {
        let choice = view.theme.get();
        if let Some(root) = document().document_element() {
            // A document element accepts any attribute.
            let _ = root.set_attribute("data-theme", choice.theme.name());
        }
        if choice.chosen {
            // Storage may be forbidden; then the choice lasts as long as the page.
            let _ = LocalStorage::set(STORAGE_KEY, choice.theme.name());
        }
    });
    on_change("(prefers-color-scheme: light)", move || {
        view.theme.update(|choice| {
            if !choice.chosen {
                choice.theme = system();
            }
        });
    });
    // What is painted is painted anew, in the system's colours or in the theme's.
    on_change(crate::topology::FORCED_COLOURS, move || view.theme.update(|_| ()));
}

/// Listens to a query for the page's life.
fn on_change(query: &str, act: impl Fn() + 'static) {
    let Ok(Some(query)) = window().match_media(query) else { return };
    let act = Closure::<dyn Fn()>::new(act);
    query.set_onchange(Some(act.as_ref().unchecked_ref()));
    // A query that nobody holds may be forgotten with its listener.
    std::mem::forget(query);
    act.forget();
}
