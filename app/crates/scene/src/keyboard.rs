//! Walking the graph without a mouse, and saying what is there: neighbours for the arrow keys, and the tree that assistive
//! technology reads, in words.

use crate::display::Target;
use crate::display::encryption::Encryption;
use crate::scene::Scene;
use crate::units;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::view::{Edge, EdgeKind, Entity, EntityKind};

/// An arrow key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrow {
    /// Out and upstream: from a member to who sends most to it, else to its container; from a container to what holds it; from an
    /// edge to its source.
    Left,
    /// In and downstream: to the first member; from what has none to its largest edge; from an edge to its target.
    Right,
    /// The sibling before.
    Up,
    /// The sibling after.
    Down,
}

/// Where an arrow leads from here; `None` when there is nothing that way. From nothing, the first thing.
pub fn step(scene: &Scene, from: Option<Target>, arrow: Arrow) -> Option<Target> {
    match from {
        None => top_level(scene).first().map(|&thing| Target::Entity(thing)),
        Some(Target::Entity(thing)) => step_from_thing(scene, thing, arrow),
        Some(Target::Edge(edge)) => step_from_edge(scene, edge, arrow),
    }
}

fn step_from_thing(scene: &Scene, thing: u32, arrow: Arrow) -> Option<Target> {
    let upstream = || {
        let edges = scene.members.incoming.of(thing).iter().map(|&edge| &scene.topology.edges[edge as usize]);
        let shown = edges.filter(|edge| scene.draws(edge) && scene.place(edge.source).is_some());
        shown
            .max_by_key(|edge| (edge.traffic.total_bytes(), edge.traffic.flows, std::cmp::Reverse(edge.source)))
            .map(|edge| Target::Entity(edge.source))
    };
    match arrow {
        Arrow::Left if members(scene, thing).is_empty() => upstream().or_else(|| out(scene, Target::Entity(thing))),
        Arrow::Left => out(scene, Target::Entity(thing)).or_else(upstream),
        Arrow::Right => items(scene, thing).first().copied(),
        Arrow::Up | Arrow::Down => beside(&siblings(scene, thing), Target::Entity(thing), arrow),
    }
}

fn step_from_edge(scene: &Scene, edge: u32, arrow: Arrow) -> Option<Target> {
    let drawn = scene.topology.edges.get(edge as usize)?;
    match arrow {
        Arrow::Left => Some(Target::Entity(drawn.source)),
        Arrow::Right => {
            let target = shown_container(scene, drawn.target);
            scene.place(target).map(|_| Target::Entity(target))
        }
        Arrow::Up | Arrow::Down => beside(&items(scene, drawn.source), Target::Edge(edge), arrow),
    }
}

/// The one before or after in a list.
fn beside(list: &[Target], from: Target, arrow: Arrow) -> Option<Target> {
    let place = list.iter().position(|&item| item == from)?;
    let next = if arrow == Arrow::Up { place.checked_sub(1)? } else { place + 1 };
    list.get(next).copied()
}

/// One level up: the container of a thing, the source of an edge; `None` from the top level.
pub fn out(scene: &Scene, from: Target) -> Option<Target> {
    match from {
        Target::Entity(thing) => {
            scene.members.container(thing).map(|parent| Target::Entity(shown_container(scene, parent)))
        }
        Target::Edge(edge) => scene.topology.edges.get(edge as usize).map(|edge| Target::Entity(edge.source)),
    }
}

/// A node's well is not a stop of its own: its pods are the node's.
fn shown_container(scene: &Scene, thing: u32) -> u32 {
    let entity = &scene.things[thing as usize];
    match scene.members.container(thing) {
        Some(parent) if entity.kind == EntityKind::PodRange => parent,
        _ => thing,
    }
}

/// Members in drawing order, with the members of wells in place of the wells.
fn members(scene: &Scene, thing: u32) -> Vec<u32> {
    let mut out = Vec::new();
    if scene.layout.is_collapsed(thing) {
        return out;
    }
    for &child in scene.members.children.of(thing) {
        let entity = &scene.things[child as usize];
        if entity.kind == EntityKind::PodRange {
            out.extend(scene.members.children.of(child).iter().filter(|&&pod| scene.is_shown(pod)));
        } else if scene.place(child).is_some() {
            out.push(child);
        }
    }
    out
}

fn top_level(scene: &Scene) -> Vec<u32> {
    scene.members.roots.iter().copied().filter(|&thing| scene.place(thing).is_some()).collect()
}

/// What stands below a thing in the tree: its members in drawing order, then its outgoing edges, largest first.
fn items(scene: &Scene, thing: u32) -> Vec<Target> {
    let mut items: Vec<Target> = members(scene, thing).into_iter().map(Target::Entity).collect();
    items.extend(outgoing(scene, thing).into_iter().map(Target::Edge));
    items
}

