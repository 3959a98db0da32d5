//! What must hold for any bytes whatever: nothing panics, the cut of the stream changes nothing, everything is accounted for.
//! The fuzz targets run these; so does a test, over everything that fuzzing has found worth keeping.

use crate::{Engine, Files};
use serde_json::Value;
use underlay_ingest::archive::{Directory, Step, is_zip};
use underlay_ingest::{Coding, Reader, Reading, read_in_portions};
use underlay_model::tuple::{FlowTuple, RejectCode};
use underlay_scan::{NullSink, RecordHead, ScanAccount, Scanner, Sink};

/// Everything that a sink was told of committed records.
#[derive(Default, Debug, PartialEq, Eq)]
struct Told {
    open: Vec<String>,
    records: Vec<Record>,
}

#[derive(Debug, PartialEq, Eq)]
struct Record {
    lines: Vec<String>,
    hash: u128,
    bytes: std::ops::Range<u64>,
}

impl Sink for Told {
    fn group(&mut self, acl: &[u8], rule: &[u8]) {
        self.open.push(format!("{acl:?} {rule:?}"));
    }
    fn tuple(&mut self, tuple: &FlowTuple<'_>) {
        self.open.push(format!("{tuple:?}"));
    }
    fn reject(&mut self, code: RejectCode, _: u64) {
        self.open.push(format!("{code:?}"));
    }
    fn commit(&mut self, head: &RecordHead<'_>) {
        let mut lines = std::mem::take(&mut self.open);
        lines.push(format!("{} {} {} {} {}", head.flow_log, head.mac, head.time, head.accepted, head.rejected));
        self.records.push(Record { lines, hash: head.hash, bytes: head.bytes.clone() });
    }
    fn rollback(&mut self) {
        self.open.clear();
    }
}

fn scan(chunks: &[&[u8]]) -> (Vec<Record>, ScanAccount) {
    let (mut scanner, mut told) = (Scanner::new(), Told::default());
    for chunk in chunks {
        scanner.push(chunk, &mut told);
    }
    let account = scanner.finish(&mut told);
    assert!(told.open.is_empty(), "something was told of no record: {:?}", told.open);
    (told.records, account)
}

/// Where bytes are cut when they come in pieces: it follows from them, so that every run is the same.
fn pieces(bytes: &[u8]) -> Vec<&[u8]> {
    let mut seed = bytes.iter().fold(bytes.len() as u64 | 1, |sum, &byte| sum.rotate_left(7) ^ u64::from(byte));
    let (mut pieces, mut rest) = (Vec::new(), bytes);
    while !rest.is_empty() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let length = if seed >> 62 == 0 { 1 } else { 1 + (seed >> 33) as usize % 61 };
        let (piece, later) = rest.split_at(length.min(rest.len()));
        pieces.push(piece);
        rest = later;
    }
    pieces
}

/// The flow-log scanner: any cut gives the same; records lie in order and inside the text; no byte is lost twice; a record that
/// is not written plainly says what it says when it is.
///
/// # Panics
/// When one of these does not hold.
pub fn scanner(bytes: &[u8]) {
    let whole = scan(&[bytes]);
    assert_eq!(scan(&pieces(bytes)), whole);
    let (records, account) = whole;
    // A record that names several NICs is told of once for each, from one place.
    let told: Vec<&[Record]> = records.chunk_by(|a, b| a.bytes == b.bytes).collect();
    let mut end = 0;
    for one in &told {
        let place = &one[0].bytes;
        assert!(place.start >= end && place.end > place.start, "{place:?} after {end}");
        end = place.end;
    }
    assert!(end <= bytes.len() as u64);
    let inside: u64 = told.iter().map(|one| one[0].bytes.end - one[0].bytes.start).sum();
    assert!(account.lost_bytes + inside <= bytes.len() as u64, "{} lost and {inside} read", account.lost_bytes);
    for one in told.iter().take(8) {
        let place = &one[0].bytes;
        let Some(text) = bytes.get(place.start as usize..place.end as usize) else { continue };
        // A blank behind its first brace, and the plain path declines.
        let Some((brace @ b'{', rest)) = text.split_first() else { continue };
        let (careful, _) = scan(&[&[*brace, b' '], rest]);
        let lines = |records: &[Record]| -> Vec<(Vec<String>, u128)> {
            records.iter().map(|record| (record.lines.clone(), record.hash)).collect()
        };
        assert_eq!(lines(&careful), lines(one), "the two paths differ");
    }
}

fn read(chunks: &[&[u8]], bytes: u64) -> Reading {
    let mut reader = Reader::new("input.json", bytes, Coding::Plain);
    // Hostile input is small; what it expands to must not be the machine's memory.
    reader.limit_expansion(32 << 20);
    for chunk in chunks {
        reader.push(chunk, &mut NullSink);
    }
    reader.finish(&mut NullSink)
}

/// One input of any kind: any cut gives the same report and objects, and an input that is not understood says why.
///
/// # Panics
/// When one of these does not hold.
pub fn input(bytes: &[u8]) {
    let whole = read(&[bytes], bytes.len() as u64);
    assert_eq!(read(&pieces(bytes), bytes.len() as u64), whole);
    let report = &whole.report;
    assert_eq!(report.bytes, bytes.len() as u64);
    if report.format == underlay_model::input::Format::Unknown {
        assert!(!report.notes.is_empty(), "unknown, and nothing says why");
        assert_eq!((report.records, report.lost_bytes), (0, 0));
    }
}

