//! The way of an edge: a cubic curve with level ends between the sides of two boxes, spread along a side where several begin, and
//! the geometry of such curves that heads, labels and hit testing need.

use super::primitive::Step;
use crate::geometry::{Point, Rect};
use underlay_model::order::Order;

/// A cubic curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    pub from: Point,
    pub first: Point,
    pub second: Point,
    pub to: Point,
}

/// Where and how an edge meets its target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Share of the target's height from its top; negative: pixels up from its bottom.
    pub upper: f32,
    /// Pixels before the border.
    pub halo: f32,
}

impl Line {
    /// From the side of one box to the side of another, at these shares of their heights; ends `halo` before the border.
    pub fn between(source: &Rect, target: &Rect, leave: f32, enter: f32, halo: f32) -> Self {
        let (from_y, to_y) = (source.y + source.height * leave, target.y + target.height * enter);
        Self::level(source, target, from_y, to_y, halo)
    }

    fn level(source: &Rect, target: &Rect, from_y: f32, to_y: f32, halo: f32) -> Self {
        if source.right() <= target.x + 1.0 {
            let (from, to) = (Point::new(source.right(), from_y), Point::new(target.x - halo, to_y));
            let middle = (from.x + to.x) / 2.0;
            return Self { from, first: Point::new(middle, from_y), second: Point::new(middle, to_y), to };
        }
        if target.right() <= source.x + 1.0 {
            let (from, to) = (Point::new(source.x, from_y), Point::new(target.right() + halo, to_y));
            let middle = (from.x + to.x) / 2.0;
            return Self { from, first: Point::new(middle, from_y), second: Point::new(middle, to_y), to };
        }
        // One above the other: out at the left and back in.
        let (from, to) = (Point::new(source.x, from_y), Point::new(target.x - halo, to_y));
        let out = from.x.min(to.x) - (24.0 + (to_y - from_y).abs() * 0.08).min(70.0);
        Self { from, first: Point::new(out, from_y), second: Point::new(out, to_y), to }
    }

    /// The same with its end pulled back along its last direction, to make room for a head.
    pub fn shortened(&self, by: f32) -> Self {
        let (dx, dy) = (self.to.x - self.second.x, self.to.y - self.second.y);
        let norm = dx.hypot(dy);
        if norm < 0.001 {
            return *self;
        }
        let by = by.min(norm * 0.9);
        Self { to: Point::new(self.to.x - dx / norm * by, self.to.y - dy / norm * by), ..*self }
    }

    /// The end, and a point before it that gives its direction.
    pub fn tip_and_back(&self) -> (Point, Point) {
        (self.to, self.second)
    }

    pub fn steps(&self) -> Vec<Step> {
        vec![Step::Move(self.from), Step::Cubic(self.first, self.second, self.to)]
    }

    /// The smallest box around its control points, which holds the curve.
    pub fn bounds(&self) -> Rect {
        let points = [self.from, self.first, self.second, self.to];
        let low = |f: fn(&Point) -> f32| points.iter().map(f).fold(f32::MAX, f32::min);
        let high = |f: fn(&Point) -> f32| points.iter().map(f).fold(f32::MIN, f32::max);
        let (x, y) = (low(|p| p.x), low(|p| p.y));
        Rect::new(x, y, high(|p| p.x) - x, high(|p| p.y) - y)
    }
}

/// A point of a path of steps at `t` (0 to 1) of each curve, as short straight pieces.
pub(crate) fn flatten(steps: &[Step]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for step in steps {
        let from = points.last().copied().unwrap_or_default();
        match *step {
            Step::Move(to) | Step::Line(to) => points.push(to),
            Step::Quadratic(control, to) => {
                let middle =
                    |a: Point, b: Point| Point::new(a.x + (b.x - a.x) * 2.0 / 3.0, a.y + (b.y - a.y) * 2.0 / 3.0);
                points.extend(cubic(from, middle(from, control), middle(to, control), to));
            }
            Step::Cubic(first, second, to) => points.extend(cubic(from, first, second, to)),
            Step::Close => points.extend(points.first().copied()),
        }
    }
    points
}

fn cubic(from: Point, first: Point, second: Point, to: Point) -> impl Iterator<Item = Point> {
    const PIECES: usize = 20;
    (1..=PIECES).map(move |piece| {
        let t = piece as f32 / PIECES as f32;
        let s = 1.0 - t;
        let mix =
            |a: f32, b: f32, c: f32, d: f32| s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d;
        Point::new(mix(from.x, first.x, second.x, to.x), mix(from.y, first.y, second.y, to.y))
    })
}

