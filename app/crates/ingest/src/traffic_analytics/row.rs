//! One row of Traffic Analytics, whatever shape it was saved in, as tuples (contract rule 10).

use super::columns::{Cells, Column, Zones};
use super::packed;
use crate::moment::DateOrder;
use std::net::IpAddr;
use std::ops::Range;
use underlay_model::address::parse_address;
use underlay_model::time::{LAST_MS, Millis};
use underlay_model::tuple::{ABSENT, AnalyticsTuple, Direction, RejectCode, TRAFFIC_ANALYTICS, TupleCounters, Verdict};
use underlay_scan::{PartsHasher, RecordHead, Rejects, Sink};

/// What was said of the rows that were read, apart from the tuples that they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// Rows, those that were passed over too.
    pub(crate) rows: u64,
    /// Accepted tuples.
    pub(crate) accepted: u64,
    /// Rejected tuples by code, in the order of the codes.
    pub(crate) rejected: Vec<Rejects>,
    /// Rows of another kind in the same table (`SubType`), and where the first is.
    pub(crate) skipped: (u64, u64),
    /// Rows without protocol, direction, status, and where the first is.
    pub(crate) missing: [(u64, u64); 3],
    /// A time zone that is only a name.
    pub(crate) unknown_zone: Option<String>,
    /// How dates are written.
    pub(crate) date_order: DateOrder,
}

/// Flows and traffic of one tuple.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) allowed: u64,
    pub(super) ended: u64,
    pub(super) denied: u64,
    /// Of a packed address, which does not say whether its flows were denied.
    pub(super) packed: bool,
    pub(super) counters: TupleCounters,
}

type Read<T> = Result<T, RejectCode>;
/// Source and destination.
type Ends = (IpAddr, IpAddr);

/// Everything that the tuples of one row have in common.
struct Common {
    time_ms: Read<Millis>,
    span: Read<(Millis, Millis)>,
    port: Read<u16>,
    protocol: Read<u8>,
    direction: Read<Direction>,
    verdict: Read<Verdict>,
}

impl Rows {
    /// Reads a row and commits what it says; `bytes` is where it stands in the decoded text.
    pub(crate) fn read(&mut self, cells: &Cells<'_>, zones: &Zones, bytes: Range<u64>, sink: &mut dyn Sink) {
        self.rows += 1;
        let kind = cells.get(Column::SubType);
        if !kind.is_empty() && !kind.eq_ignore_ascii_case("FlowLog") {
            tally(&mut self.skipped, bytes.start);
            return;
        }
        if self.unknown_zone.is_none() {
            self.unknown_zone.clone_from(&zones.unknown);
        }
        let either = |a: Column, b: Column| Some(cells.get(a)).filter(|text| !text.is_empty()).unwrap_or(cells.get(b));
        let rule = either(Column::AclRule, Column::NsgRule);
        let encryption = cells.get(Column::Encryption);
        let common = self.common(cells, zones, bytes.start);
        let mut accepted = 0;
        let mut rejected = 0;
        sink.group(b"", if rule.is_empty() { ABSENT } else { rule.as_bytes() });
        for (ends, counts) in flows(cells, &common) {
            match common.tuple(ends, counts, if encryption.is_empty() { ABSENT } else { encryption.as_bytes() }) {
                Ok(tuple) => {
                    sink.analytics(&tuple);
                    accepted += 1;
                }
                Err(code) => {
                    sink.reject(code, bytes.start);
                    self.reject(code, bytes.start);
                    rejected += 1;
                }
            }
        }
        self.accepted += accepted;
        let mac = normal_mac(cells.get(Column::Mac));
        let point = if mac.is_empty() { cells.get(Column::Target).to_ascii_lowercase() } else { mac };
        let hash = common.hash(cells, zones, &self.date_order, &point, rule);
        sink.commit(&RecordHead {
            flow_log: TRAFFIC_ANALYTICS,
            mac: &point,
            time: "",
            hash,
            bytes,
            accepted,
            rejected,
        });
    }

    fn reject(&mut self, code: RejectCode, byte: u64) {
        match self.rejected.binary_search_by_key(&code, |rejects| rejects.code) {
            Ok(at) => {
                if let Some(rejects) = self.rejected.get_mut(at) {
                    rejects.count += 1;
                }
            }
            Err(at) => self.rejected.insert(at, Rejects { code, count: 1, first_byte: byte }),
        }
    }

