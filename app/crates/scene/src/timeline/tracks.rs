//! The lanes below bytes and denials: healthy targets of a service each, requests, events. What no input tells of a minute is hatched
//! or left empty, never drawn as zero.

use super::{Axis, line};
use crate::display::primitive::{Anchor, Mark, Paint, Primitive, TextRun};
use crate::geometry::{Point, Rect, Size};
use crate::token::Token;
use crate::units;
use underlay_model::view::{EventKind, EventMark, TargetLane, Timeline};

/// What a lane shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneKind {
    /// Healthy targets of the service with this index.
    Target(usize),
    /// Requests of the access log.
    Requests,
    /// Events and restarts.
    Events,
}

/// A lane and where it lies, from the top of the tracks, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Lane {
    pub kind: LaneKind,
    pub top: f32,
    pub height: f32,
}

/// Height of the axis, bytes and denials together, when there are lanes below them.
const ABOVE: f32 = 106.0;
/// Height of everything without lanes.
const ALONE: f32 = 130.0;
/// Distance of two marks at least, in pixels.
const MARK: f32 = 13.0;

/// The lanes that a timeline has, from top to bottom.
pub fn lanes(timeline: &Timeline) -> Vec<Lane> {
    let tracks = &timeline.tracks;
    let mut lanes = Vec::new();
    let mut top = ABOVE;
    let mut add = |kind: LaneKind, height: f32| {
        lanes.push(Lane { kind, top, height });
        top += height;
    };
    for target in 0..tracks.targets.len() {
        add(LaneKind::Target(target), 15.0);
    }
    if !tracks.requests.is_empty() {
        add(LaneKind::Requests, 18.0);
    }
    if !tracks.events.is_empty() {
        add(LaneKind::Events, 18.0);
    }
    lanes
}

/// Height that the tracks of a timeline need, in pixels.
pub fn height(timeline: &Timeline) -> f32 {
    lanes(timeline).last().map_or(ALONE, |lane| lane.top + lane.height + 2.0)
}

/// Draws the lanes below what is drawn of bytes.
pub(super) fn draw(timeline: &Timeline, axis: &Axis, size: Size, out: &mut Vec<Primitive>) {
    for lane in lanes(timeline) {
        out.push(line(Point::new(0.0, lane.top + 0.5), Point::new(size.width, lane.top + 0.5), Token::Line1, 1.0));
        match lane.kind {
            LaneKind::Target(at) => {
                if let Some(target) = timeline.tracks.targets.get(at) {
                    targets(target, axis, lane, out);
                }
            }
            LaneKind::Requests => requests(timeline, axis, lane, out),
            LaneKind::Events => events(&timeline.tracks.events, axis, lane, out),
        }
    }
}

fn targets(target: &TargetLane, axis: &Axis, lane: Lane, out: &mut Vec<Primitive>) {
    let (top, height) = (lane.top + 2.0, lane.height - 3.0);
    let most = target.runs.iter().map(|run| run.healthy.get()).fold(0.0, f64::max);
    let full = target.expected.map_or(most, |expected| expected as f64);
    let mut known = 0.0;
    for run in &target.runs {
        let (left, right) = (axis.x(run.first).max(0.0), axis.x(run.last + 1).min(axis.width));
        gap(known, left, top, height, out);
        known = right;
        let value = run.healthy.get();
        let (back, front, ink) = match () {
            () if value >= full => (Token::HealthyBg, Token::Healthy, Token::HealthyFg),
            () if value > 0.0 => (Token::DegradedBg, Token::Degraded, Token::DegradedFg),
            () => (Token::FailingBg, Token::Failing, Token::FailingFg),
        };
        let rect = Rect::new(left, top, right - left, height);
        out.push(Primitive::Rect { rect, radius: 0.0, paint: Paint::fill(back) });
        out.push(line(Point::new(left, top + height), Point::new(right, top + height), front, 1.5));
        let words = format!("{value} of {full}");
        let room = right - left - 6.0;
        if units::text_width(&words, 10.5, false) <= room {
            out.push(text(words, left + 4.0, top + height - 2.5, ink, room));
        }
    }
    gap(known, axis.width, top, height, out);
}

fn gap(from: f32, to: f32, top: f32, height: f32, out: &mut Vec<Primitive>) {
    if to - from > 1.0 {
        out.push(Primitive::Hatch { rect: Rect::new(from, top, to - from, height), pitch: 5.0, colour: Token::Line3 });
    }
}

fn requests(timeline: &Timeline, axis: &Axis, lane: Lane, out: &mut Vec<Primitive>) {
    let most = timeline.tracks.requests.iter().map(|bar| bar.requests).max().unwrap_or(0).max(1);
    let (bottom, room) = (lane.top + lane.height - 1.0, lane.height - 3.0);
    let mut edge = 0.0f32;
    for bar in &timeline.tracks.requests {
        let (left, right) = (axis.x(bar.minute), axis.x(bar.minute + i64::from(axis.per_bar)));
        // Bars narrower than a pixel stand on one; those with failures are never left out.
        let left = left.max(edge - if bar.failed > 0 { 1.0 } else { 0.0 });
        let width = (right - left - if right - left > 4.0 { 1.0 } else { 0.0 }).max(1.0);
        if left >= axis.width || (left < edge && bar.failed == 0) {
            continue;
        }
        edge = left + width;
        let height = |count: u64| if count == 0 { 0.0 } else { (room * count as f32 / most as f32).max(1.5) };
        let (whole, failed) = (height(bar.requests), height(bar.failed));
        let mut fill = |from: f32, to: f32, token: Token| {
            if to > from {
                let rect = Rect::new(left, bottom - to, width, to - from);
                out.push(Primitive::Rect { rect, radius: 0.0, paint: Paint::fill(token) });
            }
        };
        fill(failed, whole, Token::UserDim);
        fill(0.0, failed, Token::Failing);
    }
}

