//! Witnesses that are numbers open to where the numbers stand: the value of a metric, the rows of an access log, the tuples that probes
//! are told from; a subnet to its own lines.

mod fixture;

use fixture::{File, read};
use underlay_model::access::AccessFilter;
use underlay_model::finding::Opens;
use underlay_model::metrics::{Aggregation, MetricPoint};
use underlay_model::sources::{Snippet, SourceCursor, SourceOf, SourceQuery, Sources, TextOf};
use underlay_model::view::EntityKey;
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_session::in_process::InProcess;

fn text(host: &mut InProcess, of: TextOf) -> Snippet {
    let events = host.ask(|id| PageRequest::Snippet { id, of: of.clone() });
    let found = events.into_iter().find_map(|event| match event {
        PageEvent::Snippet { snippet, .. } => Some(snippet),
        _ => None,
    });
    found.expect("it is answered")
}

fn rows(host: &mut InProcess, of: SourceOf, from: SourceCursor) -> Sources {
    let query = SourceQuery { of, range: None, from };
    let events = host.ask(|id| PageRequest::Sources { id, query: query.clone() });
    let found = events.into_iter().rev().find_map(|event| match event {
        PageEvent::Sources { sources, .. } => Some(*sources),
        _ => None,
    });
    found.expect("it is answered")
}

fn file(path: &str, text: String) -> File {
    (path.to_owned(), text.into_bytes())
}

fn metrics(path: &str, values: [&str; 3]) -> File {
    let point = |(minute, value): (usize, &&str)| {
        format!("{{\"timeStamp\":\"2026-11-20T09:0{minute}:00+00:00\",\"average\":{value}}}")
    };
    let data: Vec<String> = values.iter().enumerate().map(point).collect();
    let series = |service: &str, data: &str| {
        format!(
            "{{\"metadatavalues\":[{{\"name\":{{\"value\":\"backendService\"}},\"value\":\"{service}\"}}],\"data\":[{data}]}}"
        )
    };
    let all = [
        series("n/other/80", "{\"timeStamp\":\"2026-11-20T09:01:00Z\",\"average\":7}"),
        series("n/web/80", &data.join(",")),
    ];
    file(
        path,
        format!(
            "{{\"interval\":\"PT1M\",\"timespan\":\"2026-11-20T09:00:00Z/2026-11-20T09:03:00Z\",\"value\":[{{\"name\":{{\"value\":\"Requests\"}},\"timeseries\":[]}},{{\"name\":{{\"value\":\"BackendHealthyTargets\"}},\"unit\":\"Count\",\"timeseries\":[{}]}}]}}",
            all.join(",")
        ),
    )
}

fn point(time_ms: i64) -> MetricPoint {
    MetricPoint {
        resource: String::new(),
        metric: "BackendHealthyTargets".to_owned(),
        dimensions: vec![("backendservice".to_owned(), "n/web/80".to_owned())],
        aggregation: Aggregation::Average,
        interval_ms: 60_000,
        time_ms,
    }
}

#[test]
fn a_value_of_a_metric_opens_where_it_stands_in_the_file_whose_value_counts() {
    const NINE: i64 = 1_795_165_200_000;
    let mut host = read(&[metrics("a.json", ["2", "2", "null"]), metrics("b.json", ["2", "1", "0"])], 2, 50);
    let value = text(&mut host, TextOf::Metric(point(NINE + 60_000)));
    assert_eq!(value.trouble, None);
    assert_eq!(value.parts[1], "\"average\":1");
    assert!(value.parts[0].starts_with("{\"name\":{\"value\":\"BackendHealthyTargets\"}"), "{:?}", value.parts);
    let place = value.place.expect("where it stands");
    assert_eq!((place.path.as_str(), place.copies), ("b.json", vec!["a.json".to_owned()]));
    host.request(PageRequest::Remove("b.json".to_owned()));
    host.run_until_idle();
    assert_eq!(text(&mut host, TextOf::Metric(point(NINE + 60_000))).parts[1], "\"average\":2");
    let gone = text(&mut host, TextOf::Metric(point(NINE + 120_000)));
    assert!(gone.trouble.is_some() && gone.parts.concat().is_empty(), "a gap is not a value");
}

