//! What was seen of probes, cut to a range of time. Which connections are probes is told once, over the whole capture; how many of them
//! lie in the range is known by the minute.

use underlay_model::connection::{ProbeObservation, ProbeReport};
use underlay_model::time::Millis;
use underlay_model::view::MinuteRange;

/// The report of a range: observations that touch it, with the probes of its minutes. Interval, jitter and what is told of single
/// connections beside probes stay those of the whole.
pub fn within(report: &ProbeReport, range: MinuteRange) -> ProbeReport {
    let (first, last) = range.bounds_ms();
    let covered = report.covered.iter().filter(|(from, to)| *from <= range.last && *to >= range.first);
    ProbeReport {
        observations: report.observations.iter().filter_map(|seen| clip(seen, range, first, last)).collect(),
        thinned: report.thinned,
        covered: covered.map(|(from, to)| (*from.max(&range.first), *to.min(&range.last))).collect(),
    }
}

fn clip(seen: &ProbeObservation, range: MinuteRange, first: Millis, last: Millis) -> Option<ProbeObservation> {
    let cut = |span: Option<(Millis, Millis)>| {
        span.map(|(from, to)| (from.max(first), to.min(last))).filter(|(from, to)| from <= to)
    };
    let span = cut(seen.span)?;
    let (answered, unanswered) = seen.within(Some(range));
    let unanswered_span = cut(seen.unanswered_span);
    Some(ProbeObservation {
        instance: seen.instance,
        target: seen.target,
        port: seen.port,
        separation: seen.separation,
        interval_ms: seen.interval_ms,
        jitter_ms: seen.jitter_ms,
        answered,
        unanswered,
        refused: seen.refused.min(unanswered),
        unanswered_run: unanswered_span.map_or(0, |_| seen.unanswered_run.min(unanswered)),
        unanswered_span,
        missed: if cut(seen.longest_gap).is_some() { seen.missed } else { 0 },
        longest_gap: cut(seen.longest_gap),
        user: seen.user,
        unknown: seen.unknown,
        span: Some(span),
        usual_bytes: seen.usual_bytes,
        answer_changed: seen.answer_changed.filter(|(time, ..)| (first..=last).contains(time)),
        minutes: Vec::new(),
    })
}
