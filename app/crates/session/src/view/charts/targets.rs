//! Healthy targets as the gateway's metric counts them, against what the cluster's objects name.

use super::key;
use std::net::IpAddr;
use underlay_identity::Inventory;
use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone, ChartUnit, Charts};
use underlay_model::finding::Opens;
use underlay_model::metrics::{Aggregation, MetricSeries, Value};
use underlay_model::order::Order;

/// `BackendHealthyTargets` against the endpoints that the cluster has now.
pub(super) fn healthy_targets(inventory: &Inventory, charts: &mut Charts) {
    let mut any = false;
    for series in inventory.azure.metrics.iter().filter(|series| is_healthy_targets(inventory, series)) {
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
            opens: series.points.last().map_or(Opens::Nothing, |(time, _)| Opens::Metric(series.point(*time))),
        });
    }
    if !any {
        charts.missing.push("Healthy targets: az monitor metrics list with BackendHealthyTargets.".to_owned());
    }
}

/// Whether the series counts healthy targets, in the statistic that is preferred where several were asked for.
pub(in crate::view) fn is_healthy_targets(inventory: &Inventory, series: &MetricSeries) -> bool {
    series.metric.eq_ignore_ascii_case("BackendHealthyTargets")
        && (series.aggregation == Aggregation::Average || !has_average(inventory, series))
}

fn has_average(inventory: &Inventory, series: &MetricSeries) -> bool {
    inventory.azure.metrics.iter().any(|other| {
        other.aggregation == Aggregation::Average
            && (&other.metric, &other.resource, &other.dimensions)
                == (&series.metric, &series.resource, &series.dimensions)
    })
}

/// Endpoints of the service that a dimension names: `yada/yadaapi/8080`, or something in which both names stand.
pub(in crate::view) fn expected_targets(inventory: &Inventory, named: &str) -> Option<u64> {
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
