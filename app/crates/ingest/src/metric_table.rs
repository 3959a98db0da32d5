//! Metrics as comma-separated values: rows of `AzureMetrics` that Log Analytics exported, each a metric at a time, and what a chart shows,
//! a time and one column a series, as the portal and dashboards save it. Nobody documents the names of a chart's columns: they are known by
//! the name of the metric in them.

use crate::documents::{Walk, lost};
use crate::metrics::{self, Exported};
use crate::moment::{DateOrder, zone_of};
use crate::texts::{cells, separator};
use underlay_model::metrics::{Aggregation, MetricSeries, Value};
use underlay_model::time::Millis;

/// Metrics of a gateway: REST name, display name (Azure's reference of supported metrics, trafficControllers).
const METRICS: [(&str, &str); 14] = [
    ("BackendHealthyTargets", "Backend Healthy Targets"),
    ("BackendHTTPResponseStatus", "Backend HTTP Response Status"),
    ("BackendConnectionTimeouts", "Backend Connection Timeouts"),
    ("HTTPResponseStatus", "HTTP Response Status"),
    ("AzwafTotalRequests", "WAF Total Requests"),
    ("AzwafSecRule", "WAF Managed Rule Matches"),
    ("AzwafCustomRule", "WAF Custom Rule Matches"),
    ("TotalRequests", "Total Requests"),
    ("ClientConnectionIdleTimeouts", "Total Connection Idle Timeouts"),
    ("ConnectionTimeouts", "Connection Timeouts"),
    ("CurrentConnectionUpgrades", "Current Upgraded Connections"),
    ("NewConnectionUpgrades", "New Upgraded Connections"),
    ("CurrentConnections", "Current Connections"),
    ("NewConnections", "New Connections"),
];
/// Words for an interval's statistics in the name of a column.
const STATISTICS: [(&str, Aggregation); 8] = [
    ("average", Aggregation::Average),
    ("avg", Aggregation::Average),
    ("total", Aggregation::Total),
    ("sum", Aggregation::Total),
    ("min", Aggregation::Minimum),
    ("max", Aggregation::Maximum),
    ("mean", Aggregation::Average),
    ("count", Aggregation::Count),
];
/// Longer lines are no header.
const LONGEST: usize = 16 << 10;

/// What a column holds.
enum Column {
    Time,
    /// Of a row of `AzureMetrics`: the metric's name, and its other members.
    Metric,
    Resource,
    Unit,
    Interval,
    /// One statistic of the row's metric.
    Statistic(Aggregation),
    /// A series of a chart.
    Series(Box<MetricSeries>),
    Other,
}

/// The columns of a table, and how its cells are told apart.
struct Header {
    columns: Vec<Column>,
    separator: u8,
    /// Minutes by which its times are ahead of UTC.
    zone_minutes: i64,
}

/// Whether a line names the columns of such a table.
pub(crate) fn is_header(line: &str) -> bool {
    let first = line.trim_start_matches(['\u{FEFF}', '"']).as_bytes();
    let may_be =
        first.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"time") || word.eq_ignore_ascii_case(b"date"));
    (may_be || line.contains("MetricName")) && header(line).is_some()
}

fn header(line: &str) -> Option<Header> {
    if line.len() > LONGEST {
        return None;
    }
    let separator = separator(line.as_bytes());
    let names: Vec<&str> =
        cells(line.trim_end(), separator).map(|(_, name)| name.trim_start_matches('\u{FEFF}')).collect();
    let plain = |name: &str| name.split(['[', '(']).next().unwrap_or_default().trim().to_ascii_lowercase();
    let of_rows = names.iter().any(|name| plain(name) == "metricname");
    let mut zone_minutes = 0;
    let columns: Vec<Column> = names
        .iter()
        .enumerate()
        .map(|(at, name)| match plain(name).as_str() {
            "time" | "timestamp" | "timegenerated" | "date" | "datetime" if at == 0 || of_rows => {
                if let Some(Ok(minutes)) = zone_of(name) {
                    zone_minutes = i64::from(minutes);
                }
                Column::Time
            }
            "metricname" => Column::Metric,
            "resourceid" | "_resourceid" => Column::Resource,
            "unitname" => Column::Unit,
            "timegrain" => Column::Interval,
            plain if of_rows => {
                let known = Aggregation::ALL.into_iter().find(|known| known.name() == plain);
                known.map_or(Column::Other, Column::Statistic)
            }
            _ => series(name).map_or(Column::Other, |series| Column::Series(Box::new(series))),
        })
        .collect();
    let has_values = columns.iter().any(|column| matches!(column, Column::Series(_) | Column::Statistic(_)));
    let has_time = columns.iter().any(|column| matches!(column, Column::Time));
    (has_values && has_time).then_some(Header { columns, separator, zone_minutes })
}