/// Objects of Kubernetes: the first byte says what stands around them, so that what changes is inside of lists, documents and tables.
///
/// # Panics
/// When what holds of an input does not hold, or more is lost than there is.
pub fn objects(bytes: &[u8]) {
    let Some((&form, objects)) = bytes.split_first() else { return };
    let (before, behind): (&[u8], &[u8]) = match form % 7 {
        0 => (b"{\"apiVersion\":\"v1\",\"items\":[", b"],\"kind\":\"List\"}\n"),
        1 => (b"{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[", b"]}\n"),
        2 => (b"apiVersion: v1\nitems:\n- ", b"\nkind: List\n"),
        3 => (b"---\napiVersion: v1\nkind: Pod\n", b"\n"),
        4 => (b"NAMESPACE   NAME   READY   STATUS   RESTARTS   AGE   IP   NODE\n", b"\n"),
        5 => (b"{\"kind\":\"Table\",\"columnDefinitions\":[", b"]}\n"),
        _ => (b"", b""),
    };
    let text = [before, objects, behind].concat();
    input(&text);
    // In the worst case each byte stands as a replacement character of three.
    assert!(read(&[&text], text.len() as u64).report.lost_bytes <= 3 * text.len() as u64);
}

/// Documents that arrive: looked at after few bytes they give what they give when all of them are there. The first byte says what stands around
/// the rest, the second after how many bytes it is looked at.
///
/// # Panics
/// When this does not hold.
pub fn arriving(bytes: &[u8]) {
    let [form, portion, objects @ ..] = bytes else { return };
    let item = "- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n";
    // So many lines that YAML is believed to be some.
    let lines = "#\n".repeat(420);
    let (before, behind) = match form % 6 {
        0 => (String::new(), ""),
        1 => ("{\"apiVersion\":\"v1\",\"items\":[".to_owned(), "],\"kind\":\"List\"}\n"),
        2 => ("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[".to_owned(), "]}\n"),
        3 => (format!("apiVersion: v1\nitems:\n{item}{lines}{item}"), "\nkind: List\n"),
        4 => (
            format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: b}}\n{lines}---\n"),
            "\n---\napiVersion: v1\nkind: Pod\n",
        ),
        _ => (format!("apiVersion: v1\nitems:\n{item}kind: List\n{lines}"), ""),
    };
    let text = [&before, &*String::from_utf8_lossy(objects), behind].concat();
    let (whole, _) = read_in_portions(&text, usize::MAX);
    assert_eq!(read_in_portions(&text, usize::from(*portion) + 1).0, whole);
}

/// The directory of a zip archive: it asks only for what there is, comes to an end, and its members can be read.
///
/// # Panics
/// When one of these does not hold.
pub fn archive(bytes: &[u8]) {
    let _ = is_zip(bytes);
    let mut directory = Directory::new("archive.zip", bytes.len() as u64);
    let mut asked = 0;
    while let Step::Need(range) = directory.step() {
        asked += 1;
        assert!(asked <= bytes.len() + 8, "the directory has no end");
        assert!(range.start < range.end && range.end - range.start <= 1 << 20, "{range:?}");
        let part = bytes.get(range.start as usize..range.end as usize).expect("the range lies in the file");
        directory.supply(part);
    }
    let mut name = bytes.to_vec();
    name.splice(0..0, b"PK\x03\x04".iter().copied().filter(|_| !is_zip(bytes)));
    summary(&Files::from([("archive.zip".to_owned(), name)]));
}

/// Several inputs together, parted by a line of `%%`: the summary is the same with one worker as with three, in any order and
/// with any cut, and reads as what the contract says.
///
/// # Panics
/// When one of these does not hold.
pub fn capture(bytes: &[u8]) {
    let mut files = Files::new();
    let mut rest = bytes;
    while files.len() < 6 {
        let at = rest.windows(4).position(|window| window == b"\n%%\n");
        let (file, later) = at.map_or((rest, &rest[rest.len()..]), |at| (&rest[..at], &rest[at + 4..]));
        files.insert(format!("folder/{}.json", files.len()), file.to_vec());
        rest = later;
        if at.is_none() {
            break;
        }
    }
    summary(&files);
}

fn summary(files: &Files) {
    let one = Engine { shards: 1, chunk_bytes: 1 << 18, reversed: false }.summary(files);
    let three = Engine { shards: 3, chunk_bytes: 37, reversed: true }.summary(files);
    assert_eq!(one, three);
    let value: Value = serde_json::from_str(&one).expect("a summary is JSON");
    for pair in value["pairs"].as_array().expect("pairs are a list") {
        assert!(pair["first_ms"].as_i64() <= pair["last_ms"].as_i64(), "{pair}");
    }
    let sum = |key: &str| -> u64 {
        value["inputs"].as_array().into_iter().flatten().filter_map(|input| input["tuples"][key].as_u64()).sum()
    };
    for key in ["accepted", "duplicate", "rejected"] {
        assert_eq!(value["tuples"][key].as_u64(), Some(sum(key)), "{key}");
    }
}
