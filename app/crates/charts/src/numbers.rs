//! Any numbers over time: lines on one scale, or parts of a whole upon each other. Where an interval has no number the line is
//! broken, since a gap is not a zero.

use crate::token_classes::{stand_in, with_classes};
use crate::{Anchor, Chart, Label};
use plotters::prelude::*;
use underlay_model::charts::{ChartData, ChartForm, ChartTone, ChartUnit};
use underlay_model::time::{MINUTE_MS, Millis, format_date, format_minute};

/// Plotters draws on whole pixels; a canvas so many times larger, seen through its view box, keeps lines smooth.
const FINE: u32 = 4;
/// Room for the times below the axis, and above the highest line, in CSS pixels.
const FOOT: u32 = 18;
const HEAD: u32 = 8;
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
        ChartTone::Expected => "fg-3",
    }
}

/// A chart of these numbers. `width` and `height` in CSS pixels, at least 64 each.
pub fn numbers(data: &ChartData, width: u32, height: u32) -> Chart {
    let (width, height) = (width.max(64), height.max(64));
    let stacked = stacked(data);
    let most = stacked.iter().flat_map(|line| line.iter().map(|point| point.2)).fold(0.0, f64::max);
    let top = round_up(most);
    let mut svg = String::new();
    // Nothing outside can make drawing into a string fail; if it does, the labels still tell the story.
    if draw(data, &stacked, top, (width * FINE, height * FINE), &mut svg).is_err() {
        svg.clear();
    }
    let fine = format!("width=\"{}\" height=\"{}\"", width * FINE, height * FINE);
    let svg = svg.replacen(&fine, &format!("width=\"{width}\" height=\"{height}\""), 1);
    Chart { svg: with_classes(&svg), labels: labels(data, top, width, height), title: title(data) }
}

/// `1,204`, `1.5`, `350 ms`, `41.8 MB`.
pub fn amount(value: f64, unit: ChartUnit) -> String {
    match unit {
        ChartUnit::Bytes => scaled(value, &[" B", " kB", " MB", " GB", " TB"]),
        ChartUnit::Milliseconds if value >= 10_000.0 => format!("{:.1} s", value / 1000.0),
        ChartUnit::Milliseconds => format!("{} ms", plain(value)),
        ChartUnit::Count if value >= 1e6 => scaled(value, &["", " k", " M", " G", " T"]),
        ChartUnit::Count => plain(value),
    }
}

fn scaled(mut value: f64, units: &[&str]) -> String {
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{}{}", plain(value), units.get(unit).unwrap_or(&""))
}

