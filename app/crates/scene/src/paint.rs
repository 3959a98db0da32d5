//! The reference painter: rasterises the mass of cells into pixels, without a GPU, the same bytes on every machine. Edges of
//! rectangles are blended by coverage in whole numbers, so that no rounding mode or instruction set shows.

pub mod instances;
mod mask;
pub mod shapes;

use crate::display::primitive::{CellField, CellRun, cell};
use crate::geometry::Rect;
use crate::token::{Palette, Token};
use mask::{Mask, Stamp};
use underlay_model::health::HealthState;

/// A pixel: red, green, blue, alpha; not premultiplied.
type Pixel = [u8; 4];

/// Paints cell fields into an RGBA buffer (not premultiplied, rows without padding), transparent where nothing is.
#[derive(Clone, Debug)]
pub struct SoftPainter {
    width: u32,
    height: u32,
    pixels: Vec<Pixel>,
    /// Marks as they were last stamped, by state and the bits of their side.
    stamps: Vec<(HealthState, u32, Stamp)>,
}

/// Pixels along one axis that something covers: those it covers wholly, and the one before and behind with their part of 256.
#[derive(Clone, Copy)]
struct Span {
    whole: (u32, u32),
    before: Option<(u32, u32)>,
    behind: Option<(u32, u32)>,
}

impl Span {
    /// From `low` to `high`, as far as it lies within `most` pixels.
    fn of(low: f32, high: f32, most: u32) -> Option<Self> {
        let fixed = |value: f32| (value.clamp(0.0, most as f32) * 256.0) as u32;
        let (low, high) = (fixed(low), fixed(high));
        if low >= high {
            return None;
        }
        let cover = |pixel: u32| high.min((pixel + 1) * 256) - low.max(pixel * 256);
        let (first, last) = (low / 256, (high - 1) / 256);
        let (from, to) = (low.div_ceil(256), high / 256);
        let behind = last >= to && (last > first || first >= from);
        Some(Self {
            whole: (from, to.max(from)),
            before: (first < from).then(|| (first, cover(first))),
            behind: behind.then(|| (last, cover(last))),
        })
    }

    /// Calls with every pixel and its part of 256.
    fn each(&self, mut each: impl FnMut(u32, u32)) {
        self.before.iter().for_each(|&(pixel, part)| each(pixel, part));
        (self.whole.0..self.whole.1).for_each(|pixel| each(pixel, 256));
        self.behind.iter().for_each(|&(pixel, part)| each(pixel, part));
    }
}

impl SoftPainter {
    /// A painter for a canvas of so many device pixels; at least 1 × 1, at most 16,384 each.
    pub fn new(width: u32, height: u32) -> Self {
        let (width, height) = (width.clamp(1, 16_384), height.clamp(1, 16_384));
        Self { width, height, pixels: vec![[0; 4]; width as usize * height as usize], stamps: Vec::new() }
    }

    /// Width and height in device pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Clears, then paints the field. `ratio` is device pixels a CSS pixel.
    pub fn paint(&mut self, field: &CellField, palette: &Palette, ratio: f32) {
        self.pixels.fill([0; 4]);
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
        let mut late: Vec<(Rect, HealthState)> = Vec::new();
        for run in &field.runs {
            self.run(run, field, palette, ratio, &mut late);
        }
        late.extend(field.blocks.iter().filter_map(shapes::block_mark));
        let late: Vec<(Rect, HealthState)> = late.iter().map(|(rect, state)| (scaled(rect), *state)).collect();
        self.marks(&late, palette, hairline);
        let mut cross: Option<(f32, Vec<Mask>)> = None;
        for block in field.blocks.iter().filter(|block| block.denied) {
            let rect = scaled(&shapes::corner(&block.rect, false));
            if cross.as_ref().is_none_or(|(width, _)| *width != rect.width) {
                let bars = shapes::cross(&Rect::new(0.0, 0.0, rect.width, rect.height));
                cross = Some((rect.width, bars.iter().map(|bar| Mask::of(bar, rect.width as usize + 1)).collect()));
            }
            for bar in cross.iter().flat_map(|(_, bars)| bars) {
                let at = (rect.x.round() as i32, rect.y.round() as i32);
                bar.each(|x, y, part| self.put(at.0 + x, at.1 + y, palette.rgba(Token::Denied), part));
            }
        }
    }

    /// The picture: RGBA, `4 × width × height` bytes.
    pub fn pixels(&self) -> &[u8] {
        self.pixels.as_flattened()
    }

    /// The pixels of a line from one column to another.
    fn line(&mut self, y: u32, from: u32, to: u32) -> &mut [Pixel] {
        let row = y as usize * self.width as usize;
        self.pixels.get_mut(row + from as usize..row + to as usize).unwrap_or_default()
    }

    /// Fills a rectangle; partly covered pixels at its edges are blended in 1/256 steps.
    fn fill(&mut self, rect: &Rect, colour: Pixel) {
        let across = Span::of(rect.x, rect.right(), self.width);
        let down = Span::of(rect.y, rect.bottom(), self.height);
        let width = self.width;
        if let Some((across, down)) = across.zip(down) {
            down.each(|y, part| stroke(self.line(y, 0, width), &across, part, colour));
        }
    }

