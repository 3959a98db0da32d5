//! What is left of damaged inputs: every whole record, and an honest count of the rest.

use std::io::Write as _;
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::input::{Format, InputReport};
use underlay_scan::NullSink;

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(bytes: &[u8]) -> Reading {
    let mut reader = Reader::new("x", bytes.len() as u64, Coding::Plain);
    reader.push(bytes, &mut NullSink);
    reader.finish(&mut NullSink)
}

/// What counts as lost of a stretch of text.
fn lost(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',')).count() as u64
}

/// Begin and end of each element of the list that begins behind the first `opener`.
fn elements(text: &str, opener: &str) -> Vec<(usize, usize)> {
    let list = text.find(opener).unwrap() + opener.len();
    let mut found = Vec::new();
    let (mut depth, mut begin, mut in_string, mut escaped) = (0, 0, false, false);
    for (at, byte) in text.bytes().enumerate().skip(list) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                if depth == 0 {
                    begin = at;
                }
                depth += 1;
            }
            b'}' | b']' if depth == 0 => break,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    found.push((begin, at + 1));
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_list_cut_anywhere_yields_its_whole_objects() {
    for (name, opener, format) in [
        ("kubectl-list.json", "\"items\":[", Format::Kubernetes),
        ("kubectl-list-pretty.json", "\"items\": [", Format::Kubernetes),
        ("subnet-list-cli.json", "[", Format::AzureResource),
        ("backend-health.json", "\"services\":[", Format::BackendHealth),
        ("subnet-list-rest.json", "\"value\": [", Format::AzureResource),
    ] {
        let text = String::from_utf8(sample(name)).unwrap();
        let elements = elements(&text, opener);
        let step = if text.len() > 2000 { 19 } else { 1 };
        for cut in (0..text.len())
            .step_by(step)
            .chain(elements.iter().flat_map(|&(begin, end)| [begin + 1, end - 1, end, end + 1]))
        {
            let reading = read(&text.as_bytes()[..cut]);
            let report = &reading.report;
            let whole = elements.iter().filter(|(_, end)| *end <= cut).count() as u64;
            assert_eq!(report.records, if report.format == format { whole } else { 0 }, "{name} {cut}");
            assert!(whole == 0 || report.format == format, "{name} {cut}");
            if let Some(&(begin, _)) = elements.iter().find(|&&(begin, end)| begin < cut && cut < end)
                && report.format == format
            {
                assert_eq!(report.lost_bytes, lost(&text.as_bytes()[begin..cut]), "{name} {cut}");
                let note = report.notes.iter().find(|note| note.code == "cut-off").unwrap();
                assert_eq!(note.byte, begin as u64, "{name} {cut}");
            } else if whole > 0 {
                assert_eq!(report.lost_bytes, 0, "{name} {cut}");
            }
        }
    }
}

#[test]
fn a_single_object_cut_short_keeps_its_format() {
    for (name, format) in [
        ("aks-cli.json", Format::AzureResource),
        ("vnet-cli.json", Format::AzureResource),
        ("node-network-config.json", Format::Kubernetes),
    ] {
        let bytes = sample(name);
        for cut in [bytes.len() - 3, bytes.len() * 9 / 10] {
            let report = read(&bytes[..cut]).report;
            assert_eq!((report.format, report.records), (format, 0), "{name}");
            assert_eq!(report.lost_bytes, lost(&bytes[..cut]), "{name}");
            assert!(report.notes[0].message.contains("No whole object"), "{:?}", report.notes);
        }
    }
}

#[test]
fn a_list_without_its_head_yields_its_whole_objects() {
    let text = String::from_utf8(sample("kubectl-list.json")).unwrap();
    let elements = elements(&text, "\"items\":[");
    for skip in (elements[0].0 + 1..elements[0].1).step_by(13) {
        let report = read(&text.as_bytes()[skip..]).report;
        assert_eq!((report.format, report.records), (Format::Kubernetes, 4), "{skip}");
        if report.lost_bytes > 0 {
            assert_eq!(report.lost_bytes, lost(&text.as_bytes()[skip..elements[1].0]), "{skip}");
        }
    }
}

#[test]
fn damage_in_the_middle_costs_one_object() {
    let text = String::from_utf8(sample("kubectl-list.json")).unwrap();
    let elements = elements(&text, "\"items\":[");
    let (begin, end) = elements[1];
    for at in (begin + 1..end - 1).step_by(5) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = 0x01;
        let report = read(&bytes).report;
        // Inside a string it does no harm at all.
        assert!(report.records == 5 || report.records == 4, "{at}: {:?}", report.notes);
        assert_eq!(report.records == 4, report.lost_bytes > 0, "{at}");
        if report.records == 4 {
            assert_eq!(report.lost_bytes, lost(&bytes[begin..elements[2].0]), "{at}");
        }
    }
}

