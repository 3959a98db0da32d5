//! Any numbers over time: lines on one scale, parts of a whole upon each other, or two ways on both sides of the axis. Where there
//! is no number the line is broken and the stretch is hatched, since a gap is not a zero.

use crate::Chart;
use crate::labels::{FOOT, HEAD, gutter, labels, title};
use crate::lines::{Point, Shape, is_mark, step_of};
use crate::token_classes::{stand_in, with_classes};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use underlay_model::charts::{ChartData, ChartForm, ChartTone};
use underlay_model::time::{Clock, Millis};

/// Plotters draws on whole pixels; a canvas so many times larger, seen through its view box, keeps lines smooth.
const FINE: u32 = 4;
/// Distance of two strokes of a hatching, in CSS pixels.
const PITCH: f64 = 6.0;
/// Tokens of equal things, in order.
const PARTS: [&str; 8] = ["user", "probe", "accent", "healthy", "degraded", "failing", "ghost", "user-dim"];

/// The token that a series is drawn with, for the legend.
pub fn token_of(tone: ChartTone) -> &'static str {
    match tone {
        ChartTone::Plain => "user",
        ChartTone::Part(number) => PARTS.get(usize::from(number) % PARTS.len()).copied().unwrap_or("user"),
        ChartTone::Good => "healthy",
        ChartTone::Odd => "degraded",
        ChartTone::Bad => "failing",
        ChartTone::Denied => "denied",
        ChartTone::Expected => "fg-3",
    }
}

/// A chart of these numbers with times of this clock. `width` and `height` in CSS pixels, at least 64 each.
pub fn numbers(data: &ChartData, clock: Clock, width: u32, height: u32) -> Chart {
    let (width, height) = (width.max(64), height.max(64));
    let shape = Shape::of(data);
    let right = gutter(data, &shape, clock).min(width / 2);
    let mut svg = String::new();
    // Nothing outside can make drawing into a string fail; if it does, the labels still tell the story.
    if draw(data, &shape, (width * FINE, height * FINE), right * FINE, &mut svg).is_err() {
        svg.clear();
    }
    let fine = format!("width=\"{}\" height=\"{}\"", width * FINE, height * FINE);
    let svg = svg.replacen(&fine, &format!("width=\"{width}\" height=\"{height}\""), 1);
    let plot = (width - right) as f32;
    Chart {
        svg: with_classes(&svg),
        labels: labels(data, &shape, clock, plot, height),
        plot,
        title: title(data, &shape, clock),
    }
}

type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;
type Plane<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

#[allow(clippy::cast_precision_loss, reason = "times of a capture, in milliseconds since its begin")]
fn draw<'a>(data: &ChartData, shape: &Shape, size: (u32, u32), right: u32, svg: &'a mut String) -> Drawn<'a> {
    let area = SVGBackend::with_string(svg, size).into_drawing_area();
    let length = (data.span.1 - data.span.0).max(1) as f64;
    let (bottom, top) = shape.scale;
    let chart = ChartBuilder::on(&area)
        .margin_bottom(FOOT * FINE)
        .margin_top(HEAD * FINE)
        .margin_right(right)
        .build_cartesian_2d(0.0..length, bottom..top)?;
    let mut plot = Plot { chart, data, shape, length, step: step_of(data) };
    let width = f64::from((size.0 - right) / FINE).max(1.0);
    let hatch = Hatch {
        pitch: PITCH * length / width,
        slope: (top - bottom) / (f64::from(size.1 / FINE - FOOT - HEAD) * length / width),
        bottom,
        top,
    };
    for &(from, to) in &shape.gaps {
        for (begin, end) in hatch.strokes(plot.x(from), plot.x(to)) {
            plot.line(begin, end, "line-2")?;
        }
    }
    for share in [0.5, 1.0] {
        plot.line((0.0, top * share), (length, top * share), "line-1")?;
    }
    for (number, (series, points)) in data.series.iter().zip(&shape.lines).enumerate() {
        let token = token_of(series.tone);
        if series.tone == ChartTone::Expected {
            plot.expected(points, token)?;
        } else if is_mark(data, series) {
            plot.marks(points, token)?;
        } else {
            let step = plot.step;
            for run in points.chunk_by(|a, b| b.0 - a.0 <= step + step / 2) {
                plot.run(run, token, number)?;
            }
        }
    }
    plot.line((0.0, 0.0), (length, 0.0), "line-3")?;
    drop(plot);
    area.present()
}

fn stroke(token: &str, width: u32) -> ShapeStyle {
    stand_in(token).stroke_width(width)
}

