//! The capture's columns and the sums over them. Tuples of a record are folded into cells (minute, direction, pair, rule,
//! encryption) in a table that fits the cache, and appended to blocks of narrow rows when the record is whole; then rules 3 to 8 of
//! the contract decide which rows count, so that every question is a plain sum over counted rows.
//!
//! Questions are never inlined into who asks them: a browser compiles a function as a whole, and one that held them all took it 0.6 s
//! of a core's time in the middle of reading.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod duplicate;
pub mod grouped;
pub mod key;
pub mod query;
pub mod settle;
pub mod sources;
pub mod sums;
pub mod tally;

mod address;
mod ask;
mod block;
mod cell;
pub mod connections;
mod gather;
mod kinds;
mod lists;
mod merged;
mod names;
mod order;
mod packed;
mod pairs;
mod record;
mod select;
mod sink;
mod store;

pub use sink::RecordSink;
pub use store::Store;
