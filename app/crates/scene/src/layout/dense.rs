//! Many nodes: blocks by subnet and zone, pools side by side in each, node boxes in rows, a cell a pod. All boxes are equal, so a
//! place and its inverse are divisions. The number of columns grows in steps, so that appended nodes fill what is there.

use crate::geometry::{Point, Rect};
use crate::members::{Members, NONE};
use crate::things::Things;
use underlay_model::order::Order;
use underlay_model::view::EntityKind;

/// A node box of the design's `scale` screen.
const BOX: (f32, f32) = (47.5, 37.5);
const BOX_PITCH: (f32, f32) = (52.5, 42.1);
/// Cells in a box: room for them and where they begin.
const CELLS: (f32, f32) = (44.1, 31.5);
const CELLS_AT: (f32, f32) = (2.5, 5.2);
/// Part of the pitch that a cell fills.
pub(crate) const CELL_SHARE: f32 = 4.6 / 6.3;
/// Block: from its border to the boxes.
pub(super) const PAD: f32 = 10.0;
const HEAD: f32 = 39.0;
const POOL_GAP: f32 = 27.0;
pub(super) const BLOCK_GAP: f32 = 7.0;

/// Nodes of one pool in one block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pool {
    /// The group that it is, if it is one.
    pub group: Option<u32>,
    pub name: String,
    pub nodes: Vec<u32>,
    /// Left top of its first box.
    pub at: Point,
    pub columns: usize,
}

/// Nodes of one zone of one subnet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Block {
    /// The group that it is, if it is one.
    pub group: Option<u32>,
    /// Its title.
    pub name: String,
    pub rect: Rect,
    /// Height of its captions.
    pub head: f32,
    pub pools: Vec<Pool>,
}

/// All blocks, and the geometry that their boxes share.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DenseArea {
    pub blocks: Vec<Block>,
    /// Block by node, by index of thing; unplaced wells and everything else have none.
    pub block_of: Vec<u16>,
    /// Size factor of the boxes: fewer nodes are drawn larger.
    pub unit: f32,
    /// Cells a row in a node.
    pub columns: u32,
    /// Wells of pods whose node is unknown, and groups of pods.
    pub wells: Vec<u32>,
    /// Rows of groups of pods; they take the place of blocks.
    pub shelves: Vec<Rect>,
    /// From a well's top to its cells.
    pub well_head: f32,
}

/// No block.
pub(crate) const NO_BLOCK: u16 = u16::MAX;

/// Places of cells: a grid in row-major order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grid {
    pub at: Point,
    pub columns: u32,
    pub pitch: f32,
    pub side: f32,
    pub count: u32,
}

impl Grid {
    pub fn cell(&self, slot: u32) -> Rect {
        let (column, row) = (slot % self.columns, slot / self.columns);
        let (x, y) = (self.at.x + column as f32 * self.pitch, self.at.y + row as f32 * self.pitch);
        Rect::new(x, y, self.side, self.side)
    }

    /// The slot whose cell, or the gap right or below of it, is here.
    pub fn slot(&self, at: Point) -> Option<u32> {
        let (x, y) = ((at.x - self.at.x) / self.pitch, (at.y - self.at.y) / self.pitch);
        if x < 0.0 || y < 0.0 || x >= self.columns as f32 {
            return None;
        }
        let slot = u64::from(y as u32) * u64::from(self.columns) + u64::from(x as u32);
        u32::try_from(slot).ok().filter(|&slot| slot < self.count)
    }
}

impl DenseArea {
    /// Cells in this place of a node or of an unplaced well.
    pub fn grid_in(&self, place: &Rect, kind: EntityKind, count: usize) -> Grid {
        let unit = self.unit;
        if kind == EntityKind::Node {
            let pitch = CELLS.0 * unit / self.columns as f32;
            return Grid {
                at: Point::new(place.x + CELLS_AT.0 * unit, place.y + CELLS_AT.1 * unit),
                columns: self.columns,
                pitch,
                side: pitch * CELL_SHARE,
                count: count as u32,
            };
        }
        let pitch = self.pitch();
        let columns = ((place.width - 2.0 * PAD) / pitch + 0.01).floor().max(1.0) as u32;
        let at = Point::new(place.x + PAD, place.y + self.well_head);
        Grid { at, columns, pitch, side: pitch * CELL_SHARE, count: count as u32 }
    }

    /// Distance of two cells in the world.
    pub fn pitch(&self) -> f32 {
        CELLS.0 * self.unit / self.columns as f32
    }

