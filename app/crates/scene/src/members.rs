//! Who contains whom and who talks to whom, as compact lists by index: the part of a topology that layout, display, hit testing
//! and keyboard all ask for. Linear to build, no hashing but for names.

use underlay_model::health::HealthState;
use underlay_model::view::{EntityKind, Topology};

/// Lists of indices by thing: `list[start[i]..start[i + 1]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    start: Vec<u32>,
    list: Vec<u32>,
}

impl Lists {
    /// Groups `0..items` by owner, keeping their order; items without an owner, or with one out of bounds, are left out.
    pub fn group(owners: usize, items: usize, owner: impl Fn(usize) -> Option<u32>) -> Self {
        let mut start = vec![0u32; owners + 1];
        for item in 0..items {
            if let Some(count) = owner(item).and_then(|o| start.get_mut(o as usize + 1)) {
                *count += 1;
            }
        }
        for i in 1..start.len() {
            start[i] += start[i - 1];
        }
        let mut next = start.clone();
        let mut list = vec![0u32; *start.last().unwrap_or(&0) as usize];
        for item in 0..items {
            let Some(o) = owner(item).filter(|&o| (o as usize) < owners) else { continue };
            let place = &mut next[o as usize];
            list[*place as usize] = item as u32;
            *place += 1;
        }
        Self { start, list }
    }

    /// Every item, grouped by owner.
    pub fn list(&self) -> &[u32] {
        &self.list
    }

    /// Where the items of an owner begin in [`Lists::list`].
    pub fn start(&self, owner: u32) -> u32 {
        self.start.get(owner as usize).copied().unwrap_or(0)
    }

    pub fn of(&self, owner: u32) -> &[u32] {
        let at = |i: usize| self.start.get(i).copied().unwrap_or(0) as usize;
        self.list.get(at(owner as usize)..at(owner as usize + 1)).unwrap_or(&[])
    }
}

/// Pods by state, in the order unknown, healthy, degraded, failing.
pub(crate) type States = [u32; 4];

/// Containment, adjacency and worst members of one topology.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    /// Direct members.
    pub children: Lists,
    /// Outgoing edges.
    pub outgoing: Lists,
    /// Incoming edges.
    pub incoming: Lists,
    /// Home of each pod: its node, else its well, else its direct parent; `NONE` for pods on their own and for everything else.
    pub home: Vec<u32>,
    /// Place of each pod among the pods of its home.
    pub slot: Vec<u32>,
    /// Pods by home.
    pub pods: Lists,
    /// Worst state of a thing and everything in it.
    pub worst: Vec<HealthState>,
    /// Pods inside a thing, by state.
    pub states: Vec<States>,
    /// Things without a parent.
    pub roots: Vec<u32>,
}

/// No index.
pub(crate) const NONE: u32 = u32::MAX;

impl Members {
    pub fn of(topology: &Topology) -> Self {
        let things = &topology.entities;
        let count = things.len();
        // A parent that does not come before its child would make a cycle possible; such a thing stands on its own.
        let parent = |i: usize| things[i].parent.filter(|&p| (p as usize) < i);
        let children = Lists::group(count, count, parent);
        let edge = |i: usize| &topology.edges[i];
        let outgoing = Lists::group(count, topology.edges.len(), |i| Some(edge(i).source));
        let incoming = Lists::group(count, topology.edges.len(), |i| Some(edge(i).target));

        let mut home = vec![NONE; count];
        let mut holder = vec![NONE; count];
        let mut pods_of = vec![NONE; count];
        for i in 0..count {
            match things[i].kind {
                EntityKind::Node => holder[i] = i as u32,
                EntityKind::PodRange => {
                    holder[i] = parent(i).map_or(NONE, |p| holder[p as usize]);
                    if holder[i] == NONE {
                        holder[i] = i as u32;
                    }
                }
                EntityKind::Pod => {
                    home[i] =
                        parent(i).map_or(NONE, |p| if holder[p as usize] == NONE { p } else { holder[p as usize] });
                    pods_of[i] = home[i];
                }
                _ => {}
            }
        }
        let pods = Lists::group(count, count, |i| Some(pods_of[i]).filter(|&h| h != NONE));
        let mut slot = vec![0u32; count];
        for owner in 0..count as u32 {
            for (place, &pod) in pods.of(owner).iter().enumerate() {
                slot[pod as usize] = place as u32;
            }
        }

        let mut worst: Vec<HealthState> = things.iter().map(|thing| thing.health).collect();
        let mut states: Vec<States> = vec![[0; 4]; count];
        for i in (0..count).rev() {
            if things[i].kind == EntityKind::Pod {
                states[i][things[i].health as usize] += 1;
            }
            if let Some(p) = parent(i) {
                worst[p as usize] = worst[p as usize].max(worst[i]);
                let own = states[i];
                for (sum, part) in states[p as usize].iter_mut().zip(own) {
                    *sum += part;
                }
            }
        }
        let roots = (0..count).filter(|&i| parent(i).is_none()).map(|i| i as u32).collect();
        Self { children, outgoing, incoming, home, slot, pods, worst, states, roots }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_the_order_of_items_and_leave_strays_out() {
        let owner = [Some(1), None, Some(0), Some(1), Some(9)];
        let lists = Lists::group(2, owner.len(), |i| owner[i]);
        assert_eq!(lists.of(0), [2]);
        assert_eq!(lists.of(1), [0, 3]);
        assert!(lists.of(7).is_empty());
    }
}
