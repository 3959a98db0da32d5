//! Edges of a dense picture, summed by what can be drawn: from a box of a lane to a block of nodes, from a block outward, between
//! boxes. Computed once a topology, so that a frame never walks 100,000 edges (design, section 5, Bundles).

use crate::layout::NO_BLOCK;
use crate::members::NONE;
use crate::scene::Scene;
use underlay_model::view::{EdgeKind, EntityKind, Traffic};

/// One end of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// A thing with a box of its own.
    Box(u32),
    /// A block of nodes.
    Block(u16),
    /// All blocks: an edge to a subnet or network as a whole.
    Estate,
}

/// Edges of one kind between two ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bundle {
    pub kind: EdgeKind,
    pub source: End,
    pub target: End,
    pub traffic: Traffic,
    pub members: u32,
    /// Pairs that were encrypted, and pairs that were not.
    pub encryption: [u32; 2],
    /// The member with most bytes, then most flows, then the first.
    pub largest: u32,
}

/// Sums the edges of shown kinds. Nothing for scenes that draw edges one by one.
pub(crate) fn bundles(scene: &Scene) -> Vec<Bundle> {
    let Some(area) = &scene.layout.dense else { return Vec::new() };
    let things = &scene.things;
    // Seldom is anything folded: then nobody's containers need be walked.
    let folds = scene.layout.collapsed.contains(&true);
    let block = |node: u32| {
        let block = area.block_of.get(node as usize).copied().unwrap_or(NO_BLOCK);
        (block != NO_BLOCK).then_some(End::Block(block))
    };
    let end = |thing: u32| -> Option<End> {
        things.get(thing as usize)?;
        if let Some(around) = folds.then(|| scene.layout.stand_in(&scene.members, thing)).flatten() {
            return block(around).or(Some(End::Box(around)));
        }
        match things.kind(thing) {
            EntityKind::Node => block(thing),
            EntityKind::Pod => {
                let home = scene.members.home[thing as usize];
                if home == NONE { None } else { block(home).or(Some(End::Box(home))) }
            }
            EntityKind::PodRange => match scene.members.container(thing) {
                Some(parent) => block(parent),
                None => Some(End::Estate),
            },
            EntityKind::Group => block(thing),
            EntityKind::NodeSubnet | EntityKind::VirtualNetwork => Some(End::Estate),
            _ => Some(End::Box(thing)),
        }
    };
    let mut sums = std::collections::BTreeMap::<(EdgeKind, End, End), Bundle>::new();
    for (i, edge) in scene.topology.edges.iter().enumerate() {
        if !scene.draws(edge) {
            continue;
        }
        let (Some(source), Some(target)) = (end(edge.source), end(edge.target)) else { continue };
        let bundle = sums.entry((edge.kind, source, target)).or_insert_with(|| Bundle {
            kind: edge.kind,
            source,
            target,
            traffic: Traffic::default(),
            members: 0,
            encryption: [0; 2],
            largest: i as u32,
        });
        bundle.traffic += edge.traffic;
        bundle.members += 1;
        for (sum, pairs) in bundle.encryption.iter_mut().zip(edge.encryption) {
            *sum = sum.saturating_add(pairs);
        }
        let size = |index: u32| {
            let traffic = &scene.topology.edges[index as usize].traffic;
            (traffic.total_bytes(), traffic.flows)
        };
        if size(i as u32) > size(bundle.largest) {
            bundle.largest = i as u32;
        }
    }
    sums.into_values().collect()
}
