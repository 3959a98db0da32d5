//! The frame that both kinds of node areas stand in: lanes for clients and front ends at the left, a sheet a virtual network with
//! its subnets, other addresses at the right, the internet at the bottom left. Numbers are those of the design's `main` screen.

use super::{Caption, DENSE_FROM, Layout, dense, open};
use crate::geometry::{Point, Rect};
use crate::members::{Members, NONE};
use underlay_model::order::Order;
use underlay_model::view::{EntityKind, Topology};

/// Top of the first sheet: below the controls' row.
const TOP: f32 = 42.5;
const SHEET_GAP: f32 = 24.0;
/// Left edge of the first sheet of a small capture.
pub(crate) const SHEET_LEFT: f32 = 318.5;

/// Columns and box sizes of one of the two frames.
struct Columns {
    /// Left edge and width of the clients' lane.
    clients: (f32, f32),
    front_ends: (f32, f32),
    front_end_height: f32,
    /// Left edge of sheets.
    sheet: f32,
    /// From a sheet's left edge to its first column.
    pad: f32,
    gateway_width: f32,
    /// Between gateway column and nodes: room for the edges' fan.
    fan: f32,
    /// From a sheet's top to its subnets'.
    head: f32,
}

const OPEN: Columns = Columns {
    clients: (16.5, 110.0),
    front_ends: (148.5, 142.0),
    front_end_height: 112.0,
    sheet: SHEET_LEFT,
    pad: 10.0,
    gateway_width: 138.0,
    fan: 82.0,
    head: 34.0,
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
        }
    }
}

/// How much larger lanes are beside blocks of this height, in steps, so that growth seldom moves them.
fn lane_factor(height: f32) -> f32 {
    let steps = [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0];
    steps.into_iter().find(|step| height <= 700.0 * step).unwrap_or(16.0)
}

/// Things of one virtual network, or of none.
#[derive(Default)]
struct Sheet {
    network: Option<u32>,
    /// Gateway subnets (`NONE`: instances without one) with their instances.
    gateways: Vec<(u32, Vec<u32>)>,
    /// Node subnets with their nodes.
    nodes: Vec<(u32, Vec<u32>)>,
    /// Other subnets with their addresses.
    subnets: Vec<(u32, Vec<u32>)>,
    wells: Vec<u32>,
}

fn add(lists: &mut Vec<(u32, Vec<u32>)>, owner: u32, item: Option<u32>) {
    let place = lists.iter().position(|(subnet, _)| *subnet == owner).unwrap_or_else(|| {
        lists.push((owner, Vec::new()));
        lists.len() - 1
    });
    lists[place].1.extend(item);
}

/// What stands where, before any place is known.
#[derive(Default)]
struct Sorted {
    sheets: Vec<Sheet>,
    clients: Vec<u32>,
    front_ends: Vec<u32>,
    internet: Vec<u32>,
    others: Vec<u32>,
    platform: Vec<u32>,
    nodes: usize,
}

