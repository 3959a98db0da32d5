//! Files to model, free of I/O: the host reads bytes, this crate understands them. A [`Reader`] decodes one input, tells
//! by content what it is, streams flow logs through `scan`, parses everything else, and accounts for every byte in a
//! report. [`archive`] reads zip directories over byte ranges, [`peek`](peek::peek) helps a host to schedule.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod account;
mod appearance;
pub mod archive;
mod azure;
mod backend_health;
mod colours;
mod container_log;
#[cfg(test)]
mod damage;
mod decode;
mod distinct;
mod documents;
mod excerpt;
mod flow;
mod flow_account;
mod fragment;
mod hubble;
mod inflate;
mod interpreter;
mod kubernetes;
mod magic;
mod metric_table;
mod metrics;
mod moment;
mod object_stream;
mod object_text;
mod objects;
pub mod order;
pub mod peek;
mod prometheus;
mod reader;
mod requests;
mod sniff;
mod texts;
mod traffic_analytics;
mod transcode;
mod whoami;
mod words;
mod wrapped;
mod yaml;

use underlay_json as json;

pub use excerpt::Excerpt;
#[doc(hidden)]
pub use object_stream::read_in_portions;
pub use object_text::object_text;
pub use reader::{Coding, Reader, Reading};
pub use requests::AccessRows;
pub use wrapped::unwrapped;
