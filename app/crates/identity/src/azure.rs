//! Azure resources, metrics and requests of all inputs as one: of several copies of a resource the last counts, series of one
//! metric are joined, downloads of one log count once.

use crate::inventory::Sourced;
use underlay_model::access::{AccessSums, FirewallCell, merge_firewall};
use underlay_model::azure::{
    AzureFragment, FlowLogSetting, FrontEnd, NodePool, Peering, PublicAddress, RouteTable, SecurityGroup,
    TrafficController,
};
use underlay_model::inventory::{Fragment, List};
use underlay_model::metrics::{ControllerSample, MetricSeries, merge_series};
use underlay_model::order::Order;

/// See the module. Resources are sorted by ARM id in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "one list a kind")]
pub struct AzureInventory {
    pub security_groups: Vec<Sourced<SecurityGroup>>,
    pub route_tables: Vec<Sourced<RouteTable>>,
    pub public_addresses: Vec<Sourced<PublicAddress>>,
    pub traffic_controllers: Vec<Sourced<TrafficController>>,
    pub front_ends: Vec<Sourced<FrontEnd>>,
    pub flow_log_settings: Vec<Sourced<FlowLogSetting>>,
    pub peerings: Vec<Sourced<Peering>>,
    pub node_pools: Vec<Sourced<NodePool>>,
    /// Of all inputs, sorted.
    pub metrics: Vec<MetricSeries>,
    /// In the order of the inputs: they hold no time, so none replaces another.
    pub controller_samples: Vec<Sourced<ControllerSample>>,
    /// Of all inputs.
    pub access: AccessSums,
    /// Of all inputs, sorted.
    pub firewall: Vec<FirewallCell>,
}

/// Merges what fragments say, which are given in the contract's order.
pub(crate) fn merge(fragments: &[(String, Fragment)]) -> AzureInventory {
    let azure = || fragments.iter().map(|(_, fragment)| &fragment.azure);
    let sums: Vec<&AccessSums> = azure().map(|one| &one.access).filter(|sums| !sums.is_empty()).collect();
    AzureInventory {
        security_groups: security_groups(fragments),
        route_tables: last(fragments, List::RouteTables, |a| &a.route_tables, |r| (&r.id, &r.name)),
        public_addresses: last(fragments, List::PublicAddresses, |a| &a.public_addresses, |p| (&p.id, &p.name)),
        traffic_controllers: last(
            fragments,
            List::TrafficControllers,
            |a| &a.traffic_controllers,
            |t| (&t.id, &t.name),
        ),
        front_ends: last(fragments, List::FrontEnds, |a| &a.front_ends, |f| (&f.id, &f.name)),
        flow_log_settings: last(fragments, List::FlowLogSettings, |a| &a.flow_log_settings, |f| (&f.id, &f.name)),
        peerings: last(fragments, List::Peerings, |a| &a.peerings, |p| (&p.id, &p.name)),
        node_pools: last(fragments, List::NodePools, |a| &a.node_pools, |p| (&p.id, &p.pool.name)),
        metrics: merge_series(azure().flat_map(|one| &one.metrics)),
        controller_samples: (0u32..)
            .zip(fragments)
            .flat_map(|(input, (_, one))| {
                let byte = |at: usize| one.places.byte(List::ControllerSamples, at);
                let samples = one.azure.controller_samples.iter().enumerate();
                samples.map(move |(at, sample)| Sourced {
                    value: sample.clone(),
                    input,
                    byte: byte(at),
                    copies: Vec::new(),
                })
            })
            .collect(),
        access: AccessSums::merge(&sums),
        firewall: merge_firewall(azure().flat_map(|one| &one.firewall)),
    }
}

/// What is configured counts; of a group without that, what interfaces have of it. The places where either says it is set add up.
fn security_groups(fragments: &[(String, Fragment)]) -> Vec<Sourced<SecurityGroup>> {
    let mut groups = last(fragments, List::SecurityGroups, |a| &a.security_groups, |s| (&s.id, &s.name));
    for (input, (_, fragment)) in (0u32..).zip(fragments) {
        for group in &fragment.azure.effective_groups {
            let Some(known) = groups.iter_mut().find(|known| known.id.eq_ignore_ascii_case(&group.id)) else {
                groups.push(Sourced { value: group.clone(), input, ..Sourced::default() });
                continue;
            };
            let SecurityGroup { subnet_ids, network_interface_ids, .. } = &mut known.value;
            for (ids, more) in [(subnet_ids, &group.subnet_ids), (network_interface_ids, &group.network_interface_ids)]
            {
                let new = more.iter().find(|id| !ids.iter().any(|known| known.eq_ignore_ascii_case(id)));
                ids.extend(new.cloned());
            }
        }
    }
    groups.order_by(|a, b| a.id.to_ascii_lowercase().cmp(&b.id.to_ascii_lowercase()));
    groups
}

/// The last copy of each resource of a kind. Those without id and name are all kept.
fn last<T: Clone>(
    fragments: &[(String, Fragment)],
    places: List,
    list: fn(&AzureFragment) -> &Vec<T>,
    names: fn(&T) -> (&String, &String),
) -> Vec<Sourced<T>> {
    let mut all: Vec<Option<Sourced<T>>> = Vec::new();
    let mut keys = Vec::new();
    for (input, (_, fragment)) in (0u32..).zip(fragments) {
        for (at, value) in list(&fragment.azure).iter().enumerate() {
            let (id, name) = names(value);
            keys.push(if id.is_empty() { name.to_ascii_lowercase() } else { id.to_ascii_lowercase() });
            let byte = fragment.places.byte(places, at);
            all.push(Some(Sourced { value: value.clone(), input, byte, copies: Vec::new() }));
        }
    }
    winners(&keys).into_iter().filter_map(|place| all.get_mut(place)?.take()).collect()
}

/// Places of the last of each key, sorted by key; all places of the empty key.
fn winners(keys: &[String]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..keys.len()).collect();
    let key = |place: usize| keys.get(place).map_or("", String::as_str);
    places.order_by(|a, b| key(*a).cmp(key(*b)));
    let behind = |at: usize| places.get(at + 1).map(|place| key(*place));
    let is_last = |at: usize, place: usize| key(place).is_empty() || behind(at) != Some(key(place));
    places.iter().enumerate().filter(|(at, place)| is_last(*at, **place)).map(|(_, place)| *place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_copy_of_a_resource_counts() {
        let group = |id: &str, name: &str| SecurityGroup {
            id: id.to_owned(),
            name: name.to_owned(),
            ..SecurityGroup::default()
        };
        let input = |path: &str, groups: Vec<SecurityGroup>| {
            let mut fragment = Fragment::default();
            fragment.azure.security_groups = groups;
            (path.to_owned(), fragment)
        };
        let fragments = [
            input("a", vec![group("/x/B", "old"), group("/x/a", "a"), group("", ""), group("", "")]),
            input("b", vec![group("/X/b", "new")]),
        ];
        let merged = merge(&fragments).security_groups;
        let told: Vec<(&str, u32)> = merged.iter().map(|group| (group.name.as_str(), group.input)).collect();
        assert_eq!(told, [("", 0), ("", 0), ("a", 0), ("new", 1)]);
    }
}
