//! Traffic Analytics in every shape in which people save it: the same rows say the same, what is missing is said, and damage costs no
//! more than itself (contract rule 10).

use proptest::prelude::*;
use serde_json::{Value, json};
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::input::Format;
use underlay_model::time::parse_rfc3339;
use underlay_model::tuple::{AnalyticsTuple, FlowTuple, RejectCode};
use underlay_scan::{RecordHead, Sink};

/// What a sink was told of one row.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    point: String,
    hash: u128,
    events: Vec<String>,
}

#[derive(Default)]
struct Recorder {
    rows: Vec<Told>,
    open: Vec<String>,
    rule: String,
}

impl Sink for Recorder {
    fn group(&mut self, _acl: &[u8], rule: &[u8]) {
        self.rule = String::from_utf8_lossy(rule).into_owned();
    }
    fn tuple(&mut self, _tuple: &FlowTuple<'_>) {
        panic!("no flow log tuples here");
    }
    fn analytics(&mut self, tuple: &AnalyticsTuple<'_>) {
        self.open.push(format!("{} {tuple:?}", self.rule));
    }
    fn reject(&mut self, code: RejectCode, _byte: u64) {
        self.open.push(code.code().to_owned());
    }
    fn commit(&mut self, head: &RecordHead<'_>) {
        assert_eq!(head.flow_log, "traffic-analytics");
        let events = std::mem::take(&mut self.open);
        assert_eq!(events.len() as u64, head.accepted + head.rejected);
        self.rows.push(Told { point: head.mac.to_owned(), hash: head.hash, events });
    }
    fn rollback(&mut self) {
        self.open.clear();
    }
}

fn read_in(text: &[u8], chunk: usize) -> (Vec<Told>, Reading) {
    let mut recorder = Recorder::default();
    let mut reader = Reader::new("x", text.len() as u64, Coding::Plain);
    for chunk in text.chunks(chunk) {
        reader.push(chunk, &mut recorder);
    }
    let reading = reader.finish(&mut recorder);
    assert!(recorder.open.is_empty());
    (recorder.rows, reading)
}

fn read(text: &str) -> (Vec<Told>, Reading) {
    read_in(text.as_bytes(), usize::MAX)
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.report.notes.iter().map(|note| note.code.as_str()).collect()
}

const NAMES: [&str; 18] = [
    "SubType",
    "FlowIntervalStartTime",
    "FlowStartTime",
    "FlowEndTime",
    "SrcIp",
    "DestIp",
    "DestPublicIps",
    "DestPort",
    "L4Protocol",
    "FlowDirection",
    "FlowStatus",
    "AclRule",
    "FlowEncryption",
    "MacAddress",
    "AllowedInFlows",
    "DeniedInFlows",
    "BytesSrcToDest",
    "BytesDestToSrc",
];

/// Three rows: an allowed one, a denied one, and one with two packed addresses.
fn rows() -> Vec<[&'static str; 18]> {
    vec![
        [
            "FlowLog",
            "2026-11-20T09:00:00Z",
            "2026-11-20T09:00:03Z",
            "2026-11-20T09:09:58Z",
            "10.13.100.6",
            "10.244.0.131",
            "",
            "8080",
            "T",
            "Inbound",
            "Allowed",
            "DefaultRule_AllowVnetInBound",
            "Unencrypted",
            "60-45-BD-12-AB-34",
            "7",
            "0",
            "13924",
            "31872",
        ],
        [
            "FlowLog",
            "2026-11-20T13:00:00Z",
            "2026-11-20T13:00:03Z",
            "2026-11-20T13:00:03Z",
            "203.0.113.77",
            "10.13.76.4",
            "",
            "22",
            "T",
            "Inbound",
            "Denied",
            "DefaultRule_DenyAllInBound",
            "",
            "60-45-BD-12-AB-34",
            "0",
            "3",
            "0",
            "0",
        ],
        [
            "FlowLog",
            "2026-11-20T09:00:00Z",
            "2026-11-20T09:01:03Z",
            "2026-11-20T09:02:00Z",
            "10.13.76.4",
            "",
            "198.51.100.9|3|2|41|38|5120|60233 203.0.113.5|1|0|7|6|800|4100",
            "443",
            "T",
            "Outbound",
            "Allowed",
            "r",
            "",
            "60-45-BD-12-AB-34",
            "0",
            "0",
            "0",
            "0",
        ],
    ]
}

