//! Where everything is: containment, left to right by domain, by arithmetic (design, section 5; architecture 5.3). Linear in the
//! number of things and without randomness, so one capture always gives the same picture; places depend on what there is and
//! never on its traffic, so that brushing the timeline moves nothing. Pods of dense nodes have no stored place: it is computed
//! from the node's and the slot, and back.

mod dense;
mod frame;
mod open;
mod sheet;
mod shelves;
mod sort;

use crate::arrangement::Lane;
use crate::geometry::{Point, Rect};
use crate::grouping::Grouping;
use crate::members::{Members, NONE};
use crate::things::Things;
pub(crate) use dense::DenseArea;
pub(crate) use dense::{CELL_SHARE, Grid, NO_BLOCK};
pub(crate) use frame::SHEET_LEFT;
pub(crate) use open::{NODE_WIDTH, OpenHome, WELL_HEAD, is_system_namespace};
use sort::OPEN_PODS;
use underlay_model::view::EntityKind;

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
    /// Things that are not drawn.
    pub(crate) away: Vec<bool>,
    /// Things that are drawn instead of what they hold.
    pub(crate) collapsed: Vec<bool>,
}

/// What a layout depends on. Two that compare equal have equal layouts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    digest: u64,
    pub(crate) away: Vec<bool>,
    pub(crate) collapsed: Vec<bool>,
    pub(crate) lane: Lane,
    pub(crate) grouping: Grouping,
}

impl Structure {
    /// The structure of a topology whose things stand in `parents`, with these flags (by index).
    pub(crate) fn of(
        things: &Things,
        parents: &[u32],
        away: Vec<bool>,
        collapsed: Vec<bool>,
        lane: Lane,
        grouping: Grouping,
    ) -> Self {
        let mut digest = things.len() as u64;
        for (thing, parent) in (0u32..).zip(parents) {
            digest = mixed(digest, (things.kind(thing) as u64) << 32 | u64::from(*parent));
        }
        let bare = |kind| matches!(kind, EntityKind::Pod | EntityKind::PodRange);
        // Among many, pods stand by their containers and order alone, and their names are the bulk of all text.
        let more = |wanted, than| things.of_kind(|kind| kind == wanted).nth(than).is_some();
        let many = more(EntityKind::Node, DENSE_FROM) && more(EntityKind::Pod, OPEN_PODS);
        for thing in things.of_kind(|kind| !(many && bare(kind))) {
            let thing = &things[thing as usize];
            digest = mixed(digest, u64::from(thing.absent));
            for text in [&thing.key.0, &thing.group, &thing.zone, &thing.note] {
                digest = eaten(digest, text.as_bytes());
            }
        }
        Self { digest, away, collapsed, lane, grouping }
    }
}

fn mixed(digest: u64, word: u64) -> u64 {
    (digest.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// A text in the digest, eight bytes at a time; its length keeps neighbours apart.
fn eaten(digest: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let digest = words.iter().fold(digest, |digest, word| mixed(digest, u64::from_le_bytes(*word)));
    let last = rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
    mixed(digest, last << 8 | (bytes.len() as u64 & 0xff))
}

impl Layout {
    /// Lays a topology out.
    pub(crate) fn of(things: &Things, members: &Members, structure: &Structure) -> Self {
        frame::lay_out(things, members, structure)
    }

    fn is(flags: &[bool], thing: u32) -> bool {
        flags.get(thing as usize).copied().unwrap_or(false)
    }

    /// Whether the thing is drawn instead of what it holds.
    pub(crate) fn is_collapsed(&self, thing: u32) -> bool {
        Self::is(&self.collapsed, thing)
    }

    /// The container that is drawn instead of a thing, the outermost if there are several; `None` for what is drawn itself.
    pub(crate) fn stand_in(&self, members: &Members, thing: u32) -> Option<u32> {
        members.around(thing).skip(1).filter(|&around| self.is_collapsed(around)).last()
    }

    /// Place of a thing in the world, `None` when it is not drawn. What stands in a collapsed container has that one's place.
    pub(crate) fn place(&self, things: &Things, members: &Members, entity: u32) -> Option<Rect> {
        if Self::is(&self.away, entity) {
            return None;
        }
        let own = self.places.get(entity as usize).filter(|rect| rect.width > 0.0);
        if own.is_some() {
            return own.copied();
        }
        let thing = things.get(entity as usize)?;
        if let Some(around) = self.stand_in(members, entity) {
            return self.places.get(around as usize).filter(|rect| rect.width > 0.0).copied();
        }
        if thing.kind != EntityKind::Pod {
            return None;
        }
        let home = *members.home.get(entity as usize)?;
        let dense = self.dense.as_ref().filter(|_| home != NONE)?;
        let around = self.places.get(home as usize).filter(|rect| rect.width > 0.0)?;
        let grid = dense.grid_in(around, things.kind(home), members.pods.of(home).len());
        Some(grid.cell(*members.slot.get(entity as usize)?))
    }

    /// The open home of this thing.
    pub(crate) fn open_home(&self, home: u32) -> Option<&OpenHome> {
        self.open.binary_search_by_key(&home, |(owner, _)| *owner).ok().map(|i| &self.open[i].1)
    }
}
