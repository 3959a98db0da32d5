//! Who contains whom and who talks to whom, as compact lists by index: the part of a topology that layout, display, hit testing
//! and keyboard all ask for. Linear to build, no hashing but for names.

use crate::things::Things;
use underlay_model::health::HealthState;
use underlay_model::view::EntityKind;

/// Lists of indices by thing: `list[start[i]..start[i + 1]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    start: Vec<u32>,
    list: Vec<u32>,
}

impl Lists {
    /// Puts the items of every owner into another order; equal ones keep theirs.
    pub fn order_each(&mut self, rank: impl Fn(u32) -> u8) {
        for owner in 1..self.start.len() {
            let (from, to) = (self.start[owner - 1] as usize, self.start[owner] as usize);
            let Some(items) = self.list.get_mut(from..to).filter(|items| items.len() > 1) else { continue };
            // Ranks are few: one pass each keeps the order of equals.
            let before = items.to_vec();
            let ranked =
                (0..=3).flat_map(|wanted| before.iter().filter(|&&item| rank(item) == wanted).collect::<Vec<_>>());
            for (place, item) in items.iter_mut().zip(ranked) {
                *place = *item;
            }
        }
    }

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
    /// Container of each thing; `NONE` for things on their own.
    pub parent: Vec<u32>,
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
    /// Of a topology whose things stand in `parent`. Pods that are `away` have no place among the pods of their home. With
    /// `worst_first` these stand in the order of their states.
    pub fn of(things: &Things, parent: Vec<u32>, away: &[bool], worst_first: bool) -> Self {
        let count = things.len();
        let owner = |i: usize| parent.get(i).copied().filter(|&p| p != NONE);
        let children = Lists::group(count, count, owner);
        let ends = things.ends();
        let outgoing = Lists::group(count, ends.len(), |i| Some(ends[i].0));
        let incoming = Lists::group(count, ends.len(), |i| Some(ends[i].1));
        let roots: Vec<u32> = (0..count).filter(|&i| owner(i).is_none()).map(|i| i as u32).collect();
        // Containers before what they hold.
        let mut order: Vec<u32> = Vec::with_capacity(count);
        order.extend(&roots);
        let mut at = 0;
        while let Some(&thing) = order.get(at) {
            order.extend(children.of(thing));
            at += 1;
        }

        let mut home = vec![NONE; count];
        let mut holder = vec![NONE; count];
        for &thing in &order {
            let i = thing as usize;
            match things.kind(thing) {
                EntityKind::Node => holder[i] = thing,
                EntityKind::PodRange => {
                    holder[i] = owner(i).map_or(NONE, |p| holder[p as usize]);
                    if holder[i] == NONE {
                        holder[i] = thing;
                    }
                }
                EntityKind::Pod => {
                    home[i] =
                        owner(i).map_or(NONE, |p| if holder[p as usize] == NONE { p } else { holder[p as usize] });
                }
                _ => {}
            }
        }
        let is_away = |i: usize| away.get(i).copied().unwrap_or(false);
        let mut pods = Lists::group(count, count, |i| Some(home[i]).filter(|&h| h != NONE && !is_away(i)));
        if worst_first {
            pods.order_each(|pod| match things.health(pod) {
                HealthState::Failing => 0,
                HealthState::Degraded => 1,
                HealthState::Unknown => 2,
                HealthState::Healthy => 3,
            });
        }
        let mut slot = vec![0u32; count];
        for owner in 0..count as u32 {
            for (place, &pod) in pods.of(owner).iter().enumerate() {
                slot[pod as usize] = place as u32;
            }
        }

        let mut worst: Vec<HealthState> = (0..count as u32).map(|thing| things.health(thing)).collect();
        let mut states: Vec<States> = vec![[0; 4]; count];
        for &thing in order.iter().rev() {
            let i = thing as usize;
            if things.kind(thing) == EntityKind::Pod {
                states[i][things.health(thing) as usize] += 1;
            }
            if let Some(p) = owner(i) {
                worst[p as usize] = worst[p as usize].max(worst[i]);
                let own = states[i];
                for (sum, part) in states[p as usize].iter_mut().zip(own) {
                    *sum += part;
                }
            }
        }
        Self { parent, children, outgoing, incoming, home, slot, pods, worst, states, roots }
    }

    /// The container of a thing.
    pub fn container(&self, thing: u32) -> Option<u32> {
        self.parent.get(thing as usize).copied().filter(|&parent| parent != NONE)
    }

    /// The thing and what holds it, innermost first.
    pub fn around(&self, thing: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(Some(thing), |&at| self.container(at))
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
