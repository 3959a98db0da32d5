//! NSG flow logs of both versions, alone, mixed and damaged, and records in the wrapping of other systems.

mod common;
use common::*;
use underlay_model::input::Format;
use underlay_model::tuple::RejectCode;

const V2: &str = "1772618545,10.13.100.6,10.13.80.21,41876,8080,T,I,A,E,6,702,5,1893";
const V2_DENIED: &str = "1772618547,203.0.113.77,10.13.76.4,55188,22,T,I,D,B,,,,";
const V1: &str = "1772618545,10.13.100.6,10.13.80.21,41876,8080,T,I,A";

fn nsg(version: u8, mac: &str, tuples: &[&str]) -> String {
    let tuples: Vec<String> = tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect();
    format!(
        "{{\"time\":\"2026-03-04T10:02:42.6259228Z\",\"systemId\":\"7c1de1b0\",\"macAddress\":\"000D3A18077E\",\"category\":\"NetworkSecurityGroupFlowEvent\",\"resourceId\":\"/SUBSCRIPTIONS/X/NETWORKSECURITYGROUPS/N\",\"operationName\":\"NetworkSecurityGroupFlowEvents\",\"properties\":{{\"Version\":{version},\"flows\":[{{\"rule\":\"DefaultRule_AllowVnetInBound\",\"flows\":[{{\"mac\":\"{mac}\",\"flowTuples\":[{}]}}]}},{{\"rule\":\"UserRule_ssh\",\"flows\":[]}}]}}}}",
        tuples.join(",")
    )
}

fn log(records: &[String]) -> String {
    format!("{{\"records\":[{}]}}", records.join(","))
}

fn formats(account: &underlay_scan::ScanAccount) -> Vec<(Format, u64)> {
    account.formats.iter().map(|known| (known.format, known.count)).collect()
}

#[test]
fn each_record_is_read_by_its_own_version_and_kind() {
    let texts =
        [nsg(2, "00-0d-3a-18-07-7e", &[V2, V2_DENIED, V1]), nsg(1, "000D3A18077E", &[V1, V2]), record(1, &[IPV4, V2])];
    let (seen, account) = scan(log(&texts).as_bytes());
    assert_eq!(account.first_format, Some(Format::NsgFlowLogV2));
    assert_eq!(formats(&account), [(Format::NsgFlowLogV2, 1), (Format::NsgFlowLogV1, 1), (Format::VnetFlowLog, 1)]);
    // Never by the number of fields: in another version's record a tuple is malformed.
    let counts: Vec<_> = seen.iter().map(|record| (record.accepted, record.rejected)).collect();
    assert_eq!(counts, [(2, 1), (1, 1), (1, 1)]);
    assert_eq!(seen[0].events[2], format!("tuple-fields@{}", log(&texts).find(&format!("\"{V1}\"")).unwrap()));
    assert_eq!(
        account.rejected.iter().map(|rejects| (rejects.code, rejects.count)).collect::<Vec<_>>(),
        [(RejectCode::Fields, 2), (RejectCode::State, 1)]
    );
    for record in &seen[..2] {
        assert_eq!(record.flow_log, "/subscriptions/x/networksecuritygroups/n");
        assert_eq!((record.mac.as_str(), record.time.as_str()), ("000D3A18077E", "2026-03-04T10:02:42.6259228Z"));
    }
    assert!(seen[0].events[0].starts_with(" DefaultRule_AllowVnetInBound: "), "{}", seen[0].events[0]);
    assert_eq!(account.lost_bytes, 0);
}

