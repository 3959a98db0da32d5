//! A sheet over the page: a native dialog, which traps the focus and knows Escape by itself, with a title and a way to close it.

use super::Icon;
use leptos::html::Dialog;
use leptos::prelude::*;

/// Opens and closes a native dialog.
pub fn follow(dialog: NodeRef<Dialog>, open: Signal<bool>) {
    Effect::new(move |_| {
        let wanted = open.get();
        let Some(element) = dialog.get() else { return };
        if wanted && !element.open() {
            // Fails only for a dialog that is open already.
            let _ = element.show_modal();
        } else if !wanted && element.open() {
            element.close();
        }
    });
}

/// The sheet.
#[component]
pub fn Sheet(
    /// Tells it from the others.
    name: &'static str,
    /// Its look, besides that of all sheets.
    #[prop(default = "")]
    class: &'static str,
    open: Signal<bool>,
    /// Called when it is closed, by whatever way.
    close: Callback<()>,
    title: Signal<String>,
    children: Children,
) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    follow(dialog, open);
    let id = [name, "-title"].concat();
    let title_id = id.clone();
    view! {
        <dialog
            class=["sheet ", class].concat()
            node_ref=dialog
            data-testid=name
            aria-labelledby=title_id
            on:close=move |_| close.run(())
        >
            <div class="sheet-head">
                <h2 id=id>{move || title.get()}</h2>
                <button class="ib" aria-label="Close" on:click=move |_| close.run(())>
                    <Icon name="x"/>
                </button>
            </div>
            {children()}
        </dialog>
    }
}