fn american(text: &str) -> String {
    let time = |range: std::ops::Range<usize>| text[range].parse::<u32>().unwrap();
    let (hour, half) = match time(11..13) {
        0 => (12, "AM"),
        hour @ 1..12 => (hour, "AM"),
        12 => (12, "PM"),
        hour => (hour - 12, "PM"),
    };
    format!("{}/{}/{}, {hour}:{}.000 {half}", time(5..7), time(8..10), &text[..4], &text[14..19])
}

/// As the portal exports it.
fn csv() -> String {
    let time = |name: &str| name.contains("Time");
    let header: Vec<String> =
        NAMES.iter().map(|name| if time(name) { format!("\"{name} [UTC]\"") } else { (*name).to_owned() }).collect();
    let line = |row: &[&str; 18]| {
        let cells = NAMES
            .iter()
            .zip(row)
            .map(|(name, cell)| if time(name) { format!("\"{}\"", american(cell)) } else { format!("\"{cell}\"") });
        cells.collect::<Vec<_>>().join(",")
    };
    let lines: Vec<String> = rows().iter().map(line).collect();
    format!("{}\r\n{}\r\n", header.join(","), lines.join("\r\n"))
}

fn object(row: &[&str; 18]) -> Value {
    let mut object: serde_json::Map<String, Value> =
        NAMES.iter().zip(row).map(|(name, cell)| ((*name).to_owned(), json!(cell))).collect();
    object.insert("TableName".to_owned(), json!("PrimaryResult"));
    Value::Object(object)
}

fn objects() -> Vec<Value> {
    rows().iter().map(object).collect()
}

fn rest() -> Value {
    let columns: Vec<Value> = NAMES.iter().map(|name| json!({"name": name, "type": "string"})).collect();
    json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows()}]})
}

#[test]
fn every_shape_of_the_same_rows_says_the_same() {
    let (expected, reading) = read(&csv());
    assert_eq!(expected.len(), 3);
    assert_eq!((reading.report.format, reading.report.records), (Format::TrafficAnalytics, 3));
    assert_eq!((reading.report.tuples.accepted, reading.report.tuples.rejected), (4, 0));
    assert!(expected.iter().all(|row| row.point == "6045BD12AB34"));
    let columns: Vec<Value> = NAMES.iter().map(|name| json!({"ColumnName": name, "DataType": "String"})).collect();
    let legacy = csv()
        .replace("SrcIp,DestIp,DestPublicIps,DestPort", "SrcIP_s,DestIP_s,DestPublicIPs_s,DestPort_d")
        .replace("AclRule", "NSGRule_s")
        .replace("BytesSrcToDest,BytesDestToSrc", "OutboundBytes_d,InboundBytes_d")
        .replace("FlowStartTime [UTC]", "FlowStartTime_t [UTC]")
        .replace("\"13924\",\"31872\"", "\"13924.0\",\"31872\"");
    let hour_ahead = {
        let mut text = csv().replace("[UTC]", "[UTC+01:00]");
        for (from, to) in [(" 9:0", " 10:0"), (" 1:00", " 2:00")] {
            text = text.replace(from, to);
        }
        text
    };
    let reversed: String = csv()
        .lines()
        .map(|line| {
            let mut reader: Vec<String> = Vec::new();
            let mut rest = line.to_owned();
            while !rest.is_empty() {
                let end = match rest.strip_prefix('"') {
                    Some(inside) => inside.find('"').unwrap() + 2,
                    None => rest.find(',').unwrap_or(rest.len()),
                };
                reader.insert(0, rest[..end].to_owned());
                rest = rest[(end + 1).min(rest.len())..].to_owned();
            }
            reader.join(",").replace("\",\"", "\"\u{1},\"") + "\n"
        })
        .collect::<String>()
        .replace('\u{1}', "");
    let lines = |separator: &str| objects().iter().map(Value::to_string).collect::<Vec<_>>().join(separator);
    for (name, text) in [
        ("cli", json!(objects()).to_string()),
        ("cli, pretty", serde_json::to_string_pretty(&objects()).unwrap()),
        ("cli with a warning", format!("WARNING: in preview\n{}", json!(objects()))),
        ("lines", lines("\n")),
        ("records", format!("{{\"records\":[{}]}}", lines(","))),
        ("PowerShell", json!({"Results": objects(), "Render": null, "Error": null}).to_string()),
        ("rest", rest().to_string()),
        ("rest, pretty", serde_json::to_string_pretty(&rest()).unwrap()),
        ("rows first", json!({"tables": [{"rows": rows(), "x": 1, "z": 2}]}).to_string().replace(
            "\"x\":1",
            &format!("\"columns\":{}", rest()["tables"][0]["columns"]),
        )),
        ("kusto 1", json!({"Tables": [{"TableName": "Table_0", "Columns": columns, "Rows": rows()}, {"TableName": "T", "Columns": [{"ColumnName": "x"}], "Rows": [["1"]]}]}).to_string()),
        ("kusto 2", json!([
            {"FrameType": "DataSetHeader", "IsProgressive": false, "Version": "v2.0"},
            {"FrameType": "DataTable", "TableKind": "QueryProperties", "Columns": [{"ColumnName": "TableId"}], "Rows": [[1]]},
            {"FrameType": "DataTable", "TableKind": "PrimaryResult", "Columns": columns, "Rows": rows()},
            {"FrameType": "DataSetCompletion", "HasErrors": false}
        ]).to_string()),
        ("legacy", legacy),
        ("another zone", hour_ahead),
        ("another order", reversed),
        ("lower case", csv().replace("SrcIp", "srcip").replace("FlowDirection", "FLOWDIRECTION")),
        ("no last line end", csv().trim_end().to_owned()),
        ("byte order mark", format!("\u{FEFF}{}", csv())),
        ("narrow blank", csv().replace(" AM", "\u{202F}AM").replace(" PM", "\u{202F}PM")),
        ("header twice", format!("{}{}", csv().split_inclusive('\n').next().unwrap(), csv())),
    ] {
        let (told, reading) = read(&text);
        assert_eq!(told, expected, "{name}: {text}\n{:?}", reading.report);
        assert_eq!((reading.report.format, reading.report.records), (Format::TrafficAnalytics, 3), "{name}");
        assert_eq!(reading.report.lost_bytes, 0, "{name}");
        let expected: &[&str] = if name == "cli with a warning" { &["other-text"] } else { &[] };
        assert_eq!(codes(&reading), expected, "{name}");
    }
}

