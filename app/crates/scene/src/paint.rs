//! The reference painter: rasterises the mass of cells into pixels, without a GPU, the same bytes on every machine. Edges of
//! rectangles are blended by coverage in whole numbers, so that no rounding mode or instruction set shows.

use crate::display::primitive::{Block, CellField};
use crate::geometry::{Point, Rect};
use crate::token::{Palette, Token};
use underlay_model::health::HealthState;

/// Paints cell fields into an RGBA buffer (not premultiplied, rows without padding), transparent where nothing is.
#[derive(Clone, Debug)]
pub struct SoftPainter {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl SoftPainter {
    /// A painter for a canvas of so many device pixels; at least 1 × 1, at most 16,384 each.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width.clamp(1, 16_384), height.clamp(1, 16_384));
        Self { width, height, pixels: vec![0; width as usize * height as usize * 4] }
    }

    /// Width and height in device pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Clears, then paints the field. `ratio` is device pixels a CSS pixel.
    pub fn paint(&mut self, field: &CellField, palette: &Palette, ratio: f32) {
        self.pixels.fill(0);
        let scaled = |rect: &Rect| Rect::new(rect.x * ratio, rect.y * ratio, rect.width * ratio, rect.height * ratio);
        let hairline = ratio.max(1.0);
        for block in &field.blocks {
            let rect = scaled(&block.rect);
            match block.stroke.filter(|_| block.rect.width >= 6.0) {
                Some(stroke) => {
                    self.fill(&rect, palette.rgba(stroke));
                    self.fill(&rect.grown(-hairline), palette.rgba(block.fill));
                }
                None => self.fill(&rect, palette.rgba(block.fill)),
            }
            if let Some(bar) = shapes::load_bar(block) {
                self.fill(&scaled(&bar), palette.rgba(Token::User));
            }
        }
        let (healthy, unknown) = (palette.rgba(Token::HealthyQuiet), palette.rgba(Token::Unknown));
        let bright = palette.rgba(Token::Healthy);
        let surface = palette.rgba(Token::Raised);
        let mut late: Vec<(Rect, HealthState)> = Vec::new();
        shapes::each_cell(field, |rect, state, lit| match state {
            HealthState::Healthy => self.fill(&scaled(&rect), if lit { bright } else { healthy }),
            HealthState::Unknown => {
                let rect = scaled(&rect);
                self.fill(&rect, unknown);
                if rect.width > 3.0 * hairline {
                    self.fill(&rect.grown(-hairline), surface);
                }
            }
            other => late.push((shapes::mark_rect(&rect), other)),
        });
        late.extend(field.blocks.iter().filter_map(shapes::block_mark));
        let late: Vec<(Rect, HealthState)> = late.iter().map(|(rect, state)| (scaled(rect), *state)).collect();
        self.marks(&late, palette, hairline);
        for block in field.blocks.iter().filter(|block| block.denied) {
            let rect = scaled(&shapes::corner(&block.rect, false));
            let (x, y) = (rect.x.round() as i32, rect.y.round() as i32);
            for points in shapes::cross(&Rect::new(0.0, 0.0, rect.width, rect.height)) {
                self.stamp(&Mask::of(&points, rect.width as usize + 1), x, y, palette.rgba(Token::Denied));
            }
        }
    }

