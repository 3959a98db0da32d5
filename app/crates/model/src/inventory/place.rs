//! Where the objects of a fragment begin in their input, so that whatever rests on one opens to its own text. The text itself is not
//! kept, nor where it ends: both are found again when somebody looks.

use super::Fragment;
use serde::{Deserialize, Serialize};

macro_rules! lists {
    ($($list:ident: $($field:ident).+),* $(,)?) => {
        /// A list of a [`Fragment`] whose objects can be opened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "as the fragment names them")]
        pub enum List {
            $($list),*
        }

        impl Fragment {
            /// How many objects each list holds, in the order of [`List`].
            fn lengths(&self) -> Vec<usize> {
                vec![$(self.$($field).+.len()),*]
            }
        }
    };
}

lists!(
    Nodes: nodes,
    Pods: pods,
    Services: services,
    EndpointSlices: endpoint_slices,
    Gateways: gateways,
    Routes: routes,
    Events: events,
    OverlayExtensionConfigs: overlay_extension_configs,
    NodeNetworkConfigs: node_network_configs,
    ApplicationLoadBalancers: application_load_balancers,
    BackendHealth: backend_health,
    Clusters: clusters,
    VirtualNetworks: virtual_networks,
    Subnets: subnets,
    NetworkInterfaces: network_interfaces,
    Associations: associations,
    Whoami: whoami,
    Endpoints: endpoints,
    Ingresses: ingresses,
    GatewayClasses: gateway_classes,
    ReferenceGrants: reference_grants,
    Policies: policies,
    NetworkPolicies: network_policies,
    Workloads: workloads,
    Leases: leases,
    SecurityGroups: azure.security_groups,
    RouteTables: azure.route_tables,
    PublicAddresses: azure.public_addresses,
    TrafficControllers: azure.traffic_controllers,
    FrontEnds: azure.front_ends,
    FlowLogSettings: azure.flow_log_settings,
    Peerings: azure.peerings,
    NodePools: azure.node_pools,
    Metrics: azure.metrics,
    ControllerSamples: azure.controller_samples,
);

/// Of each list the first byte of each object in the input's decoded text. Parts of an object (a subnet in its virtual network) have
/// the place of the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectPlaces(Vec<Vec<u64>>);

impl ObjectPlaces {
    /// The place of an object by its index in the list; `None` when it is not known.
    pub fn byte(&self, list: List, index: usize) -> Option<u64> {
        self.0.get(list as usize)?.get(index).copied()
    }
}

impl Fragment {
    /// Everything that was added since the last call stands at this byte.
    pub fn stands_at(&mut self, byte: u64) {
        let lengths = self.lengths();
        let places = &mut self.places.0;
        places.resize(lengths.len(), Vec::new());
        for (places, length) in places.iter_mut().zip(lengths) {
            if places.len() < length {
                places.resize(length, byte);
            }
        }
    }
}
