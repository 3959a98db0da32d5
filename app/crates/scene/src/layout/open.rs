//! Nodes of a small capture: a box with a recessed well, pods grouped by workload, each group's first pods as cards and the rest
//! as cells. A group's beginning depends only on what stands before it, so growth at the end moves nothing above.

use crate::geometry::{Point, Rect};
use crate::members::Members;
use underlay_model::view::Topology;

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
pub(crate) fn lay_out(topology: &Topology, pods: &[u32], at: Point, width: f32, bare: bool, cards: usize) -> OpenHome {
    let (inset, top) = if bare { (0.0, 0.0) } else { (INSET, WELL_TOP) };
    let well_at = Point::new(at.x + inset, at.y + top);
    let well_width = width - 2.0 * inset;
    let mut groups: Vec<Group> = Vec::new();
    let mut named = std::collections::BTreeMap::new();
    for &pod in pods {
        let thing = &topology.entities[pod as usize];
        let system = is_system_namespace(&thing.note);
        // System workloads share one group a namespace.
        let name = if system || thing.group.is_empty() { thing.note.as_str() } else { thing.group.as_str() };
        let at = match named.get(&(thing.note.as_str(), name)) {
            Some(&at) => at,
            None if groups.len() <= NAMED_GROUPS => {
                let text = if groups.len() == NAMED_GROUPS {
                    "other workloads"
                } else if name.is_empty() {
                    "pods"
                } else {
                    name
                };
                groups.push(Group { name: text.to_owned(), at: Point::default(), right: 0.0, pods: Vec::new() });
                named.insert((thing.note.as_str(), name), groups.len() - 1);
                groups.len() - 1
            }
            None => NAMED_GROUPS,
        };
        groups[at].pods.push(pod);
    }
    // The cluster's own come last: what people look for stands at the top.
    groups.sort_by_key(|group| {
        group.pods.first().is_some_and(|&pod| is_system_namespace(&topology.entities[pod as usize].note))
    });

    let (left, card_width) = (well_at.x + 8.0, well_width - 15.0);
    let columns = ((card_width + CELL_PITCH - CELL) / CELL_PITCH).floor().max(1.0) as usize;
    let mut y = well_at.y + WELL_HEAD;
    let (mut cards_left, mut slots) = (cards, Vec::with_capacity(pods.len()));
    for (place, group) in groups.iter_mut().enumerate() {
        if place > 0 {
            y += GROUP_GAP;
        }
        group.at = Point::new(well_at.x + 8.5, y + 19.0);
        group.right = well_at.x + well_width - 9.5;
        y += GROUP_HEAD;
        let system = group.pods.first().is_some_and(|&pod| is_system_namespace(&topology.entities[pod as usize].note));
        let as_cards = if system || group.name == "other workloads" { 0 } else { group.pods.len().min(cards_left) };
        cards_left -= as_cards;
        for (i, &pod) in group.pods.iter().enumerate() {
            let rect = if i < as_cards {
                Rect::new(left, y + i as f32 * CARD_PITCH, card_width, CARD)
            } else {
                let cell = i - as_cards;
                let below = y + as_cards as f32 * CARD_PITCH;
                Rect::new(
                    left + (cell % columns) as f32 * CELL_PITCH,
                    below + (cell / columns) as f32 * CELL_PITCH,
                    CELL,
                    CELL,
                )
            };
            slots.push((pod, rect));
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
    y += if groups.is_empty() { GROUP_HEAD } else { FOOT };
    let well = Rect::new(well_at.x, well_at.y, well_width, y - well_at.y);
    OpenHome { well, groups, slots, height: y - at.y + inset }
}

/// How many pods of a home may be cards when there are so many nodes.
pub(crate) fn card_budget(nodes: usize) -> usize {
    if nodes <= 2 { 6 } else { 4 }
}

/// Lays nodes out in rows; returns their homes and the size taken.
pub(crate) fn nodes(
    topology: &Topology,
    members: &Members,
    nodes: &[u32],
    at: Point,
    total: usize,
    places: &mut [Rect],
) -> (Vec<(u32, OpenHome)>, f32, f32) {
    let columns = match nodes.len() {
        0 | 1 => 1,
        2..=4 => 2,
        5..=9 => 3,
        _ => 4,
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
        let home = lay_out(topology, members.pods.of(node), corner, NODE_WIDTH, false, card_budget(total));
        place_home(topology, members, node, &home, places);
        places[node as usize] = Rect::new(corner.x, corner.y, NODE_WIDTH, home.height);
        row_height = row_height.max(home.height);
        width = width.max(corner.x + NODE_WIDTH - at.x);
        homes.push((node, home));
    }
    (homes, width, y + row_height - at.y)
}

/// Writes the places of a home's pods and well down.
pub(crate) fn place_home(topology: &Topology, members: &Members, owner: u32, home: &OpenHome, places: &mut [Rect]) {
    for &(pod, rect) in &home.slots {
        places[pod as usize] = rect;
    }
    let mut well = home.well;
    for &child in members.children.of(owner) {
        if topology.entities[child as usize].kind == underlay_model::view::EntityKind::PodRange {
            places[child as usize] = well;
            // Of several ranges of one node the first is the well, the others are its caption's detail.
            well.width = 0.0;
        }
    }
}