#[test]
fn a_row_counts_by_its_columns() {
    let (told, _) = read(&csv());
    let first = &told[0].events[0];
    let minute = parse_rfc3339("2026-11-20T09:00:00Z").unwrap();
    for part in [
        "DefaultRule_AllowVnetInBound ",
        &format!("time_ms: {minute}, span: ({}, {})", minute + 3000, minute + 598_000),
        "destination: 10.244.0.131, destination_port: 8080, protocol: 6, direction: Inbound, verdict: Allowed",
        "begun: 7, ended: 0, denied: 0",
        "bytes_sent: 13924",
        "bytes_returned: 31872",
    ] {
        assert!(first.contains(part), "{part} in {first}");
    }
    assert!(
        told[1].events[0].contains("verdict: Denied") && told[1].events[0].contains("begun: 0, ended: 0, denied: 3")
    );
    assert_eq!(told[2].events.len(), 2);
    assert!(
        told[2].events[0].contains("destination: 198.51.100.9") && told[2].events[0].contains("begun: 3, ended: 2")
    );
    assert!(
        told[2].events[0].contains("packets_sent: 41, bytes_sent: 5120, packets_returned: 38, bytes_returned: 60233")
    );
}

#[test]
fn times_and_counts_of_other_exports_say_the_same() {
    let csv = |time: &str, bytes: &str| {
        format!(
            "TimeGenerated,SrcIp,DestIp,DestPort,L4Protocol,FlowDirection,FlowStatus,BytesSrcToDest\n\"{time}\",10.0.0.1,10.0.0.2,443,T,I,A,\"{bytes}\"\n"
        )
    };
    let (expected, _) = read(&csv("2026-11-20T09:00:00Z", "1234567"));
    assert_eq!(expected[0].events.len(), 1);
    for (time, bytes) in [
        ("Nov 20, 2026 9:00:00 AM", "1234567"),
        ("Nov 20, 2026, 9:00:00 AM", "1,234,567"),
        ("20-Nov-2026 09:00", "1234567.0"),
        ("1795165200000", "1,234,567.00"),
        ("11/20/2026 10:00:00 AM +01:00", "1234567"),
    ] {
        let (told, _) = read(&csv(time, bytes));
        assert_eq!(told[0].events, expected[0].events, "{time} {bytes}");
    }
    for bytes in ["1,23", ",123", "12,3456", "1,2,3", "1234,567"] {
        assert_eq!(read(&csv("2026-11-20T09:00:00Z", bytes)).0[0].events, ["tuple-counter"], "{bytes}");
    }
}