#[test]
fn subnets_behind_a_damaged_one_are_records() {
    let break_at = |name: &str, whole: &str, broken: &str| {
        let text = String::from_utf8(sample(name)).unwrap();
        assert!(text.contains(whole), "{name}");
        read(text.replacen(whole, broken, 1).as_bytes())
    };
    let reading = break_at("subnet-list-cli.json", "\"provisioningState\":", "\"provisioningState\"");
    assert_eq!((reading.report.records, reading.fragment.subnets.len()), (1, 1), "{:?}", reading.report.notes);
    // Inside of a damaged virtual network they are its parts.
    let reading = break_at("vnet-cli.json", "\"dhcpOptions\":", "\"dhcpOptions\"");
    assert_eq!((reading.report.format, reading.report.records), (Format::AzureResource, 0));
}

#[test]
fn a_download_that_stopped_and_began_again_yields_both_parts() {
    let list = sample("kubectl-list.json");
    let reading = read(&[&list[..list.len() / 2], &list[..]].concat());
    assert!(reading.report.records >= 5, "{:?}", reading.report);
    assert_eq!(reading.report.format, Format::Kubernetes);
}

#[test]
fn a_flow_log_without_one_whole_record_is_one_all_the_same() {
    let log = sample("vnet-flow-log.json");
    for cut in [400, log.len() - 20] {
        let report = read(&log[..cut]).report;
        assert_eq!((report.format, report.records, report.tuples.accepted), (Format::VnetFlowLog, 0, 0));
        assert!(report.lost_bytes > 0);
        assert_eq!(report.notes[0].code, "cut-off");
        assert!(report.notes[0].message.contains("no whole record"), "{}", report.notes[0].message);
    }
    let report = read(&log[..log.len() - 2]).report;
    assert_eq!((report.records, report.lost_bytes), (1, 0));
    let version = log.windows(16).position(|window| window == b"\"flowLogVersion\"").unwrap() + 18;
    for cut in (0..log.len() - 2).step_by(3) {
        let report = read(&log[..cut]).report;
        assert_eq!((report.records, report.tuples.accepted), (0, 0), "{cut}");
        assert!(cut < version || report.format == Format::VnetFlowLog, "{cut} {:?}", report.notes);
    }
}

#[test]
fn foreign_records_of_a_flow_log_are_told() {
    let log = String::from_utf8(sample("vnet-flow-log.json")).unwrap();
    let nsg = String::from_utf8(sample("nsg-flow-log.json")).unwrap();
    let nsg_record = nsg.strip_prefix("{\"records\":[").unwrap().strip_suffix("]}").unwrap();
    let mixed = log.replace("]}\n", "]}").strip_suffix("]}").unwrap().to_owned() + "," + nsg_record + "]}";
    let report = read(mixed.as_bytes()).report;
    assert_eq!((report.format, report.records), (Format::VnetFlowLog, 1), "{:?}", report.notes);
    let note = report.notes.iter().find(|note| note.code == "foreign-records").unwrap();
    assert_eq!(note.count, 1);
}

#[test]
fn one_bad_tuple_is_one_note() {
    let log = String::from_utf8(sample("vnet-flow-log.json")).unwrap().replacen(",6,I,E,NX,6,", ",6,I,E,NX,six,", 1);
    let report = read(log.as_bytes()).report;
    assert_eq!((report.records, report.tuples.rejected), (1, 1));
    let note = &report.notes[0];
    assert_eq!((note.code.as_str(), note.count), ("tuple-counter", 1));
    assert!(log[note.byte as usize..].starts_with("\"1795165220517,"), "{note:?}");
}

#[test]
fn compressed_inputs_that_break_off_yield_their_beginning() {
    let log = sample("kubectl-list-pretty.json");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(&log).unwrap();
    let gzip = gzip.finish().unwrap();
    let report = read(&gzip[..gzip.len() * 3 / 4]).report;
    assert_eq!(report.format, Format::Kubernetes);
    assert!(report.records >= 2);
    let codes: Vec<&str> = report.notes.iter().map(|note| note.code.as_str()).collect();
    assert!(codes.contains(&"compressed-cut-off") && codes.contains(&"cut-off"), "{codes:?}");
}

