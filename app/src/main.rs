//! The page: Leptos views over what the engine answers. One folder a view; `state` remembers, `engine` asks, `wording` speaks.

mod charts;
mod drop;
mod engine;
mod export;
mod findings;
mod frame;
mod import;
mod inspector;
mod sources;
mod state;
mod table;
mod timeline;
mod topology;
mod wording;

/// A defect of the page itself: says so, with what is needed to report it and nothing of the capture.
fn report_defects() {
    std::panic::set_hook(Box::new(|defect| {
        leptos::logging::error!("{defect}");
        let Some(body) = web_sys::window().and_then(|window| window.document()).and_then(|document| document.body())
        else {
            return;
        };
        let place = defect.location().map(ToString::to_string).unwrap_or_default();
        let note = leptos::prelude::document().create_element("p").ok();
        if let Some(note) = note {
            note.set_class_name("defect");
            let version = env!("CARGO_PKG_VERSION");
            note.set_text_content(Some(&format!(
                "The page stopped, which is a defect of Underlay {version}. Reload it to go on. ({place})"
            )));
            // Nothing is left to do when even this cannot be shown.
            let _ = note.set_attribute("role", "alert");
            let _ = body.append_child(&note);
        }
    }));
}

fn main() {
    report_defects();
    // What index.html shows until the page is there.
    if let Some(boot) = leptos::prelude::document().get_element_by_id("boot") {
        boot.remove();
    }
    leptos::mount::mount_to_body(frame::App);
}
