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

pub(super) fn sort(things: &Things, members: &Members, structure: &Structure) -> Sorted {
    let mut sorted = Sorted::default();
    // The first sheet is for what belongs to no network; it is left out when it stays empty.
    sorted.sheets.push(Sheet::default());
    let flag = |flags: &[bool], i: u32| flags.get(i as usize).copied().unwrap_or(false);
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
    for i in 0..things.len() as u32 {
        let kind = things.kind(i);
        if flag(&structure.away, i) {
            continue;
        }
        let kind_of = |index: u32| things.kind(index);
        // A pod whose container cannot hold pods stands with the other addresses, so that it can be found.
        if kind == EntityKind::Pod {
            let home = members.home[i as usize];
            let held = home != NONE
                && matches!(
                    kind_of(home),
                    EntityKind::Node | EntityKind::PodRange | EntityKind::Subnet | EntityKind::Group
                );
            if !held {
                sorted.others.push(i);
            }
            continue;
        }
        if members.around(i).skip(1).any(|around| flag(&structure.collapsed, around)) {
            continue;
        }
        let parent = members.container(i);
        let sheet_at = members.around(i).map(|around| sheet_of[around as usize]).find(|&at| at > 0).unwrap_or(0);
        let sheet = &mut sorted.sheets[sheet_at];
        let subnet_of = |wanted: EntityKind| members.around(i).find(|&at| kind_of(at) == wanted).unwrap_or(NONE);
        match kind {
            EntityKind::GatewaySubnet => add(&mut sheet.gateways, i, None),
            EntityKind::GatewayInstance => {
                let subnet = parent.filter(|&p| kind_of(p) == EntityKind::GatewaySubnet).unwrap_or(NONE);
                add(&mut sheet.gateways, subnet, Some(i));
            }
            EntityKind::NodeSubnet if of_pods || (sorted.dense && flag(&structure.collapsed, i)) => {
                sorted.folded.push(i);
                // Among many it stands below the gateway, out of the way of what comes from the internet.
                add(if sorted.dense { &mut sheet.gateways } else { &mut sheet.subnets }, i, None);
            }
            EntityKind::NodeSubnet => add(&mut sheet.nodes, i, None),
            EntityKind::Node if of_pods && subnet_of(EntityKind::NodeSubnet) != NONE => {}
            EntityKind::Node if of_pods => sorted.others.push(i),
            EntityKind::Node => add(&mut sheet.nodes, subnet_of(EntityKind::NodeSubnet), Some(i)),
            EntityKind::Group if of_pods => sheet.groups.push(i),
            EntityKind::Group if flag(&structure.collapsed, i) => {
                add(&mut sheet.nodes, subnet_of(EntityKind::NodeSubnet), Some(i));
            }
            EntityKind::Subnet if members.pods.of(i).is_empty() => add(&mut sheet.subnets, i, None),
            EntityKind::Subnet => sheet.wells.push(i),
            EntityKind::PodRange if members.pods.of(i).is_empty() => {}
            EntityKind::PodRange => sheet.wells.push(i),
            EntityKind::Address => {
                match parent.filter(|&p| kind_of(p) == EntityKind::Subnet && members.pods.of(p).is_empty()) {
                    Some(subnet) => add(&mut sheet.subnets, subnet, Some(i)),
                    None => sorted.others.push(i),
                }
            }
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
    let first = &sorted.sheets[0];
    let empty = first.gateways.is_empty()
        && first.nodes.is_empty()
        && first.subnets.is_empty()
        && first.wells.is_empty()
        && first.groups.is_empty();
    if empty {
        sorted.sheets.remove(0);
    } else {
        // Real networks first.
        sorted.sheets.rotate_left(1);
    }
    sorted
}
