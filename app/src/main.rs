//! The page: Leptos views over what the engine answers. One folder a view; `state` remembers, `engine` asks, `wording` speaks.

mod drop;
mod engine;
mod export;
mod findings;
mod frame;
mod import;
mod inspector;
mod state;
mod table;
mod timeline;
mod topology;
mod wording;

fn main() {
    // What index.html shows until the page is there.
    if let Some(boot) = leptos::prelude::document().get_element_by_id("boot") {
        boot.remove();
    }
    leptos::mount::mount_to_body(frame::App);
}
