//! Where everything is: containment, left to right by domain, by arithmetic (design, section 5; architecture 5.3). Linear in the
//! number of things and without randomness, so one capture always gives the same picture; places depend on what there is and
//! never on its traffic, so that brushing the timeline moves nothing. Pods of dense nodes have no stored place: it is computed
//! from the node's and the slot, and back.

mod dense;
mod frame;
mod open;

use crate::geometry::{Point, Rect};
use crate::members::{Members, NONE};
pub(crate) use dense::DenseArea;
pub(crate) use dense::{CELL_SHARE, Grid, NO_BLOCK};
pub(crate) use frame::SHEET_LEFT;
pub(crate) use open::{NODE_WIDTH, OpenHome, WELL_HEAD};
use underlay_model::view::{EntityKind, Topology};

/// From this many nodes on they are drawn as blocks with cells, and edges as bundles (design, section 5).
pub const DENSE_FROM: usize = 12;

/// A caption of a lane: `Clients`, `Internet`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Caption {
    pub text: String,
    /// Start of the baseline.
    pub at: Point,
}

/// Places of all things of one structure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// By thing; nothing wide is not drawn. Pods of dense homes are not listed here.
    pub(crate) places: Vec<Rect>,
    pub(crate) bounds: Rect,
    pub(crate) captions: Vec<Caption>,
    /// Homes whose pods have places of their own, sorted by home.
    pub(crate) open: Vec<(u32, OpenHome)>,
    /// Blocks of nodes with cells.
    pub(crate) dense: Option<DenseArea>,
    /// Things without a parent that have a place, in drawing order.
    pub(crate) lanes: Vec<u32>,
    /// How much larger than natural lanes and gateway column are (beside blocks of thousands of nodes).
    pub(crate) factor: f32,
    /// Where trunks run, right of the gateway column.
    pub(crate) trunk: f32,
}

/// What a layout depends on. Two that compare equal have equal layouts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    things: Vec<Thing>,
    hidden: Vec<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Thing {
    kind: EntityKind,
    parent: Option<u32>,
    key: u64,
}

impl Structure {
    /// The structure of a topology with these things hidden (by index).
    pub(crate) fn of(topology: &Topology, hidden: Vec<bool>) -> Self {
        let things = topology
            .entities
            .iter()
            .map(|thing| Thing { kind: thing.kind, parent: thing.parent, key: digest(thing) })
            .collect();
        Self { things, hidden }
    }
}

/// Everything else of a thing that its place depends on, in 64 bits (FNV-1a: short texts, stable everywhere).
fn digest(thing: &underlay_model::view::Entity) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    eat(&thing.key.0);
    eat(&thing.group);
    eat(&thing.zone);
    eat(&thing.note);
    eat(if thing.absent { "-" } else { "" });
    hash
}

impl Layout {
    /// Lays a topology out. Hidden things get no place.
    pub(crate) fn of(topology: &Topology, members: &Members, hidden: &[bool]) -> Self {
        frame::lay_out(topology, members, hidden)
    }

    /// Place of a thing in the world, `None` when it is not drawn.
    pub(crate) fn place(&self, topology: &Topology, members: &Members, entity: u32) -> Option<Rect> {
        let own = self.places.get(entity as usize).filter(|rect| rect.width > 0.0);
        if own.is_some() {
            return own.copied();
        }
        let thing = topology.entities.get(entity as usize)?;
        if thing.kind != EntityKind::Pod {
            return None;
        }
        let home = *members.home.get(entity as usize)?;
        let dense = self.dense.as_ref().filter(|_| home != NONE)?;
        let around = self.places.get(home as usize).filter(|rect| rect.width > 0.0)?;
        let grid = dense.grid_in(around, topology.entities[home as usize].kind, members.pods.of(home).len());
        Some(grid.cell(*members.slot.get(entity as usize)?))
    }

    /// The open home of this thing.
    pub(crate) fn open_home(&self, home: u32) -> Option<&OpenHome> {
        self.open.binary_search_by_key(&home, |(owner, _)| *owner).ok().map(|i| &self.open[i].1)
    }
}
