//! `az monitor metrics list` and the REST answer behind it, and rows of metrics that are exported (`AzureMetrics`): values over time. A point
//! without a number is a gap.

use crate::json::Json;
use std::collections::BTreeMap;
use underlay_model::metrics::{Aggregation, MetricSeries, Value};
use underlay_model::order::Order;
use underlay_model::time::{Millis, parse_rfc3339};

/// What the envelope says of all metrics in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    interval_ms: u64,
    span: Option<(Millis, Millis)>,
}

impl Envelope {
    /// Of the members of an answer.
    pub(crate) fn of(members: &Json<'_>) -> Self {
        let span = members.get("timespan").as_str().and_then(|text| text.split_once('/'));
        let ends = span.and_then(|(first, last)| Some((parse_rfc3339(first)?, parse_rfc3339(last)?)));
        Self {
            interval_ms: members.get("interval").as_str().and_then(duration).unwrap_or(0),
            span: ends.filter(|(first, last)| first < last),
        }
    }
}

/// Whether an object is a metric: an element of `value`.
pub(crate) fn is_metric(value: &Json<'_>) -> bool {
    let name = value.get("name");
    value.get("timeseries").is_list() && (name.is_object() || name.as_str().is_some())
}

/// Whether an object is a row of exported metrics: one metric of one resource at one time, in all its statistics.
pub(crate) fn is_row(value: &Json<'_>) -> bool {
    value.get("metricName").as_str().is_some()
        && !time_of_row(value).is_null()
        && Aggregation::ALL.iter().any(|one| !value.get(one.name()).is_null())
}

fn time_of_row<'v, 't>(value: &'v Json<'t>) -> &'v Json<'t> {
    let time = value.get("time");
    if time.is_null() { value.get("timeGenerated") } else { time }
}

/// Series that rows add to, and where each is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exported {
    places: BTreeMap<String, u64>,
}

impl Exported {
    /// Adds a row to the series that it continues; returns how many values it has.
    pub(crate) fn read(&mut self, value: &Json<'_>, all: &mut Vec<MetricSeries>) -> u64 {
        let Some(time) = time_of_row(value).time() else { return 0 };
        let row = MetricSeries {
            resource: value.get("resourceId").text().to_ascii_lowercase(),
            metric: value.get("metricName").text(),
            unit: value.get("unitName").text(),
            interval_ms: value.get("timeGrain").as_str().and_then(duration).unwrap_or(0),
            ..MetricSeries::default()
        };
        let mut values = 0;
        for aggregation in Aggregation::ALL {
            let Some(number) = number(value, aggregation) else { continue };
            values += 1;
            self.add(MetricSeries { aggregation, ..row.clone() }, time, number, all);
        }
        values
    }

    /// Adds a value to the series that this one continues.
    pub(crate) fn add(&mut self, series: MetricSeries, time: Millis, number: Value, all: &mut Vec<MetricSeries>) {
        let end = time.saturating_add(i64::try_from(series.interval_ms).unwrap_or(0));
        let interval = series.interval_ms.to_string();
        let key = [series.aggregation.name(), &series.metric, &series.resource, &interval].join("\n");
        let place = *self.places.entry(key).or_insert(all.len() as u64);
        match usize::try_from(place).ok().and_then(|place| all.get_mut(place)) {
            Some(known) => {
                known.points.push((time, number));
                known.span = known.span.map(|(first, last)| (first.min(time), last.max(end)));
            }
            None => all.push(MetricSeries { span: Some((time, end)), points: vec![(time, number)], ..series }),
        }
    }

    /// Puts the points of all series in order, when every row was read.
    pub(crate) fn settle(&self, all: &mut [MetricSeries]) {
        for place in self.places.values().filter_map(|place| usize::try_from(*place).ok()) {
            if let Some(series) = all.get_mut(place) {
                in_order(&mut series.points);
            }
        }
    }
}

fn number(value: &Json<'_>, aggregation: Aggregation) -> Option<Value> {
    Value::new(value.get(aggregation.name()).as_str()?.trim().parse::<f64>().ok()?)
}

/// Whether the members are those of an answer.
pub(crate) fn is_envelope(members: &Json<'_>) -> bool {
    let has = |key: &str| !members.get(key).is_null();
    has("timespan") && has("interval") && (has("value") || has("cost") || has("resourceregion"))
}

/// The series of a metric, and how many values they hold.
pub(crate) fn read(value: &Json<'_>, envelope: &Envelope) -> (Vec<MetricSeries>, u64) {
    let name = value.get("name");
    let of_name = |key: &str| if name.is_object() { name.get(key).text() } else { name.text() };
    let base = MetricSeries {
        resource: resource_of(value.get("id").as_str().unwrap_or_default()),
        metric: of_name("value"),
        label: of_name("localizedValue"),
        unit: value.get("unit").text(),
        interval_ms: envelope.interval_ms,
        span: envelope.span,
        ..MetricSeries::default()
    };
    let mut all = Vec::new();
    let mut values = 0;
    for series in value.list("timeseries") {
        let base = MetricSeries { dimensions: dimensions(series), ..base.clone() };
        let before = all.len();
        for aggregation in Aggregation::ALL {
            let points = points(series, aggregation);
            if points.is_empty() {
                continue;
            }
            values += points.len() as u64;
            all.push(finished(MetricSeries { aggregation, points, ..base.clone() }));
        }
        if all.len() == before {
            // Asked for, and nothing there: that is said, too.
            let asked = |aggregation: &Aggregation| {
                series.list("data").any(|point| point.members_of().any(|(key, _)| key == aggregation.name()))
            };
            let aggregation = Aggregation::ALL.into_iter().find(asked).unwrap_or_default();
            all.push(MetricSeries { aggregation, ..base });
        }
    }
    (all, values)
}

