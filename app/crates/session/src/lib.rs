//! One capture and everything that is asked of it, without any input or output of its own: a coordinator that schedules,
//! merges and answers, parsing shards that keep what they parsed, and the summary. Hosts (worker, command line, tests)
//! carry bytes and messages between them.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod coordinator;
pub mod in_process;
mod notes;
mod requests;
pub mod shard;
pub mod shard_wire;
mod source_rows;
pub mod summary;
pub mod view;
