//! What a rule needs to run, and in which words the file is asked for that would let it.

use crate::facts::Facts;

/// An input that a rule needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    FlowLogs,
    /// Nothing is left out of them: silence means something.
    WholeFlowLogs,
    GatewaySubnet,
    Pods,
    Nodes,
    Routes,
    Gateways,
    /// Anything whose status says whether it is in force.
    GatewayObjects,
    Services,
    EndpointSlices,
    BackendHealth,
    PodRange,
    /// Of pods or of services.
    Ranges,
    Cluster,
    RouteTables,
    FlowLogSettings,
    AccessLog,
    Metrics,
    SecurityGroups,
    AccessLogOrMetrics,
    Events,
}

impl Need {
    /// What the gateway sends to targets that routes name.
    pub(crate) const OF_TARGETS: &[Self] =
        &[Self::FlowLogs, Self::GatewaySubnet, Self::Pods, Self::Routes, Self::EndpointSlices];
    /// What it does not send them.
    pub(crate) const OF_SILENT_TARGETS: &[Self] =
        &[Self::FlowLogs, Self::WholeFlowLogs, Self::GatewaySubnet, Self::Pods, Self::Routes, Self::EndpointSlices];

    pub(crate) fn is_met(self, facts: &Facts<'_>) -> bool {
        let (inventory, azure) = (facts.inventory, &facts.inventory.azure);
        match self {
            Self::FlowLogs => facts.has_flow_logs(),
            Self::WholeFlowLogs => !facts.has_flow_logs() || facts.tells_all(),
            Self::GatewaySubnet => !facts.known.resolver.gateway_subnets().is_empty(),
            Self::Pods => !inventory.pods.is_empty(),
            Self::Nodes => !inventory.nodes.is_empty(),
            Self::Routes => !(inventory.routes.is_empty() && inventory.ingresses.is_empty()),
            Self::Gateways => !inventory.gateways.is_empty(),
            Self::GatewayObjects => {
                !(inventory.gateways.is_empty()
                    && inventory.application_load_balancers.is_empty()
                    && inventory.routes.is_empty()
                    && inventory.policies.is_empty()
                    && inventory.gateway_classes.is_empty()
                    && inventory.overlay_extension_configs.is_empty()
                    && inventory.node_network_configs.is_empty()
                    && azure.traffic_controllers.is_empty()
                    && azure.front_ends.is_empty())
            }
            Self::Services => !inventory.services.is_empty(),
            // Else the services' selectors tell.
            Self::EndpointSlices => {
                !(inventory.endpoint_slices.is_empty() && inventory.endpoints.is_empty())
                    || inventory.services.iter().any(|service| !service.selector.is_empty())
            }
            Self::BackendHealth => !inventory.backend_health.is_empty(),
            Self::PodRange => !facts.known.resolver.pod_ranges().is_empty(),
            Self::Ranges => Self::PodRange.is_met(facts) || Self::Cluster.is_met(facts),
            Self::Cluster => !inventory.clusters.is_empty(),
            Self::SecurityGroups => !azure.security_groups.is_empty(),
            Self::RouteTables => !azure.route_tables.is_empty(),
            Self::FlowLogSettings => !azure.flow_log_settings.is_empty(),
            Self::AccessLog => !azure.access.is_empty(),
            Self::Metrics => !azure.metrics.is_empty(),
            Self::AccessLogOrMetrics => !(azure.access.is_empty() && azure.metrics.is_empty()),
            Self::Events => !(inventory.events.is_empty() && inventory.pods.is_empty()),
        }
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::FlowLogs => "VNet flow logs of the nodes (PT1H.json)",
            Self::WholeFlowLogs => "VNet flow logs (PT1H.json) of all flows and states: these are filtered",
            Self::GatewaySubnet => {
                "the gateway's subnet: kubectl get overlayextensionconfig -A -o json, az network vnet subnet list, or declare it"
            }
            Self::Pods => "kubectl get pods -A -o json",
            Self::Nodes => "kubectl get nodes -o json",
            Self::Routes => "kubectl get httproutes,grpcroutes -A -o json",
            Self::Gateways => "kubectl get gateways -A -o json",
            Self::GatewayObjects => {
                "kubectl get gateways,httproutes,applicationloadbalancer,overlayextensionconfig -A -o json"
            }
            Self::Services => "kubectl get services -A -o json",
            Self::EndpointSlices => "kubectl get endpointslices -A -o json",
            Self::BackendHealth => "the ALB controller's /backendHealth?detailed=true",
            Self::PodRange | Self::Ranges | Self::Cluster => "az aks show",
            Self::SecurityGroups => "az network nsg list",
            Self::RouteTables => "az network route-table list",
            Self::FlowLogSettings => "az network watcher flow-log list",
            Self::AccessLog => "the gateway's access log",
            Self::AccessLogOrMetrics => "the gateway's access log, or az monitor metrics list of the gateway",
            Self::Metrics => "az monitor metrics list of the gateway",
            Self::Events => "kubectl get events -A -o json",
        }
    }
}
