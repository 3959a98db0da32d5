//! Shapes that every painter of cells draws alike: cells, marks, bars, and the ticks of a pulse strip.

use crate::display::primitive::{Block, CellField, cell};
use crate::geometry::{Point, Rect};
use crate::token::Token;
use underlay_model::health::HealthState;

/// Calls with the place and state of every cell of a field that is not muted, and whether it is lit.
pub fn each_cell(field: &CellField, mut each: impl FnMut(Rect, HealthState, bool)) {
    for run in &field.runs {
        let columns = u32::from(run.columns.max(1));
        let states = field.states_of(run);
        let (mut x, mut y, mut column) = (run.at.x, run.at.y, 0);
        for &cell in states {
            if cell & cell::MUTED == 0 {
                let lit = cell & cell::BRIGHT != 0;
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
    match cell & cell::STATE {
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

/// The colour of a mark.
pub fn mark_token(state: HealthState) -> Token {
    if state == HealthState::Degraded { Token::DegradedLine } else { Token::Failing }
}

/// Outline of the cell form of a mark: triangle for degraded, diamond for failing.
pub fn mark_points(rect: &Rect, state: HealthState) -> Vec<Point> {
    let (middle, right, bottom) = (rect.centre(), rect.right(), rect.bottom());
    if state == HealthState::Degraded {
        let inset = rect.height * 0.08;
        return vec![
            Point::new(middle.x, rect.y + inset),
            Point::new(right, bottom - inset),
            Point::new(rect.x, bottom - inset),
        ];
    }
    vec![
        Point::new(middle.x, rect.y),
        Point::new(right, middle.y),
        Point::new(middle.x, bottom),
        Point::new(rect.x, middle.y),
    ]
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
