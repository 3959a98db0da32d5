//! From a number back to its rows, whatever way the files are stored; the text around a note; taking out and putting back.

mod fixture;

use fixture::asking::{all_rows, report, topology};
use fixture::{File, flow_log, gzip, offered, read, record, summary, zip};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use underlay_model::finding::Opens;
use underlay_model::health::Witness;
use underlay_model::input::InputReport;
use underlay_model::sources::{ObjectPlace, RowStanding, Snippet, SourceCursor, SourceOf, SourceQuery, TextOf};
use underlay_model::view::{CaptureOptions, EntityKey, Report};
use underlay_model::wire::{FileOffer, PageEvent, PageRequest};
use underlay_session::in_process::{ByteReader, ByteSource, InProcess};

fn edges(host: &mut InProcess) -> Vec<(SourceOf, u64, [u64; 2])> {
    let topology = topology(host);
    let key = |at: u32| topology.entities[at as usize].key.clone();
    topology
        .edges
        .iter()
        .filter(|edge| edge.pairs > 0)
        .map(|edge| {
            let of = SourceOf::Edge { source: key(edge.source), target: key(edge.target), kind: edge.kind, pair: None };
            (of, edge.traffic.denied, edge.traffic.bytes)
        })
        .collect()
}

fn check_edges(host: &mut InProcess) {
    for (of, denied, bytes) in edges(host) {
        let (rows, last) = all_rows(host, of.clone());
        assert_eq!(last.troubles, Vec::<String>::new());
        assert_eq!(rows.len() as u64, last.total.rows(), "{of:?}");
        let counted: Vec<_> = rows.iter().filter(|row| row.standing == RowStanding::Counted).collect();
        assert_eq!(counted.len() as u64, last.total.counted, "{of:?}");
        let mut sum = [0; 2];
        let mut denials = 0;
        for row in &counted {
            let tuple = row.tuple.as_ref().expect("a flow log's row has fields");
            assert!(row.raw.starts_with(|c: char| c.is_ascii_digit()), "{row:?}");
            if matches!(tuple.state, 'C' | 'E') {
                sum = [sum[0] + tuple.bytes[0], sum[1] + tuple.bytes[1]];
            }
            denials += u64::from(tuple.state == 'D');
        }
        assert_eq!((sum, denials), (bytes, denied), "{of:?}");
    }
}

fn stored_in_every_way(text: &[u8]) -> Vec<File> {
    let string = String::from_utf8_lossy(text).into_owned();
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(string.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let replaced = [&b"\xFF\xFF junk\n"[..], text].concat();
    [
        ("plain.json", text.to_vec()),
        ("log.json.gz", gzip(text)),
        ("wide.json", wide),
        ("mark.json", [b"\xEF\xBB\xBF", text].concat()),
        ("all.zip", zip(&[("in/log.json".to_owned(), text.to_vec())])),
        ("replaced.json", replaced),
    ]
    .map(|(path, bytes)| (path.to_owned(), bytes))
    .to_vec()
}

#[test]
fn a_number_leads_to_the_same_rows_however_its_file_is_stored() {
    let row = |minute: i64, bytes: u64| {
        format!("{},10.0.0.1,10.0.0.2,41000,443,6,I,E,NX,1,{bytes},1,7", 1_795_165_201_000 + minute * 60_000)
    };
    let rows: Vec<String> = (0..9).map(|minute| row(minute, 100 + minute as u64)).collect();
    let records: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(at, row)| record("g", "AAAAAAAAAAAA", &format!("2026-11-20T09:{at:02}:00Z"), &[row]))
        .collect();
    for file in stored_in_every_way(&flow_log(&records)) {
        let path = file.0.clone();
        let mut host = read(&[file], 2, 97);
        let edges = edges(&mut host);
        assert_eq!(edges.len(), 1, "{path}");
        let (found, _) = all_rows(&mut host, edges[0].0.clone());
        assert_eq!(found.iter().map(|row| row.raw.as_str()).collect::<Vec<_>>(), rows, "{path}");
        assert!(found.iter().all(|row| row.rule == "Allow" && row.standing == RowStanding::Counted), "{path}");
        check_edges(&mut host);
    }
}