fn sort(topology: &Topology, members: &Members, hidden: &[bool]) -> Sorted {
    let mut sorted = Sorted::default();
    // The first sheet is for what belongs to no network; it is left out when it stays empty.
    sorted.sheets.push(Sheet::default());
    let things = &topology.entities;
    let mut sheet_of = vec![0usize; things.len()];
    for i in 0..things.len() as u32 {
        let thing = &things[i as usize];
        let parent = thing.parent.filter(|&p| p < i);
        sheet_of[i as usize] = parent.map_or(0, |p| sheet_of[p as usize]);
        if hidden.get(i as usize).copied().unwrap_or(false) {
            continue;
        }
        let kind_of = |index: u32| things[index as usize].kind;
        let sheet_at = sheet_of[i as usize];
        match thing.kind {
            EntityKind::VirtualNetwork => {
                sheet_of[i as usize] = sorted.sheets.len();
                sorted.sheets.push(Sheet { network: Some(i), ..Sheet::default() });
            }
            EntityKind::GatewaySubnet => add(&mut sorted.sheets[sheet_at].gateways, i, None),
            EntityKind::GatewayInstance => {
                let subnet = parent.filter(|&p| kind_of(p) == EntityKind::GatewaySubnet).unwrap_or(NONE);
                add(&mut sorted.sheets[sheet_at].gateways, subnet, Some(i));
            }
            EntityKind::NodeSubnet => add(&mut sorted.sheets[sheet_at].nodes, i, None),
            EntityKind::Node => {
                sorted.nodes += 1;
                let subnet = parent.filter(|&p| kind_of(p) == EntityKind::NodeSubnet).unwrap_or(NONE);
                add(&mut sorted.sheets[sheet_at].nodes, subnet, Some(i));
            }
            EntityKind::Subnet if members.pods.of(i).is_empty() => add(&mut sorted.sheets[sheet_at].subnets, i, None),
            EntityKind::Subnet => sorted.sheets[sheet_at].wells.push(i),
            EntityKind::PodRange if members.pods.of(i).is_empty() => {}
            EntityKind::PodRange => sorted.sheets[sheet_at].wells.push(i),
            EntityKind::Address => {
                match parent.filter(|&p| kind_of(p) == EntityKind::Subnet && members.pods.of(p).is_empty()) {
                    Some(subnet) => add(&mut sorted.sheets[sheet_at].subnets, subnet, Some(i)),
                    None => sorted.others.push(i),
                }
            }
            // A pod whose container cannot hold pods stands with the other addresses, so that it can be found.
            EntityKind::Pod => {
                let home = members.home[i as usize];
                let held = home != NONE
                    && matches!(kind_of(home), EntityKind::Node | EntityKind::PodRange | EntityKind::Subnet);
                if !held {
                    sorted.others.push(i);
                }
            }
            EntityKind::Platform => sorted.platform.push(i),
            EntityKind::Clients => sorted.clients.push(i),
            EntityKind::FrontEnd => sorted.front_ends.push(i),
            EntityKind::Internet => sorted.internet.push(i),
            EntityKind::Service | EntityKind::Route | EntityKind::Group => {}
        }
    }
    let first = &sorted.sheets[0];
    if first.gateways.is_empty() && first.nodes.is_empty() && first.subnets.is_empty() && first.wells.is_empty() {
        sorted.sheets.remove(0);
    } else {
        // Real networks first.
        sorted.sheets.rotate_left(1);
    }
    sorted
}

/// See [`Layout::of`].
pub(super) fn lay_out(topology: &Topology, members: &Members, hidden: &[bool]) -> Layout {
    let sorted = sort(topology, members, hidden);
    let dense = sorted.nodes >= DENSE_FROM;
    let factor = if dense { lane_factor(dense_height(topology, members, &sorted)) } else { 1.0 };
    let columns = &if dense { DENSE } else { OPEN }.times(factor);
    let mut layout = Layout {
        factor,
        places: vec![Rect::default(); topology.entities.len()],
        bounds: Rect::new(columns.clients.0, TOP, 300.0 * factor, 120.0 * factor),
        ..Layout::default()
    };
    layout.trunk = columns.sheet + columns.pad + columns.gateway_width + 22.0 * factor;
    let anchor = if dense {
        lay_out_dense(topology, members, &sorted, columns, &mut layout)
    } else {
        let mut y = TOP;
        let mut anchor = TOP + 209.0;
        for (i, sheet) in sorted.sheets.iter().enumerate() {
            let (bottom, first) = lay_out_sheet(topology, members, sheet, sorted.nodes, y, &mut layout);
            y = bottom + SHEET_GAP;
            anchor = if i == 0 { first } else { anchor };
        }
        anchor
    };
    let mut bottom = if dense { gateway_bottom(&sorted, &layout) } else { layout.bounds.bottom() };
    bottom = bottom.max(left_lanes(&sorted, columns, dense, anchor, &mut layout));
    internet(&sorted, dense, bottom, &mut layout);
    right_lane(&sorted, &mut layout);
    let placed: Vec<Rect> = layout.lanes.iter().map(|&i| layout.places[i as usize]).collect();
    layout.bounds = placed.iter().fold(layout.bounds, |bounds, rect| bounds.union(rect));
    layout.open.order_by_key(|(owner, _)| *owner);
    layout
}