/// The plane, in milliseconds since the chart's begin and in the numbers of the data.
struct Plot<'a, 'd> {
    chart: Plane<'a>,
    data: &'d ChartData,
    shape: &'d Shape,
    length: f64,
    step: Millis,
}

impl<'a> Plot<'a, '_> {
    #[allow(clippy::cast_precision_loss, reason = "times of a capture, in milliseconds since its begin")]
    fn x(&self, time: Millis) -> f64 {
        ((time - self.data.span.0) as f64).clamp(0.0, self.length)
    }

    fn path(&mut self, points: Vec<(f64, f64)>, token: &str, width: u32) -> Drawn<'a> {
        self.chart.draw_series([PathElement::new(points, stroke(token, width))])?;
        Ok(())
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), token: &str) -> Drawn<'a> {
        self.path(vec![from, to], token, FINE)
    }

    /// One number for all times: dashes at its height.
    fn expected(&mut self, points: &[Point], token: &str) -> Drawn<'a> {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return Ok(()) };
        let (from, to) = (self.x(first.0), self.x(last.0 + self.step));
        let dash = (to - from) / 60.0;
        for piece in 0..30 {
            let begin = from + f64::from(piece) * 2.0 * dash;
            self.path(vec![(begin, first.2), (begin + dash, first.2)], token, FINE * 5 / 4)?;
        }
        Ok(())
    }

    /// Ticks below the axis.
    fn marks(&mut self, points: &[Point], token: &str) -> Drawn<'a> {
        let bottom = self.shape.scale.0;
        for point in points.iter().filter(|point| point.2 > 0.0) {
            let middle = self.x(point.0 + self.step / 2);
            self.path(vec![(middle, bottom), (middle, bottom * 0.1)], token, FINE * 2)?;
        }
        Ok(())
    }

    /// Numbers without a gap between them: their area, and the line along it.
    fn run(&mut self, run: &[Point], token: &str, number: usize) -> Drawn<'a> {
        let (upper, lower) = (self.outline(run, |point| point.2), self.outline(run, |point| point.1));
        let form = self.data.form;
        if form != ChartForm::Lines {
            let mut area = upper.clone();
            area.extend(lower.iter().rev());
            self.chart.draw_series([Polygon::new(area, stand_in(token).mix(0.5))])?;
        }
        let width = self.shape.width(number, FINE);
        let below = run.iter().any(|point| point.1 < 0.0);
        if form == ChartForm::Mirror && below {
            return self.path(lower, token, width);
        }
        if form != ChartForm::Stack || number == 0 {
            return self.path(upper, token, width);
        }
        // Where a part of a whole is nothing its line would hide that of the part below.
        let is_some = |at: usize| run.get(at).is_some_and(|point| point.2 > point.1);
        let mut at = 0;
        while at < run.len() {
            let Some(first) = (at..run.len()).find(|&at| is_some(at)) else { break };
            let behind = (first..run.len()).find(|&at| !is_some(at)).unwrap_or(run.len());
            // With the points beside it, from which it rises and to which it falls: those of the outline are one ahead.
            let part = upper.get(first..(behind + 2).min(upper.len())).unwrap_or_default();
            self.path(part.to_vec(), token, width)?;
            at = behind;
        }
        Ok(())
    }

    /// A line along numbers. An interval's number holds for the interval: a lone one is a step, several are a line through their middles.
    fn outline(&self, run: &[Point], of: fn(&Point) -> f64) -> Vec<(f64, f64)> {
        let mut outline = Vec::with_capacity(run.len() + 2);
        outline.extend(run.first().map(|point| (self.x(point.0), of(point))));
        outline.extend(run.iter().map(|point| (self.x(point.0 + self.step / 2), of(point))));
        outline.extend(run.last().map(|point| (self.x(point.0 + self.step), of(point))));
        outline
    }
}

/// Strokes from the lower left to the upper right, in the numbers of the data.
struct Hatch {
    /// Distance of two strokes along the axis.
    pitch: f64,
    /// Upward for one along the axis, so that strokes stand at 45 degrees.
    slope: f64,
    bottom: f64,
    top: f64,
}