    /// The picture: RGBA, `4 × width × height` bytes.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Fills a rectangle; partly covered pixels at its edges are blended in 1/256 steps.
    fn fill(&mut self, rect: &Rect, colour: [u8; 4]) {
        let fixed = |value: f32, most: u32| (value.clamp(0.0, most as f32) * 256.0) as u32;
        let (left, right) = (fixed(rect.x, self.width), fixed(rect.right(), self.width));
        let (top, bottom) = (fixed(rect.y, self.height), fixed(rect.bottom(), self.height));
        if left >= right || top >= bottom {
            return;
        }
        let cover = |low: u32, high: u32, pixel: u32| high.min((pixel + 1) * 256) - low.max(pixel * 256);
        let (first, last) = (left / 256, (right - 1) / 256);
        // Whole pixels between the partly covered ones.
        let (whole_from, whole_to) = (left.div_ceil(256), right / 256);
        for y in top / 256..=(bottom - 1) / 256 {
            let rows = cover(top, bottom, y);
            let row = y as usize * self.width as usize;
            let range = |from: u32, to: u32| (row + from as usize) * 4..(row + to as usize) * 4;
            let mut edge = |x: u32| {
                let coverage = rows * cover(left, right, x) / 256;
                if let Some(pixel) = self.pixels.get_mut(range(x, x + 1)) {
                    blend(pixel, colour, coverage);
                }
            };
            if first < whole_from {
                edge(first);
            }
            if last >= whole_to && (last > first || first >= whole_from) {
                edge(last);
            }
            if whole_from >= whole_to {
                continue;
            }
            let Some(whole) = self.pixels.get_mut(range(whole_from, whole_to)) else { continue };
            if rows == 256 && colour[3] == 255 {
                whole.chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&colour));
            } else {
                whole.chunks_exact_mut(4).for_each(|pixel| blend(pixel, colour, rows));
            }
        }
    }

    /// Puts a mask of coverage (0 to 256) with its left top at a pixel.
    fn stamp(&mut self, mask: &Mask, x: i32, y: i32, colour: [u8; 4]) {
        for (row, line) in mask.coverage.chunks(mask.side).enumerate() {
            let y = y + row as i32;
            if y < 0 || y >= self.height as i32 {
                continue;
            }
            for (column, &coverage) in line.iter().enumerate() {
                let x = x + column as i32;
                if coverage == 0 || x < 0 || x >= self.width as i32 {
                    continue;
                }
                let at = (y as usize * self.width as usize + x as usize) * 4;
                if let Some(pixel) = self.pixels.get_mut(at..at + 4) {
                    blend(pixel, colour, u32::from(coverage));
                }
            }
        }
    }

    /// Marks of exceptions, snapped to whole pixels: crisp, and one mask serves all of a size.
    fn marks(&mut self, marks: &[(Rect, HealthState)], palette: &Palette, hairline: f32) {
        let surface = palette.rgba(Token::Raised);
        let mut masks: Vec<(HealthState, u32, Mask, Mask)> = Vec::new();
        for (rect, state) in marks {
            let side = rect.width.to_bits();
            let place =
                masks.iter().position(|(other, size, ..)| (other, *size) == (state, side)).unwrap_or_else(|| {
                    let inner = Rect::new(hairline + 1.0, hairline + 1.0, rect.width, rect.height);
                    let mask = |rect: &Rect| {
                        Mask::of(&shapes::mark_points(rect, *state).1, (inner.right() + hairline + 2.0) as usize)
                    };
                    // A rim of the surface keeps marks apart from the cells that they cover.
                    masks.push((*state, side, mask(&inner.grown(hairline)), mask(&inner)));
                    masks.len() - 1
                });
            let (x, y) = ((rect.x - hairline - 1.0).round() as i32, (rect.y - hairline - 1.0).round() as i32);
            let (_, _, rim, mark) = &masks[place];
            self.stamp(rim, x, y, surface);
            self.stamp(mark, x, y, palette.rgba(shapes::mark_points(rect, *state).0));
        }
    }
}

/// Coverage of a square of pixels by a shape, 0 to 256 each.
struct Mask {
    side: usize,
    coverage: Vec<u16>,
}

impl Mask {
    /// A convex polygon inside a square of so many pixels, four samples a pixel each way.
    fn of(points: &[Point], side: usize) -> Self {
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
}

/// Puts a colour over a pixel; `coverage` is 0 to 256.
fn blend(pixel: &mut [u8], colour: [u8; 4], coverage: u32) {
    let alpha = coverage * u32::from(colour[3]) / 255;
    if alpha >= 256 || pixel[3] == 0 {
        pixel[..3].copy_from_slice(&colour[..3]);
        pixel[3] = pixel[3].max((alpha.min(256) * 255 / 256) as u8);
        return;
    }
    for channel in 0..3 {
        let (below, above) = (u32::from(pixel[channel]), u32::from(colour[channel]));
        pixel[channel] = ((below * (256 - alpha) + above * alpha) / 256) as u8;
    }
    let below = u32::from(pixel[3]);
    pixel[3] = (below + (255 - below) * alpha / 256) as u8;
}

/// Shapes that every painter of cells draws alike.
pub mod shapes {
    use super::*;

