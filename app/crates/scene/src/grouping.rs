//! By what nodes and pods are grouped. A grouping adds things of kind group behind those of a topology, and tells everybody's
//! container anew; layout, drawing, keyboard and tree then work on these as on any other container. Linear but for the few groups.

use crate::layout::{DENSE_FROM, is_system_namespace};
use crate::members::NONE;
use crate::things::Things;
use std::collections::BTreeMap;
use underlay_model::order::Order;
use underlay_model::view::{EdgeKind, Entity, EntityKey, EntityKind};

/// What things are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// Where things are: subnet and node; zone, pool and node where there are many.
    #[default]
    Place,
    /// Zone, then pool, then node.
    Zone,
    /// Pool, then node.
    Pool,
    /// Node alone.
    Node,
    /// Pods by the subnet of their nodes, or their own.
    Subnet,
    /// Pods by namespace.
    Namespace,
    /// Pods by workload.
    Workload,
    /// Pods by the first service whose endpoints they are.
    Service,
}

impl Grouping {
    /// Every grouping, in the order in which one is offered after the other.
    pub const ALL: [Self; 8] =
        [Self::Place, Self::Zone, Self::Pool, Self::Node, Self::Subnet, Self::Namespace, Self::Workload, Self::Service];

    /// What the control calls it; also its name in an address.
    pub fn label(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Zone => "zone",
            Self::Pool => "pool",
            Self::Node => "node",
            Self::Subnet => "subnet",
            Self::Namespace => "namespace",
            Self::Workload => "workload",
            Self::Service => "service",
        }
    }

    /// The grouping of a label.
    pub fn of(label: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grouping| grouping.label() == label)
    }

    /// Whether pods stand in their groups and not on their nodes.
    pub fn is_of_pods(self) -> bool {
        matches!(self, Self::Subnet | Self::Namespace | Self::Workload | Self::Service)
    }
}

/// The groups of a grouping, to stand behind the topology's things, and the container of every thing, groups last: `NONE` for things
/// on their own.
pub(crate) fn arrange(things: &Things, grouping: Grouping) -> (Vec<Entity>, Vec<u32>) {
    let mut parents = things.parents().to_vec();
    let dense = things.of_kind(|kind| kind == EntityKind::Node).nth(DENSE_FROM - 1).is_some();
    let groups = match grouping {
        Grouping::Place if dense => by_node(things, &parents, true, true),
        Grouping::Place | Grouping::Node => Vec::new(),
        Grouping::Zone => by_node(things, &parents, true, dense),
        Grouping::Pool => by_node(things, &parents, false, true),
        _ => by_pod(things, &parents, grouping),
    };
    let mut added = Vec::with_capacity(groups.len());
    for group in groups {
        let at = (things.own() + added.len()) as u32;
        parents.push(match group.parent {
            Parent::Thing(parent) => parent,
            Parent::GroupBefore(distance) => at - distance,
        });
        for member in group.members {
            parents[member as usize] = at;
        }
        added.push(group.thing);
    }
    (added, parents)
}

enum Parent {
    Thing(u32),
    /// The group that was added so many before.
    GroupBefore(u32),
}

struct Group {
    thing: Entity,
    parent: Parent,
    members: Vec<u32>,
}

impl Group {
    fn new(kind: &str, name: &str, title: String, detail: &str, parent: Parent) -> Self {
        let key = EntityKey::new(kind, name);
        let thing = Entity { detail: detail.to_owned(), ..Entity::new(EntityKind::Group, key, None, title) };
        Self { thing, parent, members: Vec::new() }
    }
}

