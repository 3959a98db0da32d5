//! Logs and objects as log searches and shippers export them: the same is read as of what they wrapped, from its own place.

mod reading;

use reading::read;
use underlay_ingest::unwrapped;
use underlay_model::input::{Format, InputReport};

const FLOW: &str = r#"{"time":"t","macAddress":"6045BD12AB34","category":"FlowLogFlowEvent","flowRecords":{"flows":[{"aclID":"a","flowGroups":[{"rule":"r","flowTuples":["1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893"]}]}]}}"#;
const NSG: &str = r#"{"time":"t","category":"NetworkSecurityGroupFlowEvent","resourceId":"/N","properties":{"Version":2,"flows":[{"rule":"r","flows":[{"mac":"000D3A18077E","flowTuples":["1772618540,10.13.100.6,10.13.80.21,41876,8080,T,I,A,B,,,,"]}]}]}}"#;
const ACCESS: &str = r#"{"category":"TrafficControllerAccessLog","time":"2026-11-20T09:00:12.895Z","resourceId":"/A","properties":{"backendIp":"10.244.0.147","clientIp":"198.51.100.23:52526","frontendName":"fe","httpStatusCode":"200","requestUri":"/a","trackingId":"x"}}"#;
const POD: &str =
    r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"n"},"status":{"podIP":"10.244.0.147"}}"#;
const ROW: &str = r#"{"FlowStartTime":"2026-11-20T09:00:03Z","SrcIp":"10.13.100.6","DestIp":"10.244.0.131","DestPort":"8080","L4Protocol":"T","FlowDirection":"I","FlowStatus":"A","SubType":"FlowLog"}"#;

fn as_text(record: &str) -> String {
    serde_json::Value::from(record).to_string()
}

fn as_cell(record: &str) -> String {
    format!("\"{}\"", record.replace('"', "\"\""))
}

fn wrappings(record: &str) -> Vec<String> {
    let (text, cell) = (as_text(record), as_cell(record));
    vec![
        format!(
            "\"_serial\",\"_time\",\"host\",\"_raw\"\n\"0\",\"2026-11-20\",\"h\",{cell}\n\"1\",\"2026-11-20\",\"h\",{cell}\n"
        ),
        format!("_raw\r\n{cell}\r\n{cell}\r\n"),
        format!("{{\"results\":[{{\"_raw\":{text},\"_time\":\"x\"}},{{\"_raw\":{text},\"_time\":\"y\"}}]}}"),
        format!(
            "{{\"preview\":false,\"result\":{{\"_raw\":{text}}}}}\n{{\"preview\":false,\"result\":{{\"_raw\":{text}}}}}\n"
        ),
        format!("{{\"fields\":[{{\"name\":\"_raw\"}}],\"rows\":[[{text},\"x\"],[{text},\"y\"]]}}"),
        format!(
            "{{\"took\":3,\"hits\":{{\"total\":{{\"value\":2}},\"hits\":[{{\"_id\":\"1\",\"_source\":{record}}},{{\"_id\":\"2\",\"_source\":{record}}}]}}}}"
        ),
        format!(
            "{{\"hits\":{{\"hits\":[{{\"_source\":{{\"message\":{text}}}}},{{\"_source\":{{\"message\":{text}}}}}]}}}}"
        ),
        format!(
            "{{\"@timestamp\":\"x\",\"event\":{{\"original\":{text}}}}}\n{{\"@timestamp\":\"x\",\"event\":{{\"original\":{text}}}}}\n"
        ),
        format!("{{\"message\":{text}}}\n{{\"message\":{text}}}\n"),
        format!("{{\"time\":1.5,\"event\":{record}}}\n{{\"time\":1.5,\"event\":{record}}}\n"),
        format!("[{text},{text}]"),
        format!("{{\"records\":[{text},{text}]}}"),
        format!("{{\"records\":{}}}", as_text(&format!("[{record},{record}]"))),
        format!("{{\"records\":{}}}", as_text(&format!("{record}\n{record}"))),
        as_text(&format!("[{record},{record}]")),
    ]
}

fn said(report: &InputReport) -> (Format, u64, u64, u64) {
    (report.format, report.records, report.tuples.accepted, report.lost_bytes)
}

#[test]
fn every_kind_of_record_is_read_in_every_wrapping() {
    for (record, format, tuples) in [
        (FLOW, Format::VnetFlowLog, 2),
        (NSG, Format::NsgFlowLogV2, 2),
        (ACCESS, Format::AgcAccessLog, 0),
        (POD, Format::Kubernetes, 0),
        (ROW, Format::TrafficAnalytics, 2),
    ] {
        for text in wrappings(record) {
            let reading = read(&text);
            assert_eq!(said(&reading.report), (format, 2, tuples, 0), "{text}\n{:?}", reading.report.notes);
            let errors = reading.report.notes.iter().filter(|note| note.code != "unwrapped");
            assert_eq!(errors.count(), 0, "{text}\n{:?}", reading.report.notes);
        }
    }
}

#[test]
fn what_is_cut_off_is_lost_and_told() {
    let text = &wrappings(FLOW)[0];
    let report = read(&text[..text.len() - 40]).report;
    assert_eq!((report.records, report.notes.iter().any(|note| note.code == "cut-off")), (1, true));
}

#[test]
fn a_record_is_found_again_at_its_place() {
    let text = format!("_time,_raw\nx,{}\n", as_cell(FLOW));
    let from = text.find('{').unwrap();
    let again = unwrapped(&text.as_bytes()[from..text.len() - 2]);
    let alone = read(std::str::from_utf8(&again).unwrap()).report;
    assert_eq!((alone.format, alone.tuples.accepted), (Format::VnetFlowLog, 1));
}

#[test]
fn what_tools_say_may_fill_many_windows() {
    let junk = "WARNING: this command is in preview and may change\n".repeat(4000);
    for (text, format) in [
        (format!("{{\"records\":[{FLOW}]}}"), Format::VnetFlowLog),
        (format!("{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{POD}]}}"), Format::Kubernetes),
        (format!("{ACCESS}\n{ACCESS}\n"), Format::AgcAccessLog),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n".to_owned(), Format::Kubernetes),
    ] {
        let reading = read(&format!("{junk}{text}"));
        assert_eq!((reading.report.format, reading.report.lost_bytes), (format, 0), "{:?}", reading.report.notes);
        assert_eq!(reading.report.notes.iter().filter(|note| note.code == "other-text").count(), 1);
    }
    assert_eq!(read(&junk).report.format, Format::Unknown);
    let script = format!("#!/bin/sh\n{junk}{{\"records\":[{FLOW}]}}\n");
    assert_eq!(read(&script).report.format, Format::Unknown);
}

#[test]
fn an_audit_log_of_the_cluster_holds_no_events_of_objects() {
    let audited = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"ResponseComplete"}"#;
    let logged = format!(
        "{{\"time\":\"t\",\"category\":\"kube-audit\",\"properties\":{{\"log\":{},\"stream\":\"stdout\"}}}}\n",
        as_text(audited)
    );
    for (text, words) in [(logged.as_str(), "category kube-audit"), (audited, "Audit log of Kubernetes")] {
        let report = read(text).report;
        assert_eq!((report.format, report.records), (Format::Unknown, 0), "{text}");
        assert!(report.notes.iter().any(|note| note.message.contains(words)), "{:?}", report.notes);
    }
}
