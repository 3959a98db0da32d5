//! Time: a clock that does not run backwards.

use crate::post;

/// Milliseconds since this worker began.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a clock of a page stays far below 2^53")]
pub fn now_ms() -> u64 {
    post::scope().performance().map_or(0, |performance| performance.now() as u64)
}
