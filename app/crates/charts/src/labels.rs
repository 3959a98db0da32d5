//! What the page writes around a chart: times below the plot with their clock, amounts at its right, and the chart in a sentence.

use crate::lines::Shape;
use crate::{Anchor, Label, amount};
use underlay_model::charts::{ChartData, ChartForm, ChartSeries, ChartUnit};
use underlay_model::time::{Clock, MINUTE_MS, Minute};

/// Room for the times below the axis, and above the highest line, in CSS pixels.
pub(crate) const FOOT: u32 = 18;
pub(crate) const HEAD: u32 = 8;

/// Amounts with the share of the height, from the top, at which they stand.
fn amounts(data: &ChartData, shape: &Shape) -> Vec<(f32, String)> {
    let (bottom, top) = shape.scale;
    let axis = (top / (top - bottom)) as f32;
    let mut amounts = vec![(0.0, amount(top, data.unit))];
    // Nothing is counted by halves.
    if data.unit != ChartUnit::Count || top % 2.0 == 0.0 {
        amounts.push((axis / 2.0, amount(top / 2.0, data.unit)));
    }
    if bottom < 0.0 && (1.0 - axis) > 0.2 {
        amounts.push((1.0, amount(-bottom, data.unit)));
    }
    amounts
}

/// Distance of the middle of the times from the chart's foot, in CSS pixels.
const AXIS: f32 = 7.0;

/// Distance of plot and amounts, in CSS pixels.
const BESIDE: u32 = 6;

/// Width that amounts and the clock's name need at the right, in CSS pixels: digits of the widest fallback font at this size are below 7 wide. Seldom more
/// than the least, so that charts one below the other have their times one below the other.
pub(crate) fn gutter(data: &ChartData, shape: &Shape, clock: Clock) -> u32 {
    let amounts = amounts(data, shape);
    let texts = amounts.iter().map(|(_, text)| text.as_str());
    let longest = texts.chain([zone(data, clock).as_str()]).map(|text| text.chars().count()).max().unwrap_or(0);
    (u32::try_from(longest).unwrap_or(8) * 7 + BESIDE).max(48)
}

/// The clock of the times.
fn zone(data: &ChartData, clock: Clock) -> String {
    clock.zone(data.span.0.div_euclid(MINUTE_MS))
}

pub(crate) fn labels(data: &ChartData, shape: &Shape, clock: Clock, plot: f32, height: u32) -> Vec<Label> {
    let mut labels = times(data, clock, plot, height);
    let x = plot + BESIDE as f32;
    labels.push(Label { x, y: height as f32 - AXIS, text: zone(data, clock), anchor: Anchor::Start });
    let inner = (height - FOOT - HEAD) as f32;
    for (share, text) in amounts(data, shape) {
        // The middle of the text stands at its line; the first and last stay inside the chart.
        let y = (HEAD as f32 + inner * share).clamp(6.0, height as f32 - FOOT as f32 - 2.0);
        labels.push(Label { x, y, text, anchor: Anchor::Start });
    }
    labels
}

fn times(data: &ChartData, clock: Clock, plot: f32, height: u32) -> Vec<Label> {
    const STEPS: [i64; 15] = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440, 10_080];
    let (first, behind) = data.span;
    let minutes = (behind - first) / MINUTE_MS;
    let room = ((plot / 64.0) as i64).max(2);
    let step = STEPS.into_iter().find(|step| minutes / step < room).unwrap_or(40_320);
    // Whole hours of the clock that is shown.
    let ahead = clock.shown(first.div_euclid(MINUTE_MS)) - first.div_euclid(MINUTE_MS);
    let mut tick: Minute = (first.div_euclid(MINUTE_MS) + ahead + step - 1).div_euclid(step) * step - ahead;
    let mut labels = Vec::new();
    while tick * MINUTE_MS < behind && labels.len() < 40 {
        let x = (tick * MINUTE_MS - first) as f32 / (behind - first).max(1) as f32 * plot;
        let anchor = if x < 16.0 {
            Anchor::Start
        } else if x > plot - 16.0 {
            Anchor::End
        } else {
            Anchor::Middle
        };
        // Midnight says which day begins.
        let midnight = clock.shown(tick).rem_euclid(1440) == 0;
        let text = if midnight && minutes > 720 { day_and_month(clock, tick) } else { clock.time(tick) };
        labels.push(Label { x, y: height as f32 - AXIS, text, anchor });
        tick += step;
    }
    labels
}

/// `20 Nov`.
fn day_and_month(clock: Clock, minute: Minute) -> String {
    let date = clock.date(minute);
    date.rsplit_once(' ').map_or(date.clone(), |(day, _)| day.to_owned())
}

pub(crate) fn title(data: &ChartData, shape: &Shape, clock: Clock) -> String {
    let (first, behind) = (data.span.0.div_euclid(MINUTE_MS), data.span.1.div_euclid(MINUTE_MS));
    let mut title = data.title.clone();
    if !data.subject.is_empty() {
        title.push_str(" of ");
        title.push_str(&data.subject);
    }
    title.push_str(&format!(", {} to {} {}:", clock.time(first), clock.time(behind), clock.zone(first)));
    for series in &data.series {
        title.push(' ');
        title.push_str(&words(data, series));
    }
    title.pop();
    match shape.gaps.len() {
        0 => {}
        1 => title.push_str("; 1 gap without data"),
        many => title.push_str(&format!("; {many} gaps without data")),
    }
    title
}

fn words(data: &ChartData, series: &ChartSeries) -> String {
    let values = || series.points.iter().map(|(_, value)| value.get());
    if series.points.is_empty() {
        return format!("{} no data;", series.name);
    }
    let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    let amount = |value: f64| crate::amount_of(value, series, data);
    let all = match data.form {
        ChartForm::Mirror => format!(", {} in all", amount(values().sum())),
        _ => String::new(),
    };
    format!("{} {} to {}{all};", series.name, amount(least), amount(most))
}
