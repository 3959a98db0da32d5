//! One topology made ready for drawing: laid out, with members, edges and worst members by thing. Built once a topology; every
//! frame, hit test and key press only reads it.

use crate::arrangement::{self, Arrangement};
use crate::bundles::{Bundle, bundles};
use crate::derived::{self, Derived};
use crate::display::{self, DisplayList, Layers, Target, View, encryption};
use crate::geometry::{Camera, Insets, Point, Rect, Size};
use crate::grouping;
use crate::hit;
use crate::layout::{Layout, Structure};
use crate::members::{Members, NONE};
use crate::things::Things;
use std::sync::Arc;
use underlay_model::order::Order;
use underlay_model::view::{Edge, EdgeKind, Entity, EntityKey, EntityKind, Topology, Traffic};

/// A topology with its layout.
#[derive(Clone, Debug)]
pub struct Scene {
    pub(crate) topology: Arc<Topology>,
    /// The topology's things, and the groups of the arrangement behind them.
    pub(crate) things: Things,
    pub(crate) members: Members,
    pub(crate) layout: Layout,
    structure: Structure,
    arrangement: Arrangement,
    /// A cell byte a pod, in the order of pods by home.
    pub(crate) cells: Arc<Vec<u8>>,
    /// Bytes of each home against the busiest, 0 to 1.
    pub(crate) load: Vec<f32>,
    /// Networks, subnets, groups: drawn first, in this order.
    pub(crate) containers: Vec<u32>,
    /// Things with a box of their own: lanes, instances, addresses.
    pub(crate) boxes: Vec<u32>,
    /// Dense homes of pods that were denied traffic by other pods or nodes, sorted.
    pub(crate) denied: Vec<u32>,
    /// Edges as trunks; empty when they are drawn one by one.
    pub(crate) bundles: Vec<Bundle>,
    /// What routes and services carry, as their pods' traffic tells.
    pub(crate) derived: Vec<Derived>,
    /// Things selected besides the view's selection.
    pub(crate) marked: Vec<u32>,
    /// The only way that is drawn, hop by hop; none when edges are drawn as always.
    pub(crate) way: Vec<u32>,
}

impl Scene {
    /// Lays out a topology with these layers shown.
    pub fn new(topology: impl Into<Arc<Topology>>, layers: Layers) -> Self {
        Self::arranged(topology, Arrangement { layers, ..Arrangement::default() })
    }

    /// Lays out a topology in this arrangement. The topology is shared, not copied.
    pub fn arranged(topology: impl Into<Arc<Topology>>, arrangement: Arrangement) -> Self {
        let topology = topology.into();
        let mut scene = Self {
            things: Things::of(Arc::clone(&topology)),
            topology,
            members: Members::default(),
            layout: Layout::default(),
            structure: Structure::default(),
            arrangement,
            cells: Arc::default(),
            load: Vec::new(),
            containers: Vec::new(),
            boxes: Vec::new(),
            denied: Vec::new(),
            bundles: Vec::new(),
            derived: Vec::new(),
            marked: Vec::new(),
            way: Vec::new(),
        };
        scene.build(&|_| false);
        scene
    }

    /// Takes a new topology (another range, more data). Returns whether the layout changed; it does not when only numbers did.
    pub fn update(&mut self, topology: impl Into<Arc<Topology>>) -> bool {
        let topology = topology.into();
        let lanes =
            self.things.of_kind(arrangement::is_of_lane).filter(|&at| self.things[at as usize].parent.is_none());
        let absent = |at: u32| self.layout.places[at as usize].width <= 0.0;
        let before: Vec<EntityKey> =
            lanes.filter(|&at| absent(at)).map(|at| self.things[at as usize].key.clone()).collect();
        self.things = Things::of(Arc::clone(&topology));
        self.topology = topology;
        // What has no traffic in this range stays as it was: brushing must not move things.
        self.build(&|key| before.contains(key))
    }

    /// Looks at the same topology in another arrangement. Returns whether the layout changed.
    pub fn arrange(&mut self, arrangement: Arrangement) -> bool {
        self.arrangement = arrangement;
        self.build(&|_| false)
    }