    /// Calls with the place and state of every cell of a field that is not muted, and whether it is lit.
    pub fn each_cell(field: &CellField, mut each: impl FnMut(Rect, HealthState, bool)) {
        for run in &field.runs {
            let columns = u32::from(run.columns.max(1));
            let states = field.states.get(run.first as usize..(run.first + run.count) as usize).unwrap_or(&[]);
            let (mut x, mut y, mut column) = (run.at.x, run.at.y, 0);
            for &cell in states {
                if cell & crate::display::primitive::cell::MUTED == 0 {
                    let lit = cell & crate::display::primitive::cell::BRIGHT != 0;
                    each(Rect::new(x, y, run.side, run.side), state(cell), lit);
                }
                column += 1;
                x += run.pitch;
                if column == columns {
                    (column, x, y) = (0, run.at.x, y + run.pitch);
                }
            }
        }
    }

    /// The state in a cell byte.
    pub fn state(cell: u8) -> HealthState {
        match cell & crate::display::primitive::cell::STATE {
            0 => HealthState::Unknown,
            1 => HealthState::Healthy,
            2 => HealthState::Degraded,
            _ => HealthState::Failing,
        }
    }

    /// Where the mark of an exceptional cell is drawn: around the cell's middle, at least 8 px.
    pub fn mark_rect(cell: &Rect) -> Rect {
        let size = (cell.width * 1.3).max(8.0);
        let middle = cell.centre();
        Rect::new(middle.x - size / 2.0, middle.y - size / 2.0, size, size)
    }

    /// The mark of an exceptional block: at its right upper corner, at least 8 px.
    pub fn block_mark(block: &Block) -> Option<(Rect, HealthState)> {
        let exception = matches!(block.worst, HealthState::Degraded | HealthState::Failing);
        exception.then(|| (corner(&block.rect, true), block.worst))
    }

    /// The right upper or left lower corner of a block, for a mark.
    pub fn corner(rect: &Rect, upper: bool) -> Rect {
        let size = (rect.width * 0.4).clamp(8.0, 12.0);
        if upper {
            Rect::new(rect.right() - size + 2.0, rect.y - 2.0, size, size)
        } else {
            Rect::new(rect.x - 2.0, rect.bottom() - size + 2.0, size, size)
        }
    }

    /// Colour and outline of the cell form of a mark: triangle for degraded, diamond for failing.
    pub fn mark_points(rect: &Rect, state: HealthState) -> (Token, Vec<Point>) {
        let (middle, right, bottom) = (rect.centre(), rect.right(), rect.bottom());
        if state == HealthState::Degraded {
            let inset = rect.height * 0.08;
            let points = vec![
                Point::new(middle.x, rect.y + inset),
                Point::new(right, bottom - inset),
                Point::new(rect.x, bottom - inset),
            ];
            return (Token::DegradedLine, points);
        }
        let points = vec![
            Point::new(middle.x, rect.y),
            Point::new(right, middle.y),
            Point::new(middle.x, bottom),
            Point::new(rect.x, middle.y),
        ];
        (Token::Failing, points)
    }

    /// The two bars of a cross.
    pub fn cross(rect: &Rect) -> [Vec<Point>; 2] {
        let bar = rect.width * 0.14;
        let corners = |x1: f32, x2: f32| {
            vec![
                Point::new(x1 - bar, rect.y),
                Point::new(x1 + bar, rect.y),
                Point::new(x2 + bar, rect.bottom()),
                Point::new(x2 - bar, rect.bottom()),
            ]
        };
        let (left, right) = (rect.x + bar, rect.right() - bar);
        [corners(left, right), corners(right, left)]
    }