    /// Cells of one run: the columns are the same for each of its rows. Exceptions are left for later, in CSS pixels.
    fn run(
        &mut self,
        run: &CellRun,
        field: &CellField,
        palette: &Palette,
        ratio: f32,
        late: &mut Vec<(Rect, HealthState)>,
    ) {
        let (states, columns) = (field.states_of(run), usize::from(run.columns.max(1)));
        let side = run.side * ratio;
        // Added up as the shapes are, so that every painter puts a cell on the same pixels.
        let places = |start: f32| std::iter::successors(Some(start), |at| Some(at + run.pitch));
        let across: Vec<Option<Span>> = places(run.at.x)
            .take(columns.min(states.len()))
            .map(|x| Span::of(x * ratio, x * ratio + side, self.width))
            .collect();
        let surface = palette.rgba(Token::Raised);
        let [quiet, bright] = [false, true].map(|lit| {
            let (token, opacity) = field.healthy(lit);
            palette.faint(token, opacity)
        });
        let hairline = ratio.max(1.0);
        for (cells, y) in states.chunks(columns).zip(places(run.at.y)) {
            let down = Span::of(y * ratio, y * ratio + side, self.height);
            for ((&state, x), across) in cells.iter().zip(places(run.at.x)).zip(&across) {
                if state & cell::MUTED != 0 {
                    continue;
                }
                let colour = match shapes::state(state) {
                    HealthState::Healthy if state & cell::BRIGHT != 0 => bright,
                    HealthState::Healthy => quiet,
                    HealthState::Unknown => palette.rgba(Token::Unknown),
                    other => {
                        late.push((shapes::mark_rect(&Rect::new(x, y, run.side, run.side)), other));
                        continue;
                    }
                };
                let Some((across, down)) = across.as_ref().zip(down.as_ref()) else { continue };
                let width = self.width;
                down.each(|y, part| stroke(self.line(y, 0, width), across, part, colour));
                if shapes::state(state) == HealthState::Unknown && side > 3.0 * hairline {
                    self.fill(&Rect::new(x * ratio, y * ratio, side, side).grown(-hairline), surface);
                }
            }
        }
    }

    /// Puts a colour over one pixel, if it is in the picture; `part` is of 256.
    fn put(&mut self, x: i32, y: i32, colour: Pixel, part: u32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
        if x < self.width && y < self.height {
            self.line(y, x, x + 1).iter_mut().for_each(|pixel| blend(pixel, colour, part));
        }
    }

    /// Marks of exceptions, snapped to whole pixels: crisp, and one stamp serves all of a size.
    fn marks(&mut self, marks: &[(Rect, HealthState)], palette: &Palette, hairline: f32) {
        /// Sizes change with every step of a zoom; a picture has few at once.
        const KEPT: usize = 8;
        let surface = palette.rgba(Token::Raised);
        let mut stamps = std::mem::take(&mut self.stamps);
        for (rect, state) in marks {
            let side = rect.width.to_bits();
            let known = stamps.iter().position(|(other, size, _)| (*other, *size) == (*state, side));
            let place = known.unwrap_or_else(|| {
                if stamps.len() >= KEPT {
                    stamps.clear();
                }
                stamps.push((*state, side, Stamp::of(rect, *state, hairline)));
                stamps.len() - 1
            });
            let colour = palette.rgba(shapes::mark_token(*state));
            let (x, y) = ((rect.x - hairline - 1.0).round() as i32, (rect.y - hairline - 1.0).round() as i32);
            let Some((.., stamp)) = stamps.get(place) else { continue };
            for dot in &stamp.0 {
                let (x, y) = (x + i32::from(dot.x), y + i32::from(dot.y));
                if dot.rim > 0 {
                    self.put(x, y, surface, u32::from(dot.rim));
                }
                if dot.mark > 0 {
                    self.put(x, y, colour, u32::from(dot.mark));
                }
            }
        }
        self.stamps = stamps;
    }
}

/// Puts a colour over a span of a line; `part` is how much of the line it covers, of 256.
fn stroke(line: &mut [Pixel], span: &Span, part: u32, colour: Pixel) {
    for (pixel, cover) in [span.before, span.behind].into_iter().flatten() {
        if let Some(pixel) = line.get_mut(pixel as usize) {
            blend(pixel, colour, part * cover / 256);
        }
    }
    let whole = line.get_mut(span.whole.0 as usize..span.whole.1 as usize).unwrap_or_default();
    if part == 256 && colour[3] == 255 {
        whole.fill(colour);
    } else {
        whole.iter_mut().for_each(|pixel| blend(pixel, colour, part));
    }
}

/// Puts a colour over a pixel; `coverage` is 0 to 256.
fn blend(pixel: &mut Pixel, colour: Pixel, coverage: u32) {
    let alpha = coverage * u32::from(colour[3]) / 255;
    if alpha >= 256 || pixel[3] == 0 {
        let opaque = (alpha.min(256) * 255 / 256) as u8;
        *pixel = [colour[0], colour[1], colour[2], pixel[3].max(opaque)];
        return;
    }
    // Two channels at once, 16 bits each; a colour put over another makes it only more opaque.
    const EVEN: u32 = 0x00ff_00ff;
    let (below, above) = (u32::from_le_bytes(*pixel), u32::from_le_bytes(colour) | 0xff00_0000);
    let mix = |below: u32, above: u32| (below & EVEN) * (256 - alpha) + (above & EVEN) * alpha;
    let even = (mix(below, above) >> 8) & EVEN;
    let odd = mix(below >> 8, above >> 8) & !EVEN;
    *pixel = (even | odd).to_le_bytes();
}

#[cfg(test)]
mod tests;
