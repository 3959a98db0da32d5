//! Times that no flow log covers: nothing is known of them, so no probe is missing then, and none is late.

use super::LONGEST_NOTED_MS;
use underlay_model::connection::ProbeObservation;
use underlay_model::time::{MINUTE_MS, Millis, Minute};

/// A shorter hole is what updates once a minute leave.
const HOLE_MS: Millis = 5 * MINUTE_MS;

/// Times between covered minutes (first and last of each run, in order) that are too long for updates once a minute: (from, to).
pub(crate) fn holes(covered: &[(Minute, Minute)]) -> impl Iterator<Item = (Millis, Millis)> {
    let ends = covered.iter().zip(covered.iter().skip(1));
    ends.map(|(before, after)| ((before.1 + 1) * MINUTE_MS, after.0 * MINUTE_MS))
        .filter(|(from, to)| to - from >= HOLE_MS)
}

/// Takes back what counts as missed in the holes between covered minutes.
pub fn leave_out_uncovered(seen: &mut ProbeObservation, covered: &[(Minute, Minute)]) {
    let Some((first, last)) = seen.span else { return };
    for (from, to) in holes(covered).filter(|(from, to)| *to > first && *from < last) {
        // What happens in a minute may be told by a record of the next one: of those at the edges only a part is known.
        let (from, to) = (from - MINUTE_MS, to + MINUTE_MS);
        let place = |time: Millis| seen.minutes.partition_point(|one| Minute::from(one.minute) * MINUTE_MS < time);
        let inside = place(from)..place(to);
        let noted: u64 = seen
            .minutes
            .get_mut(inside)
            .into_iter()
            .flatten()
            .map(|one| u64::from(std::mem::take(&mut one.missed)))
            .sum();
        // Of a long time without probes not every minute is noted.
        let beats = u64::try_from(to - from).ok().filter(|_| to - from > LONGEST_NOTED_MS);
        let beats = beats.and_then(|time| time.checked_div(seen.interval_ms)).unwrap_or(0);
        seen.missed = seen.missed.saturating_sub(noted.max(beats));
        seen.longest_gap = seen.longest_gap.filter(|gap| gap.1 <= from || gap.0 >= to);
    }
    seen.minutes.retain(|one| one.answered > 0 || one.unanswered > 0 || one.missed > 0);
}
