//! How a topology is looked at: which kinds of edges are shown, by what things are grouped, what is folded and what is put away.
//! A scene is laid out for one arrangement; another one lays it out anew.

use crate::display::Layers;
use crate::grouping::Grouping;
use crate::layout::Structure;
use crate::members::NONE;
use crate::things::Things;
use underlay_model::order::Order;
use underlay_model::view::{EdgeKind, EntityKey, EntityKind};

/// What a scene shows of its topology. The keys are in any order; those that the topology does not have do nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement {
    /// Kinds of edges that are drawn.
    pub layers: Layers,
    /// States of encryption whose edges are not drawn, as bits in the order of the legend
    /// ([`Encryption::ALL`](crate::display::encryption::Encryption::ALL)).
    pub encryption_off: u8,
    /// What things are grouped by.
    pub grouping: Grouping,
    /// Routes and services stand between gateway and nodes.
    pub services: bool,
    /// Containers that are drawn without what they hold.
    pub collapsed: Vec<EntityKey>,
    /// Things that are not drawn, nor what they hold.
    pub hidden: Vec<EntityKey>,
    /// If any: only these are drawn, with what holds them, what they hold, and what they talk to.
    pub only: Vec<EntityKey>,
}

/// Flags of the things that these keys name.
pub(crate) fn named(things: &Things, keys: &[EntityKey]) -> Vec<bool> {
    if keys.is_empty() {
        return vec![false; things.len()];
    }
    let mut sorted: Vec<&EntityKey> = keys.iter().collect();
    sorted.order();
    things.iter().map(|thing| sorted.binary_search(&&thing.key).is_ok()).collect()
}

/// Which things are not drawn. `before` tells of a thing of a lane without edges whether it was not drawn in the last range:
/// brushing must not move things.
pub(crate) fn away(
    things: &Things,
    parents: &[u32],
    arrangement: &Arrangement,
    before: &dyn Fn(&EntityKey) -> bool,
) -> Vec<bool> {
    let mut away = unreached(things, arrangement.layers, before);
    let hidden = named(things, &arrangement.hidden);
    let with_those_around = |flags: &[bool], i: usize| {
        let mut at = i as u32;
        while at != NONE {
            if flags.get(at as usize).copied().unwrap_or(false) {
                return true;
            }
            at = parents.get(at as usize).copied().unwrap_or(NONE);
        }
        false
    };
    if !arrangement.hidden.is_empty() {
        for (i, flag) in away.iter_mut().enumerate() {
            *flag |= with_those_around(&hidden, i);
        }
    }
    if arrangement.only.is_empty() {
        return away;
    }
    let only = named(things, &arrangement.only);
    if !only.contains(&true) {
        return away;
    }
    let inside: Vec<bool> = (0..things.len()).map(|i| with_those_around(&only, i)).collect();
    let mut kept = inside.clone();
    let is = |flags: &[bool], i: u32| flags.get(i as usize).copied().unwrap_or(false);
    let mut keep_way = |thing: u32| {
        let mut at = thing;
        while let Some(flag) = kept.get_mut(at as usize) {
            *flag = true;
            at = parents.get(at as usize).copied().unwrap_or(NONE);
        }
    };
    (0..things.len() as u32).filter(|&i| is(&only, i)).for_each(&mut keep_way);
    // Those it talks to, and upstream of them what serves through them.
    let mut reached: Vec<u32> = Vec::new();
    for &(source, target, _) in things.ends().iter().filter(|(.., kind)| arrangement.layers.shows(*kind)) {
        match (is(&inside, source), is(&inside, target)) {
            (true, false) => reached.push(target),
            (false, true) => reached.push(source),
            _ => {}
        }
    }
    reached.order();
    reached.dedup();
    let passes = |thing: u32| {
        let kind = things.get(thing as usize).map(|thing| thing.kind);
        matches!(
            kind,
            Some(EntityKind::GatewayInstance | EntityKind::FrontEnd | EntityKind::Route | EntityKind::Service)
        )
    };
    let mut at = 0;
    while let Some(&thing) = reached.get(at) {
        at += 1;
        if passes(thing) {
            for &(source, ..) in things.ends().iter().filter(|(_, target, _)| *target == thing) {
                if !reached.contains(&source) {
                    reached.push(source);
                }
            }
        }
    }
    reached.into_iter().for_each(keep_way);
    away.iter_mut().zip(kept).for_each(|(away, kept)| *away |= !kept);
    away
}

