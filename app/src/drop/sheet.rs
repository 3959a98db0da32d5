//! What takes drops and pastes anywhere on the page, the sheet that shows where they go, and the hidden file inputs.

use super::files;
use crate::frame::clipboard::use_toasts;
use crate::state::{use_capture, use_view};
use crate::wording::sentences;
use gloo::events::{EventListener, EventListenerOptions};
use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ClipboardEvent, DragEvent, HtmlInputElement};

const FILES: &str = "choose-files";
const FOLDER: &str = "choose-folder";

fn press(id: &str) {
    if let Some(input) = document().get_element_by_id(id).and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        // The same file may be chosen twice in a row.
        input.set_value("");
        input.click();
    }
}

/// Opens the browser's dialog for files.
pub fn pick_files() {
    press(FILES);
}

/// Opens the browser's dialog for a folder.
pub fn pick_folder() {
    press(FOLDER);
}

/// Takes drops and pastes for as long as the page lives, and shows the sheet while something hovers.
#[component]
pub fn DropSheet() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let toasts = use_toasts();
    let hovering = RwSignal::new(false);
    let pasted = StoredValue::new(0u32);

    let add = move |files: Vec<crate::state::NamedFile>| {
        if files.is_empty() {
            toasts.say(sentences::NOTHING_DROPPED);
        } else {
            spawn_local(async move {
                files::look_up(&files).await;
                let name = files::name_of(&files);
                capture.add(files, &name, false);
            });
        }
    };
    let options = EventListenerOptions::enable_prevent_default;
    let carries_files = |event: &DragEvent| {
        event
            .data_transfer()
            .is_some_and(|transfer| transfer.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
    };
    EventListener::new_with_options(&document(), "dragover", options(), move |event| {
        let Some(event) = event.dyn_ref::<DragEvent>() else { return };
        if carries_files(event) {
            event.prevent_default();
            hovering.set(true);
        }
    })
    .forget();
    EventListener::new(&document(), "dragleave", move |event| {
        // Leaving the window has no other element to go to.
        if event.dyn_ref::<DragEvent>().is_some_and(|event| event.related_target().is_none()) {
            hovering.set(false);
        }
    })
    .forget();
    EventListener::new_with_options(&document(), "drop", options(), move |event| {
        let Some(event) = event.dyn_ref::<DragEvent>() else { return };
        event.prevent_default();
        hovering.set(false);
        let Some(transfer) = event.data_transfer() else { return };
        let dropped = files::take(&transfer);
        spawn_local(async move { add(files::walk(dropped).await) });
    })
    .forget();
    EventListener::new_with_options(&document(), "paste", options(), move |event| {
        if crate::frame::keys_in_field(event) {
            return;
        }
        let Some(transfer) = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data) else { return };
        if transfer.files().is_some_and(|files| files.length() > 0) {
            event.prevent_default();
            add(transfer.files().map(|list| files::of_list(&list)).unwrap_or_default());
            return;
        }
        let text = transfer.get_data("text/plain").unwrap_or_default();
        if !text.trim().is_empty() {
            event.prevent_default();
            pasted.update_value(|number| *number += 1);
            if let Some(file) = files::of_text(&text, pasted.get_value()) {
                add(vec![file]);
            }
        }
    })
    .forget();

    let chosen = move |event: web_sys::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(list) = input.and_then(|input| input.files())
            && list.length() > 0
        {
            add(files::of_list(&list));
        }
    };
    let _ = view;
    view! {
        <input id=FILES data-testid="file-input" type="file" multiple hidden aria-label="Files" on:change=chosen/>
        <input
            id=FOLDER
            data-testid="folder-input"
            type="file"
            multiple
            hidden
            aria-label="Folder"
            {..custom_attribute("webkitdirectory", "")}
            on:change=chosen
        />
        <Show when=move || hovering.get()>
            <div class="drop-sheet" aria-hidden="true">
                <div>
                    <b>{sentences::DROP_TO_ADD}</b>
                    <Show when=move || capture.has_content()>
                        <span>{sentences::DROP_JOINS}</span>
                    </Show>
                </div>
            </div>
        </Show>
    }
}
