//! Many copies of an object become one. An object is (kind, namespace, name, uid); a copy that does not say its uid is the
//! object of that name. Of several copies the one with the largest resourceVersion, then of the last path, counts.

use crate::inventory::{Inventory, Sourced, Warning};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use underlay_model::IpNet;
use underlay_model::inventory::{
    AksCluster, ApplicationLoadBalancer, Association, EndpointSlice, Event, Fragment, Gateway, GatewayClass, Ingress,
    Lease, List, Meta, NetworkInterface, NetworkPolicy, Node, NodeNetworkConfig, OverlayExtensionConfig, Pod,
    PodSighting, Policy, ReferenceGrant, Route, Service, Subnet, VirtualNetwork, Workload,
};
use underlay_model::order::Order;
use underlay_model::time::Millis;
use underlay_model::view::CaptureOptions;

/// A Kubernetes object: what tells one from another.
trait Object: Clone {
    fn meta(&self) -> &Meta;
    /// Tells apart kinds that share a list.
    fn kind(&self) -> &str;
    /// A row of a pasted table knows less than any JSON.
    fn is_table_row(&self) -> bool {
        self.meta().from_table
    }
    fn set_uid(&mut self, uid: &str);
}

macro_rules! objects {
    ($($name:ident: $kind:expr),* $(,)?) => {$(
        impl Object for $name {
            fn meta(&self) -> &Meta {
                &self.meta
            }
            fn kind(&self) -> &str {
                let kind: fn(&Self) -> &str = $kind;
                kind(self)
            }
            fn set_uid(&mut self, uid: &str) {
                uid.clone_into(&mut self.meta.uid);
            }
        }
    )*};
}
objects!(
    Node: |_| "",
    Service: |_| "",
    EndpointSlice: |_| "",
    Gateway: |_| "",
    Event: |_| "",
    OverlayExtensionConfig: |_| "",
    NodeNetworkConfig: |_| "",
    ApplicationLoadBalancer: |_| "",
    Ingress: |_| "",
    GatewayClass: |_| "",
    ReferenceGrant: |_| "",
    Lease: |_| "",
    Route: |route| &route.kind,
    NetworkPolicy: |policy| &policy.kind,
    Workload: |workload| &workload.kind,
    // Two groups have a BackendTLSPolicy.
    Policy: |policy| if policy.group.starts_with("gateway.") { &policy.group } else { &policy.kind },
);

impl Object for Pod {
    fn meta(&self) -> &Meta {
        &self.meta
    }
    fn kind(&self) -> &str {
        ""
    }
    fn is_table_row(&self) -> bool {
        self.from_table || self.meta.from_table
    }
    fn set_uid(&mut self, uid: &str) {
        uid.clone_into(&mut self.meta.uid);
    }
}

/// Kind, namespace, name: all copies of these may be one object.
type Name<'a> = (&'a str, &'a str, &'a str);

/// A copy and where it stands among all copies: which of two counts is decided by this alone. It does not know its type:
/// the order is the same for every kind, and is compiled once.
#[derive(Clone, Copy)]
struct Copy<'a> {
    kind: &'a str,
    meta: &'a Meta,
    is_table_row: bool,
    input: u32,
    byte: Option<u64>,
    order: usize,
}

impl Copy<'_> {
    fn rank(&self) -> (bool, Option<u64>, usize) {
        (!self.is_table_row, self.meta.resource_version, self.order)
    }
}

