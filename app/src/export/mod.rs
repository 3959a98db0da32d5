//! Handing over: the summary as JSON, the picture as SVG. Files are made in the page and saved by the browser; nothing is sent.

use crate::frame::{Icon, menu};
use crate::state::{use_capture, use_view};
use crate::topology::Picture;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Saves text as a file, through a link that nobody sees.
pub fn save_text(name: &str, kind: &str, text: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options);
    let Some(url) = blob.ok().and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) else { return };
    save_url(name, &url);
    // The browser has taken the blob when the click returns; the address would keep its memory.
    gloo::timers::callback::Timeout::new(10_000, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
}

/// Saves what an address stands for as a file, through a link that nobody sees.
pub fn save_url(name: &str, url: &str) {
    let link = document().create_element("a").ok().and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(url);
        link.set_download(name);
        link.click();
    }
}

/// The menu of what can be saved.
#[component]
pub fn ExportMenu() -> impl IntoView {
    let capture = use_capture();
    let view = use_view();
    let picture = expect_context::<Picture>();
    let open = RwSignal::new(false);
    let svg = move |_| {
        open.set(false);
        if let Some(text) = picture.svg(view) {
            save_text("underlay-topology.svg", "image/svg+xml", &text);
        }
    };
    view! {
        <div
            class="menu-anchor right"
            on:focusout=move |event| menu::close_when_left(&event, open)
            on:keydown=move |event| menu::keys(&event, open)
        >
            <button
                class="btn"
                data-testid="export"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |event| menu::toggle(&event, open)
            >
                <Icon name="export"/>
                <span class="label">"Export"</span>
            </button>
            <Show when=move || open.get()>
                <div class="menu" role="menu" aria-label="Export">
                    <button
                        role="menuitem"
                        data-testid="export-summary"
                        on:click=move |_| {
                            open.set(false);
                            capture.save_summary();
                        }
                    >
                        "Summary (JSON)"
                    </button>
                    <button role="menuitem" data-testid="export-svg" on:click=svg>"Picture (SVG)"</button>
                </div>
            </Show>
        </div>
    }
}
