//! Following a beat through the connections of a pair: at each beat the connection that is most like a probe, and nothing when
//! there is none. Every probe met sets the time anew, so a slow drift does no harm.

use super::cadence::{Beat, median};
use underlay_model::connection::Connection;
use underlay_model::time::Millis;

/// What a connection was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A health probe.
    Probe,
    /// Anything else.
    User,
    /// It cannot be told.
    Unknown,
}

/// A connection that was met on the beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    /// Its place in the list.
    pub at: usize,
    /// How many probes the log folded into it.
    pub beats: u16,
}

/// A beat, followed.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub hits: Vec<Hit>,
    /// Hits of the usual size.
    pub alike: u64,
    /// Hits without an answer, of one size with the one before: what a target that fails gets.
    pub failed_alike: u64,
    last_failed: (u32, u32),
    /// Beats between hits at which there was nothing.
    pub missed: u64,
    /// Of these what speaks against the beat: those of short gaps, and a few for each time that it was lost.
    pub off: u64,
    most_off: u64,
    pub longest_gap: Option<(Millis, Millis)>,
    /// Bytes returned to the probe met last.
    pub usual_answer: u32,
    /// Connections that are no hit and look like one, within its time.
    doubles: u64,
}

/// Beats in a row without anything after which the beat is sought anew.
const LOST: i64 = 4;

/// A connection this long, or one that is told of between its begin and end, is kept open for more than one request.
const LONG_MS: u32 = 60_000;

/// Whether a connection is kept open.
pub(super) fn is_long(one: &Connection) -> bool {
    one.continued || one.duration_ms >= LONG_MS
}

impl Beat {
    /// Whether only its size tells it: it comes at any time that is nearer to its own than to the next one's.
    fn is_wide(&self) -> bool {
        self.wide_ms * 3 > self.interval_ms
    }

    /// Whether a connection that ended is of the size of the usual probe. Where sizes vary, bytes may differ by a ticket of TLS, and packets by
    /// acknowledgements, which are all headers.
    pub(super) fn is_of_size(&self, one: &Connection) -> bool {
        if !self.varies {
            return one.bytes[0] == self.sent && one.packets[0] == self.packets;
        }
        let extra = i64::from(one.packets[0]) - i64::from(self.packets);
        let rest = i64::from(one.bytes[0]) - i64::from(self.sent) - extra * 52;
        extra.abs() <= 2 && rest.abs() <= 16 + 14 * extra.abs()
    }
}

/// How much a connection is like a probe: 0 is most, `None` not at all.
fn likeness(one: &Connection, beat: &Beat, answer: u32) -> Option<u8> {
    if !one.ended {
        // Nothing is known of its size; only time speaks for it.
        return one.begun.then_some(3);
    }
    let unanswered = one.is_unanswered();
    if is_long(one) && !unanswered {
        return None;
    }
    let close = one.bytes[0].abs_diff(beat.sent) <= 64.max(beat.sent / 16);
    let same = beat.is_of_size(one);
    match (same, close) {
        (false, _) if unanswered => Some(2),
        (true, _) if one.bytes[1] == 0 => Some(2),
        (true, _) if answer == 0 || one.bytes[1].abs_diff(answer) <= 60.max(answer / 25) => Some(0),
        (true, _) => Some(1),
        (_, true) if !beat.is_wide() && one.packets[0].abs_diff(beat.packets) <= 2 => Some(2),
        _ => None,
    }
}

/// Of how many probes a connection is the sum, when its size says so.
fn folded(one: &Connection, beat: &Beat) -> Option<u16> {
    if !one.ended || beat.sent == 0 {
        return None;
    }
    let times = one.bytes[0].saturating_add(beat.sent / 2) / beat.sent;
    let rest = one.bytes[0].abs_diff(times * beat.sent);
    ((2..=24).contains(&times) && rest <= times * 8 && one.packets[0].abs_diff(times * beat.packets) <= times)
        .then_some(u16::try_from(times).unwrap_or(1))
}

