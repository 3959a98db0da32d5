//! The two dialogs: help, and the plain account of a worker that stopped.

use super::commands::{COMMANDS, let_letters_act, letters_act};
use super::sheet::{Sheet, follow};
use crate::state::{use_capture, use_view};
use crate::wording::sentences;
use leptos::html::Dialog;
use leptos::prelude::*;
use underlay_model::wire::WorkerLoss;

/// All dialogs of the page.
#[component]
pub fn Dialogs() -> impl IntoView {
    view! {
        <Help/>
        <WorkerFailed/>
    }
}

#[component]
fn Help() -> impl IntoView {
    let view = use_view();
    view! {
        <Sheet
            name="help"
            open=view.help_open.into()
            close=Callback::new(move |()| view.help_open.set(false))
            title=Signal::stored("Keys, and how numbers are counted".to_owned())
        >
            <dl class="keys">
                {COMMANDS
                    .iter()
                    .map(|command| {
                        view! {
                            <div>
                                <dt>{command.keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                                <dd>{command.what}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            <label class="letters">
                <input
                    type="checkbox"
                    data-testid="letters"
                    prop:checked=letters_act
                    on:change=move |event| let_letters_act(event_target_checked(&event))
                />
                "Letters, digits and signs act by themselves"
            </label>
            <p>
                "Each flow is counted once, from the side that reported more. Bytes are the sum of the updates and ends of a "
                "flow; a line that begins or denies one carries none. A gap is not a zero."
            </p>
            <p id="privacy-proof">{sentences::PRIVACY_PROOF}</p>
        </Sheet>
    }
}

#[component]
fn WorkerFailed() -> impl IntoView {
    let capture = use_capture();
    let dialog = NodeRef::<Dialog>::new();
    // What ends the session is told before what is only left out.
    let first = move || {
        capture.failures.with(|failures| {
            let session = failures.iter().find(|failure| failure.loss == WorkerLoss::Session);
            session.or(failures.first()).cloned()
        })
    };
    follow(dialog, Signal::derive(move || first().is_some()));
    let dismiss = move || capture.failures.update(Vec::clear);
    let lost = move || capture.failures.with(|failures| failures.iter().any(|f| f.loss == WorkerLoss::Session));
    view! {
        <dialog
            class="sheet small"
            node_ref=dialog
            data-testid="worker-failed"
            aria-labelledby="failed-title"
            on:close=move |_| dismiss()
        >
            <div class="sheet-head">
                <h2 id="failed-title">{sentences::WORKER_FAILED}</h2>
            </div>
            {move || {
                first()
                    .map(|failure| {
                        let kept = match (failure.loss, &failure.path) {
                            (WorkerLoss::Session, _) => sentences::SESSION_LOST,
                            (WorkerLoss::Memory, _) => sentences::WORKER_MEMORY,
                            (WorkerLoss::Ended, None) => sentences::WORKER_ENDED,
                            (_, Some(_)) => sentences::WORKER_FAILED_KEPT,
                            (_, None) => sentences::WORKER_FAILED_ALONE,
                        };
                        view! {
                            {failure.path.map(|path| view! { <p>"It was reading " <code class="mono">{path}</code> "."</p> })}
                            <p>{kept}</p>
                            <pre class="mono">
                                {failure.message}
                                "\nUnderlay "
                                {env!("CARGO_PKG_VERSION")}
                                ", build "
                                {crate::engine::BUILD}
                            </pre>
                        }
                    })
            }}
            <div class="sheet-foot">
                <Show when=lost>
                    <button
                        class="btn primary"
                        data-testid="start-again"
                        on:click=move |_| {
                            dismiss();
                            capture.start_again();
                        }
                    >
                        "Start again with the same files"
                    </button>
                </Show>
                <button class="btn" class:primary=move || !lost() on:click=move |_| dismiss()>
                    {move || if lost() { "Close" } else { "Continue" }}
                </button>
            </div>
        </dialog>
    }
}
