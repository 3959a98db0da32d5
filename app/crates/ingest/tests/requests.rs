//! Access and firewall logs in every form they come in, whole and damaged.

use proptest::prelude::*;
use std::fmt::Write as _;
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::access::{AccessFilter, AccessSums};
use underlay_model::input::Format;
use underlay_scan::NullSink;

fn read_in(bytes: &[u8], piece: usize) -> Reading {
    let mut reader = Reader::new("x", bytes.len() as u64, Coding::Plain);
    for piece in bytes.chunks(piece.max(1)) {
        reader.push(piece, &mut NullSink);
    }
    reader.finish(&mut NullSink)
}

fn read(text: &str) -> Reading {
    read_in(text.as_bytes(), usize::MAX)
}

fn row(n: u64) -> String {
    let (minute, status, backend) = (n / 40 % 60, [200, 200, 503][n as usize % 3], 147 + n % 2);
    format!(
        "{{\"category\":\"TrafficControllerAccessLog\",\"operationName\":\"ReqRespLogs\",\"properties\":{{\"backendHost\":\"10.244.0.{backend}:8080\",\"backendIp\":\"10.244.0.{backend}\",\"backendPort\":\"8080\",\"backendResponseLatency\":\"{latency}\",\"backendTimeTaken\":\"-\",\"clientIp\":\"198.51.100.{client}:52526\",\"frontendName\":\"fe-ac7d1a3b\",\"frontendPort\":\"80\",\"hostName\":\"abcd.fz32.alb.azure.com\",\"httpMethod\":\"GET\",\"httpStatusCode\":\"{status}\",\"requestBodyBytes\":\"0\",\"requestHeaderBytes\":\"223\",\"requestUri\":\"/api/ip?n={n}\",\"responseBodyBytes\":\"431\",\"responseHeaderBytes\":\"190\",\"timeTaken\":\"{taken}\",\"trackingId\":\"0b8f6f1c-6a7e-4d53-bb0e-{n:012x}\"}},\"resourceId\":\"/SUBSCRIPTIONS/1/RESOURCEGROUPS/MC/PROVIDERS/MICROSOFT.SERVICENETWORKING/TRAFFICCONTROLLERS/ALB-1\",\"time\":\"2026-11-20T09:{minute:02}:12.895Z\",\"location\":\"eastus\"}}",
        latency = n % 50,
        taken = n % 50 + 1,
        client = n % 200,
    )
}

fn lines(rows: u64) -> String {
    (0..rows).map(|n| row(n) + "\n").collect()
}

/// The counts, without what differs by the form.
fn merged(reading: &Reading) -> AccessSums {
    AccessSums::merge(&[&reading.fragment.azure.access])
}

#[test]
fn a_blob_is_counted_by_minute_backend_and_status() {
    let reading = read(&lines(120));
    assert_eq!((reading.report.format, reading.report.records), (Format::AgcAccessLog, 120));
    assert!(reading.report.notes.is_empty(), "{:?}", reading.report.notes);
    let sums = merged(&reading);
    assert_eq!(sums.requests(), 120);
    assert_eq!(
        sums.gateways,
        ["/subscriptions/1/resourcegroups/mc/providers/microsoft.servicenetworking/trafficcontrollers/alb-1"]
    );
    assert_eq!(sums.front_ends, ["fe-ac7d1a3b:80"]);
    assert_eq!(sums.backends.len(), 2);
    let failed: u64 = sums.cells.iter().filter(|cell| cell.status == 503).map(|cell| cell.requests).sum();
    assert_eq!(failed, 40);
    let first = &sums.cells[0];
    assert_eq!((first.request_bytes, first.response_bytes), (223 * first.requests, 621 * first.requests));
    assert_eq!(reading.rows.len(), 120);
    let page = reading.rows.page(&AccessFilter { statuses: Some((500, 599)), ..AccessFilter::default() }, 5, "log");
    assert_eq!((page.matching, page.rows.len()), (40, 5));
    assert_eq!(page.rows[0].tracking_id, "0b8f6f1c-6a7e-4d53-bb0e-000000000002");
    let slowest = reading.rows.page(&AccessFilter { slowest_first: true, ..AccessFilter::default() }, 3, "log");
    let slowest = underlay_model::access::AccessPage::merge(
        vec![slowest],
        &AccessFilter { slowest_first: true, ..AccessFilter::default() },
        3,
    );
    let numbers: Vec<&str> = slowest.rows.iter().map(|row| &row.tracking_id[24..]).collect();
    assert_eq!(numbers, ["000000000031", "000000000063", "000000000030"], "of all rows, not of the first ones");
}

