//! The timeline's tracks: bytes a minute upward with the selected part bright, denied counts downward, hatched gaps, the axis in
//! UTC, and the brush. Also the geometry that a host needs to drag the brush.

use crate::display::primitive::Primitive;
use crate::geometry::{Point, Size};
use underlay_model::time::Minute;
use underlay_model::view::{MinuteRange, Timeline};

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

/// Draws the tracks on this size (836 × 130 in the design's frame; any size works).
pub fn picture(timeline: &Timeline, view: TimelineView, size: Size) -> TimelinePicture {
    let _ = (timeline, view, size);
    todo!()
}
