//! Text of a record to the rows of it that were asked for: read by the same reader as the first time, so that a row is what
//! was counted; where the text is not what was read then, that is said instead.

use std::net::IpAddr;
use underlay_ingest::{Coding, Reader};
use underlay_model::address::parse_address;
use underlay_model::sources::{RowStanding, SourceRow, SourceTuple, is_inbound, state_letter};
use underlay_model::summary::Side;
use underlay_model::time::minute_of;
use underlay_model::tuple::{ABSENT, AnalyticsTuple, FlowTuple, RejectCode};
use underlay_scan::{RecordHead, Sink};
use underlay_store::key::{PairKey, side_of};
use underlay_store::sources::{RowQuery, SourcePlace};

/// A raw text is cut here.
pub(crate) const LONGEST_TEXT: usize = 4096;
/// The state of a row of Traffic Analytics, which sums up many.
const LINE: char = '-';

/// What a record's text gives.
#[derive(Debug, Default)]
pub(crate) struct RecordRows {
    /// Text of `time`.
    pub(crate) time: String,
    /// The rows that were asked for.
    pub(crate) rows: Vec<SourceRow>,
}

/// Reads the record again. `None` when the text is not what was read. `counted_side` says which side of a pair counts;
/// `record` is the index that its rows carry.
pub(crate) fn rows_of(
    text: &[u8],
    place: &SourcePlace,
    query: &RowQuery,
    counted_side: &dyn Fn(&PairKey) -> Option<Side>,
    record: u32,
) -> Option<RecordRows> {
    let text = &*underlay_ingest::unwrapped(text);
    let mut collector = Collector::default();
    let mut reader = Reader::new("", text.len() as u64, Coding::Plain);
    reader.push(text, &mut collector);
    reader.finish(&mut collector);
    if collector.records.is_empty() {
        return None;
    }
    let found = collector.records.into_iter().find(|found| found.hash == place.hash)?;
    let mut texts = Literals { text, at: 0 };
    let mut rows = Vec::new();
    for row in found.rows {
        let (from, raw) = match row.tuple.state {
            LINE => (0, line(text)),
            _ => texts.of(&row.tuple).map_or_else(Default::default, |(from, raw)| (from, raw.to_owned())),
        };
        let SourceTuple { src, dst, dst_port, protocol, .. } = row.tuple;
        let pair = PairKey { src, dst, port: dst_port, protocol, verdict: row.verdict };
        let minute = minute_of(row.tuple.time_ms);
        if !query.takes(&pair, minute) {
            continue;
        }
        let standing = if place.copy {
            RowStanding::Duplicate
        } else if place.uncounted.binary_search(&(pair, minute, row.side)).is_err() {
            RowStanding::Counted
        } else if counted_side(&pair) == Some(row.side) {
            RowStanding::OtherPoint
        } else {
            RowStanding::OtherSide
        };
        let byte = place.byte + from as u64;
        rows.push(SourceRow { record, byte, raw, tuple: Some(row.tuple), rule: row.rule, standing });
    }
    Some(RecordRows { time: found.time, rows })
}

/// A row of a table: its text alone.
pub(crate) fn text_row(text: &[u8], place: &SourcePlace, record: u32) -> SourceRow {
    let standing = if place.copy {
        RowStanding::Duplicate
    } else if place.uncounted.is_empty() {
        RowStanding::Counted
    } else {
        RowStanding::OtherPoint
    };
    SourceRow { record, byte: place.byte, raw: line(text), tuple: None, rule: String::new(), standing }
}

/// The text of a record that is one row.
pub(crate) fn line(text: &[u8]) -> String {
    String::from_utf8_lossy(text.get(..LONGEST_TEXT.min(text.len())).unwrap_or_default()).into_owned()
}

#[derive(Debug)]
struct Row {
    tuple: SourceTuple,
    verdict: underlay_model::tuple::Verdict,
    side: Side,
    rule: String,
}

#[derive(Debug)]
struct Found {
    hash: u128,
    time: String,
    rows: Vec<Row>,
}