#[test]
fn every_wrapping_gives_the_same() {
    let rows: Vec<String> = (0..90).map(row).collect();
    let plain = merged(&read(&lines(90)));
    let values: Vec<serde_json::Value> = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let pretty = serde_json::to_string_pretty(&serde_json::json!({ "records": values })).unwrap();
    let insights: Vec<serde_json::Value> = values
        .iter()
        .map(|value| {
            let mut flat = serde_json::json!({"TableName": "PrimaryResult", "Type": "AGCAccessLogs"});
            for (key, cell) in value["properties"].as_object().unwrap() {
                let (first, rest) = key.split_at(1);
                flat[first.to_uppercase() + rest] = cell.clone();
            }
            flat["TimeGenerated"] = value["time"].clone();
            flat["_ResourceId"] = value["resourceId"].as_str().unwrap().to_lowercase().into();
            flat
        })
        .collect();
    let names: Vec<String> = insights[0].as_object().unwrap().keys().cloned().collect();
    let cells: Vec<Vec<&serde_json::Value>> =
        insights.iter().map(|row| names.iter().map(|name| &row[name]).collect()).collect();
    let columns: Vec<serde_json::Value> =
        names.iter().map(|name| serde_json::json!({"name": name, "type": "string"})).collect();
    let mut csv: String = names
        .iter()
        .map(|name| if name == "TimeGenerated" { "\"TimeGenerated [UTC]\"" } else { name })
        .collect::<Vec<_>>()
        .join(",")
        + "\r\n";
    for row in &cells {
        let texts: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.as_str().unwrap())).collect();
        writeln!(csv, "{}\r", texts.join(",")).unwrap();
    }
    // The table of all services, whose columns have their type behind their names; or the properties as one text.
    let diagnostics: Vec<serde_json::Value> = values
        .iter()
        .map(|value| {
            let mut flat = serde_json::json!({"TableName": "PrimaryResult", "Category": value["category"],
                "TimeGenerated": value["time"], "ResourceId": value["resourceId"]});
            for (key, cell) in value["properties"].as_object().unwrap() {
                flat[[key, "_s"].concat()] = cell.clone();
            }
            flat
        })
        .collect();
    let as_text: Vec<serde_json::Value> = values
        .iter()
        .map(|value| {
            serde_json::json!({"Category": value["category"], "TimeGenerated": value["time"],
            "ResourceId": value["resourceId"], "properties_s": value["properties"].to_string()})
        })
        .collect();
    let names: Vec<&String> = diagnostics[0].as_object().unwrap().keys().collect();
    let header = names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
    let lines_of = |row: &serde_json::Value| {
        names.iter().map(|name| format!("\"{}\"", row[*name].as_str().unwrap())).collect::<Vec<_>>().join(",")
    };
    let table = diagnostics.iter().fold(header, |text, row| text + "\n" + &lines_of(row));
    for (form, text) in [
        ("rows of AzureDiagnostics", serde_json::to_string(&diagnostics).unwrap()),
        ("its CSV", table),
        ("its properties as text", serde_json::to_string(&as_text).unwrap()),
        ("an envelope", format!("{{\"records\":[{}]}}", rows.join(","))),
        ("pretty", pretty),
        ("a list", format!("[{}]", rows.join(",\n"))),
        ("event hub messages", rows.chunks(7).map(|some| format!("{{\"records\":[{}]}}\n", some.join(","))).collect()),
        (
            "captured messages",
            rows.chunks(7).map(|some| format!("{{\"body\":{{\"records\":[{}]}}}}\n", some.join(","))).collect(),
        ),
        ("behind a warning", format!("WARNING: slow\n{}", lines(90))),
        ("without line feeds", rows.concat()),
        ("the CLI's rows", serde_json::to_string_pretty(&insights).unwrap()),
        (
            "a REST answer",
            serde_json::json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": cells}]}).to_string(),
        ),
        ("CSV", csv),
    ] {
        let reading = read(&text);
        assert_eq!(
            (reading.report.format, reading.report.records),
            (Format::AgcAccessLog, 90),
            "{form}: {:?}",
            reading.report.notes
        );
        assert_eq!(reading.report.lost_bytes, 0, "{form}");
        assert_eq!(merged(&reading), plain, "{form}");
        assert!(reading.report.understood(), "{form}");
    }
}

#[test]
fn a_log_cut_off_anywhere_keeps_its_whole_rows() {
    for envelope in [false, true] {
        let separator = if envelope { "," } else { "\n" };
        let mut text = if envelope { "{\"records\":[".to_owned() } else { String::new() };
        let mut ends = Vec::new();
        for n in 0..4 {
            let begin = text.len();
            text += &row(n);
            ends.push((begin, text.len()));
            text += separator;
        }
        for cut in (ends[0].1..text.len()).step_by(7).chain(ends.iter().map(|end| end.1 - 1)) {
            let reading = read(&text[..cut]);
            let whole = ends.iter().filter(|end| end.1 <= cut).count() as u64;
            assert_eq!((reading.report.format, reading.report.records), (Format::AgcAccessLog, whole), "{cut}");
            let lost = ends.iter().find(|end| end.0 < cut && cut < end.1).map_or(0, |end| {
                text[end.0..cut].bytes().filter(|byte| !matches!(byte, b' ' | b',' | b'\n')).count() as u64
            });
            assert_eq!(reading.report.lost_bytes, lost, "{cut}");
            assert_eq!(reading.report.notes.iter().any(|note| note.code == "cut-off"), lost > 0, "{cut}");
        }
        for skip in (1..ends[0].1).step_by(7) {
            let reading = read(&text[skip.max(ends[0].0 + 1)..]);
            assert_eq!(
                (reading.report.format, reading.report.records),
                (Format::AgcAccessLog, 3),
                "{skip}: {:?}",
                reading.report
            );
        }
    }
}

