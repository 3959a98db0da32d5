//! Traffic of one thing or edge as numbers of a chart: bytes one way above the axis, the other way below it, denials as marks.

use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone, ChartUnit};
use underlay_model::metrics::Value;
use underlay_model::time::{MINUTE_MS, Minute};
use underlay_model::view::SeriesPoint;

/// Points at most: more are summed up, since no screen shows more.
const MOST_POINTS: usize = 600;

/// Bytes a minute from a thing (above, by the first name) and to it (below); minutes without records are absent.
pub fn traffic(first: Minute, series: &[SeriesPoint], names: [&str; 2]) -> ChartData {
    let group = series.len().div_ceil(MOST_POINTS).max(1);
    let mut lines = [Vec::new(), Vec::new(), Vec::new()];
    for (at, chunk) in series.chunks(group).enumerate() {
        let time = (first + (at * group) as i64) * MINUTE_MS;
        let covered = chunk.iter().filter(|point| point.covered).count();
        if covered == 0 {
            continue;
        }
        let sum = |of: fn(&SeriesPoint) -> u64| chunk.iter().map(of).fold(0, u64::saturating_add) as f64;
        // Of several minutes the mean, so that the scale stays one of minutes; denials are counted.
        let values = [sum(|one| one.from) / covered as f64, sum(|one| one.to) / covered as f64, sum(|one| one.denied)];
        for (line, value) in lines.iter_mut().zip(values) {
            line.extend(Value::new(value).map(|value| (time, value)));
        }
    }
    let [from, to, denied] = lines;
    let mut all = vec![(names[0], ChartTone::Plain, from), (names[1], ChartTone::Part(7), to)];
    if denied.iter().any(|(_, value)| value.get() > 0.0) {
        all.push(("Denied", ChartTone::Denied, denied));
    }
    let line = |(name, tone, points): (&str, ChartTone, _)| ChartSeries { name: name.to_owned(), tone, points };
    ChartData {
        key: "traffic".to_owned(),
        title: "Bytes a minute".to_owned(),
        unit: ChartUnit::Bytes,
        form: ChartForm::Mirror,
        source: 'F',
        span: (first * MINUTE_MS, (first + series.len() as i64) * MINUTE_MS),
        step_ms: group as u64 * 60_000,
        series: all.into_iter().map(line).collect(),
        ..ChartData::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers;
    use underlay_model::time::Clock;

    fn hour() -> Vec<SeriesPoint> {
        (0..60u64)
            .map(|minute| SeriesPoint {
                from: if minute > 30 { 1_500_000 } else { 700_000 } + minute * 997 % 90_000,
                to: 90_000,
                denied: u64::from(minute == 27) * 9,
                covered: !(41..44).contains(&minute),
            })
            .collect()
    }

    #[test]
    fn a_gap_is_not_a_zero() {
        let data = traffic(29_919_420, &hour(), ["from it", "to it"]);
        assert_eq!(data.series[0].points.len(), 57);
        let chart = numbers(&data, Clock::UTC, 312, 88);
        // Two covered runs: two areas above, two below.
        assert_eq!(chart.svg.matches("<polygon").count(), 4, "{}", chart.svg);
        assert!(chart.title.ends_with("1 gap without data"), "{}", chart.title);
        assert_eq!(data.series[2].at((29_919_420 + 27) * MINUTE_MS).map(Value::get), Some(9.0));
    }

    #[test]
    fn a_month_of_minutes_stays_a_small_picture() {
        let month = vec![SeriesPoint { from: 7, to: 5, denied: 0, covered: true }; 44_640];
        let chart = numbers(&traffic(0, &month, ["a", "b"]), Clock::UTC, 312, 88);
        assert!(chart.svg.len() < 60_000);
    }

    #[test]
    fn numbers_of_any_size_are_drawn() {
        let series = vec![SeriesPoint { from: u64::MAX, to: u64::MAX, denied: 1, covered: true }; 3];
        for series in [series, Vec::new(), vec![SeriesPoint::default()]] {
            let svg = numbers(&traffic(29_919_420, &series, ["a", "b"]), Clock::UTC, 312, 88).svg;
            assert!(!svg.contains("NaN") && !svg.contains("inf") && svg.ends_with("</svg>\n"), "{svg}");
        }
    }
}