#[test]
fn rows_of_every_kind_of_flow_log_are_found_again() {
    let group = |tuple: &str| format!(r#"{{"rule":"R","flows":[{{"mac":"000D3AF87856","flowTuples":["{tuple}"]}}]}}"#);
    let nsg = |version: u8, tuples: [&str; 2]| {
        let flows = tuples.map(group).join(",");
        format!(
            r#"{{"records":[{{"time":"2026-11-20T09:00:00Z","category":"NetworkSecurityGroupFlowEvent","resourceId":"/S/NSG","macAddress":"000D3AF87856","properties":{{"Version":{version},"flows":[{flows}]}}}}]}}"#
        )
    };
    let first =
        nsg(1, ["1795165201,10.0.0.4,10.0.0.5,40000,443,T,O,A", "1795165202,10.0.0.4,10.0.0.5,40001,443,T,O,A"]);
    let second = nsg(
        2,
        ["1795165201,10.0.0.4,10.0.0.5,40000,443,T,O,E,A", "1795165202,10.0.0.4,10.0.0.5,40001,443,T,O,A,B,,,,"],
    );
    for text in [first.clone(), second.clone()] {
        let mut host = read(&[("nsg.json".to_owned(), text.clone().into_bytes())], 1, 100);
        for (of, _, _) in edges(&mut host) {
            let (rows, last) = all_rows(&mut host, of);
            assert_eq!((rows.len() as u64, last.troubles), (last.total.rows(), Vec::<String>::new()), "{text}");
            assert!(
                rows.iter().all(|row| text.contains(&format!("\"{}\"", row.raw)) && !row.raw.is_empty()),
                "{rows:?}"
            );
        }
    }
    let csv = "SubType,FlowIntervalStartTime [UTC],SrcIp,DestIp,DestPort,L4Protocol,FlowDirection,FlowStatus,AllowedInFlows\n\
               FlowLog,\"11/20/2026, 9:00:00.000 AM\",10.0.0.4,10.0.0.5,443,T,Inbound,Allowed,3\n";
    let json = r#"[{"SubType":"FlowLog","FlowIntervalStartTime":"2026-11-20T09:00:00Z","SrcIp":"10.0.0.4","DestIp":"10.0.0.5","DestPort":"443","L4Protocol":"T","FlowDirection":"Inbound","FlowStatus":"Allowed","AllowedInFlows":"3"}]"#;
    for text in [csv, json] {
        let mut host = read(&[("rows".to_owned(), text.as_bytes().to_vec())], 1, 100);
        let edges = edges(&mut host);
        assert_eq!(edges.len(), 1, "{text}");
        let (rows, last) = all_rows(&mut host, edges[0].0.clone());
        assert_eq!((rows.len(), last.total.counted, last.troubles), (1, 1, Vec::<String>::new()), "{text}");
        assert!(text.contains(&rows[0].raw) && rows[0].raw.contains("10.0.0.5"), "{rows:?}");
    }
}

#[test]
fn rows_say_what_became_of_them() {
    let mut host = read(&fixture::capture(), 2, 100);
    check_edges(&mut host);
    let mut standings: BTreeMap<String, usize> = BTreeMap::new();
    for (of, _, _) in edges(&mut host) {
        for row in all_rows(&mut host, of).0 {
            *standings.entry(format!("{:?}", row.standing)).or_default() += 1;
        }
    }
    for standing in ["Counted", "Duplicate", "OtherPoint", "OtherSide"] {
        assert!(standings.contains_key(standing), "{standings:?}");
    }
}

#[test]
fn a_long_list_comes_in_parts_that_make_the_whole() {
    let tuple = |at: usize| format!("{},10.0.0.1,10.0.0.2,{},443,6,I,E,NX,1,10,1,7", 1_795_165_201_000i64, at + 1);
    let many: Vec<String> = (0..1001).map(tuple).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut records = vec![record("g", "AAAAAAAAAAAA", "2026-11-20T09:00:00Z", &many)];
    for minute in 1..90 {
        records.push(record("g", "AAAAAAAAAAAA", &format!("2026-11-20T09:{minute:02}:00Z"), &many[..1]));
    }
    let mut host = read(&[("a.json".to_owned(), flow_log(&records))], 1, 1 << 16);
    let edge = edges(&mut host).remove(0).0;
    let (rows, last) = all_rows(&mut host, edge);
    assert_eq!((rows.len(), last.total.records), (1001 + 89, 90));
    check_edges(&mut host);
}

/// A file that can be changed.
struct Changing(Arc<Mutex<Result<Vec<u8>, String>>>);

impl ByteSource for Changing {
    fn open(&self) -> Result<Box<dyn ByteReader>, String> {
        Ok(Box::new(Self(self.0.clone())))
    }
}

impl ByteReader for Changing {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, String> {
        let content = self.0.lock().map_err(|error| error.to_string())?.clone()?;
        let rest = content.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

#[test]
fn a_file_that_changed_or_went_is_said_and_nothing_is_made_up() {
    let tuple = "1795165201000,10.0.0.1,10.0.0.2,41000,443,6,I,E,NX,1,100,1,7";
    let bytes = flow_log(&[record("g", "AAAAAAAAAAAA", "2026-11-20T09:00:00Z", &[tuple])]);
    let content = Arc::new(Mutex::new(Ok(bytes.clone())));
    let mut host = InProcess::new(1, 1000);
    let offer = FileOffer { path: "a.json".to_owned(), bytes: bytes.len() as u64 };
    host.add(vec![(offer, Arc::new(Changing(content.clone())))]);
    host.run_until_idle();
    let edge = edges(&mut host).remove(0).0;
    assert_eq!(all_rows(&mut host, edge.clone()).0.len(), 1);
    let changed = String::from_utf8(bytes).unwrap().replace(",100,", ",999,").into_bytes();
    for (now, sentence) in [
        (Ok(changed), "a.json cannot be read again: it is not what was read any more."),
        (Ok(Vec::new()), "a.json cannot be read again: it is shorter than it was."),
        (Err("it is gone".to_owned()), "a.json cannot be read again: it is gone."),
    ] {
        *content.lock().unwrap() = now;
        let (rows, last) = all_rows(&mut host, edge.clone());
        assert_eq!((rows.len(), last.troubles), (0, vec![sentence.to_owned()]));
        assert_eq!(last.total.counted, 1);
    }
}

fn input<'a>(report: &'a Report, path: &str) -> &'a InputReport {
    report.inputs.iter().find(|input| input.path == path).expect("the input is reported")
}

#[test]
fn a_note_opens_to_the_text_around_its_place() {
    let broken = "1795165201000,10.0.0.1,10.0.0.2,41000,443,6,X,E,NX,1,100,1,7";
    let text = flow_log(&[record("g", "AAAAAAAAAAAA", "2026-11-20T09:00:00Z", &[broken])]);
    for file in stored_in_every_way(&text) {
        let path = if file.0 == "all.zip" { "all.zip!in/log.json".to_owned() } else { file.0.clone() };
        let mut host = InProcess::new(1, 1000);
        host.add(offered(&[file]));
        let report = report(&host.run_until_idle());
        let input = input(&report, &path);
        let note = input.notes.iter().find(|note| note.code == "tuple-direction").expect("the tuple is rejected");
        let (number, byte) = (input.number, note.byte);
        let events = host.ask(|id| PageRequest::Snippet { id, of: TextOf::Around { input: number, byte } });
        let snippet = events
            .into_iter()
            .find_map(|event| match event {
                PageEvent::Snippet { snippet, .. } => Some(snippet),
                _ => None,
            })
            .unwrap();
        assert_eq!(snippet.trouble, None);
        assert_eq!(snippet.parts[1], "\"", "{path}");
        assert!(snippet.parts[0].ends_with("\"flowTuples\":["), "{path}: {snippet:?}");
        assert!(snippet.parts[2].starts_with(broken), "{path}: {snippet:?}");
        assert_eq!(snippet.byte + snippet.parts[0].len() as u64, byte, "{path}");
    }
}

#[test]
fn a_place_behind_bytes_that_are_no_text_is_shown_where_it_is() {
    let text = [b"{".as_slice(), &[0xFF; 60], b"}"].concat();
    let mut host = InProcess::new(1, 1000);
    host.add(offered(&[("odd.bin".to_owned(), text)]));
    let number = input(&report(&host.run_until_idle()), "odd.bin").number;
    let events = host.ask(|id| PageRequest::Snippet { id, of: TextOf::Around { input: number, byte: 50 } });
    let snippet = events.into_iter().find_map(|event| match event {
        PageEvent::Snippet { snippet, .. } => Some(snippet),
        _ => None,
    });
    let Snippet { byte, parts, .. } = snippet.expect("it is answered");
    assert_eq!((byte, parts[0].chars().count()), (0, 50));
}

#[test]
fn what_was_taken_out_can_be_put_back() {
    let files = fixture::capture();
    let archive = ("all.zip".to_owned(), zip(&files[..2]));
    let with = [&files[..], &[archive]].concat();
    let whole = summary(&with, 1, 1 << 20);
    let mut host = read(&with, 2, 100);
    for path in ["logs/b.json", "pods.json", "all.zip"] {
        host.request(PageRequest::Remove(path.to_owned()));
        let told = report(&host.run_until_idle());
        assert!(!told.out.is_empty() && told.inputs.iter().all(|input| !input.path.starts_with(path)), "{path}");
        let without: Vec<File> = with.iter().filter(|file| file.0 != path).cloned().collect();
        assert_eq!(host.summary(false), summary(&without, 1, 1 << 20), "without {path}");
        host.request(PageRequest::PutBack(path.to_owned()));
        assert!(report(&host.run_until_idle()).out.is_empty());
        assert_eq!(host.summary(false), whole, "with {path} again");
    }
}

#[test]
fn what_is_declared_lasts_as_long_as_the_capture() {
    let mut host = read(&fixture::capture(), 2, 100);
    let options = CaptureOptions { gateway_subnets: vec!["10.13.100.0/24".parse().unwrap()], pod_cidrs: Vec::new() };
    host.set_options(options.clone());
    assert_eq!(report(&host.run_until_idle()).options, options);
    let json: Value = serde_json::from_str(&host.summary(false)).unwrap();
    assert!(json["endpoints"].as_array().unwrap().iter().any(|end| end["kind"] == "gateway-instance"));
    host.request(PageRequest::Reset);
    assert_eq!(
        report(&host.run_until_idle()).options,
        CaptureOptions::default(),
        "the next capture is another network's"
    );
}

#[test]
fn coverage_names_nics_and_their_minutes() {
    let mut host = read(&fixture::capture(), 2, 100);
    let events = host.ask(|id| PageRequest::Coverage { id });
    let coverage = events
        .into_iter()
        .find_map(|event| match event {
            PageEvent::Coverage { coverage, .. } => Some(coverage),
            _ => None,
        })
        .unwrap();
    let told: Vec<_> = coverage.nics.iter().map(|nic| (nic.name.as_str(), nic.mac.as_str(), nic.minutes)).collect();
    assert_eq!(told, [("aks-1", "6045BD000004", 2), ("aks-1", "6045BD000004", 1), ("", "6045BD000006", 2)]);
    assert!(coverage.nics[0].evidence.starts_with("inferred: it reports 10.13.76.4"), "{:?}", coverage.nics[0]);
}

#[test]
fn a_question_is_answered_even_when_a_shard_fails_under_it() {
    let mut host = read(&fixture::capture(), 2, 100);
    let edge = edges(&mut host).remove(0).0;
    for shard in 0..2 {
        let query = SourceQuery { of: edge.clone(), range: None, from: SourceCursor::default() };
        host.request(PageRequest::Sources { id: 77, query });
        host.request(PageRequest::Topology {
            id: 78,
            range: Some(underlay_model::view::MinuteRange { first: 0, last: 9 }),
        });
        host.fail_shard(shard, "a defect");
        let events = host.run_until_idle();
        assert!(events.iter().any(|event| matches!(event, PageEvent::Sources { id: 77, .. })), "shard {shard}");
        assert!(events.iter().any(|event| matches!(event, PageEvent::Topology { id: 78, .. })), "shard {shard}");
    }
}

fn any_tuple() -> impl Strategy<Value = String> {
    let state = prop::sample::select(vec!['B', 'C', 'E', 'D']);
    let direction = prop::sample::select(vec!['I', 'O']);
    (0..4i64, 1..4u8, 1..4u8, prop::sample::select(vec![80, 443]), direction, state, 0..50u64).prop_map(
        |(minute, src, dst, port, direction, state, bytes)| {
            let counters =
                if matches!(state, 'C' | 'E') { format!("1,{bytes},1,{bytes}") } else { "0,0,0,0".to_owned() };
            let time = 1_795_165_201_000 + minute * 60_000;
            format!("{time},10.0.0.{src},10.0.0.{dst},4000,{port},6,{direction},{state},NX,{counters}")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn the_rows_behind_any_number_add_up_to_it(
        records in prop::collection::vec((0..2u8, 0..3u8, 0..3u8, prop::collection::vec(any_tuple(), 0..6)), 1..9),
        cut in 0..9usize,
        shards in 1..4u32,
        packed in any::<bool>(),
    ) {
        let records: Vec<String> = records
            .iter()
            .map(|(log, nic, time, tuples)| {
                let tuples: Vec<&str> = tuples.iter().map(String::as_str).collect();
                record(&format!("log{log}"), &format!("AAAAAAAAAA0{nic}"), &format!("t{time}"), &tuples)
            })
            .collect();
        let (one, two) = records.split_at(cut.min(records.len()));
        let two = flow_log(two);
        let files = [
            ("a.json".to_owned(), flow_log(one)),
            ("b.json".to_owned(), if packed { gzip(&two) } else { two }),
        ];
        check_edges(&mut read(&files, shards, 61));
    }
}

/// Witnesses of a pod of this capture.
fn witnesses(host: &mut InProcess, key: &str) -> Vec<Witness> {
    topology(host);
    let events = host.ask(|id| PageRequest::Detail { id, key: EntityKey(key.to_owned()), range: None });
    let detail = events.into_iter().find_map(|event| match event {
        PageEvent::Detail { detail, .. } => detail,
        _ => None,
    });
    detail.expect("the thing is there").witnesses
}

fn object_of(opens: &Opens) -> Option<ObjectPlace> {
    match opens {
        Opens::Object(place) => Some(place.clone()),
        _ => None,
    }
}

fn object_text(host: &mut InProcess, place: &ObjectPlace) -> Snippet {
    let events = host.ask(|id| PageRequest::Snippet { id, of: TextOf::Object(place.clone()) });
    let snippet = events.into_iter().find_map(|event| match event {
        PageEvent::Snippet { snippet, .. } => Some(snippet),
        _ => None,
    });
    snippet.expect("it is answered")
}

#[test]
fn a_witness_opens_to_the_object_that_says_it_however_its_file_is_stored() {
    let pod = |name: &str, ready: &str| {
        format!(
            "    {{\n      \"apiVersion\": \"v1\", \"kind\": \"Pod\",\n      \"metadata\": {{\"name\": \"{name}\", \"namespace\": \"n\"}},\n      \"status\": {{\"podIP\": \"10.0.0.1\", \"conditions\": [{{\"type\": \"Ready\", \"status\": \"{ready}\"}}]}}\n    }}"
        )
    };
    let text =
        format!("{{\"items\": [\n{},\n{}\n], \"kind\": \"List\"}}\n", pod("zürich", "True"), pod("web", "False"));
    for file in stored_in_every_way(text.as_bytes()) {
        let path = if file.0 == "all.zip" { "all.zip!in/log.json".to_owned() } else { file.0.clone() };
        let mut host = InProcess::new(1, 1000);
        host.add(offered(&[file]));
        host.run_until_idle();
        let witnesses = witnesses(&mut host, "pod:n/web");
        let place = witnesses.iter().find_map(|witness| object_of(&witness.opens)).expect("a witness is an object");
        assert_eq!(place.path, path);
        let snippet = object_text(&mut host, &place);
        assert_eq!(snippet.trouble, None, "{path}");
        assert_eq!(snippet.parts[1], "{\"type\": \"Ready\", \"status\": \"False\"}", "{path}");
        let whole = snippet.parts.concat();
        assert!(whole.starts_with("{\n  \"apiVersion\"") && whole.ends_with("\n}"), "{path}: {whole}");
        assert!(!whole.contains("rich"), "{path}: {whole}");
        let lines = if path == "replaced.json" { 8 } else { 7 };
        assert_eq!(snippet.line, Some(lines), "{path}");
        let gone = object_text(&mut host, &ObjectPlace { name: "other".to_owned(), ..place });
        assert!(gone.trouble.is_some_and(|words| words.contains("not what was read")), "{path}");
    }
}

#[test]
fn of_an_object_in_several_files_the_newest_opens_and_the_others_are_named() {
    let pod = |version: u64| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"web\",\"namespace\":\"n\",\"resourceVersion\":\"{version}\"}},\"status\":{{\"podIP\":\"10.0.0.1\",\"conditions\":[{{\"type\":\"Ready\",\"status\":\"True\"}}]}}}}"
        )
    };
    let files: Vec<File> = [("a.json", 7), ("b.json", 9), ("c.json", 8)]
        .map(|(path, version)| (path.to_owned(), pod(version).into_bytes()))
        .to_vec();
    let mut host = read(&files, 1, 1000);
    let place = witnesses(&mut host, "pod:n/web").iter().find_map(|one| object_of(&one.opens)).expect("it has a place");
    assert_eq!(
        (place.path.as_str(), place.copies.as_slice()),
        ("b.json", &["a.json".to_owned(), "c.json".to_owned()][..])
    );
    assert!(object_text(&mut host, &place).parts.concat().contains("\"resourceVersion\":\"9\""));
}
