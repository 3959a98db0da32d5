//! Copying text, and the short notices at the bottom that say it is done.

use super::Icon;
use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// Notices on screen. Each goes after five seconds.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<(u64, String)>>);

impl Toasts {
    /// None.
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Shows a notice.
    pub fn say(self, text: impl Into<String>) {
        let text = text.into();
        let id = self.0.with_untracked(|toasts| toasts.last().map_or(0, |(id, _)| id + 1));
        self.0.update(|toasts| {
            toasts.push((id, text));
            // More than three at once is noise.
            if toasts.len() > 3 {
                toasts.remove(0);
            }
        });
        Timeout::new(5_000, move || self.0.update(|toasts| toasts.retain(|(other, _)| *other != id))).forget();
    }
}

/// The notices, from any component.
pub fn use_toasts() -> Toasts {
    expect_context::<Toasts>()
}

/// Copies text and says so.
pub fn copy(toasts: Toasts, text: String, done: &'static str) {
    spawn_local(async move {
        let copied = JsFuture::from(window().navigator().clipboard().write_text(&text)).await;
        toasts.say(if copied.is_ok() { done } else { "The browser did not allow copying. Select the text instead." });
    });
}

/// A small button that copies.
#[component]
pub fn CopyButton(#[prop(into)] text: Signal<String>, label: &'static str) -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <button class="ib" aria-label=label title=label on:click=move |_| copy(toasts, text.get_untracked(), "Copied")>
            <Icon name="copy"/>
        </button>
    }
}

/// Where notices appear.
#[component]
pub fn ToastArea() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.0.get() key=|(id, _)| *id let:toast>
                <div class="toast">{toast.1}</div>
            </For>
        </div>
    }
}
