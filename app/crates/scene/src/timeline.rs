//! The timeline's tracks: bytes a minute upward with the selected part bright, denied counts downward, hatched gaps, the axis, lanes of
//! targets, requests and events, the brush and the playhead. Also the geometry that a host needs to drag the brush.

mod tracks;

pub use tracks::{Lane, LaneKind, height, lanes};

use crate::display::primitive::{Anchor, Paint, Primitive, Step, TextRun};
use crate::geometry::{Point, Rect, Size};
use crate::token::Token;
use crate::units;
use underlay_model::time::{Clock, Minute};
use underlay_model::view::{MinuteRange, MinuteTraffic, Timeline};

/// What of the brush is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrushPart {
    /// The handle at the range's beginning.
    First,
    /// The handle at its end.
    Last,
    /// Between the handles: drags the whole range.
    Inside,
    /// Outside: begins a new range.
    Outside,
}

/// Where minutes are on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// First minute shown.
    pub first: Minute,
    /// Minutes shown; at least 1.
    pub minutes: u32,
    /// Minutes a bar; at least 1.
    pub per_bar: u32,
    /// Width in pixels.
    pub width: f32,
}

impl Axis {
    /// The whole of a timeline on this width.
    pub fn of(timeline: &Timeline, width: f32) -> Self {
        let per_bar = timeline.minutes_per_bar.max(1);
        let minutes = u32::try_from(timeline.bars.len()).unwrap_or(u32::MAX / per_bar).saturating_mul(per_bar).max(1);
        Self { first: timeline.first, minutes, per_bar, width: width.max(1.0) }
    }

    /// Left edge of a minute, in pixels; may lie outside.
    pub fn x(&self, minute: Minute) -> f32 {
        (minute - self.first) as f32 * self.width / self.minutes as f32
    }

    /// The minute at this x, clamped to what is shown.
    pub fn minute(&self, x: f32) -> Minute {
        let offset = (x * self.minutes as f32 / self.width).floor() as i64;
        self.first + offset.clamp(0, i64::from(self.minutes) - 1)
    }

    /// Left and right edge of a range, in pixels.
    pub fn span(&self, range: MinuteRange) -> (f32, f32) {
        (self.x(range.first), self.x(range.last + 1))
    }

    /// The range between two places, whole bars, at least one; in any order.
    pub fn range(&self, from: f32, to: f32) -> MinuteRange {
        let bar = i64::from(self.per_bar);
        let (low, high) = (self.minute(from.min(to)), self.minute(from.max(to)));
        let down = |minute: Minute| (minute - self.first).div_euclid(bar) * bar + self.first;
        let last = (down(high) + bar - 1).min(self.first + i64::from(self.minutes) - 1);
        MinuteRange { first: down(low), last }
    }

    /// What of the brush is under this place; handles reach 8 px to each side (targets of at least 16 px, the design's 24 with
    /// the row's padding).
    pub fn brush_part(&self, range: MinuteRange, at: Point) -> BrushPart {
        let (left, right) = self.span(range);
        let (to_left, to_right) = ((at.x - left).abs(), (at.x - right).abs());
        if to_left.min(to_right) <= 8.0 {
            // Of two handles close together the one on the pointer's side is meant.
            return if to_left < to_right || (to_left == to_right && at.x < left) {
                BrushPart::First
            } else {
                BrushPart::Last
            };
        }
        if at.x > left && at.x < right { BrushPart::Inside } else { BrushPart::Outside }
    }
}

/// What the tracks show beside the timeline itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TimelineView {
    /// Brushed range; `None` is the whole capture, drawn without handles.
    pub range: Option<MinuteRange>,
    /// Whether [`underlay_model::view::MinuteTraffic::selected`] means something.
    pub selection: bool,
    /// Under the pointer: a hairline.
    pub hover: Option<Minute>,
    /// What the picture shows while time is played.
    pub playhead: Option<MinuteRange>,
}

/// The tracks as primitives, and the numbers for the labels beside them (which are text in the page).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimelinePicture {
    /// To paint, in this order.
    pub primitives: Vec<Primitive>,
    /// Bytes at the top of the bytes track.
    pub most_bytes: u64,
    /// Denied flows at the bottom of the denied track; 0 when there are none.
    pub most_denied: u64,
}

/// Height of the axis row.
const AXIS: f32 = 16.0;
/// Share of the rest that bytes take; below the line are denied flows.
const UPWARD: f32 = 0.78;