/// Distance of a point to a path, in pixels.
pub(crate) fn distance(steps: &[Step], at: Point) -> f32 {
    let points = flatten(steps);
    points.windows(2).map(|pair| to_piece(pair[0], pair[1], at)).fold(f32::MAX, f32::min)
}

fn to_piece(from: Point, to: Point, at: Point) -> f32 {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((at.x - from.x) * dx + (at.y - from.y) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (at.x - from.x - t * dx).hypot(at.y - from.y - t * dy)
}

/// Routes edges so that those that leave one side of a box, or enter one, stand apart in the order of their other ends.
pub(crate) fn fan(ends: &[(u32, Rect, Rect)], entry: impl Fn(u32) -> Entry) -> Vec<(u32, Line)> {
    let mut leave = shares(ends, |(_, source, target)| (*source, target.centre(), 19.0, 0.5));
    let enter = shares(ends, |(index, source, target)| {
        let upper = entry(*index).upper;
        let share = if upper >= 0.0 { upper } else { 1.0 + upper / target.height.max(1.0) };
        (*target, source.centre(), 14.0, share)
    });
    ends.iter()
        .enumerate()
        .map(|(i, (index, source, target))| {
            let leave = std::mem::take(&mut leave[i]);
            let line = Line::level(
                source,
                target,
                source.y + source.height * leave,
                target.y + target.height * enter[i],
                entry(*index).halo,
            );
            (*index, line)
        })
        .collect()
}

/// For each edge its share of the height of a box: alone at its natural place, several spread around it.
fn shares(ends: &[(u32, Rect, Rect)], of: impl Fn(&(u32, Rect, Rect)) -> (Rect, Point, f32, f32)) -> Vec<f32> {
    // Edges at the same side of the same box, by the height of their other end.
    let mut order: Vec<(u32, u32, u32, bool, f32, u32, usize)> = ends
        .iter()
        .enumerate()
        .map(|(i, end)| {
            let (rect, other, _, _) = of(end);
            let bits = |value: f32| value.to_bits();
            let right = other.x > rect.centre().x;
            (bits(rect.x), bits(rect.y), bits(rect.height), right, other.y, end.0, i)
        })
        .collect();
    order.order_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut out = vec![0.5; ends.len()];
    let mut start = 0;
    while start < order.len() {
        let group = |item: &(u32, u32, u32, bool, f32, u32, usize)| (item.0, item.1, item.2, item.3);
        let mut end = start + 1;
        while end < order.len() && group(&order[end]) == group(&order[start]) {
            end += 1;
        }
        let count = end - start;
        for (place, item) in order[start..end].iter().enumerate() {
            let (rect, _, pitch, natural) = of(&ends[item.6]);
            let height = rect.height.max(1.0);
            let room = (height - 12.0).max(height * 0.3);
            let step = if count > 1 { pitch.min(room / (count - 1) as f32) } else { 0.0 };
            let spread = (count - 1) as f32 * step;
            // Centred on the natural place as far as the box allows.
            let middle = (natural * height)
                .clamp((spread / 2.0 + 4.0).min(height / 2.0), (height - spread / 2.0 - 4.0).max(height / 2.0));
            out[item.6] = (middle - spread / 2.0 + place as f32 * step) / height;
        }
        start = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_leave_and_enter_level_and_end_before_the_border() {
        let (source, target) = (Rect::new(0.0, 0.0, 100.0, 80.0), Rect::new(200.0, 100.0, 50.0, 40.0));
        let line = Line::between(&source, &target, 0.5, 0.5, 2.0);
        assert_eq!((line.from, line.to), (Point::new(100.0, 40.0), Point::new(198.0, 120.0)));
        assert_eq!((line.first.y, line.second.y), (40.0, 120.0));
        let back = Line::between(&target, &source, 0.5, 0.5, 2.0);
        assert_eq!((back.from.x, back.to.x), (200.0, 102.0));
        assert!(distance(&line.steps(), Point::new(149.0, 80.0)) < 2.0);
        assert!(distance(&line.steps(), Point::new(100.0, 120.0)) > 20.0);
    }

    #[test]
    fn edges_of_one_side_stand_apart_and_do_not_cross_at_their_ends() {
        let source = Rect::new(0.0, 0.0, 100.0, 84.0);
        let target = |y: f32| Rect::new(200.0, y, 50.0, 52.0);
        let ends = [(0, source, target(300.0)), (1, source, target(0.0)), (2, source, target(100.0))];
        let lines = fan(&ends, |_| Entry { upper: 0.375, halo: 1.0 });
        let y: Vec<f32> = lines.iter().map(|(_, line)| line.from.y).collect();
        assert!(y[1] < y[2] && y[2] < y[0]);
        assert_eq!(y[2] - y[1], 19.0);
        assert_eq!(lines[1].1.to.y, 19.5);
    }
}
