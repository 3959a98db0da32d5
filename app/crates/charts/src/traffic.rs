//! Traffic of one thing over time: bytes from it above the axis, to it below, denied tuples as ticks; minutes that no record covers
//! are gaps, since a gap is not a zero.

use crate::token_classes::{stand_in, with_classes};
use crate::{Anchor, Chart, Label};
use plotters::prelude::*;
use underlay_model::time::{Minute, format_minute};
use underlay_model::view::SeriesPoint;

/// Share of the height below the axis.
const BELOW: f64 = 0.24;
/// Points drawn at most: more are summed, since a chart of 312 pixels shows no more.
const MOST_POINTS: usize = 600;
/// Plotters draws on whole pixels; a canvas so many times larger, seen through its view box, keeps curves smooth.
const FINE: u32 = 4;
/// Room for the label at the top, in CSS pixels.
const LABEL: u32 = 13;

/// Bytes a minute from a thing (above the axis) and to it (below); minutes without records are gaps. `width` and `height` in CSS
/// pixels, at least 16 each.
pub fn traffic(first: Minute, series: &[SeriesPoint], width: u32, height: u32) -> Chart {
    let (width, height) = (width.max(16), height.max(16));
    let points = thinned(series);
    let most_from = points.iter().map(|point| point.from).max().unwrap_or(0);
    let most_to = points.iter().map(|point| point.to).max().unwrap_or(0);
    let mut svg = String::new();
    // Nothing outside can make drawing into a string fail; if it does, the labels still tell the story.
    if draw(&points, most_from, most_to, (width * FINE, height * FINE), &mut svg).is_err() {
        svg.clear();
    }
    let fine = format!("width=\"{}\" height=\"{}\"", width * FINE, height * FINE);
    let svg = svg.replacen(&fine, &format!("width=\"{width}\" height=\"{height}\""), 1);
    let last = first + series.len().saturating_sub(1) as i64;
    let mut labels = Vec::new();
    if !series.is_empty() {
        let (right, bottom) = (width as f32, height as f32 - 6.0);
        let label = |x: f32, y: f32, text: String, anchor: Anchor| Label { x, y, text, anchor };
        labels.push(label(0.0, bottom, format_minute(first), Anchor::Start));
        labels.push(label(right, bottom, format_minute(last + 1), Anchor::End));
        let most = most_from.max(most_to);
        if most > 0 {
            labels.push(label(right, 6.0, format!("{} a minute", bytes(most)), Anchor::End));
        }
    }
    Chart { svg: with_classes(&svg), labels, title: title(first, last, series) }
}

/// `41.8 MB`: steps of 1000.
fn bytes(count: u64) -> String {
    let (mut value, mut unit) = (count as f64, "B");
    for next in ["kB", "MB", "GB", "TB", "PB", "EB"] {
        if value < 999.5 {
            break;
        }
        (value, unit) = (value / 1000.0, next);
    }
    if unit == "B" || value >= 99.95 { format!("{value:.0} {unit}") } else { format!("{value:.1} {unit}") }
}

fn title(first: Minute, last: Minute, series: &[SeriesPoint]) -> String {
    let sum = |of: fn(&SeriesPoint) -> u64| series.iter().map(of).fold(0, u64::saturating_add);
    if series.is_empty() {
        return "No traffic".to_owned();
    }
    let gaps = series.iter().filter(|point| !point.covered).count();
    let gaps = if gaps == 0 { String::new() } else { format!(", {gaps} minutes without data") };
    format!(
        "Bytes a minute, {} to {} UTC: {} from it, {} to it{gaps}",
        format_minute(first),
        format_minute(last + 1),
        bytes(sum(|point| point.from)),
        bytes(sum(|point| point.to)),
    )
}

/// Means of neighbouring minutes where there are more than can be drawn.
fn thinned(series: &[SeriesPoint]) -> Vec<SeriesPoint> {
    let group = series.len().div_ceil(MOST_POINTS).max(1);
    series
        .chunks(group)
        .map(|chunk| {
            let mean =
                |of: fn(&SeriesPoint) -> u64| chunk.iter().map(of).fold(0, u64::saturating_add) / chunk.len() as u64;
            SeriesPoint {
                from: mean(|point| point.from),
                to: mean(|point| point.to),
                denied: chunk.iter().map(|point| point.denied).fold(0, u64::saturating_add),
                covered: chunk.iter().any(|point| point.covered),
            }
        })
        .collect()
}

/// Runs of covered points: `(index of the first, points)`.
fn runs(points: &[SeriesPoint]) -> Vec<(usize, &[SeriesPoint])> {
    let mut runs = Vec::new();
    let mut start = 0;
    for run in points.chunk_by(|a, b| a.covered == b.covered) {
        if run[0].covered {
            runs.push((start, run));
        }
        start += run.len();
    }
    runs
}

type Drawn<'a> = Result<(), DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>>;

