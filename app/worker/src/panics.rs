//! A panic ends its worker, but not silently: the message goes to the parent first.

use crate::post;
use underlay_model::wire::{PageEvent, WorkerLoss};

/// Sets the hook; `tell` sends the message to the parent.
pub fn report(tell: fn(&str)) {
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.to_string();
        web_sys::console::error_1(&message.as_str().into());
        tell(&message);
    }));
}

/// The coordinator holds the session: nothing can go on without it, so the page is told to start anew.
pub fn of_coordinator(message: &str) {
    let message = message.to_owned();
    if let Ok(bytes) = postcard::to_stdvec(&PageEvent::WorkerFailed { message, path: None, loss: WorkerLoss::Session })
    {
        post::to_parent(&bytes);
    }
}

/// A shard says it with a string, which no other message of a shard is.
pub fn of_shard(message: &str) {
    let _ = post::scope().post_message(&message.into());
}