#[test]
fn what_is_missing_is_said_and_what_is_needed_rejects() {
    let without = |name: &str| {
        let mut object = objects().remove(0);
        object.as_object_mut().unwrap().remove(name);
        json!([object]).to_string()
    };
    for (name, code, part) in [
        ("L4Protocol", "missing-protocol", "protocol: 0"),
        ("FlowDirection", "missing-direction", "direction: Inbound"),
        ("FlowStatus", "missing-status", "verdict: Allowed"),
    ] {
        let (told, reading) = read(&without(name));
        assert!(told[0].events[0].contains(part), "{name}: {told:?}");
        assert_eq!((codes(&reading), reading.report.notes[0].count), (vec![code], 1));
    }
    for (name, code) in [("SrcIp", "tuple-address"), ("DestPort", "tuple-port")] {
        let (told, reading) = read(&without(name));
        assert_eq!((told[0].events.as_slice(), codes(&reading)), (&[code.to_owned()][..], vec![code]));
        assert_eq!(reading.report.tuples.rejected, 1);
    }
    // The interval is not needed when the flow says when it began, and that is not needed when the row was made at a time.
    for (gone, left) in [
        (&["FlowIntervalStartTime"][..], "09:00:03"),
        (&["FlowIntervalStartTime", "FlowStartTime", "FlowEndTime"][..], "09:20:00"),
    ] {
        let mut object = objects().remove(0);
        gone.iter().for_each(|name| drop(object.as_object_mut().unwrap().remove(*name)));
        object["TimeGenerated"] = json!("2026-11-20T09:20:00Z");
        let (told, _) = read(&json!([object]).to_string());
        let time = parse_rfc3339(&format!("2026-11-20T{left}Z")).unwrap();
        assert!(told[0].events[0].contains(&format!("time_ms: {time}")), "{told:?}");
    }
    let none = json!([{"SrcIp": "10.0.0.1", "DestIp": "10.0.0.2", "DestPort": "80", "L4Protocol": "T", "FlowDirection": "I", "FlowStatus": "A", "FlowStartTime": "None"}]);
    assert_eq!(read(&none.to_string()).0[0].events, ["tuple-time"]);
}

#[test]
fn other_rows_and_unknown_zones_are_said() {
    let mut all = objects();
    all[1]["SubType"] = json!("StatusMessage");
    let (told, reading) = read(&json!(all).to_string());
    assert_eq!((told.len(), codes(&reading)), (2, vec!["other-rows"]));
    let (told, reading) = read(&csv().replace("[UTC]", "[Local Time]"));
    assert_eq!(told, read(&csv()).0);
    assert_eq!(codes(&reading), ["time-zone"]);
    assert!(reading.report.notes[0].message.contains("Local Time"));
}

#[test]
fn the_legacy_table_names_the_machine_and_packs_the_rest() {
    let row = |direction: &str| {
        json!([{"SubType_s": "FlowLog", "FASchemaVersion_s": "2", "FlowIntervalStartTime_t": "2026-11-20T09:00:00Z", "SrcIP_s": "", "DestIP_s": "", "VMIP_s": "10.0.0.4", "PublicIPs_s": "198.51.100.9|3|2|4|3|512|602", "DestPort_d": "443.0", "L4Protocol_s": "T", "FlowDirection_s": direction, "FlowStatus_s": "A", "MACAddress_s": "000D3A18077E"}])
            .to_string()
    };
    assert!(read(&row("O")).0[0].events[0].contains("source: 10.0.0.4, destination: 198.51.100.9"));
    assert!(read(&row("I")).0[0].events[0].contains("source: 198.51.100.9, destination: 10.0.0.4"));
}