/// The series that a chart's column of this name holds; `None` when no metric is in the name.
fn series(name: &str) -> Option<MetricSeries> {
    let lower = name.to_ascii_lowercase();
    let (metric, label, found) = METRICS.iter().find_map(|(metric, label)| {
        let known =
            [label, metric].into_iter().map(|known| known.to_ascii_lowercase()).find(|known| lower.contains(known))?;
        Some((*metric, *label, known))
    })?;
    let rest = lower.replacen(&found, "", 1);
    let told = rest.split(|c: char| !c.is_ascii_alphabetic()).find_map(|word| {
        STATISTICS.iter().find(|(known, _)| word == *known || (known.len() == 3 && word == [*known, "imum"].concat()))
    });
    // Azure's own choice where the column says nothing.
    let usual = if metric == "BackendHealthyTargets" { Aggregation::Average } else { Aggregation::Total };
    let whole = name.trim();
    let dimensions =
        if whole.len() == found.len() { Vec::new() } else { vec![("column".to_owned(), whole.to_owned())] };
    Some(MetricSeries {
        metric: metric.to_owned(),
        label: label.to_owned(),
        aggregation: told.map_or(usual, |(_, aggregation)| *aggregation),
        dimensions,
        ..MetricSeries::default()
    })
}

/// Reads the table that begins at this line start: where it ends, and how many values it has. `None` when none begins here.
pub(crate) fn read(
    text: &str,
    at: usize,
    walk: &mut Walk,
    exported: &mut Exported,
    all: &mut Vec<MetricSeries>,
) -> Option<(usize, u64)> {
    let mut lines = text.get(at..)?.split_inclusive('\n');
    let first = lines.next().filter(|line| is_header(line))?;
    let mut header = header(first)?;
    let mut order = DateOrder::default();
    let (mut end, mut place) = (at + first.len(), at + first.len());
    let (mut rows, mut broken): (Vec<&str>, Vec<(usize, usize)>) = (Vec::new(), Vec::new());
    for line in lines {
        let next = place + line.len();
        if header.time(line, &mut order).is_some() {
            rows.push(line);
            walk.lost.extend(broken.drain(..).filter_map(|(from, to)| lost(text, from, to, false)));
            end = next;
        } else if line.trim().is_empty() || line.starts_with(['{', '[']) || broken.len() > 100 || is_header(line) {
            break;
        } else {
            broken.push((place, next));
        }
        place = next;
    }
    // The last row of a table that breaks off.
    if let [(from, to)] = broken.as_slice()
        && *to == text.len()
        && !text.ends_with('\n')
    {
        walk.lost.extend(lost(text, *from, *to, true));
        end = *to;
    }
    // A query names columns, too; an export without a row has nothing behind them.
    if rows.is_empty() && !text.get(end..).unwrap_or_default().trim_start().is_empty() {
        return None;
    }
    let values = rows.into_iter().filter_map(|line| header.row(line, &mut order, exported, all)).sum();
    for column in header.columns {
        if let Column::Series(series) = column {
            all.push(metrics::whole(*series));
        }
    }
    Some((end, values))
}

impl Header {
    /// The time of a row; `None` when it has none. What it shows of the order of dates counts from here on.
    fn time(&self, line: &str, order: &mut DateOrder) -> Option<Millis> {
        let mut pairs = self.columns.iter().zip(cells(line.trim_end(), self.separator));
        let (_, (_, time)) = pairs.find(|(column, _)| matches!(column, Column::Time))?;
        order.see(time, 0);
        order.read_in(time, self.zone_minutes)
    }

    /// Takes a row in and says how many values it has; `None` when it has no time.
    fn row(
        &mut self,
        line: &str,
        order: &mut DateOrder,
        exported: &mut Exported,
        all: &mut Vec<MetricSeries>,
    ) -> Option<u64> {
        let time = self.time(line, order)?;
        let cells = cells(line.trim_end(), self.separator).map(|(_, cell)| cell);
        let mut row = MetricSeries::default();
        let mut statistics = Vec::new();
        let mut values = 0;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            match column {
                Column::Metric => cell.clone_into(&mut row.metric),
                Column::Resource => row.resource = cell.to_ascii_lowercase(),
                Column::Unit => cell.clone_into(&mut row.unit),
                Column::Interval => row.interval_ms = metrics::duration(cell).unwrap_or(0),
                Column::Statistic(aggregation) => {
                    statistics.extend(number(cell, self.separator).map(|value| (*aggregation, value)))
                }
                Column::Series(series) => {
                    if let Some(value) = number(cell, self.separator) {
                        values += 1;
                        series.points.push((time, value));
                    }
                }
                Column::Time | Column::Other => {}
            }
        }
        for (aggregation, value) in statistics {
            values += 1;
            exported.add(MetricSeries { aggregation, ..row.clone() }, time, value, all);
        }
        Some(values)
    }
}

