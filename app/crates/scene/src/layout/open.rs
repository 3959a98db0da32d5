//! Nodes of a small capture: a box with a recessed well, pods grouped by workload, each group's first pods as cards and the rest
//! as cells. A group's beginning depends only on what stands before it, so growth at the end moves nothing above.

use crate::geometry::{Point, Rect};
use crate::members::Members;
use crate::things::Things;

/// Width of a node box.
pub(crate) const NODE_WIDTH: f32 = 246.0;
/// From a node's top to its well.
const WELL_TOP: f32 = 46.0;
/// Between the borders of node and well.
const INSET: f32 = 8.0;
/// The well's own caption row.
pub(crate) const WELL_HEAD: f32 = 26.5;
/// From the end of the row above to the first card of a group.
const GROUP_HEAD: f32 = 28.5;
const GROUP_GAP: f32 = 17.5;
pub(crate) const CARD: f32 = 52.0;
const CARD_PITCH: f32 = 60.0;
const CELL: f32 = 14.0;
const CELL_PITCH: f32 = 18.0;
/// Room below the last group: where arrows to nothing end.
const FOOT: f32 = 39.0;
/// Caption of the cluster's own pods, and the room below their cells.
const SYSTEM_CAPTION: f32 = 60.0;
const SYSTEM_FOOT: f32 = 12.0;
/// Groups beyond these share one caption.
const NAMED_GROUPS: usize = 5;

/// A workload in a well.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Group {
    pub name: String,
    /// Start of its caption's baseline, in the world.
    pub at: Point,
    /// Right end of the caption row.
    pub right: f32,
    /// Its pods.
    pub pods: Vec<u32>,
    /// The cluster's own: cells beside the caption.
    pub system: bool,
}

/// A home whose pods have places of their own.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OpenHome {
    /// The recessed part.
    pub well: Rect,
    pub groups: Vec<Group>,
    /// Place of each pod, in the order of the groups.
    pub slots: Vec<(u32, Rect)>,
    /// Whole height of the box around the well.
    pub height: f32,
}

/// Namespaces of the cluster's own workloads: drawn as cells, since people seldom look for them.
pub(crate) fn is_system_namespace(namespace: &str) -> bool {
    matches!(
        namespace,
        "kube-system"
            | "kube-public"
            | "kube-node-lease"
            | "gatekeeper-system"
            | "azure-alb-system"
            | "calico-system"
            | "tigera-operator"
            | "aks-command"
    ) || namespace.starts_with("kube-")
}

/// Lays the pods of a home out, the home's left top at `at`. `bare` wells have no node header around them. At most `cards` pods
/// are cards.
pub(crate) fn lay_out(things: &Things, pods: &[u32], at: Point, width: f32, bare: bool, cards: usize) -> OpenHome {
    let (inset, top) = if bare { (0.0, 0.0) } else { (INSET, WELL_TOP) };
    let well_at = Point::new(at.x + inset, at.y + top);
    let well_width = width - 2.0 * inset;
    let groups = group(things, pods);
    let (left, card_width) = (well_at.x + 8.0, well_width - 15.0);
    let columns = |room: f32| ((room + CELL_PITCH - CELL) / CELL_PITCH).floor().max(1.0) as usize;
    let mut home = OpenHome { groups, slots: Vec::with_capacity(pods.len()), ..OpenHome::default() };
    let (mut y, mut cards_left, mut foot) = (well_at.y + WELL_HEAD, cards, FOOT);
    for (place, group) in home.groups.iter_mut().enumerate() {
        y += if place > 0 {
            GROUP_GAP
        } else if group.system {
            10.0
        } else {
            0.0
        };
        group.right = well_at.x + well_width - 9.5;
        let (as_cards, cells_at) = if group.system {
            group.at = Point::new(well_at.x + 8.5, y + 11.0);
            foot = SYSTEM_FOOT;
            (0, Point::new(left + SYSTEM_CAPTION, y))
        } else {
            group.at = Point::new(well_at.x + 8.5, y + 19.0);
            y += GROUP_HEAD;
            foot = FOOT;
            let as_cards = if group.name == OTHERS { 0 } else { group.pods.len().min(cards_left) };
            (as_cards, Point::new(left, y + as_cards as f32 * CARD_PITCH))
        };
        cards_left -= as_cards;
        let columns = columns(left + card_width - cells_at.x);
        for (i, &pod) in group.pods.iter().enumerate() {
            let rect = if i < as_cards {
                Rect::new(left, y + i as f32 * CARD_PITCH, card_width, CARD)
            } else {
                let (column, row) = ((i - as_cards) % columns, (i - as_cards) / columns);
                let (x, y) = (cells_at.x + column as f32 * CELL_PITCH, cells_at.y + row as f32 * CELL_PITCH);
                Rect::new(x, y, CELL, CELL)
            };
            home.slots.push((pod, rect));
        }
        let rows = (group.pods.len() - as_cards).div_ceil(columns);
        y += as_cards as f32 * CARD_PITCH + rows as f32 * CELL_PITCH;
        y -= if rows > 0 {
            CELL_PITCH - CELL
        } else if as_cards > 0 {
            CARD_PITCH - CARD
        } else {
            0.0
        };
    }
    y += if home.groups.is_empty() { GROUP_HEAD } else { foot };
    home.well = Rect::new(well_at.x, well_at.y, well_width, y - well_at.y);
    home.height = y - at.y + inset;
    home
}