#[test]
fn a_table_cut_anywhere_yields_its_whole_rows() {
    let text = csv();
    let ends: Vec<usize> = text.match_indices("\r\n").map(|(at, _)| at).collect();
    for cut in ends[0] + 2..text.len() {
        let (told, reading) = read(&text[..cut]);
        let whole = ends[1..].iter().filter(|&&end| end <= cut).count();
        assert_eq!(told.len(), whole, "cut at {cut}");
        let row = ends.iter().rfind(|&&end| end <= cut).unwrap() + 2;
        let tail = text.as_bytes().get(row..cut).unwrap_or_default();
        let lost = tail.iter().filter(|byte| !b" \t\r\n,".contains(byte)).count() as u64;
        assert_eq!(reading.report.lost_bytes, lost, "cut at {cut}");
    }
    let text = rest().to_string();
    let starts: Vec<usize> = text.match_indices("[\"FlowLog\"").map(|(at, _)| at).collect();
    for cut in starts[0]..text.len() {
        let (told, reading) = read(&text[..cut]);
        let whole = starts.iter().filter(|&&start| start + text[start..].find(']').unwrap() < cut).count();
        assert_eq!(told.len(), whole, "cut at {cut}");
        assert!(cut > starts[2] || reading.report.lost_bytes < 400, "cut at {cut}");
        assert!(codes(&reading).iter().all(|code| ["cut-off", "open-end"].contains(code)), "{:?}", codes(&reading));
    }
}

#[test]
fn a_damaged_row_costs_itself_alone() {
    let text = csv();
    let second = text.match_indices("\r\n").nth(1).unwrap().0 + 2;
    let quote = text[second..].find("\",\"").unwrap() + second;
    // A quote that is never closed, and one that is too many.
    for damaged in [
        format!("{}{}", &text[..quote], &text[quote + 1..]),
        format!("{}a\"{}", &text[..quote + 3], &text[quote + 3..]),
    ] {
        let (told, reading) = read(&damaged);
        assert!((2..=3).contains(&told.len()), "{damaged}");
        assert_eq!(told[0], read(&text).0[0]);
        assert_eq!(told.last(), read(&text).0.last(), "{damaged}");
        // One cell may swallow another and leave the row as long as it should be: then its odd kind is said.
        assert_eq!(told.len() == 2, !codes(&reading).is_empty(), "{damaged}\n{:?}", reading.report);
    }
    let text = rest().to_string();
    for (from, to) in [("\"203.0.113.77\"", "\"203.0.113.77"), ("\"203.0.113.77\"", "oops"), ("\"203.0.113.77\",", "")]
    {
        let (told, reading) = read(&text.replacen(from, to, 1));
        assert_eq!(told.len(), 2, "{to}: {:?}", reading.report);
        assert_eq!(codes(&reading), ["damaged"], "{to}");
        assert!(reading.report.lost_bytes > 0);
    }
}

#[test]
fn what_only_mentions_the_columns_is_no_table() {
    for text in [
        "NTANetAnalytics\n| where SubType == 'FlowLog'\n| project FlowStartTime, SrcIp, DestIp, DestPort\n",
        "NTANetAnalytics\n| project\n    FlowStartTime, SrcIp, DestIp, DestPort\n| take 10\n",
        "{\"query\":\"NTANetAnalytics | project SrcIp, DestIp, FlowStatus\"}",
    ] {
        let (told, reading) = read(text);
        assert_eq!((told.len(), reading.report.format), (0, Format::Unknown), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// However a text is cut into chunks, and whatever was done to it, the same comes of it, and nothing panics.
    #[test]
    fn chunks_and_damage_do_no_harm(
        shape in 0usize..4,
        edits in proptest::collection::vec((any::<u16>(), 0u8..4, any::<u8>()), 0..4),
        chunk in 1usize..200,
    ) {
        let mut text = match shape {
            0 => csv(),
            1 => rest().to_string(),
            2 => json!(objects()).to_string(),
            _ => objects().iter().map(Value::to_string).collect::<Vec<_>>().join("\n"),
        }
        .into_bytes();
        for (at, kind, byte) in edits {
            let at = usize::from(at) % text.len().max(1);
            match kind {
                // Nothing may be left of it.
                0 => text.iter_mut().skip(at).take(1).for_each(|place| *place = byte),
                1 => text.insert(at, b'"'),
                2 => drop(text.drain(at..text.len().min(at + 1))),
                _ => text.truncate(at.max(1)),
            }
        }
        let (whole, reading) = read_in(&text, usize::MAX);
        let (pieces, again) = read_in(&text, chunk);
        prop_assert_eq!(whole, pieces);
        prop_assert_eq!(&reading, &again);
        prop_assert!(reading.report.lost_bytes <= text.len() as u64);
    }
}
