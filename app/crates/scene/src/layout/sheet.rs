//! One virtual network with few nodes: gateway column, node column, other subnets; and the column of gateway instances, which
//! both frames share.

use super::frame::{OPEN, SHEET_GAP, TOP};
use super::sort::Sheet;
use super::{Layout, open};
use crate::geometry::{Point, Rect};
use crate::members::{Members, NONE};
use crate::things::Things;
use underlay_model::order::Order;
use underlay_model::view::EntityKind;

/// Instances of a gateway subnet from `y` down; returns where they end.
/// `absent` are those that are drawn without numbers.
pub(super) fn instances(instances: &[u32], absent: &[u32], dense: bool, column: &Rect, layout: &mut Layout) -> f32 {
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
        let height = match (few, absent.contains(&instance)) {
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
/// `frame` is the number of nodes of all sheets, the top, and the width of the lane of routes and services.
pub(super) fn lay_out_sheet(
    things: &Things,
    members: &Members,
    sheet: &Sheet,
    (total_nodes, y, lane): (usize, f32, f32),
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
            let absent = |instance: &&u32| things[**instance as usize].absent;
            let absent: Vec<u32> = list.iter().filter(absent).copied().collect();
            let end = instances(list, &absent, false, &column, layout) + 14.0;
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
    x += lane;

    if !sheet.nodes.is_empty() || !sheet.wells.is_empty() || !sheet.groups.is_empty() {
        let (mut below, mut widest) = (top, open::NODE_WIDTH);
        for (subnet, list) in &sheet.nodes {
            let at = Point::new(x + 8.0, below + 28.0);
            let (width, height) = nodes_of_subnet(things, members, list, (at, total_nodes), layout);
            widest = widest.max(width);
            let height = 28.0 + height.max(24.0) + 8.0;
            if *subnet != NONE {
                layout.places[*subnet as usize] = Rect::new(x, below, 0.0, height);
            }
            below += height + 12.0;
        }
        if !sheet.groups.is_empty() {
            let at = Point::new(x + 8.0, below);
            let taken = homes(things, members, &sheet.groups, (at, total_nodes), layout);
            widest = widest.max(taken.0);
            below += taken.1 + 12.0;
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
            let home = open::lay_out(things, members.pods.of(well), Point::new(x, below), widest + 16.0, true, cards);
            open::place_home(things, members, well, &home, &mut layout.places);
            layout.places[well as usize] = home.well;
            below += home.height + 12.0;
            layout.open.push((well, home));
        }
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

/// Nodes, or groups of pods, in rows. Returns the size taken.
fn homes(
    things: &Things,
    members: &Members,
    list: &[u32],
    (at, total): (Point, usize),
    layout: &mut Layout,
) -> (f32, f32) {
    let (homes, width, height) = open::nodes(things, members, list, (at, total, &layout.collapsed), &mut layout.places);
    layout.open.extend(homes);
    (width, height)
}

/// Nodes of one subnet, group by group below one another where they are grouped.
fn nodes_of_subnet(
    things: &Things,
    members: &Members,
    list: &[u32],
    (at, total): (Point, usize),
    layout: &mut Layout,
) -> (f32, f32) {
    const HEAD: f32 = 26.0;
    const PAD: f32 = 6.0;
    let is_group = |thing: u32| things.kind(thing) == EntityKind::Group;
    let group_of = |item: u32| members.around(item).find(|&around| is_group(around)).unwrap_or(NONE);
    let mut sorted: Vec<(u32, u32)> = list.iter().map(|&item| (group_of(item), item)).collect();
    sorted.order();
    let (mut below, mut widest) = (at.y, 0.0_f32);
    for part in sorted.chunk_by(|a, b| a.0 == b.0) {
        let group = part.first().map_or(NONE, |item| item.0);
        let items: Vec<u32> = part.iter().map(|item| item.1).filter(|&item| !is_group(item)).collect();
        if group == NONE {
            let (width, height) = homes(things, members, &items, (Point::new(at.x, below), total), layout);
            (below, widest) = (below + height + 12.0, widest.max(width));
            continue;
        }
        let inner = Point::new(at.x + PAD, below + HEAD);
        let (width, height) = homes(things, members, &items, (inner, total), layout);
        let height = if items.is_empty() { HEAD } else { HEAD + height + PAD };
        let width = width.max(open::NODE_WIDTH) + 2.0 * PAD;
        layout.places[group as usize] = Rect::new(at.x, below, width, height);
        (below, widest) = (below + height + 12.0, widest.max(width));
    }
    (widest, (below - 12.0 - at.y).max(0.0))
}
