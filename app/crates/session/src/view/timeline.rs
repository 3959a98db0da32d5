//! The capture minute by minute, and a thing's series on the same bars.

use super::placed::traffic_of;
use super::{World, tracks};
use underlay_model::time::Minute;
use underlay_model::view::{MinuteRange, MinuteTraffic, SeriesPoint, Timeline};
use underlay_store::query::{MinuteSum, MinuteSums};

/// Bars at most: 31 days of minutes.
const MOST_BARS: u64 = 44_640;

/// The minutes from the first to the last that some record covers; `None` when there are none.
pub fn span_of(minutes: &MinuteSums) -> Option<MinuteRange> {
    let first = minutes.0.first()?.minute;
    let last = minutes.0.last()?.minute;
    Some(MinuteRange { first, last })
}

/// The whole capture minute by minute; `minutes` is the store's timeline of the selection, or of everything with
/// `has_selection` false. Without flow logs the minutes are those of the access log and the metrics, and no bar is covered.
pub fn timeline(world: World<'_>, minutes: &MinuteSums, has_selection: bool) -> Timeline {
    let (first, minutes_per_bar, bars) = bars(minutes, |bar: &mut MinuteTraffic, sum| {
        bar.all += traffic_of(&sum.all);
        if has_selection {
            bar.selected += traffic_of(&sum.selected);
        }
        bar.covered = true;
    });
    let mut timeline = Timeline { first, bars, minutes_per_bar, ..Timeline::default() };
    let other = || tracks::span_without_flows(world);
    if let Some(span) = span_of(minutes).or_else(other) {
        if timeline.bars.is_empty() {
            timeline.first = span.first;
            timeline.bars = vec![MinuteTraffic::default(); usize::try_from(span.len()).unwrap_or(0)];
        }
        timeline.tracks = tracks::tracks(world, minutes, span, timeline.minutes_per_bar.into());
    }
    timeline
}

/// Bytes from and to the thing that the timeline's selector asked for, on the bars of [`timeline`].
pub(super) fn series(minutes: &MinuteSums) -> (Minute, Vec<SeriesPoint>) {
    let (first, _, points) = bars(minutes, |point: &mut SeriesPoint, sum| {
        let (source, target) = (traffic_of(&sum.selected_as_source), traffic_of(&sum.selected_as_destination));
        point.from = point.from.saturating_add(source.bytes[0]).saturating_add(target.bytes[1]);
        point.to = point.to.saturating_add(source.bytes[1]).saturating_add(target.bytes[0]);
        point.denied = point.denied.saturating_add(sum.selected.denied);
        point.covered = true;
    });
    (first, points)
}

/// Bytes of an edge: from its source to its target, and back.
pub(super) fn edge_series(minutes: &MinuteSums) -> (Minute, Vec<SeriesPoint>) {
    let (first, _, points) = bars(minutes, |point: &mut SeriesPoint, sum| {
        let traffic = traffic_of(&sum.selected);
        point.from = point.from.saturating_add(traffic.bytes[0]);
        point.to = point.to.saturating_add(traffic.bytes[1]);
        point.denied = point.denied.saturating_add(traffic.denied);
        point.covered = true;
    });
    (first, points)
}

/// One bar a minute from the first to the last, several minutes a bar when there are too many.
fn bars<T: Default + Clone>(minutes: &MinuteSums, mut add: impl FnMut(&mut T, &MinuteSum)) -> (Minute, u32, Vec<T>) {
    let Some(span) = span_of(minutes) else { return (0, 1, Vec::new()) };
    let per_bar = span.len().div_ceil(MOST_BARS).max(1);
    let count = usize::try_from(span.len().div_ceil(per_bar)).unwrap_or(0);
    let mut bars = vec![T::default(); count];
    for sum in &minutes.0 {
        let at = u64::try_from(sum.minute - span.first).ok().and_then(|minute| usize::try_from(minute / per_bar).ok());
        if let Some(bar) = at.and_then(|at| bars.get_mut(at)) {
            add(bar, sum);
        }
    }
    (span.first, u32::try_from(per_bar).unwrap_or(u32::MAX), bars)
}
