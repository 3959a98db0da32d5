//! The pairs of the whole capture by the things between which they go. What does not change with the range is put together here, once; the
//! traffic of a range comes from the shards by group ([`underlay_store::grouped`]), so that a picture costs as much as it has edges.

use super::World;
use super::placed::{Placed, RuleLists, visit};
use super::places::NONE;
use super::probed;
use rustc_hash::FxHashMap;
use underlay_model::order::Order;
use underlay_model::texts::Texts;
use underlay_model::tuple::Verdict;
use underlay_model::view::{EdgeKind, Traffic};
use underlay_store::grouped::{GroupKey, Grouping};
use underlay_store::key::PairKey;
use underlay_store::query::{PairDetails, PairSums};

/// See the module. Numbered in the order of their keys, so that those of one edge, and of one port of it, stand together.
#[derive(Debug, Default)]
pub struct Groups {
    list: Vec<Group>,
    whole: Vec<(u32, Traffic)>,
}

/// Pairs between two things at one port.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) key: GroupKey,
    pub(super) kind: EdgeKind,
    /// Pairs, and of these, those that were encrypted and those that were not.
    pub(super) pairs: u64,
    pub(super) encryption: [u32; 2],
    pub(super) rules: RuleLists,
    /// Other things have a part of the only pair's traffic.
    pub(super) split: bool,
}

impl Groups {
    /// Of the counted pairs of the whole capture, contested addresses split by minute; `details` of the same.
    pub fn new(world: World<'_>, pairs: &PairSums, details: &PairDetails) -> Self {
        let mut index: FxHashMap<GroupKey, usize> = FxHashMap::default();
        let mut found: Vec<(Group, Traffic)> = Vec::new();
        visit(world, pairs, details, |placed| {
            let PairKey { src, dst, port, protocol, verdict } = placed.pair;
            let single = probed::may_probe(world, placed.source, &placed.pair).then_some((src, dst));
            let denied = verdict == Verdict::Denied;
            let key = GroupKey { source: placed.source, target: placed.target, denied, port, protocol, single };
            let at = *index.entry(key).or_insert_with(|| {
                let (rules, split) = (RuleLists::default(), single.is_some() && !placed.whole);
                let group = Group { key, kind: placed.kind, pairs: 0, encryption: [0; 2], rules, split };
                found.push((group, Traffic::default()));
                found.len() - 1
            });
            if let Some((group, traffic)) = found.get_mut(at) {
                *traffic += placed.traffic;
                group.pairs += 1;
                if let Some(detail) = &placed.detail {
                    group.rules.add(&detail.rules);
                    for (pairs, was) in group.encryption.iter_mut().zip(encryption(&detail.encryption)) {
                        *pairs += u32::from(was);
                    }
                }
            }
        });
        drop(index);
        found.order_by(|a, b| a.0.key.cmp(&b.0.key));
        let whole = (0u32..).zip(&found).map(|(number, (_, traffic))| (number, *traffic)).collect();
        Self { list: found.into_iter().map(|(group, _)| group).collect(), whole }
    }

    /// Traffic of all groups in the whole capture, by number.
    pub fn whole(&self) -> &[(u32, Traffic)] {
        &self.whole
    }

    pub(super) fn get(&self, number: u32) -> Option<&Group> {
        self.list.get(number as usize)
    }

    /// What the shards have to know to sum up by these groups.
    pub fn grouping(&self, world: World<'_>, shards: u32) -> Grouping {
        let mut grouping = Grouping::new(shards);
        world.places.each_place(world.resolver, &mut |address, parts| grouping.place(address, parts));
        self.list.iter().for_each(|group| grouping.group(&group.key));
        grouping
    }
}

impl Group {
    /// The only pair of the group, when it is one of those whose probes may be told apart.
    pub(super) fn single(&self, traffic: Traffic, whole: bool) -> Option<Placed> {
        let GroupKey { source, target, port, protocol, .. } = self.key;
        let (src, dst) = self.key.single?;
        let pair = PairKey { src, dst, port, protocol, verdict: Verdict::Allowed };
        Some(Placed { pair, source, target, kind: self.kind, traffic, whole, detail: None })
    }

    /// Whether it has the ends of this one, so that both are of one edge.
    pub(super) fn has_ends_of(&self, other: &Self) -> bool {
        let ends = |group: &Self| (group.key.source, group.key.target, group.key.denied);
        ends(self) == ends(other)
    }

    /// Two things that are not the same: traffic inside one thing is its own.
    pub(super) fn is_edge(&self) -> bool {
        let GroupKey { source, target, .. } = self.key;
        source != NONE && target != NONE && source != target
    }
}

/// Whether a pair was ever encrypted, and whether it ever was not, by the words of flow logs (`X`, `NX…`) and of Traffic Analytics
/// (`Encrypted`, anything else). Nothing, or a dash, says neither.
fn encryption(words: &Texts) -> [bool; 2] {
    let mut was = [false; 2];
    for word in words.iter().filter(|word| !matches!(word.as_str(), "" | "-")) {
        let encrypted = word == "X" || word.eq_ignore_ascii_case("encrypted");
        was[usize::from(!encrypted)] = true;
    }
    was
}