#[test]
fn every_writing_of_a_record_says_the_same() {
    let compact = nsg(2, "000D3A18077E", &[V2, V2_DENIED]);
    let (expected, _) = scan(log(std::slice::from_ref(&compact)).as_bytes());
    let value: serde_json::Value = serde_json::from_str(&compact).unwrap();
    for text in [
        serde_json::to_string_pretty(&value).unwrap(),
        // Keys in the order of the alphabet.
        serde_json::to_string(&value).unwrap(),
        compact.replace("\"Version\":2", "\"Version\":\"2\""),
        compact.replace("\"macAddress\":\"000D3A18077E\",", ""),
        compact.replace("\"mac\":\"000D3A18077E\",", ""),
        compact.replace("\"category\":\"NetworkSecurityGroupFlowEvent\",", ""),
        compact.replace("\"Version\":2", "\"version\":2").replace("\"flowTuples\"", "\"flowtuples\""),
        compact.replace("\"rule\":\"Def", "\"rule\":\"\\u0044ef"),
    ] {
        let (seen, account) = scan(log(std::slice::from_ref(&text)).as_bytes());
        assert_eq!(without_positions(&seen), without_positions(&expected), "{text}");
        assert_eq!(account.lost_bytes, 0);
    }
}

#[test]
fn a_record_of_several_nics_is_reported_by_each() {
    let text = nsg(2, "000D3A18077E", &[V2]).replace(
        "\"flows\":[]",
        &format!("\"flows\":[{{\"mac\":\"000D3A180000\",\"flowTuples\":[\"{V2_DENIED}\"]}},{{\"mac\":\"000d3a18077e\",\"flowTuples\":[\"{V2}\"]}}]"),
    );
    let mut recorder = Recorder::default();
    let mut scanner = underlay_scan::Scanner::new();
    scanner.push(text.as_bytes(), &mut recorder);
    let account = scanner.finish(&mut recorder);
    let seen: Vec<_> = recorder.records.iter().map(|record| (record.mac.as_str(), record.accepted)).collect();
    assert_eq!(seen, [("000D3A18077E", 2), ("000D3A180000", 1)]);
    assert_eq!((account.records, account.accepted), (1, 3));
}

#[test]
fn properties_that_an_exporter_wrote_as_text_are_read() {
    let bad = V2.replace("10.13.100.6", "somebody");
    for (version, tuple, category) in [(2, V2, true), (1, V1, true), (2, V2, false), (2, bad.as_str(), true)] {
        let text = nsg(version, "000D3A18077E", &[tuple]);
        let mut record: serde_json::Value = serde_json::from_str(&text).unwrap();
        record["properties"] = record["properties"].to_string().into();
        if !category {
            record.as_object_mut().unwrap().remove("category");
        }
        let (expected, plain) = scan(log(&[text]).as_bytes());
        let (seen, account) = scan(log(&[record.to_string()]).as_bytes());
        assert_eq!(without_positions(&seen), without_positions(&expected));
        assert_eq!((account.first_format, account.without_flows.0), (plain.first_format, 0));
        assert!(account.rejected.iter().all(|rejects| rejects.first_byte == seen[0].bytes.start));
    }
}

#[test]
fn a_record_may_name_very_many_nics() {
    const NICS: usize = 30_000;
    let flow = |at: usize| format!("{{\"mac\":\"{:012X}\",\"flowTuples\":[\"{V2}\"]}}", at % NICS);
    let flows: Vec<String> = (0..2 * NICS).map(flow).collect();
    let text = nsg(2, "000000000000", &[]).replace("\"flows\":[]", &format!("\"flows\":[{}]", flows.join(",")));
    let mut recorder = Recorder::default();
    let mut scanner = underlay_scan::Scanner::new();
    scanner.push(text.as_bytes(), &mut recorder);
    scanner.finish(&mut recorder);
    assert_eq!(recorder.records.len(), NICS);
    assert!(
        recorder.records.iter().zip(0..).all(|(record, at)| record.mac == format!("{at:012X}") && record.accepted == 2)
    );
}

