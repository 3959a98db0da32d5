//! The frame that both kinds of node areas stand in: lanes for clients and front ends at the left, a sheet a virtual network with
//! its subnets, other addresses at the right, the internet at the bottom left. Numbers are those of the design's `main` screen.

use super::dense::{self, Parts};
use super::sheet::{instances, lay_out_sheet};
use super::sort::{Sorted, sort};
use super::{Caption, Layout, Structure};
use crate::geometry::{Point, Rect};
use crate::members::{Members, NONE};
use crate::things::Things;
use underlay_model::order::Order;

/// Top of the first sheet: below the controls' row.
pub(super) const TOP: f32 = 42.5;
pub(super) const SHEET_GAP: f32 = 24.0;
/// Left edge of the first sheet of a small capture.
pub(crate) const SHEET_LEFT: f32 = 318.5;

/// Columns and box sizes of one of the two frames.
pub(super) struct Columns {
    /// Left edge and width of the clients' lane.
    pub clients: (f32, f32),
    pub front_ends: (f32, f32),
    pub front_end_height: f32,
    /// Left edge of sheets.
    pub sheet: f32,
    /// From a sheet's left edge to its first column.
    pub pad: f32,
    pub gateway_width: f32,
    /// Between gateway column and nodes: room for the edges' fan.
    pub fan: f32,
    /// From a sheet's top to its subnets'.
    pub head: f32,
    /// Width of a box of routes or services.
    pub lane: f32,
}

pub(super) const OPEN: Columns = Columns {
    clients: (16.5, 110.0),
    front_ends: (148.5, 142.0),
    front_end_height: 112.0,
    sheet: SHEET_LEFT,
    pad: 10.0,
    gateway_width: 138.0,
    fan: 82.0,
    head: 34.0,
    lane: 116.0,
};

const DENSE: Columns = Columns {
    clients: (8.5, 84.0),
    front_ends: (8.5, 84.0),
    front_end_height: 40.0,
    sheet: 118.5,
    pad: 0.0,
    gateway_width: 112.0,
    fan: 54.0,
    head: 68.0,
    lane: 104.0,
};

impl Columns {
    /// The same, larger: beside a large estate the lanes must be as legible as it is when everything is in view.
    fn times(&self, factor: f32) -> Self {
        Self {
            clients: (self.clients.0 * factor, self.clients.1 * factor),
            front_ends: (self.front_ends.0 * factor, self.front_ends.1 * factor),
            front_end_height: self.front_end_height * factor,
            sheet: self.sheet * factor,
            pad: self.pad * factor,
            gateway_width: self.gateway_width * factor,
            fan: self.fan * factor,
            head: self.head * factor,
            lane: self.lane * factor,
        }
    }
}

/// How much larger lanes are beside blocks of this height, in steps, so that growth seldom moves them.
fn lane_factor(height: f32) -> f32 {
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0];
    steps.into_iter().find(|step| height <= 700.0 * step).unwrap_or(16.0)
}

/// See [`Layout::of`].
pub(super) fn lay_out(things: &Things, members: &Members, structure: &Structure) -> Layout {
    let sorted = sort(things, members, structure);
    let dense = sorted.dense;
    let mut layout = Layout {
        factor: 1.0,
        places: vec![Rect::default(); things.len()],
        away: structure.away.clone(),
        collapsed: structure.collapsed.clone(),
        ..Layout::default()
    };
    for &subnet in &sorted.folded {
        layout.collapsed[subnet as usize] = true;
    }
    // Blocks do not depend on where they stand: laid out first, they say how large the lanes beside them must be.
    let area = dense.then(|| {
        let parts = dense_parts(&sorted, structure);
        dense::lay_out(things, members, &parts, &mut layout.places)
    });
    layout.factor = area.as_ref().map_or(1.0, |(_, taken)| lane_factor(taken.height));
    let factor = layout.factor;
    let columns = &if dense { DENSE } else { OPEN }.times(factor);
    layout.bounds = Rect::new(columns.clients.0, TOP, 300.0 * factor, 120.0 * factor);
    let right_of_gateway = columns.sheet + columns.pad + columns.gateway_width;
    // Among many the lane is not higher than they are.
    let room = area.as_ref().map_or(f32::MAX, |(_, taken)| taken.height - (columns.head + 40.0 * factor));
    let lane = Lanes {
        dense,
        room,
        at: Point::new(right_of_gateway + columns.fan * 0.5, TOP + columns.head),
        width: columns.lane,
    };
    let lane_width = lane.total(structure);
    layout.trunk = right_of_gateway + lane_width + 22.0 * factor;
    let anchor = match area {
        Some(area) => lay_out_dense(&sorted, columns, lane_width, area, &mut layout),
        None => {
            let mut y = TOP;
            let mut anchor = TOP + 209.0;
            for (i, sheet) in sorted.sheets.iter().enumerate() {
                let own_lane = if i == 0 { lane_width } else { 0.0 };
                let (bottom, first) = lay_out_sheet(things, members, sheet, (sorted.homes, y, own_lane), &mut layout);
                y = bottom + SHEET_GAP;
                anchor = if i == 0 { first } else { anchor };
            }
            anchor
        }
    };
    lane.place(structure, anchor, &mut layout);
    let mut bottom = if dense { gateway_bottom(&sorted, &layout) } else { layout.bounds.bottom() };
    bottom = bottom.max(left_lanes(&sorted, columns, dense, anchor, &mut layout));
    internet(&sorted, dense, bottom, &mut layout);
    right_lane(&sorted, &mut layout);
    let placed: Vec<Rect> = layout.lanes.iter().map(|&i| layout.places[i as usize]).collect();
    layout.bounds = placed.iter().fold(layout.bounds, |bounds, rect| bounds.union(rect));
    layout.open.order_by_key(|(owner, _)| *owner);
    layout
}

