//! Single connections of gateway instances: probes can be told from user traffic only by the times and sizes of each, so they
//! are kept where everything else is summed; and what was seen of probes, which is all that leaves the place that keeps them.

use crate::time::{Millis, Minute};
use crate::view::MinuteRange;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One connection, begin and end folded into one; counters of all its updates that were seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Time of the first tuple.
    pub start_ms: Millis,
    /// From the first tuple to the last one, milliseconds.
    pub duration_ms: u32,
    /// The initiator's port.
    pub source_port: u16,
    /// Its begin was seen.
    pub begun: bool,
    /// Its end was seen.
    pub ended: bool,
    /// Updates between were seen.
    pub continued: bool,
    /// Source to destination, destination to source. Held at the largest value of the type.
    pub packets: [u32; 2],
    /// Source to destination, destination to source. Held at the largest value of the type.
    pub bytes: [u32; 2],
}

impl Connection {
    /// Bytes that a packet without data has at most: Ethernet 14, IPv4 20, TCP with its usual options 40; some to spare.
    const BARE_PACKET: u32 = 78;

    /// What came back holds no data: one packet or two that are all headers, as a reset is. An answer of HTTP takes more. Three packets or
    /// more may hold a short answer; of these it is not told.
    #[inline]
    pub fn is_refused(&self) -> bool {
        let [_, packets] = self.packets;
        let [_, bytes] = self.bytes;
        self.ended && (1..=2).contains(&packets) && (1..=packets * Self::BARE_PACKET).contains(&bytes)
    }

    /// It ended, and nothing came back that could be an answer.
    #[inline]
    pub fn is_unanswered(&self) -> bool {
        self.ended && (self.bytes[1] == 0 || self.is_refused())
    }
}

/// How well probes and user traffic of one pair could be told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Separation {
    /// No connection keeps time: only user traffic, or too few connections to tell.
    #[default]
    NoProbes,
    /// Probes keep time and size, and little else fits both.
    Clear,
    /// Something keeps time, but other traffic is too much like it: the numbers are not to be relied on.
    Unclear,
    /// Connections are kept open and shared: probes leave no beats of their own.
    Reused,
}

/// What was seen of one gateway instance's probes of one address and port.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProbeObservation {
    /// The gateway instance; `None` only by default.
    pub instance: Option<IpAddr>,
    /// The probed address.
    pub target: Option<IpAddr>,
    /// The probed port.
    pub port: u16,
    /// How well the split is founded.
    pub separation: Separation,
    /// Median distance of two probes, milliseconds; 0 when not [`Separation::Clear`].
    pub interval_ms: u64,
    /// Nine of ten distances differ from the median by no more, milliseconds.
    pub jitter_ms: u64,
    /// Probes with bytes back.
    pub answered: u64,
    /// Probes that ended without an answer: no bytes back, or `refused`.
    pub unanswered: u64,
    /// Of the unanswered ones those that were refused or reset: something came back that holds no data
    /// ([`Connection::is_refused`]).
    pub refused: u64,
    /// Most unanswered ones in a row.
    pub unanswered_run: u64,
    /// First and last time of that run.
    pub unanswered_span: Option<(Millis, Millis)>,
    /// Beats at which nothing was seen between two probes.
    pub missed: u64,
    /// The longest stretch without a probe between two probes: (from, to).
    pub longest_gap: Option<(Millis, Millis)>,
    /// Connections that are no probes.
    pub user: u64,
    /// Connections of which it cannot be told.
    pub unknown: u64,
    /// First and last probe, or first and last connection when there are no probes.
    pub span: Option<(Millis, Millis)>,
    /// Bytes sent and returned by the usual probe.
    pub usual_bytes: [u32; 2],
    /// The size of the answers changed for good: (when, before, after).
    pub answer_changed: Option<(Millis, u32, u32)>,
    /// Minutes with probes or missed beats, in order; as to probes they add up to `answered` and `unanswered`. Empty when not [`Separation::Clear`].
    #[serde(with = "minutes_as_bytes")]
    pub minutes: Vec<ProbeMinute>,
}