fn access(number: usize, client: &str, status: u16) -> String {
    let minute = number / 60;
    let second = number % 60;
    format!(
        "{{\"category\":\"TrafficControllerAccessLog\",\"resourceId\":\"/r\",\"time\":\"2026-11-20T09:{minute:02}:{second:02}.000Z\",\"properties\":{{\"frontendName\":\"fe\",\"frontendPort\":\"80\",\"clientIp\":\"{client}:5000\",\"backendIp\":\"10.0.0.1\",\"backendPort\":\"80\",\"httpStatusCode\":\"{status}\",\"httpMethod\":\"GET\",\"requestUri\":\"/{number}\",\"hostName\":\"h\",\"trackingId\":\"id-{number}-\",\"timeTaken\":\"3\"}}}}"
    )
}

#[test]
fn counts_of_requests_open_to_the_rows_of_the_access_log() {
    let line = |number: usize| {
        access(number, ["1.1.1.1", "2.2.2.2", "3.3.3.3"][number % 3], if number % 100 == 99 { 503 } else { 200 })
    };
    let lines: Vec<String> = (0..500).map(line).collect();
    let mut host = read(&[file("log.json", lines.join("\n")), file("b.json", access(900, "1.1.1.1", 503))], 2, 300);
    let failed = AccessFilter { statuses: Some((503, 503)), ..AccessFilter::default() };
    let found = rows(&mut host, SourceOf::Requests(failed), SourceCursor::default());
    let raw: Vec<&str> = found.rows.iter().map(|row| row.raw.as_str()).collect();
    assert_eq!(raw.len(), 6);
    assert_eq!(raw[0], access(900, "1.1.1.1", 503), "in the order of the inputs");
    assert!(raw[1..].iter().zip([99, 199, 299, 399, 499]).all(|(raw, number)| *raw == lines[number]));
    assert_eq!((found.total.rows(), found.next, found.requests.len()), (6, None, 6));
    assert_eq!(found.records[1].path, "log.json");
    assert_eq!(found.rows[1].byte, lines[..99].iter().map(|line| line.len() as u64 + 1).sum::<u64>());
    // All of them come in parts, each once.
    let mut from = SourceCursor::default();
    let mut all = Vec::new();
    loop {
        let part = rows(&mut host, SourceOf::Requests(AccessFilter::default()), from);
        assert_eq!(part.troubles, Vec::<String>::new());
        all.extend(part.rows.into_iter().map(|row| row.raw));
        match part.next {
            Some(next) => from = next,
            None => break,
        }
    }
    assert_eq!(all.len(), 501);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 501);
    // Clients and front ends have no flows: their rows are these.
    host.ask(|id| PageRequest::Topology { id, range: None });
    let front_end = rows(&mut host, SourceOf::Entity(EntityKey("frontend:fe".to_owned())), SourceCursor::default());
    assert_eq!(front_end.total.rows(), 501);
    let client = rows(&mut host, SourceOf::Entity(EntityKey("client:1.1.1.1".to_owned())), SourceCursor::default());
    assert_eq!(client.total.rows(), 168, "the busiest is drawn by itself");
    let group = rows(&mut host, SourceOf::Entity(EntityKey("group:clients".to_owned())), SourceCursor::default());
    assert_eq!(group.total.rows(), 333);
}

#[test]
fn a_row_of_a_table_is_found_in_the_table() {
    let row = |number: usize| {
        format!("[\"2026-11-20T09:00:{number:02}Z\",\"1.1.1.1\",\"503\",\"/x{number}\",\"id-{number}-\",\"fe\"]")
    };
    let rows_of: Vec<String> = (0..60).map(row).collect();
    let text = format!(
        "{{\"tables\":[{{\"name\":\"PrimaryResult\",\"columns\":[{{\"name\":\"TimeGenerated\"}},{{\"name\":\"ClientIp\"}},{{\"name\":\"HttpStatusCode\"}},{{\"name\":\"RequestUri\"}},{{\"name\":\"TrackingId\"}},{{\"name\":\"FrontendName\"}}],\"rows\":[{}]}}]}}",
        rows_of.join(",")
    );
    let mut host = read(&[file("query.json", text)], 1, 300);
    let found = rows(&mut host, SourceOf::Requests(AccessFilter::default()), SourceCursor::default());
    assert_eq!(found.troubles, Vec::<String>::new());
    let raw: Vec<&String> = found.rows.iter().map(|row| &row.raw).collect();
    assert_eq!(raw, rows_of.iter().collect::<Vec<_>>());
}

