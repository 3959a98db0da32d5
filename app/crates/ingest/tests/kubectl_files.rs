//! Files of kubectl as people have them, large enough to be read as they arrive: in other encodings, coloured, put together, cut, with holes,
//! with values of the wrong type. Nothing is lost without being said.

use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::input::Format;
use underlay_scan::NullSink;

fn read_in(bytes: &[u8], piece: usize) -> Reading {
    let mut reader = Reader::new("pods.json", bytes.len() as u64, Coding::Plain);
    for part in bytes.chunks(piece) {
        reader.push(part, &mut NullSink);
    }
    reader.finish(&mut NullSink)
}

fn read(bytes: &[u8]) -> Reading {
    let reading = read_in(bytes, 1 << 20);
    assert_eq!(read_in(bytes, 60_001), reading);
    reading
}

fn codes(reading: &Reading) -> Vec<&str> {
    reading.report.notes.iter().map(|note| note.code.as_str()).collect()
}

/// A pod with managed fields of about 4 kB, indented as kubectl does.
fn pod(number: usize) -> String {
    let fields: Vec<String> = (0..40)
        .map(|field| format!("\"k:{{\\\"name\\\":\\\"v{field}\\\"}}\": {{\n                            \".\": {{}}\n                        }}"))
        .collect();
    format!(
        r#"{{
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {{
                "labels": {{"app": "a", "env": "prod", "volumes": "2"}},
                "managedFields": [{{"manager": "kubelet", "time": "2026-11-20T06:14:10Z", "fieldsV1": {{{}}}}}],
                "name": "pod-{number}",
                "namespace": "shop"
            }},
            "spec": {{"containers": [{{"name": "c"}}], "nodeName": "node-{}"}},
            "status": {{"phase": "Running", "podIP": "10.244.{}.{}", "startTime": "2026-11-20T06:13:58Z"}}
        }}"#,
        fields.join(",\n"),
        number % 7,
        number / 250,
        number % 250,
    )
}

const PODS: usize = 600;

fn list(items: &[String]) -> String {
    format!(
        "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n        {}\n    ],\n    \"kind\": \"List\"\n}}\n",
        items.join(",\n        ")
    )
}

fn pods() -> Vec<String> {
    (0..PODS).map(pod).collect()
}

#[test]
fn every_encoding_of_a_large_list_gives_the_same_objects() {
    let text = list(&pods());
    assert!(text.len() > 2 << 20, "{}", text.len());
    let plain = read(text.as_bytes());
    assert_eq!((plain.fragment.pods.len(), codes(&plain).len()), (PODS, 0));
    assert_eq!(plain.fragment.pods[5].meta.labels[1], ("env".to_owned(), "prod".to_owned()));
    let crlf = text.replace('\n', "\r\n");
    let wide = |little: bool, mark: &[u8]| -> Vec<u8> {
        let units = crlf.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() });
        mark.iter().copied().chain(units).collect()
    };
    let coloured = text.replace("\"kind\": \"Pod\"", "\u{1b}[34;1m\"kind\"\u{1b}[0m: \u{1b}[32m\"Pod\"\u{1b}[0m");
    for (name, bytes) in [
        ("line ends of Windows", crlf.clone().into_bytes()),
        ("a mark", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        ("PowerShell", wide(true, b"\xFF\xFE")),
        ("PowerShell without a mark", wide(true, b"")),
        ("the other order", wide(false, b"\xFE\xFF")),
        ("colours", coloured.into_bytes()),
    ] {
        let reading = read(&bytes);
        assert_eq!(reading.fragment.pods, plain.fragment.pods, "{name}");
        assert!(codes(&reading).is_empty() && reading.report.lost_bytes == 0, "{name}: {:?}", reading.report.notes);
    }
}

#[test]
fn lists_that_were_put_together_and_a_watch_are_read_to_the_end() {
    let text = list(&pods());
    let watch: String = pods().iter().map(|pod| format!("{{\"type\": \"MODIFIED\", \"object\": {pod}}}\n")).collect();
    for together in [[&*text, &*text].concat(), [&*text, "\u{FEFF}", &*text].concat(), [&*watch, &*text].concat()] {
        let reading = read(together.as_bytes());
        assert_eq!((reading.report.records, reading.report.lost_bytes), (2 * PODS as u64, 0));
    }
    let ended = "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"too old resource version\",\"code\":410}}\n";
    let reading = read([&*watch, ended].concat().as_bytes());
    assert_eq!(codes(&reading), ["error-answer"]);
    assert!(reading.report.notes[0].message.contains("too old"), "{:?}", reading.report.notes);
}

#[test]
fn a_large_list_that_is_cut_or_has_a_hole_costs_what_is_said() {
    let text = list(&pods());
    let cut = &text[..text.len() - 3000];
    let reading = read(cut.as_bytes());
    assert_eq!((reading.fragment.pods.len(), codes(&reading)), (PODS - 1, vec!["cut-off"]));
    assert!(reading.report.lost_bytes > 100);
    // A block of a disk that was never written, in the middle of what nobody reads.
    let middle = text.find("pod-300\"").unwrap() - 2500;
    for filler in [0u8, b' ', b'x', b'}'] {
        let mut bytes = text.clone().into_bytes();
        bytes[middle..middle + 1024].fill(filler);
        let reading = read(&bytes);
        assert_eq!(codes(&reading), ["damaged"], "{filler}");
        assert_eq!(reading.fragment.pods.len(), PODS - 1, "{filler}");
        assert!(reading.report.lost_bytes > 1000, "{filler}");
    }
}

