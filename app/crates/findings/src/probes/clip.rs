//! What was seen of probes, cut to a range of time. Which connections are probes is told once, over the whole capture; how many of them
//! lie in the range, how many were missed and how many went unanswered in a row is known by the minute.

use underlay_model::connection::{ProbeMinute, ProbeObservation, ProbeReport};
use underlay_model::time::{MINUTE_MS, Millis, Minute};
use underlay_model::view::MinuteRange;

/// The report of a range: observations that touch it, with the probes of its minutes. A run of unanswered probes keeps its beginning where
/// that is before the range. Jitter and what is told of connections beside probes stay those of the whole.
pub fn within(report: &ProbeReport, range: MinuteRange) -> ProbeReport {
    let covered = report.covered.iter().filter(|(from, to)| *from <= range.last && *to >= range.first);
    ProbeReport {
        observations: report.observations.iter().filter_map(|seen| of_range(seen, range)).collect(),
        thinned: report.thinned,
        covered: covered.map(|(from, to)| (*from.max(&range.first), *to.min(&range.last))).collect(),
    }
}

/// The same of one pair; `None` when it does not touch the range.
pub fn of_range(seen: &ProbeObservation, range: MinuteRange) -> Option<ProbeObservation> {
    let (first, last) = range.bounds_ms();
    let cut = |span: Option<(Millis, Millis)>| {
        span.map(|(from, to)| (from.max(first), to.min(last))).filter(|(from, to)| from <= to)
    };
    let span = cut(seen.span)?;
    let (answered, unanswered) = seen.within(Some(range));
    let (run, run_span) = longest_run(seen, range);
    let minutes = minutes_of(seen, range);
    Some(ProbeObservation {
        instance: seen.instance,
        target: seen.target,
        port: seen.port,
        separation: seen.separation,
        interval_ms: interval(seen, minutes, range),
        jitter_ms: seen.jitter_ms,
        answered,
        unanswered,
        refused: seen.refused.min(unanswered),
        unanswered_run: run,
        unanswered_span: run_span,
        missed: minutes.iter().map(|one| u64::from(one.missed)).sum(),
        longest_gap: cut(seen.longest_gap),
        user: seen.user,
        unknown: seen.unknown,
        span: Some(span),
        usual_bytes: seen.usual_bytes,
        answer_changed: seen.answer_changed.filter(|(time, ..)| (first..=last).contains(time)),
        minutes: Vec::new(),
    })
}

/// The noted minutes of the range.
fn minutes_of(seen: &ProbeObservation, range: MinuteRange) -> &[ProbeMinute] {
    let from = seen.minutes.partition_point(|one| Minute::from(one.minute) < range.first);
    let to = seen.minutes.partition_point(|one| Minute::from(one.minute) <= range.last);
    seen.minutes.get(from..to).unwrap_or_default()
}

/// Most unanswered probes of the range in a row, and from when to when the row went, which may have begun before the range.
fn longest_run(seen: &ProbeObservation, range: MinuteRange) -> (u64, Option<(Millis, Millis)>) {
    let (first, last) = range.bounds_ms();
    let (mut longest, mut end, mut so_far) = (0, None, 0);
    for one in minutes_of(seen, range) {
        // A row that began before the range has as many in it as there were since.
        so_far += u64::from(one.unanswered);
        let run = u64::from(one.run).min(so_far);
        if one.unanswered > 0 && run > longest {
            (longest, end) = (run, Some(one));
        }
    }
    let Some(end) = end else { return (0, None) };
    let of_whole = seen.unanswered_span.filter(|(from, to)| {
        let minute = Minute::from(end.minute) * MINUTE_MS;
        *from < minute + MINUTE_MS && *to >= minute && *to >= first
    });
    if let Some((from, to)) = of_whole {
        return (longest, Some((from, to.min(last))));
    }
    // Of the other rows the minutes are known.
    let mut missing = u64::from(end.run);
    let before = seen.minutes.iter().rev().skip_while(|one| one.minute > end.minute);
    let begin = before.take_while(|one| {
        let more = missing > 0;
        missing = missing.saturating_sub(one.unanswered.into());
        more
    });
    let from = begin.last().map_or(end.minute, |one| one.minute);
    (longest, Some((Minute::from(from) * MINUTE_MS, (Minute::from(end.minute) + 1) * MINUTE_MS - 1)))
}

