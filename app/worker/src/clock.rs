//! Time and turns: a clock that does not run backwards, and letting other messages through.

use crate::post;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

/// Milliseconds since this worker began.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock of a page stays far below 2^53")]
pub fn now_ms() -> u64 {
    post::scope().performance().map_or(0, |performance| performance.now() as u64)
}

/// Lets every message that waits be handled before the caller goes on. A promise alone would not: promises go before messages.
pub async fn turn(channel: &MessageChannel) {
    let promise = Promise::new(&mut |resolve, _| {
        channel.port1().set_onmessage(Some(&resolve));
        if channel.port2().post_message(&JsValue::NULL).is_err() {
            let _ = resolve.call0(&JsValue::NULL);
        }
    });
    let _ = JsFuture::from(promise).await;
}