impl Hatch {
    fn strokes(&self, from: f64, to: f64) -> Vec<((f64, f64), (f64, f64))> {
        let run = (self.top - self.bottom) / self.slope;
        let mut strokes = Vec::new();
        let mut foot = from - run + self.pitch / 2.0;
        while foot < to && strokes.len() < 600 {
            let (left, right) = (foot.max(from), (foot + run).min(to));
            let height = |x: f64| self.bottom + (x - foot) * self.slope;
            strokes.push(((left, height(left)), (right, height(right))));
            foot += self.pitch;
        }
        strokes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Anchor;
    use underlay_model::charts::{ChartSeries, ChartUnit};
    use underlay_model::metrics::Value;
    use underlay_model::time::MINUTE_MS;

    fn data(form: ChartForm) -> ChartData {
        let series = |name: &str, tone: ChartTone, times: &[i64]| ChartSeries {
            name: name.to_owned(),
            tone,
            points: times.iter().map(|minute| (minute * MINUTE_MS, Value::new(*minute as f64).unwrap())).collect(),
        };
        ChartData {
            title: "Healthy targets".to_owned(),
            subject: "yada/yadaapi/8080".to_owned(),
            form,
            span: (0, 60 * MINUTE_MS),
            step_ms: 60_000,
            series: vec![
                series("Healthy", ChartTone::Good, &[0, 1, 2, 10, 11]),
                series("5xx", ChartTone::Bad, &[1]),
                series("Denied", ChartTone::Denied, &[2]),
                series("Expected", ChartTone::Expected, &[0, 59]),
            ],
            ..ChartData::default()
        }
    }

    #[test]
    fn the_pages_policy_holds_for_every_chart() {
        let all = [ChartForm::Lines, ChartForm::Stack, ChartForm::Mirror].map(data);
        for data in all.into_iter().chain([ChartData::default()]) {
            let svg = numbers(&data, Clock::UTC, 400, 120).svg;
            assert!(!svg.contains("style=") && !svg.contains("<text") && !svg.contains("=\"#"), "{svg}");
            assert!(!svg.contains("NaN") && svg.ends_with("</svg>\n"), "{svg}");
        }
    }

    #[test]
    fn a_gap_breaks_the_line_and_is_hatched() {
        let chart = numbers(&data(ChartForm::Lines), Clock::UTC, 400, 120);
        assert_eq!(chart.svg.matches("c-healthy").count(), 2, "{}", chart.svg);
        assert!(chart.svg.matches("c-line-2").count() > 10);
        assert!(chart.title.starts_with("Healthy targets of yada/yadaapi/8080, 00:00 to 01:00 UTC: Healthy 0 to 11;"));
        assert!(chart.title.ends_with("2 gaps without data"), "{}", chart.title);
    }

    #[test]
    fn a_line_below_an_equal_one_is_seen_on_both_sides_of_it() {
        let mut data = data(ChartForm::Lines);
        data.series = vec![data.series[0].clone(), data.series[0].clone()];
        data.series[1].tone = ChartTone::Odd;
        let svg = numbers(&data, Clock::UTC, 400, 120).svg;
        let width = |token: &str| {
            let line = svg.lines().find(|line| line.contains(token)).unwrap();
            line.split("stroke-width=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<u32>().ok()).unwrap()
        };
        assert!(width("c-healthy") > 2 * width("c-degraded"), "{svg}");
    }

    #[test]
    fn a_part_that_is_nothing_does_not_hide_the_one_below() {
        let mut data = data(ChartForm::Stack);
        data.series.truncate(2);
        let all = |value: fn(i64) -> f64| (0..60).map(|at| (at * MINUTE_MS, Value::new(value(at)).unwrap())).collect();
        data.series[0].points = all(|_| 18.0);
        data.series[1].points = all(|at| if at == 30 { 27.0 } else { 0.0 });
        let svg = numbers(&data, Clock::UTC, 400, 120).svg;
        let line = svg.lines().find(|line| line.contains("c-failing")).unwrap();
        let points = line.split("points=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        // It rises from the part below and falls back to it.
        assert_eq!(points.split_whitespace().count(), 3, "{line}");
    }

    #[test]
    fn no_amount_stands_over_the_plot() {
        for unit in [ChartUnit::Count, ChartUnit::Bytes, ChartUnit::Milliseconds] {
            for form in [ChartForm::Lines, ChartForm::Stack, ChartForm::Mirror] {
                let mut data = data(form);
                data.unit = unit;
                data.series[0].points[4].1 = Value::new(1_234_567.0).unwrap();
                let chart = numbers(&data, Clock::UTC, 310, 92);
                for label in chart.labels.iter().filter(|label| label.y < 92.0 - FOOT as f32) {
                    assert_eq!(label.anchor, Anchor::Start);
                    assert!(label.x > chart.plot, "{label:?}");
                    assert!(label.x + label.text.chars().count() as f32 * 7.0 <= 310.0, "{label:?}");
                }
            }
        }
    }

    #[test]
    fn times_are_those_of_the_clock() {
        let chart = numbers(&data(ChartForm::Lines), Clock(|_| 120), 400, 120);
        assert!(chart.title.contains("02:00 to 03:00 UTC+02:00"), "{}", chart.title);
        assert_eq!(chart.labels[0].text, "02:00");
    }
}
