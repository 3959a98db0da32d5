//! Reading and its account: how far, how fast, and of every file what it was taken for, what was read, what was not and why.

mod coverage;
mod progress;
mod questions;
mod report;

use crate::drop::pick_files;
use crate::frame::{Brand, HelpButton, Icon, StatusBar, ThemeButton};
use crate::state::use_capture;
use leptos::prelude::*;
use underlay_model::input::{Format, InputReport};
use underlay_model::order::Order;
use underlay_model::view::Report;

/// The letter of the source that an input fills in. A who-am-I answer shares the access log's letter, but not its content.
pub fn letter(input: &InputReport) -> Option<char> {
    if input.format == Format::Whoami { None } else { input.format.letter() }
}

/// Letters of the sources that some understood file has, sorted.
pub fn letters(report: &Report) -> Vec<char> {
    let mut letters: Vec<char> = report.inputs.iter().filter(|input| input.understood()).filter_map(letter).collect();
    letters.order();
    letters.dedup();
    letters
}

/// The import screen.
#[component]
pub fn ImportScreen() -> impl IntoView {
    let capture = use_capture();
    view! {
        <div class="imp">
            <header class="top">
                <Brand/>
                <span class="cap-name">{move || capture.name.get()}</span>
                <span class="sp"></span>
                <button class="btn ghost" on:click=|_| pick_files()>
                    <Icon name="plus"/>
                    "Add files"
                </button>
                <button class="btn ghost" on:click=move |_| capture.close()>"Close"</button>
                <ThemeButton/>
                <HelpButton/>
            </header>
            <progress::Progress/>
            <div class="imp-body">
                <main class="imp-main">
                    <report::ReportTable/>
                    <coverage::Coverage/>
                </main>
                <questions::Questions/>
            </div>
            <StatusBar/>
        </div>
    }
}
