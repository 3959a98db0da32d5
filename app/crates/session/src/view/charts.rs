//! Charts of what metrics, access logs and events say, grouped and named for the page. What the inputs do not say is left out:
//! a gap is not a zero.

use std::collections::BTreeMap;
use std::net::IpAddr;
use underlay_identity::Inventory;
use underlay_model::access::{AccessCell, Backend, Latency};
use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone, ChartUnit, Charts};
use underlay_model::metrics::{Aggregation, MetricSeries, Value};
use underlay_model::order::Order;
use underlay_model::time::{MINUTE_MS, Millis, Minute};

/// So many series are told apart in one chart; the rest is summed or left out, and said.
const MOST_SERIES: usize = 8;
/// So many points a series has; longer captures have longer steps.
const MOST_POINTS: i64 = 1440;
/// So many charts of plain metrics.
const MOST_CHARTS: usize = 60;

/// All charts.
pub fn charts(inventory: &Inventory) -> Charts {
    let mut charts = Charts::default();
    healthy_targets(inventory, &mut charts);
    requests(inventory, &mut charts);
    metrics(inventory, &mut charts);
    firewall(inventory, &mut charts);
    events(inventory, &mut charts);
    charts
}

/// `BackendHealthyTargets` against the endpoints that the cluster has now.
fn healthy_targets(inventory: &Inventory, charts: &mut Charts) {
    let wanted = |series: &&MetricSeries| series.metric.eq_ignore_ascii_case("BackendHealthyTargets");
    let mut any = false;
    for series in inventory.azure.metrics.iter().filter(wanted) {
        if series.aggregation != Aggregation::Average && has_average(inventory, series) {
            continue;
        }
        any = true;
        let service = series.dimension("backendservice").unwrap_or_default();
        let (first, last) = series.span.unwrap_or((0, 0));
        let mut lines =
            vec![ChartSeries { name: "Healthy".to_owned(), tone: ChartTone::Good, points: series.points.clone() }];
        let mut note = String::new();
        if let Some(expected) = expected_targets(inventory, service) {
            note.push_str("Expected: the endpoints that the cluster's objects name; they have no history.");
            #[allow(clippy::cast_precision_loss, reason = "a gateway has at most 5,000 endpoints")]
            let value = Value::new(expected as f64).unwrap_or_default();
            let step = i64::try_from(series.interval_ms).unwrap_or(0);
            let points = vec![(first, value), ((last - step).max(first), value)];
            lines.push(ChartSeries { name: "Expected".to_owned(), tone: ChartTone::Expected, points });
        }
        charts.charts.push(ChartData {
            key: key("healthy-targets", service),
            title: "Healthy targets".to_owned(),
            subject: service.to_owned(),
            unit: ChartUnit::Count,
            form: ChartForm::Lines,
            source: 'M',
            span: (first, last),
            step_ms: series.interval_ms,
            series: lines,
            note,
        });
    }
    if !any {
        charts.missing.push("Healthy targets: az monitor metrics list with BackendHealthyTargets.".to_owned());
    }
}

fn has_average(inventory: &Inventory, series: &MetricSeries) -> bool {
    inventory.azure.metrics.iter().any(|other| {
        other.aggregation == Aggregation::Average
            && (&other.metric, &other.resource, &other.dimensions)
                == (&series.metric, &series.resource, &series.dimensions)
    })
}

/// Endpoints of the service that a dimension names: `yada/yadaapi/8080`, or something in which both names stand.
fn expected_targets(inventory: &Inventory, named: &str) -> Option<u64> {
    let words: Vec<&str> = named.split(['/', ':', '_', '.']).collect();
    let has = |word: &str| !word.is_empty() && words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let mut addresses: Vec<IpAddr> = Vec::new();
    let mut slices = 0;
    for slice in &inventory.endpoint_slices {
        if !has(&slice.service) || !has(&slice.meta.namespace) {
            continue;
        }
        slices += 1;
        let alive = slice.endpoints.iter().filter(|endpoint| !endpoint.terminating);
        addresses.extend(alive.filter_map(|endpoint| endpoint.addresses.first().copied()));
    }
    addresses.order();
    addresses.dedup();
    (slices > 0).then_some(addresses.len() as u64)
}