    /// The same picture elsewhere.
    pub fn shift(&mut self, dx: f32, dy: f32, places: &mut [Rect]) {
        let moved = |rect: &mut Rect| (rect.x, rect.y) = (rect.x + dx, rect.y + dy);
        for block in &mut self.blocks {
            moved(&mut block.rect);
            let groups = block.pools.iter().filter_map(|pool| pool.group).chain(block.group);
            let nodes = block.pools.iter().flat_map(|pool| &pool.nodes).copied();
            for thing in groups.chain(nodes) {
                moved(&mut places[thing as usize]);
            }
            for pool in &mut block.pools {
                (pool.at.x, pool.at.y) = (pool.at.x + dx, pool.at.y + dy);
            }
        }
        self.shelves.iter_mut().for_each(moved);
        self.wells.iter().for_each(|&well| moved(&mut places[well as usize]));
    }

    /// What bundles end at: a block of nodes, or a row of groups of pods.
    pub fn bundle_rect(&self, block: u16) -> Option<Rect> {
        let at = block as usize;
        self.blocks.get(at).map(|block| block.rect).or_else(|| self.shelves.get(at).copied())
    }

    /// Width of a node box in the world.
    pub fn box_width(&self) -> f32 {
        BOX.0 * self.unit
    }

    /// The node whose box is at a place of the world.
    pub fn node_at(&self, at: Point) -> Option<u32> {
        let block = self.blocks.iter().find(|block| block.rect.contains(at))?;
        // Pools stand side by side: the last that begins left of the place.
        let pool = block.pools.iter().rev().find(|pool| pool.at.x <= at.x)?;
        let (x, y) = (at.x - pool.at.x, at.y - pool.at.y);
        let (pitch_x, pitch_y) = (BOX_PITCH.0 * self.unit, BOX_PITCH.1 * self.unit);
        if y < 0.0 || x % pitch_x >= BOX.0 * self.unit || y % pitch_y >= BOX.1 * self.unit {
            return None;
        }
        let (column, row) = ((x / pitch_x) as usize, (y / pitch_y) as usize);
        if column >= pool.columns { None } else { pool.nodes.get(row * pool.columns + column).copied() }
    }

    /// Calls with every node of a pool whose box may lie in this part of the world: rows and columns by arithmetic.
    pub fn nodes_in(&self, pool: &Pool, part: &Rect, mut each: impl FnMut(u32)) {
        let (pitch_x, pitch_y) = (BOX_PITCH.0 * self.unit, BOX_PITCH.1 * self.unit);
        let index = |distance: f32, pitch: f32| (distance / pitch).floor().max(0.0) as usize;
        if part.right() < pool.at.x || part.bottom() < pool.at.y {
            return;
        }
        let columns =
            index(part.x - pool.at.x, pitch_x)..(index(part.right() - pool.at.x, pitch_x) + 1).min(pool.columns);
        let rows = pool.nodes.len().div_ceil(pool.columns);
        for row in index(part.y - pool.at.y, pitch_y)..(index(part.bottom() - pool.at.y, pitch_y) + 1).min(rows) {
            for column in columns.clone() {
                if let Some(&node) = pool.nodes.get(row * pool.columns + column) {
                    each(node);
                }
            }
        }
    }
}

/// Boxes grow in steps as nodes get fewer, so that 12 nodes fill the canvas that 120 fill.
fn unit(nodes: usize) -> f32 {
    let fitting = (120.0 / nodes.max(1) as f32).sqrt();
    ((fitting * 2.0).floor() / 2.0).clamp(1.0, 3.0)
}

/// Cells a row so that the fullest node fits, in steps (AKS allows 250 pods a node).
fn cell_columns(most: usize) -> u32 {
    let mut columns = 7;
    loop {
        let rows = (CELLS.1 / (CELLS.0 / columns as f32) + 0.001).floor() as usize;
        if rows * columns as usize >= most {
            return columns;
        }
        columns += columns / 7;
    }
}

/// A number of columns rounded up in growing steps: 1–8 by one, then to eighths of the power of two.
pub(super) fn stepped(columns: usize) -> usize {
    let step = (columns.max(1).next_power_of_two() / 8).max(1);
    columns.max(1).div_ceil(step) * step
}

