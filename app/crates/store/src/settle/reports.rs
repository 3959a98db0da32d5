//! Contract rule 5: of each minute of a side that several points report, the point that counts.

use std::cmp::Reverse;

/// What one point reports for one minute of a side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    /// The pair's number.
    pub(super) pair: u32,
    /// The source's side.
    pub(super) side: bool,
    pub(super) minute: u32,
    /// The point's number.
    pub(super) point: u32,
    pub(super) tuples: u64,
    pub(super) bytes: u128,
}

impl Report {
    fn key(&self) -> (u32, bool, u32, u32) {
        (self.pair, self.side, self.minute, self.point)
    }
}

/// Brings reports in order and adds up those that differ in their sums only.
pub(super) fn put_together(reports: &mut Vec<Report>) {
    reports.sort_unstable_by_key(Report::key);
    reports.dedup_by(|next, first| {
        let same = next.key() == first.key();
        if same {
            first.bytes += next.bytes;
            first.tuples += next.tuples;
        }
        same
    });
}

/// The reports that count, of reports that are [`put_together`]: of those of one minute the one with the most bytes, then tuples, then the
/// point whose name comes first. `ranks` by number of the point.
pub(super) fn winners(reports: &[Report], ranks: &[u32]) -> Vec<Report> {
    let same_minute = |a: &Report, b: &Report| (a.pair, a.side, a.minute) == (b.pair, b.side, b.minute);
    let rank = |report: &Report| ranks.get(report.point as usize).copied().unwrap_or(u32::MAX);
    let best = |reports: &[Report]| {
        reports.iter().copied().max_by_key(|report| (report.bytes, report.tuples, Reverse(rank(report))))
    };
    reports.chunk_by(same_minute).filter_map(best).collect()
}