#[test]
fn long_strings_and_deep_values_cost_no_other_object() {
    let mut items = pods();
    let long = "x\\n".repeat(1 << 20);
    items[3] = items[3].replace(
        "\"labels\": {",
        &format!(
            "\"annotations\": {{\"kubectl.kubernetes.io/last-applied-configuration\": \"{long}\"}},\n\"labels\": {{"
        ),
    );
    let deep = |levels: usize| format!("\"fieldsV1\": {{\"f:deep\": {}1{}, ", "[".repeat(levels), "]".repeat(levels));
    items[5] = pod(5).replace("\"fieldsV1\": {", &deep(100));
    let reading = read(list(&items).as_bytes());
    assert_eq!((reading.fragment.pods.len(), codes(&reading).len()), (PODS, 0));
    items[7] = pod(7).replace("\"fieldsV1\": {", &deep(100_000));
    let reading = read(list(&items).as_bytes());
    assert_eq!((reading.fragment.pods.len(), codes(&reading)), (PODS - 1, vec!["damaged"]));
}

#[test]
fn wrong_types_repeated_keys_and_huge_numbers_harm_no_object() {
    let odd = [
        r#""metadata": {"name": "a", "labels": [1, {"a": 2}], "ownerReferences": {}, "creationTimestamp": 5, "managedFields": "none"}, "spec": 7, "status": "x""#,
        r#""metadata": {"name": "b", "resourceVersion": 1e999}, "spec": {"containers": {"name": "c"}, "hostNetwork": "true"}, "status": {"podIP": 5, "podIPs": "10.0.0.1", "conditions": {"type": "Ready"}}"#,
        r#""metadata": {"name": "c"}, "spec": {"containers": [null, 5, "x", [], {"name": 5, "ports": [{"containerPort": 1e999}, {"containerPort": -1}, {"containerPort": "8080"}]}]}, "status": {"containerStatuses": [null, {"name": "5", "restartCount": 99999999999999999999999999, "state": []}]}"#,
        r#""metadata": {"name": "x"}, "metadata": {"name": "d", "namespace": "\u0000\ud800"}, "status": {"podIP": "10.0.0.1"}, "status": {"podIP": "10.0.0.2", "podIPs": [null, {}, {"ip": "10.0.0.2"}, {"ip": "fd00::2"}, "10.0.0.3"]}"#,
    ];
    let mut items = pods();
    items.extend(odd.map(|members| format!("{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", {members}}}")));
    let reading = read(list(&items).as_bytes());
    assert_eq!((reading.fragment.pods.len(), reading.report.lost_bytes), (PODS + 4, 0), "{:?}", reading.report.notes);
    let last: Vec<_> = reading.fragment.pods.iter().skip(PODS).collect();
    assert!(last[1].host_network && last[1].containers.is_empty());
    let ports: Vec<u16> = last[2].containers.iter().flat_map(|container| &container.ports).map(|port| port.1).collect();
    assert_eq!(ports, [8080]);
    assert_eq!((last[3].meta.name.as_str(), last[3].addresses.len()), ("d", 3));
}

#[test]
fn slices_and_routes_of_every_version_are_read_with_nulls_in_them() {
    let others = [
        r#"{"addressType":"IPv4","apiVersion":"discovery.k8s.io/v1","endpoints":null,"kind":"EndpointSlice","metadata":{"name":"empty","namespace":"shop","labels":{"kubernetes.io/service-name":"a"}},"ports":null}"#,
        r#"{"addressType":"IPv4","apiVersion":"discovery.k8s.io/v1beta1","endpoints":[{"addresses":["10.244.0.1"],"conditions":{"ready":null,"serving":null,"terminating":null}},{"addresses":null,"conditions":null},{"addresses":["10.244.0.2"],"conditions":{"ready":false,"terminating":true}}],"kind":"EndpointSlice","metadata":{"name":"s","namespace":"shop"},"ports":[{"name":null,"port":null,"protocol":null}]}"#,
        r#"{"apiVersion":"gateway.networking.k8s.io/v1beta1","kind":"Gateway","metadata":{"name":"g","namespace":"shop"},"spec":{"gatewayClassName":"azure-alb-external","listeners":null},"status":{"addresses":null,"conditions":null,"listeners":null}}"#,
        r#"{"apiVersion":"gateway.networking.k8s.io/v1alpha2","kind":"HTTPRoute","metadata":{"name":"r","namespace":"shop"},"spec":{"parentRefs":[{"name":"g"}],"rules":[{"backendRefs":[{"name":"a","port":80}]},{"matches":null}]},"status":{"parents":null}}"#,
        r#"{"apiVersion":"gateway.networking.k8s.io/v1","kind":"GRPCRoute","metadata":{"name":"r","namespace":"shop"},"spec":{"parentRefs":null,"rules":null},"status":null}"#,
        r#"{"apiVersion":"alb.networking.azure.io/v1","kind":"HealthCheckPolicy","metadata":{"name":"h","namespace":"shop"},"spec":{"targetRef":{"group":"","kind":"Service","name":"a"},"default":{"interval":"5s","http":{"path":"/"}}},"status":{"conditions":null}}"#,
    ];
    let mut items = pods();
    items.extend(others.map(str::to_owned));
    let Reading { report, fragment, .. } = read(list(&items).as_bytes());
    assert_eq!((report.format, report.records, report.lost_bytes), (Format::Kubernetes, (PODS + 6) as u64, 0));
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    assert_eq!((fragment.gateways.len(), fragment.routes.len(), fragment.policies.len()), (1, 2, 1));
    let ready: Vec<bool> =
        fragment.endpoint_slices.iter().flat_map(|slice| &slice.endpoints).map(|one| one.ready).collect();
    assert_eq!(ready, [true, true, false]);
}
