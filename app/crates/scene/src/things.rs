//! The things of a scene: those of the topology, which is shared with whoever asked for it and never copied, and behind them the
//! groups that the arrangement adds. Kinds, states and the ends of edges are also kept as columns, because most walks over all of them
//! ask for nothing else.

use crate::members::NONE;
use std::sync::Arc;
use underlay_model::health::HealthState;
use underlay_model::view::{EdgeKind, Entity, EntityKind, Topology};

/// Things by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Things {
    topology: Arc<Topology>,
    groups: Vec<Entity>,
    kinds: Vec<EntityKind>,
    healths: Vec<HealthState>,
    parents: Vec<u32>,
    ends: Vec<(u32, u32, EdgeKind)>,
}

impl Things {
    /// Of a topology, without groups.
    pub fn of(topology: Arc<Topology>) -> Self {
        let count = topology.entities.len();
        let (mut kinds, mut healths) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut parents = Vec::with_capacity(count);
        for (at, thing) in (0u32..).zip(&topology.entities) {
            kinds.push(thing.kind);
            healths.push(thing.health);
            // A parent that does not come before its child would make a cycle possible; such a thing stands on its own.
            parents.push(thing.parent.filter(|&parent| parent < at).unwrap_or(NONE));
        }
        let ends = topology.edges.iter().map(|edge| (edge.source, edge.target, edge.kind)).collect();
        Self { topology, groups: Vec::new(), kinds, healths, parents, ends }
    }

    /// Puts other groups behind the things of the topology.
    pub fn set_groups(&mut self, groups: Vec<Entity>) {
        self.kinds.truncate(self.own());
        self.kinds.extend(groups.iter().map(|group| group.kind));
        self.healths.truncate(self.own());
        self.healths.extend(groups.iter().map(|group| group.health));
        self.groups = groups;
    }

    /// How many are the topology's own.
    pub fn own(&self) -> usize {
        self.topology.entities.len()
    }

    /// How many there are, groups and all.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// The thing of an index.
    pub fn get(&self, at: usize) -> Option<&Entity> {
        self.topology.entities.get(at).or_else(|| self.groups.get(at.checked_sub(self.own())?))
    }

    /// All of them in the order of their indices.
    pub fn iter(&self) -> impl Iterator<Item = &Entity> {
        self.topology.entities.iter().chain(&self.groups)
    }

    /// The container of each of the topology's own things, `NONE` for those on their own.
    pub fn parents(&self) -> &[u32] {
        &self.parents
    }

    /// The kind of a thing.
    pub fn kind(&self, at: u32) -> EntityKind {
        self.kinds[at as usize]
    }

    /// The state of a thing by itself.
    pub fn health(&self, at: u32) -> HealthState {
        self.healths[at as usize]
    }

    /// Indices of all things of a kind that is wanted, ascending.
    pub fn of_kind(&self, wanted: impl Fn(EntityKind) -> bool) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.kinds).filter(move |(_, kind)| wanted(**kind)).map(|(thing, _)| thing)
    }

    /// Source, target and kind of the topology's edges.
    pub fn ends(&self) -> &[(u32, u32, EdgeKind)] {
        &self.ends
    }
}

impl std::ops::Index<usize> for Things {
    type Output = Entity;

    fn index(&self, at: usize) -> &Entity {
        match self.topology.entities.get(at) {
            Some(thing) => thing,
            None => &self.groups[at - self.topology.entities.len()],
        }
    }
}