fn draw<'a>(points: &[SeriesPoint], most_from: u64, most_to: u64, size: (u32, u32), svg: &'a mut String) -> Drawn<'a> {
    let area = SVGBackend::with_string(svg, size).into_drawing_area();
    // Both ways share one scale, unless what comes back would be too flat to be seen or too high for its room.
    let above = most_from.max((most_to as f64 * (1.0 - BELOW) / BELOW) as u64 / 8).max(1) as f64 * 1.08;
    let below = above * BELOW / (1.0 - BELOW);
    let squeeze = if most_to as f64 > below { below / most_to as f64 } else { 1.0 };
    let count = points.len().max(1) as f64;
    let foot = 14 * FINE;
    let mut chart = ChartBuilder::on(&area)
        .margin_bottom(foot)
        // The largest minute is named above the line, not on it.
        .margin_top(LABEL * FINE)
        .build_cartesian_2d(0.0..count, -below..above)?;
    let hairline = |token: &str| ShapeStyle { color: stand_in(token).to_rgba(), filled: false, stroke_width: FINE };
    let across =
        |share: f64, token: &str| PathElement::new(vec![(0.0, above * share), (count, above * share)], hairline(token));
    chart.draw_series([across(0.55, "line-1"), across(1.0, "line-1")])?;
    for (start, run) in runs(points) {
        // A minute's value holds for the minute: a lone minute is a step, several are a line through their middles.
        let outline = |of: &dyn Fn(&SeriesPoint) -> f64| -> Vec<(f64, f64)> {
            let mut line: Vec<(f64, f64)> = vec![(start as f64, of(&run[0]))];
            line.extend(run.iter().enumerate().map(|(i, point)| ((start + i) as f64 + 0.5, of(point))));
            line.push(((start + run.len()) as f64, of(&run[run.len() - 1])));
            line
        };
        let closed = |mut line: Vec<(f64, f64)>| {
            line.insert(0, (start as f64, 0.0));
            line.push(((start + run.len()) as f64, 0.0));
            line
        };
        let from = outline(&|point| point.from as f64);
        let to = outline(&|point| -(point.to as f64) * squeeze);
        chart.draw_series([Polygon::new(closed(from.clone()), stand_in("user").mix(0.28))])?;
        chart.draw_series([Polygon::new(closed(to), stand_in("user-dim").filled())])?;
        chart.draw_series([PathElement::new(from, stand_in("user").stroke_width(FINE * 5 / 4))])?;
    }
    for (i, _) in points.iter().enumerate().filter(|(_, point)| point.denied > 0) {
        let x = i as f64 + 0.5;
        let style = stand_in("denied").stroke_width(FINE * 2);
        chart.draw_series([PathElement::new(vec![(x, -below * 0.05), (x, -below)], style)])?;
    }
    chart.draw_series([across(0.0, "line-3")])?;
    drop(chart);
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_pages_policy_holds_for_every_chart() {
        for series in [
            hour(),
            Vec::new(),
            vec![SeriesPoint::default()],
            vec![SeriesPoint { from: u64::MAX, to: u64::MAX, denied: 1, covered: true }; 3],
        ] {
            let chart = traffic(29_919_420, &series, 312, 88);
            assert!(!chart.svg.contains("style="), "{}", chart.svg);
            assert!(!chart.svg.contains("<text"), "text is the page's");
            assert!(!chart.svg.contains("=\"#"), "a colour without a token: {}", chart.svg);
            assert!(!chart.svg.contains("NaN") && chart.svg.ends_with("</svg>\n"), "{}", chart.svg);
        }
    }

    #[test]
    fn a_gap_is_not_a_zero() {
        let chart = traffic(29_919_420, &hour(), 312, 88);
        // Two covered runs: two areas above, two below, two lines.
        assert_eq!(chart.svg.matches("<polygon").count(), 4, "{}", chart.svg);
        assert!(chart.title.ends_with("3 minutes without data"), "{}", chart.title);
        let whole: Vec<_> = hour().into_iter().map(|point| SeriesPoint { covered: true, ..point }).collect();
        assert_eq!(traffic(29_919_420, &whole, 312, 88).svg.matches("<polygon").count(), 2);
    }

    #[test]
    fn labels_name_the_span_and_the_largest_minute() {
        let chart = traffic(29_919_420, &hour(), 312, 88);
        let texts: Vec<&str> = chart.labels.iter().map(|label| label.text.as_str()).collect();
        assert_eq!(texts, ["09:00", "10:00", "1.6 MB a minute"]);
        assert_eq!(chart.labels[1].anchor, Anchor::End);
    }

    #[test]
    fn a_month_of_minutes_stays_a_small_picture() {
        let month = vec![SeriesPoint { from: 7, to: 5, denied: 0, covered: true }; 44_640];
        assert!(traffic(0, &month, 312, 88).svg.len() < 60_000);
    }

    #[test]
    fn the_same_series_gives_the_same_text() {
        insta::assert_snapshot!(traffic(29_919_420, &hour()[26..46], 312, 88).svg);
    }
}