/// One object each. `list` picks the kind out of a fragment.
fn objects<'a, T: Object + 'a>(
    fragments: &'a [(String, Fragment)],
    places: List,
    list: impl Fn(&'a Fragment) -> &'a [T],
) -> Vec<Sourced<T>> {
    let mut known: Vec<&'a T> = Vec::new();
    let mut copies = Vec::new();
    for (input, (_, fragment)) in (0u32..).zip(fragments) {
        for (index, object) in list(fragment).iter().enumerate() {
            let order = known.len();
            let byte = fragment.places.byte(places, index);
            let (kind, meta, is_table_row) = (object.kind(), object.meta(), object.is_table_row());
            copies.push(Copy { kind, meta, is_table_row, input, byte, order });
            known.push(object);
        }
    }
    let sourced = |(uid, copy, copies): (&str, Copy<'_>, Vec<u32>)| {
        let mut value = (*known.get(copy.order)?).clone();
        value.set_uid(uid);
        Some(Sourced { value, input: copy.input, byte: copy.byte, copies })
    };
    winners(copies).into_iter().filter_map(sourced).collect()
}

/// The copy that counts of each object, with the object's uid and the inputs of its other copies, sorted by namespace, name, kind and uid.
fn winners(copies: Vec<Copy<'_>>) -> Vec<(&str, Copy<'_>, Vec<u32>)> {
    // Copies by name first: those without a uid must find the uids of their name.
    let mut by_name: FxHashMap<Name<'_>, Vec<Copy<'_>>> = FxHashMap::default();
    for copy in copies {
        let key = (copy.kind, copy.meta.namespace.as_str(), copy.meta.name.as_str());
        by_name.entry(key).or_default().push(copy);
    }
    let mut names: Vec<_> = by_name.into_iter().collect();
    names.order_by(|(a, _), (b, _)| (a.1, a.2, a.0).cmp(&(b.1, b.2, b.0)));
    fold_nameless_namespaces(&mut names);
    let mut winners = Vec::with_capacity(names.len());
    for (_, mut copies) in names {
        copies.order_by_key(Copy::rank);
        let counting = one_a_uid(&copies);
        winners.extend(counting.into_iter().map(|(uid, copy)| (uid, copy, others(&copies, uid, copy.input))));
    }
    winners
}

/// Rows of a table without a namespace column are the pods of that name, in whatever namespace these are.
fn fold_nameless_namespaces<'a>(names: &mut Vec<(Name<'a>, Vec<Copy<'a>>)>) {
    let nameless =
        |key: &Name<'_>, copies: &[Copy<'_>]| key.1.is_empty() && copies.iter().all(|copy| copy.is_table_row);
    if !names.iter().any(|(key, copies)| nameless(key, copies)) {
        return;
    }
    let known: rustc_hash::FxHashSet<&str> =
        names.iter().filter(|(key, _)| !key.1.is_empty()).map(|(key, _)| key.2).collect();
    names.retain(|(key, copies)| !(nameless(key, copies) && known.contains(key.2)));
}

