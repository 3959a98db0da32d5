//! What the charts view shows: numbers of metrics, access logs and events over time, already grouped and named. One form for
//! all, so that one drawing, one table and one export serve every chart. What is not there is absent: a gap, never a zero.

use crate::finding::Opens;
use crate::metrics::Value;
use crate::order::Order;
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// All charts of a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charts {
    /// In the order shown.
    pub charts: Vec<ChartData>,
    /// What would be shown if a file held it: one sentence each.
    pub missing: Vec<String>,
    /// Whose numbers the charts of flows, probes and requests are; empty for the whole capture's.
    pub subject: String,
}

/// Numbers over time that belong together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartData {
    /// Stable name: `healthy-targets:yada/yadaapi/8080`.
    pub key: String,
    /// What it shows: `Healthy targets`.
    pub title: String,
    /// Of what: a backend service, a front end; empty for all.
    pub subject: String,
    /// What the numbers are.
    pub unit: ChartUnit,
    /// How the series stand to each other.
    pub form: ChartForm,
    /// The letter of the source: `F`, `M`, `A` or `K`.
    pub source: char,
    /// First millisecond, and the one behind the last.
    pub span: (Millis, Millis),
    /// Milliseconds that a point stands for.
    pub step_ms: u64,
    /// At least one.
    pub series: Vec<ChartSeries>,
    /// What must be known to read it rightly; may be empty.
    pub note: String,
    /// What its numbers rest on.
    pub opens: Opens,
}

/// What the numbers of a chart are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChartUnit {
    /// Things, or things per interval.
    #[default]
    Count,
    /// Durations.
    Milliseconds,
    /// Bytes per interval.
    Bytes,
}

/// How the series of a chart stand to each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChartForm {
    /// Lines on one scale.
    #[default]
    Lines,
    /// Parts of a whole, one upon the other.
    Stack,
    /// The first series above the axis, the second below it, on one scale.
    Mirror,
}

/// What a series means, which decides its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChartTone {
    /// The thing itself.
    #[default]
    Plain,
    /// Of several equal things the one of this number, from 0.
    Part(u8),
    /// As it should be.
    Good,
    /// Worth a look.
    Odd,
    /// Wrong.
    Bad,
    /// Turned away by a rule.
    Denied,
    /// What is expected: drawn dashed.
    Expected,
}

/// One series of a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartSeries {
    /// As the legend says it.
    pub name: String,
    /// What it means.
    pub tone: ChartTone,
    /// Beginning of the interval and the number, sorted by time, each time once.
    pub points: Vec<(Millis, Value)>,
}

impl ChartSeries {
    /// The number of the interval that begins at this time.
    pub fn at(&self, time_ms: Millis) -> Option<Value> {
        let place = self.points.binary_search_by_key(&time_ms, |(time, _)| *time).ok()?;
        self.points.get(place).map(|(_, value)| *value)
    }
}

impl ChartData {
    /// All times of any series, sorted, each once.
    pub fn times(&self) -> Vec<Millis> {
        let mut times: Vec<Millis> =
            self.series.iter().flat_map(|series| series.points.iter().map(|(time, _)| *time)).collect();
        times.order();
        times.dedup();
        times
    }

    /// The chart within a span; `None` when nothing is left of it.
    pub fn within(&self, first: Millis, behind: Millis) -> Option<Self> {
        let mut cut = self.clone();
        cut.span = (cut.span.0.max(first), cut.span.1.min(behind));
        for series in &mut cut.series {
            series.points.retain(|(time, _)| (first..behind).contains(time));
        }
        (cut.span.0 < cut.span.1).then_some(cut)
    }

    /// Comma-separated values: a column of times (RFC 3339, UTC), one for each series; a gap is an empty cell.
    pub fn to_csv(&self) -> String {
        let mut csv = String::from("time");
        for series in &self.series {
            csv.push(',');
            cell(&mut csv, &series.name);
        }
        csv.push_str("\r\n");
        for time in self.times() {
            csv.push_str(&crate::time::format_rfc3339(time));
            for series in &self.series {
                csv.push(',');
                if let Some(value) = series.at(time) {
                    csv.push_str(&value.get().to_string());
                }
            }
            csv.push_str("\r\n");
        }
        csv
    }
}

/// Quoted where it must be, and never taken for a formula.
fn cell(csv: &mut String, text: &str) {
    let formula = text.starts_with(['=', '+', '-', '@']);
    if !formula && !text.contains(['"', ',', '\n', '\r']) {
        csv.push_str(text);
        return;
    }
    csv.push('"');
    if formula {
        csv.push('\'');
    }
    csv.push_str(&text.replace('"', "\"\""));
    csv.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_an_empty_cell() {
        let series = |name: &str, points: &[(Millis, f64)]| ChartSeries {
            name: name.to_owned(),
            points: points.iter().filter_map(|(time, value)| Some((*time, Value::new(*value)?))).collect(),
            ..ChartSeries::default()
        };
        let chart = ChartData {
            series: vec![series("a,b", &[(0, 1.5), (60_000, 0.0)]), series("=c", &[(0, 2.0)])],
            ..ChartData::default()
        };
        let csv = chart.to_csv();
        assert_eq!(csv, "time,\"a,b\",\"'=c\"\r\n1970-01-01T00:00:00Z,1.5,2\r\n1970-01-01T00:01:00Z,0,\r\n");
    }
}
