//! Long lists are made a batch a frame: what can be seen is there at once, and no frame is late for what cannot.

use leptos::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Makes items of a list: those at these places.
pub type Items = Arc<dyn Fn(Range<usize>) -> AnyView + Send + Sync>;

/// A list of so many items, `batch` of them at once and as many more with every frame; and how many are there by now.
pub fn batches(total: usize, batch: usize, items: Items) -> (AnyView, RwSignal<usize>) {
    let made = RwSignal::new(batch.min(total));
    grow(made, total, batch);
    let one = |first: usize| {
        let items = Arc::clone(&items);
        let is_due = Memo::new(move |_| made.get() > first);
        move || is_due.get().then(|| items(first..(first + batch).min(total)))
    };
    let list: Vec<_> = (0..total).step_by(batch.max(1)).map(one).collect();
    (list.into_any(), made)
}

fn grow(made: RwSignal<usize>, total: usize, batch: usize) {
    // The list may be gone by the time of the frame.
    if made.try_get_untracked().is_none_or(|made| made >= total) {
        return;
    }
    request_animation_frame(move || {
        made.try_update(|made| *made = (*made + batch).min(total));
        grow(made, total, batch);
    });
}