/// A number as spreadsheets write it: those that part cells by semicolons put a comma before the fraction, others between thousands.
fn number(cell: &str, separator: u8) -> Option<Value> {
    let cell = cell.trim();
    let whole = cell.split('.').next().unwrap_or_default();
    let plain = match cell.contains(',') {
        true if separator == b';' => cell.replace('.', "").replace(',', "."),
        true if whole.split(',').skip(1).all(|group| group.len() == 3) => cell.replace(',', ""),
        _ => cell.to_owned(),
    };
    Value::new(plain.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> (Vec<MetricSeries>, u64, Walk, usize) {
        let (mut all, mut exported, mut walk) = (Vec::new(), Exported::default(), Walk::default());
        let (end, values) = read(text, 0, &mut walk, &mut exported, &mut all).unwrap();
        exported.settle(&mut all);
        (all, values, walk, end)
    }

    fn numbers(series: &MetricSeries) -> Vec<f64> {
        series.points.iter().map(|(_, value)| value.get()).collect()
    }

    #[test]
    fn a_chart_is_a_series_a_column_and_an_empty_cell_is_a_gap() {
        let text = "Time (UTC),\"Backend Healthy Targets (Avg), alb-1\",Total Requests,Colour\n\
            2026-11-20T09:00:00.000Z,2,\"1,204\",red\n2026-11-20T09:01:00.000Z,,7,\n\"11/20/2026, 9:02:00 AM\",1.5,,\n";
        let (all, values, walk, end) = table(text);
        assert_eq!((all.len(), values, walk.lost.len(), end), (2, 4, 0, text.len()));
        assert_eq!((all[0].metric.as_str(), all[0].aggregation), ("BackendHealthyTargets", Aggregation::Average));
        assert_eq!((numbers(&all[0]), numbers(&all[1])), (vec![2.0, 1.5], vec![1204.0, 7.0]));
        assert_eq!(
            (all[1].metric.as_str(), all[1].aggregation, all[1].dimensions.len()),
            ("TotalRequests", Aggregation::Total, 0)
        );
        assert_eq!(all[1].interval_ms, 60_000);
        let german = table("Zeit;x\n".replace("Zeit;x", "Time;Max Current Connections").as_str()).0;
        assert_eq!(german[0].aggregation, Aggregation::Maximum);
        assert_eq!(numbers(&table("Time;Sum Total Requests\n2026-11-20T09:00:00Z;2,5\n").0[0]), [2.5]);
    }

    #[test]
    fn rows_of_azure_metrics_become_the_series_that_they_continue() {
        let text = "ResourceId,\"TimeGenerated [UTC]\",MetricName,Total,Average,UnitName,TimeGrain\n\
            /SUBSCRIPTIONS/1/X,\"11/20/2026, 9:01:00.000 AM\",TotalRequests,5,,Count,PT1M\nno row\n\
            /SUBSCRIPTIONS/1/X,\"11/20/2026, 9:00:00.000 AM\",TotalRequests,4,2,Count,PT1M\n\
            /SUBSCRIPTIONS/1/X,\"11/2";
        let (all, values, walk, end) = table(text);
        assert_eq!((values, end), (3, text.len()));
        assert_eq!(walk.lost.len(), 2);
        assert_eq!(
            (all[0].resource.as_str(), numbers(&all[0]), all[0].interval_ms),
            ("/subscriptions/1/x", vec![4.0, 5.0], 60_000)
        );
        assert_eq!((all[1].aggregation, numbers(&all[1])), (Aggregation::Average, vec![2.0]));
    }

    #[test]
    fn all_rows_have_the_order_of_dates_that_one_shows() {
        let text = "Time,Total Requests\n03/04/2026 09:00,1\n13/04/2026 09:00,2\n";
        let (all, values, walk, _) = table(text);
        assert_eq!((values, walk.lost.len()), (2, 0));
        let days = (all[0].points[1].0 - all[0].points[0].0) / 86_400_000;
        assert_eq!(days, 10);
    }

    #[test]
    fn a_number_is_never_another_one() {
        let read = |cell, separator| number(cell, separator).map(Value::get);
        assert_eq!(["1,204.5", "1,204", "2.5"].map(|cell| read(cell, b',')), [1204.5, 1204.0, 2.5].map(Some));
        assert_eq!(["1.204,5", "2,5", "2.5"].map(|cell| read(cell, b';')), [1204.5, 2.5, 2.5].map(Some));
        assert_eq!(["2,5", "--", ""].map(|cell| read(cell, b',')), [None; 3]);
    }

    #[test]
    fn the_next_header_ends_a_table_and_a_query_is_none() {
        let row = "2026-11-20T09:00:00Z,1\n";
        let text = ["Time,Total Requests\n", row, "Time,New Connections\n", row].concat();
        let (all, values, walk, end) = table(&text);
        assert_eq!((all.len(), values, walk.lost.len()), (1, 1, 0));
        assert!(text[end..].starts_with("Time,New"));
        let read = |text: &str| read(text, 0, &mut Walk::default(), &mut Exported::default(), &mut Vec::new());
        assert_eq!(read("TimeGenerated, MetricName, Total\n| where Total > 1\n"), None);
        assert_eq!(read("TimeGenerated,MetricName,Total\n\n"), Some((31, 0)));
    }

    #[test]
    fn other_tables_are_none() {
        for line in [
            "Time,Message\n",
            "timestamp,ClientIp,BackendIp\n",
            "Timetable\n",
            "TimeGenerated,Total\n",
            "date\n",
            "Total Requests,5\n",
        ] {
            assert!(!is_header(line), "{line}");
        }
    }
}
