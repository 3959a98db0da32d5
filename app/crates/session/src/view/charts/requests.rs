//! What the access logs say: statuses at front end and backends, requests by backend, percentiles of their times.

use super::{Grid, MOST_SERIES, Subject, key};
use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_identity::Inventory;
use underlay_model::access::{AccessCell, Backend, Latency};
use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone, ChartUnit, Charts};
use underlay_model::metrics::Value;
use underlay_model::order::Order;
use underlay_model::time::{MINUTE_MS, Millis, Minute};

/// What the access logs say.
pub(super) fn requests(inventory: &Inventory, subject: &Subject, charts: &mut Charts) {
    let sums = &inventory.azure.access;
    let Some((first, last)) = sums.span() else {
        charts.missing.push("Requests, statuses and their times: the gateway's access log.".to_owned());
        return;
    };
    // Of a thing with pods only what they answered; the log does not tell of instances or nodes.
    let about = |cell: &&AccessCell| {
        let answered = || sums.backend(cell).0.is_some_and(|one| subject.addresses.binary_search(&one).is_ok());
        subject.addresses.is_empty() || answered()
    };
    let name = if subject.addresses.is_empty() { "" } else { subject.name.as_str() };
    let grid = Grid::new(first, last);
    let classes = |wanted: &dyn Fn(&AccessCell) -> bool| -> Vec<ChartSeries> {
        let class = |cell: &AccessCell| usize::from(cell.status / 100).min(6);
        let mut series = Vec::new();
        for (number, name) in CLASSES.iter().enumerate() {
            let sum = grid.sum(sums.cells.iter().filter(about).filter(|cell| class(cell) == number && wanted(cell)));
            if sum.iter().any(|(_, value)| value.get() > 0.0) {
                series.push(ChartSeries { name: name.0.to_owned(), tone: name.1, points: sum });
            }
        }
        series
    };
    let chart = |key: String, title: &str, subject: &str, series: Vec<ChartSeries>| ChartData {
        key,
        title: title.to_owned(),
        subject: subject.to_owned(),
        form: ChartForm::Stack,
        source: 'A',
        span: grid.span(),
        step_ms: grid.step_ms(),
        series,
        note: HOURS.to_owned(),
        ..ChartData::default()
    };
    charts.charts.push(chart("status".to_owned(), "Status at the front end", name, classes(&|_| true)));
    if sums.front_ends.len() > 1 && name.is_empty() {
        for (number, front_end) in (0u32..).zip(&sums.front_ends).take(MOST_SERIES) {
            let series = classes(&|cell| cell.front_end == number);
            charts.charts.push(chart(key("status", front_end), "Status at the front end", front_end, series));
        }
    }
    let answered = |cell: &AccessCell| sums.backend(cell).0.is_some();
    charts.charts.push(ChartData {
        note: "Requests that reached a backend, by the status that the client got.".to_owned(),
        ..chart("status-backends".to_owned(), "Status from the backends", name, classes(&answered))
    });
    let names = Names::of(inventory);
    let mut busiest = busiest(inventory);
    if !subject.addresses.is_empty() {
        let own = |address: IpAddr| subject.addresses.binary_search(&address).is_ok();
        busiest.retain(|((address, _), _)| address.is_some_and(own));
    }
    let mut by_backend: Vec<ChartSeries> = (0u8..)
        .zip(&busiest)
        .take(MOST_SERIES)
        .map(|(number, (backend, _))| ChartSeries {
            name: names.name(*backend),
            tone: ChartTone::Part(number),
            points: grid.sum(sums.cells.iter().filter(|cell| sums.backend(cell) == *backend)),
        })
        .collect();
    if let Some(rest) = busiest.get(MOST_SERIES..).filter(|rest| !rest.is_empty()) {
        let points = grid.sum(sums.cells.iter().filter(|c| rest.iter().any(|(b, _)| *b == sums.backend(c))));
        by_backend.push(ChartSeries { name: format!("{} others", rest.len()), tone: ChartTone::Plain, points });
    }
    charts.charts.push(chart("requests-backends".to_owned(), "Requests by backend", name, by_backend));
    let cells: Vec<&AccessCell> = sums.cells.iter().filter(about).collect();
    charts.charts.push(times("time-taken", "Time taken", name, &grid, &cells, |cell| &cell.time_taken));
    charts.charts.push(times("backend-latency", "Backend's first byte", name, &grid, &cells, |c| &c.backend_latency));
    charts.charts.retain(|chart| !chart.series.is_empty());
}

/// Of numbers of requests.
const HOURS: &str = "Hours without a single row are gaps: whether the log was lost or nobody asked is not known.";

/// Classes of statuses by their hundreds.
const CLASSES: [(&str, ChartTone); 7] = [
    ("no status", ChartTone::Odd),
    ("1xx", ChartTone::Plain),
    ("2xx", ChartTone::Good),
    ("3xx", ChartTone::Plain),
    ("4xx", ChartTone::Odd),
    ("5xx", ChartTone::Bad),
    ("other", ChartTone::Odd),
];

fn times(
    key: &str,
    title: &str,
    subject: &str,
    grid: &Grid,
    cells: &[&AccessCell],
    of: fn(&AccessCell) -> &Latency,
) -> ChartData {
    let mut steps: BTreeMap<Minute, Latency> = BTreeMap::new();
    for cell in cells {
        steps.entry(grid.step_of(cell.minute)).or_default().add_all(of(cell));
    }
    let percentile = |share: f64| -> Vec<(Millis, Value)> {
        steps
            .iter()
            .filter_map(|(step, times)| Some((step * MINUTE_MS, Value::new(times.percentile(share)?)?)))
            .collect()
    };
    let series = [
        ("half below", 0.5, ChartTone::Good),
        ("95 % below", 0.95, ChartTone::Plain),
        ("99 % below", 0.99, ChartTone::Odd),
    ]
    .map(|(name, share, tone)| ChartSeries { name: name.to_owned(), tone, points: percentile(share) });
    let empty = series.iter().all(|line| line.points.is_empty());
    ChartData {
        key: key.to_owned(),
        title: title.to_owned(),
        subject: subject.to_owned(),
        unit: ChartUnit::Milliseconds,
        source: 'A',
        span: grid.span(),
        step_ms: grid.step_ms(),
        series: if empty { Vec::new() } else { series.into() },
        note: "From distributions in steps of 6 percent.".to_owned(),
        ..ChartData::default()
    }
}

/// Backends by requests, most first.
fn busiest(inventory: &Inventory) -> Vec<(Backend, u64)> {
    let sums = &inventory.azure.access;
    let mut counted: BTreeMap<Backend, u64> = BTreeMap::new();
    for cell in &sums.cells {
        *counted.entry(sums.backend(cell)).or_default() += cell.requests;
    }
    let mut sorted: Vec<(Backend, u64)> = counted.into_iter().collect();
    sorted.order_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    sorted
}

/// Pods by address.
struct Names<'a>(&'a Inventory);

impl<'a> Names<'a> {
    fn of(inventory: &'a Inventory) -> Self {
        Self(inventory)
    }

    fn name(&self, backend: Backend) -> String {
        let (Some(address), port) = backend else { return "the gateway itself".to_owned() };
        let pods = self.0.pods.iter().filter(|pod| !pod.host_network && pod.addresses.contains(&address));
        match pods.max_by_key(|pod| pod.started_ms) {
            Some(pod) => pod.meta.qualified(),
            None if address.is_ipv6() => format!("[{address}]:{port}"),
            None => format!("{address}:{port}"),
        }
    }
}
