//! What becomes of whole inputs: every sample is taken for what it is and read, in any chunking, from any encoding.

use proptest::prelude::*;
use std::io::Write as _;
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::health::BackendHealthStatus;
use underlay_model::input::{Format, Note};
use underlay_model::time::parse_rfc3339;
use underlay_scan::NullSink;

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read_in(bytes: &[u8], coding: Coding, pieces: impl Iterator<Item = usize>) -> Reading {
    let mut reader = Reader::new("x", bytes.len() as u64, coding);
    let mut rest = bytes;
    for piece in pieces {
        if rest.is_empty() || !reader.wants_more() {
            break;
        }
        let (now, later) = rest.split_at(piece.clamp(1, rest.len()));
        reader.push(now, &mut NullSink);
        rest = later;
    }
    let mut reading = reader.finish(&mut NullSink);
    // Where objects stand differs by what stands around them.
    reading.fragment.places = Default::default();
    reading
}

fn read(bytes: &[u8]) -> Reading {
    read_in(bytes, Coding::Plain, std::iter::repeat(usize::MAX))
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.report.notes.iter().map(|note| note.code.as_str()).collect()
}

fn the_note<'r>(reading: &'r Reading, code: &str) -> &'r Note {
    let found = reading.report.notes.iter().find(|note| note.code == code);
    found.unwrap_or_else(|| panic!("no note {code} in {:?}", reading.report.notes))
}

/// Sample, format, records, codes of the notes.
const SAMPLES: [(&str, Format, u64, &[&str]); 37] = [
    ("vnet-flow-log.json", Format::VnetFlowLog, 1, &[]),
    ("nsg-flow-log.json", Format::NsgFlowLogV2, 1, &[]),
    ("kubectl-list.json", Format::Kubernetes, 5, &[]),
    ("kubectl-list-pretty.json", Format::Kubernetes, 5, &[]),
    ("kubectl-concatenated.json", Format::Kubernetes, 5, &[]),
    ("cluster-info-dump.txt", Format::Kubernetes, 3, &["container-logs"]),
    ("kubectl-list.yaml", Format::Kubernetes, 1, &[]),
    ("node-network-config.json", Format::Kubernetes, 1, &[]),
    ("backend-health.json", Format::BackendHealth, 1, &[]),
    ("aks-cli.json", Format::AzureResource, 1, &[]),
    ("aks-rest.json", Format::AzureResource, 1, &[]),
    ("vnet-cli.json", Format::AzureResource, 1, &[]),
    ("vnet-list-cli.json", Format::AzureResource, 1, &[]),
    ("vnet-rest.json", Format::AzureResource, 1, &[]),
    ("subnet-list-cli.json", Format::AzureResource, 2, &[]),
    ("subnet-list-rest.json", Format::AzureResource, 2, &[]),
    ("nic-list.json", Format::AzureResource, 1, &[]),
    ("association-list.json", Format::AzureResource, 1, &[]),
    ("network-security-group.json", Format::AzureResource, 1, &[]),
    ("gateway.json", Format::AzureResource, 1, &[]),
    ("whoami.json", Format::Whoami, 1, &[]),
    ("pod-cidr.txt", Format::Cidr, 1, &[]),
    ("pods-table.txt", Format::KubernetesTable, 1, &["other-text"]),
    ("traffic-analytics.csv", Format::TrafficAnalytics, 1, &["missing-protocol"]),
    ("traffic-analytics-cli.json", Format::TrafficAnalytics, 1, &[]),
    (
        "traffic-analytics-rest.json",
        Format::TrafficAnalytics,
        1,
        &["missing-direction", "missing-protocol", "missing-status", "tuple-port"],
    ),
    ("metrics.json", Format::AzureMetrics, 2, &[]),
    ("access-log.json", Format::AgcAccessLog, 1, &[]),
    ("firewall-log.json", Format::AgcFirewallLog, 1, &[]),
    ("controller-metrics.txt", Format::Prometheus, 2, &[]),
    ("hubble.json", Format::HubbleFlow, 2, &[]),
    ("query.kql", Format::Unknown, 0, &["not-recognised"]),
    ("describe.txt", Format::Unknown, 0, &["not-recognised"]),
    ("collect.sh", Format::Unknown, 0, &["not-recognised"]),
    ("page.html", Format::Unknown, 0, &["not-recognised"]),
    ("arm-template.json", Format::Unknown, 0, &["not-recognised"]),
    ("key-vault-log.json", Format::Unknown, 0, &["not-recognised"]),
];

