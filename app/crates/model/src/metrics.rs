//! Numbers over time that Azure Monitor and the ALB controller report, as they were reported: what is missing stays missing.
//! Series of several inputs become one by [`merge_series`]; where a point is absent there is a gap, never a zero.
//!
//! Sources: Azure Monitor REST reference (`metrics list`), metrics of Application Gateway for Containers, the Prometheus
//! exposition format.

use crate::order::Order;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// A finite number. (Infinity and NaN are never kept: a value that is no number is a gap.)
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Value(f64);

// Without NaN equality is an equivalence.
impl Eq for Value {}

impl Value {
    /// `None` for infinity and NaN.
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// How the values of an interval became one number (Azure Monitor).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs, reason = "Azure's words")]
pub enum Aggregation {
    #[default]
    Average,
    Total,
    Minimum,
    Maximum,
    Count,
}

impl Aggregation {
    /// All, in the order in which one is preferred where a chart needs one.
    pub const ALL: [Self; 5] = [Self::Average, Self::Total, Self::Minimum, Self::Maximum, Self::Count];

    /// The name of the member that holds it: `average`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Average => "average",
            Self::Total => "total",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Count => "count",
        }
    }
}

/// One metric of one resource, with one value of each dimension, in one aggregation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricSeries {
    /// ARM id of the resource in lower case; empty when the input does not say.
    pub resource: String,
    /// REST name: `BackendHealthyTargets`.
    pub metric: String,
    /// Display name: `Backend Healthy Targets`; empty when the input does not say.
    pub label: String,
    /// `Count`, `Bytes`, `MilliSeconds`, …
    pub unit: String,
    /// Name in lower case and value as written, sorted by name: `backendservice` = `yada/yadaapi/8080`.
    pub dimensions: Vec<(String, String)>,
    /// Which of the interval's statistics this is.
    pub aggregation: Aggregation,
    /// Milliseconds from one point to the next; 0 when neither the input nor its points say.
    pub interval_ms: u64,
    /// What was asked for, from the first to behind the last millisecond. Intervals inside it without a point are gaps.
    pub span: Option<(Millis, Millis)>,
    /// Beginning of the interval and its value, sorted by time, each time once. Missing and null values are absent.
    pub points: Vec<(Millis, Value)>,
}

impl MetricSeries {
    /// The value of a dimension, by its name in any case.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The value of the interval that begins at this time.
    pub fn at(&self, time_ms: Millis) -> Option<Value> {
        let place = self.points.binary_search_by_key(&time_ms, |(time, _)| *time).ok()?;
        self.points.get(place).map(|(_, value)| *value)
    }

    /// Runs of points without a gap between them, in order. A gap is a distance of more than one and a half intervals.
    pub fn runs(&self) -> impl Iterator<Item = &[(Millis, Value)]> {
        let most = i64::try_from(self.interval_ms.saturating_add(self.interval_ms / 2)).unwrap_or(i64::MAX);
        let most = if most == 0 { i64::MAX } else { most };
        self.points.chunk_by(move |a, b| b.0.saturating_sub(a.0) <= most)
    }

    /// One of its values, by what tells it from all others.
    pub fn point(&self, time_ms: Millis) -> MetricPoint {
        MetricPoint {
            resource: self.resource.clone(),
            metric: self.metric.clone(),
            dimensions: self.dimensions.clone(),
            aggregation: self.aggregation,
            interval_ms: self.interval_ms,
            time_ms,
        }
    }

    /// What makes two series the same: everything but the points, the span, the label and the unit.
    fn key(&self) -> (&str, &str, &[(String, String)], Aggregation, u64) {
        (&self.resource, &self.metric, &self.dimensions, self.aggregation, self.interval_ms)
    }
}

/// A value of a series, so that it can be looked up in the files: fields as those of [`MetricSeries`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as of the series")]
pub struct MetricPoint {
    pub resource: String,
    pub metric: String,
    pub dimensions: Vec<(String, String)>,
    pub aggregation: Aggregation,
    pub interval_ms: u64,
    /// Beginning of its interval.
    pub time_ms: Millis,
}

impl MetricPoint {
    /// Whether the series is the one that it is a value of.
    pub fn is_of(&self, series: &MetricSeries) -> bool {
        series.key() == (&self.resource, &self.metric, &self.dimensions, self.aggregation, self.interval_ms)
    }
}

/// The series of several inputs, which are given in the contract's order: equal series become one; of two values for one time
/// that of the later input counts. Sorted by resource, metric, dimensions, aggregation, interval.
pub fn merge_series<'a>(all: impl Iterator<Item = &'a MetricSeries>) -> Vec<MetricSeries> {
    let mut sorted: Vec<&MetricSeries> = all.collect();
    sorted.order_by(|a, b| a.key().cmp(&b.key()));
    let mut merged: Vec<MetricSeries> = Vec::new();
    for series in sorted {
        match merged.last_mut() {
            Some(last) if last.key() == series.key() => {
                let mut points = [series.points.as_slice(), last.points.as_slice()].concat();
                // Stable: the later input stands first among equal times.
                points.order_by(|a, b| a.0.cmp(&b.0));
                points.dedup_by_key(|(time, _)| *time);
                last.points = points;
                last.span = match (last.span, series.span) {
                    (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
                    (a, b) => a.or(b),
                };
            }
            _ => merged.push(series.clone()),
        }
    }
    merged
}

/// A sample of the ALB controller's own metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControllerSample {
    /// Without the prefix `alb_controller_`: `total_unhealthy_endpoints`.
    pub name: String,
    /// Labels, sorted by name.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: Value,
    /// When the exposition says; `None` as a rule.
    pub time_ms: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(points: &[(Millis, f64)]) -> MetricSeries {
        MetricSeries {
            metric: "m".to_owned(),
            interval_ms: 60_000,
            points: points.iter().map(|(time, value)| (*time, Value(*value))).collect(),
            ..MetricSeries::default()
        }
    }

    #[test]
    fn a_missing_minute_parts_the_line() {
        let series = series(&[(0, 1.0), (60_000, 2.0), (240_000, 0.0), (300_000, 1.0)]);
        let lengths: Vec<usize> = series.runs().map(<[_]>::len).collect();
        assert_eq!(lengths, [2, 2]);
        assert_eq!(series.at(120_000), None);
        assert_eq!(series.at(240_000).map(Value::get), Some(0.0));
    }

    #[test]
    fn overlapping_answers_become_one_series() {
        let (early, late) = (series(&[(0, 1.0), (60_000, 2.0)]), series(&[(60_000, 3.0), (120_000, 4.0)]));
        let merged = merge_series([&early, &late].into_iter());
        assert_eq!(merged.len(), 1);
        assert_eq!(merged[0].points, series(&[(0, 1.0), (60_000, 3.0), (120_000, 4.0)]).points);
    }

    #[test]
    fn what_is_no_number_is_no_value() {
        assert_eq!(Value::new(f64::NAN), None);
        assert_eq!(Value::new(f64::INFINITY), None);
    }
}