/// Inputs that hold a copy of an object besides the one that counts.
fn others(copies: &[Copy<'_>], uid: &str, counting: u32) -> Vec<u32> {
    let is_it = |copy: &&Copy<'_>| copy.input != counting && (copy.meta.uid.is_empty() || copy.meta.uid == uid);
    let mut others: Vec<u32> = copies.iter().filter(is_it).map(|copy| copy.input).collect();
    others.order();
    others.dedup();
    others
}

/// The copies of one name, sorted by rank, as one object per uid, sorted by uid.
fn one_a_uid<'a>(copies: &[Copy<'a>]) -> Vec<(&'a str, Copy<'a>)> {
    let mut winners: Vec<(&str, Copy<'a>)> = Vec::new();
    for &copy in copies.iter().filter(|copy| !copy.meta.uid.is_empty()) {
        let uid = copy.meta.uid.as_str();
        match winners.iter_mut().find(|(known, _)| *known == uid) {
            Some((_, winner)) => *winner = copy,
            None => winners.push((uid, copy)),
        }
    }
    if let Some(&anonymous) = copies.iter().rev().find(|copy| copy.meta.uid.is_empty()) {
        // The newest object of that name is the one that a copy without uid speaks of.
        match winners.iter_mut().max_by_key(|(_, copy)| copy.rank()) {
            Some((_, winner)) if winner.rank() < anonymous.rank() => *winner = anonymous,
            Some(_) => {}
            None => winners.push(("", anonymous)),
        }
    }
    winners.order_by_key(|(uid, _)| *uid);
    winners
}

/// Azure resources by ARM id, compared without case: the last copy counts, but never one that `knows` less.
/// Resources without a key (an answer cut down by a query) are all kept.
fn resources<'a, T: Clone + 'a>(
    fragments: &'a [(String, Fragment)],
    places: List,
    list: impl Fn(&'a Fragment) -> &'a [T],
    key: impl Fn(&T) -> String,
    knows: impl Fn(&T) -> bool,
) -> Vec<Sourced<T>> {
    let mut keys: Vec<String> = Vec::new();
    let mut kept: Vec<Option<Sourced<T>>> = Vec::new();
    let mut index: FxHashMap<String, usize> = FxHashMap::default();
    for (input, (_, fragment)) in (0u32..).zip(fragments) {
        for (at, resource) in list(fragment).iter().enumerate() {
            let key = key(resource);
            let byte = fragment.places.byte(places, at);
            let mut entry = Sourced { value: resource.clone(), input, byte, copies: Vec::new() };
            match index.get(&key).and_then(|&at| kept.get_mut(at)?.as_mut()) {
                Some(known) if !key.is_empty() => {
                    let counts = knows(resource) || !knows(&known.value);
                    if counts {
                        std::mem::swap(known, &mut entry);
                        known.copies = std::mem::take(&mut entry.copies);
                    }
                    if entry.input != known.input && !known.copies.contains(&entry.input) {
                        known.copies.push(entry.input);
                    }
                }
                _ => {
                    index.insert(key.clone(), kept.len());
                    keys.push(key);
                    kept.push(Some(entry));
                }
            }
        }
    }
    in_order(&keys).into_iter().filter_map(|at| kept.get_mut(at)?.take()).collect()
}

/// Places of the keys when they are sorted; equal ones stay as they were.
fn in_order(keys: &[String]) -> Vec<usize> {
    let mut places: Vec<(&str, usize)> = keys.iter().zip(0..).map(|(key, place)| (key.as_str(), place)).collect();
    places.order();
    places.into_iter().map(|(_, place)| place).collect()
}

/// All of a kind, in the order of the inputs.
fn all<'a, T: Clone + 'a>(
    fragments: &'a [(String, Fragment)],
    places: List,
    list: impl Fn(&'a Fragment) -> &'a [T],
) -> Vec<Sourced<T>> {
    let one = |(input, fragment): (u32, &'a (String, Fragment))| {
        let byte = |at: usize| fragment.1.places.byte(places, at);
        let one =
            |(at, value): (usize, &T)| Sourced { value: value.clone(), input, byte: byte(at), copies: Vec::new() };
        list(&fragment.1).iter().enumerate().map(one).collect::<Vec<_>>()
    };
    (0u32..).zip(fragments).flat_map(one).collect()
}

/// An ARM id, or lacking one a name, as a key.
fn key_of(id: &str, name: &str) -> String {
    if id.is_empty() { name.to_lowercase() } else { id.to_lowercase() }
}

fn cidrs(fragments: &[(String, Fragment)]) -> Vec<Sourced<IpNet>> {
    let inputs = fragments.iter().zip(0u32..);
    let of_input = |((_, fragment), input): (&(String, Fragment), u32)| {
        let sourced = |&value: &IpNet| Sourced { value, input, ..Sourced::default() };
        fragment.cidrs.iter().map(sourced).collect::<Vec<_>>()
    };
    inputs.flat_map(of_input).collect()
}

/// Resources of Azure: of several copies the one that tells more.
fn merge_resources(fragments: &[(String, Fragment)], inventory: &mut Inventory) {
    inventory.clusters = resources(
        fragments,
        List::Clusters,
        |f| &f.clusters,
        |c: &AksCluster| key_of(&c.id, &c.name),
        |c| !c.pod_cidrs.is_empty() || !c.pools.is_empty(),
    );
    inventory.virtual_networks = resources(
        fragments,
        List::VirtualNetworks,
        |f| &f.virtual_networks,
        |v: &VirtualNetwork| key_of(&v.id, &v.name),
        |v| !v.prefixes.is_empty(),
    );
    inventory.subnets = resources(
        fragments,
        List::Subnets,
        |f| &f.subnets,
        |s: &Subnet| key_of(&s.id, &qualified_subnet(s)),
        |s| !s.prefixes.is_empty(),
    );
    inventory.network_interfaces = resources(
        fragments,
        List::NetworkInterfaces,
        |f| &f.network_interfaces,
        |n: &NetworkInterface| key_of(&n.id, &format!("{}{}", n.mac, n.name)),
        |n| !n.addresses.is_empty(),
    );
    inventory.associations = resources(
        fragments,
        List::Associations,
        |f| &f.associations,
        |a: &Association| key_of(&a.id, &a.subnet_id),
        |a| !a.subnet_id.is_empty(),
    );
}

/// Lists of the inventory as the objects of all fragments, each once.
macro_rules! merged {
    ($inventory:ident, $fragments:ident: $($list:ident $field:ident),* $(,)?) => {
        $($inventory.$field = objects($fragments, List::$list, |fragment| &fragment.$field);)*
    };
}

pub(crate) fn merge(fragments: &[(String, Fragment)], options: &CaptureOptions) -> Inventory {
    let mut inventory = Inventory {
        paths: fragments.iter().map(|(path, _)| path.clone()).collect(),
        options: options.clone(),
        backend_health: all(fragments, List::BackendHealth, |f| &f.backend_health),
        whoami: all(fragments, List::Whoami, |f| &f.whoami),
        cidrs: cidrs(fragments),
        pod_sightings: sightings(fragments),
        azure: crate::azure::merge(fragments),
        snapshot_ms: snapshot(fragments),
        ..Inventory::default()
    };
    merged!(inventory, fragments:
        Nodes nodes, Pods pods, Services services, EndpointSlices endpoint_slices, Gateways gateways, Routes routes, Events events,
        OverlayExtensionConfigs overlay_extension_configs, NodeNetworkConfigs node_network_configs,
        ApplicationLoadBalancers application_load_balancers, Endpoints endpoints, Ingresses ingresses, GatewayClasses gateway_classes,
        ReferenceGrants reference_grants, Policies policies, NetworkPolicies network_policies, Workloads workloads, Leases leases,
    );
    merge_resources(fragments, &mut inventory);
    crate::derive::derive(&mut inventory);
    inventory.warnings = warnings(&inventory);
    inventory
}

/// `vnet/subnet`, or the subnet alone when the answer does not name its network; empty when it names neither.
pub(crate) fn qualified_subnet(subnet: &Subnet) -> String {
    if subnet.virtual_network.is_empty() {
        subnet.name.clone()
    } else {
        format!("{}/{}", subnet.virtual_network, subnet.name)
    }
}

/// Every sighting once, over all the time in which any input has it.
fn sightings(fragments: &[(String, Fragment)]) -> Vec<PodSighting> {
    let mut all: Vec<PodSighting> = fragments.iter().flat_map(|(_, f)| f.pod_sightings.iter().cloned()).collect();
    all.order_by(|a, b| (a.address, &a.namespace, &a.name).cmp(&(b.address, &b.namespace, &b.name)));
    all.dedup_by(|more, known| {
        let same = (more.address, &more.namespace, &more.name) == (known.address, &known.namespace, &known.name);
        if same {
            known.first_ms = known.first_ms.min(more.first_ms);
            known.last_ms = known.last_ms.max(more.last_ms);
            let spans = known.outward.into_iter().chain(more.outward);
            known.outward = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        }
        same
    });
    all
}

/// The newest time stamp in any copy of any Kubernetes object.
fn snapshot(fragments: &[(String, Fragment)]) -> Option<Millis> {
    fn meta(meta: &Meta) -> Option<Millis> {
        // A deletion time lies in the future while a pod ends, so it proves nothing.
        meta.created_ms
    }
    let mut newest = None;
    let mut see = |time: Option<Millis>| newest = newest.max(time);
    for (_, fragment) in fragments {
        see(fragment.newest_ms);
        fragment.nodes.iter().for_each(|node| see(meta(&node.meta)));
        for pod in &fragment.pods {
            see(meta(&pod.meta));
            see(pod.started_ms);
            see(pod.finished_ms);
            see(pod.ready_since_ms);
            for container in &pod.containers {
                see(container.started_ms);
                see(container.last_finished_ms);
            }
        }
        fragment.services.iter().for_each(|service| see(meta(&service.meta)));
        fragment.endpoint_slices.iter().for_each(|slice| see(meta(&slice.meta)));
        for event in &fragment.events {
            see(meta(&event.meta));
            see(event.first_ms);
            see(event.last_ms);
        }
        let conditions = (fragment.gateways.iter().map(|g| (&g.meta, &g.conditions)))
            .chain(fragment.routes.iter().map(|r| (&r.meta, &r.conditions)))
            .chain(fragment.application_load_balancers.iter().map(|a| (&a.meta, &a.conditions)));
        for (object, conditions) in conditions {
            see(meta(object));
            conditions.iter().for_each(|condition| see(condition.since_ms));
        }
    }
    newest
}

fn warnings(inventory: &Inventory) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut ranges: Vec<(IpNet, &Sourced<AksCluster>)> =
        inventory.clusters.iter().flat_map(|c| c.pod_cidrs.iter().map(move |cidr| (cidr.trunc(), c))).collect();
    ranges.order_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    // Sorted by network, an overlap is with a range that began before and has not ended.
    let mut open: Vec<(IpNet, &Sourced<AksCluster>)> = Vec::new();
    let mut pairs = BTreeSet::new();
    for (range, cluster) in ranges {
        open.retain(|(earlier, _)| earlier.contains(&range));
        for (earlier, other) in &open {
            let (first, second) = (cluster_name(other), cluster_name(cluster));
            if first != second && pairs.insert((first.to_owned(), second.to_owned())) {
                let inputs: BTreeSet<&str> = [inventory.path(other.input), inventory.path(cluster.input)].into();
                warnings.push(Warning {
                    code: "pod-cidr-shared",
                    message: format!(
                        "Clusters {first} and {second} both use the pod CIDR {earlier}: an address in it may be a pod of either, the first is shown."
                    ),
                    inputs: inputs.into_iter().map(str::to_owned).collect(),
                });
            }
        }
        open.push((range, cluster));
    }
    warnings.extend(shared_addresses(inventory));
    warnings.extend(crate::derive::clusters_sharing_addresses(inventory));
    warnings.order();
    warnings
}

fn cluster_name(cluster: &AksCluster) -> &str {
    if cluster.name.is_empty() { &cluster.id } else { &cluster.name }
}

/// Two running pods of one snapshot with one address: two clusters in one file, or a stale object.
fn shared_addresses(inventory: &Inventory) -> Option<Warning> {
    let mut holders: FxHashMap<(std::net::IpAddr, u32), usize> = FxHashMap::default();
    let mut shared: Vec<(std::net::IpAddr, usize, usize)> = Vec::new();
    for (at, pod) in inventory.pods.iter().enumerate() {
        if pod.host_network || pod.phase != "Running" {
            continue;
        }
        for &address in &pod.addresses {
            match holders.entry((address, pod.input)) {
                std::collections::hash_map::Entry::Occupied(other) => shared.push((address, *other.get(), at)),
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(at);
                }
            }
        }
    }
    shared.order();
    let &(address, first, second) = shared.first()?;
    let (first, second) = (inventory.pods.get(first)?, inventory.pods.get(second)?);
    let more = shared_besides(shared.len() - 1);
    Some(Warning {
        code: "pod-address-shared",
        message: format!(
            "{address} belongs to {} and to {} at once; the one that started last is shown.{more}",
            first.meta.qualified(),
            second.meta.qualified()
        ),
        inputs: vec![inventory.path(first.input).to_owned()],
    })
}

/// What a warning about one shared address says of the others.
pub(crate) fn shared_besides(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => " One more address is shared in this way.".to_owned(),
        more => format!(" {more} more addresses are shared in this way."),
    }
}
