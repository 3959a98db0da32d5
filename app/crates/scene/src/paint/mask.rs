//! Small shapes as coverage of pixels, computed in whole numbers: the marks of exceptions with their rims, and the bars of crosses.

use super::shapes;
use crate::geometry::{Point, Rect};
use underlay_model::health::HealthState;

/// Coverage of a square of pixels by a shape, 0 to 256 each.
#[derive(Clone, Debug)]
pub(super) struct Mask {
    side: usize,
    coverage: Vec<u16>,
}

impl Mask {
    /// A convex polygon inside a square of so many pixels, four samples a pixel each way.
    pub fn of(points: &[Point], side: usize) -> Self {
        const SAMPLES: i64 = 4;
        let side = side.clamp(1, 512);
        // Whole numbers from here on: 1/64 of a pixel.
        let fixed: Vec<(i64, i64)> = points.iter().map(|p| ((p.x * 64.0) as i64, (p.y * 64.0) as i64)).collect();
        let inside = |x: i64, y: i64| {
            let mut signs = (false, false);
            for (i, from) in fixed.iter().enumerate() {
                let to = fixed[(i + 1) % fixed.len()];
                let cross = (to.0 - from.0) * (y - from.1) - (to.1 - from.1) * (x - from.0);
                signs = (signs.0 || cross > 0, signs.1 || cross < 0);
            }
            !(signs.0 && signs.1)
        };
        let offset = |step: i64| 64 / SAMPLES * step + 64 / SAMPLES / 2;
        let coverage = |pixel: usize| {
            let (x, y) = ((pixel % side) as i64 * 64, (pixel / side) as i64 * 64);
            let hits = (0..SAMPLES * SAMPLES).filter(|s| inside(x + offset(s % SAMPLES), y + offset(s / SAMPLES)));
            hits.count() as u16 * 16
        };
        Self { side, coverage: (0..side * side).map(coverage).collect() }
    }

    /// Calls with every covered pixel and its part of 256.
    pub fn each(&self, mut each: impl FnMut(i32, i32, u32)) {
        for (at, &part) in self.coverage.iter().enumerate().filter(|(_, part)| **part > 0) {
            each((at % self.side) as i32, (at / self.side) as i32, u32::from(part));
        }
    }
}

/// A pixel of a mark: how much of it the rim covers, and then the mark, each of 256.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dot {
    pub x: i16,
    pub y: i16,
    pub rim: u16,
    pub mark: u16,
}

/// The covered pixels of a mark with a rim that keeps it apart from the cells that it covers.
#[derive(Clone, Debug)]
pub(super) struct Stamp(pub Vec<Dot>);

impl Stamp {
    /// The mark of a state as wide and high as `rect`, its left top `hairline + 1` pixels from the stamp's.
    pub fn of(rect: &Rect, state: HealthState, hairline: f32) -> Self {
        let inner = Rect::new(hairline + 1.0, hairline + 1.0, rect.width, rect.height);
        let side = (inner.right() + hairline + 2.0) as usize;
        let mask = |rect: &Rect| Mask::of(&shapes::mark_points(rect, state), side);
        let (rim, mark) = (mask(&inner.grown(hairline)), mask(&inner));
        let (rim_side, dots) = (
            rim.side,
            rim.coverage.iter().zip(&mark.coverage).enumerate().filter(|(_, (rim, mark))| **rim + **mark > 0),
        );
        let dot = |(at, (&rim, &mark)): (usize, (&u16, &u16))| {
            // What the mark covers wholly needs no rim below it.
            let rim = if mark == 256 { 0 } else { rim };
            Dot { x: (at % rim_side) as i16, y: (at / rim_side) as i16, rim, mark }
        };
        Self(dots.map(dot).collect())
    }
}