/// Draws the tracks on this size with times of this clock; [`height`] says how high they should be, any size works.
pub fn picture(timeline: &Timeline, view: TimelineView, clock: Clock, size: Size) -> TimelinePicture {
    let mut picture = TimelinePicture::default();
    if timeline.bars.is_empty() || size.width < 2.0 || size.height < 2.0 {
        return picture;
    }
    let axis = Axis::of(timeline, size.width);
    let bars = columns(timeline, &axis);
    picture.most_bytes = nice_above(bars.iter().map(|bar| bar.bytes).max().unwrap_or(0));
    picture.most_denied = bars.iter().map(|bar| bar.denied).max().unwrap_or(0);
    let out = &mut picture.primitives;
    let whole = size;
    // Lanes have the lower end; bytes and denials share what is above.
    let size = Size::new(size.width, lanes(timeline).first().map_or(size.height, |lane| lane.top.min(size.height)));

    if let Some(range) = view.range {
        let (left, right) = axis.span(range);
        let rect = Rect::new(left, 0.0, right - left, whole.height);
        out.push(Primitive::Rect { rect, radius: 0.0, paint: Paint::fill(Token::AccentBg).faint(0.5) });
    }
    ticks(&axis, clock, whole, out);
    let base = AXIS + ((size.height - AXIS) * if picture.most_denied > 0 { UPWARD } else { 0.94 }).floor();
    for share in [1.0 / 3.0, 2.0 / 3.0, 1.0] {
        let y = (base - (base - AXIS - 6.0) * share).round() + 0.5;
        out.push(line(Point::new(0.0, y), Point::new(size.width, y), Token::Line1, 1.0));
    }

    let up = base - AXIS - 6.0;
    let height = |bytes: u64| {
        let share = bytes as f32 / picture.most_bytes.max(1) as f32;
        if bytes == 0 { 0.0 } else { (up * share).max(1.0) }
    };
    let down = |denied: u64| {
        let share = denied as f32 / picture.most_denied.max(1) as f32;
        if denied == 0 { 0.0 } else { ((size.height - base - 4.0) * share).max(2.0) }
    };
    for bar in &bars {
        let faint = if view.range.is_none_or(|range| bar.minutes.0 <= range.last && bar.minutes.1 >= range.first) {
            1.0
        } else {
            0.45
        };
        let inner = bar_rect(bar.left, bar.right);
        if !bar.covered {
            let rect = Rect::new(bar.left, AXIS + 4.0, bar.right - bar.left, size.height - AXIS - 4.0);
            out.push(Primitive::Hatch { rect, pitch: 5.0, colour: Token::Line3 });
            continue;
        }
        let selected = if view.selection { bar.selected.min(bar.bytes) } else { 0 };
        let (part, whole) = (height(selected), height(bar.bytes));
        let mut fill = |from: f32, to: f32, token: Token| {
            if to - from > 0.05 {
                let rect = Rect::new(inner.0, base - to, inner.1, to - from);
                out.push(Primitive::Rect { rect, radius: 0.0, paint: Paint::fill(token).faint(faint) });
            }
        };
        fill(0.0, part, Token::User);
        fill(part, whole, Token::UserDim);
        let depth = down(bar.denied);
        if depth > 0.0 {
            // Denials are an exception: never faint.
            let rect = Rect::new(inner.0, base + 2.0, inner.1, depth);
            out.push(Primitive::Rect { rect, radius: 0.0, paint: Paint::fill(Token::Denied) });
        }
    }
    out.push(line(Point::new(0.0, base + 0.5), Point::new(size.width, base + 0.5), Token::Line3, 1.0));
    tracks::draw(timeline, &axis, whole, out);
    if let Some(range) = view.range {
        let (left, right) = axis.span(range);
        let middle = AXIS + (base - AXIS) * 0.55;
        for x in [left, right] {
            handle(x.clamp(0.0, size.width), middle, whole, out);
        }
    }
    if let Some(minute) = view.hover {
        let x = (axis.x(minute) + axis.x(minute + 1)) / 2.0;
        out.push(line(Point::new(x, AXIS), Point::new(x, whole.height), Token::Fg1, 1.0));
    }
    if let Some(playhead) = view.playhead {
        let (left, right) = axis.span(playhead);
        let x = (left + right) / 2.0;
        out.push(line(Point::new(x, 0.0), Point::new(x, whole.height), Token::Fg1, 1.5));
        let corners = [(-5.0, 0.0), (5.0, 0.0), (5.0, 6.0), (0.0, 12.0), (-5.0, 6.0)];
        let mut steps: Vec<Step> = corners.iter().map(|(dx, y)| Step::Line(Point::new(x + dx, *y))).collect();
        if let Some(first) = steps.first_mut() {
            *first = Step::Move(Point::new(x - 5.0, 0.0));
        }
        steps.push(Step::Close);
        out.push(Primitive::Path { steps, paint: Paint::fill(Token::Fg1) });
    }
    picture
}

