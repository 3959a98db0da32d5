//! Every metric but healthy targets, as it was reported, and what the firewall did.

use super::{Grid, MOST_SERIES, key};
use underlay_identity::Inventory;
use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone, ChartUnit, Charts};
use underlay_model::finding::Opens;
use underlay_model::metrics::{Aggregation, MetricSeries};
use underlay_model::order::Order;

/// So many charts of plain metrics.
const MOST_CHARTS: usize = 60;

/// Every other metric, one chart a metric and resource.
pub(super) fn metrics(inventory: &Inventory, charts: &mut Charts) {
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
            opens: one.points.last().map_or(Opens::Nothing, |(time, _)| Opens::Metric(one.point(*time))),
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
pub(super) fn firewall(inventory: &Inventory, charts: &mut Charts) {
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