/// Things that only edges of hidden kinds reach and that stand in a lane of their own.
fn unreached(things: &Things, layers: Layers, before: &dyn Fn(&EntityKey) -> bool) -> Vec<bool> {
    let count = things.len();
    let (mut shown, mut touched) = (vec![false; count], vec![false; count]);
    for &(source, target, kind) in things.ends() {
        for end in [source, target] {
            if let Some(flag) = touched.get_mut(end as usize) {
                *flag = true;
                shown[end as usize] |= layers.shows(kind);
            }
        }
    }
    let mut away = vec![false; count];
    for at in things.of_kind(is_of_lane) {
        let (i, thing) = (at as usize, &things[at as usize]);
        away[i] = thing.parent.is_none()
            && if touched[i] {
                !shown[i]
            } else {
                before(&thing.key) || (thing.kind == EntityKind::Platform && !layers.platform)
            };
    }
    away
}

/// Whether a thing of this kind is drawn only for the edges that reach it.
pub(crate) fn is_of_lane(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::Platform | EntityKind::Internet | EntityKind::Address)
}

/// Routes and services that get a place, when they are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    pub routes: Vec<u32>,
    pub services: Vec<u32>,
    /// Services that are left out.
    pub more: usize,
}

/// Most boxes of each of the lane's columns.
const LANE: usize = 24;

/// Routes, and first the services that they reach, then those with endpoints, the cluster's own last and only when there are
/// no others.
pub(crate) fn lane(things: &Things, away: &[bool]) -> Lane {
    let count = things.len();
    let mut rank = vec![3u8; count];
    let kind = |thing: u32| things.get(thing as usize).map(|thing| thing.kind);
    for &(source, target, _) in things.ends().iter().filter(|(.., kind)| *kind == EdgeKind::Inferred) {
        let mut set = |thing: u32, value: u8| {
            if let Some(rank) = rank.get_mut(thing as usize) {
                *rank = (*rank).min(value);
            }
        };
        match (kind(source), kind(target)) {
            (Some(EntityKind::Route), Some(EntityKind::Service)) => set(target, 0),
            (Some(EntityKind::Service), Some(EntityKind::Pod)) => set(source, 1),
            _ => {}
        }
    }
    let of_kind = |wanted: EntityKind| {
        things.of_kind(move |kind| kind == wanted).filter(|&i| !away.get(i as usize).copied().unwrap_or(false))
    };
    let mut routes: Vec<u32> = of_kind(EntityKind::Route).collect();
    let all: Vec<u32> = of_kind(EntityKind::Service).collect();
    let own = |service: u32| {
        let system = crate::layout::is_system_namespace(&things[service as usize].note);
        rank[service as usize] < if system { 1 } else { 2 }
    };
    let mut services: Vec<u32> = all.iter().copied().filter(|&service| own(service)).collect();
    if services.is_empty() {
        services.clone_from(&all);
    }
    services.order_by_key(|&service| (rank[service as usize], service));
    services.truncate(LANE);
    let more = all.len() - services.len() + routes.len().saturating_sub(LANE);
    routes.truncate(LANE);
    Lane { routes, services, more }
}

/// What a layout of this arrangement depends on.
pub(crate) fn structure(
    things: &Things,
    parents: &[u32],
    arrangement: &Arrangement,
    before: &dyn Fn(&EntityKey) -> bool,
) -> Structure {
    let away = away(things, parents, arrangement, before);
    let lane = if arrangement.services { lane(things, &away) } else { Lane::default() };
    let collapsed = named(things, &arrangement.collapsed);
    Structure::of(things, parents, away, collapsed, lane, arrangement.grouping)
}