/// Boxes below one another in a pool: the fewest of a series for which the whole is not wider than high.
fn rows_for(pools: &[Vec<usize>]) -> usize {
    let mut rows = 1;
    loop {
        let width = pools.iter().map(|block| {
            block.iter().map(|&nodes| stepped(nodes.div_ceil(rows)) as f32 * BOX_PITCH.0 + POOL_GAP).sum::<f32>()
        });
        let width = width.fold(0.0, f32::max);
        let height = pools.len() as f32 * (rows as f32 * BOX_PITCH.1 + HEAD + PAD);
        let fullest = pools.iter().flatten().copied().max().unwrap_or(0);
        if width <= height * 1.1 || rows >= fullest {
            return rows;
        }
        rows = if rows < 8 { rows + 1 } else { rows + rows / 4 };
    }
}

/// What many nodes or pods are laid out from.
pub(super) struct Parts<'a> {
    /// Pairs of subnet (for order only) and node, or group of nodes that is collapsed.
    pub nodes: Vec<(u32, u32)>,
    /// Pods without a node.
    pub wells: Vec<u32>,
    /// Groups of pods.
    pub groups: Vec<u32>,
    pub collapsed: &'a [bool],
}

/// The groups around a node, outer and inner; a single one is the outer.
fn groups_of(things: &Things, members: &Members, thing: u32) -> (u32, u32) {
    let is_group = |&at: &u32| things.kind(at) == EntityKind::Group;
    let mut groups = members.around(thing).filter(is_group);
    match (groups.next(), groups.next()) {
        (Some(inner), Some(outer)) => (outer, inner),
        (Some(outer), None) => (outer, NONE),
        _ => (NONE, NONE),
    }
}

/// Lays blocks out below one another from the origin; returns the room taken.
pub(super) fn lay_out(things: &Things, members: &Members, parts: &Parts<'_>, places: &mut [Rect]) -> (DenseArea, Rect) {
    let nodes = parts.nodes.iter().filter(|(_, node)| things.kind(*node) == EntityKind::Node);
    let (count, most) =
        nodes.fold((0, 0), |(count, most), (_, node)| (count + 1, members.pods.of(*node).len().max(most)));
    let pods: usize = parts.groups.iter().map(|&group| members.pods.of(group).len()).sum();
    let mut area = DenseArea {
        blocks: Vec::new(),
        block_of: vec![NO_BLOCK; things.len()],
        unit: unit(count.max(pods / 30)),
        columns: cell_columns(most),
        wells: Vec::new(),
        shelves: Vec::new(),
        well_head: 26.0,
    };
    if !parts.groups.is_empty() {
        let taken = super::shelves::lay_out(&parts.groups, members, parts.collapsed, &mut area, places);
        return (area, taken);
    }
    // Subnets in their order, groups in theirs: a block's place does not depend on which node came first.
    let mut sorted: Vec<(u32, u32, u32, u32)> = parts
        .nodes
        .iter()
        .map(|&(subnet, node)| {
            let (outer, inner) = groups_of(things, members, node);
            (subnet, outer, inner, node)
        })
        .collect();
    sorted.order();
    let sizes: Vec<Vec<usize>> = sorted
        .chunk_by(|a, b| (a.0, a.1) == (b.0, b.1))
        .map(|block| block.chunk_by(|a, b| a.2 == b.2).map(<[_]>::len).collect())
        .collect();
    let rows = rows_for(&sizes);
    // Captions of large blocks are seen from farther away.
    let head = HEAD * (rows as f32 / 4.0).max(1.0).sqrt();
    let mut y = 0.0;
    for block in sorted.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        lay_out_block(things, block, (rows, head, y), &mut area, places);
        y += area.blocks.last().map_or(0.0, |block| block.rect.height + BLOCK_GAP);
    }
    let widest = area.blocks.iter().map(|block| block.rect.width).fold(160.0, f32::max);
    for block in &mut area.blocks {
        block.rect.width = widest;
        if let Some(group) = block.group {
            places[group as usize] = block.rect;
        }
    }
    for &well in &parts.wells {
        let count = members.pods.of(well).len();
        let mut rect = Rect::new(0.0, y, widest, 0.0);
        let grid = area.grid_in(&rect, EntityKind::PodRange, count);
        rect.height = area.well_head + (count as u32).div_ceil(grid.columns).max(1) as f32 * grid.pitch + PAD;
        places[well as usize] = rect;
        y += rect.height + BLOCK_GAP;
    }
    area.wells.clone_from(&parts.wells);
    let height = (y - BLOCK_GAP).max(0.0);
    (area, Rect::new(0.0, 0.0, widest, height))
}