#[test]
fn a_subnet_opens_in_its_virtual_network_with_its_own_lines_marked() {
    let subnet = |name: &str, prefix: &str| {
        format!(
            "{{\"name\":\"{name}\",\"id\":\"/v/subnets/{name}\",\"properties\":{{\"addressPrefix\":\"{prefix}\"}}}}"
        )
    };
    let arm = format!(
        "{{\"name\":\"v\",\"id\":\"/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v\",\"type\":\"Microsoft.Network/virtualNetworks\",\"properties\":{{\"addressSpace\":{{\"addressPrefixes\":[\"10.0.0.0/8\"]}},\"subnets\":[{},{}]}}}}",
        subnet("nodes", "10.1.0.0/16"),
        subnet("agc", "10.2.0.0/24")
    );
    let flat = arm
        .replace("\"properties\":{\"addressSpace\"", "\"addressSpace\"")
        .replace("}]}}", "}]}")
        .replace(",\"properties\":{\"addressPrefix\":\"10.1.0.0/16\"}", ",\"addressPrefix\":\"10.1.0.0/16\"")
        .replace(",\"properties\":{\"addressPrefix\":\"10.2.0.0/24\"}", ",\"addressPrefix\":\"10.2.0.0/24\"");
    for vnet in [arm, flat] {
        let mut host = read(&[file("vnet.json", vnet.clone())], 1, 300);
        let events = host.ask(|id| PageRequest::Topology { id, range: None });
        let topology = events.into_iter().find_map(|event| match event {
            PageEvent::Topology { topology, .. } => Some(topology),
            _ => None,
        });
        let topology = topology.expect("the picture is answered");
        let key = topology.entities.iter().find(|one| one.name == "nodes").expect("the subnet is drawn").key.clone();
        let events = host.ask(|id| PageRequest::Detail { id, key: key.clone(), range: None });
        let detail = events.into_iter().find_map(|event| match event {
            PageEvent::Detail { detail, .. } => detail,
            _ => None,
        });
        let place = detail.and_then(|detail| detail.place).expect("it has a place");
        let shown = text(&mut host, TextOf::Object(place));
        assert!(
            shown.parts[1].starts_with("{\"name\":\"nodes\"") && shown.parts[1].ends_with('}'),
            "{vnet}: {:?}",
            shown.parts
        );
        assert!(!shown.parts[1].contains("agc"));
    }
}

#[test]
fn witnesses_of_a_pod_by_metrics_requests_and_probes_open() {
    let pod = "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"web\",\"namespace\":\"n\"},\"status\":{\"podIP\":\"10.0.0.1\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}";
    let slice = "{\"apiVersion\":\"discovery.k8s.io/v1\",\"kind\":\"EndpointSlice\",\"metadata\":{\"name\":\"web-1\",\"namespace\":\"n\",\"labels\":{\"kubernetes.io/service-name\":\"web\"}},\"addressType\":\"IPv4\",\"endpoints\":[{\"addresses\":[\"10.0.0.1\"],\"conditions\":{\"ready\":true},\"targetRef\":{\"kind\":\"Pod\",\"name\":\"web\",\"namespace\":\"n\"}}],\"ports\":[{\"port\":80}]}";
    let lines: Vec<String> = (0..5).map(|number| access(number, "1.1.1.1", 200)).collect();
    let files = [
        file("objects.json", format!("{{\"kind\":\"List\",\"items\":[{pod},{slice}]}}")),
        file("log.json", lines.join("\n")),
        metrics("metrics.json", ["2", "1", "0"]),
    ];
    let mut host = read(&files, 1, 300);
    host.ask(|id| PageRequest::Topology { id, range: None });
    let events = host.ask(|id| PageRequest::Detail { id, key: EntityKey("pod:n/web".to_owned()), range: None });
    let detail = events.into_iter().find_map(|event| match event {
        PageEvent::Detail { detail, .. } => detail,
        _ => None,
    });
    let witnesses = detail.expect("the pod is there").witnesses;
    let of = |source: char| witnesses.iter().find(|one| one.source == source).expect("it is a witness").opens.clone();
    let Opens::Metric(value) = of('M') else { panic!("{witnesses:?}") };
    assert_eq!(text(&mut host, TextOf::Metric(value)).parts[1], "\"average\":0", "the last value");
    let Opens::Rows(requests) = of('A') else { panic!("{witnesses:?}") };
    assert_eq!(rows(&mut host, requests, SourceCursor::default()).rows.len(), 5);
    assert!(matches!(of('K'), Opens::Object(_)));
}