/// Groups of nodes inside their subnets: by zone, by pool, or by zone and then pool.
fn by_node(things: &Things, parents: &[u32], zones: bool, pools: bool) -> Vec<Group> {
    let words = |node: u32| {
        let thing = &things[node as usize];
        (if zones { thing.zone.as_str() } else { "" }, if pools { thing.group.as_str() } else { "" })
    };
    let mut nodes: Vec<u32> = things.of_kind(|kind| kind == EntityKind::Node).collect();
    nodes.order_by(|&a, &b| (parents[a as usize], words(a)).cmp(&(parents[b as usize], words(b))).then(a.cmp(&b)));
    let mut groups: Vec<Group> = Vec::new();
    let mut last: Option<(u32, &str, &str)> = None;
    let mut pools_of_zone = 0;
    for node in nodes {
        let (zone, pool) = words(node);
        let parent = parents[node as usize];
        let around = things.get(parent as usize).map_or("", |thing| thing.name.as_str());
        let same_zone = last.is_some_and(|(subnet, other, _)| (subnet, other) == (parent, zone));
        if zones && !same_zone {
            let title = if zone.is_empty() { "Nodes".to_owned() } else { ["Zone ", zone].concat() };
            groups.push(Group::new("zone", &[around, "/", zone].concat(), title, "", Parent::Thing(parent)));
            pools_of_zone = 0;
        }
        if pools && last != Some((parent, zone, pool)) {
            pools_of_zone += 1;
            let inside = if zones { Parent::GroupBefore(pools_of_zone) } else { Parent::Thing(parent) };
            let title = if pool.is_empty() { "Nodes".to_owned() } else { pool.to_owned() };
            groups.push(Group::new("pool", &[around, "/", zone, "/", pool].concat(), title, "", inside));
        }
        if let Some(group) = groups.last_mut() {
            group.members.push(node);
        }
        last = Some((parent, zone, pool));
    }
    groups
}

/// Groups of pods inside their network; the cluster's own namespaces come last.
fn by_pod(things: &Things, parents: &[u32], grouping: Grouping) -> Vec<Group> {
    let services = if grouping == Grouping::Service { services_of_pods(things) } else { Vec::new() };
    let ancestor = |thing: u32, wanted: &dyn Fn(EntityKind) -> bool| {
        let mut at = parents[thing as usize];
        while let Some(&outer) = parents.get(at as usize) {
            if wanted(things.kind(at)) {
                return at;
            }
            at = outer;
        }
        NONE
    };
    let words = |pod: u32| -> (&str, &str) {
        let thing = &things[pod as usize];
        let name = |at: u32| things.get(at as usize).map_or("", |thing| thing.name.as_str());
        match grouping {
            Grouping::Workload => (&thing.note, &thing.group),
            Grouping::Service => {
                let service = services.get(pod as usize).and_then(|&service| things.get(service as usize));
                service.map_or(("", ""), |service| (&service.note, &service.name))
            }
            Grouping::Subnet => {
                let subnet = ancestor(pod, &|kind| matches!(kind, EntityKind::NodeSubnet | EntityKind::Subnet));
                ("", name(subnet))
            }
            _ => (&thing.note, ""),
        }
    };
    let mut index = BTreeMap::<(&str, &str), usize>::new();
    let mut found: Vec<((&str, &str), Vec<u32>)> = Vec::new();
    for pod in things.of_kind(|kind| kind == EntityKind::Pod) {
        let words = words(pod);
        let at = *index.entry(words).or_insert_with(|| {
            found.push((words, Vec::new()));
            found.len() - 1
        });
        found[at].1.push(pod);
    }
    found.order_by(|(a, _), (b, _)| {
        let rank = |words: &(&str, &str)| (*words == ("", ""), is_system_namespace(words.0));
        (rank(a), a).cmp(&(rank(b), b))
    });
    let groups = found.into_iter().map(|((namespace, name), members)| {
        let network = ancestor(members[0], &|kind| kind == EntityKind::VirtualNetwork);
        let (title, detail) = match (namespace, name) {
            ("", "") if grouping == Grouping::Service => ("no service", ""),
            ("", "") => ("not named", ""),
            (namespace, "") => (namespace, ""),
            (namespace, name) => (name, namespace),
        };
        let key = [namespace, "/", name].concat();
        let kind = match grouping {
            Grouping::Workload => "workload",
            Grouping::Service => "endpoints",
            Grouping::Subnet => "podsin",
            _ => "namespace",
        };
        let mut group = Group::new(kind, &key, title.to_owned(), detail, Parent::Thing(network));
        group.thing.note = namespace.to_owned();
        group.members = members;
        group
    });
    groups.collect()
}

/// The first service of each pod by the edges that objects tell of.
fn services_of_pods(things: &Things) -> Vec<u32> {
    let mut services = vec![NONE; things.own()];
    for &(source, target, _) in things.ends().iter().filter(|(.., kind)| *kind == EdgeKind::Inferred) {
        let of_service = things.get(source as usize).is_some_and(|thing| thing.kind == EntityKind::Service);
        if let (true, Some(service)) = (of_service, services.get_mut(target as usize)) {
            *service = (*service).min(source);
        }
    }
    services
}