/// One drawn bar: a timeline bar, or several where they would be narrower than two pixels.
struct Column {
    left: f32,
    right: f32,
    minutes: (Minute, Minute),
    bytes: u64,
    selected: u64,
    denied: u64,
    covered: bool,
}

fn columns(timeline: &Timeline, axis: &Axis) -> Vec<Column> {
    let natural = axis.width / timeline.bars.len() as f32;
    let group = (2.0 / natural).ceil().max(1.0) as usize;
    let per_bar = i64::from(axis.per_bar);
    timeline
        .bars
        .chunks(group)
        .enumerate()
        .map(|(i, chunk)| {
            let first = timeline.first + (i * group) as i64 * per_bar;
            let last = first + chunk.len() as i64 * per_bar - 1;
            let sum = |of: fn(&MinuteTraffic) -> u64| chunk.iter().map(of).fold(0, u64::saturating_add);
            Column {
                left: axis.x(first),
                right: axis.x(last + 1),
                minutes: (first, last),
                // Bars of several minutes show their mean, so that the scale stays one of minutes.
                bytes: sum(|bar| bar.all.total_bytes()) / chunk.len() as u64,
                selected: sum(|bar| bar.selected.total_bytes()) / chunk.len() as u64,
                denied: sum(|bar| bar.all.denied),
                covered: chunk.iter().any(|bar| bar.covered),
            }
        })
        .collect()
}

/// Left edge and width of a bar between these edges: a gap of a sixth, at most 2.6 px.
fn bar_rect(left: f32, right: f32) -> (f32, f32) {
    let width = right - left;
    let gap = if width < 4.0 { 0.0 } else { (width / 6.0).min(2.6) };
    (left + gap / 2.0, width - gap)
}

fn line(from: Point, to: Point, colour: Token, width: f32) -> Primitive {
    Primitive::Path { steps: vec![Step::Move(from), Step::Line(to)], paint: Paint::stroke(colour, width) }
}

fn handle(x: f32, middle: f32, size: Size, out: &mut Vec<Primitive>) {
    out.push(line(Point::new(x, 0.0), Point::new(x, size.height), Token::Accent, 1.5));
    let rect = Rect::new(x - 3.5, middle - 11.0, 7.0, 22.0);
    out.push(Primitive::Rect { rect, radius: 2.0, paint: Paint::fill(Token::Accent) });
    for offset in [-1.0, 1.0] {
        let (from, to) = (Point::new(x + offset, middle - 5.0), Point::new(x + offset, middle + 5.0));
        out.push(line(from, to, Token::OnAccent, 0.9));
    }
}

/// Time between labels: the smallest of the usual steps that leaves labels at least 64 px, in minutes.
fn tick_step(axis: &Axis) -> i64 {
    const STEPS: [i64; 15] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 7200, 14_400];
    let least = 64.0 * axis.minutes as f32 / axis.width;
    STEPS.into_iter().find(|&step| step as f32 >= least).unwrap_or(43_200)
}

fn ticks(axis: &Axis, clock: Clock, size: Size, out: &mut Vec<Primitive>) {
    let step = tick_step(axis);
    // Whole hours and days of the clock that is shown.
    let ahead = clock.shown(axis.first) - axis.first;
    let mut minute = (axis.first + ahead).div_euclid(step) * step - ahead;
    let last = axis.first + i64::from(axis.minutes);
    while minute < last {
        let x = axis.x(minute);
        if x >= 0.0 {
            out.push(line(
                Point::new(x, if x < 1.0 { 0.0 } else { 14.0 }),
                Point::new(x, size.height),
                Token::Line1,
                1.0,
            ));
            // Days are named where they begin, and where only days are shown.
            let days = (minute + ahead).rem_euclid(1440) == 0 && (step >= 1440 || axis.minutes > 1440);
            let text = if days { day_words(clock, minute) } else { clock.time(minute) };
            let room = size.width - x - 6.0;
            if units::text_width(&text, 10.5, false) <= room {
                out.push(Primitive::Text(TextRun {
                    text,
                    x: x + 4.0,
                    y: 12.0,
                    size: 10.5,
                    weight: 400,
                    mono: false,
                    colour: Token::Fg3,
                    opacity: 1.0,
                    anchor: Anchor::Start,
                    room,
                }));
            }
        }
        minute += step;
    }
}

