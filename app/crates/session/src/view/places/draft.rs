//! Entities before they have their numbers, and the numbering: containers before their members, members by kind.

use super::{NONE, Places, Subject};
use rustc_hash::FxHashSet;
use underlay_model::health::HealthState;
use underlay_model::order::Order;
use underlay_model::view::{Entity, EntityKey, EntityKind};

/// An entity before it has its number.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) kind: EntityKind,
    pub(super) key: EntityKey,
    /// Index of the draft that holds it.
    pub(super) parent: Option<u32>,
    pub(super) name: String,
    pub(super) detail: String,
    pub(super) note: String,
    pub(super) group: String,
    pub(super) zone: String,
    pub(super) ports: String,
    pub(super) containers: String,
    pub(super) health: HealthState,
    pub(super) members: u64,
    pub(super) subject: Option<Subject>,
}

impl Draft {
    pub(super) fn new(kind: EntityKind, key_kind: &str, key_name: &str, name: &str) -> Self {
        Self {
            kind,
            key: EntityKey::new(key_kind, key_name),
            parent: None,
            name: name.to_owned(),
            detail: String::new(),
            note: String::new(),
            group: String::new(),
            zone: String::new(),
            ports: String::new(),
            containers: String::new(),
            health: HealthState::Unknown,
            members: 1,
            subject: None,
        }
    }
}

/// Drafts in the order in which members of one container and kind stand.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) list: Vec<Draft>,
    keys: FxHashSet<EntityKey>,
}

impl Drafts {
    /// Adds a draft; a second one of the same key gets a number.
    pub(super) fn add(&mut self, mut draft: Draft) -> u32 {
        if self.keys.contains(&draft.key) {
            let free = (2u32..).map(|n| EntityKey(format!("{}~{n}", draft.key))).find(|key| !self.keys.contains(key));
            draft.key = free.unwrap_or_default();
        }
        self.keys.insert(draft.key.clone());
        self.list.push(draft);
        u32::try_from(self.list.len() - 1).unwrap_or(NONE)
    }
}

/// Gives every draft its number: containers in front of what they hold, members by kind, else in the order of drafting.
pub(super) fn number(drafts: Drafts, mut places: Places) -> Places {
    let count = drafts.list.len();
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut roots: Vec<u32> = Vec::new();
    for (at, draft) in (0u32..).zip(&drafts.list) {
        match draft.parent.and_then(|parent| children.get_mut(parent as usize)) {
            Some(members) => members.push(at),
            None => roots.push(at),
        }
    }
    let lane = |at: &u32| drafts.list.get(*at as usize).map(|draft| draft.kind);
    for members in &mut children {
        members.order_by_key(lane);
    }
    roots.order_by_key(lane);

    // Pre-order, so that an entity and all it holds are one run.
    let mut numbers = vec![NONE; count];
    let mut ends = vec![0u32; count];
    let mut order: Vec<u32> = Vec::with_capacity(count);
    let mut stack: Vec<(u32, bool)> = roots.iter().rev().map(|&at| (at, false)).collect();
    while let Some((at, left)) = stack.pop() {
        let number = u32::try_from(order.len()).unwrap_or(NONE);
        if left {
            let own = numbers.get(at as usize).copied().unwrap_or(NONE);
            if let Some(end) = ends.get_mut(own as usize) {
                *end = number;
            }
            continue;
        }
        if let Some(slot) = numbers.get_mut(at as usize) {
            *slot = number;
        }
        order.push(at);
        stack.push((at, true));
        stack.extend(children.get(at as usize).into_iter().flatten().rev().map(|&child| (child, false)));
    }

    let renumber = |at: u32| numbers.get(at as usize).copied().unwrap_or(NONE);
    let mut slots: Vec<Option<Draft>> = drafts.list.into_iter().map(Some).collect();
    for at in order {
        let Some(draft) = slots.get_mut(at as usize).and_then(Option::take) else { continue };
        let number = u32::try_from(places.entities.len()).unwrap_or(NONE);
        if let Some(subject) = draft.subject {
            places.subjects.insert(number, subject);
        }
        places.keys.insert(draft.key.clone(), number);
        let parent = draft.parent.map(renumber).filter(|&parent| parent != NONE);
        places.entities.push(Entity {
            detail: draft.detail,
            note: draft.note,
            group: draft.group,
            zone: draft.zone,
            health: draft.health,
            members: draft.members,
            ports: draft.ports,
            containers: draft.containers,
            ..Entity::new(draft.kind, draft.key, parent, draft.name)
        });
    }
    places.ends = ends;
    let lists = [&mut places.pods, &mut places.nodes, &mut places.services, &mut places.routes, &mut places.gateways];
    for list in lists.into_iter().chain([&mut places.front_ends]) {
        list.iter_mut().for_each(|at| *at = renumber(*at));
    }
    places.instances.values_mut().for_each(|at| *at = renumber(*at));
    places.others.values_mut().for_each(|at| *at = renumber(*at));
    places.clients.iter_mut().for_each(|(_, at)| *at = renumber(*at));
    places.more_clients = renumber(places.more_clients);
    places
}
