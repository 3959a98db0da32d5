//! What stands where, before any place is known: things by lane, and by virtual network and subnet.

use super::{DENSE_FROM, Structure};
use crate::members::{Members, NONE};
use crate::things::Things;
use underlay_model::view::EntityKind;

/// Above so many pods or groups, groups of pods are fields of cells.
pub(super) const OPEN_PODS: usize = 160;
const OPEN_GROUPS: usize = 9;

/// Things of one virtual network, or of none.
#[derive(Default)]
pub(super) struct Sheet {
    pub network: Option<u32>,
    /// Gateway subnets (`NONE`: instances without one) with their instances.
    pub gateways: Vec<(u32, Vec<u32>)>,
    /// Node subnets with their nodes, or with groups of them that are collapsed.
    pub nodes: Vec<(u32, Vec<u32>)>,
    /// Other subnets with their addresses.
    pub subnets: Vec<(u32, Vec<u32>)>,
    pub wells: Vec<u32>,
    /// Groups of pods.
    pub groups: Vec<u32>,
}

fn add(lists: &mut Vec<(u32, Vec<u32>)>, owner: u32, item: Option<u32>) {
    let place = lists.iter().position(|(subnet, _)| *subnet == owner).unwrap_or_else(|| {
        lists.push((owner, Vec::new()));
        lists.len() - 1
    });
    lists[place].1.extend(item);
}

#[derive(Default)]
pub(super) struct Sorted {
    pub sheets: Vec<Sheet>,
    pub clients: Vec<u32>,
    pub front_ends: Vec<u32>,
    pub internet: Vec<u32>,
    pub others: Vec<u32>,
    pub platform: Vec<u32>,
    /// Nodes, or groups of pods instead of them.
    pub homes: usize,
    pub dense: bool,
    /// Node subnets that are drawn collapsed because pods stand elsewhere.
    pub folded: Vec<u32>,
}

/// Puts each thing into the list of its lane.
struct Sorting<'a> {
    things: &'a Things,
    members: &'a Members,
    structure: &'a Structure,
    of_pods: bool,
    /// Of each virtual network the place of its sheet; 0 for everything else.
    sheet_of: Vec<usize>,
    sorted: Sorted,
}

pub(super) fn sort(things: &Things, members: &Members, structure: &Structure) -> Sorted {
    let mut sorted = Sorted::default();
    // The first sheet is for what belongs to no network; it is left out when it stays empty.
    sorted.sheets.push(Sheet::default());
    let of_pods = structure.grouping.is_of_pods();
    let count = |kind: EntityKind| things.of_kind(|other| other == kind).count();
    let nodes = count(EntityKind::Node);
    sorted.dense = if of_pods {
        count(EntityKind::Pod) > OPEN_PODS || count(EntityKind::Group) > OPEN_GROUPS
    } else {
        nodes >= DENSE_FROM
    };
    sorted.homes = if of_pods { count(EntityKind::Group) } else { nodes };
    let mut sheet_of = vec![0usize; things.len()];
    for i in things.of_kind(|kind| kind == EntityKind::VirtualNetwork) {
        if !flag(&structure.away, i) {
            sheet_of[i as usize] = sorted.sheets.len();
            sorted.sheets.push(Sheet { network: Some(i), ..Sheet::default() });
        }
    }
    let mut sorting = Sorting { things, members, structure, of_pods, sheet_of, sorted };
    for i in (0..things.len() as u32).filter(|&i| !flag(&structure.away, i)) {
        if things.kind(i) == EntityKind::Pod {
            sorting.add_pod(i);
        } else if !members.around(i).skip(1).any(|around| flag(&structure.collapsed, around)) {
            sorting.add_thing(i);
        }
    }
    let mut sorted = sorting.sorted;
    if sorted.sheets[0].is_empty() {
        sorted.sheets.remove(0);
    } else {
        // Real networks first.
        sorted.sheets.rotate_left(1);
    }
    sorted
}

fn flag(flags: &[bool], thing: u32) -> bool {
    flags.get(thing as usize).copied().unwrap_or(false)
}

impl Sheet {
    fn is_empty(&self) -> bool {
        self.gateways.is_empty()
            && self.nodes.is_empty()
            && self.subnets.is_empty()
            && self.wells.is_empty()
            && self.groups.is_empty()
    }
}

impl Sorting<'_> {
    /// A pod whose container cannot hold pods stands with the other addresses, so that it can be found.
    fn add_pod(&mut self, pod: u32) {
        let home = self.members.home[pod as usize];
        let held = home != NONE
            && matches!(
                self.things.kind(home),
                EntityKind::Node | EntityKind::PodRange | EntityKind::Subnet | EntityKind::Group
            );
        if !held {
            self.sorted.others.push(pod);
        }
    }

    fn add_thing(&mut self, i: u32) {
        let (things, members, sorted, of_pods) = (self.things, self.members, &mut self.sorted, self.of_pods);
        let collapsed = flag(&self.structure.collapsed, i);
        let around_it = || members.around(i);
        let sheet_at = around_it().map(|around| self.sheet_of[around as usize]).find(|&at| at > 0).unwrap_or(0);
        let sheet = &mut sorted.sheets[sheet_at];
        let held_by = |kind: EntityKind| members.container(i).filter(|&parent| things.kind(parent) == kind);
        let node_subnet = || around_it().find(|&at| things.kind(at) == EntityKind::NodeSubnet).unwrap_or(NONE);
        let holds_no_pods = |subnet: u32| members.pods.of(subnet).is_empty();
        match things.kind(i) {
            EntityKind::GatewaySubnet => add(&mut sheet.gateways, i, None),
            EntityKind::GatewayInstance => {
                add(&mut sheet.gateways, held_by(EntityKind::GatewaySubnet).unwrap_or(NONE), Some(i));
            }
            EntityKind::NodeSubnet if of_pods || (sorted.dense && collapsed) => {
                sorted.folded.push(i);
                // Among many it stands below the gateway, out of the way of what comes from the internet.
                add(if sorted.dense { &mut sheet.gateways } else { &mut sheet.subnets }, i, None);
            }
            EntityKind::NodeSubnet => add(&mut sheet.nodes, i, None),
            EntityKind::Node if of_pods && node_subnet() != NONE => {}
            EntityKind::Node if of_pods => sorted.others.push(i),
            EntityKind::Node => add(&mut sheet.nodes, node_subnet(), Some(i)),
            EntityKind::Group if of_pods => sheet.groups.push(i),
            EntityKind::Group if collapsed => add(&mut sheet.nodes, node_subnet(), Some(i)),
            EntityKind::Subnet if holds_no_pods(i) => add(&mut sheet.subnets, i, None),
            EntityKind::Subnet => sheet.wells.push(i),
            EntityKind::PodRange if holds_no_pods(i) => {}
            EntityKind::PodRange => sheet.wells.push(i),
            EntityKind::Address => match held_by(EntityKind::Subnet).filter(|&subnet| holds_no_pods(subnet)) {
                Some(subnet) => add(&mut sheet.subnets, subnet, Some(i)),
                None => sorted.others.push(i),
            },
            EntityKind::Platform => sorted.platform.push(i),
            EntityKind::Clients => sorted.clients.push(i),
            EntityKind::FrontEnd => sorted.front_ends.push(i),
            EntityKind::Internet => sorted.internet.push(i),
            EntityKind::VirtualNetwork
            | EntityKind::Pod
            | EntityKind::Service
            | EntityKind::Route
            | EntityKind::Group => {}
        }
    }
}
