//! How messages travel: one transferred buffer, with file handles beside it.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, Worker};

/// This worker's global scope.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Sends bytes to whoever started this worker, as an `ArrayBuffer`.
pub fn to_parent(bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    // Fails only for what cannot be cloned, which a buffer can.
    let _ = scope().post_message_with_transfer(&buffer, &Array::of1(&buffer));
}

/// Sends bytes to a worker, as an `ArrayBuffer`.
pub fn to_child(worker: &Worker, bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    // Fails only for what cannot be cloned, which a buffer can.
    let _ = worker.post_message_with_transfer(&buffer, &Array::of1(&buffer));
}

/// Hands a slab of the slice of this request to a worker, or the sentence that says why it cannot be read: `[ticket, slab, last]`.
pub fn slab_to_child(worker: &Worker, ticket: u64, slab: &JsValue, last: bool) {
    // Tickets are far below 2^53.
    let message = Array::of3(&(ticket as f64).into(), slab, &last.into());
    let transferred = slab.dyn_ref::<Uint8Array>().map_or_else(Array::new, |slab| Array::of1(&slab.buffer()));
    let _ = worker.post_message_with_transfer(&message, &transferred);
}

/// Gives the buffer of a slab of this request back: `[ticket, buffer]`.
pub fn room_to_parent(ticket: &JsValue, buffer: &ArrayBuffer) {
    let _ = scope().post_message_with_transfer(&Array::of2(ticket, buffer), &Array::of1(buffer));
}

/// The bytes of a received buffer, or of a view of one.
pub fn bytes(data: &JsValue) -> Option<Vec<u8>> {
    if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
        return Some(Uint8Array::new(buffer).to_vec());
    }
    data.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

/// What the browser says of an error: `NotReadableError: The requested file could not be read…`.
pub fn sentence(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => format!("{}: {}", String::from(error.name()), String::from(error.message())),
        None => js_sys::Reflect::get(error, &"message".into())
            .ok()
            .and_then(|message| message.as_string())
            .unwrap_or_else(|| format!("{error:?}")),
    }
}
