//! What a capture proves: the health of each pod by its witnesses, and the checks that make findings.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod health;
pub mod probes;
pub mod rules;

pub use health::HealthReport;