#[test]
fn every_sample_is_taken_for_what_it_is() {
    for (name, format, records, notes) in SAMPLES {
        let reading = read(&sample(name));
        let report = &reading.report;
        assert_eq!((report.format, report.records), (format, records), "{name}: {:?}", report.notes);
        assert_eq!(codes(&reading), notes, "{name}: {:?}", report.notes);
        assert_eq!(report.lost_bytes, 0, "{name}");
        let useless = ["not-read", "not-recognised"];
        assert_eq!(report.understood(), !notes.iter().any(|code| useless.contains(code)), "{name}");
    }
}

#[test]
fn encodings_and_compression_change_nothing_but_the_label() {
    for (name, ..) in SAMPLES {
        let bytes = sample(name);
        let plain = read(&bytes);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let utf16: Vec<u8> = "\u{FEFF}"
            .encode_utf16()
            .chain(text.replace('\n', "\r\n").encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&bytes).unwrap();
        let gzip = gzip.finish().unwrap();
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        deflate.write_all(&gzip).unwrap();
        let marked = [b"\xEF\xBB\xBF".to_vec(), bytes.clone()].concat();
        for (stored, coding, label) in [
            (utf16, Coding::Plain, "UTF-16LE"),
            (gzip, Coding::Plain, "gzip"),
            (deflate.finish().unwrap(), Coding::Deflate, "gzip"),
            (marked, Coding::Plain, ""),
        ] {
            let mut reading = read_in(&stored, coding, std::iter::repeat(usize::MAX));
            assert_eq!(reading.report.encoding, label, "{name}");
            assert_eq!(reading.fragment, plain.fragment, "{name} {label}");
            reading.report.encoding.clear();
            reading.report.bytes = bytes.len() as u64;
            for (a, b) in reading.report.notes.iter_mut().zip(&plain.report.notes) {
                // A size in a sentence is the stored size.
                if a.code == "not-recognised" {
                    a.message.clone_from(&b.message);
                }
                a.byte = b.byte;
            }
            assert_eq!(reading.report, plain.report, "{name} {label}");
        }
    }
}