/// Instances of a gateway subnet from `y` down; returns where they end.
fn instances(instances: &[u32], topology: &Topology, dense: bool, column: &Rect, layout: &mut Layout) -> f32 {
    let factor = layout.factor;
    let side = if dense { 8.0 * factor } else { 10.0 };
    let (x, width) = (column.x + side, column.width - 2.0 * side);
    let few = instances.len() <= 4 && !dense;
    // Few instances stand apart, level with the front ends, so that their fans do not cross; more are a list.
    let (top, gap) = match instances.len() {
        _ if dense => (46.0, 8.0),
        0..=2 => (133.0, 109.0),
        3 | 4 => (60.0, 24.0),
        _ => (48.0, 8.0),
    };
    let (top, gap) = (top * factor, gap * factor);
    let mut y = column.y + top;
    for &instance in instances {
        let height = match (few, topology.entities[instance as usize].absent) {
            (true, false) => 84.0,
            (true, true) => 52.0,
            (false, _) => 22.0 * factor,
        };
        layout.places[instance as usize] = Rect::new(x, y, width, height);
        y += height + gap;
    }
    y - gap.min(if instances.is_empty() { 0.0 } else { gap })
}

/// One virtual network with few nodes. Returns its lower edge and the middle of its first instance.
fn lay_out_sheet(
    topology: &Topology,
    members: &Members,
    sheet: &Sheet,
    total_nodes: usize,
    y: f32,
    layout: &mut Layout,
) -> (f32, f32) {
    let columns = &OPEN;
    let top = y + columns.head;
    let (mut x, mut lowest, mut right) = (columns.sheet + columns.pad, top + 60.0, columns.sheet + 160.0);
    let mut anchor = TOP + 209.0;
    let mut tails: Vec<u32> = Vec::new();

    if !sheet.gateways.is_empty() {
        let mut below = top;
        for (place, (subnet, list)) in sheet.gateways.iter().enumerate() {
            let column = Rect::new(x, below, columns.gateway_width, 60.0);
            let end = instances(list, topology, false, &column, layout) + 14.0;
            if place == 0
                && let Some(&first) = list.first()
            {
                anchor = layout.places[first as usize].centre().y;
            }
            if *subnet != NONE {
                layout.places[*subnet as usize] = Rect::new(x, below, columns.gateway_width, (end - below).max(60.0));
            }
            below = end.max(below + 60.0) + 12.0;
        }
        tails.extend(sheet.gateways.last().map(|(subnet, _)| *subnet));
        lowest = lowest.max(below - 12.0);
        right = right.max(x + columns.gateway_width);
        x += columns.gateway_width + columns.fan;
    }

    if !sheet.nodes.is_empty() || !sheet.wells.is_empty() {
        let (mut below, mut widest) = (top, open::NODE_WIDTH);
        let first_home = layout.open.len();
        for (subnet, list) in &sheet.nodes {
            let at = Point::new(x + 8.0, below + 28.0);
            let (homes, width, height) = open::nodes(topology, members, list, at, total_nodes, &mut layout.places);
            layout.open.extend(homes);
            widest = widest.max(width);
            let height = 28.0 + height.max(24.0) + 8.0;
            if *subnet != NONE {
                layout.places[*subnet as usize] = Rect::new(x, below, 0.0, height);
            }
            below += height + 12.0;
        }
        // Only now is the widest known; nothing inside depends on it.
        for (subnet, _) in sheet.nodes.iter().filter(|(subnet, _)| *subnet != NONE) {
            layout.places[*subnet as usize].width = widest + 16.0;
        }
        if sheet.wells.is_empty() {
            tails.extend(sheet.nodes.last().map(|(subnet, _)| *subnet));
        }
        for &well in &sheet.wells {
            let cards = open::card_budget(total_nodes);
            let home = open::lay_out(topology, members.pods.of(well), Point::new(x, below), widest + 16.0, true, cards);
            open::place_home(topology, members, well, &home, &mut layout.places);
            layout.places[well as usize] = home.well;
            below += home.height + 12.0;
            layout.open.push((well, home));
        }
        debug_assert!(layout.open.len() >= first_home);
        lowest = lowest.max(below - 12.0);
        right = right.max(x + widest + 16.0);
        x += widest + 16.0 + SHEET_GAP;
    }

    let mut below = top;
    for (subnet, list) in &sheet.subnets {
        let height = 46.0 + list.len() as f32 * 46.0;
        layout.places[*subnet as usize] = Rect::new(x, below, columns.gateway_width, height);
        for (i, &address) in list.iter().enumerate() {
            layout.places[address as usize] =
                Rect::new(x + 10.0, below + 44.0 + i as f32 * 46.0, columns.gateway_width - 20.0, 38.0);
        }
        below += height + 12.0;
        lowest = lowest.max(below - 12.0);
        right = right.max(x + columns.gateway_width);
    }

    // The last of each column reaches the bottom, as columns of one table do.
    for subnet in tails.into_iter().filter(|&subnet| subnet != NONE) {
        let rect = &mut layout.places[subnet as usize];
        rect.height = lowest - rect.y;
    }
    let whole = Rect::new(columns.sheet, y, right + 12.0 - columns.sheet, lowest + 12.0 - y);
    if let Some(network) = sheet.network {
        layout.places[network as usize] = whole;
    }
    layout.bounds = layout.bounds.union(&whole);
    (whole.bottom(), anchor)
}

