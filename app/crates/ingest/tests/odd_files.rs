//! Files as people have them: written by shells, put together, cut, laid out by other tools. Each gets the best reading there is, and a
//! sentence about the rest.

use std::fmt::Write as _;
use underlay_ingest::{Coding, Reader, Reading};
use underlay_model::input::Format;
use underlay_scan::NullSink;

fn read(bytes: &[u8]) -> Reading {
    let mut reader = Reader::new("x", bytes.len() as u64, Coding::Plain);
    reader.push(bytes, &mut NullSink);
    reader.finish(&mut NullSink)
}

/// Format, records, accepted and rejected tuples, lost bytes, codes of notes.
type Account<'c> = (Format, u64, u64, u64, u64, Vec<&'c str>);

fn account(reading: &Reading) -> Account<'_> {
    let report = &reading.report;
    let codes = report.notes.iter().map(|note| note.code.as_str()).collect();
    (report.format, report.records, report.tuples.accepted, report.tuples.rejected, report.lost_bytes, codes)
}

fn utf16(text: &str, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{FEFF}" } else { "" };
    [mark, text].concat().encode_utf16().flat_map(u16::to_le_bytes).collect()
}

const BEGUN: &str = "1795165218512,10.13.100.6,10.244.0.147,41876,8080,6,I,B,NX,0,0,0,0";

fn record(minute: u32, tuples: &[&str]) -> String {
    let tuples: Vec<String> = tuples.iter().map(|tuple| format!("\"{tuple}\"")).collect();
    format!(
        "{{\"time\":\"2026-11-20T09:{minute:02}:41Z\",\"flowLogVersion\":4,\"flowLogGUID\":\"g\",\"macAddress\":\"6045BD12AB34\",\
         \"category\":\"FlowLogFlowEvent\",\"flowLogResourceID\":\"/S/F\",\"targetResourceID\":\"/s/t\",\
         \"operationName\":\"FlowLogFlowEvent\",\"flowRecords\":{{\"flows\":[{{\"aclID\":\"a\",\"flowGroups\":[{{\"rule\":\"r\",\
         \"flowTuples\":[{}]}}]}}]}}}}",
        tuples.join(",")
    )
}

fn log(minute: u32) -> String {
    format!("{{\"records\":[{},{}]}}", record(minute, &[BEGUN]), record(minute + 1, &[BEGUN]))
}

