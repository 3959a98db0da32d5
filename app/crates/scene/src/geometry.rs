//! Points, rectangles and the camera. World coordinates are CSS pixels at zoom 1 with y downwards; the screen's are CSS pixels
//! from the top left of the canvas. Everything else in this crate is written in these terms.

/// A place, or a distance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    /// A point.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}

/// Width and height in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Size {
    pub width: f32,
    pub height: f32,
}

impl Size {
    /// A size.
    pub const fn new(width: f32, height: f32) -> Self {
        Self { width, height }
    }
}

/// Room at the edges of the canvas that floating controls cover, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Insets {
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
    pub left: f32,
}

impl Default for Insets {
    /// The controls' row at the top and a margin elsewhere.
    fn default() -> Self {
        Self { top: 38.0, right: 12.0, bottom: 6.0, left: 12.0 }
    }
}

/// An upright rectangle; width and height are never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs, reason = "plain words")]
pub struct Rect {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Rect {
    /// A rectangle.
    pub const fn new(x: f32, y: f32, width: f32, height: f32) -> Self {
        Self { x, y, width, height }
    }

    /// The right edge.
    pub fn right(&self) -> f32 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f32 {
        self.y + self.height
    }

    /// The middle.
    pub fn centre(&self) -> Point {
        Point::new(self.x + self.width / 2.0, self.y + self.height / 2.0)
    }

    /// Whether the point lies inside; left and top edges belong to it, right and lower do not.
    pub fn contains(&self, point: Point) -> bool {
        point.x >= self.x && point.x < self.right() && point.y >= self.y && point.y < self.bottom()
    }

    /// Whether the other rectangle lies inside, edges may touch.
    pub fn encloses(&self, other: &Self) -> bool {
        let slack = 0.01;
        other.x >= self.x - slack
            && other.y >= self.y - slack
            && other.right() <= self.right() + slack
            && other.bottom() <= self.bottom() + slack
    }

    /// Whether both share more than an edge.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// The smallest rectangle around both.
    pub fn union(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }

    /// Larger by `by` on every side (smaller when negative, but never less than nothing).
    pub fn grown(&self, by: f32) -> Self {
        Self::new(self.x - by, self.y - by, (self.width + 2.0 * by).max(0.0), (self.height + 2.0 * by).max(0.0))
    }
}

/// Where the eye is: `screen = world × scale + (x, y)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Camera {
    /// Screen x of the world's origin.
    pub x: f32,
    /// Screen y of the world's origin.
    pub y: f32,
    /// Screen pixels a world pixel; within [`Camera::LEAST`] and [`Camera::MOST`].
    pub scale: f32,
}

impl Default for Camera {
    fn default() -> Self {
        Self { x: 0.0, y: 0.0, scale: 1.0 }
    }
}

impl Camera {
    /// The smallest scale: an estate of 5,000 nodes fits a phone.
    pub const LEAST: f32 = 0.02;
    /// The largest scale: a pod cell of the densest node becomes a card.
    pub const MOST: f32 = 128.0;

    /// Where a world point is on the screen.
    pub fn to_screen(&self, world: Point) -> Point {
        Point::new(world.x * self.scale + self.x, world.y * self.scale + self.y)
    }

    /// Which world point is at this place of the screen.
    pub fn to_world(&self, screen: Point) -> Point {
        Point::new((screen.x - self.x) / self.scale, (screen.y - self.y) / self.scale)
    }

    /// A world rectangle on the screen.
    pub fn rect(&self, world: &Rect) -> Rect {
        Rect::new(
            world.x * self.scale + self.x,
            world.y * self.scale + self.y,
            world.width * self.scale,
            world.height * self.scale,
        )
    }

    /// Moved by so many screen pixels.
    #[must_use]
    pub fn panned(&self, dx: f32, dy: f32) -> Self {
        Self { x: self.x + dx, y: self.y + dy, scale: self.scale }
    }

    /// Zoomed by a factor; the world under `anchor` (screen) stays where it is.
    #[must_use]
    pub fn zoomed(&self, factor: f32, anchor: Point) -> Self {
        let scale = (self.scale * factor).clamp(Self::LEAST, Self::MOST);
        let factor = scale / self.scale;
        Self { x: anchor.x - (anchor.x - self.x) * factor, y: anchor.y - (anchor.y - self.y) * factor, scale }
    }

    /// The camera that shows `bounds` whole and in the middle, not larger than `largest` times. Offsets are whole pixels, so that
    /// hairlines stay crisp at zoom 1.
    pub fn fit(bounds: &Rect, viewport: Size, insets: Insets, largest: f32) -> Self {
        let room = Size::new(
            (viewport.width - insets.left - insets.right).max(1.0),
            (viewport.height - insets.top - insets.bottom).max(1.0),
        );
        let fitting = (room.width / bounds.width.max(1.0)).min(room.height / bounds.height.max(1.0));
        // Within 1 % of natural size hairlines and text gain more from being crisp than from the last pixels of margin.
        let fitting = if (0.99..1.0).contains(&fitting) { 1.0 } else { fitting };
        let scale = fitting.min(largest).clamp(Self::LEAST, Self::MOST);
        let x = insets.left + (room.width - bounds.width * scale) / 2.0 - bounds.x * scale;
        let y = insets.top + (room.height - bounds.height * scale) / 2.0 - bounds.y * scale;
        Self { x: x.round(), y: y.round(), scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_what_is_under_the_pointer() {
        let camera = Camera { x: 13.0, y: -40.0, scale: 0.7 };
        let anchor = Point::new(400.0, 222.0);
        let before = camera.to_world(anchor);
        let after = camera.zoomed(1.7, anchor).to_world(anchor);
        assert!((before.x - after.x).abs() < 0.01 && (before.y - after.y).abs() < 0.01);
        assert_eq!(camera.zoomed(1e9, anchor).scale, Camera::MOST);
    }

    #[test]
    fn fitting_shows_everything_inside_the_insets() {
        let bounds = Rect::new(100.0, 50.0, 4000.0, 900.0);
        let insets = Insets::default();
        let camera = Camera::fit(&bounds, Size::new(836.0, 612.0), insets, 1.0);
        let seen = camera.rect(&bounds);
        assert!(Rect::new(0.0, 0.0, 836.0, 612.0).encloses(&seen.grown(-1.0)));
        assert!(seen.y >= insets.top - 1.0);
    }
}