impl ProbeObservation {
    /// Probes within these minutes: (answered, unanswered).
    pub fn within(&self, range: Option<MinuteRange>) -> (u64, u64) {
        let Some(range) = range else { return (self.answered, self.unanswered) };
        let from = self.minutes.partition_point(|one| Minute::from(one.minute) < range.first);
        let inside = self.minutes.iter().skip(from).take_while(|one| Minute::from(one.minute) <= range.last);
        inside.fold((0, 0), |sum, one| (sum.0 + u64::from(one.answered), sum.1 + u64::from(one.unanswered)))
    }

    /// Notes probes of a minute, which comes after those that are noted, or is the last of them.
    #[inline]
    pub fn note(&mut self, minute: Minute, answered: bool, probes: u16) {
        let Ok(minute) = u32::try_from(minute) else { return };
        let (answered, unanswered) = if answered { (probes, 0) } else { (0, probes) };
        self.note_all(ProbeMinute { minute, answered, unanswered, ..ProbeMinute::default() });
    }

    /// Notes all that is known of a minute, which comes after those that are noted, or is the last of them.
    #[inline]
    pub fn note_all(&mut self, more: ProbeMinute) {
        match self.minutes.last_mut().filter(|last| last.minute == more.minute) {
            Some(last) => {
                last.answered = last.answered.saturating_add(more.answered);
                last.unanswered = last.unanswered.saturating_add(more.unanswered);
                last.missed = last.missed.saturating_add(more.missed);
                last.run = last.run.max(more.run);
            }
            None => self.minutes.push(more),
        }
    }
}

/// Probes of one minute. Small, because there may be a million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProbeMinute {
    /// Minutes since the Unix epoch.
    pub minute: u32,
    /// With bytes back.
    pub answered: u16,
    /// That ended without bytes back.
    pub unanswered: u16,
    /// Beats of this minute at which nothing was seen.
    pub missed: u16,
    /// Unanswered ones in a row at most, those right before this minute counted in.
    pub run: u16,
}

/// A report has hundreds of thousands of minutes: as bytes they go from worker to worker in a tenth of the time.
mod minutes_as_bytes {
    use super::ProbeMinute;
    use serde::de::{Error, Visitor};
    use serde::{Deserializer, Serializer};
    use std::fmt;

    pub fn serialize<S: Serializer>(minutes: &[ProbeMinute], serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::with_capacity(size_of_val(minutes));
        for one in minutes {
            bytes.extend_from_slice(&one.minute.to_le_bytes());
            for count in [one.answered, one.unanswered, one.missed, one.run] {
                bytes.extend_from_slice(&count.to_le_bytes());
            }
        }
        serializer.serialize_bytes(&bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ProbeMinute>, D::Error> {
        deserializer.deserialize_bytes(Minutes)
    }

    struct Minutes;

    impl Visitor<'_> for Minutes {
        type Value = Vec<ProbeMinute>;

        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("minutes of twelve bytes each")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
            let (minutes, rest) = bytes.as_chunks::<12>();
            if !rest.is_empty() {
                return Err(E::invalid_length(bytes.len(), &self));
            }
            let read = |&[a, b, c, d, e, f, g, h, i, j, k, l]: &[u8; 12]| ProbeMinute {
                minute: u32::from_le_bytes([a, b, c, d]),
                answered: u16::from_le_bytes([e, f]),
                unanswered: u16::from_le_bytes([g, h]),
                missed: u16::from_le_bytes([i, j]),
                run: u16::from_le_bytes([k, l]),
            };
            Ok(minutes.iter().map(read).collect())
        }
    }
}

impl ProbeMinute {
    /// Whether any probe was seen, rather than missed only.
    pub fn is_seen(&self) -> bool {
        self.answered > 0 || self.unanswered > 0
    }
}

/// What one shard has seen of probes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// Sorted by instance, target and port where those of all shards are put together; of one shard in no order.
    pub observations: Vec<ProbeObservation>,
    /// Only one of 2^thinned (pair, minute) was kept, because memory was short; 0 when all were.
    pub thinned: u32,
    /// Runs of minutes that some record covers, first and last included, sorted; between them nothing is known.
    pub covered: Vec<(Minute, Minute)>,
}
