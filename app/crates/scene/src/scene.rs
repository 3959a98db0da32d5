//! One topology made ready for drawing: laid out, with members, edges and worst members by thing. Built once a topology; every
//! frame, hit test and key press only reads it.

use crate::bundles::{Bundle, bundles};
use crate::display::{self, DisplayList, Layers, Target, View};
use crate::geometry::{Camera, Insets, Point, Rect, Size};
use crate::hit;
use crate::layout::{Layout, Structure};
use crate::members::{Members, NONE};
use std::sync::Arc;
use underlay_model::order::Order;
use underlay_model::view::{EdgeKind, EntityKey, EntityKind, Topology, Traffic};

/// A topology with its layout.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(crate) topology: Topology,
    pub(crate) members: Members,
    pub(crate) layout: Layout,
    structure: Structure,
    layers: Layers,
    /// Things sorted by key.
    by_key: Vec<u32>,
    /// A cell byte a pod, in the order of pods by home.
    pub(crate) cells: Arc<Vec<u8>>,
    /// Bytes of each home against the busiest, 0 to 1.
    pub(crate) load: Vec<f32>,
    /// Networks, subnets: drawn first, in this order.
    pub(crate) containers: Vec<u32>,
    /// Things with a box of their own: lanes, instances, addresses.
    pub(crate) boxes: Vec<u32>,
    /// Dense homes of pods that were denied traffic by other pods or nodes, sorted.
    pub(crate) denied: Vec<u32>,
    /// Edges as trunks; empty when they are drawn one by one.
    pub(crate) bundles: Vec<Bundle>,
}

impl Scene {
    /// Lays out a topology with these layers shown.
    pub fn new(topology: Topology, layers: Layers) -> Self {
        let members = Members::of(&topology);
        let hidden = hidden_things(&topology, layers, |_| false);
        let layout = Layout::of(&topology, &members, &hidden);
        let structure = Structure::of(&topology, hidden);
        let mut scene = Self {
            topology,
            members,
            layout,
            structure,
            layers,
            by_key: Vec::new(),
            cells: Arc::default(),
            load: Vec::new(),
            containers: Vec::new(),
            boxes: Vec::new(),
            denied: Vec::new(),
            bundles: Vec::new(),
        };
        scene.index_keys();
        scene.refresh();
        scene
    }

    /// Takes a new topology (another range, more data). Returns whether the layout changed; it does not when only numbers did.
    pub fn update(&mut self, topology: Topology) -> bool {
        // What has no traffic in this range stays as it was: brushing must not move things.
        let hidden = hidden_things(&topology, self.layers, |i| {
            self.find(&topology.entities[i].key).is_some_and(|before| self.layout.places[before as usize].width <= 0.0)
        });
        self.topology = topology;
        self.members = Members::of(&self.topology);
        let changed = self.rebuild(hidden);
        self.refresh();
        changed
    }

    /// Shows other kinds of edges. Returns whether the layout changed.
    pub fn set_layers(&mut self, layers: Layers) -> bool {
        self.layers = layers;
        let changed = self.rebuild(hidden_things(&self.topology, layers, |_| false));
        self.refresh();
        changed
    }

    fn rebuild(&mut self, hidden: Vec<bool>) -> bool {
        let structure = Structure::of(&self.topology, hidden.clone());
        if structure == self.structure {
            return false;
        }
        self.layout = Layout::of(&self.topology, &self.members, &hidden);
        self.structure = structure;
        self.index_keys();
        true
    }

    fn index_keys(&mut self) {
        let things = &self.topology.entities;
        self.by_key = (0..things.len() as u32).collect();
        self.by_key.order_by(|&a, &b| things[a as usize].key.cmp(&things[b as usize].key));
    }

    /// Everything that depends on numbers and not on places.
    fn refresh(&mut self) {
        let things = &self.topology.entities;
        let cell = |&pod: &u32| display::primitive::cell::of(things[pod as usize].health);
        self.cells = Arc::new(self.members.pods.list().iter().map(cell).collect());
        let sums: Vec<u64> = (0..things.len() as u32)
            .map(|home| {
                let pods = self.members.pods.of(home).iter();
                pods.map(|&pod| things[pod as usize].traffic.total_bytes()).fold(0, u64::saturating_add)
            })
            .collect();
        let most = sums.iter().copied().max().unwrap_or(0).max(1) as f32;
        self.load = sums.into_iter().map(|sum| sum as f32 / most).collect();
        let placed = |thing: &u32| self.layout.places[*thing as usize].width > 0.0;
        let of_kind = |wanted: fn(EntityKind) -> bool| -> Vec<u32> {
            (0..things.len() as u32).filter(|&i| wanted(things[i as usize].kind)).filter(placed).collect()
        };
        self.containers = of_kind(|kind| {
            use EntityKind::{GatewaySubnet, NodeSubnet, Subnet, VirtualNetwork};
            matches!(kind, VirtualNetwork | GatewaySubnet | NodeSubnet | Subnet)
        });
        self.containers.retain(|&thing| self.layout.open_home(thing).is_none());
        self.boxes = of_kind(|kind| {
            use EntityKind::{Address, Clients, FrontEnd, GatewayInstance, Internet, Platform};
            matches!(kind, GatewayInstance | FrontEnd | Clients | Internet | Platform | Address)
        });
        self.boxes.extend(self.layout.lanes.iter().filter(|&&i| things[i as usize].kind == EntityKind::Pod));
        self.denied = self.denied_inside();
        self.bundles = bundles(self);
    }

