//! From a scene and a view to the list of what to paint: containers, the mass of cells, edges, cards, exceptions, selection and
//! labels, in this order (design, section 10).

mod boxes;
mod card;
mod compose;
mod containers;
mod denied;
mod dense_edges;
pub(crate) mod dense_nodes;
mod edges;
pub mod encryption;
mod focus;
mod labels;
mod measure;
pub(crate) mod nodes;
pub mod primitive;
pub(crate) mod route;
mod service;
mod way;

pub(crate) use compose::{Frame, compose};
pub(crate) use focus::Focus;
pub use measure::Measure;

use crate::geometry::{Camera, Insets, Rect, Size};
use crate::level::Level;
use primitive::{CellField, Primitive, Step};
use underlay_model::health::HealthState;
use underlay_model::view::EdgeKind;

/// A thing or an edge of the topology, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "plain words")]
pub enum Target {
    Entity(u32),
    Edge(u32),
}

/// Which kinds of edges are drawn. Things that only hidden edges reach are left out of the layout, so a change of layers is a
/// change of arrangement ([`crate::Scene::arrange`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the kinds of edges")]
pub struct Layers {
    pub user: bool,
    pub probe: bool,
    pub denied: bool,
    pub absent: bool,
    pub platform: bool,
    pub egress: bool,
    pub internal: bool,
    pub inferred: bool,
}

impl Default for Layers {
    /// As the design begins: everything but Azure's own and outward traffic.
    fn default() -> Self {
        Self {
            user: true,
            probe: true,
            denied: true,
            absent: true,
            platform: false,
            egress: false,
            internal: true,
            inferred: true,
        }
    }
}

impl Layers {
    /// Whether edges of this kind are drawn.
    pub fn shows(self, kind: EdgeKind) -> bool {
        match kind {
            EdgeKind::User => self.user,
            EdgeKind::Probe => self.probe,
            EdgeKind::Denied => self.denied,
            EdgeKind::Absent => self.absent,
            EdgeKind::Platform => self.platform,
            EdgeKind::Egress => self.egress,
            EdgeKind::Internal => self.internal,
            EdgeKind::Inferred => self.inferred,
        }
    }

    /// Switches a kind on or off.
    pub fn set(&mut self, kind: EdgeKind, shown: bool) {
        *match kind {
            EdgeKind::User => &mut self.user,
            EdgeKind::Probe => &mut self.probe,
            EdgeKind::Denied => &mut self.denied,
            EdgeKind::Absent => &mut self.absent,
            EdgeKind::Platform => &mut self.platform,
            EdgeKind::Egress => &mut self.egress,
            EdgeKind::Internal => &mut self.internal,
            EdgeKind::Inferred => &mut self.inferred,
        } = shown;
    }
}

/// How one looks at a scene. Everything a frame depends on beside the scene itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Where the eye is.
    pub camera: Camera,
    /// Size of the canvas.
    pub viewport: Size,
    /// What floats over its edges.
    pub insets: Insets,
    /// Selected thing or edge.
    pub selection: Option<Target>,
    /// Under the pointer.
    pub hover: Option<Target>,
    /// Keyboard focus, when it is visible.
    pub focus: Option<Target>,
    /// Level pinned by the user.
    pub pinned: Option<Level>,
    /// Level of the frame before ([`DisplayList::level`]), for hysteresis.
    pub previous: Option<Level>,
    /// What edges are as wide as.
    pub measure: Measure,
    /// Only the edges on the way to the selection are drawn.
    pub path: bool,
    /// Lines tell whether what they carry was encrypted.
    pub encryption: bool,
    /// States of pods that are faded: bit 0 for unknown, then healthy, degraded, failing.
    pub muted: u8,
    /// Write the topology's headline into the picture (exports; the page shows it as text beside the canvas).
    pub headline: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            camera: Camera::default(),
            viewport: Size::new(836.0, 612.0),
            insets: Insets::default(),
            selection: None,
            hover: None,
            focus: None,
            pinned: None,
            previous: None,
            measure: Measure::default(),
            path: false,
            encryption: false,
            muted: 0,
            headline: false,
        }
    }
}

impl View {
    /// Whether pods in this state are faded.
    pub fn mutes(&self, state: HealthState) -> bool {
        self.muted & (1 << state as u8) != 0
    }
}

/// A drawn edge, for hit testing and for the tests.
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnEdge {
    /// Index in the topology. Of a bundle: its largest member.
    pub edge: u32,
    /// How many edges it stands for.
    pub members: u32,
    /// Its line on the screen.
    pub steps: Vec<Step>,
    /// Line width in pixels.
    pub width: f32,
}

/// What a frame shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DisplayList {
    /// Painted first: containers, boxes.
    pub under: Vec<Primitive>,
    /// Painted over `under` by the raster painter.
    pub cells: CellField,
    /// Painted last: edges, cards, marks, selection, labels.
    pub over: Vec<Primitive>,
    /// Edges in `over`, in drawing order.
    pub edges: Vec<DrawnEdge>,
    /// Edges of shown kinds that were left out to keep the picture readable.
    pub edges_left_out: u64,
    /// Level of detail.
    pub level: Level,
    /// Rectangles of labels in `over` (they do not overlap one another).
    pub labels: Vec<Rect>,
}
