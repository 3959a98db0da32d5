//! The account of each input: its tuples by what became of them, after duplicates are known.

use crate::Store;
use serde::{Deserialize, Serialize};
use underlay_model::input::TupleTally;
use underlay_model::time::Millis;
use underlay_model::tuple::RejectCode;

/// The account of one input in one shard. An input is read by one shard, so these are not merged but listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputTally {
    /// As numbered by the session.
    pub input: u32,
    /// Whole records, copies too.
    pub records: u64,
    /// Tuples.
    pub tuples: TupleTally,
    /// Rejected tuples of records that are no copies: (code, count, byte of the first), in the order of the codes.
    pub rejected: Vec<(RejectCode, u64, u64)>,
    /// First and last time of accepted tuples.
    pub span: Option<(Millis, Millis)>,
    /// NICs of its records, sorted; copies' too.
    pub macs: Vec<String>,
}

impl Store {
    /// The account of every input that has records here, by number. Input ranks and retractions must be up to date.
    pub fn input_tallies(&mut self) -> Vec<InputTally> {
        todo!()
    }
}
