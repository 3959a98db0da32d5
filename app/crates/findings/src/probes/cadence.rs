//! Whether something keeps time among connections: the sizes that recur are tried one after another, each with the distances
//! at which it recurs and their whole parts, and the beat that is met most often wins. Where others keep time as well, as monitors do
//! whose requests come through the gateway, the smallest is the probe: to the others the gateway adds its headers.

use super::track::{Track, is_long, most_beats};
use underlay_model::connection::Connection;
use underlay_model::order::Order;
use underlay_model::time::Millis;

/// A beat: who keeps it, and how closely.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beat {
    /// Bytes sent by the usual probe.
    pub sent: u32,
    /// Packets sent by it.
    pub packets: u32,
    /// Others differ from it by a little.
    pub varies: bool,
    /// Distance of two beats.
    pub interval_ms: Millis,
    /// A beat may come so much early or late.
    pub tolerance_ms: Millis,
    /// So much, when only one connection of its size is there.
    pub wide_ms: Millis,
}

impl Beat {
    /// The usual probe.
    fn usual(&self) -> Connection {
        Connection { bytes: [self.sent, 0], packets: [self.packets, 0], ..Connection::default() }
    }
}

/// What was found.
pub(super) enum Cadence {
    /// Nothing keeps time.
    None,
    /// Several do, and which of them are probes cannot be told.
    Rivals,
    /// Probes do.
    Beat(Beat),
}

/// Connections looked at to find the beat.
const SAMPLE: usize = 1_500;
/// Sizes tried, most frequent first.
const SIZES: usize = 8;
/// Beats that must be met before anybody speaks of probes.
const FEWEST: u64 = 5;
/// Intervals that are thinkable (formats, 4.10: 1 s and more are configured; half a second to ten minutes are looked for).
const INTERVALS: std::ops::RangeInclusive<Millis> = 450..=600_000;

/// A beat may be looked for so far from its time: what a clock is set by, or a whole second rounds off.
const SHIFT_MS: Millis = 1_100;
/// So many of one size at equal distances are somebody who keeps time.
const REGULAR: usize = 20;
/// The headers that the gateway adds to the requests of others take at least so many bytes.
const ADDED: u32 = 80;

/// A beat with how well it is kept.
struct Candidate {
    score: u64,
    beat: Beat,
    track: Track,
}

impl Candidate {
    /// Whether a score is not better than its own by more than a twentieth.
    fn beats(&self, score: u64) -> bool {
        score <= self.score + self.score / 20
    }
}

/// The beat that connections keep, if any do.
pub(super) fn find(connections: &[Connection]) -> Cadence {
    // From the middle: the edges of a capture hold halves of connections.
    let middle = |length: usize| {
        let skip = connections.len().saturating_sub(length) / 2;
        connections.get(skip..(skip + length).min(connections.len())).unwrap_or_default()
    };
    match find_in(middle(SAMPLE), SIZES) {
        // Among so many a slow beat is seen over a longer time only, and its size is not among the most frequent.
        Cadence::None if connections.len() > SAMPLE => find_in(middle(SAMPLE * 4), SIZES * 4),
        found => found,
    }
}

fn find_in(sample: &[Connection], most: usize) -> Cadence {
    let sizes = frequent(sample, most);
    let unanswered = sample.iter().filter(|one| one.is_unanswered()).count() as u64;
    let mut best: Option<Candidate> = None;
    for (count, size) in &sizes {
        // A third of what is met at least is of the size, or fails: a beat that cannot score more need not be followed.
        let bound = (count + unanswered) * 3;
        if !best.as_ref().is_some_and(|known| known.beats(bound)) {
            best = candidate(sample, size, best.as_ref()).or(best);
        }
    }
    for (_, size) in sizes.iter().take(most / 2) {
        if best.is_none() {
            best = candidate(sample, &Beat { varies: true, ..*size }, None);
        }
    }
    let Some(best) = best else { return Cadence::None };
    let mut all = vec![with_its_variants(sample, best)];
    for (count, size) in sizes.iter().filter(|(count, _)| *count >= REGULAR as u64) {
        let known = all.iter().any(|one| one.beat.is_of_size(&size.usual()));
        if !known && is_regular(&times_of(sample, size, *count)) {
            let rival = candidate(sample, size, None);
            all.extend(rival.filter(|rival| is_apart(rival, &all)));
        }
    }
    all.order_by_key(|one| one.beat.sent);
    let smallest = |next: &Candidate| all.first().is_none_or(|first| first.beat.sent + ADDED <= next.beat.sent);
    match all.first() {
        Some(first) if all.get(1).is_none_or(smallest) => Cadence::Beat(refined(first.beat, sample, &first.track)),
        _ => Cadence::Rivals,
    }
}

/// A beat whose probes differ a little, where what differs a little keeps it as well.
fn with_its_variants(sample: &[Connection], best: Candidate) -> Candidate {
    let varying = Beat { varies: true, ..best.beat };
    let all_met = best.track.alike * 10 >= best.track.hits.len() as u64 * 9 && best.track.off == 0;
    let of_size = || sample.iter().filter(|one| one.ended && varying.is_of_size(one)).count() as u64;
    if all_met || of_size() * 4 <= best.track.alike * 5 {
        return best;
    }
    candidate(sample, &varying, Some(&best)).unwrap_or(best)
}