#[test]
fn a_damaged_log_yields_its_whole_records_and_counts_the_rest() {
    let texts = [nsg(2, "A", &[V2]), nsg(1, "B", &[V1, V1]), nsg(2, "C", &[V2_DENIED, V2])];
    let text = log(&texts);
    let ends: Vec<usize> = texts.iter().map(|record| text.find(record.as_str()).unwrap() + record.len()).collect();
    for cut in 12..text.len() {
        let (seen, account) = scan(&text.as_bytes()[..cut]);
        assert_eq!(seen.len(), ends.iter().filter(|&&end| end <= cut).count(), "cut at {cut}");
        let from = ends.iter().copied().filter(|&end| end <= cut).max().unwrap_or(12);
        let tail = if seen.len() == 3 { 0 } else { countable(&text.as_bytes()[from..cut]) };
        assert_eq!(account.lost_bytes, tail, "cut at {cut}");
        let (seen, _) = scan(&text.as_bytes()[cut..]);
        let begins = texts.iter().filter(|record| text.find(record.as_str()).unwrap() >= cut).count();
        assert_eq!(seen.len(), begins, "from {cut}");
    }
}

#[test]
fn what_others_wrap_is_unwrapped() {
    let inner = [record(1, &[IPV4, BAD_ADDRESS]), nsg(2, "A", &[V2])];
    let (expected, _) = scan(log(&inner).as_bytes());
    let quoted = |text: &str| serde_json::Value::String(text.to_owned()).to_string();
    for text in [
        inner.iter().map(|record| format!("{{\"body\":{record},\"x\":1}}\n")).collect::<String>(),
        inner.iter().map(|record| format!("{{\"_raw\":{}}}\n", quoted(record))).collect::<String>(),
        inner.iter().map(|record| format!("{{\"event\":{{\"original\":{}}}}}\n", quoted(record))).collect::<String>(),
        inner
            .iter()
            .map(|record| format!("{{\"result\":{{\"_raw\":{},\"source\":\"x\"}}}}\n", quoted(record)))
            .collect::<String>(),
        inner
            .iter()
            .map(|record| format!("{{\"_source\":{{\"event\":{{\"x\":1}},\"message\":{}}}}}\n", quoted(record)))
            .collect::<String>(),
        format!("{{\"EnqueuedTimeUtc\":\"x\",\"body\":{}}}", log(&inner)),
        format!("[{{\"body\":{}}}]", quoted(&log(&inner))),
    ] {
        let (seen, account) = scan(text.as_bytes());
        assert_eq!(without_positions(&seen), without_positions(&expected), "{text}");
        assert_eq!(account.first_format, Some(Format::VnetFlowLog));
        assert!(account.foreign.is_empty() && account.lost_bytes == 0, "{account:?}");
        for record in &seen {
            assert!(record.bytes.end <= text.len() as u64);
        }
    }
}

#[test]
fn tuples_laid_flat_are_read() {
    let text = format!(
        "{{\"category\":\"FlowLogFlowEvent\",\"flowLogGUID\":\"g\",\"macAddress\":\"M\",\"rule\":\"r\",\"flow.0\":\"{IPV4}\"}}"
    );
    let (seen, _) = scan(text.as_bytes());
    assert_eq!((seen[0].accepted, seen[0].rejected), (1, 0));
    assert!(seen[0].events[0].starts_with(" r: "));
}

/// A record as Microsoft's connector makes one of every tuple.
fn unrolled(category: &str, tuple: &str) -> String {
    let names = "startTime sourceAddress destinationAddress sourcePort destinationPort transportProtocol deviceDirection \
                 deviceAction flowState packetsStoD bytesStoD packetsDtoS bytesDtoS";
    let fields: Vec<String> =
        names.split(' ').zip(tuple.split(',')).map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    format!(
        "{{\"time\":\"2026-03-04T10:02:42.6259228Z\",\"category\":\"{category}\",\"resourceId\":\"/SUBSCRIPTIONS/X/NETWORKSECURITYGROUPS/N\",\"version\":2.0,\"nsgRuleName\":\"UserRule_web\",\"mac\":\"000D3A18077E\",{}}}",
        fields.join(",")
    )
}

