//! Flow-log bytes to records and tuples: a push scanner for the text of VNet flow logs, version 4, and NSG flow logs, versions 1 and 2. One record is one
//! transaction; text comes in chunks of any size and the result does not depend on where they are cut. Nothing is allocated per tuple.
//!
//! Plain records (compact JSON as Azure writes it) are read by a byte scanner of their own; everything else takes the careful
//! path through serde_json and gives the same answer.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod account;
#[cfg(test)]
mod agreement;
mod ascii;
mod careful;
mod finder;
mod hash;
mod loss;
mod normal;
mod plain;
mod plain_tuple;
mod record_shape;
mod scanner;
mod sink;
mod transaction;
mod tuple;

pub use account::{ForeignRecords, FormatRecords, LostRange, LostWhy, OtherVersion, PassedOver, Rejects, ScanAccount};
pub use ascii::is_ascii;
pub use hash::PartsHasher;
pub use scanner::Scanner;
pub use sink::{NullSink, RecordHead, Sink};
pub use tuple::{NsgVersion, parse_nsg_tuple, parse_tuple};