/// What stands for the groups beyond the named ones.
const OTHERS: &str = "others";

/// Pods by workload in the order of their first pod, the cluster's own together and last: what people look for stands at the top.
fn group(things: &Things, pods: &[u32]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    let mut system = Vec::new();
    for &pod in pods {
        let thing = &things[pod as usize];
        if is_system_namespace(&thing.note) {
            system.push(pod);
            continue;
        }
        let name = if thing.group.is_empty() { thing.note.as_str() } else { thing.group.as_str() };
        let place = *places.entry((thing.note.as_str(), name)).or_insert_with(|| groups.len().min(NAMED_GROUPS));
        if place == groups.len() {
            let text = match (place == NAMED_GROUPS, name.is_empty()) {
                (true, _) => OTHERS,
                (false, true) => "pods",
                (false, false) => name,
            };
            let (at, right) = (Point::default(), 0.0);
            groups.push(Group { name: text.to_owned(), at, right, pods: Vec::new(), system: false });
        }
        groups[place].pods.push(pod);
    }
    if !system.is_empty() {
        let (at, right) = (Point::default(), 0.0);
        groups.push(Group { name: "system".to_owned(), at, right, pods: system, system: true });
    }
    groups
}

/// How many pods of a home may be cards when there are so many nodes.
pub(crate) fn card_budget(nodes: usize) -> usize {
    if nodes <= 2 { 6 } else { 4 }
}

/// Lays nodes, or groups of pods, out in rows; returns their homes and the size taken. A collapsed one is a header alone.
pub(crate) fn nodes(
    things: &Things,
    members: &Members,
    nodes: &[u32],
    (at, total, collapsed): (Point, usize, &[bool]),
    places: &mut [Rect],
) -> (Vec<(u32, OpenHome)>, f32, f32) {
    // Node boxes are higher than wide: rows before columns would leave half of the canvas empty.
    let is_group = |&&thing: &&u32| things.kind(thing) == underlay_model::view::EntityKind::Group;
    if nodes.len() > 1 && nodes.iter().all(|thing| is_group(&thing)) {
        return down_columns(things, members, nodes, (at, total, collapsed), places);
    }
    // Node boxes are higher than wide: rows before columns would leave half of the canvas empty.
    let columns = match nodes.len() {
        0..=3 => nodes.len().max(1),
        4..=8 => 4,
        _ => 5,
    };
    let mut homes = Vec::new();
    let (mut y, mut row_height, mut width) = (at.y, 0.0_f32, 0.0_f32);
    for (i, &node) in nodes.iter().enumerate() {
        let column = i % columns;
        if column == 0 && i > 0 {
            y += row_height + 12.0;
            row_height = 0.0;
        }
        let corner = Point::new(at.x + column as f32 * (NODE_WIDTH + 12.0), y);
        let home = place_at(things, members, node, corner, (total, collapsed), places);
        row_height = row_height.max(home.height);
        width = width.max(corner.x + NODE_WIDTH - at.x);
        homes.push((node, home));
    }
    (homes, width, y + row_height - at.y)
}

/// Groups of pods down two columns: the first ones face the gateway, so that no line to them passes behind another.
fn down_columns(
    things: &Things,
    members: &Members,
    groups: &[u32],
    (at, total, collapsed): (Point, usize, &[bool]),
    places: &mut [Rect],
) -> (Vec<(u32, OpenHome)>, f32, f32) {
    let rows = groups.len().div_ceil(2).max(2);
    let mut homes = Vec::new();
    let (mut corner, mut height, mut width) = (at, 0.0_f32, 0.0_f32);
    for (i, &group) in groups.iter().enumerate() {
        if i > 0 && i % rows == 0 {
            corner = Point::new(corner.x + NODE_WIDTH + 12.0, at.y);
        }
        let home = place_at(things, members, group, corner, (total, collapsed), places);
        height = height.max(corner.y + home.height - at.y);
        width = width.max(corner.x + NODE_WIDTH - at.x);
        corner.y += home.height + 12.0;
        homes.push((group, home));
    }
    (homes, width, height)
}

/// Lays one home out with its left top at a corner, and writes its places down.
fn place_at(
    things: &Things,
    members: &Members,
    home: u32,
    corner: Point,
    (total, collapsed): (usize, &[bool]),
    places: &mut [Rect],
) -> OpenHome {
    let open = if collapsed.get(home as usize).copied().unwrap_or(false) {
        OpenHome { height: WELL_TOP, ..OpenHome::default() }
    } else {
        lay_out(things, members.pods.of(home), corner, NODE_WIDTH, false, card_budget(total))
    };
    place_home(things, members, home, &open, places);
    places[home as usize] = Rect::new(corner.x, corner.y, NODE_WIDTH, open.height);
    open
}

/// Writes the places of a home's pods and well down.
pub(crate) fn place_home(things: &Things, members: &Members, owner: u32, home: &OpenHome, places: &mut [Rect]) {
    for &(pod, rect) in &home.slots {
        places[pod as usize] = rect;
    }
    let mut well = home.well;
    for &child in members.children.of(owner) {
        if things.kind(child) == underlay_model::view::EntityKind::PodRange {
            places[child as usize] = well;
            // Of several ranges of one node the first is the well, the others are its caption's detail.
            well.width = 0.0;
        }
    }
}