#[test]
fn records_of_one_tuple_whose_fields_are_members_are_read() {
    let kind = "NetworkSecurityGroupFlowEvent";
    for (text, format, reads) in [
        (unrolled(kind, V2), Format::NsgFlowLogV2, V2),
        (unrolled(kind, V2_DENIED), Format::NsgFlowLogV2, V2_DENIED),
        (unrolled(kind, V1), Format::NsgFlowLogV1, V1),
        (unrolled("FlowLogFlowEvent", V2), Format::VnetFlowLog, V2),
        // Fields that are numbers, and none where nothing was counted.
        (unrolled(kind, V2).replace("\"8080\"", "8080"), Format::NsgFlowLogV2, V2),
        (unrolled(kind, V2_DENIED).replace(",\"bytesStoD\":\"\"", ""), Format::NsgFlowLogV2, V2_DENIED),
    ] {
        let version = if format == Format::NsgFlowLogV1 { 1 } else { 2 };
        let (expected, _) = scan(nsg(version, "000D3A18077E", &[reads]).as_bytes());
        let (seen, account) = scan(log(std::slice::from_ref(&text)).as_bytes());
        assert_eq!(account.first_format, Some(format), "{text}");
        assert_eq!((seen[0].accepted, seen[0].mac.as_str()), (1, "000D3A18077E"), "{text}");
        assert_eq!(seen[0].flow_log, expected[0].flow_log);
        let fact = |event: &str| event.split_once(": ").map(|(_, fact)| fact.to_owned());
        assert_eq!(fact(&seen[0].events[0]), fact(&expected[0].events[0]), "{text}");
        assert!(seen[0].events[0].starts_with(" UserRule_web: "));
        assert_eq!(account.without_flows.0, 0);
    }
    let (_, account) = scan(log(&[unrolled(kind, &V2.replace("10.13.100.6", "somebody"))]).as_bytes());
    assert_eq!(account.rejected[0].code, RejectCode::Address);
}

#[test]
fn records_without_flows_are_counted_and_said_so() {
    let empty = record(1, &[]).replace("\"flowGroups\":[", "\"groups\":[");
    let cut = |text: &str| {
        let at = text.find("\"flowRecords\":").unwrap();
        format!("{}\"flowRecords\":\"@{{flows=System.Object[]}}\"}}", &text[..at])
    };
    let (_, account) = scan(log(&[empty, cut(&record(2, &[IPV4])), cut(&record(3, &[IPV4]))]).as_bytes());
    assert_eq!((account.records, account.without_flows.0), (3, 2));
    assert_eq!(account.without_flows.1, account.bytes - cut(&record(3, &[IPV4])).len() as u64 * 2 - 3);
}

#[test]
fn numbers_of_any_size_lose_no_record() {
    let plain = record(1, &[IPV4]);
    let (expected, _) = scan(plain.as_bytes());
    for odd in ["1e999", "-1E+400", &"9".repeat(400), "1e5"] {
        for text in [
            plain.replacen("{", &format!("{{\"extra\":{odd},\"text\":\"a \\\" 1e999\","), 1),
            plain.replacen("{", &format!("{{\"rule\":{odd},\"event\":{odd},"), 1),
            plain.replacen("\"flowRecords\":", &format!("\"flowRecords\":{odd},\"flowRecords\":"), 1),
        ] {
            let (seen, account) = scan(text.as_bytes());
            assert_eq!(without_positions(&seen), without_positions(&expected), "{text}");
            assert_eq!(account.lost_bytes, 0);
        }
    }
    // The place of a malformed tuple behind such a number is its own.
    let text = record(1, &[BAD_ADDRESS]).replacen("{", "{\"rule\":1e999,", 1);
    let (_, account) = scan(text.as_bytes());
    assert_eq!(account.rejected[0].first_byte, text.find(&format!("\"{BAD_ADDRESS}")).unwrap() as u64);
}
