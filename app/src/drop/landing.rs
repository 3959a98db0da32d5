//! The first page: what Underlay is for, where to drop, the sample, and what to collect.

use super::{Ink, collect::Collect, pick_files, pick_folder, sample};
use crate::frame::clipboard::use_toasts;
use crate::frame::{Brand, HelpButton, Icon, ThemeButton};
use crate::state::{Screen, use_capture, use_view};
use crate::wording::sentences;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The landing page.
#[component]
pub fn Landing() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let toasts = use_toasts();
    let fetching = RwSignal::new(false);
    let open_sample = move |_| {
        if fetching.get_untracked() {
            return;
        }
        fetching.set(true);
        spawn_local(async move {
            match sample::fetch().await {
                Ok(files) => capture.add(files, "Sample capture", true),
                Err(error) => {
                    leptos::logging::warn!("{error:?}");
                    toasts.say(sentences::SAMPLE_FAILED);
                }
            }
            fetching.set(false);
        });
    };
    let is_linked =
        move || !capture.has_content() && (view.selection.with(Option::is_some) || view.range.with(Option::is_some));
    view! {
        <div class="land" data-testid="landing">
            <header class="bar">
                <Brand/>
                <span class="sp"></span>
                <Show when=move || capture.has_content()>
                    <button class="btn" on:click=move |_| view.screen.set(Screen::Topology)>"Back to the capture"</button>
                </Show>
                <ThemeButton/>
                <HelpButton/>
            </header>
            <main class="cols">
                <section aria-label="Open">
                    <h1>{sentences::HEADLINE}</h1>
                    <p class="lead">{sentences::LEAD}</p>
                    <Show when=is_linked>
                        <p class="linked" role="status">{sentences::LINK_WAITS}</p>
                    </Show>
                    <div class="drop">
                        <Ink loaded=Signal::stored(Vec::new()) reading=Signal::stored(false)/>
                        <div class="acts">
                            <p>{sentences::DROP}<small>{sentences::DROP_KINDS}</small></p>
                            <button class="btn" on:click=|_| pick_folder()>"Choose folder"</button>
                            <button class="btn" on:click=|_| pick_files()>"Choose files"</button>
                        </div>
                    </div>
                    <div class="sample">
                        <button
                            class="btn primary"
                            data-testid="open-sample"
                            aria-busy=move || fetching.get().to_string()
                            on:click=open_sample
                        >
                            "Open the sample capture"
                        </button>
                        <span>{sentences::SAMPLE}</span>
                    </div>
                </section>
                <Collect/>
            </main>
            <footer class="priv">
                <span class="t-healthy"><Icon name="lock"/></span>
                <span><b>{sentences::PRIVACY.0}</b>" "{sentences::PRIVACY.1}</span>
                <span class="sp"></span>
                <button class="link" on:click=move |_| view.help_open.set(true)>"How to check this yourself"</button>
            </footer>
        </div>
    }
}