#[test]
fn a_flow_log_is_one_however_it_was_saved() {
    let (one, two) = (log(1), log(3));
    let edge = one.find(",{\"time\"").unwrap();
    let quoted = serde_json::to_string(&one).unwrap();
    let cases: Vec<(Vec<u8>, u64, u64, Vec<&str>)> = vec![
        (utf16(&format!("{one}\r\n"), true), 2, 0, vec![]),
        (utf16(&one, false), 2, 0, vec![]),
        ([one.as_bytes(), &[0; 4096]].concat(), 2, 0, vec!["other-text"]),
        ([&[0; 70_000], one.as_bytes()].concat(), 2, 0, vec![]),
        ([&one.as_bytes()[..edge], &[0; 600], &one.as_bytes()[edge..]].concat(), 2, 600, vec!["no-record"]),
        (format!("\u{FEFF}{one}\u{FEFF}{two}").into_bytes(), 4, 0, vec![]),
        (format!("{one}{two}").into_bytes(), 4, 0, vec![]),
        (format!("{one}\r\n{two}\n").into_bytes(), 4, 0, vec![]),
        (one.replace("]}}]}}]}", "]}}]}},]}").into_bytes(), 2, 0, vec![]),
        (one.replace('/', "\\/").into_bytes(), 2, 0, vec![]),
        (format!("// saved by hand\n{one}").into_bytes(), 2, 0, vec!["other-text"]),
        (quoted.into_bytes(), 2, 0, vec!["unwrapped"]),
        (format!("{{\"records\":{}}}", record(1, &[BEGUN])).into_bytes(), 1, 0, vec!["unwrapped"]),
        (
            format!(
                "\"TimeGenerated [UTC]\",RawData\r\n\"11/20/2026, 9:00:00.000 AM\",\"{}\"\r\n",
                record(1, &[BEGUN]).replace('"', "\"\"")
            )
            .into_bytes(),
            1,
            0,
            vec!["unwrapped"],
        ),
        (format!("me@host:~$ cat PT1H.json\n{one}\nme@host:~$ exit\n").into_bytes(), 2, 0, vec!["other-text"]),
    ];
    for (bytes, records, lost, codes) in cases {
        let reading = read(&bytes);
        let expected = (Format::VnetFlowLog, records, records, 0, lost, codes);
        assert_eq!(account(&reading), expected, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn odd_tuples_are_counted_and_cost_no_other() {
    let with = |tuple: &str| format!("{{\"records\":[{}]}}", record(1, &[tuple, BEGUN]));
    for (fields, code) in [
        ("1795165218,10.0.0.1,10.0.0.2,1,80,6,I,B,NX,,,,", ""),
        ("1795165218512000,10.0.0.1,10.0.0.2,1,80,6,I,B,NX,,,,", "tuple-time"),
        ("1795165218.5,10.0.0.1,10.0.0.2,1,80,6,I,B,NX,,,,", "tuple-time"),
        ("1e12,10.0.0.1,10.0.0.2,1,80,6,I,B,NX,,,,", "tuple-time"),
        ("1795165218512,10.0.0.1,10.0.0.2,-1,80,6,I,B,NX,,,,", "tuple-port"),
        ("1795165218512,10.0.0.1,10.0.0.2,1,65536,6,I,B,NX,,,,", "tuple-port"),
        ("1795165218512,::ffff:10.0.0.1,::ffff:a00:2,1,80,6,I,B,NX,,,,", ""),
        ("1795165218512,fe80::1%eth0,fe80::2,1,80,6,I,B,NX,,,,", "tuple-address"),
        ("1795165218512,[fd00::1],fd00::2,1,80,6,I,B,NX,,,,", "tuple-address"),
        ("1795165218512, fd00::1,fd00::2,1,80,6,I,B,NX,,,,", "tuple-address"),
        ("1795165218512,FD00:0:0:0:0:0:0:1,fd00::0002,1,80,6,I,B,NX,,,,", ""),
        ("1795165218512,10.0.0.1,10.0.0.2,1,80,6,I,C,NX,99999999999999999999,1,1,1", "tuple-counter"),
        ("1795165218512,10.0.0.1,10.0.0.2,1,80,6,I,C,NX,9223372036854775807,9223372036854775807,1,1", ""),
    ] {
        let text = with(fields);
        let reading = read(text.as_bytes());
        let (accepted, codes) = if code.is_empty() { (2, vec![]) } else { (1, vec![code]) };
        assert_eq!(account(&reading), (Format::VnetFlowLog, 1, accepted, 2 - accepted, 0, codes), "{fields}");
    }
    let numbers = log(1).replacen(&format!("[\"{BEGUN}\"]"), &format!("[1,null,{{}},\"{BEGUN}\"]"), 1);
    assert_eq!(account(&read(numbers.as_bytes())), (Format::VnetFlowLog, 2, 2, 3, 0, vec!["tuple-type"]));
}

fn pod(name: &str, address: &str) -> String {
    format!(
        "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"n\",\"resourceVersion\":\"5\"}},\
         \"status\":{{\"phase\":\"Running\",\"podIP\":\"{address}\"}}}}"
    )
}

fn names(reading: &Reading) -> Vec<String> {
    let with = |pod: &underlay_model::inventory::Pod| {
        let addresses: Vec<String> = pod.addresses.iter().map(ToString::to_string).collect();
        [pod.meta.qualified(), pod.node_name.clone(), addresses.join(",")].join(" ")
    };
    reading.fragment.pods.iter().map(with).collect()
}

#[test]
fn columns_that_people_choose_are_read_by_their_names() {
    for (text, expected) in [
        (
            "NAME    IP             NODE\np       10.244.0.147   aks-a-1\nq       <none>         <none>\n",
            "p aks-a-1 10.244.0.147; q  ",
        ),
        ("NS     POD   POD IP         HOST IP\nyada   p     10.244.0.147   10.13.76.4\n", "yada/p  10.244.0.147"),
        (
            "POD_NAME   POD_IP         NODE_NAME   STATUS\np          10.244.0.147   aks-a-1     Running\n",
            "p aks-a-1 10.244.0.147",
        ),
        ("NAMESPACE   NAME   PODIP\nyada        p      10.244.0.147\n", "yada/p  10.244.0.147"),
        (
            "NAME   SECURITY IDENTITY   ENDPOINT STATE   IPV4           IPV6\np      1234                ready            10.244.0.147\n",
            "p  10.244.0.147",
        ),
        (
            "yada/p\t10.244.0.147\taks-a-1\nyada/q\t10.244.0.148\taks-a-1\n",
            "yada/p aks-a-1 10.244.0.147; yada/q aks-a-1 10.244.0.148",
        ),
    ] {
        let reading = read(text.as_bytes());
        assert_eq!(reading.report.format, Format::KubernetesTable, "{text}");
        assert_eq!((names(&reading).join("; ").as_str(), reading.report.notes.len()), (expected, 0), "{text}");
    }
    for text in [
        "NAME      IP           PODCIDR\naks-a-1   10.13.76.4   10.244.0.0/24\n",
        "NODE      INTERNAL_IP   POD CIDRS\naks-a-1   10.13.76.4    10.244.0.0/24\n",
    ] {
        let nodes = read(text.as_bytes()).fragment.nodes;
        assert_eq!(nodes[0].meta.name, "aks-a-1", "{text}");
        assert_eq!(nodes[0].internal_addresses[0].to_string(), "10.13.76.4", "{text}");
        assert_eq!(nodes[0].pod_cidrs.len(), 1, "{text}");
    }
    let mixed = read(
        b"NAME   IP\nakswin000000   10.224.0.5\naks-default-k8z6q   10.224.0.6\naks-store-6f9c7b8d5f-x7k2p   10.244.0.9\n",
    );
    assert_eq!(
        (mixed.fragment.nodes.len(), names(&mixed)),
        (2, vec!["aks-store-6f9c7b8d5f-x7k2p  10.244.0.9".to_owned()])
    );
    let names_alone = read(b"pod/p\npod/q\nhttproute.gateway.networking.k8s.io/r\n");
    assert_eq!(names_alone.report.format, Format::Unknown);
    assert!(names_alone.report.notes[0].message.contains("kubectl get -o name"));
}

#[test]
fn what_was_asked_of_azure_or_kubernetes_is_no_object() {
    let object = pod("ghost", "10.244.0.200");
    let text = serde_json::to_string(&object).unwrap();
    let event = format!(
        "{{\"authorization\":{{}},\"eventTimestamp\":\"2026-11-20T09:00:00Z\",\"operationName\":{{\"value\":\"x/write\"}},\
         \"id\":\"/subscriptions/1/providers/x/y/z\",\"properties\":{{\"requestbody\":{text},\"responseBody\":{object}}}}}"
    );
    let cell = object.replace('"', "\"\"");
    for logged in [
        format!("[{event}]"),
        format!("{{\"value\":[{event},{event}]}}"),
        event.clone(),
        format!("[{event},{}", &event[..event.len() - 40]),
        format!("[{{\"category\":\"Administrative\",\"operationName\":\"x\",\"message\":{text}}}]"),
        format!("Time,OperationName,ResponseBody\n1,x,\"{cell}\"\n"),
        format!("AuditId,Verb,RequestObject\n1,create,\"{cell}\"\n"),
        format!(
            "{{\"tables\":[{{\"columns\":[{{\"name\":\"OperationNameValue\"}},{{\"name\":\"Properties\"}}],\"rows\":[[\"x\",{text}]]}}]}}"
        ),
        format!(
            "- \"authorization\":\n    \"action\": |-\n      x\n  \"properties\":\n    \"requestbody\": |-\n      {object}\n"
        ),
    ] {
        let reading = read(logged.as_bytes());
        assert_eq!(reading.fragment.pods.len(), 0, "{logged}");
        assert_eq!(reading.report.notes.len(), 1, "{:?} {logged}", reading.report);
    }
    // The same in the wrapping of a search that kept the objects themselves.
    let kept = format!("time,_raw\n1,\"{cell}\"\n");
    assert_eq!(read(kept.as_bytes()).fragment.pods.len(), 1);
}

#[test]
fn kubernetes_as_other_tools_leave_it() {
    let (a, b) = (pod("a", "10.244.0.1"), pod("b", "10.244.0.2"));
    let yaml = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: n\nstatus:\n  podIP: 10.244.0.1\n";
    let block = "%YAML 1.2\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: n\n  annotations:\n    x: |\n      kind: Pod\n      \
                 metadata:\n        name: ghost\n      ---\n    y: >-\n      folded\nstatus:\n  podIP: 10.244.0.1\n...\n";
    let anchors = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: &m\n    name: z\n    namespace: n\n  \
                   status: {podIP: 10.244.0.9}\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    <<: *m\n    name: a\n  status: {podIP: 10.244.0.1}\n";
    let mut aliases = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  x0: &x0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..9 {
        writeln!(aliases, "  x{level}: &x{level} [{}]", vec![format!("*x{}", level - 1); 9].join(",")).unwrap();
    }
    let deep = |levels: usize| {
        a.replace("\"status\"", &format!("\"x\":{}1{},\"status\"", "{\"a\":".repeat(levels), "}".repeat(levels)))
    };
    let cases: [(Vec<u8>, Format, u64, &[&str]); 14] = [
        (utf16(&yaml.replace('\n', "\r\n"), true), Format::Kubernetes, 1, &[]),
        (format!("\u{FEFF}{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{a},]}}").into_bytes(), Format::Kubernetes, 1, &[]),
        (format!("{{\"kind\":\"List\",\"items\":[{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{a}]}},{b}]}}").into_bytes(), Format::Kubernetes, 2, &[]),
        (format!("{{\"kind\":\"List\",\"items\":[{a}],\"items\":[{b}]}}").into_bytes(), Format::Kubernetes, 2, &[]),
        (format!("{{\"kind\":\"List\",\"items\":[\"pod/a\",null,7,{a}]}}").into_bytes(), Format::Kubernetes, 1, &["other-json"]),
        (block.as_bytes().to_vec(), Format::Kubernetes, 1, &["other-text"]),
        (anchors.as_bytes().to_vec(), Format::Kubernetes, 2, &[]),
        (aliases.into_bytes(), Format::Unknown, 0, &["not-recognised"]),
        (yaml.replace("  ", "\t").into_bytes(), Format::Unknown, 0, &["not-recognised"]),
        (deep(100).into_bytes(), Format::Kubernetes, 1, &[]),
        (deep(1000).into_bytes(), Format::Kubernetes, 0, &["damaged"]),
        (format!("# Findings\n\n```json\n{a}\n```\n").into_bytes(), Format::Kubernetes, 1, &["other-text"]),
        (format!("Name:         p\nNamespace:    n\nLabels:       x\nStatus:       Running\n\n{a}").into_bytes(), Format::Kubernetes, 1, &["other-text"]),
        ("  % Total    % Received\n100   431  100   431    0\n{\"services\":[{\"serviceName\":\"n/s/1\",\"serviceHealth\":[]}]}".as_bytes().to_vec(), Format::BackendHealth, 1, &["other-text"]),
    ];
    for (bytes, format, records, codes) in cases {
        let reading = read(&bytes);
        let found: Vec<&str> = reading.report.notes.iter().map(|note| note.code.as_str()).collect();
        assert_eq!(
            (reading.report.format, reading.report.records, found.as_slice()),
            (format, records, codes),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
        assert!(reading.fragment.pods.iter().all(|pod| pod.meta.name != "ghost"));
    }
}

#[test]
fn metrics_as_tables_are_values() {
    let chart = "Resource ID,/subscriptions/1/x\nMetric,Backend Healthy Targets\n\nTime (UTC),\"Backend Healthy Targets (Avg), alb-1\"\n\
        2026-11-20T09:00:00.000Z,2\n2026-11-20T09:01:00.000Z,\n2026-11-20T09:02:00.000Z,1.5\n";
    let reading = read(chart.as_bytes());
    assert_eq!(account(&reading), (Format::AzureMetrics, 2, 0, 0, 0, vec!["other-text"]));
    let rows =
        "\"TimeGenerated [UTC]\",MetricName,Total,ResourceId\n\"11/20/2026, 9:00:00.000 AM\",TotalRequests,5,/S/1\n";
    let reading = read(&utf16(rows, true));
    assert_eq!(account(&reading), (Format::AzureMetrics, 1, 0, 0, 0, vec![]));
    assert_eq!(reading.fragment.azure.metrics[0].metric, "TotalRequests");
}

#[test]
fn series_of_a_query_are_samples_with_and_without_their_answer() {
    let series =
        r#"{"metric":{"__name__":"total_endpoints","service":"n/s/80"},"values":[[1795165220,"4"],[1795165280,"3"]]}"#;
    for text in [
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series},{series}]}}}}"#),
        format!("[{series},{series}]"),
    ] {
        assert_eq!(account(&read(text.as_bytes())), (Format::Prometheus, 4, 0, 0, 0, vec![]), "{text}");
    }
    let cut = format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{series},{}"#, &series[..90]);
    let reading = read(cut.as_bytes());
    // Commas are not lost.
    assert_eq!((reading.report.records, reading.report.lost_bytes, reading.report.notes.len()), (2, 86, 1));
}