/// The mean distance of two beats over the whole minutes of the range, where that tells of another pace than the usual one.
fn interval(seen: &ProbeObservation, minutes: &[ProbeMinute], range: MinuteRange) -> u64 {
    const TELLING: u64 = 20;
    let Some((first, last)) = seen.span else { return seen.interval_ms };
    let whole = |one: &&ProbeMinute| {
        let begin = Minute::from(one.minute) * MINUTE_MS;
        begin >= first && begin + MINUTE_MS <= last && range.first <= Minute::from(one.minute)
    };
    let beats = |one: &ProbeMinute| u64::from(one.answered) + u64::from(one.unanswered) + u64::from(one.missed);
    let beats: u64 = minutes.iter().filter(whole).map(beats).sum();
    let time = minutes.iter().filter(whole).count() as u64 * 60_000;
    let Some(mean) = time.checked_div(beats).filter(|_| beats >= TELLING) else { return seen.interval_ms };
    // What differs by less than a twentieth is the same pace, cut by the edges of minutes.
    if mean.abs_diff(seen.interval_ms) * 20 > seen.interval_ms { mean } else { seen.interval_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Probes every 5 s for ten minutes, of which those from 3:20 to 6:40 are unanswered and minute 8 has none.
    fn seen() -> ProbeObservation {
        let mut seen = ProbeObservation { interval_ms: 5000, ..ProbeObservation::default() };
        let mut run = 0;
        for beat in 0..120i64 {
            let (minute, unanswered) = (u32::try_from(beat / 12).unwrap(), (40..80).contains(&beat));
            run = if unanswered { run + 1 } else { 0 };
            let one = ProbeMinute { minute, run, ..ProbeMinute::default() };
            seen.note_all(match (minute, unanswered) {
                (8, _) => ProbeMinute { missed: 1, ..one },
                (_, true) => ProbeMinute { unanswered: 1, ..one },
                (_, false) => ProbeMinute { answered: 1, ..one },
            });
        }
        (seen.answered, seen.unanswered, seen.missed, seen.unanswered_run) = (68, 40, 12, 40);
        seen.unanswered_span = Some((200_000, 395_000));
        seen.span = Some((0, 595_000));
        seen
    }

    #[test]
    fn a_range_has_its_own_numbers_and_a_run_keeps_its_beginning() {
        let of = |first, last| {
            let one = of_range(&seen(), MinuteRange { first, last }).unwrap();
            (one.answered, one.unanswered, one.missed, one.unanswered_run, one.unanswered_span)
        };
        assert_eq!(of(0, 9), (68, 40, 12, 40, Some((200_000, 395_000))));
        assert_eq!(of(0, 2), (36, 0, 0, 0, None));
        assert_eq!(of(5, 9), (28, 20, 12, 20, Some((200_000, 395_000))));
        assert_eq!(of(4, 4), (0, 12, 0, 12, Some((200_000, 299_999))));
        assert_eq!(of(8, 8), (0, 0, 12, 0, None));
        assert!(of_range(&seen(), MinuteRange { first: 11, last: 12 }).is_none());
        assert_eq!(of_range(&seen(), MinuteRange { first: 1, last: 8 }).unwrap().interval_ms, 5000);
    }

    #[test]
    fn another_pace_within_the_range_is_told() {
        let mut seen =
            ProbeObservation { interval_ms: 5000, span: Some((0, 1_200_000)), ..ProbeObservation::default() };
        for minute in 0..20 {
            seen.note(minute, true, if minute < 10 { 12 } else { 6 });
        }
        assert_eq!(of_range(&seen, MinuteRange { first: 0, last: 8 }).unwrap().interval_ms, 5000);
        assert_eq!(of_range(&seen, MinuteRange { first: 12, last: 18 }).unwrap().interval_ms, 10_000);
    }
}