/// At most one digit behind the point, where it says something.
fn plain(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    let digits = format!("{rounded}");
    let (whole, _) = digits.split_once('.').unwrap_or((&digits, ""));
    if whole.len() < 4 || whole.len() > 15 {
        return digits;
    }
    let whole = format!("{:.0}", rounded);
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The next of 1, 2, 5, 10, 20, 50, …
fn round_up(most: f64) -> f64 {
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

/// Of each series its points as (time, lower, upper).
type Line = Vec<(Millis, f64, f64)>;

/// Parts stand upon each other at every time at which any of them is; lines all stand on nothing.
fn stacked(data: &ChartData) -> Vec<Line> {
    if data.form == ChartForm::Lines {
        let line = |series: &underlay_model::charts::ChartSeries| {
            series.points.iter().map(|(time, value)| (*time, 0.0, value.get().max(0.0))).collect()
        };
        return data.series.iter().map(line).collect();
    }
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

type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

#[allow(clippy::cast_precision_loss, reason = "times of a capture, in milliseconds since its begin")]
fn draw<'a>(data: &ChartData, lines: &[Line], top: f64, size: (u32, u32), svg: &'a mut String) -> Drawn<'a> {
    let area = SVGBackend::with_string(svg, size).into_drawing_area();
    let length = (data.span.1 - data.span.0).max(1) as f64;
    let mut chart = ChartBuilder::on(&area)
        .margin_bottom(FOOT * FINE)
        .margin_top(HEAD * FINE)
        .build_cartesian_2d(0.0..length, 0.0..top)?;
    let hairline = |token: &str| ShapeStyle { color: stand_in(token).to_rgba(), filled: false, stroke_width: FINE };
    for share in [0.5, 1.0] {
        chart.draw_series([PathElement::new(vec![(0.0, top * share), (length, top * share)], hairline("line-1"))])?;
    }
    let step = i64::try_from(data.step_ms).unwrap_or(MINUTE_MS).max(1);
    let x = |time: Millis| (time - data.span.0) as f64;
    for (series, line) in data.series.iter().zip(lines) {
        let token = token_of(series.tone);
        if series.tone == ChartTone::Expected {
            let (Some(first), Some(last)) = (line.first(), line.last()) else { continue };
            let (from, to) = (x(first.0), x(last.0 + step));
            let dash = (to - from) / 60.0;
            for piece in 0..30 {
                let begin = from + f64::from(piece) * 2.0 * dash;
                let style = stand_in(token).stroke_width(FINE * 5 / 4);
                chart.draw_series([PathElement::new(vec![(begin, first.2), (begin + dash, first.2)], style)])?;
            }
            continue;
        }
        for run in line.chunk_by(|a, b| b.0 - a.0 <= step + step / 2) {
            let outline = |of: fn(&(Millis, f64, f64)) -> f64| -> Vec<(f64, f64)> {
                let mut points = Vec::with_capacity(run.len() + 2);
                // An interval's number holds for the interval: a lone one is a step, several are a line through their middles.
                points.extend(run.first().map(|point| (x(point.0), of(point))));
                points.extend(run.iter().map(|point| (x(point.0) + step as f64 / 2.0, of(point))));
                points.extend(run.last().map(|point| (x(point.0 + step).min(length), of(point))));
                points
            };
            let upper = outline(|point| point.2);
            if data.form == ChartForm::Stack {
                let mut area = upper.clone();
                area.extend(outline(|point| point.1).into_iter().rev());
                chart.draw_series([Polygon::new(area, stand_in(token).mix(0.55))])?;
            }
            chart.draw_series([PathElement::new(upper, stand_in(token).stroke_width(FINE * 3 / 2))])?;
        }
    }
    chart.draw_series([PathElement::new(vec![(0.0, 0.0), (length, 0.0)], hairline("line-3"))])?;
    drop(chart);
    area.present()
}

#[allow(clippy::cast_precision_loss, reason = "places in pixels")]
fn labels(data: &ChartData, top: f64, width: u32, height: u32) -> Vec<Label> {
    const STEPS: [i64; 13] = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440, 10_080];
    let mut labels = Vec::new();
    let (first, behind) = data.span;
    let minutes = (behind - first) / MINUTE_MS;
    let room = i64::from(width / 90).max(2);
    let step = STEPS.into_iter().find(|step| minutes / step < room).unwrap_or(40_320);
    let mut tick = (first.div_euclid(MINUTE_MS) + step - 1).div_euclid(step) * step;
    while tick * MINUTE_MS < behind && labels.len() < 40 {
        let x = (tick * MINUTE_MS - first) as f32 / (behind - first).max(1) as f32 * width as f32;
        let anchor = if x < 16.0 {
            Anchor::Start
        } else if x > width as f32 - 16.0 {
            Anchor::End
        } else {
            Anchor::Middle
        };
        let text = if step >= 1440 { format_date(tick) } else { format_minute(tick) };
        labels.push(Label { x, y: height as f32 - 7.0, text, anchor });
        tick += step;
    }
    let inner = (height - FOOT - HEAD) as f32;
    for share in [0.5f32, 1.0] {
        let text = amount(top * f64::from(share), data.unit);
        let y = HEAD as f32 + inner * (1.0 - share) + if share > 0.9 { 6.0 } else { -6.0 };
        labels.push(Label { x: width as f32, y, text, anchor: Anchor::End });
    }
    labels
}

fn title(data: &ChartData) -> String {
    let (first, behind) = (data.span.0.div_euclid(MINUTE_MS), data.span.1.div_euclid(MINUTE_MS));
    let mut title = data.title.clone();
    if !data.subject.is_empty() {
        title.push_str(" of ");
        title.push_str(&data.subject);
    }
    title.push_str(&format!(", {} to {} UTC:", format_minute(first), format_minute(behind)));
    for series in &data.series {
        let values = || series.points.iter().map(|(_, value)| value.get());
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        title.push(' ');
        title.push_str(&series.name);
        if series.points.is_empty() {
            title.push_str(" no data;");
        } else {
            title.push_str(&format!(" {} to {};", amount(least, data.unit), amount(most, data.unit)));
        }
    }
    title.pop();
    title
}

#[cfg(test)]
mod tests {
    use super::*;
    use underlay_model::charts::ChartSeries;
    use underlay_model::metrics::Value;

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
                series("Expected", ChartTone::Expected, &[0, 59]),
            ],
            ..ChartData::default()
        }
    }

    #[test]
    fn the_pages_policy_holds_for_every_chart() {
        for data in [data(ChartForm::Lines), data(ChartForm::Stack), ChartData::default()] {
            let svg = numbers(&data, 400, 120).svg;
            assert!(!svg.contains("style=") && !svg.contains("<text") && !svg.contains("=\"#"), "{svg}");
            assert!(!svg.contains("NaN") && svg.ends_with("</svg>\n"), "{svg}");
        }
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let chart = numbers(&data(ChartForm::Lines), 400, 120);
        assert_eq!(chart.svg.matches("c-healthy").count(), 2, "{}", chart.svg);
        assert!(chart.title.starts_with("Healthy targets of yada/yadaapi/8080, 00:00 to 01:00 UTC: Healthy 0 to 11;"));
    }

    #[test]
    fn amounts_are_short() {
        let told = [
            amount(1.5, ChartUnit::Count),
            amount(1204.0, ChartUnit::Count),
            amount(2.5e6, ChartUnit::Count),
            amount(350.0, ChartUnit::Milliseconds),
            amount(41_800_000.0, ChartUnit::Bytes),
        ];
        assert_eq!(told, ["1.5", "1,204", "2.5 M", "350 ms", "41.8 MB"]);
        assert_eq!([round_up(0.0), round_up(3.0), round_up(50.0), round_up(51.0)], [1.0, 5.0, 50.0, 100.0]);
    }
}
