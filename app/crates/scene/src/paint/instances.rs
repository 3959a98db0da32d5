//! A field of cells as a list of small shapes, for painters that draw all of a kind at once. The same shapes in the same order as the
//! reference painter's, marks on the same whole pixels.

use super::shapes;
use crate::display::primitive::CellField;
use crate::geometry::Rect;
use crate::token::{Palette, Token};
use underlay_model::health::HealthState;

/// What an [`Instance`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "plain words")]
pub enum Form {
    Rect = 0,
    Triangle = 1,
    Diamond = 2,
    Cross = 3,
}

/// A shape of one colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instance {
    /// Place in device pixels.
    pub rect: Rect,
    /// Red, green, blue, alpha; not premultiplied.
    pub colour: [u8; 4],
    /// What is drawn in the place.
    pub form: Form,
}

/// Bytes of an instance as [`write()`] lays it down: x, y, width and height as `f32`, the colour, and the form as `f32`; little endian.
pub const BYTES: usize = 24;

/// Writes instances down for a vertex buffer, over what was in `out`.
pub fn write(field: &CellField, palette: &Palette, ratio: f32, out: &mut Vec<u8>) {
    out.clear();
    each(field, palette, ratio, &mut |instance| {
        let Rect { x, y, width, height } = instance.rect;
        for number in [x, y, width, height] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&instance.colour);
        out.extend_from_slice(&f32::from(instance.form as u8).to_le_bytes());
    });
}

/// Calls with every shape of a field in drawing order. `ratio` is device pixels a CSS pixel.
pub fn each(field: &CellField, palette: &Palette, ratio: f32, each: &mut dyn FnMut(Instance)) {
    let hairline = ratio.max(1.0);
    let scaled = |rect: &Rect| Rect::new(rect.x * ratio, rect.y * ratio, rect.width * ratio, rect.height * ratio);
    let mut fill = |rect: Rect, token: Token| each(Instance { rect, colour: palette.rgba(token), form: Form::Rect });
    for block in &field.blocks {
        let rect = scaled(&block.rect);
        match block.stroke.filter(|_| block.rect.width >= 6.0) {
            Some(stroke) => {
                fill(rect, stroke);
                fill(rect.grown(-hairline), block.fill);
            }
            None => fill(rect, block.fill),
        }
        if let Some(bar) = shapes::load_bar(block) {
            fill(scaled(&bar), Token::User);
        }
    }
    let mut late: Vec<(Rect, HealthState)> = Vec::new();
    let mut cell = |rect: Rect, colour: [u8; 4]| each(Instance { rect, colour, form: Form::Rect });
    shapes::each_cell(field, |rect, state, lit| match state {
        HealthState::Healthy => {
            let (token, opacity) = field.healthy(lit);
            cell(scaled(&rect), palette.faint(token, opacity));
        }
        HealthState::Unknown => {
            let rect = scaled(&rect);
            cell(rect, palette.rgba(Token::Unknown));
            if rect.width > 3.0 * hairline {
                cell(rect.grown(-hairline), palette.rgba(Token::Raised));
            }
        }
        other => late.push((shapes::mark_rect(&rect), other)),
    });
    late.extend(field.blocks.iter().filter_map(shapes::block_mark));
    for (rect, state) in late {
        let rect = scaled(&rect);
        let rect = Rect::new(rect.x.round(), rect.y.round(), rect.width, rect.height);
        let form = if state == HealthState::Degraded { Form::Triangle } else { Form::Diamond };
        each(Instance { rect: rect.grown(hairline), colour: palette.rgba(Token::Raised), form });
        each(Instance { rect, colour: palette.rgba(shapes::mark_token(state)), form });
    }
    for block in field.blocks.iter().filter(|block| block.denied) {
        let rect = scaled(&shapes::corner(&block.rect, false));
        let rect = Rect::new(rect.x.round(), rect.y.round(), rect.width, rect.height);
        each(Instance { rect, colour: palette.rgba(Token::Denied), form: Form::Cross });
    }
}