/// `20 Nov`.
fn day_words(clock: Clock, minute: Minute) -> String {
    let date = clock.date(minute);
    date.rsplit_once(' ').map_or(date.clone(), |(day, _)| day.to_owned())
}

/// The next of 1, 2, 3, 4, 5, 6, 8, 10 times a power of ten that is not below.
fn nice_above(bytes: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for step in [1, 2, 3, 4, 5, 6, 8, 10] {
            let value = power.saturating_mul(step);
            if value >= bytes {
                return value;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn axis() -> Axis {
        Axis::of(&fixture::lab_timeline(), 836.0)
    }

    #[test]
    fn minutes_and_places_are_inverse() {
        let axis = axis();
        for minute in 0..60 {
            let (left, right) = axis.span(MinuteRange { first: axis.first + minute, last: axis.first + minute });
            assert_eq!(axis.minute((left + right) / 2.0), axis.first + minute);
        }
        assert_eq!(axis.minute(-50.0), axis.first);
        assert_eq!(axis.minute(1e6), axis.first + 59);
    }

    #[test]
    fn dragging_in_either_direction_gives_whole_bars() {
        let axis = axis();
        let range = axis.range(axis.x(axis.first + 20) + 1.0, axis.x(axis.first + 50) - 1.0);
        assert_eq!((range.first, range.last, range.len()), (axis.first + 20, axis.first + 49, 30));
        assert_eq!(axis.range(300.0, 100.0), axis.range(100.0, 300.0));
        assert_eq!(axis.range(5.0, 5.0).len(), 1);
        let coarse = Axis { per_bar: 5, ..axis };
        assert_eq!(coarse.range(0.0, 0.0), MinuteRange { first: coarse.first, last: coarse.first + 4 });
    }

    #[test]
    fn the_brush_can_be_taken_by_its_handles_and_moved_between_them() {
        let axis = axis();
        let range = MinuteRange { first: axis.first + 20, last: axis.first + 49 };
        let (left, right) = axis.span(range);
        let part = |x: f32| axis.brush_part(range, Point::new(x, 40.0));
        assert_eq!(part(left + 3.0), BrushPart::First);
        assert_eq!(part(right - 7.0), BrushPart::Last);
        assert_eq!(part((left + right) / 2.0), BrushPart::Inside);
        assert_eq!(part(left - 30.0), BrushPart::Outside);
        // A brush of one narrow bar still has two handles.
        let narrow = MinuteRange { first: axis.first, last: axis.first };
        let narrow_axis = Axis { width: 120.0, ..axis };
        assert_eq!(narrow_axis.brush_part(narrow, Point::new(-1.0, 0.0)), BrushPart::First);
        assert_eq!(narrow_axis.brush_part(narrow, Point::new(3.0, 0.0)), BrushPart::Last);
    }

    #[test]
    fn gaps_are_hatched_and_not_drawn_as_zero() {
        let picture = picture(&fixture::lab_timeline(), TimelineView::default(), Clock::UTC, Size::new(836.0, 106.0));
        let hatched = picture.primitives.iter().filter(|p| matches!(p, Primitive::Hatch { .. })).count();
        assert_eq!(hatched, 3);
        assert_eq!(picture.most_denied, 14);
        assert!(picture.most_bytes >= 2_000_000);
    }

    #[test]
    fn labels_of_any_span_have_room() {
        for (bars, per_bar) in [(1, 1), (60, 1), (1440, 1), (44_640, 1), (44_640, 10)] {
            let timeline = Timeline {
                first: 29_919_420,
                bars: vec![MinuteTraffic { covered: true, ..MinuteTraffic::default() }; bars],
                minutes_per_bar: per_bar,
                ..Timeline::default()
            };
            let picture = picture(&timeline, TimelineView::default(), Clock::UTC, Size::new(836.0, 106.0));
            let mut edge = -10.0;
            let mut labels = 0;
            for primitive in &picture.primitives {
                if let Primitive::Text(run) = primitive {
                    assert!(run.x >= edge, "{bars} bars: {} overlaps", run.text);
                    edge = run.x + units::text_width(&run.text, run.size, false);
                    labels += 1;
                }
            }
            assert!((1..=14).contains(&labels), "{bars} × {per_bar}: {labels} labels");
        }
    }

    #[test]
    fn scales_end_at_round_numbers() {
        assert_eq!([0, 1, 7, 11, 3_700_000].map(nice_above), [1, 1, 8, 20, 4_000_000]);
        assert_eq!(nice_above(u64::MAX), u64::MAX);
    }
}