    /// The load bar of a block; nothing on blocks too small for one.
    pub fn load_bar(block: &Block) -> Option<Rect> {
        let unit = block.rect.width / 47.5;
        let length = (block.rect.width - 5.0 * unit) * block.load.clamp(0.0, 1.0);
        (block.load > 0.0 && block.rect.width >= 28.0).then(|| {
            Rect::new(block.rect.x + 2.5 * unit, block.rect.y + 1.6 * unit, length.max(1.0), (1.6 * unit).min(3.0))
        })
    }

    /// A tick of a pulse strip.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Tick {
        /// Its middle.
        pub x: f32,
        /// Up from the strip's lower edge.
        pub height: f32,
    }

    /// Ticks of a pulse strip: one a value, or one for several where they would be closer than 2.2 px (then their largest).
    pub fn pulse(rect: &Rect, values: &[u8]) -> Vec<Tick> {
        let most = ((rect.width / 2.2) as usize).max(1);
        let group = values.len().div_ceil(most).max(1);
        let count = values.len().div_ceil(group).max(1);
        let pitch = rect.width / count as f32;
        let largest = values.iter().copied().max().unwrap_or(0).max(1);
        values
            .chunks(group)
            .enumerate()
            .map(|(i, chunk)| {
                let value = chunk.iter().copied().max().unwrap_or(0);
                // Nothing is a dot at the bottom; anything is clearly more.
                let share = f32::from(value) / f32::from(largest);
                let height = if value == 0 { 1.5 } else { (rect.height * share).max(3.0) };
                Tick { x: rect.x + (i as f32 + 0.5) * pitch, height }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::display::primitive::CellRun;
    use std::sync::Arc;

    fn field(states: Vec<u8>) -> CellField {
        let run = CellRun {
            at: Point::new(2.0, 2.0),
            columns: 4,
            pitch: 6.0,
            side: 4.0,
            first: 0,
            count: states.len() as u32,
        };
        CellField { blocks: Vec::new(), runs: vec![run], states: Arc::new(states) }
    }

    fn pixel(painter: &SoftPainter, x: usize, y: usize) -> &[u8] {
        let at = (y * painter.size().0 as usize + x) * 4;
        &painter.pixels()[at..at + 4]
    }

    #[test]
    fn cells_are_painted_in_rows_by_state_and_nothing_else_is_touched() {
        let palette = Palette::dark();
        let mut painter = SoftPainter::new(40, 30);
        painter.paint(&field(vec![1, 1, 1, 1, 1, 3]), &palette, 1.0);
        assert_eq!(pixel(&painter, 3, 3), palette.rgba(Token::HealthyQuiet));
        assert_eq!(pixel(&painter, 3, 9), palette.rgba(Token::HealthyQuiet));
        assert_eq!(pixel(&painter, 10, 10), palette.rgba(Token::Failing), "the diamond of the second row");
        assert_eq!(pixel(&painter, 30, 3), [0; 4]);
        let first = painter.pixels().to_vec();
        painter.paint(&field(vec![1, 1, 1, 1, 1, 3]), &palette, 1.0);
        assert_eq!(first, painter.pixels());
    }

    #[test]
    fn an_exception_is_seen_even_when_cells_are_smaller_than_a_pixel() {
        let palette = Palette::dark();
        let mut states = vec![1; 400];
        states[211] = 3;
        let mut tiny = field(states);
        tiny.runs[0].pitch = 0.5;
        tiny.runs[0].side = 0.4;
        tiny.runs[0].columns = 20;
        let mut painter = SoftPainter::new(40, 40);
        painter.paint(&tiny, &palette, 1.0);
        let failing = palette.rgba(Token::Failing);
        assert!(painter.pixels().chunks(4).filter(|pixel| *pixel == failing).count() >= 12);
    }

    #[test]
    fn cells_outside_the_canvas_do_no_harm() {
        let mut far = field(vec![1, 2, 3, 0]);
        far.runs[0].at = Point::new(-5000.0, 1e9);
        far.runs[0].count = 400;
        SoftPainter::new(10, 10).paint(&far, &Palette::light(), 2.0);
    }
}