/// Marks that would stand upon each other are one: the worst of them, with all counted.
fn events(events: &[EventMark], axis: &Axis, lane: Lane, out: &mut Vec<Primitive>) {
    let middle = |event: &EventMark| axis.x(event.minute) + axis.x(event.minute + i64::from(axis.per_bar));
    let mut marks: Vec<(f32, &EventMark, u64)> = Vec::new();
    for event in events {
        let x = (middle(event) / 2.0).clamp(MARK / 2.0, (axis.width - MARK / 2.0).max(MARK / 2.0));
        match marks.last_mut() {
            Some(last) if x - last.0 < MARK => {
                last.2 += event.count;
                if event.kind > last.1.kind {
                    last.1 = event;
                }
            }
            _ => marks.push((x, event, event.count)),
        }
    }
    let top = lane.top + (lane.height - 12.0) / 2.0;
    for (at, &(x, event, count)) in marks.iter().enumerate() {
        let mark = match event.kind {
            EventKind::Normal => Mark::Notice,
            EventKind::Warning => Mark::Degraded,
            EventKind::Restart => Mark::Failing,
        };
        out.push(Primitive::Glyph {
            mark,
            at: Point::new(x - 6.0, top),
            size: 12.0,
            knockout: Token::Chrome,
            opacity: 1.0,
        });
        let end = marks.get(at + 1).map_or(axis.width, |next| next.0 - MARK / 2.0);
        let reason = event.text.split(' ').next().unwrap_or_default();
        let words = if count > 1 { format!("{reason} ×{count}") } else { reason.to_owned() };
        let room = end - x - 12.0;
        if units::text_width(&words, 10.5, false) <= room {
            out.push(text(words, x + 9.0, top + 10.0, Token::Fg2, room));
        }
    }
}

fn text(text: String, x: f32, y: f32, colour: Token, room: f32) -> Primitive {
    Primitive::Text(TextRun {
        text,
        x,
        y,
        size: 10.5,
        weight: 400,
        mono: false,
        colour,
        opacity: 1.0,
        anchor: Anchor::Start,
        room,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::timeline::{TimelineView, picture};
    use underlay_model::metrics::Value;
    use underlay_model::time::Clock;
    use underlay_model::view::{RequestBar, TargetRun, Tracks};

    fn timeline() -> Timeline {
        let mut timeline = fixture::lab_timeline();
        let first = timeline.first;
        let run = |from: i64, to: i64, healthy: f64| TargetRun {
            first: first + from,
            last: first + to,
            healthy: Value::new(healthy).unwrap(),
        };
        let event = |minute: i64, kind: EventKind, count: u64| EventMark {
            minute: first + minute,
            kind,
            count,
            text: "Unhealthy bg76s".to_owned(),
            key: None,
        };
        timeline.tracks = Tracks {
            targets: vec![TargetLane {
                service: "yada/yadaapi/8080".to_owned(),
                expected: Some(2),
                runs: vec![run(0, 30, 2.0), run(31, 40, 1.0), run(44, 59, 1.0)],
            }],
            requests: vec![RequestBar { minute: first + 3, requests: 100, failed: 1 }],
            events: vec![
                event(30, EventKind::Normal, 1),
                event(30, EventKind::Warning, 57),
                event(50, EventKind::Restart, 1),
            ],
            ..Tracks::default()
        };
        timeline
    }

    fn drawn(width: f32) -> Vec<Primitive> {
        let timeline = timeline();
        let size = Size::new(width, height(&timeline));
        picture(&timeline, TimelineView::default(), Clock::UTC, size).primitives
    }

    #[test]
    fn a_minute_without_a_metric_is_hatched_in_its_lane() {
        let lane = lanes(&timeline())[0];
        let hatched: Vec<Rect> = drawn(836.0)
            .into_iter()
            .filter_map(|one| if let Primitive::Hatch { rect, .. } = one { Some(rect) } else { None })
            .filter(|rect| rect.y >= lane.top)
            .collect();
        assert_eq!(hatched.len(), 1);
        assert!((hatched[0].width - 3.0 * 836.0 / 60.0).abs() < 1.0);
    }

    #[test]
    fn events_of_one_place_are_one_mark_with_the_worst_of_them() {
        let marks: Vec<Mark> = drawn(836.0)
            .into_iter()
            .filter_map(|one| if let Primitive::Glyph { mark, .. } = one { Some(mark) } else { None })
            .collect();
        assert_eq!(marks, [Mark::Degraded, Mark::Failing]);
        let words = |one: &Primitive| matches!(one, Primitive::Text(run) if run.text == "Unhealthy ×58");
        assert!(drawn(836.0).iter().any(words));
    }

    #[test]
    fn nothing_leaves_the_tracks_whatever_their_width() {
        for width in [60.0, 300.0, 2000.0] {
            for primitive in drawn(width) {
                if let Primitive::Rect { rect, .. } = primitive {
                    assert!(rect.x >= -1.0 && rect.x + rect.width <= width + 1.5, "{rect:?} of {width}");
                }
            }
        }
    }
}