fn siblings(scene: &Scene, thing: u32) -> Vec<Target> {
    match scene.members.container(thing) {
        Some(parent) => items(scene, shown_container(scene, parent)),
        None => top_level(scene).into_iter().map(Target::Entity).collect(),
    }
}

/// Outgoing edges of shown kinds, largest first.
fn outgoing(scene: &Scene, thing: u32) -> Vec<u32> {
    let mut edges: Vec<u32> = scene.members.outgoing.of(thing).to_vec();
    edges.retain(|&edge| scene.draws(&scene.topology.edges[edge as usize]));
    edges.order_by_key(|&edge| {
        let traffic = &scene.topology.edges[edge as usize].traffic;
        (std::cmp::Reverse(traffic.total_bytes()), std::cmp::Reverse(traffic.flows), edge)
    });
    edges
}

/// An item of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeItem {
    /// What it stands for.
    pub target: Target,
    /// What is said: `Pod 2tnc8, healthy, 41.8 MB, 612 flows`, `Sends 41.8 MB to pod 2tnc8, 612 flows`.
    pub words: String,
    /// Whether it has items below.
    pub has_children: bool,
}

/// What stands below a thing: its members in drawing order, then its outgoing edges, largest first. Below nothing: the top level. Of
/// thousands few are shown: [`tree_item`] says those.
pub fn tree_children(scene: &Scene, of: Option<u32>) -> Vec<Target> {
    of.map_or_else(|| top_level(scene).into_iter().map(Target::Entity).collect(), |thing| items(scene, thing))
}

/// An item of the tree as it is said.
pub fn tree_item(scene: &Scene, target: Target) -> TreeItem {
    match target {
        Target::Entity(thing) => {
            TreeItem { target, words: words(scene, target), has_children: has_items(scene, thing) }
        }
        Target::Edge(edge) => {
            let words = scene.topology.edges.get(edge as usize).map(|edge| sends(scene, edge)).unwrap_or_default();
            TreeItem { target, words, has_children: false }
        }
    }
}

/// Whether anything stands below a thing.
fn has_items(scene: &Scene, thing: u32) -> bool {
    let sends = |&edge: &u32| scene.topology.edges.get(edge as usize).is_some_and(|edge| scene.draws(edge));
    scene.members.outgoing.of(thing).iter().any(sends) || !members(scene, thing).is_empty()
}

/// Things from the top level down to this one, itself last: what must be open in the tree for it to be seen.
pub fn tree_path(scene: &Scene, target: Target) -> Vec<u32> {
    let mut at = match target {
        Target::Entity(thing) => Some(thing),
        Target::Edge(edge) => scene.topology.edges.get(edge as usize).map(|edge| edge.source),
    };
    let mut path = Vec::new();
    while let Some(thing) = at {
        let Some(entity) = scene.things.get(thing as usize) else { break };
        let parent = scene.members.container(thing);
        // Wells inside nodes are no items.
        if entity.kind != EntityKind::PodRange || parent.is_none() {
            path.push(thing);
        }
        at = parent;
    }
    path.reverse();
    path
}

/// What is said when a thing or edge gets selected.
pub fn words(scene: &Scene, target: Target) -> String {
    match target {
        Target::Entity(thing) => {
            let Some(entity) = scene.things.get(thing as usize) else { return String::new() };
            entity_words(scene, thing, entity)
        }
        Target::Edge(edge) => {
            let Some(edge) = scene.topology.edges.get(edge as usize) else { return String::new() };
            let text = sends(scene, edge);
            format!("{}: {}{}", named(scene, edge.source), text[..1].to_lowercase(), &text[1..])
        }
    }
}

/// The word of a state.
pub fn state_word(state: HealthState) -> &'static str {
    match state {
        HealthState::Unknown => "unknown",
        HealthState::Healthy => "healthy",
        HealthState::Degraded => "degraded",
        HealthState::Failing => "failing",
    }
}

/// The word of a kind of thing.
pub fn kind_word(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Internet => "Internet",
        EntityKind::Clients => "Clients",
        EntityKind::FrontEnd => "Front end",
        EntityKind::VirtualNetwork => "Virtual network",
        EntityKind::GatewaySubnet => "AGC subnet",
        EntityKind::GatewayInstance => "Gateway instance",
        EntityKind::NodeSubnet => "Node subnet",
        EntityKind::Subnet => "Subnet",
        EntityKind::Node => "Node",
        EntityKind::PodRange => "Pods",
        EntityKind::Pod => "Pod",
        EntityKind::Service => "Service",
        EntityKind::Route => "Route",
        EntityKind::Platform => "Azure platform",
        EntityKind::Address => "Address",
        EntityKind::Group => "Group",
    }
}