/// How many probes of a size there are at most: what is like one in any way, at any time.
pub(super) fn most_beats(connections: &[Connection], beat: &Beat) -> u64 {
    let beats = |one: &Connection| folded(one, beat).map_or(u64::from(likeness(one, beat, 0).is_some()), u64::from);
    connections.iter().map(beats).sum()
}

impl Track {
    /// Follows a beat from the first probe to the last, or until more than `most_off` speaks against it.
    pub(super) fn follow(connections: &[Connection], beat: &Beat, most_off: u64) -> Self {
        let mut track = Self { most_off, ..Self::default() };
        let mut next = 0;
        let mut last: Option<Millis> = None;
        while let Some(start) = find_start(connections, next, beat) {
            let Some(first) = connections.get(start) else { break };
            if let Some(last) = last {
                let skipped = (first.start_ms - last + beat.interval_ms / 2) / beat.interval_ms - 1;
                track.miss(skipped, last, first.start_ms);
            }
            (next, last) = track.run(connections, start, beat);
            if track.is_hopeless() {
                break;
            }
        }
        track
    }

    fn is_hopeless(&self) -> bool {
        self.off > self.most_off
    }

    fn miss(&mut self, beats: i64, from: Millis, to: Millis) {
        if beats > 0 {
            self.missed += beats.unsigned_abs();
            if self.longest_gap.is_none_or(|(a, b)| to - from > b - a) {
                self.longest_gap = Some((from, to));
            }
        }
    }

    /// From a probe to where the beat is lost. Gives the place after it and the time of the last hit.
    fn run(&mut self, connections: &[Connection], start: usize, beat: &Beat) -> (usize, Option<Millis>) {
        let Some(first) = connections.get(start) else { return (usize::MAX, None) };
        self.hit(start, 1, first, beat);
        let (mut time, mut waited, mut from) = (first.start_ms, 1, start + 1);
        loop {
            let expected = time + waited * beat.interval_ms;
            let tolerance = (beat.tolerance_ms * (2 + waited) / 3).min(beat.interval_ms / 4);
            let wide = tolerance.max(beat.wide_ms);
            while connections.get(from).is_some_and(|one| one.start_ms < expected - wide) {
                from += 1;
            }
            if from >= connections.len() {
                return (usize::MAX, Some(time));
            }
            let best = self.best(connections, from, expected, tolerance, beat);
            let found = match best {
                Some((0, ..)) => best,
                _ => self.shifted(connections, from, expected, wide, beat).or(best),
            };
            match found {
                Some((_, at, beats)) => {
                    let Some(one) = connections.get(at) else { return (usize::MAX, Some(time)) };
                    self.miss(waited - 1, time, one.start_ms);
                    self.off += (waited - 1).unsigned_abs();
                    self.hit(at, beats, one, beat);
                    time = one.start_ms + i64::from(beats - 1) * beat.interval_ms;
                    (waited, from) = (1, at + 1);
                    if self.is_hopeless() {
                        return (from, Some(time));
                    }
                }
                None if waited >= LOST => {
                    self.off += LOST.unsigned_abs();
                    return (from, Some(time));
                }
                None => waited += 1,
            }
        }
    }

    fn hit(&mut self, at: usize, beats: u16, one: &Connection, beat: &Beat) {
        self.hits.push(Hit { at, beats });
        if one.ended && beat.is_of_size(one) {
            self.alike += 1;
        } else if one.is_unanswered() {
            let size = (one.bytes[0], one.packets[0]);
            self.failed_alike += u64::from(size == self.last_failed);
            self.last_failed = size;
        }
        if one.ended && !one.is_unanswered() && beats == 1 {
            self.usual_answer = one.bytes[1];
        }
    }