    /// Marks things as selected besides the one of the view. A new topology or arrangement forgets them.
    pub fn mark(&mut self, things: Vec<u32>) {
        self.marked = things;
    }

    /// Draws one way alone, from its first thing to its last: client, front end, instance, route, service, pod. An empty one draws
    /// every edge again. A new topology or arrangement forgets it.
    pub fn set_way(&mut self, things: Vec<u32>) {
        self.way = things;
        self.way.retain(|&thing| self.layout.place(&self.things, &self.members, thing).is_some());
    }

    fn build(&mut self, before: &dyn Fn(&EntityKey) -> bool) -> bool {
        let grouping = self.arrangement.grouping;
        let (groups, parents) = grouping::arrange(&self.things, grouping);
        self.things.set_groups(groups);
        let structure = arrangement::structure(&self.things, &parents, &self.arrangement, before);
        self.marked.clear();
        self.way.clear();
        self.members = Members::of(&self.things, parents, &structure.away, grouping.is_of_pods());
        let changed = structure != self.structure || self.layout.places.len() != self.things.len();
        if changed {
            self.layout = Layout::of(&self.things, &self.members, &structure);
            self.structure = structure;
        }
        self.refresh();
        changed
    }

    /// Everything that depends on numbers and not on places.
    fn refresh(&mut self) {
        let things = &self.things;
        let cell = |&pod: &u32| display::primitive::cell::of(things.health(pod));
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
        let of_kind = |wanted: fn(EntityKind) -> bool| -> Vec<u32> { things.of_kind(wanted).filter(placed).collect() };
        self.containers = of_kind(|kind| {
            use EntityKind::{GatewaySubnet, Group, NodeSubnet, Subnet, VirtualNetwork};
            matches!(kind, VirtualNetwork | GatewaySubnet | NodeSubnet | Subnet | Group)
        });
        self.containers.retain(|&thing| self.layout.open_home(thing).is_none());
        self.boxes = of_kind(|kind| {
            use EntityKind::{Address, Clients, FrontEnd, GatewayInstance, Internet, Platform};
            matches!(kind, GatewayInstance | FrontEnd | Clients | Internet | Platform | Address)
        });
        let in_lane = |kind: EntityKind| {
            matches!(kind, EntityKind::Pod | EntityKind::Node | EntityKind::Service | EntityKind::Route)
        };
        self.boxes.extend(self.layout.lanes.iter().filter(|&&i| in_lane(things.kind(i))));
        self.derived = derived::of(self);
        self.denied = self.denied_inside();
        self.bundles = bundles(self);
    }

    /// Homes of the targets of denied edges that begin at a pod or node: no line is drawn for these among many nodes.
    fn denied_inside(&self) -> Vec<u32> {
        let home = |thing: u32| match self.things.get(thing as usize)?.kind {
            EntityKind::Pod => Some(self.members.home[thing as usize]).filter(|&home| home != NONE),
            EntityKind::Node => Some(thing),
            _ => None,
        };
        let denied = self.things.ends().iter().filter(|(.., kind)| *kind == EdgeKind::Denied);
        let mut homes: Vec<u32> =
            denied.filter_map(|&(source, target, _)| home(source).and_then(|_| home(target))).collect();
        homes.order();
        homes.dedup();
        homes
    }

    /// The kinds of edges shown.
    pub fn layers(&self) -> Layers {
        self.arrangement.layers
    }

    /// What it shows.
    pub fn arrangement(&self) -> &Arrangement {
        &self.arrangement
    }

    /// The topology, without the groups of the arrangement.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// A thing of the topology or, behind these, a group of the arrangement.
    pub fn thing(&self, at: u32) -> Option<&Entity> {
        self.things.get(at as usize)
    }

    /// Every thing and group in the order of their indices.
    pub fn things(&self) -> impl Iterator<Item = &Entity> {
        self.things.iter()
    }

    /// Index of a thing by its stable name.
    pub fn find(&self, key: &EntityKey) -> Option<u32> {
        // Most things are pods: their names are looked at only for a pod's.
        let pods = key.0.starts_with("pod:");
        let mut of_kind = self.things.of_kind(|kind| (kind == EntityKind::Pod) == pods);
        let named = |&at: &u32| self.things[at as usize].key == *key;
        of_kind.find(named).or_else(|| self.things.of_kind(|kind| (kind == EntityKind::Pod) != pods).find(named))
    }

