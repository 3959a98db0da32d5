//! One topology made ready for drawing: laid out, with members, edges and worst members by thing. Built once a topology; every
//! frame, hit test and key press only reads it.

use crate::display::{DisplayList, Layers, Target, View};
use crate::geometry::{Camera, Insets, Point, Rect, Size};
use underlay_model::view::{EntityKey, Topology};

/// A topology with its layout.
pub struct Scene {
    topology: Topology,
}

impl Scene {
    /// Lays out a topology with these layers shown.
    pub fn new(topology: Topology, layers: Layers) -> Self {
        let _ = layers;
        Self { topology }
    }

    /// Takes a new topology (another range, more data). Returns whether the layout changed; it does not when only numbers did.
    pub fn update(&mut self, topology: Topology) -> bool {
        self.topology = topology;
        todo!()
    }

    /// Shows other kinds of edges. Returns whether the layout changed.
    pub fn set_layers(&mut self, layers: Layers) -> bool {
        let _ = layers;
        todo!()
    }

    /// The kinds of edges shown.
    pub fn layers(&self) -> Layers {
        todo!()
    }

    /// The topology.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Index of a thing by its stable name.
    pub fn find(&self, key: &EntityKey) -> Option<u32> {
        let _ = key;
        todo!()
    }

    /// Place of a thing in the world; `None` when it is not drawn.
    pub fn place(&self, entity: u32) -> Option<Rect> {
        let _ = entity;
        todo!()
    }

    /// Everything drawn, in the world.
    pub fn bounds(&self) -> Rect {
        todo!()
    }

    /// The camera that shows everything, never larger than natural size.
    pub fn fit(&self, viewport: Size, insets: Insets) -> Camera {
        Camera::fit(&self.bounds(), viewport, insets, 1.0)
    }

    /// The camera that shows one thing large enough to read, in the middle.
    pub fn zoom_to(&self, entity: u32, viewport: Size, insets: Insets) -> Option<Camera> {
        let _ = (entity, viewport, insets);
        todo!()
    }

    /// What to paint.
    pub fn display(&self, view: &View) -> DisplayList {
        let _ = view;
        todo!()
    }

    /// What is under a place of the screen: an edge or card drawn in `list`, else the innermost container.
    pub fn hit(&self, view: &View, list: &DisplayList, at: Point) -> Option<Target> {
        let _ = (view, list, at);
        todo!()
    }

    /// Flows of each kind of edge, for the legend, in the order of [`underlay_model::view::EdgeKind`].
    pub fn kinds(&self) -> Vec<(underlay_model::view::EdgeKind, underlay_model::view::Traffic, u64)> {
        todo!()
    }
}