/// Takes everything.
#[derive(Debug, Default)]
struct Collector {
    rule: String,
    open: Vec<Row>,
    records: Vec<Found>,
}

fn words(text: &[u8]) -> String {
    if text == ABSENT { String::new() } else { String::from_utf8_lossy(text).into_owned() }
}

impl Sink for Collector {
    fn group(&mut self, _acl: &[u8], rule: &[u8]) {
        self.rule = words(rule);
    }

    fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        let counters = &tuple.counters;
        self.open.push(Row {
            tuple: SourceTuple {
                time_ms: tuple.time_ms,
                src: tuple.source,
                dst: tuple.destination,
                src_port: tuple.source_port,
                dst_port: tuple.destination_port,
                protocol: tuple.protocol,
                inbound: is_inbound(tuple.direction),
                state: state_letter(tuple.state),
                encryption: words(tuple.encryption),
                packets: [counters.packets_sent, counters.packets_returned],
                bytes: [counters.bytes_sent, counters.bytes_returned],
            },
            verdict: tuple.verdict(),
            side: side_of(tuple.direction),
            rule: self.rule.clone(),
        });
    }

    fn analytics(&mut self, tuple: &AnalyticsTuple<'_>) {
        let counters = &tuple.counters;
        self.open.push(Row {
            tuple: SourceTuple {
                time_ms: tuple.time_ms,
                src: tuple.source,
                dst: tuple.destination,
                src_port: 0,
                dst_port: tuple.destination_port,
                protocol: tuple.protocol,
                inbound: is_inbound(tuple.direction),
                state: LINE,
                encryption: words(tuple.encryption),
                packets: [counters.packets_sent, counters.packets_returned],
                bytes: [counters.bytes_sent, counters.bytes_returned],
            },
            verdict: tuple.verdict,
            side: side_of(tuple.direction),
            rule: self.rule.clone(),
        });
    }

    fn reject(&mut self, _code: RejectCode, _byte: u64) {}

    fn commit(&mut self, head: &RecordHead<'_>) {
        let rows = std::mem::take(&mut self.open);
        self.records.push(Found { hash: head.hash, time: head.time.to_owned(), rows });
    }

    fn rollback(&mut self) {
        self.open.clear();
    }
}

/// The strings of a record, one after another: tuples are told in the order in which they stand.
struct Literals<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Literals<'a> {
    /// The next string that says this tuple, and where it begins. `None` when it is written in a way of its own.
    fn of(&mut self, tuple: &SourceTuple) -> Option<(usize, &'a str)> {
        let before = self.at;
        while let Some((from, literal)) = self.next() {
            if says(literal, tuple) {
                return Some((from, std::str::from_utf8(literal).unwrap_or_default()));
            }
        }
        self.at = before;
        None
    }

    fn next(&mut self) -> Option<(usize, &'a [u8])> {
        let rest = self.text.get(self.at..)?;
        let open = self.at + rest.iter().position(|&byte| byte == b'"')?;
        let mut end = open + 1;
        loop {
            match self.text.get(end)? {
                b'"' => break,
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        self.at = end + 1;
        Some((open, self.text.get(open + 1..end)?))
    }
}

/// Whether the text begins with this tuple's time, addresses and ports (the same in VNet and NSG flow logs).
fn says(literal: &[u8], tuple: &SourceTuple) -> bool {
    let mut fields = literal.split(|&byte| byte == b',');
    let mut next = || fields.next().unwrap_or_default();
    let time = next();
    let same = |field: &[u8], address: IpAddr| parse_address(field) == Some(address);
    let port = |field: &[u8], port: u16| {
        let text = std::str::from_utf8(field).unwrap_or_default();
        text.parse::<u16>().map_or(port == 0, |number| number == port)
    };
    let digits = std::str::from_utf8(time).ok().and_then(|text| text.parse::<i64>().ok());
    digits.is_some_and(|number| number == tuple.time_ms || number.checked_mul(1000) == Some(tuple.time_ms))
        && same(next(), tuple.src)
        && same(next(), tuple.dst)
        && port(next(), tuple.src_port)
        && port(next(), tuple.dst_port)
}
