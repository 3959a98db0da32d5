//! What the gateway itself counts, as witnesses: its metrics, its access log, and its controller's own numbers.

use super::{LISTED, List, note, over_time, state_of};
use crate::view::charts::{expected_targets, is_healthy_targets};
use over_time::Span;
use std::net::IpAddr;
use underlay_model::access::{AccessFilter, Latency};
use underlay_model::finding::Opens;
use underlay_model::health::{HealthState, Witness};
use underlay_model::metrics::{Aggregation, MetricPoint, MetricSeries};
use underlay_model::sources::SourceOf;

/// Whether a series is of one of these services (`namespace/name`); how the dimension is spelled is not documented.
fn names_one(series: &MetricSeries, services: &[String]) -> bool {
    let service = series.dimension("backendservice").unwrap_or_default();
    let words: Vec<&str> = service.split(['/', ':', '_', '.']).collect();
    let is = |name: &String| name.split('/').all(|word| words.iter().any(|one| one.eq_ignore_ascii_case(word)));
    services.iter().any(is)
}

impl List<'_> {
    pub(super) fn metrics(&mut self, services: &[String]) {
        let inventory = self.world.resolver.inventory();
        let is_meant = |series: &&MetricSeries| is_healthy_targets(inventory, series) && names_one(series, services);
        for series in inventory.azure.metrics.iter().filter(is_meant).take(LISTED) {
            let Some((time, last)) = series.points.last() else { continue };
            let service = series.dimension("backendservice").unwrap_or_default();
            let most = series.points.iter().map(|(_, value)| value.get()).fold(0.0, f64::max);
            #[allow(clippy::cast_precision_loss, reason = "a gateway has at most 5,000 endpoints")]
            let full = expected_targets(inventory, service).map_or(most, |expected| expected as f64);
            note(&mut self.heard.metric, last.get() >= full);
            let step = i64::try_from(series.interval_ms).unwrap_or(0).max(1);
            let points = series.points.iter().map(|(time, value)| (*time, *time + step, state_of(value.get(), full)));
            self.witnesses.push(Witness {
                source: 'M',
                state: state_of(last.get(), full),
                text: format!("Healthy targets: {} of {full} at last", last.get()),
                time_ms: Some(*time),
                detail: service.to_owned(),
                limits: "Counts the service's targets without naming them: which one fell out, and how many there should be, is not in the metric.".to_owned(),
                spans: over_time::joined(points.map(|(from, to, state)| Span { from, to, state })),
                opens: Opens::Metric(series.point(*time)),
            });
        }
        self.faults(services);
    }

    /// Faults that metrics count by service: connection timeouts, and answers 5xx of backends.
    fn faults(&mut self, services: &[String]) {
        let inventory = self.world.resolver.inventory();
        for (metric, what) in
            [("BackendConnectionTimeouts", "connection timeouts"), ("BackendHTTPResponseStatus", "answers 5xx")]
        {
            let is_meant = |series: &&MetricSeries| {
                let code = series.dimension("httpresponsecode").or_else(|| series.dimension("httpstatuscode"));
                series.metric.eq_ignore_ascii_case(metric)
                    && matches!(series.aggregation, Aggregation::Total | Aggregation::Count)
                    && code.map_or(metric == "BackendConnectionTimeouts", |code| code.starts_with('5'))
                    && names_one(series, services)
            };
            let mut spans = Vec::new();
            let (mut sum, mut any) = (0.0, false);
            // The highest value of all opens.
            let mut highest: Option<(f64, MetricPoint)> = None;
            for series in inventory.azure.metrics.iter().filter(is_meant) {
                let step = i64::try_from(series.interval_ms).unwrap_or(0).max(1);
                any = true;
                for (time, value) in &series.points {
                    sum += value.get();
                    if highest.as_ref().is_none_or(|(most, _)| value.get() > *most) {
                        highest = Some((value.get(), series.point(*time)));
                    }
                    let state = if value.get() > 0.0 { HealthState::Degraded } else { HealthState::Healthy };
                    spans.push(Span { from: *time, to: *time + step, state });
                }
            }
            if any {
                self.witnesses.push(Witness {
                    source: 'M',
                    state: if sum > 0.0 { HealthState::Degraded } else { HealthState::Healthy },
                    text: format!("Metric counts {sum:.0} {what}"),
                    limits: "Of the service, by the interval: which pod and which request is not told.".to_owned(),
                    spans: over_time::joined(spans.into_iter()),
                    opens: highest.map_or(Opens::Nothing, |(_, point)| Opens::Metric(point)),
                    ..Witness::default()
                });
            }
        }
    }

    pub(super) fn requests(&mut self, addresses: &[IpAddr]) {
        let sums = &self.world.resolver.inventory().azure.access;
        let (mut requests, mut failed) = (0, 0);
        let mut latency = Latency::default();
        let mut minutes = Vec::new();
        for cell in &sums.cells {
            if sums.backend(cell).0.is_some_and(|backend| addresses.binary_search(&backend).is_ok()) {
                requests += cell.requests;
                latency.add_all(&cell.backend_latency);
                let bad = cell.status / 100 == 5;
                failed += if bad { cell.requests } else { 0 };
                minutes.push(over_time::minute(
                    cell.minute,
                    if bad { HealthState::Degraded } else { HealthState::Healthy },
                ));
            }
        }
        if requests == 0 {
            return;
        }
        let well = failed == 0;
        let within = |share: f64| latency.percentile(share).map(|time| format!("{time:.0} ms"));
        let times = match (within(0.5), within(0.95)) {
            (Some(half), Some(most)) => format!("; half answered within {half}, 95 of 100 within {most}"),
            _ => String::new(),
        };
        note(&mut self.heard.requests, well);
        self.witnesses.push(Witness {
            source: 'A',
            state: if well {
                HealthState::Healthy
            } else if failed * 2 > requests {
                HealthState::Failing
            } else {
                HealthState::Degraded
            },
            text: format!("{requests} requests, {failed} of them 5xx{times}"),
            limits: "Only what clients asked for: no request proves nothing. The status is what the client got; the gateway may have made it."
                .to_owned(),
            spans: over_time::joined(minutes.into_iter()),
            opens: Opens::Rows(SourceOf::Requests(AccessFilter {
                backends: addresses.to_vec(),
                ..AccessFilter::default()
            })),
            ..Witness::default()
        });
    }

    /// What the ALB controller counts: of the whole gateway, and without a time as a rule.
    pub(super) fn controller(&mut self) {
        let inventory = self.world.resolver.inventory();
        let samples = inventory.azure.controller_samples.iter();
        for sample in samples.filter(|one| one.name.contains("unhealthy_endpoints")).take(LISTED) {
            let labels: Vec<&str> = sample.labels.iter().map(|(_, value)| value.as_str()).collect();
            self.witnesses.push(Witness {
                source: 'M',
                state: if sample.value.value.get() > 0.0 { HealthState::Degraded } else { HealthState::Healthy },
                text: format!("ALB controller counts {} unhealthy endpoints", sample.value.value.get()),
                time_ms: sample.time_ms,
                detail: labels.join(" "),
                limits: "One moment of the whole gateway, mostly without a time. It names no pod.".to_owned(),
                opens: inventory.place(sample, &sample.name, "").into(),
                ..Witness::default()
            });
        }
    }
}
