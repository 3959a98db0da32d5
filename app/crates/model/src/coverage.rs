//! Which NIC has logs for which minute: what coverage is shown of. A minute without a row is a hole, not a zero.

use crate::view::MinuteRange;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The coverage of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// From the first minute of any tuple to the last; `None` when there is none.
    pub span: Option<MinuteRange>,
    /// One a reporting point; those of named nodes first, by name, then by NIC and flow log.
    pub nics: Vec<NicCoverage>,
}

/// One reporting point (summary contract, rule 3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NicCoverage {
    /// The NIC, 12 upper-case hex digits; empty when the records do not say.
    pub mac: String,
    /// GUID or resource id of the flow log.
    pub flow_log: String,
    /// The node, gateway subnet or NIC that it is; empty when nothing says so.
    pub name: String,
    /// Which input or observation makes it so; begins `inferred:` when it is one.
    pub evidence: String,
    /// Addresses that it reports as its own, most rows first; at most 3.
    pub addresses: Vec<IpAddr>,
    /// Minutes with rows, joined, in order.
    pub covered: Vec<MinuteRange>,
    /// Minutes in `covered`.
    pub minutes: u64,
}

impl NicCoverage {
    /// Stretches of `span` without a row.
    pub fn holes(&self, span: MinuteRange) -> Vec<MinuteRange> {
        let mut holes = Vec::new();
        let mut next = span.first;
        for run in &self.covered {
            let end = (run.first - 1).min(span.last);
            if end >= next {
                holes.push(MinuteRange { first: next, last: end });
            }
            next = next.max(run.last + 1);
        }
        if next <= span.last {
            holes.push(MinuteRange { first: next, last: span.last });
        }
        holes
    }
}

/// Minutes in order as joined ranges.
pub fn joined(minutes: impl IntoIterator<Item = crate::time::Minute>) -> Vec<MinuteRange> {
    let mut ranges: Vec<MinuteRange> = Vec::new();
    for minute in minutes {
        match ranges.last_mut() {
            Some(range) if minute <= range.last + 1 => range.last = range.last.max(minute),
            _ => ranges.push(MinuteRange { first: minute, last: minute }),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_what_is_not_covered() {
        let nic = NicCoverage { covered: joined([3, 4, 5, 9]), ..NicCoverage::default() };
        let holes: Vec<(i64, i64)> =
            nic.holes(MinuteRange { first: 1, last: 10 }).iter().map(|hole| (hole.first, hole.last)).collect();
        assert_eq!(holes, [(1, 2), (6, 8), (10, 10)]);
        assert!(nic.holes(MinuteRange { first: 4, last: 5 }).is_empty());
    }
}
