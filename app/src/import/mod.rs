//! Reading and its account: how far, how fast, and of every file what it was taken for, what was read, what was not and why.

mod clock;
mod coverage;
mod declare;
mod grouping;
mod nics;
mod notes;
mod progress;
mod questions;
mod report;
mod row;

use crate::drop::pick_files;
use crate::frame::{Brand, HelpButton, Icon, Later, StatusBar, ThemeButton};
use crate::state::use_capture;
use leptos::prelude::*;
use underlay_model::input::{Format, InputReport};
use underlay_model::order::Order;
use underlay_model::view::Report;

/// The letter of the source that an input fills in. A who-am-I answer shares the access log's letter, but not its content.
pub fn letter(input: &InputReport) -> Option<char> {
    if input.format == Format::Whoami { None } else { input.format.letter() }
}

/// Letters of the sources of which some file has a record, sorted: a log that was cut off before its first record answers nothing, and neither
/// does a flow log whose records have lost their flows.
pub fn letters(report: &Report) -> Vec<char> {
    let tells = |input: &&InputReport| {
        let tuples = input.tuples.accepted + input.tuples.duplicate;
        input.understood() && if input.format.is_flow_log() { tuples > 0 } else { input.records > 0 }
    };
    let mut letters: Vec<char> = report.inputs.iter().filter(tells).filter_map(letter).collect();
    letters.order();
    letters.dedup();
    letters
}

/// The import screen.
#[component]
pub fn ImportScreen() -> impl IntoView {
    let capture = use_capture();
    let nics = RwSignal::new(false);
    let tab = move |of_nics: bool, name: &'static str, id: &'static str| {
        view! {
            <button
                class="view-tab"
                data-testid=id
                aria-current=move || (nics.get() == of_nics).then_some("true")
                on:click=move |_| nics.set(of_nics)
            >
                {name}
            </button>
        }
    };
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
                <button class="btn ghost" data-testid="start-anew" on:click=move |_| capture.close()>"Start anew"</button>
                <ThemeButton/>
                <HelpButton/>
            </header>
            <progress::Progress/>
            <div class="imp-body">
                <main class="imp-main">
                    <div class="imp-tabs">
                        {tab(false, "Files", "tab-files")}
                        {tab(true, "Coverage by NIC", "tab-nics")}
                        <span class="sp"></span>
                        <clock::Clock/>
                    </div>
                    <Show when=move || nics.get() fallback=|| view! { <report::ReportTable/> }>
                        <nics::Nics/>
                    </Show>
                    <Later>
                        <coverage::Coverage/>
                    </Later>
                </main>
                <Later>
                    <questions::Questions/>
                </Later>
            </div>
            <StatusBar/>
        </div>
    }
}