    /// Place of a thing in the world; `None` when it is not drawn.
    pub fn place(&self, entity: u32) -> Option<Rect> {
        self.layout.place(&self.things, &self.members, entity)
    }

    /// Whether a thing has not been put away.
    pub(crate) fn is_shown(&self, entity: u32) -> bool {
        !self.layout.away.get(entity as usize).copied().unwrap_or(false)
    }

    /// The container that is drawn instead of a thing, because it is collapsed.
    pub fn stand_in(&self, entity: u32) -> Option<u32> {
        self.layout.stand_in(&self.members, entity)
    }

    /// Whether a thing is a container that can be collapsed, and whether it is. Nodes among many are too small for it.
    pub fn collapsible(&self, entity: u32) -> Option<bool> {
        use EntityKind::{GatewaySubnet, Group, Node, NodeSubnet, Subnet};
        let kind = self.things.get(entity as usize)?.kind;
        let can = match kind {
            Group | GatewaySubnet | Subnet => true,
            NodeSubnet => !self.arrangement.grouping.is_of_pods(),
            Node => !self.is_dense() && !self.arrangement.grouping.is_of_pods(),
            _ => false,
        };
        can.then(|| self.layout.is_collapsed(entity))
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

    /// Whether anything that has a border lies under this part of the screen.
    pub fn lies_under(&self, camera: &Camera, part: &Rect) -> bool {
        self.bordered().any(|place| camera.rect(&place).overlaps(part))
    }

    /// Pixels at the left of the first so many pixels of the screen in which nothing has a border; infinite when nothing is there.
    pub fn free_at_left(&self, camera: &Camera, height: f32) -> f32 {
        let high = self.bordered().map(|place| camera.rect(&place)).filter(|place| place.y < height);
        high.map(|place| place.x).fold(f32::INFINITY, f32::min)
    }

    fn bordered(&self) -> impl Iterator<Item = Rect> {
        let things = self.containers.iter().chain(&self.boxes).filter_map(|&thing| self.place(thing));
        things.chain(self.layout.dense.iter().flat_map(|area| area.blocks.iter().map(|block| block.rect)))
    }

    /// The camera that shows one thing large enough to read, in the middle.
    pub fn zoom_to(&self, entity: u32, viewport: Size, insets: Insets) -> Option<Camera> {
        let place = self.place(entity)?;
        let home = self.members.home.get(entity as usize).copied().filter(|&home| home != NONE);
        let is_pod = self.things.get(entity as usize)?.kind == EntityKind::Pod;
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

    /// Whether an edge is drawn: its kind is shown, and so is its state of encryption.
    pub(crate) fn draws(&self, edge: &Edge) -> bool {
        self.layers().shows(edge.kind) && !encryption::is_off(edge, self.arrangement.encryption_off)
    }

    /// Edges between things that have not been put away.
    pub(crate) fn edges_in_picture(&self) -> impl Iterator<Item = &Edge> {
        self.topology.edges.iter().filter(|edge| self.is_shown(edge.source) && self.is_shown(edge.target))
    }

    /// Traffic and number of edges of each kind, for the legend, in the order of the kinds: of shown kinds what is in the picture, of
    /// hidden ones what the capture has.
    pub fn kinds(&self) -> Vec<(EdgeKind, Traffic, u64)> {
        let mut sums: Vec<(EdgeKind, Traffic, u64)> = Vec::new();
        let hidden = self.topology.edges.iter().filter(|edge| !self.layers().shows(edge.kind));
        let shown = self.edges_in_picture().filter(|edge| self.layers().shows(edge.kind));
        for edge in shown.chain(hidden) {
            let place = sums.iter().position(|sum| sum.0 == edge.kind).unwrap_or_else(|| {
                sums.push((edge.kind, Traffic::default(), 0));
                sums.len() - 1
            });
            // Requests of clients are the same traffic, counted before the gateway.
            if edge.pairs > 0 || edge.kind != EdgeKind::User {
                sums[place].1 += edge.traffic;
            }
            sums[place].2 += 1;
        }
        sums.order_by_key(|sum| sum.0);
        sums
    }
}
