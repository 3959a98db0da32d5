//! What stands around every view: the page itself with its screens, top bar, status bar, dialogs, and the keys and drops that
//! work everywhere.

mod batches;
pub mod clipboard;
mod commands;
mod dialogs;
mod focus;
pub mod icon;
mod keys;
mod later;
pub mod menu;
pub mod omnibox;
mod requests;
mod resize;
mod sheet;
mod status_bar;
mod top_bar;

pub use batches::{Items, batches};
pub use commands::is_off as key_is_off;
pub use icon::{Glyph, Icon, SourceLetter};
pub use keys::{focus as focus_on, focus_soon, in_field as keys_in_field};
pub use later::Later;
pub use resize::{on_resize, width_of};
pub use sheet::Sheet;
pub use status_bar::StatusBar;
pub use top_bar::{Brand, HelpButton, ThemeButton, TopBar};

use crate::drop::{DropSheet, Landing};
use crate::import::ImportScreen;
use crate::state::{Capture, Screen, View, keep_address, use_view, watch_system_theme};
use crate::topology::MainScreen;
use leptos::prelude::*;

/// The page.
#[component]
pub fn App() -> impl IntoView {
    let view = View::new();
    let capture = Capture::start(view);
    provide_context(view);
    provide_context(capture);
    provide_context(requests::count_requests());
    provide_context(clipboard::Toasts::new());
    watch_system_theme(view);
    keep_address(view, move || capture.has_content_untracked());
    keys::listen(view, capture);
    focus::keep();
    Effect::new(move |_| {
        let name = capture.name.get();
        document().set_title(&if name.is_empty() { "Underlay".to_owned() } else { format!("Underlay: {name}") });
    });
    view! {
        <svg class="sprite" aria-hidden="true" inner_html=icon::SPRITE></svg>
        <DropSheet/>
        <Screens/>
        <dialogs::Dialogs/>
        <crate::sources::SourcesSheet/>
        <crate::sources::ObjectSheet/>
        <clipboard::ToastArea/>
    }
}

#[component]
fn Screens() -> impl IntoView {
    let view = use_view();
    // The main screen holds topology and table: changing between them keeps rail, timeline and inspector.
    let place = Memo::new(move |_| match view.screen.get() {
        Screen::Table | Screen::Charts => Screen::Topology,
        other => other,
    });
    move || match place.get() {
        Screen::Landing => view! { <Landing/> }.into_any(),
        Screen::Import => view! { <ImportScreen/> }.into_any(),
        Screen::Topology | Screen::Table | Screen::Charts => view! { <MainScreen/> }.into_any(),
    }
}