    /// Homes of the targets of denied edges that begin at a pod or node: no line is drawn for these among many nodes.
    fn denied_inside(&self) -> Vec<u32> {
        let home = |thing: u32| match self.topology.entities.get(thing as usize)?.kind {
            EntityKind::Pod => Some(self.members.home[thing as usize]).filter(|&home| home != NONE),
            EntityKind::Node => Some(thing),
            _ => None,
        };
        let denied = self.topology.edges.iter().filter(|edge| edge.kind == EdgeKind::Denied);
        let mut homes: Vec<u32> = denied.filter_map(|edge| home(edge.source).and_then(|_| home(edge.target))).collect();
        homes.order();
        homes.dedup();
        homes
    }

    /// The kinds of edges shown.
    pub fn layers(&self) -> Layers {
        self.layers
    }

    /// The topology.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Index of a thing by its stable name.
    pub fn find(&self, key: &EntityKey) -> Option<u32> {
        let things = &self.topology.entities;
        let found = self.by_key.binary_search_by(|&i| things[i as usize].key.cmp(key));
        found.ok().map(|place| self.by_key[place])
    }

    /// Index of an edge by its ends and kind.
    pub fn find_edge(&self, source: u32, target: u32, kind: EdgeKind) -> Option<u32> {
        let outgoing = self.members.outgoing.of(source).iter().copied();
        outgoing.into_iter().find(|&e| {
            let edge = &self.topology.edges[e as usize];
            edge.target == target && edge.kind == kind
        })
    }

    /// Place of a thing in the world; `None` when it is not drawn.
    pub fn place(&self, entity: u32) -> Option<Rect> {
        self.layout.place(&self.topology, &self.members, entity)
    }

    /// Everything drawn, in the world.
    pub fn bounds(&self) -> Rect {
        self.layout.bounds
    }

    /// Pixels that the headline at the top left may take before it meets the first sheet, at natural size.
    pub fn headline_room(&self) -> f32 {
        let first = self.layout.dense.as_ref().and_then(|area| area.blocks.first()).map(|block| block.rect.x);
        let first = first.unwrap_or(crate::layout::SHEET_LEFT) / self.layout.factor;
        (first - 28.0).max(200.0)
    }

    /// Whether nodes are drawn as blocks with cells, and edges as bundles.
    pub fn is_dense(&self) -> bool {
        self.layout.dense.is_some()
    }

    /// Width of a node at natural size: what the level of detail is taken from.
    pub fn node_width(&self) -> f32 {
        self.layout.dense.as_ref().map_or(crate::layout::NODE_WIDTH, crate::layout::DenseArea::box_width)
    }

    /// The camera that shows everything, never larger than natural size.
    pub fn fit(&self, viewport: Size, insets: Insets) -> Camera {
        Camera::fit(&self.bounds(), viewport, insets, 1.0)
    }

    /// The camera that shows one thing large enough to read, in the middle.
    pub fn zoom_to(&self, entity: u32, viewport: Size, insets: Insets) -> Option<Camera> {
        let place = self.place(entity)?;
        let home = self.members.home.get(entity as usize).copied().filter(|&home| home != NONE);
        let is_pod = self.topology.entities.get(entity as usize)?.kind == EntityKind::Pod;
        // Pods are read inside their node.
        let around = match home {
            Some(home) if is_pod && self.is_dense() => self.place(home).unwrap_or(place),
            _ => place,
        };
        let largest = if self.is_dense() { 560.0 / self.node_width() } else { 1.5 };
        Some(Camera::fit(&around.grown(24.0 / largest.max(1.0)), viewport, insets, largest))
    }

    /// What to paint.
    pub fn display(&self, view: &View) -> DisplayList {
        display::compose(self, view)
    }

    /// What is under a place of the screen: a thing drawn there, else an edge of `list` within 6 px, else the innermost
    /// container.
    pub fn hit(&self, view: &View, list: &DisplayList, at: Point) -> Option<Target> {
        hit::target(self, view, list, at)
    }

    /// Traffic and number of edges of each kind that occurs, for the legend, in the order of the kinds.
    pub fn kinds(&self) -> Vec<(EdgeKind, Traffic, u64)> {
        let mut sums = std::collections::BTreeMap::<EdgeKind, (Traffic, u64)>::new();
        for edge in &self.topology.edges {
            let sum = sums.entry(edge.kind).or_default();
            sum.0 += edge.traffic;
            sum.1 += 1;
        }
        sums.into_iter().map(|(kind, (traffic, edges))| (kind, traffic, edges)).collect()
    }
}

/// Things that only edges of hidden kinds reach and that stand in a lane of their own. `before` tells of a thing without edges
/// whether it was hidden.
fn hidden_things(topology: &Topology, layers: Layers, before: impl Fn(usize) -> bool) -> Vec<bool> {
    let count = topology.entities.len();
    let (mut shown, mut touched) = (vec![false; count], vec![false; count]);
    for edge in &topology.edges {
        for end in [edge.source, edge.target] {
            if let Some(flag) = touched.get_mut(end as usize) {
                *flag = true;
                shown[end as usize] |= layers.shows(edge.kind);
            }
        }
    }
    (0..count)
        .map(|i| {
            let thing = &topology.entities[i];
            match thing.kind {
                EntityKind::Platform | EntityKind::Internet | EntityKind::Address if thing.parent.is_none() => {
                    if touched[i] {
                        !shown[i]
                    } else {
                        before(i) || (thing.kind == EntityKind::Platform && !layers.platform)
                    }
                }
                _ => false,
            }
        })
        .collect()
}
