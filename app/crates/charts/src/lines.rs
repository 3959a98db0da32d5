//! The shape of a chart's series before anything is drawn: where each begins and ends upward, the scale that holds them all, and
//! the stretches in which there is nothing at all.

use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartTone};
use underlay_model::order::Order;
use underlay_model::time::{MINUTE_MS, Millis};

/// (time, lower, upper).
pub(crate) type Point = (Millis, f64, f64);
/// The points of a series.
pub(crate) type Line = Vec<Point>;

/// What is drawn, in the numbers of the data.
pub(crate) struct Shape {
    /// One for each series, in their order.
    pub(crate) lines: Vec<Line>,
    /// The scale: from below, 0 unless mirrored, to the top.
    pub(crate) scale: (f64, f64),
    /// Stretches without any number: (from, to).
    pub(crate) gaps: Vec<(Millis, Millis)>,
    /// For each series, how many of those drawn over it lie on it for most of its points.
    hidden_by: Vec<u32>,
}

impl Shape {
    pub(crate) fn of(data: &ChartData) -> Self {
        let lines = match data.form {
            ChartForm::Stack => stacked(data),
            ChartForm::Lines | ChartForm::Mirror => {
                let numbers = data.series.iter().enumerate();
                numbers.map(|(number, series)| plain(series, below(data, number, series))).collect()
            }
        };
        let counted = data.series.iter().zip(&lines).filter(|(series, _)| !is_mark(data, series));
        let points = || counted.clone().flat_map(|(_, line)| line);
        let top = round_up(points().map(|point| point.2).fold(0.0, f64::max));
        let bottom = points().map(|point| -point.1).fold(0.0, f64::max);
        // What is below has some room of its own, however small it is.
        let bottom = if data.form == ChartForm::Mirror { round_up(bottom).max(top * 0.12) } else { 0.0 };
        // Areas show below a line that lies on theirs; lines alone would be gone.
        let alone = data.form == ChartForm::Lines;
        let hidden_by = (0..lines.len()).map(|number| if alone { hidden_by(&lines, number) } else { 0 }).collect();
        Self { scale: (-bottom, top), gaps: gaps(data), lines, hidden_by }
    }

    /// Width of a series' line, where a CSS pixel is so `fine`. What would be hidden by equal lines is wider than they are.
    pub(crate) fn width(&self, number: usize, fine: u32) -> u32 {
        let over = self.hidden_by.get(number).copied().unwrap_or(0);
        fine * 3 / 2 + over * fine * 3
    }
}

fn hidden_by(lines: &[Line], number: usize) -> u32 {
    let Some((line, over)) = lines.get(number..).and_then(<[Line]>::split_first) else { return 0 };
    let lies_on = |other: &&Line| {
        let equal = line
            .iter()
            .filter(|point| other.binary_search_by(|near| near.0.cmp(&point.0)).is_ok_and(|at| other[at] == **point));
        2 * equal.count() > line.len()
    };
    over.iter().filter(lies_on).count() as u32
}

/// Milliseconds that a point stands for; at least 1.
pub(crate) fn step_of(data: &ChartData) -> i64 {
    i64::try_from(data.step_ms).unwrap_or(MINUTE_MS).max(1)
}

/// Of a mirrored chart everything but the first series lies below the axis.
fn below(data: &ChartData, number: usize, series: &ChartSeries) -> bool {
    data.form == ChartForm::Mirror && number > 0 && !is_mark(data, series)
}

/// Denials in a chart of bytes are marks: they have no bytes.
pub(crate) fn is_mark(data: &ChartData, series: &ChartSeries) -> bool {
    data.form == ChartForm::Mirror && series.tone == ChartTone::Denied
}

fn plain(series: &ChartSeries, below: bool) -> Line {
    let point = |value: f64| if below { (-value, 0.0) } else { (0.0, value) };
    let points = series.points.iter().map(|(time, value)| (*time, point(value.get().max(0.0))));
    points.map(|(time, (lower, upper))| (time, lower, upper)).collect()
}

/// Parts stand upon each other at every time at which any of them is.
fn stacked(data: &ChartData) -> Vec<Line> {
    let mut sums: Vec<(Millis, f64)> = data.times().into_iter().map(|time| (time, 0.0)).collect();
    let mut lines = Vec::new();
    for series in &data.series {
        let mut line = Vec::with_capacity(sums.len());
        for (time, sum) in &mut sums {
            let upper = *sum + series.at(*time).map_or(0.0, |value| value.get().max(0.0));
            line.push((*time, *sum, upper));
            *sum = upper;
        }
        lines.push(line);
    }
    lines
}

fn gaps(data: &ChartData) -> Vec<(Millis, Millis)> {
    let step = step_of(data);
    let mut times: Vec<Millis> = data
        .series
        .iter()
        .filter(|series| series.tone != ChartTone::Expected)
        .flat_map(|series| series.points.iter().map(|(time, _)| *time))
        .collect();
    times.order();
    let mut gaps = Vec::new();
    let mut known = data.span.0;
    for time in times.into_iter().chain([data.span.1]) {
        if time - known > step / 2 {
            gaps.push((known, time));
        }
        known = known.max(time + step);
    }
    gaps
}

/// The next of 1, 2, 5, 10, 20, 50, …
pub(crate) fn round_up(most: f64) -> f64 {
    let mut step = 1.0;
    if most <= 0.0 || !most.is_finite() {
        return 1.0;
    }
    while step < most {
        if step * 2.0 >= most {
            return step * 2.0;
        }
        if step * 5.0 >= most {
            return step * 5.0;
        }
        step *= 10.0;
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_numbers() {
        assert_eq!([round_up(0.0), round_up(3.0), round_up(50.0), round_up(51.0)], [1.0, 5.0, 50.0, 100.0]);
    }
}
