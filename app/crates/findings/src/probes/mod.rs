//! Health probes, seen: which of a gateway instance's connections to a pod are probes, told by keeping time and size. Pure: the
//! connections of one pair go in, what was seen comes out; always an inference, and *unknown* where nothing tells them apart.

mod cadence;
mod clip;
mod track;
mod uncovered;

pub use clip::{of_range, within};
pub use track::Kind;
pub(crate) use uncovered::holes;
pub use uncovered::leave_out_uncovered;

use cadence::Cadence;
use std::net::IpAddr;
use track::Track;
use underlay_model::connection::{Connection, ProbeMinute, ProbeObservation, ProbeReport, Separation};
use underlay_model::order::Order;
use underlay_model::time::{MINUTE_MS, Millis, Minute, minute_of};

/// Unchanged answers in a row that make a new size the usual one.
const STEADY: u32 = 3;
/// Look-alikes are tolerable while they would be taken for at most one probe in so many.
const SWAPPED_OF: u128 = 100;
/// Of a longer time without probes, as between two captures, the minutes behind it are not noted.
const LONGEST_NOTED_MS: Millis = 1440 * MINUTE_MS;
/// Fewer connections than this prove nothing by their times.
const FEW: usize = 6;

/// What was seen of one instance's probes of one address and port; `connections` in the order of their begin.
pub fn observe(instance: IpAddr, target: IpAddr, port: u16, connections: &[Connection]) -> ProbeObservation {
    classify(instance, target, port, connections, None)
}

/// As [`observe`], and of each connection what it was taken for, in `kinds`.
pub fn observe_each(
    instance: IpAddr,
    target: IpAddr,
    port: u16,
    connections: &[Connection],
    kinds: &mut Vec<Kind>,
) -> ProbeObservation {
    classify(instance, target, port, connections, Some(kinds))
}

fn classify(
    instance: IpAddr,
    target: IpAddr,
    port: u16,
    connections: &[Connection],
    mut kinds: Option<&mut Vec<Kind>>,
) -> ProbeObservation {
    let count = connections.len() as u64;
    let span = connections.first().zip(connections.last()).map(|(first, last)| (first.start_ms, last.start_ms));
    let mut seen =
        ProbeObservation { instance: Some(instance), target: Some(target), port, span, ..Default::default() };
    if let Some(kinds) = &mut kinds {
        kinds.clear();
        kinds.resize(connections.len(), Kind::Unknown);
    }
    let beat = match cadence::find(connections) {
        Cadence::Beat(beat) => beat,
        Cadence::None => {
            tell_without_beat(&mut seen, connections, kinds);
            return seen;
        }
        Cadence::Rivals => {
            seen.separation = Separation::Unclear;
            seen.unknown = count;
            return seen;
        }
    };
    let track = Track::follow(connections, &beat, u64::MAX);
    let clear = track.look_alikes() * SWAPPED_OF <= u128::from(track.hits.len() as u64);
    seen.usual_bytes = [beat.sent, track.usual_answer];
    if !clear {
        seen.separation = Separation::Unclear;
        seen.unknown = count;
        return seen;
    }
    seen.separation = Separation::Clear;
    count_hits(&mut seen, connections, &track);
    seen.user = count - track.hits.len() as u64;
    if let Some(kinds) = &mut kinds {
        kinds.fill(Kind::User);
        for hit in &track.hits {
            if let Some(kind) = kinds.get_mut(hit.at) {
                *kind = Kind::Probe;
            }
        }
    }
    seen
}

/// Where nothing keeps time: only user traffic, unless probes may hide in what is told too little of.
fn tell_without_beat(seen: &mut ProbeObservation, connections: &[Connection], kinds: Option<&mut Vec<Kind>>) {
    let count = connections.len();
    let long = connections.iter().filter(|one| track::is_long(one));
    let (kept, open_ms) = long.fold((0, 0), |(kept, open), one| (kept + 1, open + i64::from(one.duration_ms)));
    let length = seen.span.map_or(0, |(first, last)| last - first);
    let sized = connections.iter().filter(|one| one.ended).count();
    seen.unknown = count as u64;
    if kept * 2 >= count.max(1) {
        seen.separation = Separation::Reused;
    } else if count < FEW {
        // Too few for any word.
    } else if cadence::is_uniform(connections) || sized * 2 < count {
        seen.separation = Separation::Unclear;
    } else {
        // Connections that are kept open for most of the time may carry probes; the others do not.
        let may_carry = kept > 0 && open_ms * 2 >= length;
        if may_carry {
            seen.separation = Separation::Reused;
        }
        seen.unknown = if may_carry { kept as u64 } else { 0 };
        seen.user = count as u64 - seen.unknown;
        for (kind, one) in kinds.into_iter().flatten().zip(connections) {
            *kind = if may_carry && track::is_long(one) { Kind::Unknown } else { Kind::User };
        }
    }
}