/// What the access logs say.
fn requests(inventory: &Inventory, charts: &mut Charts) {
    let sums = &inventory.azure.access;
    let Some((first, last)) = sums.span() else {
        charts.missing.push("Requests, statuses and their times: the gateway's access log.".to_owned());
        return;
    };
    let grid = Grid::new(first, last);
    let classes = |wanted: &dyn Fn(&AccessCell) -> bool| -> Vec<ChartSeries> {
        let class = |cell: &AccessCell| usize::from(cell.status / 100).min(6);
        let mut series = Vec::new();
        for (number, name) in CLASSES.iter().enumerate() {
            let sum = grid.sum(sums.cells.iter().filter(|cell| class(cell) == number && wanted(cell)));
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
    charts.charts.push(chart("status".to_owned(), "Status at the front end", "", classes(&|_| true)));
    if sums.front_ends.len() > 1 {
        for (number, front_end) in (0u32..).zip(&sums.front_ends).take(MOST_SERIES) {
            let series = classes(&|cell| cell.front_end == number);
            charts.charts.push(chart(key("status", front_end), "Status at the front end", front_end, series));
        }
    }
    let answered = |cell: &AccessCell| sums.backend(cell).0.is_some();
    charts.charts.push(ChartData {
        note: "Requests that reached a backend, by the status that the client got.".to_owned(),
        ..chart("status-backends".to_owned(), "Status from the backends", "", classes(&answered))
    });
    let names = Names::of(inventory);
    let busiest = busiest(inventory);
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
    charts.charts.push(chart("requests-backends".to_owned(), "Requests by backend", "", by_backend));
    charts.charts.push(times("time-taken", "Time taken", &grid, &sums.cells, |cell| &cell.time_taken));
    charts.charts.push(times("backend-latency", "Backend's first byte", &grid, &sums.cells, |c| &c.backend_latency));
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

fn times(key: &str, title: &str, grid: &Grid, cells: &[AccessCell], of: fn(&AccessCell) -> &Latency) -> ChartData {
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

/// Every other metric, one chart a metric and resource.
fn metrics(inventory: &Inventory, charts: &mut Charts) {
    let all = &inventory.azure.metrics;
    let groups = all.chunk_by(|a, b| (&a.resource, &a.metric) == (&b.resource, &b.metric));
    let groups = groups.filter(|group| {
        group.first().is_some_and(|series| !series.metric.eq_ignore_ascii_case("BackendHealthyTargets"))
    });
    for group in groups.take(MOST_CHARTS) {
        let Some(series) = group.first() else { continue };
        // One statistic of a metric is enough: the one that its numbers are made for.
        let total = group.iter().any(|series| series.aggregation == Aggregation::Total);
        let chosen = if total { Aggregation::Total } else { series.aggregation };
        let mut lines: Vec<&MetricSeries> = group.iter().filter(|series| series.aggregation == chosen).collect();
        lines.order_by(|a, b| sum_of(b).total_cmp(&sum_of(a)));
        let left_out = lines.len().saturating_sub(MOST_SERIES);
        lines.truncate(MOST_SERIES);
        let spans = || lines.iter().filter_map(|series| series.span);
        let (Some(first), Some(last)) = (spans().map(|s| s.0).min(), spans().map(|s| s.1).max()) else { continue };
        let title = if series.label.is_empty() { &series.metric } else { &series.label };
        let mut note = String::new();
        if left_out > 0 {
            note = format!("The {MOST_SERIES} largest; {left_out} more are not drawn.");
        }
        let series = (0u8..).zip(&lines).map(|(number, series)| ChartSeries {
            name: line_name(series),
            tone: tone_of(series, number),
            points: series.points.clone(),
        });
        let series: Vec<ChartSeries> = series.collect();
        let Some(one) = lines.first() else { continue };
        charts.charts.push(ChartData {
            key: key("metric", &one.metric),
            title: title.clone(),
            subject: one.resource.rsplit('/').next().unwrap_or_default().to_owned(),
            unit: match one.unit.as_str() {
                "MilliSeconds" => ChartUnit::Milliseconds,
                "Bytes" => ChartUnit::Bytes,
                _ => ChartUnit::Count,
            },
            form: ChartForm::Lines,
            source: 'M',
            span: (first, last),
            step_ms: one.interval_ms,
            series,
            note,
        });
    }
}

fn sum_of(series: &MetricSeries) -> f64 {
    series.points.iter().map(|(_, value)| value.get()).sum()
}

/// The values of the dimensions, but for the region.
fn line_name(series: &MetricSeries) -> String {
    let values = series.dimensions.iter().filter(|(name, _)| !name.contains("region")).map(|(_, value)| value.as_str());
    let name = values.collect::<Vec<_>>().join(" ");
    if name.is_empty() { series.aggregation.name().to_owned() } else { name }
}

fn tone_of(series: &MetricSeries, number: u8) -> ChartTone {
    let code = series.dimension("httpresponsecode").unwrap_or_default();
    match code.as_bytes().first() {
        Some(b'2') => ChartTone::Good,
        Some(b'4') => ChartTone::Odd,
        Some(b'5') => ChartTone::Bad,
        _ => ChartTone::Part(number),
    }
}

/// What the firewall did.
fn firewall(inventory: &Inventory, charts: &mut Charts) {
    let cells = &inventory.azure.firewall;
    let minutes = || cells.iter().map(|cell| cell.minute);
    let (Some(first), Some(last)) = (minutes().min(), minutes().max()) else { return };
    let grid = Grid::new(first, last);
    let mut actions: Vec<&str> = cells.iter().map(|cell| cell.action.as_str()).collect();
    actions.order();
    actions.dedup();
    let series = (0u8..).zip(actions).take(MOST_SERIES).map(|(number, action)| ChartSeries {
        name: action.to_owned(),
        tone: if action.eq_ignore_ascii_case("blocked") { ChartTone::Bad } else { ChartTone::Part(number) },
        points: grid.counted(cells.iter().filter(|c| c.action == action).map(|c| (c.minute, c.requests)), false),
    });
    charts.charts.push(ChartData {
        key: "firewall".to_owned(),
        title: "Firewall".to_owned(),
        form: ChartForm::Stack,
        source: 'A',
        span: grid.span(),
        step_ms: grid.step_ms(),
        series: series.collect(),
        ..ChartData::default()
    });
}

/// Events by the minute in which they were last seen.
fn events(inventory: &Inventory, charts: &mut Charts) {
    let minutes = || inventory.events.iter().filter_map(|event| event.last_ms).map(|time| time.div_euclid(MINUTE_MS));
    let (Some(first), Some(last)) = (minutes().min(), minutes().max()) else { return };
    let grid = Grid::new(first, last);
    let series = [("Warning", ChartTone::Bad), ("Normal", ChartTone::Plain)].map(|(kind, tone)| {
        let of_kind = inventory.events.iter().filter(|event| (event.kind == "Warning") == (kind == "Warning"));
        let seen = of_kind.filter_map(|event| Some((event.last_ms?.div_euclid(MINUTE_MS), 1)));
        ChartSeries { name: kind.to_owned(), tone, points: grid.counted(seen, false) }
    });
    charts.charts.push(ChartData {
        key: "events".to_owned(),
        title: "Events".to_owned(),
        form: ChartForm::Stack,
        source: 'K',
        span: grid.span(),
        step_ms: grid.step_ms(),
        series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
        note: "By the minute in which each was last seen. Clusters keep events for an hour: absence proves nothing."
            .to_owned(),
        ..ChartData::default()
    });
}

/// Minutes grouped into steps.
struct Grid {
    first: Minute,
    last: Minute,
    step: i64,
}

impl Grid {
    fn new(first: Minute, last: Minute) -> Self {
        let step = ((last - first) / MOST_POINTS + 1).max(1);
        Self { first: first - first.rem_euclid(step), last, step }
    }

    fn span(&self) -> (Millis, Millis) {
        (self.first * MINUTE_MS, (self.step_of(self.last) + self.step) * MINUTE_MS)
    }

    fn step_ms(&self) -> u64 {
        u64::try_from(self.step * MINUTE_MS).unwrap_or(0)
    }

    fn step_of(&self, minute: Minute) -> Minute {
        minute - minute.rem_euclid(self.step)
    }

    /// Requests by step; steps of hours that have any row are zero where they have none.
    fn sum<'a>(&self, cells: impl Iterator<Item = &'a AccessCell>) -> Vec<(Millis, Value)> {
        self.counted(cells.map(|cell| (cell.minute, cell.requests)), true)
    }

    fn counted(&self, counts: impl Iterator<Item = (Minute, u64)>, zeros: bool) -> Vec<(Millis, Value)> {
        let mut sums: BTreeMap<Minute, u64> = BTreeMap::new();
        for (minute, count) in counts {
            *sums.entry(self.step_of(minute)).or_default() += count;
        }
        if zeros {
            let hours: Vec<Minute> = sums.keys().map(|step| step.div_euclid(60)).collect();
            for hour in hours {
                let mut step = self.step_of(hour * 60);
                while step < (hour + 1) * 60 {
                    if (self.first..=self.last).contains(&step) {
                        sums.entry(step).or_default();
                    }
                    step += self.step;
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "requests of a minute are far below 2^52")]
        let value = |count: u64| Value::new(count as f64).unwrap_or_default();
        sums.into_iter().map(|(step, count)| (step * MINUTE_MS, value(count))).collect()
    }
}

fn key(kind: &str, name: &str) -> String {
    if name.is_empty() { kind.to_owned() } else { format!("{kind}:{name}") }
}