    /// Reads what the tuples of a row share; what is missing and has a stand-in is noted.
    fn common(&mut self, cells: &Cells<'_>, zones: &Zones, byte: u64) -> Common {
        let shown = [Column::IntervalStart, Column::FlowStart, Column::Generated].map(|column| cells.get(column));
        self.date_order.see(shown.into_iter().find(|text| !text.is_empty()).unwrap_or_default(), byte);
        let time = |column: Column| {
            let text = cells.get(column);
            if text.is_empty() {
                Ok(None)
            } else {
                moment(&self.date_order, text, zones.minutes(column)).map(Some).ok_or(RejectCode::Time)
            }
        };
        let start = time(Column::FlowStart);
        let in_minute = match (time(Column::IntervalStart), start) {
            (Ok(None), Ok(None)) => time(Column::Generated),
            (Ok(None), start) => start,
            (interval, _) => interval,
        };
        let time_ms = in_minute.and_then(|time| time.ok_or(RejectCode::Time));
        let span = match (start, time(Column::FlowEnd), time_ms) {
            (Ok(start), Ok(end), Ok(minute)) => {
                let first = start.or(end).unwrap_or(minute);
                let last = end.unwrap_or(first);
                Ok((first.min(last), first.max(last)))
            }
            _ => Err(RejectCode::Time),
        };
        let mut absent = [false; 3];
        let protocol = match cells.get(Column::Protocol) {
            "" => {
                absent[0] = true;
                Ok(0)
            }
            text => protocol(text).ok_or(RejectCode::Protocol),
        };
        let direction = match cells.get(Column::Direction) {
            "" => {
                absent[1] = true;
                Ok(Direction::Inbound)
            }
            text if any(text, &["I", "In", "Inbound"]) => Ok(Direction::Inbound),
            text if any(text, &["O", "Out", "Outbound"]) => Ok(Direction::Outbound),
            _ => Err(RejectCode::Direction),
        };
        let status =
            Some(cells.get(Column::Status)).filter(|text| !text.is_empty()).unwrap_or(cells.get(Column::Action));
        let verdict = match status {
            "" => {
                absent[2] = true;
                Ok(Verdict::Allowed)
            }
            text if any(text, &["A", "Allowed", "Allow"]) => Ok(Verdict::Allowed),
            text if any(text, &["D", "Denied", "Deny"]) => Ok(Verdict::Denied),
            _ => Err(RejectCode::State),
        };
        for (missing, absent) in self.missing.iter_mut().zip(absent) {
            if absent {
                tally(missing, byte);
            }
        }
        // A protocol that is known to have no ports needs none.
        let port = match (cells.get(Column::Port), protocol) {
            ("", Ok(0 | 6 | 17 | 132)) | ("", Err(_)) => Err(RejectCode::Port),
            (text, _) => count(text)
                .and_then(|port| u16::try_from(port).map_err(|_| RejectCode::Port))
                .map_err(|_| RejectCode::Port),
        };
        Common { time_ms, span, port, protocol, direction, verdict }
    }
}

fn tally(tally: &mut (u64, u64), byte: u64) {
    if tally.0 == 0 {
        tally.1 = byte;
    }
    tally.0 += 1;
}

/// The ends and counts of every tuple that a row is.
fn flows(cells: &Cells<'_>, common: &Common) -> Vec<(Read<Ends>, Read<Counts>)> {
    let end = |column: Column| {
        let text = cells.get(column);
        let text = if text.is_empty() { cells.get(Column::Machine) } else { text };
        parse_address(text.as_bytes()).ok_or(RejectCode::Address)
    };
    let has = |column: Column| !cells.get(column).is_empty();
    let both = |source: Read<IpAddr>, destination: Read<IpAddr>| Ok((source?, destination?));
    let packed = |column: Column| packed::entries(cells.get(column));
    let public_source = match (has(Column::PackedSources), has(Column::PackedDestinations)) {
        (true, _) if !has(Column::Source) => Some(Column::PackedSources),
        (_, true) if !has(Column::Destination) => None,
        _ if has(Column::Packed) && !has(Column::Source) && !has(Column::Destination) => {
            (common.direction != Ok(Direction::Outbound)).then_some(Column::Packed)
        }
        _ => {
            return vec![(
                both(address(cells, Column::Source), address(cells, Column::Destination)),
                row_counts(cells),
            )];
        }
    };
    if let Some(column) = public_source {
        let destination = end(Column::Destination);
        return packed(column).map(|entry| (both(entry.address, destination), entry.counts)).collect();
    }
    let column = if has(Column::PackedDestinations) { Column::PackedDestinations } else { Column::Packed };
    let source = end(Column::Source);
    packed(column).map(|entry| (both(source, entry.address), entry.counts)).collect()
}

fn address(cells: &Cells<'_>, column: Column) -> Read<IpAddr> {
    parse_address(cells.get(column).as_bytes()).ok_or(RejectCode::Address)
}

/// The counts of a row that is not packed.
fn row_counts(cells: &Cells<'_>) -> Read<Counts> {
    let number = |column: Column| count(cells.get(column));
    let sum = |a: Column, b: Column| number(a)?.checked_add(number(b)?).ok_or(RejectCode::Counter);
    Ok(Counts {
        allowed: sum(Column::AllowedIn, Column::AllowedOut)?,
        ended: number(Column::Completed)?,
        denied: sum(Column::DeniedIn, Column::DeniedOut)?,
        packed: false,
        counters: TupleCounters {
            packets_sent: number(Column::PacketsSent)?,
            bytes_sent: number(Column::BytesSent)?,
            packets_returned: number(Column::PacketsReturned)?,
            bytes_returned: number(Column::BytesReturned)?,
        },
    })
}

