//! The account of each input: its tuples by what became of them, after duplicates are known.

use crate::Store;
use crate::record::Standing;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use underlay_model::input::TupleTally;
use underlay_model::order::Order;
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

/// A reporting point may be known by the resource alone.
fn is_mac(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Store {
    /// The account of every input that has records here, by number. Input ranks and retractions must be up to date.
    #[inline(never)]
    pub fn input_tallies(&mut self) -> Vec<InputTally> {
        self.know_standings();
        let mut tallies: BTreeMap<u32, (InputTally, BTreeSet<u32>)> = BTreeMap::new();
        for record in &self.records {
            let (tally, points) = tallies.entry(record.input).or_default();
            tally.input = record.input;
            tally.records += 1;
            if let Some(body) = self.bodies.get(record.body as usize) {
                points.insert(body.point);
            }
            if record.standing == Standing::Copy {
                tally.tuples.duplicate += record.accepted + record.rejected_tuples();
                continue;
            }
            tally.tuples.accepted += record.accepted;
            tally.tuples.rejected += record.rejected_tuples();
            for &(code, count, byte) in &record.rejected {
                match tally.rejected.iter_mut().find(|(known, _, _)| *known == code) {
                    Some((_, sum, first)) => {
                        *sum += count;
                        *first = byte.min(*first);
                    }
                    None => tally.rejected.push((code, count, byte)),
                }
            }
            if record.accepted > 0 {
                let (first, last) = tally.span.unwrap_or(record.span);
                tally.span = Some((first.min(record.span.0), last.max(record.span.1)));
            }
        }
        let finish = |(mut tally, points): (InputTally, BTreeSet<u32>)| {
            tally.rejected.order();
            let mac = |point: &u32| self.points.get(*point as usize).map(|point| point.mac.clone());
            let macs: BTreeSet<String> = points.iter().filter_map(mac).filter(|mac| is_mac(mac)).collect();
            tally.macs = macs.into_iter().collect();
            tally
        };
        tallies.into_values().map(finish).collect()
    }
}