fn points(series: &Json<'_>, aggregation: Aggregation) -> Vec<(Millis, Value)> {
    let mut points: Vec<(Millis, Value)> = series
        .list("data")
        .filter_map(|point| Some((point.get("timeStamp").time()?, number(point, aggregation)?)))
        .collect();
    in_order(&mut points);
    points
}

fn in_order(points: &mut Vec<(Millis, Value)>) {
    if !points.is_sorted_by(|a, b| a.0 < b.0) {
        // Of equal times the last counts.
        points.reverse();
        points.order_by(|a, b| a.0.cmp(&b.0));
        points.dedup_by_key(|(time, _)| *time);
    }
}

/// A series whose points stand in any order.
pub(crate) fn whole(mut series: MetricSeries) -> MetricSeries {
    in_order(&mut series.points);
    finished(series)
}

/// With the interval and span that the points themselves tell, where the answer does not.
fn finished(mut series: MetricSeries) -> MetricSeries {
    if series.interval_ms == 0 {
        let steps = series.points.windows(2).filter_map(|pair| match pair {
            [a, b] => u64::try_from(b.0 - a.0).ok(),
            _ => None,
        });
        series.interval_ms = steps.min().unwrap_or(0);
    }
    if series.span.is_none()
        && let (Some((first, _)), Some((last, _))) = (series.points.first(), series.points.last())
    {
        series.span = Some((*first, last.saturating_add(i64::try_from(series.interval_ms).unwrap_or(0))));
    }
    series
}

fn dimensions(series: &Json<'_>) -> Vec<(String, String)> {
    let name = |entry: &Json<'_>| {
        let name = entry.get("name");
        name.get("value").as_str().or(name.as_str()).unwrap_or_default().to_ascii_lowercase()
    };
    let mut found: Vec<(String, String)> =
        series.list("metadatavalues").map(|entry| (name(entry), entry.get("value").text())).collect();
    found.order();
    found
}

/// The resource in the id of its metric.
fn resource_of(id: &str) -> String {
    let lower = id.to_ascii_lowercase();
    let end = lower.find("/providers/microsoft.insights/").unwrap_or(lower.len());
    lower.get(..end).unwrap_or_default().to_owned()
}

/// `PT1M`, `PT1H30M`, `P1D`, or the CLI's `0:01:00`, in milliseconds.
pub(crate) fn duration(text: &str) -> Option<u64> {
    let Some(iso) = text.strip_prefix('P') else {
        let mut seconds = 0u64;
        for part in text.split(':') {
            seconds = seconds.checked_mul(60)?.checked_add(part.trim().parse::<u64>().ok()?)?;
        }
        return text.contains(':').then_some(seconds).and_then(|seconds| seconds.checked_mul(1000));
    };
    let (mut total, mut number, mut time) = (0u64, 0u64, false);
    for c in iso.chars() {
        let unit = match c {
            'T' => {
                time = true;
                continue;
            }
            '0'..='9' => {
                number = number.checked_mul(10)?.checked_add(u64::from(c.to_digit(10)?))?;
                continue;
            }
            'D' => 86_400_000,
            'H' => 3_600_000,
            'M' if time => 60_000,
            'S' => 1000,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(unit)?)?;
        number = 0;
    }
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_read_in_both_spellings() {
        let read = ["PT1M", "PT1H30M", "P1D", "0:01:00", "1:00:00"].map(duration);
        assert_eq!(read, [60_000, 5_400_000, 86_400_000, 60_000, 3_600_000].map(Some));
        assert_eq!(["", "PT", "x", "P1M", "99999999999999999999:0"].map(duration), [None; 5]);
    }

    #[test]
    fn null_and_missing_numbers_are_gaps() {
        let text = r#"{"name":{"value":"M"},"unit":"Count","timeseries":[{"metadatavalues":[],"data":[
            {"timeStamp":"2026-11-20T09:01:00Z","average":0,"total":null},
            {"timeStamp":"2026-11-20T09:00:00+00:00","average":1.5},
            {"timeStamp":"2026-11-20T09:02:00Z"},
            {"timeStamp":"2026-11-20T09:03:00Z","average":"NaN"}]}]}"#;
        let value = crate::json::Cursor::new(text, 0).value().unwrap();
        let (series, values) = read(&value, &Envelope::default());
        assert_eq!((series.len(), values), (1, 2));
        let numbers: Vec<f64> = series[0].points.iter().map(|(_, value)| value.get()).collect();
        assert_eq!(numbers, [1.5, 0.0]);
        assert_eq!(series[0].interval_ms, 60_000);
    }

    #[test]
    fn a_series_without_a_value_is_there() {
        let text = r#"{"name":"M","timeseries":[{"data":[{"timeStamp":"2026-11-20T09:01:00Z","total":null}]}]}"#;
        let value = crate::json::Cursor::new(text, 0).value().unwrap();
        let (series, values) = read(&value, &Envelope::default());
        assert_eq!((series[0].points.len(), values, series[0].aggregation), (0, 0, Aggregation::Total));
    }
}