impl Common {
    fn tuple<'t>(
        &self,
        ends: Read<(IpAddr, IpAddr)>,
        counts: Read<Counts>,
        encryption: &'t [u8],
    ) -> Read<AnalyticsTuple<'t>> {
        // In the order of the codes.
        let time_ms = self.time_ms?;
        let span = self.span?;
        let (source, destination) = ends?;
        let destination_port = self.port?;
        let protocol = self.protocol?;
        let direction = self.direction?;
        let verdict = self.verdict?;
        let Counts { allowed, ended, denied, packed, counters } = counts?;
        let (begun, denied) = match verdict {
            Verdict::Allowed => (allowed, denied),
            Verdict::Denied if packed => (0, allowed.max(1)),
            Verdict::Denied => (allowed, denied.max(1)),
        };
        Ok(AnalyticsTuple {
            time_ms,
            span,
            source,
            destination,
            destination_port,
            protocol,
            direction,
            verdict,
            encryption,
            begun,
            ended,
            denied,
            counters,
        })
    }

    /// Of all that is used of a row, however it was written (contract rule 10: rows equal in it are duplicates).
    fn hash(&self, cells: &Cells<'_>, zones: &Zones, order: &DateOrder, point: &str, rule: &str) -> u128 {
        let mut hasher = PartsHasher::default();
        for text in [point, rule] {
            hasher.part(text.as_bytes());
        }
        let interval = [Column::IntervalStart, Column::FlowStart, Column::Generated]
            .into_iter()
            .find(|column| !cells.get(*column).is_empty());
        for column in interval.into_iter().chain([Column::FlowStart, Column::FlowEnd]) {
            let text = cells.get(column);
            match moment(order, text, zones.minutes(column)) {
                Some(time) => hasher.part(&time.to_le_bytes()),
                None => hasher.part(text.as_bytes()),
            }
        }
        let code = |read: &dyn Fn() -> Option<u64>, column: Column, hasher: &mut PartsHasher| match read() {
            Some(value) => hasher.part(&value.to_le_bytes()),
            None => hasher.part(cells.get(column).as_bytes()),
        };
        code(&|| self.protocol.ok().map(u64::from), Column::Protocol, &mut hasher);
        code(&|| self.direction.ok().map(|direction| direction as u64), Column::Direction, &mut hasher);
        code(&|| self.verdict.ok().map(|verdict| verdict as u64), Column::Status, &mut hasher);
        for column in NUMBERS {
            code(&|| count(cells.get(column)).ok(), column, &mut hasher);
        }
        for column in TEXTS {
            hasher.part(cells.get(column).as_bytes());
        }
        hasher.finish()
    }
}

const NUMBERS: [Column; 10] = [
    Column::Port,
    Column::AllowedIn,
    Column::AllowedOut,
    Column::DeniedIn,
    Column::DeniedOut,
    Column::Completed,
    Column::PacketsSent,
    Column::PacketsReturned,
    Column::BytesSent,
    Column::BytesReturned,
];

const TEXTS: [Column; 7] = [
    Column::Source,
    Column::Destination,
    Column::Machine,
    Column::PackedSources,
    Column::PackedDestinations,
    Column::Packed,
    Column::Encryption,
];

/// A time within the years that the store knows, in a zone so many minutes ahead of UTC unless the text names its own.
fn moment(order: &DateOrder, text: &str, zone_minutes: i64) -> Option<Millis> {
    order.read_in(text, zone_minutes).filter(|time| (0..=LAST_MS).contains(time))
}

fn any(text: &str, of: &[&str]) -> bool {
    of.iter().any(|known| known.eq_ignore_ascii_case(text))
}

fn protocol(text: &str) -> Option<u8> {
    match text {
        _ if any(text, &["T", "TCP"]) => Some(6),
        _ if any(text, &["U", "UDP"]) => Some(17),
        _ if any(text, &["I", "ICMP"]) => Some(1),
        _ => count(text).ok().and_then(|number| u8::try_from(number).ok()),
    }
}

/// A count, up to 2^63−1: digits, perhaps with a fraction of zeros as columns of the type `double` are written, or with commas between
/// thousands as spreadsheets show it. Empty is zero.
pub(super) fn count(text: &str) -> Read<u64> {
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut thousands = digits.split(',');
    let grouped = thousands.next().is_some_and(|first| (1..=3).contains(&first.len()) && first.len() < digits.len())
        && thousands.all(|group| group.len() == 3);
    let ungrouped = if grouped { digits.replace(',', "") } else { String::new() };
    let digits = if grouped { &ungrouped } else { digits };
    if text.is_empty() {
        return Ok(0);
    }
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || !fraction.bytes().all(|byte| byte == b'0') {
        return Err(RejectCode::Counter);
    }
    digits.parse::<i64>().map(i64::unsigned_abs).map_err(|_| RejectCode::Counter)
}

/// 12 upper-case hex digits; what is no MAC address as it stands.
fn normal_mac(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '-' | ':' | '.' | ' ')).map(|c| c.to_ascii_uppercase()).collect()
}