#[test]
fn damage_in_the_middle_costs_one_row() {
    let good = [row(0), row(1), row(2)];
    for (from, to) in [
        ("\"time\":", "\"time\" "),
        ("}},\"resourceId\"", "},\"resourceId\""),
        ("GET", "G\"ET"),
        ("\"backendIp\":\"10.", "\u{0}"),
    ] {
        let text = format!("{}\n{}\n{}\n", good[0], good[1].replacen(from, to, 1), good[2]);
        if text.contains(&good[1]) {
            continue;
        }
        let reading = read(&text);
        assert_eq!((reading.report.records, reading.report.notes[0].code.as_str()), (2, "damaged"), "{from}");
        assert!(reading.report.lost_bytes > 0, "{from}");
    }
}

#[test]
fn rows_of_other_kinds_are_said() {
    let text = format!("{}\n{{\"category\":\"AuditEvent\",\"time\":\"2026-11-20T09:00:00Z\"}}\n{}\n", row(0), row(1));
    let reading = read(&text);
    assert_eq!(reading.report.records, 2);
    assert!(
        reading.report.notes.iter().any(|note| note.code == "foreign-records" && note.message.contains("AuditEvent"))
    );
    let timeless = row(0).replace("2026-11-20T09", "yesterday");
    let reading = read(&format!("{}\n{timeless}\n", row(1)));
    assert_eq!((reading.report.records, merged(&reading).requests()), (2, 1));
    assert_eq!(reading.report.notes[0].code, "row-time");
}

#[test]
fn tables_of_other_countries_and_zones_are_read() {
    let nine = underlay_model::time::parse_rfc3339("2026-11-20T09:00:00Z");
    for (zone, time, separator) in [
        ("UTC", "11/20/2026 9:00", ','),
        ("UTC+01:00", "20.11.2026 10:00", ';'),
        ("UTC-05:00", "20/11/2026 4:00:00", '\t'),
    ] {
        let text = format!(
            "\u{FEFF}TimeGenerated [{zone}];ClientIp;BackendIp;FrontendName;HttpStatusCode\r\n{time};1.2.3.4;10.0.0.1;fe;200\r\n"
        );
        let report = read(&text.replace(';', &separator.to_string())).report;
        assert_eq!((report.format, report.records, report.lost_bytes), (Format::AgcAccessLog, 1, 0), "{zone}");
        assert_eq!(report.span.map(|(first, _)| first), nine, "{zone}: {:?}", report.notes);
    }
    let report = read(
        "TimeGenerated [Local Time],ClientIp,BackendIp,FrontendName,HttpStatusCode\n2026-11-20 09:00,1.2.3.4,,fe,200\n",
    )
    .report;
    assert_eq!(report.notes[0].code, "time-zone");
}

#[test]
fn the_firewalls_rows_are_counted_by_rule() {
    let row = |action: &str| {
        format!(
            "{{\"category\":\"TrafficControllerFirewallLog\",\"operationName\":\"ReqRespLogs\",\"properties\":{{\"action\":\"{action}\",\"clientIp\":\"1.2.3.4\",\"message\":\"SQL injection\",\"requestUri\":\"/x\",\"ruleId\":\"942100\",\"ruleSetType\":\"Microsoft_DefaultRuleSet\",\"trackingId\":\"t\"}},\"time\":\"2026-11-20T09:00:12Z\"}}\n"
        )
    };
    let reading = read(&[row("Blocked"), row("Blocked"), row("Detected")].concat());
    assert_eq!((reading.report.format, reading.report.records), (Format::AgcFirewallLog, 3));
    let told: Vec<(&str, &str, u64)> = reading
        .fragment
        .azure
        .firewall
        .iter()
        .map(|cell| (cell.action.as_str(), cell.rule.as_str(), cell.requests))
        .collect();
    assert_eq!(told, [("Blocked", "942100", 2), ("Detected", "942100", 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_chunking_gives_the_same(rows in 80u64..140, piece in 1usize..5000, cut in 0usize..2000, junk in "[ -~\n]{0,30}") {
        let mut text = lines(rows);
        let at = text.len() / 2;
        text.insert_str(at, &junk);
        text.truncate(text.len() - cut);
        let whole = read(&text);
        let pieces = read_in(text.as_bytes(), piece);
        prop_assert_eq!(&pieces.report, &whole.report);
        prop_assert_eq!(&pieces.fragment, &whole.fragment);
        prop_assert_eq!(&pieces.rows, &whole.rows);
    }

    #[test]
    fn nothing_breaks_it(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..3000) {
        let mut text = lines(4).into_bytes();
        let at = at.min(text.len());
        text.splice(at..at, bytes);
        read_in(&text, 97);
    }
}
