//! What a capture proves: the health of each pod by its witnesses, and the checks that make findings.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod engine;
mod facts;
pub mod health;
mod need;
pub mod probes;
mod routed;
mod rules;
mod strangers;

pub use engine::{check, check_within};
pub use facts::Known;
pub use health::HealthReport;
