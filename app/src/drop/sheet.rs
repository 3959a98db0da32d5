//! What takes drops and pastes anywhere on the page, the sheet that shows where they go, and the hidden file inputs.

use super::files;
use crate::frame::clipboard::{Toasts, use_toasts};
use crate::state::{Capture, NamedFile, use_capture};
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

/// What takes files, however they come.
#[derive(Clone, Copy)]
struct Intake {
    capture: Capture,
    toasts: Toasts,
    /// Something is over the page that could be dropped.
    hovering: RwSignal<bool>,
    /// Texts that were pasted so far.
    pasted: StoredValue<u32>,
}

impl Intake {
    fn add(self, files: Vec<NamedFile>) {
        if files.is_empty() {
            return self.toasts.say(sentences::NOTHING_DROPPED);
        }
        spawn_local(async move {
            files::look_up(&files).await;
            let name = files::name_of(&files);
            self.capture.add(files, &name, false);
        });
    }

    fn dragged_over(self, event: &DragEvent) {
        let kinds = event.data_transfer().map(|transfer| transfer.types());
        if kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.as_string().as_deref() == Some("Files"))) {
            event.prevent_default();
            self.hovering.set(true);
        }
    }

    fn dragged_away(self, event: &DragEvent) {
        // Leaving the window has no other element to go to.
        if event.related_target().is_none() {
            self.hovering.set(false);
        }
    }

    fn dropped(self, event: &DragEvent) {
        event.prevent_default();
        self.hovering.set(false);
        let Some(transfer) = event.data_transfer() else { return };
        let dropped = files::take(&transfer);
        spawn_local(async move { self.add(files::walk(dropped).await) });
    }

    fn pasted(self, event: &ClipboardEvent) {
        let Some(transfer) = event.clipboard_data().filter(|_| !crate::frame::keys_in_field(event)) else { return };
        if let Some(list) = transfer.files().filter(|files| files.length() > 0) {
            event.prevent_default();
            return self.add(files::of_list(&list));
        }
        let text = transfer.get_data("text/plain").unwrap_or_default();
        if !text.trim().is_empty() {
            event.prevent_default();
            self.pasted.update_value(|number| *number += 1);
            if let Some(file) = files::of_text(&text, self.pasted.get_value()) {
                self.add(vec![file]);
            }
        }
    }

    fn chosen(self, event: &web_sys::Event) {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(list) = input.and_then(|input| input.files()).filter(|list| list.length() > 0) {
            self.add(files::of_list(&list));
        }
    }
}

/// Hands events of one kind to the intake for as long as the page lives.
fn listen<E: JsCast>(name: &'static str, act: impl Fn(&E) + 'static) {
    let options = EventListenerOptions::enable_prevent_default();
    EventListener::new_with_options(&document(), name, options, move |event| {
        if let Some(event) = event.dyn_ref::<E>() {
            act(event);
        }
    })
    .forget();
}

/// Takes drops and pastes for as long as the page lives, and shows the sheet while something hovers.
#[component]
pub fn DropSheet() -> impl IntoView {
    let (capture, hovering) = (use_capture(), RwSignal::new(false));
    let intake = Intake { capture, toasts: use_toasts(), hovering, pasted: StoredValue::new(0) };
    listen("dragover", move |event: &DragEvent| intake.dragged_over(event));
    listen("dragleave", move |event: &DragEvent| intake.dragged_away(event));
    listen("drop", move |event: &DragEvent| intake.dropped(event));
    listen("paste", move |event: &ClipboardEvent| intake.pasted(event));
    view! {
        <input
            id=FILES
            data-testid="file-input"
            type="file"
            multiple
            hidden
            aria-label="Files"
            on:change=move |event| intake.chosen(&event)
        />
        <input
            id=FOLDER
            data-testid="folder-input"
            type="file"
            multiple
            hidden
            aria-label="Folder"
            {..custom_attribute("webkitdirectory", "")}
            on:change=move |event| intake.chosen(&event)
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
