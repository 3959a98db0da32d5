//! The things of a scene: those of the topology, which is shared with whoever asked for it and never copied, and behind them the
//! groups that the arrangement adds. Kinds are kept in a column of their own, because most walks over all things ask for nothing else.

use std::sync::Arc;
use underlay_model::view::{Edge, Entity, EntityKind, Topology};

/// Things by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Things {
    topology: Arc<Topology>,
    groups: Vec<Entity>,
    kinds: Vec<EntityKind>,
}

impl Things {
    /// Of a topology, without groups.
    pub fn of(topology: Arc<Topology>) -> Self {
        let kinds = topology.entities.iter().map(|thing| thing.kind).collect();
        Self { topology, groups: Vec::new(), kinds }
    }

    /// Puts other groups behind the things of the topology.
    pub fn set_groups(&mut self, groups: Vec<Entity>) {
        self.kinds.truncate(self.own());
        self.kinds.extend(groups.iter().map(|group| group.kind));
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

    /// Indices of all things of a kind that is wanted, ascending.
    pub fn of_kind(&self, wanted: impl Fn(EntityKind) -> bool) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.kinds).filter(move |(_, kind)| wanted(**kind)).map(|(thing, _)| thing)
    }

    /// The topology's edges.
    pub fn edges(&self) -> &[Edge] {
        &self.topology.edges
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