/// All networks with many nodes: one gateway column, one column of blocks. Returns the middle of the gateway column.
fn lay_out_dense(
    topology: &Topology,
    members: &Members,
    sorted: &Sorted,
    columns: &Columns,
    layout: &mut Layout,
) -> f32 {
    let factor = layout.factor;
    let mut below = TOP + columns.head;
    let x = columns.sheet;
    for (subnet, list) in sorted.sheets.iter().flat_map(|sheet| &sheet.gateways) {
        let column = Rect::new(x, below, columns.gateway_width, 60.0 * factor);
        let end = instances(list, topology, true, &column, layout) + 12.0 * factor;
        let rect = Rect::new(x, below, columns.gateway_width, (end - below).max(56.0 * factor));
        if *subnet != NONE {
            layout.places[*subnet as usize] = rect;
        }
        layout.bounds = layout.bounds.union(&rect);
        below = rect.bottom() + 12.0 * factor;
    }
    let first = TOP + columns.head;
    let anchor = if below > first { (first + below - 12.0 * factor) / 2.0 } else { TOP + 200.0 * factor };

    let (nodes, wells) = dense_parts(sorted);
    let at = Point::new(x + columns.gateway_width + columns.fan, TOP);
    let (area, taken) = dense::lay_out(topology, members, &nodes, &wells, at, &mut layout.places);
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
            let blocks = area.blocks.iter().filter(|block| {
                block.pools.iter().any(|pool| pool.nodes.first().is_some_and(|first| list.contains(first)))
            });
            let around = blocks.map(|block| block.rect).reduce(|sum, rect| sum.union(&rect));
            if let Some(around) = around {
                if *subnet != NONE {
                    layout.places[*subnet as usize] = around;
                }
                enclose(around);
            }
        }
        let rest =
            sheet.gateways.iter().chain(&sheet.subnets).map(|(subnet, _)| *subnet).chain(sheet.wells.iter().copied());
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

/// Nodes with the order of their subnet, and the wells of pods without a node.
fn dense_parts(sorted: &Sorted) -> (Vec<(u32, u32)>, Vec<u32>) {
    let subnets = sorted.sheets.iter().flat_map(|sheet| &sheet.nodes);
    let nodes = subnets.enumerate().flat_map(|(order, (_, list))| list.iter().map(move |&node| (order as u32, node)));
    (nodes.collect(), sorted.sheets.iter().flat_map(|sheet| sheet.wells.iter().copied()).collect())
}

/// Height of all blocks, which does not depend on where they stand.
fn dense_height(topology: &Topology, members: &Members, sorted: &Sorted) -> f32 {
    let (nodes, wells) = dense_parts(sorted);
    let mut places = vec![Rect::default(); topology.entities.len()];
    dense::lay_out(topology, members, &nodes, &wells, Point::default(), &mut places).1.height
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