/// One block, its pools side by side. `frame` is the number of rows, the height of captions and the top.
fn lay_out_block(
    things: &Things,
    items: &[(u32, u32, u32, u32)],
    (rows, head, y): (usize, f32, f32),
    area: &mut DenseArea,
    places: &mut [Rect],
) {
    let (pitch_x, pitch_y) = (BOX_PITCH.0 * area.unit, BOX_PITCH.1 * area.unit);
    let name_of = |group: u32| things.get(group as usize).map_or("Nodes", |thing| thing.name.as_str());
    let outer = items.first().map_or(NONE, |item| item.1);
    let some = |group: u32| Some(group).filter(|&group| group != NONE);
    let number = u16::try_from(area.blocks.len()).unwrap_or(NO_BLOCK);
    let mut block =
        Block { group: some(outer), name: name_of(outer).to_owned(), rect: Rect::default(), head, pools: Vec::new() };
    let mut x = PAD - 0.5;
    let mut used_rows = 0;
    for pool in items.chunk_by(|a, b| a.2 == b.2) {
        let inner = pool.first().map_or(NONE, |item| item.2);
        let is_node = |thing: u32| things.kind(thing) == EntityKind::Node;
        // A collapsed group stands for its nodes: a caption without boxes.
        let nodes: Vec<u32> = pool.iter().map(|item| item.3).filter(|&thing| is_node(thing)).collect();
        let columns = stepped(nodes.len().div_ceil(rows));
        let corner = Point::new(x, y + head);
        for (i, &node) in nodes.iter().enumerate() {
            let (column, row) = (i % columns, i / columns);
            let (left, top) = (corner.x + column as f32 * pitch_x, corner.y + row as f32 * pitch_y);
            places[node as usize] = Rect::new(left, top, BOX.0 * area.unit, BOX.1 * area.unit);
            area.block_of[node as usize] = number;
        }
        let own_rows = nodes.len().div_ceil(columns);
        used_rows = used_rows.max(own_rows);
        // A pool's caption needs room even above a single box.
        let width = (columns as f32 * pitch_x).max(70.0);
        if inner != NONE {
            let gap = if own_rows == 0 { 0.0 } else { (BOX_PITCH.1 - BOX.1) * area.unit - 3.0 };
            let height = head * 0.45 + own_rows as f32 * pitch_y - gap;
            places[inner as usize] = Rect::new(x - 3.0, y + head * 0.55, width, height);
            area.block_of[inner as usize] = number;
        }
        x += width + POOL_GAP;
        let name = if inner == NONE { String::new() } else { name_of(inner).to_owned() };
        block.pools.push(Pool { group: some(inner), name, nodes, at: corner, columns });
    }
    if outer != NONE {
        area.block_of[outer as usize] = number;
    }
    let boxes = if used_rows == 0 { 0.0 } else { used_rows as f32 * pitch_y - (BOX_PITCH.1 - BOX.1) * area.unit };
    block.rect = Rect::new(0.0, y, x - POOL_GAP + PAD - 5.0, head + boxes + PAD - 1.0);
    area.blocks.push(block);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_designs_screen_comes_out_of_the_arithmetic() {
        // Three zones with pools of 4, 28 and 8 nodes: four rows of 1, 7 and 2 columns at natural size.
        let block = vec![4, 28, 8];
        assert_eq!(rows_for(&[block.clone(), block.clone(), block]), 4);
        assert_eq!((stepped(1), stepped(7), stepped(2)), (1, 7, 2));
        assert_eq!((unit(120), unit(12)), (1.0, 3.0));
        assert_eq!(cell_columns(34), 7);
    }

    #[test]
    fn the_fullest_node_that_aks_allows_fits_its_box() {
        for most in [0, 35, 36, 110, 250, 400] {
            let columns = cell_columns(most);
            let pitch = CELLS.0 / columns as f32;
            let rows = most.div_ceil(columns as usize);
            assert!(rows as f32 * pitch <= CELLS.1 + 0.05, "{most} pods in {columns} columns");
        }
    }

    #[test]
    fn a_grid_and_its_inverse_agree() {
        let grid = Grid { at: Point::new(3.0, 4.0), columns: 7, pitch: 6.3, side: 4.6, count: 34 };
        for slot in 0..34 {
            assert_eq!(grid.slot(grid.cell(slot).centre()), Some(slot));
        }
        assert_eq!(grid.slot(Point::new(2.0, 5.0)), None);
        assert_eq!(grid.slot(grid.cell(34).centre()), None);
    }
}