    /// The connection around a moment that is most like a probe, of equals the one nearest in time; with how much it is.
    fn best(
        &mut self,
        connections: &[Connection],
        from: usize,
        expected: Millis,
        tolerance: Millis,
        beat: &Beat,
    ) -> Option<(u8, usize, u16)> {
        let mut best: Option<((u8, Millis), usize, u16)> = None;
        let mut alike = 0;
        for (at, one) in connections.iter().enumerate().skip(from) {
            if one.start_ms > expected + tolerance {
                break;
            }
            if one.start_ms < expected - tolerance {
                continue;
            }
            let (rank, beats) = match (likeness(one, beat, self.usual_answer), folded(one, beat)) {
                (_, Some(beats)) if i64::from(one.duration_ms) >= i64::from(beats - 1) * (beat.interval_ms * 3 / 4) => {
                    (2, beats)
                }
                (Some(rank), _) => (rank, 1),
                _ => continue,
            };
            alike += u64::from(rank == 0);
            let key = (rank, (one.start_ms - expected).abs());
            if best.is_none_or(|(known, _, _)| key < known) {
                best = Some((key, at, beats));
            }
        }
        self.doubles += alike.max(1) - 1;
        best.map(|((rank, _), at, beats)| (rank, at, beats))
    }

    /// The only connection near a moment that is exactly like a probe: clocks are set, and some logs have whole seconds, so that a beat may
    /// come early or late by more than it does by itself.
    fn shifted(
        &self,
        connections: &[Connection],
        from: usize,
        expected: Millis,
        wide: Millis,
        beat: &Beat,
    ) -> Option<(u8, usize, u16)> {
        let near = connections.iter().enumerate().skip(from).take_while(|(_, one)| one.start_ms <= expected + wide);
        let mut alike = near.filter(|(_, one)| likeness(one, beat, self.usual_answer) == Some(0));
        let (at, _) = alike.next()?;
        alike.next().is_none().then_some((0, at, 1))
    }

    /// How many hits may be somebody else: of each window with several that look alike, half.
    pub(super) fn look_alikes(&self) -> u128 {
        u128::from(self.doubles.div_ceil(2))
    }

    /// Median distance of two hits without a beat missed between, and what nine of ten differ from it by at most.
    pub(super) fn interval(&self, connections: &[Connection]) -> (u64, u64) {
        let time = |hit: &Hit| connections.get(hit.at).map(|one| one.start_ms);
        let mut distances: Vec<Millis> = self
            .hits
            .windows(2)
            .filter_map(|pair| {
                let (first, second) = (pair.first()?, pair.get(1)?);
                (first.beats == 1).then_some(time(second)? - time(first)?)
            })
            .collect();
        let Some(usual) = median(&mut distances) else { return (0, 0) };
        // Distances become what they differ by.
        distances.iter_mut().for_each(|one| *one = (*one - usual).abs());
        distances.retain(|&off| off < usual / 2);
        let ninth = (distances.len() * 9 / 10).min(distances.len().max(1) - 1);
        let jitter = if distances.is_empty() { 0 } else { *distances.select_nth_unstable(ninth).1 };
        (usual.unsigned_abs(), jitter.unsigned_abs())
    }
}

/// The first connection from `from` that looks like a probe and has another one after an interval; of one without an answer, after each of
/// two intervals.
fn find_start(connections: &[Connection], from: usize, beat: &Beat) -> Option<usize> {
    let near = |one: &Connection| one.ended && beat.is_of_size(one);
    let mut ahead = from;
    for at in from..connections.len() {
        let Some(one) = connections.get(at).filter(|one| near(one) || one.is_unanswered()) else { continue };
        ahead = ahead.max(at + 1);
        let follows = |ahead: &mut usize, expected: Millis| {
            while connections.get(*ahead).is_some_and(|other| other.start_ms < expected - beat.tolerance_ms) {
                *ahead += 1;
            }
            let around =
                connections.iter().skip(*ahead).take_while(|other| other.start_ms <= expected + beat.tolerance_ms);
            around.filter(|other| near(other) || other.is_unanswered()).map(|other| other.start_ms).next()
        };
        let Some(second) = follows(&mut ahead, one.start_ms + beat.interval_ms) else { continue };
        if near(one) || follows(&mut ahead.clone(), second + beat.interval_ms).is_some() {
            return Some(at);
        }
    }
    None
}