#[test]
fn hostile_inputs_end_with_a_sentence() {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let hostile = [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        deep("{\"items\":[", "]}"),
        format!("{{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{{\"name\":\"a\"}},\"x\":{}}}", deep("[", "]")),
        format!("{{\"apiVersion\":\"v1\",\"items\":[{}", "{\"kind\":\"Pod\",".repeat(20_000)),
        format!("{{\"apiVersion\":\"v1\",\"kind\":\"{}\"}}", "9".repeat(1_000_000)),
        format!("[{}]", "1e999999999,".repeat(10_000)),
        format!("{{{}\"kind\":\"Pod\",\"apiVersion\":\"v1\"}}", "\"a\":[],".repeat(100_000)),
        "\0".repeat(200_000),
        format!("{}{{\"apiVersion\":\"v1\"", "\0".repeat(100)),
        "{\"records\":[".repeat(20_000),
        "\"".repeat(100_001),
        "\u{FEFF}".repeat(5000),
        "| NAME | READY | STATUS |\n".repeat(20_000),
        "> NAME   READY   STATUS\n>\n".repeat(20_000),
        "Time,Total Requests\n".repeat(20_000),
        format!("NAME READY STATUS\na 1/1 Running\n\n{}", "10.0.0.0/8\n".repeat(30_000)),
        format!("NAME READY STATUS\nIP\n{}\n{}", "a".repeat(200_000), "b\n".repeat(50_000)),
        "{\"services\":[{\"serviceName\":null,\"serviceHealth\":[null,1,[],{\"endpoints\":[null,{}]}]}]}".into(),
        "{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[null,1,\"x\",[],{},{\"kind\":null},{\"kind\":\"Pod\",\"metadata\":null,\"spec\":[],\"status\":7}]}".into(),
    ];
    for text in &hostile {
        let report = read(text.as_bytes()).report;
        assert!(report.format != Format::Unknown || !report.notes.is_empty(), "{}", &text[..40]);
    }
}

#[test]
fn nulls_everywhere_are_absence() {
    for kind in [
        "Node",
        "Pod",
        "Service",
        "EndpointSlice",
        "Gateway",
        "HTTPRoute",
        "Event",
        "OverlayExtensionConfig",
        "NodeNetworkConfig",
        "ApplicationLoadBalancer",
    ] {
        for body in [
            "\"metadata\":{\"name\":\"a\"}",
            "\"metadata\":{\"name\":\"a\",\"labels\":null,\"ownerReferences\":null},\"spec\":null,\"status\":null",
            "\"metadata\":{\"name\":\"a\"},\"spec\":{\"containers\":null,\"ports\":null,\"rules\":null,\"listeners\":null},\"status\":{\"conditions\":null,\"podIPs\":null,\"addresses\":null,\"networkContainers\":null},\"endpoints\":null,\"ports\":null",
        ] {
            let report = read(format!("{{\"apiVersion\":\"v1\",\"kind\":\"{kind}\",{body}}}").as_bytes()).report;
            assert_eq!((report.format, report.records), (Format::Kubernetes, 1), "{kind} {body}");
            assert_eq!(report.notes, [], "{kind} {body}");
        }
    }
}

#[test]
fn what_is_packed_beyond_reach_or_in_another_alphabet_is_named() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed = (0..5).fold(b"{}".to_vec(), |bytes, _| gzip(&bytes));
    let wide: Vec<u8> = "\u{FEFF}{\"records\":[]}".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    for (bytes, code, words) in [
        (packed, "archive-inside", "Gzip archive inside"),
        (wide, "not-recognised", "UTF-32"),
        (gzip(b"{}")[..10].to_vec(), "not-recognised", "Nothing came out of its 10 bytes."),
        (b"apiVersion: v1\nkind: Pod\nx: [[[\n".to_vec(), "not-recognised", "YAML that cannot be read"),
    ] {
        let reading = read(&bytes);
        assert_eq!(reading.report.format, Format::Unknown, "{words}");
        let told = reading.report.notes.iter().any(|note| note.code == code && note.message.contains(words));
        assert!(told, "{words}: {:?}", reading.report.notes);
    }
}

#[test]
fn a_table_damaged_everywhere_says_how_much_is_lost() {
    let row = "\"a\n".repeat(3000);
    let reading = read(format!("TimeGenerated,ClientIp,BackendIp,FrontendName,HttpStatusCode\n{row}").as_bytes());
    let note = reading.report.notes.iter().find(|note| note.code == "damaged-places");
    assert!(note.is_some_and(|note| note.count > 1000), "{:?}", reading.report.notes);
    assert!(reading.report.lost_bytes > 2000);
}

#[test]
fn a_beginning_that_was_never_written_costs_nothing_behind_it() {
    for name in [
        "vnet-flow-log.json",
        "nsg-flow-log.json",
        "traffic-analytics.csv",
        "traffic-analytics-rest.json",
        "kubectl-list.json",
        "kubectl-list.yaml",
        "pods-table.txt",
        "access-log.json",
        "metrics.json",
        "vnet-cli.json",
        "controller-metrics.txt",
        "hubble.json",
    ] {
        let whole = sample(name);
        let expected = read(&whole).report;
        let told = |report: &InputReport| (report.format, report.records, report.tuples, report.lost_bytes);
        for (filler, length) in [(0u8, 200_000), (b' ', 70_000), (b'\n', 70_000)] {
            let report = read(&[vec![filler; length], whole.clone()].concat()).report;
            assert_eq!(told(&report), told(&expected), "{name} behind {filler}: {:?}", report.notes);
            assert_eq!(report.notes.len(), expected.notes.len(), "{name} behind {filler}: {:?}", report.notes);
        }
    }
    let nothing = read(&vec![0; 300_000]).report;
    assert!(nothing.notes[0].message.starts_with("Only zero bytes"), "{:?}", nothing.notes);
}