/// The word for what a group groups by.
pub(crate) fn group_word(group: &Entity) -> &'static str {
    match group.key.0.split(':').next() {
        Some("zone") => "Zone",
        Some("pool") => "Pool",
        Some("workload") => "Workload",
        Some("endpoints") => "Service's pods",
        Some("podsin") => "Pods of subnet",
        _ => "Namespace",
    }
}

fn entity_words(scene: &Scene, thing: u32, entity: &Entity) -> String {
    let mut parts = vec![named(scene, thing)];
    let states = scene.members.states[thing as usize];
    let pods: u32 = states.iter().sum();
    match entity.kind {
        EntityKind::Pod => parts.push(state_word(entity.health).to_owned()),
        _ if entity.absent => parts.push("expected, no flows".to_owned()),
        _ if pods > 0 => {
            parts.push(units::counted(u64::from(pods), "pod", "pods"));
            for state in [HealthState::Failing, HealthState::Degraded, HealthState::Unknown] {
                let count = states[state as usize];
                if count > 0 {
                    parts.push(format!("{} {}", units::count(u64::from(count)), state_word(state)));
                }
            }
        }
        _ if entity.health != HealthState::Unknown => parts.push(state_word(entity.health).to_owned()),
        _ => {}
    }
    if scene.collapsible(thing) == Some(true) {
        parts.push("collapsed".to_owned());
    }
    if let Some(derived) = scene.derived_of(thing) {
        let endpoints: u32 = derived.states.iter().sum();
        parts.push(units::counted(u64::from(endpoints), "endpoint", "endpoints"));
        if !derived.traffic.is_empty() {
            parts
                .push([&units::bytes(derived.traffic.total_bytes()), " from gateways, derived from its pods"].concat());
        }
    }
    if !entity.detail.is_empty() && entity.kind != EntityKind::Pod {
        parts.push(entity.detail.clone());
    }
    if !entity.traffic.is_empty() {
        parts.push(units::bytes(entity.traffic.total_bytes()));
        let requests = matches!(entity.kind, EntityKind::Clients | EntityKind::FrontEnd);
        let (one, many) = if requests { ("request", "requests") } else { ("flow", "flows") };
        parts.push(units::counted(entity.traffic.flows, one, many));
        if entity.traffic.denied > 0 {
            parts.push(format!("{} denied", units::count(entity.traffic.denied)));
        }
    } else if entity.kind == EntityKind::Pod {
        parts.push("no flows".to_owned());
    }
    parts.join(", ")
}

/// `Pod 2tnc8`, `Node vmss000000`, `Gateway instance 10.13.100.6`, `Internet`.
fn named(scene: &Scene, thing: u32) -> String {
    let Some(entity) = scene.things.get(thing as usize) else { return String::new() };
    let kind = if entity.kind == EntityKind::Group { group_word(entity) } else { kind_word(entity.kind) };
    let name = match entity.kind {
        EntityKind::Group => entity.name.strip_prefix("Zone ").unwrap_or(&entity.name),
        EntityKind::Pod => units::distinguishing(&entity.name).1,
        _ => entity.name.as_str(),
    };
    if name == kind || name.is_empty() { kind.to_owned() } else { format!("{kind} {name}") }
}

fn sends(scene: &Scene, edge: &Edge) -> String {
    let target = named(scene, edge.target);
    let target =
        target.split_once(' ').map_or(target.clone(), |(kind, rest)| format!("{} {rest}", kind.to_lowercase()));
    let flows = units::counted(edge.traffic.flows, "flow", "flows");
    match edge.kind {
        EdgeKind::Denied => format!(
            "Denied {} to {target}",
            units::counted(edge.traffic.denied.max(edge.traffic.flows), "time", "times")
        ),
        EdgeKind::Absent => format!("Expected to send to {target}, 0 flows"),
        EdgeKind::Probe => {
            format!("Probes {target}, {}, inferred", units::counted(edge.traffic.flows, "probe", "probes"))
        }
        EdgeKind::Inferred => format!("Serves through {target}, known from objects"),
        _ if scene.things[edge.source as usize].kind == EntityKind::Clients => {
            let requests = units::counted(edge.traffic.flows, "request", "requests");
            format!("Sends {} to {target}, {requests}", units::bytes(edge.traffic.total_bytes()))
        }
        _ => {
            let bytes = units::bytes(edge.traffic.total_bytes());
            let encryption = match Encryption::of(edge.encryption) {
                Encryption::Unknown => "",
                Encryption::Encrypted => ", encrypted",
                Encryption::Partly => ", partly encrypted",
                Encryption::Clear => ", not encrypted",
            };
            format!("Sends {bytes} to {target}, {flows}{encryption}")
        }
    }
}