/// The columns of routes and services, right of the gateway's.
struct Lanes {
    dense: bool,
    /// Height for boxes.
    room: f32,
    at: Point,
    width: f32,
}

impl Lanes {
    fn columns(structure: &Structure) -> impl Iterator<Item = (&'static str, &Vec<u32>)> {
        [("Routes", &structure.lane.routes), ("Services", &structure.lane.services)]
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
    }

    /// What both columns add to the way from gateway to nodes.
    fn total(&self, structure: &Structure) -> f32 {
        Self::columns(structure).count() as f32 * self.width * 1.4
    }

    /// Boxes around the height of the gateway's first instance, so that lines stay level.
    fn place(&self, structure: &Structure, anchor: f32, layout: &mut Layout) {
        let factor = layout.factor;
        let (height, pitch) = if self.dense { (30.0, 35.0) } else { (40.0, 50.0) };
        let (height, pitch) = (height * factor, pitch * factor);
        let most = ((self.room / pitch) as usize).max(4);
        let mut x = self.at.x;
        for (caption, all) in Self::columns(structure) {
            let list = all.get(..most).unwrap_or(all);
            let whole = (list.len() - 1) as f32 * pitch + height;
            let top = (anchor - whole / 2.0).max(self.at.y + 30.0 * factor).round() + 0.5;
            let more = all.len() - list.len() + if caption == "Services" { structure.lane.more } else { 0 };
            let text = if more > 0 { format!("{caption}, {more} more") } else { caption.into() };
            layout.caption(&text, x, top, false);
            for (i, &thing) in list.iter().enumerate() {
                layout.places[thing as usize] = Rect::new(x, top + i as f32 * pitch, self.width, height);
                layout.lanes.push(thing);
            }
            x += self.width * 1.4;
        }
    }
}

/// All networks with many nodes: one gateway column, one column of blocks. Returns the middle of the gateway column.
fn lay_out_dense(
    sorted: &Sorted,
    columns: &Columns,
    lane_width: f32,
    (mut area, mut taken): (dense::DenseArea, Rect),
    layout: &mut Layout,
) -> f32 {
    let factor = layout.factor;
    let mut below = TOP + columns.head;
    let x = columns.sheet;
    for (subnet, list) in sorted.sheets.iter().flat_map(|sheet| &sheet.gateways) {
        let column = Rect::new(x, below, columns.gateway_width, 60.0 * factor);
        let end = instances(list, &[], true, &column, layout) + 12.0 * factor;
        let rect = Rect::new(x, below, columns.gateway_width, (end - below).max(56.0 * factor));
        if *subnet != NONE {
            layout.places[*subnet as usize] = rect;
        }
        layout.bounds = layout.bounds.union(&rect);
        below = rect.bottom() + 12.0 * factor;
    }
    let first = TOP + columns.head;
    let anchor = if below > first { (first + below - 12.0 * factor) / 2.0 } else { TOP + 200.0 * factor };

    let at = Point::new(x + columns.gateway_width + columns.fan + lane_width, TOP);
    area.shift(at.x, at.y, &mut layout.places);
    (taken.x, taken.y) = (at.x, at.y);
    layout.bounds = layout.bounds.union(&taken);

    let right = taken.right() + SHEET_GAP;
    let mut y = TOP;
    for (subnet, list) in sorted.sheets.iter().flat_map(|sheet| &sheet.subnets) {
        let rect = Rect::new(right, y, 138.0 * factor, (46.0 + list.len() as f32 * 46.0) * factor);
        layout.places[*subnet as usize] = rect;
        for (i, &address) in list.iter().enumerate() {
            let top = y + (44.0 + i as f32 * 46.0) * factor;
            layout.places[address as usize] = Rect::new(right + 10.0 * factor, top, 118.0 * factor, 38.0 * factor);
        }
        layout.bounds = layout.bounds.union(&rect);
        y = rect.bottom() + 12.0 * factor;
    }

    // Containers are the smallest boxes around what they hold.
    for sheet in &sorted.sheets {
        let mut network: Option<Rect> = None;
        let mut enclose = |rect: Rect| network = Some(network.map_or(rect, |sum| sum.union(&rect)));
        for (subnet, list) in &sheet.nodes {
            let mut numbers: Vec<u16> = list.iter().map(|&item| area.block_of[item as usize]).collect();
            numbers.dedup();
            let around = numbers.into_iter().filter_map(|block| area.bundle_rect(block));
            if let Some(around) = around.reduce(|sum, rect| sum.union(&rect)) {
                if *subnet != NONE {
                    layout.places[*subnet as usize] = around;
                }
                enclose(around);
            }
        }
        let subnets = sheet.gateways.iter().chain(&sheet.subnets).map(|(subnet, _)| *subnet);
        let rest = subnets.chain(sheet.wells.iter().copied()).chain(sheet.groups.iter().copied());
        for thing in rest.filter(|&thing| thing != NONE) {
            enclose(layout.places[thing as usize]);
        }
        if let (Some(thing), Some(rect)) = (sheet.network, network) {
            layout.places[thing as usize] = rect;
        }
    }
    layout.dense = Some(area);
    anchor
}