/// The best beat of a size, if it is kept well, and better than the best one known by more than a twentieth.
fn candidate(sample: &[Connection], size: &Beat, best: Option<&Candidate>) -> Option<Candidate> {
    let beaten =
        |score: u64, best: Option<&Candidate>| best.is_some_and(|known| score <= known.score + known.score / 20);
    // No beat of this size can be met more often, and none scores more than it is met.
    let most = most_beats(sample, size);
    if most < FEWEST || beaten(most, best) {
        return None;
    }
    let times = times_of(sample, size, most);
    let usual = median(&mut distances(&times))?;
    let of = |interval_ms: Millis, wide_ms: Millis| Beat {
        interval_ms,
        tolerance_ms: (interval_ms / 16).clamp(40, 500),
        wide_ms,
        ..*size
    };
    let close = (1..=6).map(|part| usual / part).map(|interval| of(interval, (interval / 4).min(SHIFT_MS)));
    // Of one that is regular at its size alone the next may come at any time that is not rather that of the one behind it.
    let wide = std::iter::once_with(|| is_regular(&times).then(|| of(usual, usual * 9 / 20))).flatten();
    let mut own: Option<Candidate> = None;
    for beat in close.chain(wide).filter(|beat| INTERVALS.contains(&beat.interval_ms)) {
        if beaten(most, own.as_ref()) {
            break;
        }
        // Beyond a third of all that can be met, what speaks against it is too much.
        let track = Track::follow(sample, &beat, most / 3);
        let score = kept(&track);
        // Of a beat and its half the faster one is right when it is met as well.
        if score.is_some_and(|score| !beaten(score, best) && !beaten(score, own.as_ref())) {
            own = score.map(|score| Candidate { score, beat, track });
        }
    }
    own
}

/// How well a beat is kept: three of four beats are met, most of them by what looks like a probe or fails like one.
fn kept(track: &Track) -> Option<u64> {
    let met = track.hits.iter().map(|hit| u64::from(hit.beats)).sum::<u64>();
    let alike = track.alike + track.failed_alike;
    let well = met >= FEWEST && track.alike * 4 >= FEWEST * 3 && met * 4 >= (met + track.off) * 3 && alike * 3 >= met;
    well.then(|| met * met / (met + track.off).max(1))
}

/// Whether somebody else keeps a beat of his own: nine of ten beats, most of them by connections that are in no other beat.
fn is_apart(rival: &Candidate, others: &[Candidate]) -> bool {
    let own: Vec<usize> = rival.track.hits.iter().map(|hit| hit.at).collect();
    let taken = |at: &usize| others.iter().any(|one| one.track.hits.binary_search_by_key(at, |hit| hit.at).is_ok());
    let shared = own.iter().filter(|at| taken(at)).count();
    let met = own.len() as u64;
    own.len() >= REGULAR && shared * 5 <= own.len() && met * 10 >= (met + rival.track.off) * 9
}

/// When connections of a size began, of those that ended soon; `most` is about how many there are.
fn times_of(sample: &[Connection], size: &Beat, most: u64) -> Vec<Millis> {
    let mut times = Vec::with_capacity(usize::try_from(most).unwrap_or(0).min(sample.len()));
    let of_size = sample.iter().filter(|one| one.ended && !is_long(one) && size.is_of_size(one));
    times.extend(of_size.map(|one| one.start_ms));
    times
}

fn distances(times: &[Millis]) -> Vec<Millis> {
    times.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?)).collect()
}

/// Whether the distances of times are: six of seven are near the usual one. Of times by chance a third are.
fn is_regular(times: &[Millis]) -> bool {
    let all = distances(times);
    let Some(usual) = median(&mut all.clone()).filter(|_| times.len() >= REGULAR) else { return false };
    let near = all.iter().filter(|&one| (one - usual).abs() * 20 <= usual * 9).count();
    near * 7 >= all.len() * 6
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

/// The sizes sent by connections that ended with how many sent them, most frequent first, so many at most.
fn frequent(sample: &[Connection], most: usize) -> Vec<(u64, Beat)> {
    // Bytes and packets in one number, and a table of twice as many places: this is done for every pair of the gateway.
    let places = (sample.len() * 2).next_power_of_two().max(2);
    let mut table: Vec<(u64, u32)> = vec![(0, 0); places];
    for one in sample.iter().filter(|one| one.ended) {
        let size = u64::from(one.bytes[0]) << 32 | u64::from(one.packets[0]);
        let mut at = (size.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize;
        loop {
            at &= places - 1;
            let Some(place) = table.get_mut(at).filter(|place| place.1 == 0 || place.0 == size) else {
                at += 1;
                continue;
            };
            *place = (size, place.1 + 1);
            break;
        }
    }
    let mut counted: Vec<(u32, u64)> =
        table.into_iter().filter(|&(_, count)| count >= 4).map(|(size, count)| (count, size)).collect();
    counted.order_by_key(|&(count, size)| (std::cmp::Reverse(count), size));
    let size = |size: u64| Beat { sent: (size >> 32) as u32, packets: size as u32, ..Beat::default() };
    counted.into_iter().take(most).map(|(count, packed)| (count.into(), size(packed))).collect()
}

/// The middle one, of values that may be put in another order; `None` of nothing.
pub(super) fn median(values: &mut [Millis]) -> Option<Millis> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    Some(*values.select_nth_unstable(middle).1)
}