#[test]
fn a_list_of_everything_says_what_it_holds() {
    let reading = read(&sample("kubectl-list.json"));
    let fragment = &reading.fragment;
    assert_eq!(reading.report.contents, "1 pod, 1 endpoint slice, 1 gateway, 1 HTTP route, 1 event");
    assert_eq!(reading.report.snapshot_ms, parse_rfc3339("2026-11-20T08:59:41Z"));
    let pod = &fragment.pods[0];
    assert_eq!(pod.meta.qualified(), "yada/yadaapi-5f9f964f75-2tnc8");
    assert_eq!(pod.workload(), Some(("Deployment".into(), "yadaapi".into())));
    assert_eq!((pod.ready, pod.restarts(), pod.host_network), (Some(true), 0, false));
    assert_eq!(pod.addresses, ["10.244.0.147".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(pod.containers[0].ports, [(String::new(), 8080, "TCP".to_owned())]);
    let probe = pod.containers[0].readiness.as_ref().unwrap();
    assert_eq!((probe.scheme.as_str(), probe.path.as_str(), probe.port.as_str()), ("HTTP", "/api/healthcheck", "8080"));
    assert_eq!(pod.containers[0].state, "running");
    let slice = &fragment.endpoint_slices[0];
    assert_eq!((slice.service.as_str(), slice.endpoints[0].ready), ("yadaapi", true));
    assert_eq!(slice.endpoints[0].pod, Some(("yada".into(), "yadaapi-5f9f964f75-2tnc8".into())));
    let gateway = &fragment.gateways[0];
    assert_eq!((gateway.class.as_str(), gateway.listeners[0].attached_routes), ("azure-alb-external", Some(1)));
    assert_eq!(gateway.addresses, ["abcd1234.fz32.alb.azure.com"]);
    let route = &fragment.routes[0];
    let [parent] = &route.parents[..] else { panic!("{:?}", route.parents) };
    assert_eq!(
        (&*parent.namespace, &*parent.name, &*parent.section, parent.port),
        ("default", "appgw4c", "http", None)
    );
    assert_eq!((route.backends[0].namespace.as_str(), route.backends[0].port), ("yada", Some(8080)));
    let event = &fragment.events[0];
    assert_eq!((event.reason.as_str(), event.count, event.object_kind.as_str()), ("Unhealthy", 4, "Pod"));
    assert_eq!(event.last_ms, parse_rfc3339("2026-11-20T08:59:41Z"));
}

#[test]
fn all_envelopes_of_the_same_objects_say_the_same() {
    let list = sample("kubectl-list.json");
    let value: serde_json::Value = serde_json::from_slice(&list).unwrap();
    let items = value["items"].as_array().unwrap();
    let lines: String = items.iter().map(|item| format!("{item}\n")).collect();
    let watch: String = items.iter().map(|item| format!("{{\"type\":\"ADDED\",\"object\":{item}}}")).collect();
    let junk: String =
        items.iter().map(|item| format!("Warning: x is [deprecated] {{so}}\n$ kubectl get\n{item}\n")).collect();
    let slurped = serde_json::json!([{"kind": "List", "apiVersion": "v1", "items": items}]).to_string();
    let truth = read(&list);
    for (name, text) in [
        ("pretty", String::from_utf8(sample("kubectl-list-pretty.json")).unwrap()),
        ("lines", lines),
        ("array", serde_json::Value::Array(items.clone()).to_string()),
        ("watch", watch),
        ("junk between", junk),
        ("slurped", slurped),
    ] {
        let reading = read(text.as_bytes());
        assert_eq!(reading.fragment, truth.fragment, "{name}");
        assert_eq!((reading.report.records, reading.report.lost_bytes), (5, 0), "{name}");
        let told: &[&str] = if name == "junk between" { &["other-text"] } else { &[] };
        assert_eq!(codes(&reading), told, "{name}");
    }
}

#[test]
fn typed_lists_lend_their_kind_and_old_dumps_their_capitals() {
    let pod = r#"{"metadata":{"name":"a","namespace":"b"},"spec":{"nodeName":"n"},"status":{"podIP":"10.0.0.1"}}"#;
    for text in [
        format!(r#"{{"kind":"PodList","apiVersion":"v1","items":[{pod}]}}"#),
        format!(r#"{{"items":[{pod}],"kind":"PodList","apiVersion":"v1"}}"#),
        format!(r#"{{"Items":[{}],"Kind":"PodList"}}"#, pod.replace("spec", "Spec").replace("status", "Status")),
    ] {
        let reading = read(text.as_bytes());
        assert_eq!((reading.report.format, reading.report.records), (Format::Kubernetes, 1), "{text}");
        assert_eq!(reading.fragment.pods[0].node_name, "n", "{text}");
    }
    let bare =
        r#"[{"metadata":{"name":"a"},"spec":{"containers":[]}},{"metadata":{"name":"b"},"spec":{"containers":null}}]"#;
    assert_eq!(read(bare.as_bytes()).fragment.pods.len(), 1);
}

#[test]
fn empty_lists_are_what_their_envelope_says() {
    for text in [
        r#"{"apiVersion":"v1","items":[],"kind":"List","metadata":{"resourceVersion":""}}"#,
        r#"{"kind":"PodList","apiVersion":"v1","metadata":{},"items":null}"#,
    ] {
        let reading = read(text.as_bytes());
        assert_eq!((reading.report.format, reading.report.records), (Format::Kubernetes, 0), "{text}");
        assert_eq!(codes(&reading), Vec::<&str>::new());
    }
    assert_eq!(read(br#"{"services":[]}"#).report.format, Format::BackendHealth);
    for text in ["[]", "{}", "{\"value\":[]}", "{\"records\":[]}"] {
        assert_eq!(read(text.as_bytes()).report.format, Format::Unknown, "{text}");
    }
}

#[test]
fn a_cluster_dump_leaves_its_logs_alone() {
    let reading = read(&sample("cluster-info-dump.txt"));
    assert_eq!(reading.report.contents, "1 node, 1 pod, 1 service");
    let node = &reading.fragment.nodes[0];
    assert_eq!((node.pool.as_deref(), node.zone.as_deref(), node.ready), (Some("nodepool1"), None, Some(true)));
    assert_eq!((node.version.as_str(), node.internal_addresses.len()), ("v1.30.9", 1));
    let service = &reading.fragment.services[0];
    assert_eq!((service.cluster_addresses.len(), service.load_balancer_addresses.len()), (1, 1));
    assert_eq!((service.ports[0].target_port.as_str(), service.ports[0].node_port), ("8080", 31380));
    assert_eq!(reading.fragment.pods[0].meta.name, "yadaapi-5f9f964f75-2tnc8");
    assert_eq!(reading.report.snapshot_ms, parse_rfc3339("2026-11-20T09:58:12Z"));
}

#[test]
fn the_other_kinds_are_read() {
    let reading = read(&sample("kubectl-concatenated.json"));
    let fragment = &reading.fragment;
    assert_eq!((fragment.routes[0].kind.as_str(), fragment.routes[0].backends[0].weight), ("GRPCRoute", 1));
    assert_eq!(fragment.overlay_extension_configs[0].range, Some("10.13.100.0/24".parse().unwrap()));
    assert!(fragment.application_load_balancers[0].associations[0].ends_with("/subnets/agc"));
    let event = &fragment.events[0];
    assert_eq!((event.count, event.message.as_str()), (7, "Readiness probe failed: x"));
    assert_eq!(
        (event.first_ms, event.last_ms),
        (parse_rfc3339("2026-11-20T08:00:00.123Z"), parse_rfc3339("2026-11-20T09:01:00Z"))
    );
    let reading = read(&sample("node-network-config.json"));
    let container = &reading.fragment.node_network_configs[0].containers[0];
    assert_eq!(container.blocks, ["10.244.0.0/24".parse().unwrap()]);
    assert_eq!(container.address_spaces, ["10.244.0.0/16".parse().unwrap()]);
    assert_eq!(container.node_address, Some("10.13.76.4".parse().unwrap()));
}

#[test]
fn backend_health_names_endpoints_and_their_state() {
    let reading = read(&sample("backend-health.json"));
    let health = &reading.fragment.backend_health[0];
    assert_eq!(
        (health.service.as_str(), health.total, health.healthy, health.unhealthy),
        ("yada/yadaapi/8080", 2, 1, 1)
    );
    let states: Vec<_> = health.endpoints.iter().map(|(_, status)| *status).collect();
    assert_eq!(states, [Some(BackendHealthStatus::Healthy), Some(BackendHealthStatus::Unhealthy)]);
}

#[test]
fn azure_answers_say_the_same_flat_and_nested() {
    let (cli, rest) = (read(&sample("vnet-cli.json")).fragment, read(&sample("vnet-rest.json")).fragment);
    assert_eq!(cli, rest);
    assert_eq!(read(&sample("vnet-list-cli.json")).fragment, cli);
    assert_eq!(cli.virtual_networks[0].prefixes, ["10.13.0.0/16".parse().unwrap()]);
    let agc = &cli.subnets[1];
    assert_eq!((agc.virtual_network.as_str(), agc.name.as_str()), ("aksVnet", "agc"));
    assert_eq!(agc.delegations, ["Microsoft.ServiceNetworking/trafficControllers"]);
    assert_eq!(cli.subnets[0].ip_configuration_ids.len(), 1);
    let subnets = read(&sample("subnet-list-cli.json")).fragment;
    assert_eq!(subnets, read(&sample("subnet-list-rest.json")).fragment);
    assert_eq!(subnets.subnets, cli.subnets);

    let (cli, rest) = (read(&sample("aks-cli.json")).fragment, read(&sample("aks-rest.json")).fragment);
    assert_eq!(cli.clusters[0].pod_cidrs, rest.clusters[0].pod_cidrs);
    assert_eq!(cli.clusters[0].pools, rest.clusters[0].pools);
    assert_eq!(cli.clusters[0].network_plugin_mode, "overlay");

    let nic = &read(&sample("nic-list.json")).fragment.network_interfaces[0];
    assert_eq!((nic.mac.as_str(), nic.addresses.len()), ("6045BD12AB34", 1));
    let association = &read(&sample("association-list.json")).fragment.associations[0];
    assert!(association.subnet_id.ends_with("/subnets/agc"));
}

#[test]
fn small_answers_are_evidence() {
    let whoami = &read(&sample("whoami.json")).fragment.whoami[0];
    assert_eq!(whoami.caller_address, Some("10.13.100.6".parse().unwrap()));
    assert_eq!(whoami.own_address, Some("10.244.0.147".parse().unwrap()));
    assert_eq!(whoami.forwarded_for, ["1.2.3.4".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(read(&sample("pod-cidr.txt")).fragment.cidrs, ["10.244.0.0/16".parse().unwrap()]);
}

#[test]
fn mixed_documents_are_read_each_by_its_kind() {
    let text = [sample("aks-cli.json"), b"\n".to_vec(), sample("kubectl-list.json")].concat();
    let reading = read(&text);
    assert_eq!((reading.report.format, reading.report.records), (Format::AzureResource, 1));
    assert_eq!(the_note(&reading, "foreign-records").count, 5);
    assert_eq!((reading.fragment.clusters.len(), reading.fragment.pods.len()), (1, 1));
}

#[test]
fn flow_records_behind_other_documents_are_read_too() {
    let text = [sample("aks-cli.json"), b"\n".to_vec(), sample("vnet-flow-log.json")].concat();
    let reading = read(&text);
    assert_eq!((reading.report.format, reading.report.records), (Format::AzureResource, 1));
    assert_eq!(reading.report.tuples.accepted, 6, "{:?}", reading.report.notes);
    assert_eq!((the_note(&reading, "foreign-records").count, reading.report.lost_bytes), (1, 0));
}

#[test]
fn a_pasted_session_is_read_as_far_as_it_can_be() {
    let (tables, whoami) = (sample("pods-table.txt"), sample("whoami.json"));
    let reading = read(&[&tables[..], b"\n$ curl http://$fqdn/api/ip\n", &whoami[..]].concat());
    assert_eq!((reading.report.format, reading.report.records), (Format::KubernetesTable, 1));
    assert_eq!((codes(&reading), reading.fragment.whoami.len()), (vec!["other-text", "foreign-records"], 1));
    let reading = read(&[&whoami[..], b"\n", &tables[..]].concat());
    assert_eq!((reading.report.format, reading.report.records), (Format::Whoami, 1));
    assert_eq!((codes(&reading), reading.fragment.pods.len()), (vec!["other-text", "foreign-records"], 1));
}

#[test]
fn watches_have_bookmarks_and_templates_have_no_names() {
    let text = r#"{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"9"}}}
        {"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a"}}}
        {"kind":"Pod","apiVersion":"v1","metadata":{"generateName":"a-"}}"#;
    let reading = read(text.as_bytes());
    assert_eq!((reading.report.records, reading.fragment.pods.len()), (2, 1));
}

#[test]
fn pictures_archives_and_nothing_are_named() {
    let mut tar = vec![0; 1024];
    tar[257..262].copy_from_slice(b"ustar");
    for (bytes, words) in [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "PNG picture, 16 bytes. Nothing in it to draw."),
        (b"%PDF-1.7\n%\xE2\xE3".to_vec(), "PDF document"),
        (b"\x7FELF\x02\x01\x01\0\0".to_vec(), "Program (ELF)"),
        (b"PK\x03\x04\x14\0\0\0".to_vec(), "Zip archive inside"),
        (tar, "Tar archive"),
        (vec![], "Empty file."),
        (b" \r\n ".to_vec(), "Blank"),
        (vec![0; 100_000], "Only zero bytes"),
        ((0..=255).cycle().take(3000).collect(), "Binary data"),
    ] {
        let reading = read(&bytes);
        assert_eq!(reading.report.format, Format::Unknown, "{words}");
        let message = &reading.report.notes[0].message;
        assert!(message.starts_with(words), "{message} is not {words}");
        assert_eq!(reading.report.notes.len(), 1, "{words}");
    }
}

#[test]
fn a_log_in_a_folder_of_another_service_is_no_flow_log() {
    let reading = read(&sample("key-vault-log.json"));
    assert_eq!(reading.report.notes[0].message, "Azure log of category AuditEvent. No flow log.");
}

#[test]
fn json_that_only_speaks_of_flow_logs_is_none() {
    let tuple = "1795165220517,10.13.100.6,10.244.0.147,41876,8080,6,I,E,NX,6,702,5,1893";
    for text in [
        r#"{"title":"record","properties":{"flowRecords":{"type":"object"},"flowLogGUID":{"type":"string"}}}"#
            .to_owned(),
        format!(r#"{{"examples":["{tuple}","{tuple}"]}}"#),
        format!(r#"["{tuple}","{tuple}"]"#),
        format!("sample = [\n\"{tuple}\",\n\"{tuple}\"]\nprint(sample)\n"),
        format!("Dear all,\n{{\"records\":[{{\"category\":\"FlowLogFlowEvent\"}}]}}\nis what I see: {tuple}\n"),
    ] {
        let reading = read(text.as_bytes());
        assert_eq!((reading.report.format, reading.report.records), (Format::Unknown, 0), "{text}");
        assert_eq!(codes(&reading), ["not-recognised"], "{text}");
    }
}

#[test]
fn the_host_may_stop_where_nothing_is_to_be_had() {
    let mut reader = Reader::new("x", 1 << 20, Coding::Plain);
    reader.push(&[b"\x89PNG\r\n\x1a\n".to_vec(), vec![7; 5000]].concat(), &mut NullSink);
    assert!(!reader.wants_more());
    let mut reader = Reader::new("x", 1 << 20, Coding::Plain);
    reader.push("prose without end ".repeat(10_000).as_bytes(), &mut NullSink);
    assert!(!reader.wants_more());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn chunking_changes_nothing(index in 0..SAMPLES.len(), cut in 0.0..1.0f64, compressed in any::<bool>(), pieces in prop::collection::vec(1..97usize, 1..20)) {
        let mut bytes = sample(SAMPLES[index].0);
        if cut < 0.5 {
            bytes.truncate((bytes.len() as f64 * cut * 2.0) as usize);
        }
        if compressed {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(&bytes).unwrap();
            bytes = gzip.finish().unwrap();
        }
        let whole = read(&bytes);
        let pieced = read_in(&bytes, Coding::Plain, pieces.into_iter().cycle());
        prop_assert_eq!(whole, pieced);
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let reading = read(&bytes);
        prop_assert!(reading.report.format != Format::Unknown || !reading.report.notes.is_empty());
    }

    #[test]
    fn damaged_samples_do_no_harm(index in 0..SAMPLES.len(), edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = sample(SAMPLES[index].0);
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let reading = read(&bytes);
        prop_assert!(reading.report.format != Format::Unknown || !reading.report.notes.is_empty());
        prop_assert!(reading.report.lost_bytes <= 3 * bytes.len() as u64);
    }
}

#[test]
fn flow_events_of_cilium_name_the_pods_behind_addresses() {
    let event = |second: u8, pod: &str| {
        format!(
            r#"{{"flow":{{"time":"2026-11-20T09:00:0{second}Z","verdict":"FORWARDED","IP":{{"source":"10.244.0.147","destination":"8.8.8.8"}},"source":{{"namespace":"yada","pod_name":"{pod}"}},"Type":"L3_L4"}},"node_name":"n","time":"2026-11-20T09:00:00Z"}}"#
        )
    };
    let lines = [event(3, "a"), event(1, "a"), event(2, "b")];
    let whole = lines.join("\n");
    let reading = read(whole.as_bytes());
    assert_eq!((reading.report.format, reading.report.records), (Format::HubbleFlow, 3));
    assert_eq!(reading.report.contents, "2 addresses of pods");
    let pods = &reading.fragment.pod_sightings;
    assert_eq!(pods.iter().map(|pod| pod.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(pods[0].last_ms - pods[0].first_ms, 2000);
    // Cut off, the whole lines are read and the rest is lost.
    let reading = read(&whole.as_bytes()[..whole.len() - 9]);
    assert_eq!((reading.report.records, codes(&reading)), (2, vec!["cut-off"]));
    assert!(reading.report.lost_bytes > 100);
}

#[test]
fn a_log_of_nsg_without_a_whole_record_is_told_by_its_words() {
    for (version, format) in [(1, Format::NsgFlowLogV1), (2, Format::NsgFlowLogV2)] {
        let text = format!(
            r#"{{"records":[{{"time":"t","category":"NetworkSecurityGroupFlowEvent","properties":{{"Version":{version},"flows":[{{"rule":"#
        );
        let reading = read(text.as_bytes());
        assert_eq!((reading.report.format, reading.report.records), (format, 0));
        assert_eq!(codes(&reading), ["cut-off"]);
    }
}