/// Nodes with the order of their subnet, the wells of pods without a node, and groups of pods.
fn dense_parts<'a>(sorted: &Sorted, structure: &'a Structure) -> Parts<'a> {
    let subnets = sorted.sheets.iter().flat_map(|sheet| &sheet.nodes);
    let nodes = subnets.enumerate().flat_map(|(order, (_, list))| list.iter().map(move |&node| (order as u32, node)));
    Parts {
        nodes: nodes.collect(),
        wells: sorted.sheets.iter().flat_map(|sheet| sheet.wells.iter().copied()).collect(),
        groups: sorted.sheets.iter().flat_map(|sheet| sheet.groups.iter().copied()).collect(),
        collapsed: &structure.collapsed,
    }
}

fn gateway_bottom(sorted: &Sorted, layout: &Layout) -> f32 {
    let subnets = sorted.sheets.iter().flat_map(|sheet| &sheet.gateways);
    subnets
        .filter(|(subnet, _)| *subnet != NONE)
        .map(|(subnet, _)| layout.places[*subnet as usize].bottom())
        .fold(TOP + 200.0, f32::max)
}

/// Clients and front ends, level with the first instance. Returns where they end.
fn left_lanes(sorted: &Sorted, columns: &Columns, dense: bool, anchor: f32, layout: &mut Layout) -> f32 {
    let factor = layout.factor;
    let mut end = TOP;
    let mut y = (anchor - columns.front_end_height / 2.0).round() + 0.5;
    for &front_end in &sorted.front_ends {
        layout.places[front_end as usize] =
            Rect::new(columns.front_ends.0, y, columns.front_ends.1, columns.front_end_height);
        layout.lanes.push(front_end);
        y += columns.front_end_height + 16.0 * factor;
        end = end.max(y);
    }
    let mut y = if dense { end + 32.0 * factor } else { (anchor - 20.0).round() + 0.5 };
    layout.caption("Clients", columns.clients.0, y, sorted.clients.is_empty());
    for &clients in &sorted.clients {
        layout.places[clients as usize] = Rect::new(columns.clients.0, y, columns.clients.1, 40.0 * factor);
        layout.lanes.push(clients);
        y += 58.0 * factor;
        end = end.max(y);
    }
    end
}

/// Public addresses that are not clients of ours, at the bottom left.
fn internet(sorted: &Sorted, dense: bool, bottom: f32, layout: &mut Layout) {
    let factor = layout.factor;
    let (x, y) = if dense { (8.5 * factor, bottom + 44.0 * factor) } else { (16.5, bottom + SHEET_GAP) };
    layout.caption("Internet", x, y, sorted.internet.is_empty());
    let (height, pitch) = if dense { (52.0, 60.0) } else { (40.0, 48.0) };
    for (i, &thing) in sorted.internet.iter().enumerate() {
        let top = y + i as f32 * pitch * factor;
        layout.places[thing as usize] = Rect::new(x, top, 110.0 * factor, height * factor);
        layout.lanes.push(thing);
    }
}

/// Other addresses and Azure's own, right of everything.
fn right_lane(sorted: &Sorted, layout: &mut Layout) {
    let factor = layout.factor;
    let x = layout.bounds.right() + SHEET_GAP * factor;
    let mut y = TOP + 34.0 * factor;
    for (caption, list) in [("Other addresses", &sorted.others), ("Azure platform", &sorted.platform)] {
        layout.caption(caption, x, y, list.is_empty());
        for &thing in list {
            layout.places[thing as usize] = Rect::new(x, y, 130.0 * factor, 40.0 * factor);
            layout.lanes.push(thing);
            y += 48.0 * factor;
        }
        y += if list.is_empty() { 0.0 } else { 24.0 * factor };
    }
}

impl Layout {
    /// The caption of a lane whose first box is at `(x, y)`.
    fn caption(&mut self, text: &str, x: f32, y: f32, empty: bool) {
        if !empty {
            let at = Point::new(x - 0.5, y - 12.5 * self.factor);
            self.captions.push(Caption { text: text.to_owned(), at });
        }
    }
}
