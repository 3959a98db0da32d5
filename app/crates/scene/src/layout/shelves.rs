//! Groups of pods where there are many: fields of cells of about one height, side by side on shelves. A field's size depends on
//! the number of its pods alone and grows in steps, so that what is appended seldom moves what stands before it.

use super::dense::{BLOCK_GAP, DenseArea, PAD, stepped};
use crate::geometry::Rect;
use crate::members::Members;

/// Shortest field: its title must be legible.
const LEAST_WIDTH: f32 = 96.0;

/// Lays fields out from the origin; returns the room taken. The shelves go into the area.
pub(super) fn lay_out(
    groups: &[u32],
    members: &Members,
    collapsed: &[bool],
    area: &mut DenseArea,
    places: &mut [Rect],
) -> Rect {
    let pitch = area.pitch();
    let sizes: Vec<usize> = groups
        .iter()
        .map(|&group| {
            let folded = collapsed.get(group as usize).copied().unwrap_or(false);
            if folded { 0 } else { members.pods.of(group).len() }
        })
        .collect();
    let pods: usize = sizes.iter().sum::<usize>().max(1);
    let least = (LEAST_WIDTH / pitch).ceil() as usize;
    let across = stepped(((pods as f32 * 1.5).sqrt().ceil() as usize).max(2 * least));
    // Titles stay legible when everything is in view, as far as fields are large enough to carry one.
    let whole = across as f32 * pitch;
    let mean = pods.div_ceil(groups.len().max(1));
    let rows = stepped(((mean as f32 * 0.6).sqrt().ceil() as usize).max(3));
    area.well_head = (whole / 34.0).min(rows as f32 * pitch * 0.6).max(26.0);
    let (mut x, mut y, mut widest) = (0.0_f32, 0.0_f32, 0.0_f32);
    let mut shelf: Vec<u32> = Vec::new();
    let mut highest = 0.0_f32;
    let close = |shelf: &mut Vec<u32>, y: f32, highest: f32, right: f32, area: &mut DenseArea, places: &mut [Rect]| {
        for group in shelf.drain(..) {
            if !collapsed.get(group as usize).copied().unwrap_or(false) {
                places[group as usize].height = highest;
            }
            area.block_of[group as usize] = u16::try_from(area.shelves.len()).unwrap_or(super::NO_BLOCK);
        }
        area.shelves.push(Rect::new(0.0, y, right, highest));
    };
    for (&group, &size) in groups.iter().zip(&sizes) {
        let columns = stepped(size.div_ceil(rows)).clamp(least, across.max(least));
        let width = columns as f32 * pitch + 2.0 * PAD;
        let height = area.well_head + size.div_ceil(columns) as f32 * pitch + if size == 0 { 0.0 } else { PAD };
        if x > 0.0 && x + width > whole + 2.0 * PAD {
            close(&mut shelf, y, highest, x - BLOCK_GAP, area, places);
            y += highest + BLOCK_GAP;
            (x, highest) = (0.0, 0.0);
        }
        places[group as usize] = Rect::new(x, y, width, height);
        shelf.push(group);
        highest = highest.max(height);
        x += width + BLOCK_GAP;
        widest = widest.max(x - BLOCK_GAP);
    }
    if !shelf.is_empty() {
        close(&mut shelf, y, highest, x - BLOCK_GAP, area, places);
        y += highest;
    }
    area.wells.extend(groups);
    Rect::new(0.0, 0.0, widest, y)
}