fn count_hits(seen: &mut ProbeObservation, connections: &[Connection], track: &Track) {
    let hits = || track.hits.iter().filter_map(|hit| Some((hit, connections.get(hit.at)?)));
    seen.span = hits().next().zip(hits().next_back()).map(|((_, first), (_, last))| (first.start_ms, last.start_ms));
    seen.missed = track.missed;
    seen.longest_gap = track.longest_gap;
    (seen.interval_ms, seen.jitter_ms) = track.interval(connections);
    let (mut run, mut run_from) = (0, 0);
    let mut expected = None;
    let (mut usual, mut other, mut other_count, mut other_since) = (0u32, 0u32, 0, 0);
    for (hit, connection) in hits() {
        expected = note_missed(seen, expected, connection.start_ms, hit.beats);
        if !connection.ended {
            continue;
        }
        let answer = connection.bytes[1] / u32::from(hit.beats.max(1));
        let answered = !connection.is_unanswered();
        // Where the log folded several into one connection, all count in its first minute: when each came is not told.
        seen.note(minute_of(connection.start_ms), answered, hit.beats);
        if !answered {
            seen.unanswered += u64::from(hit.beats);
            seen.refused += if connection.is_refused() { u64::from(hit.beats) } else { 0 };
            if run == 0 {
                run_from = connection.start_ms;
            }
            run += u64::from(hit.beats);
            if let Some(minute) = seen.minutes.last_mut() {
                minute.run = minute.run.max(u16::try_from(run).unwrap_or(u16::MAX));
            }
            if run > seen.unanswered_run {
                seen.unanswered_run = run;
                seen.unanswered_span = Some((run_from, connection.start_ms));
            }
            continue;
        }
        run = 0;
        seen.answered += u64::from(hit.beats);
        // A size that repeats, and differs by more than what a lost acknowledgement makes, is another answer.
        let near = |size: u32| answer.abs_diff(size) <= 60.max(size / 25);
        if usual == 0 {
            usual = answer;
        } else if near(usual) {
            other_count = 0;
        } else if other_count > 0 && near(other) {
            other_count += 1;
            if other_count >= STEADY {
                seen.answer_changed = Some((other_since, usual, other));
                (usual, other_count) = (other, 0);
            }
        } else {
            (other, other_count, other_since) = (answer, 1, connection.start_ms);
        }
    }
    if usual > 0 {
        seen.usual_bytes[1] = usual;
    }
}

/// Notes the beats between the time at which a probe was expected and the one that came, those of the first day. Gives when the next one is expected.
fn note_missed(seen: &mut ProbeObservation, expected: Option<Millis>, time: Millis, beats: u16) -> Option<Millis> {
    let interval = i64::try_from(seen.interval_ms).ok().filter(|&interval| interval > 0)?;
    let mut beat = expected.unwrap_or(time);
    let end = time.min(beat + LONGEST_NOTED_MS);
    while beat + interval / 2 < end {
        let minute = u32::try_from(minute_of(beat)).ok()?;
        seen.note_all(ProbeMinute { minute, missed: 1, ..ProbeMinute::default() });
        beat += interval;
    }
    Some(time + i64::from(beats.max(1)) * interval)
}

/// Overlapping and adjoining runs of minutes as one.
pub fn runs(mut list: Vec<(Minute, Minute)>) -> Vec<(Minute, Minute)> {
    list.order();
    list.dedup_by(|next, known| {
        let joins = next.0 <= known.1 + 1;
        if joins {
            known.1 = known.1.max(next.1);
        }
        joins
    });
    list
}

/// Pairs that more than one report speaks of, sorted: they are to be observed together, from their connections.
pub fn shared_pairs(reports: &[ProbeReport]) -> Vec<(IpAddr, IpAddr, u16)> {
    let named = |seen: &ProbeObservation| Some((seen.instance?, seen.target?, seen.port));
    let mut names: Vec<_> = reports.iter().flat_map(|report| report.observations.iter().filter_map(named)).collect();
    names.order();
    let mut shared: Vec<_> =
        names.windows(2).filter_map(|pair| pair.first().filter(|first| pair.get(1) == Some(first)).copied()).collect();
    shared.dedup();
    shared
}

/// One report of several shards': what several saw of one pair is added up, the one with the most probes leads. What no flow log covers
/// is left out.
pub fn merge(reports: Vec<ProbeReport>) -> ProbeReport {
    let mut merged = ProbeReport::default();
    for report in reports {
        merged.thinned = merged.thinned.max(report.thinned);
        merged.observations.extend(report.observations);
        merged.covered.extend(report.covered);
    }
    merged.covered = runs(merged.covered);
    let key = |seen: &ProbeObservation| (seen.instance, seen.target, seen.port);
    merged.observations.order_by(|a, b| {
        key(a).cmp(&key(b)).then_with(|| (b.answered + b.unanswered).cmp(&(a.answered + a.unanswered))).then(a.cmp(b))
    });
    merged.observations.dedup_by(|more, first| {
        let same = key(more) == key(first);
        if same {
            first.answered += more.answered;
            first.unanswered += more.unanswered;
            first.refused += more.refused;
            first.missed += more.missed;
            first.user += more.user;
            first.unknown += more.unknown;
            if more.unanswered_run > first.unanswered_run {
                first.unanswered_run = more.unanswered_run;
                first.unanswered_span = more.unanswered_span;
            }
            let mut minutes = [std::mem::take(&mut first.minutes), std::mem::take(&mut more.minutes)].concat();
            minutes.order();
            for one in minutes {
                first.note_all(one);
            }
            let spans = first.span.into_iter().chain(more.span);
            first.span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        }
        same
    });
    merged.observations.iter_mut().for_each(|seen| leave_out_uncovered(seen, &merged.covered));
    merged
}
