//! Metrics and requests as the page asks for them: one answer of many inputs, however they were spread over shards.

mod fixture;

use fixture::File;
use underlay_model::access::{AccessFilter, AccessPage};
use underlay_model::charts::{ChartData, Charts};
use underlay_model::wire::{PageEvent, PageRequest};
use underlay_session::in_process::InProcess;

fn row(minute: u64, second: u64, status: u16, backend: &str) -> String {
    format!(
        "{{\"category\":\"TrafficControllerAccessLog\",\"properties\":{{\"backendIp\":\"{backend}\",\"backendPort\":\"8080\",\"backendResponseLatency\":\"{second}\",\"clientIp\":\"198.51.100.7:1\",\"frontendName\":\"fe\",\"frontendPort\":\"80\",\"httpStatusCode\":\"{status}\",\"requestUri\":\"/{minute}/{second}\",\"timeTaken\":\"{second}\",\"trackingId\":\"{minute}-{second}\"}},\"resourceId\":\"/S/ALB\",\"time\":\"2026-11-20T09:{minute:02}:{second:02}Z\"}}\n"
    )
}

fn log(minutes: impl Iterator<Item = u64>) -> Vec<u8> {
    let rows =
        |minute| (0..30).map(move |second| row(minute, second, if second == 7 { 503 } else { 200 }, "10.244.0.147"));
    minutes.flat_map(rows).collect::<String>().into_bytes()
}

fn metrics(first: u64, values: &[&str]) -> Vec<u8> {
    let points: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(at, value)| {
            format!("{{\"timeStamp\":\"2026-11-20T09:{:02}:00Z\",\"average\":{value}}}", first + at as u64)
        })
        .collect();
    format!(
        "{{\"timespan\":\"2026-11-20T09:00:00Z/2026-11-20T09:10:00Z\",\"interval\":\"PT1M\",\"value\":[{{\"id\":\"/s/alb/providers/Microsoft.Insights/metrics/BackendHealthyTargets\",\"name\":{{\"value\":\"BackendHealthyTargets\"}},\"unit\":\"Count\",\"timeseries\":[{{\"metadatavalues\":[{{\"name\":{{\"value\":\"backendservice\"}},\"value\":\"yada/yadaapi/8080\"}}],\"data\":[{}]}}]}}]}}",
        points.join(",")
    )
    .into_bytes()
}

fn files() -> Vec<File> {
    let mut files = fixture::capture();
    files.push(("log-early.json".to_owned(), log(0..3)));
    // A second download of the same log, later in the hour, and the hour after.
    files.push(("log-late.json".to_owned(), log(1..8)));
    files.push(("metrics-a.json".to_owned(), metrics(0, &["2", "2", "null", "1"])));
    files.push(("metrics-b.json".to_owned(), metrics(3, &["1", "0"])));
    files
}

fn charts(host: &mut InProcess) -> Charts {
    let events = host.ask(|id| PageRequest::Charts { id, selection: None });
    let found = events
        .into_iter()
        .find_map(|event| if let PageEvent::Charts { charts, .. } = event { Some(*charts) } else { None });
    found.unwrap()
}

fn requests(host: &mut InProcess, filter: AccessFilter) -> AccessPage {
    let events = host.ask(|id| PageRequest::Requests { id, filter });
    let found = events
        .into_iter()
        .find_map(|event| if let PageEvent::Requests { page, .. } = event { Some(*page) } else { None });
    found.unwrap()
}

fn chart<'a>(charts: &'a Charts, key: &str) -> &'a ChartData {
    charts.charts.iter().find(|chart| chart.key == key).unwrap_or_else(|| panic!("no {key}"))
}

fn numbers(chart: &ChartData, series: &str) -> Vec<f64> {
    let series = chart.series.iter().find(|known| known.name == series).unwrap();
    series.points.iter().map(|(_, value)| value.get()).collect()
}

#[test]
fn the_same_charts_from_any_number_of_shards() {
    let one = charts(&mut fixture::read(&files(), 1, 1000));
    for shards in [2, 3] {
        assert_eq!(charts(&mut fixture::read(&files(), shards, 313)), one);
    }
    let healthy = chart(&one, "healthy-targets:yada/yadaapi/8080");
    // The third minute is null: it is no point, and the second answer goes on from the fourth.
    assert_eq!(numbers(healthy, "Healthy"), [2.0, 2.0, 1.0, 0.0]);
    let status = chart(&one, "status");
    assert_eq!(numbers(status, "2xx"), [29.0; 8], "minutes of both downloads count once");
    assert_eq!(numbers(status, "5xx"), [1.0; 8]);
    assert_eq!(numbers(chart(&one, "requests-backends"), "yada/api-1"), [30.0; 8]);
    assert_eq!(numbers(chart(&one, "time-taken"), "half below"), [14.0; 8]);
}

#[test]
fn requests_stay_in_their_shard_and_are_found_there() {
    let mut host = fixture::read(&files(), 2, 1000);
    let failed = requests(&mut host, AccessFilter { statuses: Some((500, 599)), ..AccessFilter::default() });
    let times: Vec<&str> = failed.rows.iter().map(|row| row.tracking_id.as_str()).collect();
    assert_eq!(
        times,
        ["0-7", "1-7", "2-7", "3-7", "4-7", "5-7", "6-7", "7-7"],
        "a row of two downloads is listed once"
    );
    assert_eq!(requests(&mut host, AccessFilter { text: "/3/1".to_owned(), ..AccessFilter::default() }).rows.len(), 11);
    host.request(PageRequest::Remove("log-late.json".to_owned()));
    host.run_until_idle();
    assert_eq!(requests(&mut host, AccessFilter::default()).matching, 90);
    assert_eq!(chart(&charts(&mut host), "status").series[0].points.len(), 3);
}

#[test]
fn a_capture_without_numbers_says_what_would_show_some() {
    let none = charts(&mut fixture::read(&fixture::capture(), 2, 1000));
    assert!(none.charts.iter().all(|chart| chart.source == 'F'), "the flow logs have charts of their own");
    for wanted in ["Healthy targets:", "Requests,"] {
        assert!(none.missing.iter().any(|sentence| sentence.starts_with(wanted)), "{wanted} {:?}", none.missing);
    }
}
