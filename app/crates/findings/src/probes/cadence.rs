//! Whether something keeps time among connections: the sizes that recur are tried one after another, each with the distances
//! at which it recurs and their whole parts, and the beat that is met most often wins.

use super::track::{Track, is_long, most_beats};
use underlay_model::connection::Connection;
use underlay_model::order::Order;
use underlay_model::time::Millis;

/// A beat: who keeps it, and how closely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Beat {
    /// Bytes sent by the usual probe.
    pub sent: u32,
    /// Packets sent by it.
    pub packets: u32,
    /// Distance of two beats.
    pub interval_ms: Millis,
    /// A beat may come so much early or late.
    pub tolerance_ms: Millis,
}

/// Connections looked at to find the beat.
const SAMPLE: usize = 1_500;
/// Sizes tried, most frequent first.
const SIZES: usize = 8;
/// Beats that must be met before anybody speaks of probes.
const FEWEST: u64 = 5;
/// Intervals that are thinkable (formats, 4.10: 1 s and more are configured; half a second to ten minutes are looked for).
const INTERVALS: std::ops::RangeInclusive<Millis> = 450..=600_000;

/// The beat that connections keep, if any do.
pub(super) fn find(connections: &[Connection]) -> Option<Beat> {
    // From the middle: the edges of a capture hold halves of connections.
    let skip = connections.len().saturating_sub(SAMPLE) / 2;
    let sample = connections.get(skip..(skip + SAMPLE).min(connections.len()))?;
    let mut best: Option<(u64, Beat, Track)> = None;
    let beaten = |score: u64, best: &Option<(u64, Beat, Track)>| {
        best.as_ref().is_some_and(|(known, ..)| score <= known + known / 20)
    };
    for (sent, packets) in frequent(sample) {
        // No beat of this size can be met more often, and none scores more than it is met.
        let most = most_beats(sample, sent, packets);
        if most < FEWEST || beaten(most, &best) {
            continue;
        }
        let times: Vec<Millis> = sample
            .iter()
            .filter(|one| one.ended && !is_long(one) && one.bytes[0] == sent && one.packets[0] == packets)
            .map(|one| one.start_ms)
            .collect();
        let mut distances: Vec<Millis> =
            times.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)).collect();
        let Some(usual) = median(&mut distances) else { continue };
        for part in 1..=6 {
            let interval_ms = usual / part;
            if !INTERVALS.contains(&interval_ms) || beaten(most, &best) {
                continue;
            }
            let beat = Beat { sent, packets, interval_ms, tolerance_ms: (interval_ms / 16).clamp(40, 500) };
            // Beyond a third of all that can be met, what speaks against it is too much.
            let track = Track::follow(sample, &beat, most / 3);
            let met = track.hits.iter().map(|hit| u64::from(hit.beats)).sum::<u64>();
            let exact = track.exact;
            // Three of four beats are met, most of them by what looks like a probe.
            if met < FEWEST || exact * 4 < FEWEST * 3 || met * 4 < (met + track.off) * 3 || exact * 3 < met {
                continue;
            }
            // Of a beat and its half the faster one is right when it is met as well.
            let score = met * met / (met + track.off).max(1);
            if !beaten(score, &best) {
                best = Some((score, beat, track));
            }
        }
    }
    best.map(|(_, beat, track)| refined(beat, sample, &track))
}

/// Whether so many connections are equal in every size that probes could hide among them.
pub(super) fn is_uniform(connections: &[Connection]) -> bool {
    let sample = connections.get(..connections.len().min(SAMPLE)).unwrap_or_default();
    let mut sizes: Vec<[u32; 4]> = sample
        .iter()
        .filter(|one| one.ended)
        .map(|one| [one.bytes[0], one.packets[0], one.bytes[1], one.packets[1]])
        .collect();
    sizes.order();
    let largest = sizes.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
    largest >= 12 && largest * 5 >= sample.len()
}

/// The same beat with the interval and the tolerance that were observed.
fn refined(beat: Beat, sample: &[Connection], track: &Track) -> Beat {
    let (interval, jitter) = track.interval(sample);
    let interval_ms = i64::try_from(interval).unwrap_or(beat.interval_ms).max(1);
    let jitter = i64::try_from(jitter).unwrap_or(0);
    let tolerance_ms = (jitter * 3 + 25).min(interval_ms / 6).max(30);
    Beat { interval_ms, tolerance_ms, ..beat }
}

/// (bytes, packets) sent by connections that ended, most frequent first.
fn frequent(sample: &[Connection]) -> Vec<(u32, u32)> {
    // Bytes and packets in one number, because these are sorted for every pair of the gateway.
    let packed = |one: &Connection| u64::from(one.bytes[0]) << 32 | u64::from(one.packets[0]);
    let mut sizes: Vec<u64> = sample.iter().filter(|one| one.ended).map(packed).collect();
    sizes.sort_unstable();
    let counts = sizes.chunk_by(|a, b| a == b).filter_map(|same| Some((same.len(), *same.first()?)));
    let mut counted: Vec<(usize, u64)> = counts.filter(|&(count, _)| count >= 4).collect();
    counted.order_by_key(|&(count, size)| (std::cmp::Reverse(count), size));
    counted.into_iter().take(SIZES).map(|(_, size)| ((size >> 32) as u32, size as u32)).collect()
}

/// The middle one, of values that may be put in another order; `None` of nothing.
pub(super) fn median(values: &mut [Millis]) -> Option<Millis> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable(middle).1)
}
