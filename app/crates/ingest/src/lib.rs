//! Files to model, free of I/O: the host reads bytes, this crate understands them. A [`Reader`] decodes one input, tells
//! by content what it is, streams flow logs through `scan`, parses everything else, and accounts for every byte in a
//! report. [`archive`] reads zip directories over byte ranges, [`peek`](peek::peek) helps a host to schedule.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod archive;
mod decode;
mod documents;
mod fragment;
mod inflate;
mod json;
pub mod order;
pub mod peek;
mod reader;
mod transcode;

pub use reader::{Coding, Reader, Reading};
