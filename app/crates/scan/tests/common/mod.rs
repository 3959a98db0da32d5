//! A sink that remembers, and records to scan.
#![allow(dead_code, reason = "each test file uses some of it")]

use underlay_model::tuple::{FlowTuple, RejectCode};
use underlay_scan::{RecordHead, ScanAccount, Scanner, Sink};

/// A committed record in plain values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    pub flow_log: String,
    pub mac: String,
    pub time: String,
    pub hash: u128,
    pub bytes: std::ops::Range<u64>,
    pub accepted: u64,
    pub rejected: u64,
    /// `acl rule: tuple` and `code@byte`, in order.
    pub events: Vec<String>,
}

/// Remembers committed records; fails when something is left uncommitted.
#[derive(Default)]
pub struct Recorder {
    pub records: Vec<Seen>,
    pub open: Vec<String>,
    group: String,
}

impl Sink for Recorder {
    fn group(&mut self, acl: &[u8], rule: &[u8]) {
        self.group = format!("{} {}", String::from_utf8_lossy(acl), String::from_utf8_lossy(rule));
    }
    fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        self.open.push(format!("{}: {tuple:?}", self.group));
    }
    fn reject(&mut self, code: RejectCode, byte: u64) {
        self.open.push(format!("{}@{byte}", code.code()));
    }
    fn commit(&mut self, head: &RecordHead<'_>) {
        let events = std::mem::take(&mut self.open);
        assert_eq!(events.len() as u64, head.accepted + head.rejected);
        self.group.clear();
        self.records.push(Seen {
            flow_log: head.flow_log.to_owned(),
            mac: head.mac.to_owned(),
            time: head.time.to_owned(),
            hash: head.hash,
            bytes: head.bytes.clone(),
            accepted: head.accepted,
            rejected: head.rejected,
            events,
        });
    }
    fn rollback(&mut self) {
        self.open.clear();
        self.group.clear();
    }
}

/// Scans a text given in one piece.
pub fn scan(text: &[u8]) -> (Vec<Seen>, ScanAccount) {
    scan_chunks([text])
}

/// Scans a text given in pieces.
pub fn scan_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Seen>, ScanAccount) {
    let mut recorder = Recorder::default();
    let mut scanner = Scanner::new();
    for chunk in chunks {
        scanner.push(chunk, &mut recorder);
        assert!(recorder.open.is_empty(), "nothing uncommitted may stay in the sink between pushes");
    }
    let account = scanner.finish(&mut recorder);
    assert!(recorder.open.is_empty());
    assert_eq!(account.records, recorder.records.len() as u64);
    (recorder.records, account)
}

/// A record as Azure writes it, with these tuples in two groups.
pub fn record(number: usize, tuples: &[&str]) -> String {
    let quoted = |tuples: &[&str]| tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect::<Vec<_>>().join(",");
    let (first, second) = tuples.split_at(tuples.len() / 2);
    format!(
        "{{\"time\":\"2026-11-20T09:00:{:02}.1830427Z\",\"flowLogVersion\":4,\"flowLogGUID\":\"5a0f7a3e\",\"macAddress\":\"6045BD12AB34\",\"category\":\"FlowLogFlowEvent\",\"flowLogResourceID\":\"/SUBSCRIPTIONS/X\",\"targetResourceID\":\"/subscriptions/x\",\"operationName\":\"FlowLogFlowEvent\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a1\",\"flowGroups\":[{{\"rule\":\"r1\",\"flowTuples\":[{}]}}]}},{{\"aclID\":\"a2\",\"flowGroups\":[{{\"rule\":\"r2\",\"flowTuples\":[{}]}},{{\"rule\":\"r3\",\"flowTuples\":[]}}]}}]}}}}",
        number % 60,
        quoted(first),
        quoted(second),
    )
}

pub const IPV4: &str = "1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893";
pub const EMPTY_COUNTERS: &str = "1795165226110,10.13.76.4,168.63.129.16,40312,53,17,O,B,NX,,,,";
pub const IPV6: &str = "1795165226311,fd12:3456:789a::1:5,fd12:3456:789a::2:9,50110,443,6,O,E,NX,12,2210,10,6400";
pub const DENIED: &str = "1795165225,203.0.113.77,10.13.76.4,55188,22,6,I,D,NX,0,0,0,0";
pub const BAD_ADDRESS: &str = "1795165225000,203.0.113.777,10.13.76.4,55188,22,6,I,D,NX,0,0,0,0";
pub const BAD_FIELDS: &str = "1795165225000,203.0.113.7";

/// Records of several kinds of tuples.
pub fn records(count: usize) -> Vec<String> {
    let all = [IPV4, EMPTY_COUNTERS, IPV6, DENIED, BAD_ADDRESS, IPV4, BAD_FIELDS];
    (0..count).map(|number| record(number, &all[..(number * 3 + 2) % 8])).collect()
}

/// Bytes that count as lost in a stretch.
pub fn countable(text: &[u8]) -> u64 {
    text.iter().filter(|byte| !b" \t\r\n,".contains(byte)).count() as u64
}

/// The records without their positions.
pub fn without_positions(records: &[Seen]) -> Vec<Seen> {
    records
        .iter()
        .map(|record| {
            let events =
                record.events.iter().map(|event| event.split('@').next().unwrap_or_default().to_owned()).collect();
            Seen { bytes: 0..0, events, ..record.clone() }
        })
        .collect()
}
